/* What the relay delivers: taken in, in order, and confirmed; see
 * engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sotto/engine_priv.h"

/*
 * A relay keeps the order of what one sends to another; should it not, a
 * message waits this long for those before it.  It is not confirmed meanwhile,
 * and comes again if we do not live that long.
 */
#define WAIT_MS  2000
#define WAIT_MAX 32

struct waiting {
	struct waiting *next;
	struct wire_relay r;
	uint8_t payload[]; /* sealed */
};

/* The place in the queue is that at the relay. */
static int
wait_for_others(struct engine *e, const struct wire_relay *r)
{
	struct waiting **at = &e->waiting, *w;
	size_t n = 0;

	for (w = e->waiting; w != NULL; w = w->next)
		n++;
	if (n >= WAIT_MAX || (w = malloc(sizeof(*w) + r->payload.n)) == NULL)
		return 0;
	w->r = *r;
	memcpy(w->payload, r->payload.p, r->payload.n);
	w->r.payload.p = w->payload;
	while (*at != NULL && (*at)->r.ref < r->ref)
		at = &(*at)->next;
	w->next = *at;
	*at = w;
	if (n == 0) {
		loop_timer_set(e->wait_timer, WAIT_MS);
		e->wait_since = e->link.n_records;
	}
	return 1;
}

void
chat_in_offline(struct engine *e)
{
	struct waiting *w;

	if (e->wait_timer != NULL)
		loop_timer_stop(e->wait_timer);
	e->last_in = 0;
	while ((w = e->waiting) != NULL) {
		e->waiting = w->next;
		free(w);
	}
}

/* One that waited may be the next now; 0: none is. */
static int
take_one_waiting(struct engine *e, int may_wait)
{
	const unsigned failed = e->n_failed;

	for (struct waiting **at = &e->waiting; *at != NULL;
	     at = &(*at)->next) {
		struct waiting *w = *at;

		if (chat_hear(e, &w->r, may_wait))
			continue;
		if (!e->txn || e->n_failed != failed)
			return 0; /* the disk failed: all of it comes again */
		*at = w->next;
		free(w);
		return 1;
	}
	return 0;
}

/* All up to there is in the open transaction. */
static void
confirm(struct engine *e, uint64_t place)
{
	if (place > e->high) {
		if (vault_put_u64(e->vault, "acked", place) != SOTTO_OK) {
			txn_fail(e);
			return;
		}
		e->high = place;
	}
	if (e->waiting != NULL)
		return; /* what waits is only here in memory */
	e->ack = place > e->last_in ? place : e->last_in;
	e->ack_due = 1;
}

static void
on_wait_over(void *ctx)
{
	struct engine *e = ctx;
	const unsigned failed = e->n_failed;

	if (e->waiting == NULL)
		return;
	if (e->link.n_records == e->wait_since) {
		/* They may be under way on a line that is dead. */
		link_ping(e);
		loop_timer_set(e->wait_timer, WAIT_MS);
		return;
	}
	if (!txn(e)) {
		link_lost(e, "The disk could not be written.");
		return;
	}
	while (take_one_waiting(e, 0))
		;
	if (e->txn && e->n_failed == failed)
		confirm(e, e->last_in);
}

int
chat_in_init(struct engine *e)
{
	e->wait_timer = loop_timer_new(e->loop, on_wait_over, e);
	return e->wait_timer != NULL;
}

/* The relay has given one of ours up: its word only. */
static void
on_expired(struct engine *e, const struct wire_relay *r)
{
	struct engine_chat *c = chats_find_name(e, &r->name);
	struct hist_line l;
	struct rd rd;
	uint64_t ref;

	rd_init(&rd, r->payload);
	ref = rd_u64(&rd);
	if (c == NULL || rd_end(&rd) != SOTTO_OK ||
	    hist_find(e->vault, c->rec.id, 1, ref, &l) != SOTTO_OK)
		return;
	if (l.state == SENT_AT_RELAY) {
		l.state = SENT_FAILED;
		(void)snprintf(l.why, sizeof(l.why),
		    "the relay gave it up: they did not come for it");
		if (hist_set(e->vault, c->rec.id, &l) == SOTTO_OK)
			out_tell_sent(c, l.msg, SENT_FAILED, l.why);
		else
			txn_fail(e);
	}
	hist_line_free(&l);
}

void
chat_in(struct engine *e, const struct wire_relay *r)
{
	const unsigned failed = e->n_failed;

	if (!txn(e)) {
		link_lost(e, "The disk could not be written.");
		return;
	}
	if (r->ref > e->last_in)
		e->last_in = r->ref;
	if (r->type == CHAT_EXPIRED)
		on_expired(e, r);
	else if (chat_hear(e, r, 1) && e->txn) {
		if (wait_for_others(e, r))
			return;
		(void)chat_hear(e, r, 0);
	}
	while (e->txn && e->n_failed == failed && take_one_waiting(e, 1))
		;
	/* Taken in or dropped, it need not come again; if the disk failed, the
	 * connection is gone, and it does. */
	if (e->txn && e->n_failed == failed)
		confirm(e, r->ref);
}
