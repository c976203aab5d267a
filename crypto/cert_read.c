/* Requests, and what people are shown of a certificate; see cert.h. */
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/cert.h"
#include "crypto/cert_x509.h"
#include "crypto/prim_rsa.h"

static int
csr_is_signed_our_way(const X509_REQ *r)
{
	const X509_ALGOR *alg;

	X509_REQ_get0_signature(r, NULL, &alg);
	return x509_alg_is_ours(alg);
}

static int
csr_names(X509_REQ *r, const struct name *name, const char *relay)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(r);
	GENERAL_NAMES *sans =
	    X509V3_get_d2i(exts, NID_subject_alt_name, NULL, NULL);
	int ok = sk_X509_EXTENSION_num(exts) == 1 &&
	    x509_names_user(sans, X509_REQ_get_subject_name(r), name, relay);

	GENERAL_NAMES_free(sans);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return ok;
}

enum sotto_err
csr_check(struct rsa_pub **out, struct span csr, const struct name *name,
    const char *relay)
{
	const uint8_t *at = csr.p;
	X509_REQ *r = NULL;
	struct rsa_pub *key = NULL;
	EVP_PKEY *p;
	enum sotto_err e = SOTTO_EFORMAT;

	if (csr.n > 0 && csr.n <= CERT_DER_MAX)
		r = d2i_X509_REQ(NULL, &at, (long)csr.n);
	if (r == NULL || at != csr.p + csr.n || !csr_is_signed_our_way(r))
		goto out;
	if ((p = X509_REQ_get_pubkey(r)) == NULL ||
	    (key = prim_rsa_pub_wrap(p)) == NULL ||
	    rsa_pub_bits(key) != RSA_BITS)
		goto out;
	e = SOTTO_EAUTH;
	if (X509_REQ_verify(r, prim_rsa_pub(key)) != 1 ||
	    !csr_names(r, name, relay))
		goto out;
	if ((e = rsa_pub_check(key)) == SOTTO_OK) {
		*out = key;
		key = NULL;
	}
out:
	rsa_pub_free(key);
	X509_REQ_free(r);
	return e;
}

static uint64_t
seconds_of(const ASN1_TIME *t)
{
	struct tm tm;
	time_t s;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	s = timegm(&tm);
	return s < 0 ? 0 : (uint64_t)s;
}

/* "DNS:a, IP:1.2.3.4, URI:sotto:alice@a", cut where it does not fit. */
static void
write_sans(char *out, size_t cap, X509 *x)
{
	GENERAL_NAMES *sans =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	BIO *b = BIO_new(BIO_s_mem());
	int n = 0;

	for (int i = 0; b != NULL && i < sk_GENERAL_NAME_num(sans); i++) {
		if (i > 0)
			(void)BIO_puts(b, ", ");
		(void)GENERAL_NAME_print(b, sk_GENERAL_NAME_value(sans, i));
	}
	if (b != NULL)
		n = BIO_read(b, out, (int)cap - 1);
	out[n > 0 ? n : 0] = '\0';
	BIO_free(b);
	GENERAL_NAMES_free(sans);
}

static void
write_cn(char *out, size_t cap, const X509_NAME *n)
{
	if (X509_NAME_get_text_by_NID(n, NID_commonName, out, (int)cap) < 0)
		out[0] = '\0';
}

static void
write_serial(char *out, size_t cap, const X509 *x)
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = bn == NULL ? NULL : BN_bn2hex(bn);

	(void)snprintf(out, cap, "%s", hex == NULL ? "" : hex);
	OPENSSL_free(hex);
	BN_free(bn);
}

enum sotto_err
cert_read_info(struct cert_info *out, struct span der)
{
	const uint8_t *at = der.p;
	struct cert_info ci;
	EVP_PKEY *p;
	X509 *x;
	enum sotto_err e;

	if ((e = cert_fingerprint(&ci.fingerprint, der)) != SOTTO_OK)
		return e;
	if ((x = d2i_X509(NULL, &at, (long)der.n)) == NULL)
		return SOTTO_EFORMAT;
	write_cn(ci.subject, sizeof(ci.subject), X509_get_subject_name(x));
	write_cn(ci.issuer, sizeof(ci.issuer), X509_get_issuer_name(x));
	write_sans(ci.names, sizeof(ci.names), x);
	write_serial(ci.serial, sizeof(ci.serial), x);
	ci.not_before = seconds_of(X509_get0_notBefore(x));
	ci.not_after = seconds_of(X509_get0_notAfter(x));
	p = X509_get0_pubkey(x);
	ci.bits = (size_t)EVP_PKEY_get_bits(p);
	*out = ci;
	X509_free(x);
	return SOTTO_OK;
}
