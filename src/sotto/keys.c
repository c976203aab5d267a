/* What a key does, where the user is; see app.h. */
#include <string.h>

#include "sotto/app.h"
#include "ui/render.h"
#include "ui/term_curses.h"

static void run(struct app *a, enum ui_action act, int number);

static void
enter(struct app *a)
{
	const struct keymap_entry *t;

	if (a->where == AT_QUIT) {
		app_quit(a);
	} else if (a->where == AT_HELP) {
		if ((t = app_help_at(a, a->selected)) != NULL) {
			enum ui_action act = t->action;

			app_go(a, a->below);
			if (act != ACT_HELP)
				run(a, act, 1);
		}
	} else if (a->where == AT_VERIFY) {
		verify_enter(a);
	}
}

static void
move(struct app *a, int by)
{
	if (by < 0 && a->selected < (size_t)-by)
		a->selected = 0;
	else
		a->selected = (size_t)((long)a->selected + by);
	a->follow = 1;
}

static void
up_or_down(struct app *a, int by)
{
	struct mchat *c = a->m.current;

	if (a->where != AT_CHAT) {
		move(a, by);
		return;
	}
	if (c != NULL)
		(void)(by < 0 ? edit_up(c->draft, 60)
			      : edit_down(c->draft, 60));
}

static void
page_by(struct app *a, int by)
{
	int w, h, rows;

	term_size(&w, &h);
	rows = h > 8 ? h - 6 : 2; /* what is in sight, less two */
	if (a->where == AT_CHAT) {
		act_scroll(a, -by * rows);
	} else if (a->where == AT_PEOPLE || a->where == AT_HELP ||
	    a->where == AT_FIND) {
		move(a, by * rows);
	} else {
		a->follow = 0;
		if (by < 0 && a->scroll < (size_t)rows)
			a->scroll = 0;
		else
			a->scroll = (size_t)((long)a->scroll + by * rows);
	}
}

static void
run_in_list(struct app *a, enum ui_action act)
{
	struct mchat *c = app_request_at(a, a->selected);
	const struct person *p = app_person_at(a, a->selected);

	if (act == ACT_ACCEPT && c != NULL)
		app_accept(a, c);
	else if (act == ACT_REFUSE && c != NULL)
		app_refuse(a, c);
	else if (act == ACT_ASK && p != NULL)
		app_request(a, &p->name);
}

static void
go_to(struct app *a, enum ui_action act)
{
	struct mchat *c = a->m.current;

	if (act == ACT_HELP) {
		app_go(a, AT_HELP);
	} else if (act == ACT_PEOPLE) {
		app_go(a, AT_PEOPLE);
	} else if (act == ACT_VERIFY) {
		if (c != NULL)
			app_verify(a, &c->name);
	} else if (act == ACT_INSPECT) {
		a->trace = 0;
		if (a->where != AT_INSPECT && a->where != AT_HELP)
			a->below = a->where;
		app_go(a, AT_INSPECT);
	} else if (model_requests(&a->m) > 0) {
		app_go(a, AT_REQUESTS);
	} else {
		app_tell(a, LINE_NOTE, "Nobody asks for a chat.");
	}
}

static void
go_by(struct app *a, enum ui_action act, int number)
{
	struct mchat *c = a->m.current;

	if (act == ACT_UP || act == ACT_DOWN)
		up_or_down(a, act == ACT_UP ? -1 : 1);
	else if (act == ACT_PAGE_UP || act == ACT_PAGE_DOWN)
		page_by(a, act == ACT_PAGE_UP ? -1 : 1);
	else if (act == ACT_CHAT_PREV || act == ACT_CHAT_NEXT)
		act_chat_by(a, act == ACT_CHAT_PREV ? -1 : 1);
	else if (act == ACT_CHAT_NUMBER)
		act_chat_number(a, number);
	else if (act == ACT_NEXT_UNREAD)
		act_next_unread(a);
	else if (c != NULL) /* ACT_NEWEST */
		act_newest(a, c);
}

