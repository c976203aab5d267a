/*
 * An evil relay, and somebody between client and relay.  Numbers in brackets are
 * those of the attack table of sotto-design(7).
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

/* ---- an evil relay: M2 of its own making, signed with a given key ---- */

struct evil {
	struct hs_m2 m2;
	const struct rsa_key *sign_with;
	struct span transcript_m1; /* what it signs as M1 */
};

static size_t
write_evil(uint8_t *out, const struct evil *e)
{
	struct hs_sched k;
	struct wr w;
	uint8_t *sig;

	wr_init(&w, out, HS_FRAME_MAX);
	hs_m2_write_unsigned(&w, &e->m2);
	hs_sched_th2(&k, e->transcript_m1, wr_out(&w));
	sig = wr_take(&w, SIG_LEN);
	assert_non_null(sig);
	assert_int_equal(sign_hash(sig, e->sign_with, SIGN_C2S_SERVER, &k.th2),
	    SOTTO_OK);
	return w.n;
}

/* A good M2 for l, to be spoilt by the test and signed again. */
static void
evil_from(struct evil *e, struct login *l, struct fixture *f)
{
	assert_int_equal(login_m1(l, LOGIN_M(l, 1)), HS_SEND);
	assert_int_equal(hs_m2_read(&e->m2, LOGIN_M(l, 2)), SOTTO_OK);
	e->sign_with = f->server_key;
	e->transcript_m1 = LOGIN_M(l, 1);
}

static void
expect(struct login *l, const struct evil *e, enum hs_fault want)
{
	uint8_t frame[HS_FRAME_MAX];
	size_t n = write_evil(frame, e);

	assert_int_equal(login_m2(l, (struct span){ frame, n }), HS_FAILED);
	assert_int_equal(hs_client_fault(l->c), want);
	assert_int_equal(l->m3_len, 0);
}

/* The tool works: what it leaves alone is accepted. */
static void
test_evil_tool_is_valid(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[HS_FRAME_MAX];
	struct login l;
	struct evil e;
	size_t n;

	login_new(&l, f, f->alice, HS_LOGIN);
	evil_from(&e, &l, f);
	n = write_evil(frame, &e);
	assert_int_equal(login_m2(&l, (struct span){ frame, n }), HS_SEND);
	login_free(&l);
}

/* [T10] A man in the middle with a key of his own. */
static void
test_middle_man_with_own_key(void **state)
{
	struct fixture *f = *state;
	struct rsa_key *own = fix_key("mallory");
	struct login l;
	struct evil e;

	login_new(&l, f, f->alice, HS_LOGIN);
	evil_from(&e, &l, f);
	e.sign_with = own;
	expect(&l, &e, HS_FAULT_SIGNATURE);
	login_free(&l);
	rsa_key_free(own);
}

/* [T28, T29] Suites that were not offered, unknown ones, a step back. */
static void
test_downgrade(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .host = FIX_HOST,
		.refuse_legacy = 1,
		.id = f->alice };

	for (unsigned s = 0; s < 256; s++) {
		const int offered = s >= 1 && s <= 3;
		struct login l;
		struct evil e;

		login_new(&l, f, f->alice, HS_LOGIN);
		evil_from(&e, &l, f);
		e.m2.suite = (uint8_t)s;
		if (!offered)
			expect(&l, &e, HS_FAULT_SUITE);
		login_free(&l);
		if (!offered && s > 0x20)
			s += 50;
	}
	/* Offered, because the user allows it elsewhere; but not here. */
	suite_default(&cc.suites, 1);
	{
		struct login l;
		struct evil e;

		login_conf(&l, f, &cc);
		evil_from(&e, &l, f);
		e.m2.suite = SUITE_AES256_CBC_HMAC;
		expect(&l, &e, HS_FAULT_DOWNGRADE);
		login_free(&l);
	}
}

/* A network attacker strips the strong suites from M1: the signature of M2 is
 * over what the relay saw, not over what the client sent. */
static void
test_stripped_offer(void **state)
{
	struct fixture *f = *state;
	uint8_t changed[HS_FRAME_MAX];
	struct hs_m1 m1;
	struct login l;
	struct wr w;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(hs_m1_read(&m1, LOGIN_M(&l, 1)), SOTTO_OK);
	m1.suites = (struct suite_list){ .id = { SUITE_AES128_GCM }, .n = 1 };
	wr_init(&w, changed, sizeof(changed));
	hs_m1_write(&w, &m1);
	assert_int_equal(login_m1(&l, wr_out(&w)), HS_SEND);
	/* AES-128-GCM was offered, so only the transcript can tell. */
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_SIGNATURE);
	login_free(&l);
}

