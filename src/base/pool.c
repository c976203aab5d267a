#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

/* Large enough for malloc() to ask the system for each. */
#define BLOCK (256 << 10)

struct object {
	struct object *next;
};

struct block {
	struct block *next;
	max_align_t first;
};

struct pool {
	size_t size;
	struct object *free;
	struct block *blocks;
};

struct pool *
pool_new(size_t size)
{
	const size_t unit = _Alignof(max_align_t);
	struct pool *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->size = (size + unit - 1) / unit * unit;
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	while (p->blocks != NULL) {
		struct block *b = p->blocks;

		p->blocks = b->next;
		free(b);
	}
	free(p);
}

static void
more(struct pool *p)
{
	struct block *b = malloc(BLOCK);
	char *at, *end;

	if (b == NULL)
		return;
	end = (char *)b + BLOCK;
	b->next = p->blocks;
	p->blocks = b;
	for (at = (char *)&b->first; (size_t)(end - at) >= p->size;
	     at += p->size)
		pool_put(p, at);
}

void *
pool_get(struct pool *p)
{
	struct object *o;

	if (p->free == NULL)
		more(p);
	if ((o = p->free) == NULL)
		return NULL;
	p->free = o->next;
	return memset(o, 0, p->size);
}

void
pool_put(struct pool *p, void *object)
{
	struct object *o = object;

	if (o == NULL)
		return;
	o->next = p->free;
	p->free = o;
}
