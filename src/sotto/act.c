/* What keys do once one is in; see app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#include "sotto/app.h"
#include "sotto/history.h"
#include "ui/render.h"
#include "ui/term_curses.h"

#define PAGE_AHEAD 20 /* lines beyond what is in sight */

/* ---- lists ---- */

struct mchat *
app_request_at(const struct app *a, size_t i)
{
	for (size_t k = 0; k < a->m.n_chats; k++)
		if (a->m.chat[k]->phase == PHASE_RINGING && i-- == 0)
			return a->m.chat[k];
	return NULL;
}

const struct person *
app_person_at(const struct app *a, size_t i)
{
	const char *filter = edit_text(a->filter);

	for (size_t k = 0; k < a->m.n_people; k++)
		if (strstr(a->m.people[k].name.s, filter) != NULL && i-- == 0)
			return &a->m.people[k];
	return NULL;
}

static int
help_has(const struct keymap_entry *t, const char *filter)
{
	if (t->help == NULL)
		return 0;
	return strcasestr(t->help, filter) != NULL ||
	    strcasestr(t->key, filter) != NULL ||
	    (t->command != NULL && strcasestr(t->command, filter) != NULL);
}

const struct keymap_entry *
app_help_at(const struct app *a, size_t i)
{
	const char *filter = edit_text(a->filter);
	const struct keymap_entry *t;

	for (size_t k = 0; (t = keymap_at(k)) != NULL; k++)
		if ((t->where & (unsigned)a->below) != 0 &&
		    help_has(t, filter) && i-- == 0)
			return t;
	return NULL;
}

/* ---- what the user wants ---- */

void
app_request(struct app *a, const struct name *n)
{
	struct msg *m = msg_new(CMD_REQUEST);

	if (m == NULL)
		return;
	m->name = *n;
	app_post(a, m);
}

void
app_accept(struct app *a, struct mchat *c)
{
	app_post(a, app_chat_cmd(a, CMD_ACCEPT, c->number));
	model_go(&a->m, c);
	app_go(a, AT_CHAT);
}

void
app_refuse(struct app *a, struct mchat *c)
{
	app_post(a, app_chat_cmd(a, CMD_REFUSE, c->number));
	if (model_requests(&a->m) <= 1)
		app_go(a, AT_CHAT);
}

void
app_verify(struct app *a, const struct name *n)
{
	struct msg *m = msg_new(CMD_SAFETY);

	if (m == NULL)
		return;
	m->name = *n;
	a->verify_wanted = 1;
	app_post(a, m);
}

void
act_verified(struct app *a, enum verify_how how)
{
	struct msg *m = msg_new(CMD_VERIFIED);

	if (m == NULL)
		return;
	m->name = a->verify;
	m->how = how;
	app_post(a, m);
	app_go(a, AT_CHAT);
	app_tell(a, LINE_NOTE, "You verified %s.", a->verify.s);
}

/* ---- the chat ---- */

void
act_say(struct app *a, struct mchat *c, const char *text, uint64_t reply_to)
{
	struct line *l;
	struct msg *m;

	act_newest(a, c);
	l = model_add_line(&a->m, c, LINE_MINE, clock_wall_ms(), text);
	m = app_chat_cmd(a, CMD_SAY, c->number);
	if (l == NULL || m == NULL || !msg_set_text(m, "%s", text)) {
		msg_free(m);
		return;
	}
	/* Drawn: no message of ours, on any disk, has the same. */
	secret_random(&l->id, sizeof(l->id));
	l->id = m->id = l->id >> 1 | 1;
	m->reply_to = reply_to;
	l->state = SENT_WAITING;
	app_post(a, m);
}

static void
say_line(struct app *a, struct mchat *c)
{
	if (edit_count(c->draft) > MODEL_TEXT_MAX) {
		app_tell(a, LINE_WARN,
		    "That is longer than %d characters; it was not sent and "
		    "is still here.",
		    MODEL_TEXT_MAX);
		return;
	}
	act_say(a, c, edit_text(c->draft), 0);
	edit_set(c->draft, "");
	c->told_typing_ms = 0; /* the text says that it is over */
}