static void
test_wrong_version(void **state)
{
	struct fixture *f = *state;
	struct hs_m1 m1;
	uint8_t changed[HS_FRAME_MAX];
	struct login l;
	struct evil e;
	struct wr w;

	login_new(&l, f, f->alice, HS_LOGIN);
	evil_from(&e, &l, f);
	e.m2.version = 2;
	expect(&l, &e, HS_FAULT_VERSION);
	login_free(&l);
	login_new(&l, f, f->alice, HS_LOGIN);
	evil_from(&e, &l, f);
	e.m2.kex = 2;
	expect(&l, &e, HS_FAULT_VERSION);
	login_free(&l);
	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(hs_m1_read(&m1, LOGIN_M(&l, 1)), SOTTO_OK);
	m1.version_low = m1.version_high = 2;
	wr_init(&w, changed, sizeof(changed));
	hs_m1_write(&w, &m1);
	assert_int_equal(login_m1(&l, wr_out(&w)), HS_FAILED);
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_VERSION);
	login_free(&l);
}

/* [T23] Epoch keys that must not be used. */
static void
test_bad_epochs(void **state)
{
	struct fixture *f = *state;
	struct rsa_pub *server = rsa_pub_of(f->server_key);
	uint8_t mod[RSA_LEN], identity[RSA_LEN];

	assert_int_equal(rsa_pub_modulus(server, identity), SOTTO_OK);
	for (int what = 0; what < 6; what++) {
		struct login l;
		struct evil e;

		login_new(&l, f, f->alice, HS_LOGIN);
		evil_from(&e, &l, f);
		memcpy(mod, e.m2.modulus.p, sizeof(mod));
		if (what == 0) {
			e.m2.bits = 2048;
		} else if (what == 1) {
			mod[RSA_LEN - 1] ^= 1; /* even */
			e.m2.modulus = SPAN(mod);
		} else if (what == 2) {
			mod[0] &= 0x7f; /* shorter */
			e.m2.modulus = SPAN(mod);
		} else if (what == 3) {
			e.m2.not_after =
			    e.m2.not_before + HS_EPOCH_WINDOW_MAX + 1;
		} else if (what == 4) {
			e.m2.not_after = e.m2.not_before - 1;
		} else {
			e.m2.modulus = SPAN(identity);
		}
		expect(&l, &e, HS_FAULT_EPOCH);
		login_free(&l);
	}
	rsa_pub_free(server);
}

/* [T22] All points of low order, and both sides. */
static void
test_low_order_points(void **state)
{
	static const char *const low[] = {
		"00000000000000000000000000000000000000000000000000000000000000"
		"00",
		"01000000000000000000000000000000000000000000000000000000000000"
		"00",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b8"
		"00",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11"
		"57",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		struct x25519_pub p;
		struct hs_m1 m1;
		uint8_t changed[HS_FRAME_MAX];
		struct login l;
		struct evil e;
		struct wr w;

		for (size_t b = 0; b < POINT_LEN; b++) {
			char hex[3] = { low[i][2 * b], low[i][2 * b + 1], 0 };

			p.b[b] = (uint8_t)strtoul(hex, NULL, 16);
		}
		login_new(&l, f, f->alice, HS_LOGIN);
		evil_from(&e, &l, f);
		e.m2.es = p;
		expect(&l, &e, HS_FAULT_KEYS);
		login_free(&l);

		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(hs_m1_read(&m1, LOGIN_M(&l, 1)), SOTTO_OK);
		m1.ec = p;
		wr_init(&w, changed, sizeof(changed));
		hs_m1_write(&w, &m1);
		assert_int_equal(login_m1(&l, wr_out(&w)), HS_FAILED);
		assert_int_equal(hs_server_fault(l.s), HS_FAULT_KEYS);
		login_free(&l);
	}
}

/* [T13] The client enrols with an invite; whoever answers without knowing its
 * token cannot open M3, although everything else is as it should be. */
