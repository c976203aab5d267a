#include "base/db.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a writer waits for another process before it gives up. */
#define BUSY_MS 5000

struct db {
	sqlite3 *h;
};

struct db_stmt {
	sqlite3_stmt *h;
	int bind_failed;
};

const char *
db_error(const struct db *d)
{
	return sqlite3_errmsg(d->h);
}

enum sotto_err
db_exec(struct db *d, const char *sql)
{
	int rc = sqlite3_exec(d->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? SOTTO_OK : SOTTO_EIO;
}

enum sotto_err
db_prepare(struct db *d, const char *sql, struct db_stmt **out)
{
	struct db_stmt *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return SOTTO_ENOMEM;
	if (sqlite3_prepare_v3(d->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->h,
		NULL) != SQLITE_OK) {
		free(s);
		return SOTTO_EIO;
	}
	*out = s;
	return SOTTO_OK;
}

void
db_stmt_free(struct db_stmt *s)
{
	if (s == NULL)
		return;
	(void)sqlite3_finalize(s->h);
	free(s);
}

void
db_bind_int(struct db_stmt *s, int i, int64_t v)
{
	s->bind_failed |= sqlite3_bind_int64(s->h, i, v) != SQLITE_OK;
}

void
db_bind_text(struct db_stmt *s, int i, const char *v)
{
	s->bind_failed |=
	    sqlite3_bind_text(s->h, i, v, -1, SQLITE_TRANSIENT) != SQLITE_OK;
}

void
db_bind_blob(struct db_stmt *s, int i, struct span v)
{
	/* A NULL pointer would bind NULL; an empty blob is not NULL. */
	const void *p = v.n > 0 ? (const void *)v.p : "";

	s->bind_failed |=
	    sqlite3_bind_blob64(s->h, i, p, v.n, SQLITE_TRANSIENT) != SQLITE_OK;
}

void
db_bind_null(struct db_stmt *s, int i)
{
	s->bind_failed |= sqlite3_bind_null(s->h, i) != SQLITE_OK;
}

void
db_reset(struct db_stmt *s)
{
	(void)sqlite3_reset(s->h);
	(void)sqlite3_clear_bindings(s->h);
	s->bind_failed = 0;
}

enum db_row
db_step(struct db_stmt *s)
{
	int rc = s->bind_failed ? SQLITE_NOMEM : sqlite3_step(s->h);

	if (rc == SQLITE_ROW)
		return DB_ROW;
	db_reset(s);
	return rc == SQLITE_DONE ? DB_DONE : DB_FAILED;
}

enum sotto_err
db_run(struct db_stmt *s)
{
	enum db_row r = db_step(s);

	if (r == DB_ROW)
		db_reset(s);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

int64_t
db_col_int(struct db_stmt *s, int i)
{
	return sqlite3_column_int64(s->h, i);
}

struct span
db_col_blob(struct db_stmt *s, int i)
{
	const void *p = sqlite3_column_blob(s->h, i);
	int n = sqlite3_column_bytes(s->h, i);

	if (p == NULL || n < 0)
		return (struct span){ NULL, 0 };
	return (struct span){ p, (size_t)n };
}

const char *
db_col_text(struct db_stmt *s, int i)
{
	const unsigned char *t = sqlite3_column_text(s->h, i);

	return t == NULL ? "" : (const char *)t;
}

int
db_col_is_null(struct db_stmt *s, int i)
{
	return sqlite3_column_type(s->h, i) == SQLITE_NULL;
}

int64_t
db_last_id(const struct db *d)
{
	return sqlite3_last_insert_rowid(d->h);
}

int
db_changes(const struct db *d)
{
	return sqlite3_changes(d->h);
}

/* One number from a PRAGMA, or -1. */
static int64_t
ask_number(struct db *d, const char *sql)
{
	struct db_stmt *s = NULL;
	int64_t v = -1;

	if (db_prepare(d, sql, &s) != SOTTO_OK)
		return -1;
	if (db_step(s) == DB_ROW)
		v = db_col_int(s, 0);
	db_stmt_free(s);
	return v;
}

static enum sotto_err
migrate_step(struct db *d, const struct db_schema *sc, int version)
{
	char sql[128];
	enum sotto_err e;

	if ((e = db_exec(d, "BEGIN IMMEDIATE")) != SOTTO_OK)
		return e;
	/* Another process may have done this step while we waited. */
	if (ask_number(d, "PRAGMA user_version") != version)
		return db_exec(d, "ROLLBACK");
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA application_id = %u; PRAGMA user_version = %d",
	    (unsigned)sc->app_id, version + 1);
	if ((e = db_exec(d, sc->steps[version])) == SOTTO_OK &&
	    (e = db_exec(d, sql)) == SOTTO_OK)
		e = db_exec(d, "COMMIT");
	if (e != SOTTO_OK)
		(void)db_exec(d, "ROLLBACK");
	return e;
}

static enum sotto_err
migrate(struct db *d, const struct db_schema *sc, char err[DB_ERR_MAX])
{
	int64_t app = ask_number(d, "PRAGMA application_id");
	int64_t version = ask_number(d, "PRAGMA user_version");
	int64_t tables = ask_number(d, "SELECT count(*) FROM sqlite_master");
	enum sotto_err e;

	if (app < 0 || version < 0 || tables < 0) {
		(void)snprintf(err, DB_ERR_MAX, "%s", db_error(d));
		return SOTTO_EFORMAT;
	}
	if (tables > 0 && app != (int64_t)sc->app_id) {
		(void)snprintf(err, DB_ERR_MAX,
		    "it is the database of another program");
		return SOTTO_EFORMAT;
	}
	if (version > sc->n) {
		(void)snprintf(err, DB_ERR_MAX,
		    "a newer version made it (schema %d, this one knows %d)",
		    (int)version, sc->n);
		return SOTTO_ESTATE;
	}
	for (int v = (int)version; v < sc->n; v++) {
		if ((e = migrate_step(d, sc, v)) != SOTTO_OK) {
			(void)snprintf(err, DB_ERR_MAX, "%s", db_error(d));
			return e;
		}
	}
	return SOTTO_OK;
}

/* SQLite makes files with the umask's mode; ours are private from byte 0. */
static enum sotto_err
make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	/* A file that is there is not opened: closing it again would drop the
	 * locks that another handle of this process has on it (fcntl(2)). */
	if (fd < 0)
		return errno == EEXIST ? SOTTO_OK : SOTTO_EIO;
	(void)close(fd);
	return SOTTO_OK;
}