static void
run(struct app *a, enum ui_action act, int number)
{
	struct mchat *c = a->m.current;

	switch (act) {
	case ACT_SEND:
		act_send(a);
		break;
	case ACT_NEWLINE:
		if (c != NULL)
			(void)edit_insert(c->draft, "\n", 1);
		break;
	case ACT_BACK:
		act_back(a);
		break;
	case ACT_QUIT:
		app_quit_asked(a);
		break;
	case ACT_COMPLETE:
		act_complete(a);
		break;
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_NEWEST:
	case ACT_CHAT_PREV:
	case ACT_CHAT_NEXT:
	case ACT_NEXT_UNREAD:
	case ACT_CHAT_NUMBER:
		go_by(a, act, number);
		break;
	case ACT_HELP:
	case ACT_REQUESTS:
	case ACT_PEOPLE:
	case ACT_VERIFY:
	case ACT_INSPECT:
		go_to(a, act);
		break;
	case ACT_LIST:
		a->show_list = !a->show_list;
		break;
	case ACT_REDRAW:
		term_redraw();
		break;
	case ACT_FIND:
		app_find(a);
		break;
	case ACT_GO_HIT:
		app_go_hit(a);
		break;
	case ACT_LOCK:
		app_lock(a);
		break;
	case ACT_SUSPEND:
		term_suspend();
		break;
	case ACT_ACCEPT:
	case ACT_REFUSE:
	case ACT_ASK:
		run_in_list(a, act);
		break;
	case ACT_ENTER:
		enter(a);
		break;
	case ACT_BY_EYE:
	case ACT_SHOW_AS: /* elsewhere they are the wizard's */
		if (a->where == AT_VERIFY && act == ACT_BY_EYE)
			verify_by_eye(a);
		else if (a->where == AT_VERIFY)
			verify_show(a);
		break;
	case ACT_TAB_TRACE:
		act_next_trace(a);
		break;
	case ACT_CLEAR:
	case ACT_NONE:
	case ACT_NEXT_FIELD:
	case ACT_UNCHECKED:
		break; /* wizard.c, or below */
	}
}

/* Where letters are text: the composer, a field, a filter. */
static struct edit *
target(struct app *a)
{
	switch (a->where) {
	case AT_CHAT:
		return a->m.current != NULL ? a->m.current->draft : a->filter;
	case AT_HELP:
	case AT_PEOPLE:
	case AT_FIND:
		return a->filter;
	case AT_VERIFY:
		return a->show == SHOW_DIGITS ? a->field[0] : NULL;
	case AT_ADDRESS:
	case AT_PROMPT:
	case AT_NAME:
	case AT_UNLOCK:
	case AT_CHANGED:
		return a->field[a->active];
	case AT_REQUESTS:
	case AT_INSPECT:
	case AT_QUIT:
	case AT_BUSY:
		return NULL;
	}
	return NULL;
}

static void
changed(struct app *a)
{
	if (a->where == AT_VERIFY)
		verify_changed(a);
	else if (a->where == AT_FIND)
		app_find_words(a);
	else if (a->where == AT_HELP || a->where == AT_PEOPLE)
		a->selected = 0;
	else if (a->where != AT_CHAT)
		wizard_changed(a);
	else if (a->m.current != NULL)
		app_typed(a);
}

/* A key that comes right after a list was opened was meant for the text. */
static int
swallowed(struct app *a, const struct ui_key *k)
{
	struct mchat *c = a->m.current;

	if ((a->where != AT_REQUESTS && a->where != AT_QUIT) ||
	    k->code != K_CHAR || k->mods != 0 ||
	    app_now_ms() - a->opened_ms >= APP_SWALLOW_MS)
		return 0;
	if (c != NULL)
		(void)edit_key(c->draft, k);
	return 1;
}

/* On a slow line, Esc and the key behind it come as one Alt key. */
static int
esc_first(struct app *a, const struct ui_key *k)
{
	const struct ui_key esc = { .code = K_ESC };
	struct ui_key then = *k;
	int number;

	if ((k->mods & MOD_ALT) == 0 ||
	    (k->code == K_CHAR && (k->mods & MOD_CTRL) == 0) ||
	    keymap_find(a->where, k, &number) != ACT_NONE)
		return 0;
	then.mods &= ~(unsigned)MOD_ALT;
	if (keymap_find(a->where, &then, &number) == ACT_NONE)
		return 0;
	app_on_key(a, &esc, NULL, 0);
	app_on_key(a, &then, NULL, 0);
	return 1;
}

void
app_on_key(struct app *a, const struct ui_key *k, const char *paste,
    size_t paste_n)
{
	struct edit *e = target(a);
	enum ui_action act;
	int number;

	if (k->code == K_PASTE) {
		if (e == NULL)
			return;
		if (edit_paste(e, paste, paste_n))
			changed(a);
		else
			app_tell(a, LINE_WARN,
			    "The paste is longer than %d bytes and was left "
			    "out.",
			    MODEL_BYTES_MAX);
		return;
	}
	if (swallowed(a, k) || esc_first(a, k))
		return;
	act = keymap_find(a->where, k, &number);
	if (act == ACT_CLEAR) {
		act_clear(a, e);
		changed(a);
		return;
	}
	if (act != ACT_NONE && wizard_key(a, k, act))
		return;
	if (act != ACT_NONE) {
		run(a, act, number);
		return;
	}
	if (e == NULL)
		return;
	/* Typing opens a folded paste, so that it can be edited. */
	if (edit_folded(e).lines > 0)
		(void)edit_unfold(e);
	if (edit_key(e, k))
		changed(a);
}
