/*
 * directory - who may log in and who is online, in memory.
 *
 * One atomic table: a name belongs to at most one connection, and the newest
 * proven login has it.  Thread: the loop's.
 */
#ifndef SOTTOD_DIRECTORY_H
#define SOTTOD_DIRECTORY_H

#include "base/name.h"

#include "crypto/rsa.h"
#include "net/wire.h"

struct conn;
struct mail_op; /* mail_priv.h */

/* A user's mailbox, as the loop sees it; see mail.h. */
struct dir_box {
	uint64_t n, bytes; /* messages that are kept, wherever they are */
	uint64_t sent;     /* place of the last that this connection got */
	uint64_t acked, acked_noted; /* by the user; and what the disk has */
	size_t waiting;              /* messages that are not on the disk yet */
	/* ... those of them that no job has begun with, oldest first: */
	struct mail_op *first, *last;
	struct mail_op *cut; /* ... and what is to be taken off the disk */
	int live;            /* nothing is on the disk that was not sent */
	int reading;         /* a read is under way */
};

struct dir_user {
	struct dir_user *next; /* in its bucket */
	struct name name;
	uint8_t spki[RSA_SPKI_MAX];
	size_t spki_len;
	int revoked;
	enum wire_state state;
	struct conn *conn; /* borrowed; NULL: offline */
	uint64_t noted_at; /* the last login that was stored */
	uint64_t news;     /* the round that tells of its last change */
	struct dir_box box;
};

struct directory;

struct directory *dir_new(void); /* Returns owned, or NULL */
void dir_free(struct directory *d);

/*
 * dir_put - a user as the store has it; new or changed.
 * Errors:  SOTTO_ENOMEM, SOTTO_EFORMAT (the key is too long).
 */
enum sotto_err dir_put(struct directory *d, const struct name *n,
    struct span spki, int revoked);

/* dir_find - NULL if nobody has that name; also a revoked user is found. */
struct dir_user *dir_find(struct directory *d, const struct name *n);

/* dir_claim - c has the name now.  Returns who had it before, or NULL. */
struct conn *dir_claim(struct directory *d, struct dir_user *u, struct conn *c);
/* dir_release - if c still has it: 1, the user is offline now. */
int dir_release(struct directory *d, struct dir_user *u, const struct conn *c);

size_t dir_n_users(const struct directory *d);
size_t dir_n_online(const struct directory *d);
/* dir_at - the i-th user, i < dir_n_users(); no user ever changes places. */
struct dir_user *dir_at(const struct directory *d, size_t i);

/*
 * dir_search - users, not revoked, whose name has pattern in it: up to
 * WIRE_FOUND_MAX into out.  *more tells whether there are others.
 */
size_t dir_search(const struct directory *d, struct span pattern,
    struct wire_person out[WIRE_FOUND_MAX], int *more);

#endif
