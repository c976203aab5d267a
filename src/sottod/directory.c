#include "sottod/directory.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64

struct directory {
	struct dir_user **bucket;
	size_t n_buckets;      /* a power of two */
	struct dir_user **all; /* owned: n_users, in the order they came */
	size_t room;
	size_t n_users, n_online;
};

struct directory *
dir_new(void)
{
	struct directory *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->n_buckets = BUCKETS_MIN;
	d->bucket = calloc(d->n_buckets, sizeof(struct dir_user *));
	if (d->bucket == NULL) {
		free(d);
		return NULL;
	}
	return d;
}

void
dir_free(struct directory *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n_users; i++)
		free(d->all[i]);
	free(d->all);
	free(d->bucket);
	free(d);
}

/* FNV-1a; names are chosen under the admin's eyes, one invite each. */
static size_t
hash_name(const struct name *n)
{
	uint64_t h = 14695981039346656037ULL;

	for (const char *p = n->s; *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211ULL;
	return (size_t)(h ^ h >> 32);
}

static struct dir_user **
slot_of(const struct directory *d, const struct name *n)
{
	return &d->bucket[hash_name(n) & (d->n_buckets - 1)];
}

struct dir_user *
dir_find(struct directory *d, const struct name *n)
{
	struct dir_user *u = *slot_of(d, n);

	while (u != NULL && !name_eq(&u->name, n))
		u = u->next;
	return u;
}

/* Twice as many buckets; staying as it is does no harm. */
static void
grow(struct directory *d)
{
	struct directory big = {
		.n_buckets = d->n_buckets > 0 ? d->n_buckets * 2 : BUCKETS_MIN
	};

	big.bucket = calloc(big.n_buckets, sizeof(struct dir_user *));
	if (big.bucket == NULL)
		return;
	for (size_t i = 0; i < d->n_users; i++) {
		struct dir_user **to = slot_of(&big, &d->all[i]->name);

		d->all[i]->next = *to;
		*to = d->all[i];
	}
	free(d->bucket);
	d->bucket = big.bucket;
	d->n_buckets = big.n_buckets;
}

static struct dir_user *
add(struct directory *d, const struct name *n)
{
	struct dir_user *u, **at;

	if (d->n_users == d->room) {
		const size_t room = d->room > 0 ? d->room * 2 : BUCKETS_MIN;
		struct dir_user **all =
		    realloc(d->all, room * sizeof(struct dir_user *));

		if (all == NULL)
			return NULL;
		d->all = all;
		d->room = room;
	}
	if (d->n_users >= d->n_buckets)
		grow(d);
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	u->name = *n;
	at = slot_of(d, n);
	u->next = *at;
	*at = u;
	d->all[d->n_users++] = u;
	return u;
}

enum sotto_err
dir_put(struct directory *d, const struct name *n, struct span spki,
    int revoked)
{
	struct dir_user *u = dir_find(d, n);

	if (spki.n == 0 || spki.n > sizeof(u->spki))
		return SOTTO_EFORMAT;
	if (u == NULL && (u = add(d, n)) == NULL)
		return SOTTO_ENOMEM;
	memcpy(u->spki, spki.p, spki.n);
	u->spki_len = spki.n;
	u->revoked = revoked;
	return SOTTO_OK;
}

struct conn *
dir_claim(struct directory *d, struct dir_user *u, struct conn *c)
{
	struct conn *before = u->conn;

	u->conn = c;
	u->state = WIRE_ONLINE;
	if (before == NULL)
		d->n_online++;
	return before;
}

int
dir_release(struct directory *d, struct dir_user *u, const struct conn *c)
{
	if (u->conn != c)
		return 0;
	u->conn = NULL;
	u->state = WIRE_OFFLINE;
	d->n_online--;
	return 1;
}

size_t
dir_n_users(const struct directory *d)
{
	return d->n_users;
}

size_t
dir_n_online(const struct directory *d)
{
	return d->n_online;
}

struct dir_user *
dir_at(const struct directory *d, size_t i)
{
	return d->all[i];
}

size_t
dir_search(const struct directory *d, struct span pattern,
    struct wire_person out[WIRE_FOUND_MAX], int *more)
{
	size_t n = 0;

	*more = 0;
	for (size_t i = 0; i < d->n_users; i++) {
		const struct dir_user *u = d->all[i];

		if (u->revoked ||
		    (pattern.n > 0 &&
			memmem(u->name.s, strlen(u->name.s), pattern.p,
			    pattern.n) == NULL))
			continue;
		if (n == WIRE_FOUND_MAX) {
			*more = 1;
			return n;
		}
		out[n].state = u->state;
		out[n++].name = u->name;
	}
	return n;
}
