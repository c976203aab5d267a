#include "crypto/cert.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cert_seen.h"
#include "crypto/cert_x509.h"
#include "crypto/prim_rsa.h"

/* OpenSSL's name for "at least 128 bits": RSA-3072 and SHA-256 or better. */
#define AUTH_LEVEL 3

const char *
cert_fault_text(enum cert_fault f)
{
	switch (f) {
	case CERT_OK:
		return "it is good";
	case CERT_MALFORMED:
		return "it is malformed";
	case CERT_ALGORITHM:
		return "it is not signed with RSA-PSS and SHA-256";
	case CERT_KEY:
		return "its key is not RSA with 3072 bits";
	case CERT_ISSUER:
		return "another authority made it";
	case CERT_SIGNATURE:
		return "its signature is wrong";
	case CERT_NOT_YET:
		return "its time has not begun";
	case CERT_EXPIRED:
		return "its time is over";
	case CERT_NAME:
		return "it names somebody else";
	case CERT_USE:
		return "it is not meant for this use";
	case CERT_CRITICAL:
		return "it demands something unknown";
	}
	return "it is bad";
}

/* What signs it, as written inside and outside of the signed part. */
static int
is_signed_our_way(const X509 *x)
{
	const X509_ALGOR *outer;

	X509_get0_signature(NULL, &outer, x);
	return x509_alg_is_ours(outer) &&
	    x509_alg_is_ours(X509_get0_tbs_sigalg(x));
}

static enum cert_fault
fault_of(int verify_error)
{
	switch (verify_error) {
	case X509_V_OK:
		return CERT_OK;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return CERT_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return CERT_NOT_YET;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return CERT_SIGNATURE;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return CERT_NAME;
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		return CERT_CRITICAL;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
		return CERT_KEY;
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return CERT_ALGORITHM;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SUBJECT_ISSUER_MISMATCH:
	case X509_V_ERR_AKID_SKID_MISMATCH:
		return CERT_ISSUER;
	default:
		return CERT_USE;
	}
}

static int
set_host(X509_VERIFY_PARAM *p, const char *host)
{
	uint8_t buf[16];

	if (inet_pton(AF_INET, host, buf) == 1 ||
	    inet_pton(AF_INET6, host, buf) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return X509_VERIFY_PARAM_set1_host(p, host, strlen(host)) == 1;
}

/* ---- the authority ---- */

struct cert_anchor {
	uint8_t der[CERT_DER_MAX];
	size_t n;
	X509_STORE *store; /* with it, and nothing else */
	struct cert_seen *seen;
};

struct cert_anchor *
cert_anchor_new(struct span ca)
{
	X509 *x = x509_parse(ca);
	struct cert_anchor *a = NULL;

	if (x != NULL && X509_self_signed(x, 1) == 1 &&
	    (a = calloc(1, sizeof(*a))) != NULL) {
		memcpy(a->der, ca.p, ca.n);
		a->n = ca.n;
		a->store = X509_STORE_new();
		a->seen = cert_seen_new();
		if (a->store == NULL || a->seen == NULL ||
		    X509_STORE_add_cert(a->store, x) != 1) {
			cert_anchor_free(a);
			a = NULL;
		}
	}
	X509_free(x);
	return a;
}

void
cert_anchor_free(struct cert_anchor *a)
{
	if (a == NULL)
		return;
	X509_STORE_free(a->store);
	cert_seen_free(a->seen);
	free(a);
}

int
cert_anchor_is(const struct cert_anchor *a, struct span ca)
{
	return a != NULL && span_eq((struct span){ a->der, a->n }, ca);
}

/* RFC 5280 path validation with a as the only anchor. */
static enum cert_fault
verify_path(X509 *x, const struct cert_anchor *a, int purpose, const char *host,
    uint64_t now)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *p;
	enum cert_fault f = CERT_MALFORMED;

	if (c == NULL || X509_STORE_CTX_init(c, a->store, x, NULL) != 1)
		goto out;
	p = X509_STORE_CTX_get0_param(c);
	X509_VERIFY_PARAM_set_time(p, (time_t)now);
	X509_VERIFY_PARAM_set_auth_level(p, AUTH_LEVEL);
	X509_VERIFY_PARAM_set_depth(p, 1);
	/* That the authority has signed itself was checked with the anchor. */
	if (X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_X509_STRICT) != 1)
		goto out;
	if (purpose != 0 && X509_VERIFY_PARAM_set_purpose(p, purpose) != 1)
		goto out;
	if (host != NULL && !set_host(p, host))
		goto out;
	(void)X509_verify_cert(c);
	f = fault_of(X509_STORE_CTX_get_error(c));
out:
	X509_STORE_CTX_free(c);
	return f;
}

/* A purpose check lets a missing extension pass; here it must be there. */
static int
has_use(X509 *x, enum cert_use use)
{
	uint32_t want = use == CERT_SERVER ? XKU_SSL_SERVER : XKU_SSL_CLIENT;

	return (X509_get_extension_flags(x) &
		   (EXFLAG_KUSAGE | EXFLAG_XKUSAGE)) ==
	    (EXFLAG_KUSAGE | EXFLAG_XKUSAGE) &&
	    X509_get_key_usage(x) == KU_DIGITAL_SIGNATURE &&
	    X509_get_extended_key_usage(x) == want && X509_check_ca(x) == 0;
}

