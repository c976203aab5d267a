/* What goes wrong: kills, wrong passphrase, another server, no disk. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

static struct tty *
unlock(struct world *w, const char *name)
{
	struct tty *t = world_client(w, name, 80, 24, NULL);

	tty_wait(t, "passphrase");
	tty_type(t, WORLD_PASS KEY_ENTER);
	tty_wait(t, "localhost ONLINE");
	return t;
}

static void
quit(struct tty *t)
{
	tty_type(t, KEY_CTRL('q'));
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
}

static void
open_chat(struct tty *a, const char *peer)
{
	char cmd[64], to[64];

	(void)snprintf(cmd, sizeof(cmd), "/chat %s\r", peer);
	(void)snprintf(to, sizeof(to), "to %s (not verified", peer);
	tty_type(a, cmd);
	tty_wait(a, to);
}

static void
test_wrong_passphrase(void **state)
{
	struct world *w = *state;
	struct tty *t = world_enrol(w, "alice", 80, 24);

	quit(t);
	t = world_client(w, "alice", 80, 24, NULL);
	tty_wait(t, "passphrase");
	tty_type(t, "not the passphrase" KEY_ENTER);
	tty_wait(t, "That is not the passphrase");
	/* The screen never shows what was typed, and the right one works. */
	assert_false(tty_has(t, "not the passphrase\n"));
	tty_type(t, WORLD_PASS KEY_ENTER);
	tty_wait(t, "localhost ONLINE");
	quit(t);
}

/* kill -9 of either side: the chat, and all that was said, is there again. */
static void
test_killed_client_comes_back(void **state)
{
	struct world *w = *state;
	struct proc *c = world_companion(w, "carl", NULL);
	struct tty *a = unlock(w, "alice");

	tty_wait(a, "carl");
	open_chat(a, "carl");
	tty_type(a, "one\r");
	tty_wait(a, ": one");
	tty_type(a, "half a sen");
	tty_settle(a, 800); /* a moment after the last key it is on disk */
	tty_signal(a, SIGKILL);
	(void)tty_wait_exit(a);
	tty_close(a);
	a = unlock(w, "alice");
	tty_wait(a, "to carl (not verified, end-to-end)");
	tty_wait(a, ": one");
	tty_wait(a, "carl> half a sen");
	tty_type(a, KEY_CTRL('c'));
	tty_type(a, "two\r");
	tty_wait(a, ": two");
	/* Now the other side; what he is told meanwhile waits for him. */
	(void)proc_stop(c, SIGKILL);
	tty_wait(a, "carl  offline");
	tty_type(a, "three\r");
	tty_wait(a, "at server");
	c = world_companion(w, "carl", NULL);
	tty_wait(a, ": three");
	tty_wait_gone(a, "at server");
	assert_int_equal(proc_count(c, "text alice: three"), 1);
	quit(a);
	(void)proc_stop(c, SIGTERM);
}

/* Is that text in the memory of the client?  As somebody with its rights. */
static int
in_memory(struct tty *t, const char *text)
{
	char path[64], line[256];
	static uint8_t buf[1 << 20];
	int found = 0, fd;
	FILE *maps;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)tty_pid(t));
	assert_non_null(maps = fopen(path, "r"));
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)tty_pid(t));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    mode[0] != 'r' || mode[1] != 'w' || to - from > 1UL << 30)
			continue; /* a gigabyte: a sanitizer's own */
		/* The pieces overlap, so that nothing is cut in two. */
		for (unsigned long at = from; !found && at < to;
		     at += sizeof(buf) - 256) {
			size_t n =
			    to - at < sizeof(buf) ? to - at : sizeof(buf);
			ssize_t got = pread(fd, buf, n, (off_t)at);

			found = got > 0 &&
			    memmem(buf, (size_t)got, text, strlen(text)) !=
				NULL;
		}
	}
	(void)fclose(maps);
	(void)close(fd);
	return found;
}

