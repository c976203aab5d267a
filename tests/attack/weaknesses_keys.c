/* The weaknesses of forerunners, as in weaknesses.c, that need no relay: those of
 * keys, signatures, counters, errors and texts. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "crypto/hs_msg.h"
#include "crypto/kdf.h"
#include "crypto/sign.h"
#include "crypto/tunnel_priv.h"
#include "net/frame.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

/* The first record in b. */
static struct span
record(const struct buf *b)
{
	struct span all = buf_bytes(b), f;

	assert_int_equal(frame_next(&f, FRAME_SEALED, all), SOTTO_OK);
	return f;
}

/* Two tunnels out of a login. */
struct tunnels {
	struct login l;
	struct tunnel *c, *s;
	struct buf to_s, to_c;
	uint8_t scratch[TUNNEL_BODY_MAX];
};

static void
tunnels_new(struct tunnels *t, struct fixture *f)
{
	login_new(&t->l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&t->l));
	t->c = tunnel_new(hs_client_keys(t->l.c), TUNNEL_CLIENT, 0, &f->g);
	t->s = tunnel_new(hs_server_keys(t->l.s), TUNNEL_SERVER, 0, &f->g);
	assert_non_null(t->c);
	assert_non_null(t->s);
	buf_init(&t->to_s, 1 << 20);
	buf_init(&t->to_c, 1 << 20);
}

static void
tunnels_free(struct tunnels *t)
{
	tunnel_free(t->c);
	tunnel_free(t->s);
	buf_free(&t->to_s);
	buf_free(&t->to_c);
	login_free(&t->l);
}

static enum tunnel_event
give(struct tunnels *t, struct tunnel *to, struct span f)
{
	struct tunnel_in in = { .scratch = t->scratch };
	struct buf answer;

	buf_init(&answer, 1 << 20);
	tunnel_recv(to, f, 0, &answer, &in);
	buf_free(&answer);
	return in.event;
}

/* More: tests/unit/tunnel.c, test_no_nonce_twice. */
static void
test_weakness_1_one_key_and_counter_for_both_directions(void **state)
{
	struct fixture *f = *state;
	const struct span text = span_str("the same text both ways");
	const struct hs_keys *k;
	struct tunnels t;

	tunnels_new(&t, f);
	k = hs_client_keys(t.l.c);
	assert_memory_not_equal(k->c_ap.b, k->s_ap.b, KEY_LEN);
	assert_int_equal(tunnel_send(t.c, TUNNEL_RELAY, text, 0, 0, &t.to_s),
	    SOTTO_OK);
	assert_int_equal(tunnel_send(t.s, TUNNEL_RELAY, text, 0, 0, &t.to_c),
	    SOTTO_OK);
	/* The same counter, and nothing in common. */
	assert_int_equal(t.to_s.n, t.to_c.n);
	assert_memory_not_equal(buf_bytes(&t.to_s).p + 5,
	    buf_bytes(&t.to_c).p + 5, t.to_s.n - 5);
	/* Thrown back at its sender it does not open. */
	assert_int_equal(give(&t, t.c, record(&t.to_s)), TUNNEL_EV_FAILED);
	tunnels_free(&t);
}

static enum cert_fault
check(struct span der, const char *host, uint64_t now, struct span ca)
{
	const struct cert_want want = { .use = CERT_SERVER,
		.ca = ca,
		.host = host,
		.now = now };

	return cert_verify(NULL, der, &want);
}

static void
test_weakness_2_certificate_parsed_but_not_verified(void **state)
{
	struct fixture *f = *state;
	const struct span ca = f->conf.ca_cert, server = f->conf.server_cert;
	uint8_t other[CERT_DER_MAX], bent[CERT_DER_MAX];
	struct rsa_key *k = fix_key("mallory");
	struct wr w;

	assert_int_equal(check(server, FIX_HOST, FIX_NOW, ca), CERT_OK);
	assert_int_equal(check(server, FIX_HOST, FIX_NOW + 20 * FIX_YEAR, ca),
	    CERT_EXPIRED);
	assert_int_equal(check(server, FIX_HOST, 1000, ca), CERT_NOT_YET);
	assert_int_equal(check(server, "other.example", FIX_NOW, ca),
	    CERT_NAME);
	/* Signed by itself; by another authority of the same name. */
	assert_int_equal(check(ca, FIX_HOST, FIX_NOW, ca), CERT_USE);
	wr_init(&w, other, sizeof(other));
	assert_int_equal(cert_make_ca(&w, k, FIX_HOST,
			     (struct cert_dates){ FIX_NOW - 1,
				 FIX_NOW + FIX_YEAR },
			     &f->g),
	    SOTTO_OK);
	assert_int_equal(check(server, FIX_HOST, FIX_NOW, wr_out(&w)),
	    CERT_ISSUER);
	/* A user's certificate is no server's. */
	assert_int_equal(check((struct span){ f->alice->cert,
				   f->alice->cert_len },
			     FIX_HOST, FIX_NOW, ca),
	    CERT_USE);
	/* No bit of it may differ. */
	for (size_t i = 0; i < server.n; i += 3) {
		memcpy(bent, server.p, server.n);
		bent[i] ^= 0x10;
		assert_int_not_equal(check((struct span){ bent, server.n },
					 FIX_HOST, FIX_NOW, ca),
		    CERT_OK);
	}
	rsa_key_free(k);
}

