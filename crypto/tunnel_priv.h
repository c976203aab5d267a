/*
 * tunnel_priv - the inside of a tunnel, for tunnel*.c and for tests that have
 * to force a counter.
 */
#ifndef CRYPTO_TUNNEL_PRIV_H
#define CRYPTO_TUNNEL_PRIV_H

#include "crypto/tunnel.h"

/* One key seals at most that much, and lives at most that long ... */
#define UPDATE_RECORDS (1ULL << 20)
#define UPDATE_BYTES   (1ULL << 34)
#define UPDATE_MS      (3600ULL * 1000)
/* ... and a receiver that sees this many records of one key stops. */
#define RECORDS_HARD (1ULL << 22)

/* u64 message id | u32 total | u32 offset | u8 flags | 3 zero */
#define FRAG_HEAD  20
#define FRAG_FIRST 1
#define FRAG_LAST  2

/* One direction. */
struct tunnel_side {
	struct key secret; /* secret: of this phase */
	struct aead *aead; /* owned; secret; NULL: it rests, or failed */
	uint64_t counter;  /* of the next record; never reset */
	uint8_t direction; /* 0 client to relay, 1 relay to client */
	uint8_t phase;
	uint32_t records; /* under this phase's key, up to RECORDS_HARD */
	uint64_t bytes;
	uint64_t since_ms;
};

struct tunnel_frag {
	int used;
	enum tunnel_kind kind;
	uint64_t id;
	uint32_t total;
	struct buf got;
};

/* What a client keeps of its offer of new keys. */
struct tunnel_offer {
	struct x25519_sec x; /* secret */
	struct x25519_pub ec;
};

/* A relay has ten thousand: in this order there are no holes. */
struct tunnel {
	enum tunnel_role role;
	enum suite suite;
	struct name user;
	unsigned rekeying : 1; /* client: offered; relay: answered */
	unsigned said_bye : 1, failed : 1, peer_closed : 1;
	struct rng g;
	struct tunnel_side out, in;
	struct key rekey;   /* secret: what the next DH rekey hangs on */
	struct key next_in; /* secret, relay: after the client's update */
	struct tunnel_offer *offer; /* owned; client: NULL: none */
	const char *fault;
	uint64_t next_id; /* of our next message */
	/* Owned: TUNNEL_OPEN_MAX, and behind them the last message that came in
	 * pieces; NULL: none. */
	struct tunnel_frag *frag;
};

/* tunnel_fail - sticky; fills in->event. */
void tunnel_fail(struct tunnel *t, const char *fault, struct tunnel_in *in);

/* tunnel_bucket - what n bytes of inner text are padded to, or 0. */
size_t tunnel_bucket(size_t n);

/*
 * tunnel_record - seal one record of content and type, padded to at least pad.
 * SOTTO_ENOSPACE: nothing was written, the counter did not move.
 */
enum sotto_err tunnel_record(struct tunnel *t, enum tunnel_kind type,
    struct span content, size_t pad, struct buf *out);

/* tunnel_record_len - bytes on the wire of n bytes of content. */
size_t tunnel_record_len(const struct tunnel *t, size_t n, size_t pad);

/* tunnel_update_if_due - before a record of a message is sealed. */
enum sotto_err tunnel_update_if_due(struct tunnel *t, uint64_t now_ms,
    struct buf *out);

/* tunnel_fragment - the content of a COMMAND or RELAY record. */
void tunnel_fragment(struct tunnel *t, enum tunnel_kind kind,
    struct span content, struct tunnel_in *in);
int tunnel_has_frags(const struct tunnel *t);
void tunnel_frags_free(struct tunnel *t);

/* Control records: UPDATE and REKEY. */
void tunnel_on_update(struct tunnel *t, struct span content, uint64_t now_ms,
    struct tunnel_in *in);
void tunnel_on_rekey(struct tunnel *t, struct span content, uint64_t now_ms,
    struct buf *out, struct tunnel_in *in);
enum sotto_err tunnel_side_init(struct tunnel_side *s, enum suite suite,
    enum aead_dir dir, const struct key *secret, uint64_t now_ms);
void tunnel_side_wipe(struct tunnel_side *s);
void tunnel_offer_free(struct tunnel *t); /* wipes */
/* tunnel_wake - after tunnel_rest().  SOTTO_ENOMEM: it rests on. */
enum sotto_err tunnel_wake(struct tunnel *t);

#endif
