/* Nothing is lost and nothing comes twice: people who are away, stores that
 * were put back, programs that are killed; all the real programs. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/history.h"
#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/world.h"

#define PASS "engine-test"

/* ---- helpers ---- */

/* What a query about the relay's mailboxes says; sql has one number. */
static int
mail_number(struct world *w, const char *sql)
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

/* What both companions have noted, over all their lives. */
static void
notes(struct world *w)
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
	notes(w);
}

/* Until the query says that number. */
static void
mail_wait(struct world *w, const char *sql, int want)
{
	for (int i = 0; i < 3000; i++) { /* a slow disk takes its time */
		if (mail_number(w, sql) == want)
			return;
		(void)usleep(100000);
	}
	mail_dump(w);
	fail_msg("%s is %d, not %d", sql, mail_number(w, sql), want);
}

/* Online, and with keys at the relay. */
static struct drive *
enrol_with(struct world *w, const char *name, unsigned beat_ms)
{
	struct drive *d = drive_new_times(world_path(w, name), beat_ms, 0);
	char sql[128];

	drive_enrol(d, world_invite(w, name), name);
	drive_online(d);
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM one WHERE user = '%s'", name);
	mail_wait(w, sql, 100);
	return d;
}

static struct drive *
enrol(struct world *w, const char *name)
{
	return enrol_with(w, name, 0);
}

static struct drive *
unlock(struct world *w, const char *name)
{
	struct drive *d = drive_new(world_path(w, name));
	struct msg *m = msg_new(CMD_UNLOCK);

	assert_non_null(m);
	m->pass = secret_alloc(32);
	assert_non_null(m->pass);
	(void)strcpy(m->pass, PASS);
	drive_post(d, m);
	return d;
}

/* The next text that somebody has said is that one. */
static void
hears(struct drive *d, const char *text)
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

/* Until that text is in that state. */
static void
becomes(struct drive *d, uint64_t id, enum sent_state s)
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

static uint32_t
chat_in(struct drive *d, enum msg_type t)
{
	struct msg *m = drive_take(d, t);
	const uint32_t chat = m->chat;

	msg_free(m);
	return chat;
}

/* a asks somebody who is away; the number of the chat. */
static uint32_t
ask_away(struct drive *a, const char *name)
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

/* a asks b, who is there and says yes. */
static void
open_chat(struct drive *a, struct drive *b, const char *name, uint32_t *at_a,
    uint32_t *at_b)
{
	drive_name(a, CMD_REQUEST, name);
	*at_b = chat_in(b, EV_RINGING);
	drive_chat(b, CMD_ACCEPT, *at_b);
	*at_a = chat_in(a, EV_OPEN);
	drive_wait(b, EV_OPEN);
}

/* ---- people who are away ---- */

/* The question, and what is said with it, wait at the relay. */
static void
test_asked_while_away(void **state)
{
	char said[4096] = "";
	struct world *w = *state;
	struct drive *a = enrol(w, "anna"), *b = enrol(w, "ben");
	uint32_t at_a, at_b;
	uint64_t id;

	drive_free(b);
	at_a = ask_away(a, "ben");
	(void)drive_say(a, at_a, "one");
	id = drive_say(a, at_a, "two");
	becomes(a, id, SENT_AT_RELAY);
	drive_free(a);
	/* A relay that is killed has it all. */
	(void)world_relay_stop(w, SIGKILL);
	world_relay_start(w);
	b = unlock(w, "ben");
	at_b = chat_in(b, EV_RINGING);
	hears(b, "one");
	hears(b, "two");
	/* One of the hundred is gone, and cannot serve a second time. */
	mail_wait(w, "SELECT count(*) FROM one WHERE user = 'ben'", 99);
	drive_chat(b, CMD_ACCEPT, at_b);
	drive_wait(b, EV_OPEN);
	(void)drive_say(b, at_b, "three");
	drive_free(b);
	/* Nobody was there together with the other one. */
	a = unlock(w, "anna");
	drive_wait(a, EV_OPEN);
	/* His answer and his receipt, in either order. */
	for (int got = 0; got != 3;) {
		struct msg *m = drive_peek(a, 60000);

		if (m == NULL) {
			char *log = world_relay_log(w);

			(void)fprintf(stderr, "anna was told:\n%s\n%s", said,
			    log);
			free(log);
			fail_msg("only %d of 3 came", got);
			return;
		}
		if (m->text != NULL)
			(void)snprintf(said + strlen(said),
			    sizeof(said) - strlen(said), "%d: %.200s\n",
			    m->head.type, m->text);
		if (m->head.type == EV_SENT && m->id == id &&
		    m->sent == SENT_DELIVERED)
			got |= 1;
		if (m->head.type == EV_TEXT && m->kind == HIST_THEIRS) {
			assert_string_equal(m->text, "three");
			got |= 2;
		}
		msg_free(m);
	}
	drive_free(a);
	mail_wait(w, "SELECT count(*) FROM mail WHERE type <> 8", 0);
}

