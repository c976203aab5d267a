/*
 * limit - how often, and how slowly: token buckets and growing delays, by
 * address or by name, in a table of fixed size.
 *
 * Under pressure the entry that was quiet for longest makes room, so memory is
 * bounded whatever strangers do.  A delay only slows down the answer to what
 * has failed; it never keeps out a login that succeeds.
 * Pure: time is a parameter.
 */
#ifndef SOTTOD_LIMIT_H
#define SOTTOD_LIMIT_H

#include "base/bytes.h"

#include "crypto/prim.h"

struct limit;

/* limit_new - room for about n keys.  Returns owned, or NULL. */
struct limit *limit_new(size_t n, const struct rng *g);
void limit_free(struct limit *l); /* accepts NULL */

/*
 * limit_take - one more of what may happen `rate` times a minute, with bursts
 * of as many.  1: within the limit; 0: over it.
 */
int limit_take(struct limit *l, struct span key, unsigned rate,
    uint64_t now_ms);

/* limit_failed - a failure; how long the answer to it is to be delayed:
 * 0, 250 ms, 500 ms, 1 s ... up to 10 s.  A quarter of an hour forgets. */
uint64_t limit_failed(struct limit *l, struct span key, uint64_t now_ms);
/* limit_succeeded - its failures are forgotten. */
void limit_succeeded(struct limit *l, struct span key, uint64_t now_ms);
/* limit_failures - how many there were lately. */
unsigned limit_failures(struct limit *l, struct span key, uint64_t now_ms);

#endif
