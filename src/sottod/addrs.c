#include "sottod/addrs.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define BUCKETS 4096

struct addrs {
	struct key secret; /* so that nobody can choose who shares a bucket */
	struct addr *bucket[BUCKETS];
};

struct addrs *
addrs_new(const struct rng *g)
{
	struct addrs *a = calloc(1, sizeof(*a));

	if (a != NULL)
		rng_fill(g, a->secret.b, sizeof(a->secret.b));
	return a;
}

void
addrs_free(struct addrs *a)
{
	free(a);
}

static struct addr **
bucket_of(struct addrs *a, const uint8_t *key, size_t n)
{
	struct hash h;

	hash_parts(&h, (const struct span[]){ SPAN(a->secret.b), { key, n } },
	    2);
	return &a->bucket[((size_t)h.b[0] << 8 | h.b[1]) % BUCKETS];
}

struct addr *
addrs_enter(struct addrs *a, const struct tcp_peer *p)
{
	struct addr **at = bucket_of(a, p->key, p->key_len);
	struct addr *e = *at;

	while (e != NULL &&
	    (e->key_len != p->key_len ||
		!secret_eq(e->key, p->key, p->key_len)))
		e = e->next;
	if (e == NULL) {
		if ((e = calloc(1, sizeof(*e))) == NULL)
			return NULL;
		memcpy(e->key, p->key, p->key_len);
		e->key_len = p->key_len;
		e->next = *at;
		*at = e;
	}
	e->conns++;
	return e;
}

void
addrs_leave(struct addrs *a, struct addr *of)
{
	struct addr **at;

	if (--of->conns > 0)
		return;
	at = bucket_of(a, of->key, of->key_len);
	while (*at != of)
		at = &(*at)->next;
	*at = of->next;
	free(of);
}
