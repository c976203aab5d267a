/* The chats: their records, and what the app is told; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/engine_priv.h"

#define SESSIONS_KEPT 4 /* of a chat: for what is still on its way */

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

struct engine_chat *
chats_find_name(struct engine *e, const struct name *n)
{
	struct engine_chat *c = e->chats;

	while (c != NULL && !name_eq(&c->name, n))
		c = c->next;
	return c;
}

/* ---- records ---- */

static struct engine_chat *
add(struct engine *e, const struct hist_chat *rec)
{
	struct engine_chat *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->e = e;
	c->rec = *rec;
	c->name = rec->name;
	c->number = (uint32_t)rec->id;
	c->next = e->chats;
	e->chats = c;
	return c;
}

static void
drop_session(struct engine_chat *c)
{
	session_free(c->session);
	c->session = NULL;
}

struct engine_chat *
chats_get(struct engine *e, const struct name *n)
{
	struct engine_chat *c = chats_find_name(e, n);
	struct hist_chat rec = { .name = *n };
	size_t count = 0;

	if (c != NULL)
		return c;
	for (c = e->chats; c != NULL; c = c->next)
		count++;
	if (count >= CHATS_MAX) {
		engine_note(e, "There are too many chats; leave one first.");
		return NULL;
	}
	if (!txn(e))
		return NULL;
	if (hist_chat_put(e->vault, &rec) != SOTTO_OK) {
		txn_fail(e);
		return NULL;
	}
	return add(e, &rec);
}

int
chats_save(struct engine_chat *c)
{
	if (!txn(c->e))
		return 0;
	if (hist_chat_put(c->e->vault, &c->rec) == SOTTO_OK)
		return 1;
	txn_fail(c->e);
	return 0;
}

static void
tell_chat(struct engine *e, const struct engine_chat *c)
{
	struct msg *m = chats_msg(EV_CHAT, c);
	struct contact p;
	size_t cursor = 0;

	if (m == NULL)
		return;
	m->phase = (int)c->rec.phase;
	m->trust = c->rec.trust;
	if (contacts_get(e->vault, &p, &c->name) == SOTTO_OK) {
		m->trust = p.info.trust;
		m->key = p.info.trust == TRUST_CHANGED ? p.info.new_fingerprint
						       : p.info.fingerprint;
	}
	if (hist_draft_get(e->vault, c->rec.id, &m->text, &cursor) != SOTTO_OK)
		engine_note(e, "The draft to %s is damaged; it is not shown.",
		    c->name.s);
	m->id = cursor;
	engine_tell(e, m);
	chat_tell_kept(c);
	chat_page(e, c->number, INT64_MAX, 0, 0);
}

static void
on_load(void *ctx, const struct hist_chat *rec)
{
	(void)add(ctx, rec);
}

void
chats_load(struct engine *e)
{
	size_t damaged = 0;

	if (e->chats != NULL)
		return; /* loaded before */
	if (hist_chats(e->vault, on_load, e, &damaged) != SOTTO_OK)
		engine_note(e, "The chats could not be read from disk.");
	else if (damaged > 0)
		engine_note(e,
		    "%zu chats on disk are damaged. They are kept as they "
		    "are, and not shown.",
		    damaged);
	if (vault_get_u64(e->vault, "acked", &e->high) != SOTTO_OK)
		e->high = 0;
	for (const struct engine_chat *c = e->chats; c != NULL; c = c->next)
		tell_chat(e, c);
	engine_tell(e, msg_new(EV_PAGE)); /* of no chat: that was all */
	chat_expire_all(e);
}

void
chats_forget_all(struct engine *e)
{
	(void)txn_end(e);
	while (e->chats != NULL) {
		struct engine_chat *c = e->chats;

		e->chats = c->next;
		chats_end_hs(c);
		drop_session(c);
		free(c);
	}
}

void
chats_drop(struct engine_chat *c)
{
	struct engine_chat **at = &c->e->chats;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	chats_end_hs(c);
	drop_session(c);
	free(c);
}

