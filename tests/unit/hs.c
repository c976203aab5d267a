/* The login: success in every variety, and each refusal by its name. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

#define M(l, n) ((struct span){ (l)->m##n, (l)->m##n##_len })

static int
setup(void **state)
{
	*state = fix_new();
	return 0;
}

static int
teardown(void **state)
{
	fix_free(*state);
	return 0;
}

static void
assert_same_keys(const struct login *l)
{
	const struct hs_keys *c = hs_client_keys(l->c);
	const struct hs_keys *s = hs_server_keys(l->s);

	assert_non_null(c);
	assert_non_null(s);
	assert_int_equal(c->suite, s->suite);
	assert_string_equal(c->user.s, s->user.s);
	assert_memory_equal(c->session_id, s->session_id, HS_SESSION_LEN);
	assert_memory_equal(c->th5.b, s->th5.b, HASH_LEN);
	assert_memory_equal(c->c_ap.b, s->c_ap.b, KEY_LEN);
	assert_memory_equal(c->s_ap.b, s->s_ap.b, KEY_LEN);
	assert_memory_equal(c->rekey.b, s->rekey.b, KEY_LEN);
	assert_memory_equal(c->exporter.b, s->exporter.b, KEY_LEN);
	assert_memory_equal(c->resume.b, s->resume.b, KEY_LEN);
	/* Both directions never share a key. */
	assert_memory_not_equal(c->c_ap.b, c->s_ap.b, KEY_LEN);
}

static void
test_login(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(l.m1_len, HS_HEAD_LEN + HS_M1_LEN);
	assert_true(login_run(&l));
	assert_same_keys(&l);
	assert_string_equal(hs_server_keys(l.s)->user.s, "alice");
	assert_int_equal(hs_client_keys(l.c)->server_time, FIX_NOW);
	assert_int_equal(hs_client_keys(l.c)->limits.message_max, 65536);
	assert_string_equal(hs_client_info(l.c)->relay, FIX_HOST);
	assert_memory_equal(hs_client_info(l.c)->authority.b, f->authority.b,
	    HASH_LEN);
	login_free(&l);
}

static void
test_each_suite(void **state)
{
	struct fixture *f = *state;
	struct suite_list all, saved = f->conf.suites;

	suite_default(&all, 1);
	assert_int_equal(all.n, 5);
	f->conf.suites = all;
	for (size_t i = 0; i < all.n; i++) {
		struct hs_client_conf cc = { .mode = HS_LOGIN,
			.host = FIX_HOST,
			.has_pin = 1,
			.pin = f->authority,
			.id = f->alice,
			.suites = { .id = { all.id[i] }, .n = 1 } };
		struct login l;

		login_conf(&l, f, &cc);
		assert_true(login_run(&l));
		assert_int_equal(hs_client_keys(l.c)->suite, all.id[i]);
		assert_same_keys(&l);
		login_free(&l);
	}
	f->conf.suites = saved;
}

/* The relay's order decides among what both have. */
static void
test_relay_chooses(void **state)
{
	struct fixture *f = *state;
	struct suite_list saved = f->conf.suites;
	struct login l;

	f->conf.suites = (struct suite_list){ .id = { SUITE_CHACHA20_POLY1305,
						  SUITE_AES256_GCM },
		.n = 2 };
	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	assert_int_equal(hs_client_keys(l.c)->suite, SUITE_CHACHA20_POLY1305);
	login_free(&l);
	f->conf.suites = saved;
}

static void
test_no_common_suite(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .mode = HS_LOGIN,
		.host = FIX_HOST,
		.id = f->alice,
		.suites = { .id = { SUITE_AES256_CBC_HMAC }, .n = 1 } };
	uint8_t buf[64];
	struct login l;
	struct wr w;

	login_conf(&l, f, &cc);
	assert_int_equal(login_m1(&l, M(&l, 1)), HS_FAILED);
	assert_int_equal(hs_server_fault(l.s), HS_FAULT_SUITE);
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_SUITE);
	/* The client is told, in the clear, and says why. */
	wr_init(&w, buf, sizeof(buf));
	hs_write_fail(&w, hs_server_fail(l.s));
	assert_int_equal(login_m2(&l, wr_out(&w)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_FAILED);
	assert_int_equal(hs_client_info(l.c)->fail, HS_FAIL_SUITE);
	login_free(&l);
}

static void
test_probe_learns_the_key_and_sends_nothing(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .probe = 1, .host = FIX_HOST };
	struct login l;

	suite_default(&cc.suites, 0);
	login_conf(&l, f, &cc);
	assert_int_equal(login_m1(&l, M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_PROBED);
	assert_int_equal(l.m3_len, 0);
	assert_memory_equal(hs_client_info(l.c)->authority.b, f->authority.b,
	    HASH_LEN);
	assert_null(hs_client_keys(l.c));
	login_free(&l);
}

