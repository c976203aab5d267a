/* Key schedule and cipher suites. */
#include "crypto/kdf.h"

#include <string.h>

#include "crypto/aead.h"
#include "tests/lib/cm.h"
#include "tests/lib/hex.h"

static struct key
counting(void)
{
	struct key k;

	for (uint8_t i = 0; i < KEY_LEN; i++)
		k.b[i] = i;
	return k;
}

/* The values were computed from sotto-protocol(7), KEYS, with another HMAC. */
static void
test_expand_with_labels(void **state)
{
	const struct key k = counting();
	uint8_t out[44];
	struct hash ctx;

	(void)state;
	hash_one(&ctx, span_str("abc"));
	kdf_expand(out, sizeof(out), &k, "key", &ctx);
	assert_hex(out, sizeof(out),
	    "1faf95f3e55706fa047f27ba7b55b780f55d57dbfdf2e90c77ec6a6ec1e6c1d8"
	    "a598ea5b3017c8fea9c1b0c4");
	kdf_expand(out, 32, &k, "key", NULL);
	assert_hex(out, (size_t)32,
	    "fd45cbc35fa2e314246f0426ab4cbd8d3f4d57df58307436da13398938517bd"
	    "1");
}

/* It is that secret: what is derived from both is the same. */
static void
assert_prk(const struct prk *p, const char *secret)
{
	const struct hex want = hex_of(secret);
	struct key k, a, b;

	assert_int_equal(HEX_SPAN(want).n, KEY_LEN);
	memcpy(k.b, HEX_SPAN(want).p, KEY_LEN);
	prk_key(&a, p, "test", NULL);
	kdf_key(&b, &k, "test", NULL);
	assert_memory_equal(a.b, b.b, KEY_LEN);
}

static void
test_chain(void **state)
{
	const struct key k = counting();
	struct prk s;

	(void)state;
	kdf_start(&s, &k);
	assert_prk(&s,
	    "46bd320605c5a6b6163ab70bc6345b92a5f908e79fe58979c23ebb47d1a5e307");
	kdf_start(&s, NULL);
	assert_prk(&s,
	    "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
	kdf_chain(&s, &k);
	assert_prk(&s,
	    "52105fa795a755db3998955874cddf4454b714c481a03a70835513b56380d3b6");
}

static const enum suite all[] = { SUITE_AES256_GCM, SUITE_CHACHA20_POLY1305,
	SUITE_AES128_GCM, SUITE_AES256_CBC_HMAC, SUITE_AES128_CBC_HMAC };

static void
each_suite(enum suite s)
{
	const struct span aad = span_str("aad"), text = span_str("the text");
	const struct rng g = rng_system();
	const struct key k = counting();
	struct aead seal, open;
	uint8_t out[128], back[128], bad[128];
	const size_t n = aead_sealed_len(s, text.n);
	size_t got;

	assert_int_equal(aead_init(&seal, s, AEAD_SEAL, &k), SOTTO_OK);
	assert_int_equal(aead_init(&open, s, AEAD_OPEN, &k), SOTTO_OK);
	for (uint64_t c = 0; c < 3; c++) {
		assert_int_equal(aead_seal(&seal, out, c, aad, text, &g),
		    SOTTO_OK);
		assert_int_equal(aead_open(&open, back, &got, c, aad,
				     (struct span){ out, n }),
		    SOTTO_OK);
		assert_int_equal(got, text.n);
		assert_memory_equal(back, text.p, text.n);
		/* Another counter, AAD, length, any bit: no.  The CBC suites
		 * have the counter from the AAD only. */
		assert_int_equal(aead_open(&open, back, &got, c + 1, aad,
				     (struct span){ out, n }),
		    suite_is_legacy(s) ? SOTTO_OK : SOTTO_EAUTH);
		assert_int_equal(aead_open(&open, back, &got, c,
				     span_str("AAd"), (struct span){ out, n }),
		    SOTTO_EAUTH);
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(aead_open(&open, back, &got, c, aad,
					     (struct span){ out, cut }),
			    SOTTO_EAUTH);
		for (size_t bit = 0; bit < n * 8; bit++) {
			memcpy(bad, out, n);
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			memset(back, 0x55, sizeof(back));
			assert_int_equal(aead_open(&open, back, &got, c, aad,
					     (struct span){ bad, n }),
			    SOTTO_EAUTH);
			/* Nothing of a text that was not proven is left. */
			assert_null(memmem(back, sizeof(back), text.p, text.n));
		}
	}
	/* Nothing is a message, too. */
	assert_int_equal(aead_seal(&seal, out, 9, aad, (struct span){ NULL, 0 },
			     &g),
	    SOTTO_OK);
	assert_int_equal(aead_open(&open, back, &got, 9, aad,
			     (struct span){ out, aead_sealed_len(s, 0) }),
	    SOTTO_OK);
	assert_int_equal(got, 0);
	aead_wipe(&seal);
	aead_wipe(&open);
}

static void
test_every_suite(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++)
		each_suite(all[i]);
}

