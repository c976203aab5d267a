/* Requests and chats, up to the open chat; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

struct chat_self
chats_self(const struct engine *e)
{
	return (struct chat_self){ .id = e->id,
		.ca = { e->link.info.ca, e->link.info.ca_len },
		.suites = e->conf.suites };
}

struct engine_chat *
chats_find(struct engine *e, uint32_t number)
{
	struct engine_chat *c = e->chats;

	while (c != NULL && c->number != number)
		c = c->next;
	return c;
}

struct engine_chat *
chats_find_id(struct engine *e, const struct chat_id *id)
{
	struct engine_chat *c = e->chats;

	while (c != NULL &&
	    (c->hs == NULL ||
		memcmp(chat_id(c->hs)->b, id->b, sizeof(id->b)) != 0))
		c = c->next;
	return c;
}

size_t
chats_count(const struct engine *e, int ringing_only)
{
	size_t n = 0;

	for (const struct engine_chat *c = e->chats; c != NULL; c = c->next)
		n += !ringing_only ||
		    (c->hs != NULL && chat_state(c->hs) == CHAT_S_RINGING);
	return n;
}

/* ---- making and ending ---- */

struct engine_chat *
chats_add(struct engine *e, const struct name *n)
{
	struct engine_chat *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->trace = calloc(1, sizeof(*c->trace));
	if (c->trace == NULL) {
		free(c);
		return NULL;
	}
	c->e = e;
	c->name = *n;
	c->number = ++e->last_chat;
	c->next = e->chats;
	e->chats = c;
	return c;
}

void
chats_drop(struct engine_chat *c)
{
	struct engine_chat **at = &c->e->chats;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	loop_timer_free(c->timer);
	chat_io_end(c);
	chat_free(c->hs);
	talk_free(c->talk);
	free(c->trace);
	free(c);
}

void
chats_trace(struct engine_chat *c)
{
	struct msg *m = msg_new(EV_TRACE);

	for (size_t i = 0; i < c->trace->n; i++)
		if (c->trace->msg[i].at_ms == 0)
			c->trace->msg[i].at_ms = clock_wall_ms();
	if (m == NULL || (m->trace = malloc(sizeof(*m->trace))) == NULL) {
		msg_free(m);
		return;
	}
	m->chat = c->number;
	m->name = c->name;
	*m->trace = *c->trace;
	engine_tell(c->e, m);
}

void
chats_over(struct engine_chat *c, enum chat_over why, const char *text)
{
	struct msg *m = msg_new(EV_OVER);

	chats_trace(c);
	if (m != NULL) {
		m->chat = c->number;
		m->name = c->name;
		m->over = why;
		if (text != NULL)
			(void)msg_set_text(m, "%s", text);
		engine_tell(c->e, m);
	}
	chats_drop(c);
}

void
chats_all_over(struct engine *e, enum chat_over why, const char *text)
{
	while (e->chats != NULL) {
		if (why == OVER_LEFT && e->chats->talk != NULL)
			chats_leave(e, e->chats->number);
		else
			chats_over(e->chats, why, text);
	}
}

void
chats_peer_gone(struct engine *e, const struct name *n)
{
	struct engine_chat *c = e->chats;

	while (c != NULL) {
		struct engine_chat *next = c->next;

		if (name_eq(&c->name, n))
			chats_over(c, OVER_GONE, NULL);
		c = next;
	}
}

struct msg *
chats_msg(enum msg_type type, const struct engine_chat *c)
{
	struct msg *m = msg_new(type);

	if (m != NULL) {
		m->chat = c->number;
		m->name = c->name;
	}
	return m;
}

/* ---- answers ---- */

static void
opened(struct engine_chat *c)
{
	struct engine *e = c->e;
	struct chat_keys k; /* secret */
	enum suite suite = SUITE_AES256_GCM;
	struct contact p;
	struct msg *m;

	loop_timer_free(c->timer);
	c->timer = NULL;
	if (chat_keys(c->hs, &k) == SOTTO_OK) {
		suite = k.suite;
		c->talk = talk_new(&k, &e->g);
	}
	WIPE(k);
	if (c->talk == NULL) {
		chats_over(c, OVER_FAILED, "Memory ran out.");
		return;
	}
	chat_io_start(c);
	if ((m = chats_msg(EV_OPEN, c)) != NULL) {
		m->key = chat_peer(c->hs)->fingerprint;
		m->trust = TRUST_FIRST;
		if (contacts_get(e->contacts, &p, &c->name) == SOTTO_OK)
			m->trust = p.info.trust;
		m->suite = suite;
		engine_tell(e, m);
	}
	chats_trace(c);
}

