/* The Double Ratchet: talking, its limits, and schedules of all that can happen. */
#include <stdlib.h>

#include "tests/lib/cm.h"
#include "tests/lib/duo.h"

static uint32_t
roll(const struct rng *g, uint32_t sides)
{
	uint32_t v;

	rng_fill(g, &v, sizeof(v));
	return v % sides;
}

/* ---- talking ---- */

static void
test_every_suite_and_either_side_first(void **state)
{
	struct suite_list all;

	(void)state;
	suite_default(&all, 1);
	for (size_t i = 0; i < 2 * all.n; i++) {
		struct duo p;

		duo_init(&p, (enum suite)all.id[i / 2], i);
		if (i % 2 == 1)
			duo_both(&p, p.b, p.a, "the asked side may begin");
		for (int n = 0; n < 20; n++) {
			duo_both(&p, p.a, p.b, "gr\xc3\xbc\xc3\x9f dich");
			duo_both(&p, p.a, p.b, "twice");
			duo_both(&p, p.b, p.a, "back");
		}
		assert_int_equal(ratchet_sent(p.a), 40);
		assert_true(ratchet_heard(p.a));
		duo_free(&p);
	}
}

static void
test_crossing(void **state)
{
	struct sealed a, b;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 1);
	for (int i = 0; i < 50; i++) {
		duo_say(&p, p.a, "from a", &a);
		duo_say(&p, p.b, "from b", &b);
		assert_int_equal(duo_hear(&p, p.b, &a), SOTTO_OK);
		assert_int_equal(duo_hear(&p, p.a, &b), SOTTO_OK);
	}
	duo_free(&p);
}

static void
test_replay_reorder_gap_and_reflection(void **state)
{
	struct sealed s[5];
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 2);
	for (int i = 0; i < 5; i++)
		duo_say(&p, p.a, "x", &s[i]);
	assert_int_equal(duo_hear(&p, p.b, &s[0]), SOTTO_OK);
	assert_int_equal(duo_hear(&p, p.b, &s[0]), SOTTO_ESTATE);
	assert_int_equal(duo_hear(&p, p.b, &s[3]), SOTTO_OK);
	assert_int_equal(p.got.missing, 2);
	assert_int_equal(p.got.counter, 3);
	assert_int_equal(duo_hear(&p, p.b, &s[1]), SOTTO_OK);
	assert_true(p.got.late);
	assert_int_equal(duo_hear(&p, p.b, &s[1]), SOTTO_ESTATE);
	/* Back to its own sender. */
	assert_int_equal(duo_hear(&p, p.a, &s[4]), SOTTO_EAUTH);
	/* A turn between: what is missing of the old chain still opens. */
	duo_both(&p, p.b, p.a, "turn");
	duo_both(&p, p.a, p.b, "turned");
	assert_int_equal(p.got.missing, 1);
	assert_int_equal(duo_hear(&p, p.b, &s[2]), SOTTO_OK);
	assert_int_equal(duo_hear(&p, p.b, &s[4]), SOTTO_OK);
	/* And what came before the turn is old, not forged. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(duo_hear(&p, p.b, &s[i]), SOTTO_ESTATE);
	duo_free(&p);
}

/* Neither the relay's flips nor its cuts change anything (T48). */
static void
test_each_flipped_byte_and_cut(void **state)
{
	size_t n_before, n_after;
	uint8_t *before, *after;
	struct sealed s;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_CHACHA20_POLY1305, 3);
	duo_both(&p, p.a, p.b, "one");
	duo_both(&p, p.b, p.a, "two");
	duo_say(&p, p.a, "three", &s);
	before = duo_saved(p.b, &n_before);
	for (size_t i = 0; i < 8 * s.n; i++) {
		enum sotto_err e;

		s.b[i / 8] ^= (uint8_t)(1 << i % 8);
		e = duo_hear(&p, p.b, &s);
		assert_true(e == SOTTO_EAUTH || e == SOTTO_ETOOBIG);
		s.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < s.n; n++)
		assert_int_equal(ratchet_open(p.b, CHAT_MESSAGE,
				     (struct span){ s.b, n }, DUO_NOW, p.out,
				     &p.got),
		    SOTTO_EAUTH);
	/* An end is not a message. */
	assert_int_equal(ratchet_open(p.b, CHAT_END, (struct span){ s.b, s.n },
			     DUO_NOW, p.out, &p.got),
	    SOTTO_EAUTH);
	after = duo_saved(p.b, &n_after);
	assert_int_equal(n_before, n_after);
	assert_memory_equal(before, after, n_before);
	free(before);
	free(after);
	assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
	duo_free(&p);
}

