#include "crypto/ident.h"

#include <string.h>

#include "base/secret.h"

#define DEVICE_YEARS      10
#define DEVICE_SKEW_S     (24ULL * 3600)
#define YEAR_S            (365ULL * 24 * 3600)
#define DEVICE_VER        1
#define DEVICE_SIGNED_LEN (DEVICE_CERT_LEN - SIG_LEN)

struct ident *
ident_new(void)
{
	struct ident *id = secret_alloc(sizeof(*id));

	if (id != NULL)
		memset(id, 0, sizeof(*id));
	return id;
}

void
ident_free(struct ident *id)
{
	secret_free(id);
}

static enum sotto_err
make_device_cert(struct ident *id, const struct rsa_key *uik, uint64_t now)
{
	struct ed25519_pub dsk;
	struct x25519_pub dik;
	struct hash h;
	struct wr w;
	uint8_t *sig;

	ed25519_pub_of(&dsk, &id->dsk);
	x25519_pub_of(&dik, &id->dik);
	wr_init(&w, id->device_cert, sizeof(id->device_cert));
	wr_u8(&w, DEVICE_VER);
	wr_name(&w, &id->name);
	wr_bytes(&w, id->device_id, sizeof(id->device_id));
	wr_bytes(&w, dsk.b, sizeof(dsk.b));
	wr_bytes(&w, dik.b, sizeof(dik.b));
	wr_u64(&w, now);
	wr_u64(&w, now + DEVICE_YEARS * YEAR_S);
	hash_one(&h, wr_out(&w));
	if ((sig = wr_take(&w, SIG_LEN)) == NULL)
		return wr_end(&w);
	return sign_hash(sig, uik, SIGN_DEVICE, &h);
}

enum sotto_err
ident_make_keys(struct ident *id, const struct rsa_key *uik, uint64_t now,
    const struct rng *g)
{
	struct wr w;
	enum sotto_err e;

	wr_init(&w, id->uik, sizeof(id->uik));
	if ((e = rsa_key_write(uik, &w)) != SOTTO_OK)
		return e;
	id->uik_len = w.n;
	rng_fill(g, id->device_id, sizeof(id->device_id));
	rng_fill(g, id->dsk.b, sizeof(id->dsk.b));
	rng_fill(g, id->dik.b, sizeof(id->dik.b));
	rng_fill(g, id->master.b, sizeof(id->master.b));
	id->created_at = now;
	id->cert_len = 0;
	return make_device_cert(id, uik, now);
}

enum sotto_err
ident_key(const struct ident *id, struct rsa_key **out)
{
	return rsa_key_read(out, (struct span){ id->uik, id->uik_len });
}

enum sotto_err
ident_spki(const struct ident *id, struct wr *w)
{
	struct rsa_key *k = NULL;
	struct rsa_pub *p;
	enum sotto_err e;

	if ((e = ident_key(id, &k)) != SOTTO_OK)
		return e;
	p = rsa_pub_of(k);
	e = p == NULL ? SOTTO_ENOMEM : rsa_pub_write(p, w);
	rsa_pub_free(p);
	rsa_key_free(k);
	return e;
}

/* The fields of the key file; all are there, in this order. */
enum tag {
	TAG_NAME = 1,
	TAG_DEVICE_ID,
	TAG_UIK,
	TAG_DSK,
	TAG_DIK,
	TAG_MASTER,
	TAG_DEVICE_CERT,
	TAG_CERT, /* empty: not enrolled yet */
	TAG_HOST,
	TAG_PORT,
	TAG_RELAY,
	TAG_AUTHORITY,
	TAG_PIN, /* u8 how, u64 when */
	TAG_CREATED,
	TAG_TOKEN /* empty, or id and secret */
};

static void
put(struct wr *w, enum tag t, const void *p, size_t n)
{
	wr_u8(w, (uint8_t)t);
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, p, n);
}

enum sotto_err
ident_write(const struct ident *id, struct wr *w)
{
	put(w, TAG_NAME, id->name.s, strlen(id->name.s));
	put(w, TAG_DEVICE_ID, id->device_id, sizeof(id->device_id));
	put(w, TAG_UIK, id->uik, id->uik_len);
	put(w, TAG_DSK, id->dsk.b, sizeof(id->dsk.b));
	put(w, TAG_DIK, id->dik.b, sizeof(id->dik.b));
	put(w, TAG_MASTER, id->master.b, sizeof(id->master.b));
	put(w, TAG_DEVICE_CERT, id->device_cert, sizeof(id->device_cert));
	put(w, TAG_CERT, id->cert, id->cert_len);
	put(w, TAG_HOST, id->host, strlen(id->host));
	put(w, TAG_PORT,
	    (const uint8_t[]){ (uint8_t)(id->port >> 8),
		(uint8_t)(id->port & 0xff) },
	    2);
	put(w, TAG_RELAY, id->relay, strlen(id->relay));
	put(w, TAG_AUTHORITY, id->authority.b, sizeof(id->authority.b));
	wr_u8(w, TAG_PIN);
	wr_u16(w, 9);
	wr_u8(w, (uint8_t)id->pin_how);
	wr_u64(w, id->pinned_at);
	wr_u8(w, TAG_CREATED);
	wr_u16(w, 8);
	wr_u64(w, id->created_at);
	wr_u8(w, TAG_TOKEN);
	wr_u16(w, id->has_token ? INVITE_TOKEN_ID_LEN + KEY_LEN : 0);
	if (id->has_token) {
		wr_bytes(w, id->token_id, sizeof(id->token_id));
		wr_bytes(w, id->token.b, sizeof(id->token.b));
	}
	return wr_end(w);
}

