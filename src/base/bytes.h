/*
 * bytes - checked cursors; the only code that touches the bytes of a message.
 *
 * A reader (rd) and a writer (wr) carry their bounds and a sticky error: after
 * the first step that does not fit, nothing more is read or written, getters
 * return zero, and the end function says what went wrong.  So a decoder is a
 * straight line of getters, in the order of the message, closed by rd_end():
 *
 *	rd_init(&r, body);
 *	m.version = rd_u16(&r);
 *	rd_copy(&r, m.nonce, sizeof(m.nonce));
 *	return rd_end(&r);
 *
 * All integers are big-endian.  Nothing here allocates.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * be32_read, be64_read, be64_write - without a cursor, where the bounds are
 * those of an array; compilers make one instruction of each.
 */
static inline uint32_t
be32_read(const uint8_t p[4])
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t
be64_read(const uint8_t p[8])
{
	return (uint64_t)be32_read(p) << 32 | be32_read(p + 4);
}

static inline void
be64_write(uint8_t p[8], uint64_t v)
{
	p[0] = (uint8_t)(v >> 56);
	p[1] = (uint8_t)(v >> 48);
	p[2] = (uint8_t)(v >> 40);
	p[3] = (uint8_t)(v >> 32);
	p[4] = (uint8_t)(v >> 24);
	p[5] = (uint8_t)(v >> 16);
	p[6] = (uint8_t)(v >> 8);
	p[7] = (uint8_t)v;
}

/* Borrowed bytes: somebody else owns them and outlives the span. */
struct span {
	const uint8_t *p;
	size_t n;
};

/*
 * For a large array that is written before it is read, where the compiler is
 * told to zero what is not initialized: in a function that runs for each
 * message that would cost more than the message.
 */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

#define SPAN(array) ((struct span){ (array), sizeof(array) })

/* span_str - the bytes of a C string without its NUL; borrows s. */
struct span span_str(const char *s);

/* span_eq - same length, same bytes.  Not constant time: public data only. */
int span_eq(struct span a, struct span b);

struct rd {
	const uint8_t *p; /* next byte */
	size_t n;         /* bytes left */
	enum sotto_err err;
};

void rd_init(struct rd *r, struct span in);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u24(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);

/* rd_copy - n bytes into out; zeroes where they are missing. */
void rd_copy(struct rd *r, void *out, size_t n);

/* rd_bytes - n bytes in place; borrows from the input, empty on failure. */
struct span rd_bytes(struct rd *r, size_t n);

/* rd_str16 - a u16 length and as many bytes, at most max (else ETOOBIG). */
struct span rd_str16(struct rd *r, size_t max);

/* rd_zero - n bytes that have to be zero (else EFORMAT). */
void rd_zero(struct rd *r, size_t n);

/* rd_fail - the caller found a value that is not allowed; first one sticks. */
void rd_fail(struct rd *r, enum sotto_err e);

/* rd_end - SOTTO_OK if all went well and every byte was consumed. */
enum sotto_err rd_end(const struct rd *r);

struct wr {
	uint8_t *p; /* start of the buffer */
	size_t n;   /* bytes written */
	size_t cap; /* size of the buffer */
	enum sotto_err err;
};

void wr_init(struct wr *w, uint8_t *buf, size_t cap);
void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u24(struct wr *w, uint32_t v); /* v < 2^24, else ETOOBIG */
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_bytes(struct wr *w, const void *p, size_t n);
void wr_span(struct wr *w, struct span s);
void wr_str16(struct wr *w, struct span s); /* s.n < 2^16, else ETOOBIG */
void wr_zero(struct wr *w, size_t n);

/* wr_take - room for n bytes to be filled by the caller, or NULL. */
uint8_t *wr_take(struct wr *w, size_t n);

/* wr_end - SOTTO_OK if everything fitted. */
enum sotto_err wr_end(const struct wr *w);

/* wr_out - what was written so far; borrows the buffer. */
struct span wr_out(const struct wr *w);

#endif
