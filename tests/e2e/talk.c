/* Two people, each in a terminal, and a relay: the main job. */
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/two.h"

static void
test_presence_is_live(void **state)
{
	struct two *p = *state;
	struct tty *c = world_enrol(p->w, "carol", 80, 24);

	tty_wait(p->alice, "ONLINE 2");
	tty_wait(p->alice, "carol");
	tty_type(c, "/quit\r");
	assert_int_equal(tty_wait_exit(c), 0);
	tty_close(c);
	tty_wait_gone(p->alice, "carol");
	/* The list of people, and its filter. */
	tty_type(p->alice, KEY_ALT("o"));
	tty_wait(p->alice, "people on localhost");
	tty_wait(p->alice, "* online");
	tty_type(p->alice, "zz");
	tty_wait(p->alice, "Nobody with that");
	tty_settle(p->alice, 100);
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "people on");
}

static void
test_ask_accept_talk(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "hello bob\r");
	tty_wait(p->bob, "hello bob");
	/* Read: bob has the chat open; this terminal says nothing of focus. */
	tty_wait(p->alice, "read");
	tty_type(p->bob, "hello alice\r");
	tty_wait(p->alice, "hello alice");
	/* Not read while the terminal has not the focus. */
	tty_type(p->bob, "\033[O");
	tty_type(p->alice, "and this?\r");
	tty_wait(p->bob, "and this?");
	tty_wait(p->alice, "delivered");
	tty_settle(p->alice, 1500);
	assert_true(tty_has(p->alice, "delivered"));
	tty_type(p->bob, "\033[I");
	tty_wait_gone(p->alice, "delivered");
	two_end_chat(p);
}

static void
test_refuse(void **state)
{
	struct two *p = *state;

	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, KEY_ALT("r"));
	tty_wait(p->bob, "alice would like to chat");
	tty_settle(p->bob, 400); /* letters act after 300 ms */
	tty_type(p->bob, "r");
	tty_wait(p->alice, "bob said no to a chat");
	tty_wait_gone(p->bob, "REQUESTS");
	tty_wait_gone(p->bob, "would like");
}

static void
test_cancel(void **state)
{
	struct two *p = *state;

	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->alice, "/cancel\r");
	tty_wait(p->alice, "took the request back");
	tty_wait_gone(p->bob, "REQUESTS");
}

static void
test_busy(void **state)
{
	struct two *p = *state;

	tty_type(p->bob, "/busy on\r");
	tty_wait(p->alice, "\u25d0"); /* its mark in the list */
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->alice, "bob is busy");
	tty_type(p->bob, "/busy off\r");
	tty_wait_gone(p->alice, "\u25d0");
	tty_wait(p->alice, "bob  online");
}

static void
test_block(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->bob, "/block alice\r");
	tty_wait(p->bob, "alice is blocked");
	tty_wait(p->alice, "bob left the chat");
	/* She is not told, and he is not rung. */
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->alice, "You asked bob");
	tty_settle(p->bob, 700);
	assert_false(tty_has(p->bob, "REQUESTS"));
	tty_type(p->alice, "/cancel\r");
	tty_wait(p->alice, "took the request back");
	tty_type(p->bob, "/unblock alice\r");
	tty_wait(p->bob, "not blocked any more");
	two_open_chat(p);
	two_end_chat(p);
}

/* Somebody with a name that is nearly that of a friend. */
static void
test_a_name_that_looks_alike(void **state)
{
	struct two *p = *state;
	struct tty *b = world_enrol(p->w, "b0b", 80, 24);

	tty_type(b, "/chat alice\r");
	tty_wait(p->alice, "REQUESTS 1");
	tty_type(p->alice, KEY_ALT("r"));
	tty_wait(p->alice, "THE NAME LOOKS LIKE bob");
	tty_settle(p->alice, 600);
	tty_type(p->alice, "r");
	tty_wait(b, "said no to a chat");
	/* The words stand on both pages. */
	tty_wait_gone(p->alice, "LOOKS LIKE bob");
	tty_type(p->alice, KEY_ALT("o"));
	tty_wait(p->alice, "people on localhost");
	tty_wait(p->alice, "LOOKS LIKE bob");
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "people on");
	tty_type(b, "/quit\r");
	assert_int_equal(tty_wait_exit(b), 0);
	tty_close(b);
}

