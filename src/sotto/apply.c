/* What the engine tells, into the model; see app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/app.h"
#include "sotto/history.h"

/* ---- the connection ---- */

static void
on_link(struct app *a, const struct msg *m)
{
	struct model *md = &a->m;
	const enum link_state before = md->link;

	md->link = m->link;
	md->link_text[0] = '\0';
	if (m->text != NULL)
		(void)snprintf(md->link_text, sizeof(md->link_text), "%s",
		    m->text);
	if (m->link == LINK_WAITING)
		md->retry_at_ms = app_now_ms() + m->wait_ms;
	if (m->link == LINK_ONLINE) {
		md->suite = m->suite;
		md->on_ms = clock_wall_ms();
	}
	if (before == LINK_ONLINE && m->link != LINK_ONLINE) {
		model_people_reset(md);
		md->off_ms = clock_wall_ms();
		if (m->text != NULL && md->current != NULL)
			model_note(md, md->current, LINE_WARN, md->off_ms,
			    "%s What you write waits here.", m->text);
	}
}

static void
on_entered(struct app *a, const struct msg *m)
{
	a->m.me = m->me;
	a->m.port = m->port;
	a->m.pin_how = m->pin_how;
	a->m.authority = m->key;
	(void)snprintf(a->m.host, sizeof(a->m.host), "%s", m->host);
	(void)snprintf(a->m.relay, sizeof(a->m.relay), "%s", m->relay);
	wizard_wipe(a);
	app_go(a, AT_CHAT);
}

static void
on_server_changed(struct app *a, const struct msg *m)
{
	a->server_key = m->key;
	a->old_key = m->old_key;
	(void)snprintf(a->m.host, sizeof(a->m.host), "%s", m->host);
	a->m.port = m->port;
	wizard_wipe(a);
	a->show = SHOW_WORDS;
	a->want_pass = 0;
	app_go(a, AT_CHANGED);
}

/* ---- people ---- */

static void
on_presence(struct app *a, const struct msg *m)
{
	if (m->on) /* the first piece of the list */
		model_people_reset(&a->m);
	for (size_t i = 0; i < m->n_people; i++)
		model_set_person(&a->m, &m->people[i].name, m->people[i].state);
}

static void
on_change(struct app *a, const struct msg *m)
{
	const enum wire_state before = model_presence(&a->m, &m->name);
	struct mchat *c = model_find_chat(&a->m, &m->name);

	model_set_person(&a->m, &m->name, m->state);
	/* Told in the chat with them only; the list shows all. */
	if (c == NULL || c != a->m.current || c->phase != PHASE_OVER ||
	    before == m->state)
		return;
	if (before == WIRE_OFFLINE && m->state != WIRE_OFFLINE)
		model_note(&a->m, c, LINE_NOTE, clock_wall_ms(),
		    "%s is online again. /chat %s asks for a chat.", m->name.s,
		    m->name.s);
}

static void
on_found(struct app *a, const struct msg *m)
{
	char text[MSG_TEXT_MAX];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < m->n_people; i++) {
		int r = snprintf(text + n, sizeof(text) - n, "%s%s%s",
		    i > 0 ? ", " : "", m->people[i].name.s,
		    m->people[i].state == WIRE_OFFLINE ? "" : " (online)");

		if (r < 0 || (size_t)r >= sizeof(text) - n)
			break;
		n += (size_t)r;
	}
	if (m->n_people == 0)
		app_tell(a, LINE_NOTE,
		    "Nobody on this relay has that in "
		    "their name.");
	else
		app_tell(a, LINE_NOTE, "Found: %s%s", text,
		    m->on ? ", and others" : "");
}

/* ---- chats ---- */

struct mchat *
apply_chat_of(struct app *a, const struct msg *m, enum chat_phase phase)
{
	struct mchat *c = model_chat(&a->m, &m->name);

	if (c == NULL)
		return NULL;
	c->number = m->chat;
	c->phase = phase;
	c->since_ms = app_now_ms();
	return c;
}

static void
on_asked(struct app *a, const struct msg *m)
{
	struct mchat *c = apply_chat_of(a, m, PHASE_ASKING);

	if (c == NULL)
		return;
	c->away = m->on;
	model_note(&a->m, c, LINE_NOTE, clock_wall_ms(),
	    m->on ? "%s is away. Your question, and what you write now, waits "
		    "at the relay. /cancel takes it back."
		  : "You asked %s for a chat. /cancel takes it back.",
	    c->name.s);
	act_go(a, c);
	if (a->where == AT_PEOPLE)
		app_go(a, AT_CHAT);
}

static void
on_ringing(struct app *a, const struct msg *m)
{
	/* It lights up the counter, and never opens anything by itself. */
	struct mchat *c = apply_chat_of(a, m, PHASE_RINGING);

	if (c == NULL)
		return;
	c->key = m->key;
	c->trust = m->trust;
	if (m->trust == TRUST_CHANGED)
		model_note(&a->m, c, LINE_WARN, clock_wall_ms(),
		    "%s asks for a chat with a NEW KEY.", c->name.s);
	notice(a, c, "request");
}

static const char *
how_safe(enum trust t)
{
	return t == TRUST_VERIFIED ? "verified"
				   : "not verified yet: compare with /verify";
}

static void
on_open(struct app *a, const struct msg *m)
{
	struct mchat *c = apply_chat_of(a, m, PHASE_OPEN);

	if (c == NULL)
		return;
	c->suite = m->suite;
	model_note(&a->m, c, LINE_NOTE, clock_wall_ms(),
	    "The chat with %s is open, end-to-end encrypted (%s), %s.",
	    c->name.s, suite_name(m->suite), how_safe(m->trust));
	if (a->m.current == NULL)
		model_go(&a->m, c);
}

