/* Chats and drafts in the vault; see history.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/hist_priv.h"

#define VERSION  4
#define HEAD_MAX 128

struct span
hist_place(uint8_t out[HIST_PLACE_LEN], const char kind[8], int64_t chat,
    int64_t id, uint64_t msg)
{
	struct wr w;

	wr_init(&w, out, HIST_PLACE_LEN);
	wr_bytes(&w, (const uint8_t *)kind, 8);
	wr_u64(&w, (uint64_t)chat);
	wr_u64(&w, (uint64_t)id);
	wr_u64(&w, msg);
	return wr_out(&w);
}

static void
write_chat(struct wr *w, const struct hist_chat *c)
{
	wr_u8(w, VERSION);
	wr_name(w, &c->name);
	wr_u8(w, (uint8_t)c->phase);
	wr_bytes(w, c->session.b, CHAT_ID_LEN);
	wr_u8(w, (uint8_t)c->trust);
	wr_u8(w, (uint8_t)c->blocked);
	wr_u16(w, (uint16_t)c->gone_days);
	wr_u64(w, c->gone_ms);
	wr_u32(w, c->gone_from);
	wr_u16(w, (uint16_t)c->keep_days);
	wr_u8(w, (uint8_t)c->read_off);
	wr_u8(w, (uint8_t)c->typing);
	wr_u8(w, (uint8_t)c->muted);
}

static enum sotto_err
read_chat(struct hist_chat *c, struct span in)
{
	uint8_t version, phase, trust, blocked, typing = TYPING_AS_SET;
	struct rd r;

	rd_init(&r, in);
	version = rd_u8(&r);
	rd_name(&r, &c->name);
	phase = rd_u8(&r);
	rd_copy(&r, c->session.b, CHAT_ID_LEN);
	trust = rd_u8(&r);
	blocked = rd_u8(&r);
	if (version > 1) {
		c->gone_days = rd_u16(&r);
		c->gone_ms = rd_u64(&r);
		c->gone_from = rd_u32(&r);
		c->keep_days = rd_u16(&r);
		c->read_off = rd_u8(&r) != 0;
	}
	if (version > 2)
		typing = rd_u8(&r);
	if (version > 3)
		c->muted = rd_u8(&r) != 0;
	if (rd_end(&r) != SOTTO_OK || version < 1 || version > VERSION ||
	    phase > HIST_OPEN || trust > TRUST_CHANGED || blocked > 1 ||
	    typing > TYPING_NOT_TOLD)
		return SOTTO_EAUTH;
	c->phase = (enum hist_phase)phase;
	c->trust = (enum trust)trust;
	c->blocked = blocked;
	c->typing = (enum hist_typing)typing;
	return SOTTO_OK;
}

static enum sotto_err
chat_row(struct vault *v, struct hist_chat *c, struct db_stmt *st)
{
	struct span plain;
	enum sotto_err e;

	c->id = db_col_int(st, 0);
	e = vault_column(v, &plain, st, 2, NULL, db_col_blob(st, 1));
	return e == SOTTO_OK ? read_chat(c, plain) : e;
}

enum sotto_err
hist_chat_find(struct vault *v, struct hist_chat *out, const struct name *n)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT id, name, sealed FROM chat WHERE name = ?1");
	struct hash id;
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "chat", n->s);
	db_bind_blob(st, 1, SPAN(id.b));
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = chat_row(v, out, st);
	db_reset(st);
	return e;
}

enum sotto_err
hist_chat_put(struct vault *v, struct hist_chat *c)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO chat (name, sealed) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET sealed = ?2");
	uint8_t plain[HEAD_MAX];
	struct hash id;
	struct wr w;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	wr_init(&w, plain, sizeof(plain));
	write_chat(&w, c);
	vault_id(&id, v, "chat", c->name.s);
	db_bind_blob(st, 1, SPAN(id.b));
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = vault_bind(v, st, 2, NULL, SPAN(id.b), wr_out(&w));
	if (e == SOTTO_OK && (e = db_run(st)) == SOTTO_OK && c->id == 0)
		c->id = vault_last_id(v);
	return e;
}

enum sotto_err
hist_chat_drop(struct vault *v, int64_t chat)
{
	struct db_stmt *st = vault_sql(v, "DELETE FROM chat WHERE id = ?1");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	return db_run(st);
}

enum sotto_err
hist_chats(struct vault *v, void (*fn)(void *ctx, const struct hist_chat *c),
    void *ctx, size_t *damaged)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT id, name, sealed FROM chat ORDER BY id");
	struct hist_chat c;
	enum db_row r;

	*damaged = 0;
	if (st == NULL)
		return SOTTO_EIO;
	while ((r = db_step(st)) == DB_ROW) {
		memset(&c, 0, sizeof(c));
		if (chat_row(v, &c, st) == SOTTO_OK)
			fn(ctx, &c);
		else
			++*damaged;
	}
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

enum sotto_err
hist_draft_put(struct vault *v, int64_t chat, const char *text, size_t cursor)
{
	struct db_stmt *st =
	    vault_sql(v, "UPDATE chat SET draft = ?2 WHERE id = ?1");
	uint8_t where[HIST_PLACE_LEN], *plain; /* secret */
	size_t n;
	struct wr w;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	if (text == NULL || text[0] == '\0') {
		db_bind_null(st, 2);
		return db_run(st);
	}
	n = 4 + strlen(text);
	if ((plain = malloc(n)) == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, plain, n);
	wr_u32(&w, (uint32_t)cursor);
	wr_span(&w, span_str(text));
	e = vault_bind(v, st, 2, NULL,
	    hist_place(where, "a draft ", chat, 0, 0), wr_out(&w));
	secret_wipe(plain, n);
	free(plain);
	return e == SOTTO_OK ? db_run(st) : e;
}

enum sotto_err
hist_draft_get(struct vault *v, int64_t chat, char **text, size_t *cursor)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT draft FROM chat WHERE id = ?1");
	uint8_t where[HIST_PLACE_LEN];
	struct span plain;
	struct rd r;
	enum sotto_err e = SOTTO_OK;

	*text = NULL;
	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, chat);
	if (db_step(st) == DB_ROW && !db_col_is_null(st, 0)) {
		e = vault_column(v, &plain, st, 0, NULL,
		    hist_place(where, "a draft ", chat, 0, 0));
		if (e == SOTTO_OK && plain.n >= 4) {
			rd_init(&r, plain);
			*cursor = rd_u32(&r);
			if ((*text = malloc(plain.n - 3)) != NULL) {
				memcpy(*text, plain.p + 4, plain.n - 4);
				(*text)[plain.n - 4] = '\0';
			}
		}
	}
	db_reset(st);
	return e;
}