/* "a 48213     b .....": what stands there of each group; "" if it is hidden. */
static void
read_groups(struct tty *t, char group[12][6])
{
	memset(group, 0, 12 * 6);
	for (int row = 0; row < 24; row++) {
		const char *at = tty_row(t, row);

		for (; *at != '\0'; at++)
			if (*at >= 'a' && *at <= 'l' && at[1] == ' ' &&
			    strspn(at + 2, "0123456789") == 5 &&
			    (at[7] == ' ' || at[7] == '\0'))
				memcpy(group[*at - 'a'], at + 2, 5);
	}
}

static void
test_verify(void **state)
{
	struct two *p = *state;
	char at_bob[12][6], at_alice[12][6], typed[16] = "", all[61] = "";
	size_t hidden = 0;

	two_open_chat(p);
	tty_type(p->bob, KEY_ALT("v"));
	tty_wait(p->bob, "verify alice");
	tty_type(p->alice, "/verify bob\r");
	tty_wait(p->alice, "verify bob");
	tty_settle(p->alice, 200);
	tty_settle(p->bob, 200);
	read_groups(p->alice, at_alice);
	read_groups(p->bob, at_bob);
	for (int g = 0; g < 12; g++) {
		/* What one is asked for, the other one sees. */
		assert_true(at_alice[g][0] != '\0' || at_bob[g][0] != '\0');
		strcat(all, at_alice[g][0] != '\0' ? at_alice[g] : at_bob[g]);
		if (at_alice[g][0] != '\0')
			continue;
		hidden++;
		strcat(typed, at_bob[g]);
	}
	assert_int_equal(hidden, 3);
	/* Enter alone never verifies, and a wrong digit never does. */
	tty_type(p->alice, KEY_ENTER);
	typed[7] ^= 1;
	tty_type(p->alice, typed);
	tty_wait(p->alice, "DIFFERS. Listen again");
	tty_type(p->alice, KEY_ENTER);
	tty_settle(p->alice, 200);
	assert_true(tty_has(p->alice, "verify bob"));
	typed[7] ^= 1;
	tty_type(p->alice, KEY_CTRL('c'));
	tty_type(p->alice, typed);
	tty_wait(p->alice, "[v verified]");
	tty_wait(p->alice, "to bob (v verified, end-to-end)");
	/* And that is noted. */
	tty_type(p->alice, "/trust bob\r");
	tty_wait(p->alice, "pinned at the first");
	tty_wait(p->alice, "by typed groups");

	/* The whole number, as it may have come by post. */
	all[0] = all[0] == '1' ? '2' : '1';
	tty_type(p->bob, all);
	tty_wait(p->bob, "DIFFERS at number 1");
	tty_type(p->bob, KEY_ENTER);
	tty_type(p->bob, KEY_CTRL('c'));
	/* All of it can be read aloud; it says how. */
	tty_type(p->bob, KEY_F6);
	tty_wait(p->bob, "The same, as words");
	tty_type(p->bob, KEY_F6);
	tty_wait(p->bob, "camera");
	tty_type(p->bob, KEY_F6);
	tty_wait(p->bob, "three groups");
	tty_type(p->bob, KEY_F5);
	tty_wait(p->bob, "The same, as words");
	tty_type(p->bob, KEY_F5);
	tty_wait(p->bob, "[v verified]");
	two_end_chat(p);
}

