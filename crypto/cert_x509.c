#include "crypto/cert_x509.h"

#include <stdio.h>
#include <string.h>

X509 *
x509_parse(struct span der)
{
	const uint8_t *at = der.p;
	X509 *x;

	if (der.n == 0 || der.n > CERT_DER_MAX)
		return NULL;
	x = d2i_X509(NULL, &at, (long)der.n);
	if (x != NULL && at != der.p + der.n) {
		X509_free(x);
		return NULL;
	}
	return x;
}

int
x509_alg_is_ours(const X509_ALGOR *alg)
{
	/* RFC 4055 section 3.1; one encoding, compared as bytes. */
	static const uint8_t ours[] = { 0x30, 0x41, 0x06, 0x09, 0x2a, 0x86,
		0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0,
		0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
		0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a,
		0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
		0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
		0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01,
		0x20 };
	uint8_t *der = NULL;
	int n = i2d_X509_ALGOR(alg, &der);
	int ok = n == (int)sizeof(ours) && memcmp(der, ours, sizeof(ours)) == 0;

	OPENSSL_free(der);
	return ok;
}

int
x509_names_user(const GENERAL_NAMES *sans, const X509_NAME *subject,
    const struct name *name, const char *relay)
{
	char want[512], cn[64];
	const GENERAL_NAME *g;
	const ASN1_STRING *uri;

	if (sans == NULL || sk_GENERAL_NAME_num(sans) != 1)
		return 0;
	g = sk_GENERAL_NAME_value(sans, 0);
	if (g->type != GEN_URI)
		return 0;
	uri = g->d.uniformResourceIdentifier;
	(void)snprintf(want, sizeof(want), "sotto:%s@%s", name->s, relay);
	return span_eq(span_str(want),
		   (struct span){ ASN1_STRING_get0_data(uri),
		       (size_t)ASN1_STRING_length(uri) }) &&
	    X509_NAME_get_text_by_NID(subject, NID_commonName, cn, sizeof(cn)) >
	    0 &&
	    strcmp(cn, name->s) == 0;
}
