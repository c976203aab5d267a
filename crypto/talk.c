#include "crypto/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#define VERSION         1
#define LAYER_CHAT      2
#define RATCHET_LEN     (32 + 4 + 4) /* kept for the ratchet: zero */
#define SIDE_LEN        (1 + 31)     /* a name in the AAD */
#define RECEIPT_LEN     (16 + 16)
#define PAD_MIN         256
#define PAD_DOUBLED_MAX 4096
#define AAD_LEN                                                                \
	(4 + 1 + 1 + 1 + 2 * SIDE_LEN + CHAT_ID_LEN + HASH_LEN + RATCHET_LEN + \
	    16)

struct talk {
	enum suite suite;
	struct chat_id id;
	struct name me, peer;
	struct hash ad;
	struct rng g;
	struct aead send, recv; /* secret */
	uint64_t n_sent, n_recv;
	uint8_t *plain; /* secret: the last opened content */
	size_t plain_cap;
};

struct talk *
talk_new(struct chat_keys *k, const struct rng *g)
{
	struct talk *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->g = *g;
	t->suite = k->suite;
	t->id = k->id;
	t->me = k->me;
	t->peer = k->peer;
	t->ad = k->ad;
	if (aead_init(&t->send, k->suite, AEAD_SEAL, &k->send) != SOTTO_OK ||
	    aead_init(&t->recv, k->suite, AEAD_OPEN, &k->recv) != SOTTO_OK) {
		talk_free(t);
		return NULL;
	}
	WIPE(*k);
	return t;
}

static void
drop_plain(struct talk *t)
{
	if (t->plain != NULL) {
		secret_wipe(t->plain, t->plain_cap);
		free(t->plain);
	}
	t->plain = NULL;
	t->plain_cap = 0;
}

void
talk_free(struct talk *t)
{
	if (t == NULL)
		return;
	aead_wipe(&t->send);
	aead_wipe(&t->recv);
	drop_plain(t);
	secret_wipe(t, sizeof(*t));
	free(t);
}

void
talk_text_hash(uint8_t out[16], struct span text)
{
	struct hash h;

	hash_one(&h, text);
	memcpy(out, h.b, 16);
}

enum chat_type
talk_type(const struct talk_content *c)
{
	return c->what == TALK_END ? CHAT_END : CHAT_MESSAGE;
}

/* ---- content ---- */

/* Not empty, UTF-8, and without a NUL, behind which C would see nothing. */
static int
is_text(struct span s)
{
	return s.n > 0 && memchr(s.p, 0, s.n) == NULL && text_is_utf8(s);
}

static enum sotto_err
write_content(struct wr *w, const struct talk_content *c)
{
	wr_u8(w, (uint8_t)c->what);
	switch (c->what) {
	case TALK_TEXT:
		if (!is_text(c->text))
			return SOTTO_EFORMAT;
		if (c->text.n > TALK_TEXT_MAX)
			return SOTTO_ETOOBIG;
		wr_u64(w, c->sent_ms);
		wr_span(w, c->text);
		break;
	case TALK_RECEIPT:
		if (c->n_refs < 1 || c->n_refs > TALK_RECEIPTS_MAX)
			return SOTTO_ETOOBIG;
		wr_u8(w, (uint8_t)c->receipt);
		wr_u8(w, (uint8_t)c->n_refs);
		for (size_t i = 0; i < c->n_refs; i++) {
			wr_u64(w, 0);
			wr_u64(w, c->ref[i].counter);
			wr_bytes(w, c->ref[i].hash, sizeof(c->ref[i].hash));
		}
		break;
	case TALK_END:
		break;
	}
	return wr_end(w);
}

