#include "sotto/plain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

#include "sotto/plain_priv.h"

#define LINE_LIM (MODEL_BYTES_MAX + 2)

/* ---- lines of the chats ---- */

static void
on_line(void *ctx, const struct mchat *c, const struct line *l)
{
	struct plain *p = ctx;
	const char *at = say_time(p->f, l->at_ms);

	if (l->kind == LINE_MINE)
		return; /* he has just typed it */
	if (l->kind == LINE_THEIRS)
		plain_text(say(p->f, "%s, %s: ", c->name.s, at), l->text);
	else
		plain_text(say(p->f, "[%s, %s] %s", c->name.s, at,
			       l->kind == LINE_WARN ? "WARNING: " : ""),
		    l->text);
}

static void
on_state(void *ctx, const struct mchat *c, const struct line *l)
{
	static const char *const words[] = { "waiting here", "at server",
		"delivered", "read", "FAILED" };
	struct plain *p = ctx;
	const int n = (int)strcspn(l->text, "\n");

	plain_text(say(p->f, "[to %s, %s%s%s] ", c->name.s, words[l->state],
		       l->why != NULL ? ": " : "",
		       l->why != NULL ? l->why : ""),
	    say(p->f, "%.*s", n > 50 ? 50 : n, l->text));
}

/* A line, and what follows in it under it. */
void
plain_text(const char *before, const char *text)
{
	(void)fputs(before, stdout);
	for (; *text != '\0'; text++) {
		(void)putchar(*text);
		if (*text == '\n')
			(void)fputs("    ", stdout);
	}
	(void)putchar('\n');
}

void
plain_notice(struct plain *p, const struct mchat *c, const char *what)
{
	if (strcmp(what, "request") == 0)
		plain_text(say(p->f, "[%s asks for a chat] ", c->name.s),
		    say(p->f, "/accept %s, or /refuse %s", c->name.s,
			c->name.s));
}

/* ---- pages ---- */

static void
put_lines(const struct ui_line *l, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (l[i].kind == UI_LINE_RULE || l[i].kind == UI_LINE_FIELD ||
		    l[i].text == NULL || l[i].text[0] == '\0')
			continue;
		if (l[i].label != NULL)
			(void)printf("  %s:", l[i].label);
		(void)printf("  %s%s\n", l[i].selected ? "> " : "", l[i].text);
	}
}

static void
put_page(struct plain *p)
{
	const struct ui_view *v;

	present(p->f, p->a, 100, 200);
	v = &p->f->v;
	if (v->box != NULL) {
		(void)printf("== %s\n", v->box->title);
		put_lines(v->box->line, v->box->n);
		return;
	}
	(void)printf("== %s%s%s\n", v->page.title,
	    v->page.title_mid != NULL && v->page.title_mid[0] != '\0' ? ", "
								      : "",
	    v->page.title_mid != NULL ? v->page.title_mid : "");
	put_lines(v->page.line, v->page.n);
	put_lines(v->page.side, v->page.n_side);
	put_lines(v->page.foot, v->page.n_foot);
}

static void
put_commands(void)
{
	const struct cmd_info *c;

	(void)puts("== commands; everything else that is typed is said");
	for (size_t i = 0; (c = cmd_at(i)) != NULL; i++)
		(void)printf("  /%s %s  %s\n", c->name,
		    c->arg != NULL ? c->arg : "", c->help);
}

/* How a question of that place is answered. */
static const char *
answers(const struct app *a)
{
	switch ((int)a->where) {
	case AT_PROMPT:
		return "Paste it, or type 1: all is the same, I read both; 2: "
		       "other forms; 3: go on unchecked; a full stop: back.";
	case AT_CHANGED:
		return "Paste the new line; 2: other forms; a full stop: "
		       "back.";
	case AT_VERIFY:
		return "Type the groups; eye: all is the same, I read both; "
		       "forms: others; a full stop: back.";
	case AT_QUIT:
		return "y: leave; n: stay.";
	default:
		return NULL;
	}
}

/* A list is shown, and that was all: what is done with it has a command. */
static int
is_only_shown(const struct app *a)
{
	const unsigned lists = AT_PEOPLE | AT_REQUESTS | AT_INSPECT |
	    AT_SETTINGS | AT_SERVER | AT_FIND | AT_HELP | AT_PALETTE |
	    AT_WRITTEN | AT_SELECT | AT_MENU | AT_NORMAL;

	return ((unsigned)a->where & lists) != 0;
}

static void
show_place(struct plain *p)
{
	struct app *a = p->a;

	p->where = a->where;
	p->form = a->show;
	if (a->where == AT_CHAT)
		return;
	if (a->where == AT_HELP || a->where == AT_PALETTE)
		put_commands();
	else if (a->where != AT_BUSY)
		put_page(p);
	else
		(void)puts("[a moment: a key is made, sealed and sent]");
	if (answers(a) != NULL)
		(void)printf("%s\n", answers(a));
	if (is_only_shown(a)) {
		app_find_wipe(a);
		app_go(a, AT_CHAT);
		p->where = AT_CHAT;
	}
}

