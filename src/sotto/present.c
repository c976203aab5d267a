/* The main view; see present.h and screens 2, 3 and 10 of the design. */
#include "sotto/present.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define ON_WIDE 120

/* ---- the top line ---- */

static const char *
relay_words(struct frame *f, struct app *a, enum ui_style *st)
{
	const struct model *m = &a->m;
	const int n = (int)strcspn(m->relay, ".");
	const uint64_t now = app_now_ms();
	uint64_t left;

	*st = UI_WARN;
	switch (m->link) {
	case LINK_ONLINE:
		*st = UI_TITLE;
		return say(f, "%.*s ONLINE", n, m->relay);
	case LINK_WAITING:
		left = m->retry_at_ms > now ? m->retry_at_ms - now : 0;
		a->redraw_at_ms = now + left % 1000 + 1;
		return say(f, "%.*s OFFLINE, again in %llu s", n, m->relay,
		    (unsigned long long)((left + 999) / 1000));
	case LINK_LOOKING_UP:
	case LINK_CONNECTING:
	case LINK_HANDSHAKE:
		return say(f, "%.*s connecting", n, m->relay);
	case LINK_OFF:
		break;
	}
	return say(f, "%.*s OFFLINE", n, m->relay);
}

static void
top_line(struct frame *f, struct app *a)
{
	struct ui_main *v = &f->v.main;
	const struct mchat *c = a->m.current;
	const size_t asking = model_requests(&a->m);

	v->trust = v->presence = "";
	if (c == NULL) {
		v->peer = "sotto";
		v->presence = say(f, "you are %s", a->m.me.s);
	} else {
		const struct contact_info *i = model_known(&a->m, &c->name);
		const char *t = trust_words(f, i);

		v->peer = c->name.s;
		v->presence = presence_words(a, c);
		v->trust = t[0] != '\0' ? say(f, "[%s]", t) : "";
		v->trust_style = trust_style(i);
	}
	v->relay = relay_words(f, a, &v->relay_style);
	v->relay_trust =
	    a->m.pin_how == PIN_UNCHECKED ? "server not checked" : "";
	v->requests = asking > 0 ? say_n(f, asking, "request", "requests") : "";
	v->clock = say_time(f, clock_wall_ms());
}

/* ---- the composer ---- */

static const char *
to_words(struct frame *f, const struct app *a, const struct mchat *c)
{
	const struct contact_info *i = model_known(&a->m, &c->name);

	switch (c->phase) {
	case PHASE_ASKING:
		return say(f, "%s was asked, not open yet", c->name.s);
	case PHASE_RINGING:
		return say(f, "%s asks you: Alt-R", c->name.s);
	case PHASE_OVER:
		return say(f, "chat over - /chat %s asks again", c->name.s);
	case PHASE_OPEN:
		break;
	}
	if (c->about == ACT_REPLY)
		return say(f, "answer to one of %s's - Esc: a text of its own",
		    c->name.s);
	if (c->about == ACT_REACT)
		return say(f, "a sign to one of %s's - Esc: a text", c->name.s);
	if (c->about == ACT_EDIT)
		return say(f, "in other words, to %s - Esc: leave it as it was",
		    c->name.s);
	if (model_is_held(&a->m, c)) {
		size_t held = 0;

		for (size_t k = 0; k < c->n_lines; k++)
			held += c->line[k].kind == LINE_MINE &&
			    c->line[k].state == SENT_WAITING;
		return say(f, "to %s (! NEW KEY, %s held)", c->name.s,
		    say_n(f, held, "message", "messages"));
	}
	if (c->gone_days > 0)
		return say(f, "to %s (%s, end-to-end, gone after %u d)",
		    c->name.s, trust_words(f, i), c->gone_days);
	return say(f, "to %s (%s, end-to-end)", c->name.s, trust_words(f, i));
}

static void
offers(struct frame *f, struct app *a, const struct edit *e)
{
	const struct offers *o = &a->offers;

	complete(a, e, a->offer_paths, &a->offers);
	if (a->offered >= o->n)
		a->offered = 0;
	if (a->no_offers)
		return;
	for (size_t i = 0; i < o->n; i++) {
		f->offer[i] = (struct ui_line){ .label = o->o[i].show,
			.text = o->o[i].about,
			.selected = i == a->offered };
		if (i + 1 == o->n)
			f->offer[i].text = say(f, "%s%s%s", o->o[i].about,
			    o->o[i].about[0] != '\0' ? "   " : "",
			    o->more ? "Tab takes it; there are more"
				    : "Tab takes it");
	}
	f->v.main.offer = f->offer;
	f->v.main.n_offers = o->n;
}

