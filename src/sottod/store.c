#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "sottod/store_priv.h"

#define APP_ID 0x534f5452 /* "SOTR" */

/* Names and keys of revoked users stay taken for ever. */
static const char *const steps[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE user ("
	" name TEXT PRIMARY KEY,"
	" spki BLOB NOT NULL UNIQUE,"
	" device_cert BLOB NOT NULL,"
	" cert BLOB NOT NULL,"
	" cert_not_after INTEGER NOT NULL,"
	" token_id BLOB NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" last_login_at INTEGER NOT NULL DEFAULT 0,"
	" revoked_at INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
	"CREATE TABLE invite ("
	" id BLOB PRIMARY KEY,"
	" psk BLOB NOT NULL,"
	" name TEXT NOT NULL,"
	" label TEXT NOT NULL,"
	" made_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL,"
	" uses_left INTEGER NOT NULL) WITHOUT ROWID;",
};

static const struct db_schema schema = { APP_ID, steps, 1 };

enum sotto_err
store_open(struct store **out, const char *dir, char err[DB_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	struct store *s = calloc(1, sizeof(*s));
	enum sotto_err e;

	if (s == NULL)
		return SOTTO_ENOMEM;
	if ((e = file_join(path, dir, "sottod.db")) == SOTTO_OK)
		e = db_open(&s->db, path, &schema, err);
	if (e == SOTTO_OK)
		*out = s;
	else
		free(s);
	return e;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	db_close(s->db);
	free(s);
}

const char *
store_error(const struct store *s)
{
	return db_error(s->db);
}

enum sotto_err
store_relay_name(struct store *s, char out[CERT_RELAY_MAX + 1])
{
	struct db_stmt *st = NULL;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(s->db, "SELECT value FROM meta WHERE key = 'relay'",
	    &st);
	if (e != SOTTO_OK)
		return e;
	out[0] = '\0';
	if ((r = db_step(st)) == DB_ROW)
		(void)snprintf(out, CERT_RELAY_MAX + 1, "%s",
		    db_col_text(st, 0));
	db_stmt_free(st);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
store_set_relay_name(struct store *s, const char *name)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "INSERT OR IGNORE INTO meta (key, value) VALUES ('relay', ?1)",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, name);
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

/* ---- users ---- */

static int
read_user(struct db_stmt *st, struct store_user *u)
{
	memset(u, 0, sizeof(*u));
	if (name_parse(&u->name, span_str(db_col_text(st, 0))) != SOTTO_OK)
		return 0;
	u->spki = db_col_blob(st, 1);
	u->created_at = (uint64_t)db_col_int(st, 2);
	u->last_login_at = (uint64_t)db_col_int(st, 3);
	u->revoked_at = (uint64_t)db_col_int(st, 4);
	u->cert_not_after = (uint64_t)db_col_int(st, 5);
	return 1;
}

enum sotto_err
store_users(struct store *s, int (*fn)(void *ctx, const struct store_user *u),
    void *ctx)
{
	struct db_stmt *st = NULL;
	struct store_user u;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "SELECT name, spki, created_at, last_login_at, revoked_at,"
	    " cert_not_after FROM user ORDER BY name",
	    &st);
	if (e != SOTTO_OK)
		return e;
	while ((r = db_step(st)) == DB_ROW) {
		if (read_user(st, &u) && !fn(ctx, &u)) {
			db_reset(st);
			r = DB_DONE;
			break;
		}
	}
	db_stmt_free(st);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
store_find_user(struct store *s, struct store_user *out, const struct name *n)
{
	struct db_stmt *st = NULL;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "SELECT name, spki, created_at, last_login_at, revoked_at,"
	    " cert_not_after FROM user WHERE name = ?1",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, n->s);
	r = db_step(st);
	e = r == DB_FAILED ? SOTTO_EIO : SOTTO_EFORMAT;
	if (r == DB_ROW && read_user(st, out))
		e = SOTTO_OK;
	out->spki = (struct span){ NULL, 0 };
	db_stmt_free(st);
	return e;
}

/* One UPDATE of a user's number; *changed tells whether there was one. */
static enum sotto_err
update_user(struct store *s, const char *sql, const struct name *n,
    uint64_t value, int *changed)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	if ((e = db_prepare(s->db, sql, &st)) != SOTTO_OK)
		return e;
	db_bind_text(st, 1, n->s);
	db_bind_int(st, 2, (int64_t)value);
	e = db_run(st);
	*changed = db_changes(s->db);
	db_stmt_free(st);
	return e;
}

enum sotto_err
store_revoke(struct store *s, const struct name *n, uint64_t now)
{
	int changed = 0;
	enum sotto_err e;

	e = update_user(s,
	    "UPDATE user SET revoked_at = ?2"
	    " WHERE name = ?1 AND revoked_at = 0",
	    n, now, &changed);
	if (e != SOTTO_OK)
		return e;
	return changed > 0 ? SOTTO_OK : SOTTO_EFORMAT;
}

enum sotto_err
store_logged_in(struct store *s, const struct store_login *l, size_t n)
{
	enum sotto_err e = db_exec(s->db, "BEGIN IMMEDIATE");
	int changed;

	if (e != SOTTO_OK)
		return e;
	for (size_t i = 0; i < n && e == SOTTO_OK; i++)
		e = update_user(s,
		    "UPDATE user SET last_login_at = ?2 WHERE name = ?1",
		    &l[i].name, l[i].at, &changed);
	if (e == SOTTO_OK)
		e = db_exec(s->db, "COMMIT");
	if (e != SOTTO_OK)
		(void)db_exec(s->db, "ROLLBACK");
	return e;
}