/* More: tests/unit/tunnel.c, test_replay_at_each_counter. */
static void
test_weakness_4_counters_compared_as_text(void **state)
{
	static const uint64_t at[] = { 0, 1, 255, 256, 1ULL << 32,
		UINT64_MAX - 2 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint8_t copy[1024];
		struct tunnels t;
		struct span r;

		tunnels_new(&t, f);
		t.c->out.counter = t.s->in.counter = at[i];
		assert_int_equal(tunnel_send(t.c, TUNNEL_RELAY,
				     span_str("once"), 0, 0, &t.to_s),
		    SOTTO_OK);
		r = record(&t.to_s);
		memcpy(copy, r.p, r.n);
		assert_int_equal(give(&t, t.s, r), TUNNEL_EV_RELAY);
		assert_int_equal(give(&t, t.s, (struct span){ copy, r.n }),
		    TUNNEL_EV_FAILED);
		tunnels_free(&t);
	}
}

/* More: tests/unit/rsa.c, tests/attack/login.c. */
static void
test_weakness_8_signatures_bind_no_role(void **state)
{
	struct rsa_key *k = fix_key("alice");
	struct rsa_pub *p = rsa_pub_of(k);
	uint8_t sig[SIG_LEN];
	struct hash h;

	(void)state;
	hash_one(&h, span_str("a transcript"));
	assert_int_equal(sign_hash(sig, k, SIGN_C2S_CLIENT, &h), SOTTO_OK);
	assert_int_equal(sign_check(sig, p, SIGN_C2S_CLIENT, &h), SOTTO_OK);
	assert_int_equal(sign_check(sig, p, SIGN_C2S_SERVER, &h), SOTTO_EAUTH);
	assert_int_equal(sign_check(sig, p, SIGN_E2E_REQUEST, &h), SOTTO_EAUTH);
	h.b[31] ^= 1;
	assert_int_equal(sign_check(sig, p, SIGN_C2S_CLIENT, &h), SOTTO_EAUTH);
	rsa_pub_free(p);
	rsa_key_free(k);
}

/* What somebody with a wrong key gets, for a name that exists or not. */
static void
test_weakness_9_errors_tell_which_names_exist(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[RSA_SPKI_MAX], first[HS_FRAME_MAX];
	struct login l;
	size_t n;

	login_new(&l, f, f->alice, HS_LOGIN);
	l.account = (struct span){ NULL, 0 };
	(void)login_run(&l);
	assert_int_equal(l.sev, HS_FAILED);
	n = l.m4_len;
	memcpy(first, l.m4, n);
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
	login_free(&l);
	login_new(&l, f, f->alice, HS_LOGIN);
	l.account = fix_spki(f->bob, buf);
	(void)login_run(&l);
	assert_int_equal(l.sev, HS_FAILED);
	assert_int_equal(l.m4_len, n);
	assert_memory_equal(l.m4, first, n);
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_HANDSHAKE);
	login_free(&l);
}

/* More: tests/unit/text.c; tests/e2e/say.c shows it in a terminal. */
static void
test_weakness_10_escape_sequences_of_a_peer(void **state)
{
	static const char *const evil[] = { "\033]2;owned\a", "\033[2J",
		"\xc2\x9b"
		"2J",
		"\033P0;1|17/ab\033\\", "a\rb", "\b\b\b",
		"\xe2\x80\xae"
		"txt.exe",
		"\xe2\x81\xa6"
		"x",
		"\xed\xa0\x80" };
	char out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		(void)text_safe(out, sizeof(out), span_str(evil[i]),
		    TEXT_LINES);
		assert_true(text_is_utf8(span_str(out)));
		for (const char *p = out; *p != '\0'; p++)
			assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
		assert_null(strstr(out, "\xe2\x80\xae"));
		assert_null(strstr(out, "\xe2\x81\xa6"));
		assert_null(strstr(out, "\xc2\x9b"));
	}
}

/* Every bit of the secret changes every key; no two labels give the same. */
static void
test_weakness_11_keys_from_slices_of_a_secret(void **state)
{
	static const char *const labels[] = { "key", "iv", "mac", "c hs",
		"c ap", "s ap", "rekey", "resume" };
	struct key s, k[8], bent;

	(void)state;
	secret_random(s.b, sizeof(s.b));
	for (size_t i = 0; i < 8; i++) {
		kdf_key(&k[i], &s, labels[i], NULL);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(k[i].b, k[j].b, KEY_LEN);
	}
	for (size_t bit = 0; bit < KEY_LEN * 8; bit++) {
		s.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		for (size_t i = 0; i < 8; i++) {
			kdf_key(&bent, &s, labels[i], NULL);
			/* In both halves: no slice stays. */
			assert_memory_not_equal(bent.b, k[i].b, 16);
			assert_memory_not_equal(bent.b + 16, k[i].b + 16, 16);
		}
		s.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_weakness_1_one_key_and_counter_for_both_directions),
		cmocka_unit_test(
		    test_weakness_2_certificate_parsed_but_not_verified),
		cmocka_unit_test(test_weakness_4_counters_compared_as_text),
		cmocka_unit_test(test_weakness_8_signatures_bind_no_role),
		cmocka_unit_test(test_weakness_9_errors_tell_which_names_exist),
		cmocka_unit_test(test_weakness_10_escape_sequences_of_a_peer),
		cmocka_unit_test(test_weakness_11_keys_from_slices_of_a_secret),
	};

	return cmocka_run_group_tests_name("weaknesses_keys", tests, fix_setup,
	    fix_teardown);
}
