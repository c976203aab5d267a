#include "sotto/contacts.h"

#include <string.h>

/* Longer than a first message can be opened: PREKEY_KEEP_S and the overlap of
 * stock.c. */
#define SEEN_S    (60 * 24 * 3600)
#define PLAIN_MAX 2400
#define VERSION   2

static void
write_contact(struct wr *w, const struct contact *p)
{
	const struct contact_info *i = &p->info;

	wr_u8(w, VERSION);
	wr_name(w, &p->name);
	wr_u8(w, (uint8_t)i->trust);
	wr_bytes(w, i->fingerprint.b, HASH_LEN);
	wr_bytes(w, i->new_fingerprint.b, HASH_LEN);
	wr_u64(w, i->first_seen);
	wr_u64(w, i->verified_at);
	wr_u8(w, (uint8_t)i->how);
	wr_u64(w, i->changed_at);
	wr_str16(w, (struct span){ p->spki, p->spki_len });
	wr_str16(w, (struct span){ p->new_spki, p->new_spki_len });
	wr_u8(w, (uint8_t)i->n_events);
	for (size_t k = 0; k < i->n_events; k++) {
		wr_u8(w, (uint8_t)i->event[k].what);
		wr_u8(w, (uint8_t)i->event[k].how);
		wr_u64(w, i->event[k].at);
		wr_bytes(w, i->event[k].key, sizeof(i->event[k].key));
	}
}

static void
read_events(struct rd *r, struct contact_info *i)
{
	i->n_events = rd_u8(r);
	if (i->n_events > TRUST_EVENTS_MAX) {
		i->n_events = 0;
		rd_fail(r, SOTTO_EFORMAT);
	}
	for (size_t k = 0; k < i->n_events; k++) {
		const uint8_t what = rd_u8(r), how = rd_u8(r);

		i->event[k].at = rd_u64(r);
		rd_copy(r, i->event[k].key, sizeof(i->event[k].key));
		if (what < TRUST_PINNED || what > TRUST_TAKEN || how > HOW_LAST)
			rd_fail(r, SOTTO_EFORMAT);
		i->event[k].what = (enum trust_what)what;
		i->event[k].how = (enum verify_how)how;
	}
}

static enum sotto_err
read_contact(struct contact *out, struct span in)
{
	struct contact p;
	struct span spki, fresh;
	uint8_t version, trust, how;
	struct rd r;

	memset(&p, 0, sizeof(p));
	rd_init(&r, in);
	version = rd_u8(&r);
	rd_name(&r, &p.name);
	trust = rd_u8(&r);
	rd_copy(&r, p.info.fingerprint.b, HASH_LEN);
	rd_copy(&r, p.info.new_fingerprint.b, HASH_LEN);
	p.info.first_seen = rd_u64(&r);
	p.info.verified_at = rd_u64(&r);
	how = rd_u8(&r);
	p.info.changed_at = rd_u64(&r);
	spki = rd_str16(&r, sizeof(p.spki));
	fresh = rd_str16(&r, sizeof(p.new_spki));
	if (version == VERSION) /* before, there were none */
		read_events(&r, &p.info);
	if (rd_end(&r) != SOTTO_OK || version < 1 || version > VERSION ||
	    trust > TRUST_CHANGED || how > HOW_LAST || spki.n == 0)
		return SOTTO_EAUTH;
	p.info.trust = (enum trust)trust;
	p.info.how = (enum verify_how)how;
	memcpy(p.spki, spki.p, spki.n);
	p.spki_len = spki.n;
	if (fresh.n > 0)
		memcpy(p.new_spki, fresh.p, fresh.n);
	p.new_spki_len = fresh.n;
	*out = p;
	return SOTTO_OK;
}

enum sotto_err
contacts_get(struct vault *v, struct contact *out, const struct name *n)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT sealed FROM contact WHERE id = ?1");
	struct span plain;
	struct hash id;
	enum db_row r;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "contact", n->s);
	db_bind_blob(st, 1, SPAN(id.b));
	if ((r = db_step(st)) != DB_ROW)
		return r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = vault_column(v, &plain, st, 0, NULL, SPAN(id.b));
	if (e == SOTTO_OK)
		e = read_contact(out, plain);
	db_reset(st);
	return e;
}

enum sotto_err
contacts_put(struct vault *v, const struct contact *p)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT INTO contact (id, sealed) VALUES (?1, ?2)"
	    " ON CONFLICT (id) DO UPDATE SET sealed = ?2");
	uint8_t plain[PLAIN_MAX];
	struct hash id;
	struct wr w;
	enum sotto_err e;

	wr_init(&w, plain, sizeof(plain));
	write_contact(&w, p);
	if ((e = wr_end(&w)) != SOTTO_OK)
		return e;
	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "contact", p->name.s);
	db_bind_blob(st, 1, SPAN(id.b));
	e = vault_bind(v, st, 2, NULL, SPAN(id.b), wr_out(&w));
	return e == SOTTO_OK ? db_run(st) : e;
}

enum sotto_err
contacts_drop(struct vault *v, const struct name *n)
{
	struct db_stmt *st = vault_sql(v, "DELETE FROM contact WHERE id = ?1");
	struct hash id;

	if (st == NULL)
		return SOTTO_EIO;
	vault_id(&id, v, "contact", n->s);
	db_bind_blob(st, 1, SPAN(id.b));
	return db_run(st);
}

enum sotto_err
contacts_each(struct vault *v, void (*fn)(void *ctx, const struct contact *p),
    void *ctx, size_t *damaged)
{
	struct db_stmt *st = vault_sql(v, "SELECT id, sealed FROM contact");
	struct contact p;
	struct span plain;
	enum db_row r;

	*damaged = 0;
	if (st == NULL)
		return SOTTO_EIO;
	while ((r = db_step(st)) == DB_ROW) {
		if (vault_column(v, &plain, st, 1, NULL, db_col_blob(st, 0)) ==
			SOTTO_OK &&
		    read_contact(&p, plain) == SOTTO_OK)
			fn(ctx, &p);
		else
			++*damaged;
	}
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

int
contacts_seen(struct vault *v, const struct chat_id *id, uint64_t now)
{
	struct db_stmt *st = vault_sql(v, "DELETE FROM seen WHERE at < ?1");

	if (st == NULL)
		return -1;
	db_bind_int(st, 1, (int64_t)(now > SEEN_S ? now - SEEN_S : 0));
	(void)db_run(st);
	st =
	    vault_sql(v, "INSERT OR IGNORE INTO seen (id, at) VALUES (?1, ?2)");
	if (st == NULL)
		return -1;
	db_bind_blob(st, 1, SPAN(id->b));
	db_bind_int(st, 2, (int64_t)now);
	if (db_run(st) != SOTTO_OK)
		return -1;
	return vault_changes(v) == 0;
}
