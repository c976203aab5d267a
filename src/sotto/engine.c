#include "sotto/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"
#include "sotto/keystore.h"

/* How soon to look again whether the app has taken events. */
#define HELD_MS 10

uint64_t
engine_now(void)
{
	return clock_wall_ms() / 1000;
}

int
engine_has_keyfile(const char *dir)
{
	return keystore_exists(dir);
}

/* ---- events ---- */

static void
tell_held(void *ctx)
{
	struct engine *e = ctx;

	while (e->held != NULL) {
		struct mbox_msg *m = e->held;

		e->held = m->next;
		if (mbox_post(e->events, m) == SOTTO_EAGAIN) {
			m->next = e->held;
			e->held = m;
			loop_timer_set(e->held_timer, HELD_MS);
			return;
		}
	}
	e->held_tail = &e->held;
	if (e->link.tcp != NULL)
		tcp_resume(e->link.tcp);
}

void
engine_tell(struct engine *e, struct msg *m)
{
	if (m == NULL)
		return; /* no memory for an event: the next one may fit */
	if (e->held == NULL && mbox_post(e->events, &m->head) == SOTTO_OK)
		return;
	/* Full: stop reading, so that the pressure reaches the relay. */
	m->head.next = NULL;
	*e->held_tail = &m->head;
	e->held_tail = &m->head.next;
	if (e->link.tcp != NULL)
		tcp_pause(e->link.tcp);
	loop_timer_set(e->held_timer, HELD_MS);
}

