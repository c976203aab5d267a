/*
 * epoch - the supply of epoch keys: one in use, spares made ahead in the
 * background, never while somebody waits.  Thread: the loop's.
 */
#ifndef SOTTOD_EPOCH_H
#define SOTTOD_EPOCH_H

#include "crypto/hs.h"
#include "net/loop.h"

#define EPOCH_SPARES 2

struct epochs;

/*
 * epochs_new - makes the first key right here (about a second); spares follow
 * on the pool.  Returns owned, or NULL.
 */
struct epochs *epochs_new(struct loop *l, unsigned uses, unsigned seconds,
    const struct rng *g);
void epochs_free(struct epochs *e); /* accepts NULL */

/* For the admin: keys that are ready, and that were ever made. */
size_t epochs_spares(const struct epochs *e);
uint64_t epochs_made(const struct epochs *e);

/*
 * epochs_use - the key for one more login; borrows until the next call.  NULL:
 * the last one is over its hard limit of 600 s and no spare is ready.
 */
struct hs_epoch *epochs_use(struct epochs *e, uint64_t now);

#endif
