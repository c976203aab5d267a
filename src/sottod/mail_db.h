/*
 * mail_db - what the relay keeps for people who are away: sealed messages and
 * prekeys, in mail.db.  Of a message it has who, to whom, when, how long.
 *
 * Thread: one at a time; each call is one transaction's part, between
 * mail_db_begin() and mail_db_end().  Times are seconds since 1970.
 */
#ifndef SOTTOD_MAIL_DB_H
#define SOTTOD_MAIL_DB_H

#include "base/db.h"
#include "base/name.h"

#include "crypto/chat.h"

struct mail_db;

/*
 * mail_db_open - *place gets a number that is above all that were ever given
 * out; 2^32 more are free.  Returns owned in *out.  err gets a sentence.
 */
enum sotto_err mail_db_open(struct mail_db **out, const char *dir,
    uint64_t *place, char err[DB_ERR_MAX]);
void mail_db_close(struct mail_db *m); /* accepts NULL */
/*
 * mail_db_restored - the mail.db in dir, if there is one, is an old copy: no
 * place is given twice, and prekeys, which may have been used since, are gone;
 * their owners bring new ones.
 */
enum sotto_err mail_db_restored(const char *dir, char err[DB_ERR_MAX]);
const char *mail_db_error(const struct mail_db *m);

enum sotto_err mail_db_begin(struct mail_db *m);
/* mail_db_end - commit, or undo all since mail_db_begin(). */
enum sotto_err mail_db_end(struct mail_db *m, int commit);

struct mail {
	uint64_t place; /* rises */
	struct name to, from;
	uint64_t ref; /* the sender's; the same again is not stored */
	enum chat_type type;
	uint64_t at;
	struct span body; /* borrows */
};

/* mail_db_put - *stored: 0 if that ref of that sender was there already. */
enum sotto_err mail_db_put(struct mail_db *m, const struct mail *one,
    int *stored);

/* How much of a mailbox something was. */
struct mail_size {
	struct name user;
	uint64_t n, bytes;
};

/* mail_db_cut - the user has all up to place; what that freed. */
enum sotto_err mail_db_cut(struct mail_db *m, const struct name *user,
    uint64_t place, struct mail_size *freed);

/* mail_db_read - those behind place, in order, until fn answers 0. */
enum sotto_err mail_db_read(struct mail_db *m, const struct name *user,
    uint64_t after, int (*fn)(void *ctx, const struct mail *one), void *ctx);

/* mail_db_sizes - call fn for each mailbox. */
enum sotto_err mail_db_sizes(struct mail_db *m,
    void (*fn)(void *ctx, const struct mail_size *s), void *ctx);

/*
 * mail_db_expire - take out one message from before that time, and tell its
 * sender in his own mailbox, at `place`.  SOTTO_EAGAIN: there is none.
 */
enum sotto_err mail_db_expire(struct mail_db *m, uint64_t before, uint64_t now,
    uint64_t place, struct mail_size *freed, struct mail_size *told);

/* ---- prekeys ---- */

/* mail_db_publish - bundle empty: as it was; a new one ends all one-time keys
 * before it.  Of the one-time keys (each
 * PREKEY_ONE_LEN bytes) at most PREKEY_ONE_MAX are kept. */
enum sotto_err mail_db_publish(struct mail_db *m, const struct name *user,
    uint32_t epoch, struct span bundle, struct span ones);

struct mail_stock {
	uint32_t epoch; /* 0: no bundle */
	unsigned n_ones;
	uint64_t acked; /* of mail_db_cut() */
};
enum sotto_err mail_db_stock(struct mail_db *m, const struct name *user,
    struct mail_stock *out);

/*
 * mail_db_take - that user's bundle, and a one-time key, which is gone then;
 * *one_len is 0 if none was left.  SOTTO_EAGAIN: no bundle.
 */
enum sotto_err mail_db_take(struct mail_db *m, const struct name *user,
    uint8_t *bundle, size_t cap, size_t *bundle_len, uint8_t *one,
    size_t *one_len);

#endif
