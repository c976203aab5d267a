/*
 * buf - a growing byte queue with a hard maximum: bytes are added behind and
 * consumed in front.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"

struct buf {
	uint8_t *p; /* owned; the bytes start at p + at */
	uint32_t at, n, cap;
	uint32_t max; /* n never exceeds it */
};

void buf_init(struct buf *b, uint32_t max);
void buf_free(struct buf *b); /* wipes; good for a zeroed one */

/*
 * buf_room - room for n > 0 more bytes behind, to be filled by the caller, who
 * then says buf_added().  NULL: over the maximum, or no memory.
 */
uint8_t *buf_room(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);

/* buf_add - SOTTO_ENOSPACE: over the maximum; SOTTO_ENOMEM. */
enum sotto_err buf_add(struct buf *b, struct span s);

/* buf_bytes - all of it; borrows until the next change. */
struct span buf_bytes(const struct buf *b);

/* buf_consume - drop n <= b->n bytes in front; the memory goes when empty. */
void buf_consume(struct buf *b, size_t n);

#endif
