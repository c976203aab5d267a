/*
 * prim - the primitives, as few as sotto needs, each with one shape.
 *
 * This header is the only face of OpenSSL's libcrypto (prim_openssl.c,
 * prim_rsa.c) and of libsodium (prim_sodium.c) for everything above.  Sizes
 * are in the types; secret and public keys are different types, so that
 * swapping them does not compile.  No function reads a clock; randomness is a
 * parameter, but for RSA, whose library draws its own.
 *
 * Thread: any; nothing here keeps state between calls.
 */
#ifndef CRYPTO_PRIM_H
#define CRYPTO_PRIM_H

#include "base/bytes.h"

#define HASH_LEN       32
#define KEY_LEN        32
#define POINT_LEN      32
#define ED25519_SIGLEN 64
#define AEAD_TAG_LEN   16
#define AEAD_NONCE_LEN 12
#define XCHACHA_NONCE  24
#define ARGON2_SALT    16

struct hash {
	uint8_t b[HASH_LEN];
};

struct key {
	uint8_t b[KEY_LEN]; /* secret */
};

/*
 * prim_init - once, before any key: a locked heap for libcrypto's private
 * numbers.  SOTTO_ENOMEM if it cannot be had; keys then lie on the ordinary
 * heap and the caller decides whether to go on.
 */
enum sotto_err prim_init(void);

/* Where random bytes come from: the system, or a test's repeatable stream. */
struct rng {
	void (*fill)(void *ctx, void *p, size_t n);
	void *ctx;
};

/* rng_system - libsodium's randombytes_buf (getrandom). */
struct rng rng_system(void);
void rng_fill(const struct rng *g, void *p, size_t n);

/* ---- SHA-256, SHA-512 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869) ---- */

/* hash_parts - SHA-256 over the parts, one after the other. */
void hash_parts(struct hash *out, const struct span *parts, size_t n);
void hash_one(struct hash *out, struct span in);

void sha512_parts(uint8_t out[64], const struct span *parts, size_t n);

/* hmac_parts - HMAC-SHA256 over the parts, one after the other. */
void hmac_parts(struct hash *out, struct span key, const struct span *parts,
    size_t n);

/*
 * The same with a key that has been taken in before, for one that is used more
 * than once: taking it in is half of the work of a short text.
 */
struct hmac {
	_Alignas(8) uint8_t state[208]; /* secret; libsodium's */
};
void hmac_key(struct hmac *h, struct span key);
void hmac_with(struct hash *out, const struct hmac *h, const struct span *parts,
    size_t n);

void hkdf_extract(struct key *out, struct span salt, struct span ikm);

/* hkdf_expand - n <= 8160 bytes of output keying material. */
void hkdf_expand(uint8_t *out, size_t n, const struct hmac *prk,
    struct span info);

/* ---- base64 with padding (RFC 4648 section 4) ---- */

#define BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* base64_write - out needs BASE64_LEN(in.n) + 1 bytes; NUL-terminated. */
void base64_write(char *out, struct span in);

/* base64_read - one encoding for each value, nothing else: SOTTO_EFORMAT. */
enum sotto_err base64_read(uint8_t *out, size_t cap, size_t *n,
    struct span text);

/* ---- X25519 (RFC 7748) ---- */

struct x25519_sec {
	uint8_t b[KEY_LEN]; /* secret */
};

struct x25519_pub {
	uint8_t b[POINT_LEN];
};

void x25519_make(struct x25519_sec *sec, struct x25519_pub *pub,
    const struct rng *g);
void x25519_pub_of(struct x25519_pub *pub, const struct x25519_sec *sec);

/* x25519_shared - SOTTO_EAUTH if theirs is a point of low order. */
enum sotto_err x25519_shared(struct key *out, const struct x25519_sec *mine,
    const struct x25519_pub *theirs);

/* ---- Ed25519 (RFC 8032) ---- */

struct ed25519_seed {
	uint8_t b[KEY_LEN]; /* secret */
};

struct ed25519_pub {
	uint8_t b[KEY_LEN];
};

void ed25519_pub_of(struct ed25519_pub *pub, const struct ed25519_seed *seed);
void ed25519_sign(uint8_t sig[ED25519_SIGLEN], const struct ed25519_seed *seed,
    struct span in);
enum sotto_err ed25519_verify(const uint8_t sig[ED25519_SIGLEN],
    const struct ed25519_pub *pub, struct span in);

/* ---- Argon2id (RFC 9106), version 1.3 ---- */

/*
 * argon2id - n bytes from a passphrase; takes mem bytes of memory and about a
 * second.  Errors: SOTTO_ENOMEM.
 */
enum sotto_err argon2id(uint8_t *out, size_t n, struct span pass,
    const uint8_t salt[ARGON2_SALT], uint32_t passes, uint64_t mem);

/* ---- XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) ---- */

/* out gets in.n + AEAD_TAG_LEN bytes. */
void xchacha_seal(uint8_t *out, const struct key *k,
    const uint8_t nonce[XCHACHA_NONCE], struct span aad, struct span in);

/* out gets in.n - AEAD_TAG_LEN bytes; untouched unless SOTTO_OK. */
enum sotto_err xchacha_open(uint8_t *out, const struct key *k,
    const uint8_t nonce[XCHACHA_NONCE], struct span aad, struct span in);

/* ---- ChaCha20-Poly1305 (RFC 8439), AES-GCM (SP 800-38D), AES-CBC ---- */

void chacha_seal(uint8_t *out, const struct key *k,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in);
enum sotto_err chacha_open(uint8_t *out, const struct key *k,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in);

/* A keyed AES context: the key schedule is made once and serves many calls. */
struct aes;

enum aes_mode {
	AES_GCM_SEAL,
	AES_GCM_OPEN,
	AES_CBC_SEAL,
	AES_CBC_OPEN
};

/*
 * aes_new - key_len is 16 or 32.  Returns owned, or NULL; aes_free wipes the
 * key schedule and accepts NULL.
 */
struct aes *aes_new(enum aes_mode mode, const uint8_t *key, size_t key_len);
void aes_free(struct aes *a);

/* out gets in.n + AEAD_TAG_LEN bytes.  SOTTO_ENOMEM if the library fails. */
enum sotto_err aes_gcm_seal(struct aes *a, uint8_t *out,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in);
/* out gets in.n - AEAD_TAG_LEN bytes, valid only if SOTTO_OK. */
enum sotto_err aes_gcm_open(struct aes *a, uint8_t *out,
    const uint8_t nonce[AEAD_NONCE_LEN], struct span aad, struct span in);

/* PKCS#7 padding; seal gives 16 * (in.n / 16 + 1) bytes, open at most in.n. */
enum sotto_err aes_cbc_seal(struct aes *a, uint8_t *out, const uint8_t iv[16],
    struct span in);
enum sotto_err aes_cbc_open(struct aes *a, uint8_t *out, size_t *out_len,
    const uint8_t iv[16], struct span in);

#endif
