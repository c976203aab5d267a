#include "sottod/mail_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#include "crypto/prekey.h"

#define APP_ID 0x534f544d /* "SOTM" */

static const char *const steps[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('place', 1);"
	"CREATE TABLE mail ("
	" place INTEGER PRIMARY KEY,"
	" receiver TEXT NOT NULL,"
	" sender TEXT NOT NULL,"
	" ref INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" at INTEGER NOT NULL,"
	" body BLOB NOT NULL,"
	" UNIQUE (receiver, sender, ref, type));"
	"CREATE INDEX mail_of ON mail (receiver, place);"
	"CREATE INDEX mail_at ON mail (at);"
	"CREATE TABLE box (user TEXT PRIMARY KEY, acked INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE bundle (user TEXT PRIMARY KEY, epoch INTEGER NOT NULL,"
	" body BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE one (user TEXT NOT NULL, number INTEGER NOT NULL,"
	" body BLOB NOT NULL, PRIMARY KEY (user, number)) WITHOUT ROWID;",
};

static const struct db_schema schema = { APP_ID, steps, 1 };

/* The statements that every message needs; made once. */
enum stmt {
	ST_PUT,
	ST_CUT_SIZE,
	ST_CUT,
	ST_ACKED,
	ST_READ,
	ST_STOCK,
	ST_COUNT
};

static const char *const sql[ST_COUNT] = {
	[ST_PUT] = "INSERT OR IGNORE INTO mail"
		   " (place, receiver, sender, ref, type, at, body)"
		   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[ST_CUT_SIZE] = "SELECT count(*), total(length(body)) FROM mail"
			" WHERE receiver = ?1 AND place <= ?2",
	[ST_CUT] = "DELETE FROM mail WHERE receiver = ?1 AND place <= ?2",
	[ST_ACKED] = "INSERT INTO box (user, acked) VALUES (?1, ?2)"
		     " ON CONFLICT (user) DO UPDATE SET"
		     " acked = max(acked, ?2)",
	[ST_READ] = "SELECT place, sender, ref, type, at, body FROM mail"
		    " WHERE receiver = ?1 AND place > ?2 ORDER BY place",
	[ST_STOCK] = "SELECT"
		     " (SELECT epoch FROM bundle WHERE user = ?1),"
		     " (SELECT count(*) FROM one WHERE user = ?1),"
		     " (SELECT acked FROM box WHERE user = ?1)",
};

struct mail_db {
	struct db *db;
	struct db_stmt *st[ST_COUNT];
};

/* Numbers are reserved in advance, so that a crash repeats none. */
static enum sotto_err
reserve(struct mail_db *m, uint64_t *place)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(m->db, "SELECT value FROM meta WHERE key = 'place'",
	    &st);
	if (e != SOTTO_OK)
		return e;
	if (db_step(st) == DB_ROW)
		*place = (uint64_t)db_col_int(st, 0);
	else
		e = SOTTO_EIO;
	db_stmt_free(st);
	if (e == SOTTO_OK)
		e = db_exec(m->db,
		    "UPDATE meta SET value = value + 4294967296"
		    " WHERE key = 'place'");
	return e;
}

