/* One transaction a turn; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>

#include "sotto/engine_priv.h"

/* What was to be told of a transaction that is no more: only that a text was
 * not accepted after all. */
static int
still_true(struct msg *m)
{
	if (m->head.type != EV_SENT || m->line == 0)
		return 0;
	m->sent = SENT_FAILED;
	m->line = 0;
	return msg_set_text(m, "%s", "the disk could not be written");
}

static void
tell_all(struct engine *e, int kept)
{
	while (e->later != NULL) {
		struct msg *m = (struct msg *)(void *)e->later;

		e->later = m->head.next;
		m->head.next = NULL;
		if (kept || still_true(m))
			engine_tell(e, m);
		else
			msg_free(m);
	}
	e->later_tail = &e->later;
}

void
txn_tell_failed(struct engine *e)
{
	char text[MSG_TEXT_MAX];

	if (e->disk_bad)
		return; /* said, and nothing was written since */
	e->disk_bad = 1;
	(void)snprintf(text, sizeof(text),
	    "sotto could not write to its disk (%s). What was there before is "
	    "safe, and nothing new was accepted; make room, then try again.",
	    vault_error(e->vault));
	engine_note(e, "%s", text);
}

int
txn(struct engine *e)
{
	if (e->vault == NULL)
		return 0;
	if (e->txn)
		return 1;
	if (vault_begin(e->vault) != SOTTO_OK) {
		txn_tell_failed(e);
		return 0;
	}
	e->txn = 1;
	loop_timer_set(e->txn_timer, 0);
	return 1;
}

void
txn_fail(struct engine *e)
{
	if (!e->txn)
		return;
	txn_tell_failed(e);
	vault_undo(e->vault);
	e->txn = 0;
	e->n_failed++;
	tell_all(e, 0);
	chats_reload(e);
	out_offline(e);
	/* What the relay has sent since then comes again with the next
	 * connection; it was not confirmed. */
	if (link_is_online(e))
		link_lost(e, "The disk could not be written.");
}

int
txn_end(struct engine *e)
{
	if (!e->txn)
		return 1;
	loop_timer_stop(e->txn_timer);
	if (vault_commit(e->vault) != SOTTO_OK) {
		txn_fail(e);
		return 0;
	}
	e->txn = e->disk_bad = 0;
	tell_all(e, 1);
	find_learn_later(e);
	/* Only now: before, a crash would have lost it. */
	if (e->ack_due && link_is_online(e)) {
		e->ack_due = 0;
		(void)link_send_cmd(e,
		    &(struct wire_cmd){ .type = WIRE_ACK, .place = e->ack });
	}
	out_pump(e);
	return 1;
}

void
txn_tell(struct engine *e, struct msg *m)
{
	if (m == NULL)
		return;
	if (!e->txn) {
		engine_tell(e, m);
		return;
	}
	m->head.next = NULL;
	*e->later_tail = &m->head;
	e->later_tail = &m->head.next;
}
