/* What is said: any text, long ones, changed, found again, read, kept for days. */
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/two.h"

static void
test_unicode(void **state)
{
	struct two *p = *state;
	/* Wide, combining, right to left, emoji. */
	static const char *const texts[] = {
		"Gr\xc3\xbc\xc3\x9f aus K\xc3\xb6ln",
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e ok",
		"e\xcc\x81t\xc3\xa9 ok2", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"\xf0\x9f\x98\x80 ok3"
	};

	two_open_chat(p);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tty_type(p->alice, texts[i]);
		tty_type(p->alice, KEY_ENTER);
		tty_wait(p->bob, texts[i]);
	}
	/* The column of marks is where it was: no drift. */
	tty_wait(p->alice, "read");
	two_end_chat(p);
}

/* A slow line cuts characters and pastes anywhere. */
static void
test_bytes_in_pieces(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "sm\xc3");
	tty_settle(p->alice, 150);
	tty_type(p->alice, "\xb6r \xf0\x9f");
	tty_settle(p->alice, 150);
	tty_type(p->alice, "\x98\x80 br\xc3");
	tty_settle(p->alice, 150);
	tty_type(p->alice,
	    "\xb6"
	    "d\r");
	tty_wait(p->bob,
	    "sm\xc3\xb6r \xf0\x9f\x98\x80 br\xc3\xb6"
	    "d");
	/* Nothing of a paste is sent before its end, however long it takes. */
	tty_type(p->alice, "\033[200~one\rtw");
	tty_settle(p->alice, 1500);
	tty_type(p->alice, "o\rthree\033[20");
	tty_settle(p->alice, 150);
	tty_type(p->alice, "1~");
	tty_wait(p->alice, "three");
	assert_false(tty_has(p->bob, "one"));
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "three");
	tty_wait(p->bob, "two");
	two_end_chat(p);
}

static void
test_controls_are_shown_not_obeyed(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	/* A paste may hold anything; none of it reaches bob's terminal. */
	tty_paste(p->alice,
	    "red \xe2\x80\xae"
	    "drow\a done");
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "<RLO>");
	tty_wait(p->bob, "done");
	two_end_chat(p);
}

static void
test_twenty_lines_are_one_message(void **state)
{
	struct two *p = *state;
	char text[2048];
	size_t n = 0;

	two_open_chat(p);
	for (int i = 1; i <= 20; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "line number %d%s", i, i < 20 ? "\r" : "");
	tty_paste(p->alice, text);
	tty_wait(p->alice, "[paste, 20 lines");
	/* Nothing is sent by pasting. */
	tty_settle(p->bob, 300);
	assert_false(tty_has(p->bob, "line number"));
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "line number 20");
	tty_wait(p->bob, "line number 7");
	/* One message: one time, one state. */
	tty_wait(p->alice, "read");
	/* Esc takes a paste out again. */
	tty_paste(p->alice, text);
	tty_wait(p->alice, "[paste, 20 lines");
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "[paste");
	two_end_chat(p);
}

/* Too long is said, not sent, and kept. */
static void
test_three_hundred_lines(void **state)
{
	struct two *p = *state;
	char *text = calloc(300, 48);

	assert_non_null(text);
	for (int i = 1; i <= 300; i++)
		(void)snprintf(text + strlen(text), 48,
		    "line %03d of a paste that is far too long\r", i);
	two_open_chat(p);
	tty_paste(p->alice, text);
	tty_wait(p->alice, "[paste, 30");
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->alice, "longer than 8000 characters; it was");
	tty_wait(p->alice, "[paste, 30"); /* still there */
	tty_type(p->alice, KEY_ESC);
	tty_wait_gone(p->alice, "[paste");
	tty_settle(p->bob, 200);
	assert_false(tty_has(p->bob, "line 001"));
	free(text);
	two_end_chat(p);
}