/* A probe and a login are the same bytes but for what is random. */
static void
test_probe_looks_like_a_login(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .probe = 1, .host = FIX_HOST };
	struct hs_m1 a, b;
	struct login p, l;

	suite_default(&cc.suites, 0);
	login_conf(&p, f, &cc);
	cc.probe = 0;
	cc.id = f->alice;
	login_conf(&l, f, &cc);
	assert_int_equal(hs_m1_read(&a, M(&p, 1)), SOTTO_OK);
	assert_int_equal(hs_m1_read(&b, M(&l, 1)), SOTTO_OK);
	assert_memory_not_equal(a.nonce, b.nonce, sizeof(a.nonce));
	assert_memory_not_equal(a.ec.b, b.ec.b, sizeof(a.ec.b));
	memcpy(a.nonce, b.nonce, sizeof(a.nonce));
	a.ec = b.ec;
	assert_memory_equal(&a, &b, sizeof(a));
	login_free(&p);
	login_free(&l);
}

static void
expect_client_fault(struct fixture *f, const struct hs_client_conf *cc,
    enum hs_fault want)
{
	struct login l;

	login_conf(&l, f, cc);
	assert_int_equal(login_m1(&l, M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), want);
	/* Nothing about the user was sent. */
	assert_int_equal(l.m3_len, 0);
	/* And failure is sticky. */
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), want);
	login_free(&l);
}

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
		expect_client_fault(f, &cc, HS_FAULT_PIN);
	}
}

static void
test_wrong_host(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = "other.example", .id = f->alice };

	suite_default(&cc.suites, 0);
	expect_client_fault(f, &cc, HS_FAULT_CERT);
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
	expect_client_fault(f, &cc, HS_FAULT_CERT);
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
	expect_client_fault(f, &cc, HS_FAULT_CERT);
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
	expect_client_fault(f, &cc, HS_FAULT_CERT);
	f->conf.server_cert = saved;
	rsa_pub_free(p);
}

/* ---- who may come in ---- */

static void
expect_server_fault(struct login *l, enum hs_fault want)
{
	assert_int_equal(login_m1(l, M(l, 1)), HS_SEND);
	assert_int_equal(login_m2(l, M(l, 2)), HS_SEND);
	assert_int_equal(login_m3(l, M(l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(l->s), want);
	assert_int_equal(hs_server_fail(l->s), HS_FAIL_HANDSHAKE);
	assert_null(hs_server_keys(l->s));
	assert_int_equal(l->m4_len, 0);
}

static void
test_unknown_name(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	l.account.n = 0;
	expect_server_fault(&l, HS_FAULT_SIGNATURE);
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
	expect_server_fault(&l, HS_FAULT_SIGNATURE);
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
	expect_server_fault(&l, HS_FAULT_SIGNATURE);
	login_free(&l);
	/* Even if the relay had stored his key: the certificate is his. */
	login_new(&l, f, f->mallory, HS_LOGIN);
	l.account = fix_spki(f->mallory, buf);
	expect_server_fault(&l, HS_FAULT_CERT);
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
	assert_int_equal(login_m1(&l, M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_SEND);
	assert_int_equal(login_m3(&l, M(&l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(l.s), HS_FAULT_STATUS);
	assert_int_equal(l.m4_len, HS_HEAD_LEN + HS_M4_LEN);
	assert_int_equal(login_m4(&l, M(&l, 4)), HS_FAILED);
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
	assert_int_equal(login_m4(&l, M(&l, 4)), HS_FAILED);
	assert_int_equal(hs_client_info(l.c)->status, HS_REVOKED);
	assert_null(hs_server_keys(l.s));
	login_free(&l);
}

/* ---- enrolment ---- */

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
	assert_int_equal(hs_m1_peek(&peek, M(&l, 1)), SOTTO_OK);
	assert_int_equal(peek.mode, HS_ENROL);
	assert_memory_equal(peek.token_id, f->alice->token_id,
	    INVITE_TOKEN_ID_LEN);
	assert_true(login_run(&l));
	assert_same_keys(&l);
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
	assert_int_equal(hs_server_m1(l.s, M(&l, 1), &psk, f->epoch),
	    HS_FAILED);
	assert_null(hs_server_job(l.s));
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
	login_free(&l);
	/* A token that the relay does not know: the same. */
	login_new(&l, f, f->alice, HS_ENROL);
	assert_int_equal(hs_server_m1(l.s, M(&l, 1), NULL, f->epoch),
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
	assert_memory_not_equal(a.exporter.b, b.exporter.b, KEY_LEN);
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
	assert_int_equal(login_m1(&l, M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_SEND);
	assert_int_equal(login_m3(&l, M(&l, 3)), HS_FAILED);
	assert_int_equal(login_m4(&l, M(&l, 4)), HS_FAILED);
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
		assert_int_equal(login_m4(&l, M(&l, 4)), HS_FAILED);
		assert_int_equal(hs_client_info(l.c)->status, st[i]);
		login_free(&l);
	}
}

/* ---- retry ---- */

static void
test_retry(void **state)
{
	struct fixture *f = *state;
	const struct key k = { { 1, 2, 3 } };
	const struct span addr = span_str("10.0.0.1");
	uint8_t cookie[HS_COOKIE_LEN], buf[64];
	struct hs_m1_peek peek;
	struct login l;
	struct wr w, out;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(hs_m1_peek(&peek, M(&l, 1)), SOTTO_OK);
	assert_false(hs_cookie_check(&peek, &k, addr, 100));
	hs_cookie_make(cookie, &k, addr, 100, 10);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, 10);
	wr_init(&out, l.m1, sizeof(l.m1));
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out), HS_JOB);
	struct hs_job *j = hs_client_job(l.c);

	hs_job_run(j);
	assert_int_equal(hs_client_job_done(l.c, j, &out), HS_SEND);
	l.m1_len = out.n;
	assert_int_equal(hs_m1_peek(&peek, M(&l, 1)), SOTTO_OK);
	assert_true(hs_cookie_check(&peek, &k, addr, 100));
	assert_true(hs_cookie_check(&peek, &k, addr, 101));
	assert_false(hs_cookie_check(&peek, &k, addr, 102));
	assert_false(hs_cookie_check(&peek, &k, addr, 99));
	assert_false(hs_cookie_check(&peek, &k, span_str("10.0.0.2"), 100));
	peek.answer[7] ^= 1;
	/* One of the 1,024 may be right by chance; with this nonce it is not. */
	assert_false(hs_cookie_check(&peek, &k, addr, 100));
	/* The login goes on, with the second M1 in the transcript. */
	assert_true(login_run(&l));
	assert_same_keys(&l);
	login_free(&l);
}

static void
test_retry_only_once_and_never_too_hard(void **state)
{
	struct fixture *f = *state;
	uint8_t cookie[HS_COOKIE_LEN] = { 0 }, buf[64], m1[600];
	struct hs_job *j;
	struct login l;
	struct wr w, out;

	login_new(&l, f, f->alice, HS_LOGIN);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, 0);
	wr_init(&out, m1, sizeof(m1));
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out), HS_JOB);
	j = hs_client_job(l.c);
	hs_job_run(j);
	assert_int_equal(hs_client_job_done(l.c, j, &out), HS_SEND);
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out),
	    HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_PUZZLE);
	login_free(&l);

	login_new(&l, f, f->alice, HS_LOGIN);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, HS_DIFFICULTY_MAX + 1);
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out),
	    HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_PUZZLE);
	assert_null(hs_client_job(l.c));
	login_free(&l);
}