static void
composer(struct frame *f, struct app *a)
{
	struct ui_main *v = &f->v.main;
	const struct mchat *c = a->m.current;
	const struct edit *e = c != NULL ? c->draft : a->filter;
	const struct edit_fold fold = edit_folded(e);

	v->composer = e;
	if (c == NULL) {
		v->to = "nobody to write to yet";
		v->to_style = UI_DIM;
		v->prompt = "> ";
		v->count = "";
	} else {
		const struct contact_info *i = model_known(&a->m, &c->name);

		v->to = to_words(f, a, c);
		v->to_style = c->phase != PHASE_OPEN ? UI_DIM
		    : trust_style(i) == UI_TITLE     ? UI_BOLD
						     : trust_style(i);
		v->prompt = say(f, "%s> ", c->name.s);
		/* Near the end only: it would change with every key. */
		v->count = edit_len(e) > MODEL_TEXT_MAX * 4 / 5
		    ? say(f, "%zu/%d", edit_count(e), MODEL_TEXT_MAX)
		    : "";
	}
	if (fold.lines > 0)
		v->fold = say(f,
		    "[paste, %zu lines, %zu bytes]  Enter sends it as one "
		    "message, Esc takes it out, any letter opens it",
		    fold.lines, fold.bytes);
	a->offers.n = 0;
	if (a->where == AT_CHAT)
		offers(f, a, e);
}

static void
main_view(struct frame *f, struct app *a)
{
	f->v.base = UI_MAIN;
	top_line(f, a);
	main_list(f, a);
	composer(f, a);
	f->v.main.show_list = a->show_list;
	f->v.main.no_list = !a->conf->list;
	f->v.main.no_columns = !a->conf->align;
	if (a->m.current != NULL) {
		f->v.main.detail_first = a->details;
		if (f->cols >= ON_WIDE ? !a->details : a->details)
			main_details(f, a);
		main_messages(f, a); /* has what the others leave */
	} else {
		main_nobody(f, a);
	}
}

/* ---- all of it ---- */

/* What is below a box. */
static enum ui_where
base_of(const struct app *a)
{
	if (a->where == AT_HELP || a->where == AT_QUIT)
		return a->below;
	if (((unsigned)a->where &
		(AT_SELECT | AT_MENU | AT_PALETTE | AT_WRITTEN | AT_NORMAL)) !=
	    0)
		return AT_CHAT;
	return a->where;
}

static void
base(struct frame *f, struct app *a)
{
	switch (base_of(a)) {
	case AT_CHAT:
	case AT_REQUESTS:
	case AT_HELP:
	case AT_QUIT:
	case AT_SELECT:
	case AT_MENU:
	case AT_PALETTE:
	case AT_WRITTEN:
	case AT_NORMAL:
		main_view(f, a);
		return;
	case AT_SETTINGS:
		page_settings(f, a);
		break;
	case AT_SERVER:
		page_server(f, a);
		break;
	case AT_PEOPLE:
		page_people(f, a);
		break;
	case AT_FIND:
		page_find(f, a);
		break;
	case AT_VERIFY:
		page_verify(f, a);
		break;
	case AT_INSPECT:
		page_inspect(f, a);
		break;
	case AT_ADDRESS:
	case AT_PROMPT:
	case AT_NAME:
	case AT_BUSY:
	case AT_UNLOCK:
	case AT_CHANGED:
		page_wizard(f, a);
		break;
	}
	f->v.base = UI_PAGE;
	f->v.page.line = f->line;
	f->v.page.n = f->n;
	f->v.page.side = f->side;
	f->v.page.n_side = f->n_side;
	f->v.page.foot = f->foot;
	f->v.page.n_foot = f->n_foot;
	f->v.page.scroll = a->scroll;
	f->v.page.follow = a->follow;
}

static void
boxes(struct frame *f, struct app *a)
{
	switch ((int)a->where) {
	case AT_HELP:
		box_help(f, a);
		break;
	case AT_REQUESTS:
		box_requests(f, a);
		break;
	case AT_QUIT:
		box_quit(f, a);
		break;
	case AT_MENU:
		box_menu(f, a);
		break;
	case AT_PALETTE:
		box_palette(f, a);
		break;
	case AT_WRITTEN:
		box_written(f, a);
		break;
	default:
		break;
	}
}

/* The clock moves once a minute, if nothing else does. */
static void
next_minute(struct app *a)
{
	const uint64_t at = app_now_ms() + 60000 - clock_wall_ms() % 60000 + 10;

	if (a->redraw_at_ms == 0 || a->redraw_at_ms > at)
		a->redraw_at_ms = at;
}

void
present(struct frame *f, struct app *a, int w, int h)
{
	const size_t unread = model_unread(&a->m);

	frame_begin(f, a, w, h);
	keymap_hint(a->conf->keys, &f->hint, a->where, w);
	if (a->tip[0] != '\0') {
		memset(&f->hint, 0, sizeof(f->hint));
		(void)snprintf(f->hint.text, sizeof(f->hint.text), "%s",
		    a->tip);
	}
	base(f, a);
	f->v.hint = f->hint.text;
	f->v.spots = &f->spots;
	a->spots = &f->spots;
	if (a->where == AT_NORMAL)
		f->v.hint = say(f, "NORMAL  i types   %s", f->hint.text);
	f->v.unread = unread > 0 ? say(f, "%zu unread", unread) : "";
	boxes(f, a);
	if (f->n_box > 0) {
		f->box.line = f->box_line;
		f->box.n = f->n_box;
		f->box.follow = a->follow;
		f->box.scroll = a->scroll;
		f->v.box = &f->box;
	}
	next_minute(a);
	if (a->m.current != NULL && a->m.current->typing_until_ms > 0 &&
	    a->m.current->typing_until_ms < a->redraw_at_ms)
		a->redraw_at_ms = a->m.current->typing_until_ms;
}
