/*
 * outbox - what has to go to somebody and is not yet at the relay, in the
 * vault: first as content, then also as it goes over the wire, so that a
 * second try sends the very same bytes.  Thread: the engine's.
 */
#ifndef SOTTO_OUTBOX_H
#define SOTTO_OUTBOX_H

#include "crypto/talk.h"
#include "sotto/vault.h"

struct outbox_item {
	int64_t id;         /* the order */
	int64_t chat, line; /* line 0: not a text of ours */
	enum talk_what what;
	uint64_t ref;        /* in WIRE_SENT; of a text its own number */
	enum chat_type type; /* of wire */
	uint8_t *content;    /* owned: as talk_write() made it */
	size_t content_len;
	uint8_t *wire; /* owned; NULL: not sealed yet */
	size_t wire_len;
};

void outbox_item_free(struct outbox_item *i); /* what it owns; wipes */

/* outbox_number - for a text, or as a ref: drawn, so that a restored store does
 * not use one twice.  Never 0. */
uint64_t outbox_number(struct vault *v);

/* outbox_add - id is set. */
enum sotto_err outbox_add(struct vault *v, int64_t chat, int64_t line,
    const struct talk_content *c, int64_t *id);
/* outbox_next - the first behind that id; SOTTO_EAGAIN: none. */
enum sotto_err outbox_next(struct vault *v, int64_t after,
    struct outbox_item *out);
/* outbox_by_ref - SOTTO_EAGAIN: none.  Without what it owns. */
enum sotto_err outbox_by_ref(struct vault *v, uint64_t ref,
    struct outbox_item *out);
/* outbox_seal - it goes out like this. */
enum sotto_err outbox_seal(struct vault *v, int64_t id, enum chat_type type,
    struct span wire);
/* outbox_unseal - nothing of that chat (0: of all) is sealed any more. */
enum sotto_err outbox_unseal(struct vault *v, int64_t chat);
enum sotto_err outbox_drop(struct vault *v, int64_t id);
/* outbox_drop_chat - all of that chat. */
enum sotto_err outbox_drop_chat(struct vault *v, int64_t chat);
/* outbox_of_line - is that text still here?  Its item; SOTTO_EAGAIN: no. */
enum sotto_err outbox_of_line(struct vault *v, int64_t line,
    struct outbox_item *out);
/* outbox_receipt - the last receipt that is not sealed. SOTTO_EAGAIN: none. */
enum sotto_err outbox_receipt(struct vault *v, int64_t chat,
    struct outbox_item *out);
/* outbox_replace - other content, while it is not sealed. */
enum sotto_err outbox_replace(struct vault *v, int64_t id,
    const struct talk_content *c);

#endif
