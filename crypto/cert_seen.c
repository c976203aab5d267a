#include "crypto/cert_seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct hash what;
	uint64_t not_before, not_after; /* 0, 0: empty */
};

struct cert_seen {
	pthread_mutex_t lock;
	struct entry e[CERT_SEEN_MAX];
};

struct cert_seen *
cert_seen_new(void)
{
	struct cert_seen *s = calloc(1, sizeof(*s));

	if (s != NULL && pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		s = NULL;
	}
	return s;
}

void
cert_seen_free(struct cert_seen *s)
{
	if (s == NULL)
		return;
	(void)pthread_mutex_destroy(&s->lock);
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
	int good;

	(void)pthread_mutex_lock(&s->lock);
	good = e->not_before <= now && now < e->not_after &&
	    memcmp(e->what.b, what->b, sizeof(what->b)) == 0;
	(void)pthread_mutex_unlock(&s->lock);
	return good;
}

void
cert_seen_put(struct cert_seen *s, const struct hash *what, uint64_t not_before,
    uint64_t not_after)
{
	struct entry *e = place(s, what);

	(void)pthread_mutex_lock(&s->lock);
	*e = (struct entry){ *what, not_before, not_after };
	(void)pthread_mutex_unlock(&s->lock);
}