static void
test_refused_while_away(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "carla"), *b = enrol(w, "dirk");
	uint32_t at_b;
	struct msg *m;

	drive_free(b);
	(void)ask_away(a, "dirk");
	drive_free(a);
	b = unlock(w, "dirk");
	at_b = chat_in(b, EV_RINGING);
	drive_free(b);
	/* A question that was not answered is there again. */
	b = unlock(w, "dirk");
	do {
		m = drive_take(b, EV_CHAT);
		if (m->chat == at_b)
			break;
		msg_free(m);
	} while (1);
	assert_int_equal(m->phase, HIST_ASKS);
	msg_free(m);
	drive_online(b);
	drive_chat(b, CMD_REFUSE, at_b);
	drive_wait(b, EV_OVER);
	a = unlock(w, "carla");
	m = drive_take(a, EV_OVER);
	assert_int_equal(m->over, OVER_REFUSED);
	msg_free(m);
	drive_free(a);
	drive_free(b);
}

static void
test_taken_back_while_away(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "ella"), *b = enrol(w, "finn");
	uint32_t at_a;
	struct msg *m;

	drive_free(b);
	at_a = ask_away(a, "finn");
	drive_chat(a, CMD_CANCEL, at_a);
	drive_wait(a, EV_OVER);
	mail_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'finn'", 2);
	drive_free(a);
	b = unlock(w, "finn");
	drive_wait(b, EV_RINGING);
	m = drive_take(b, EV_OVER);
	assert_int_equal(m->over, OVER_CANCELLED);
	msg_free(m);
	drive_free(b);
}

/* No one-time key is left: it works without, and is said nowhere else. */
static void
test_without_one_time_keys(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "gitte"), *b = enrol(w, "hans");
	uint32_t at_a;

	drive_free(b);
	(void)mail_number(w, "DELETE FROM one WHERE user = 'hans'");
	at_a = ask_away(a, "hans");
	(void)drive_say(a, at_a, "without");
	b = unlock(w, "hans");
	hears(b, "without");
	/* He makes new ones as soon as he is told. */
	mail_wait(w, "SELECT count(*) FROM one WHERE user = 'hans'", 100);
	drive_free(a);
	drive_free(b);
}

static void
test_nobody_of_that_name(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "ida");
	struct msg *m;

	drive_name(a, CMD_REQUEST, "nobody");
	m = drive_take(a, EV_OVER);
	assert_int_equal(m->over, OVER_NOT_HERE);
	msg_free(m);
	drive_free(a);
}

/* ---- bounds of the relay ---- */

static void
test_given_up_after_its_time(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "jens"), *b = enrol(w, "karl");
	uint32_t at_a, at_b;
	uint64_t id;

	open_chat(a, b, "karl", &at_a, &at_b);
	drive_free(b);
	id = drive_say(a, at_a, "never read");
	becomes(a, id, SENT_AT_RELAY);
	drive_free(a);
	mail_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'karl'", 1);
	(void)mail_number(w, "UPDATE mail SET at = at - 15 * 86400");
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	mail_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'karl'", 0);
	a = unlock(w, "jens");
	becomes(a, id, SENT_FAILED);
	drive_free(a);
}

