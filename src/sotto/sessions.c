#include "sotto/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define VERSION    2
#define FLAG_ASKED 1

enum prekey_kind {
	KIND_EPOCH = 1,
	KIND_ONE = 2
};

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	ratchet_free(s->ratchet);
	free(s);
}

enum sotto_err
session_put(struct vault *v, const struct session *s)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO session (id, chat, made, sealed)"
	    " VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (id) DO UPDATE SET sealed = ?4");
	const struct span id = SPAN(ratchet_id(s->ratchet)->b);
	const size_t n = 4 + s->head_len + ratchet_saved_len(s->ratchet);
	uint8_t *plain; /* secret */
	struct wr w;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	if ((plain = malloc(n)) == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, plain, n);
	wr_u8(&w, VERSION);
	wr_u8(&w, s->asked ? FLAG_ASKED : 0);
	wr_str16(&w, (struct span){ s->head, s->head_len });
	ratchet_save(s->ratchet, &w);
	db_bind_blob(st, 1, id);
	db_bind_int(st, 2, s->chat);
	db_bind_int(st, 3, (int64_t)s->made_at);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = vault_bind(v, st, 4, NULL, id, wr_out(&w));
	secret_wipe(plain, n);
	free(plain);
	return e == SOTTO_OK ? db_run(st) : e;
}

static enum sotto_err
read_session(struct session *s, struct span plain)
{
	struct span head;
	uint8_t version;
	struct rd r;

	rd_init(&r, plain);
	version = rd_u8(&r);
	s->asked = (rd_u8(&r) & FLAG_ASKED) != 0;
	head = rd_str16(&r, sizeof(s->head));
	if (r.err != SOTTO_OK || version != VERSION)
		return SOTTO_EAUTH;
	if (head.n > 0)
		memcpy(s->head, head.p, head.n);
	s->head_len = head.n;
	s->ratchet = ratchet_load(rd_bytes(&r, r.n));
	return s->ratchet != NULL ? SOTTO_OK : SOTTO_EAUTH;
}

enum sotto_err
session_get(struct vault *v, struct session **out, const struct chat_id *id)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT chat, made, sealed FROM session WHERE id = ?1");
	struct session *s;
	struct span plain;
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_blob(st, 1, SPAN(id->b));
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = SOTTO_ENOMEM;
	if ((s = calloc(1, sizeof(*s))) != NULL) {
		s->chat = db_col_int(st, 0);
		s->made_at = (uint64_t)db_col_int(st, 1);
		e = vault_column(v, &plain, st, 2, NULL, SPAN(id->b));
		if (e == SOTTO_OK)
			e = read_session(s, plain);
	}
	db_reset(st);
	if (e == SOTTO_OK)
		*out = s;
	else
		session_free(s);
	return e;
}

enum sotto_err
session_prune(struct vault *v, int64_t chat, unsigned n)
{
	struct db_stmt *st = vault_sql(v,
	    "DELETE FROM session WHERE chat = ?1 AND id NOT IN"
	    " (SELECT id FROM session WHERE chat = ?1"
	    "  ORDER BY made DESC LIMIT ?2)");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	db_bind_int(st, 2, n);
	return db_run(st);
}

enum sotto_err
session_drop_all(struct vault *v, int64_t chat)
{
	struct db_stmt *st =
	    vault_sql(v, "DELETE FROM session WHERE chat = ?1 OR ?1 = 0");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	return db_run(st);
}

/* ---- our prekeys ---- */

static struct span
place(uint8_t out[13], enum prekey_kind kind, uint32_t number)
{
	struct wr w;

	wr_init(&w, out, 13);
	wr_bytes(&w, (const uint8_t *)"a prekey", 8);
	wr_u8(&w, (uint8_t)kind);
	wr_u32(&w, number);
	return wr_out(&w);
}

static enum sotto_err
put(struct vault *v, enum prekey_kind kind, uint32_t number, struct span plain)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT OR REPLACE INTO prekey (kind, number, sealed)"
	    " VALUES (?1, ?2, ?3)");
	uint8_t where[13];
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, kind);
	db_bind_int(st, 2, number);
	e = vault_bind(v, st, 3, NULL, place(where, kind, number), plain);
	return e == SOTTO_OK ? db_run(st) : e;
}