static void
test_middle_man_without_the_token(void **state)
{
	struct fixture *f = *state;
	struct hs_sched k;
	struct rsa_key *ek = fix_key("epoch");
	struct x25519_sec x;
	struct key shared, pmk;
	uint8_t inner[HS_M3_INNER_LEN], frame[HS_FRAME_MAX];
	struct hs_m1 m1;
	struct login l;
	struct evil e;
	size_t n, got = 0;
	struct wr w;

	f->alice->has_token = 1;
	memset(f->alice->token.b, 5, KEY_LEN);
	login_new(&l, f, f->alice, HS_LOGIN); /* for a good M2 */
	evil_from(&e, &l, f);
	hs_client_free(l.c);
	l.cc.mode = HS_ENROL;
	wr_init(&w, l.m1, sizeof(l.m1));
	l.c = hs_client_new(&l.cc, &f->g, NULL, &w);
	assert_int_equal(hs_m1_read(&m1, LOGIN_M(&l, 1)), SOTTO_OK);
	x25519_make(&x, &e.m2.es, &f->g);
	n = write_evil(frame, &e);
	assert_int_equal(login_m2(&l, (struct span){ frame, n }), HS_SEND);
	/* He has the epoch key and the scalar, all but the token. */
	memset(&k, 0, sizeof(k));
	hs_sched_th2(&k, LOGIN_M(&l, 1), (struct span){ frame, n - SIG_LEN });
	assert_int_equal(rsa_oaep_open(ek, SPAN(k.th2.b),
			     (struct span){ l.m3 + HS_HEAD_LEN, RSA_LEN },
			     pmk.b, KEY_LEN, &got),
	    SOTTO_OK);
	assert_int_equal(x25519_shared(&shared, &x, &m1.ec), SOTTO_OK);
	for (int with_token = 0; with_token < 2; with_token++) {
		struct key psk;
		enum sotto_err r;

		kdf_key(&psk, &f->alice->token, "enrol psk", NULL);
		kdf_start(&k.s, with_token ? &psk : NULL);
		kdf_chain(&k.s, &shared);
		hs_sched_keys(&k, (struct span){ l.m3, HS_HEAD_LEN + RSA_LEN },
		    &pmk);
		r = aead_open_once(inner, &k.c_hs, &k.th3,
		    (struct span){ l.m3 + HS_HEAD_LEN + RSA_LEN + 2,
			HS_M3_INNER_LEN + AEAD_TAG_LEN });
		assert_int_equal(r, with_token ? SOTTO_OK : SOTTO_EAUTH);
	}
	f->alice->has_token = 0;
	login_free(&l);
	rsa_key_free(ek);
}

/*
 * [T16, S3] alice logs in to an evil relay that is certified by the same
 * authority; it passes her key message on to the real one.
 */
static void
test_login_cannot_be_passed_on(void **state)
{
	struct fixture *f = *state;
	struct cert_issuer by = { f->ca_key, { f->ca, f->ca_len } };
	struct rsa_key *own = fix_key("mallory");
	struct rsa_pub *pub = rsa_pub_of(own);
	const char *host = "evil.example";
	struct hs_client_conf cc = { .host = host, .id = f->alice };
	uint8_t der[CERT_DER_MAX], frame[HS_FRAME_MAX];
	struct login real, l;
	struct hs_m1 m1, his;
	struct evil e;
	struct wr w;
	size_t n;

	wr_init(&w, der, sizeof(der));
	assert_int_equal(cert_make_server(&w, &by, pub, &host, 1,
			     (struct cert_dates){ FIX_NOW - 9, FIX_NOW + 9999 },
			     &f->g),
	    SOTTO_OK);
	suite_default(&cc.suites, 0);
	login_conf(&l, f, &cc);
	/* He opens a login of his own with her nonce and point. */
	login_new(&real, f, f->alice, HS_LOGIN);
	assert_int_equal(hs_m1_read(&m1, LOGIN_M(&l, 1)), SOTTO_OK);
	assert_int_equal(hs_m1_read(&his, LOGIN_M(&real, 1)), SOTTO_OK);
	memcpy(his.nonce, m1.nonce, sizeof(his.nonce));
	his.ec = m1.ec;
	wr_init(&w, real.m1, sizeof(real.m1));
	hs_m1_write(&w, &his);
	evil_from(&e, &real, f); /* the real relay's M2 */
	/* He signs the real point and epoch key with his own certificate. */
	e.m2.cert[0] = (struct span){ der, w.n };
	wr_init(&w, der, sizeof(der));
	assert_int_equal(cert_make_server(&w, &by, pub, &host, 1,
			     (struct cert_dates){ FIX_NOW - 9, FIX_NOW + 9999 },
			     &f->g),
	    SOTTO_OK);
	e.m2.cert[0] = wr_out(&w);
	e.sign_with = own;
	e.transcript_m1 = LOGIN_M(&l, 1);
	n = write_evil(frame, &e);
	assert_int_equal(login_m2(&l, (struct span){ frame, n }), HS_SEND);
	/* Her M3 goes on to the real relay. */
	assert_int_equal(login_m3(&real, LOGIN_M(&l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(real.s), HS_FAULT_KEYS);
	login_free(&l);
	login_free(&real);
	rsa_pub_free(pub);
	rsa_key_free(own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evil_tool_is_valid),
		cmocka_unit_test(test_middle_man_with_own_key),
		cmocka_unit_test(test_downgrade),
		cmocka_unit_test(test_stripped_offer),
		cmocka_unit_test(test_wrong_version),
		cmocka_unit_test(test_bad_epochs),
		cmocka_unit_test(test_low_order_points),
		cmocka_unit_test(test_middle_man_without_the_token),
		cmocka_unit_test(test_login_cannot_be_passed_on),
	};

	return cmocka_run_group_tests_name("middle", tests, fix_setup,
	    fix_teardown);
}
