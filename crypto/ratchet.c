#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"
#include "crypto/ratchet_priv.h"

#define VERSION    1
#define LAYER_CHAT 2
#define SIDE_LEN   (1 + 31) /* a name in the AAD */
#define AAD_LEN                                                                \
	(4 + 1 + 1 + 1 + 2 * SIDE_LEN + CHAT_ID_LEN + HASH_LEN + POINT_LEN +   \
	    4 + 4 + 16)

struct head {
	struct x25519_pub dh;
	uint32_t pn, n;
	uint64_t counter;
	struct span sealed;
};

struct ratchet *
ratchet_new(struct chat_keys *k)
{
	struct ratchet *r = secret_alloc(sizeof(*r));

	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->suite = k->suite;
	r->id = k->id;
	r->me = k->me;
	r->peer = k->peer;
	r->ad = k->ad;
	r->c.root = k->root;
	ratchet_live_key(r, &k->root);
	/* The asked side's first chain needs no turn: both know its key. */
	if (k->asker) {
		r->c.theirs = k->theirs;
		r->c.recv.key = k->first;
		r->c.recv.on = 1;
	} else {
		r->c.mine = k->mine;
		x25519_pub_of(&r->c.mine_pub, &k->mine);
		r->c.send.key = k->first;
		r->c.send.on = 1;
	}
	WIPE(*k);
	return r;
}

void
ratchet_free(struct ratchet *r)
{
	if (r == NULL)
		return;
	if (r->skip != NULL) {
		secret_wipe(r->skip, r->cap_skip * sizeof(*r->skip));
		free(r->skip);
	}
	secret_free(r);
}

const struct chat_id *
ratchet_id(const struct ratchet *r)
{
	return &r->id;
}

const struct name *
ratchet_peer(const struct ratchet *r)
{
	return &r->peer;
}

enum suite
ratchet_suite(const struct ratchet *r)
{
	return r->suite;
}

uint64_t
ratchet_sent(const struct ratchet *r)
{
	return r->c.n_sent;
}

int
ratchet_heard(const struct ratchet *r)
{
	return r->c.heard;
}

/* ---- keys ---- */

/* The key of the next message; the chain goes on, and cannot come back. */
static void
chain_next(struct chain *c, struct key *message)
{
	static const uint8_t one = 1, two = 2;
	struct prk p; /* secret */
	struct hash h;

	prk_init(&p, &c->key);
	prk_mac(&h, &p, (struct span){ &one, 1 });
	memcpy(message->b, h.b, KEY_LEN);
	prk_mac(&h, &p, (struct span){ &two, 1 });
	memcpy(c->key.b, h.b, KEY_LEN);
	c->n++;
	WIPE(p);
	WIPE(h);
}

/* A turn: a new chain out of the root and an agreement. */
static enum sotto_err
turn(struct ratchet_core *c, struct chain *chain)
{
	struct key shared, mixed; /* secret */
	struct prk p;             /* secret */
	enum sotto_err e;

	if ((e = x25519_shared(&shared, &c->mine, &c->theirs)) != SOTTO_OK)
		return e;
	hkdf_extract(&mixed, SPAN(c->root.b), SPAN(shared.b));
	prk_init(&p, &mixed);
	prk_key(&c->root, &p, "rk root", NULL);
	prk_key(&chain->key, &p, "rk chain", NULL);
	chain->n = 0;
	chain->on = 1;
	WIPE(shared);
	WIPE(mixed);
	WIPE(p);
	return SOTTO_OK;
}

/* ---- envelope ---- */

static void
write_head(struct wr *w, const struct ratchet *r, enum chat_type type,
    const struct head *h)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)type);
	wr_bytes(w, r->id.b, sizeof(r->id.b));
	wr_bytes(w, h->dh.b, sizeof(h->dh.b));
	wr_u32(w, h->pn);
	wr_u32(w, h->n);
	wr_u64(w, 0);
	wr_u64(w, h->counter);
}

static enum sotto_err
read_head(const struct ratchet *r, enum chat_type type, struct span in,
    struct head *h)
{
	struct chat_id id;
	struct rd rd;
	uint8_t ver, kind;

	memset(h, 0, sizeof(*h));
	rd_init(&rd, in);
	ver = rd_u8(&rd);
	kind = rd_u8(&rd);
	rd_copy(&rd, id.b, sizeof(id.b));
	rd_copy(&rd, h->dh.b, sizeof(h->dh.b));
	h->pn = rd_u32(&rd);
	h->n = rd_u32(&rd);
	rd_zero(&rd, 8);
	h->counter = rd_u64(&rd);
	h->sealed = rd_bytes(&rd, rd.n);
	if (rd_end(&rd) != SOTTO_OK || ver != VERSION ||
	    kind != (uint8_t)type || memcmp(id.b, r->id.b, CHAT_ID_LEN) != 0)
		return SOTTO_EAUTH;
	return SOTTO_OK;
}