static int
cert_names_user(X509 *x, const struct cert_want *want)
{
	GENERAL_NAMES *sans =
	    X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int ok = x509_names_user(sans, X509_get_subject_name(x), want->name,
	    want->relay);

	GENERAL_NAMES_free(sans);
	return ok;
}

static struct rsa_pub *
key_of(X509 *x)
{
	EVP_PKEY *p = X509_get_pubkey(x);

	return p == NULL ? NULL : prim_rsa_pub_wrap(p);
}

static enum cert_fault
verify_leaf(X509 *x, const struct cert_anchor *a, const struct cert_want *want)
{
	const int server = want->use == CERT_SERVER;
	enum cert_fault f;

	if (!is_signed_our_way(x))
		return CERT_ALGORITHM;
	f = verify_path(x, a,
	    server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT,
	    server ? want->host : NULL, want->now);
	if (f != CERT_OK)
		return f;
	if (!has_use(x, want->use))
		return CERT_USE;
	if (!server && !cert_names_user(x, want))
		return CERT_NAME;
	return CERT_OK;
}

enum cert_fault
cert_verify(struct rsa_pub **out, struct span der, const struct cert_want *want)
{
	struct cert_anchor *made =
	    want->anchor == NULL ? cert_anchor_new(want->ca) : NULL;
	const struct cert_anchor *a = made != NULL ? made : want->anchor;
	X509 *x = x509_parse(der);
	struct rsa_pub *key = NULL;
	enum cert_fault f = CERT_MALFORMED;

	if (x == NULL || a == NULL)
		goto out;
	key = key_of(x);
	if (key == NULL || rsa_pub_bits(key) != RSA_BITS) {
		f = CERT_KEY;
		goto out;
	}
	f = verify_leaf(x, a, want);
	if (f == CERT_OK && out != NULL) {
		*out = key;
		key = NULL;
	}
out:
	rsa_pub_free(key);
	X509_free(x);
	cert_anchor_free(made);
	return f;
}

/* Is it for that key?  Then remember it, with its time. */
static enum cert_fault
verify_anew(struct span der, const struct cert_want *want, struct span spki,
    const struct hash *what)
{
	uint8_t certified[RSA_SPKI_MAX];
	struct rsa_pub *key = NULL;
	struct cert_info info;
	enum cert_fault f = cert_verify(&key, der, want);
	struct wr w;

	if (f != CERT_OK)
		return f;
	wr_init(&w, certified, sizeof(certified));
	if (rsa_pub_write(key, &w) != SOTTO_OK || !span_eq(wr_out(&w), spki))
		f = CERT_KEY;
	else if (want->anchor != NULL && cert_read_info(&info, der) == SOTTO_OK)
		cert_seen_put(want->anchor->seen, what, info.not_before,
		    info.not_after);
	rsa_pub_free(key);
	return f;
}

enum cert_fault
cert_verify_user(struct span der, const struct cert_want *want,
    struct span spki)
{
	/* With its NUL, so that it cannot run into what follows. */
	const struct span name = { (const uint8_t *)want->name->s,
		strlen(want->name->s) + 1 };
	struct hash what;

	hash_parts(&what,
	    (const struct span[]){ der, spki, name, span_str(want->relay) }, 4);
	if (want->anchor != NULL &&
	    cert_seen_good(want->anchor->seen, &what, want->now))
		return CERT_OK;
	return verify_anew(der, want, spki, &what);
}

enum cert_fault
cert_verify_ca(struct rsa_pub **out, struct span der, uint64_t now)
{
	X509 *x = x509_parse(der);
	struct cert_anchor *a = NULL;
	struct rsa_pub *key = NULL;
	enum cert_fault f = CERT_MALFORMED;

	if (x == NULL)
		return CERT_MALFORMED;
	key = key_of(x);
	if (key == NULL || rsa_pub_bits(key) < RSA_BITS)
		f = CERT_KEY;
	else if (!is_signed_our_way(x))
		f = CERT_ALGORITHM;
	else if (X509_check_ca(x) != 1 ||
	    (X509_get_key_usage(x) & KU_KEY_CERT_SIGN) == 0)
		f = CERT_USE;
	else if (X509_self_signed(x, 0) != 1)
		f = CERT_ISSUER;
	else if ((a = cert_anchor_new(der)) == NULL)
		f = CERT_SIGNATURE;
	else
		f = verify_path(x, a, 0, NULL, now);
	if (f == CERT_OK && out != NULL) {
		*out = key;
		key = NULL;
	}
	cert_anchor_free(a);
	rsa_pub_free(key);
	X509_free(x);
	return f;
}

enum sotto_err
spki_fingerprint(struct hash *out, const struct rsa_pub *p)
{
	uint8_t der[RSA_SPKI_MAX];
	struct wr w;
	enum sotto_err e;

	wr_init(&w, der, sizeof(der));
	if ((e = rsa_pub_write(p, &w)) == SOTTO_OK)
		hash_one(out, wr_out(&w));
	return e;
}

enum sotto_err
cert_fingerprint(struct hash *out, struct span der)
{
	X509 *x = x509_parse(der);
	struct rsa_pub *key = x == NULL ? NULL : key_of(x);
	enum sotto_err e = SOTTO_EFORMAT;

	if (key != NULL)
		e = spki_fingerprint(out, key);
	rsa_pub_free(key);
	X509_free(x);
	return e;
}
