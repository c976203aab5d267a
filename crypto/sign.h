/*
 * sign - RSA-PSS signatures bound to a context: PSS(key, ctx 0x00 hash).
 * Source: sotto-protocol(7), SIGNATURES.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "crypto/prim.h"
#include "crypto/rsa.h"

#define SIG_LEN RSA_LEN

/* The closed list: no two texts are equal, none looks like DER. */
enum sign_ctx {
	SIGN_C2S_SERVER,  /* M2, by the relay's identity key */
	SIGN_C2S_CLIENT,  /* M3, by the user's */
	SIGN_E2E_REQUEST, /* E1 */
	SIGN_E2E_ACCEPT,  /* E2 */
	SIGN_E2E_REFUSE,  /* E2' */
	SIGN_E2E_KEY,     /* E3 */
	SIGN_E2E_CANCEL,  /* E1 taken back */
	SIGN_DEVICE       /* the device certificate */
};

/* sign_ctx_text - "sotto1 c2s server" and so on; static. */
const char *sign_ctx_text(enum sign_ctx c);

/* sign_hash - k must have 3072 bits.  SOTTO_ENOMEM, SOTTO_ENOSPACE. */
enum sotto_err sign_hash(uint8_t sig[SIG_LEN], const struct rsa_key *k,
    enum sign_ctx c, const struct hash *h);

/* sign_check - SOTTO_EAUTH if sig is not p's signature of h in context c. */
enum sotto_err sign_check(const uint8_t sig[SIG_LEN], const struct rsa_pub *p,
    enum sign_ctx c, const struct hash *h);

#endif
