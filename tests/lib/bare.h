/*
 * bare - a relay that does nothing but what any relay must: read, perhaps open
 * and seal, write; in a process of its own.  What others cost is measured
 * against it.
 *
 * On the wire: u16 length of what follows, then it.  The first thing on a
 * connection is its number, u16; what it sends goes to that number's other
 * half of the pair (number ^ 1).
 */
#ifndef TESTS_BARE_H
#define TESTS_BARE_H

#include <sys/types.h>

#include <stdint.h>

#include "crypto/prim.h"

#define BARE_CONNS 1024
#define BARE_AAD   21

struct bare {
	pid_t pid;
	uint16_t port;
};

/* bare_start - gcm: each message is opened and sealed with AES-256-GCM. */
void bare_start(struct bare *b, int gcm);
void bare_stop(struct bare *b);

/* What both ends of a connection have; a direction has a counter. */
struct bare_end {
	struct aes *seal, *open;
	uint64_t n_seal, n_open;
};
void bare_end_init(struct bare_end *e);
void bare_end_free(struct bare_end *e);
/* bare_seal - out gets in.n + AEAD_TAG_LEN bytes. */
void bare_seal(struct bare_end *e, uint8_t *out, struct span in);
/* bare_open - out gets in.n - AEAD_TAG_LEN bytes; stops the test if wrong. */
void bare_open(struct bare_end *e, uint8_t *out, struct span in);

#endif
