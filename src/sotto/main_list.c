/* The list beside the chat: chats, requests, who is online; see present.h. */
#include <string.h>

#include "sotto/present.h"

static struct ui_item *
add_item(struct frame *f, const char *name, const char *right)
{
	struct ui_item *it =
	    &f->item[f->n_items < FRAME_ITEMS ? f->n_items++ : FRAME_ITEMS - 1];

	*it = (struct ui_item){ .presence = UI_NO_PRESENCE,
		.name = name,
		.mark = "",
		.right = right };
	return it;
}

static void
add_heading(struct frame *f, const char *name, const char *right)
{
	add_item(f, name, right)->is_heading = 1;
}

static enum ui_presence
presence_of(const struct app *a, const struct name *n)
{
	switch (model_presence(&a->m, n)) {
	case WIRE_ONLINE:
		return UI_ONLINE;
	case WIRE_BUSY:
		return UI_BUSY;
	case WIRE_OFFLINE:
		break;
	}
	return UI_OFFLINE;
}

static void
mark(struct ui_item *it, const struct contact_info *i)
{
	if (i == NULL)
		return;
	if (i->trust == TRUST_VERIFIED)
		it->mark = "v";
	else if (i->trust == TRUST_CHANGED)
		it->mark = "!";
	it->mark_style = trust_style(i);
}

static void
list_chats(struct frame *f, const struct app *a)
{
	const size_t unread = model_unread(&a->m);
	size_t number = 0;

	add_heading(f, " CHATS",
	    unread > 0 ? say(f, "%zu unread", unread) : "");
	for (size_t i = 0; i < a->m.n_chats; i++) {
		const struct mchat *c = a->m.chat[i];
		const char *right = "";
		struct ui_item *it;

		if (c->phase == PHASE_RINGING)
			continue;
		number++;
		if (c->unread > 0)
			right = say(f, c->muted ? "(%zu)" : "%zu", c->unread);
		else if (c->phase == PHASE_ASKING)
			right = "asked";
		it = add_item(f,
		    number <= 9 ? say(f, "%zu %s", number, c->name.s)
				: c->name.s,
		    right);
		it->presence = presence_of(a, &c->name);
		it->chat = c->name.s;
		it->current = c == a->m.current;
		mark(it, model_known(&a->m, &c->name));
	}
}

static void
list_requests(struct frame *f, const struct app *a)
{
	const size_t n = model_requests(&a->m);
	const struct mchat *c;

	if (n == 0)
		return;
	add_heading(f, say(f, " REQUESTS %zu", n), "Alt-R");
	for (size_t i = 0; (c = app_request_at(a, i)) != NULL; i++) {
		struct ui_item *it = add_item(f, say(f, "? %s", c->name.s), "");

		if (c->trust == TRUST_CHANGED) {
			it->mark = "!";
			it->mark_style = UI_WARN;
		}
	}
}

/* Rows of the list on this screen. */
static size_t
list_rows(const struct frame *f)
{
	return f->rows > 5 ? (size_t)f->rows - 4 : 1;
}

static void
list_online(struct frame *f, const struct app *a)
{
	size_t all = 0, left = 0, room;

	for (size_t i = 0; i < a->m.n_people; i++) {
		all += a->m.people[i].state != WIRE_OFFLINE;
		left += a->m.people[i].state != WIRE_OFFLINE &&
		    model_find_chat(&a->m, &a->m.people[i].name) == NULL;
	}
	add_heading(f, say(f, " ONLINE %zu", all), "Alt-O");
	room = list_rows(f) > f->n_items ? list_rows(f) - f->n_items : 0;
	if (left > room && room > 0)
		room--; /* for the line that says how many more */
	for (size_t i = 0; i < a->m.n_people && room > 0; i++) {
		const struct person *p = &a->m.people[i];
		struct ui_item *it;

		if (p->state == WIRE_OFFLINE ||
		    model_find_chat(&a->m, &p->name) != NULL)
			continue;
		it = add_item(f, p->name.s, "");
		it->presence = presence_of(a, &p->name);
		mark(it, model_known(&a->m, &p->name));
		room--;
		left--;
	}
	if (left > 0)
		(void)add_item(f, say(f, "+%zu more", left), "");
}

/* They tick themselves, and go when all of them are done. */
static void
list_steps(struct frame *f, const struct app *a)
{
	int verified = 0, done = 0;

	for (size_t i = 0; i < a->m.n_known; i++)
		verified |= a->m.known[i].info.trust == TRUST_VERIFIED;
	const struct {
		const char *name;
		int done;
	} steps[] = { { "paste your line", 1 },
		{ "talk to somebody", a->m.n_chats > 0 },
		{ "verify somebody", verified },
		{ "set a lock (F2)", a->conf->lock_after > 0 } };
	const size_t n = sizeof(steps) / sizeof(steps[0]);

	for (size_t i = 0; i < n; i++)
		done += steps[i].done;
	if (!a->conf->first_steps || done == (int)n ||
	    f->n_items + n + 2 > list_rows(f))
		return;
	add_heading(f, "", "");
	add_heading(f, " FIRST STEPS", say(f, "%d of %zu", done, n));
	for (size_t i = 0; i < n; i++)
		(void)add_item(f,
		    say(f, "%s %s", steps[i].done ? "x" : "-", steps[i].name),
		    "");
}

void
main_list(struct frame *f, const struct app *a)
{
	list_chats(f, a);
	list_requests(f, a);
	list_online(f, a);
	list_steps(f, a);
	f->v.main.item = f->item;
	f->v.main.n_items = f->n_items;
}
