/* What is done to a profile without its screen: another passphrase, a backup,
 * and back. */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

static int
setup(void **state)
{
	struct world *w = world_new();
	struct tty *t = world_enrol(w, "alice", 80, 24);

	tty_type(t, "/quit\r");
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct tty *
unlock(struct world *w, const char *profile, const char *pass)
{
	const char *args[] = { "--profile", profile, NULL };
	struct tty *t = world_client(w, "alice", 80, 24, args);

	tty_wait(t, "passphrase  >");
	tty_type(t, pass);
	tty_type(t, KEY_ENTER);
	return t;
}

static void
quits(struct tty *t)
{
	tty_wait(t, "localhost ONLINE");
	tty_type(t, "/quit\r");
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
}

/* sotto with that option: says that, and ends so. */
static void
says(struct world *w, const char *option, const char *value, const char *text,
    int status)
{
	const char *args[] = { option, value, NULL };
	struct tty *t = world_client(w, "alice", 200, 24, args);

	tty_wait(t, text);
	assert_int_equal(WEXITSTATUS(tty_wait_exit(t)), status);
	tty_close(t);
}

static void
change(struct world *w, const char *old, const char *fresh, const char *again,
    const char *text, int status)
{
	const char *args[] = { "--new-passphrase", NULL };
	struct tty *t = world_client(w, "alice", 200, 24, args);

	tty_wait(t, "Passphrase of now:");
	tty_type(t, old);
	tty_type(t, KEY_ENTER);
	if (fresh != NULL) {
		tty_wait(t, "New passphrase:");
		tty_type(t, fresh);
		tty_type(t, KEY_ENTER);
		tty_wait(t, "The same again:");
		tty_type(t, again);
		tty_type(t, KEY_ENTER);
	}
	tty_wait(t, text);
	assert_false(tty_has(t, old)); /* no echo */
	assert_true(fresh == NULL || !tty_has(t, fresh));
	assert_int_equal(WEXITSTATUS(tty_wait_exit(t)), status);
	tty_close(t);
}

static void
test_new_passphrase(void **state)
{
	struct world *w = *state;
	struct tty *t = unlock(w, "default", WORLD_PASS);

	tty_wait(t, "localhost ONLINE");
	says(w, "--new-passphrase", NULL, "quit it first", 1);
	quits(t);
	change(w, "not the one", NULL, NULL,
	    "that is not the passphrase; nothing was changed", 1);
	change(w, WORLD_PASS, "other words", "other word",
	    "are not the same; nothing was changed", 1);
	change(w, WORLD_PASS, "short", "short", "at least 8 characters", 1);
	change(w, WORLD_PASS, "quite other words", "quite other words",
	    "the new passphrase holds from now on", 0);
	t = unlock(w, "default", WORLD_PASS);
	tty_wait(t, "That is not the passphrase");
	tty_type(t, "quite other words\r");
	quits(t);
	change(w, "quite other words", WORLD_PASS, WORLD_PASS,
	    "the new passphrase holds from now on", 0);
}

static void
test_backup_and_restore(void **state)
{
	struct world *w = *state;
	char to[WORLD_PATH], nowhere[WORLD_PATH + 8];
	const char *args[] = { "--profile", "again", "--restore", to, NULL };
	struct tty *t = unlock(w, "default", WORLD_PASS);

	(void)snprintf(to, sizeof(to), "%s", world_path(w, "backup"));
	(void)snprintf(nowhere, sizeof(nowhere), "%s/x/y", to);
	tty_wait(t, "localhost ONLINE");
	/* While it runs. */
	says(w, "--backup", to, "sealed with its passphrase", 0);
	says(w, "--backup", to, "no backup was made", 1);
	says(w, "--backup", nowhere, "no backup was made", 1);
	says(w, "--restore", to, "was left as it is", 1);
	says(w, "--restore", nowhere, "there is no backup in", 1);
	quits(t);
	t = world_client(w, "alice", 200, 24, args);
	tty_wait(t, "profile again is restored");
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
	quits(unlock(w, "again", WORLD_PASS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_passphrase),
		cmocka_unit_test(test_backup_and_restore),
	};

	return cmocka_run_group_tests_name("care", tests, setup, teardown);
}
