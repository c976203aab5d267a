/*
 * ratchet_priv - the state of a ratchet, for ratchet.c and ratchet_state.c.
 */
#ifndef CRYPTO_RATCHET_PRIV_H
#define CRYPTO_RATCHET_PRIV_H

#include "crypto/ratchet.h"

struct chain {
	struct key key; /* secret: of the next message */
	uint32_t n;     /* its number */
	int on;
};

/* The key of a message that has not come. */
struct skipped {
	struct x25519_pub dh;
	uint32_t n;
	uint64_t at;    /* seconds: when it was passed over */
	struct key key; /* secret */
};

/* What a step changes; small, so that a try is a copy. */
struct ratchet_core {
	struct key root;        /* secret */
	struct x25519_sec mine; /* secret */
	struct x25519_pub mine_pub, theirs;
	struct chain send, recv; /* secret */
	uint32_t pn;             /* messages of our chain before this one */
	uint64_t n_sent;
	uint64_t
	    expected; /* the lowest counter that was not seen, nor passed */
	uint8_t heard;
	struct x25519_pub past[RATCHET_PAST]; /* theirs; the newest first */
	uint8_t n_past;
};

struct ratchet {
	enum suite suite;
	struct chat_id id;
	struct name me, peer;
	struct hash ad;
	struct ratchet_core c; /* secret */
	struct key live;       /* secret */
	int has_live;
	uint64_t live_seen;   /* not on disk */
	struct skipped *skip; /* secret: owned; the oldest first */
	size_t n_skip, cap_skip;
};

/* ratchet_live_key - out of the first root key. */
void ratchet_live_key(struct ratchet *r, const struct key *root);

/* ratchet_room - for n more skipped keys.  0: memory ran out. */
int ratchet_room(struct ratchet *r, size_t n);

#endif
