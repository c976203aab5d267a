#include "sotto/contacts.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/kdf.h"

#define APP_ID     0x534f5443 /* "SOTC" */
#define SEEN_S     (48 * 3600)
#define PLAIN_MAX  2100
#define SEALED_MAX (XCHACHA_NONCE + PLAIN_MAX + AEAD_TAG_LEN)
#define VERSION    1

static const char *const steps[] = {
	"CREATE TABLE contact (id BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE value (id BLOB PRIMARY KEY, sealed BLOB NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE seen (id BLOB PRIMARY KEY, at INTEGER NOT NULL)"
	" WITHOUT ROWID;",
};

static const struct db_schema schema = { APP_ID, steps, 1 };

struct contacts {
	struct db *db;
	struct rng g;
	struct key seal, index; /* secret */
};

enum sotto_err
contacts_open(struct contacts **out, const char *dir, const struct key *master,
    const struct rng *g, char err[DB_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	struct contacts *c = secret_alloc(sizeof(*c));
	enum sotto_err e;

	if (c == NULL)
		return SOTTO_ENOMEM;
	memset(c, 0, sizeof(*c));
	c->g = *g;
	kdf_key(&c->seal, master, "contacts seal", NULL);
	kdf_key(&c->index, master, "contacts index", NULL);
	if ((e = file_join(path, dir, "sotto.db")) == SOTTO_OK)
		e = db_open(&c->db, path, &schema, err);
	if (e == SOTTO_OK)
		*out = c;
	else
		secret_free(c);
	return e;
}

void
contacts_close(struct contacts *c)
{
	if (c == NULL)
		return;
	db_close(c->db);
	secret_free(c);
}

/* ---- sealed rows ---- */

static void
row_id(struct hash *out, const struct contacts *c, const char *kind,
    const char *key)
{
	hmac_parts(out, SPAN(c->index.b),
	    (const struct span[]){ span_str(kind), span_str("/"),
		span_str(key) },
	    3);
}

static enum sotto_err
put_row(struct contacts *c, const char *sql, const struct hash *id,
    struct span plain)
{
	uint8_t sealed[SEALED_MAX];
	struct db_stmt *st = NULL;
	enum sotto_err e;

	if (plain.n > PLAIN_MAX)
		return SOTTO_ETOOBIG;
	rng_fill(&c->g, sealed, XCHACHA_NONCE);
	xchacha_seal(sealed + XCHACHA_NONCE, &c->seal, sealed, SPAN(id->b),
	    plain);
	if ((e = db_prepare(c->db, sql, &st)) != SOTTO_OK)
		return e;
	db_bind_blob(st, 1, SPAN(id->b));
	db_bind_blob(st, 2,
	    (struct span){ sealed, XCHACHA_NONCE + plain.n + AEAD_TAG_LEN });
	e = db_run(st);
	db_stmt_free(st);
	return e;
}

/* out has room for PLAIN_MAX bytes. */
static enum sotto_err
open_row(const struct contacts *c, uint8_t *out, size_t *n, struct span id,
    struct span sealed)
{
	if (sealed.n < XCHACHA_NONCE + AEAD_TAG_LEN || sealed.n > SEALED_MAX)
		return SOTTO_EAUTH;
	*n = sealed.n - XCHACHA_NONCE - AEAD_TAG_LEN;
	return xchacha_open(out, &c->seal, sealed.p, id,
	    (struct span){ sealed.p + XCHACHA_NONCE,
		sealed.n - XCHACHA_NONCE });
}

static enum sotto_err
get_row(struct contacts *c, const char *sql, const struct hash *id,
    uint8_t out[PLAIN_MAX], size_t *n)
{
	struct db_stmt *st = NULL;
	enum db_row r;
	enum sotto_err e;

	if ((e = db_prepare(c->db, sql, &st)) != SOTTO_OK)
		return e;
	db_bind_blob(st, 1, SPAN(id->b));
	r = db_step(st);
	if (r == DB_ROW)
		e = open_row(c, out, n, SPAN(id->b), db_col_blob(st, 0));
	else
		e = r == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	db_stmt_free(st);
	return e;
}

/* ---- people ---- */

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
	if (rd_end(&r) != SOTTO_OK || version != VERSION ||
	    trust > TRUST_CHANGED || how > HOW_EYE || spki.n == 0)
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
contacts_get(struct contacts *c, struct contact *out, const struct name *n)
{
	uint8_t plain[PLAIN_MAX];
	struct hash id;
	size_t len = 0;
	enum sotto_err e;

	row_id(&id, c, "contact", n->s);
	e = get_row(c, "SELECT sealed FROM contact WHERE id = ?1", &id, plain,
	    &len);
	if (e == SOTTO_OK)
		e = read_contact(out, (struct span){ plain, len });
	return e;
}

enum sotto_err
contacts_put(struct contacts *c, const struct contact *p)
{
	uint8_t plain[PLAIN_MAX];
	struct hash id;
	struct wr w;
	enum sotto_err e;

	wr_init(&w, plain, sizeof(plain));
	write_contact(&w, p);
	if ((e = wr_end(&w)) != SOTTO_OK)
		return e;
	row_id(&id, c, "contact", p->name.s);
	return put_row(c,
	    "INSERT INTO contact (id, sealed) VALUES (?1, ?2)"
	    " ON CONFLICT (id) DO UPDATE SET sealed = ?2",
	    &id, wr_out(&w));
}

enum sotto_err
contacts_each(struct contacts *c,
    void (*fn)(void *ctx, const struct contact *p), void *ctx, size_t *damaged)
{
	struct db_stmt *st = NULL;
	uint8_t plain[PLAIN_MAX];
	struct contact p;
	enum db_row r;
	enum sotto_err e;
	size_t n = 0;

	*damaged = 0;
	e = db_prepare(c->db, "SELECT id, sealed FROM contact", &st);
	if (e != SOTTO_OK)
		return e;
	while ((r = db_step(st)) == DB_ROW) {
		if (open_row(c, plain, &n, db_col_blob(st, 0),
			db_col_blob(st, 1)) == SOTTO_OK &&
		    read_contact(&p, (struct span){ plain, n }) == SOTTO_OK)
			fn(ctx, &p);
		else
			++*damaged;
	}
	db_stmt_free(st);
	return r == DB_FAILED ? SOTTO_EIO : SOTTO_OK;
}

/* ---- requests ---- */

int
contacts_seen(struct contacts *c, const struct chat_id *id, uint64_t now)
{
	struct db_stmt *st = NULL;
	int seen = -1;

	if (db_prepare(c->db, "DELETE FROM seen WHERE at < ?1", &st) !=
	    SOTTO_OK)
		return -1;
	db_bind_int(st, 1, (int64_t)(now > SEEN_S ? now - SEEN_S : 0));
	(void)db_run(st);
	db_stmt_free(st);
	st = NULL;
	if (db_prepare(c->db,
		"INSERT OR IGNORE INTO seen (id, at) VALUES (?1, ?2)",
		&st) != SOTTO_OK)
		return -1;
	db_bind_blob(st, 1, SPAN(id->b));
	db_bind_int(st, 2, (int64_t)now);
	if (db_run(st) == SOTTO_OK)
		seen = db_changes(c->db) == 0;
	db_stmt_free(st);
	return seen;
}

/* ---- values ---- */

enum sotto_err
contacts_get_value(struct contacts *c, const char *key, uint8_t *out,
    size_t cap, size_t *n)
{
	uint8_t plain[PLAIN_MAX];
	struct hash id;
	size_t len = 0;
	enum sotto_err e;

	row_id(&id, c, "value", key);
	e = get_row(c, "SELECT sealed FROM value WHERE id = ?1", &id, plain,
	    &len);
	if (e != SOTTO_OK)
		return e;
	if (len > cap)
		return SOTTO_ENOSPACE;
	memcpy(out, plain, len);
	*n = len;
	return SOTTO_OK;
}

enum sotto_err
contacts_put_value(struct contacts *c, const char *key, struct span value)
{
	struct hash id;

	row_id(&id, c, "value", key);
	return put_row(c,
	    "INSERT INTO value (id, sealed) VALUES (?1, ?2)"
	    " ON CONFLICT (id) DO UPDATE SET sealed = ?2",
	    &id, value);
}
