/* What was said, by day, in the vault; see history.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/hist_priv.h"

#define VERSION  1
#define DAY_MS   (24ULL * 3600 * 1000)
#define HEAD_MAX 512 /* of a line, without its text */
#define COLUMNS  "id, mine, msg, unread, sealed, day"

/* ---- days ---- */

static enum sotto_err
day_key_read(struct vault *v, int64_t chat, int64_t day, struct key *out)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT sealed FROM day WHERE chat = ?1 AND day = ?2");
	uint8_t where[HIST_PLACE_LEN];
	struct span plain;
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, day);
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = vault_column(v, &plain, st, 0, NULL,
	    hist_place(where, "day key ", chat, day, 0));
	if (e == SOTTO_OK && plain.n != KEY_LEN)
		e = SOTTO_EAUTH;
	if (e == SOTTO_OK)
		memcpy(out->b, plain.p, KEY_LEN);
	db_reset(st);
	return e;
}

static enum sotto_err
day_key_make(struct vault *v, int64_t chat, int64_t day, struct key *out)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO day (chat, day, sealed) VALUES (?1, ?2, ?3)");
	uint8_t where[HIST_PLACE_LEN];
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	rng_fill(vault_rng(v), out->b, KEY_LEN);
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, day);
	e = vault_bind(v, st, 3, NULL,
	    hist_place(where, "day key ", chat, day, 0), SPAN(out->b));
	return e == SOTTO_OK ? db_run(st) : e;
}

/* ---- lines ---- */

void
hist_line_free(struct hist_line *l)
{
	if (l->text != NULL)
		secret_wipe(l->text, strlen(l->text));
	free(l->text);
	l->text = NULL;
}

static void
write_line(struct wr *w, const struct hist_line *l)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)l->kind);
	wr_u8(w, (uint8_t)l->state);
	wr_u8(w, (uint8_t)l->flags);
	wr_u64(w, l->at_ms);
	wr_u64(w, l->sent_ms);
	wr_u64(w, l->reply_to);
	wr_str16(w, span_str(l->why));
	wr_str16(w, span_str(l->react_me));
	wr_str16(w, span_str(l->react_them));
	wr_span(w, span_str(l->text));
}

