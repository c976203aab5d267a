/*
 * talk - what is inside the sealed messages of two people: texts, changes to
 * them, receipts, answers; and its padding.
 *
 * A text has a number of its own, drawn by its sender, by which everything
 * later speaks of it; it outlives the keys that it was sent under.
 * Source: sotto-protocol(7), TALK.
 */
#ifndef CRYPTO_TALK_H
#define CRYPTO_TALK_H

#include "crypto/chat.h"

#define TALK_TEXT_MAX  32000 /* bytes of UTF-8 in one text */
#define TALK_REACT_MAX 32    /* ... and in a reaction */
#define TALK_DAYS_MAX  3650
#define TALK_INNER_MAX (2 * (4 + TALK_TEXT_MAX + 64))
/* Room for any sealed message; see ratchet.h. */
#define TALK_SEALED_MAX   (TALK_INNER_MAX + 256)
#define TALK_RECEIPTS_MAX 64

enum talk_what {
	TALK_TEXT = 1,
	TALK_RECEIPT = 2,
	TALK_END = 3,    /* the chat is over */
	TALK_ACCEPT = 4, /* yes to a first message */
	TALK_REFUSE = 5, /* no to it; reason */
	TALK_EDIT = 6,   /* of the sender's own text */
	TALK_DELETE = 7, /* of the sender's own text */
	TALK_REACT = 8,  /* to a text of either side; empty: taken back */
	TALK_ASK = 9,    /* may we talk?  The first in a session */
	TALK_KEEP = 10   /* what is said disappears after days, on both sides */
};

enum talk_receipt {
	TALK_DELIVERED = 1,
	TALK_READ = 2
};

/* One message that a receipt speaks of. */
struct talk_ref {
	uint64_t id;
	uint8_t hash[16]; /* of the text, so that both know it is the same */
};

struct talk_content {
	enum talk_what what;
	uint64_t id; /* TEXT: its number; EDIT, DELETE, REACT: whose it is */
	uint64_t reply_to;         /* TEXT: a number, or 0 */
	uint64_t sent_ms;          /* TEXT, EDIT, KEEP: the sender's clock */
	struct span text;          /* TEXT, EDIT, REACT: UTF-8, borrows */
	enum chat_reason reason;   /* REFUSE */
	uint16_t days;             /* KEEP: 0: it stays */
	enum talk_receipt receipt; /* RECEIPT */
	size_t n_refs;
	struct talk_ref ref[TALK_RECEIPTS_MAX];
};

/* talk_text_hash - the first 16 bytes of SHA-256 of the text. */
void talk_text_hash(uint8_t out[16], struct span text);

/* CHAT_END for TALK_END, else CHAT_MESSAGE. */
enum chat_type talk_type(const struct talk_content *c);

/*
 * talk_write - padded, as it is to be sealed; TALK_INNER_MAX is always enough.
 * Errors:  SOTTO_ETOOBIG, SOTTO_EFORMAT (the text is not UTF-8, or empty),
 *          SOTTO_ENOSPACE.
 */
enum sotto_err talk_write(struct wr *w, const struct talk_content *c);

/* talk_read - borrows from inner; checked to the last zero.  SOTTO_EFORMAT. */
enum sotto_err talk_read(struct talk_content *out, struct span inner);

#endif