/* Borrowed until the next column. */
static enum sotto_err
get(struct vault *v, enum prekey_kind kind, uint32_t number, struct span *out)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT sealed FROM prekey WHERE kind = ?1 AND number = ?2");
	uint8_t where[13];
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, kind);
	db_bind_int(st, 2, number);
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = vault_column(v, out, st, 0, NULL, place(where, kind, number));
	db_reset(st);
	return e;
}

enum sotto_err
prekeys_put(struct vault *v, const struct prekey_secret *s)
{
	uint8_t plain[1 + 8 + KEY_LEN + 2 + RSA_PKCS8_MAX]; /* secret */
	struct wr w;
	enum sotto_err e;

	wr_init(&w, plain, sizeof(plain));
	wr_u8(&w, VERSION);
	wr_u64(&w, s->made_at);
	wr_bytes(&w, s->spk.b, KEY_LEN);
	wr_str16(&w, (struct span){ s->rpk, s->rpk_len });
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = put(v, KIND_EPOCH, s->epoch, wr_out(&w));
	WIPE(plain);
	return e;
}

enum sotto_err
prekeys_get(struct vault *v, uint32_t epoch, struct prekey_secret *out)
{
	struct span plain, rpk;
	uint8_t version;
	struct rd r;
	enum sotto_err e;

	if ((e = get(v, KIND_EPOCH, epoch, &plain)) != SOTTO_OK)
		return e;
	rd_init(&r, plain);
	version = rd_u8(&r);
	out->epoch = epoch;
	out->has_one = 0;
	out->made_at = rd_u64(&r);
	rd_copy(&r, out->spk.b, KEY_LEN);
	rpk = rd_str16(&r, sizeof(out->rpk));
	if (rd_end(&r) != SOTTO_OK || version != VERSION || rpk.n == 0)
		return SOTTO_EAUTH;
	memcpy(out->rpk, rpk.p, rpk.n);
	out->rpk_len = rpk.n;
	return SOTTO_OK;
}

enum sotto_err
prekeys_latest(struct vault *v, uint32_t *epoch)
{
	struct db_stmt *st = vault_sql(v,
	    "SELECT coalesce(max(number), 0) FROM prekey WHERE kind = 1");

	if (st == NULL || db_step(st) != DB_ROW)
		return SOTTO_EIO;
	*epoch = (uint32_t)db_col_int(st, 0);
	db_reset(st);
	return SOTTO_OK;
}

enum sotto_err
prekeys_expire(struct vault *v, uint64_t before)
{
	struct prekey_secret s; /* secret */
	uint32_t latest = 0;
	enum sotto_err e = prekeys_latest(v, &latest);

	/* An epoch ends when the next one begins. */
	for (uint32_t n = latest; e == SOTTO_OK && n > 1; n--) {
		struct db_stmt *st;

		e = prekeys_get(v, n, &s);
		if (e != SOTTO_OK || s.made_at >= before)
			continue;
		st = vault_sql(v,
		    "DELETE FROM prekey WHERE kind = 1 AND number < ?1");
		if (st == NULL)
			return SOTTO_EIO;
		db_bind_int(st, 1, n);
		e = db_run(st);
		break;
	}
	WIPE(s);
	return e == SOTTO_EAGAIN ? SOTTO_OK : e;
}

enum sotto_err
one_time_put(struct vault *v, uint32_t number, const struct x25519_sec *sec)
{
	return put(v, KIND_ONE, number, SPAN(sec->b));
}

enum sotto_err
one_time_get(struct vault *v, uint32_t number, struct x25519_sec *out)
{
	struct span plain;
	enum sotto_err e = get(v, KIND_ONE, number, &plain);

	if (e == SOTTO_OK && plain.n != KEY_LEN)
		e = SOTTO_EAUTH;
	if (e == SOTTO_OK)
		memcpy(out->b, plain.p, KEY_LEN);
	return e;
}

enum sotto_err
one_time_drop(struct vault *v, uint32_t number)
{
	struct db_stmt *st =
	    vault_sql(v, "DELETE FROM prekey WHERE kind = 2 AND number = ?1");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, number);
	return db_run(st);
}
