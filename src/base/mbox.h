/*
 * mbox - a bounded, owning mailbox between threads, with a pollable end.
 *
 * A message is any struct that starts with struct mbox_msg.  Posting moves the
 * ownership to the mailbox, taking moves it to the receiver.  A full mailbox
 * says SOTTO_EAGAIN and the sender keeps its message: back-pressure, never
 * growth.
 */
#ifndef BASE_MBOX_H
#define BASE_MBOX_H

#include <stddef.h>

#include "base/err.h"

struct mbox_msg {
	struct mbox_msg *next; /* the mailbox's, while it is inside */
	int type;              /* the receiver's enum */
	void (*free)(struct mbox_msg *m); /* frees and wipes; never NULL */
};

struct mbox;

/* mbox_new - room for cap messages.  Returns owned, or NULL. */
struct mbox *mbox_new(size_t cap);

/* mbox_free - also frees the messages still inside.  Accepts NULL. */
void mbox_free(struct mbox *b);

/*
 * mbox_post - Takes m on SOTTO_OK.
 * Errors:  SOTTO_EAGAIN: full; m is still the caller's.
 * Thread:  any.
 */
enum sotto_err mbox_post(struct mbox *b, struct mbox_msg *m);

/* mbox_take - Returns owned, oldest first, or NULL if empty.  Any thread. */
struct mbox_msg *mbox_take(struct mbox *b);

/* mbox_fd - readable while the mailbox may hold something; for poll(2). */
int mbox_fd(const struct mbox *b);

#endif