static void
read_receipt(struct rd *r, struct talk_content *c)
{
	uint8_t kind = rd_u8(r);

	c->n_refs = rd_u8(r);
	if (kind < TALK_DELIVERED || kind > TALK_READ || c->n_refs < 1 ||
	    c->n_refs > TALK_RECEIPTS_MAX) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	c->receipt = (enum talk_receipt)kind;
	for (size_t i = 0; i < c->n_refs; i++) {
		rd_zero(r, 8);
		c->ref[i].counter = rd_u64(r);
		rd_copy(r, c->ref[i].hash, sizeof(c->ref[i].hash));
	}
}

static enum sotto_err
read_content(struct talk_content *out, struct span in)
{
	struct talk_content c;
	struct rd r;
	uint8_t what;

	memset(&c, 0, sizeof(c));
	rd_init(&r, in);
	what = rd_u8(&r);
	if (what == TALK_TEXT) {
		c.what = TALK_TEXT;
		c.sent_ms = rd_u64(&r);
		c.text = rd_bytes(&r, r.n);
		if (c.text.n > TALK_TEXT_MAX || !is_text(c.text))
			rd_fail(&r, SOTTO_EFORMAT);
	} else if (what == TALK_RECEIPT) {
		c.what = TALK_RECEIPT;
		read_receipt(&r, &c);
	} else if (what == TALK_END) {
		c.what = TALK_END;
	} else {
		rd_fail(&r, SOTTO_EFORMAT);
	}
	if (rd_end(&r) != SOTTO_OK)
		return SOTTO_EFORMAT;
	*out = c;
	return SOTTO_OK;
}

/* ---- padding ---- */

static unsigned
log2_floor(size_t n)
{
	unsigned e = 0;

	while (n > 1) {
		n >>= 1;
		e++;
	}
	return e;
}

/*
 * Powers of two up to 4,096, from there on the padding of Nikitin et al.
 * ("Reducing Metadata Leakage from Encrypted Files", 2019): the length keeps
 * only its upper bits, and grows by less than an eighth.
 */
static size_t
padded_len(size_t n)
{
	size_t p = PAD_MIN, mask;
	unsigned e, s;

	if (n <= PAD_DOUBLED_MAX) {
		while (p < n)
			p *= 2;
		return p;
	}
	e = log2_floor(n);
	s = log2_floor(e) + 1;
	mask = ((size_t)1 << (e - s)) - 1;
	return (n + mask) & ~mask;
}

/* ---- envelope ---- */

static void
write_head(struct wr *w, const struct talk *t, enum chat_type type,
    uint64_t counter)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)type);
	wr_bytes(w, t->id.b, sizeof(t->id.b));
	wr_zero(w, RATCHET_LEN);
	wr_u64(w, 0);
	wr_u64(w, counter);
}

static void
write_side(struct wr *w, const struct name *n)
{
	size_t len = strlen(n->s);

	wr_u8(w, (uint8_t)len);
	wr_bytes(w, n->s, len);
	wr_zero(w, SIDE_LEN - 1 - len);
}

static void
make_aad(uint8_t aad[AAD_LEN], const struct talk *t, enum chat_type type,
    const struct name *from, const struct name *to, uint64_t counter)
{
	struct wr w;

	wr_init(&w, aad, AAD_LEN);
	wr_span(&w, span_str("SOT1"));
	wr_u8(&w, LAYER_CHAT);
	wr_u8(&w, (uint8_t)t->suite);
	wr_u8(&w, (uint8_t)type);
	write_side(&w, from);
	write_side(&w, to);
	wr_bytes(&w, t->id.b, sizeof(t->id.b));
	wr_bytes(&w, t->ad.b, sizeof(t->ad.b));
	wr_zero(&w, RATCHET_LEN);
	wr_u64(&w, 0);
	wr_u64(&w, counter);
}

