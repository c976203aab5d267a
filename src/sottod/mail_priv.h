/*
 * mail_priv - what the loop and the pool hand to each other, for mail*.c.
 */
#ifndef SOTTOD_MAIL_PRIV_H
#define SOTTOD_MAIL_PRIV_H

#include "crypto/prekey.h"
#include "sottod/mail.h"
#include "sottod/mail_db.h"

/* One read brings so many messages, or so many bytes. */
#define READ_N     64
#define READ_BYTES (128 << 10)

struct mail_room {
	struct server *s;
	struct mail_db *db;
	uint64_t next_place;
	struct mail_op *ops, **tail; /* not begun; doubly linked by at */
	struct mail_op *running;
	size_t waiting;           /* PUTs without an answer */
	struct loop_pool *thread; /* one: commits do not wait behind logins */
	struct loop_job job;
	struct loop_timer *commit, *expire;
	int stopping;
};

enum mail_op_kind {
	OP_PUT,
	OP_CUT,
	OP_PUBLISH,
	OP_TAKE,
	OP_EXPIRE,
	OP_READ /* after the commit */
};

/* A message that was read, with its body behind it. */
struct mail_got {
	struct mail_got *next;
	struct mail mail;
};

/* A bundle, and behind its room a one-time key. */
#define MAIL_KEYS_MAX (PREKEY_BUNDLE_MAX + PREKEY_ONE_LEN)

struct mail_op {
	struct mail_op *next, **at;
	struct mail_op *box_next; /* PUT: the next to the same user */
	uint64_t due_ms;          /* ... it is run then, with all before it */
	uint64_t since_ms;        /* PUT: when it came */
	enum mail_op_kind kind;
	struct dir_user *user;   /* the loop's: whose mailbox; not EXPIRE */
	struct conn_handle conn; /* who waits for the answer */
	/* What the pool looks at, and what it says: */
	enum sotto_err e;
	struct name name;       /* of user */
	struct mail mail;       /* PUT */
	uint8_t *body;          /* owned: PUT, PUBLISH */
	int stored;             /* PUT */
	uint64_t place;         /* CUT; READ: behind which */
	struct mail_size freed; /* CUT, EXPIRE */
	struct mail_size told;  /* EXPIRE */
	uint64_t before, now;   /* EXPIRE */
	uint32_t id, epoch;     /* TAKE; PUBLISH */
	struct span bundle, ones;
	uint8_t *keys; /* owned: TAKE: MAIL_KEYS_MAX bytes */
	size_t keys_len, one_len;
	int want_stock; /* READ, PUBLISH, TAKE (of user) */
	struct mail_stock stock;
	struct mail_got *got, **got_tail; /* READ: owned */
	size_t n_got, got_bytes;
	int more; /* READ: it stopped before the end */
};

struct mail_op *mail_op_new(enum mail_op_kind kind, struct dir_user *u,
    const struct conn *c);
void mail_op_free(struct mail_op *op);

/* ---- mail.c ---- */
/* mail_reader - u's connection, if it has asked for mail; or NULL. */
struct conn *mail_reader(const struct dir_user *u);
void mail_say_stock(struct conn *c, const struct mail_stock *s);
/* mail_read_more - bring what is on the disk, behind what was sent. */
void mail_read_more(struct mail_room *r, struct dir_user *u, int want_stock);

/* ---- mail_queue.c ---- */
/* mail_add - Takes op; it is run within wait_ms. */
void mail_add(struct mail_room *r, struct mail_op *op, uint64_t wait_ms);
/* mail_take_out - Returns a PUT, the first of its box, to the caller. */
void mail_take_out(struct mail_room *r, struct mail_op *op);
/* mail_take_due - what is due and all before it, or NULL; the caller's. */
struct mail_op *mail_take_due(struct mail_room *r);

/* ---- mail_held.c ---- */
/* mail_is_held - could one of this connection to that receiver not be taken,
 * before this one?  When that very one comes again, all goes on. */
int mail_is_held(struct conn *c, const struct name *to, uint64_t ref);
/* mail_hold - that one could not be taken. */
void mail_hold(struct conn *c, const struct name *to, uint64_t ref);

/* ---- mail_keys.c ---- */
void mail_done_publish(struct mail_room *r, struct mail_op *op);
void mail_done_take(struct mail_room *r, struct mail_op *op);
void mail_done_expire(struct mail_room *r, const struct mail_op *op);
void mail_on_expire(void *ctx);
void mail_expire_start(struct mail_room *r);

/* ---- mail_run.c ---- */
/* mail_run - all of them, writes in one transaction; sets e of each. */
void mail_run(struct mail_db *db, struct mail_op *ops);

#endif
