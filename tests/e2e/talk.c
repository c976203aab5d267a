/* Two people, each in a terminal, and a relay: the main job. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

/* One world for all: enrolling takes its time. */
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
	p->alice = world_enrol(p->w, "alice", 80, 24);
	p->bob = world_enrol(p->w, "bob", 80, 24);
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

/* Both are online, in no chat. */
static void
open_chat(struct pair *p)
{
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->alice, "You asked bob");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, "/accept alice\r");
	tty_wait(p->alice, "to bob (not verified, end-to-end)");
	tty_wait(p->bob, "to alice (not verified, end-to-end)");
}

static void
end_chat(struct pair *p)
{
	tty_type(p->alice, "/leave\r");
	tty_wait(p->bob, "chat over");
	tty_wait(p->alice, "chat over");
}

static void
test_presence_is_live(void **state)
{
	struct pair *p = *state;
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
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

static void
test_refuse(void **state)
{
	struct pair *p = *state;

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
	struct pair *p = *state;

	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->alice, "/cancel\r");
	tty_wait(p->alice, "took the request back");
	tty_wait_gone(p->bob, "REQUESTS");
}

static void
test_busy(void **state)
{
	struct pair *p = *state;

	tty_type(p->bob, "/busy on\r");
	tty_wait(p->alice, "\u25d0"); /* its mark in the list */
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->alice, "bob is busy");
	tty_type(p->bob, "/busy off\r");
	tty_wait_gone(p->alice, "\u25d0");
	tty_wait(p->alice, "bob  online");
}

static void
test_unicode(void **state)
{
	struct pair *p = *state;
	/* Wide, combining, right to left, emoji. */
	static const char *const texts[] = {
		"Gr\xc3\xbc\xc3\x9f aus K\xc3\xb6ln",
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e ok",
		"e\xcc\x81t\xc3\xa9 ok2", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"\xf0\x9f\x98\x80 ok3"
	};

	open_chat(p);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tty_type(p->alice, texts[i]);
		tty_type(p->alice, KEY_ENTER);
		tty_wait(p->bob, texts[i]);
	}
	/* The column of marks is where it was: no drift. */
	tty_wait(p->alice, "read");
	end_chat(p);
}

/* A slow line cuts characters and pastes anywhere. */
static void
test_bytes_in_pieces(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

static void
test_controls_are_shown_not_obeyed(void **state)
{
	struct pair *p = *state;

	open_chat(p);
	/* A paste may hold anything; none of it reaches bob's terminal. */
	tty_paste(p->alice,
	    "red \xe2\x80\xae"
	    "drow\a done");
	tty_type(p->alice, KEY_ENTER);
	tty_wait(p->bob, "<RLO>");
	tty_wait(p->bob, "done");
	end_chat(p);
}

static void
test_twenty_lines_are_one_message(void **state)
{
	struct pair *p = *state;
	char text[2048];
	size_t n = 0;

	open_chat(p);
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
	end_chat(p);
}

/* Too long is said, not sent, and kept. */
static void
test_three_hundred_lines(void **state)
{
	struct pair *p = *state;
	char *text = calloc(300, 48);

	assert_non_null(text);
	for (int i = 1; i <= 300; i++)
		(void)snprintf(text + strlen(text), 48,
		    "line %03d of a paste that is far too long\r", i);
	open_chat(p);
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
	end_chat(p);
}

static void
test_resize(void **state)
{
	static const int sizes[][2] = { { 140, 40 }, { 40, 12 }, { 20, 5 },
		{ 10, 3 }, { 1, 1 }, { 200, 60 }, { 80, 24 } };
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

/* Bob's digits, as one would read them to alice. */
/* Words of long ago, in all chats; capitals and accents do not matter. */
static void
test_find(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
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
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

/* Before it has left, other words go instead, or none at all. */
static void
test_changes_while_it_waits(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

/* Both see for how long; and one of them is not told what was read. */
static void
test_days_and_receipts(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

static void
test_block(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	open_chat(p);
	end_chat(p);
}

/* Somebody with a name that is nearly that of a friend. */
static void
test_a_name_that_looks_alike(void **state)
{
	struct pair *p = *state;
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
	struct pair *p = *state;
	char at_bob[12][6], at_alice[12][6], typed[16] = "", all[61] = "";
	size_t hidden = 0;

	open_chat(p);
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
	end_chat(p);
}

/* Nobody is told that one types, unless one has said so. */
static void
test_typing(void **state)
{
	struct pair *p = *state;

	open_chat(p);
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
	end_chat(p);
}

static void
test_words_that_are_no_command_are_not_lost(void **state)
{
	struct pair *p = *state;

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

static void
test_inspector_and_help(void **state)
{
	static const char *const want[] = { "M1 CLIENT_HELLO", "suites offered",
		"M2 SERVER_HELLO" };
	struct pair *p = *state;

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
	struct pair *p = *state;

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
	struct pair *p = *state;
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
	struct pair *p = *state;
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
	struct pair *p = *state;
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
		cmocka_unit_test(test_unicode),
		cmocka_unit_test(test_bytes_in_pieces),
		cmocka_unit_test(test_controls_are_shown_not_obeyed),
		cmocka_unit_test(test_twenty_lines_are_one_message),
		cmocka_unit_test(test_three_hundred_lines),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_words_that_are_no_command_are_not_lost),
		cmocka_unit_test(test_inspector_and_help),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_several_requests_and_chats),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_changes_while_it_waits),
		cmocka_unit_test(test_days_and_receipts),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_a_name_that_looks_alike),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_leaving_with_words_that_wait),
		cmocka_unit_test(test_leaving_restores_the_terminal),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("talk", tests, setup, teardown);
}