/* "/chat bob" and the like; a mistake is neither sent nor lost. */
static void
run_command(struct app *a, struct mchat *c, const char *text)
{
	char *line = strdup(text);
	struct name name = { { 0 } };

	if (c != NULL)
		name = c->name;
	if (line == NULL)
		return;
	if (cmd_run(a, line)) {
		/* The chat may be gone, with its draft. */
		if (c == NULL)
			edit_set(a->filter, "");
		else if (model_find_chat(&a->m, &name) == c)
			edit_set(c->draft, "");
	} else {
		app_tell(a, LINE_WARN,
		    "There is no command %.40s; nothing was sent. /help shows "
		    "all of them. A blank in front sends it as text.",
		    line);
	}
	free(line);
}

int
app_tells_typing(const struct app *a, const struct mchat *c)
{
	return c->typing_set == TYPING_AS_SET ? a->conf->typing
					      : c->typing_set == TYPING_TOLD;
}

void
app_typed(struct app *a)
{
	const uint64_t now = app_now_ms();
	struct mchat *c = a->m.current;
	const char *text = edit_text(c->draft);
	const int on = text[0] != '\0' && text[0] != '/';
	struct msg *m;

	if (c->phase != PHASE_OPEN || !app_tells_typing(a, c) ||
	    model_presence(&a->m, &c->name) == WIRE_OFFLINE)
		return;
	/* Again and again while it goes on, and once when it is all gone. */
	if (on ? c->told_typing_ms > 0 &&
		    now - c->told_typing_ms < APP_TYPING_MS
	       : c->told_typing_ms == 0)
		return;
	if ((m = app_chat_cmd(a, CMD_TYPING, c->number)) == NULL)
		return;
	m->on = on;
	c->told_typing_ms = on ? now : 0;
	app_post(a, m);
}

void
act_send(struct app *a)
{
	struct mchat *c = a->m.current;
	struct edit *e = c != NULL ? c->draft : a->filter;

	if (edit_len(e) == 0)
		return;
	a->tip[0] = '\0';
	if (edit_text(e)[0] == '/' && edit_folded(e).lines == 0) {
		run_command(a, c, edit_text(e));
		return;
	}
	if (c == NULL) {
		app_tell(a, LINE_WARN,
		    "There is nobody to write to yet; Alt-O shows who is "
		    "online.");
		return;
	}
	if (c->phase != PHASE_OPEN && !(c->phase == PHASE_ASKING && c->away)) {
		app_tell(a, LINE_WARN,
		    c->phase == PHASE_OVER
			? "This chat is over; what you wrote is kept here. "
			  "/chat %s asks for a new one."
			: "The chat with %s is not open yet; what you wrote "
			  "is kept here.",
		    c->name.s);
		return;
	}
	say_line(a, c);
}

void
act_complete(struct app *a)
{
	struct mchat *c = a->m.current;
	struct edit *e = c != NULL ? c->draft : a->filter;
	const char *more = cmd_complete(a, edit_text(e));

	if (more[0] != '\0' && edit_cursor(e) == edit_len(e))
		(void)edit_insert(e, more, strlen(more));
}

/* ---- the place that is read ---- */

static void
ask_page(struct app *a, struct mchat *c, int64_t from, int newer)
{
	struct msg *m = app_chat_cmd(a, CMD_PAGE, c->number);

	if (m == NULL)
		return;
	m->line = from;
	m->newer = newer;
	m->page = c->page;
	c->paging++;
	app_post(a, m);
}

void
act_scroll(struct app *a, int rows)
{
	if (a->m.current != NULL)
		a->m.current->scroll += rows;
}