static void
write_side(struct wr *w, const struct name *n)
{
	const size_t len = strlen(n->s);

	wr_u8(w, (uint8_t)len);
	wr_bytes(w, n->s, len);
	wr_zero(w, SIDE_LEN - 1 - len);
}

static void
make_aad(uint8_t aad[AAD_LEN], const struct ratchet *r, enum chat_type type,
    int ours, const struct head *h)
{
	struct wr w;

	wr_init(&w, aad, AAD_LEN);
	wr_span(&w, span_str("SOT1"));
	wr_u8(&w, LAYER_CHAT);
	wr_u8(&w, (uint8_t)r->suite);
	wr_u8(&w, (uint8_t)type);
	write_side(&w, ours ? &r->me : &r->peer);
	write_side(&w, ours ? &r->peer : &r->me);
	wr_bytes(&w, r->id.b, sizeof(r->id.b));
	wr_bytes(&w, r->ad.b, sizeof(r->ad.b));
	wr_bytes(&w, h->dh.b, sizeof(h->dh.b));
	wr_u32(&w, h->pn);
	wr_u32(&w, h->n);
	wr_u64(&w, 0);
	wr_u64(&w, h->counter);
}

/* ---- sealing ---- */

enum sotto_err
ratchet_seal(struct ratchet *r, enum chat_type type, struct span inner,
    const struct rng *g, struct wr *out, uint64_t *counter)
{
	struct ratchet_core next = r->c; /* secret */
	const size_t start = out->n;
	uint8_t aad[AAD_LEN], *sealed;
	struct aead a = { 0 }; /* secret */
	struct head h;
	struct key key; /* secret */
	enum sotto_err e = SOTTO_OK;

	if (!next.send.on) {
		x25519_make(&next.mine, &next.mine_pub, g);
		e = turn(&next, &next.send);
	}
	if (e != SOTTO_OK)
		goto out;
	h = (struct head){ .dh = next.mine_pub,
		.pn = next.pn,
		.n = next.send.n,
		.counter = next.n_sent++ };
	chain_next(&next.send, &key);
	write_head(out, r, type, &h);
	sealed = wr_take(out, aead_sealed_len(r->suite, inner.n));
	if ((e = wr_end(out)) != SOTTO_OK)
		goto out;
	make_aad(aad, r, type, 1, &h);
	if ((e = aead_init(&a, r->suite, AEAD_SEAL, &key)) == SOTTO_OK)
		e = aead_seal(&a, sealed, h.counter, SPAN(aad), inner, g);
	aead_wipe(&a);
out:
	if (e == SOTTO_OK) {
		r->c = next;
		*counter = h.counter;
	} else {
		out->n = start;
	}
	WIPE(key);
	WIPE(next);
	return e;
}

/* ---- opening ---- */

int
ratchet_room(struct ratchet *r, size_t n)
{
	struct skipped *more;
	size_t cap = r->cap_skip > 0 ? r->cap_skip : 16;

	while (cap < r->n_skip + n)
		cap *= 2;
	if (cap == r->cap_skip)
		return 1;
	/* No realloc: what it leaves behind could not be wiped. */
	if ((more = calloc(cap, sizeof(*more))) == NULL)
		return 0;
	if (r->n_skip > 0)
		memcpy(more, r->skip, r->n_skip * sizeof(*more));
	if (r->skip != NULL) {
		secret_wipe(r->skip, r->cap_skip * sizeof(*r->skip));
		free(r->skip);
	}
	r->skip = more;
	r->cap_skip = cap;
	return 1;
}

static void
skip_drop(struct ratchet *r, size_t i, size_t n)
{
	memmove(r->skip + i, r->skip + i + n,
	    (r->n_skip - i - n) * sizeof(*r->skip));
	r->n_skip -= n;
	secret_wipe(r->skip + r->n_skip, n * sizeof(*r->skip));
}

/* Keep the keys of the chain up to message n, behind those of r. */
static enum sotto_err
skip_to(struct ratchet *r, struct ratchet_core *c, uint32_t n, uint64_t now)
{
	if (!c->recv.on || n <= c->recv.n)
		return SOTTO_OK;
	if (n - c->recv.n > RATCHET_SKIP_CHAIN)
		return SOTTO_ETOOBIG;
	if (!ratchet_room(r, n - c->recv.n))
		return SOTTO_ENOMEM;
	while (c->recv.n < n) {
		struct skipped *s = &r->skip[r->n_skip++];

		s->dh = c->theirs;
		s->n = c->recv.n;
		s->at = now;
		chain_next(&c->recv, &s->key);
	}
	return SOTTO_OK;
}

