/* Notices of the moment, which may be lost. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/duo.h"

static size_t
live(struct duo *p, const struct ratchet *from, int on, uint64_t ms,
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
	const uint64_t now = DUO_NOW * 1000, min = 60000;
	uint8_t one[RATCHET_LIVE_LEN], two[RATCHET_LIVE_LEN];
	struct duo p;
	int on = 7;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 3);
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
	duo_free(&p);
}

/* The key stays with the session; one from before such notices has none. */
static void
test_typing_in_saved_sessions(void **state)
{
	const size_t at = KEY_LEN + 1 + 4; /* of it, from the end */
	uint8_t one[RATCHET_LIVE_LEN], *b;
	struct ratchet *back;
	struct duo p;
	struct wr w;
	size_t n;
	int on = 0;

	(void)state;
	duo_init(&p, SUITE_AES256_GCM, 4);
	b = duo_saved(p.b, &n);
	assert_non_null(back = ratchet_load((struct span){ b, n }));
	(void)live(&p, p.a, 1, DUO_NOW * 1000, one);
	assert_int_equal(ratchet_live_open(back, SPAN(one), DUO_NOW * 1000,
			     &on),
	    SOTTO_OK);
	ratchet_free(back);
	b[0] = 1;
	memmove(b + n - at, b + n - 4, 4);
	assert_non_null(
	    back = ratchet_load((struct span){ b, n - KEY_LEN - 1 }));
	assert_int_equal(ratchet_live_open(back, SPAN(one), DUO_NOW * 1000,
			     &on),
	    SOTTO_EAUTH);
	wr_init(&w, one, sizeof(one));
	assert_int_equal(ratchet_live_seal(back, 1, DUO_NOW * 1000, &p.g, &w),
	    SOTTO_ESTATE);
	ratchet_free(back);
	free(b);
	duo_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_typing_in_saved_sessions),
	};

	return cmocka_run_group_tests_name("ratchet_live", tests, duo_begin,
	    NULL);
}
