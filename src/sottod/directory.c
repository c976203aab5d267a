#include "sottod/directory.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64

struct directory {
	struct dir_user **bucket;
	size_t n_buckets; /* a power of two */
	size_t n_users, n_online;
	struct dir_user *online;
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
	for (size_t i = 0; i < d->n_buckets; i++) {
		struct dir_user *u = d->bucket[i];

		while (u != NULL) {
			struct dir_user *next = u->next;

			free(u);
			u = next;
		}
	}
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
	struct directory big = { .n_buckets = d->n_buckets * 2 };

	big.bucket = calloc(big.n_buckets, sizeof(struct dir_user *));
	if (big.bucket == NULL)
		return;
	for (size_t i = 0; i < d->n_buckets; i++) {
		struct dir_user *u = d->bucket[i];

		while (u != NULL) {
			struct dir_user *next = u->next;
			struct dir_user **to = slot_of(&big, &u->name);

			u->next = *to;
			*to = u;
			u = next;
		}
	}
	free(d->bucket);
	d->bucket = big.bucket;
	d->n_buckets = big.n_buckets;
}

enum sotto_err
dir_put(struct directory *d, const struct name *n, struct span spki,
    int revoked)
{
	struct dir_user *u = dir_find(d, n);

	if (spki.n == 0 || spki.n > sizeof(u->spki))
		return SOTTO_EFORMAT;
	if (u == NULL) {
		struct dir_user **at;

		if (d->n_users >= d->n_buckets)
			grow(d);
		if ((u = calloc(1, sizeof(*u))) == NULL)
			return SOTTO_ENOMEM;
		u->name = *n;
		at = slot_of(d, n);
		u->next = *at;
		*at = u;
		d->n_users++;
	}
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
	if (before != NULL)
		return before;
	u->online_prev = NULL;
	u->online_next = d->online;
	if (d->online != NULL)
		d->online->online_prev = u;
	d->online = u;
	d->n_online++;
	return NULL;
}

int
dir_release(struct directory *d, struct dir_user *u, const struct conn *c)
{
	if (u->conn != c)
		return 0;
	u->conn = NULL;
	u->state = WIRE_OFFLINE;
	if (u->online_prev != NULL)
		u->online_prev->online_next = u->online_next;
	else
		d->online = u->online_next;
	if (u->online_next != NULL)
		u->online_next->online_prev = u->online_prev;
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
dir_online(const struct directory *d)
{
	return d->online;
}

size_t
dir_search(const struct directory *d, struct span pattern,
    struct wire_person out[WIRE_FOUND_MAX], int *more)
{
	size_t n = 0;

	*more = 0;
	for (size_t i = 0; i < d->n_buckets; i++) {
		for (const struct dir_user *u = d->bucket[i]; u != NULL;
		     u = u->next) {
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
	}
	return n;
}
