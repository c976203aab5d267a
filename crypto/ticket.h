/*
 * ticket - what lets a user of a relay come back without RSA: sealed by the
 * relay for itself, so that it keeps nothing of it.
 * Source: sotto-protocol(7), RESUMPTION.
 */
#ifndef CRYPTO_TICKET_H
#define CRYPTO_TICKET_H

#include "crypto/hs.h"

#define TICKET_ID_LEN   8
#define TICKET_LIFE_S   86400 /* from the last login with RSA */
#define TICKET_USES_MAX 16    /* logins in a row without one */
#define TICKET_KEY_S    3600  /* a key seals that long, and opens a day more */
#define TICKET_KEYS_MAX 26

/* A key of the relay's. */
struct ticket_key {
	uint8_t id[TICKET_ID_LEN];
	struct key key; /* secret */
	uint64_t made_at;
};

struct ticket {
	struct key psk; /* secret */
	struct name user;
	struct hash spki; /* of the user's key: another one, no entry */
	uint64_t full_at; /* seconds since 1970: the last login with RSA */
	uint8_t uses;     /* logins since then */
};

enum sotto_err ticket_seal(uint8_t out[HS_TICKET_LEN],
    const struct ticket_key *k, const struct ticket *t, const struct rng *g);

/*
 * ticket_open - by one of n keys.
 * Errors:  SOTTO_EAUTH: none of them sealed it, or its time or its uses are
 *          over.
 */
enum sotto_err ticket_open(struct ticket *out, const struct ticket_key *keys,
    size_t n, const uint8_t in[HS_TICKET_LEN], uint64_t now);

#endif
