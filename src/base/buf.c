#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* The first block, and the most that an empty buffer keeps: of a connection that
 * is busy, and moves more than the first block in a turn.  When it is no longer,
 * its owner gives it back with buf_free(). */
#define FIRST 2048
#define KEEP  (64 << 10)

void
buf_init(struct buf *b, uint32_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_free(struct buf *b)
{
	if (b->p != NULL) {
		secret_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = NULL;
	b->at = b->n = b->cap = 0;
}

/* No realloc: the old block is wiped, and moving to the front is free here. */
static int
grow(struct buf *b, size_t need)
{
	size_t cap = b->cap > 0 ? b->cap : FIRST;
	uint8_t *p;

	while (cap < need)
		cap *= 2;
	if (cap > UINT32_MAX || (p = malloc(cap)) == NULL)
		return 0;
	if (b->n > 0)
		memcpy(p, b->p + b->at, b->n);
	if (b->p != NULL) {
		secret_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = (uint32_t)cap;
	b->at = 0;
	return 1;
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	if (n == 0 || n > b->max - b->n)
		return NULL;
	if (n > b->cap - b->at - b->n) {
		if (b->n + n <= b->cap / 2) {
			memmove(b->p, b->p + b->at, b->n);
			b->at = 0;
		} else if (!grow(b, b->n + n)) {
			return NULL;
		}
	}
	return b->p + b->at + b->n;
}

void
buf_added(struct buf *b, size_t n)
{
	b->n += (uint32_t)n;
}

enum sotto_err
buf_add(struct buf *b, struct span s)
{
	uint8_t *at;

	if (s.n == 0)
		return SOTTO_OK;
	if (s.n > b->max - b->n)
		return SOTTO_ENOSPACE;
	if ((at = buf_room(b, s.n)) == NULL)
		return SOTTO_ENOMEM;
	memcpy(at, s.p, s.n);
	buf_added(b, s.n);
	return SOTTO_OK;
}

struct span
buf_bytes(const struct buf *b)
{
	if (b->n == 0)
		return (struct span){ NULL, 0 };
	return (struct span){ b->p + b->at, b->n };
}

void
buf_consume(struct buf *b, size_t n)
{
	b->at += (uint32_t)n;
	b->n -= (uint32_t)n;
	if (b->n > 0)
		return;
	b->at = 0;
	if (b->cap <= FIRST || b->cap > KEEP)
		buf_free(b);
}