/* Locked: nothing on the screen, no word and no key in memory. */
static void
test_lock(void **state)
{
	struct world *w = *state;
	struct proc *d = world_companion(w, "dave", NULL);
	struct tty *a = unlock(w, "alice");

	open_chat(a, "dave");
	tty_type(a, "MARKERmarkerMARKER\r");
	tty_wait(a, "I hear you");
	tty_wait_gone(a, "waiting here");
	tty_type(a, "DRAFTdraftDRAFT");
	assert_true(in_memory(a, "MARKERmarkerMARKER"));
	tty_type(a, KEY_ALT("z"));
	tty_wait(a, "sotto  locked");
	tty_settle(a, 1500);
	assert_false(tty_has(a, "MARKER"));
	assert_false(in_memory(a, "MARKERmarkerMARKER"));
	assert_false(in_memory(a, "DRAFTdraftDRAFT"));
	/* What is said meanwhile comes when it is opened. */
	tty_type(a, WORLD_PASS KEY_ENTER);
	tty_wait(a, "localhost ONLINE");
	tty_wait(a, "MARKERmarkerMARKER");
	tty_wait(a, "dave> DRAFTdraftDRAFT");
	tty_type(a, KEY_CTRL('c'));
	quit(a);
	(void)proc_stop(d, SIGTERM);
}

/* What is written while the relay is gone waits here, and then arrives once. */
static void
test_killed_relay(void **state)
{
	struct world *w = *state;
	struct proc *d = world_companion(w, "dave", NULL);
	struct tty *a = unlock(w, "alice");

	open_chat(a, "dave");
	(void)world_relay_stop(w, SIGKILL);
	tty_wait(a, "OFFLINE");
	tty_wait(a, "again in");
	tty_type(a, "into the void\r");
	tty_wait(a, "waiting here");
	tty_type(a, "kept while the relay is gone");
	world_relay_start(w);
	tty_wait(a, "localhost ONLINE");
	tty_wait(a, "dave> kept while the relay is gone");
	tty_type(a, KEY_CTRL('c'));
	proc_wait_text(d, "text alice: into the void");
	tty_wait(a, ": into the void");
	tty_wait_gone(a, "waiting here");
	assert_int_equal(proc_count(d, "text alice: into the void"), 1);
	quit(a);
	(void)proc_stop(d, SIGTERM);
}

static void
test_relay_stops_gracefully(void **state)
{
	struct world *w = *state;
	struct tty *a = unlock(w, "alice");
	int status = world_relay_stop(w, SIGTERM);

	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tty_wait(a, "OFFLINE");
	/* The same port, at once. */
	world_relay_start(w);
	tty_wait(a, "localhost ONLINE");
	quit(a);
}

static void
test_term_and_hup_leave_cleanly(void **state)
{
	static const int sigs[] = { SIGTERM, SIGHUP, SIGINT };
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++) {
		struct tty *a = unlock(w, "alice");

		tty_signal(a, sigs[i]);
		assert_int_equal(tty_wait_exit(a), 0);
		assert_false(tty_alt(a));
		tty_close(a);
	}
}

/* What is on disk holds neither names nor texts in the clear. */
static void
test_disk_is_sealed(void **state)
{
	struct world *w = *state;
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	char cmd[512];
	int status;
	char *out;

	(void)snprintf(cmd, sizeof(cmd),
	    "grep -rlaE 'dave|carl|You wrote|PRIVATE' %s/alice; true", w->dir);
	argv[2] = cmd;
	out = world_run(w, &status, argv);
	assert_string_equal(out, "");
	free(out);
	(void)snprintf(cmd, sizeof(cmd),
	    "find %s/alice/data %s/relay ! -type d ! -name '*.crt' -perm /077",
	    w->dir, w->dir);
	out = world_run(w, &status, argv);
	assert_string_equal(out, "");
	free(out);
	(void)snprintf(cmd, sizeof(cmd),
	    "grep -c 'You wrote\\|kept while' %s/relay.out; true", w->dir);
	out = world_run(w, &status, argv);
	assert_string_equal(out, "0\n");
	free(out);
}

static void
test_damaged_key_file(void **state)
{
	struct world *w = *state;
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	char cmd[512];
	struct tty *a;
	int status;

	(void)snprintf(cmd, sizeof(cmd),
	    "cd %s/alice/data/sotto/default && cp key key.good && "
	    "head -c 300 key.good > key",
	    w->dir);
	argv[2] = cmd;
	free(world_run(w, &status, argv));
	assert_int_equal(status, 0);
	a = world_client(w, "alice", 80, 24, NULL);
	tty_wait(a, "passphrase");
	tty_type(a, WORLD_PASS KEY_ENTER);
	tty_wait(a, "damaged");
	quit(a);
	(void)snprintf(cmd, sizeof(cmd),
	    "cd %s/alice/data/sotto/default && mv key.good key", w->dir);
	free(world_run(w, &status, argv));
	assert_int_equal(status, 0);
	quit(unlock(w, "alice"));
}

