/* The Double Ratchet, and what it promises when a state is stolen. */
#include "crypto/ratchet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/talk.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define NOW  1780000000ULL
#define ROOM (RATCHET_HEAD_LEN + 256 + 64)

static uint32_t
roll(const struct rng *g, uint32_t sides)
{
	uint32_t v;

	rng_fill(g, &v, sizeof(v));
	return v % sides;
}

struct pair {
	struct ratchet *a, *b;
	struct test_rng dice;
	struct rng g;
	uint8_t out[TALK_SEALED_MAX];
	struct ratchet_opened got;
	struct talk_content content;
};

static struct name
named(const char *s)
{
	struct name n = { { 0 } };

	(void)snprintf(n.s, sizeof(n.s), "%s", s);
	return n;
}

static void
pair_init(struct pair *p, enum suite suite, uint64_t seed)
{
	struct chat_keys a = { .suite = suite, .asker = 1 }, b;

	memset(p, 0, sizeof(*p));
	test_rng_init(&p->dice, seed);
	p->g = test_rng(&p->dice);
	a.me = named("alice");
	a.peer = named("bob");
	rng_fill(&p->g, a.id.b, sizeof(a.id.b));
	rng_fill(&p->g, a.ad.b, sizeof(a.ad.b));
	rng_fill(&p->g, a.root.b, sizeof(a.root.b));
	rng_fill(&p->g, a.first.b, sizeof(a.first.b));
	b = a;
	b.asker = 0;
	b.me = a.peer;
	b.peer = a.me;
	x25519_make(&b.mine, &a.theirs, &p->g);
	p->a = ratchet_new(&a);
	p->b = ratchet_new(&b);
	assert_non_null(p->a);
	assert_non_null(p->b);
}

static void
pair_free(struct pair *p)
{
	ratchet_free(p->a);
	ratchet_free(p->b);
}

/* A sealed message, as long as it is kept. */
struct sealed {
	uint8_t b[ROOM];
	size_t n;
	uint64_t counter;
};

static void
say(struct pair *p, struct ratchet *from, const char *text, struct sealed *s)
{
	const struct talk_content c = { .what = TALK_TEXT,
		.id = 1,
		.text = span_str(text) };
	uint8_t inner[256];
	struct wr w, out;

	wr_init(&w, inner, sizeof(inner));
	assert_int_equal(talk_write(&w, &c), SOTTO_OK);
	wr_init(&out, s->b, sizeof(s->b));
	assert_int_equal(ratchet_seal(from, CHAT_MESSAGE, wr_out(&w), &p->g,
			     &out, &s->counter),
	    SOTTO_OK);
	s->n = out.n;
}

static enum sotto_err
hear(struct pair *p, struct ratchet *by, const struct sealed *s)
{
	enum sotto_err e = ratchet_open(by, CHAT_MESSAGE,
	    (struct span){ s->b, s->n }, NOW, p->out, &p->got);

	if (e == SOTTO_OK)
		e = talk_read(&p->content, (struct span){ p->out, p->got.n });
	return e;
}

static void
both(struct pair *p, struct ratchet *from, struct ratchet *to, const char *text)
{
	struct sealed s;

	say(p, from, text, &s);
	assert_int_equal(hear(p, to, &s), SOTTO_OK);
	assert_true(span_eq(p->content.text, span_str(text)));
}

/* The whole state in bytes; owned by the caller. */
static uint8_t *
saved(const struct ratchet *r, size_t *n)
{
	uint8_t *b = malloc(*n = ratchet_saved_len(r));
	struct wr w;

	assert_non_null(b);
	wr_init(&w, b, *n);
	ratchet_save(r, &w);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_int_equal(w.n, *n);
	return b;
}

static struct ratchet *
stolen(const struct ratchet *r)
{
	size_t n;
	uint8_t *b = saved(r, &n);
	struct ratchet *copy = ratchet_load((struct span){ b, n });

	assert_non_null(copy);
	free(b);
	return copy;
}

