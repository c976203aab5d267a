/* Invites in the store; see store.h. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"

#include "sottod/store_priv.h"

enum sotto_err
store_add_invite(struct store *s, const struct store_invite *i)
{
	struct db_stmt *st = NULL;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "INSERT INTO invite (id, psk, name, label, made_at, expires_at,"
	    " uses_left) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_blob(st, 1, SPAN(i->id));
	db_bind_blob(st, 2, SPAN(i->psk.b));
	db_bind_text(st, 3, i->name.s);
	db_bind_text(st, 4, i->label);
	db_bind_int(st, 5, (int64_t)i->made_at);
	db_bind_int(st, 6, (int64_t)i->expires_at);
	db_bind_int(st, 7, i->uses_left);
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

int
store_has_invites(struct store *s)
{
	struct db_stmt *st = NULL;
	int n = -1;

	if (db_prepare(s->db,
		"SELECT EXISTS (SELECT 1 FROM invite) OR"
		" EXISTS (SELECT 1 FROM user)",
		&st) != SOTTO_OK)
		return -1;
	if (db_step(st) == DB_ROW)
		n = db_col_int(st, 0) != 0;
	db_stmt_free(st);
	return n;
}

unsigned
store_open_invites(struct store *s, uint64_t now)
{
	struct db_stmt *st = NULL;
	unsigned n = 0;

	if (db_prepare(s->db,
		"SELECT count(*) FROM invite"
		" WHERE uses_left > 0 AND expires_at > ?1",
		&st) != SOTTO_OK)
		return 0;
	db_bind_int(st, 1, (int64_t)now);
	if (db_step(st) == DB_ROW)
		n = (unsigned)db_col_int(st, 0);
	db_stmt_free(st);
	return n;
}

enum sotto_err
store_find_invite(struct store *s, struct store_invite *out,
    const uint8_t id[INVITE_TOKEN_ID_LEN])
{
	struct db_stmt *st = NULL;
	struct store_invite i;
	struct span psk;
	enum db_row r;
	enum sotto_err e;

	e = db_prepare(s->db,
	    "SELECT psk, name, label, made_at, expires_at, uses_left"
	    " FROM invite WHERE id = ?1",
	    &st);
	if (e != SOTTO_OK)
		return e;
	db_bind_blob(st, 1, (struct span){ id, INVITE_TOKEN_ID_LEN });
	e = SOTTO_EFORMAT;
	if ((r = db_step(st)) == DB_ROW) {
		memset(&i, 0, sizeof(i));
		memcpy(i.id, id, sizeof(i.id));
		psk = db_col_blob(st, 0);
		if (psk.n == sizeof(i.psk.b)) {
			memcpy(i.psk.b, psk.p, psk.n);
			e = SOTTO_OK;
		}
		(void)snprintf(i.name.s, sizeof(i.name.s), "%s",
		    db_col_text(st, 1));
		(void)snprintf(i.label, sizeof(i.label), "%s",
		    db_col_text(st, 2));
		i.made_at = (uint64_t)db_col_int(st, 3);
		i.expires_at = (uint64_t)db_col_int(st, 4);
		i.uses_left = (unsigned)db_col_int(st, 5);
	} else if (r == DB_FAILED) {
		e = SOTTO_EIO;
	}
	db_stmt_free(st);
	if (e == SOTTO_OK)
		*out = i;
	WIPE(i);
	return e;
}
