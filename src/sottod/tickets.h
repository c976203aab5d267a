/*
 * tickets - the relay's keys for tickets: a new one each hour, each good for a
 * day more, in a file of the state folder, because everybody comes back right
 * after a restart.  Thread: the loop's.
 */
#ifndef SOTTOD_TICKETS_H
#define SOTTOD_TICKETS_H

#include "crypto/ticket.h"
#include "net/loop.h"

struct tickets;

/* tickets_new - the keys of the folder dir, or new ones.  Owned, or NULL. */
struct tickets *tickets_new(struct loop *l, const char *dir,
    const struct rng *g, uint64_t now);
void tickets_free(struct tickets *t); /* wipes; accepts NULL */
/* tickets_reload - the file may be gone: all tickets are worth nothing then. */
void tickets_reload(struct tickets *t, uint64_t now);
/* tickets_drop - for the admin: the file goes.  SOTTO_EIO with errno. */
enum sotto_err tickets_drop(const char *dir);

/* tickets_give - SOTTO_ENOMEM: not now. */
enum sotto_err tickets_give(struct tickets *t, uint8_t out[HS_TICKET_LEN],
    const struct ticket *what, uint64_t now);
/* tickets_take - SOTTO_EAUTH: it is worth nothing. */
enum sotto_err tickets_take(struct tickets *t, struct ticket *out,
    const uint8_t in[HS_TICKET_LEN], uint64_t now);

#endif
