/*
 * pair - both ends of a tunnel, and what is on its way between them.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include "crypto/tunnel_priv.h"
#include "tests/lib/fixture.h"

struct pair {
	struct test_rng rnd;
	struct tunnel *c, *s;
	struct buf to_s, to_c;
	struct tunnel_in in;
	uint8_t scratch[TUNNEL_BODY_MAX];
};

/* pair_init - with the same keys each time. */
void pair_init(struct pair *p, enum suite suite);
void pair_free(struct pair *p);

/* pair_first - the first record in b, which stays there. */
struct span pair_first(const struct buf *b);
/* pair_step_s, pair_step_c - give the relay, or the client, the next record that
 * is on its way there. */
enum tunnel_event pair_step_s(struct pair *p, uint64_t now);
enum tunnel_event pair_step_c(struct pair *p, uint64_t now);
/* pair_send_c - the client sends a message. */
void pair_send_c(struct pair *p, const char *text);
/* pair_record - the client sends a record, whatever it holds. */
void pair_record(struct pair *p, enum tunnel_kind type, struct span content);
/* pair_frag - what a piece of a message holds, with n zeros.  In buf, which has
 * FRAG_HEAD + 2000 bytes. */
struct span pair_frag(uint8_t *buf, uint64_t id, uint32_t total,
    uint32_t offset, uint8_t flags, size_t n);

/* pair_assert_msg - it was that text that came last. */
void pair_assert_msg(const struct pair *p, const char *text);
/* pair_fails_s - frame ends the relay's side, for good. */
void pair_fails_s(struct pair *p, struct span frame);

#endif
