/*
 * A login that is played back, out of order, or asked about.  Numbers in brackets
 * are those of the attack table of sotto-design(7); bytes.c and middle.c have the
 * others.
 */
#include "tests/lib/login.h"

#include <string.h>

#include "tests/lib/cm.h"

/* [T08] M1 and M3 of an old session, to the same epoch key. */
static void
test_replayed_login(void **state)
{
	struct fixture *f = *state;
	struct login old, now;

	login_new(&old, f, f->alice, HS_LOGIN);
	assert_true(login_run(&old));
	login_new(&now, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&now, LOGIN_M(&old, 1)), HS_SEND);
	assert_int_equal(login_m3(&now, LOGIN_M(&old, 3)), HS_FAILED);
	assert_int_equal(hs_server_fail(now.s), HS_FAIL_HANDSHAKE);
	assert_int_equal(hs_server_fault(now.s), HS_FAULT_KEYS);
	login_free(&old);
	login_free(&now);
}

/* [T09] M2 and M4 of an old session, to the client. */
static void
test_replayed_server(void **state)
{
	struct fixture *f = *state;
	struct login old, now;

	login_new(&old, f, f->alice, HS_LOGIN);
	assert_true(login_run(&old));
	login_new(&now, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m2(&now, LOGIN_M(&old, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(now.c), HS_FAULT_SIGNATURE);
	assert_int_equal(now.m3_len, 0);
	login_free(&now);
	login_new(&now, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&now, LOGIN_M(&now, 1)), HS_SEND);
	assert_int_equal(login_m2(&now, LOGIN_M(&now, 2)), HS_SEND);
	assert_int_equal(login_m4(&now, LOGIN_M(&old, 4)), HS_FAILED);
	assert_int_equal(hs_client_fault(now.c), HS_FAULT_KEYS);
	login_free(&now);
	login_free(&old);
}

/* [T21] The encrypted key of one session in another one of the same epoch. */
static void
test_encrypted_key_is_bound(void **state)
{
	struct fixture *f = *state;
	struct login a, b;

	login_new(&a, f, f->alice, HS_LOGIN);
	login_new(&b, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&a, LOGIN_M(&a, 1)), HS_SEND);
	assert_int_equal(login_m2(&a, LOGIN_M(&a, 2)), HS_SEND);
	assert_int_equal(login_m1(&b, LOGIN_M(&b, 1)), HS_SEND);
	assert_int_equal(login_m2(&b, LOGIN_M(&b, 2)), HS_SEND);
	memcpy(b.m3 + HS_HEAD_LEN, a.m3 + HS_HEAD_LEN, RSA_LEN);
	assert_int_equal(login_m3(&b, LOGIN_M(&b, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(b.s), HS_FAULT_KEYS);
	login_free(&a);
	login_free(&b);
}

/*
 * [T19, T20] A block that is no OAEP at all, one that is OAEP under another
 * label, and one that opens to a wrong secret: one fault, one code, nothing on
 * the wire.
 */
static void
test_no_oracle(void **state)
{
	struct fixture *f = *state;
	struct rsa_key *ek = fix_key("epoch");
	struct rsa_pub *epoch = rsa_pub_of(ek);
	const uint8_t pmk[KEY_LEN] = { 1 };

	for (int what = 0; what < 4; what++) {
		struct login l;
		uint8_t *c;

		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_SEND);
		assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_SEND);
		c = l.m3 + HS_HEAD_LEN;
		if (what == 0)
			memset(c, 0, RSA_LEN);
		else if (what == 1)
			memset(c, 0xff, RSA_LEN); /* not below the modulus */
		else if (what == 2)
			assert_int_equal(rsa_oaep_seal(epoch,
					     span_str("another label"),
					     SPAN(pmk), c, RSA_LEN),
			    SOTTO_OK);
		else
			c[RSA_LEN - 1] ^= 1;
		assert_int_equal(login_m3(&l, LOGIN_M(&l, 3)), HS_FAILED);
		assert_int_equal(hs_server_fault(l.s), HS_FAULT_KEYS);
		assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
		assert_int_equal(l.m4_len, 0);
		login_free(&l);
	}
	rsa_pub_free(epoch);
	rsa_key_free(ek);
}

/* [T30, T31] Frames that must not come now: every type, in every state. */
static void
test_out_of_order(void **state)
{
	struct fixture *f = *state;
	struct login good;

	login_new(&good, f, f->alice, HS_LOGIN);
	assert_true(login_run(&good));
	const struct span frames[] = { LOGIN_M(&good, 1), LOGIN_M(&good, 2),
		LOGIN_M(&good, 3), LOGIN_M(&good, 4) };

	for (int have = 0; have < 4; have++) {
		for (int next = 0; next < 4; next++) {
			struct login l;

			login_new(&l, f, f->alice, HS_LOGIN);
			/* The server: M1 at first, then M3, then nothing. */
			if (have >= 1)
				assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)),
				    HS_SEND);
			if (have >= 1)
				assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)),
				    HS_SEND);
			if (have >= 2)
				assert_int_equal(login_m3(&l, LOGIN_M(&l, 3)),
				    HS_DONE);
			if (!(have == 1 && next == 2) && have != 0)
				assert_int_equal(hs_server_in(l.s,
						     frames[next]),
				    HS_FAILED);
			if (have == 0)
				assert_int_equal(hs_server_in(l.s,
						     frames[next]),
				    HS_FAILED);
			/* The client: a second M2, M4 first, M1, M3. */
			if (have == 1 && next != 3)
				assert_int_equal(login_m2(&l, frames[next]),
				    HS_FAILED);
			if (have == 0 && next != 1)
				assert_int_equal(login_m2(&l, frames[next]),
				    HS_FAILED);
			login_free(&l);
		}
	}
	for (unsigned type = 0; type < 256; type++) {
		uint8_t odd[HS_HEAD_LEN + 1] = { (uint8_t)type, 0, 0, 1, 1 };
		struct login l;

		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m2(&l, SPAN(odd)), HS_FAILED);
		login_free(&l);
		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m1(&l, SPAN(odd)), HS_FAILED);
		login_free(&l);
	}
	/* After the end a machine takes nothing more. */
	assert_int_equal(login_m4(&good, LOGIN_M(&good, 4)), HS_FAILED);
	login_free(&good);
}

/* A second answer to M1 does not make a second session. */
static void
test_m3_twice(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	assert_int_equal(hs_server_in(l.s, LOGIN_M(&l, 3)), HS_FAILED);
	login_free(&l);
}

/* [T01] Names, certificates, anything of the user: not on the wire. */
static void
test_nothing_readable_on_the_wire(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	const struct span all[] = { LOGIN_M(&l, 1), LOGIN_M(&l, 2),
		LOGIN_M(&l, 3), LOGIN_M(&l, 4) };

	for (size_t i = 0; i < 4; i++) {
		assert_null(memmem(all[i].p, all[i].n, "alice", 5));
		assert_null(
		    memmem(all[i].p, all[i].n, f->alice->cert + 15, 16));
		assert_null(
		    memmem(all[i].p, all[i].n, f->alice->device_id, 16));
	}
	login_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replayed_login),
		cmocka_unit_test(test_replayed_server),
		cmocka_unit_test(test_encrypted_key_is_bound),
		cmocka_unit_test(test_no_oracle),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_m3_twice),
		cmocka_unit_test(test_nothing_readable_on_the_wire),
	};

	return cmocka_run_group_tests_name("login", tests, fix_setup,
	    fix_teardown);
}
