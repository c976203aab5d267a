/* /commands; see app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/cmd_priv.h"
#include "ui/term_curses.h"

struct cmd {
	const char *name;
	const char *arg; /* "NAME", "on|off", ... for help; or NULL */
	cmd_fn *fn;
	const char *help;
	const char *key; /* the key that does it sooner, or NULL */
	int text;        /* what is behind it may have several lines */
};

/* The word as a name, or that of the current chat; 0 and a line if neither. */
int
cmd_whom(struct app *a, const char *word, struct name *out)
{
	if (word[0] == '\0' && a->m.current != NULL) {
		*out = a->m.current->name;
		return 1;
	}
	if (name_parse(out, span_str(word)) == SOTTO_OK)
		return 1;
	app_tell(a, LINE_WARN,
	    word[0] == '\0' ? "Say whom: the command wants a name."
			    : "Names are 1 to 16 of a-z, 0-9, '.', '_', '-', "
			      "beginning with a letter.");
	return 0;
}

static void
do_list(struct app *a, const char *word)
{
	(void)word;
	app_go(a, AT_PEOPLE);
}

static void
do_chat(struct app *a, const char *word)
{
	struct mchat *c;
	struct name n;

	if (!cmd_whom(a, word, &n))
		return;
	c = model_find_chat(&a->m, &n);
	if (c != NULL && c->phase == PHASE_OPEN)
		model_go(&a->m, c);
	else if (c != NULL && c->phase == PHASE_RINGING)
		app_accept(a, c);
	else
		app_request(a, &n);
}

/* The request of that name, or the only one. */
static struct mchat *
request_of(struct app *a, const char *word)
{
	struct mchat *c = NULL;
	struct name n;

	if (word[0] == '\0' && model_requests(&a->m) == 1)
		return app_request_at(a, 0);
	if (word[0] != '\0' && name_parse(&n, span_str(word)) == SOTTO_OK)
		c = model_find_chat(&a->m, &n);
	if (c != NULL && c->phase == PHASE_RINGING)
		return c;
	app_tell(a, LINE_WARN,
	    model_requests(&a->m) == 0
		? "Nobody asks for a chat."
		: "Say whose request; Alt-R shows them.");
	return NULL;
}

static void
do_accept(struct app *a, const char *word)
{
	struct mchat *c = request_of(a, word);

	if (c != NULL)
		app_accept(a, c);
}

static void
do_refuse(struct app *a, const char *word)
{
	struct mchat *c = request_of(a, word);

	if (c != NULL)
		app_refuse(a, c);
}

static void
do_cancel(struct app *a, const char *word)
{
	struct mchat *c;
	struct name n;

	if (!cmd_whom(a, word, &n))
		return;
	c = model_find_chat(&a->m, &n);
	if (c != NULL && c->phase == PHASE_ASKING)
		app_post(a, app_chat_cmd(a, CMD_CANCEL, c->number));
	else
		app_tell(a, LINE_WARN, "%s has not been asked.", n.s);
}

static void
do_leave(struct app *a, const char *word)
{
	struct mchat *c;
	struct name n;

	if (!cmd_whom(a, word, &n))
		return;
	c = model_find_chat(&a->m, &n);
	if (c != NULL && c->phase != PHASE_OVER)
		app_post(a, app_chat_cmd(a, CMD_LEAVE, c->number));
	else
		app_tell(a, LINE_WARN, "There is no open chat with %s.", n.s);
}

static void
do_verify(struct app *a, const char *word)
{
	struct name n;

	if (cmd_whom(a, word, &n))
		app_verify(a, &n);
}

static void
do_trust_new(struct app *a, const char *word)
{
	struct name n;
	struct msg *m;

	/* Typed in full: this one is never guessed. */
	if (word[0] == '\0') {
		app_tell(a, LINE_WARN,
		    "Say the name in full: /trust-new NAME goes on with a "
		    "changed key that you have not compared.");
		return;
	}
	if (!cmd_whom(a, word, &n) || (m = msg_new(CMD_TRUST_NEW)) == NULL)
		return;
	m->name = n;
	app_post(a, m);
}

