/* Nothing is lost and nothing comes twice: stores that were put back, keys that
 * change, programs that are killed; all the real programs. */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/history.h"
#include "tests/lib/away.h"
#include "tests/lib/cm.h"

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
	struct drive *a = away_enrol(w, "lena"), *b = away_enrol(w, "mats");
	char lena[WORLD_PATH], copy[WORLD_PATH];
	uint32_t at_a, at_b;

	(void)snprintf(lena, sizeof(lena), "%s", world_path(w, "lena"));
	(void)snprintf(copy, sizeof(copy), "%s", world_path(w, "copy"));
	away_open_chat(a, b, "mats", &at_a, &at_b);
	away_becomes(a, drive_say(a, at_a, "before"), SENT_DELIVERED);
	away_hears(b, "before");
	drive_free(a);
	copy_folder(lena, copy);
	a = away_unlock(w, "lena");
	drive_online(a);
	for (int i = 0; i < 3; i++) {
		away_becomes(a, drive_say(a, at_a, "lost to the copy"),
		    SENT_DELIVERED);
		away_hears(b, "lost to the copy");
		(void)drive_say(b, at_b, "and back");
		away_hears(a, "and back");
	}
	drive_free(a);
	/* The disk broke; the copy is put back. */
	copy_folder(copy, lena);
	a = away_unlock(w, "lena");
	is_told(a, "This store is an old copy");
	(void)drive_say(a, at_a, "after");
	is_told(b, "has agreed on new keys");
	away_hears(b, "after");
	(void)drive_say(b, at_b, "welcome back");
	away_hears(a, "welcome back");
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
	struct drive *a = away_enrol(w, "ulla"), *b = away_enrol(w, "vera"),
		     *evil;
	uint32_t at_a, at_b;
	uint64_t held;
	struct msg *m;

	away_open_chat(a, b, "vera", &at_a, &at_b);
	away_becomes(a, drive_say(a, at_a, "before"), SENT_DELIVERED);
	drive_free(b);
	drive_free(a);
	give_name_away(w, "DELETE FROM user WHERE name = 'vera'");
	evil = drive_new(world_path(w, "evil"));
	drive_enrol(evil, world_invite(w, "evil"), "vera");
	drive_online(evil);
	drive_name(evil, CMD_REQUEST, "ulla");
	drive_wait(evil, EV_ASKED);
	/* She comes, and finds somebody with that name in the open chat. */
	a = away_unlock(w, "ulla");
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
	a = away_unlock(w, "ulla");
	drive_online(a);
	drive_name(a, CMD_TRUST_NEW, "vera");
	away_becomes(a, held, SENT_DELIVERED);
	away_hears(evil, "the door code is 4711");
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
	struct drive *a = away_enrol(w, "wim"), *b = away_enrol(w, "xara");
	uint32_t at_a, at_b;
	struct msg *m;

	away_open_chat(a, b, "xara", &at_a, &at_b);
	away_becomes(a, drive_say(a, at_a, "soon forgotten"), SENT_DELIVERED);
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
	a = away_unlock(w, "wim");
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
				away_notes(w);
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
	away_wait(w, theirs, 0);
	(void)usleep(1500000); /* receipts wait up to a second */
	away_wait(w, theirs, 0);
	(void)proc_stop(k.from, SIGTERM);
	(void)proc_stop(k.to, SIGTERM);
	assert_counted_down(w, "otto", count);
}

/* lost [PATTERN]: only those tests. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
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