/* A second client with the same profile would fight over the login. */
static void
test_profile_is_in_use(void **state)
{
	struct world *w = *state;
	struct tty *a = unlock(w, "alice");
	struct tty *b = world_client(w, "alice", 80, 24, NULL);

	tty_wait(b, "passphrase");
	tty_type(b, WORLD_PASS KEY_ENTER);
	tty_wait(b, "in use");
	quit(b);
	assert_true(tty_has(a, "ONLINE"));
	quit(a);
}

/* [weakness] A relay with another authority at the same address. */
static void
test_swapped_authority(void **state)
{
	struct world *w = *state;
	char was[WORLD_PATH + 8], *log;
	struct tty *a;

	(void)world_relay_stop(w, SIGTERM);
	(void)snprintf(was, sizeof(was), "%s.was", world_path(w, "relay"));
	assert_int_equal(rename(world_path(w, "relay"), was), 0);
	world_relay_start(w);
	a = world_client(w, "alice", 80, 24, NULL);
	tty_wait(a, "passphrase");
	tty_type(a, WORLD_PASS KEY_ENTER);
	tty_wait(a, "STOPPED");
	tty_wait(a, "this is not the server you knew");
	/* No key goes on: not Enter, not the F-keys of the first prompt. */
	tty_type(a, KEY_ENTER);
	tty_type(a, KEY_F5);
	tty_type(a, KEY_F7);
	tty_type(a, "yes" KEY_ENTER);
	tty_settle(a, 500);
	assert_true(tty_has(a, "STOPPED"));
	/* It learned nothing: no login was begun with a name. */
	log = world_relay_log(w);
	assert_null(strstr(log, "alice"));
	free(log);
	quit(a);
	/* The old one back: all is as it was. */
	(void)world_relay_stop(w, SIGTERM);
	assert_int_equal(rename(world_path(w, "relay"), world_path(w, "evil")),
	    0);
	assert_int_equal(rename(was, world_path(w, "relay")), 0);
	world_relay_start(w);
	quit(unlock(w, "alice"));
}

/* A line for another server than the one that answers: no key goes on,
 * whatever is typed and cleared in between. */
static void
test_line_of_another_server(void **state)
{
	struct world *w = *state;
	const char *args[] = { "--invite", world_invite(w, "wrong"), NULL };
	const char *path = world_path(w, "wrong.invite");
	char *line = world_read(path), *log;
	struct tty *t;
	FILE *f;

	/* Another digit, whatever it was: not every letter is one. */
	strchr(line, '/')[2] = strchr(line, '/')[2] == '7' ? '8' : '7';
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(line, f);
	(void)fclose(f);
	free(line);
	t = world_client(w, "wrong", 80, 24, args);
	tty_wait(t, "DIFFERS from the key in your line");
	tty_type(t, KEY_ENTER KEY_F5 KEY_F7);
	tty_type(t, "x");
	tty_settle(t, 200);
	tty_type(t, KEY_F7 KEY_F5 KEY_ENTER);
	tty_type(t, KEY_BS);
	tty_wait(t, "DIFFERS from the key in your line");
	tty_type(t, KEY_F7 KEY_F5 KEY_ENTER);
	tty_settle(t, 300);
	assert_true(tty_has(t, "step 2 of 4"));
	log = world_relay_log(w);
	assert_null(strstr(log, "enrolled wrong"));
	free(log);
	quit(t);
}

/* F7 is there for who cannot ask; it leaves its mark for good. */
static void
test_unchecked_server_says_so(void **state)
{
	struct world *w = *state;
	char address[64], *line;
	const char *args[] = { address, NULL };
	struct tty *t;

	line = world_read(world_invite(w, "blind"));
	line[strcspn(line, "\n")] = '\0';
	(void)snprintf(address, sizeof(address), "localhost:%u",
	    (unsigned)w->port);
	t = world_client(w, "blind", 80, 24, args);
	tty_wait(t, "step 2 of 4");
	/* Enter never accepts; a wrong word is said to differ. */
	tty_type(t, KEY_ENTER);
	tty_wait(t, "Enter does nothing here");
	tty_type(t, KEY_F7);
	tty_wait(t, "NOT CHECKED");
	tty_type(t, "blind" KEY_TAB WORLD_PASS KEY_TAB WORLD_PASS KEY_TAB);
	tty_paste(t, line);
	tty_type(t, KEY_ENTER);
	tty_wait(t, "localhost ONLINE");
	tty_wait(t, "server not checked");
	quit(t);
	t = unlock(w, "blind");
	tty_wait(t, "server not checked");
	quit(t);
	free(line);
}