/* ---- talking ---- */

static void
test_every_suite_and_either_side_first(void **state)
{
	struct suite_list all;

	(void)state;
	suite_default(&all, 1);
	for (size_t i = 0; i < 2 * all.n; i++) {
		struct pair p;

		pair_init(&p, (enum suite)all.id[i / 2], i);
		if (i % 2 == 1)
			both(&p, p.b, p.a, "the asked side may begin");
		for (int n = 0; n < 20; n++) {
			both(&p, p.a, p.b, "gr\xc3\xbc\xc3\x9f dich");
			both(&p, p.a, p.b, "twice");
			both(&p, p.b, p.a, "back");
		}
		assert_int_equal(ratchet_sent(p.a), 40);
		assert_true(ratchet_heard(p.a));
		pair_free(&p);
	}
}

static void
test_crossing(void **state)
{
	struct sealed a, b;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 1);
	for (int i = 0; i < 50; i++) {
		say(&p, p.a, "from a", &a);
		say(&p, p.b, "from b", &b);
		assert_int_equal(hear(&p, p.b, &a), SOTTO_OK);
		assert_int_equal(hear(&p, p.a, &b), SOTTO_OK);
	}
	pair_free(&p);
}

static void
test_replay_reorder_gap_and_reflection(void **state)
{
	struct sealed s[5];
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 2);
	for (int i = 0; i < 5; i++)
		say(&p, p.a, "x", &s[i]);
	assert_int_equal(hear(&p, p.b, &s[0]), SOTTO_OK);
	assert_int_equal(hear(&p, p.b, &s[0]), SOTTO_ESTATE);
	assert_int_equal(hear(&p, p.b, &s[3]), SOTTO_OK);
	assert_int_equal(p.got.missing, 2);
	assert_int_equal(p.got.counter, 3);
	assert_int_equal(hear(&p, p.b, &s[1]), SOTTO_OK);
	assert_true(p.got.late);
	assert_int_equal(hear(&p, p.b, &s[1]), SOTTO_ESTATE);
	/* Back to its own sender. */
	assert_int_equal(hear(&p, p.a, &s[4]), SOTTO_EAUTH);
	/* A turn between: what is missing of the old chain still opens. */
	both(&p, p.b, p.a, "turn");
	both(&p, p.a, p.b, "turned");
	assert_int_equal(p.got.missing, 1);
	assert_int_equal(hear(&p, p.b, &s[2]), SOTTO_OK);
	assert_int_equal(hear(&p, p.b, &s[4]), SOTTO_OK);
	/* And what came before the turn is old, not forged. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(hear(&p, p.b, &s[i]), SOTTO_ESTATE);
	pair_free(&p);
}

/* Neither the relay's flips nor its cuts change anything (T48). */
static void
test_each_flipped_byte_and_cut(void **state)
{
	size_t n_before, n_after;
	uint8_t *before, *after;
	struct sealed s;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_CHACHA20_POLY1305, 3);
	both(&p, p.a, p.b, "one");
	both(&p, p.b, p.a, "two");
	say(&p, p.a, "three", &s);
	before = saved(p.b, &n_before);
	for (size_t i = 0; i < 8 * s.n; i++) {
		enum sotto_err e;

		s.b[i / 8] ^= (uint8_t)(1 << i % 8);
		e = hear(&p, p.b, &s);
		assert_true(e == SOTTO_EAUTH || e == SOTTO_ETOOBIG);
		s.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < s.n; n++)
		assert_int_equal(ratchet_open(p.b, CHAT_MESSAGE,
				     (struct span){ s.b, n }, NOW, p.out,
				     &p.got),
		    SOTTO_EAUTH);
	/* An end is not a message. */
	assert_int_equal(ratchet_open(p.b, CHAT_END, (struct span){ s.b, s.n },
			     NOW, p.out, &p.got),
	    SOTTO_EAUTH);
	after = saved(p.b, &n_after);
	assert_int_equal(n_before, n_after);
	assert_memory_equal(before, after, n_before);
	free(before);
	free(after);
	assert_int_equal(hear(&p, p.b, &s), SOTTO_OK);
	pair_free(&p);
}

