/* The client in a terminal: what keys, clicks and settings do; a program that
 * crashes, an editor, another profile of keys. */
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "tests/lib/cm.h"
#include "tests/lib/world.h"

#define KEY_F2    "\033OQ"
#define KEY_F10   "\033[21~"
#define CTRL_O    "\017"
#define CTRL_Q    "\021"
#define CTRL_R    "\022"
#define CTRL_U    "\025"
#define CTRL_X    "\030"
#define CTRL_Y    "\031"
#define CTRL_Z    "\032"
#define ALT_LEFT  "\033[1;3D"
#define ALT_RIGHT "\033[1;3C"

struct stage {
	struct world *w;
	struct tty *t; /* alice; bob and carol are companions who answer */
	char conf[WORLD_PATH];
};

static void
write_conf(struct stage *s, const char *more)
{
	FILE *f = fopen(s->conf, "w");

	assert_non_null(f);
	(void)fprintf(f, "# mine\n[key]\npasses = 2\nmemory = 64M\n%s", more);
	(void)fclose(f);
}

static void
talk_to(struct stage *s, const char *name)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "/chat %s\r", name);
	tty_type(s->t, line);
	(void)snprintf(line, sizeof(line), "to %s (not verified", name);
	tty_wait(s->t, line);
}

static int
set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	const char *args[] = { "--config", NULL, "--invite", NULL, NULL };
	char hook[WORLD_PATH + 80];

	s->w = world_new();
	(void)snprintf(s->conf, sizeof(s->conf), "%s/mine.conf", s->w->dir);
	(void)setenv("EDITOR", world_path(s->w, "editor.sh"), 1);
	(void)unsetenv("VISUAL");
	(void)snprintf(hook, sizeof(hook),
	    "[attention]\nhook = (echo \"$SOTTO_EVENT $SOTTO_WHO\"; grep "
	    "SigIgn /proc/self/status) >>%s\n",
	    world_path(s->w, "hooked"));
	write_conf(s, hook);
	(void)world_companion(s->w, "bob", NULL);
	(void)world_companion(s->w, "carol", NULL);
	args[1] = s->conf;
	args[3] = world_invite(s->w, "alice");
	s->t = world_client(s->w, "alice", 100, 30, args);
	tty_wait(s->t, "MATCHED");
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "step 3 of 4");
	tty_type(s->t, "alice" KEY_TAB WORLD_PASS KEY_TAB WORLD_PASS KEY_ENTER);
	tty_wait(s->t, "You are in");
	tty_wait(s->t, "ONLINE 2");
	talk_to(s, "carol");
	talk_to(s, "bob");
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct stage *s = *state;

	tty_close(s->t);
	world_free(s->w);
	free(s);
	return 0;
}

/* What follows what in everything that was written. */
static int
wrote(struct tty *t, const char *text)
{
	size_t n;
	const char *raw = tty_raw(t, &n);

	return memmem(raw, n, text, strlen(text)) != NULL;
}

static void
wait_wrote(struct tty *t, const char *text)
{
	const uint64_t until = clock_mono_ms() + 60000;

	while (!wrote(t, text)) {
		assert_true(clock_mono_ms() < until);
		tty_settle(t, 20);
	}
}

/* It was said, and bob's answer repeats it. */
static void
wait_answer(struct tty *t, const char *text)
{
	const uint64_t until = clock_mono_ms() + 60000;
	const char *at;

	while ((at = strstr(tty_screen(t), text)) == NULL ||
	    strstr(at + 1, text) == NULL) {
		assert_true(clock_mono_ms() < until);
		tty_settle(t, 20);
	}
}

/* Back to an empty composer in the chat with bob. */
static void
afresh(struct stage *s)
{
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_settle(s->t, 60);
	tty_type(s->t, "x" CTRL_U);
	tty_settle(s->t, 60);
}

static void
test_offers(void **state)
{
	struct stage *s = *state;

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
	afresh(s);
}

static void
test_a_message_and_its_menu(void **state)
{
	struct stage *s = *state;

	tty_type(s->t, "look: https://sotto.example/page.\r");
	wait_answer(s->t, "look: https");
	wait_wrote(s->t, "\033]8;;https://sotto.example/page\033\\");
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
	wait_answer(s->t, "agreed");
	/* Ours, two above: copied, then said in other words. */
	tty_type(s->t, KEY_UP KEY_UP);
	tty_type(s->t, KEY_ENTER);
	tty_wait(s->t, "this message");
	tty_type(s->t, "c");
	wait_wrote(s->t, "\033]52;c;YWdyZWVk\033\\"); /* "agreed" */
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
	afresh(s);
}

static void
test_palette(void **state)
{
	struct stage *s = *state;

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
	afresh(s);
}

static void
test_settings_are_merged(void **state)
{
	struct stage *s = *state;
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
	afresh(s);
}

static void
test_what_was_written(void **state)
{
	struct stage *s = *state;

	tty_type(s->t, "first words\r");
	wait_answer(s->t, "first words");
	tty_type(s->t, "second words\r");
	wait_answer(s->t, "second words");
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
	afresh(s);
}