static void
on_answered(struct engine_chat *c)
{
	struct engine *e = c->e;
	uint8_t buf[CHAT_MSG_MAX];
	enum trust trust;
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	if (people_check(e, chat_peer(c->hs), &trust) != SOTTO_OK) {
		chats_over(c, OVER_FAILED,
		    "What is known of their key cannot be read from disk, so "
		    "the chat was not opened.");
		return;
	}
	if (trust == TRUST_CHANGED) {
		if (chat_cancel(c->hs, &w) == SOTTO_OK)
			(void)chat_send(c, CHAT_CANCEL, wr_out(&w), NULL);
		chats_over(c, OVER_KEY_CHANGED, NULL);
		return;
	}
	if (chat_confirm(c->hs, &w) != SOTTO_OK ||
	    chat_send(c, CHAT_KEY, wr_out(&w), NULL) != SOTTO_OK)
		chats_over(c, OVER_FAILED, "The keys could not be sent.");
}

static void
on_refused(struct engine_chat *c)
{
	switch (chat_reason_of(c->hs)) {
	case CHAT_REASON_NO:
		chats_over(c, OVER_REFUSED, NULL);
		break;
	case CHAT_REASON_BUSY:
		chats_over(c, OVER_BUSY, NULL);
		break;
	case CHAT_REASON_FULL:
		chats_over(c, OVER_FULL, NULL);
		break;
	}
}

static void
on_handshake(struct engine_chat *c, const struct wire_relay *r)
{
	uint8_t buf[CHAT_MSG_MAX];
	const char *why = NULL;
	enum chat_event ev;
	char text[MSG_TEXT_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	ev = chat_recv(c->hs, r->type, r->payload, clock_wall_ms(), &w, &why);
	switch (ev) {
	case CHAT_EV_IGNORED:
		log_say(c->e->conf.log, LOG_WARN, "from %s: %s", r->name.s,
		    why != NULL ? why : "ignored");
		break;
	case CHAT_EV_ANSWERED:
		on_answered(c);
		break;
	case CHAT_EV_OPEN:
		if (w.n > 0)
			(void)chat_send(c, CHAT_FINISHED, wr_out(&w), NULL);
		opened(c);
		break;
	case CHAT_EV_REFUSED:
		on_refused(c);
		break;
	case CHAT_EV_CANCELLED:
		chats_over(c, OVER_CANCELLED, NULL);
		break;
	case CHAT_EV_FAILED:
		(void)snprintf(text, sizeof(text),
		    "The chat was not opened: %s. Nothing was said in it.",
		    why);
		chats_over(c, OVER_FAILED, text);
		break;
	}
}

void
chats_on_relay(struct engine *e, const struct wire_relay *r)
{
	struct engine_chat *c;
	struct chat_id id;

	if (e->id == NULL || e->contacts == NULL)
		return;
	if (r->type == CHAT_REQUEST) {
		chats_on_request(e, r);
		return;
	}
	if (chat_id_peek(&id, r->type, r->payload) != SOTTO_OK ||
	    (c = chats_find_id(e, &id)) == NULL || !name_eq(&c->name, &r->name))
		return; /* of a chat that is over, or forged */
	if (r->type == CHAT_MESSAGE || r->type == CHAT_END) {
		if (c->talk != NULL)
			chat_hear(c, r->type, r->payload);
		return;
	}
	on_handshake(c, r);
}

void
chats_on_sent(struct engine *e, uint64_t ref, enum wire_result res)
{
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next) {
		if (c->request_ref == ref && c->talk == NULL) {
			if (res == WIRE_NOT_HERE)
				chats_over(c, OVER_NOT_HERE, NULL);
			else if (res == WIRE_TOO_MANY)
				chats_over(c, OVER_FAILED,
				    "The relay passes on only so many "
				    "requests a minute; try again later.");
			else if (res == WIRE_FULL)
				chats_over(c, OVER_FAILED,
				    "They take in nothing at the moment; try "
				    "again later.");
			return;
		}
		if (c->talk != NULL)
			chat_sent(c, ref, res);
	}
}
