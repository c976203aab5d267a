/*
 * wire - what client and relay say to each other inside the tunnel: commands,
 * and messages to be passed on.  The one codec of both programs.
 *
 * Decoders are total: they take all of the input or refuse it, know no
 * optional fields, and borrow from the input.
 * Source: sotto-protocol(7), COMMANDS and RELAYED MESSAGES.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include "base/name.h"

#include "crypto/cert.h"
#include "crypto/chat.h"
#include "crypto/prekey.h"

/* ---- relayed messages (TUNNEL_RELAY) ---- */

#define WIRE_RELAY_HEAD (1 + 8 + NAME_WIRE_LEN)

/*
 * u8 type | u64 ref | name | payload.  To the relay, name is the receiver and
 * ref the sender's number for WIRE_SENT; from the relay, name is the sender,
 * and ref zero, or of a stored message (chat_is_stored()) its place in the
 * mailbox, for WIRE_ACK.  The payload has no field that a relay could read.
 */
struct wire_relay {
	enum chat_type type;
	uint64_t ref;
	struct name name;
	struct span payload; /* borrows */
};

enum sotto_err wire_relay_read(struct wire_relay *out, struct span in);
void wire_relay_write(struct wr *w, const struct wire_relay *m);

/*
 * wire_relay_turn - make, in place, what the receiver gets out of what the
 * sender sent: the name becomes from, ref becomes place.
 */
void wire_relay_turn(uint8_t *msg, const struct name *from, uint64_t place);

/* ---- commands (TUNNEL_COMMAND) ---- */

#define WIRE_PATTERN_MAX NAME_MAX_LEN
#define WIRE_FOUND_MAX   50
#define WIRE_LIST_MAX    512 /* people in one piece of the list */
/* No command is longer. */
#define WIRE_CMD_MAX                                                           \
	(16 + WIRE_LIST_MAX * WIRE_PERSON_LEN + PREKEY_BUNDLE_MAX +            \
	    PREKEY_ONE_MAX * PREKEY_ONE_LEN)

enum wire_cmd_type {
	/* client to relay */
	WIRE_WATCH = 1,     /* tell me who is online, now and from now on */
	WIRE_STATE = 2,     /* I am busy, or free again */
	WIRE_SEARCH = 3,    /* who has a name with this in it? */
	WIRE_RENEW = 4,     /* a new certificate, please */
	WIRE_ACK = 5,       /* all up to that place is on my disk */
	WIRE_PUBLISH = 6,   /* my prekeys: a bundle, or more one-time keys */
	WIRE_FETCH = 7,     /* somebody's prekeys, please */
	WIRE_ASK_KNOWN = 8, /* what do you know of me? */
	/* relay to client */
	WIRE_CERT = 65,     /* your certificate, after enrolment or renewal */
	WIRE_PRESENCE = 66, /* a piece of the list of who is online */
	WIRE_CHANGE = 67,   /* who came, went, or turned busy, in order */
	WIRE_FOUND = 68,    /* the answer to WIRE_SEARCH */
	WIRE_SENT = 69,     /* what became of relayed messages */
	WIRE_ERROR = 70,    /* the command with that id was refused */
	WIRE_STOCK = 71,    /* what the relay has of yours */
	WIRE_KEYS = 72,     /* the answer to WIRE_FETCH */
	WIRE_TICKET = 73,   /* the way back without RSA, for once */
	WIRE_KNOWN = 74     /* the answer to WIRE_ASK_KNOWN */
};

enum wire_state {
	WIRE_OFFLINE = 0,
	WIRE_ONLINE = 1,
	WIRE_BUSY = 2
};

enum wire_result {
	/* Of one that was passed on to who is here nothing is said. */
	WIRE_NOT_HERE = 1, /* the receiver is not online, or unknown */
	WIRE_FULL = 2,     /* the receiver reads too slowly */
	WIRE_TOO_MANY = 3, /* over the limit for requests */
	/* Of messages that are stored: */
	WIRE_STORED = 4,  /* on the relay's disk, or already the receiver's */
	WIRE_NOBODY = 5,  /* there is no such user */
	WIRE_MAILBOX = 6, /* the receiver's mailbox is full */
	WIRE_NO_STORE = 7 /* the relay could not write; send it again later */
};

