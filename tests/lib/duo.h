/*
 * duo - both sides of a session with the Double Ratchet, by hand.
 */
#ifndef TESTS_DUO_H
#define TESTS_DUO_H

#include "crypto/ratchet.h"
#include "crypto/talk.h"
#include "tests/lib/fixture.h"

#define DUO_NOW  1780000000ULL
#define DUO_ROOM (RATCHET_HEAD_LEN + 256 + 64)

struct duo {
	struct ratchet *a, *b;
	struct test_rng dice;
	struct rng g;
	uint8_t out[TALK_SEALED_MAX];
	struct ratchet_opened got;
	struct talk_content content;
};

/* A sealed message, as long as it is kept. */
struct sealed {
	uint8_t b[DUO_ROOM];
	size_t n;
	uint64_t counter;
};

/* duo_begin - of a group of tests: memory and libraries are ready. */
int duo_begin(void **state);
/* duo_init - a has asked; the same dice for the same seed. */
void duo_init(struct duo *p, enum suite suite, uint64_t seed);
void duo_free(struct duo *p);

/* duo_say - a message of from, sealed to s. */
void duo_say(struct duo *p, struct ratchet *from, const char *text,
    struct sealed *s);
/* duo_hear - open it, at DUO_NOW; what it holds is in p then. */
enum sotto_err duo_hear(struct duo *p, struct ratchet *by,
    const struct sealed *s);
/* duo_both - said and heard at once. */
void duo_both(struct duo *p, struct ratchet *from, struct ratchet *to,
    const char *text);

/* duo_saved - the whole state in bytes; owned by the caller. */
uint8_t *duo_saved(const struct ratchet *r, size_t *n);
/* duo_stolen - a copy of it, by way of its bytes. */
struct ratchet *duo_stolen(const struct ratchet *r);

#endif
