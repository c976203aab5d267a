#include "crypto/prekey.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"

#define VERSION      1
#define LEAD_S       600 /* clocks may differ by so much */
#define BUNDLE_TEXT  "sotto1 prekey bundle"
#define ONE_TEXT     "sotto1 one-time"
#define X3DH_TEXT    "sotto1 x3dh"
#define SHARED_PARTS 6 /* 32 x ff, three or four agreements, pmk */

/* ---- signatures of the device key ---- */

/* Bound to a context, as with sign_hash(): text, 0, SHA-256 of the parts. */
#define SIGNED_MAX (32 + 1 + HASH_LEN)

static struct span
to_sign(uint8_t out[SIGNED_MAX], const char *text, struct span in)
{
	struct hash h;
	struct wr w;

	hash_one(&h, in);
	wr_init(&w, out, SIGNED_MAX);
	wr_span(&w, span_str(text));
	wr_u8(&w, 0);
	wr_bytes(&w, h.b, sizeof(h.b));
	return wr_out(&w);
}

/* Behind what w holds from start on. */
static void
sign_tail(struct wr *w, size_t start, const char *text,
    const struct ed25519_seed *seed)
{
	uint8_t buf[SIGNED_MAX], sig[ED25519_SIGLEN];

	if (wr_end(w) != SOTTO_OK)
		return;
	ed25519_sign(sig, seed,
	    to_sign(buf, text, (struct span){ w->p + start, w->n - start }));
	wr_bytes(w, sig, sizeof(sig));
}

static int
tail_is_signed(struct span in, const char *text, const struct ed25519_pub *by)
{
	const size_t n = in.n - ED25519_SIGLEN;
	uint8_t buf[SIGNED_MAX];

	return in.n > ED25519_SIGLEN &&
	    ed25519_verify(in.p + n, by,
		to_sign(buf, text, (struct span){ in.p, n })) == SOTTO_OK;
}

/* ---- the owner ---- */

static enum sotto_err
secret_rpk(const struct prekey_secret *s, struct rsa_key **key)
{
	return rsa_key_read(key, (struct span){ s->rpk, s->rpk_len });
}

static enum sotto_err
modulus_of(const struct prekey_secret *s, uint8_t out[RSA_LEN])
{
	struct rsa_key *key = NULL; /* secret */
	struct rsa_pub *pub = NULL;
	enum sotto_err e;

	if ((e = secret_rpk(s, &key)) != SOTTO_OK)
		return e;
	pub = rsa_pub_of(key);
	e = pub != NULL ? rsa_pub_modulus(pub, out) : SOTTO_ENOMEM;
	rsa_pub_free(pub);
	rsa_key_free(key);
	return e;
}

enum sotto_err
prekey_bundle(struct wr *w, const struct ident *id,
    const struct prekey_secret *s, const struct suite_list *suites)
{
	uint8_t modulus[RSA_LEN];
	struct x25519_pub spk;
	const size_t start = w->n;
	enum sotto_err e;

	if ((e = modulus_of(s, modulus)) != SOTTO_OK)
		return e;
	x25519_pub_of(&spk, &s->spk);
	wr_u8(w, VERSION);
	wr_str16(w, (struct span){ id->cert, id->cert_len });
	wr_bytes(w, id->device_cert, DEVICE_CERT_LEN);
	wr_u32(w, s->epoch);
	wr_u64(w, s->made_at);
	wr_bytes(w, spk.b, POINT_LEN);
	wr_bytes(w, modulus, RSA_LEN);
	wr_u8(w, (uint8_t)suites->n);
	wr_bytes(w, suites->id, suites->n);
	wr_zero(w, SUITE_LIST_MAX - suites->n);
	sign_tail(w, start, BUNDLE_TEXT, &id->dsk);
	return wr_end(w);
}

void
prekey_one(struct wr *w, const struct ident *id, uint32_t number,
    const struct x25519_sec *sec)
{
	struct x25519_pub pub;
	const size_t start = w->n;

	x25519_pub_of(&pub, sec);
	wr_u32(w, number);
	wr_bytes(w, pub.b, POINT_LEN);
	sign_tail(w, start, ONE_TEXT, &id->dsk);
}

/* ---- the sender ---- */

static enum sotto_err
read_bundle(struct prekey_peer *p, struct span in, struct span *cert,
    struct span *device, uint64_t *made_at)
{
	struct rd r;
	uint8_t version;

