/* What an action does, whether a key, a click, help or the palette began it;
 * see app.h. */
#include <string.h>

#include "sotto/app.h"
#include "ui/term_curses.h"

/* What may be begun from elsewhere is run there. */
static void
run_from_help(struct app *a)
{
	const struct keymap_action *t = app_help_at(a, a->selected);

	if (t == NULL)
		return;
	app_go(a, a->below);
	if (t->action != ACT_HELP)
		app_run_action(a, t->action, 1);
}

static const enum ui_action menu[] = { ACT_REPLY, ACT_REACT, ACT_EDIT,
	ACT_DELETE, ACT_COPY, ACT_OPEN_LINK, ACT_MARK_UNREAD };

static void
enter(struct app *a)
{
	if (a->where == AT_QUIT)
		app_quit(a);
	else if (a->where == AT_HELP)
		run_from_help(a);
	else if (a->where == AT_VERIFY)
		verify_enter(a);
	else if (a->where == AT_PALETTE)
		palette_enter(a);
	else if (a->where == AT_MENU &&
	    a->selected < sizeof(menu) / sizeof(menu[0]))
		pick_do(a, menu[a->selected]);
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

	if (a->where == AT_SELECT) {
		pick_move(a, by);
	} else if (a->where != AT_CHAT) {
		move(a, by);
	} else if (a->offers.n > 0 && !a->no_offers) {
		a->offered = (a->offered + a->offers.n +
				 (size_t)(by + (int)a->offers.n)) %
		    a->offers.n;
	} else if (c != NULL && edit_len(c->draft) == 0 && by < 0) {
		pick_begin(a);
	} else if (c != NULL) {
		(void)(by < 0 ? edit_up(c->draft, 60)
			      : edit_down(c->draft, 60));
	}
}

static void
page_by(struct app *a, int by)
{
	int w, h, rows;

	term_size(&w, &h);
	rows = h > 8 ? h - 6 : 2; /* what is in sight, less two */
	if (((unsigned)a->where & (AT_CHAT | AT_SELECT | AT_NORMAL)) != 0) {
		act_scroll(a, -by * rows);
	} else if (((unsigned)a->where &
		       (AT_PEOPLE | AT_HELP | AT_FIND | AT_PALETTE |
			   AT_WRITTEN | AT_SETTINGS)) != 0) {
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
	} else if (act == ACT_PALETTE) {
		app_go(a, AT_PALETTE);
	} else if (act == ACT_SETTINGS) {
		app_go(a, AT_SETTINGS);
	} else if (act == ACT_WRITTEN) {
		app_go(a, AT_WRITTEN);
	} else if (act == ACT_SERVER) {
		app_server(a);
	} else if (act == ACT_MENU) {
		app_go(a, AT_MENU);
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

/* Where one writes: what was written before, elsewhere, and to whom. */
static void
run_writing(struct app *a, enum ui_action act)
{
	struct mchat *c = a->m.current;

	switch ((int)act) {
	case ACT_SEND:
		act_send(a);
		break;
	case ACT_NEWLINE:
		if (c != NULL)
			(void)edit_insert(c->draft, "\n", 1);
		break;
	case ACT_COMPLETE:
		act_complete(a);
		break;
	case ACT_WRITTEN_OLDER:
	case ACT_WRITTEN_NEWER:
		written_by(a, act == ACT_WRITTEN_OLDER);
		break;
	case ACT_TAKE_WRITTEN:
		written_take(a);
		break;
	case ACT_EDITOR:
		written_edit(a);
		break;
	case ACT_PREFIX:
		a->prefix = 1;
		app_tip(a, "Ctrl-X: E editor, Ctrl-Z suspend");
		break;
	default:
		break;
	}
}

static void
run_chat(struct app *a, enum ui_action act)
{
	switch ((int)act) {
	case ACT_PEEK:
		act_peek(a);
		break;
	case ACT_MARK_UNREAD:
		if (a->where == AT_MENU)
			pick_do(a, act);
		else
			pick_unread(a);
		break;
	case ACT_MUTE:
		act_mute(a);
		break;
	case ACT_CHAT_BEFORE:
	case ACT_CHAT_AFTER:
		act_been(a, act == ACT_CHAT_BEFORE ? -1 : 1);
		break;
	default:
		pick_do(a, act);
		break;
	}
}

static void
run_screen(struct app *a, enum ui_action act)
{
	switch ((int)act) {
	case ACT_LIST:
		a->show_list = !a->show_list;
		break;
	case ACT_DETAILS:
		a->details = !a->details;
		break;
	case ACT_REDRAW:
		term_redraw();
		break;
	case ACT_LOCK:
		app_lock(a);
		break;
	case ACT_SUSPEND:
		term_suspend();
		break;
	case ACT_FIND:
		app_find(a);
		break;
	case ACT_GO_HIT:
		app_go_hit(a);
		break;
	case ACT_TAB_TRACE:
		act_next_trace(a);
		break;
	case ACT_CHANGE:
		settings_change(a, a->selected);
		break;
	default:
		break;
	}
}

void
app_run_action(struct app *a, enum ui_action act, int number)
{
	switch ((int)act) {
	case ACT_BACK:
		act_back(a);
		break;
	case ACT_QUIT:
		app_quit_asked(a);
		break;
	case ACT_SEND:
	case ACT_NEWLINE:
	case ACT_COMPLETE:
	case ACT_WRITTEN_OLDER:
	case ACT_WRITTEN_NEWER:
	case ACT_TAKE_WRITTEN:
	case ACT_EDITOR:
	case ACT_PREFIX:
		run_writing(a, act);
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
	case ACT_PALETTE:
	case ACT_SETTINGS:
	case ACT_WRITTEN:
	case ACT_SERVER:
	case ACT_MENU:
		go_to(a, act);
		break;
	case ACT_LIST:
	case ACT_DETAILS:
	case ACT_REDRAW:
	case ACT_LOCK:
	case ACT_SUSPEND:
	case ACT_FIND:
	case ACT_GO_HIT:
	case ACT_TAB_TRACE:
	case ACT_CHANGE:
		run_screen(a, act);
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
	case ACT_CLEAR:
	case ACT_NONE:
	case ACT_NEXT_FIELD:
	case ACT_UNCHECKED:
		break; /* of keys.c and wizard.c */
	default:       /* with this chat, or a message of it */
		run_chat(a, act);
		break;
	}
}
