/* The client in a terminal: what keys, clicks and settings do. */
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/desk.h"

static void
test_offers(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, "/ver");
	tty_wait(s->t, "compare the safety number   Tab takes it");
	tty_type(s->t, KEY_TAB);
	tty_wait(s->t, "bob> /verify");
	tty_type(s->t, "ca");
	tty_wait(s->t, "a chat of yours");
	tty_type(s->t, KEY_TAB);
	tty_wait(s->t, "bob> /verify carol");
	tty_type(s->t, CTRL_U "see :thumbs-u");
	tty_wait(s->t, ":thumbs-up:");
	tty_type(s->t, KEY_TAB "!");
	tty_wait(s->t, "bob> see \xf0\x9f\x91\x8d!");
	/* The second of several, by the arrow; Esc takes them away. */
	tty_type(s->t, CTRL_U "/re");
	tty_wait(s->t, "/react SIGN");
	tty_type(s->t, KEY_DOWN KEY_TAB);
	tty_wait_gone(s->t, "Tab takes it");
	tty_type(s->t, CTRL_U "/re");
	tty_wait(s->t, "/react SIGN");
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "/react SIGN");
	assert_true(tty_has(s->t, "bob> /re"));
	tty_type(s->t, CTRL_U);
	/* Paths, once they are asked for. */
	tty_type(s->t, "/export /etc/hostn" KEY_TAB);
	tty_wait(s->t, "bob> /export /etc/hostname");
	desk_afresh(s);
}

static void
test_a_message_and_its_menu(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, "look: https://sotto.example/page.\r");
	desk_wait_answer(s->t, "look: https");
	desk_wait_wrote(s->t, "\033]8;;https://sotto.example/page\033\\");
	/* Theirs: an answer to it. */
	tty_type(s->t, KEY_UP);
	tty_wait(s->t, "Enter what to do");
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "this message");
	assert_true(tty_has(s->t, "E  say it in other words  (it is theirs)"));
	tty_type(s->t, "r");
	tty_wait(s->t, "answer to one of bob's");
	tty_type(s->t, "agreed\r");
	tty_wait_gone(s->t, "answer to one of bob's");
	desk_wait_answer(s->t, "agreed");
	/* Ours, two above: copied, then said in other words. */
	tty_type(s->t, KEY_UP KEY_UP);
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "this message");
	tty_type(s->t, "c");
	desk_wait_wrote(s->t, "\033]52;c;YWdyZWVk\033\\"); /* "agreed" */
	tty_wait(s->t, "copied");
	tty_type(s->t, KEY_UP KEY_UP KEY_ENTER);
	tty_wait(s->t, "this message");
	tty_type(s->t, "e");
	tty_wait(s->t, "in other words, to bob");
	tty_type(s->t, CTRL_U "agreed, indeed\r");
	tty_wait(s->t, "agreed, indeed (edited)");
	/* Esc leaves it as it was; a letter goes on with the text. */
	tty_type(s->t, KEY_UP KEY_UP KEY_ENTER);
	tty_wait(s->t, "this message");
	tty_type(s->t, "e");
	tty_wait(s->t, "in other words, to bob");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "in other words, to bob");
	tty_type(s->t, KEY_UP);
	tty_wait(s->t, "Enter what to do");
	tty_type(s->t, "typed");
	tty_wait(s->t, "bob> typed");
	desk_afresh(s);
}

static void
test_palette(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, CTRL_O);
	tty_wait(s->t, "go to a chat, ask somebody, run a command");
	tty_type(s->t, "crl"); /* some letters, in order */
	tty_wait(s->t, "carol");
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "to carol (");
	/* Back where I was, and forward. */
	tty_type(s->t, ALT_LEFT);
	tty_wait(s->t, "to bob (");
	tty_type(s->t, ALT_RIGHT);
	tty_wait(s->t, "to carol (");
	tty_type(s->t, ALT_LEFT);
	tty_wait(s->t, "to bob (");
	/* A command that wants words is typed, not run. */
	tty_type(s->t, CTRL_O "disapp" KEY_ENTER);
	tty_wait(s->t, "bob> /disappear");
	tty_type(s->t, CTRL_U CTRL_O "zzzz");
	tty_wait(s->t, "Nothing and nobody has these letters");
	desk_afresh(s);
}

