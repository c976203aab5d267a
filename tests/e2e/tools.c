/* sotto without a screen: lines, and commands for scripts with their exit
 * codes. */
#include <sys/stat.h>

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

struct stage {
	struct world *w;
	struct proc *bob; /* accepts and answers */
	char conf[WORLD_PATH], home[WORLD_PATH], pass[WORLD_PATH];
};

/* "sh -c" of words with what every call needs, as alice; its output.  a is
 * there as $A. */
static char *
sh(struct stage *s, int *status, const char *words, const char *a)
{
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	char line[4096];

	(void)snprintf(line, sizeof(line),
	    "export HOME=%s XDG_DATA_HOME=%s/data TZ=UTC LC_ALL=C.UTF-8; "
	    "S='%s/sotto --insecure-memory --config %s'; sotto() { $S \"$@\"; "
	    "}; "
	    "P='--passphrase-file %s'; A='%s'; %s",
	    s->home, s->home, s->w->bin, s->conf, s->pass, a, words);
	argv[2] = line;
	return world_run(s->w, status, argv);
}

static void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static int
set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	s->w = world_new();
	(void)snprintf(s->conf, sizeof(s->conf), "%s/mine.conf", s->w->dir);
	(void)snprintf(s->home, sizeof(s->home), "%s/alice", s->w->dir);
	(void)snprintf(s->pass, sizeof(s->pass), "%s/pass", s->w->dir);
	(void)mkdir(s->home, 0700);
	put_file(s->conf, "[key]\npasses = 2\nmemory = 64M\n");
	put_file(s->pass, WORLD_PASS "\n");
	s->bob = world_companion(s->w, "bob", NULL);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct stage *s = *state;

	world_free(s->w);
	free(s);
	return 0;
}

/* All the way in, a chat, and out, through a pipe: never an escape. */
static void
test_lines(void **state)
{
	struct stage *s = *state;
	int status;
	/* What is typed next waits for what it needs. */
	char *out = sh(s, &status,
	    "O=$A.out; : >$O; w() { n=0; until grep -q \"$1\" $O || "
	    "[ $n = 300 ]; do n=$((n + 1)); sleep .1; done; };"
	    "(printf '\\nalice\\n" WORLD_PASS "\\n" WORLD_PASS
	    "\\n/chat bob\\n';"
	    " w 'is open'; printf 'hello from a pipe\\n'; w 'I hear you'; w "
	    "'bob, delivered';"
	    " printf '/list\\n/server\\n'; w 'It does not have';"
	    " printf '/nonsense\\n/set bell no\\n/help\\n/quit\\n') |"
	    " sotto --plain --invite $A >$O; r=$?; cat $O; exit $r",
	    world_invite(s->w, "alice"));
	char *conf;

	assert_int_equal(status, 0);
	assert_null(strchr(out, '\033'));
	assert_non_null(strstr(out, "[localhost: online]"));
	assert_non_null(strstr(out, "The chat with bob is open"));
	assert_non_null(strstr(out, ": I hear you: hello from a pipe\n"));
	assert_non_null(strstr(out, "[to bob, delivered] hello from a pipe"));
	assert_non_null(strstr(out, "== people on localhost, 1 online"));
	assert_non_null(strstr(out, "It does not have: what is said"));
	assert_non_null(strstr(out, "There is no command /nonsense"));
	assert_non_null(strstr(out, "Bell is no now."));
	assert_non_null(strstr(out, "/verify NAME  compare the safety number"));
	assert_null(strstr(out, WORLD_PASS));
	free(out);
	conf = world_read(s->conf);
	assert_non_null(strstr(conf, "[attention]\nbell = no\n"));
	free(conf);
}

