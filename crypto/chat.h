/*
 * chat - the handshake between two users, through the relay that may read,
 * drop, repeat and forge: E1 CHAT_REQUEST, E2 CHAT_ACCEPT or CHAT_REFUSE,
 * E3 CHAT_KEY, E4 CHAT_FINISHED, and CHAT_CANCEL.
 *
 * Pure machines, one a chat and side.  Every message is bound to the whole
 * conversation before it; consent, refusal and cancel are signed.
 * Source: sotto-protocol(7), CHAT.
 */
#ifndef CRYPTO_CHAT_H
#define CRYPTO_CHAT_H

#include "base/name.h"

#include "crypto/aead.h"
#include "crypto/ident.h"
#include "crypto/trace.h"

#define CHAT_ID_LEN  16
#define CHAT_MSG_MAX 8192 /* no handshake message is longer */
/* An older request is not shown, so that it cannot be stored and replayed. */
#define CHAT_REQUEST_AGE_MAX  (24 * 3600) /* seconds */
#define CHAT_REQUEST_LEAD_MAX 600         /* ... and from the future */
#define CHAT_ANSWER_S         120 /* seconds until an unanswered request ends */

/* What a relayed message is; the relay sees this byte, and uses it for its
 * limits and its log.  It is authenticated inside each message. */
enum chat_type {
	CHAT_REQUEST = 1,
	CHAT_ACCEPT = 2,
	CHAT_REFUSE = 3,
	CHAT_KEY = 4,
	CHAT_FINISHED = 5,
	CHAT_CANCEL = 6,
	CHAT_END = 7,     /* sealed: the chat is over */
	CHAT_MESSAGE = 8, /* sealed: text, receipt and so on */
	CHAT_START = 9,   /* sealed, to somebody who may be offline: prekey.h */
	CHAT_EXPIRED = 10, /* of the relay: a stored message was given up */
	CHAT_TYPING = 11   /* sealed; for who is online, else for nobody */
};

/* chat_is_stored - does the relay keep it until the receiver has it? */
int chat_is_stored(enum chat_type t);

enum chat_reason {
	CHAT_REASON_NO = 1,   /* the user said no */
	CHAT_REASON_BUSY = 2, /* the user is marked busy */
	CHAT_REASON_FULL = 3  /* too many requests or chats at once */
};

struct chat_id {
	uint8_t b[CHAT_ID_LEN];
};

/* Who we are in a chat; all of it is borrowed for the life of the machine. */
struct chat_self {
	const struct ident *id;
	struct span ca;                   /* the authority's certificate */
	const struct cert_anchor *anchor; /* of it, or NULL; outlives chats */
	struct suite_list suites;         /* for chats, in our order */
};

/* Who the other one is, as proven by certificate and signature. */
struct chat_peer {
	struct name name;
	struct hash fingerprint; /* of spki */
	uint8_t spki[RSA_SPKI_MAX];
	size_t spki_len;
	struct device_cert device;
};

/*
 * chat_peer_check - the certificate of our relay for that name, and the device
 * certificate that its key signed.  key is owned by the caller.
 * Errors:  SOTTO_EAUTH, SOTTO_EFORMAT: nothing was written.
 */
enum sotto_err chat_peer_check(struct chat_peer *out, struct rsa_pub **key,
    const struct chat_self *self, const struct name *name, struct span cert,
    struct span device, uint64_t now_ms);

enum chat_state {
	CHAT_S_ASKED,     /* E1 sent, waiting for the answer */
	CHAT_S_ANSWERED,  /* E2 is good, chat_confirm() is next */
	CHAT_S_CONFIRMED, /* E3 sent, waiting for E4 */
	CHAT_S_RINGING,   /* E1 is good, the user has to answer */
	CHAT_S_ACCEPTED,  /* E2 sent, waiting for E3 */
	CHAT_S_OPEN,      /* keys are there */
	CHAT_S_OVER       /* refused, cancelled or failed */
};

enum chat_event {
	CHAT_EV_IGNORED,   /* not for this chat, or forged: nothing changed */
	CHAT_EV_ANSWERED,  /* peer is known now; check the pin, then confirm */
	CHAT_EV_OPEN,      /* out may have a message to send (E4) */
	CHAT_EV_REFUSED,   /* chat_reason_of() */
	CHAT_EV_CANCELLED, /* the other side took the request back */
	CHAT_EV_FAILED     /* the proof is wrong; the chat must not open */
};

struct chat;                    /* secret inside */
void chat_free(struct chat *c); /* wipes; accepts NULL */

/* chat_request - E1 to out.  now_ms: wall clock.  Returns owned, or NULL. */
struct chat *chat_request(const struct chat_self *self, const struct name *to,
    uint64_t now_ms, const struct rng *g, struct trace *trace, struct wr *out);

/*
 * chat_incoming - check an E1 that came from `from`, as the relay says.
 * Errors:  SOTTO_EFORMAT, SOTTO_EAUTH: not shown to anybody, only logged; why
 *          is a static sentence.  Returns owned in *out.
 */
enum sotto_err chat_incoming(struct chat **out, const struct chat_self *self,
    const struct name *from, struct span e1, uint64_t now_ms,
    const struct rng *g, struct trace *trace, const char **why);

/* chat_accept - E2 to out.  Takes eph, a fresh 3072-bit key for this chat. */
enum sotto_err chat_accept(struct chat *c, struct rsa_key *eph, struct wr *out);
/* chat_refuse - E2' to out; the chat is over. */
enum sotto_err chat_refuse(struct chat *c, enum chat_reason why,
    struct wr *out);
/* chat_confirm - E3 to out: the answer came from who the user expects. */
enum sotto_err chat_confirm(struct chat *c, struct wr *out);
/* chat_cancel - in ASKED or ANSWERED; the chat is over. */
enum sotto_err chat_cancel(struct chat *c, struct wr *out);

/*
 * chat_recv - a message of this chat's peer: ACCEPT, REFUSE, KEY, FINISHED or
 * CANCEL.  why is set on CHAT_EV_FAILED and CHAT_EV_IGNORED; static.
 */
enum chat_event chat_recv(struct chat *c, enum chat_type type, struct span body,
    uint64_t now_ms, struct wr *out, const char **why);

/* chat_id_peek - which chat a handshake or sealed message belongs to. */
enum sotto_err chat_id_peek(struct chat_id *out, enum chat_type type,
    struct span body);

enum chat_state chat_state(const struct chat *c);
const struct chat_id *chat_id(const struct chat *c);
/* Known in RINGING and from ANSWERED on; before, only the name is. */
const struct chat_peer *chat_peer(const struct chat *c);
enum chat_reason chat_reason_of(const struct chat *c);

/* What a handshake gives; the ratchet begins with it (ratchet.h). */
struct chat_keys {
	enum suite suite;
	struct chat_id id;
	struct name me, peer;
	struct hash ad; /* binds every message to this handshake */
	int asker;
	struct key root;          /* secret */
	struct key first;         /* secret: of the asked side's first chain */
	struct x25519_sec mine;   /* secret: the asked side's first key */
	struct x25519_pub theirs; /* ... and its point, for the asker */
};
/*
 * chat_keys - in CHAT_S_OPEN, or in CHAT_S_CONFIRMED: E4 may be lost, and a
 * first message in these keys proves them as well.  The machine forgets them:
 * once only.  SOTTO_ESTATE.
 */
enum sotto_err chat_keys(struct chat *c, struct chat_keys *out);

#endif