static const char *
over_words(enum chat_over o, enum chat_phase was)
{
	switch (o) {
	case OVER_REFUSED:
		return "said no to a chat";
	case OVER_BUSY:
		return "is busy; ask again later";
	case OVER_FULL:
		return "has too many requests waiting; ask again later";
	case OVER_CANCELLED:
		return "took the request back";
	case OVER_TIMEOUT:
		return was == PHASE_RINGING
		    ? "asked, and was not answered in time"
		    : "did not answer in time; the request was taken back";
	case OVER_NOT_HERE:
		return "is not online, or there is no such user";
	case OVER_LEFT:
		return "left the chat";
	case OVER_GONE:
		return "went offline; the chat is over";
	case OVER_LINK:
		return "cannot be reached, because the connection broke; "
		       "the chat is over";
	case OVER_KEY_CHANGED:
		return "has a NEW KEY, not the one that you know. The chat "
		       "was not opened and nothing was sent. A new device "
		       "explains it; so does somebody pretending. Compare "
		       "with /verify, or go on without: /trust-new";
	case OVER_FAILED:
		return "could not be reached safely";
	}
	return "is gone";
}

static int
is_warning(enum chat_over o)
{
	return o == OVER_KEY_CHANGED || o == OVER_FAILED || o == OVER_LINK;
}

static void
on_over(struct app *a, const struct msg *m)
{
	struct mchat *c = model_by_number(&a->m, m->chat);
	const enum line_kind k = is_warning(m->over) ? LINE_WARN : LINE_NOTE;
	enum chat_phase was;

	if (c == NULL)
		return;
	was = c->phase;
	c->phase = PHASE_OVER;
	c->since_ms = app_now_ms();
	if (m->text != NULL && m->text[0] != '\0' && m->over != OVER_LINK)
		model_note(&a->m, c, k, clock_wall_ms(), "%s", m->text);
	else
		model_note(&a->m, c, k, clock_wall_ms(), "%s %s.", c->name.s,
		    over_words(m->over, was));
	/* A request that came to nothing stays only if it was looked at. */
	if (was == PHASE_RINGING && m->over != OVER_KEY_CHANGED &&
	    c->n_lines == 1 && a->m.current != c)
		model_remove_chat(&a->m, c);
}

static void
on_removed(struct app *a, const struct msg *m)
{
	struct mchat *c = model_find_chat(&a->m, &m->name);

	if (c != NULL)
		model_remove_chat(&a->m, c);
	model_forget_known(&a->m, &m->name);
	app_tell(a, LINE_NOTE,
	    "Nothing is known of %s any more. Whoever comes by that name is "
	    "somebody new: compare the safety number again.",
	    m->name.s);
}

static void
on_safety(struct app *a, const struct msg *m)
{
	a->verify = m->name;
	a->block = m->block;
	a->has_block = 1;
	model_set_known(&a->m, &m->name, &m->contact);
	if (!a->verify_wanted)
		return;
	a->verify_wanted = 0;
	verify_begin(a);
}

static void
on_known(struct app *a, const struct msg *m)
{
	a->known = m->known;
	a->has_known = m->on;
	a->known_refused = !m->on;
}

static void
on_progress(struct app *a, const struct msg *m)
{
	a->step = m->step;
	a->step_ms = app_now_ms();
}

void
app_on_event(struct app *a, struct msg *m)
{
	switch (m->head.type) { /* commands do not come here */
	case EV_LINK:
		on_link(a, m);
		break;
	case EV_SERVER_KEY:
		wizard_server_key(a, m);
		break;
	case EV_SERVER_CHANGED:
		on_server_changed(a, m);
		break;
	case EV_PROGRESS:
		on_progress(a, m);
		break;
	case EV_ENTERED:
		on_entered(a, m);
		break;
	case EV_ENTRY_FAILED:
		wizard_failed(a, m);
		break;
	case EV_PRESENCE:
		on_presence(a, m);
		break;
	case EV_CHANGE:
		on_change(a, m);
		break;
	case EV_FOUND:
		on_found(a, m);
		break;
	case EV_ASKED:
		on_asked(a, m);
		break;
	case EV_RINGING:
		on_ringing(a, m);
		break;
	case EV_OPEN:
		on_open(a, m);
		break;
	case EV_OVER:
		on_over(a, m);
		break;
	case EV_CHAT:
	case EV_LINE:
	case EV_PAGE:
	case EV_TEXT:
	case EV_CHANGED:
	case EV_KEPT:
	case EV_TYPING:
	case EV_FORGOTTEN:
	case EV_SENT:
	case EV_HIT:
	case EV_HITS:
		apply_said(a, m);
		break;
	case EV_CONTACT:
		model_set_known(&a->m, &m->name, &m->contact);
		break;
	case EV_REMOVED:
		on_removed(a, m);
		break;
	case EV_SAFETY:
		on_safety(a, m);
		break;
	case EV_TRACE:
		model_take_trace(&a->m, m->chat, &m->name, m->trace);
		m->trace = NULL;
		break;
	case EV_KNOWN:
		on_known(a, m);
		break;
	case EV_NOTE:
		if (m->text != NULL)
			app_tell(a, LINE_NOTE, "%s", m->text);
		break;
	case EV_STOPPED:
		a->done = 1;
		break;
	default:
		break;
	}
}
