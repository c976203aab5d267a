/*
 * A login with bytes flipped, cut and added on their way.  Numbers in brackets are
 * those of the attack table of sotto-design(7).  ATTACK_BITS=8 flips every bit
 * instead of one a byte.
 */
#include <stdlib.h>

#include "tests/lib/cm.h"
#include "tests/lib/login.h"

static unsigned
bits_a_byte(void)
{
	const char *s = getenv("ATTACK_BITS");

	return s != NULL && atoi(s) == 8 ? 8 : 1;
}

/* Flip bit b of frame n (1..4) on its way; does anybody get a session? */
static int
session_with_flip(struct fixture *f, int frame, size_t byte, unsigned bit)
{
	struct login l;
	uint8_t *target[] = { l.m1, l.m2, l.m3, l.m4 };
	int done = 0;

	login_new(&l, f, f->alice, HS_LOGIN);
	for (int n = 1; n <= 4; n++) {
		enum hs_event ev;

		if (n == frame)
			target[n - 1][byte] ^= (uint8_t)(1 << bit);
		if (n == 1)
			ev = login_m1(&l, LOGIN_M(&l, 1));
		else if (n == 2)
			ev = login_m2(&l, LOGIN_M(&l, 2));
		else if (n == 3)
			ev = login_m3(&l, LOGIN_M(&l, 3));
		else
			ev = login_m4(&l, LOGIN_M(&l, 4));
		if (ev == HS_FAILED)
			break;
		done = n == 4;
	}
	/* M4 is the last: a change there is the client's to notice. */
	if (frame < 4)
		done |= hs_server_keys(l.s) != NULL;
	done |= hs_client_keys(l.c) != NULL;
	login_free(&l);
	return done;
}

static size_t
frame_len(struct fixture *f, int frame)
{
	size_t len[4];
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	len[0] = l.m1_len;
	len[1] = l.m2_len;
	len[2] = l.m3_len;
	len[3] = l.m4_len;
	login_free(&l);
	return len[frame - 1];
}

/* [T05] */
static void
flip_all(struct fixture *f, int frame)
{
	const unsigned bits = bits_a_byte();
	const size_t len = frame_len(f, frame);

	for (size_t byte = 0; byte < len; byte++)
		for (unsigned b = 0; b < bits; b++)
			if (session_with_flip(f, frame, byte,
				bits == 8 ? b : (unsigned)(byte % 8)))
				fail_msg("M%d, byte %zu: a session", frame,
				    byte);
}

static void
test_flip_m1(void **state)
{
	flip_all(*state, 1);
}

static void
test_flip_m2(void **state)
{
	flip_all(*state, 2);
}

static void
test_flip_m3(void **state)
{
	flip_all(*state, 3);
}

static void
test_flip_m4(void **state)
{
	flip_all(*state, 4);
}

/* [T06] Cut at every length, and longer by one byte. */
static void
test_cut_frames(void **state)
{
	struct fixture *f = *state;
	struct login good;

	login_new(&good, f, f->alice, HS_LOGIN);
	assert_true(login_run(&good));
	for (size_t n = 0; n <= good.m1_len + 1; n++) {
		struct login l;

		if (n == good.m1_len)
			continue;
		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m1(&l, (struct span){ l.m1, n }),
		    HS_FAILED);
		login_free(&l);
	}
	for (size_t n = 0; n <= good.m2_len + 1; n += n < 100 ? 1 : 61) {
		struct login l;

		if (n == good.m2_len)
			continue;
		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m2(&l, (struct span){ good.m2, n }),
		    HS_FAILED);
		login_free(&l);
	}
	login_free(&good);
}

/* The lengths in the heads are checked before the body is there. */
static void
test_heads(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		assert_false(hs_head_ok((uint8_t)type, 0));
		assert_false(hs_head_ok((uint8_t)type, 0xffffff));
		assert_false(hs_head_ok((uint8_t)type, HS_BODY_MAX + 1));
		if (type == 0 || type > 8)
			for (uint32_t n = 0; n <= HS_BODY_MAX; n++)
				assert_false(hs_head_ok((uint8_t)type, n));
	}
	assert_true(hs_head_ok(HS_TYPE_M1, 512));
	assert_false(hs_head_ok(HS_TYPE_M1, 511));
	assert_true(hs_head_ok(HS_TYPE_M3, HS_M3_LEN));
	assert_false(hs_head_ok(HS_TYPE_M3, HS_M3_LEN - 1));
	assert_true(hs_head_ok(HS_TYPE_M2R, HS_M2R_LEN));
	assert_false(hs_head_ok(HS_TYPE_M2R, HS_M2R_LEN + 1));
	assert_true(hs_head_ok(HS_TYPE_M3R, HS_M3R_LEN));
	assert_false(hs_head_ok(HS_TYPE_M3R, HS_M3R_LEN - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flip_m1),
		cmocka_unit_test(test_flip_m2),
		cmocka_unit_test(test_flip_m3),
		cmocka_unit_test(test_flip_m4),
		cmocka_unit_test(test_cut_frames),
		cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests_name("bytes", tests, fix_setup,
	    fix_teardown);
}