static void
do_busy(struct app *a, const char *word)
{
	struct msg *m = msg_new(CMD_BUSY);

	if (m == NULL)
		return;
	if (word[0] == '\0')
		a->m.busy = !a->m.busy;
	else
		a->m.busy = strcmp(word, "off") != 0;
	m->on = a->m.busy;
	app_post(a, m);
	app_tell(a, LINE_NOTE,
	    a->m.busy ? "You are marked busy: requests are answered so. "
			"/busy off ends it."
		      : "You are not marked busy any more.");
}

static void
do_search(struct app *a, const char *word)
{
	struct msg *m = msg_new(CMD_SEARCH);

	if (m == NULL || !msg_set_text(m, "%s", word)) {
		msg_free(m);
		return;
	}
	m->id = ++a->m.last_id;
	app_post(a, m);
}

static void
do_inspect(struct app *a, const char *word)
{
	(void)word;
	a->trace = 0;
	a->below = AT_CHAT;
	app_go(a, AT_INSPECT);
}

static void
do_retry(struct app *a, const char *word)
{
	(void)word;
	app_post(a, msg_new(CMD_RETRY));
}

static void
do_redraw(struct app *a, const char *word)
{
	(void)a;
	(void)word;
	term_redraw();
}

static void
do_suspend(struct app *a, const char *word)
{
	(void)a;
	(void)word;
	term_suspend();
}

static void
do_quit(struct app *a, const char *word)
{
	struct mchat *c = a->m.current;

	(void)word;
	/* The command itself is no draft to be asked about. */
	if (c != NULL)
		edit_set(c->draft, "");
	app_quit_asked(a);
}

static void
do_help(struct app *a, const char *word)
{
	(void)word;
	app_go(a, AT_HELP);
}

static const struct cmd cmds[] = {
	{ "list", NULL, do_list, "who is online", "Alt-O", 0 },
	{ "chat", "NAME", do_chat, "ask for a chat, or go to it", NULL, 0 },
	{ "accept", "NAME", do_accept, "accept a request", "Alt-R", 0 },
	{ "refuse", "NAME", do_refuse, "refuse a request", "Alt-R", 0 },
	{ "cancel", "NAME", do_cancel, "take your request back", NULL, 0 },
	{ "leave", "NAME", do_leave, "end a chat", NULL, 0 },
	{ "edit", "TEXT", cmd_edit, "your last message, in other words", NULL,
	    1 },
	{ "delete", NULL, cmd_delete, "take your last message back", NULL, 0 },
	{ "reply", "TEXT", cmd_reply, "answer what they said last", NULL, 1 },
	{ "react", "SIGN", cmd_react, "a sign to what they said last", NULL,
	    0 },
	{ "lock", NULL, cmd_lock, "until the passphrase is typed", "Alt-Z", 0 },
	{ "find", "WORDS", cmd_find, "in all that was said", "Ctrl-F", 0 },
	{ "export", "FILE", cmd_export, "write this chat out", NULL, 0 },
	{ "forget", "NAME", cmd_forget, "destroy what was said here", NULL, 0 },
	{ "remove", "NAME", cmd_remove, "destroy all that is known of somebody",
	    NULL, 0 },
	{ "keep", "DAYS", cmd_keep, "how long this chat stays here", NULL, 0 },
	{ "disappear", "DAYS", cmd_disappear,
	    "what is said goes, on both sides", NULL, 0 },
	{ "receipts", "on|off", cmd_receipts,
	    "whether they are told what you read", NULL, 0 },
	{ "typing", "on|off", cmd_typing, "whether they are told that you type",
	    NULL, 0 },
	{ "block", "NAME", cmd_block, "hear nothing of somebody", NULL, 0 },
	{ "unblock", "NAME", cmd_unblock, "hear of them again", NULL, 0 },
	{ "verify", "NAME", do_verify, "compare the safety number", "Alt-V",
	    0 },
	{ "trust", "NAME", cmd_trust, "what became of their key, and when",
	    NULL, 0 },
	{ "trust-new", "NAME", do_trust_new,
	    "go on with a changed key, unverified", NULL, 0 },
	{ "busy", "on|off", do_busy, "mark yourself busy", NULL, 0 },
	{ "search", "TEXT", do_search, "users of this relay", NULL, 0 },
	{ "inspect", NULL, do_inspect, "the handshakes", "F8", 0 },
	{ "retry", NULL, do_retry, "connect now", NULL, 0 },
	{ "redraw", NULL, do_redraw, "repaint the screen", "Ctrl-L", 0 },
	{ "suspend", NULL, do_suspend, "stop, as a job of the shell", NULL, 0 },
	{ "help", NULL, do_help, "keys and commands", "F1", 0 },
	{ "quit", NULL, do_quit, "leave", "Ctrl-Q", 0 },
};