/* Every code of FAIL and its sentence; others are malformed. */
static void
test_fail_codes(void **state)
{
	struct fixture *f = *state;

	for (unsigned code = 0; code < 256; code++) {
		const uint8_t frame[] = { HS_TYPE_FAIL, 0, 0, 1,
			(uint8_t)code };
		const int known =
		    code >= HS_FAIL_HANDSHAKE && code <= HS_FAIL_SLOW;
		struct login l;

		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m2(&l, SPAN(frame)), HS_FAILED);
		assert_int_equal(hs_client_fault(l.c),
		    known ? HS_FAULT_FAILED : HS_FAULT_FORMAT);
		login_free(&l);
	}
}

/* What the inspector shows never contains a secret. */
static void
test_trace_has_no_secret(void **state)
{
	struct fixture *f = *state;
	const struct hs_keys *k;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	k = hs_client_keys(l.c);
	assert_int_equal(l.trace.n, 6); /* M1 M2 checks M3 M4 keys */
	assert_string_equal(l.trace.msg[0].name, "M1 CLIENT_HELLO");
	assert_int_equal(l.trace.msg[0].size, 516);
	assert_string_equal(l.trace.msg[1].name, "M2 SERVER_HELLO");
	assert_int_equal(l.trace.msg[1].size, l.m2_len);
	for (size_t i = 0; i < l.trace.n; i++) {
		const struct trace_msg *m = &l.trace.msg[i];

		assert_true(m->n > 0);
		for (size_t n = 0; n < m->n; n++) {
			char hex[2 * 8 + 1];
			const uint8_t *const secrets[] = { k->c_ap.b, k->s_ap.b,
				k->rekey.b, k->exporter.b, k->resume.b,
				f->alice->dik.b, f->alice->dsk.b,
				f->alice->master.b };

			for (size_t s = 0; s < 8; s++) {
				for (size_t b = 0; b < 8; b++)
					(void)snprintf(hex + 2 * b, 3, "%02x",
					    secrets[s][b]);
				assert_null(strstr(m->field[n].value, hex));
			}
		}
	}
	login_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_each_suite),
		cmocka_unit_test(test_relay_chooses),
		cmocka_unit_test(test_no_common_suite),
		cmocka_unit_test(test_probe_learns_the_key_and_sends_nothing),
		cmocka_unit_test(test_probe_looks_like_a_login),
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
		cmocka_unit_test(test_enrol),
		cmocka_unit_test(test_enrol_with_wrong_token_costs_nothing),
		cmocka_unit_test(test_psk_changes_every_key),
		cmocka_unit_test(test_enrol_with_somebody_elses_key),
		cmocka_unit_test(test_enrol_refusals_reach_the_user),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_retry_only_once_and_never_too_hard),
		cmocka_unit_test(test_fail_codes),
		cmocka_unit_test(test_trace_has_no_secret),
	};

	return cmocka_run_group_tests_name("hs", tests, setup, teardown);
}