/* The same client in a terminal that can do nothing; no echo of secrets. */
static void
test_dumb_terminal(void **state)
{
	struct stage *s = *state;
	const char *args[] = { "--config", s->conf, NULL };
	struct tty *t;
	size_t n;

	(void)setenv("TEST_TERM", "dumb", 1);
	t = world_client(s->w, "alice", 80, 24, args);
	(void)unsetenv("TEST_TERM");
	tty_wait(t, "passphrase:");
	tty_type(t, "not it at all\r");
	tty_wait(t, "! That is not the passphrase.");
	tty_type(t, WORLD_PASS "\r");
	tty_wait(t, "[now to bob:");
	tty_wait(t, "[localhost: online]");
	tty_type(t, "typed on a line\r");
	tty_wait(t, "[to bob, delivered]");
	tty_type(t, "/verify\r");
	tty_wait(t, "Type the groups; eye:");
	tty_type(t, "00000 00000 00000\r.\r");
	tty_type(t, "/find typed\r");
	tty_wait(t, "2 hits");
	assert_null(memchr(tty_raw(t, &n), '\033', n));
	assert_false(tty_has(t, WORLD_PASS));
	tty_type(t, "/quit\r");
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
}

static void
test_send(void **state)
{
	struct stage *s = *state;
	int status;
	char *out;

	out = sh(s, &status, "echo 'from a script' | sotto send bob $P", "");
	assert_int_equal(status, 0);
	free(out);
	proc_wait_text(s->bob, "from a script");
	out = sh(s, &status,
	    "echo x | sotto send bob --wait read $P "
	    "--timeout 2 2>&1",
	    "");
	assert_int_equal(WEXITSTATUS(status), 7); /* bob reads nothing */
	assert_non_null(strstr(out, "delivered, not read yet"));
	free(out);
	/* Nobody of that name; nothing to say; too much of it; no name. */
	out = sh(s, &status, "echo x | sotto send nobody $P --timeout 9 2>&1",
	    "");
	assert_int_equal(WEXITSTATUS(status), 5);
	free(out);
	out = sh(s, &status, "sotto send bob $P </dev/null 2>&1", "");
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_non_null(strstr(out, "no message on standard input"));
	free(out);
	out = sh(s, &status,
	    "head -c 40000 /dev/zero | tr '\\0' a | sotto send bob $P 2>&1",
	    "");
	assert_int_equal(WEXITSTATUS(status), 2);
	free(out);
	out = sh(s, &status, "echo x | sotto send 2>&1", "");
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_non_null(strstr(out, "send wants a name"));
	free(out);
	out = sh(s, &status, "echo x | sotto send bob --wait soon 2>&1", "");
	assert_int_equal(WEXITSTATUS(status), 2);
	free(out);
	out = sh(s, &status,
	    "echo wrong >$A; echo x | sotto send bob --passphrase-file "
	    "$A 2>&1",
	    world_path(s->w, "wrong"));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "That is not the passphrase"));
	free(out);
}

/* Each line is one object, and has what sotto(1) says. */
static size_t
check_lines(char *out, const char *type, const char *const *members)
{
	size_t n = 0;
	char *rest = out, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		struct json_object *o, *v;

		if (line[0] == '\0')
			continue;
		o = json_tokener_parse(line);
		assert_non_null(o);
		assert_true(json_object_object_get_ex(o, "type", &v));
		if (strcmp(json_object_get_string(v), type) == 0) {
			for (const char *const *m = members; *m != NULL; m++)
				assert_true(
				    json_object_object_get_ex(o, *m, &v));
			n++;
		}
		json_object_put(o);
	}
	return n;
}

static void
test_reading(void **state)
{
	static const char *const contact[] = { "name", "trust", "first_seen",
		"verified_at", NULL };
	static const char *const message[] = { "at_ms", "chat", "from", "id",
		"text", NULL };
	struct stage *s = *state;
	int status;
	char *out;

	out = sh(s, &status, "sotto contacts --json $P", "");
	assert_int_equal(status, 0);
	assert_int_equal(check_lines(out, "contact", contact), 1);
	free(out);
	out = sh(s, &status, "sotto contacts $P", "");
	assert_non_null(strstr(out, "bob               unverified"));
	free(out);
	out = sh(s, &status, "sotto history --json bob $P", "");
	assert_int_equal(status, 0);
	assert_true(check_lines(out, "message", message) >= 6);
	free(out);
	out = sh(s, &status, "sotto history bob $P", "");
	assert_non_null(strstr(out, "me to bob: from a script\n"));
	free(out);
	out = sh(s, &status, "sotto history carol $P 2>&1", "");
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "there is no chat with carol"));
	free(out);
	out = sh(s, &status,
	    "sotto export bob $A $P 2>&1 && "
	    "sotto export bob $A $P 2>&1",
	    world_path(s->w, "out.json"));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "/out.json now"));
	assert_non_null(strstr(out, "is there already"));
	free(out);
}