static void
test_settings_are_merged(void **state)
{
	struct desk *s = *state;
	char *conf;

	tty_type(s->t, KEY_F2);
	tty_wait(s->t, "each counts at once");
	tty_type(s->t, KEY_ENTER); /* the theme, which is the first */
	tty_wait(s->t, "mono");
	tty_type(s->t, KEY_DOWN KEY_DOWN KEY_ENTER);
	tty_wait(s->t, "---------------"); /* ASCII only, at once */
	tty_type(s->t, KEY_ENTER);
	tty_wait_gone(s->t, "---------------");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
	conf = world_read(s->conf);
	assert_non_null(strstr(conf, "# mine\n[key]\npasses = 2\n"));
	assert_non_null(strstr(conf, "\n[look]\ntheme = mono\nascii = no\n"));
	free(conf);
	tty_type(s->t, "/set theme default\r");
	tty_wait(s->t, "Theme is default now.");
	tty_type(s->t, "/set theme pink\r");
	tty_wait(s->t, "has to be default, mono, calm or contrast");
	desk_afresh(s);
}

static void
test_what_was_written(void **state)
{
	struct desk *s = *state;

	tty_type(s->t, "first words\r");
	desk_wait_answer(s->t, "first words");
	tty_type(s->t, "second words\r");
	desk_wait_answer(s->t, "second words");
	tty_type(s->t, "half a sent" KEY_ALT("p"));
	tty_wait(s->t, "bob> second words");
	tty_type(s->t, KEY_ALT("p"));
	tty_wait(s->t, "bob> first words");
	tty_type(s->t, KEY_ALT("n") KEY_ALT("n"));
	tty_wait(s->t, "bob> half a sent");
	tty_type(s->t, CTRL_R);
	tty_wait(s->t, "what you wrote");
	tty_type(s->t, "first");
	tty_wait_gone(s->t, "\xe2\x94\x82 second words");
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "bob> first words");
	tty_type(s->t, CTRL_Z); /* what it took the place of */
	tty_wait(s->t, "bob> half a sent");
	/* Cut here, put back there, and what was cut before it. */
	tty_type(s->t, CTRL_U "one" CTRL_U CTRL_Y);
	tty_wait(s->t, "bob> one");
	tty_type(s->t, KEY_ALT("y"));
	tty_wait(s->t, "bob> half a sent");
	desk_afresh(s);
}

/* The client goes on while another program has the terminal. */
static void
test_editor(void **state)
{
	struct desk *s = *state;
	const char *script = world_path(s->w, "editor.sh");
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	(void)fprintf(f,
	    "#!/bin/sh\ncat \"$1\" >%s/was\nls -l \"$1\" | cut -c1-10 "
	    ">%s/mode\nsleep 1\nprintf 'from\\nan editor\\n' >\"$1\"\n",
	    s->w->dir, s->w->dir);
	(void)fclose(f);
	assert_int_equal(chmod(script, 0700), 0);
	tty_type(s->t, "a draft" CTRL_X "e");
	tty_wait(s->t, "bob> from");
	tty_wait(s->t, "an editor");
	assert_true(tty_alt(s->t));
	{
		char *was = world_read(world_path(s->w, "was"));
		char *mode = world_read(world_path(s->w, "mode"));

		assert_string_equal(was, "a draft");
		assert_string_equal(mode, "-rw-------\n");
		free(was);
		free(mode);
	}
	tty_type(s->t, KEY_ENTER);
	desk_wait_answer(s->t, "from");
	desk_afresh(s);
}

static void
click(struct tty *t, const char *text)
{
	const char *row = NULL, *at = NULL;
	char seq[40];
	int y = 0, x = 0;

	for (y = 0; y < 30 && at == NULL; y++)
		at = strstr(row = tty_row(t, y), text);
	assert_non_null(at);
	for (const char *p = row; p < at; p++)
		x += ((unsigned char)*p & 0xc0) != 0x80;
	(void)snprintf(seq, sizeof(seq), "\033[<0;%d;%dM\033[<0;%d;%dm", x + 1,
	    y, x + 1, y);
	tty_type(t, seq);
}

static void
test_mouse(void **state)
{
	struct desk *s = *state;

	desk_afresh(s);
	click(s->t, "F1 help");
	tty_wait(s->t, "help: keys that work here");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "help: keys");
	click(s->t, " carol");
	tty_wait(s->t, "to carol (");
	click(s->t, " bob");
	tty_wait(s->t, "to bob (");
	click(s->t, "second words");
	tty_wait(s->t, "Enter what to do");
	click(s->t, "Enter what to do");
	tty_wait(s->t, "this message");
	desk_afresh(s);
	tty_resize(s->t, 100, 14);
	tty_settle(s->t, 200);
	tty_type(s->t,
	    "\033[<64;50;10M\033[<64;50;10M\033[<64;50;10M"
	    "\033[<64;50;10M\033[<64;50;10M");
	tty_wait(s->t, "Alt-End");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "older messages");
	tty_resize(s->t, 100, 30);
	tty_settle(s->t, 200);
}