/* A full mailbox is said, and is no end: it goes out when there is room. */
static void
test_mailbox_is_full(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol_with(w, "pia", 1000), *b = enrol(w, "quinn");
	uint32_t at_a, at_b;
	char text[16];
	uint64_t id[6];
	struct msg *m;
	FILE *f;

	(void)snprintf(w->relay_conf, sizeof(w->relay_conf), "%s",
	    world_path(w, "relay.conf"));
	f = fopen(w->relay_conf, "w");
	assert_non_null(f);
	(void)fputs("[limits]\nmailbox-messages = 3\n", f);
	(void)fclose(f);
	open_chat(a, b, "quinn", &at_a, &at_b);
	drive_free(b);
	mail_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'quinn'", 0);
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	drive_online(a);
	for (int i = 0; i < 6; i++) {
		(void)snprintf(text, sizeof(text), "full %d", i);
		id[i] = drive_say(a, at_a, text);
	}
	becomes(a, id[2], SENT_AT_RELAY);
	do {
		m = drive_take(a, EV_SENT);
		if (m->id == id[3] && m->text != NULL)
			break;
		msg_free(m);
	} while (1);
	assert_int_equal(m->sent, SENT_WAITING);
	assert_non_null(strstr(m->text, "mailbox at the relay is full"));
	msg_free(m);
	b = unlock(w, "quinn");
	for (int i = 0; i < 6; i++) {
		(void)snprintf(text, sizeof(text), "full %d", i);
		hears(b, text);
	}
	becomes(a, id[5], SENT_DELIVERED);
	drive_free(a);
	drive_free(b);
	w->relay_conf[0] = '\0';
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
}

/* ---- an old copy of the store ---- */

static void
copy_folder(const char *from, const char *to)
{
	char cmd[3 * WORLD_PATH + 64];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s && cp -r %s %s", to, from,
	    to);
	assert_int_equal(system(cmd), 0);
}

/* The next line that tells what happened has that in it. */
static void
is_told(struct drive *d, const char *part)
{
	struct msg *m;

	do {
		m = drive_take(d, EV_TEXT);
		if (m->kind != HIST_THEIRS && strstr(m->text, part) != NULL)
			break;
		msg_free(m);
	} while (1);
	msg_free(m);
}

static void
test_old_copy_is_noticed_and_heals(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "lena"), *b = enrol(w, "mats");
	char lena[WORLD_PATH], copy[WORLD_PATH];
	uint32_t at_a, at_b;

	(void)snprintf(lena, sizeof(lena), "%s", world_path(w, "lena"));
	(void)snprintf(copy, sizeof(copy), "%s", world_path(w, "copy"));
	open_chat(a, b, "mats", &at_a, &at_b);
	becomes(a, drive_say(a, at_a, "before"), SENT_DELIVERED);
	hears(b, "before");
	drive_free(a);
	copy_folder(lena, copy);
	a = unlock(w, "lena");
	drive_online(a);
	for (int i = 0; i < 3; i++) {
		becomes(a, drive_say(a, at_a, "lost to the copy"),
		    SENT_DELIVERED);
		hears(b, "lost to the copy");
		(void)drive_say(b, at_b, "and back");
		hears(a, "and back");
	}
	drive_free(a);
	/* The disk broke; the copy is put back. */
	copy_folder(copy, lena);
	a = unlock(w, "lena");
	is_told(a, "This store is an old copy");
	(void)drive_say(a, at_a, "after");
	is_told(b, "has agreed on new keys");
	hears(b, "after");
	(void)drive_say(b, at_b, "welcome back");
	hears(a, "welcome back");
	drive_free(a);
	drive_free(b);
}

/* ---- another key ---- */

