/*
 * rsa - RSA with SHA-256: PSS (salt 32) to sign, OAEP with a label to open,
 * RFC 8017; e = 65537, 2048 to 4096 bits.  Which key may do which is up to
 * the caller: sotto never uses one key for both.
 *
 * Thread: a key may be used by several threads at once, for reading.
 */
#ifndef CRYPTO_RSA_H
#define CRYPTO_RSA_H

#include "base/bytes.h"

#include "crypto/prim.h"

/* Every RSA key of the protocol has this size; an authority may have more. */
#define RSA_BITS     3072
#define RSA_LEN      (RSA_BITS / 8)
#define RSA_BITS_MAX 4096
#define RSA_LEN_MAX  (RSA_BITS_MAX / 8)
/* DER of a SubjectPublicKeyInfo (422 for 3072 bits), of a PKCS#8 key. */
#define RSA_SPKI_MAX  600
#define RSA_PKCS8_MAX 2600

struct rsa_key; /* secret: a private key and its public half */
struct rsa_pub;

/*
 * rsa_generate - a new key, 0.7 s for 3072 bits on the average, at times 2 s.
 * progress may be NULL; it is called now and then and stops the work by
 * answering 0.  Returns owned in *out.
 * Errors:  SOTTO_EAGAIN: stopped; SOTTO_ENOMEM.
 */
enum sotto_err rsa_generate(struct rsa_key **out, unsigned bits,
    int (*progress)(void *ctx), void *ctx);
void rsa_key_free(struct rsa_key *k); /* wipes; accepts NULL */
void rsa_pub_free(struct rsa_pub *p); /* accepts NULL */

/* rsa_pub_of - the public half.  Returns owned, or NULL. */
struct rsa_pub *rsa_pub_of(const struct rsa_key *k);

size_t rsa_pub_bits(const struct rsa_pub *p);

/*
 * PKCS#8 (RFC 5958) and SubjectPublicKeyInfo (RFC 5280) in DER.  Reading
 * refuses trailing bytes, other algorithms, e != 65537 and sizes out of range
 * with SOTTO_EFORMAT.
 */
enum sotto_err rsa_key_write(const struct rsa_key *k, struct wr *w);
enum sotto_err rsa_key_read(struct rsa_key **out, struct span pkcs8);
enum sotto_err rsa_pub_write(const struct rsa_pub *p, struct wr *w);
enum sotto_err rsa_pub_read(struct rsa_pub **out, struct span spki);

/* The bare modulus of a 3072-bit key, big-endian. */
enum sotto_err rsa_pub_modulus(const struct rsa_pub *p, uint8_t n[RSA_LEN]);
/* Refuses, with SOTTO_EFORMAT, what is even or does not have the top bit. */
enum sotto_err rsa_pub_from_modulus(struct rsa_pub **out,
    const uint8_t n[RSA_LEN]);

/*
 * rsa_pub_check - refuse moduli that a broken generator makes: a small factor,
 * a square, the pattern of CVE-2017-15361.  SOTTO_EAUTH.
 */
enum sotto_err rsa_pub_check(const struct rsa_pub *p);

/* The signature has as many bytes as the modulus. */
enum sotto_err rsa_pss_sign(const struct rsa_key *k, struct span in,
    uint8_t *sig, size_t sig_len);
enum sotto_err rsa_pss_verify(const struct rsa_pub *p, struct span in,
    struct span sig);

/* The ciphertext has as many bytes as the modulus. */
enum sotto_err rsa_oaep_seal(const struct rsa_pub *p, struct span label,
    struct span in, uint8_t *out, size_t out_len);

/*
 * rsa_oaep_open - SOTTO_EAUTH for each and every fault of the ciphertext.  The
 * caller must not let anybody tell that from a later failure: see
 * sotto-protocol(7), FAILING.
 */
enum sotto_err rsa_oaep_open(const struct rsa_key *k, struct span label,
    struct span in, uint8_t *out, size_t out_cap, size_t *out_len);

#endif
