/* A message that is picked, and what can be done with it; see app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"

#include "crypto/prim.h"
#include "sotto/app.h"
#include "sotto/aside.h"
#include "ui/term_curses.h"

static int
is_text(const struct line *l)
{
	return (l->kind == LINE_THEIRS || l->kind == LINE_MINE) && l->id != 0;
}

struct line *
pick_line(const struct app *a)
{
	const struct mchat *c = a->m.current;

	for (size_t i = c != NULL ? c->n_lines : 0; i > 0; i--) {
		struct line *l = &c->line[i - 1];

		if (is_text(l) && l->id == a->picked &&
		    (l->kind == LINE_MINE) == a->picked_mine)
			return l;
	}
	return NULL;
}

static void
pick(struct app *a, struct mchat *c, size_t i)
{
	a->picked = c->line[i].id;
	a->picked_mine = c->line[i].kind == LINE_MINE;
	if (i < c->top || i >= c->end) {
		c->end = i + 2 < c->n_lines ? i + 2 : c->n_lines;
		c->scroll = 0;
	}
}

void
pick_begin(struct app *a)
{
	struct mchat *c = a->m.current;

	for (size_t i = c != NULL ? c->n_lines : 0; i > 0; i--)
		if (is_text(&c->line[i - 1])) {
			app_go(a, AT_SELECT);
			pick(a, c, i - 1);
			return;
		}
}

void
pick_end(struct app *a)
{
	a->picked = 0;
	app_go(a, AT_CHAT);
}

void
pick_move(struct app *a, int by)
{
	struct mchat *c = a->m.current;
	const struct line *l = pick_line(a);
	size_t i;

	if (l == NULL) {
		pick_end(a);
		return;
	}
	for (i = (size_t)(l - c->line); by < 0 ? i > 0 : i + 1 < c->n_lines;) {
		i = by < 0 ? i - 1 : i + 1;
		if (is_text(&c->line[i])) {
			pick(a, c, i);
			return;
		}
	}
	if (by > 0) /* below the newest there is where one writes */
		pick_end(a);
}

void
pick_at_row(struct app *a, uint64_t id, int mine)
{
	app_go(a, AT_SELECT);
	a->picked = id;
	a->picked_mine = mine;
}

/* ---- the menu ---- */

const char *
pick_cannot(const struct app *a, enum ui_action act)
{
	const struct mchat *c = a->m.current;
	const struct line *l = pick_line(a);
	struct span url;

	if (c == NULL || l == NULL)
		return "it is gone";
	switch ((int)act) {
	case ACT_REPLY:
		return c->phase == PHASE_OPEN ? NULL : "the chat is not open";
	case ACT_REACT:
		return l->kind != LINE_THEIRS ? "it is your own"
		    : c->phase == PHASE_OPEN  ? NULL
					      : "the chat is not open";
	case ACT_EDIT:
	case ACT_DELETE:
		return l->kind == LINE_MINE ? NULL : "it is theirs";
	case ACT_OPEN_LINK:
		return text_link(span_str(l->text), &url) ? NULL
							  : "it has no link";
	case ACT_MARK_UNREAD:
		return l->kind == LINE_THEIRS ? NULL : "it is your own";
	default:
		return NULL;
	}
}

static void
about(struct app *a, struct mchat *c, enum ui_action act)
{
	c->about = (int)act;
	c->about_id = a->picked;
	pick_end(a);
}

static void
begin_edit(struct app *a, struct mchat *c, const struct line *l)
{
	const struct span s = model_body(l);
	char *text = strndup((const char *)s.p, s.n); /* secret */

	if (text == NULL)
		return;
	edit_all(c->draft, text);
	secret_wipe(text, s.n);
	free(text);
	about(a, c, ACT_EDIT);
}