static void
test_tail(void **state)
{
	static const char *const request[] = { "at_ms", "from", "state", NULL };
	static const char *const link[] = { "at_ms", "state", NULL };
	static const char *const ask[] = { "--ask", "alice", "--after", "1",
		NULL };
	struct stage *s = *state;
	const char *file = world_path(s->w, "tail.out");
	int status;
	char *out;

	(void)world_companion(s->w, "carol", ask);
	out = sh(s, &status,
	    "$S tail --json $P >$A & p=$!; n=0; "
	    "until grep -q request $A || [ $n -gt 300 ]; do "
	    "sleep .1; n=$((n + 1)); done; kill -TERM $p; wait $p",
	    file);
	assert_int_equal(status, 0);
	free(out);
	out = world_read(file);
	assert_int_equal(check_lines(out, "link", link), 1);
	free(out);
	out = world_read(file);
	assert_int_equal(check_lines(out, "request", request), 1);
	free(out);
}

/* The server is gone: what was said waits here, and goes out later. */
static void
test_no_server(void **state)
{
	struct stage *s = *state;
	int status;
	char *out;

	(void)world_relay_stop(s->w, SIGTERM);
	out = sh(s, &status,
	    "echo 'said offline' | sotto send bob $P --timeout 2 2>&1", "");
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_non_null(strstr(out, "it waits here"));
	free(out);
	out = sh(s, &status, "echo 'this, too' | sotto send bob --wait here $P",
	    "");
	assert_int_equal(status, 0);
	free(out);
	world_relay_start(s->w);
	out = sh(s, &status, "echo 'and this' | sotto send bob $P", "");
	assert_int_equal(status, 0);
	free(out);
	proc_wait_text(s->bob, "said offline");
	proc_wait_text(s->bob, "this, too");
	proc_wait_text(s->bob, "and this");
	assert_int_equal(proc_count(s->bob, "said offline"), 1);
}

static void
expect_no_colour(struct tty *t)
{
	size_t n;
	const char *raw = tty_raw(t, &n);

	for (int colour = 30; colour < 38; colour++) {
		char seq[16];

		(void)snprintf(seq, sizeof(seq), "\033[%dm", colour);
		assert_null(memmem(raw, n, seq, strlen(seq)));
	}
}

/* Terminals that know little show what they can, and no rubbish. */
static void
test_terminals(void **state)
{
	static const char *const kinds[] = { "vt100", "linux", "screen",
		"tmux-256color", "rxvt-unicode" };
	struct stage *s = *state;
	const char *args[] = { "--config", s->conf, NULL };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) + 2; i++) {
		const int n = (int)(sizeof(kinds) / sizeof(kinds[0]));
		struct tty *t;

		(void)setenv("TEST_TERM",
		    (int)i < n ? kinds[i] : "xterm-256color", 1);
		if ((int)i == n)
			(void)setenv("NO_COLOR", "1", 1);
		if ((int)i == n + 1)
			(void)setenv("TEST_LC_ALL", "C", 1);
		t = world_client(s->w, "alice", 80, 24, args);
		tty_wait(t, "passphrase  >");
		tty_type(t, WORLD_PASS KEY_ENTER);
		tty_wait(t, "to bob (not verified, end-to-end)");
		assert_true(tty_has(t, "CHATS"));
		assert_false(tty_has(t, "[?"));
		assert_false(tty_has(t, "$p"));
		if ((int)i == n)
			expect_no_colour(t);
		if ((int)i == n + 1)
			for (const char *p = tty_screen(t); *p != '\0'; p++)
				assert_true((unsigned char)*p < 0x80);
		tty_type(t, "/quit\r");
		assert_int_equal(tty_wait_exit(t), 0);
		tty_close(t);
		(void)unsetenv("NO_COLOR");
		(void)unsetenv("TEST_LC_ALL");
		(void)unsetenv("TEST_TERM");
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_dumb_terminal),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_no_server),
		cmocka_unit_test(test_terminals),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
