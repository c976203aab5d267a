/* The order of what one connection sends to one receiver; see mail_priv.h. */
#include <stdlib.h>

#include "sottod/mail_priv.h"

/* Could one of this connection to that receiver not be taken, before this one?
 * When that very one comes again, all goes on. */
int
mail_is_held(struct conn *c, const struct name *to, uint64_t ref)
{
	for (struct conn_held **at = &c->held; *at != NULL; at = &(*at)->next) {
		struct conn_held *h = *at;

		if (!name_eq(&h->to, to))
			continue;
		if (h->ref != ref)
			return 1;
		*at = h->next;
		free(h);
		c->n_held--;
		return 0;
	}
	return 0;
}

void
mail_hold(struct conn *c, const struct name *to, uint64_t ref)
{
	struct conn_held *h = NULL;

	if (mail_is_held(c, to, 0))
		return; /* behind another one */
	if (c->n_held == CONN_HELD_MAX || (h = malloc(sizeof(*h))) == NULL) {
		c->why = "too many mailboxes could not be written";
		c->state = CONN_CLOSING;
		conn_wake(c, 0);
		return;
	}
	*h = (struct conn_held){ c->held, *to, ref };
	c->held = h;
	c->n_held++;
}
