/*
 * ident - who a user is: the name, three keys, the certificates, and the relay
 * they belong to; and its form inside the key file.
 *
 * The RSA key signs and nothing else, the Ed25519 key signs for the device,
 * the X25519 key agrees; none is derived from another.
 * Source: sotto-protocol(7), KEYS OF A USER.
 */
#ifndef CRYPTO_IDENT_H
#define CRYPTO_IDENT_H

#include "base/name.h"

#include "crypto/cert.h"
#include "crypto/invite.h"
#include "crypto/prim.h"
#include "crypto/rsa.h"
#include "crypto/sign.h"

#define DEVICE_ID_LEN   16
#define DEVICE_CERT_LEN 498

/* How the user made sure of the relay's key. */
enum ident_pin {
	PIN_LINE = 1, /* the machine compared a sotto: line */
	PIN_WORDS,    /* ... pasted or typed words */
	PIN_DIGITS,   /* ... pasted or typed digits */
	PIN_EYE,      /* the user said that the words are the same */
	PIN_UNCHECKED /* nobody: "server not checked" */
};

/*
 * The struct itself must lie in secret memory (ident_new): it holds private
 * keys in bytes.  The RSA key is kept as PKCS#8 and only turned into a key
 * object for the moment of signing, because libcrypto then makes copies of it
 * on the ordinary heap that go when the object goes.
 */
struct ident {
	struct name name;
	uint8_t device_id[DEVICE_ID_LEN];
	uint8_t uik[RSA_PKCS8_MAX]; /* secret: PKCS#8 */
	size_t uik_len;
	struct ed25519_seed dsk; /* secret */
	struct x25519_sec dik;   /* secret */
	struct key master;       /* secret: everything at rest hangs on it */
	uint8_t device_cert[DEVICE_CERT_LEN];
	uint8_t cert[CERT_DER_MAX]; /* the relay's certificate of uik */
	size_t cert_len;            /* 0: not enrolled yet */

	char host[INVITE_HOST_MAX + 1];
	uint16_t port;
	char relay[CERT_HOST_MAX + 1]; /* the name that certificates use */
	struct hash authority;         /* pinned: SHA-256 of its SPKI */
	enum ident_pin pin_how;
	uint64_t pinned_at; /* seconds since 1970 */
	uint64_t created_at;

	/* While an enrolment is under way: to be able to finish it. */
	int has_token;
	uint8_t token_id[INVITE_TOKEN_ID_LEN];
	struct key token; /* secret */
};

/* ident_new - zeroed, in guarded memory.  Owned, or NULL. */
struct ident *ident_new(void);
void ident_free(struct ident *id); /* wipes; accepts NULL */

/*
 * ident_make_keys - take over the RSA key (Takes nothing: copies it) and draw
 * all the others; name must be set.  Makes the device certificate, valid from
 * now on for 10 years.
 */
enum sotto_err ident_make_keys(struct ident *id, const struct rsa_key *uik,
    uint64_t now, const struct rng *g);

/* ident_key - the RSA key, owned by the caller, to be freed right after use. */
enum sotto_err ident_key(const struct ident *id, struct rsa_key **out);

/* ident_spki - the DER of the RSA key's public half. */
enum sotto_err ident_spki(const struct ident *id, struct wr *w);

/* ident_write, ident_read - the TLV inside the key file. */
enum sotto_err ident_write(const struct ident *id, struct wr *w);
enum sotto_err ident_read(struct ident *id, struct span plain);

/* ---- device certificates ---- */

struct device_cert {
	struct name name;
	uint8_t device_id[DEVICE_ID_LEN];
	struct ed25519_pub dsk;
	struct x25519_pub dik;
	uint64_t not_before, not_after;
};

/*
 * device_cert_check - form, dates, name, and uik's signature over it.
 * Errors:  SOTTO_EFORMAT, SOTTO_EAUTH.
 */
enum sotto_err device_cert_check(struct device_cert *out, struct span in,
    const struct rsa_pub *uik, const struct name *name, uint64_t now);

#endif
