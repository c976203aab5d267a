#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* What an empty buffer keeps; more is given back, so that idle costs little. */
#define KEEP 1024

void
buf_init(struct buf *b, size_t max)
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
	size_t cap = b->cap > 0 ? b->cap : KEEP;
	uint8_t *p;

	while (cap < need)
		cap *= 2;
	if ((p = malloc(cap)) == NULL)
		return 0;
	if (b->n > 0)
		memcpy(p, b->p + b->at, b->n);
	if (b->p != NULL) {
		secret_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
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
	b->n += n;
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
	b->at += n;
	b->n -= n;
	if (b->n > 0)
		return;
	b->at = 0;
	if (b->cap > KEEP)
		buf_free(b);
}
