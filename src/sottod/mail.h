/*
 * mail - messages for people, on their way or kept until they come.
 *
 * A message to be stored is answered when it is on the disk, or when its
 * receiver has said that it is on his: whichever comes first.  Commits are made
 * for many messages at once, on the pool; the loop never waits for the disk.
 * One who is online and has all that was kept gets each message at once.
 * Thread: the loop's.
 */
#ifndef SOTTOD_MAIL_H
#define SOTTOD_MAIL_H

#include "sottod/conn.h"

struct mail_room;

/* mail_room_open - Returns owned in *out.  err gets a sentence. */
enum sotto_err mail_room_open(struct mail_room **out, struct server *s,
    char err[DB_ERR_MAX]);
/* mail_room_stop - before the loop ends; accepts NULL. */
void mail_room_stop(struct mail_room *r);
/* mail_room_free - writes what is left; after the loop.  Accepts NULL. */
void mail_room_free(struct mail_room *r);

/* mail_waiting - messages that are on no disk yet. */
size_t mail_waiting(const struct mail_room *r);

/*
 * mail_post - msg as it came from c, m what is in it: a message of a type that
 * is stored.  WIRE_SENT comes later, or at once if it cannot be taken.
 */
void mail_post(struct conn *c, const struct wire_relay *m, struct span msg,
    size_t pad);

/* mail_watch - c's user is ready: WIRE_STOCK, and all that was kept. */
void mail_watch(struct conn *c);
/* mail_ack - all up to place is c's user's own now. */
void mail_ack(struct conn *c, uint64_t place);
/* mail_left - u is not online any more. */
void mail_left(struct server *s, struct dir_user *u);

/* mail_publish, mail_fetch - prekeys; WIRE_STOCK or WIRE_KEYS comes later. */
void mail_publish(struct conn *c, const struct wire_cmd *cmd);
void mail_fetch(struct conn *c, const struct wire_cmd *cmd);

#endif
