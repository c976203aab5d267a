/* /commands; see app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/cmd_priv.h"
#include "ui/term_curses.h"

struct cmd {
	struct cmd_info info;
	cmd_fn *fn;
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
		act_go(a, c);
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

/* Without a word it is the other way round. */
static void
do_mute(struct app *a, const char *word)
{
	struct mchat *c = a->m.current;

	if (c != NULL && word[0] != '\0' &&
	    (strcmp(word, "off") != 0) == (c->muted != 0))
		app_tell(a, LINE_NOTE, "It is so already.");
	else
		act_mute(a);
}

static void
do_unread(struct app *a, const char *word)
{
	(void)word;
	pick_unread(a);
}

static void
do_server(struct app *a, const char *word)
{
	(void)word;
	app_run_action(a, ACT_SERVER, 0);
}

static void
do_set(struct app *a, const char *word)
{
	if (word[0] != '\0')
		settings_set(a, word);
	else
		app_run_action(a, ACT_SETTINGS, 0);
}

static void
do_view(struct app *a, const char *word)
{
	if (strcmp(word, "list") == 0)
		app_run_action(a, ACT_LIST, 0);
	else if (strcmp(word, "details") == 0)
		app_run_action(a, ACT_DETAILS, 0);
	else
		app_tell(a, LINE_WARN, "Say which: /view list, /view details.");
}

static void
do_editor(struct app *a, const char *word)
{
	(void)word;
	/* The command itself is no text to go on with. */
	if (a->m.current != NULL)
		edit_set(a->m.current->draft, "");
	written_edit(a);
}

static const struct cmd cmds[] = {
	{ { "list", NULL, "who is online", ACT_PEOPLE, 0 }, do_list },
	{ { "chat", "NAME", "ask for a chat, or go to it", ACT_PALETTE, 0 },
	    do_chat },
	{ { "accept", "NAME", "accept a request", ACT_REQUESTS, 0 },
	    do_accept },
	{ { "refuse", "NAME", "refuse a request", ACT_REQUESTS, 0 },
	    do_refuse },
	{ { "cancel", "NAME", "take your request back", ACT_NONE, 0 },
	    do_cancel },
	{ { "leave", "NAME", "end a chat", ACT_NONE, 0 }, do_leave },
	{ { "edit", "TEXT", "your last message, in other words", ACT_NONE, 1 },
	    cmd_edit },
	{ { "delete", NULL, "take your last message back", ACT_NONE, 0 },
	    cmd_delete },
	{ { "reply", "TEXT", "answer what they said last", ACT_NONE, 1 },
	    cmd_reply },
	{ { "react", "SIGN", "a sign to what they said last", ACT_NONE, 0 },
	    cmd_react },
	{ { "find", "WORDS", "in all that was said", ACT_FIND, 0 }, cmd_find },
	{ { "verify", "NAME", "compare the safety number", ACT_VERIFY, 0 },
	    do_verify },
	{ { "trust", "NAME", "what became of their key, and when", ACT_NONE,
	      0 },
	    cmd_trust },
	{ { "trust-new", "NAME", "go on with a changed key, unverified",
	      ACT_NONE, 0 },
	    do_trust_new },
	{ { "export", "FILE", "write this chat out", ACT_NONE, 0 },
	    cmd_export },
	{ { "keep", "DAYS", "how long this chat stays here", ACT_NONE, 0 },
	    cmd_keep },
	{ { "disappear", "DAYS", "what is said goes, on both sides", ACT_NONE,
	      0 },
	    cmd_disappear },
	{ { "receipts", "on|off", "whether they are told what you read",
	      ACT_NONE, 0 },
	    cmd_receipts },
	{ { "typing", "on|off", "whether they are told that you type", ACT_NONE,
	      0 },
	    cmd_typing },
	{ { "mute", "on|off", "no notices of this chat", ACT_MUTE, 0 },
	    do_mute },
	{ { "unread", NULL, "this chat is unread", ACT_MARK_UNREAD, 0 },
	    do_unread },
	{ { "block", "NAME", "hear nothing of somebody", ACT_NONE, 0 },
	    cmd_block },
	{ { "unblock", "NAME", "hear of them again", ACT_NONE, 0 },
	    cmd_unblock },
	{ { "forget", "NAME", "destroy what was said here", ACT_NONE, 0 },
	    cmd_forget },
	{ { "remove", "NAME", "destroy all that is known of somebody", ACT_NONE,
	      0 },
	    cmd_remove },
	{ { "busy", "on|off", "mark yourself busy", ACT_NONE, 0 }, do_busy },
	{ { "search", "TEXT", "users of this relay", ACT_NONE, 0 }, do_search },
	{ { "server", NULL, "what the server knows of you", ACT_SERVER, 0 },
	    do_server },
	{ { "inspect", NULL, "the handshakes", ACT_INSPECT, 0 }, do_inspect },
	{ { "set", "KEY VALUE", "settings; without a word: all of them",
	      ACT_SETTINGS, 0 },
	    do_set },
	{ { "view", "list|details", "show or hide a part of the screen",
	      ACT_NONE, 0 },
	    do_view },
	{ { "editor", NULL, "write in $EDITOR", ACT_EDITOR, 0 }, do_editor },
	{ { "lock", NULL, "until the passphrase is typed", ACT_LOCK, 0 },
	    cmd_lock },
	{ { "retry", NULL, "connect now", ACT_NONE, 0 }, do_retry },
	{ { "redraw", NULL, "repaint the screen", ACT_REDRAW, 0 }, do_redraw },
	{ { "suspend", NULL, "stop, as a job of the shell", ACT_NONE, 0 },
	    do_suspend },
	{ { "help", NULL, "keys and commands", ACT_HELP, 0 }, do_help },
	{ { "quit", NULL, "leave", ACT_QUIT, 0 }, do_quit },
};

#define N_CMDS (sizeof(cmds) / sizeof(cmds[0]))

const struct cmd_info *
cmd_at(size_t i)
{
	return i < N_CMDS ? &cmds[i].info : NULL;
}

static const struct cmd *
find(const char *name, size_t n)
{
	for (size_t i = 0; i < N_CMDS; i++)
		if (strlen(cmds[i].info.name) == n &&
		    strncmp(cmds[i].info.name, name, n) == 0)
			return &cmds[i];
	return NULL;
}

const struct cmd_info *
cmd_named(const char *name, size_t n)
{
	const struct cmd *c = find(name, n);

	return c != NULL ? &c->info : NULL;
}

int
cmd_run(struct app *a, const char *line)
{
	const char *name = line + 1, *word;
	size_t n = strcspn(name, " ");
	const struct cmd *c = find(name, n);
	char *arg, key[24];

	if (c == NULL)
		return 0;
	word = name + n + strspn(name + n, " ");
	if ((arg = strdup(word)) == NULL)
		return 1;
	if (!c->info.text)
		arg[strcspn(arg, "\n")] = '\0';
	for (size_t k = strlen(arg); k > 0 && arg[k - 1] == ' '; k--)
		arg[k - 1] = '\0';
	c->fn(a, arg);
	secret_wipe(arg, strlen(arg));
	free(arg);
	/* Commands teach keys. */
	keymap_key_of(a->conf->keys, AT_CHAT, c->info.action, key, sizeof(key));
	if (key[0] != '\0' && a->tip[0] == '\0')
		app_tip(a, "next time: %s", key);
	return 1;
}
