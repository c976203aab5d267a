/*
 * prim_rsa - what the files of the libcrypto door share, and nobody else: a
 * lint check keeps this header out of all others.
 */
#ifndef CRYPTO_PRIM_RSA_H
#define CRYPTO_PRIM_RSA_H

#include <openssl/evp.h>

#include "crypto/rsa.h"

/* Both borrow; the EVP_PKEY lives as long as the key. */
EVP_PKEY *prim_rsa_key(const struct rsa_key *k);
EVP_PKEY *prim_rsa_pub(const struct rsa_pub *p);

/* prim_rsa_pub_wrap - Takes p, also on failure.  NULL if it is not a key that
 * rsa_pub_read() would take. */
struct rsa_pub *prim_rsa_pub_wrap(EVP_PKEY *p);

#endif
