/* The doors of libcrypto and libsodium against the vectors of the RFCs. */
#include "crypto/prim.h"

#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/hex.h"

#define SUNSCREEN                                                              \
	"Ladies and Gentlemen of the class of '99: If I could offer you "      \
	"only one tip for the future, sunscreen would be it."

/* FIPS 180-4, the examples of NIST. */
static void
test_sha(void **state)
{
	const struct span abc = span_str("abc");
	const struct span parts[] = { span_str("a"), span_str(""),
		span_str("bc") };
	uint8_t big[64];
	struct hash h;

	(void)state;
	hash_one(&h, abc);
	assert_hex(h.b, HASH_LEN,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_parts(&h, parts, 3);
	assert_hex(h.b, HASH_LEN,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_one(&h, (struct span){ NULL, 0 });
	assert_hex(h.b, HASH_LEN,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha512_parts(big, parts, 3);
	assert_hex(big, 64,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

/* RFC 4231, test cases 1, 2, 6. */
static void
test_hmac(void **state)
{
	static const struct {
		const char *key, *data, *mac;
	} cases[] = {
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		    "4869205468657265",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e"
		    "32cff7" },
		{ "4a656665",
		    "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964"
		    "ec3843" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaa",
		    "54657374205573696e67204c6172676572205468616e20426c6f636b2d"
		    "53697a65204b6579202d2048617368204b6579204669727374",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0e"
		    "e37f54" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct hex key = hex_of(cases[i].key),
				 data = hex_of(cases[i].data);
		const struct span part = HEX_SPAN(data);
		struct hash h;

		hmac_parts(&h, HEX_SPAN(key), &part, 1);
		assert_hex(h.b, HASH_LEN, cases[i].mac);
	}
}

/* RFC 5869, appendix A.1 to A.3. */
static void
test_hkdf(void **state)
{
	static const struct {
		const char *ikm, *salt, *info, *prk, *okm;
	} cases[] = {
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		    "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
		    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7"
		    "c2b3e5",
		    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ec"
		    "c4c5bf34007208d5b887185865" },
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c29"
		    "3ccb04",
		    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c"
		    "738d2d9d201395faa4b61a96c8" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct hex ikm = hex_of(cases[i].ikm),
				 salt = hex_of(cases[i].salt),
				 info = hex_of(cases[i].info);
		uint8_t okm[42];
		struct key prk;
		struct hmac mac;

		hkdf_extract(&prk, HEX_SPAN(salt), HEX_SPAN(ikm));
		assert_hex(prk.b, KEY_LEN, cases[i].prk);
		hmac_key(&mac, SPAN(prk.b));
		hkdf_expand(okm, sizeof(okm), &mac, HEX_SPAN(info));
		assert_hex(okm, sizeof(okm), cases[i].okm);
	}
}

/* RFC 4648, section 10; and that there is one encoding for each value. */
static void
test_base64(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "Zg=", "Zg",
		"Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9v====", "Z===", "Zm-v",
		"====" };
	uint8_t out[16];
	char text[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		base64_write(text, span_str(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(base64_read(out, sizeof(out), &n,
				     span_str(pairs[i][1])),
		    SOTTO_OK);
		assert_int_equal(n, strlen(pairs[i][0]));
		assert_memory_equal(out, pairs[i][0], n);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base64_read(out, sizeof(out), &n,
				     span_str(bad[i])),
		    SOTTO_EFORMAT);
	assert_int_not_equal(base64_read(out, 2, &n, span_str("Zm9v")),
	    SOTTO_OK);
}

/* RFC 7748, section 5.2 and 6.1. */
static void
test_x25519(void **state)
{
	const struct hex u = hex_of("09000000000000000000000000000000000000000"
				    "00000000000000000000000");
	struct x25519_sec s, k;
	struct x25519_pub p;
	struct key out;

	(void)state;
	memcpy(s.b,
	    hex_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc099"
		   "2ab177fba51db92c2a")
		.b,
	    KEY_LEN);
	x25519_pub_of(&p, &s);
	assert_hex(p.b, POINT_LEN,
	    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	memcpy(p.b,
	    hex_of("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674"
		   "dadfc7e146f882b4f")
		.b,
	    POINT_LEN);
	assert_int_equal(x25519_shared(&out, &s, &p), SOTTO_OK);
	assert_hex(out.b, KEY_LEN,
	    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	/* The iteration of section 5.2, a thousand times. */
	memcpy(k.b, u.b, KEY_LEN);
	memcpy(p.b, u.b, POINT_LEN);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(x25519_shared(&out, &k, &p), SOTTO_OK);
		memcpy(p.b, k.b, POINT_LEN);
		memcpy(k.b, out.b, KEY_LEN);
	}
	assert_hex(k.b, KEY_LEN,
	    "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

/* Points of low order give the same "shared" value to everybody. */
static void
test_x25519_low_order(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000"
		"000",
		"0100000000000000000000000000000000000000000000000000000000000"
		"000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b"
		"800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1"
		"157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f"
	};
	const struct rng g = rng_system();
	struct x25519_sec s;
	struct x25519_pub p;
	struct key out;

	(void)state;
	x25519_make(&s, &p, &g);
	for (size_t i = 0; i < 6; i++) {
		memcpy(p.b, hex_of(points[i]).b, POINT_LEN);
		assert_int_equal(x25519_shared(&out, &s, &p), SOTTO_EAUTH);
	}
}

/* RFC 8032, section 7.1: TEST 1 to 3. */
static void
test_ed25519(void **state)
{
	static const struct {
		const char *seed, *pub, *msg, *sig;
	} cases[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae"
		  "7f60",
		    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f7"
		    "07511a",
		    "",
		    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522"
		    "490155"
		    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e"
		    "7a100b" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8"
		  "a6fb",
		    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12a"
		    "f4660c",
		    "72",
		    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223eb"
		    "db69da"
		    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612"
		    "bb0c00" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b44"
		  "58f7",
		    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548"
		    "908025",
		    "af82",
		    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db"
		    "5ac3ac"
		    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea"
		    "1ec40a" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct hex msg = hex_of(cases[i].msg);
		uint8_t sig[ED25519_SIGLEN];
		struct ed25519_seed seed;
		struct ed25519_pub pub;

		memcpy(seed.b, hex_of(cases[i].seed).b, KEY_LEN);
		ed25519_pub_of(&pub, &seed);
		assert_hex(pub.b, KEY_LEN, cases[i].pub);
		ed25519_sign(sig, &seed, HEX_SPAN(msg));
		assert_hex(sig, ED25519_SIGLEN, cases[i].sig);
		assert_int_equal(ed25519_verify(sig, &pub, HEX_SPAN(msg)),
		    SOTTO_OK);
		for (size_t bit = 0; bit < ED25519_SIGLEN * 8; bit += 7) {
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(ed25519_verify(sig, &pub,
					     HEX_SPAN(msg)),
			    SOTTO_EAUTH);
			sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* RFC 9106: the reference program's result for these parameters. */
static void
test_argon2id(void **state)
{
	uint8_t out[32];

	(void)state;
	assert_int_equal(argon2id(out, sizeof(out), span_str("password"),
			     (const uint8_t *)"somesalt12345678", 2, 8 << 20),
	    SOTTO_OK);
	assert_hex(out, sizeof(out),
	    "2f22aff6d74175b36e0075d7efef8539f25981307f6e34baf8f1209c057bf4ea");
	/* More than any machine has: an error, not a crash. */
	assert_int_equal(argon2id(out, sizeof(out), span_str("password"),
			     (const uint8_t *)"somesalt12345678", 2,
			     1ULL << 41),
	    SOTTO_ENOMEM);
}

/* Each bit of the sealed text and of the AAD, and each shorter length. */
#define refuse_all(open_call, buf, len)                                        \
	for (size_t bit_ = 0; bit_ < (len)*8; bit_++) {                        \
		(buf)[bit_ / 8] ^= (uint8_t)(1 << bit_ % 8);                   \
		assert_int_equal(open_call, SOTTO_EAUTH);                      \
		(buf)[bit_ / 8] ^= (uint8_t)(1 << bit_ % 8);                   \
	}

/* RFC 8439, section 2.8.2. */
static void
test_chacha20_poly1305(void **state)
{
	static const char want[] =
	    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	    "3ff4def08e4b7a9de576d26586cec64b6116"
	    "1ae10b594f09e26a7e902ecbd0600691";
	struct hex nonce = hex_of("070000004041424344454647"),
		   aad = hex_of("50515253c0c1c2c3c4c5c6c7");
	uint8_t out[200], back[200];
	struct span sealed = { out, strlen(SUNSCREEN) + AEAD_TAG_LEN };
	struct key k;

	(void)state;
	for (uint8_t i = 0; i < KEY_LEN; i++)
		k.b[i] = (uint8_t)(0x80 + i);
	chacha_seal(out, &k, nonce.b, HEX_SPAN(aad), span_str(SUNSCREEN));
	assert_hex(out, sealed.n, want);
	assert_int_equal(chacha_open(back, &k, nonce.b, HEX_SPAN(aad), sealed),
	    SOTTO_OK);
	assert_memory_equal(back, SUNSCREEN, strlen(SUNSCREEN));
	refuse_all(chacha_open(back, &k, nonce.b, HEX_SPAN(aad), sealed), out,
	    sealed.n);
	refuse_all(chacha_open(back, &k, nonce.b, HEX_SPAN(aad), sealed), aad.b,
	    aad.n);
	for (sealed.n = 0; sealed.n < strlen(SUNSCREEN) + AEAD_TAG_LEN;
	     sealed.n++)
		assert_int_equal(chacha_open(back, &k, nonce.b, HEX_SPAN(aad),
				     sealed),
		    SOTTO_EAUTH);
}

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
static void
test_xchacha20_poly1305(void **state)
{
	static const char want[] =
	    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	    "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	    "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	    "21f9664c97637da9768812f615c68b13b52e"
	    "c0875924c1c7987947deafd8780acf49";
	struct hex aad = hex_of("50515253c0c1c2c3c4c5c6c7");
	uint8_t out[200], back[200], nonce[XCHACHA_NONCE];
	struct span sealed = { out, strlen(SUNSCREEN) + AEAD_TAG_LEN };
	struct key k;

	(void)state;
	for (uint8_t i = 0; i < KEY_LEN; i++)
		k.b[i] = (uint8_t)(0x80 + i);
	for (uint8_t i = 0; i < XCHACHA_NONCE; i++)
		nonce[i] = (uint8_t)(0x40 + i);
	xchacha_seal(out, &k, nonce, HEX_SPAN(aad), span_str(SUNSCREEN));
	assert_hex(out, sealed.n, want);
	assert_int_equal(xchacha_open(back, &k, nonce, HEX_SPAN(aad), sealed),
	    SOTTO_OK);
	assert_memory_equal(back, SUNSCREEN, strlen(SUNSCREEN));
	refuse_all(xchacha_open(back, &k, nonce, HEX_SPAN(aad), sealed), out,
	    sealed.n);
	for (sealed.n = 0; sealed.n < strlen(SUNSCREEN) + AEAD_TAG_LEN;
	     sealed.n++)
		assert_int_equal(xchacha_open(back, &k, nonce, HEX_SPAN(aad),
				     sealed),
		    SOTTO_EAUTH);
}

/* McGrew and Viega, "The Galois/Counter Mode", test cases 4 and 16; what
 * SP 800-38D refers to. */
static void
test_aes_gcm(void **state)
{
	static const char key[] = "feffe9928665731c6d6a8f9467308308"
				  "feffe9928665731c6d6a8f9467308308";
	static const char *const want[] = {
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca1"
		"2e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc9"
		"4fbc3221a5db94fae95ae7121a47",
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1"
		"aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc"
		"6ece0f4e1768cddf8853bb2d551b"
	};
	const struct hex k = hex_of(key),
			 nonce = hex_of("cafebabefacedbaddecaf888"),
			 aad = hex_of("feedfacedeadbeeffeedfacedeadbeefabadda"
				      "d2"),
			 text = hex_of(
			     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da"
			     "2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
			     "b16aedf5aa0de657ba637b39");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const size_t key_len = i == 0 ? 16 : 32;
		struct aes *seal = aes_new(AES_GCM_SEAL, k.b, key_len);
		struct aes *open = aes_new(AES_GCM_OPEN, k.b, key_len);
		uint8_t out[128], back[128];
		struct span sealed = { out, text.n + AEAD_TAG_LEN };

		/* Twice: the context is used again and again. */
		for (int twice = 0; twice < 2; twice++) {
			assert_int_equal(aes_gcm_seal(seal, out, nonce.b,
					     HEX_SPAN(aad), HEX_SPAN(text)),
			    SOTTO_OK);
			assert_hex(out, sealed.n, want[i]);
			assert_int_equal(aes_gcm_open(open, back, nonce.b,
					     HEX_SPAN(aad), sealed),
			    SOTTO_OK);
			assert_memory_equal(back, text.b, text.n);
		}
		refuse_all(aes_gcm_open(open, back, nonce.b, HEX_SPAN(aad),
			       sealed),
		    out, sealed.n);
		for (sealed.n = 0; sealed.n < text.n + AEAD_TAG_LEN; sealed.n++)
			assert_int_equal(aes_gcm_open(open, back, nonce.b,
					     HEX_SPAN(aad), sealed),
			    SOTTO_EAUTH);
		aes_free(seal);
		aes_free(open);
	}
}

/* RFC 3602, section 4, case 1; the second block is our padding. */
static void
test_aes_cbc(void **state)
{
	const struct hex key = hex_of("06a9214036b8a15b512e03d534120006"),
			 iv = hex_of("3dafba429d9eb430b422da802c9fac41");
	struct aes *seal = aes_new(AES_CBC_SEAL, key.b, 16);
	struct aes *open = aes_new(AES_CBC_OPEN, key.b, 16);
	uint8_t out[64], back[64];
	size_t n;

	(void)state;
	assert_int_equal(aes_cbc_seal(seal, out, iv.b,
			     span_str("Single block msg")),
	    SOTTO_OK);
	assert_hex(out, (size_t)16, "e353779c1079aeb82708942dbe77181a");
	assert_int_equal(aes_cbc_open(open, back, &n, iv.b,
			     (struct span){ out, 32 }),
	    SOTTO_OK);
	assert_int_equal(n, 16);
	assert_memory_equal(back, "Single block msg", 16);
	/* Not whole blocks, and a padding that is none. */
	for (size_t cut = 0; cut < 32; cut++)
		if (cut != 16)
			assert_int_not_equal(aes_cbc_open(open, back, &n, iv.b,
						 (struct span){ out, cut }),
			    SOTTO_OK);
	out[31] ^= 1;
	assert_int_not_equal(aes_cbc_open(open, back, &n, iv.b,
				 (struct span){ out, 32 }),
	    SOTTO_OK);
	aes_free(seal);
	aes_free(open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_x25519),
		cmocka_unit_test(test_x25519_low_order),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_argon2id),
		cmocka_unit_test(test_chacha20_poly1305),
		cmocka_unit_test(test_xchacha20_poly1305),
		cmocka_unit_test(test_aes_gcm),
		cmocka_unit_test(test_aes_cbc),
	};

	if (prim_init() != SOTTO_OK)
		return 99;
	return cmocka_run_group_tests_name("prim", tests, NULL, NULL);
}
