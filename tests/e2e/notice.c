/* The client in a terminal: what it says by itself, and where it is asked. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "tests/lib/cm.h"
#include "tests/lib/desk.h"

static void
test_unread_and_peek(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, KEY_ALT("u"));
	tty_wait(s->t, "nothing of theirs is here");
	tty_type(s->t, "anything new\r");
	desk_wait_answer(s->t, "anything new");
	tty_type(s->t, KEY_ALT("u"));
	tty_wait(s->t, "it stays so until you come back");
	tty_wait(s->t, "1 unread");
	desk_talk_to(s, "carol");
	tty_type(s->t, KEY_ALT("A")); /* only a look */
	tty_wait(s->t, "bob stays unread");
	tty_wait(s->t, "to bob (");
	assert_true(tty_has(s->t, "1 unread"));
	desk_talk_to(s, "carol");
	assert_true(tty_has(s->t, "1 unread"));
	tty_type(s->t, KEY_ALT("a")); /* now it is read */
	tty_wait(s->t, "to bob (");
	tty_wait_gone(s->t, "1 unread");
	tty_type(s->t, KEY_ALT("a"));
	tty_wait(s->t, "nothing is unread");
	/* Muted, and not: the number is in brackets. */
	tty_type(s->t, KEY_ALT("m"));
	tty_wait(s->t, "no notices of bob any more");
	tty_type(s->t, KEY_ALT("u"));
	tty_wait(s->t, "(1)");
	desk_talk_to(s, "carol");
	tty_type(s->t, KEY_ALT("a") KEY_ALT("m"));
	tty_wait(s->t, "notices of bob again");
}

/* A notice of the desktop has a name, never a word of what was said; a hook
 * gets the same. */
static void
test_notices(void **state)
{
	struct desk *s = *state;
	const uint64_t until = clock_mono_ms() + 60000;
	unsigned long long ignored;
	char *out = NULL;

	desk_talk_to(s, "carol");
	(void)unlink(world_path(s->w, "hooked"));
	tty_type(s->t, "secretly\r\033[O"); /* and look elsewhere */
	desk_wait_wrote(s->t, "\033]9;sotto: carol wrote to you\033\\");
	assert_false(desk_wrote(s->t, "9;sotto: carol wrote to you: "));
	tty_type(s->t, "\033[I");
	while (access(world_path(s->w, "hooked"), F_OK) != 0) {
		assert_true(clock_mono_ms() < until);
		tty_settle(s->t, 20);
	}
	tty_settle(s->t, 200);
	out = world_read(world_path(s->w, "hooked"));
	assert_int_equal(sscanf(out, "message carol\nSigIgn: %llx", &ignored),
	    1);
	/* What sotto ignores, SIGPIPE, is not ignored for it; above 31 are
	 * those of the C library. */
	assert_int_equal(ignored & 0x7fffffff, 0);
	free(out);
	desk_talk_to(s, "bob");
}

static void
test_what_the_server_knows(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, KEY_F10);
	tty_wait(s->t, "what localhost knows of you");
	tty_wait(s->t, "127.0.0.1, port");
	assert_true(tty_has(s->t, "empty"));
	assert_true(tty_has(s->t, "2 other people are told"));
	assert_true(tty_has(s->t, "It does not have: what is said"));
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
}

/* Keys and help of the profile; Escape and a digit are a function key. */
static void
test_help_runs_lines(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, KEY_ESC);
	tty_settle(s->t, 100);
	tty_type(s->t, "2");
	tty_wait(s->t, "each counts at once");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
	tty_settle(s->t, 1100);
	tty_type(s->t, KEY_F1);
	tty_wait(s->t, "help: keys");
	assert_true(tty_has(s->t, "(nobody asks)"));
	tty_type(s->t, "knows" KEY_ENTER);
	tty_wait(s->t, "what localhost knows of you");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
	/* Commands teach their key. */
	tty_type(s->t, "/find hear\r");
	tty_wait(s->t, "find in all chats");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
}

/* What the terminal answers is not typing, and a light one gets no cyan. */
static void
test_light_background(void **state)
{
	struct desk *s = *state;
	size_t n;
	const char *raw = tty_raw(s->t, &n);
	const char *saved = memmem(raw, n, "\033[?1036s", 8);
	const char *set = memmem(raw, n, "\033[?1036h", 8);

	assert_non_null(saved);
	assert_true(set > saved);
	assert_true(desk_wrote(s->t, "\033]11;?\033\\"));
	desk_afresh(s);
	assert_false(desk_wrote(s->t, "\033[34m"));
	tty_type(s->t, "\033]11;rgb:ffff/ff");
	tty_settle(s->t, 200); /* a slow line */
	tty_type(s->t, "ff/ffff\033\\x");
	tty_wait(s->t, "> x");
	tty_type(s->t, CTRL_U CTRL_O);
	tty_wait(s->t, "some letters are enough");
	desk_wait_wrote(s->t, "\033[34m");
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "some letters are enough");
	tty_type(s->t, "x\033]11;rgb:0000/0000/0000\007y");
	tty_wait(s->t, "> xy");
	tty_type(s->t, CTRL_U);
}

/* It crashes: the terminal is as it was found. */
static void
test_crash(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, CTRL_U "half a th");
	tty_settle(s->t, 800); /* on the disk */
	tty_signal(s->t, SIGSEGV);
	(void)tty_wait_exit(s->t);
	assert_false(tty_alt(s->t));
	assert_true(desk_wrote(s->t, "\033[?2004l"));
	tty_close(s->t);
	s->t = desk_again(s, "");
	tty_wait(s->t, "bob> half a th");
	tty_type(s->t, CTRL_U);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unread_and_peek),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_what_the_server_knows),
		cmocka_unit_test(test_help_runs_lines),
		cmocka_unit_test(test_light_background),
		cmocka_unit_test(test_crash),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("notice", tests, desk_setup,
	    desk_teardown);
}