void
engine_note(struct engine *e, const char *fmt, ...)
{
	struct msg *m = msg_new(EV_NOTE);
	char text[MSG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (m != NULL && msg_set_text(m, "%s", text))
		engine_tell(e, m);
	else
		msg_free(m);
}

/* ---- timers ---- */

static void
on_turn_end(void *ctx)
{
	(void)txn_end(ctx);
}

static void
on_receipts(void *ctx)
{
	struct engine *e = ctx;

	e->receipts_due = 1;
	out_pump(e);
}

/* While there is time: what is needed sooner is made then. */
static void
on_spare(void *ctx)
{
	struct engine *e = ctx;

	if (e->id != NULL)
		chats_make_keys(e);
}

static void
on_hourly(void *ctx)
{
	chat_expire_all(ctx);
}

static void
on_again(void *ctx)
{
	struct engine *e = ctx;

	e->not_now = 0;
	out_pump(e);
}

/* ---- commands ---- */

static void
quit(struct engine *e)
{
	e->quitting = 1;
	entry_stop(e);
	chats_all_over(e, OVER_LEFT, "You have left.");
	(void)txn_end(e);
	e->receipts_due = 1; /* they do not wait for the next time */
	out_pump(e);
	link_stop(e);
	loop_stop(e->loop);
}

/* What was to be kept is on disk; the rest is forgotten here. */
static void
lock(struct engine *e)
{
	if (e->id == NULL || entry_is_active(e))
		return;
	chats_all_over(e, OVER_LEFT, "You have locked sotto.");
	(void)txn_end(e);
	e->receipts_due = 1;
	out_pump(e);
	link_stop(e);
	out_offline(e);
	chats_forget_all(e);
	find_free(e); /* the last transaction has set its timer */
	chats_free_keys(e);
	vault_close(e->vault);
	e->vault = NULL;
	ident_free(e->id);
	e->id = NULL;
	engine_tell(e, msg_new(EV_LOCKED));
}

/* Getting in, or giving that up. */
static void
on_entry(struct engine *e, struct msg *m)
{
	const int type = m->head.type;

	if (type == CMD_PROBE)
		entry_probe(e, m);
	else if (type == CMD_ENROL)
		entry_enrol(e, m);
	else if (type == CMD_UNLOCK)
		entry_unlock(e, m);
	else if (type == CMD_REPIN)
		entry_repin(e, m);
	else
		entry_stop(e);
}

/* Chats and what is said in them. */
static void
on_chat(struct engine *e, const struct msg *m)
{
	const int type = m->head.type;

	if (type == CMD_REQUEST)
		chats_request(e, &m->name);
	else if (type == CMD_ACCEPT)
		chats_accept(e, m->chat);
	else if (type == CMD_REFUSE)
		chats_refuse(e, m->chat, CHAT_REASON_NO);
	else if (type == CMD_CANCEL)
		chats_cancel(e, m->chat);
	else if (type == CMD_SAY)
		chat_say(e, m->chat, m->id, m->reply_to, m->text);
	else if (type == CMD_EDIT)
		chat_edit(e, m->chat, m->id, m->text);
	else if (type == CMD_DELETE)
		chat_delete(e, m->chat, m->id);
	else if (type == CMD_REACT)
		chat_react(e, m->chat, m->id, m->text);
	else if (type == CMD_KEEP)
		chat_keep(e, m->chat, (unsigned)m->id, m->on);
	else if (type == CMD_RECEIPTS)
		chat_receipts(e, m->chat, m->on);
	else if (type == CMD_TYPING)
		chat_typing(e, m->chat, m->on);
	else if (type == CMD_TYPING_SET)
		chat_set_typing(e, m->chat, (enum hist_typing)m->kind);
	else if (type == CMD_MUTE)
		chat_mute(e, m->chat, m->on);
	else if (type == CMD_UNREAD)
		chat_unread(e, m->chat, m->line);
	else if (type == CMD_FORGET)
		chat_forget(e, m->chat);
	else if (type == CMD_READ)
		chat_read(e, m->chat, m->on);
	else if (type == CMD_DRAFT)
		chat_draft(e, m->chat, m->text, m->id);
	else if (type == CMD_PAGE)
		chat_page(e, m->chat, m->line, m->newer, m->page);
	else
		chats_leave(e, m->chat);
}

static void
on_people(struct engine *e, const struct msg *m)
{
	const int type = m->head.type;

	if (type == CMD_BUSY)
		people_busy(e, m->on);
	else if (type == CMD_REMOVE)
		chats_remove(e, &m->name);
	else if (type == CMD_BLOCK)
		chat_block(e, &m->name, m->on);
	else if (type == CMD_KNOWN)
		people_ask_known(e);
	else if (type == CMD_SEARCH)
		people_search(e, m->id, m->text);
	else if (type == CMD_SAFETY)
		people_safety(e, &m->name);
	else if (type == CMD_VERIFIED)
		people_verified(e, &m->name, m->how);
	else
		people_trust_new(e, &m->name);
}

static void
on_cmd(struct engine *e, struct msg *m)
{
	switch (m->head.type) { /* events do not come here */
	case CMD_PROBE:
	case CMD_ENROL:
	case CMD_UNLOCK:
	case CMD_STOP_ENTRY:
	case CMD_REPIN:
		on_entry(e, m);
		break;
	case CMD_RETRY:
		link_retry(e);
		on_again(e);
		break;
	case CMD_REQUEST:
	case CMD_ACCEPT:
	case CMD_REFUSE:
	case CMD_CANCEL:
	case CMD_SAY:
	case CMD_EDIT:
	case CMD_DELETE:
	case CMD_REACT:
	case CMD_FORGET:
	case CMD_KEEP:
	case CMD_RECEIPTS:
	case CMD_TYPING:
	case CMD_TYPING_SET:
	case CMD_MUTE:
	case CMD_UNREAD:
	case CMD_READ:
	case CMD_DRAFT:
	case CMD_PAGE:
	case CMD_LEAVE:
		on_chat(e, m);
		break;
	case CMD_BUSY:
	case CMD_BLOCK:
	case CMD_REMOVE:
	case CMD_KNOWN:
	case CMD_SEARCH:
	case CMD_SAFETY:
	case CMD_VERIFIED:
	case CMD_TRUST_NEW:
		on_people(e, m);
		break;
	case CMD_EXPORT:
		chat_export(e, m->chat, m->text);
		break;
	case CMD_FIND:
		find_start(e, m->id, m->text);
		break;
	case CMD_LOCK:
		lock(e);
		break;
	case CMD_QUIT:
		quit(e);
		break;
	default:
		break;
	}
}

static void
on_mail(void *ctx)
{
	struct engine *e = ctx;
	struct mbox_msg *m;

	while (!e->quitting && (m = mbox_take(e->cmds)) != NULL) {
		on_cmd(e, (struct msg *)(void *)m);
		m->free(m);
	}
}

/* ---- the thread ---- */

static void
clean_up(struct engine *e)
{
	if (e->vault != NULL)
		chats_forget_all(e);
	find_free(e); /* the last transaction has set its timer */
	chats_free_keys(e);
	cert_anchor_free(e->anchor);
	chat_in_offline(e);
	link_free(e);
	loop_timer_free(e->wait_timer);
	loop_timer_free(e->txn_timer);
	loop_timer_free(e->receipts);
	loop_timer_free(e->again);
	loop_timer_free(e->spare);
	loop_timer_free(e->hourly);
	loop_watch_free(e->watch);
	loop_timer_free(e->held_timer);
	loop_free(e->loop); /* jobs under way end first */
	vault_close(e->vault);
	ident_free(e->id);
	if (e->lock_fd >= 0)
		(void)close(e->lock_fd);
	while (e->held != NULL) {
		struct mbox_msg *m = e->held;

		e->held = m->next;
		m->free(m);
	}
}

static void *
run(void *ctx)
{
	struct engine *e = ctx;
	struct msg *m;

	loop_run(e->loop);
	clean_up(e);
	m = msg_new(EV_STOPPED);
	/* The app waits for this one; it takes events until it comes. */
	while (m != NULL && mbox_post(e->events, &m->head) == SOTTO_EAGAIN)
		(void)sched_yield();
	return NULL;
}

struct engine *
engine_start(const struct engine_conf *conf)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->conf = *conf;
	(void)snprintf(e->dir, sizeof(e->dir), "%s", conf->dir);
	e->conf.dir = e->dir;
	e->g = rng_system();
	e->held_tail = &e->held;
	e->later_tail = &e->later;
	e->lock_fd = -1;
	e->cmds = mbox_new(ENGINE_CMDS_MAX);
	e->events = mbox_new(ENGINE_EVENTS_MAX);
	e->loop = loop_new();
	if (e->cmds == NULL || e->events == NULL || e->loop == NULL)
		goto fail;
	e->watch = loop_watch_new(e->loop, mbox_fd(e->cmds), on_mail, e);
	e->held_timer = loop_timer_new(e->loop, tell_held, e);
	e->txn_timer = loop_timer_new(e->loop, on_turn_end, e);
	e->receipts = loop_timer_new(e->loop, on_receipts, e);
	e->again = loop_timer_new(e->loop, on_again, e);
	e->spare = loop_timer_new(e->loop, on_spare, e);
	e->hourly = loop_timer_new(e->loop, on_hourly, e);
	if (e->watch == NULL || e->held_timer == NULL || e->txn_timer == NULL ||
	    e->receipts == NULL || e->again == NULL || e->spare == NULL ||
	    e->hourly == NULL || !chat_in_init(e) || !link_init(e))
		goto fail;
	if (pthread_create(&e->thread, NULL, run, e) == 0)
		return e;
fail:
	if (e->loop != NULL)
		clean_up(e);
	mbox_free(e->cmds);
	mbox_free(e->events);
	free(e);
	return NULL;
}

struct mbox *
engine_commands(struct engine *e)
{
	return e->cmds;
}

struct mbox *
engine_events(struct engine *e)
{
	return e->events;
}

void
engine_join(struct engine *e)
{
	if (e == NULL)
		return;
	(void)pthread_join(e->thread, NULL);
	mbox_free(e->cmds);
	mbox_free(e->events);
	free(e);
}
