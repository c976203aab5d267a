/* What calls the user when he looks elsewhere; see app.h. */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sotto/aside.h"
#include "sotto/plain.h"
#include "ui/term_curses.h"

/* One of a chat in this time: flapping is not news. */
#define AGAIN_MS 60000

/* What needs the user, in the terminal's title; written when it changes. */
void
notice_title(struct app *a)
{
	const size_t n = model_unread(&a->m) + model_requests(&a->m);
	char t[64];

	if (n == a->titled)
		return;
	a->titled = n;
	if (n == 0)
		(void)snprintf(t, sizeof(t), "sotto");
	else
		(void)snprintf(t, sizeof(t), "(%zu) sotto", n);
	term_title(t);
}

/*
 * The command of the user's, by the shell, with who and what in its
 * environment, never a word of what was said.
 */
static void
run_hook(const struct app *a, const char *what, const char *who)
{
	char event[64], name[64], script[FILE_PATH_MAX];
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	char *env[64];
	size_t n = 0;

	(void)snprintf(script, sizeof(script), "%s", a->conf->hook);
	(void)snprintf(event, sizeof(event), "SOTTO_EVENT=%s", what);
	(void)snprintf(name, sizeof(name), "SOTTO_WHO=%s", who);
	env[n++] = event;
	env[n++] = name;
	for (char **e = environ; *e != NULL && n < 63; e++)
		env[n++] = *e;
	env[n] = NULL;
	(void)aside_run("/bin/sh", argv, env);
}

void
notice(struct app *a, struct mchat *c, const char *what)
{
	const uint64_t now = app_now_ms();
	const int asks = strcmp(what, "request") == 0;
	char text[80];

	if (a->plain != NULL) {
		plain_notice(a->plain, c, what);
		return;
	}
	/* He who reads it needs no call. */
	if (c->muted || (!asks && c == a->m.current && !a->blurred))
		return;
	if (c->noticed_ms != 0 && now - c->noticed_ms < AGAIN_MS)
		return;
	c->noticed_ms = now;
	if (a->conf->bell)
		term_bell();
	(void)snprintf(text, sizeof(text),
	    asks ? "%s asks for a chat" : "%s wrote to you", c->name.s);
	if (a->conf->notices && a->blurred)
		term_notify("sotto", text);
	if (a->conf->hook[0] != '\0')
		run_hook(a, what, c->name.s);
}

/* Programs that were started and have ended. */
void
notice_reap(const struct app *a)
{
	while (a->editor <= 0 && waitpid(-1, NULL, WNOHANG) > 0)
		;
}
