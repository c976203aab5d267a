/* Who is not let in, and whom a client does not believe, by name. */
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

static void
test_wrong_pin_is_a_hard_stop(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = FIX_HOST,
		.has_pin = 1,
		.pin = f->authority,
		.id = f->alice };

	suite_default(&cc.suites, 0);
	for (unsigned bit = 0; bit < 256; bit += 51) {
		cc.pin = f->authority;
		cc.pin.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		login_client_fails(f, &cc, HS_FAULT_PIN);
	}
}

static void
test_wrong_host(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = "other.example", .id = f->alice };

	suite_default(&cc.suites, 0);
	login_client_fails(f, &cc, HS_FAULT_CERT);
}

static void
test_host_by_address(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .id = f->alice };
	const char *const good[] = { "127.0.0.1", "::1" };

	suite_default(&cc.suites, 0);
	for (size_t i = 0; i < 2; i++) {
		struct login l;

		cc.host = good[i];
		login_conf(&l, f, &cc);
		assert_true(login_run(&l));
		login_free(&l);
	}
	cc.host = "127.0.0.2";
	login_client_fails(f, &cc, HS_FAULT_CERT);
}

static void
test_server_certificate_of_another_authority(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = FIX_HOST, .id = f->alice };
	struct rsa_key *other = fix_key("other-ca");
	uint8_t ca[CERT_DER_MAX];
	struct span saved = f->conf.ca_cert;
	struct wr w;

	suite_default(&cc.suites, 0);
	wr_init(&w, ca, sizeof(ca));
	assert_int_equal(cert_make_ca(&w, other, FIX_HOST,
			     (struct cert_dates){ FIX_NOW - 9, FIX_NOW + 9 },
			     &f->g),
	    SOTTO_OK);
	f->conf.ca_cert = wr_out(&w);
	login_client_fails(f, &cc, HS_FAULT_CERT);
	f->conf.ca_cert = saved;
	rsa_key_free(other);
}

static void
test_server_certificate_expired(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = FIX_HOST, .id = f->alice };
	struct cert_issuer by = { f->ca_key, { f->ca, f->ca_len } };
	struct rsa_pub *p = rsa_pub_of(f->server_key);
	const char *host = FIX_HOST;
	struct span saved = f->conf.server_cert;
	uint8_t der[CERT_DER_MAX];
	struct wr w;

	suite_default(&cc.suites, 0);
	wr_init(&w, der, sizeof(der));
	assert_int_equal(cert_make_server(&w, &by, p, &host, 1,
			     (struct cert_dates){ FIX_NOW - 20, FIX_NOW - 1 },
			     &f->g),
	    SOTTO_OK);
	f->conf.server_cert = wr_out(&w);
	login_client_fails(f, &cc, HS_FAULT_CERT);
	f->conf.server_cert = saved;
	rsa_pub_free(p);
}

static void
test_unknown_name(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	l.account.n = 0;
	login_server_fails(&l, HS_FAULT_SIGNATURE);
	login_free(&l);
}

/* The stored key decides, whatever certificate is carried along. */
static void
test_another_key_for_the_name(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[RSA_SPKI_MAX];
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	l.account = fix_spki(f->bob, buf);
	login_server_fails(&l, HS_FAULT_SIGNATURE);
	login_free(&l);
}

/* mallory, with a certificate of his own, says that he is alice. */
static void
test_another_name_for_the_key(void **state)
{
	struct fixture *f = *state;
	struct name saved = f->mallory->name;
	uint8_t buf[RSA_SPKI_MAX];
	struct login l;

	f->mallory->name = f->alice->name;
	login_new(&l, f, f->mallory, HS_LOGIN);
	l.account = fix_spki(f->alice, buf);
	login_server_fails(&l, HS_FAULT_SIGNATURE);
	login_free(&l);
	/* Even if the relay had stored his key: the certificate is his. */
	login_new(&l, f, f->mallory, HS_LOGIN);
	l.account = fix_spki(f->mallory, buf);
	login_server_fails(&l, HS_FAULT_CERT);
	assert_int_equal(hs_server_cert_fault(l.s), CERT_NAME);
	login_free(&l);
	f->mallory->name = saved;
}

