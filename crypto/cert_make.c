/* Certificates and requests that we make; see cert.h. */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "crypto/cert.h"
#include "crypto/cert_x509.h"
#include "crypto/prim_rsa.h"

/* Two seconds' worth of hosts; longer lists do not fit a record. */
#define SAN_MAX 1024

int
cert_host_ok(const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > CERT_HOST_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '.' || c == '-' ||
			c == ':'))
			return 0;
	}
	return s[0] != '.' && s[0] != '-';
}

static int
is_address(const char *host)
{
	uint8_t buf[16];

	return inet_pton(AF_INET, host, buf) == 1 ||
	    inet_pton(AF_INET6, host, buf) == 1;
}

static int
set_name(X509_NAME *n, const char *cn)
{
	return X509_NAME_add_entry_by_txt(n, "O", MBSTRING_ASC,
		   (const uint8_t *)"sotto", -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC,
		(const uint8_t *)cn, -1, -1, 0) == 1;
}

static int
set_serial(X509 *x, const struct rng *g)
{
	uint8_t raw[CERT_SERIAL_LEN];
	BIGNUM *bn;
	int ok;

	rng_fill(g, raw, sizeof(raw));
	/* Positive, and always of the same length. */
	raw[0] = (uint8_t)((raw[0] & 0x3f) | 0x40);
	bn = BN_bin2bn(raw, sizeof(raw), NULL);
	ok = bn != NULL &&
	    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL;
	BN_free(bn);
	return ok;
}

static int
set_dates(X509 *x, struct cert_dates d)
{
	return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)d.not_before) !=
	    NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)d.not_after) != NULL;
}

static int
add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX c;
	X509_EXTENSION *ext;
	int ok;

	X509V3_set_ctx(&c, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &c, nid, value);
	ok = ext != NULL && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

/* The parameters of every signature here: PSS, SHA-256, salt 32. */
static EVP_MD_CTX *
signer(const struct rsa_key *k)
{
	EVP_MD_CTX *m = EVP_MD_CTX_new();
	EVP_PKEY_CTX *c = NULL;

	if (m != NULL &&
	    EVP_DigestSignInit(m, &c, EVP_sha256(), NULL, prim_rsa_key(k)) ==
		1 &&
	    EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(c, 32) == 1)
		return m;
	EVP_MD_CTX_free(m);
	return NULL;
}

static enum sotto_err
sign_and_write(struct wr *w, X509 *x, const struct rsa_key *k)
{
	EVP_MD_CTX *m = signer(k);
	enum sotto_err e = SOTTO_ENOMEM;
	uint8_t *der = NULL;
	int n = -1;

	if (m != NULL && X509_sign_ctx(x, m) > 0)
		n = i2d_X509(x, &der);
	if (n > 0) {
		wr_bytes(w, der, (size_t)n);
		e = wr_end(w);
	}
	OPENSSL_free(der);
	EVP_MD_CTX_free(m);
	return e;
}

static X509 *
start(const struct rsa_pub *key, const char *cn, struct cert_dates d,
    const struct rng *g)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 &&
	    set_serial(x, g) && set_dates(x, d) &&
	    set_name(X509_get_subject_name(x), cn) &&
	    X509_set_pubkey(x, prim_rsa_pub(key)) == 1)
		return x;
	X509_free(x);
	return NULL;
}

enum sotto_err
cert_make_ca(struct wr *w, const struct rsa_key *cak, const char *relay,
    struct cert_dates d, const struct rng *g)
{
	struct rsa_pub *pub = rsa_pub_of(cak);
	char cn[64 + 1];
	X509 *x = NULL;
	enum sotto_err e = SOTTO_ENOMEM;

