/* What waits for the pool: all of it in order, and by mailbox; see mail_priv.h. */
#include "sottod/mail_priv.h"

void
mail_add(struct mail_room *r, struct mail_op *op, uint64_t wait_ms)
{
	const int first = r->ops == NULL;

	op->due_ms = loop_now_ms(r->s->loop) + wait_ms;
	op->at = r->tail;
	*r->tail = op;
	r->tail = &op->next;
	if (op->kind == OP_PUT) {
		struct dir_box *b = &op->user->box;

		if (b->first != NULL)
			b->last->box_next = op;
		else
			b->first = op;
		b->last = op;
	}
	if (r->running != NULL || r->stopping)
		return; /* the next job takes it, or mail_room_free() */
	if (wait_ms == 0)
		loop_timer_set(r->commit, 0);
	else if (first)
		loop_timer_set(r->commit, wait_ms);
}

void
mail_take_out(struct mail_room *r, struct mail_op *op)
{
	if ((*op->at = op->next) != NULL)
		op->next->at = op->at;
	else
		r->tail = op->at;
	op->user->box.first = op->box_next;
}

/*
 * Out of the queue what is due, and all before it: those that came just now are
 * mostly confirmed before the disk has to know of them.
 */
struct mail_op *
mail_take_due(struct mail_room *r)
{
	const uint64_t now = loop_now_ms(r->s->loop);
	struct mail_op *first = r->ops, *last = NULL;

	for (struct mail_op *op = first; op != NULL; op = op->next)
		if (op->due_ms <= now)
			last = op;
	if (last == NULL)
		return NULL;
	for (struct mail_op *op = first; op != last->next; op = op->next) {
		if (op->kind == OP_PUT)
			op->user->box.first = op->box_next;
		else if (op->kind == OP_CUT)
			op->user->box.cut = NULL;
	}
	if ((r->ops = last->next) != NULL)
		r->ops->at = &r->ops;
	else
		r->tail = &r->ops;
	last->next = NULL;
	return first;
}