	rd_init(&r, in);
	version = rd_u8(&r);
	*cert = rd_str16(&r, CERT_DER_MAX);
	*device = rd_bytes(&r, DEVICE_CERT_LEN);
	p->epoch = rd_u32(&r);
	*made_at = rd_u64(&r);
	rd_copy(&r, p->spk.b, POINT_LEN);
	rd_copy(&r, p->rpk, RSA_LEN);
	p->suites.n = rd_u8(&r);
	if (p->suites.n < 1 || p->suites.n > SUITE_LIST_MAX)
		return SOTTO_EFORMAT;
	rd_copy(&r, p->suites.id, p->suites.n);
	rd_zero(&r, SUITE_LIST_MAX - p->suites.n);
	(void)rd_bytes(&r, ED25519_SIGLEN);
	return rd_end(&r) != SOTTO_OK || version != VERSION || p->epoch == 0
	    ? SOTTO_EFORMAT
	    : SOTTO_OK;
}

static const char *
check_one(struct prekey_peer *p, struct span one)
{
	struct rd r;

	if (one.n == 0)
		return NULL;
	if (!tail_is_signed(one, ONE_TEXT, &p->peer.device.dsk))
		return "a one-time key of theirs is not signed by them";
	rd_init(&r, one);
	p->one_number = rd_u32(&r);
	rd_copy(&r, p->one.b, POINT_LEN);
	(void)rd_bytes(&r, ED25519_SIGLEN);
	return rd_end(&r) == SOTTO_OK && p->one_number > 0
	    ? NULL
	    : "a one-time key of theirs is malformed";
}

enum sotto_err
prekey_check(struct prekey_peer *out, const struct chat_self *self,
    const struct name *name, struct span bundle, struct span one,
    uint64_t now_ms, const char **why)
{
	const uint64_t now = now_ms / 1000;
	struct prekey_peer p;
	struct rsa_pub *key = NULL, *rpk = NULL;
	struct span cert, device;
	uint64_t made_at;

	memset(&p, 0, sizeof(p));
	*why = "their keys at the relay are malformed";
	if (read_bundle(&p, bundle, &cert, &device, &made_at) != SOTTO_OK)
		return SOTTO_EFORMAT;
	*why = "their certificate is not good";
	if (chat_peer_check(&p.peer, &key, self, name, cert, device, now_ms) !=
	    SOTTO_OK)
		return SOTTO_EAUTH;
	rsa_pub_free(key);
	memcpy(p.device, device.p, DEVICE_CERT_LEN);
	*why = "their keys at the relay are not signed by them";
	if (!tail_is_signed(bundle, BUNDLE_TEXT, &p.peer.device.dsk))
		return SOTTO_EAUTH;
	*why = "their keys at the relay are too old, or from the future";
	if (made_at > now + LEAD_S || made_at + PREKEY_KEEP_S < now)
		return SOTTO_EAUTH;
	*why = "their RSA key at the relay is not a good one";
	if (rsa_pub_from_modulus(&rpk, p.rpk) != SOTTO_OK)
		return SOTTO_EAUTH;
	rsa_pub_free(rpk);
	if ((*why = check_one(&p, one)) != NULL)
		return SOTTO_EAUTH;
	*out = p;
	return SOTTO_OK;
}

/* ---- agreement ---- */

/* All that is public, in one place each, by both sides alike. */
struct meeting {
	const struct name *a, *b;
	struct span a_device, b_device;
	const struct x25519_pub *spk, *one; /* one: NULL for none */
	struct span rpk;
	uint32_t epoch, one_number;
	struct chat_id id;
	uint8_t suite;
	struct x25519_pub ea;
};

static void
hash_meeting(struct hash *out, const struct meeting *m)
{
	static const struct x25519_pub none;
	uint8_t buf[sizeof(X3DH_TEXT) + 2 * NAME_WIRE_LEN + 4 + 4 +
	    CHAT_ID_LEN + 1];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_span(&w, span_str(X3DH_TEXT));
	wr_u8(&w, 0);
	wr_name(&w, m->a);
	wr_name(&w, m->b);
	wr_u32(&w, m->epoch);
	wr_u32(&w, m->one_number);
	wr_bytes(&w, m->id.b, CHAT_ID_LEN);
	wr_u8(&w, m->suite);
	hash_parts(out,
	    (const struct span[]){ wr_out(&w), m->a_device, m->b_device,
		SPAN(m->spk->b), m->rpk,
		SPAN((m->one != NULL ? m->one : &none)->b), SPAN(m->ea.b) },
	    7);
}

