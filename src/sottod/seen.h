/*
 * seen - when users were last here, for `sottod user list`: gathered, and
 * written to the store together, so that a thousand logins are not a thousand
 * transactions.  Thread: the loop's; what it writes, it writes on the pool.
 */
#ifndef SOTTOD_SEEN_H
#define SOTTOD_SEEN_H

#include "net/loop.h"
#include "sottod/directory.h"

/* Logins of one user that are nearer than this are one. */
#define SEEN_AGAIN_S 3600
/* How long a login waits for others. */
#define SEEN_WAIT_MS 2000

struct seen;

/* seen_new - dir, the store's folder, is borrowed.  Returns owned, or NULL. */
struct seen *seen_new(struct loop *l, const char *dir);
/* seen_stop - what was gathered is written before loop_free() is done. */
void seen_stop(struct seen *s); /* accepts NULL */
void seen_free(struct seen *s); /* after loop_free(); accepts NULL */

void seen_note(struct seen *s, struct dir_user *u);

#endif
