#include "sotto/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/kdf.h"

#define APP_ID 0x534f5443 /* "SOTC" */

static const char *const steps[] = {
	"CREATE TABLE contact (id BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE value (id BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE seen (id BLOB PRIMARY KEY, at INTEGER NOT NULL)"
	" WITHOUT ROWID;",

	"CREATE TABLE chat (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL, draft BLOB);"
	/* A day is forgotten by forgetting its key. */
	"CREATE TABLE day (chat INTEGER NOT NULL, day INTEGER NOT NULL,"
	" sealed BLOB NOT NULL, PRIMARY KEY (chat, day)) WITHOUT ROWID;"
	"CREATE TABLE line (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" chat INTEGER NOT NULL, day INTEGER NOT NULL,"
	" mine INTEGER NOT NULL, msg INTEGER NOT NULL,"
	" unread INTEGER NOT NULL, sealed BLOB NOT NULL);"
	"CREATE INDEX line_chat ON line (chat, id);"
	"CREATE INDEX line_unread ON line (chat, id) WHERE unread;"
	"CREATE UNIQUE INDEX line_msg ON line (chat, mine, msg)"
	" WHERE msg <> 0;"
	"CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" chat INTEGER NOT NULL, line INTEGER NOT NULL,"
	" what INTEGER NOT NULL, ref INTEGER NOT NULL, type INTEGER NOT NULL,"
	" sealed BLOB NOT NULL, wire BLOB);"
	"CREATE UNIQUE INDEX outbox_ref ON outbox (ref) WHERE ref <> 0;"
	"CREATE TABLE session (id BLOB PRIMARY KEY, chat INTEGER NOT NULL,"
	" made INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE prekey (kind INTEGER NOT NULL, number INTEGER NOT NULL,"
	" sealed BLOB NOT NULL, PRIMARY KEY (kind, number)) WITHOUT ROWID;",

	"CREATE TABLE words (run INTEGER PRIMARY KEY, sealed BLOB NOT NULL);",
};

static const struct db_schema schema = { APP_ID, steps, 3 };

struct vault {
	struct db *db;
	struct rng g;
	struct key seal, index, master; /* secret */
	struct {
		const char *sql;
		struct db_stmt *st;
	} kept[VAULT_SQL_MAX];
	size_t n_kept;
	uint8_t *plain; /* secret: owned, of the last column */
	size_t plain_cap;
};

enum sotto_err
vault_open(struct vault **out, const char *dir, const struct key *master,
    const struct rng *g, char err[DB_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	struct vault *v = secret_alloc(sizeof(*v));
	struct prk p; /* secret */
	enum sotto_err e;

	if (v == NULL)
		return SOTTO_ENOMEM;
	memset(v, 0, sizeof(*v));
	v->g = *g;
	prk_init(&p, master);
	prk_key(&v->seal, &p, "contacts seal", NULL);
	prk_key(&v->index, &p, "contacts index", NULL);
	prk_key(&v->master, &p, "vault", NULL);
	WIPE(p);
	if ((e = file_join(path, dir, "sotto.db")) == SOTTO_OK)
		e = db_open(&v->db, path, &schema, err);
	if (e == SOTTO_OK)
		*out = v;
	else
		secret_free(v);
	return e;
}

static void
drop_plain(struct vault *v)
{
	if (v->plain != NULL)
		secret_wipe(v->plain, v->plain_cap);
	free(v->plain);
	v->plain = NULL;
	v->plain_cap = 0;
}

void
vault_close(struct vault *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->n_kept; i++)
		db_stmt_free(v->kept[i].st);
	db_close(v->db);
	drop_plain(v);
	secret_free(v);
}

const char *
vault_error(const struct vault *v)
{
	return db_error(v->db);
}

enum sotto_err
vault_begin(struct vault *v)
{
	return db_exec(v->db, "BEGIN IMMEDIATE");
}

enum sotto_err
vault_commit(struct vault *v)
{
	return db_exec(v->db, "COMMIT");
}

void
vault_undo(struct vault *v)
{
	(void)db_exec(v->db, "ROLLBACK");
}

struct db_stmt *
vault_sql(struct vault *v, const char *sql)
{
	struct db_stmt *st = NULL;

	for (size_t i = 0; i < v->n_kept; i++)
		if (v->kept[i].sql == sql) {
			db_reset(v->kept[i].st);
			return v->kept[i].st;
		}
	if (v->n_kept == VAULT_SQL_MAX ||
	    db_prepare(v->db, sql, &st) != SOTTO_OK)
		return NULL;
	v->kept[v->n_kept].sql = sql;
	v->kept[v->n_kept++].st = st;
	return st;
}