static void
show_link(struct plain *p)
{
	const struct model *m = &p->a->m;

	if (p->link == m->link)
		return;
	if (m->link == LINK_ONLINE)
		(void)printf("[%s: online%s]\n", m->relay,
		    m->pin_how == PIN_UNCHECKED ? ", SERVER NOT CHECKED" : "");
	else if (p->link == LINK_ONLINE || m->link == LINK_WAITING)
		(void)printf("[%s: offline. %s]\n", m->relay, m->link_text);
	else
		return; /* on its way */
	p->link = m->link;
}

static void
show_current(struct plain *p)
{
	struct app *a = p->a;
	const struct mchat *c = a->m.current;

	if (c == NULL || name_eq(&p->to, &c->name))
		return;
	p->to = c->name;
	(void)printf("[now to %s: %s, %s]\n", c->name.s, presence_words(a, c),
	    trust_words(p->f, model_known(&a->m, &c->name)));
}

/* ---- input ---- */

static int
is_secret(const struct app *a)
{
	const struct edit *e = app_target((struct app *)(uintptr_t)a);

	return a->where != AT_CHAT && e != NULL && edit_kind(e) == EDIT_MASKED;
}

/* No echo while it is a passphrase; and what is asked for, on a terminal. */
static void
prompt(struct plain *p)
{
	const int quiet = is_secret(p->a);
	static const char *const names[] = { [FIELD_NAME] = "name",
		[FIELD_PASS] = "passphrase",
		[FIELD_AGAIN] = "again",
		[FIELD_INVITE] = "invite" };
	struct termios t;

	if (p->tty && quiet != p->quiet) {
		t = p->before;
		if (quiet)
			t.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
		p->quiet = quiet;
	}
	if (!p->tty || p->asked)
		return;
	if (p->a->where == AT_NAME || p->a->where == AT_UNLOCK)
		(void)printf("%s: ", names[p->a->active]);
	else
		(void)printf("%s> ",
		    p->a->where == AT_CHAT && p->a->m.current != NULL
			? p->a->m.current->name.s
			: "");
	p->asked = 1;
}

static int
is_asking(const struct app *a)
{
	return a->where == AT_SERVER && !a->has_known && !a->known_refused &&
	    a->m.link == LINK_ONLINE;
}

/* Nothing is read while what was typed before has not come to its end. */
static int
is_waiting(const struct app *a)
{
	return a->where == AT_BUSY || a->probing || a->locking || a->stopping ||
	    a->find.looking || is_asking(a) ||
	    (a->where == AT_CHAT && !a->loaded);
}

static void
next_line(struct plain *p)
{
	char *nl = memchr(p->in, '\n', p->n);
	size_t n, used;

	if (nl == NULL && !(p->eof && p->n > 0) && p->n < LINE_LIM)
		return;
	n = nl != NULL ? (size_t)(nl - p->in) : p->n;
	used = nl != NULL ? n + 1 : n;
	p->in[n] = '\0';
	if (p->tty && p->quiet)
		(void)putchar('\n'); /* it was not shown */
	p->asked = 0;
	plain_line(p->a, p->in);
	memmove(p->in, p->in + used, p->n - used);
	p->n -= used;
	secret_wipe(p->in + p->n, LINE_LIM + 1 - p->n);
}

void
plain_turn(struct plain *p)
{
	struct app *a = p->a;

	a->m.on_line = on_line; /* a model that was wiped has none */
	a->m.on_state = on_state;
	a->m.hook = p;
	frame_begin(p->f, a, 100, 200);
	if (!is_waiting(a))
		next_line(p);
	if (a->tip[0] != '\0' && strncmp(a->tip, "next time", 9) != 0)
		(void)printf("[%s]\n", a->tip);
	a->tip[0] = '\0';
	show_link(p);
	if ((p->where != a->where || p->form != a->show) && !a->find.looking &&
	    !is_asking(a))
		show_place(p);
	if (strcmp(p->error, a->error) != 0 && a->error[0] != '\0')
		(void)printf("! %s\n", a->error);
	(void)snprintf(p->error, sizeof(p->error), "%s", a->error);
	show_current(p);
	if (!is_waiting(a))
		prompt(p);
	(void)fflush(stdout);
	if (p->eof && p->n == 0 && !is_waiting(a))
		app_quit(a);
}

int
plain_fd(const struct plain *p)
{
	return p->eof || p->n >= LINE_LIM ? -1 : STDIN_FILENO;
}

void
plain_readable(struct plain *p)
{
	const ssize_t r = read(STDIN_FILENO, p->in + p->n, LINE_LIM - p->n);

	if (r > 0)
		p->n += (size_t)r;
	else if (r == 0 || (errno != EINTR && errno != EAGAIN))
		p->eof = 1;
}

int
plain_more(const struct plain *p)
{
	return !is_waiting(p->a) && memchr(p->in, '\n', p->n) != NULL;
}

struct plain *
plain_new(struct app *a)
{
	struct plain *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->a = a;
	p->f = calloc(1, sizeof(*p->f));
	p->in = secret_alloc(LINE_LIM + 1);
	if (p->f == NULL || p->in == NULL) {
		plain_free(p);
		return NULL;
	}
	p->tty = tcgetattr(STDIN_FILENO, &p->before) == 0;
	p->where = AT_CHAT;
	(void)puts("sotto, without a screen. /help lists what can be done.");
	return p;
}

void
plain_free(struct plain *p)
{
	if (p == NULL)
		return;
	if (p->tty)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &p->before);
	if (p->f != NULL)
		frame_free(p->f);
	free(p->f);
	secret_free(p->in);
	free(p);
}
