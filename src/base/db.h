/*
 * db - SQLite for both programs: one file, write-ahead log, full sync, deleted
 * rows overwritten, a schema version with forward migrations in transactions.
 *
 * A handle belongs to one thread.  Every failure leaves a sentence in
 * db_error(); a full disk or a locked file is an error, never an abort.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include "base/bytes.h"

struct db;
struct db_stmt;

/*
 * What the file must be.  steps[i] is the SQL that makes version i + 1 out of
 * version i; n steps make the current version.
 */
struct db_schema {
	uint32_t app_id; /* PRAGMA application_id: whose file this is */
	const char *const *steps;
	int n;
};

#define DB_ERR_MAX 256

/*
 * db_open - open path, made with mode 0600 if it is missing, and migrate it.
 *
 * Errors:  SOTTO_EIO: cannot be opened or written; SOTTO_EFORMAT: not ours, or
 *          damaged; SOTTO_ESTATE: a newer version made it.  The file is left
 *          as it was, and err says the reason.
 */
enum sotto_err db_open(struct db **out, const char *path,
    const struct db_schema *schema, char err[DB_ERR_MAX]);

/*
 * db_copy - the database as it is now, whole and on the disk, to a file that is
 * not there yet; also while others write.
 * Errors:  SOTTO_EIO: err says why, and nothing is left of the copy.
 */
enum sotto_err db_copy(const char *path, const char *to, char err[DB_ERR_MAX]);

/*
 * db_check - is every page of it as it should be?  Nothing is changed; it may be
 * in use.  Errors:  SOTTO_EFORMAT: damaged, or no database; err says how.
 */
enum sotto_err db_check(const char *path, char err[DB_ERR_MAX]);

/* db_close - accepts NULL.  All statements must have been freed. */
void db_close(struct db *d);

/* db_error - the last failure in words; valid until the next call. */
const char *db_error(const struct db *d);

/* db_exec - statements without parameters or rows. */
enum sotto_err db_exec(struct db *d, const char *sql);

/* db_prepare - Returns owned in *out. */
enum sotto_err db_prepare(struct db *d, const char *sql, struct db_stmt **out);
void db_stmt_free(struct db_stmt *s); /* accepts NULL */

/*
 * Parameters count from 1, columns from 0.  Bind copies.  A bind that fails
 * shows at the next step.
 */
void db_bind_int(struct db_stmt *s, int i, int64_t v);
void db_bind_text(struct db_stmt *s, int i, const char *v);
void db_bind_blob(struct db_stmt *s, int i, struct span v);
void db_bind_null(struct db_stmt *s, int i);

enum db_row {
	DB_DONE,
	DB_ROW,
	DB_FAILED
};

/* db_step - after DB_DONE or DB_FAILED the statement is reset for reuse. */
enum db_row db_step(struct db_stmt *s);

/* db_run - step a statement that gives no row, e.g. INSERT. */
enum sotto_err db_run(struct db_stmt *s);

/* db_reset - give up the rows that are left. */
void db_reset(struct db_stmt *s);

int64_t db_col_int(struct db_stmt *s, int i);
/* The column borrows: valid until the next step or reset. */
struct span db_col_blob(struct db_stmt *s, int i);
const char *db_col_text(struct db_stmt *s, int i); /* never NULL */
int db_col_is_null(struct db_stmt *s, int i);

/* db_changes - rows that the last INSERT, UPDATE or DELETE touched. */
int db_changes(const struct db *d);

/* db_last_id - the rowid of the last INSERT. */
int64_t db_last_id(const struct db *d);

#endif