/* ---- limits ---- */

static void
test_so_many_may_be_missing(void **state)
{
	struct sealed s, first;
	struct pair p;
	size_t n;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 4);
	say(&p, p.a, "first", &first);
	for (int i = 0; i < RATCHET_SKIP_CHAIN; i++)
		say(&p, p.a, "lost", &s);
	assert_int_equal(hear(&p, p.b, &s), SOTTO_OK);
	assert_int_equal(p.got.missing, RATCHET_SKIP_CHAIN);
	for (int i = 0; i < RATCHET_SKIP_CHAIN + 2; i++)
		say(&p, p.a, "lost", &s);
	/* One too many: refused, and nothing is kept of the try. */
	n = ratchet_saved_len(p.b);
	assert_int_equal(hear(&p, p.b, &s), SOTTO_ETOOBIG);
	assert_int_equal(ratchet_saved_len(p.b), n);
	assert_int_equal(hear(&p, p.b, &first), SOTTO_OK);
	pair_free(&p);
}

static void
test_the_oldest_keys_make_room_and_grow_old(void **state)
{
	struct sealed s, old, kept;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 5);
	say(&p, p.a, "old", &old);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 999; i++)
			say(&p, p.a, "lost", &kept);
		say(&p, p.a, "here", &s);
		assert_int_equal(hear(&p, p.b, &s), SOTTO_OK);
	}
	assert_true(ratchet_saved_len(p.b) <
	    1000 + RATCHET_SKIP_MAX * (32 + 4 + 8 + 32));
	assert_int_equal(hear(&p, p.b, &old), SOTTO_ESTATE);
	/* A month later the rest is gone as well. */
	say(&p, p.a, "later", &s);
	assert_int_equal(ratchet_open(p.b, CHAT_MESSAGE,
			     (struct span){ s.b, s.n },
			     NOW + RATCHET_SKIP_S + 1, p.out, &p.got),
	    SOTTO_OK);
	assert_int_equal(hear(&p, p.b, &kept), SOTTO_ESTATE);
	pair_free(&p);
}

static void
test_no_room_uses_nothing_up(void **state)
{
	uint8_t small[64];
	uint64_t counter;
	struct pair p;
	struct wr w;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 6);
	wr_init(&w, small, sizeof(small));
	assert_int_equal(ratchet_seal(p.a, CHAT_MESSAGE, span_str("hello"),
			     &p.g, &w, &counter),
	    SOTTO_ENOSPACE);
	assert_int_equal(w.n, 0);
	assert_int_equal(ratchet_sent(p.a), 0);
	both(&p, p.a, p.b, "first");
	assert_int_equal(p.got.counter, 0);
	pair_free(&p);
}

/* ---- a state is stolen ---- */

/* Forward secrecy: the state opens nothing of what came before it (T51). */
static void
test_a_stolen_state_does_not_open_the_past(void **state)
{
	struct sealed from_a[60], from_b[60];
	struct ratchet *thief_a, *thief_b;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 7);
	for (int i = 0; i < 60; i++) {
		say(&p, p.a, "from a", &from_a[i]);
		assert_int_equal(hear(&p, p.b, &from_a[i]), SOTTO_OK);
		if (i % 3 > 0)
			continue;
		say(&p, p.b, "from b", &from_b[i]);
		assert_int_equal(hear(&p, p.a, &from_b[i]), SOTTO_OK);
	}
	thief_a = stolen(p.a);
	thief_b = stolen(p.b);
	for (int i = 0; i < 60; i++) {
		assert_int_not_equal(hear(&p, thief_b, &from_a[i]), SOTTO_OK);
		if (i % 3 == 0)
			assert_int_not_equal(hear(&p, thief_a, &from_b[i]),
			    SOTTO_OK);
	}
	ratchet_free(thief_a);
	ratchet_free(thief_b);
	pair_free(&p);
}

