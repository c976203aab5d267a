/* The order of what one connection sends to one receiver; see mail_priv.h. */
#include "sottod/mail_priv.h"

/* Could one of this connection to that receiver not be taken, before this one?
 * When that very one comes again, all goes on. */
int
mail_is_held(struct conn *c, const struct name *to, uint64_t ref)
{
	for (size_t i = 0; i < c->n_held; i++) {
		if (!name_eq(&c->held[i].to, to))
			continue;
		if (c->held[i].ref != ref)
			return 1;
		c->held[i] = c->held[--c->n_held];
		return 0;
	}
	return 0;
}

void
mail_hold(struct conn *c, const struct name *to, uint64_t ref)
{
	if (mail_is_held(c, to, 0))
		return; /* behind another one */
	if (c->n_held == CONN_HELD_MAX) {
		c->why = "too many mailboxes could not be written";
		c->state = CONN_CLOSING;
		loop_timer_set(c->timer, 0);
		return;
	}
	c->held[c->n_held++] = (struct conn_held){ *to, ref };
}
