#include "crypto/cert_seen.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct hash what;
	uint64_t not_before, not_after; /* 0, 0: empty */
};

struct cert_seen {
	struct entry e[CERT_SEEN_MAX];
};

struct cert_seen *
cert_seen_new(void)
{
	return calloc(1, sizeof(struct cert_seen));
}

void
cert_seen_free(struct cert_seen *s)
{
	free(s);
}

/* The hash is one already. */
static struct entry *
place(struct cert_seen *s, const struct hash *what)
{
	uint32_t i;

	memcpy(&i, what->b, sizeof(i));
	return &s->e[i % CERT_SEEN_MAX];
}

int
cert_seen_good(struct cert_seen *s, const struct hash *what, uint64_t now)
{
	const struct entry *e = place(s, what);

	return e->not_before <= now && now < e->not_after &&
	    memcmp(e->what.b, what->b, sizeof(what->b)) == 0;
}

void
cert_seen_put(struct cert_seen *s, const struct hash *what, uint64_t not_before,
    uint64_t not_after)
{
	*place(s, what) = (struct entry){ *what, not_before, not_after };
}