/* Healing: a thief who then only listens is shut out by the next turns (T50). */
static void
test_a_stolen_state_heals(void **state)
{
	struct ratchet *thief;
	struct sealed s;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 8);
	both(&p, p.a, p.b, "before");
	both(&p, p.b, p.a, "before");
	both(&p, p.a, p.b, "before");
	thief = stolen(p.b);
	/* The moment itself is lost, which shows that the thief is a good one. */
	say(&p, p.a, "still readable", &s);
	assert_int_equal(hear(&p, thief, &s), SOTTO_OK);
	assert_int_equal(hear(&p, p.b, &s), SOTTO_OK);
	/* One full round, and never again. */
	both(&p, p.b, p.a, "turn");
	for (int i = 0; i < 20; i++) {
		say(&p, p.a, "closed", &s);
		assert_int_not_equal(hear(&p, thief, &s), SOTTO_OK);
		assert_int_equal(hear(&p, p.b, &s), SOTTO_OK);
		say(&p, p.b, "closed", &s);
		assert_int_not_equal(hear(&p, thief, &s), SOTTO_OK);
		assert_int_equal(hear(&p, p.a, &s), SOTTO_OK);
	}
	ratchet_free(thief);
	pair_free(&p);
}

/* An old copy of one's own state neither opens nor is believed. */
static void
test_a_restored_state_is_noticed(void **state)
{
	struct ratchet *old;
	struct sealed s;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 9);
	both(&p, p.a, p.b, "one");
	both(&p, p.b, p.a, "two");
	old = stolen(p.a);
	for (int i = 0; i < 3; i++) {
		both(&p, p.a, p.b, "on");
		both(&p, p.b, p.a, "and on");
	}
	say(&p, old, "from the past", &s);
	assert_int_not_equal(hear(&p, p.b, &s), SOTTO_OK);
	say(&p, p.b, "to the present", &s);
	assert_int_not_equal(hear(&p, old, &s), SOTTO_OK);
	ratchet_free(old);
	pair_free(&p);
}

/* ---- on disk ---- */

static void
test_saved_and_loaded_between_all_steps(void **state)
{
	struct sealed lost, s;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 10);
	for (int i = 0; i < 30; i++) {
		struct ratchet *a = stolen(p.a), *b = stolen(p.b);

		ratchet_free(p.a);
		ratchet_free(p.b);
		p.a = a;
		p.b = b;
		say(&p, p.a, "lost", &lost);
		say(&p, i % 4 == 0 ? p.b : p.a, "on", &s);
		assert_int_equal(hear(&p, i % 4 == 0 ? p.a : p.b, &s),
		    SOTTO_OK);
	}
	p.b = (ratchet_free(p.b), stolen(p.a));
	assert_string_equal(ratchet_peer(p.b)->s, "bob");
	pair_free(&p);
}

static void
test_every_cut_of_a_saved_state(void **state)
{
	struct sealed s;
	struct pair p;
	uint8_t *b;
	size_t n;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 11);
	say(&p, p.a, "lost", &s);
	both(&p, p.a, p.b, "here");
	b = saved(p.b, &n);
	for (size_t i = 0; i < n; i++)
		assert_null(ratchet_load((struct span){ b, i }));
	b[0] = 3; /* a later version */
	assert_null(ratchet_load((struct span){ b, n }));
	free(b);
	pair_free(&p);
}

/* ---- schedules ---- */

#define FLYING 64

/* What one side has sent, in any order, twice, or never. */
struct air {
	struct sealed s[FLYING];
	size_t n;
};

