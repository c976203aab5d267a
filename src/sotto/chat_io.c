/* What is said in an open chat; see engine_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* Receipts wait a moment, so that their time tells nothing exact. */
#define RECEIPT_MAX_MS 1000

enum sotto_err
chat_send(struct engine_chat *c, enum chat_type type, struct span payload,
    uint64_t *ref)
{
	const struct wire_relay m = { .type = type,
		.ref = ++c->e->last_ref,
		.name = c->name,
		.payload = payload };
	const int sealed = type == CHAT_MESSAGE || type == CHAT_END;

	if (ref != NULL)
		*ref = m.ref;
	return link_send_relay(c->e, &m, sealed ? 0 : TUNNEL_PAD_CHAT);
}

static void
tell_sent(struct engine_chat *c, uint64_t id, enum sent_state s,
    const char *why)
{
	struct msg *m = msg_new(EV_SENT);

	if (m == NULL)
		return;
	m->chat = c->number;
	m->name = c->name;
	m->id = id;
	m->sent = s;
	if (why != NULL)
		(void)msg_set_text(m, "%s", why);
	engine_tell(c->e, m);
}

/* ---- sending ---- */

static void
remember(struct engine_chat *c, uint64_t ref, uint64_t id, uint64_t counter,
    struct span text)
{
	struct pending *p = calloc(1, sizeof(*p));
	struct pending **at = &c->pending;

	if (p == NULL)
		return;
	p->ref = ref;
	p->id = id;
	p->counter = counter;
	talk_text_hash(p->hash, text);
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	c->n_pending++;
}

/* Seal and send; *counter is the message's number. */
static enum sotto_err
seal_and_send(struct engine_chat *c, const struct talk_content *content,
    uint64_t *ref, uint64_t *counter)
{
	uint8_t *buf = malloc(TALK_SEALED_MAX);
	struct wr w;
	enum sotto_err r;

	if (buf == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, buf, TALK_SEALED_MAX);
	r = talk_seal(c->talk, content, &w, counter);
	if (r == SOTTO_OK)
		r = chat_send(c, talk_type(content), wr_out(&w), ref);
	free(buf);
	return r;
}

void
chat_say(struct engine *e, uint32_t number, uint64_t id, const char *text)
{
	struct engine_chat *c = chats_find(e, number);
	struct talk_content content = { .what = TALK_TEXT,
		.sent_ms = clock_wall_ms() };
	uint64_t ref = 0, counter = 0;
	enum sotto_err r;

	if (c == NULL || c->talk == NULL || text == NULL) {
		struct engine_chat gone = { .e = e, .number = number };

		tell_sent(&gone, id, SENT_FAILED, "the chat is over");
		return;
	}
	content.text = span_str(text);
	if (c->n_pending >= PENDING_MAX) {
		tell_sent(c, id, SENT_FAILED,
		    "too many messages are on their way");
		return;
	}
	r = seal_and_send(c, &content, &ref, &counter);
	if (r == SOTTO_OK)
		remember(c, ref, id, counter, content.text);
	else
		tell_sent(c, id, SENT_FAILED,
		    r == SOTTO_ETOOBIG ? "it is too long"
				       : "it could not be sent");
}

void
chats_leave(struct engine *e, uint32_t number)
{
	const struct talk_content content = { .what = TALK_END };
	struct engine_chat *c = chats_find(e, number);
	uint64_t ref, counter;

	if (c == NULL)
		return;
	if (c->talk == NULL) {
		if (c->asked_by_us)
			chats_cancel(e, number);
		else
			chats_refuse(e, number, CHAT_REASON_NO);
		return;
	}
	(void)seal_and_send(c, &content, &ref, &counter);
	chats_over(c, OVER_LEFT, "You left the chat.");
}

void
chat_sent(struct engine_chat *c, uint64_t ref, enum wire_result res)
{
	struct pending **at = &c->pending;
	struct pending *p;

	while (*at != NULL && (*at)->ref != ref)
		at = &(*at)->next;
	if ((p = *at) == NULL)
		return;
	if (res == WIRE_PASSED) {
		tell_sent(c, p->id, SENT_AT_RELAY, NULL);
		return; /* it stays, for the peer's receipt */
	}
	tell_sent(c, p->id, SENT_FAILED,
	    res == WIRE_NOT_HERE ? "they are not online"
				 : "they take in nothing at the moment");
	*at = p->next;
	free(p);
	c->n_pending--;
}

/* ---- hearing ---- */

static void
send_batch(struct engine_chat *c, struct talk_content *r)
{
	uint64_t ref, counter;

	if (r->n_refs == 0)
		return;
	(void)seal_and_send(c, r, &ref, &counter);
	r->n_refs = 0;
}

static void
send_receipts(void *ctx)
{
	struct engine_chat *c = ctx;

	send_batch(c, &c->receipts);
	send_batch(c, &c->reads);
}

static void
owe(struct engine_chat *c, struct talk_content *batch,
    const struct talk_ref *what)
{
	const int waiting = c->receipts.n_refs + c->reads.n_refs > 0;
	uint8_t raw[2];

	if (batch->n_refs == TALK_RECEIPTS_MAX)
		send_receipts(c);
	batch->ref[batch->n_refs++] = *what;
	if (waiting || c->receipt == NULL)
		return; /* the timer runs */
	rng_fill(&c->e->g, raw, sizeof(raw));
	loop_timer_set(c->receipt,
	    (uint64_t)(raw[0] << 8 | raw[1]) % RECEIPT_MAX_MS);
}