#define N_CMDS (sizeof(cmds) / sizeof(cmds[0]))

static const struct cmd *
find(const char *name, size_t n)
{
	for (size_t i = 0; i < N_CMDS; i++)
		if (strlen(cmds[i].name) == n &&
		    strncmp(cmds[i].name, name, n) == 0)
			return &cmds[i];
	return NULL;
}

int
cmd_run(struct app *a, const char *line)
{
	const char *name = line + 1, *word;
	size_t n = strcspn(name, " ");
	const struct cmd *c = find(name, n);
	char *arg;

	if (c == NULL)
		return 0;
	word = name + n + strspn(name + n, " ");
	if ((arg = strdup(word)) == NULL)
		return 1;
	if (!c->text)
		arg[strcspn(arg, "\n")] = '\0';
	for (size_t k = strlen(arg); k > 0 && arg[k - 1] == ' '; k--)
		arg[k - 1] = '\0';
	c->fn(a, arg);
	secret_wipe(arg, strlen(arg));
	free(arg);
	if (c->key != NULL)
		(void)snprintf(a->tip, sizeof(a->tip), "next time: %s", c->key);
	return 1;
}

/* ---- completion ---- */

static const char *
rest_of(const char *whole, const char *typed)
{
	const size_t n = strlen(typed);

	return strncmp(whole, typed, n) == 0 ? whole + n : "";
}

static const char *
complete_name(const struct app *a, const char *typed)
{
	for (size_t i = 0; i < a->m.n_chats; i++)
		if (rest_of(a->m.chat[i]->name.s, typed)[0] != '\0')
			return rest_of(a->m.chat[i]->name.s, typed);
	for (size_t i = 0; i < a->m.n_people; i++)
		if (rest_of(a->m.people[i].name.s, typed)[0] != '\0')
			return rest_of(a->m.people[i].name.s, typed);
	return "";
}

const char *
cmd_complete(const struct app *a, const char *text)
{
	const char *blank = strchr(text, ' ');
	const struct cmd *c;

	if (text[0] != '/' || strchr(text, '\n') != NULL)
		return "";
	if (blank != NULL) {
		c = find(text + 1, (size_t)(blank - text) - 1);
		if (c == NULL || c->arg == NULL || blank[1] == '\0')
			return "";
		return strcmp(c->arg, "NAME") == 0 ? complete_name(a, blank + 1)
						   : "";
	}
	for (size_t i = 0; i < N_CMDS && text[1] != '\0'; i++)
		if (rest_of(cmds[i].name, text + 1)[0] != '\0')
			return rest_of(cmds[i].name, text + 1);
	return "";
}

const char *
cmd_about(const char *text)
{
	const struct cmd *c;

	if (text[0] != '/' || text[1] == '\0')
		return "";
	c = find(text + 1, strcspn(text + 1, " \n"));
	for (size_t i = 0; i < N_CMDS && c == NULL; i++)
		if (rest_of(cmds[i].name, text + 1)[0] != '\0')
			c = &cmds[i];
	return c == NULL ? "" : c->help;
}
