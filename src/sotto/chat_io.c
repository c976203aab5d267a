/* What is said in chats, and kept of it; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* ---- lines for the app ---- */

/* The first words of the text that is answered. */
static void
quote(char out[64], const struct engine_chat *c, uint64_t id)
{
	struct hist_line l;
	size_t n;

	out[0] = '\0';
	if (hist_find(c->e->vault, c->rec.id, 0, id, &l) != SOTTO_OK &&
	    hist_find(c->e->vault, c->rec.id, 1, id, &l) != SOTTO_OK)
		return;
	n = strcspn(l.text, "\n");
	if (n > 48) /* not inside a character */
		for (n = 48; n > 0 && (l.text[n] & 0xc0) == 0x80; n--)
			;
	(void)snprintf(out, 64, "%.*s%s", (int)n, l.text,
	    l.text[n] != '\0' ? "..." : "");
	hist_line_free(&l);
}

/* What the user reads: the text, with all that belongs to it. */
static int
compose(struct msg *m, const struct engine_chat *c, const struct hist_line *l)
{
	char quoted[64] = "", tail[2 * HIST_REACT_MAX + 32];

	if (l->flags & HIST_DELETED)
		return msg_set_text(m, "(taken back)");
	if (l->reply_to != 0)
		quote(quoted, c, l->reply_to);
	/* What others have written is made safe as a whole, later. */
	(void)snprintf(tail, sizeof(tail), "%s%s%s%s%s%s",
	    l->flags & HIST_EDITED ? " (edited)" : "",
	    l->react_me[0] != '\0' || l->react_them[0] != '\0' ? "\n  " : "",
	    l->react_me, l->react_me[0] != '\0' ? " me  " : "", l->react_them,
	    l->react_them[0] != '\0' ? " them" : "");
	m->quoted = quoted[0] != '\0';
	m->tail = strlen(tail);
	return msg_set_text(m, "%s%s%s%s%s", m->quoted ? "> " : "", quoted,
	    m->quoted ? "\n" : "", l->text, tail);
}

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
	if (!compose(m, c, l)) {
		msg_free(m);
		return NULL;
	}
	if (l->why[0] != '\0')
		m->why = strdup(l->why);
	return m;
}

struct page {
	struct engine_chat *c;
	uint64_t number;
	int newer;
	size_t n;
};

static int
tell_line(void *ctx, const struct hist_line *l)
{
	struct page *p = ctx;
	struct msg *m = chat_line_msg(EV_LINE, p->c, l);

	p->n++;
	if (m != NULL) {
		m->page = p->number;
		m->newer = p->newer;
		txn_tell(p->c->e, m);
	}
	return 1;
}

void
chat_page(struct engine *e, uint32_t number, int64_t from, int newer,
    uint64_t page)
{
	const size_t most = from == INT64_MAX ? FIRST_LINES : PAGE_LINES;
	struct engine_chat *c = chats_find(e, number);
	struct page p = { c, page, newer, 0 };
	size_t damaged = 0;
	struct msg *m;

	if (c == NULL)
		return;
	if (hist_page(e->vault, c->rec.id, from, newer, most, tell_line, &p,
		&damaged) != SOTTO_OK)
		engine_note(e, "What was said with %s cannot be read now.",
		    c->name.s);
	else if (damaged > 0)
		engine_note(e,
		    "%zu lines of the chat with %s are damaged. They are kept "
		    "as they are, and not shown.",
		    damaged, c->name.s);
	if ((m = chats_msg(EV_PAGE, c)) == NULL)
		return;
	m->page = page;
	m->newer = newer;
	m->on = p.n + damaged == most;
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

static void
tell_line_again(struct engine_chat *c, uint64_t id)
{
	struct hist_line l;

	if (hist_find(c->e->vault, c->rec.id, 1, id, &l) != SOTTO_OK)
		return;
	txn_tell(c->e, chat_line_msg(EV_CHANGED, c, &l));
	hist_line_free(&l);
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
chat_say(struct engine *e, uint32_t number, uint64_t id, uint64_t reply_to,
    const char *text)
{
	struct engine_chat *c = chats_find(e, number);
	struct hist_line l = { .kind = HIST_MINE,
		.state = SENT_WAITING,
		.at_ms = clock_wall_ms(),
		.msg = id,
		.reply_to = reply_to };
	struct talk_content t = { .what = TALK_TEXT,
		.id = id,
		.reply_to = reply_to,
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
		if (reply_to != 0) /* with what it answers */
			tell_line_again(c, id);
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
	if (tell && c->rec.phase == HIST_OPEN && !c->rec.read_off)
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

	(void)hist_page(c->e->vault, c->rec.id, INT64_MAX, 0, PAGE_LINES,
	    owe_delivered, c, &damaged);
}
