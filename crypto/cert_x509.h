/*
 * cert_x509 - what the three files of cert share over libcrypto's types; a
 * lint check keeps this header out of all others.
 */
#ifndef CRYPTO_CERT_X509_H
#define CRYPTO_CERT_X509_H

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/cert.h"

/* x509_parse - the one certificate in der, nothing behind it; owned or NULL. */
X509 *x509_parse(struct span der);

/* x509_alg_is_ours - RSASSA-PSS, SHA-256, MGF1 with SHA-256, salt 32. */
int x509_alg_is_ours(const X509_ALGOR *alg);

/* x509_names_user - the one SAN is "sotto:name@relay" and the CN is name. */
int x509_names_user(const GENERAL_NAMES *sans, const X509_NAME *subject,
    const struct name *name, const char *relay);

#endif
