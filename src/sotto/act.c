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
help_has(const struct app *a, const struct keymap_action *t, const char *filter)
{
	char keys[80];

	if (t->help == NULL)
		return 0;
	keymap_keys(a->conf->keys, t, 0, keys, sizeof(keys));
	return strcasestr(t->help, filter) != NULL ||
	    strcasestr(keys, filter) != NULL ||
	    (t->command != NULL && strcasestr(t->command, filter) != NULL);
}

const struct keymap_action *
app_help_at(const struct app *a, size_t i)
{
	const char *filter = edit_text(a->filter);
	const struct keymap_action *t;

	for (size_t k = 0; (t = keymap_at(k)) != NULL; k++)
		if ((t->where & (unsigned)a->below) != 0 &&
		    help_has(a, t, filter) && i-- == 0)
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
	act_go(a, c);
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
	if (pick_send(a, c, edit_text(c->draft)))
		return;
	act_say(a, c, edit_text(c->draft), 0);
	edit_set(c->draft, "");
	written_forget(a);
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

/* The highlighted offer in place of the word; of paths, they are shown first. */
void
act_complete(struct app *a)
{
	struct edit *e = app_target(a);
	const struct offer *o;

	a->no_offers = 0;
	complete(a, e, a->offer_paths, &a->offers);
	if (a->offers.n == 0) {
		a->offer_paths = 1;
		complete(a, e, 1, &a->offers);
		if (a->offers.n != 1)
			return;
	}
	if (a->offered >= a->offers.n)
		a->offered = 0;
	o = &a->offers.o[a->offered];
	(void)edit_swap(e, a->offers.from, edit_cursor(e), o->text);
	app_target_changed(a);
}

/* ---- clearing, and back ---- */

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
	app_tip(a, "Ctrl-C once more, or Ctrl-Q, leaves");
}

/* One step: what is offered, what the text was to be, the place. */
static void
back_in_chat(struct app *a)
{
	struct mchat *c = a->m.current;

	if (a->offers.n > 0 && !a->no_offers) {
		a->no_offers = 1;
	} else if (c == NULL) {
		return;
	} else if (edit_folded(c->draft).lines > 0) {
		edit_clear(c->draft); /* the paste, undoable */
	} else if (c->about != ACT_NONE) {
		if (c->about == ACT_EDIT)
			edit_clear(c->draft);
		c->about = ACT_NONE;
	} else if (!model_at_end(c)) {
		act_newest(a, c);
	} else if (a->conf->key_profile == KEYS_VI) {
		app_go(a, AT_NORMAL);
	}
}

void
act_back(struct app *a)
{
	switch (a->where) {
	case AT_CHAT:
		back_in_chat(a);
		break;
	case AT_HELP:
	case AT_QUIT:
		app_go(a, a->below);
		break;
	case AT_SELECT:
		pick_end(a);
		break;
	case AT_MENU:
		app_go(a, AT_SELECT);
		break;
	case AT_REQUESTS:
	case AT_PEOPLE:
	case AT_VERIFY:
	case AT_PALETTE:
	case AT_WRITTEN:
	case AT_SETTINGS:
	case AT_SERVER:
		app_go(a, AT_CHAT);
		break;
	case AT_NORMAL:
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
