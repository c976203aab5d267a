/*
 * kdf - the one key schedule: HKDF-SHA256 with labels, chained.
 * Source: sotto-protocol(7), KEYS; the shape is that of RFC 8446 section 7.1.
 */
#ifndef CRYPTO_KDF_H
#define CRYPTO_KDF_H

#include "crypto/prim.h"

#define KDF_LABEL_MAX 32

/* A secret that several keys are derived from, made ready for it. */
struct prk {
	struct hmac mac; /* secret */
};
void prk_init(struct prk *out, const struct key *secret);

/*
 * prk_expand, kdf_expand - HKDF-Expand with info
 * u16 n | u8 len | "sotto1 " label | u8 len | ctx; ctx may be NULL (empty).
 * n <= 8160; the label has at most KDF_LABEL_MAX bytes.
 */
void prk_expand(uint8_t *out, size_t n, const struct prk *secret,
    const char *label, const struct hash *ctx);
void kdf_expand(uint8_t *out, size_t n, const struct key *secret,
    const char *label, const struct hash *ctx);

/* prk_key, kdf_key - the same to a key. */
void prk_key(struct key *out, const struct prk *secret, const char *label,
    const struct hash *ctx);
void kdf_key(struct key *out, const struct key *secret, const char *label,
    const struct hash *ctx);

/* kdf_start - the head of the chain: Extract(salt 0^32, psk or 0^32). */
void kdf_start(struct prk *out, const struct key *psk);

/*
 * kdf_chain - mix one more secret into s, in place:
 * s = Extract(salt Expand(s, "derived", SHA256("")), ikm or 0^32).
 */
void kdf_chain(struct prk *s, const struct key *ikm);

/* prk_mac, kdf_mac - HMAC-SHA256 under a key. */
void prk_mac(struct hash *out, const struct prk *k, struct span in);
void kdf_mac(struct hash *out, const struct key *k, struct span in);

#endif
