#include "tests/lib/away.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "sotto/history.h"
#include "tests/lib/cm.h"

int
away_number(struct world *w, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int n = -1;

	if (sqlite3_open_v2(world_path(w, "relay/mail.db"), &db,
		SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		(void)sqlite3_busy_timeout(db, 5000);
		if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
		    sqlite3_step(st) == SQLITE_ROW)
			n = sqlite3_column_int(st, 0);
		(void)sqlite3_finalize(st);
	}
	(void)sqlite3_close(db);
	return n;
}

static int
print_row(void *ctx, int n, char **value, char **name)
{
	(void)ctx;
	(void)name;
	for (int i = 0; i < n; i++)
		(void)fprintf(stderr, "%s ", value[i] != NULL ? value[i] : "-");
	(void)fprintf(stderr, "\n");
	return 0;
}

void
away_notes(struct world *w)
{
	char cmd[2 * WORLD_PATH];

	(void)snprintf(cmd, sizeof(cmd),
	    "tail -n 40 %s/nina.notes %s/otto.notes >&2", w->dir, w->dir);
	(void)!system(cmd);
}

/* For who has to find out why. */
static void
mail_dump(struct world *w)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(world_path(w, "relay/mail.db"), &db) == SQLITE_OK)
		(void)sqlite3_exec(db,
		    "SELECT place, receiver, sender, type, at FROM mail;"
		    "SELECT user, acked FROM box",
		    print_row, NULL, NULL);
	(void)sqlite3_close(db);
	(void)fputs(world_relay_log(w), stderr);
	away_notes(w);
}

void
away_wait(struct world *w, const char *sql, int want)
{
	for (int i = 0; i < 3000; i++) { /* a slow disk takes its time */
		if (away_number(w, sql) == want)
			return;
		(void)usleep(100000);
	}
	mail_dump(w);
	fail_msg("%s is %d, not %d", sql, away_number(w, sql), want);
}

struct drive *
away_enrol_with(struct world *w, const char *name, unsigned beat_ms)
{
	struct drive *d = drive_new_times(world_path(w, name), beat_ms, 0);
	char sql[128];

	drive_enrol(d, world_invite(w, name), name);
	drive_online(d);
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM one WHERE user = '%s'", name);
	away_wait(w, sql, 100);
	return d;
}

struct drive *
away_enrol(struct world *w, const char *name)
{
	return away_enrol_with(w, name, 0);
}

struct drive *
away_unlock(struct world *w, const char *name)
{
	struct drive *d = drive_new(world_path(w, name));
	struct msg *m = msg_new(CMD_UNLOCK);

	assert_non_null(m);
	m->pass = secret_alloc(32);
	assert_non_null(m->pass);
	(void)strcpy(m->pass, "engine-test");
	drive_post(d, m);
	return d;
}

void
away_hears(struct drive *d, const char *text)
{
	struct msg *m;

	do {
		m = drive_take(d, EV_TEXT);
		if (m->kind == HIST_THEIRS)
			break;
		msg_free(m);
	} while (1);
	assert_string_equal(m->text, text);
	msg_free(m);
}

void
away_becomes(struct drive *d, uint64_t id, enum sent_state s)
{
	struct msg *m;

	do {
		m = drive_take(d, EV_SENT);
		if (m->id == id && m->sent == SENT_FAILED && s != SENT_FAILED)
			fail_msg("failed: %s", m->text);
		if (m->id == id && m->sent >= s)
			break;
		msg_free(m);
	} while (1);
	msg_free(m);
}

uint32_t
away_chat_in(struct drive *d, enum msg_type t)
{
	struct msg *m = drive_take(d, t);
	const uint32_t chat = m->chat;

	msg_free(m);
	return chat;
}

uint32_t
away_ask(struct drive *a, const char *name)
{
	drive_name(a, CMD_REQUEST, name);
	for (;;) {
		struct msg *m = drive_take(a, EV_ASKED);
		const uint32_t chat = m->on ? m->chat : 0;

		msg_free(m);
		if (chat != 0)
			return chat;
	}
}

void
away_open_chat(struct drive *a, struct drive *b, const char *name,
    uint32_t *at_a, uint32_t *at_b)
{
	drive_name(a, CMD_REQUEST, name);
	*at_b = away_chat_in(b, EV_RINGING);
	drive_chat(b, CMD_ACCEPT, *at_b);
	*at_a = away_chat_in(a, EV_OPEN);
	drive_wait(b, EV_OPEN);
}
