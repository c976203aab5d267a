/* What is said, and was said before, into the model; see app.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/app.h"
#include "sotto/history.h"

/* Told every APP_TYPING_MS while it goes on. */
#define TYPING_SHOWN_MS (2 * APP_TYPING_MS)

static enum line_kind
kind_of(const struct msg *m)
{
	switch ((enum hist_kind)m->kind) {
	case HIST_THEIRS:
		return LINE_THEIRS;
	case HIST_MINE:
		return LINE_MINE;
	case HIST_WARN:
		return LINE_WARN;
	case HIST_GAP:
		return LINE_GAP;
	case HIST_NOTE:
		break;
	}
	return LINE_NOTE;
}

static void
on_text(struct app *a, const struct msg *m)
{
	struct mchat *c = model_chat(&a->m, &m->name);
	const enum line_kind k = kind_of(m);
	struct line *l;

	if (c == NULL || m->text == NULL)
		return;
	c->to_read += k == LINE_THEIRS;
	if (k == LINE_THEIRS)
		c->typing_until_ms = 0;
	if (model_cannot_add(c)) {
		c->unread += k == LINE_THEIRS;
		c->below++;
		return;
	}
	if (m->late && a->m.off_ms > 0 && k == LINE_THEIRS)
		model_late(&a->m, c);
	if ((l = model_add_line(&a->m, c, k, m->sent_ms, m->text)) == NULL)
		return;
	l->line = m->line;
	l->id = m->id;
	l->quoted = m->quoted;
	l->tail = m->tail;
	if (c->oldest == 0)
		c->oldest = m->line;
	if (k == LINE_THEIRS)
		notice(a, c, "message");
}

/* ---- what was said before ---- */

static void
on_chat(struct app *a, const struct msg *m)
{
	static const enum chat_phase phases[] = { [HIST_OVER] = PHASE_OVER,
		[HIST_ASKED] = PHASE_ASKING,
		[HIST_ASKS] = PHASE_RINGING,
		[HIST_OPEN] = PHASE_OPEN };
	struct mchat *c = apply_chat_of(a, m, phases[m->phase]);

	if (c == NULL)
		return;
	c->away = m->phase == HIST_ASKED;
	c->suite = m->suite;
	c->key = m->key;
	c->trust = m->trust;
	if (m->text != NULL) {
		edit_set(c->draft, m->text);
		edit_move(c->draft, m->id);
	}
	c->draft_hash = model_draft_hash(c);
}

/* It was not accepted: back to where it was typed, behind what is there. */
static void
on_unsaid(struct app *a, struct mchat *c, const struct msg *m)
{
	char *text = model_unsaid(c, m->id);

	if (text == NULL)
		return;
	edit_move(c->draft, SIZE_MAX);
	if (edit_len(c->draft) > 0)
		(void)edit_insert(c->draft, "\n", 1);
	(void)edit_insert(c->draft, text, strlen(text));
	secret_wipe(text, strlen(text));
	free(text);
	model_note(&a->m, c, LINE_WARN, clock_wall_ms(),
	    "That was not accepted: %s. It is back where you write.",
	    m->text != NULL ? m->text : "the disk could not be written");
}

static void
on_line(struct app *a, const struct msg *m)
{
	struct mchat *c = model_by_number(&a->m, m->chat);
	struct line *l;

	if (c == NULL || m->text == NULL || m->page != c->page)
		return;
	/* A text that came meanwhile may be in the page, too. */
	if (m->newer ? m->line <= model_newest(c)
		     : c->oldest != 0 && m->line >= c->oldest)
		return;
	l = m->newer ? model_newer_line(c, kind_of(m), m->sent_ms, m->text)
		     : model_old_line(c, kind_of(m), m->sent_ms, m->text);
	if (l == NULL)
		return;
	l->line = m->line;
	l->id = m->id;
	l->quoted = m->quoted;
	l->tail = m->tail;
	l->state = m->sent;
	l->why = m->why != NULL ? strdup(m->why) : NULL;
	if (!m->newer || c->oldest == 0)
		c->oldest = m->line;
	if (m->on && m->page == 0) { /* at the start: not counted yet */
		c->unread++;
		c->to_read++;
		c->first_new = 0;
	}
}

static uint64_t
last_ms(const struct mchat *c)
{
	return c->n_lines > 0 ? c->line[c->n_lines - 1].at_ms : 0;
}

/* All is loaded: the chat in which something was said last. */
static void
go_on_where_we_were(struct app *a)
{
	struct mchat *best = NULL;

	for (size_t i = 0; i < a->m.n_chats; i++) {
		struct mchat *c = a->m.chat[i];

		if (c->phase != PHASE_RINGING && last_ms(c) > 0 &&
		    (best == NULL || last_ms(c) > last_ms(best)))
			best = c;
	}
	if (best != NULL && a->m.current == NULL)
		model_go(&a->m, best);
}

static void
on_page(struct app *a, const struct msg *m)
{
	struct mchat *c = model_by_number(&a->m, m->chat);

	if (m->chat == 0) {
		a->loaded = 1;
		go_on_where_we_were(a);
	}
	if (c == NULL || m->page != c->page)
		return;
	if (m->newer)
		c->cut = m->on;
	else
		c->no_older = !m->on;
	c->paging -= c->paging > 0;
	if (c->unread == 0)
		c->first_new = c->n_lines;
	if (c->want != 0 && c->paging == 0) {
		(void)model_see(c, c->want);
		c->want = 0;
	}
}

void
apply_said(struct app *a, const struct msg *m)
{
	struct mchat *c = model_by_number(&a->m, m->chat);

	switch (m->head.type) {
	case EV_CHAT:
		on_chat(a, m);
		break;
	case EV_LINE:
		on_line(a, m);
		break;
	case EV_PAGE:
		on_page(a, m);
		break;
	case EV_TEXT:
		on_text(a, m);
		break;
	case EV_CHANGED:
		if (c != NULL && m->text != NULL)
			model_set_text(c, m);
		break;
	case EV_KEPT:
		if (c != NULL) {
			c->gone_days = (unsigned)m->id;
			c->keep_days = (unsigned)m->line;
			c->read_off = !m->on;
			c->typing_set = m->kind;
			c->muted = m->muted;
		}
		break;
	case EV_TYPING:
		if (c != NULL)
			c->typing_until_ms =
			    m->on ? app_now_ms() + TYPING_SHOWN_MS : 0;
		break;
	case EV_FORGOTTEN:
		if (c != NULL)
			model_empty(c);
		break;
	case EV_SENT:
		if (c != NULL && m->sent == SENT_FAILED && m->line == 0)
			on_unsaid(a, c, m);
		if (c != NULL)
			model_set_sent(&a->m, c, m->id, m->sent, m->text,
			    m->line);
		break;
	default:
		app_find_event(a, m);
		break;
	}
}