/* The new sotto: line of the admin is the only way on. */
static void
test_moved_server_with_its_line(void **state)
{
	struct world *w = *state;
	char was[WORLD_PATH + 8], *line, *slash;
	struct tty *a;

	(void)world_relay_stop(w, SIGTERM);
	(void)snprintf(was, sizeof(was), "%s.old", world_path(w, "relay"));
	assert_int_equal(rename(world_path(w, "relay"), was), 0);
	world_relay_start(w);
	line = world_read(world_invite(w, "moved"));
	line[strcspn(line, "\n")] = '\0';
	a = world_client(w, "alice", 80, 24, NULL);
	tty_wait(a, "passphrase");
	tty_type(a, WORLD_PASS KEY_ENTER);
	tty_wait(a, "STOPPED");
	/* One digit wrong: no. */
	slash = strchr(line, '/');
	assert_non_null(slash);
	slash[4] = slash[4] == 'a' ? 'b' : 'a';
	tty_paste(a, line);
	tty_wait(a, "DIFFERS");
	tty_type(a, KEY_ENTER);
	tty_settle(a, 200);
	assert_true(tty_has(a, "DIFFERS"));
	free(line);
	tty_type(a, KEY_CTRL('c'));
	line = world_read(world_path(w, "moved.invite"));
	line[strcspn(line, "\n")] = '\0';
	tty_paste(a, line);
	tty_wait(a, "MATCHED");
	tty_type(a, KEY_ENTER);
	tty_wait(a, "passphrase  >");
	tty_type(a, WORLD_PASS KEY_ENTER);
	tty_wait(a, "localhost ONLINE");
	tty_wait(a, "localhost ONLINE");
	free(line);
	quit(a);
}

static void
test_full_disk(void **state)
{
	struct world *w = *state;
	const char *args[] = { "--invite", world_invite(w, "full"), NULL };
	struct tty *t;

	/* A folder that cannot be written is as good as a full one; root may
	 * write everywhere, so a file stands in its place. */
	(void)mkdir(world_path(w, "full"), 0700);
	FILE *f = fopen(world_path(w, "full/data"), "w");
	assert_non_null(f);
	(void)fclose(f);
	t = world_client(w, "full", 80, 24, args);
	tty_wait(t, "MATCHED");
	tty_type(t, KEY_ENTER);
	tty_wait(t, "step 3 of 4");
	tty_type(t, "full" KEY_TAB WORLD_PASS KEY_TAB WORLD_PASS KEY_ENTER);
	tty_wait(t, "cannot be written");
	quit(t);
	/* The name is not taken by that. */
	assert_int_equal(unlink(world_path(w, "full/data")), 0);
	quit(world_enrol(w, "full", 80, 24));
}

static void
test_bad_options_say_why(void **state)
{
	struct world *w = *state;
	char bin[WORLD_PATH + 8];
	const struct {
		const char *arg, *says;
		int status;
	} cases[] = { { "--nope", "no option '--nope'", 2 },
		{ "--profile=UP", "profile's name", 2 },
		{ "host:99999", "no address", 2 }, { "--help", "sotto", 0 },
		{ "--version", "sotto 0", 0 },
		{ "--config=/nonexistent", "cannot read", 1 } };

	(void)snprintf(bin, sizeof(bin), "%s/sotto", w->bin);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *argv[] = { bin, cases[i].arg, NULL };
		int status;
		char *out = world_run(w, &status, argv);

		assert_non_null(strstr(out, cases[i].says));
		assert_int_equal(WEXITSTATUS(status), cases[i].status);
		free(out);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_passphrase),
		cmocka_unit_test(test_killed_client_comes_back),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_killed_relay),
		cmocka_unit_test(test_relay_stops_gracefully),
		cmocka_unit_test(test_term_and_hup_leave_cleanly),
		cmocka_unit_test(test_disk_is_sealed),
		cmocka_unit_test(test_damaged_key_file),
		cmocka_unit_test(test_profile_is_in_use),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_bad_options_say_why),
		cmocka_unit_test(test_line_of_another_server),
		cmocka_unit_test(test_unchecked_server_says_so),
		cmocka_unit_test(test_swapped_authority),
		cmocka_unit_test(test_moved_server_with_its_line),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("faults", tests, world_setup,
	    world_teardown);
}
