/* /commands for what was said; see cmd_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "sotto/cmd_priv.h"

/* A command about the last text of that kind, or NULL and a line. */
static struct msg *
about_last(struct app *a, enum msg_type type, enum line_kind k)
{
	const struct mchat *c = a->m.current;
	const uint64_t id = c != NULL ? model_last(c, k) : 0;
	struct msg *m;

	if (id == 0) {
		app_tell(a, LINE_WARN,
		    k == LINE_MINE ? "You have said nothing here yet."
				   : "They have said nothing here yet.");
		return NULL;
	}
	if ((m = app_chat_cmd(a, type, c->number)) != NULL)
		m->id = id;
	return m;
}

static int
wants_text(struct app *a, const char *word)
{
	if (word[0] != '\0')
		return 1;
	app_tell(a, LINE_WARN,
	    "Say the text, too: it goes behind the command.");
	return 0;
}

void
cmd_edit(struct app *a, const char *word)
{
	struct msg *m;

	if (!wants_text(a, word) ||
	    (m = about_last(a, CMD_EDIT, LINE_MINE)) == NULL)
		return;
	if (msg_set_text(m, "%s", word))
		app_post(a, m);
	else
		msg_free(m);
}

void
cmd_delete(struct app *a, const char *word)
{
	struct msg *m = about_last(a, CMD_DELETE, LINE_MINE);

	(void)word;
	if (m != NULL)
		app_post(a, m);
}

void
cmd_reply(struct app *a, const char *word)
{
	uint64_t id;

	if (!wants_text(a, word))
		return;
	id = a->m.current != NULL ? model_last(a->m.current, LINE_THEIRS) : 0;
	if (id == 0)
		app_tell(a, LINE_WARN, "They have said nothing here yet.");
	else
		act_say(a, a->m.current, word, id);
}

void
cmd_react(struct app *a, const char *word)
{
	struct msg *m = about_last(a, CMD_REACT, LINE_THEIRS);

	if (m == NULL)
		return;
	if (msg_set_text(m, "%s", word))
		app_post(a, m);
	else
		msg_free(m);
}

void
cmd_forget(struct app *a, const char *word)
{
	struct mchat *c;
	struct name n;

	/* Typed in full: it cannot be undone. */
	if (word[0] == '\0') {
		app_tell(a, LINE_WARN,
		    "Say the name in full: /forget NAME destroys all that was "
		    "said with them on this computer, for good.");
		return;
	}
	if (!cmd_whom(a, word, &n))
		return;
	c = model_find_chat(&a->m, &n);
	if (c != NULL && c->number != 0)
		app_post(a, app_chat_cmd(a, CMD_FORGET, c->number));
	else
		app_tell(a, LINE_WARN, "Nothing was said with %s.", n.s);
}

static void
block(struct app *a, const char *word, int on)
{
	struct name n;
	struct msg *m;

	if (!cmd_whom(a, word, &n) || (m = msg_new(CMD_BLOCK)) == NULL)
		return;
	m->name = n;
	m->on = on;
	app_post(a, m);
}

void
cmd_block(struct app *a, const char *word)
{
	block(a, word, 1);
}

void
cmd_unblock(struct app *a, const char *word)
{
	block(a, word, 0);
}

void
cmd_lock(struct app *a, const char *word)
{
	(void)word;
	/* The command itself is no draft. */
	if (a->m.current != NULL)
		edit_set(a->m.current->draft, "");
	app_lock(a);
}

void
cmd_find(struct app *a, const char *word)
{
	app_find(a);
	edit_set(a->filter, word);
	app_find_words(a);
}

void
cmd_export(struct app *a, const char *word)
{
	const char *home = getenv("HOME");
	struct msg *m;

	if (word[0] == '\0' || a->m.current == NULL) {
		app_tell(a, LINE_WARN,
		    "Say the file, too: /export notes.txt, or .json.");
		return;
	}
	m = app_chat_cmd(a, CMD_EXPORT, a->m.current->number);
	if (m == NULL ||
	    !msg_set_text(m, "%s%s",
		strncmp(word, "~/", 2) == 0 && home != NULL ? home : "",
		strncmp(word, "~/", 2) == 0 && home != NULL ? word + 1
							    : word)) {
		msg_free(m);
		return;
	}
	app_post(a, m);
}
