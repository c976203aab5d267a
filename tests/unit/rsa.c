/* RSA: round trips, and everything that must be refused. */
#include "crypto/rsa.h"

#include <openssl/x509.h>
#include <string.h>

#include "crypto/prim_rsa.h"
#include "crypto/sign.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

static const struct span text = { (const uint8_t *)"what is signed", 14 };

static void
test_pss(void **state)
{
	struct rsa_key *k = fix_key("alice"), *other = fix_key("bob");
	struct rsa_pub *p = rsa_pub_of(k), *q = rsa_pub_of(other);
	uint8_t sig[RSA_LEN], again[RSA_LEN];

	(void)state;
	assert_int_equal(rsa_pss_sign(k, text, sig, sizeof(sig)), SOTTO_OK);
	assert_int_equal(rsa_pss_verify(p, text, SPAN(sig)), SOTTO_OK);
	/* Salted: never the same twice. */
	assert_int_equal(rsa_pss_sign(k, text, again, sizeof(again)), SOTTO_OK);
	assert_memory_not_equal(sig, again, sizeof(sig));
	assert_int_equal(rsa_pss_verify(q, text, SPAN(sig)), SOTTO_EAUTH);
	assert_int_equal(rsa_pss_verify(p, span_str("what is signeD"),
			     SPAN(sig)),
	    SOTTO_EAUTH);
	for (size_t n = 0; n < sizeof(sig); n += 31)
		assert_int_equal(rsa_pss_verify(p, text,
				     (struct span){ sig, n }),
		    SOTTO_EAUTH);
	for (size_t bit = 0; bit < sizeof(sig) * 8; bit += 61) {
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(rsa_pss_verify(p, text, SPAN(sig)),
		    SOTTO_EAUTH);
		sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_not_equal(rsa_pss_sign(k, text, sig, sizeof(sig) - 1),
	    SOTTO_OK);
	rsa_pub_free(p);
	rsa_pub_free(q);
	rsa_key_free(k);
	rsa_key_free(other);
}

static void
test_oaep(void **state)
{
	struct rsa_key *k = fix_key("alice");
	struct rsa_pub *p = rsa_pub_of(k);
	const struct span label = span_str("label");
	uint8_t c[RSA_LEN], out[64];
	size_t n = 0;

	(void)state;
	assert_int_equal(rsa_oaep_seal(p, label, text, c, sizeof(c)), SOTTO_OK);
	assert_int_equal(rsa_oaep_open(k, label, SPAN(c), out, sizeof(out), &n),
	    SOTTO_OK);
	assert_int_equal(n, text.n);
	assert_memory_equal(out, text.p, n);
	/* One and the same error for each fault. */
	assert_int_equal(rsa_oaep_open(k, span_str("labe"), SPAN(c), out,
			     sizeof(out), &n),
	    SOTTO_EAUTH);
	assert_int_equal(rsa_oaep_open(k, label,
			     (struct span){ c, sizeof(c) - 1 }, out,
			     sizeof(out), &n),
	    SOTTO_EAUTH);
	for (size_t bit = 0; bit < sizeof(c) * 8; bit += 61) {
		c[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(rsa_oaep_open(k, label, SPAN(c), out,
				     sizeof(out), &n),
		    SOTTO_EAUTH);
		c[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	memset(c, 0xff, sizeof(c)); /* more than the modulus */
	assert_int_equal(rsa_oaep_open(k, label, SPAN(c), out, sizeof(out), &n),
	    SOTTO_EAUTH);
	rsa_pub_free(p);
	rsa_key_free(k);
}

/* As the library has it, for each size that a key may have. */
static void
test_spki_is_der(void **state)
{
	static const unsigned bits[] = { 2048, 2049, 2050, 2055, 3072, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		uint8_t ours[RSA_SPKI_MAX], *theirs = NULL;
		struct rsa_key *k = NULL;
		struct rsa_pub *p, *q = NULL;
		struct wr w;
		int n;

		assert_int_equal(rsa_generate(&k, bits[i], NULL, NULL),
		    SOTTO_OK);
		assert_non_null(p = rsa_pub_of(k));
		assert_int_equal(rsa_pub_bits(p),
		    (size_t)EVP_PKEY_get_bits(prim_rsa_key(k)));
		n = i2d_PUBKEY(prim_rsa_key(k), &theirs);
		wr_init(&w, ours, sizeof(ours));
		assert_int_equal(rsa_pub_write(p, &w), SOTTO_OK);
		assert_int_equal(n, (int)w.n);
		assert_memory_equal(ours, theirs, w.n);
		assert_int_equal(rsa_pub_read(&q, wr_out(&w)), SOTTO_OK);
		assert_int_equal(EVP_PKEY_eq(prim_rsa_pub(q), prim_rsa_pub(p)),
		    1);
		OPENSSL_free(theirs);
		rsa_pub_free(p);
		rsa_pub_free(q);
		rsa_key_free(k);
	}
}

static void
test_keys_in_der(void **state)
{
	struct rsa_key *k = fix_key("alice"), *back = NULL;
	struct rsa_pub *p = rsa_pub_of(k), *q = NULL;
	uint8_t der[RSA_PKCS8_MAX + 1], mod[RSA_LEN];
	struct wr w;

	(void)state;
	wr_init(&w, der, RSA_PKCS8_MAX);
	assert_int_equal(rsa_key_write(k, &w), SOTTO_OK);
	assert_int_equal(rsa_key_read(&back, wr_out(&w)), SOTTO_OK);
	rsa_key_free(back);
	/* Trailing bytes, and every shorter form. */
	der[w.n] = 0;
	assert_int_equal(rsa_key_read(&back, (struct span){ der, w.n + 1 }),
	    SOTTO_EFORMAT);
	for (size_t n = 0; n < w.n; n += 17)
		assert_int_equal(rsa_key_read(&back, (struct span){ der, n }),
		    SOTTO_EFORMAT);

	wr_init(&w, der, RSA_SPKI_MAX);
	assert_int_equal(rsa_pub_write(p, &w), SOTTO_OK);
	assert_int_equal(w.n, 422);
	assert_int_equal(rsa_pub_read(&q, wr_out(&w)), SOTTO_OK);
	assert_int_equal(rsa_pub_bits(q), RSA_BITS);
	rsa_pub_free(q);
	for (size_t n = 0; n < w.n; n++)
		assert_int_equal(rsa_pub_read(&q, (struct span){ der, n }),
		    SOTTO_EFORMAT);
	der[w.n] = 0;
	assert_int_equal(rsa_pub_read(&q, (struct span){ der, w.n + 1 }),
	    SOTTO_EFORMAT);
	der[w.n - 1] = 3; /* e = 65539 */
	assert_int_equal(rsa_pub_read(&q, wr_out(&w)), SOTTO_EFORMAT);
	der[w.n - 1] = 1;
	/* Any other byte around the modulus. */
	for (size_t i = 0; i < w.n; i = i == 31 ? 33 + RSA_LEN : i + 1)
		for (int bit = 0; bit < 8; bit++) {
			der[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(rsa_pub_read(&q, wr_out(&w)),
			    SOTTO_EFORMAT);
			der[i] ^= (uint8_t)(1 << bit);
		}

	assert_int_equal(rsa_pub_modulus(p, mod), SOTTO_OK);
	assert_int_equal(rsa_pub_from_modulus(&q, mod), SOTTO_OK);
	rsa_pub_free(q);
	mod[RSA_LEN - 1] ^= 1; /* even */
	assert_int_equal(rsa_pub_from_modulus(&q, mod), SOTTO_EFORMAT);
	mod[RSA_LEN - 1] ^= 1;
	mod[0] &= 0x7f; /* too small */
	assert_int_equal(rsa_pub_from_modulus(&q, mod), SOTTO_EFORMAT);
	rsa_pub_free(p);
	rsa_key_free(k);
}

/* What broken generators make. */
static void
test_weak_moduli(void **state)
{
	struct rsa_key *k = fix_key("alice");
	struct rsa_pub *p = rsa_pub_of(k), *weak = NULL;
	uint8_t mod[RSA_LEN];

	(void)state;
	assert_int_equal(rsa_pub_check(p), SOTTO_OK);
	/* 2^3071 + 1: 3 divides it. */
	memset(mod, 0, sizeof(mod));
	mod[0] = 0x80;
	mod[RSA_LEN - 1] = 1;
	assert_int_equal(rsa_pub_from_modulus(&weak, mod), SOTTO_OK);
	assert_int_equal(rsa_pub_check(weak), SOTTO_EAUTH);
	rsa_pub_free(weak);
	/* (2^1536 - 1)^2 = 2^3072 - 2^1537 + 1: a square. */
	memset(mod, 0xff, RSA_LEN / 2);
	memset(mod + RSA_LEN / 2, 0, RSA_LEN / 2);
	mod[RSA_LEN / 2 - 1] = 0xfe;
	mod[RSA_LEN - 1] = 1;
	assert_int_equal(rsa_pub_from_modulus(&weak, mod), SOTTO_OK);
	assert_int_equal(rsa_pub_check(weak), SOTTO_EAUTH);
	rsa_pub_free(weak);
	rsa_pub_free(p);
	rsa_key_free(k);
}

static int
stop_at_once(void *ctx)
{
	++*(int *)ctx;
	return 0;
}

static void
test_generate_can_be_stopped(void **state)
{
	struct rsa_key *k = NULL;
	int asked = 0;

	(void)state;
	assert_int_equal(rsa_generate(&k, RSA_BITS, stop_at_once, &asked),
	    SOTTO_EAGAIN);
	assert_true(asked >= 1);
	assert_int_equal(rsa_generate(&k, 2048, NULL, NULL), SOTTO_OK);
	rsa_key_free(k);
}

/* A signature holds in its own context, and in no other one. */
static void
test_signatures_are_bound_to_a_context(void **state)
{
	struct rsa_key *k = fix_key("alice");
	struct rsa_pub *p = rsa_pub_of(k);
	uint8_t sig[SIG_LEN];
	struct hash h;

	(void)state;
	hash_one(&h, text);
	for (int c = SIGN_C2S_SERVER; c <= SIGN_DEVICE; c++) {
		assert_int_equal(sign_hash(sig, k, (enum sign_ctx)c, &h),
		    SOTTO_OK);
		for (int d = SIGN_C2S_SERVER; d <= SIGN_DEVICE; d++)
			assert_int_equal(sign_check(sig, p, (enum sign_ctx)d,
					     &h),
			    c == d ? SOTTO_OK : SOTTO_EAUTH);
		/* No context is the beginning of another one. */
		for (int d = SIGN_C2S_SERVER; d <= SIGN_DEVICE; d++) {
			const char *a = sign_ctx_text((enum sign_ctx)c),
				   *b = sign_ctx_text((enum sign_ctx)d);

			if (c != d)
				assert_int_not_equal(strncmp(a, b,
							 strlen(a) + 1),
				    0);
		}
	}
	rsa_pub_free(p);
	rsa_key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pss),
		cmocka_unit_test(test_oaep),
		cmocka_unit_test(test_keys_in_der),
		cmocka_unit_test(test_spki_is_der),
		cmocka_unit_test(test_weak_moduli),
		cmocka_unit_test(test_generate_can_be_stopped),
		cmocka_unit_test(test_signatures_are_bound_to_a_context),
	};

	if (prim_init() != SOTTO_OK)
		return 99;
	return cmocka_run_group_tests_name("rsa", tests, NULL, NULL);
}
