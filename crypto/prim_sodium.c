#include <sodium.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/prim.h"

/*
 * HMAC and HKDF are here and not at libcrypto's door: for inputs as short as
 * ours its way to the algorithm takes longer than the algorithm (make bench).
 */
void
hmac_parts(struct hash *out, struct span key, const struct span *parts,
    size_t n)
{
	struct hmac h; /* secret */

	hmac_key(&h, key);
	hmac_with(out, &h, parts, n);
	WIPE(h);
}

_Static_assert(sizeof(struct hmac) == sizeof(crypto_auth_hmacsha256_state) &&
	_Alignof(struct hmac) >= _Alignof(crypto_auth_hmacsha256_state),
    "struct hmac does not hold libsodium's state");

void
hmac_key(struct hmac *h, struct span key)
{
	(void)crypto_auth_hmacsha256_init((void *)h, key.p, key.n);
}

void
hmac_with(struct hash *out, const struct hmac *h, const struct span *parts,
    size_t n)
{
	crypto_auth_hmacsha256_state st; /* secret */

	memcpy(&st, h, sizeof(st));
	for (size_t i = 0; i < n; i++)
		(void)crypto_auth_hmacsha256_update(&st, parts[i].p,
		    parts[i].n);
	(void)crypto_auth_hmacsha256_final(&st, out->b);
	WIPE(st);
}

void
hkdf_extract(struct key *out, struct span salt, struct span ikm)
{
	struct hash h; /* secret */

	hmac_parts(&h, salt, &ikm, 1);
	memcpy(out->b, h.b, KEY_LEN);
	WIPE(h);
}

/* RFC 5869 section 2.3: T(i) = HMAC(prk, T(i - 1) | info | i). */
void
hkdf_expand(uint8_t *out, size_t n, const struct hmac *prk, struct span info)
{
	struct hash t = { { 0 } }; /* secret */
	uint8_t count = 0;
	size_t before = 0;

	while (n > 0) {
		const size_t part = n < HASH_LEN ? n : HASH_LEN;

		count++;
		hmac_with(&t, prk,
		    (const struct span[]){ { t.b, before }, info,
			{ &count, 1 } },
		    3);
		before = HASH_LEN;
		memcpy(out, t.b, part);
		out += part;
		n -= part;
	}
	WIPE(t);
}

static void
system_fill(void *ctx, void *p, size_t n)
{
	(void)ctx;
	randombytes_buf(p, n);
}

struct rng
rng_system(void)
{
	return (struct rng){ system_fill, NULL };
}

void
rng_fill(const struct rng *g, void *p, size_t n)
{
	g->fill(g->ctx, p, n);
}

void
base64_write(char *out, struct span in)
{
	(void)sodium_bin2base64(out, BASE64_LEN(in.n) + 1, in.p, in.n,
	    sodium_base64_VARIANT_ORIGINAL);
}

enum sotto_err
base64_read(uint8_t *out, size_t cap, size_t *n, struct span text)
{
	const char *end;

	if (sodium_base642bin(out, cap, (const char *)text.p, text.n, NULL, n,
		&end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    end != (const char *)text.p + text.n)
		return SOTTO_EFORMAT;
	return SOTTO_OK;
}

void
x25519_pub_of(struct x25519_pub *pub, const struct x25519_sec *sec)
{
	(void)crypto_scalarmult_base(pub->b, sec->b);
}

void
x25519_make(struct x25519_sec *sec, struct x25519_pub *pub, const struct rng *g)
{
	rng_fill(g, sec->b, sizeof(sec->b));
	x25519_pub_of(pub, sec);
}

enum sotto_err
x25519_shared(struct key *out, const struct x25519_sec *mine,
    const struct x25519_pub *theirs)
{
	struct key k; /* secret */
	enum sotto_err e = SOTTO_EAUTH;

	/* libsodium refuses an all-zero result (RFC 7748 section 6.1). */
	if (crypto_scalarmult(k.b, mine->b, theirs->b) == 0) {
		*out = k;
		e = SOTTO_OK;
	}
	WIPE(k);
	return e;
}

void
ed25519_pub_of(struct ed25519_pub *pub, const struct ed25519_seed *seed)
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES]; /* secret */

	(void)crypto_sign_seed_keypair(pub->b, sk, seed->b);
	WIPE(sk);
}

void
ed25519_sign(uint8_t sig[ED25519_SIGLEN], const struct ed25519_seed *seed,
    struct span in)
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES]; /* secret */
	uint8_t pk[crypto_sign_PUBLICKEYBYTES];

	(void)crypto_sign_seed_keypair(pk, sk, seed->b);
	(void)crypto_sign_detached(sig, NULL, in.p, in.n, sk);
	WIPE(sk);
}

enum sotto_err
ed25519_verify(const uint8_t sig[ED25519_SIGLEN], const struct ed25519_pub *pub,
    struct span in)
{
	return crypto_sign_verify_detached(sig, in.p, in.n, pub->b) == 0
	    ? SOTTO_OK
	    : SOTTO_EAUTH;
}

enum sotto_err
argon2id(uint8_t *out, size_t n, struct span pass,
    const uint8_t salt[ARGON2_SALT], uint32_t passes, uint64_t mem)
{
	if (mem > SIZE_MAX)
		return SOTTO_ENOMEM;
	return crypto_pwhash(out, n, (const char *)pass.p, pass.n, salt, passes,
		   (size_t)mem, crypto_pwhash_ALG_ARGON2ID13) == 0
	    ? SOTTO_OK
	    : SOTTO_ENOMEM;
}

void
xchacha_seal(uint8_t *out, const struct key *k,
    const uint8_t nonce[XCHACHA_NONCE], struct span aad, struct span in)
{
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in.p, in.n,
	    aad.p, aad.n, NULL, nonce, k->b);
}

enum sotto_err
xchacha_open(uint8_t *out, const struct key *k,
    const uint8_t nonce[XCHACHA_NONCE], struct span aad, struct span in)
{
	if (in.n < AEAD_TAG_LEN)
		return SOTTO_EAUTH;
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in.p,
		   in.n, aad.p, aad.n, nonce, k->b) == 0
	    ? SOTTO_OK
	    : SOTTO_EAUTH;
}

void
chacha_seal(uint8_t *out, const struct key *k,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in)
{
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in.p, in.n,
	    aad.p, aad.n, NULL, nonce, k->b);
}

enum sotto_err
chacha_open(uint8_t *out, const struct key *k,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in)
{
	if (in.n < AEAD_TAG_LEN)
		return SOTTO_EAUTH;
	return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, in.p,
		   in.n, aad.p, aad.n, nonce, k->b) == 0
	    ? SOTTO_OK
	    : SOTTO_EAUTH;
}