static void
copy(struct app *a, const struct line *l)
{
	const struct span s = model_body(l);
	char *out = malloc(BASE64_LEN(s.n) + 1); /* secret */

	if (out == NULL)
		return;
	base64_write(out, s);
	app_tip(a,
	    term_copy(out) ? "copied, if this terminal lets programs do that"
			   : "this terminal has no clipboard for programs");
	secret_wipe(out, strlen(out));
	free(out);
}

/* No shell, and nothing of ours on its screen. */
static void
open_link(struct app *a, const struct line *l)
{
	struct span url;
	char *arg;

	if (!text_link(span_str(l->text), &url) ||
	    (arg = strndup((const char *)url.p, url.n)) == NULL)
		return;
	char *const argv[] = { a->conf->opener, arg, NULL };

	if (aside_run(a->conf->opener, argv, NULL))
		app_tip(a, "%s has the link", a->conf->opener);
	else
		app_tip(a,
		    "%s cannot be started; [look] opener in sotto.conf(5) "
		    "names another program",
		    a->conf->opener);
	free(arg);
}

static void
unread_from(struct app *a, struct mchat *c, const struct line *l)
{
	const size_t at = (size_t)(l - c->line);
	struct msg *m = NULL;

	/* One that is not on the disk has no place to begin at. */
	if (l->line == 0 ||
	    (m = app_chat_cmd(a, CMD_UNREAD, c->number)) == NULL)
		return;
	m->line = l->line;
	app_post(a, m);
	c->unread = 0;
	for (size_t i = at; i < c->n_lines; i++)
		c->unread += c->line[i].kind == LINE_THEIRS;
	c->to_read = c->unread;
	c->first_new = at;
	c->peek = 1; /* it stays so, until one comes back to it */
	pick_end(a);
}

void
pick_do(struct app *a, enum ui_action act)
{
	struct mchat *c = a->m.current;
	const struct line *l = pick_line(a);
	const char *why = pick_cannot(a, act);
	struct msg *m;

	if (why != NULL) {
		app_tip(a, "that cannot be done: %s", why);
		return;
	}
	switch ((int)act) {
	case ACT_EDIT:
		begin_edit(a, c, l);
		break;
	case ACT_REPLY:
	case ACT_REACT:
		about(a, c, act);
		break;
	case ACT_DELETE:
		if ((m = app_chat_cmd(a, CMD_DELETE, c->number)) != NULL) {
			m->id = l->id;
			app_post(a, m);
		}
		pick_end(a);
		break;
	case ACT_COPY:
		pick_end(a);
		copy(a, l);
		break;
	case ACT_OPEN_LINK:
		pick_end(a);
		open_link(a, l);
		break;
	case ACT_MARK_UNREAD:
		unread_from(a, c, l);
		break;
	default:
		break;
	}
}

/* The newest of theirs that was read, and what is behind it. */
void
pick_unread(struct app *a)
{
	struct mchat *c = a->m.current;

	for (size_t i = c != NULL ? c->n_lines : 0; i > 0; i--)
		if (c->line[i - 1].kind == LINE_THEIRS &&
		    is_text(&c->line[i - 1])) {
			unread_from(a, c, &c->line[i - 1]);
			app_tip(a, "unread; it stays so until you come back");
			return;
		}
	app_tip(a, "nothing of theirs is here that could be unread");
}

int
pick_send(struct app *a, struct mchat *c, const char *text)
{
	struct msg *m;

	if (c->about == ACT_NONE)
		return 0;
	if (c->about == ACT_REPLY) {
		act_say(a, c, text, c->about_id);
	} else {
		m = app_chat_cmd(a, c->about == ACT_EDIT ? CMD_EDIT : CMD_REACT,
		    c->number);
		if (m == NULL || !msg_set_text(m, "%s", text)) {
			msg_free(m);
			return 1;
		}
		m->id = c->about_id;
		app_post(a, m);
	}
	c->about = ACT_NONE;
	edit_clear(c->draft); /* Ctrl-Z brings it back, should it be refused */
	return 1;
}
