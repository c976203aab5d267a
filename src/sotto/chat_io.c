/* What is said in chats, and kept of it; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* ---- lines for the app ---- */

struct msg *
chat_line_msg(enum msg_type type, const struct engine_chat *c,
    const struct hist_line *l)
{
	struct msg *m = chats_msg(type, c);

	if (m == NULL)
		return NULL;
	m->line = l->id;
	m->kind = (int)l->kind;
	m->id = l->msg;
	m->sent = l->state;
	m->sent_ms = l->at_ms;
	m->on = l->unread;
	if (!msg_set_text(m, "%s", l->text)) {
		msg_free(m);
		return NULL;
	}
	if (l->why[0] != '\0')
		m->why = strdup(l->why);
	return m;
}

static int
tell_line(void *ctx, const struct hist_line *l)
{
	struct engine_chat *c = ctx;

	txn_tell(c->e, chat_line_msg(EV_LINE, c, l));
	return 1;
}

void
chat_page(struct engine *e, uint32_t number, int64_t before)
{
	struct engine_chat *c = chats_find(e, number);
	size_t damaged = 0;
	struct msg *m;

	if (c == NULL)
		return;
	if (hist_page(e->vault, c->rec.id, before, PAGE_LINES, tell_line, c,
		&damaged) != SOTTO_OK)
		engine_note(e, "What was said with %s cannot be read now.",
		    c->name.s);
	else if (damaged > 0)
		engine_note(e,
		    "%zu lines of the chat with %s are damaged. They are kept "
		    "as they are, and not shown.",
		    damaged, c->name.s);
	if ((m = chats_msg(EV_PAGE, c)) != NULL)
		txn_tell(e, m);
}

int
chat_note(struct engine_chat *c, enum hist_kind k, const char *text)
{
	struct hist_line l = { .kind = k, .at_ms = clock_wall_ms() };
	enum sotto_err r;

	if (!txn(c->e) || (l.text = strdup(text)) == NULL)
		return 0;
	r = hist_add(c->e->vault, c->rec.id, &l);
	if (r == SOTTO_OK) {
		struct msg *m = chat_line_msg(EV_TEXT, c, &l);

		txn_tell(c->e, m);
	}
	hist_line_free(&l);
	if (r == SOTTO_OK)
		return 1;
	txn_fail(c->e);
	return 0;
}

/* ---- saying ---- */

/* NULL, or why nothing can be said there. */
static const char *
cannot_say(const struct engine_chat *c, const char *text)
{
	if (c == NULL)
		return "the chat is over";
	if (c->rec.phase != HIST_OPEN && c->rec.phase != HIST_ASKED)
		return "the chat is over";
	if (text == NULL || text[0] == '\0')
		return "it is empty";
	if (strlen(text) > TALK_TEXT_MAX)
		return "it is too long";
	return NULL;
}

void
chat_say(struct engine *e, uint32_t number, uint64_t id, const char *text)
{
	struct engine_chat *c = chats_find(e, number);
	struct hist_line l = { .kind = HIST_MINE,
		.state = SENT_WAITING,
		.at_ms = clock_wall_ms(),
		.msg = id };
	struct talk_content t = { .what = TALK_TEXT,
		.id = id,
		.sent_ms = l.at_ms };
	const char *why = cannot_say(c, text);
	struct msg *m = msg_new(EV_SENT);
	enum sotto_err r = SOTTO_ENOMEM;

	if (m == NULL)
		return;
	m->chat = number;
	m->id = id;
	m->sent = SENT_FAILED;
	if (why == NULL && !txn(e))
		why = "the disk could not be written";
	if (why != NULL) {
		(void)msg_set_text(m, "%s", why);
		engine_tell(e, m);
		return;
	}
	t.text = span_str(text);
	if ((l.text = strdup(text)) != NULL)
		r = hist_add(e->vault, c->rec.id, &l);
	hist_line_free(&l);
	if (r == SOTTO_OK)
		r = hist_draft_put(e->vault, c->rec.id, NULL, 0);
	if (r == SOTTO_OK && out_add(c, l.id, &t)) {
		m->sent = SENT_WAITING;
		m->line = l.id;
		txn_tell(e, m);
		return;
	}
	if (r != SOTTO_OK)
		txn_fail(e);
	(void)msg_set_text(m, "%s", "the disk could not be written");
	engine_tell(e, m);
}

void
chat_draft(struct engine *e, uint32_t number, const char *text, size_t cursor)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL || !txn(e))
		return;
	if (hist_draft_put(e->vault, c->rec.id, text, cursor) != SOTTO_OK)
		txn_fail(e);
}

/* ---- reading ---- */

static int
owe_read(void *ctx, const struct hist_line *l)
{
	struct engine_chat *c = ctx;

	if (l->flags & HIST_UNTOLD)
		return 1;
	return out_receipt(c, TALK_READ, l->msg, l->text);
}

void
chat_read(struct engine *e, uint32_t number, int tell)
{
	struct engine_chat *c = chats_find(e, number);
	enum sotto_err r = SOTTO_OK;

	if (c == NULL || !txn(e))
		return;
	if (tell && c->rec.phase == HIST_OPEN)
		r = hist_unread(e->vault, c->rec.id, owe_read, c);
	if (e->txn && r == SOTTO_OK)
		r = hist_mark_read(e->vault, c->rec.id);
	if (r != SOTTO_OK)
		txn_fail(e);
}

/* What came with the question gets its receipt with the answer. */
static int
owe_delivered(void *ctx, const struct hist_line *l)
{
	struct engine_chat *c = ctx;
	struct hist_line told = *l;

	if (!(l->flags & HIST_UNTOLD))
		return 1;
	told.flags &= ~(unsigned)HIST_UNTOLD;
	if (hist_set(c->e->vault, c->rec.id, &told) != SOTTO_OK) {
		txn_fail(c->e);
		return 0;
	}
	return out_receipt(c, TALK_DELIVERED, l->msg, l->text);
}

void
chat_accepted(struct engine_chat *c)
{
	size_t damaged;

	(void)hist_page(c->e->vault, c->rec.id, INT64_MAX, PAGE_LINES,
	    owe_delivered, c, &damaged);
}