/* The relay's owner lets somebody else have that name. */
static void
give_name_away(struct world *w, const char *sql)
{
	sqlite3 *db = NULL;

	(void)world_relay_stop(w, SIGTERM);
	assert_int_equal(sqlite3_open(world_path(w, "relay/sottod.db"), &db),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	world_relay_start(w);
}

/* Nothing of it leaves, until the user says so: receiving is advisory. */
static void
test_another_key_holds_what_is_said(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "ulla"), *b = enrol(w, "vera"), *evil;
	uint32_t at_a, at_b;
	uint64_t held;
	struct msg *m;

	open_chat(a, b, "vera", &at_a, &at_b);
	becomes(a, drive_say(a, at_a, "before"), SENT_DELIVERED);
	drive_free(b);
	drive_free(a);
	give_name_away(w, "DELETE FROM user WHERE name = 'vera'");
	evil = drive_new(world_path(w, "evil"));
	drive_enrol(evil, world_invite(w, "evil"), "vera");
	drive_online(evil);
	drive_name(evil, CMD_REQUEST, "ulla");
	drive_wait(evil, EV_ASKED);
	/* She comes, and finds somebody with that name in the open chat. */
	a = unlock(w, "ulla");
	is_told(a, "has a NEW KEY");
	held = drive_say(a, at_a, "the door code is 4711");
	for (int i = 0; i < 30; i++) {
		if ((m = drive_peek(a, 50)) == NULL)
			continue;
		assert_false(m->head.type == EV_SENT && m->id == held &&
		    m->sent > SENT_WAITING);
		msg_free(m);
	}
	while ((m = drive_peek(evil, 50)) != NULL) {
		assert_true(m->head.type != EV_TEXT && m->head.type != EV_OPEN);
		msg_free(m);
	}
	/* It stays so over a restart, and ends when she says so. */
	drive_free(a);
	a = unlock(w, "ulla");
	drive_online(a);
	drive_name(a, CMD_TRUST_NEW, "vera");
	becomes(a, held, SENT_DELIVERED);
	hears(evil, "the door code is 4711");
	drive_free(a);
	drive_free(evil);
}

/* The next that d hears of that one: he came or went. */
static enum wire_state
changed(struct drive *d, const char *name)
{
	for (;;) {
		struct msg *m = drive_take(d, EV_CHANGE);
		const enum wire_state s = m->state;
		const int is = strcmp(m->name.s, name) == 0;

		msg_free(m);
		if (is)
			return s;
	}
}

/* Nobody is removed who does not know; then nothing is left of them. */
static void
test_somebody_is_removed(void **state)
{
	struct world *w = *state;
	struct drive *a = enrol(w, "wim"), *b = enrol(w, "xara");
	uint32_t at_a, at_b;
	struct msg *m;

	open_chat(a, b, "xara", &at_a, &at_b);
	becomes(a, drive_say(a, at_a, "soon forgotten"), SENT_DELIVERED);
	drive_name(a, CMD_REMOVE, "xara");
	do
		m = drive_take(a, EV_NOTE);
	while (strstr(m->text, "/leave it first") == NULL && (msg_free(m), 1));
	msg_free(m);
	drive_chat(a, CMD_LEAVE, at_a);
	drive_wait(b, EV_OVER);
	for (m = NULL; m == NULL || m->head.type != EV_REMOVED;) {
		/* Until the relay has the word that she left. */
		if (m == NULL || m->head.type == EV_NOTE)
			drive_name(a, CMD_REMOVE, "xara");
		msg_free(m);
		m = drive_peek(a, 200);
	}
	assert_string_equal(m->name.s, "xara");
	msg_free(m);
	drive_free(a);
	a = unlock(w, "wim");
	m = drive_take(a, EV_PAGE); /* of no chat: that was all */
	assert_int_equal(m->chat, 0);
	msg_free(m);
	drive_online(a);
	/* Who is thought to be away is written to: that is another way. */
	while (changed(b, "wim") != WIRE_OFFLINE)
		;
	while (changed(b, "wim") != WIRE_ONLINE)
		;
	/* She is somebody new. */
	drive_name(b, CMD_REQUEST, "wim");
	m = drive_take(a, EV_RINGING);
	assert_int_equal(m->trust, TRUST_UNKNOWN);
	msg_free(m);
	drive_free(a);
	drive_free(b);
}

/* ---- killed at any point ---- */

/* Who counts, and who listens; and how far. */
struct killing {
	struct proc *from, *to;
	char count[16];
};

