#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/prim.h"

/* The locked heap: room for some hundred RSA keys, in blocks of 32 bytes up. */
#define SECURE_HEAP       (1 << 18)
#define SECURE_HEAP_BLOCK 32

enum sotto_err
prim_init(void)
{
	/* 1: made and locked; 2: made, but the system would not lock it. */
	return CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_HEAP_BLOCK) == 1
	    ? SOTTO_OK
	    : SOTTO_ENOMEM;
}

/*
 * A hash can only fail for want of memory, and going on with a wrong one is
 * worse than stopping; so these functions have no error to forget.
 */
static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "sotto: libcrypto cannot compute %s\n", what);
	abort();
}

static void
digest(const EVP_MD *md, uint8_t *out, const struct span *parts, size_t n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c == NULL || EVP_DigestInit_ex(c, md, NULL) != 1)
		die("a hash");
	for (size_t i = 0; i < n; i++)
		if (EVP_DigestUpdate(c, parts[i].p, parts[i].n) != 1)
			die("a hash");
	if (EVP_DigestFinal_ex(c, out, NULL) != 1)
		die("a hash");
	EVP_MD_CTX_free(c);
}

void
hash_parts(struct hash *out, const struct span *parts, size_t n)
{
	digest(EVP_sha256(), out->b, parts, n);
}

void
hash_one(struct hash *out, struct span in)
{
	hash_parts(out, &in, 1);
}

void
sha512_parts(uint8_t out[64], const struct span *parts, size_t n)
{
	digest(EVP_sha512(), out, parts, n);
}

struct aes {
	EVP_CIPHER_CTX *c; /* holds the key schedule; freed, so wiped */
};

struct aes *
aes_new(enum aes_mode mode, const uint8_t *key, size_t key_len)
{
	const int gcm = mode == AES_GCM_SEAL || mode == AES_GCM_OPEN;
	const int seal = mode == AES_GCM_SEAL || mode == AES_CBC_SEAL;
	const EVP_CIPHER *big = gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
	const EVP_CIPHER *small = gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
	struct aes *a;

	if (key_len != 16 && key_len != 32)
		return NULL;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return NULL;
	a->c = EVP_CIPHER_CTX_new();
	if (a->c == NULL ||
	    EVP_CipherInit_ex(a->c, key_len == 32 ? big : small, NULL, key,
		NULL, seal) != 1) {
		aes_free(a);
		return NULL;
	}
	return a;
}

void
aes_free(struct aes *a)
{
	if (a == NULL)
		return;
	EVP_CIPHER_CTX_free(a->c);
	free(a);
}

/* Nonce, AAD and text through the cipher; the tag is the caller's. */
static int
gcm_run(struct aes *a, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
    struct span aad, struct span in)
{
	int n;

	if (aad.n > INT32_MAX || in.n > INT32_MAX)
		return 0;
	if (EVP_CipherInit_ex(a->c, NULL, NULL, NULL, nonce, -1) != 1)
		return 0;
	if (aad.n > 0 &&
	    EVP_CipherUpdate(a->c, NULL, &n, aad.p, (int)aad.n) != 1)
		return 0;
	return in.n == 0 ||
	    EVP_CipherUpdate(a->c, out, &n, in.p, (int)in.n) == 1;
}

enum sotto_err
aes_gcm_seal(struct aes *a, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
    struct span aad, struct span in)
{
	int n;

	if (!gcm_run(a, out, nonce, aad, in) ||
	    EVP_CipherFinal_ex(a->c, out + in.n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(a->c, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN,
		out + in.n) != 1)
		return SOTTO_ENOMEM;
	return SOTTO_OK;
}

enum sotto_err
aes_gcm_open(struct aes *a, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
    struct span aad, struct span in)
{
	uint8_t tag[AEAD_TAG_LEN];
	int n;

	if (in.n < AEAD_TAG_LEN)
		return SOTTO_EAUTH;
	in.n -= AEAD_TAG_LEN;
	memcpy(tag, in.p + in.n, sizeof(tag));
	if (!gcm_run(a, out, nonce, aad, in) ||
	    EVP_CIPHER_CTX_ctrl(a->c, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
		tag) != 1 ||
	    EVP_CipherFinal_ex(a->c, out + in.n, &n) != 1) {
		secret_wipe(out, in.n);
		return SOTTO_EAUTH;
	}
	return SOTTO_OK;
}

enum sotto_err
aes_cbc_seal(struct aes *a, uint8_t *out, const uint8_t iv[16], struct span in)
{
	int n = 0, last;

	if (in.n > INT32_MAX - 16)
		return SOTTO_ETOOBIG;
	if (EVP_CipherInit_ex(a->c, NULL, NULL, NULL, iv, -1) != 1 ||
	    EVP_CipherUpdate(a->c, out, &n, in.p, (int)in.n) != 1 ||
	    EVP_CipherFinal_ex(a->c, out + n, &last) != 1)
		return SOTTO_ENOMEM;
	return SOTTO_OK;
}

enum sotto_err
aes_cbc_open(struct aes *a, uint8_t *out, size_t *out_len, const uint8_t iv[16],
    struct span in)
{
	int n = 0, last = 0;

	if (in.n == 0 || in.n % 16 != 0 || in.n > INT32_MAX - 16)
		return SOTTO_EAUTH;
	if (EVP_CipherInit_ex(a->c, NULL, NULL, NULL, iv, -1) != 1 ||
	    EVP_CipherUpdate(a->c, out, &n, in.p, (int)in.n) != 1 ||
	    EVP_CipherFinal_ex(a->c, out + n, &last) != 1) {
		secret_wipe(out, in.n);
		return SOTTO_EAUTH;
	}
	*out_len = (size_t)n + (size_t)last;
	return SOTTO_OK;
}
