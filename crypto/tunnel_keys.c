/* New keys inside a session; see tunnel_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"
#include "crypto/tunnel_priv.h"

#define UPDATE_CHAIN 0 /* secret' = Expand(secret, "upd") */
#define UPDATE_DH    1 /* the secret of the last REKEY */
#define REKEY_OFFER  0
#define REKEY_ANSWER 1
#define REKEY_LEN    (1 + POINT_LEN)

/* The cipher of a side's secret. */
static enum sotto_err
make_cipher(struct tunnel_side *s, enum suite suite, enum aead_dir dir)
{
	enum sotto_err e;

	if ((s->aead = malloc(sizeof(*s->aead))) == NULL)
		return SOTTO_ENOMEM;
	if ((e = aead_init(s->aead, suite, dir, &s->secret)) != SOTTO_OK) {
		aead_wipe(s->aead);
		free(s->aead);
		s->aead = NULL;
	}
	return e;
}

static void
drop_cipher(struct tunnel_side *s)
{
	if (s->aead == NULL)
		return;
	aead_wipe(s->aead);
	free(s->aead);
	s->aead = NULL;
}

enum sotto_err
tunnel_side_init(struct tunnel_side *s, enum suite suite, enum aead_dir dir,
    const struct key *secret, uint64_t now_ms)
{
	s->secret = *secret;
	s->records = 0;
	s->bytes = 0;
	s->since_ms = now_ms;
	return make_cipher(s, suite, dir);
}

void
tunnel_side_wipe(struct tunnel_side *s)
{
	drop_cipher(s);
	WIPE(s->secret);
}

void
tunnel_rest(struct tunnel *t)
{
	if (!tunnel_has_frags(t))
		tunnel_frags_free(t);
	drop_cipher(&t->out);
	drop_cipher(&t->in);
}

enum sotto_err
tunnel_wake(struct tunnel *t)
{
	enum sotto_err e = SOTTO_OK;

	if (t->out.aead == NULL)
		e = make_cipher(&t->out, t->suite, AEAD_SEAL);
	if (e == SOTTO_OK && t->in.aead == NULL)
		e = make_cipher(&t->in, t->suite, AEAD_OPEN);
	return e;
}

void
tunnel_offer_free(struct tunnel *t)
{
	if (t->offer != NULL)
		WIPE(*t->offer);
	free(t->offer);
	t->offer = NULL;
}

/* The next phase of one direction, under a new secret. */
static enum sotto_err
next_phase(struct tunnel *t, struct tunnel_side *s, const struct key *secret,
    uint64_t now_ms)
{
	struct key copy = *secret; /* secret; may be the side's own */
	enum sotto_err e;

	tunnel_side_wipe(s);
	s->phase++;
	e = tunnel_side_init(s, t->suite, s == &t->out ? AEAD_SEAL : AEAD_OPEN,
	    &copy, now_ms);
	WIPE(copy);
	return e;
}

static void
chained(struct key *out, const struct tunnel_side *s)
{
	kdf_key(out, &s->secret, "upd", NULL);
}

enum sotto_err
tunnel_update_if_due(struct tunnel *t, uint64_t now_ms, struct buf *out)
{
	const uint8_t kind = UPDATE_CHAIN;
	struct key next; /* secret */
	enum sotto_err e;

	if (t->out.records < UPDATE_RECORDS && t->out.bytes < UPDATE_BYTES &&
	    now_ms - t->out.since_ms < UPDATE_MS)
		return SOTTO_OK;
	e = tunnel_record(t, TUNNEL_UPDATE, (struct span){ &kind, 1 }, 0, out);
	if (e != SOTTO_OK)
		return e;
	chained(&next, &t->out);
	e = next_phase(t, &t->out, &next, now_ms);
	WIPE(next);
	return e;
}

void
tunnel_on_update(struct tunnel *t, struct span content, uint64_t now_ms,
    struct tunnel_in *in)
{
	struct key next; /* secret */
	enum sotto_err e = SOTTO_EFORMAT;

	if (content.n == 1 && content.p[0] == UPDATE_CHAIN) {
		chained(&next, &t->in);
		e = next_phase(t, &t->in, &next, now_ms);
		WIPE(next);
	} else if (content.n == 1 && content.p[0] == UPDATE_DH &&
	    t->role == TUNNEL_SERVER && t->rekeying) {
		e = next_phase(t, &t->in, &t->next_in, now_ms);
		WIPE(t->next_in);
		t->rekeying = 0;
	}
	if (e != SOTTO_OK)
		tunnel_fail(t, "a key update is not allowed", in);
}