static void
test_other_keys(void **state)
{
	struct desk *s = *state;
	const char *args[] = { "--config", s->conf, NULL };

	tty_type(s->t, "/quit\r");
	assert_int_equal(tty_wait_exit(s->t), 0);
	assert_false(tty_alt(s->t));
	tty_close(s->t);
	desk_conf(s, "[keys]\nsend = Ctrl-F\n");
	s->t = world_client(s->w, "alice", 100, 30, args);
	assert_true(tty_wait_exit(s->t) != 0);
	assert_true(tty_has(s->t, "'send' has 'Ctrl-F', which is 'find'"));
	tty_close(s->t);
	s->t = desk_again(s, "[keys]\nprofile = vi\nverify = Alt-K\n");
	tty_type(s->t, "\003");
	tty_settle(s->t, 200);
	tty_type(s->t, "some words");
	tty_wait(s->t, "bob> some words");
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "NORMAL");
	tty_type(s->t, "0dw");
	tty_wait(s->t, "bob>  words");
	tty_type(s->t, "ddilater");
	tty_wait(s->t, "bob> later");
	tty_wait_gone(s->t, "NORMAL");
	tty_type(s->t, CTRL_U KEY_ALT("k"));
	tty_wait(s->t, "verify bob");
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_wait(s->t, "to bob (");
}

/* Whatever is pressed, and whatever size it has: it lives, and leaves. */
static void
test_random_keys(void **state)
{
	static const char *const keys[] = { KEY_UP, KEY_DOWN, KEY_PGUP,
		KEY_PGDN, KEY_TAB, KEY_ESC, KEY_BS, KEY_F1, KEY_F2, KEY_F5,
		KEY_F10, "\033[1;5C", "\033[Z", "a", "e", "/", ":sm", "@b",
		"\xe6\x97\xa5", " ", "\033a", "\033o", "\033i", "\033u",
		"\033p", "\033n", "\033A", "\033[<0;30;9M", "\033[<64;30;9M",
		"\033[<0;3;3M", "\017", "\022", "\006", "\031", "\025", "\0339",
		"\033[200~x\ry\033[201~", "\033[I", "\033[O", "\033[?1;2c",
		"\033[99~", "\r" };
	static const int sizes[][2] = { { 100, 30 }, { 20, 5 }, { 1, 1 },
		{ 60, 12 }, { 140, 40 }, { 12, 12 }, { 80, 24 } };
	const char *more = getenv("RANDOM_KEYS");
	const int n = more != NULL ? atoi(more) : 1500;
	struct desk *s = *state;
	uint64_t seed = 11;

	for (int i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1;
		if (i % 40 == 0) {
			const int *z = sizes[(seed >> 40) % 7];

			tty_resize(s->t, z[0], z[1]);
			tty_signal(s->t, SIGWINCH);
		}
		tty_type(s->t,
		    keys[(seed >> 33) % (sizeof(keys) / sizeof(keys[0]))]);
		tty_settle(s->t, i % 16 == 0 ? 10 : 0);
	}
	tty_resize(s->t, 100, 30);
	for (int i = 0; i < 6; i++) {
		tty_settle(s->t, 100);
		tty_type(s->t, KEY_ESC);
	}
	tty_settle(s->t, 1200);
	tty_type(s->t, CTRL_Q);
	tty_settle(s->t, 600);
	if (tty_has(s->t, "leave sotto?"))
		tty_type(s->t, "y");
	assert_int_equal(tty_wait_exit(s->t), 0);
	assert_false(tty_alt(s->t));
	tty_close(s->t);
	s->t = desk_again(s, "");
	tty_type(s->t, "\003"); /* what they have left in the composer */
	tty_settle(s->t, 200);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_a_message_and_its_menu),
		cmocka_unit_test(test_palette),
		cmocka_unit_test(test_settings_are_merged),
		cmocka_unit_test(test_what_was_written),
		cmocka_unit_test(test_editor),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_random_keys),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("client", tests, desk_setup,
	    desk_teardown);
}
