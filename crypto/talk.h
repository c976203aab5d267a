/*
 * talk - what two people say in an open chat: sealed end to end inside the
 * tunnel to the relay, and the content inside the seal.
 *
 * Envelope: ver u8 | kind u8 | cid 16 | 32 + 4 + 4 zero bytes, kept for the
 * ratchet | counter u128 | ciphertext.  AAD: both names, the chat, the
 * handshake, the counter.
 * Source: sotto-protocol(7), TALK.
 */
#ifndef CRYPTO_TALK_H
#define CRYPTO_TALK_H

#include "crypto/chat.h"

#define TALK_TEXT_MAX    32000 /* bytes of UTF-8 in one text */
#define TALK_CONTENT_MAX (TALK_TEXT_MAX + 64)
#define TALK_HEAD_LEN    (2 + CHAT_ID_LEN + 32 + 4 + 4 + 16)
/* Room for any sealed message. */
#define TALK_SEALED_MAX   (TALK_HEAD_LEN + 4 + 2 * TALK_CONTENT_MAX)
#define TALK_RECEIPTS_MAX 64

enum talk_what {
	TALK_TEXT = 1,
	TALK_RECEIPT = 2,
	TALK_END = 3
};

enum talk_receipt {
	TALK_DELIVERED = 1,
	TALK_READ = 2
};

/* One message that a receipt speaks of. */
struct talk_ref {
	uint64_t counter;
	uint8_t hash[16]; /* of the text, so that both know it is the same */
};

struct talk_content {
	enum talk_what what;
	uint64_t sent_ms;          /* TALK_TEXT: the sender's wall clock */
	struct span text;          /* TALK_TEXT: UTF-8, borrows */
	enum talk_receipt receipt; /* TALK_RECEIPT */
	size_t n_refs;
	struct talk_ref ref[TALK_RECEIPTS_MAX];
};

/* talk_text_hash - the first 16 bytes of SHA-256 of the text. */
void talk_text_hash(uint8_t out[16], struct span text);

struct talk; /* secret inside */

/* talk_new - copies and then wipes keys.  Returns owned, or NULL. */
struct talk *talk_new(struct chat_keys *keys, const struct rng *g);
void talk_free(struct talk *t); /* wipes; accepts NULL */

/* CHAT_END for TALK_END, else CHAT_MESSAGE. */
enum chat_type talk_type(const struct talk_content *c);

/*
 * talk_seal - *counter is the message's number, from 0.
 * Errors:  SOTTO_ETOOBIG, SOTTO_EFORMAT (the text is not UTF-8, or empty),
 *          SOTTO_ENOSPACE: nothing was used up, retry is safe.
 */
enum sotto_err talk_seal(struct talk *t, const struct talk_content *c,
    struct wr *out, uint64_t *counter);

struct talk_opened {
	struct talk_content content; /* text borrows until the next call */
	uint64_t counter;
	uint64_t missing; /* messages that should have come before this one */
};

/*
 * talk_open - a sealed message of the peer.
 * Errors:  SOTTO_EAUTH: forged or damaged; SOTTO_ESTATE: seen before, or
 *          older than one seen; SOTTO_EFORMAT: genuine, but not understood.
 *          The state is unchanged but in the last case.
 */
enum sotto_err talk_open(struct talk *t, enum chat_type type, struct span in,
    struct talk_opened *out);

#endif
