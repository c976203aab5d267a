/* People, verifying, the inspector, and the boxes; see present.h, screens 3,
 * 4, 6 and 9. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/present.h"

static void
blank(struct frame *f)
{
	(void)add_line(f, UI_PLAIN, 0, NULL);
}

/* ---- people ---- */

static const char *
you_and_them(struct frame *f, const struct app *a, const struct name *n)
{
	const struct mchat *c = model_find_chat(&a->m, n);
	const struct name *like = model_looks_like(&a->m, n);

	if (like != NULL)
		return say(f, "LOOKS LIKE %s", like->s);
	if (c == NULL)
		return model_known(&a->m, n) != NULL ? "you know them" : "-";
	switch (c->phase) {
	case PHASE_ASKING:
		return say(f, "you asked %s",
		    say_ago(f, app_now_ms() - c->since_ms));
	case PHASE_RINGING:
		return "asks you: Alt-R";
	case PHASE_OPEN:
		return "in a chat";
	case PHASE_OVER:
		break;
	}
	return "chat is over";
}

static const char *
key_words(const struct contact_info *i)
{
	if (i == NULL)
		return "-";
	switch (i->trust) {
	case TRUST_VERIFIED:
		return "v verified";
	case TRUST_CHANGED:
		return "! NEW KEY";
	case TRUST_FIRST:
		return "not ver.";
	case TRUST_UNKNOWN:
		break;
	}
	return "-";
}

static const char *
now_words(enum wire_state s)
{
	switch (s) {
	case WIRE_ONLINE:
		return "* online";
	case WIRE_BUSY:
		return "~ busy";
	case WIRE_OFFLINE:
		break;
	}
	return ". offline";
}

void
page_people(struct frame *f, struct app *a)
{
	const struct person *p;
	size_t online = 0, n = 0;

	for (size_t i = 0; i < a->m.n_people; i++)
		online += a->m.people[i].state != WIRE_OFFLINE;
	while (app_person_at(a, n) != NULL)
		n++;
	if (n > 0 && a->selected >= n)
		a->selected = n - 1;
	f->v.page.title =
	    say(f, "people on %.*s", (int)strcspn(a->m.relay, "."), a->m.relay);
	f->v.page.title_mid = say(f, "%zu online", online);
	f->v.page.title_right = say_time(f, clock_wall_ms());
	add_field(f, a->filter, "type to filter > ", 1);
	(void)add_fixed(f, UI_DIM, 1,
	    say(f, "%-17s %-10s %-11s %-22s %s", "name", "now", "key",
		"you and them", "key since"));
	for (size_t i = 0; (p = app_person_at(a, i)) != NULL; i++) {
		const struct contact_info *k = model_known(&a->m, &p->name);
		struct ui_line *l = add_fixed(f, UI_PLAIN, 1,
		    say(f, "%-17s %-10s %-11s %-22s %s", p->name.s,
			now_words(p->state), key_words(k),
			you_and_them(f, a, &p->name),
			k != NULL ? say_date(f, k->first_seen) : ""));

		l->selected = i == a->selected;
	}
	if (n == 0)
		(void)add_line(f, UI_DIM, 1,
		    a->m.n_people == 0
			? "Nobody else is here yet. Whoever comes is listed "
			  "at once."
			: "Nobody with that in the name is online.");
	add_foot(f, UI_PLAIN,
	    "Enter asks for a chat. Asking sends your name, your certificate "
	    "and nothing else.");
	add_foot(f, UI_DIM,
	    "/search PART, typed in the chat, finds people who are offline, "
	    "too.");
}

/* ---- the inspector ---- */

static void
add_trace_msg(struct frame *f, const struct trace_msg *m, const char *other)
{
	const char *arrow = m->dir == TRACE_SENT ? say(f, "you -> %s", other)
	    : m->dir == TRACE_RECEIVED           ? say(f, "%s -> you", other)
						 : "checked";
	const unsigned ms = (unsigned)(m->at_ms % 1000);

	if (m->size > 0)
		(void)add_fixed(f, UI_BOLD, 0,
		    say(f, "%s  %s  %zu bytes  %s:%02u.%03u", arrow, m->name,
			m->size, say_time(f, m->at_ms),
			(unsigned)(m->at_ms / 1000 % 60), ms));
	else
		(void)add_fixed(f, UI_BOLD, 0,
		    say(f, "%s  %s", arrow, m->name));
	for (size_t i = 0; i < m->n; i++) {
		const struct trace_field *d = &m->field[i];

		/* A value that has no room beside its name goes below it. */
		if (4 + 21 + (int)strlen(d->value) < f->cols - 2) {
			(void)add_line(f, UI_PLAIN, 4,
			    say(f, "%-20s %s", d->name, d->value));
			continue;
		}
		(void)add_line(f, UI_PLAIN, 4, d->name);
		(void)add_line(f, UI_PLAIN, 8, d->value);
	}
}

