/* make demo, as a stranger would run it; and nothing is left of it. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/tty.h"

struct demo {
	char tmp[64];
	struct tty *t;
};

static int
setup(void **state)
{
	struct demo *d = calloc(1, sizeof(*d));
	const char *argv[] = { "/bin/sh", "tests/demo/demo.sh", NULL };
	char env[96], build[512];
	const char *b = getenv("BUILD");
	const char *envp[] = { env, build, NULL };

	assert_non_null(d);
	(void)snprintf(d->tmp, sizeof(d->tmp), "/tmp/sotto-demo-test.XXXXXX");
	assert_non_null(mkdtemp(d->tmp));
	(void)snprintf(env, sizeof(env), "TMPDIR=%s", d->tmp);
	(void)snprintf(build, sizeof(build), "BUILD=%s",
	    b != NULL && b[0] != '\0' ? b : "build");
	d->t = tty_open(80, 24, argv, envp);
	*state = d;
	return 0;
}

/* Programs of this demo that still run: their arguments name its folder. */
static int
left_running(const struct demo *d)
{
	char cmd[128];

	/* "[s]": or pgrep finds the shell that runs it. */
	(void)snprintf(cmd, sizeof(cmd), "pgrep -f '[s]%s/' >/dev/null",
	    d->tmp + strlen("/tmp/s"));
	return system(cmd) == 0;
}

static int
left_on_disk(const struct demo *d)
{
	/* Only what we made ourselves can be removed as an empty folder. */
	return rmdir(d->tmp) != 0;
}

static int
teardown(void **state)
{
	struct demo *d = *state;

	tty_close(d->t);
	free(d);
	return 0;
}

/* Each step has keys to make, so each has its own time. */
static void
wait_for_client(struct demo *d)
{
	tty_wait(d->t, "ann, who accepts");
	tty_wait(d->t, "ben, who will ask");
	tty_wait(d->t, "MATCHED");
}

static void
get_in(struct demo *d)
{
	wait_for_client(d);
	tty_type(d->t, KEY_ENTER);
	tty_wait(d->t, "step 3 of 4");
	tty_type(d->t,
	    "visitor" KEY_TAB "a passphrase" KEY_TAB "a passphrase" KEY_ENTER);
	tty_wait(d->t, "You are in");
}

static void
test_request_answer_and_leaving(void **state)
{
	struct demo *d = *state;

	get_in(d);
	/* One accepts and answers ... */
	tty_type(d->t, "/chat ann\r");
	tty_wait(d->t, "to ann (not verified, end-to-end)");
	tty_type(d->t, "hello there\r");
	tty_wait(d->t, ": hello there");
	/* ... the other one asks. */
	tty_wait(d->t, "REQUESTS 1");
	tty_type(d->t, "/accept ben\r");
	tty_wait(d->t, "Hello! I asked you");
	assert_true(left_running(d));
	tty_type(d->t, "/quit\r");
	assert_int_equal(tty_wait_exit(d->t), 0);
	assert_false(left_running(d));
	assert_false(left_on_disk(d));
}

static void
test_interrupted_leaves_nothing(void **state)
{
	struct demo *d = *state;

	wait_for_client(d);
	tty_signal(d->t, SIGTERM);
	/* The shell ends after its client. */
	tty_type(d->t, KEY_CTRL('q'));
	(void)tty_wait_exit(d->t);
	assert_false(left_running(d));
	assert_false(left_on_disk(d));
}

static void
test_terminal_closed_leaves_nothing(void **state)
{
	struct demo *d = *state;

	get_in(d);
	tty_hang_up(d->t);
	(void)tty_wait_exit(d->t);
	assert_false(left_running(d));
	assert_false(left_on_disk(d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_request_answer_and_leaving,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_interrupted_leaves_nothing,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_terminal_closed_leaves_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