static void
rd_chars(struct rd *r, char *out, size_t max)
{
	const struct span s = rd_str16(r, max);

	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

static enum sotto_err
read_line(struct hist_line *l, struct span in)
{
	uint8_t version, kind, state;
	struct span text;
	struct rd r;

	rd_init(&r, in);
	version = rd_u8(&r);
	kind = rd_u8(&r);
	state = rd_u8(&r);
	l->flags = rd_u8(&r);
	l->at_ms = rd_u64(&r);
	l->sent_ms = rd_u64(&r);
	l->reply_to = rd_u64(&r);
	rd_chars(&r, l->why, HIST_WHY_MAX);
	rd_chars(&r, l->react_me, HIST_REACT_MAX);
	rd_chars(&r, l->react_them, HIST_REACT_MAX);
	text = rd_bytes(&r, r.n);
	if (rd_end(&r) != SOTTO_OK || version != VERSION ||
	    kind < HIST_THEIRS || kind > HIST_GAP || state > SENT_FAILED)
		return SOTTO_EAUTH;
	l->kind = (enum hist_kind)kind;
	l->state = (enum sent_state)state;
	if ((l->text = malloc(text.n + 1)) == NULL)
		return SOTTO_ENOMEM;
	if (text.n > 0)
		memcpy(l->text, text.p, text.n);
	l->text[text.n] = '\0';
	return SOTTO_OK;
}

static enum sotto_err
bind_line(struct vault *v, struct db_stmt *st, int i, int64_t chat,
    const struct key *k, const struct hist_line *l)
{
	const size_t n = HEAD_MAX + strlen(l->text);
	uint8_t *plain = malloc(n); /* secret */
	uint8_t where[HIST_PLACE_LEN];
	struct wr w;
	enum sotto_err e;

	if (plain == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, plain, n);
	write_line(&w, l);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = vault_bind(v, st, i, k,
		    hist_place(where, "a line  ", chat, l->id, l->msg),
		    wr_out(&w));
	secret_wipe(plain, w.n);
	free(plain);
	return e;
}

/* The number of the next line: its seal is bound to it. */
static enum sotto_err
next_id(struct vault *v, int64_t *id)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT 1 + coalesce((SELECT seq FROM sqlite_sequence"
	    " WHERE name = 'line'), 0)");

	if (st == NULL || db_step(st) != DB_ROW)
		return SOTTO_EIO;
	*id = db_col_int(st, 0);
	db_reset(st);
	return SOTTO_OK;
}

enum sotto_err
hist_add(struct vault *v, int64_t chat, struct hist_line *l)
{
	const int64_t day = (int64_t)(l->at_ms / DAY_MS);
	struct db_stmt *st;
	struct key k; /* secret */
	enum sotto_err e = day_key_read(v, chat, day, &k);

	if (e == SOTTO_EAGAIN)
		e = day_key_make(v, chat, day, &k);
	if (e != SOTTO_OK || (e = next_id(v, &l->id)) != SOTTO_OK)
		return e;
	st = vault_sql(v,
	    "INSERT OR IGNORE INTO line"
	    " (chat, day, mine, msg, unread, sealed, id)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, day);
	db_bind_int(st, 3, l->kind == HIST_MINE);
	db_bind_int(st, 4, (int64_t)l->msg);
	db_bind_int(st, 5, l->unread);
	db_bind_int(st, 7, l->id);
	e = bind_line(v, st, 6, chat, &k, l);
	WIPE(k);
	if (e == SOTTO_OK && (e = db_run(st)) == SOTTO_OK &&
	    vault_changes(v) == 0)
		e = SOTTO_ESTATE;
	return e;
}

enum sotto_err
hist_set(struct vault *v, int64_t chat, const struct hist_line *l)
{
	struct db_stmt *st;
	struct key k; /* secret */
	enum sotto_err e =
	    day_key_read(v, chat, (int64_t)(l->at_ms / DAY_MS), &k);

	if (e != SOTTO_OK)
		return e;
	st = vault_sql(v,
	    "UPDATE line SET unread = ?2, sealed = ?3 WHERE id = ?1");
	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, l->id);
	db_bind_int(st, 2, l->unread);
	e = bind_line(v, st, 3, chat, &k, l);
	WIPE(k);
	if (e == SOTTO_OK && (l->flags & (HIST_EDITED | HIST_DELETED)))
		e = hist_words_drop(v, l->id);
	return e == SOTTO_OK ? db_run(st) : e;
}

/* The key of the day before is mostly that of the next line, too. */
struct day_key {
	int64_t day;
	int have;
	struct key key; /* secret */
};

/* A row of COLUMNS; d remembers. */
static enum sotto_err
line_row(struct vault *v, int64_t chat, struct db_stmt *st, struct day_key *d,
    struct hist_line *l)
{
	const int64_t day = db_col_int(st, 5);
	uint8_t where[HIST_PLACE_LEN];
	struct span plain;
	enum sotto_err e;

	memset(l, 0, sizeof(*l));
	l->id = db_col_int(st, 0);
	l->msg = (uint64_t)db_col_int(st, 2);
	l->unread = db_col_int(st, 3) != 0;
	if (!d->have || d->day != day) {
		d->have = 0;
		if ((e = day_key_read(v, chat, day, &d->key)) != SOTTO_OK)
			return e == SOTTO_EAGAIN ? SOTTO_EAUTH : e;
		d->day = day;
		d->have = 1;
	}
	e = vault_column(v, &plain, st, 4, &d->key,
	    hist_place(where, "a line  ", chat, l->id, l->msg));
	return e == SOTTO_OK ? read_line(l, plain) : e;
}

static enum sotto_err
one_line(struct vault *v, int64_t chat, struct db_stmt *st,
    struct hist_line *out)
{
	struct day_key d = { 0 }; /* secret */
	enum db_row r = db_step(st);
	enum sotto_err e;

	if (r != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = line_row(v, chat, st, &d, out);
	db_reset(st);
	WIPE(d);
	return e;
}

enum sotto_err
hist_get(struct vault *v, int64_t chat, int64_t id, struct hist_line *out)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT " COLUMNS " FROM line WHERE id = ?1 AND chat = ?2");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, id);
	db_bind_int(st, 2, chat);
	return one_line(v, chat, st, out);
}

enum sotto_err
hist_find(struct vault *v, int64_t chat, int mine, uint64_t msg,
    struct hist_line *out)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT " COLUMNS " FROM line"
	    " WHERE chat = ?1 AND mine = ?2 AND msg = ?3 AND msg <> 0");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, mine);
	db_bind_int(st, 3, (int64_t)msg);
	return one_line(v, chat, st, out);
}

