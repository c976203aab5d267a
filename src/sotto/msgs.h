/*
 * msgs - everything that the main thread and the engine thread say to each
 * other.  One flat struct: the type says which fields count.
 *
 * Texts from the engine about failures are whole sentences for the user: what
 * happened, what is safe, what to do.  Texts of peers are raw; whoever shows
 * them passes them through text_safe().
 */
#ifndef SOTTO_MSGS_H
#define SOTTO_MSGS_H

#include "base/mbox.h"
#include "base/name.h"

#include "crypto/ident.h"
#include "crypto/invite.h"
#include "crypto/safety.h"
#include "crypto/trace.h"
#include "net/wire.h"

#define MSG_TEXT_MAX 400

enum msg_type {
	/* ---- main thread to engine ---- */
	CMD_PROBE = 1,  /* invite: fetch that relay's key, tell EV_SERVER_KEY */
	CMD_ENROL,      /* invite, pin_how, name, pass: become that user */
	CMD_UNLOCK,     /* pass: open the key file, then connect */
	CMD_STOP_ENTRY, /* give up a PROBE, ENROL or UNLOCK under way */
	CMD_REPIN,      /* invite (with key): the relay's new authority */
	CMD_RETRY,      /* connect now, do not wait */
	CMD_REQUEST,    /* name: ask for a chat */
	CMD_ACCEPT,     /* chat */
	CMD_REFUSE,     /* chat */
	CMD_CANCEL,     /* chat: take the request back */
	CMD_SAY,        /* chat, id (drawn: never twice), text, reply_to */
	CMD_EDIT,       /* chat, id, text: of ours */
	CMD_DELETE,     /* chat, id: of ours */
	CMD_REACT,      /* chat, id, text: to one of theirs */
	CMD_FORGET,     /* chat: all that was said in it */
	CMD_BLOCK,      /* name, on */
	CMD_REMOVE,     /* name: the chat and all that is known; EV_REMOVED */
	CMD_KEEP,       /* chat, id: days, 0: for ever; on: on both sides */
	CMD_RECEIPTS,   /* chat, on: tell them what was read? */
	CMD_TYPING,     /* chat, on: they may know that something is typed */
	CMD_TYPING_SET, /* chat, kind: enum hist_typing */
	CMD_MUTE,       /* chat, on: no notices of it */
	CMD_UNREAD,     /* chat, line: theirs from there on are unread */
	CMD_READ,     /* chat, on: all that came is on the screen; tell them? */
	CMD_DRAFT,    /* chat, text, id: what is in its composer; the cursor */
	CMD_PAGE,     /* chat, line, page: EV_LINE for those before it; newer:
			 for those behind it */
	CMD_LEAVE,    /* chat */
	CMD_BUSY,     /* on */
	CMD_SEARCH,   /* id, text */
	CMD_KNOWN,    /* what the relay knows of us: EV_KNOWN */
	CMD_SAFETY,   /* name: tell EV_SAFETY */
	CMD_VERIFIED, /* name, how: the user has compared */
	CMD_TRUST_NEW, /* name: go on with the changed key, unverified */
	CMD_EXPORT,    /* chat, text: the file */
	CMD_FIND,      /* id, text: in all that was said */
	CMD_LOCK,      /* all keys and texts leave the memory; EV_LOCKED */
	CMD_QUIT,      /* close properly, then EV_STOPPED */

	/* ---- engine to main thread ---- */
	EV_LINK,           /* link, wait_ms, text, suite */
	EV_SERVER_KEY,     /* key, relay, bits: from CMD_PROBE */
	EV_SERVER_CHANGED, /* key (now), old_key: a hard stop */
	EV_PROGRESS,       /* step: what an entry is doing */
	EV_ENTERED,      /* me, host, port, relay, pin_how: key file is open */
	EV_ENTRY_FAILED, /* entry_fault, text */
	EV_PRESENCE,     /* people, n_people: the whole list, anew */
	EV_CHANGE,       /* name, state */
	EV_FOUND,        /* id, people, n_people, on (there are more) */
	EV_ASKED,        /* chat, name: our request is out */
	EV_RINGING,      /* chat, name, key, trust: somebody asks us */
	EV_OPEN,         /* chat, name, key, trust, suite */
	EV_OVER,         /* chat, name, over, text */
	EV_CHAT,         /* chat, name, phase, key, trust, text, id (cursor) */
	EV_LINE,         /* chat, line, kind, id, sent_ms, text, why, sent, on,
	                    page, newer: one of before, the nearest first */
	EV_PAGE,         /* chat, page, newer: EV_LINEs end here; on: there are
	                    more; chat 0: of all chats */
	EV_CHANGED,      /* as EV_LINE: one that the app may have */
	EV_KEPT,         /* chat, id: days on both sides, line: days here,
	                    on: they are told what was read,
	                    kind: enum hist_typing, muted */
	EV_TYPING,       /* chat, on: they type, or not any more */
	EV_FORGOTTEN,    /* chat: its lines are gone */
	EV_REMOVED,      /* name: nothing is known of them any more */
	EV_TEXT,    /* chat, name, line, kind, id, sent_ms, text, late, on */
	EV_SENT,    /* chat, id, sent, text */
	EV_CONTACT, /* name, contact */
	EV_SAFETY,  /* name, block, contact */
	EV_TRACE,   /* chat (0: login), name, trace */
	EV_KNOWN,   /* known, on; not on: the relay did not say */
	EV_NOTE,    /* text: worth a line, nothing else changed */
	EV_HIT,     /* as EV_LINE; id: of the CMD_FIND */
	EV_HITS,    /* id, line: so many lines; on: there are more hits */
	EV_LOCKED,  /* the passphrase is wanted again */
	EV_STOPPED  /* the engine is done; join it */
};