static struct proc *
counter(struct world *w, const struct killing *k)
{
	const char *const args[] = { "--ask", "otto", "--count", k->count,
		"--quiet", NULL };

	return world_companion(w, "nina", args);
}

static struct proc *
listener(struct world *w)
{
	static const char *const quiet[] = { "--quiet", NULL };

	return world_companion(w, "otto", quiet);
}

/* One of the three dies, and is there again. */
static void
kill_one(struct world *w, struct killing *k, unsigned who)
{
	if (who == 0) {
		(void)world_relay_stop(w, SIGKILL);
		world_relay_start(w);
	} else if (who == 1) {
		(void)proc_stop(k->from, SIGKILL);
		k->from = counter(w, k);
	} else {
		(void)proc_stop(k->to, SIGKILL);
		k->to = listener(w);
	}
}

/* The numbers in otto's history, from the last to the first. */
static void
assert_counted_down(struct world *w, const char *name, unsigned n)
{
	struct drive *d = drive_new(world_path(w, name));
	struct msg *m = msg_new(CMD_UNLOCK);
	uint32_t chat = 0;
	int64_t line = INT64_MAX;
	char text[32];

	m->pass = secret_alloc(32);
	(void)strcpy(m->pass, "companion");
	drive_post(d, m);
	while (n > 0) {
		m = drive_peek(d, 10000);
		if (m == NULL) {
			fail_msg("%u numbers are missing", n);
			return;
		}
		if (m->head.type == EV_LINE && m->kind == HIST_THEIRS) {
			(void)snprintf(text, sizeof(text), "n %u", n--);
			if (strcmp(m->text, text) != 0)
				notes(w);
			assert_string_equal(m->text, text);
		}
		if (m->head.type == EV_LINE) {
			chat = m->chat;
			line = m->line;
		}
		if (m->head.type == EV_PAGE && m->chat == chat && chat != 0 &&
		    n > 0) {
			struct msg *more = msg_new(CMD_PAGE);

			more->chat = chat;
			more->line = line;
			drive_post(d, more);
		}
		msg_free(m);
	}
	drive_free(d);
}

/* Numbered texts, while everybody is killed again and again: each arrives
 * once, and in order.  make soak does it 600 times. */
static void
test_killed_at_random(void **state)
{
	static const char theirs[] = "SELECT count(*) FROM mail"
				     " WHERE receiver IN ('nina', 'otto')";
	const char *more = getenv("KILLS"), *other = getenv("SEED");
	const unsigned kills = more != NULL ? (unsigned)atoi(more) : 15;
	const unsigned count = 40 * kills;
	unsigned seed = other != NULL ? (unsigned)atoi(other) : 1;
	struct world *w = *state;
	struct killing k;

	(void)snprintf(k.count, sizeof(k.count), "%u", count);
	k.to = listener(w);
	k.from = counter(w, &k);
	proc_wait_text(k.from, "open otto");
	for (unsigned i = 0; i < kills; i++) {
		seed = seed * 1103515245 + 12345;
		(void)usleep(seed / 65536 % 400 * 1000);
		kill_one(w, &k, i % 3);
	}
	proc_wait_text(k.from, "counted");
	mail_wait(w, theirs, 0);
	(void)usleep(1500000); /* receipts wait up to a second */
	mail_wait(w, theirs, 0);
	(void)proc_stop(k.from, SIGTERM);
	(void)proc_stop(k.to, SIGTERM);
	assert_counted_down(w, "otto", count);
}

/* lost [PATTERN]: only those tests. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_while_away),
		cmocka_unit_test(test_refused_while_away),
		cmocka_unit_test(test_taken_back_while_away),
		cmocka_unit_test(test_without_one_time_keys),
		cmocka_unit_test(test_nobody_of_that_name),
		cmocka_unit_test(test_given_up_after_its_time),
		cmocka_unit_test(test_mailbox_is_full),
		cmocka_unit_test(test_old_copy_is_noticed_and_heals),
		cmocka_unit_test(test_another_key_holds_what_is_said),
		cmocka_unit_test(test_somebody_is_removed),
		cmocka_unit_test(test_killed_at_random),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("lost", tests, world_setup,
	    world_teardown);
}