/* The same secret under two suites gives keys that have nothing in common. */
static void
test_suites_do_not_share_keys(void **state)
{
	const struct span text = span_str("the text");
	const struct rng g = rng_system();
	const struct key k = counting();
	uint8_t out[128], back[128];
	size_t got;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct aead a, b;

		assert_int_equal(aead_init(&a, all[i], AEAD_SEAL, &k),
		    SOTTO_OK);
		assert_int_equal(aead_seal(&a, out, 0, text, text, &g),
		    SOTTO_OK);
		for (size_t j = 0; j < 5; j++) {
			assert_int_equal(aead_init(&b, all[j], AEAD_OPEN, &k),
			    SOTTO_OK);
			assert_int_equal(aead_open(&b, back, &got, 0, text,
					     (struct span){ out,
						 aead_sealed_len(all[i],
						     text.n) }),
			    i == j ? SOTTO_OK : SOTTO_EAUTH);
			aead_wipe(&b);
		}
		aead_wipe(&a);
	}
}

static void
test_choosing(void **state)
{
	const struct suite_list weak = {
		{ SUITE_AES128_CBC_HMAC, SUITE_AES128_GCM }, 2
	};
	struct suite_list mine, legacy, other = { { 0x77 }, 1 };
	enum suite s;

	(void)state;
	suite_default(&mine, 0);
	suite_default(&legacy, 1);
	assert_int_equal(mine.n, 3);
	assert_int_equal(legacy.n, 5);
	assert_int_equal(suite_choose(&s, &mine, &weak), SOTTO_OK);
	assert_int_equal(s, SUITE_AES128_GCM);
	/* The chooser's order counts, not that of who offers. */
	assert_int_equal(suite_choose(&s, &legacy, &weak), SOTTO_OK);
	assert_int_equal(s, SUITE_AES128_GCM);
	assert_int_equal(suite_choose(&s, &mine, &other), SOTTO_EAUTH);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(suite_parse(suite_name(all[i]), &s), SOTTO_OK);
		assert_int_equal(s, all[i]);
		assert_int_equal(suite_is_legacy(all[i]), i >= 3);
	}
	assert_int_equal(suite_parse("RC4", &s), SOTTO_EFORMAT);
	assert_false(suite_known(0x77, &s));
}

static void
test_once(void **state)
{
	const struct span text = span_str("only one message under this key");
	const struct key k = counting();
	uint8_t out[64], back[64];
	struct hash th;

	(void)state;
	hash_one(&th, text);
	assert_int_equal(aead_seal_once(out, &k, &th, text), SOTTO_OK);
	assert_int_equal(aead_open_once(back, &k, &th,
			     (struct span){ out, text.n + AEAD_TAG_LEN }),
	    SOTTO_OK);
	assert_memory_equal(back, text.p, text.n);
	th.b[0] ^= 1;
	assert_int_equal(aead_open_once(back, &k, &th,
			     (struct span){ out, text.n + AEAD_TAG_LEN }),
	    SOTTO_EAUTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand_with_labels),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_every_suite),
		cmocka_unit_test(test_suites_do_not_share_keys),
		cmocka_unit_test(test_choosing),
		cmocka_unit_test(test_once),
	};

	if (prim_init() != SOTTO_OK)
		return 99;
	return cmocka_run_group_tests_name("kdf", tests, NULL, NULL);
}
