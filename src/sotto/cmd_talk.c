/* /commands for what was said; see cmd_priv.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/talk.h"
#include "sotto/cmd_priv.h"
#include "sotto/history.h"

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

void
cmd_remove(struct app *a, const char *word)
{
	struct msg *m;
	struct name n;

	if (word[0] == '\0') {
		app_tell(a, LINE_WARN,
		    "Say the name in full: /remove NAME destroys the chat, its "
		    "keys and what is known of their key, for good.");
		return;
	}
	if (!cmd_whom(a, word, &n) || (m = msg_new(CMD_REMOVE)) == NULL)
		return;
	m->name = n;
	app_post(a, m);
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

/* Whole days, or a word for "for ever".  0: neither, and a line says so. */
static int
days_of(struct app *a, const char *word, const char *never, unsigned *out)
{
	char *end;
	unsigned long v = strtoul(word, &end, 10);

	*out = 0;
	if (strcmp(word, never) == 0)
		return 1;
	if (word[0] < '0' || word[0] > '9' || *end != '\0' || v < 1 ||
	    v > TALK_DAYS_MAX) {
		app_tell(a, LINE_WARN,
		    "Say whole days, 1 to %d, or '%s'; nothing was changed.",
		    TALK_DAYS_MAX, never);
		return 0;
	}
	*out = (unsigned)v;
	return 1;
}

static void
set_days(struct app *a, unsigned days, int both)
{
	struct msg *m = app_chat_cmd(a, CMD_KEEP, a->m.current->number);

	if (m == NULL)
		return;
	m->id = days;
	m->on = both;
	app_post(a, m);
}

static int
in_a_chat(struct app *a)
{
	if (a->m.current != NULL && a->m.current->number != 0)
		return 1;
	app_tell(a, LINE_WARN, "Open a chat first.");
	return 0;
}

void
cmd_keep(struct app *a, const char *word)
{
	unsigned days;

	if (!in_a_chat(a))
		return;
	days = a->m.current->keep_days;
	if (word[0] == '\0' && days == 0)
		app_tell(a, LINE_NOTE,
		    "This chat stays on this computer for ever. /keep 30 "
		    "keeps the last 30 days of it.");
	else if (word[0] == '\0')
		app_tell(a, LINE_NOTE,
		    "The last %u days of this chat stay on this computer; "
		    "/keep forever ends that.",
		    days);
	else if (days_of(a, word, "forever", &days)) {
		set_days(a, days, 0);
		if (days > 0)
			app_tell(a, LINE_NOTE,
			    "The last %u days of this chat stay; what is "
			    "older is destroyed, for good.",
			    days);
		else
			app_tell(a, LINE_NOTE, "This chat stays for ever.");
	}
}

void
cmd_disappear(struct app *a, const char *word)
{
	unsigned days;

	if (!in_a_chat(a))
		return;
	days = a->m.current->gone_days;
	if (word[0] == '\0' && days == 0)
		app_tell(a, LINE_NOTE,
		    "What is said here stays. /disappear 7 lets it go after 7 "
		    "days, on both sides.");
	else if (word[0] == '\0')
		app_tell(a, LINE_NOTE,
		    "What is said here disappears after %u days, on both "
		    "sides; /disappear off ends that.",
		    days);
	else if (days_of(a, word, "off", &days))
		set_days(a, days, 1);
}

void
cmd_receipts(struct app *a, const char *word)
{
	const int on = strcmp(word, "on") == 0;
	struct msg *m;

	if (!in_a_chat(a))
		return;
	if (!on && strcmp(word, "off") != 0) {
		app_tell(a, LINE_NOTE, "%s is%s told what you have read here.",
		    a->m.current->name.s,
		    a->m.current->read_off || !a->conf->read_receipts ? " not"
								      : "");
		return;
	}
	if ((m = app_chat_cmd(a, CMD_RECEIPTS, a->m.current->number)) == NULL)
		return;
	m->on = on;
	app_post(a, m);
	app_tell(a, LINE_NOTE,
	    on ? "%s is told what you have read here."
	       : "%s is not told any more what you have read here.",
	    a->m.current->name.s);
}

void
cmd_typing(struct app *a, const char *word)
{
	const int on = strcmp(word, "on") == 0;
	struct msg *m;

	if (!in_a_chat(a))
		return;
	if (!on && strcmp(word, "off") != 0) {
		app_tell(a, LINE_NOTE, "%s is%s told that you are typing.",
		    a->m.current->name.s,
		    app_tells_typing(a, a->m.current) ? "" : " not");
		return;
	}
	m = app_chat_cmd(a, CMD_TYPING_SET, a->m.current->number);
	if (m == NULL)
		return;
	m->kind = on ? TYPING_TOLD : TYPING_NOT_TOLD;
	a->m.current->typing_set = m->kind; /* at once, for what comes next */
	app_post(a, m);
	app_tell(a, LINE_NOTE,
	    on ? "%s is told when you are typing. The relay sees that, too."
	       : "%s is not told any more when you are typing.",
	    a->m.current->name.s);
}

static const char *
what_words(const struct trust_event *t)
{
	switch (t->what) {
	case TRUST_PINNED:
		return "was pinned at the first contact";
	case TRUST_OTHER:
		return "was shown: ANOTHER KEY than before";
	case TRUST_BACK:
		return "was shown again: the one from before";
	case TRUST_TAKEN:
		return "was taken without comparing it";
	case TRUST_COMPARED:
		break;
	}
	return t->how == HOW_GROUPS ? "was compared, by typed groups"
	    : t->how == HOW_DIGITS  ? "was compared, by typed digits"
	    : t->how == HOW_WORDS   ? "was compared, by words"
				    : "was compared, by eye";
}

/* The first of the key as its picture and its line begin. */
void
cmd_trust(struct app *a, const char *word)
{
	const struct contact_info *i;
	struct name n;

	if (!cmd_whom(a, word, &n))
		return;
	if ((i = model_known(&a->m, &n)) == NULL) {
		app_tell(a, LINE_NOTE, "There is no key of %s yet.", n.s);
		return;
	}
	if (i->n_events == 0)
		app_tell(a, LINE_NOTE, "Nothing is noted of the key of %s.",
		    n.s);
	for (size_t k = 0; k < i->n_events; k++) {
		const struct trust_event *t = &i->event[k];
		const time_t at = (time_t)t->at;
		char when[32] = "";
		struct tm tm;

		if (localtime_r(&at, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M",
			    &tm);
		app_tell(a, LINE_NOTE, "%s: key %02x%02x%02x%02x of %s %s.",
		    when, t->key[0], t->key[1], t->key[2], t->key[3], n.s,
		    what_words(t));
	}
}
