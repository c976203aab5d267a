/* The state of a ratchet: stolen, brought back, saved and cut. */
#include <stdlib.h>

#include "tests/lib/cm.h"
#include "tests/lib/duo.h"

/* ---- a state is stolen ---- */

/* Forward secrecy: the state opens nothing of what came before it (T51). */
static void
test_a_stolen_state_does_not_open_the_past(void **state)
{
	struct sealed from_a[60], from_b[60];
	struct ratchet *thief_a, *thief_b;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 7);
	for (int i = 0; i < 60; i++) {
		duo_say(&p, p.a, "from a", &from_a[i]);
		assert_int_equal(duo_hear(&p, p.b, &from_a[i]), SOTTO_OK);
		if (i % 3 > 0)
			continue;
		duo_say(&p, p.b, "from b", &from_b[i]);
		assert_int_equal(duo_hear(&p, p.a, &from_b[i]), SOTTO_OK);
	}
	thief_a = duo_stolen(p.a);
	thief_b = duo_stolen(p.b);
	for (int i = 0; i < 60; i++) {
		assert_int_not_equal(duo_hear(&p, thief_b, &from_a[i]),
		    SOTTO_OK);
		if (i % 3 == 0)
			assert_int_not_equal(duo_hear(&p, thief_a, &from_b[i]),
			    SOTTO_OK);
	}
	ratchet_free(thief_a);
	ratchet_free(thief_b);
	duo_free(&p);
}

/* Healing: a thief who then only listens is shut out by the next turns (T50). */
static void
test_a_stolen_state_heals(void **state)
{
	struct ratchet *thief;
	struct sealed s;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 8);
	duo_both(&p, p.a, p.b, "before");
	duo_both(&p, p.b, p.a, "before");
	duo_both(&p, p.a, p.b, "before");
	thief = duo_stolen(p.b);
	/* The moment itself is lost, which shows that the thief is a good one. */
	duo_say(&p, p.a, "still readable", &s);
	assert_int_equal(duo_hear(&p, thief, &s), SOTTO_OK);
	assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
	/* One full round, and never again. */
	duo_both(&p, p.b, p.a, "turn");
	for (int i = 0; i < 20; i++) {
		duo_say(&p, p.a, "closed", &s);
		assert_int_not_equal(duo_hear(&p, thief, &s), SOTTO_OK);
		assert_int_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
		duo_say(&p, p.b, "closed", &s);
		assert_int_not_equal(duo_hear(&p, thief, &s), SOTTO_OK);
		assert_int_equal(duo_hear(&p, p.a, &s), SOTTO_OK);
	}
	ratchet_free(thief);
	duo_free(&p);
}

/* An old copy of one's own state neither opens nor is believed. */
static void
test_a_restored_state_is_noticed(void **state)
{
	struct ratchet *old;
	struct sealed s;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 9);
	duo_both(&p, p.a, p.b, "one");
	duo_both(&p, p.b, p.a, "two");
	old = duo_stolen(p.a);
	for (int i = 0; i < 3; i++) {
		duo_both(&p, p.a, p.b, "on");
		duo_both(&p, p.b, p.a, "and on");
	}
	duo_say(&p, old, "from the past", &s);
	assert_int_not_equal(duo_hear(&p, p.b, &s), SOTTO_OK);
	duo_say(&p, p.b, "to the present", &s);
	assert_int_not_equal(duo_hear(&p, old, &s), SOTTO_OK);
	ratchet_free(old);
	duo_free(&p);
}

/* ---- on disk ---- */

static void
test_saved_and_loaded_between_all_steps(void **state)
{
	struct sealed lost, s;
	struct duo p;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 10);
	for (int i = 0; i < 30; i++) {
		struct ratchet *a = duo_stolen(p.a), *b = duo_stolen(p.b);

		ratchet_free(p.a);
		ratchet_free(p.b);
		p.a = a;
		p.b = b;
		duo_say(&p, p.a, "lost", &lost);
		duo_say(&p, i % 4 == 0 ? p.b : p.a, "on", &s);
		assert_int_equal(duo_hear(&p, i % 4 == 0 ? p.a : p.b, &s),
		    SOTTO_OK);
	}
	p.b = (ratchet_free(p.b), duo_stolen(p.a));
	assert_string_equal(ratchet_peer(p.b)->s, "bob");
	duo_free(&p);
}

static void
test_every_cut_of_a_saved_state(void **state)
{
	struct sealed s;
	struct duo p;
	uint8_t *b;
	size_t n;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 11);
	duo_say(&p, p.a, "lost", &s);
	duo_both(&p, p.a, p.b, "here");
	b = duo_saved(p.b, &n);
	for (size_t i = 0; i < n; i++)
		assert_null(ratchet_load((struct span){ b, i }));
	b[0] = 3; /* a later version */
	assert_null(ratchet_load((struct span){ b, n }));
	free(b);
	duo_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stolen_state_does_not_open_the_past),
		cmocka_unit_test(test_a_stolen_state_heals),
		cmocka_unit_test(test_a_restored_state_is_noticed),
		cmocka_unit_test(test_saved_and_loaded_between_all_steps),
		cmocka_unit_test(test_every_cut_of_a_saved_state),
	};

	return cmocka_run_group_tests_name("ratchet_state", tests, duo_begin,
	    NULL);
}