/* What is remembered of a certificate never makes it good for another key,
 * name or time than it was found good for. */
static void
test_remembered_certificate(void **state)
{
	struct fixture *f = *state;
	uint8_t a[RSA_SPKI_MAX], b[RSA_SPKI_MAX];
	struct span alice = fix_spki(f->alice, a), bob = fix_spki(f->bob, b);
	struct cert_anchor *anchor = cert_anchor_new(f->conf.ca_cert);
	struct cert_want want = { .use = CERT_USER,
		.ca = f->conf.ca_cert,
		.anchor = anchor,
		.name = &f->alice->name,
		.relay = f->conf.relay,
		.now = FIX_NOW };
	struct span der;

	fix_enrol(f, f->alice, FIX_NOW - 100, FIX_NOW + 1000);
	der = (struct span){ f->alice->cert, f->alice->cert_len };
	for (int i = 0; i < 3; i++) {
		want.now = FIX_NOW;
		want.name = &f->alice->name;
		assert_int_equal(cert_verify_user(der, &want, alice), CERT_OK);
		assert_int_equal(cert_verify_user(der, &want, bob), CERT_KEY);
		want.name = &f->bob->name;
		assert_int_equal(cert_verify_user(der, &want, alice),
		    CERT_NAME);
		want.name = &f->alice->name;
		want.now = FIX_NOW + 1001;
		assert_int_equal(cert_verify_user(der, &want, alice),
		    CERT_EXPIRED);
		want.now = FIX_NOW - 101;
		assert_int_equal(cert_verify_user(der, &want, alice),
		    CERT_NOT_YET);
		f->alice->cert[f->alice->cert_len - 1] ^= 1;
		want.now = FIX_NOW;
		assert_int_equal(cert_verify_user(der, &want, alice),
		    CERT_SIGNATURE);
		f->alice->cert[f->alice->cert_len - 1] ^= 1;
	}
	fix_enrol(f, f->alice, FIX_NOW - 100, FIX_NOW + FIX_YEAR);
	cert_anchor_free(anchor);
}

static void
test_expired_user_certificate_is_told_to_its_owner(void **state)
{
	struct fixture *f = *state;
	struct login l;

	fix_enrol(f, f->alice, FIX_NOW - 100, FIX_NOW - 1);
	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_SEND);
	assert_int_equal(login_m3(&l, LOGIN_M(&l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(l.s), HS_FAULT_STATUS);
	assert_int_equal(l.m4_len, HS_HEAD_LEN + HS_M4_LEN);
	assert_int_equal(login_m4(&l, LOGIN_M(&l, 4)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_STATUS);
	assert_int_equal(hs_client_info(l.c)->status, HS_CERT_EXPIRED);
	login_free(&l);
	fix_enrol(f, f->alice, FIX_NOW - 100, FIX_NOW + FIX_YEAR);
}

static void
test_revoked_user_learns_the_cause(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	l.status = HS_REVOKED;
	assert_false(login_run(&l));
	/* As long as the frame of a welcome: an outsider sees no difference. */
	assert_int_equal(l.m4_len, HS_HEAD_LEN + HS_M4_LEN);
	assert_int_equal(login_m4(&l, LOGIN_M(&l, 4)), HS_FAILED);
	assert_int_equal(hs_client_info(l.c)->status, HS_REVOKED);
	assert_null(hs_server_keys(l.s));
	login_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_pin_is_a_hard_stop),
		cmocka_unit_test(test_wrong_host),
		cmocka_unit_test(test_host_by_address),
		cmocka_unit_test(test_server_certificate_of_another_authority),
		cmocka_unit_test(test_server_certificate_expired),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_another_key_for_the_name),
		cmocka_unit_test(test_another_name_for_the_key),
		cmocka_unit_test(test_remembered_certificate),
		cmocka_unit_test(
		    test_expired_user_certificate_is_told_to_its_owner),
		cmocka_unit_test(test_revoked_user_learns_the_cause),
	};

	return cmocka_run_group_tests_name("hs_refuse", tests, fix_setup,
	    fix_teardown);
}
