#include "crypto/talk.h"

#include <string.h>

#include "base/text.h"

#define PAD_MIN         256
#define PAD_DOUBLED_MAX 4096

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

/* UTF-8 without a NUL, behind which C would see nothing. */
static int
is_clean(struct span s)
{
	return s.n == 0 || (memchr(s.p, 0, s.n) == NULL && text_is_utf8(s));
}

static enum sotto_err
write_text(struct wr *w, struct span text, size_t min, size_t max)
{
	if (text.n < min || !is_clean(text))
		return SOTTO_EFORMAT;
	if (text.n > max)
		return SOTTO_ETOOBIG;
	wr_span(w, text);
	return SOTTO_OK;
}

static enum sotto_err
write_receipt(struct wr *w, const struct talk_content *c)
{
	if (c->n_refs < 1 || c->n_refs > TALK_RECEIPTS_MAX)
		return SOTTO_ETOOBIG;
	wr_u8(w, (uint8_t)c->receipt);
	wr_u8(w, (uint8_t)c->n_refs);
	for (size_t i = 0; i < c->n_refs; i++) {
		wr_u64(w, c->ref[i].id);
		wr_bytes(w, c->ref[i].hash, sizeof(c->ref[i].hash));
	}
	return SOTTO_OK;
}

static enum sotto_err
write_content(struct wr *w, const struct talk_content *c)
{
	wr_u8(w, (uint8_t)c->what);
	switch (c->what) {
	case TALK_TEXT:
		wr_u64(w, c->id);
		wr_u64(w, c->reply_to);
		wr_u64(w, c->sent_ms);
		return write_text(w, c->text, 1, TALK_TEXT_MAX);
	case TALK_EDIT:
		wr_u64(w, c->id);
		wr_u64(w, c->sent_ms);
		return write_text(w, c->text, 1, TALK_TEXT_MAX);
	case TALK_REACT:
		wr_u64(w, c->id);
		return write_text(w, c->text, 0, TALK_REACT_MAX);
	case TALK_DELETE:
		wr_u64(w, c->id);
		break;
	case TALK_RECEIPT:
		return write_receipt(w, c);
	case TALK_REFUSE:
		wr_u8(w, (uint8_t)c->reason);
		break;
	case TALK_KEEP:
		wr_u64(w, c->sent_ms);
		wr_u16(w, c->days);
		return c->days > TALK_DAYS_MAX ? SOTTO_EFORMAT : SOTTO_OK;
	case TALK_ASK:
	case TALK_ACCEPT:
	case TALK_END:
		break;
	}
	return SOTTO_OK;
}

static struct span
read_text(struct rd *r, size_t min, size_t max)
{
	const struct span s = rd_bytes(r, r->n);

	if (s.n < min || s.n > max || !is_clean(s))
		rd_fail(r, SOTTO_EFORMAT);
	return s;
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
		c->ref[i].id = rd_u64(r);
		rd_copy(r, c->ref[i].hash, sizeof(c->ref[i].hash));
	}
}

static void
read_reason(struct rd *r, struct talk_content *c)
{
	uint8_t reason = rd_u8(r);

	if (reason < CHAT_REASON_NO || reason > CHAT_REASON_FULL)
		rd_fail(r, SOTTO_EFORMAT);
	else
		c->reason = (enum chat_reason)reason;
}

static void
read_body(struct rd *r, struct talk_content *c)
{
	switch (c->what) {
	case TALK_TEXT:
		c->id = rd_u64(r);
		c->reply_to = rd_u64(r);
		c->sent_ms = rd_u64(r);
		c->text = read_text(r, 1, TALK_TEXT_MAX);
		break;
	case TALK_EDIT:
		c->id = rd_u64(r);
		c->sent_ms = rd_u64(r);
		c->text = read_text(r, 1, TALK_TEXT_MAX);
		break;
	case TALK_REACT:
		c->id = rd_u64(r);
		c->text = read_text(r, 0, TALK_REACT_MAX);
		break;
	case TALK_DELETE:
		c->id = rd_u64(r);
		break;
	case TALK_RECEIPT:
		read_receipt(r, c);
		break;
	case TALK_REFUSE:
		read_reason(r, c);
		break;
	case TALK_KEEP:
		c->sent_ms = rd_u64(r);
		if ((c->days = rd_u16(r)) > TALK_DAYS_MAX)
			rd_fail(r, SOTTO_EFORMAT);
		break;
	case TALK_ASK:
	case TALK_ACCEPT:
	case TALK_END:
		break;
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
	if (what < TALK_TEXT || what > TALK_KEEP)
		return SOTTO_EFORMAT;
	c.what = (enum talk_what)what;
	read_body(&r, &c);
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

enum sotto_err
talk_write(struct wr *w, const struct talk_content *c)
{
	const size_t start = w->n;
	uint8_t *len_at = wr_take(w, 4);
	struct wr lw;
	size_t n;
	enum sotto_err e;

	if (len_at == NULL)
		return wr_end(w);
	if ((e = write_content(w, c)) != SOTTO_OK)
		return e;
	if ((e = wr_end(w)) != SOTTO_OK)
		return e;
	n = w->n - start;
	wr_init(&lw, len_at, 4);
	wr_u32(&lw, (uint32_t)(n - 4));
	wr_zero(w, padded_len(n) - n);
	return wr_end(w);
}

enum sotto_err
talk_read(struct talk_content *out, struct span inner)
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