static void
test_resize(void **state)
{
	static const int sizes[][2] = { { 140, 40 }, { 40, 12 }, { 20, 5 },
		{ 10, 3 }, { 1, 1 }, { 200, 60 }, { 80, 24 } };
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "before the resize\r");
	tty_wait(p->bob, "before the resize");
	tty_type(p->alice, "half a sen");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		tty_resize(p->alice, sizes[i][0], sizes[i][1]);
		tty_settle(p->alice, 150);
		if (sizes[i][0] >= 40) {
			tty_wait(p->alice, "half a sen");
			tty_wait(p->alice, "[not verified]");
		}
		if (sizes[i][0] == 10)
			tty_wait(p->alice, "sotto: win");
	}
	tty_wait(p->alice, "before the resize");
	tty_type(p->alice, "tence\r");
	tty_wait(p->bob, "half a sentence");
	two_end_chat(p);
}

/* Bob's digits, as one would read them to alice. */
/* Words of long ago, in all chats; capitals and accents do not matter. */
static void
test_find(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice,
	    "The Gr\xc3\xbc\xc3\x9f"
	    "e of yesterday\r");
	tty_wait(p->bob, "of yesterday");
	tty_type(p->bob, "something else\r");
	tty_wait(p->alice, "something else");
	tty_type(p->bob, KEY_CTRL('f'));
	tty_wait(p->bob, "find in all chats");
	tty_type(p->bob, "GRUSSE");
	tty_wait(p->bob, "1 hit in");
	tty_wait(p->bob, "alice: The Gr");
	assert_false(tty_has(p->bob, "something else"));
	tty_type(p->bob, "xyz");
	tty_wait(p->bob, "Nobody has said that");
	tty_type(p->bob, KEY_ESC);
	tty_wait(p->bob, "something else");
	tty_type(p->bob, "/find something\r");
	tty_wait(p->bob, "to alice: something else");
	tty_type(p->bob, KEY_ENTER);
	tty_wait(p->bob, "to alice");
	two_end_chat(p);
}