/* ---- limits ---- */

static void
test_so_many_may_be_missing(void **state)
{
	struct sealed s, first;
	struct duo p;
	size_t n;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 4);
	duo_say(&p, p.a, "first", &first);
	for (int i = 0; i < RATCHET_SKIP_CHAIN; i++)
		duo_say(&p, p.a, "lost", &s);
	assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
	assert_int_equal(p.got.missing, RATCHET_SKIP_CHAIN);
	for (int i = 0; i < RATCHET_SKIP_CHAIN + 2; i++)
		duo_say(&p, p.a, "lost", &s);
	/* One too many: refused, and nothing is kept of the try. */
	n = ratchet_saved_len(p.b);
	assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_ETOOBIG);
	assert_int_equal(ratchet_saved_len(p.b), n);
	assert_int_equal(duo_hear(&p, p.b, &first), SOTTO_OK);
	duo_free(&p);
}

static void
test_the_oldest_keys_make_room_and_grow_old(void **state)
{
	struct sealed s, old, kept;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 5);
	duo_say(&p, p.a, "old", &old);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 999; i++)
			duo_say(&p, p.a, "lost", &kept);
		duo_say(&p, p.a, "here", &s);
		assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
	}
	assert_true(ratchet_saved_len(p.b) <
	    1000 + RATCHET_SKIP_MAX * (32 + 4 + 8 + 32));
	assert_int_equal(duo_hear(&p, p.b, &old), SOTTO_ESTATE);
	/* A month later the rest is gone as well. */
	duo_say(&p, p.a, "later", &s);
	assert_int_equal(ratchet_open(p.b, CHAT_MESSAGE,
			     (struct span){ s.b, s.n },
			     DUO_NOW + RATCHET_SKIP_S + 1, p.out, &p.got),
	    SOTTO_OK);
	assert_int_equal(duo_hear(&p, p.b, &kept), SOTTO_ESTATE);
	duo_free(&p);
}

static void
test_no_room_uses_nothing_up(void **state)
{
	uint8_t small[64];
	uint64_t counter;
	struct duo p;
	struct wr w;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 6);
	wr_init(&w, small, sizeof(small));
	assert_int_equal(ratchet_seal(p.a, CHAT_MESSAGE, span_str("hello"),
			     &p.g, &w, &counter),
	    SOTTO_ENOSPACE);
	assert_int_equal(w.n, 0);
	assert_int_equal(ratchet_sent(p.a), 0);
	duo_both(&p, p.a, p.b, "first");
	assert_int_equal(p.got.counter, 0);
	duo_free(&p);
}

/* ---- schedules ---- */

#define FLYING 64

/* What one side has sent, in any order, twice, or never. */
struct air {
	struct sealed s[FLYING];
	size_t n;
};

static void
land(struct duo *p, struct air *air, struct ratchet *by, uint8_t *seen,
    size_t *shown)
{
	size_t i;
	enum sotto_err e;

	if (air->n == 0)
		return;
	i = roll(&p->g, (uint32_t)air->n);
	e = duo_hear(p, by, &air->s[i]);
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
	struct ratchet *again = duo_stolen(*r);

	ratchet_free(*r);
	*r = again;
}

static void
one_schedule(uint64_t seed)
{
	static struct air to_a, to_b;
	uint8_t seen_a[256] = { 0 }, seen_b[256] = { 0 };
	size_t shown_a = 0, shown_b = 0;
	struct duo p;

	duo_init(&p, SUITE_AES256_GCM, seed);
	to_a.n = to_b.n = 0;
	for (int i = 0; i < 120; i++) {
		if (roll(&p.g, 10) == 0)
			restart(&p.a);
		if (roll(&p.g, 10) == 0)
			restart(&p.b);
		switch (roll(&p.g, 4)) {
		case 0:
			if (to_b.n < FLYING)
				duo_say(&p, p.a, "a", &to_b.s[to_b.n++]);
			break;
		case 1:
			if (to_a.n < FLYING)
				duo_say(&p, p.b, "b", &to_a.s[to_a.n++]);
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
	duo_free(&p);
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
		cmocka_unit_test(test_schedules),
	};

	return cmocka_run_group_tests_name("ratchet", tests, duo_begin, NULL);
}
