/* Help, the palette, what was written before, a message's menu, settings, and
 * what the server knows; see present.h. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/present.h"

static void
box_filter(struct frame *f, struct app *a, const char *label, size_t n)
{
	if (n > 0 && a->selected >= n)
		a->selected = n - 1;
	f->box.field =
	    (struct ui_field){ .edit = a->filter, .label = label, .active = 1 };
	add_box(f, UI_INPUT, NULL)->kind = UI_LINE_FIELD;
}

static void
box_row(struct frame *f, enum ui_style st, const char *text, int selected)
{
	struct ui_line *l = add_box(f, st, text);

	l->kind = UI_LINE_FIXED;
	l->selected = selected;
}

/* ---- help ---- */

/* Why a key does nothing just now; NULL: it does. */
static const char *
not_now(const struct app *a, const struct keymap_action *t)
{
	if (a->below == AT_MENU)
		return pick_cannot(a, t->action);
	if ((a->below & (AT_CHAT | AT_SELECT | AT_NORMAL)) == 0)
		return NULL;
	switch ((int)t->action) {
	case ACT_REQUESTS:
		return model_requests(&a->m) == 0 ? "nobody asks" : NULL;
	case ACT_NEXT_UNREAD:
	case ACT_PEEK:
		return model_unread(&a->m) == 0 ? "all is read" : NULL;
	case ACT_VERIFY:
	case ACT_SEND:
	case ACT_MUTE:
	case ACT_MARK_UNREAD:
	case ACT_EDITOR:
		return a->m.current == NULL ? "no chat" : NULL;
	default:
		return NULL;
	}
}

void
box_help(struct frame *f, struct app *a)
{
	const struct keymap_action *t;
	size_t n = 0;

	while (app_help_at(a, n) != NULL)
		n++;
	f->box.title = "help: keys that work here";
	f->box.foot = "type to filter   Enter runs the line   Esc close";
	box_filter(f, a, "filter > ", n);
	for (size_t i = 0; (t = app_help_at(a, i)) != NULL; i++) {
		const char *why = not_now(a, t);
		char keys[64];

		keymap_keys(a->conf->keys, t, 0, keys, sizeof(keys));
		box_row(f, why != NULL ? UI_DIM : UI_PLAIN,
		    say(f, "%-18s %-38s %s", keys, t->help,
			why != NULL              ? say(f, "(%s)", why)
			    : t->command != NULL ? t->command
						 : ""),
		    i == a->selected);
	}
	if (n == 0)
		(void)add_box(f, UI_DIM, "No key has that in its name.");
	(void)add_box(f, UI_PLAIN, NULL);
	(void)add_box(f, UI_DIM,
	    "MARKS  v verified   ! key changed   * online   ~ busy   "
	    ". offline");
	(void)add_box(f, UI_DIM,
	    "Where a terminal takes F-keys: Esc, then the digit.");
}

/* ---- the palette ---- */

static const char *
palette_words(struct frame *f, const struct app *a, const struct palette_row *r)
{
	const struct mchat *c;
	char key[24];

	switch (r->kind) {
	case PALETTE_CHAT:
		c = model_find_chat(&a->m, &r->name);
		return say(f, "%-18s chat, %s%s", r->name.s,
		    c != NULL ? presence_words(a, c) : "",
		    c != NULL && c->unread > 0
			? say(f, ", %zu unread", c->unread)
			: "");
	case PALETTE_PERSON:
		return say(f, "%-18s online: ask for a chat", r->name.s);
	case PALETTE_COMMAND:
		keymap_key_of(a->conf->keys, AT_CHAT, r->cmd->action, key,
		    sizeof(key));
		return say(f, "%-18s %-40s %s",
		    say(f, "/%s %s", r->cmd->name,
			r->cmd->arg != NULL ? r->cmd->arg : ""),
		    r->cmd->help, key);
	case PALETTE_KEY:
		keymap_keys(a->conf->keys, r->action, 1, key, sizeof(key));
		return say(f, "%-18s %s", key, r->action->help);
	}
	return "";
}

void
box_palette(struct frame *f, struct app *a)
{
	palette_fill(a);
	f->box.title = "go to a chat, ask somebody, run a command";
	f->box.foot = "some letters are enough   Enter   Esc close";
	box_filter(f, a, "> ", a->palette.n);
	for (size_t i = 0; i < a->palette.n; i++)
		box_row(f, UI_PLAIN, palette_words(f, a, &a->palette.row[i]),
		    i == a->selected);
	if (a->palette.n == 0)
		(void)add_box(f, UI_DIM,
		    "Nothing and nobody has these letters in that order.");
}

/* ---- what was written before ---- */

#define WRITTEN_SHOWN 100

void
box_written(struct frame *f, struct app *a)
{
	const char *text;
	size_t n = 0;

	while (n < WRITTEN_SHOWN && written_find(a, n) != NULL)
		n++;
	f->box.title = "what you wrote";
	f->box.foot = "Enter takes it into the composer   Esc close";
	box_filter(f, a, "words > ", n);
	for (size_t i = 0; i < n && (text = written_find(a, i)) != NULL; i++)
		box_row(f, UI_PLAIN,
		    say(f, "%.*s", (int)strcspn(text, "\n"), text),
		    i == a->selected);
	if (n == 0)
		(void)add_box(f, UI_DIM,
		    "You wrote nothing with that, in what is loaded here; "
		    "Ctrl-F looks into all there ever was.");
}

/* ---- what to do with a message ---- */