static void
test_inspector_and_help(void **state)
{
	static const char *const want[] = { "M1 CLIENT_HELLO", "suites offered",
		"M2 SERVER_HELLO" };
	struct two *p = *state;

	tty_resize(p->alice, 120, 60);
	tty_settle(p->alice, 100);
	tty_type(p->alice, KEY_F8);
	tty_wait(p->alice, "inspect  login");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		tty_wait(p->alice, want[i]);
	for (int i = 0; i < 100; i++)
		tty_type(p->alice, KEY_DOWN);
	tty_wait(p->alice, "M4 ");
	tty_type(p->alice, KEY_TAB);
	tty_wait(p->alice, "E1 CHAT_REQUEST");
	tty_settle(p->alice, 50);
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "inspect");
	tty_type(p->alice, KEY_F1);
	tty_wait(p->alice, "help: keys that work here");
	tty_type(p->alice, "verify");
	tty_wait(p->alice, "/verify NAME");
	tty_wait_gone(p->alice, "new line");
	tty_settle(p->alice, 50);
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "help: keys");
	tty_resize(p->alice, 80, 24);
	tty_settle(p->alice, 100);
}

static void
test_search(void **state)
{
	struct two *p = *state;

	tty_type(p->alice, "/search aro\r");
	tty_wait(p->alice, "Found: carol");
	tty_type(p->alice, "/search nobody-has-it\r");
	tty_wait(p->alice, "Nobody on this relay");
	tty_type(p->alice, "/chat zed\r");
	tty_wait(p->alice, "zed is not online");
}

static void
test_several_requests_and_chats(void **state)
{
	struct two *p = *state;
	struct tty *d = world_enrol(p->w, "dora", 80, 24);

	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(d, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 2");
	tty_type(p->bob, "/accept alice\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, "/accept dora\r");
	tty_wait(d, "to bob (not verified");
	tty_type(d, "from dora\r");
	tty_wait(p->bob, "from dora");
	/* What is half written to one stays with that one. */
	tty_type(p->bob, "for dora only");
	tty_type(p->bob, KEY_CTRL('p'));
	tty_wait_gone(p->bob, "for dora only");
	tty_type(p->bob, KEY_CTRL('n'));
	tty_wait(p->bob, "dora> for dora only");
	tty_type(p->bob, KEY_CTRL('c'));
	tty_type(d, "/leave\r");
	tty_wait(p->bob, "dora left the chat");
	tty_signal(d, SIGTERM);
	assert_int_equal(tty_wait_exit(d), 0);
	tty_close(d);
	tty_type(p->alice, "/leave\r");
	tty_wait(p->alice, "chat over");
}

/* Leaving asks while something waits here, and no longer than that. */
static void
test_leaving_with_words_that_wait(void **state)
{
	struct two *p = *state;
	struct tty *e = world_enrol(p->w, "erin", 80, 24);

	tty_type(e, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, "/accept erin\r");
	tty_wait(e, "to bob (not verified");
	assert_int_equal(kill(p->w->relay.pid, SIGSTOP), 0);
	tty_type(e, "last words\r");
	tty_wait(e, "waiting here");
	tty_type(e, "/quit\r");
	tty_wait(e, "1 message is still here");
	/* A key that was typed before the question was seen is no answer. */
	tty_settle(e, 600);
	tty_type(e, "n");
	tty_wait_gone(e, "leave sotto?");
	tty_type(e, "/quit\r");
	tty_wait(e, "1 message is still here");
	assert_int_equal(kill(p->w->relay.pid, SIGCONT), 0);
	assert_int_equal(tty_wait_exit(e), 0);
	tty_wait(p->bob, "last words");
	tty_close(e);
}

static void
test_leaving_restores_the_terminal(void **state)
{
	struct two *p = *state;
	const char *raw;
	size_t n;

	tty_type(p->bob, KEY_CTRL('q'));
	assert_int_equal(tty_wait_exit(p->bob), 0);
	assert_false(tty_alt(p->bob));
	raw = tty_raw(p->bob, &n);
	assert_non_null(strstr(raw, "\033[?2004h"));
	assert_non_null(strstr(raw + n - 200, "\033[?2004l"));
	tty_wait_gone(p->alice, "ONLINE 1");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_presence_is_live),
		cmocka_unit_test(test_ask_accept_talk),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_inspector_and_help),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_several_requests_and_chats),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_a_name_that_looks_alike),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_leaving_with_words_that_wait),
		cmocka_unit_test(test_leaving_restores_the_terminal),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("talk", tests, two_setup,
	    two_teardown);
}
