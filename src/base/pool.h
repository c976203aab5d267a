/*
 * pool - many objects of one size that live long, side by side in large blocks:
 * what comes and goes around them cannot leave holes that the system does not
 * get back.  Blocks stay until pool_free().
 *
 * Thread: one at a time.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(size_t size); /* Returns owned, or NULL */
void pool_free(struct pool *p);     /* all of its objects; accepts NULL */
/* pool_get - an object of zeros, or NULL. */
void *pool_get(struct pool *p);
/* pool_put - Takes an object of this pool; accepts NULL. */
void pool_put(struct pool *p, void *object);

#endif