enum link_state {
	LINK_OFF,        /* not wanted: no identity yet, or stopped for good */
	LINK_LOOKING_UP, /* the host's addresses */
	LINK_CONNECTING,
	LINK_HANDSHAKE,
	LINK_ONLINE,
	LINK_WAITING /* wait_ms until the next try; text says why */
};

enum entry_step {
	STEP_CONNECTING,
	STEP_MAKING_KEY, /* RSA, about a second */
	STEP_SEALING,    /* Argon2id, about a second */
	STEP_OPENING,    /* Argon2id */
	STEP_ENROLLING,
	STEP_LOGGING_IN
};

enum entry_fault {
	ENTRY_WRONG_PASS, /* ask again */
	ENTRY_BAD_FILE,   /* the key file is damaged */
	ENTRY_NO_RELAY,   /* not reached; try again */
	ENTRY_INVITE,     /* the relay did not take the invite */
	ENTRY_REFUSED,    /* the relay, or a check of ours, said no */
	ENTRY_STOPPED     /* the user gave up */
};

enum chat_over {
	OVER_REFUSED,     /* they said no */
	OVER_BUSY,        /* they are marked busy */
	OVER_FULL,        /* they have too many requests waiting */
	OVER_CANCELLED,   /* a request was taken back, by either side */
	OVER_TIMEOUT,     /* nobody answered */
	OVER_NOT_HERE,    /* not online, or no such user */
	OVER_LEFT,        /* one side ended the chat; text says which */
	OVER_GONE,        /* they went offline */
	OVER_LINK,        /* our connection broke */
	OVER_KEY_CHANGED, /* they have another key than before: held */
	OVER_FAILED       /* a proof was wrong; text says which */
};

enum sent_state {
	SENT_WAITING,   /* here, not passed to the relay */
	SENT_AT_RELAY,  /* the relay has it, or has passed it on */
	SENT_DELIVERED, /* the peer's client has said so */
	SENT_READ,
	SENT_FAILED /* text says why */
};

enum trust {
	TRUST_UNKNOWN, /* never had a key of theirs */
	TRUST_FIRST,   /* pinned at first contact, not verified */
	TRUST_VERIFIED,
	TRUST_CHANGED /* shows another key than the pinned one */
};

enum verify_how {
	HOW_NONE = 0,
	HOW_DIGITS,
	HOW_WORDS,
	HOW_EYE,
	HOW_GROUPS, /* three that were asked for at random */
	HOW_LAST = HOW_GROUPS
};

/* What happened to the trust in a person. */
enum trust_what {
	TRUST_PINNED = 1, /* at the first contact */
	TRUST_COMPARED,   /* how */
	TRUST_OTHER,      /* another key was shown */
	TRUST_BACK,       /* the one from before again */
	TRUST_TAKEN       /* the other one, without comparing */
};

struct trust_event {
	enum trust_what what;
	enum verify_how how;
	uint64_t at;    /* seconds since 1970 */
	uint8_t key[4]; /* the first of the fingerprint that it is about */
};
#define TRUST_EVENTS_MAX 16

/* What is known of a person, from the client's own store only. */
struct contact_info {
	enum trust trust;
	struct hash fingerprint;     /* the pinned one */
	struct hash new_fingerprint; /* TRUST_CHANGED */
	uint64_t first_seen;         /* seconds since 1970 */
	uint64_t verified_at;
	enum verify_how how;
	uint64_t changed_at;
	/* The oldest first; of many, the last ones. */
	struct trust_event event[TRUST_EVENTS_MAX];
	size_t n_events;
};

struct msg {
	struct mbox_msg head; /* head.type is an enum msg_type */

	uint32_t chat; /* the engine's number of a chat or request, from 1 */
	uint64_t id;
	struct name name;
	char *text; /* owned, NUL-terminated, or NULL */
	char *why;  /* owned, or NULL */
	int64_t line;
	uint64_t reply_to; /* CMD_SAY: the number of another text, or 0 */
	int late;          /* it was sent a while ago */
	uint64_t page;     /* of EV_LINE: as the CMD_PAGE had it; else 0 */
	int newer;
	int quoted;  /* the first line of the text is what it answers */
	size_t tail; /* bytes at its end that say what became of it */
	int muted;
	int kind;  /* enum hist_kind */
	int phase; /* enum hist_phase */

	struct invite invite; /* secret: may hold a token */
	char *pass;           /* secret: owned, from secret_alloc(), or NULL */
	enum ident_pin pin_how;
	enum verify_how how;
	int on;

	enum link_state link;
	uint64_t wait_ms;
	enum suite suite;
	struct hash key, old_key;
	unsigned bits;
	char host[INVITE_HOST_MAX + 1];
	uint16_t port;
	char relay[CERT_HOST_MAX + 1];
	struct name me;
	enum entry_step step;
	enum entry_fault entry_fault;
	struct wire_person *people; /* owned, or NULL */
	size_t n_people;
	enum wire_state state;
	enum trust trust;
	enum chat_over over;
	enum sent_state sent;
	uint64_t sent_ms;
	struct contact_info contact;
	struct safety_block block;
	struct trace *trace; /* owned, or NULL */
	struct wire_known known;
};

/* msg_new - zeroed.  Returns owned, or NULL. */
struct msg *msg_new(enum msg_type type);
/* msg_free - with all that it owns; wipes.  Accepts NULL. */
void msg_free(struct msg *m);
/* msg_set_text - printf into an owned copy; 0 if memory ran out. */
int msg_set_text(struct msg *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
