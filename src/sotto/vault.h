/*
 * vault - the client's store, "sotto.db" in the profile's folder.
 *
 * Every row is sealed under a key out of the key file (XChaCha20-Poly1305) and
 * bound to its place; people are found by HMACs of their names.  A locked disk
 * tells how many people, chats and messages there are, not more.
 * contacts, history, outbox and sessions are the tables; this is what they
 * share.  Thread: the engine's.
 */
#ifndef SOTTO_VAULT_H
#define SOTTO_VAULT_H

#include "base/db.h"

#include "crypto/prim.h"

#define VAULT_SQL_MAX 64 /* different statements */

struct vault; /* secret inside */

/*
 * vault_open - Returns owned in *out.  err gets a sentence.
 * Errors:  those of db_open(); SOTTO_EAUTH: it belongs to another key file.
 */
enum sotto_err vault_open(struct vault **out, const char *dir,
    const struct key *master, const struct rng *g, char err[DB_ERR_MAX]);
void vault_close(struct vault *v); /* wipes; accepts NULL */
const char *vault_error(const struct vault *v);

/* One transaction at a time; without one, each write is its own. */
enum sotto_err vault_begin(struct vault *v);
enum sotto_err vault_commit(struct vault *v); /* an error: undo it */
void vault_undo(struct vault *v);

/*
 * vault_sql - a statement, made at its first use and kept; sql must be a
 * literal.  It is reset.  NULL: the database has failed.
 */
struct db_stmt *vault_sql(struct vault *v, const char *sql);
int64_t vault_last_id(struct vault *v); /* of the last INSERT */
int vault_changes(struct vault *v);

/* vault_id - by which a name or a word is found. */
void vault_id(struct hash *out, const struct vault *v, const char *kind,
    const char *key);

/* ---- sealed columns ---- */

/* NULL as the key: the vault's own, for rows of any kind. */

/* vault_bind - plain, sealed; what says what it is and where it belongs. */
enum sotto_err vault_bind(struct vault *v, struct db_stmt *st, int i,
    const struct key *k, struct span what, struct span plain);
/*
 * vault_column - the text of a sealed column, borrowed until the next call.
 * Errors:  SOTTO_EAUTH: it is damaged, or of another place.
 */
enum sotto_err vault_column(struct vault *v, struct span *out,
    struct db_stmt *st, int i, const struct key *k, struct span what);

/* vault_key - a key of that label, for keys below it. */
void vault_key(struct key *out, const struct vault *v, const char *label);
const struct rng *vault_rng(const struct vault *v);

/* ---- small values of the profile, e.g. "certificate" ---- */

/* SOTTO_EAGAIN: never put; SOTTO_EAUTH: damaged; SOTTO_ENOSPACE. */
enum sotto_err vault_get_value(struct vault *v, const char *key, uint8_t *out,
    size_t cap, size_t *n);
enum sotto_err vault_put_value(struct vault *v, const char *key,
    struct span value);
/* A number; 0 if it was never put. */
enum sotto_err vault_get_u64(struct vault *v, const char *key, uint64_t *out);
enum sotto_err vault_put_u64(struct vault *v, const char *key, uint64_t value);

#endif