void
act_scrolled(struct app *a)
{
	struct mchat *c = a->m.current;

	if (c == NULL)
		return;
	if (model_at_end(c)) {
		c->below = 0;
		c->unread = 0;
		c->marked = 0;
	} else if (!c->paging && !c->no_older && c->oldest != 0 &&
	    c->top < PAGE_AHEAD) {
		ask_page(a, c, c->oldest, 0);
	} else if (!c->paging && c->cut && c->end + PAGE_AHEAD > c->n_lines) {
		ask_page(a, c, model_newest(c), 1);
	}
}

void
act_newest(struct app *a, struct mchat *c)
{
	if (c->cut) {
		model_window(&a->m, c, 0);
		ask_page(a, c, INT64_MAX, 0);
	}
	c->end = c->n_lines;
	c->scroll = 0;
	c->below = c->unread = 0;
	c->marked = 0;
}

void
act_see(struct app *a, struct mchat *c, int64_t line)
{
	if (model_see(c, line))
		return;
	model_window(&a->m, c, line);
	ask_page(a, c, line + 1, 0);
	ask_page(a, c, line, 1);
}

void
act_chat_by(struct app *a, int step)
{
	struct model *m = &a->m;
	size_t i = 0;

	if (m->n_chats == 0)
		return;
	while (i < m->n_chats && m->chat[i] != m->current)
		i++;
	for (size_t tries = 0; tries < m->n_chats; tries++) {
		i = i >= m->n_chats
		    ? 0
		    : (i + m->n_chats + (size_t)(step + (int)m->n_chats)) %
			m->n_chats;
		if (m->chat[i]->phase != PHASE_RINGING) {
			model_go(m, m->chat[i]);
			return;
		}
	}
}

void
act_chat_number(struct app *a, int number)
{
	for (size_t i = 0; i < a->m.n_chats; i++) {
		if (a->m.chat[i]->phase == PHASE_RINGING)
			continue;
		if (--number == 0) {
			model_go(&a->m, a->m.chat[i]);
			return;
		}
	}
}

void
act_next_unread(struct app *a)
{
	for (size_t i = 0; i < a->m.n_chats; i++) {
		struct mchat *c = a->m.chat[i];

		if (c->unread > 0 && c != a->m.current) {
			model_go(&a->m, c);
			return;
		}
	}
	if (model_requests(&a->m) > 0)
		app_go(a, AT_REQUESTS);
}

void
act_clear(struct app *a, struct edit *e)
{
	const uint64_t now = app_now_ms();

	if (e != NULL && edit_len(e) > 0) {
		edit_clear(e);
		a->ctrl_c_ms = now;
		return;
	}
	if (a->ctrl_c_ms > 0 && now - a->ctrl_c_ms < APP_TWICE_MS) {
		app_quit_asked(a);
		return;
	}
	a->ctrl_c_ms = now;
	(void)snprintf(a->tip, sizeof(a->tip),
	    "Ctrl-C once more, or Ctrl-Q, leaves");
}

void
act_back(struct app *a)
{
	struct mchat *c = a->m.current;

	switch (a->where) {
	case AT_CHAT:
		if (c != NULL && edit_folded(c->draft).lines > 0)
			edit_clear(c->draft); /* the paste, undoable */
		else if (c != NULL && !model_at_end(c))
			act_newest(a, c);
		break;
	case AT_HELP:
	case AT_QUIT:
		app_go(a, a->below);
		break;
	case AT_REQUESTS:
	case AT_PEOPLE:
	case AT_VERIFY:
		app_go(a, AT_CHAT);
		break;
	case AT_FIND:
		app_find_wipe(a);
		app_go(a, AT_CHAT);
		break;
	case AT_INSPECT:
		app_go(a, a->below);
		break;
	case AT_ADDRESS:
	case AT_PROMPT:
	case AT_NAME:
	case AT_BUSY:
	case AT_UNLOCK:
	case AT_CHANGED:
		break; /* wizard.c */
	}
}

/* ---- the inspector ---- */

void
act_next_trace(struct app *a)
{
	a->trace = a->trace >= a->m.n_traces ? 0 : a->trace + 1;
	a->selected = a->scroll = 0;
}