/* root, first and ad out of the agreements; ikm is wiped. */
static void
derive(struct chat_keys *out, const struct hash *l, struct span oaep,
    struct key ikm[SHARED_PARTS], size_t n)
{
	static const struct key zero;
	struct key s; /* secret */
	struct prk p; /* secret */

	hash_parts(&out->ad, (const struct span[]){ SPAN(l->b), oaep }, 2);
	hkdf_extract(&s, SPAN(zero.b),
	    (struct span){ ikm[0].b, n * sizeof(ikm[0]) });
	prk_init(&p, &s);
	prk_key(&out->root, &p, "root", &out->ad);
	prk_key(&out->first, &p, "first", &out->ad);
	WIPE(s);
	WIPE(p);
	secret_wipe(ikm, SHARED_PARTS * sizeof(ikm[0]));
}

/* A one is a number that no agreement gives: the order is fixed. */
static size_t
begin(struct key ikm[SHARED_PARTS])
{
	memset(ikm[0].b, 0xff, KEY_LEN);
	return 1;
}

static enum sotto_err
agree(struct key ikm[SHARED_PARTS], size_t *n, const struct x25519_sec *mine,
    const struct x25519_pub *theirs)
{
	return x25519_shared(&ikm[(*n)++], mine, theirs);
}

static void
write_head(struct wr *w, const struct meeting *m, const struct ident *id,
    struct span oaep)
{
	wr_u8(w, VERSION);
	wr_bytes(w, m->id.b, CHAT_ID_LEN);
	wr_str16(w, (struct span){ id->cert, id->cert_len });
	wr_bytes(w, id->device_cert, DEVICE_CERT_LEN);
	wr_u32(w, m->epoch);
	wr_u32(w, m->one_number);
	wr_bytes(w, m->ea.b, POINT_LEN);
	wr_u8(w, m->suite);
	wr_span(w, oaep);
}

enum sotto_err
prekey_start(struct chat_keys *out, struct wr *head,
    const struct chat_self *self, const struct prekey_peer *p,
    const struct rng *g)
{
	const struct ident *id = self->id;
	struct meeting m = { .a = &id->name,
		.b = &p->peer.name,
		.a_device = SPAN(id->device_cert),
		.b_device = SPAN(p->device),
		.spk = &p->spk,
		.one = p->one_number > 0 ? &p->one : NULL,
		.rpk = SPAN(p->rpk),
		.epoch = p->epoch,
		.one_number = p->one_number };
	struct key ikm[SHARED_PARTS]; /* secret */
	struct x25519_sec x;          /* secret */
	struct rsa_pub *rpk = NULL;
	uint8_t oaep[RSA_LEN];
	enum suite suite;
	struct hash l;
	size_t n = begin(ikm);
	enum sotto_err e;

	if ((e = suite_choose(&suite, &p->suites, &self->suites)) != SOTTO_OK)
		return e;
	m.suite = (uint8_t)suite;
	rng_fill(g, m.id.b, sizeof(m.id.b));
	x25519_make(&x, &m.ea, g);
	hash_meeting(&l, &m);
	if ((e = agree(ikm, &n, &id->dik, &p->spk)) == SOTTO_OK &&
	    (e = agree(ikm, &n, &x, &p->peer.device.dik)) == SOTTO_OK &&
	    (e = agree(ikm, &n, &x, &p->spk)) == SOTTO_OK && m.one != NULL)
		e = agree(ikm, &n, &x, m.one);
	rng_fill(g, ikm[n].b, KEY_LEN);
	if (e == SOTTO_OK &&
	    (e = rsa_pub_from_modulus(&rpk, p->rpk)) == SOTTO_OK)
		e = rsa_oaep_seal(rpk, SPAN(l.b), SPAN(ikm[n].b), oaep,
		    sizeof(oaep));
	rsa_pub_free(rpk);
	if (e == SOTTO_OK) {
		*out = (struct chat_keys){ .suite = suite,
			.id = m.id,
			.me = id->name,
			.peer = p->peer.name,
			.asker = 1,
			.theirs = p->spk };
		derive(out, &l, SPAN(oaep), ikm, n + 1);
		write_head(head, &m, id, SPAN(oaep));
		e = wr_end(head);
	}
	WIPE(x);
	secret_wipe(ikm, sizeof(ikm));
	return e;
}

