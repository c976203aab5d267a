#include "tests/lib/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "tests/lib/cm.h"

void
desk_conf(struct desk *s, const char *more)
{
	FILE *f = fopen(s->conf, "w");

	assert_non_null(f);
	(void)fprintf(f, "# mine\n[key]\npasses = 2\nmemory = 64M\n%s", more);
	(void)fclose(f);
}

void
desk_talk_to(struct desk *s, const char *name)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "/chat %s\r", name);
	tty_type(s->t, line);
	(void)snprintf(line, sizeof(line), "to %s (not verified", name);
	tty_wait(s->t, line);
}

int
desk_setup(void **state)
{
	struct desk *s = calloc(1, sizeof(*s));
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
	desk_conf(s, hook);
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
	desk_talk_to(s, "carol");
	desk_talk_to(s, "bob");
	*state = s;
	return 0;
}

int
desk_teardown(void **state)
{
	struct desk *s = *state;

	tty_close(s->t);
	world_free(s->w);
	free(s);
	return 0;
}

int
desk_wrote(struct tty *t, const char *text)
{
	size_t n;
	const char *raw = tty_raw(t, &n);

	return memmem(raw, n, text, strlen(text)) != NULL;
}

void
desk_wait_wrote(struct tty *t, const char *text)
{
	const uint64_t until = clock_mono_ms() + 60000;

	while (!desk_wrote(t, text)) {
		assert_true(clock_mono_ms() < until);
		tty_settle(t, 20);
	}
}

void
desk_wait_answer(struct tty *t, const char *text)
{
	const uint64_t until = clock_mono_ms() + 60000;
	const char *at;

	while ((at = strstr(tty_screen(t), text)) == NULL ||
	    strstr(at + 1, text) == NULL) {
		assert_true(clock_mono_ms() < until);
		tty_settle(t, 20);
	}
}

void
desk_afresh(struct desk *s)
{
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_settle(s->t, 60);
	tty_type(s->t, KEY_ESC);
	tty_settle(s->t, 60);
	tty_type(s->t, "x" CTRL_U);
	tty_settle(s->t, 60);
}

struct tty *
desk_again(struct desk *s, const char *more)
{
	const char *args[] = { "--config", s->conf, NULL };
	struct tty *t;

	desk_conf(s, more);
	t = world_client(s->w, "alice", 100, 30, args);
	tty_wait(t, "passphrase  >");
	tty_type(t, WORLD_PASS KEY_ENTER);
	tty_wait(t, "localhost ONLINE");
	tty_type(t, CTRL_O "bob" KEY_ENTER); /* whatever the drafts are */
	tty_wait(t, "to bob (");
	return t;
}
