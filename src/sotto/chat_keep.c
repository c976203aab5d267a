/* All of a chat: how long it is kept, and whether it is; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/engine_priv.h"

#define DAY_MS  (24ULL * 3600 * 1000)
#define HOUR_MS (3600ULL * 1000)
/* A clock that says more than that since the relay last agreed is not
 * believed: it would destroy what ought to stay. */
#define AHEAD_MS (7 * DAY_MS)

void
chat_forget(struct engine *e, uint32_t number)
{
	struct engine_chat *c = chats_find(e, number);
	struct msg *m;

	if (c == NULL || !txn(e))
		return;
	if (hist_forget(e->vault, c->rec.id) != SOTTO_OK) {
		txn_fail(e);
		return;
	}
	if ((m = chats_msg(EV_FORGOTTEN, c)) != NULL)
		txn_tell(e, m);
}

void
chat_block(struct engine *e, const struct name *n, int on)
{
	struct engine_chat *c = chats_get(e, n);

	if (c == NULL)
		return;
	if (on && (c->rec.phase != HIST_OVER || c->hs != NULL))
		chats_leave(e, c->number);
	c->rec.blocked = on;
	if (chats_save(c))
		engine_note(e,
		    on ? "%s is blocked: nothing of theirs is shown or "
			 "answered. /unblock %s ends it."
		       : "%s is not blocked any more. /chat %s asks them.",
		    n->s, n->s);
}

/* ---- days ---- */

void
chat_tell_kept(const struct engine_chat *c)
{
	struct msg *m = chats_msg(EV_KEPT, c);

	if (m == NULL)
		return;
	m->id = c->rec.gone_days;
	m->line = c->rec.keep_days;
	m->on = !c->rec.read_off;
	m->kind = (int)c->rec.typing;
	m->muted = c->rec.muted;
	txn_tell(c->e, m);
}

/* The wall clock, if it can be believed; else 0. */
static uint64_t
believed(struct engine *e)
{
	const uint64_t now = clock_wall_ms();
	const int64_t skew = e->link.info.clock_skew;
	uint64_t seen = 0;

	if (link_is_online(e) && skew <= HS_CLOCK_SKEW_MAX &&
	    skew >= -HS_CLOCK_SKEW_MAX) {
		if (txn(e) && vault_put_u64(e->vault, "clock", now) != SOTTO_OK)
			txn_fail(e);
		return now;
	}
	if (vault_get_u64(e->vault, "clock", &seen) != SOTTO_OK || now < seen ||
	    now - seen > AHEAD_MS)
		return 0;
	return now;
}

static int
expire(struct engine_chat *c, uint64_t now)
{
	const struct hist_chat *r = &c->rec;
	const int64_t today = (int64_t)(now / DAY_MS);
	enum sotto_err err = SOTTO_OK;
	struct msg *m;
	int some = 0;

	if (r->keep_days == 0 && r->gone_days == 0)
		return 1;
	if (!txn(c->e))
		return 0;
	if (r->keep_days > 0)
		err = hist_expire(c->e->vault, r->id, 0,
		    today - (int64_t)r->keep_days, &some);
	/* What was said before they said so is not theirs to take away. */
	if (err == SOTTO_OK && r->gone_days > 0)
		err = hist_expire(c->e->vault, r->id, r->gone_from,
		    today - (int64_t)r->gone_days, &some);
	if (err != SOTTO_OK) {
		txn_fail(c->e);
		return 0;
	}
	if (some && (m = chats_msg(EV_FORGOTTEN, c)) != NULL) {
		txn_tell(c->e, m);
		chat_page(c->e, c->number, INT64_MAX, 0, 0);
	}
	return 1;
}

void
chat_expire_all(struct engine *e)
{
	uint64_t now;

	if (e->vault == NULL || e->id == NULL)
		return;
	loop_timer_set(e->hourly, HOUR_MS);
	if ((now = believed(e)) == 0)
		return;
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next)
		if (!expire(c, now))
			return;
}

static void
note_days(struct engine_chat *c, const char *who, unsigned days)
{
	char text[MSG_TEXT_MAX];

	if (days == 0)
		(void)snprintf(text, sizeof(text),
		    "%s: what is said here stays, on both sides.", who);
	else
		(void)snprintf(text, sizeof(text),
		    "%s: what is said here disappears after %u day%s, on both "
		    "sides.",
		    who, days, days == 1 ? "" : "s");
	(void)chat_note(c, HIST_NOTE, text);
}

static void
changed(struct engine_chat *c)
{
	const uint64_t now = believed(c->e);

	if (!chats_save(c))
		return;
	chat_tell_kept(c);
	if (now > 0)
		(void)expire(c, now);
}

static void
set_gone(struct engine_chat *c, const struct talk_content *t)
{
	if (c->rec.gone_days == 0)
		c->rec.gone_from = (uint32_t)(clock_wall_ms() / DAY_MS);
	c->rec.gone_days = t->days;
	c->rec.gone_ms = t->sent_ms;
}

void
chat_keep(struct engine *e, uint32_t number, unsigned days, int both)
{
	struct engine_chat *c = chats_find(e, number);
	struct talk_content t = { .what = TALK_KEEP,
		.sent_ms = clock_wall_ms(),
		.days = (uint16_t)days };

	if (c == NULL || days > TALK_DAYS_MAX)
		return;
	if (both && c->rec.phase != HIST_OPEN) {
		engine_note(e,
		    "The chat with %s is not open, so they cannot be told; "
		    "nothing was changed.",
		    c->name.s);
		return;
	}
	if (both) {
		if (t.sent_ms <= c->rec.gone_ms) /* later than theirs */
			t.sent_ms = c->rec.gone_ms + 1;
		if (!out_add(c, 0, &t))
			return;
		set_gone(c, &t);
		note_days(c, "You", days);
	} else {
		c->rec.keep_days = days;
	}
	changed(c);
}

void
chat_on_keep(struct engine_chat *c, const struct talk_content *t)
{
	const int same = c->rec.gone_days == t->days;

	/* Both said it: the later one holds, on both sides alike. */
	if (c->rec.phase != HIST_OPEN || t->sent_ms < c->rec.gone_ms ||
	    (t->sent_ms == c->rec.gone_ms &&
		strcmp(c->name.s, c->e->id->name.s) < 0))
		return;
	set_gone(c, t);
	if (same) {
		(void)chats_save(c);
		return;
	}
	note_days(c, c->name.s, t->days);
	changed(c);
}

void
chat_mute(struct engine *e, uint32_t number, int on)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL)
		return;
	c->rec.muted = on;
	if (chats_save(c))
		chat_tell_kept(c);
}

void
chat_unread(struct engine *e, uint32_t number, int64_t line)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL || !txn(e))
		return;
	if (hist_mark_unread(e->vault, c->rec.id, line) != SOTTO_OK)
		txn_fail(e);
}

void
chat_receipts(struct engine *e, uint32_t number, int on)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL)
		return;
	c->rec.read_off = !on;
	if (chats_save(c))
		chat_tell_kept(c);
}
