/* What is being typed, on the disk; see app.h. */
#include "sotto/app.h"

#define DRAFT_MS 300 /* after the last key */

static void
save_draft(struct app *a, struct mchat *c)
{
	struct msg *m = app_chat_cmd(a, CMD_DRAFT, c->number);

	if (m == NULL || !msg_set_text(m, "%s", edit_text(c->draft))) {
		msg_free(m);
		return;
	}
	m->id = edit_cursor(c->draft);
	c->draft_hash = model_draft_hash(c);
	c->draft_due_ms = 0;
	app_post(a, m);
}

void
app_save_drafts(struct app *a, int at_once)
{
	const uint64_t now = app_now_ms();

	for (size_t i = 0; i < a->m.n_chats; i++) {
		struct mchat *c = a->m.chat[i];

		if (c->number == 0 || model_draft_hash(c) == c->draft_hash) {
			c->draft_due_ms = 0;
			continue;
		}
		if (c->draft_due_ms == 0)
			c->draft_due_ms = now + DRAFT_MS;
		if (at_once || now >= c->draft_due_ms)
			save_draft(a, c);
		else if (a->redraw_at_ms == 0 ||
		    a->redraw_at_ms > c->draft_due_ms)
			a->redraw_at_ms = c->draft_due_ms;
	}
}