enum wire_error_code {
	WIRE_E_REQUEST = 1, /* the certificate request is not acceptable */
	WIRE_E_STORE = 2,   /* the relay could not store it */
	WIRE_E_RATE = 3,    /* too often */
	WIRE_E_NO_KEYS = 4  /* nobody of that name has left any keys */
};

struct wire_person {
	enum wire_state state;
	struct name name;
};

/* A list of people in wire form: n entries of u8 state, name. */
struct wire_people {
	size_t n;
	struct span raw; /* n * WIRE_PERSON_LEN bytes, checked; borrows */
};

#define WIRE_PERSON_LEN (1 + NAME_WIRE_LEN)

/* Answers to as many messages as the smallest record has room for. */
#define WIRE_SENT_LEN (8 + 1)
#define WIRE_SENT_MAX 50

struct wire_sent {
	uint64_t ref;
	enum wire_result result;
};

struct wire_sents {
	size_t n;        /* 1 to WIRE_SENT_MAX */
	struct span raw; /* n * WIRE_SENT_LEN bytes, checked; borrows */
};

/* What a relay has of a user, and sees of his connection, as it says itself. */
struct wire_known {
	uint64_t enrolled_at, login_at, cert_until; /* seconds since 1970 */
	uint32_t messages; /* that wait in the mailbox */
	uint64_t bytes;    /* ... sealed */
	uint32_t seen_by;  /* others who are online, and see that you are */
	int names_logged;  /* the log has names, not only numbers */
	int tickets;       /* it lets you in without RSA for a day */
	uint8_t addr[16];  /* that your connection comes from */
	uint8_t family;    /* 4 or 6; 0: unknown */
	uint16_t port;
};
#define WIRE_KNOWN_NAMES   1
#define WIRE_KNOWN_TICKETS 2

struct wire_cmd {
	enum wire_cmd_type type;
	uint32_t id;                /* SEARCH, RENEW and their answers */
	enum wire_state state;      /* STATE */
	struct name name;           /* FETCH, KEYS */
	struct span pattern;        /* SEARCH: borrows, bytes of names */
	struct span der;            /* RENEW: the request; CERT */
	int first, last;            /* PRESENCE: piece of the list */
	int more;                   /* FOUND: there are others */
	struct wire_people people;  /* PRESENCE, FOUND, CHANGE */
	struct wire_sents sents;    /* SENT */
	enum wire_error_code error; /* ERROR */
	uint64_t place;             /* ACK; STOCK: the last ACK it knows */
	struct span bundle;         /* PUBLISH (empty: as it was), KEYS */
	struct span ones; /* PUBLISH: n * PREKEY_ONE_LEN; KEYS: one or none */
	uint32_t epoch;   /* STOCK: of the bundle; 0: there is none */
	uint8_t n_ones;   /* STOCK: one-time keys that are left */
	uint32_t life_s;  /* TICKET: that it is good for */
	struct span nonce, ticket; /* TICKET: see hs_ticket_psk() */
	struct wire_known known;   /* KNOWN */
};

enum wire_side {
	WIRE_FROM_CLIENT,
	WIRE_FROM_RELAY
};

/* wire_cmd_read - only what this side may say.  SOTTO_EFORMAT. */
enum sotto_err wire_cmd_read(struct wire_cmd *out, enum wire_side from,
    struct span in);
void wire_cmd_write(struct wr *w, const struct wire_cmd *c);

/* wire_people_at - the i-th person, i < p->n. */
struct wire_person wire_people_at(const struct wire_people *p, size_t i);
/* wire_person_write - one entry of a raw list. */
void wire_person_write(struct wr *w, const struct wire_person *p);

/* wire_sent_at - the i-th answer, i < s->n. */
struct wire_sent wire_sent_at(const struct wire_sents *s, size_t i);
/* wire_sent_write - one entry of a raw list. */
void wire_sent_write(struct wr *w, const struct wire_sent *s);

#endif
