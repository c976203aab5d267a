/*
 * prekey - the first message to somebody who is not there: X25519 as in X3DH,
 * with a secret under an RSA-OAEP key beside it.
 *
 * A bundle lies at the relay: certificates, and signed by the device key one
 * X25519 and one RSA key.  One-time keys lie beside it, each signed.  The relay
 * can withhold them; it cannot make any.
 * Source: sotto-protocol(7), PREKEYS; Marlinspike and Perrin, The X3DH Key
 * Agreement Protocol, revision 1.
 */
#ifndef CRYPTO_PREKEY_H
#define CRYPTO_PREKEY_H

#include "crypto/chat.h"

#define PREKEY_BUNDLE_MAX 3072
#define PREKEY_ONE_LEN    (4 + POINT_LEN + ED25519_SIGLEN)
#define PREKEY_ONE_MAX    100 /* one-time keys of a user at the relay */
#define PREKEY_ONE_LOW    20  /* below it, the owner makes new ones */
#define PREKEY_HEAD_MAX   3072
/* Seconds: new keys are made, and the old ones opened no more. */
#define PREKEY_RENEW_S (7 * 24 * 3600)
#define PREKEY_KEEP_S  (28 * 24 * 3600)

/* ---- the owner's side ---- */

/* The private half of a bundle. */
struct prekey_secret {
	uint32_t epoch; /* from 1 */
	uint64_t made_at;
	struct x25519_sec spk;      /* secret */
	uint8_t rpk[RSA_PKCS8_MAX]; /* secret: PKCS#8 */
	size_t rpk_len;
	/* For prekey_answer(): that of the message, if it names one. */
	int has_one;
	struct x25519_sec one; /* secret */
};

/* prekey_bundle - what the relay gets; rpk is the key in s. */
enum sotto_err prekey_bundle(struct wr *w, const struct ident *id,
    const struct prekey_secret *s, const struct suite_list *suites);
/* prekey_one - a one-time key with that number (from 1), for the relay. */
void prekey_one(struct wr *w, const struct ident *id, uint32_t number,
    const struct x25519_sec *sec);

/* ---- the sender's side ---- */

struct prekey_peer {
	struct chat_peer peer;
	uint8_t device[DEVICE_CERT_LEN];
	struct suite_list suites;
	uint32_t epoch;
	struct x25519_pub spk, one;
	uint8_t rpk[RSA_LEN]; /* the modulus */
	uint32_t one_number;  /* 0: none was left */
};

/*
 * prekey_check - a bundle of that name, and one of its one-time keys or
 * nothing.  Errors: SOTTO_EFORMAT, SOTTO_EAUTH; why is a static sentence.
 */
enum sotto_err prekey_check(struct prekey_peer *out,
    const struct chat_self *self, const struct name *name, struct span bundle,
    struct span one, uint64_t now_ms, const char **why);

/*
 * prekey_start - agree with p on keys, without p.  head gets what has to go
 * before each message until p answers.
 * Errors:  SOTTO_EAUTH: no suite in common, or a key of low order.
 */
enum sotto_err prekey_start(struct chat_keys *out, struct wr *head,
    const struct chat_self *self, const struct prekey_peer *p,
    const struct rng *g);

/* ---- the owner, later ---- */

struct prekey_head {
	struct chat_id id;
	uint32_t epoch, one_number;
	struct span cert, device; /* borrow */
	struct x25519_pub ea;
	uint8_t suite;
	struct span oaep;     /* borrows */
	struct span envelope; /* borrows: the sealed message behind the head */
};

/* prekey_head_read - the payload of a CHAT_START.  SOTTO_EFORMAT. */
enum sotto_err prekey_head_read(struct prekey_head *out, struct span payload);

/*
 * prekey_answer - the same keys, and who says to have sent it; whether that is
 * true shows when the envelope opens.
 * Errors:  SOTTO_EAUTH, SOTTO_EFORMAT; why is a static sentence.
 */
enum sotto_err prekey_answer(struct chat_keys *out, struct chat_peer *peer,
    const struct chat_self *self, const struct name *from,
    const struct prekey_head *h, const struct prekey_secret *s, uint64_t now_ms,
    const char **why);

#endif
