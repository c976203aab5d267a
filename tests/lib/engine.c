#include "tests/lib/engine.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"

#include "crypto/prim.h"
#include "net/loop.h"
#include "tests/lib/cm.h"

#define WAIT_MS 60000

struct drive {
	struct engine *e;
	char dir[512];
	int stopped;
};

struct drive *
drive_new(const char *dir)
{
	return drive_new_times(dir, 0, 0);
}

struct drive *
drive_new_times(const char *dir, unsigned beat_ms, unsigned answer_ms)
{
	static int hardened;
	struct drive *d = calloc(1, sizeof(*d));
	struct engine_conf conf = { .cost = { 2, 64 << 20 },
		.beat_ms = beat_ms,
		.answer_ms = answer_ms };
	struct secret_state st;
	struct hash h;

	assert_non_null(d);
	if (!hardened) {
		hardened = 1;
		(void)secret_harden(&st);
		(void)prim_init();
		/* The library tidies up at exit, too; it has to come after
		 * the threads, so it is woken before. */
		hash_one(&h, span_str("wake up"));
		(void)atexit(loop_end_threads);
	}
	(void)snprintf(d->dir, sizeof(d->dir), "%s", dir);
	suite_default(&conf.suites, 0);
	conf.dir = d->dir;
	d->e = engine_start(&conf);
	assert_non_null(d->e);
	return d;
}

void
drive_post(struct drive *d, struct msg *m)
{
	assert_non_null(m);
	while (mbox_post(engine_commands(d->e), &m->head) == SOTTO_EAGAIN)
		(void)usleep(1000);
}

struct msg *
drive_peek(struct drive *d, int ms)
{
	struct pollfd p = { mbox_fd(engine_events(d->e)), POLLIN, 0 };
	const uint64_t until = clock_mono_ms() + (uint64_t)ms;
	struct mbox_msg *m;

	/* It may be readable, and yet there is nothing. */
	while ((m = mbox_take(engine_events(d->e))) == NULL) {
		const uint64_t now = clock_mono_ms();

		if (now >= until)
			break;
		(void)poll(&p, 1, (int)(until - now));
	}
	if (m != NULL && m->type == EV_STOPPED)
		d->stopped = 1;
	return (struct msg *)(void *)m;
}

struct msg *
drive_take(struct drive *d, enum msg_type t)
{
	const uint64_t until = clock_mono_ms() + WAIT_MS;

	while (clock_mono_ms() < until) {
		struct msg *m = drive_peek(d, 200);

		if (m == NULL)
			continue;
		if (m->head.type == (int)t)
			return m;
		if (m->head.type == EV_ENTRY_FAILED)
			(void)fprintf(stderr, "entry failed: %s\n",
			    m->text != NULL ? m->text : "");
		msg_free(m);
	}
	fail_msg("event %d did not come", (int)t);
	return NULL;
}

void
drive_wait(struct drive *d, enum msg_type t)
{
	msg_free(drive_take(d, t));
}

void
drive_online(struct drive *d)
{
	for (;;) {
		struct msg *m = drive_take(d, EV_LINK);
		const int on = m->link == LINK_ONLINE;

		msg_free(m);
		if (on)
			return;
	}
}

void
drive_free(struct drive *d)
{
	if (d == NULL)
		return;
	drive_post(d, msg_new(CMD_QUIT));
	while (!d->stopped)
		msg_free(drive_peek(d, 200));
	engine_join(d->e);
	free(d);
}

void
drive_probe(struct drive *d, const char *host, uint16_t port)
{
	struct msg *m = msg_new(CMD_PROBE);

	assert_non_null(m);
	(void)snprintf(m->invite.host, sizeof(m->invite.host), "%s", host);
	m->invite.port = port;
	drive_post(d, m);
}

void
drive_enrol(struct drive *d, const char *invite_file, const char *name)
{
	struct msg *m = msg_new(CMD_ENROL);
	const char *why = "";
	uint8_t *text;
	size_t n;

	assert_non_null(m);
	assert_int_equal(file_read(invite_file, 4096, &text, &n), SOTTO_OK);
	assert_int_equal(invite_parse(&m->invite, (struct span){ text, n },
			     &why),
	    SOTTO_OK);
	free(text);
	assert_int_equal(name_parse(&m->name, span_str(name)), SOTTO_OK);
	m->pin_how = PIN_LINE;
	(void)snprintf(m->relay, sizeof(m->relay), "localhost");
	m->pass = secret_alloc(16);
	assert_non_null(m->pass);
	(void)strcpy(m->pass, "engine-test");
	drive_post(d, m);
}

void
drive_chat(struct drive *d, enum msg_type t, uint32_t chat)
{
	struct msg *m = msg_new(t);

	assert_non_null(m);
	m->chat = chat;
	drive_post(d, m);
}

void
drive_name(struct drive *d, enum msg_type t, const char *name)
{
	struct msg *m = msg_new(t);

	assert_non_null(m);
	assert_int_equal(name_parse(&m->name, span_str(name)), SOTTO_OK);
	drive_post(d, m);
}

uint64_t
drive_say(struct drive *d, uint32_t chat, const char *text)
{
	struct msg *m = msg_new(CMD_SAY);
	uint64_t id;

	assert_non_null(m);
	m->chat = chat;
	secret_random(&id, sizeof(id));
	m->id = id = id >> 1 | 1;
	assert_true(msg_set_text(m, "%s", text));
	drive_post(d, m);
	return id;
}