void
chats_reload(struct engine *e)
{
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next) {
		struct hist_chat rec;

		drop_session(c);
		memset(&rec, 0, sizeof(rec));
		if (hist_chat_find(e->vault, &rec, &c->name) == SOTTO_OK)
			c->rec = rec;
		else
			memset(&c->rec.session, 0, sizeof(c->rec.session));
	}
	if (vault_get_u64(e->vault, "acked", &e->high) != SOTTO_OK)
		e->high = 0;
}

/* ---- what the app is told ---- */

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

void
chats_trace(struct engine_chat *c)
{
	struct msg *m;

	if (c->trace == NULL || (m = msg_new(EV_TRACE)) == NULL)
		return;
	for (size_t i = 0; i < c->trace->n; i++)
		if (c->trace->msg[i].at_ms == 0)
			c->trace->msg[i].at_ms = clock_wall_ms();
	if ((m->trace = malloc(sizeof(*m->trace))) == NULL) {
		msg_free(m);
		return;
	}
	m->chat = c->number;
	m->name = c->name;
	*m->trace = *c->trace;
	engine_tell(c->e, m);
}

void
chats_end_hs(struct engine_chat *c)
{
	loop_timer_free(c->timer);
	c->timer = NULL;
	chat_free(c->hs);
	c->hs = NULL;
	session_free(c->pending);
	c->pending = NULL;
	free(c->trace);
	c->trace = NULL;
	c->asked_by_us = c->accept_wanted = 0;
	c->request_ref = 0;
	c->fetch_id = 0;
}

void
chats_over(struct engine_chat *c, enum chat_over why, const char *text)
{
	struct msg *m;

	chats_trace(c);
	if (c->hs != NULL && c->rec.phase == HIST_OPEN) {
		/* They had asked anew, and nothing came of it: it is open. */
		chats_end_hs(c);
		return;
	}
	chats_end_hs(c);
	m = chats_msg(EV_OVER, c);
	if (c->rec.phase != HIST_OVER) {
		c->rec.phase = HIST_OVER;
		if (!chats_save(c)) {
			msg_free(m);
			return;
		}
	}
	if (m == NULL)
		return;
	m->over = why;
	if (text != NULL)
		(void)msg_set_text(m, "%s", text);
	txn_tell(c->e, m);
}

void
chats_all_over(struct engine *e, enum chat_over why, const char *text)
{
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next) {
		c->fetch_id = 0;
		if (c->hs == NULL)
			continue;
		if (why == OVER_LEFT && c->asked_by_us)
			chats_cancel(e, c->number);
		else
			chats_over(c, why, text);
	}
}

void
chats_peer_gone(struct engine *e, const struct name *n)
{
	struct engine_chat *c = chats_find_name(e, n);

	if (c == NULL || c->hs == NULL)
		return;
	if (c->asked_by_us) {
		/* The question waits for them at the relay instead. */
		chats_end_hs(c);
		away_start(c);
		return;
	}
	chats_over(c, OVER_GONE, NULL);
}

void
chats_open(struct engine_chat *c, struct session *s, enum suite suite)
{
	struct engine *e = c->e;
	struct contact p;
	struct msg *m;

	c->rec.phase = HIST_OPEN;
	if (s != NULL) {
		drop_session(c);
		c->session = s;
		c->rec.session = *ratchet_id(s->ratchet);
	}
	if (!txn(e))
		return;
	if ((s != NULL &&
		(session_put(e->vault, s) != SOTTO_OK ||
		    session_prune(e->vault, c->rec.id, SESSIONS_KEPT) !=
			SOTTO_OK ||
		    outbox_unseal(e->vault, c->rec.id) != SOTTO_OK)) ||
	    hist_chat_put(e->vault, &c->rec) != SOTTO_OK) {
		txn_fail(e);
		return;
	}
	chat_accepted(c);
	if ((m = chats_msg(EV_OPEN, c)) == NULL)
		return;
	m->trust = TRUST_FIRST;
	if (contacts_get(e->vault, &p, &c->name) == SOTTO_OK) {
		m->trust = p.info.trust;
		m->key = p.info.fingerprint;
	}
	m->suite = suite;
	txn_tell(e, m);
}
