/* Somebody is removed: the chat, its keys, the contact; see engine_priv.h. */
#include "sotto/engine_priv.h"

/* 1: something still has to go out to them; -1: the disk failed. */
static int
has_unsent(struct engine_chat *c)
{
	struct outbox_item i = { .id = 0 };
	enum sotto_err r;

	while ((r = outbox_next(c->e->vault, i.id, &i)) == SOTTO_OK) {
		const int ours = i.chat == c->rec.id;

		outbox_item_free(&i);
		if (ours)
			return 1;
	}
	return r == SOTTO_EAGAIN ? 0 : -1;
}

/* NULL, or why not now. */
static const char *
cannot_remove(struct engine_chat *c)
{
	if (c->rec.blocked)
		return "is blocked, which would be forgotten, too; /unblock "
		       "first";
	if (c->rec.phase != HIST_OVER || c->hs != NULL)
		return "has a chat with you; /leave it first, so that they "
		       "know";
	switch (has_unsent(c)) {
	case 0:
		return NULL;
	case 1:
		return "has to be told first that you have left; that goes "
		       "out as soon as you are online";
	default:
		return "cannot be removed: the disk could not be read";
	}
}

static enum sotto_err
drop_rows(struct engine *e, const struct name *n, int64_t chat)
{
	enum sotto_err r = contacts_drop(e->vault, n);

	if (r == SOTTO_OK && chat != 0 &&
	    (r = hist_forget(e->vault, chat)) == SOTTO_OK &&
	    (r = session_drop_all(e->vault, chat)) == SOTTO_OK)
		r = hist_chat_drop(e->vault, chat);
	return r;
}

void
chats_remove(struct engine *e, const struct name *n)
{
	struct engine_chat *c = chats_find_name(e, n);
	const char *why = c != NULL ? cannot_remove(c) : NULL;
	struct msg *m;

	if (why != NULL) {
		engine_note(e, "%s %s.", n->s, why);
		return;
	}
	if (!txn_end(e) || !txn(e))
		return;
	if (drop_rows(e, n, c != NULL ? c->rec.id : 0) != SOTTO_OK) {
		txn_fail(e);
		return;
	}
	if (!txn_end(e))
		return;
	if (c != NULL)
		chats_drop(c);
	if ((m = msg_new(EV_REMOVED)) == NULL)
		return;
	m->name = *n;
	engine_tell(e, m);
}