/* New secrets of both directions out of the old rekey secret and X25519. */
static void
derive(struct tunnel *t, const struct key *shared, const struct x25519_pub *ec,
    const struct x25519_pub *es, struct key *c_ap, struct key *s_ap)
{
	struct key salt, ms; /* secret */
	struct prk p;        /* secret */
	struct hash points;

	hash_parts(&points, (const struct span[]){ SPAN(ec->b), SPAN(es->b) },
	    2);
	kdf_key(&salt, &t->rekey, "dh", NULL);
	hkdf_extract(&ms, SPAN(salt.b), SPAN(shared->b));
	prk_init(&p, &ms);
	prk_key(c_ap, &p, "c ap", &points);
	prk_key(s_ap, &p, "s ap", &points);
	prk_key(&t->rekey, &p, "rekey", &points);
	WIPE(salt);
	WIPE(ms);
	WIPE(p);
}

static enum sotto_err
send_point(struct tunnel *t, uint8_t step, const struct x25519_pub *p,
    struct buf *out)
{
	uint8_t content[REKEY_LEN];

	content[0] = step;
	memcpy(content + 1, p->b, POINT_LEN);
	return tunnel_record(t, TUNNEL_REKEY, SPAN(content), 0, out);
}

enum sotto_err
tunnel_rekey(struct tunnel *t, uint64_t now_ms, struct buf *out)
{
	enum sotto_err e;

	(void)now_ms;
	if (t->failed || t->said_bye || t->rekeying || t->role != TUNNEL_CLIENT)
		return SOTTO_ESTATE;
	if ((t->offer = malloc(sizeof(*t->offer))) == NULL)
		return SOTTO_ENOMEM;
	x25519_make(&t->offer->x, &t->offer->ec, &t->g);
	e = send_point(t, REKEY_OFFER, &t->offer->ec, out);
	if (e == SOTTO_OK)
		t->rekeying = 1;
	else
		tunnel_offer_free(t);
	return e;
}

/* Relay: answer, seal on under the new key, expect the client's update. */
static enum sotto_err
on_offer(struct tunnel *t, const struct x25519_pub *ec, uint64_t now_ms,
    struct buf *out)
{
	struct key shared, s_ap; /* secret */
	struct x25519_sec x;     /* secret */
	struct x25519_pub es;
	enum sotto_err e;

	x25519_make(&x, &es, &t->g);
	if ((e = x25519_shared(&shared, &x, ec)) == SOTTO_OK &&
	    (e = send_point(t, REKEY_ANSWER, &es, out)) == SOTTO_OK) {
		derive(t, &shared, ec, &es, &t->next_in, &s_ap);
		t->rekeying = 1;
		e = next_phase(t, &t->out, &s_ap, now_ms);
	}
	WIPE(x);
	WIPE(shared);
	WIPE(s_ap);
	return e;
}

/* Client: open on under the new key, say so, and seal under it too. */
static enum sotto_err
on_answer(struct tunnel *t, const struct x25519_pub *es, uint64_t now_ms,
    struct buf *out)
{
	const uint8_t kind = UPDATE_DH;
	struct key shared, c_ap, s_ap; /* secret */
	enum sotto_err e;

	e = x25519_shared(&shared, &t->offer->x, es);
	if (e != SOTTO_OK)
		return e;
	derive(t, &shared, &t->offer->ec, es, &c_ap, &s_ap);
	t->rekeying = 0;
	tunnel_offer_free(t);
	e = next_phase(t, &t->in, &s_ap, now_ms);
	/* After our own close the relay expects nothing more from us. */
	if (e == SOTTO_OK && !t->said_bye)
		e = tunnel_record(t, TUNNEL_UPDATE, (struct span){ &kind, 1 },
		    0, out);
	if (e == SOTTO_OK && !t->said_bye)
		e = next_phase(t, &t->out, &c_ap, now_ms);
	WIPE(shared);
	WIPE(c_ap);
	WIPE(s_ap);
	return e;
}

void
tunnel_on_rekey(struct tunnel *t, struct span content, uint64_t now_ms,
    struct buf *out, struct tunnel_in *in)
{
	enum sotto_err e = SOTTO_EFORMAT;
	struct x25519_pub p;

	/* It crossed our close: nothing will be sealed any more. */
	if (t->said_bye)
		return;
	if (content.n == REKEY_LEN) {
		memcpy(p.b, content.p + 1, POINT_LEN);
		if (content.p[0] == REKEY_OFFER && t->role == TUNNEL_SERVER &&
		    !t->rekeying)
			e = on_offer(t, &p, now_ms, out);
		else if (content.p[0] == REKEY_ANSWER &&
		    t->role == TUNNEL_CLIENT && t->rekeying)
			e = on_answer(t, &p, now_ms, out);
	}
	if (e != SOTTO_OK)
		tunnel_fail(t, "new keys could not be agreed on", in);
}
