/* A disk that takes no more, under each of the three, while they run. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

#define ROWS 24

struct pair {
	struct world *w;
	struct tty *alice, *bob;
};

static int
setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->w = world_new();
	p->alice = world_enrol(p->w, "alice", 100, ROWS);
	p->bob = world_enrol(p->w, "bob", 100, ROWS);
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, "/accept alice\r");
	tty_wait(p->alice, "to bob (not verified, end-to-end)");
	tty_wait(p->bob, "to alice (not verified, end-to-end)");
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct pair *p = *state;

	tty_close(p->alice);
	tty_close(p->bob);
	world_free(p->w);
	free(p);
	return 0;
}

/* No file of that process may grow any more; or all may again. */
static void
set_full(pid_t pid, int full)
{
	struct rlimit l;

	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, NULL, &l), 0);
	l.rlim_cur = full ? 0 : l.rlim_max;
	assert_int_equal(prlimit(pid, RLIMIT_FSIZE, &l, NULL), 0);
}

/* Is that said of that message? */
static int
says(struct tty *t, const char *text, const char *what)
{
	for (int y = 0; y < ROWS; y++) {
		const char *row = tty_row(t, y), *at = strstr(row, text);

		if (at != NULL && strstr(at, what) != NULL)
			return 1;
	}
	return 0;
}

static void
wait_says(struct tty *t, const char *text, const char *what)
{
	for (int i = 0; !says(t, text, what); i++) {
		assert_true(i < 600);
		tty_settle(t, 100);
	}
}

/* Hers: what she typed is back in her composer, and goes when there is room. */
static void
test_sender(void **state)
{
	struct pair *p = *state;

	tty_type(p->alice, "with room\r");
	tty_wait(p->bob, "with room");
	tty_wait(p->alice, "read");
	set_full(tty_pid(p->alice), 1);
	tty_type(p->alice, "without room\r");
	tty_wait(p->alice, "write to its disk");
	tty_wait(p->alice, "where you write");
	tty_wait(p->alice, "bob> without room");
	set_full(tty_pid(p->alice), 0);
	tty_wait(p->alice, "localhost ONLINE");
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "without room");
	tty_wait_gone(p->alice, "bob> without room");
	/* His disk is full next: before, he has told all that he had to. */
	wait_says(p->alice, "without room", "read");
}

/* His: it is not confirmed, and comes again, once. */
static void
test_receiver(void **state)
{
	struct pair *p = *state;
	const char *first;

	set_full(tty_pid(p->bob), 1);
	tty_type(p->alice, "for a full disk\r");
	tty_wait(p->bob, "write to its disk");
	wait_says(p->alice, "for a full disk", "at server");
	tty_settle(p->alice, 300);
	assert_false(says(p->alice, "for a full disk", "delivered"));
	set_full(tty_pid(p->bob), 0);
	tty_wait(p->bob, "for a full disk");
	tty_wait_gone(p->alice, "waiting");
	tty_settle(p->bob, 500);
	first = strstr(tty_screen(p->bob), "for a full disk");
	assert_non_null(first);
	assert_null(strstr(first + 1, "for a full disk"));
}

/* The relay's: it does not say that it has what it could not keep. */
static void
test_relay(void **state)
{
	struct pair *p = *state;

	tty_type(p->bob, "/quit\r");
	assert_int_equal(tty_wait_exit(p->bob), 0);
	tty_close(p->bob);
	tty_wait_gone(p->alice, "bob  online");
	set_full(p->w->relay.pid, 1);
	tty_type(p->alice, "to be kept\r");
	tty_wait(p->alice, "the relay cannot store");
	set_full(p->w->relay.pid, 0);
	tty_type(p->alice, "/retry\r");
	tty_wait(p->alice, "at server");
	p->bob = world_client(p->w, "bob", 100, ROWS, NULL);
	tty_wait(p->bob, "passphrase  >");
	tty_type(p->bob, WORLD_PASS KEY_ENTER);
	tty_wait(p->bob, "to be kept");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_receiver),
		cmocka_unit_test(test_relay),
	};

	return cmocka_run_group_tests_name("full", tests, setup, teardown);
}