int64_t
vault_last_id(struct vault *v)
{
	return db_last_id(v->db);
}

int
vault_changes(struct vault *v)
{
	return db_changes(v->db);
}

void
vault_id(struct hash *out, const struct vault *v, const char *kind,
    const char *key)
{
	hmac_parts(out, SPAN(v->index.b),
	    (const struct span[]){ span_str(kind), span_str("/"),
		span_str(key) },
	    3);
}

/* ---- sealed columns ---- */

enum sotto_err
vault_bind(struct vault *v, struct db_stmt *st, int i, const struct key *k,
    struct span what, struct span plain)
{
	const size_t n = XCHACHA_NONCE + plain.n + AEAD_TAG_LEN;
	uint8_t *sealed = malloc(n);

	if (sealed == NULL)
		return SOTTO_ENOMEM;
	rng_fill(&v->g, sealed, XCHACHA_NONCE);
	xchacha_seal(sealed + XCHACHA_NONCE, k != NULL ? k : &v->seal, sealed,
	    what, plain);
	db_bind_blob(st, i, (struct span){ sealed, n });
	free(sealed);
	return SOTTO_OK;
}

enum sotto_err
vault_column(struct vault *v, struct span *out, struct db_stmt *st, int i,
    const struct key *k, struct span what)
{
	const struct span sealed = db_col_blob(st, i);
	size_t n;
	enum sotto_err e;

	if (sealed.n < XCHACHA_NONCE + AEAD_TAG_LEN)
		return SOTTO_EAUTH;
	n = sealed.n - XCHACHA_NONCE - AEAD_TAG_LEN;
	if (n + 1 > v->plain_cap) {
		drop_plain(v);
		if ((v->plain = malloc(2 * (n + 1))) == NULL)
			return SOTTO_ENOMEM;
		v->plain_cap = 2 * (n + 1);
	}
	e = xchacha_open(v->plain, k != NULL ? k : &v->seal, sealed.p, what,
	    (struct span){ sealed.p + XCHACHA_NONCE,
		sealed.n - XCHACHA_NONCE });
	if (e == SOTTO_OK)
		*out = (struct span){ v->plain, n };
	return e;
}

void
vault_key(struct key *out, const struct vault *v, const char *label)
{
	kdf_key(out, &v->master, label, NULL);
}

const struct rng *
vault_rng(const struct vault *v)
{
	return &v->g;
}

/* ---- values ---- */

enum sotto_err
vault_get_value(struct vault *v, const char *key, uint8_t *out, size_t cap,
    size_t *n)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT sealed FROM value WHERE id = ?1");
	struct span plain;
	struct hash id;
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "value", key);
	db_bind_blob(st, 1, SPAN(id.b));
	r = db_step(st);
	if (r != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = vault_column(v, &plain, st, 0, NULL, SPAN(id.b));
	db_reset(st);
	if (e != SOTTO_OK)
		return e;
	if (plain.n > cap)
		return SOTTO_ENOSPACE;
	if (plain.n > 0)
		memcpy(out, plain.p, plain.n);
	*n = plain.n;
	return SOTTO_OK;
}

enum sotto_err
vault_put_value(struct vault *v, const char *key, struct span value)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO value (id, sealed) VALUES (?1, ?2)"
	    " ON CONFLICT (id) DO UPDATE SET sealed = ?2");
	struct hash id;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "value", key);
	db_bind_blob(st, 1, SPAN(id.b));
	if ((e = vault_bind(v, st, 2, NULL, SPAN(id.b), value)) != SOTTO_OK)
		return e;
	return db_run(st);
}

enum sotto_err
vault_get_u64(struct vault *v, const char *key, uint64_t *out)
{
	uint8_t buf[8];
	struct rd r;
	size_t n = 0;
	enum sotto_err e = vault_get_value(v, key, buf, sizeof(buf), &n);

	*out = 0;
	if (e == SOTTO_EAGAIN)
		return SOTTO_OK;
	if (e != SOTTO_OK)
		return e;
	rd_init(&r, (struct span){ buf, n });
	*out = rd_u64(&r);
	return rd_end(&r) == SOTTO_OK ? SOTTO_OK : SOTTO_EAUTH;
}

enum sotto_err
vault_put_u64(struct vault *v, const char *key, uint64_t value)
{
	uint8_t buf[8];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u64(&w, value);
	return vault_put_value(v, key, wr_out(&w));
}