void
box_menu(struct frame *f, struct app *a)
{
	static const struct {
		enum ui_action act;
		const char *words;
	} rows[] = { { ACT_REPLY, "R  answer it" },
		{ ACT_REACT, "S  a sign to it" },
		{ ACT_EDIT, "E  say it in other words" },
		{ ACT_DELETE, "D  take it back" }, { ACT_COPY, "C  copy it" },
		{ ACT_OPEN_LINK, "O  open its link" },
		{ ACT_MARK_UNREAD, "U  unread from here on" } };
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	const struct line *l = pick_line(a);

	if (a->selected >= n)
		a->selected = n - 1;
	f->box.title = "this message";
	f->box.foot = "Enter or its letter   Esc close";
	if (l != NULL)
		box_row(f, UI_DIM,
		    say(f, "%.*s", (int)strcspn(l->text, "\n"), l->text), 0);
	for (size_t i = 0; i < n; i++) {
		const char *why = pick_cannot(a, rows[i].act);

		box_row(f, why != NULL ? UI_DIM : UI_PLAIN,
		    why != NULL ? say(f, "%s  (%s)", rows[i].words, why)
				: rows[i].words,
		    i == a->selected);
	}
	if (l != NULL && l->kind == LINE_MINE)
		(void)add_box(f, UI_DIM,
		    say(f, "Said %s, %s.", say_date(f, l->at_ms / 1000),
			say_time(f, l->at_ms)));
	else if (l != NULL)
		(void)add_box(f, UI_DIM,
		    say(f, "Came %s, %s.", say_date(f, l->at_ms / 1000),
			say_time(f, l->at_ms)));
}

/* ---- settings ---- */

void
page_settings(struct frame *f, struct app *a)
{
	const struct setting *s;
	char buf[32];
	size_t n = 0;

	while (settings_at(n) != NULL)
		n++;
	if (a->selected >= n)
		a->selected = n - 1;
	f->v.page.title = "settings";
	f->v.page.title_mid = "each counts at once";
	f->v.page.title_right = say_time(f, clock_wall_ms());
	(void)add_line(f, UI_PLAIN, 0, NULL);
	for (size_t i = 0; (s = settings_at(i)) != NULL; i++) {
		struct ui_line *l = add_fixed(f, UI_PLAIN, 2,
		    say(f, "%-18s %-10s %s", s->name, settings_value(a, s, buf),
			s->help));

		l->selected = i == a->selected;
	}
	(void)add_line(f, UI_PLAIN, 0, NULL);
	if (a->error[0] != '\0')
		(void)add_line(f, UI_WARN, 2, a->error);
	(void)add_line(f, UI_GOOD, 2, "[v verified]  colours only repeat it");
	(void)add_line(f, UI_WARN, 2, "[! NEW KEY]  what must not be missed");
	(void)add_line(f, UI_ACCENT, 2, "3 unread, Alt-A");
	add_foot(f, UI_DIM,
	    "They are merged into sotto.conf: comments and what you wrote "
	    "there stay.");
}

/* ---- what the server knows ---- */

static const char *
address_words(struct frame *f, const struct wire_known *k)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (k->family == 0 ||
	    inet_ntop(k->family == 4 ? AF_INET : AF_INET6, k->addr, text,
		sizeof(text)) == NULL)
		return "not known";
	return say(f, "%s, port %u", text, k->port);
}

static void
known_rows(struct frame *f, const struct wire_known *k)
{
	(void)add_line(f, UI_BOLD, 1, "It stores");
	add_label(f, "name, key",
	    "your name, your public key, your certificate");
	add_label(f, "enrolled", say_date(f, k->enrolled_at));
	add_label(f, "last login",
	    say(f, "%s, %s", say_date(f, k->login_at),
		say_time(f, k->login_at * 1000)));
	add_label(f, "certificate",
	    say(f, "good until %s", say_date(f, k->cert_until)));
	add_label(f, "mailbox",
	    k->messages == 0
		? "empty"
		: say(f, "%u messages, %llu bytes, sealed for you alone",
		      k->messages, (unsigned long long)k->bytes));
	add_label(f, "prekeys",
	    "public keys with which others can begin a chat while you are "
	    "away");
	(void)add_line(f, UI_PLAIN, 0, NULL);
	(void)add_line(f, UI_BOLD, 1, "It sees now");
	add_label(f, "address", address_words(f, k));
	add_label(f, "seen by",
	    say(f, "%s: that you are online",
		say_n(f, k->seen_by, "other person is told",
		    "other people are told")));
	add_label(f, "to whom",
	    "whom you write to, when, and how much, rounded up");
	add_label(f, "its log",
	    k->names_logged ? "has names" : "has numbers, not names");
	add_label(f, "way back",
	    k->tickets ? "a ticket of yours is good for a day"
		       : "none: every login is a whole one");
	(void)add_line(f, UI_PLAIN, 0, NULL);
	(void)add_line(f, UI_GOOD, 1,
	    "It does not have: what is said, your passphrase, your secret "
	    "keys, who of your contacts is verified, your drafts.");
}

void
page_server(struct frame *f, struct app *a)
{
	f->v.page.title = say(f, "what %.*s knows of you",
	    (int)strcspn(a->m.relay, "."), a->m.relay);
	f->v.page.title_right = say_time(f, clock_wall_ms());
	(void)add_line(f, UI_PLAIN, 0, NULL);
	if (a->has_known)
		known_rows(f, &a->known);
	else
		(void)add_line(f, UI_DIM, 1,
		    a->known_refused
			? "It did not say: asked too often, or its disk "
			  "failed. Try again in a minute."
			: a->m.link == LINK_ONLINE
			? "It is asked ..."
			: "There is no connection; it cannot be asked now.");
	add_foot(f, UI_DIM,
	    "Asked of the relay just now, over the same tunnel. That it says "
	    "all of it, its owner has to answer for.");
}
