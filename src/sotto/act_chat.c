/* The place in a chat that is read, and from chat to chat; see app.h. */
#include <string.h>

#include "sotto/app.h"

#define PAGE_AHEAD 20 /* lines beyond what is in sight */

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
		if (!c->peek)
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

/* ---- from chat to chat ---- */

/* The chat that we leave is one to come back to. */
static void
note_been(struct app *a, const struct name *n)
{
	if (a->n_been > 0 && name_eq(&a->been[a->been_at], n))
		return;
	if (a->n_been > 0)
		a->n_been = a->been_at + 1; /* what was ahead is no more */
	if (a->n_been == BEEN_MAX) {
		memmove(a->been, a->been + 1,
		    (BEEN_MAX - 1) * sizeof(a->been[0]));
		a->n_been--;
	}
	a->been[a->n_been] = *n;
	a->been_at = a->n_been++;
}

static void
go(struct app *a, struct mchat *c)
{
	written_forget(a);
	a->picked = 0;
	a->show_list = 0;
	if (a->where == AT_SELECT)
		app_go(a, AT_CHAT);
	model_go(&a->m, c);
}

void
act_go(struct app *a, struct mchat *c)
{
	if (a->m.current != NULL)
		note_been(a, &a->m.current->name);
	go(a, c);
	note_been(a, &c->name);
}

void
act_been(struct app *a, int by)
{
	size_t at = a->been_at;

	while (by < 0 ? at > 0 : at + 1 < a->n_been) {
		struct mchat *c;

		at = by < 0 ? at - 1 : at + 1;
		c = model_find_chat(&a->m, &a->been[at]);
		if (c == NULL || c == a->m.current)
			continue;
		a->been_at = at;
		go(a, c);
		return;
	}
	app_tip(a, by < 0 ? "there is no chat before" : "there is none ahead");
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
			act_go(a, m->chat[i]);
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
			act_go(a, a->m.chat[i]);
			return;
		}
	}
}

static struct mchat *
next_unread(const struct app *a)
{
	for (size_t i = 0; i < a->m.n_chats; i++)
		if (a->m.chat[i]->unread > 0 && a->m.chat[i] != a->m.current &&
		    a->m.chat[i]->phase != PHASE_RINGING)
			return a->m.chat[i];
	return NULL;
}

void
act_next_unread(struct app *a)
{
	struct mchat *c = next_unread(a);

	if (c != NULL)
		act_go(a, c);
	else if (model_requests(&a->m) > 0)
		app_go(a, AT_REQUESTS);
	else
		app_tip(a, "nothing is unread, and nobody asks");
}

void
act_peek(struct app *a)
{
	struct mchat *c = next_unread(a);

	if (c == NULL) {
		app_tip(a, "nothing is unread");
		return;
	}
	c->peek = 1;
	act_go(a, c);
	app_tip(a, "%s stays unread until you come back", c->name.s);
}

void
act_mute(struct app *a)
{
	struct mchat *c = a->m.current;
	struct msg *m;

	if (c == NULL || c->number == 0 ||
	    (m = app_chat_cmd(a, CMD_MUTE, c->number)) == NULL)
		return;
	m->on = c->muted = !c->muted;
	app_post(a, m);
	app_tip(a,
	    c->muted ? "no notices of %s any more" : "notices of %s again",
	    c->name.s);
}