enum sotto_err
db_open(struct db **out, const char *path, const struct db_schema *schema,
    char err[DB_ERR_MAX])
{
	struct db *d = calloc(1, sizeof(*d));
	enum sotto_err e;
	int rc;

	if (d == NULL)
		return SOTTO_ENOMEM;
	if ((e = make_private(path)) != SOTTO_OK) {
		(void)snprintf(err, DB_ERR_MAX, "cannot open or create it");
		goto out;
	}
	rc = sqlite3_open_v2(path, &d->h,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL);
	if (rc != SQLITE_OK) {
		(void)snprintf(err, DB_ERR_MAX, "%s", sqlite3_errstr(rc));
		e = SOTTO_EIO;
		goto out;
	}
	(void)sqlite3_busy_timeout(d->h, BUSY_MS);
	e = db_exec(d,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;"
	    "PRAGMA trusted_schema = OFF");
	if (e != SOTTO_OK) {
		(void)snprintf(err, DB_ERR_MAX, "%s", db_error(d));
		e = sqlite3_errcode(d->h) == SQLITE_NOTADB ? SOTTO_EFORMAT : e;
		goto out;
	}
	e = migrate(d, schema, err);
out:
	if (e == SOTTO_OK)
		*out = d;
	else
		db_close(d);
	return e;
}

static enum sotto_err
sync_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), bad;

	if (fd < 0)
		return SOTTO_EIO;
	bad = fchmod(fd, 0600) != 0 || fsync(fd) != 0;
	return close(fd) != 0 || bad ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
db_copy(const char *path, const char *to, char err[DB_ERR_MAX])
{
	struct db d = { NULL };
	struct db_stmt *st = NULL;
	enum sotto_err e = SOTTO_EIO;
	int rc;

	if (access(to, F_OK) == 0) {
		(void)snprintf(err, DB_ERR_MAX, "it is there already");
		return SOTTO_EIO;
	}
	rc = sqlite3_open_v2(path, &d.h, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK &&
	    sqlite3_busy_timeout(d.h, BUSY_MS) == SQLITE_OK &&
	    db_prepare(&d, "VACUUM INTO ?1", &st) == SOTTO_OK) {
		db_bind_text(st, 1, to);
		e = db_run(st);
	}
	if (e != SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s",
		    d.h != NULL ? db_error(&d) : "memory ran out");
	db_stmt_free(st);
	(void)sqlite3_close(d.h);
	if (e == SOTTO_OK && (e = sync_file(to)) != SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s", strerror(errno));
	if (e != SOTTO_OK)
		(void)unlink(to);
	return e;
}

enum sotto_err
db_check(const char *path, char err[DB_ERR_MAX])
{
	struct db d = { NULL };
	struct db_stmt *st = NULL;
	enum sotto_err e = SOTTO_EFORMAT;
	struct span said;

	(void)snprintf(err, DB_ERR_MAX, "it cannot be opened");
	if (sqlite3_open_v2(path, &d.h, SQLITE_OPEN_READWRITE, NULL) ==
		SQLITE_OK &&
	    sqlite3_busy_timeout(d.h, BUSY_MS) == SQLITE_OK) {
		if (db_prepare(&d, "PRAGMA integrity_check(1)", &st) !=
			SOTTO_OK ||
		    db_step(st) != DB_ROW) {
			(void)snprintf(err, DB_ERR_MAX, "%s", db_error(&d));
		} else {
			said = db_col_blob(st, 0);
			(void)snprintf(err, DB_ERR_MAX, "%.*s", (int)said.n,
			    (const char *)said.p);
			e = span_eq(said, span_str("ok")) ? SOTTO_OK
							  : SOTTO_EFORMAT;
		}
	}
	db_stmt_free(st);
	(void)sqlite3_close(d.h);
	return e;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	(void)sqlite3_close(d->h);
	free(d);
}
