#include "base/bytes.h"

#include <string.h>

struct span
span_str(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

int
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

void
rd_init(struct rd *r, struct span in)
{
	r->p = in.p;
	r->n = in.n;
	r->err = SOTTO_OK;
}

void
rd_fail(struct rd *r, enum sotto_err e)
{
	if (r->err == SOTTO_OK)
		r->err = e;
}

struct span
rd_bytes(struct rd *r, size_t n)
{
	struct span s = { NULL, 0 };

	if (r->err == SOTTO_OK && n > r->n)
		r->err = SOTTO_EFORMAT;
	if (r->err != SOTTO_OK)
		return s;
	s = (struct span){ r->p, n };
	if (n > 0) {
		r->p += n;
		r->n -= n;
	}
	return s;
}

/* Numbers: each message has a dozen, so without loops; zero after a failure. */

uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 1).p;

	return p != NULL ? p[0] : 0;
}

uint16_t
rd_u16(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 2).p;

	return p != NULL ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t
rd_u24(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 3).p;

	return p != NULL ? (uint32_t)(p[0] << 16 | p[1] << 8 | p[2]) : 0;
}

uint32_t
rd_u32(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 4).p;

	return p != NULL ? be32_read(p) : 0;
}

uint64_t
rd_u64(struct rd *r)
{
	const uint8_t *p = rd_bytes(r, 8).p;

	return p != NULL ? be64_read(p) : 0;
}

void
rd_copy(struct rd *r, void *out, size_t n)
{
	struct span s = rd_bytes(r, n);

	if (s.n == n && n > 0)
		memcpy(out, s.p, n);
	else if (n > 0)
		memset(out, 0, n);
}

struct span
rd_str16(struct rd *r, size_t max)
{
	size_t n = rd_u16(r);

	if (r->err == SOTTO_OK && n > max)
		r->err = SOTTO_ETOOBIG;
	return rd_bytes(r, n);
}

void
rd_zero(struct rd *r, size_t n)
{
	struct span s = rd_bytes(r, n);

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != 0)
			rd_fail(r, SOTTO_EFORMAT);
}

enum sotto_err
rd_end(const struct rd *r)
{
	if (r->err != SOTTO_OK)
		return r->err;
	return r->n == 0 ? SOTTO_OK : SOTTO_EFORMAT;
}

void
wr_init(struct wr *w, uint8_t *buf, size_t cap)
{
	w->p = buf;
	w->n = 0;
	w->cap = cap;
	w->err = SOTTO_OK;
}

uint8_t *
wr_take(struct wr *w, size_t n)
{
	uint8_t *at;

	if (w->err == SOTTO_OK && n > w->cap - w->n)
		w->err = SOTTO_ENOSPACE;
	if (w->err != SOTTO_OK)
		return NULL;
	at = w->p + w->n;
	w->n += n;
	return at;
}

void
wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *at = wr_take(w, 1);

	if (at != NULL)
		at[0] = v;
}

void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *at = wr_take(w, 2);

	if (at == NULL)
		return;
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

void
wr_u24(struct wr *w, uint32_t v)
{
	uint8_t *at;

	if (w->err == SOTTO_OK && v > 0xffffff)
		w->err = SOTTO_ETOOBIG;
	if ((at = wr_take(w, 3)) == NULL)
		return;
	at[0] = (uint8_t)(v >> 16);
	at[1] = (uint8_t)(v >> 8);
	at[2] = (uint8_t)v;
}

void
wr_u32(struct wr *w, uint32_t v)
{
	uint8_t *at = wr_take(w, 4);

	if (at == NULL)
		return;
	at[0] = (uint8_t)(v >> 24);
	at[1] = (uint8_t)(v >> 16);
	at[2] = (uint8_t)(v >> 8);
	at[3] = (uint8_t)v;
}

void
wr_u64(struct wr *w, uint64_t v)
{
	uint8_t *at = wr_take(w, 8);

	if (at != NULL)
		be64_write(at, v);
}

void
wr_bytes(struct wr *w, const void *p, size_t n)
{
	uint8_t *at = wr_take(w, n);

	if (at != NULL && n > 0)
		memcpy(at, p, n);
}

void
wr_span(struct wr *w, struct span s)
{
	wr_bytes(w, s.p, s.n);
}

void
wr_str16(struct wr *w, struct span s)
{
	if (w->err == SOTTO_OK && s.n > 0xffff)
		w->err = SOTTO_ETOOBIG;
	wr_u16(w, (uint16_t)s.n);
	wr_span(w, s);
}

void
wr_zero(struct wr *w, size_t n)
{
	uint8_t *at = wr_take(w, n);

	if (at != NULL && n > 0)
		memset(at, 0, n);
}

enum sotto_err
wr_end(const struct wr *w)
{
	return w->err;
}

struct span
wr_out(const struct wr *w)
{
	return (struct span){ w->p, w->n };
}
