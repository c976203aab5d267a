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

/* ---- commands ---- */

static void
quit(struct engine *e)
{
	e->quitting = 1;
	entry_stop(e);
	chats_all_over(e, OVER_LEFT, "You have left.");
	link_stop(e);
	loop_stop(e->loop);
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

static void
on_cmd(struct engine *e, struct msg *m)
{
	switch ((enum msg_type)m->head.type) {
	case CMD_PROBE:
	case CMD_ENROL:
	case CMD_UNLOCK:
	case CMD_STOP_ENTRY:
	case CMD_REPIN:
		on_entry(e, m);
		break;
	case CMD_RETRY:
		link_retry(e);
		break;
	case CMD_REQUEST:
		chats_request(e, &m->name);
		break;
	case CMD_ACCEPT:
		chats_accept(e, m->chat);
		break;
	case CMD_REFUSE:
		chats_refuse(e, m->chat, CHAT_REASON_NO);
		break;
	case CMD_CANCEL:
		chats_cancel(e, m->chat);
		break;
	case CMD_SAY:
		chat_say(e, m->chat, m->id, m->text);
		break;
	case CMD_READ:
		chat_read(e, m->chat);
		break;
	case CMD_LEAVE:
		chats_leave(e, m->chat);
		break;
	case CMD_BUSY:
		people_busy(e, m->on);
		break;
	case CMD_SEARCH:
		people_search(e, m->id, m->text);
		break;
	case CMD_SAFETY:
		people_safety(e, &m->name);
		break;
	case CMD_VERIFIED:
		people_verified(e, &m->name, m->how);
		break;
	case CMD_TRUST_NEW:
		people_trust_new(e, &m->name);
		break;
	case CMD_QUIT:
		quit(e);
		break;
	case EV_LINK:
	case EV_SERVER_KEY:
	case EV_SERVER_CHANGED:
	case EV_PROGRESS:
	case EV_ENTERED:
	case EV_ENTRY_FAILED:
	case EV_PRESENCE:
	case EV_CHANGE:
	case EV_FOUND:
	case EV_ASKED:
	case EV_RINGING:
	case EV_OPEN:
	case EV_OVER:
	case EV_TEXT:
	case EV_SENT:
	case EV_CONTACT:
	case EV_SAFETY:
	case EV_TRACE:
	case EV_NOTE:
	case EV_STOPPED:
		break; /* nobody sends us these */
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
	chats_free_keys(e);
	link_free(e);
	loop_watch_free(e->watch);
	loop_timer_free(e->held_timer);
	loop_free(e->loop); /* jobs under way end first */
	contacts_close(e->contacts);
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
	e->lock_fd = -1;
	e->cmds = mbox_new(ENGINE_CMDS_MAX);
	e->events = mbox_new(ENGINE_EVENTS_MAX);
	e->loop = loop_new();
	if (e->cmds == NULL || e->events == NULL || e->loop == NULL)
		goto fail;
	e->watch = loop_watch_new(e->loop, mbox_fd(e->cmds), on_mail, e);
	e->held_timer = loop_timer_new(e->loop, tell_held, e);
	if (e->watch == NULL || e->held_timer == NULL || !link_init(e))
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
