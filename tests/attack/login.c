/*
 * What an attacker between client and relay, an evil relay and an evil user
 * can do to a login.  Numbers in brackets are those of the attack table of
 * sotto-design(7).  ATTACK_BITS=8 flips every bit instead of one a byte.
 */
#include "tests/lib/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"

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
			ev = login_m1(&l, M(&l, 1));
		else if (n == 2)
			ev = login_m2(&l, M(&l, 2));
		else if (n == 3)
			ev = login_m3(&l, M(&l, 3));
		else
			ev = login_m4(&l, M(&l, 4));
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

/* [T08] M1 and M3 of an old session, to the same epoch key. */
static void
test_replayed_login(void **state)
{
	struct fixture *f = *state;
	struct login old, now;

	login_new(&old, f, f->alice, HS_LOGIN);
	assert_true(login_run(&old));
	login_new(&now, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&now, M(&old, 1)), HS_SEND);
	assert_int_equal(login_m3(&now, M(&old, 3)), HS_FAILED);
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
	assert_int_equal(login_m2(&now, M(&old, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(now.c), HS_FAULT_SIGNATURE);
	assert_int_equal(now.m3_len, 0);
	login_free(&now);
	login_new(&now, f, f->alice, HS_LOGIN);
	assert_int_equal(login_m1(&now, M(&now, 1)), HS_SEND);
	assert_int_equal(login_m2(&now, M(&now, 2)), HS_SEND);
	assert_int_equal(login_m4(&now, M(&old, 4)), HS_FAILED);
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
	assert_int_equal(login_m1(&a, M(&a, 1)), HS_SEND);
	assert_int_equal(login_m2(&a, M(&a, 2)), HS_SEND);
	assert_int_equal(login_m1(&b, M(&b, 1)), HS_SEND);
	assert_int_equal(login_m2(&b, M(&b, 2)), HS_SEND);
	memcpy(b.m3 + HS_HEAD_LEN, a.m3 + HS_HEAD_LEN, RSA_LEN);
	assert_int_equal(login_m3(&b, M(&b, 3)), HS_FAILED);
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
		assert_int_equal(login_m1(&l, M(&l, 1)), HS_SEND);
		assert_int_equal(login_m2(&l, M(&l, 2)), HS_SEND);
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
		assert_int_equal(login_m3(&l, M(&l, 3)), HS_FAILED);
		assert_int_equal(hs_server_fault(l.s), HS_FAULT_KEYS);
		assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
		assert_int_equal(l.m4_len, 0);
		login_free(&l);
	}
	rsa_pub_free(epoch);
	rsa_key_free(ek);
}

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
	assert_int_equal(login_m1(l, M(l, 1)), HS_SEND);
	assert_int_equal(hs_m2_read(&e->m2, M(l, 2)), SOTTO_OK);
	e->sign_with = f->server_key;
	e->transcript_m1 = M(l, 1);
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
	assert_int_equal(hs_m1_read(&m1, M(&l, 1)), SOTTO_OK);
	m1.suites = (struct suite_list){ .id = { SUITE_AES128_GCM }, .n = 1 };
	wr_init(&w, changed, sizeof(changed));
	hs_m1_write(&w, &m1);
	assert_int_equal(login_m1(&l, wr_out(&w)), HS_SEND);
	/* AES-128-GCM was offered, so only the transcript can tell. */
	assert_int_equal(login_m2(&l, M(&l, 2)), HS_FAILED);
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
	assert_int_equal(hs_m1_read(&m1, M(&l, 1)), SOTTO_OK);
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
		assert_int_equal(hs_m1_read(&m1, M(&l, 1)), SOTTO_OK);
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
	assert_int_equal(hs_m1_read(&m1, M(&l, 1)), SOTTO_OK);
	x25519_make(&x, &e.m2.es, &f->g);
	n = write_evil(frame, &e);
	assert_int_equal(login_m2(&l, (struct span){ frame, n }), HS_SEND);
	/* He has the epoch key and the scalar, all but the token. */
	memset(&k, 0, sizeof(k));
	hs_sched_th2(&k, M(&l, 1), (struct span){ frame, n - SIG_LEN });
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
	assert_int_equal(hs_m1_read(&m1, M(&l, 1)), SOTTO_OK);
	assert_int_equal(hs_m1_read(&his, M(&real, 1)), SOTTO_OK);
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
	e.transcript_m1 = M(&l, 1);
	n = write_evil(frame, &e);
	assert_int_equal(login_m2(&l, (struct span){ frame, n }), HS_SEND);
	/* Her M3 goes on to the real relay. */
	assert_int_equal(login_m3(&real, M(&l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(real.s), HS_FAULT_KEYS);
	login_free(&l);
	login_free(&real);
	rsa_pub_free(pub);
	rsa_key_free(own);
}

/* [T30, T31] Frames that must not come now: every type, in every state. */
static void
test_out_of_order(void **state)
{
	struct fixture *f = *state;
	struct login good;

	login_new(&good, f, f->alice, HS_LOGIN);
	assert_true(login_run(&good));
	const struct span frames[] = { M(&good, 1), M(&good, 2), M(&good, 3),
		M(&good, 4) };

	for (int have = 0; have < 4; have++) {
		for (int next = 0; next < 4; next++) {
			struct login l;

			login_new(&l, f, f->alice, HS_LOGIN);
			/* The server: M1 at first, then M3, then nothing. */
			if (have >= 1)
				assert_int_equal(login_m1(&l, M(&l, 1)),
				    HS_SEND);
			if (have >= 1)
				assert_int_equal(login_m2(&l, M(&l, 2)),
				    HS_SEND);
			if (have >= 2)
				assert_int_equal(login_m3(&l, M(&l, 3)),
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
	assert_int_equal(login_m4(&good, M(&good, 4)), HS_FAILED);
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
	assert_int_equal(hs_server_in(l.s, M(&l, 3)), HS_FAILED);
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
	const struct span all[] = { M(&l, 1), M(&l, 2), M(&l, 3), M(&l, 4) };

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
		cmocka_unit_test(test_flip_m1),
		cmocka_unit_test(test_flip_m2),
		cmocka_unit_test(test_flip_m3),
		cmocka_unit_test(test_flip_m4),
		cmocka_unit_test(test_cut_frames),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_replayed_login),
		cmocka_unit_test(test_replayed_server),
		cmocka_unit_test(test_encrypted_key_is_bound),
		cmocka_unit_test(test_no_oracle),
		cmocka_unit_test(test_evil_tool_is_valid),
		cmocka_unit_test(test_middle_man_with_own_key),
		cmocka_unit_test(test_downgrade),
		cmocka_unit_test(test_stripped_offer),
		cmocka_unit_test(test_wrong_version),
		cmocka_unit_test(test_bad_epochs),
		cmocka_unit_test(test_low_order_points),
		cmocka_unit_test(test_middle_man_without_the_token),
		cmocka_unit_test(test_login_cannot_be_passed_on),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_m3_twice),
		cmocka_unit_test(test_nothing_readable_on_the_wire),
	};

	return cmocka_run_group_tests_name("login", tests, setup, teardown);
}