enum sotto_err
talk_seal(struct talk *t, const struct talk_content *c, struct wr *out,
    uint64_t *counter)
{
	const enum chat_type type = talk_type(c);
	uint8_t inner[2 * (4 + TALK_CONTENT_MAX)]; /* secret */
	uint8_t aad[AAD_LEN];
	size_t start = out->n, n;
	uint8_t *len_at, *sealed;
	struct wr w, lw;
	enum sotto_err e;

	wr_init(&w, inner, sizeof(inner));
	len_at = wr_take(&w, 4);
	if ((e = write_content(&w, c)) != SOTTO_OK)
		goto out;
	wr_init(&lw, len_at, 4);
	wr_u32(&lw, (uint32_t)(w.n - 4));
	n = padded_len(w.n);
	wr_zero(&w, n - w.n);
	if ((e = wr_end(&w)) != SOTTO_OK)
		goto out;
	write_head(out, t, type, t->n_sent);
	sealed = wr_take(out, aead_sealed_len(t->suite, n));
	if ((e = wr_end(out)) != SOTTO_OK) {
		out->n = start;
		goto out;
	}
	make_aad(aad, t, type, &t->me, &t->peer, t->n_sent);
	e = aead_seal(&t->send, sealed, t->n_sent, SPAN(aad), wr_out(&w),
	    &t->g);
	if (e == SOTTO_OK)
		*counter = t->n_sent++;
	else
		out->n = start;
out:
	secret_wipe(inner, w.n);
	return e;
}

/* The counter of an envelope of this chat, or an error. */
static enum sotto_err
read_head(const struct talk *t, enum chat_type type, struct span in,
    uint64_t *counter, struct span *sealed)
{
	struct chat_id id;
	struct rd r;
	uint8_t ver, kind;

	rd_init(&r, in);
	ver = rd_u8(&r);
	kind = rd_u8(&r);
	rd_copy(&r, id.b, sizeof(id.b));
	rd_zero(&r, RATCHET_LEN);
	rd_zero(&r, 8);
	*counter = rd_u64(&r);
	*sealed = rd_bytes(&r, r.n);
	if (rd_end(&r) != SOTTO_OK || ver != VERSION || kind != (uint8_t)type ||
	    memcmp(id.b, t->id.b, CHAT_ID_LEN) != 0)
		return SOTTO_EAUTH;
	return SOTTO_OK;
}

/* The content in a padded text, checked to the last zero. */
static enum sotto_err
take_content(struct talk_content *out, struct span inner)
{
	struct span content;
	struct rd r;
	uint32_t len;

	rd_init(&r, inner);
	len = rd_u32(&r);
	content = rd_bytes(&r, len);
	rd_zero(&r, r.n);
	if (rd_end(&r) != SOTTO_OK || padded_len(4 + content.n) != inner.n)
		return SOTTO_EFORMAT;
	return read_content(out, content);
}

enum sotto_err
talk_open(struct talk *t, enum chat_type type, struct span in,
    struct talk_opened *out)
{
	struct talk_content content;
	uint8_t aad[AAD_LEN];
	struct span sealed;
	uint64_t counter;
	size_t n = 0;
	enum sotto_err e;

	if ((e = read_head(t, type, in, &counter, &sealed)) != SOTTO_OK)
		return e;
	drop_plain(t);
	if (sealed.n == 0 || (t->plain = malloc(sealed.n)) == NULL)
		return sealed.n == 0 ? SOTTO_EAUTH : SOTTO_ENOMEM;
	t->plain_cap = sealed.n;
	make_aad(aad, t, type, &t->peer, &t->me, counter);
	e = aead_open(&t->recv, t->plain, &n, counter, SPAN(aad), sealed);
	if (e != SOTTO_OK)
		return e;
	/* Genuine; so an old number is a replay, not noise. */
	if (counter < t->n_recv)
		return SOTTO_ESTATE;
	out->missing = counter - t->n_recv;
	out->counter = counter;
	t->n_recv = counter + 1;
	e = take_content(&content, (struct span){ t->plain, n });
	if (e != SOTTO_OK)
		return e;
	if (talk_type(&content) != type)
		return SOTTO_EFORMAT;
	out->content = content;
	return SOTTO_OK;
}