void
page_inspect(struct frame *f, struct app *a)
{
	const struct trace *t;
	const char *what, *other = "relay";

	if (a->trace > a->m.n_traces)
		a->trace = 0;
	if (a->trace == 0) {
		t = a->m.login;
		what = "login at the relay";
	} else {
		t = a->m.chat_trace[a->trace - 1].trace;
		other = a->m.chat_trace[a->trace - 1].name.s;
		what = say(f, "chat with %s", other);
	}
	f->v.page.title = say(f, "inspect  %s", what);
	f->v.page.title_mid =
	    say(f, "%zu of %zu, Tab", a->trace + 1, a->m.n_traces + 1);
	f->v.page.title_right = "Esc back";
	if (t == NULL || t->n == 0) {
		(void)add_line(f, UI_DIM, 1,
		    "There has been no handshake yet. Everything that goes "
		    "over the wire is listed here, field by field.");
		return;
	}
	for (size_t i = 0; i < t->n; i++) {
		if (i > 0)
			blank(f);
		add_trace_msg(f, &t->msg[i], other);
	}
	if (a->selected >= f->n)
		a->selected = f->n - 1;
	f->line[a->selected].selected = 1;
	add_foot(f, UI_DIM,
	    "Public values only: of a secret there is its name and size, "
	    "never the value.");
}

/* ---- boxes ---- */

void
box_requests(struct frame *f, struct app *a)
{
	const size_t n = model_requests(&a->m);
	const struct mchat *c;
	const struct name *like;
	struct safety_block b;
	const char *key = "";

	if (n > 0 && a->selected >= n)
		a->selected = n - 1;
	f->box.title = say(f, "requests  %zu waiting", n);
	f->box.foot = a->m.current != NULL
	    ? say(f, "your draft to %s is kept", a->m.current->name.s)
	    : "Esc later";
	if (n == 0) {
		(void)add_box(f, UI_DIM, "Nobody asks for a chat any more.");
		return;
	}
	for (size_t i = 0; (c = app_request_at(a, i)) != NULL; i++) {
		struct ui_line *l = add_box(f, UI_PLAIN,
		    say(f, "%s %-17s %s", i == a->selected ? ">" : " ",
			c->name.s, say_ago(f, app_now_ms() - c->since_ms)));

		l->kind = UI_LINE_FIXED;
		l->selected = i == a->selected;
	}
	c = app_request_at(a, a->selected);
	safety_of_key(&b, &c->key);
	for (size_t i = 0; i < 6; i++)
		key = say(f, "%s%s%s", key, i > 0 ? " " : "", b.word[i]);
	(void)add_box(f, UI_PLAIN, NULL);
	(void)add_box(f, UI_BOLD, say(f, "%s would like to chat.", c->name.s));
	(void)add_box(f, c->trust == TRUST_CHANGED ? UI_WARN : UI_PLAIN,
	    c->trust == TRUST_CHANGED
		? "This is NOT the key that you know of them. Compare before "
		  "you say anything that matters."
		: c->trust == TRUST_VERIFIED
		? "You know and have verified this key."
		: c->trust == TRUST_FIRST
		? "The same key as before; you have not verified it."
		: "You never met before on this computer.");
	(void)add_box(f, UI_PLAIN, say(f, "their key  %s ...", key));
	if ((like = model_looks_like(&a->m, &c->name)) != NULL)
		(void)add_box(f, UI_WARN,
		    say(f,
			"THE NAME LOOKS LIKE %s, whom you know. It is "
			"somebody else.",
			like->s));
	(void)add_box(f, UI_PLAIN, NULL);
	(void)add_box(f, UI_ACCENT,
	    "[A]ccept   [R]efuse: they are told no   Esc later");
}

void
box_quit(struct frame *f, struct app *a)
{
	const size_t n = model_unsent(&a->m);

	f->box.title = "leave sotto?";
	f->box.foot = "Y leave   N stay";
	(void)add_box(f, UI_PLAIN,
	    say(f, "%s still here; %s out when you come back.",
		say_n(f, n, "message is", "messages are"),
		n == 1 ? "it goes" : "they go"));
}
