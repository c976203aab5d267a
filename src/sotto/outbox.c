#include "sotto/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define COLUMNS "id, chat, line, what, ref, type, sealed, wire"

static const uint8_t what_it_is[] = "an outgoing message";

void
outbox_item_free(struct outbox_item *i)
{
	if (i->content != NULL)
		secret_wipe(i->content, i->content_len);
	free(i->content);
	free(i->wire);
	i->content = i->wire = NULL;
}

static enum sotto_err
bind_content(struct vault *v, struct db_stmt *st, int i,
    const struct talk_content *c)
{
	uint8_t *inner = malloc(TALK_INNER_MAX); /* secret */
	struct wr w;
	enum sotto_err e;

	if (inner == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, inner, TALK_INNER_MAX);
	if ((e = talk_write(&w, c)) == SOTTO_OK)
		e = vault_bind(v, st, i, NULL, SPAN(what_it_is), wr_out(&w));
	secret_wipe(inner, w.n);
	free(inner);
	return e;
}

uint64_t
outbox_number(struct vault *v)
{
	uint64_t n;

	rng_fill(vault_rng(v), &n, sizeof(n));
	return n >> 1 | 1;
}

enum sotto_err
outbox_add(struct vault *v, int64_t chat, int64_t line,
    const struct talk_content *c, int64_t *id)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO outbox (chat, line, what, ref, type, sealed)"
	    " VALUES (?1, ?2, ?3, ?4, 0, ?5)");
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, line);
	db_bind_int(st, 3, c->what);
	db_bind_int(st, 4,
	    (int64_t)(c->what == TALK_TEXT ? c->id : outbox_number(v)));
	if ((e = bind_content(v, st, 5, c)) == SOTTO_OK &&
	    (e = db_run(st)) == SOTTO_OK)
		*id = vault_last_id(v);
	return e;
}

static enum sotto_err
copy(uint8_t **out, size_t *n, struct span s)
{
	if ((*out = malloc(s.n + 1)) == NULL)
		return SOTTO_ENOMEM;
	if (s.n > 0)
		memcpy(*out, s.p, s.n);
	*n = s.n;
	return SOTTO_OK;
}

static void
read_plain_columns(struct outbox_item *o, struct db_stmt *st)
{
	memset(o, 0, sizeof(*o));
	o->id = db_col_int(st, 0);
	o->chat = db_col_int(st, 1);
	o->line = db_col_int(st, 2);
	o->what = (enum talk_what)db_col_int(st, 3);
	o->ref = (uint64_t)db_col_int(st, 4);
	o->type = (enum chat_type)db_col_int(st, 5);
}

static enum sotto_err
read_row(struct vault *v, struct outbox_item *o, struct db_stmt *st)
{
	struct span plain;
	enum sotto_err e;

	read_plain_columns(o, st);
	e = vault_column(v, &plain, st, 6, NULL, SPAN(what_it_is));
	if (e == SOTTO_OK)
		e = copy(&o->content, &o->content_len, plain);
	if (e == SOTTO_OK && !db_col_is_null(st, 7))
		e = copy(&o->wire, &o->wire_len, db_col_blob(st, 7));
	if (e != SOTTO_OK)
		outbox_item_free(o);
	return e;
}

static enum sotto_err
one_row(struct vault *v, const char *sql, int64_t key, struct outbox_item *out)
{
	struct db_stmt *st = vault_sql(v, sql);
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, key);
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = read_row(v, out, st);
	db_reset(st);
	return e;
}

enum sotto_err
outbox_next(struct vault *v, int64_t after, struct outbox_item *out)
{
	return one_row(v,
	    "SELECT " COLUMNS " FROM outbox WHERE id > ?1 ORDER BY id LIMIT 1",
	    after, out);
}

enum sotto_err
outbox_of_line(struct vault *v, int64_t line, struct outbox_item *out)
{
	return one_row(v,
	    "SELECT " COLUMNS " FROM outbox WHERE line = ?1 AND what = 1", line,
	    out);
}

enum sotto_err
outbox_by_ref(struct vault *v, uint64_t ref, struct outbox_item *out)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT " COLUMNS " FROM outbox WHERE ref = ?1");
	enum db_row r;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, (int64_t)ref);
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	read_plain_columns(out, st);
	db_reset(st);
	return SOTTO_OK;
}

enum sotto_err
outbox_seal(struct vault *v, int64_t id, enum chat_type type, struct span wire)
{
	struct db_stmt *st = vault_sql(v,
	    "UPDATE outbox SET type = ?2, wire = ?3 WHERE id = ?1");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, type);
	db_bind_blob(st, 3, wire);
	return db_run(st);
}

static enum sotto_err
run_with(struct vault *v, const char *sql, int64_t key)
{
	struct db_stmt *st = vault_sql(v, sql);

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, key);
	return db_run(st);
}

enum sotto_err
outbox_unseal(struct vault *v, int64_t chat)
{
	return run_with(v,
	    "UPDATE outbox SET wire = NULL WHERE chat = ?1 OR ?1 = 0", chat);
}

enum sotto_err
outbox_drop(struct vault *v, int64_t id)
{
	return run_with(v, "DELETE FROM outbox WHERE id = ?1", id);
}

enum sotto_err
outbox_drop_chat(struct vault *v, int64_t chat)
{
	return run_with(v, "DELETE FROM outbox WHERE chat = ?1", chat);
}

enum sotto_err
outbox_replace(struct vault *v, int64_t id, const struct talk_content *c)
{
	struct db_stmt *st = vault_sql(v,
	    "UPDATE outbox SET sealed = ?2 WHERE id = ?1 AND wire IS NULL");
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, id);
	if ((e = bind_content(v, st, 2, c)) != SOTTO_OK)
		return e;
	return db_run(st);
}

enum sotto_err
outbox_receipt(struct vault *v, int64_t chat, struct outbox_item *out)
{
	return one_row(v,
	    "SELECT " COLUMNS " FROM outbox WHERE chat = ?1 AND what = 2"
	    " AND wire IS NULL ORDER BY id DESC LIMIT 1",
	    chat, out);
}