static void
assert_exported(struct world *w)
{
	char *text = world_read(world_path(w, "bob/chat.json"));
	struct stat st;

	assert_int_equal(text[0], '[');
	assert_non_null(strstr(text, "\"from\":\"alice\""));
	assert_non_null(strstr(text, "\"text\":\"first draft\""));
	assert_non_null(strstr(text, "\"deleted\":true"));
	free(text);
	assert_int_equal(stat(world_path(w, "bob/chat.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* What was said, in other words; taken back; answered; and a sign. */
static void
test_changes(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "frist draft\r");
	tty_wait(p->bob, "frist draft");
	tty_type(p->alice, "/edit first draft\r");
	tty_wait(p->bob, "first draft (edited)");
	tty_wait(p->alice, "first draft (edited)");
	assert_false(tty_has(p->bob, "frist"));
	tty_type(p->bob, "/react +1\r");
	tty_wait(p->alice, "+1 them");
	tty_wait(p->bob, "+1 me");
	tty_type(p->bob, "/reply is it good?\r");
	tty_wait(p->alice, "> first draft");
	tty_wait(p->alice, "is it good?");
	tty_wait(p->bob, "> first draft");
	tty_type(p->alice, "not for bob\r");
	tty_wait(p->bob, "not for bob");
	tty_type(p->alice, "/delete\r");
	tty_wait_gone(p->bob, "not for bob");
	tty_wait(p->bob, "(taken back)");
	/* Written out, and not over what is there. */
	tty_type(p->bob, "/export ~/chat.json\r");
	tty_wait(p->bob, "in the clear");
	tty_type(p->bob, "/export ~/chat.json\r");
	tty_wait(p->bob, "File exists");
	assert_exported(p->w);
	/* Here it goes, for good, and for this side only. */
	tty_type(p->bob, "/forget\r");
	tty_wait(p->bob, "Say the name in full");
	tty_type(p->bob, "/forget alice\r");
	tty_wait_gone(p->bob, "first draft");
	assert_true(tty_has(p->alice, "first draft"));
	two_end_chat(p);
}

/* Before it has left, other words go instead, or none at all. */
static void
test_changes_while_it_waits(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	(void)world_relay_stop(p->w, SIGKILL);
	tty_wait(p->alice, "OFFLINE");
	tty_type(p->alice, "wrong words\r");
	tty_wait(p->alice, "waiting here");
	tty_type(p->alice, "/edit right words\r");
	tty_wait(p->alice, "right words");
	tty_type(p->alice, "never said\r");
	tty_wait(p->alice, "never said");
	tty_type(p->alice, "/delete\r");
	tty_wait(p->alice, "taken back in time");
	world_relay_start(p->w);
	tty_wait(p->bob, "right words");
	tty_wait(p->alice, "localhost ONLINE");
	assert_false(tty_has(p->bob, "wrong words"));
	assert_false(tty_has(p->bob, "(edited)"));
	assert_false(tty_has(p->bob, "never said"));
	assert_false(tty_has(p->bob, "taken back"));
	two_end_chat(p);
}

/* Both see for how long; and one of them is not told what was read. */
static void
test_days_and_receipts(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "/disappear never\r");
	tty_wait(p->alice, "Say whole days");
	tty_type(p->alice, "/disappear 7\r");
	tty_wait(p->alice, "disappears after");
	tty_wait(p->alice, "gone after 7 d");
	tty_wait(p->bob, "disappears after");
	tty_wait(p->bob, "gone after 7 d");
	tty_type(p->bob, "/disappear off\r");
	tty_wait(p->alice, "bob: what is said here");
	tty_wait_gone(p->alice, "gone after 7 d");
	tty_type(p->bob, "/receipts off\r");
	tty_wait(p->bob, "is not told any more");
	tty_type(p->alice, "not to be told of\r");
	tty_wait(p->bob, "not to be told of");
	tty_wait(p->alice, "delivered");
	tty_settle(p->alice, 1500);
	assert_true(tty_has(p->alice, "delivered"));
	tty_type(p->bob, "/receipts on\r");
	tty_wait(p->bob, "is told what you have read");
	tty_type(p->alice, "and of this\r");
	tty_wait(p->alice, "read");
	two_end_chat(p);
}

/* Nobody is told that one types, unless one has said so. */
static void
test_typing(void **state)
{
	struct two *p = *state;

	two_open_chat(p);
	tty_type(p->alice, "I begin to");
	tty_settle(p->bob, 500);
	assert_false(tty_has(p->bob, "typing"));
	tty_type(p->alice, KEY_CTRL('c'));
	tty_type(p->alice, "/typing\r");
	tty_wait(p->alice, "bob is not told that you are typing");
	tty_type(p->alice, "/typing on\r");
	tty_wait(p->alice, "bob is told when you are typing");
	tty_type(p->alice, "now I do");
	tty_wait(p->bob, " alice  typing");
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "now I do");
	tty_wait(p->bob, " alice  online");
	/* Taken out again: not any more. */
	tty_type(p->alice, "x");
	tty_wait(p->bob, " alice  typing");
	tty_type(p->alice, KEY_CTRL('c'));
	tty_wait(p->bob, " alice  online");
	tty_type(p->alice, "/typing off\r");
	tty_wait(p->alice, "bob is not told any more");
	tty_type(p->alice, "unseen");
	tty_settle(p->bob, 500);
	assert_false(tty_has(p->bob, "typing"));
	tty_type(p->alice, KEY_CTRL('c'));
	two_end_chat(p);
}

static void
test_words_that_are_no_command_are_not_lost(void **state)
{
	struct two *p = *state;

	tty_type(p->alice, "/hte\r");
	tty_wait(p->alice, "There is no command /hte");
	tty_wait(p->alice, "bob> /hte");
	tty_type(p->alice, KEY_CTRL('c'));
	tty_wait_gone(p->alice, "bob> /hte");
	/* Tab completes. */
	tty_type(p->alice, "/ver");
	tty_type(p->alice, KEY_TAB);
	tty_wait(p->alice, "bob> /verify");
	tty_type(p->alice, KEY_CTRL('c'));
	tty_wait_gone(p->alice, "bob> /verify");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unicode),
		cmocka_unit_test(test_bytes_in_pieces),
		cmocka_unit_test(test_controls_are_shown_not_obeyed),
		cmocka_unit_test(test_twenty_lines_are_one_message),
		cmocka_unit_test(test_three_hundred_lines),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_words_that_are_no_command_are_not_lost),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_changes_while_it_waits),
		cmocka_unit_test(test_days_and_receipts),
		cmocka_unit_test(test_typing),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("say", tests, two_setup,
	    two_teardown);
}