/* The client goes on while another program has the terminal. */
static void
test_editor(void **state)
{
	struct stage *s = *state;
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
	wait_answer(s->t, "from");
	afresh(s);
}

static void
test_unread_and_peek(void **state)
{
	struct stage *s = *state;

	tty_type(s->t, KEY_ALT("u"));
	tty_wait(s->t, "it stays so until you come back");
	tty_wait(s->t, "1 unread");
	talk_to(s, "carol");
	tty_type(s->t, KEY_ALT("A")); /* only a look */
	tty_wait(s->t, "bob stays unread");
	tty_wait(s->t, "to bob (");
	assert_true(tty_has(s->t, "1 unread"));
	talk_to(s, "carol");
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
	talk_to(s, "carol");
	tty_type(s->t, KEY_ALT("a") KEY_ALT("m"));
	tty_wait(s->t, "notices of bob again");
}

/* A notice of the desktop has a name, never a word of what was said; a hook
 * gets the same. */
static void
test_notices(void **state)
{
	struct stage *s = *state;
	const uint64_t until = clock_mono_ms() + 60000;
	unsigned long long ignored;
	char *out = NULL;

	talk_to(s, "carol");
	(void)unlink(world_path(s->w, "hooked"));
	tty_type(s->t, "secretly\r\033[O"); /* and look elsewhere */
	wait_wrote(s->t, "\033]9;sotto: carol wrote to you\033\\");
	assert_false(wrote(s->t, "9;sotto: carol wrote to you: "));
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
	talk_to(s, "bob");
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
	struct stage *s = *state;

	afresh(s);
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
	afresh(s);
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
test_what_the_server_knows(void **state)
{
	struct stage *s = *state;

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
	struct stage *s = *state;

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

static struct tty *
again(struct stage *s, const char *more)
{
	const char *args[] = { "--config", s->conf, NULL };
	struct tty *t;

	write_conf(s, more);
	t = world_client(s->w, "alice", 100, 30, args);
	tty_wait(t, "passphrase  >");
	tty_type(t, WORLD_PASS KEY_ENTER);
	tty_wait(t, "localhost ONLINE");
	tty_type(t, CTRL_O "bob" KEY_ENTER); /* whatever the drafts are */
	tty_wait(t, "to bob (");
	return t;
}

/* What the terminal answers is not typing, and a light one gets no cyan. */
static void
test_light_background(void **state)
{
	struct stage *s = *state;
	size_t n;
	const char *raw = tty_raw(s->t, &n);
	const char *saved = memmem(raw, n, "\033[?1036s", 8);
	const char *set = memmem(raw, n, "\033[?1036h", 8);

	assert_non_null(saved);
	assert_true(set > saved);
	assert_true(wrote(s->t, "\033]11;?\033\\"));
	afresh(s);
	assert_false(wrote(s->t, "\033[34m"));
	tty_type(s->t, "\033]11;rgb:ffff/ff");
	tty_settle(s->t, 200); /* a slow line */
	tty_type(s->t, "ff/ffff\033\\x");
	tty_wait(s->t, "> x");
	tty_type(s->t, CTRL_U CTRL_O);
	tty_wait(s->t, "some letters are enough");
	wait_wrote(s->t, "\033[34m");
	tty_type(s->t, KEY_ESC);
	tty_wait_gone(s->t, "some letters are enough");
	tty_type(s->t, "x\033]11;rgb:0000/0000/0000\007y");
	tty_wait(s->t, "> xy");
	tty_type(s->t, CTRL_U);
}

static void
test_other_keys(void **state)
{
	struct stage *s = *state;
	const char *args[] = { "--config", s->conf, NULL };

	tty_type(s->t, "/quit\r");
	assert_int_equal(tty_wait_exit(s->t), 0);
	assert_false(tty_alt(s->t));
	tty_close(s->t);
	write_conf(s, "[keys]\nsend = Ctrl-F\n");
	s->t = world_client(s->w, "alice", 100, 30, args);
	assert_true(tty_wait_exit(s->t) != 0);
	assert_true(tty_has(s->t, "'send' has 'Ctrl-F', which is 'find'"));
	tty_close(s->t);
	s->t = again(s, "[keys]\nprofile = vi\nverify = Alt-K\n");
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
	struct stage *s = *state;
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
	s->t = again(s, "");
	tty_type(s->t, "\003"); /* what they have left in the composer */
	tty_settle(s->t, 200);
}

/* It crashes: the terminal is as it was found. */
static void
test_crash(void **state)
{
	struct stage *s = *state;

	tty_type(s->t, CTRL_U "half a th");
	tty_settle(s->t, 800); /* on the disk */
	tty_signal(s->t, SIGSEGV);
	(void)tty_wait_exit(s->t);
	assert_false(tty_alt(s->t));
	assert_true(wrote(s->t, "\033[?2004l"));
	tty_close(s->t);
	s->t = again(s, "");
	tty_wait(s->t, "bob> half a th");
	tty_type(s->t, CTRL_U);
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
		cmocka_unit_test(test_unread_and_peek),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_what_the_server_knows),
		cmocka_unit_test(test_help_runs_lines),
		cmocka_unit_test(test_light_background),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_random_keys),
		cmocka_unit_test(test_crash),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
