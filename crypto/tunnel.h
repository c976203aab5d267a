/*
 * tunnel - the sealed connection after the handshake: records with a counter
 * in the AAD, fragments, key updates, authenticated close.
 *
 * A pure machine: record frames go in whole, messages come out; messages go
 * in, record frames are appended to the caller's buffer.  The first thing that
 * is wrong with a record ends the tunnel; nothing after it is looked at.
 *
 * Source: sotto-protocol(7), RECORDS, FRAGMENTS, REKEYING, CLOSE.
 */
#ifndef CRYPTO_TUNNEL_H
#define CRYPTO_TUNNEL_H

#include "base/buf.h"

#include "crypto/aead.h"
#include "crypto/hs.h"

#define TUNNEL_TYPE      0x20 /* first byte of every record */
#define TUNNEL_HEAD_LEN  5    /* type, key phase, u24 length */
#define TUNNEL_INNER_MAX 16384
#define TUNNEL_BODY_MAX  (TUNNEL_INNER_MAX + 80) /* with any suite's extra */
#define TUNNEL_AAD_LEN   64

/* Inner texts are padded to 512, 1024, 2048, 4096, 8192 or 16384 bytes. */
#define TUNNEL_PAD_MIN 512
/* What handshakes between clients are padded to, so that yes looks like no. */
#define TUNNEL_PAD_CHAT 4096

/* Largest message of each kind. */
#define TUNNEL_COMMAND_MAX (1 << 20)
#define TUNNEL_RELAY_MAX   65536
/* Fragments that may wait for their rest, in one connection. */
#define TUNNEL_OPEN_MAX       8
#define TUNNEL_OPEN_BYTES_MAX (4 << 20)

enum tunnel_kind {
	TUNNEL_COMMAND = 1,
	TUNNEL_RELAY = 2,
	/* 3 is kept for files */
	TUNNEL_UPDATE = 4, /* the next record of this side has a new key */
	TUNNEL_REKEY = 5,  /* X25519 points for new keys of both sides */
	TUNNEL_PING = 6,
	TUNNEL_CLOSE = 7
};

enum tunnel_close {
	TUNNEL_CLOSE_BYE = 0,      /* the user leaves */
	TUNNEL_CLOSE_STOPPING = 1, /* the relay stops */
	TUNNEL_CLOSE_REPLACED = 2, /* the same user logged in elsewhere */
	TUNNEL_CLOSE_REVOKED = 3,  /* the admin has revoked the user */
	TUNNEL_CLOSE_IDLE = 4,     /* no sign of life */
	TUNNEL_CLOSE_SLOW = 5,     /* does not read what it is sent */
	TUNNEL_CLOSE_ABUSE = 6,    /* over a limit that clients know */
	TUNNEL_CLOSE_AGE = 7       /* 24 hours are over: log in again */
};

/* tunnel_close_text - for people; static. */
const char *tunnel_close_text(enum tunnel_close c);

enum tunnel_role {
	TUNNEL_CLIENT,
	TUNNEL_SERVER
};

enum tunnel_event {
	TUNNEL_EV_NONE,    /* nothing for the layer above */
	TUNNEL_EV_COMMAND, /* msg is a whole command */
	TUNNEL_EV_RELAY,   /* msg is a whole relay message */
	TUNNEL_EV_PONG,    /* the peer answered a ping */
	TUNNEL_EV_CLOSED,  /* the peer closed, properly: close says why */
	TUNNEL_EV_FAILED   /* err says why; close the connection at once */
};

struct tunnel_in {
	uint8_t *scratch; /* the caller's: room for TUNNEL_BODY_MAX bytes */
	/* All else is set by tunnel_recv(): */
	enum tunnel_event event;
	struct span msg;         /* borrows scratch or t, until the next call */
	size_t pad;              /* the bucket it came in, to send on alike */
	enum tunnel_close close; /* TUNNEL_EV_CLOSED */
	uint64_t lost; /* ... records of ours that the peer did not get */
};

struct tunnel; /* secret inside */

/* tunnel_new - copies the keys.  Returns owned, or NULL. */
struct tunnel *tunnel_new(const struct hs_keys *k, enum tunnel_role role,
    uint64_t now_ms, const struct rng *g);
void tunnel_free(struct tunnel *t); /* wipes; accepts NULL */

/*
 * The same where the caller has the memory: tunnel_size() bytes of zeros.
 * tunnel_init - SOTTO_ENOMEM.  tunnel_end - wipes; accepts NULL.
 */
size_t tunnel_size(void);
enum sotto_err tunnel_init(struct tunnel *t, const struct hs_keys *k,
    enum tunnel_role role, uint64_t now_ms, const struct rng *g);
void tunnel_end(struct tunnel *t);

/*
 * tunnel_rest - nothing is expected for a while: gives back the ciphers' key
 * schedules and empty tables, which come again with the next record.
 */
void tunnel_rest(struct tunnel *t);

/* tunnel_head_ok - may a record have this length?  Before taking room. */
int tunnel_head_ok(uint32_t len);

/*
 * tunnel_recv - one whole record frame.  Answers (pong, rekeying) are appended
 * to out.
 */
void tunnel_recv(struct tunnel *t, struct span frame, uint64_t now_ms,
    struct buf *out, struct tunnel_in *in);

/*
 * tunnel_send - seal a message, in as many records as it takes; each padded to
 * at least pad bytes.  Only TUNNEL_COMMAND and TUNNEL_RELAY.
 * Errors:  SOTTO_ETOOBIG; SOTTO_ENOSPACE: out is at its limit, nothing was
 *          written; SOTTO_ESTATE: closed or failed.
 */
enum sotto_err tunnel_send(struct tunnel *t, enum tunnel_kind kind,
    struct span msg, size_t pad, uint64_t now_ms, struct buf *out);

/* tunnel_ping - ask for a sign of life. */
enum sotto_err tunnel_ping(struct tunnel *t, uint64_t now_ms, struct buf *out);

/* tunnel_rekey - client only: fresh X25519 secrets for both directions. */
enum sotto_err tunnel_rekey(struct tunnel *t, uint64_t now_ms, struct buf *out);

/* tunnel_bye - the authenticated close; nothing can be sent after it. */
enum sotto_err tunnel_bye(struct tunnel *t, enum tunnel_close why,
    uint64_t now_ms, struct buf *out);

/* After TUNNEL_EV_FAILED: what was wrong, for the log and the user; static. */
const char *tunnel_fault(const struct tunnel *t);

/* 1 if messages were cut: some fragments never got their rest. */
int tunnel_has_cut_message(const struct tunnel *t);

#endif