enum sotto_err
mail_db_open(struct mail_db **out, const char *dir, uint64_t *place,
    char err[DB_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	struct mail_db *m = calloc(1, sizeof(*m));
	enum sotto_err e;

	if (m == NULL)
		return SOTTO_ENOMEM;
	if ((e = file_join(path, dir, "mail.db")) == SOTTO_OK)
		e = db_open(&m->db, path, &schema, err);
	for (size_t i = 0; e == SOTTO_OK && i < ST_COUNT; i++)
		e = db_prepare(m->db, sql[i], &m->st[i]);
	if (e == SOTTO_OK && (e = reserve(m, place)) != SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s", db_error(m->db));
	if (e == SOTTO_OK)
		*out = m;
	else
		mail_db_close(m);
	return e;
}

void
mail_db_close(struct mail_db *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < ST_COUNT; i++)
		db_stmt_free(m->st[i]);
	db_close(m->db);
	free(m);
}

enum sotto_err
mail_db_restored(const char *dir, char err[DB_ERR_MAX])
{
	struct mail_db *m = NULL;
	uint64_t at;
	enum sotto_err e = mail_db_open(&m, dir, &at, err);

	if (e == SOTTO_OK &&
	    (e = db_exec(m->db,
		 "BEGIN IMMEDIATE; DELETE FROM bundle; DELETE FROM one;"
		 "UPDATE meta SET value = value + (1 << 52); COMMIT")) !=
		SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s", db_error(m->db));
	mail_db_close(m);
	return e;
}

const char *
mail_db_error(const struct mail_db *m)
{
	return db_error(m->db);
}

enum sotto_err
mail_db_begin(struct mail_db *m)
{
	return db_exec(m->db, "BEGIN IMMEDIATE");
}

enum sotto_err
mail_db_end(struct mail_db *m, int commit)
{
	enum sotto_err e = SOTTO_OK;

	if (commit && (e = db_exec(m->db, "COMMIT")) == SOTTO_OK)
		return SOTTO_OK;
	(void)db_exec(m->db, "ROLLBACK");
	return e;
}

/* ---- messages ---- */

enum sotto_err
mail_db_put(struct mail_db *m, const struct mail *one, int *stored)
{
	struct db_stmt *st = m->st[ST_PUT];
	enum sotto_err e;

	db_bind_int(st, 1, (int64_t)one->place);
	db_bind_text(st, 2, one->to.s);
	db_bind_text(st, 3, one->from.s);
	db_bind_int(st, 4, (int64_t)one->ref);
	db_bind_int(st, 5, one->type);
	db_bind_int(st, 6, (int64_t)one->at);
	db_bind_blob(st, 7, one->body);
	if ((e = db_run(st)) == SOTTO_OK)
		*stored = db_changes(m->db) > 0;
	return e;
}

enum sotto_err
mail_db_cut(struct mail_db *m, const struct name *user, uint64_t place,
    struct mail_size *freed)
{
	struct db_stmt *st = m->st[ST_CUT_SIZE];
	enum sotto_err e = SOTTO_OK;

	db_bind_text(st, 1, user->s);
	db_bind_int(st, 2, (int64_t)place);
	if (db_step(st) == DB_ROW) {
		freed->user = *user;
		freed->n = (uint64_t)db_col_int(st, 0);
		freed->bytes = (uint64_t)db_col_int(st, 1);
	} else {
		e = SOTTO_EIO;
	}
	db_reset(st);
	if (e != SOTTO_OK)
		return e;
	for (int i = freed->n > 0 ? ST_CUT : ST_ACKED; i <= ST_ACKED; i++) {
		st = m->st[i];
		db_bind_text(st, 1, user->s);
		db_bind_int(st, 2, (int64_t)place);
		if ((e = db_run(st)) != SOTTO_OK)
			return e;
	}
	return SOTTO_OK;
}

/* 0: the row is not one of ours. */
static int
read_mail(struct db_stmt *st, struct mail *m)
{
	const int64_t type = db_col_int(st, 3);

	if (name_parse(&m->from, span_str(db_col_text(st, 1))) != SOTTO_OK ||
	    type < CHAT_END || type > CHAT_EXPIRED)
		return 0;
	m->place = (uint64_t)db_col_int(st, 0);
	m->ref = (uint64_t)db_col_int(st, 2);
	m->type = (enum chat_type)type;
	m->at = (uint64_t)db_col_int(st, 4);
	m->body = db_col_blob(st, 5);
	return 1;
}

enum sotto_err
mail_db_read(struct mail_db *m, const struct name *user, uint64_t after,
    int (*fn)(void *ctx, const struct mail *one), void *ctx)
{
	struct db_stmt *st = m->st[ST_READ];
	struct mail one = { .to = *user };
	enum db_row r;

	db_bind_text(st, 1, user->s);
	db_bind_int(st, 2, (int64_t)after);
	while ((r = db_step(st)) == DB_ROW)
		if (read_mail(st, &one) && !fn(ctx, &one))
			break;
	db_reset(st);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
mail_db_sizes(struct mail_db *m,
    void (*fn)(void *ctx, const struct mail_size *s), void *ctx)
{
	struct db_stmt *st = NULL;
	struct mail_size s;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(m->db,
	    "SELECT receiver, count(*), total(length(body)) FROM mail"
	    " GROUP BY receiver",
	    &st);
	if (e != SOTTO_OK)
		return e;
	while ((r = db_step(st)) == DB_ROW) {
		if (name_parse(&s.user, span_str(db_col_text(st, 0))) !=
		    SOTTO_OK)
			continue;
		s.n = (uint64_t)db_col_int(st, 1);
		s.bytes = (uint64_t)db_col_int(st, 2);
		fn(ctx, &s);
	}
	db_stmt_free(st);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

/* The oldest message from before that time. */
static enum sotto_err
oldest(struct mail_db *m, uint64_t before, struct mail *out, uint64_t *len)
{
	struct db_stmt *st = NULL;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(m->db,
	    "SELECT place, sender, ref, type, at, x'', receiver, length(body)"
	    " FROM mail WHERE at < ?1 ORDER BY at LIMIT 1",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_int(st, 1, (int64_t)before);
	if ((r = db_step(st)) == DB_ROW) {
		*len = (uint64_t)db_col_int(st, 7);
		e = read_mail(st, out) &&
			name_parse(&out->to, span_str(db_col_text(st, 6))) ==
			    SOTTO_OK
		    ? SOTTO_OK
		    : SOTTO_EFORMAT;
	} else {
		e = r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	}
	db_stmt_free(st);
	return e;
}

enum sotto_err
mail_db_expire(struct mail_db *m, uint64_t before, uint64_t now, uint64_t place,
    struct mail_size *freed, struct mail_size *told)
{
	struct db_stmt *st = NULL;
	struct mail old, note;
	uint8_t ref[8];
	struct wr w;
	uint64_t len;
	int stored = 0;
	enum sotto_err e;

	if ((e = oldest(m, before, &old, &len)) != SOTTO_OK)
		return e;
	*freed = (struct mail_size){ old.to, 1, len };
	*told = (struct mail_size){ old.from, 0, 0 };
	e = db_prepare(m->db, "DELETE FROM mail WHERE place = ?1", &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_int(st, 1, (int64_t)old.place);
	e = db_run(st);
	db_stmt_free(st);
	if (e != SOTTO_OK || old.type == CHAT_EXPIRED)
		return e; /* of a notice nobody is told */
	wr_init(&w, ref, sizeof(ref));
	wr_u64(&w, old.ref);
	note = (struct mail){ .place = place,
		.to = old.from,
		.from = old.to,
		.ref = old.ref,
		.type = CHAT_EXPIRED,
		.at = now,
		.body = wr_out(&w) };
	if ((e = mail_db_put(m, &note, &stored)) == SOTTO_OK && stored) {
		told->n = 1;
		told->bytes = sizeof(ref);
	}
	return e;
}

/* ---- prekeys ---- */

static enum sotto_err
put_bundle(struct mail_db *m, const struct name *user, uint32_t epoch,
    struct span bundle)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(m->db,
	    "INSERT INTO bundle (user, epoch, body) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (user) DO UPDATE SET epoch = ?2, body = ?3",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, user->s);
	db_bind_int(st, 2, epoch);
	db_bind_blob(st, 3, bundle);
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

static enum sotto_err
drop_ones(struct mail_db *m, const struct name *user)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(m->db, "DELETE FROM one WHERE user = ?1", &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, user->s);
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

static uint32_t
number_of(const uint8_t *one)
{
	struct rd r;

	rd_init(&r, (struct span){ one, PREKEY_ONE_LEN });
	return rd_u32(&r);
}

enum sotto_err
mail_db_publish(struct mail_db *m, const struct name *user, uint32_t epoch,
    struct span bundle, struct span ones)
{
	struct db_stmt *st = NULL;
	enum sotto_err e = SOTTO_OK;

	if (bundle.n > 0 &&
	    (e = put_bundle(m, user, epoch, bundle)) == SOTTO_OK)
		e = drop_ones(m, user);
	if (e != SOTTO_OK || ones.n == 0)
		return e;
	e = db_prepare(m->db,
	    "INSERT OR IGNORE INTO one (user, number, body)"
	    " SELECT ?1, ?2, ?3 WHERE"
	    " (SELECT count(*) FROM one WHERE user = ?1) < ?4",
	    &st);
	for (size_t i = 0; e == SOTTO_OK && i + PREKEY_ONE_LEN <= ones.n;
	     i += PREKEY_ONE_LEN) {
		db_bind_text(st, 1, user->s);
		db_bind_int(st, 2, number_of(ones.p + i));
		db_bind_blob(st, 3,
		    (struct span){ ones.p + i, PREKEY_ONE_LEN });
		db_bind_int(st, 4, PREKEY_ONE_MAX);
		e = db_run(st);
	}
	db_stmt_free(st);
	return e;
}

enum sotto_err
mail_db_stock(struct mail_db *m, const struct name *user,
    struct mail_stock *out)
{
	struct db_stmt *st = m->st[ST_STOCK];
	enum sotto_err e = SOTTO_EIO;

	db_bind_text(st, 1, user->s);
	if (db_step(st) == DB_ROW) {
		out->epoch = (uint32_t)db_col_int(st, 0);
		out->n_ones = (unsigned)db_col_int(st, 1);
		out->acked = (uint64_t)db_col_int(st, 2);
		e = SOTTO_OK;
	}
	db_reset(st);
	return e;
}

/* A column into room for cap bytes; SOTTO_EAGAIN: no row. */
static enum sotto_err
one_blob(struct mail_db *m, const char *query, const struct name *user,
    uint8_t *out, size_t cap, size_t *n)
{
	struct db_stmt *st = NULL;
	enum db_row r;
	enum sotto_err e;

	*n = 0;
	if ((e = db_prepare(m->db, query, &st)) != SOTTO_OK)
		return e;
	db_bind_text(st, 1, user->s);
	if ((r = db_step(st)) == DB_ROW) {
		const struct span s = db_col_blob(st, 0);

		if (s.n <= cap) {
			memcpy(out, s.p, s.n);
			*n = s.n;
		} else {
			e = SOTTO_EFORMAT;
		}
	} else {
		e = r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	}
	db_stmt_free(st);
	return e;
}

enum sotto_err
mail_db_take(struct mail_db *m, const struct name *user, uint8_t *bundle,
    size_t cap, size_t *bundle_len, uint8_t *one, size_t *one_len)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = one_blob(m, "SELECT body FROM bundle WHERE user = ?1", user, bundle,
	    cap, bundle_len);
	if (e != SOTTO_OK)
		return e;
	e = one_blob(m,
	    "SELECT body FROM one WHERE user = ?1 ORDER BY number LIMIT 1",
	    user, one, PREKEY_ONE_LEN, one_len);
	if (e == SOTTO_EAGAIN)
		return SOTTO_OK;
	if (e != SOTTO_OK)
		return e;
	e = db_prepare(m->db, "DELETE FROM one WHERE user = ?1 AND number = ?2",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, user->s);
	db_bind_int(st, 2, number_of(one));
	e = db_run(st);
	db_stmt_free(st);
	return e;
}