enum sotto_err
prekey_head_read(struct prekey_head *out, struct span payload)
{
	struct prekey_head h;
	struct rd r;
	uint8_t version;

	memset(&h, 0, sizeof(h));
	rd_init(&r, payload);
	version = rd_u8(&r);
	rd_copy(&r, h.id.b, CHAT_ID_LEN);
	h.cert = rd_str16(&r, CERT_DER_MAX);
	h.device = rd_bytes(&r, DEVICE_CERT_LEN);
	h.epoch = rd_u32(&r);
	h.one_number = rd_u32(&r);
	rd_copy(&r, h.ea.b, POINT_LEN);
	h.suite = rd_u8(&r);
	h.oaep = rd_bytes(&r, RSA_LEN);
	h.envelope = rd_bytes(&r, r.n);
	if (rd_end(&r) != SOTTO_OK || version != VERSION)
		return SOTTO_EFORMAT;
	*out = h;
	return SOTTO_OK;
}

/* The secret under the RSA key; a wrong one shows when the envelope opens. */
static enum sotto_err
open_oaep(const struct prekey_secret *s, const struct hash *l, struct span c,
    struct key *pmk)
{
	struct rsa_key *key = NULL; /* secret */
	uint8_t buf[RSA_LEN];       /* secret */
	size_t n = 0;
	enum sotto_err e;

	if ((e = secret_rpk(s, &key)) != SOTTO_OK)
		return e;
	e = rsa_oaep_open(key, SPAN(l->b), c, buf, sizeof(buf), &n);
	if (e == SOTTO_OK && n != KEY_LEN)
		e = SOTTO_EAUTH;
	if (e == SOTTO_OK)
		memcpy(pmk->b, buf, KEY_LEN);
	WIPE(buf);
	rsa_key_free(key);
	return e;
}

enum sotto_err
prekey_answer(struct chat_keys *out, struct chat_peer *peer,
    const struct chat_self *self, const struct name *from,
    const struct prekey_head *h, const struct prekey_secret *s, uint64_t now_ms,
    const char **why)
{
	const struct x25519_sec *one = s->has_one ? &s->one : NULL;
	const struct ident *id = self->id;
	struct meeting m = { .a = from,
		.b = &id->name,
		.a_device = h->device,
		.b_device = SPAN(id->device_cert),
		.epoch = h->epoch,
		.one_number = h->one_number,
		.id = h->id,
		.suite = h->suite,
		.ea = h->ea };
	struct key ikm[SHARED_PARTS]; /* secret */
	struct x25519_pub spk, one_pub;
	struct rsa_pub *key = NULL;
	uint8_t modulus[RSA_LEN];
	enum suite suite;
	struct hash l;
	size_t n = begin(ikm);
	enum sotto_err e;

	*why = "their certificate is not good";
	if ((e = chat_peer_check(peer, &key, self, from, h->cert, h->device,
		 now_ms)) != SOTTO_OK)
		return e;
	rsa_pub_free(key);
	*why = "they chose a cipher suite that is not ours";
	if (!suite_known(h->suite, &suite) || !suite_in(&self->suites, suite))
		return SOTTO_EAUTH;
	*why = "their first message does not fit our keys";
	if ((e = modulus_of(s, modulus)) != SOTTO_OK)
		return e;
	x25519_pub_of(&spk, &s->spk);
	m.spk = &spk;
	m.rpk = SPAN(modulus);
	if (one != NULL) {
		x25519_pub_of(&one_pub, one);
		m.one = &one_pub;
	}
	hash_meeting(&l, &m);
	if ((e = agree(ikm, &n, &s->spk, &peer->device.dik)) == SOTTO_OK &&
	    (e = agree(ikm, &n, &id->dik, &h->ea)) == SOTTO_OK &&
	    (e = agree(ikm, &n, &s->spk, &h->ea)) == SOTTO_OK && one != NULL)
		e = agree(ikm, &n, one, &h->ea);
	if (e == SOTTO_OK)
		e = open_oaep(s, &l, h->oaep, &ikm[n]);
	if (e == SOTTO_OK) {
		*out = (struct chat_keys){ .suite = suite,
			.id = h->id,
			.me = id->name,
			.peer = *from,
			.mine = s->spk };
		derive(out, &l, h->oaep, ikm, n + 1);
	}
	secret_wipe(ikm, sizeof(ikm));
	return e;
}
