/* Enrolling: the invite, the new key, and what is refused. */
#include <string.h>

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

static void
give_token(struct ident *id, struct key *psk)
{
	id->has_token = 1;
	memset(id->token_id, 7, sizeof(id->token_id));
	memset(id->token.b, 9, sizeof(id->token.b));
	kdf_key(psk, &id->token, "enrol psk", NULL);
}

static void
test_enrol(void **state)
{
	struct fixture *f = *state;
	uint8_t spki[RSA_SPKI_MAX], own[RSA_SPKI_MAX];
	struct hs_m1_peek peek;
	struct key psk;
	struct login l;
	struct wr w;

	give_token(f->alice, &psk);
	login_new(&l, f, f->alice, HS_ENROL);
	l.psk = &psk;
	l.account.n = 0; /* nobody knows her yet */
	assert_int_equal(hs_m1_peek(&peek, LOGIN_M(&l, 1)), SOTTO_OK);
	assert_int_equal(peek.mode, HS_ENROL);
	assert_memory_equal(peek.token_id, f->alice->token_id,
	    INVITE_TOKEN_ID_LEN);
	assert_true(login_run(&l));
	login_same_keys(&l);
	wr_init(&w, spki, sizeof(spki));
	assert_int_equal(rsa_pub_write(hs_server_new_key(l.s), &w), SOTTO_OK);
	assert_true(span_eq(wr_out(&w), fix_spki(f->alice, own)));
	assert_true(
	    span_eq(hs_server_device_cert(l.s), SPAN(f->alice->device_cert)));
	login_free(&l);
}

/* Wrong token: the binder fails before any RSA; no job is made. */
static void
test_enrol_with_wrong_token_costs_nothing(void **state)
{
	struct fixture *f = *state;
	struct key psk;
	struct login l;

	give_token(f->alice, &psk);
	psk.b[31] ^= 1;
	login_new(&l, f, f->alice, HS_ENROL);
	assert_int_equal(hs_server_m1(l.s, LOGIN_M(&l, 1), &psk, f->epoch),
	    HS_FAILED);
	assert_null(hs_server_job(l.s));
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
	login_free(&l);
	/* A token that the relay does not know: the same. */
	login_new(&l, f, f->alice, HS_ENROL);
	assert_int_equal(hs_server_m1(l.s, LOGIN_M(&l, 1), NULL, f->epoch),
	    HS_FAILED);
	assert_null(hs_server_job(l.s));
	login_free(&l);
}

/* The same transcript with and without the invite: all keys differ. */
static void
test_psk_changes_every_key(void **state)
{
	struct key psk = { { 3 } }, shared = { { 4 } }, pmk = { { 5 } };
	struct hs_sched with, without;
	struct hs_keys a, b;

	(void)state;
	memset(&with, 0, sizeof(with));
	memset(&without, 0, sizeof(without));
	kdf_start(&with.s, &psk);
	kdf_start(&without.s, NULL);
	kdf_chain(&with.s, &shared);
	kdf_chain(&without.s, &shared);
	hs_sched_keys(&with, span_str("c"), &pmk);
	hs_sched_keys(&without, span_str("c"), &pmk);
	assert_memory_equal(with.th3.b, without.th3.b, HASH_LEN);
	assert_memory_not_equal(with.c_hs.b, without.c_hs.b, KEY_LEN);
	assert_memory_not_equal(with.s_hs.b, without.s_hs.b, KEY_LEN);
	assert_memory_not_equal(with.finished.b, without.finished.b, KEY_LEN);
	hs_sched_finish(&with, span_str("m4"), &a);
	hs_sched_finish(&without, span_str("m4"), &b);
	assert_memory_equal(a.th5.b, b.th5.b, HASH_LEN);
	assert_memory_not_equal(a.c_ap.b, b.c_ap.b, KEY_LEN);
	assert_memory_not_equal(a.s_ap.b, b.s_ap.b, KEY_LEN);
	assert_memory_not_equal(a.rekey.b, b.rekey.b, KEY_LEN);
	assert_memory_not_equal(a.resume.b, b.resume.b, KEY_LEN);
}

/* alice's public key in mallory's request: the request is not signed by it. */
static void
test_enrol_with_somebody_elses_key(void **state)
{
	struct fixture *f = *state;
	struct ident *evil = ident_new();
	struct key psk;
	struct login l;

	assert_non_null(evil);
	*evil = *f->mallory;
	give_token(evil, &psk);
	/* Her device certificate, his RSA key. */
	memcpy(evil->device_cert, f->alice->device_cert, DEVICE_CERT_LEN);
	login_new(&l, f, evil, HS_ENROL);
	l.psk = &psk;
	assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_SEND);
	assert_int_equal(login_m3(&l, LOGIN_M(&l, 3)), HS_FAILED);
	assert_int_equal(login_m4(&l, LOGIN_M(&l, 4)), HS_FAILED);
	assert_int_equal(hs_client_info(l.c)->status, HS_REQUEST_BAD);
	login_free(&l);
	ident_free(evil);
}

static void
test_enrol_refusals_reach_the_user(void **state)
{
	static const enum hs_status st[] = { HS_INVITE_USED, HS_NAME_TAKEN,
		HS_NAME_NOT_YOURS, HS_KEY_USED, HS_STORE_FAILED };
	struct fixture *f = *state;
	struct key psk;

	give_token(f->alice, &psk);
	for (size_t i = 0; i < sizeof(st) / sizeof(st[0]); i++) {
		struct login l;

		login_new(&l, f, f->alice, HS_ENROL);
		l.psk = &psk;
		l.status = st[i];
		assert_false(login_run(&l));
		assert_int_equal(login_m4(&l, LOGIN_M(&l, 4)), HS_FAILED);
		assert_int_equal(hs_client_info(l.c)->status, st[i]);
		login_free(&l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enrol),
		cmocka_unit_test(test_enrol_with_wrong_token_costs_nothing),
		cmocka_unit_test(test_psk_changes_every_key),
		cmocka_unit_test(test_enrol_with_somebody_elses_key),
		cmocka_unit_test(test_enrol_refusals_reach_the_user),
	};

	return cmocka_run_group_tests_name("hs_enrol", tests, fix_setup,
	    fix_teardown);
}