enum sotto_err
store_renewed(struct store *s, const struct name *n, struct span cert,
    uint64_t not_after)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "UPDATE user SET cert = ?2, cert_not_after = ?3"
	    " WHERE name = ?1 AND revoked_at = 0",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_text(st, 1, n->s);
	db_bind_blob(st, 2, cert);
	db_bind_int(st, 3, (int64_t)not_after);
	e = db_run(st);
	if (e == SOTTO_OK && db_changes(s->db) != 1)
		e = SOTTO_EFORMAT;
	db_stmt_free(st);
	return e;
}

/* ---- enrolment ---- */

/* Who has that name, and is it that key?  0 nobody, 1 the same, 2 another,
 * 3 the same but revoked, -1 error. */
static int
owner_of(struct store *s, const struct store_enrol *e)
{
	struct db_stmt *st = NULL;
	int r = -1;
	enum db_row row;

	if (db_prepare(s->db,
		"SELECT spki = ?2, revoked_at FROM user WHERE name = ?1",
		&st) != SOTTO_OK)
		return -1;
	db_bind_text(st, 1, e->name.s);
	db_bind_blob(st, 2, e->spki);
	row = db_step(st);
	if (row == DB_DONE)
		r = 0;
	else if (row == DB_ROW && db_col_int(st, 0) == 0)
		r = 2;
	else if (row == DB_ROW)
		r = db_col_int(st, 1) != 0 ? 3 : 1;
	db_stmt_free(st);
	return r;
}

static int
key_is_used(struct store *s, struct span spki)
{
	struct db_stmt *st = NULL;
	enum db_row row;

	if (db_prepare(s->db, "SELECT 1 FROM user WHERE spki = ?1", &st) !=
	    SOTTO_OK)
		return -1;
	db_bind_blob(st, 1, spki);
	row = db_step(st);
	db_stmt_free(st);
	return row == DB_FAILED ? -1 : row == DB_ROW;
}

/* Did this user come in by this very invite? */
static int
came_with(struct store *s, const struct store_enrol *e)
{
	struct db_stmt *st = NULL;
	int r = 0;

	if (db_prepare(s->db,
		"SELECT 1 FROM user WHERE name = ?1 AND token_id = ?2",
		&st) != SOTTO_OK)
		return 0;
	db_bind_text(st, 1, e->name.s);
	db_bind_blob(st, 2, (struct span){ e->token_id, sizeof(e->token_id) });
	r = db_step(st) == DB_ROW;
	db_stmt_free(st);
	return r;
}

static enum hs_status
judge(struct store *s, const struct store_enrol *e, int *again, int *use)
{
	struct store_invite i;
	enum hs_status st = HS_WELCOME;
	int owner = owner_of(s, e), used = key_is_used(s, e->spki);

	*again = owner == 1;
	*use = 1;
	if (owner < 0 || used < 0 ||
	    store_find_invite(s, &i, e->token_id) != SOTTO_OK)
		return HS_STORE_FAILED;
	if (owner == 1 && came_with(s, e))
		*use = 0; /* the answer was lost; it was used then */
	if (i.name.s[0] != '\0' && !name_eq(&i.name, &e->name))
		st = HS_NAME_NOT_YOURS;
	else if (e->now >= i.expires_at || (*use && i.uses_left < 1))
		st = HS_INVITE_USED;
	else if (owner == 2)
		st = HS_NAME_TAKEN;
	else if (owner == 3)
		st = HS_REVOKED;
	else if (owner == 0 && used)
		st = HS_KEY_USED;
	WIPE(i);
	return st;
}

static enum sotto_err
write_user(struct store *s, const struct store_enrol *e, int again)
{
	static const char insert[] =
	    "INSERT INTO user (name, spki, device_cert, cert, cert_not_after,"
	    " token_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	static const char update[] =
	    "UPDATE user SET device_cert = ?3, cert = ?4, cert_not_after = ?5,"
	    " token_id = ?6 WHERE name = ?1 AND spki = ?2 AND ?7 = ?7";
	struct db_stmt *st = NULL;
	enum sotto_err r;

	if ((r = db_prepare(s->db, again ? update : insert, &st)) != SOTTO_OK)
		return r;
	db_bind_text(st, 1, e->name.s);
	db_bind_blob(st, 2, e->spki);
	db_bind_blob(st, 3, e->device_cert);
	db_bind_blob(st, 4, e->cert);
	db_bind_int(st, 5, (int64_t)e->cert_not_after);
	db_bind_blob(st, 6, (struct span){ e->token_id, sizeof(e->token_id) });
	db_bind_int(st, 7, (int64_t)e->now);
	r = db_run(st);
	db_stmt_free(st);
	return r;
}

static enum sotto_err
use_invite(struct store *s, const uint8_t id[INVITE_TOKEN_ID_LEN])
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "UPDATE invite SET uses_left = uses_left - 1"
	    " WHERE id = ?1 AND uses_left > 0",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_blob(st, 1, (struct span){ id, INVITE_TOKEN_ID_LEN });
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

enum sotto_err
store_enrol(struct store *s, const struct store_enrol *e,
    enum hs_status *status)
{
	int again, use;
	enum hs_status st;
	enum sotto_err r;

	if ((r = db_exec(s->db, "BEGIN IMMEDIATE")) != SOTTO_OK)
		return r;
	st = judge(s, e, &again, &use);
	if (st == HS_WELCOME) {
		r = write_user(s, e, again);
		if (r == SOTTO_OK && use)
			r = use_invite(s, e->token_id);
		if (r == SOTTO_OK)
			r = db_exec(s->db, "COMMIT");
	}
	if (st != HS_WELCOME || r != SOTTO_OK)
		(void)db_exec(s->db, "ROLLBACK");
	if (r == SOTTO_OK)
		*status = st;
	return r;
}