/* The value of the next field, which must be t. */
static struct span
take(struct rd *r, enum tag t, size_t max)
{
	if (rd_u8(r) != (uint8_t)t)
		rd_fail(r, SOTTO_EFORMAT);
	return rd_str16(r, max);
}

static void
take_exact(struct rd *r, enum tag t, void *out, size_t n)
{
	struct span s = take(r, t, n);

	if (s.n == n)
		memcpy(out, s.p, n);
	else
		rd_fail(r, SOTTO_EFORMAT);
}

/* A text for a zeroed array of cap bytes. */
static void
take_text(struct rd *r, enum tag t, char *out, size_t cap)
{
	struct span s = take(r, t, cap - 1);

	if (s.n > 0 && memchr(s.p, 0, s.n) == NULL)
		memcpy(out, s.p, s.n);
	else
		rd_fail(r, SOTTO_EFORMAT);
}

static void
read_keys(struct rd *r, struct ident *id)
{
	struct span s = take(r, TAG_NAME, NAME_MAX_LEN);

	if (name_parse(&id->name, s) != SOTTO_OK)
		rd_fail(r, SOTTO_EFORMAT);
	take_exact(r, TAG_DEVICE_ID, id->device_id, sizeof(id->device_id));
	s = take(r, TAG_UIK, sizeof(id->uik));
	if (s.n > 0)
		memcpy(id->uik, s.p, s.n);
	id->uik_len = s.n;
	take_exact(r, TAG_DSK, id->dsk.b, sizeof(id->dsk.b));
	take_exact(r, TAG_DIK, id->dik.b, sizeof(id->dik.b));
	take_exact(r, TAG_MASTER, id->master.b, sizeof(id->master.b));
	take_exact(r, TAG_DEVICE_CERT, id->device_cert,
	    sizeof(id->device_cert));
	s = take(r, TAG_CERT, sizeof(id->cert));
	if (s.n > 0)
		memcpy(id->cert, s.p, s.n);
	id->cert_len = s.n;
}

static void
read_relay(struct rd *r, struct ident *id)
{
	uint8_t port[2], pin[9], created[8];
	uint8_t token[INVITE_TOKEN_ID_LEN + KEY_LEN]; /* secret */
	struct span s;
	struct rd v;

	memset(pin, 0, sizeof(pin));
	memset(port, 0, sizeof(port));
	memset(created, 0, sizeof(created));
	take_text(r, TAG_HOST, id->host, sizeof(id->host));
	take_exact(r, TAG_PORT, port, sizeof(port));
	id->port = (uint16_t)(port[0] << 8 | port[1]);
	take_text(r, TAG_RELAY, id->relay, sizeof(id->relay));
	take_exact(r, TAG_AUTHORITY, id->authority.b, sizeof(id->authority.b));
	take_exact(r, TAG_PIN, pin, sizeof(pin));
	if (pin[0] < PIN_LINE || pin[0] > PIN_UNCHECKED)
		rd_fail(r, SOTTO_EFORMAT);
	else
		id->pin_how = (enum ident_pin)pin[0];
	rd_init(&v, (struct span){ pin + 1, 8 });
	id->pinned_at = rd_u64(&v);
	take_exact(r, TAG_CREATED, created, sizeof(created));
	rd_init(&v, SPAN(created));
	id->created_at = rd_u64(&v);
	s = take(r, TAG_TOKEN, sizeof(token));
	if (s.n == sizeof(token)) {
		id->has_token = 1;
		memcpy(id->token_id, s.p, sizeof(id->token_id));
		memcpy(id->token.b, s.p + sizeof(id->token_id), KEY_LEN);
	} else if (s.n != 0) {
		rd_fail(r, SOTTO_EFORMAT);
	}
}

enum sotto_err
ident_read(struct ident *id, struct span plain)
{
	struct ident *t = ident_new();
	struct rsa_key *k = NULL;
	struct rd r;
	enum sotto_err e;

	if (t == NULL)
		return SOTTO_ENOMEM;
	rd_init(&r, plain);
	read_keys(&r, t);
	read_relay(&r, t);
	if ((e = rd_end(&r)) == SOTTO_OK)
		e = ident_key(t, &k);
	rsa_key_free(k);
	if (e == SOTTO_OK)
		*id = *t;
	ident_free(t);
	return e;
}

enum sotto_err
device_cert_check(struct device_cert *out, struct span in,
    const struct rsa_pub *uik, const struct name *name, uint64_t now)
{
	struct device_cert d;
	struct span sig;
	struct hash h;
	struct rd r;
	enum sotto_err e;

	memset(&d, 0, sizeof(d));
	rd_init(&r, in);
	if (rd_u8(&r) != DEVICE_VER)
		return SOTTO_EFORMAT;
	rd_name(&r, &d.name);
	rd_copy(&r, d.device_id, sizeof(d.device_id));
	rd_copy(&r, d.dsk.b, sizeof(d.dsk.b));
	rd_copy(&r, d.dik.b, sizeof(d.dik.b));
	d.not_before = rd_u64(&r);
	d.not_after = rd_u64(&r);
	sig = rd_bytes(&r, SIG_LEN);
	if ((e = rd_end(&r)) != SOTTO_OK)
		return e;
	/* Made by a clock that may be a little ahead of ours. */
	if (!name_eq(&d.name, name) || d.not_after < now ||
	    d.not_before > now + DEVICE_SKEW_S)
		return SOTTO_EAUTH;
	hash_one(&h, (struct span){ in.p, DEVICE_SIGNED_LEN });
	if ((e = sign_check(sig.p, uik, SIGN_DEVICE, &h)) == SOTTO_OK)
		*out = d;
	return e;
}