static void
land(struct pair *p, struct air *air, struct ratchet *by, uint8_t *seen,
    size_t *shown)
{
	size_t i;
	enum sotto_err e;

	if (air->n == 0)
		return;
	i = roll(&p->g, (uint32_t)air->n);
	e = hear(p, by, &air->s[i]);
	if (e == SOTTO_OK) {
		assert_false(seen[air->s[i].counter]);
		seen[air->s[i].counter] = 1;
		++*shown;
	} else {
		/* Of a copy from before the eighth turn nothing is known. */
		assert_true(e == SOTTO_ESTATE || e == SOTTO_EAUTH);
		assert_true(seen[air->s[i].counter]);
	}
	/* A copy stays in the air every fourth time. */
	if (roll(&p->g, 4) > 0)
		air->s[i] = air->s[--air->n];
}

/* From its state on disk. */
static void
restart(struct ratchet **r)
{
	struct ratchet *again = stolen(*r);

	ratchet_free(*r);
	*r = again;
}

static void
one_schedule(uint64_t seed)
{
	static struct air to_a, to_b;
	uint8_t seen_a[256] = { 0 }, seen_b[256] = { 0 };
	size_t shown_a = 0, shown_b = 0;
	struct pair p;

	pair_init(&p, SUITE_AES256_GCM, seed);
	to_a.n = to_b.n = 0;
	for (int i = 0; i < 120; i++) {
		if (roll(&p.g, 10) == 0)
			restart(&p.a);
		if (roll(&p.g, 10) == 0)
			restart(&p.b);
		switch (roll(&p.g, 4)) {
		case 0:
			if (to_b.n < FLYING)
				say(&p, p.a, "a", &to_b.s[to_b.n++]);
			break;
		case 1:
			if (to_a.n < FLYING)
				say(&p, p.b, "b", &to_a.s[to_a.n++]);
			break;
		case 2:
			land(&p, &to_b, p.b, seen_b, &shown_b);
			break;
		default:
			land(&p, &to_a, p.a, seen_a, &shown_a);
			break;
		}
	}
	for (int i = 0; i < 2000 && to_a.n + to_b.n > 0; i++) {
		land(&p, &to_b, p.b, seen_b, &shown_b);
		land(&p, &to_a, p.a, seen_a, &shown_a);
	}
	/* All that was sent has landed in the end. */
	assert_int_equal(shown_b, ratchet_sent(p.a));
	assert_int_equal(shown_a, ratchet_sent(p.b));
	pair_free(&p);
}

static void
test_schedules(void **state)
{
	const char *more = getenv("SCHEDULES");
	const uint64_t n = more != NULL ? (uint64_t)atoi(more) : 1000;

	(void)state;
	for (uint64_t seed = 1000; seed < 1000 + n; seed++)
		one_schedule(seed);
}

static int
begin(void **state)
{
	struct secret_state st;

	(void)state;
	return secret_harden(&st) == SOTTO_OK && prim_init() == SOTTO_OK ? 0
									 : -1;
}

/* ---- notices of the moment ---- */

static size_t
live(struct pair *p, const struct ratchet *from, int on, uint64_t ms,
    uint8_t out[RATCHET_LIVE_LEN])
{
	struct wr w;

	wr_init(&w, out, RATCHET_LIVE_LEN);
	assert_int_equal(ratchet_live_seal(from, on, ms, &p->g, &w), SOTTO_OK);
	assert_int_equal(w.n, RATCHET_LIVE_LEN);
	return w.n;
}