	/* A common name has at most 64 characters (RFC 5280 appendix A). */
	(void)snprintf(cn, sizeof(cn), "authority of %.50s", relay);
	if (pub != NULL)
		x = start(pub, cn, d, g);
	if (x != NULL && set_name(X509_get_issuer_name(x), cn) &&
	    add_ext(x, x, NID_basic_constraints,
		"critical,CA:TRUE,pathlen:0") &&
	    add_ext(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    add_ext(x, x, NID_subject_key_identifier, "hash") &&
	    add_ext(x, x, NID_authority_key_identifier, "keyid"))
		e = sign_and_write(w, x, cak);
	X509_free(x);
	rsa_pub_free(pub);
	return e;
}

/* What server and user certificates share. */
static enum sotto_err
make_leaf(struct wr *w, const struct cert_issuer *by, X509 *x,
    const char *ext_use, const char *san)
{
	X509 *ca = x509_parse(by->cert);
	enum sotto_err e = SOTTO_ENOMEM;

	if (x != NULL && ca != NULL &&
	    X509_set_issuer_name(x, X509_get_subject_name(ca)) == 1 &&
	    add_ext(x, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_ext(x, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_ext(x, ca, NID_ext_key_usage, ext_use) &&
	    add_ext(x, ca, NID_subject_alt_name, san) &&
	    add_ext(x, ca, NID_subject_key_identifier, "hash") &&
	    add_ext(x, ca, NID_authority_key_identifier, "keyid"))
		e = sign_and_write(w, x, by->key);
	X509_free(x);
	X509_free(ca);
	return e;
}

enum sotto_err
cert_make_server(struct wr *w, const struct cert_issuer *by,
    const struct rsa_pub *server, const char *const *hosts, size_t n,
    struct cert_dates d, const struct rng *g)
{
	char san[SAN_MAX] = "", cn[64 + 1];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int r;

		if (!cert_host_ok(hosts[i]))
			return SOTTO_EFORMAT;
		r = snprintf(san + len, sizeof(san) - len, "%s%s:%s",
		    i > 0 ? "," : "", is_address(hosts[i]) ? "IP" : "DNS",
		    hosts[i]);
		if (r < 0 || (size_t)r >= sizeof(san) - len)
			return SOTTO_ETOOBIG;
		len += (size_t)r;
	}
	if (n == 0 || strlen(hosts[0]) > CERT_RELAY_MAX)
		return SOTTO_EFORMAT;
	(void)snprintf(cn, sizeof(cn), "%s", hosts[0]);
	return make_leaf(w, by, start(server, cn, d, g), "serverAuth", san);
}

static void
user_uri(char out[512], const struct name *name, const char *relay)
{
	(void)snprintf(out, 512, "URI:sotto:%s@%s", name->s, relay);
}

enum sotto_err
cert_make_user(struct wr *w, const struct cert_issuer *by,
    const struct rsa_pub *user, const struct name *name, const char *relay,
    struct cert_dates d, const struct rng *g)
{
	char san[512];

	if (!cert_host_ok(relay))
		return SOTTO_EFORMAT;
	user_uri(san, name, relay);
	return make_leaf(w, by, start(user, name->s, d, g), "clientAuth", san);
}

static int
add_san_to_csr(X509_REQ *r, const char *san)
{
	STACK_OF(X509_EXTENSION) *exts = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *ext =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	int ok = 0;

	if (exts != NULL && ext != NULL && sk_X509_EXTENSION_push(exts, ext)) {
		ext = NULL; /* the stack owns it */
		ok = X509_REQ_add_extensions(r, exts) == 1;
	}
	X509_EXTENSION_free(ext);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return ok;
}

enum sotto_err
csr_make(struct wr *w, const struct rsa_key *user, const struct name *name,
    const char *relay)
{
	X509_REQ *r = X509_REQ_new();
	EVP_MD_CTX *m = signer(user);
	enum sotto_err e = SOTTO_ENOMEM;
	uint8_t *der = NULL;
	char san[512];
	int n = -1;

	user_uri(san, name, relay);
	if (!cert_host_ok(relay))
		e = SOTTO_EFORMAT;
	else if (r != NULL && m != NULL &&
	    X509_REQ_set_version(r, X509_REQ_VERSION_1) == 1 &&
	    set_name(X509_REQ_get_subject_name(r), name->s) &&
	    X509_REQ_set_pubkey(r, prim_rsa_key(user)) == 1 &&
	    add_san_to_csr(r, san) && X509_REQ_sign_ctx(r, m) > 0)
		n = i2d_X509_REQ(r, &der);
	if (n > 0) {
		wr_bytes(w, der, (size_t)n);
		e = wr_end(w);
	}
	OPENSSL_free(der);
	EVP_MD_CTX_free(m);
	X509_REQ_free(r);
	return e;
}