static enum sotto_err
try_open(const struct ratchet *r, enum chat_type type, const struct head *h,
    const struct key *key, uint8_t *out, size_t *n)
{
	uint8_t aad[AAD_LEN];
	struct aead a = { 0 }; /* secret */
	enum sotto_err e;

	make_aad(aad, r, type, 0, h);
	if ((e = aead_init(&a, r->suite, AEAD_OPEN, key)) == SOTTO_OK)
		e = aead_open(&a, out, n, h->counter, SPAN(aad), h->sealed);
	aead_wipe(&a);
	return e;
}

/* One of the messages that were passed over; SOTTO_EAGAIN: none of them. */
static enum sotto_err
open_skipped(struct ratchet *r, enum chat_type type, const struct head *h,
    uint8_t *out, struct ratchet_opened *o)
{
	enum sotto_err e;

	for (size_t i = 0; i < r->n_skip; i++) {
		const struct skipped *s = &r->skip[i];

		if (s->n != h->n ||
		    memcmp(s->dh.b, h->dh.b, sizeof(h->dh.b)) != 0)
			continue;
		if ((e = try_open(r, type, h, &s->key, out, &o->n)) != SOTTO_OK)
			return e;
		skip_drop(r, i, 1);
		o->counter = h->counter;
		o->missing = 0;
		o->late = 1;
		return SOTTO_OK;
	}
	return SOTTO_EAGAIN;
}

static int
is_past(const struct ratchet_core *c, const struct x25519_pub *dh)
{
	for (size_t i = 0; i < c->n_past; i++)
		if (memcmp(c->past[i].b, dh->b, sizeof(dh->b)) == 0)
			return 1;
	return 0;
}

/* They have turned: a new receiving chain; our own turn comes when we send. */
static enum sotto_err
they_turned(struct ratchet *r, struct ratchet_core *c, const struct head *h,
    uint64_t now)
{
	enum sotto_err e;

	/* They turn on a new key of ours, and there was none since. */
	if (!c->send.on)
		return SOTTO_EAUTH;
	if ((e = skip_to(r, c, h->pn, now)) != SOTTO_OK)
		return e;
	if (c->recv.on) {
		memmove(c->past + 1, c->past,
		    (RATCHET_PAST - 1) * sizeof(c->past[0]));
		c->past[0] = c->theirs;
		if (c->n_past < RATCHET_PAST)
			c->n_past++;
	}
	c->theirs = h->dh;
	if ((e = turn(c, &c->recv)) != SOTTO_OK)
		return e;
	if (c->send.on)
		c->pn = c->send.n;
	WIPE(c->send);
	return SOTTO_OK;
}

/* On a copy of the state, and with new skipped keys at the end of r's. */
static enum sotto_err
open_next(struct ratchet *r, struct ratchet_core *c, enum chat_type type,
    const struct head *h, uint64_t now, uint8_t *out, struct ratchet_opened *o)
{
	const int same =
	    c->recv.on && memcmp(c->theirs.b, h->dh.b, sizeof(h->dh.b)) == 0;
	struct key key; /* secret */
	enum sotto_err e = SOTTO_OK;

	if (is_past(c, &h->dh) || (same && h->n < c->recv.n))
		return SOTTO_ESTATE;
	if (!same)
		e = they_turned(r, c, h, now);
	if (e == SOTTO_OK)
		e = skip_to(r, c, h->n, now);
	if (e != SOTTO_OK)
		return e;
	chain_next(&c->recv, &key);
	e = try_open(r, type, h, &key, out, &o->n);
	WIPE(key);
	o->counter = h->counter;
	o->missing = h->counter > c->expected ? h->counter - c->expected : 0;
	o->late = 0;
	if (h->counter >= c->expected)
		c->expected = h->counter + 1;
	c->heard = 1;
	return e;
}

static void
skip_forget_old(struct ratchet *r, uint64_t now)
{
	size_t n = 0;

	while (n < r->n_skip && r->skip[n].at + RATCHET_SKIP_S < now)
		n++;
	if (r->n_skip - n > RATCHET_SKIP_MAX)
		n = r->n_skip - RATCHET_SKIP_MAX;
	if (n > 0)
		skip_drop(r, 0, n);
}

enum sotto_err
ratchet_open(struct ratchet *r, enum chat_type type, struct span in,
    uint64_t now, uint8_t *out, struct ratchet_opened *o)
{
	struct ratchet_core next; /* secret */
	const size_t n_skip = r->n_skip;
	struct head h;
	enum sotto_err e;

	if ((e = read_head(r, type, in, &h)) != SOTTO_OK ||
	    (e = open_skipped(r, type, &h, out, o)) != SOTTO_EAGAIN)
		return e;
	next = r->c;
	e = open_next(r, &next, type, &h, now, out, o);
	if (e == SOTTO_OK) {
		r->c = next;
		skip_forget_old(r, now);
	} else if (r->n_skip > n_skip) {
		skip_drop(r, n_skip, r->n_skip - n_skip);
	}
	WIPE(next);
	return e;
}
