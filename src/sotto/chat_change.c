/* What is changed after it was said: edits, what is taken back, reactions; and
 * what is forgotten, blocked, written out.  See engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* ---- one line ---- */

static void
tell_changed(struct engine_chat *c, const struct hist_line *l)
{
	txn_tell(c->e, chat_line_msg(EV_CHANGED, c, l));
}

/* As it is now: on disk, and to the app.  0: the disk failed. */
static int
put(struct engine_chat *c, const struct hist_line *l)
{
	if (!txn(c->e))
		return 0;
	if (hist_set(c->e->vault, c->rec.id, l) == SOTTO_OK) {
		tell_changed(c, l);
		return 1;
	}
	txn_fail(c->e);
	return 0;
}

static int
set_text(struct hist_line *l, struct span text)
{
	char *fresh = malloc(text.n + 1);

	if (fresh == NULL)
		return 0;
	if (text.n > 0)
		memcpy(fresh, text.p, text.n);
	fresh[text.n] = '\0';
	hist_line_free(l);
	l->text = fresh;
	return 1;
}

/* Our text of that number, in a chat where we may speak; or NULL. */
static struct engine_chat *
find_mine(struct engine *e, uint32_t number, uint64_t id, struct hist_line *l)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL ||
	    (c->rec.phase != HIST_OPEN && c->rec.phase != HIST_ASKED) ||
	    hist_find(e->vault, c->rec.id, 1, id, l) != SOTTO_OK) {
		engine_note(e,
		    "That message is not here any more, or the chat is over; "
		    "nothing was changed.");
		return NULL;
	}
	return c;
}

/* It is still here, and nothing of it has left: the item, or 0. */
static int
is_waiting(struct engine *e, const struct hist_line *l, struct outbox_item *i)
{
	if (outbox_of_line(e->vault, l->id, i) != SOTTO_OK)
		return 0;
	if (i->wire == NULL)
		return 1;
	outbox_item_free(i);
	return 0;
}

/* ---- ours ---- */

void
chat_edit(struct engine *e, uint32_t number, uint64_t id, const char *text)
{
	struct talk_content t = { .what = TALK_EDIT,
		.id = id,
		.sent_ms = clock_wall_ms() };
	struct outbox_item i;
	struct hist_line l;
	struct engine_chat *c;
	int ok;

	if (text == NULL || text[0] == '\0' || strlen(text) > TALK_TEXT_MAX ||
	    (c = find_mine(e, number, id, &l)) == NULL)
		return;
	t.text = span_str(text);
	if (!txn(e)) {
		hist_line_free(&l);
		return;
	}
	if (is_waiting(e, &l, &i)) {
		t.what = TALK_TEXT;
		t.reply_to = l.reply_to;
		ok = outbox_replace(e->vault, i.id, &t) == SOTTO_OK;
		if (!ok)
			txn_fail(e);
		outbox_item_free(&i);
	} else {
		l.flags |= HIST_EDITED;
		ok = out_add(c, 0, &t);
	}
	if (ok && set_text(&l, t.text))
		(void)put(c, &l);
	hist_line_free(&l);
}

void
chat_delete(struct engine *e, uint32_t number, uint64_t id)
{
	const struct talk_content t = { .what = TALK_DELETE, .id = id };
	struct outbox_item i;
	struct hist_line l;
	struct engine_chat *c = find_mine(e, number, id, &l);
	int ok;

	if (c == NULL)
		return;
	if (!txn(e)) {
		hist_line_free(&l);
		return;
	}
	if (is_waiting(e, &l, &i)) {
		ok = outbox_drop(e->vault, i.id) == SOTTO_OK;
		if (!ok)
			txn_fail(e);
		outbox_item_free(&i);
		l.state = SENT_FAILED;
		(void)snprintf(l.why, sizeof(l.why), "taken back in time");
		out_tell_sent(c, l.msg, SENT_FAILED, l.why);
	} else {
		ok = out_add(c, 0, &t);
	}
	l.flags |= HIST_DELETED;
	if (ok && set_text(&l, (struct span){ NULL, 0 }))
		(void)put(c, &l);
	hist_line_free(&l);
}

void
chat_react(struct engine *e, uint32_t number, uint64_t id, const char *text)
{
	struct engine_chat *c = chats_find(e, number);
	struct talk_content t = { .what = TALK_REACT, .id = id };
	struct hist_line l;

	t.text = span_str(text != NULL ? text : "");
	if (t.text.n > TALK_REACT_MAX) {
		engine_note(e, "A reaction is a sign or a short word.");
		return;
	}
	if (c == NULL || c->rec.phase != HIST_OPEN ||
	    hist_find(e->vault, c->rec.id, 0, id, &l) != SOTTO_OK)
		return;
	(void)snprintf(l.react_me, sizeof(l.react_me), "%s",
	    text != NULL ? text : "");
	if (out_add(c, 0, &t))
		(void)put(c, &l);
	hist_line_free(&l);
}

/* ---- theirs ---- */

static int
change_theirs(struct engine_chat *c, const struct talk_content *t)
{
	struct hist_line l;
	enum sotto_err r = hist_find(c->e->vault, c->rec.id, 0, t->id, &l);
	int ok = 1;

	if (r == SOTTO_EIO || r == SOTTO_ENOMEM) {
		txn_fail(c->e);
		return 0;
	}
	if (r != SOTTO_OK)
		return 1; /* forgotten here */
	if (t->what == TALK_DELETE)
		l.flags |= HIST_DELETED;
	else
		l.flags |= HIST_EDITED;
	if (!(t->what == TALK_EDIT && (l.flags & HIST_DELETED)) &&
	    set_text(&l, t->text))
		ok = put(c, &l);
	hist_line_free(&l);
	return ok;
}

static int
react_theirs(struct engine_chat *c, const struct talk_content *t)
{
	struct hist_line l;
	int ok;

	if (hist_find(c->e->vault, c->rec.id, 1, t->id, &l) != SOTTO_OK)
		return 1;
	(void)snprintf(l.react_them, sizeof(l.react_them), "%.*s",
	    (int)t->text.n, (const char *)t->text.p);
	ok = put(c, &l);
	hist_line_free(&l);
	return ok;
}

int
chat_on_change(struct engine_chat *c, const struct talk_content *t)
{
	return t->what == TALK_REACT ? react_theirs(c, t) : change_theirs(c, t);
}