/* Rows of st, which is bound, until fn has enough. */
static enum sotto_err
each_line(struct vault *v, int64_t chat, struct db_stmt *st,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx, size_t *damaged)
{
	struct day_key d = { 0 }; /* secret */
	struct hist_line l;
	enum db_row r;
	int more = 1;

	*damaged = 0;
	while (more && (r = db_step(st)) == DB_ROW) {
		if (line_row(v, chat, st, &d, &l) == SOTTO_OK)
			more = fn(ctx, &l);
		else
			++*damaged;
		hist_line_free(&l);
	}
	db_reset(st);
	WIPE(d);
	return more && r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
hist_page(struct vault *v, int64_t chat, int64_t from, int newer, size_t n,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx, size_t *damaged)
{
	struct db_stmt *st = newer
	    ? vault_sql(v,
		  "SELECT " COLUMNS " FROM line WHERE chat = ?1 AND id > ?2"
		  " ORDER BY id LIMIT ?3")
	    : vault_sql(v,
		  "SELECT " COLUMNS " FROM line WHERE chat = ?1 AND id < ?2"
		  " ORDER BY id DESC LIMIT ?3");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, from);
	db_bind_int(st, 3, (int64_t)n);
	return each_line(v, chat, st, fn, ctx, damaged);
}

enum sotto_err
hist_all(struct vault *v, int64_t chat,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx, size_t *damaged)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT " COLUMNS " FROM line WHERE chat = ?1 ORDER BY id, chat");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	return each_line(v, chat, st, fn, ctx, damaged);
}

enum sotto_err
hist_scan(struct vault *v, int64_t from, int64_t before,
    int (*fn)(void *ctx, int64_t chat, const struct hist_line *l), void *ctx)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT " COLUMNS ", chat FROM line WHERE id >= ?1 AND id < ?2"
	    " ORDER BY id DESC");
	struct day_key d = { 0 }; /* secret */
	int64_t chat = 0;
	struct hist_line l;
	enum db_row r;
	int more = 1;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, from);
	db_bind_int(st, 2, before);
	while (more && (r = db_step(st)) == DB_ROW) {
		if (db_col_int(st, 6) != chat)
			d.have = 0; /* each chat has its own keys */
		chat = db_col_int(st, 6);
		if (line_row(v, chat, st, &d, &l) == SOTTO_OK)
			more = fn(ctx, chat, &l);
		hist_line_free(&l);
	}
	db_reset(st);
	WIPE(d);
	return more && r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
hist_unread(struct vault *v, int64_t chat,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT " COLUMNS " FROM line WHERE chat = ?1 AND unread"
	    " ORDER BY id");
	size_t damaged;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	return each_line(v, chat, st, fn, ctx, &damaged);
}

enum sotto_err
hist_mark_unread(struct vault *v, int64_t chat, int64_t from)
{
	struct db_stmt *st = vault_sql(v,
	    "UPDATE line SET unread = 1 WHERE chat = ?1 AND id >= ?2"
	    " AND NOT mine AND msg <> 0");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, from);
	return db_run(st);
}

enum sotto_err
hist_mark_read(struct vault *v, int64_t chat)
{
	struct db_stmt *st = vault_sql(v,
	    "UPDATE line SET unread = 0 WHERE chat = ?1 AND unread");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	return db_run(st);
}

static enum sotto_err
drop_days(struct vault *v, const char *sql, int64_t chat, int64_t from,
    int64_t before)
{
	struct db_stmt *st = vault_sql(v, sql);

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, from);
	db_bind_int(st, 3, before);
	return db_run(st);
}

_Static_assert(HIST_RUN == 512, "as drop_words has it");

static const char drop_words[] =
    "DELETE FROM words WHERE run IN (SELECT DISTINCT id / 512 FROM line"
    " WHERE chat = ?1 AND day >= ?2 AND day < ?3)";
static const char drop_keys[] =
    "DELETE FROM day WHERE chat = ?1 AND day >= ?2 AND day < ?3";
static const char drop_lines[] =
    "DELETE FROM line WHERE chat = ?1 AND day >= ?2 AND day < ?3";

enum sotto_err
hist_expire(struct vault *v, int64_t chat, int64_t from, int64_t before,
    int *some)
{
	enum sotto_err e = drop_days(v, drop_keys, chat, from, before);

	if (e != SOTTO_OK || vault_changes(v) < 1)
		return e;
	*some = 1;
	if ((e = drop_days(v, drop_words, chat, from, before)) != SOTTO_OK)
		return e;
	return drop_days(v, drop_lines, chat, from, before);
}

enum sotto_err
hist_forget(struct vault *v, int64_t chat)
{
	int some = 0;

	return hist_expire(v, chat, INT64_MIN, INT64_MAX, &some);
}
