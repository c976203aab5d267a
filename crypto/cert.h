/*
 * cert - X.509: the relay's authority, its server certificate, users'
 * requests (PKCS#10) and certificates.  All are RSA-PSS with SHA-256; no
 * algorithm is ever chosen by what a certificate says.
 *
 * Source: RFC 5280, RFC 2986; sotto-protocol(7), CERTIFICATES.
 * Thread: any.  Times are seconds since 1970.
 */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "base/name.h"

#include "crypto/prim.h"
#include "crypto/rsa.h"

#define CERT_DER_MAX    2048 /* largest certificate or request we take */
#define CERT_SERIAL_LEN 16
#define CERT_HOST_MAX   253 /* of a DNS name, RFC 1035 */
#define CERT_RELAY_MAX  63  /* of the first host: it is the CN */

/* cert_host_ok - 1 if s may stand in a certificate as a host or address. */
int cert_host_ok(const char *s);

/* ---- making ---- */

struct cert_dates {
	uint64_t not_before, not_after;
};

/* cert_make_ca - self-signed, CA:TRUE with path length 0, keyCertSign. */
enum sotto_err cert_make_ca(struct wr *w, const struct rsa_key *cak,
    const char *relay, struct cert_dates d, const struct rng *g);

/* What the authority signs with. */
struct cert_issuer {
	const struct rsa_key *key; /* borrows */
	struct span cert;          /* its certificate, DER; borrows */
};

/* cert_make_server - hosts: n names or addresses, the first one is the CN. */
enum sotto_err cert_make_server(struct wr *w, const struct cert_issuer *by,
    const struct rsa_pub *server, const char *const *hosts, size_t n,
    struct cert_dates d, const struct rng *g);

/* cert_make_user - CN the name, SAN "sotto:name@relay", clientAuth. */
enum sotto_err cert_make_user(struct wr *w, const struct cert_issuer *by,
    const struct rsa_pub *user, const struct name *name, const char *relay,
    struct cert_dates d, const struct rng *g);

/* csr_make - a request for cert_make_user(), signed by the user's key. */
enum sotto_err csr_make(struct wr *w, const struct rsa_key *user,
    const struct name *name, const char *relay);

/*
 * csr_check - is this a request for exactly that name, signed by its own key,
 * a sound 3072-bit one?  Returns the key owned in *out.
 * Errors:  SOTTO_EFORMAT, SOTTO_EAUTH.
 */
enum sotto_err csr_check(struct rsa_pub **out, struct span csr,
    const struct name *name, const char *relay);

/* ---- reading ---- */

enum cert_fault {
	CERT_OK,
	CERT_MALFORMED, /* not a certificate, or trailing bytes */
	CERT_ALGORITHM, /* not RSA-PSS with SHA-256 */
	CERT_KEY,       /* not a 3072-bit RSA key */
	CERT_ISSUER,    /* not made by this authority */
	CERT_SIGNATURE, /* the authority's signature is wrong */
	CERT_NOT_YET,   /* its time has not begun */
	CERT_EXPIRED,   /* its time is over */
	CERT_NAME,      /* it names somebody else */
	CERT_USE,       /* key use, CA flag or path length do not allow it */
	CERT_CRITICAL   /* it demands something unknown */
};

/* cert_fault_text - "its time is over"; static. */
const char *cert_fault_text(enum cert_fault f);

enum cert_use {
	CERT_SERVER,
	CERT_USER
};

/*
 * An authority whose own certificate was read and checked once, for many that
 * it made.  It keeps what it found: one thread at a time.
 */
struct cert_anchor;
/* cert_anchor_new - of a certificate that has signed itself; owned, or NULL. */
struct cert_anchor *cert_anchor_new(struct span ca);
void cert_anchor_free(struct cert_anchor *a); /* accepts NULL */
/* cert_anchor_is - made of exactly that?  a may be NULL. */
int cert_anchor_is(const struct cert_anchor *a, struct span ca);

/* What a certificate has to prove, to whom, and when. */
struct cert_want {
	enum cert_use use;
	struct span ca;                   /* the authority's certificate, DER */
	const struct cert_anchor *anchor; /* of ca; or NULL: is made */
	const char *host;        /* CERT_SERVER: the address that was dialled */
	const struct name *name; /* CERT_USER */
	const char *relay;       /* CERT_USER */
	uint64_t now;
};

/*
 * cert_verify - the whole check: form, algorithm, key size, chain, dates, key
 * use, name.  On CERT_OK *out is the certified key, owned; out may be NULL.
 */
enum cert_fault cert_verify(struct rsa_pub **out, struct span der,
    const struct cert_want *want);

/*
 * cert_verify_user - the same of a CERT_USER, and that spki, a
 * SubjectPublicKeyInfo, is the certified key: CERT_KEY if it is not.  What an
 * anchor has found good once, it only looks at for its time.
 */
enum cert_fault cert_verify_user(struct span der, const struct cert_want *want,
    struct span spki);

/* cert_verify_ca - is this a proper authority, signed by itself, in time? */
enum cert_fault cert_verify_ca(struct rsa_pub **out, struct span der,
    uint64_t now);

/* cert_fingerprint - SHA-256 of the certificate's SubjectPublicKeyInfo. */
enum sotto_err cert_fingerprint(struct hash *out, struct span der);

/* spki_fingerprint - the same of a bare key. */
enum sotto_err spki_fingerprint(struct hash *out, const struct rsa_pub *p);

/* For people: the parts of a certificate that may be shown. */
struct cert_info {
	char subject[64]; /* the CN */
	char issuer[64];
	char names[256]; /* the SANs, "DNS:a, IP:b", may be cut */
	char serial[2 * 20 + 1];
	uint64_t not_before, not_after;
	size_t bits;
	struct hash fingerprint;
};

/* cert_read_info - trusts nothing; the texts still have to go through
 * text_safe().  SOTTO_EFORMAT. */
enum sotto_err cert_read_info(struct cert_info *out, struct span der);

#endif