static void
owe_receipt(struct engine_chat *c, uint64_t counter, struct span text)
{
	struct talk_ref r = { .counter = counter };

	talk_text_hash(r.hash, text);
	owe(c, &c->receipts, &r);
	if (c->n_unread == UNREAD_MAX) {
		memmove(c->unread, c->unread + 1,
		    (UNREAD_MAX - 1) * sizeof(c->unread[0]));
		c->n_unread--;
	}
	c->unread[c->n_unread++] = r;
}

void
chat_read(struct engine *e, uint32_t number)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL || c->talk == NULL)
		return;
	for (size_t i = 0; i < c->n_unread; i++)
		owe(c, &c->reads, &c->unread[i]);
	c->n_unread = 0;
}

static void
on_text(struct engine_chat *c, const struct talk_opened *o)
{
	struct msg *m = msg_new(EV_TEXT);

	if (m == NULL)
		return;
	m->chat = c->number;
	m->name = c->name;
	m->id = o->counter;
	m->sent_ms = o->content.sent_ms;
	m->missing = o->missing;
	m->text = malloc(o->content.text.n + 1);
	if (m->text == NULL) {
		msg_free(m);
		return;
	}
	memcpy(m->text, o->content.text.p, o->content.text.n);
	m->text[o->content.text.n] = '\0';
	engine_tell(c->e, m);
	owe_receipt(c, o->counter, o->content.text);
}

/* The message with that number, taken out of the list; or NULL. */
static struct pending *
take(struct pending **list, const struct talk_ref *r)
{
	struct pending **at = list;
	struct pending *p;

	while (*at != NULL && (*at)->counter != r->counter)
		at = &(*at)->next;
	if ((p = *at) != NULL)
		*at = p->next;
	return p;
}

/* Confirmed; kept for the word that it was read. */
static void
keep_delivered(struct engine_chat *c, struct pending *p)
{
	struct pending **at = &c->delivered;

	if (c->n_delivered == UNREAD_MAX) {
		struct pending *oldest = c->delivered;

		c->delivered = oldest->next;
		free(oldest);
		c->n_delivered--;
	}
	while (*at != NULL)
		at = &(*at)->next;
	p->next = NULL;
	*at = p;
	c->n_delivered++;
}

static void
on_ref(struct engine_chat *c, const struct talk_ref *r, int read)
{
	struct pending *p = take(&c->pending, r);

	if (p != NULL)
		c->n_pending--;
	else if (read && (p = take(&c->delivered, r)) != NULL)
		c->n_delivered--;
	if (p == NULL)
		return; /* told before, or never sent */
	if (memcmp(p->hash, r->hash, sizeof(p->hash)) != 0) {
		tell_sent(c, p->id, SENT_FAILED,
		    "the text that arrived is not the same");
		free(p);
		return;
	}
	tell_sent(c, p->id, read ? SENT_READ : SENT_DELIVERED, NULL);
	if (read)
		free(p);
	else
		keep_delivered(c, p);
}

static void
on_receipt(struct engine_chat *c, const struct talk_content *r)
{
	for (size_t i = 0; i < r->n_refs; i++)
		on_ref(c, &r->ref[i], r->receipt == TALK_READ);
}

void
chat_hear(struct engine_chat *c, enum chat_type type, struct span payload)
{
	struct talk_opened o;
	enum sotto_err r = talk_open(c->talk, type, payload, &o);

	if (r == SOTTO_EAUTH) {
		/* Somebody between us tampers: stop rather than guess. */
		chats_over(c, OVER_FAILED,
		    "A message was not authentic, so the chat was closed. "
		    "What came before it is as it was.");
		return;
	}
	if (r == SOTTO_ESTATE) {
		engine_note(c->e,
		    "A message of %s came a second time, or too late; it was "
		    "not shown.",
		    c->name.s);
		return;
	}
	if (r != SOTTO_OK)
		return; /* genuine, but of a kind that we do not know */
	switch (o.content.what) {
	case TALK_TEXT:
		on_text(c, &o);
		break;
	case TALK_RECEIPT:
		on_receipt(c, &o.content);
		break;
	case TALK_END:
		chats_over(c, OVER_LEFT, NULL);
		break;
	}
}

/* ---- begin and end ---- */

void
chat_io_start(struct engine_chat *c)
{
	c->receipts.what = TALK_RECEIPT;
	c->receipts.receipt = TALK_DELIVERED;
	c->reads.what = TALK_RECEIPT;
	c->reads.receipt = TALK_READ;
	c->receipt = loop_timer_new(c->e->loop, send_receipts, c);
}

void
chat_io_end(struct engine_chat *c)
{
	loop_timer_free(c->receipt);
	while (c->pending != NULL) {
		struct pending *p = c->pending;

		/* Nobody will say any more whether it came. */
		tell_sent(c, p->id, SENT_FAILED,
		    "the chat ended before they confirmed it");
		c->pending = p->next;
		free(p);
	}
	while (c->delivered != NULL) {
		struct pending *p = c->delivered;

		c->delivered = p->next;
		free(p);
	}
}