static void
test_typing(void **state)
{
	const uint64_t now = NOW * 1000, min = 60000;
	uint8_t one[RATCHET_LIVE_LEN], two[RATCHET_LIVE_LEN];
	struct pair p;
	int on = 7;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 3);
	(void)live(&p, p.a, 1, now, one);
	for (size_t i = 0; i < sizeof(one); i++)
		for (int bit = 0; bit < 8; bit++) {
			one[i] ^= (uint8_t)(1 << bit);
			assert_true(ratchet_live_open(p.b, SPAN(one), now,
					&on) != SOTTO_OK);
			one[i] ^= (uint8_t)(1 << bit);
		}
	for (size_t n = 0; n < sizeof(one); n++)
		assert_int_equal(ratchet_live_open(p.b, (struct span){ one, n },
				     now, &on),
		    SOTTO_EFORMAT);
	/* Not to who has sent it. */
	assert_int_equal(ratchet_live_open(p.a, SPAN(one), now, &on),
	    SOTTO_EAUTH);
	assert_int_equal(on, 7);
	assert_int_equal(ratchet_live_open(p.b, SPAN(one), now + min, &on),
	    SOTTO_OK);
	assert_int_equal(on, 1);
	/* Not again, and nothing from before. */
	assert_int_equal(ratchet_live_open(p.b, SPAN(one), now, &on),
	    SOTTO_ESTATE);
	(void)live(&p, p.a, 1, now - 1, two);
	assert_int_equal(ratchet_live_open(p.b, SPAN(two), now, &on),
	    SOTTO_ESTATE);
	/* Nor of another hour. */
	(void)live(&p, p.a, 0, now + 1, two);
	assert_int_equal(ratchet_live_open(p.b, SPAN(two), now + 11 * min, &on),
	    SOTTO_ESTATE);
	assert_int_equal(ratchet_live_open(p.b, SPAN(two), now - 11 * min, &on),
	    SOTTO_ESTATE);
	assert_int_equal(ratchet_live_open(p.b, SPAN(two), now, &on), SOTTO_OK);
	assert_int_equal(on, 0);
	pair_free(&p);
}

/* The key stays with the session; one from before such notices has none. */
static void
test_typing_in_saved_sessions(void **state)
{
	const size_t at = KEY_LEN + 1 + 4; /* of it, from the end */
	uint8_t one[RATCHET_LIVE_LEN], *b;
	struct ratchet *back;
	struct pair p;
	struct wr w;
	size_t n;
	int on = 0;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM, 4);
	b = saved(p.b, &n);
	assert_non_null(back = ratchet_load((struct span){ b, n }));
	(void)live(&p, p.a, 1, NOW * 1000, one);
	assert_int_equal(ratchet_live_open(back, SPAN(one), NOW * 1000, &on),
	    SOTTO_OK);
	ratchet_free(back);
	b[0] = 1;
	memmove(b + n - at, b + n - 4, 4);
	assert_non_null(
	    back = ratchet_load((struct span){ b, n - KEY_LEN - 1 }));
	assert_int_equal(ratchet_live_open(back, SPAN(one), NOW * 1000, &on),
	    SOTTO_EAUTH);
	wr_init(&w, one, sizeof(one));
	assert_int_equal(ratchet_live_seal(back, 1, NOW * 1000, &p.g, &w),
	    SOTTO_ESTATE);
	ratchet_free(back);
	free(b);
	pair_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_suite_and_either_side_first),
		cmocka_unit_test(test_crossing),
		cmocka_unit_test(test_replay_reorder_gap_and_reflection),
		cmocka_unit_test(test_each_flipped_byte_and_cut),
		cmocka_unit_test(test_so_many_may_be_missing),
		cmocka_unit_test(test_the_oldest_keys_make_room_and_grow_old),
		cmocka_unit_test(test_no_room_uses_nothing_up),
		cmocka_unit_test(test_a_stolen_state_does_not_open_the_past),
		cmocka_unit_test(test_a_stolen_state_heals),
		cmocka_unit_test(test_a_restored_state_is_noticed),
		cmocka_unit_test(test_saved_and_loaded_between_all_steps),
		cmocka_unit_test(test_every_cut_of_a_saved_state),
		cmocka_unit_test(test_schedules),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_typing_in_saved_sessions),
	};

	return cmocka_run_group_tests_name("ratchet", tests, begin, NULL);
}
