#include "sottod/limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define WAYS         8 /* entries a key may be in */
#define FORGET_MS    (15 * 60 * 1000)
#define DELAY_MIN_MS 250
#define DELAY_MAX_MS 10000
#define TAG_LEN      16
#define MILLI        1000 /* tokens are counted in thousandths */

struct entry {
	uint8_t tag[TAG_LEN]; /* of the key; zero: free */
	uint64_t tokens;      /* thousandths */
	uint64_t filled_at_ms;
	uint64_t failed_at_ms;
	uint64_t used_at_ms;
	unsigned failures;
};

struct limit {
	struct key secret; /* so that nobody can choose who shares a set */
	size_t n_sets;
	struct entry *entry; /* n_sets * WAYS */
};

struct limit *
limit_new(size_t n, const struct rng *g)
{
	struct limit *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->n_sets = n / WAYS + 1;
	l->entry = calloc(l->n_sets * WAYS, sizeof(struct entry));
	if (l->entry == NULL) {
		free(l);
		return NULL;
	}
	rng_fill(g, l->secret.b, sizeof(l->secret.b));
	return l;
}

void
limit_free(struct limit *l)
{
	if (l == NULL)
		return;
	free(l->entry);
	free(l);
}

/* The key's entry; a new one takes the place of the one quiet for longest. */
static struct entry *
find(struct limit *l, struct span key, uint64_t now_ms)
{
	struct entry *set, *oldest;
	struct hash h;
	uint64_t at;
	struct rd r;

	hash_parts(&h, (const struct span[]){ SPAN(l->secret.b), key }, 2);
	rd_init(&r, (struct span){ h.b + TAG_LEN, 8 });
	at = rd_u64(&r) % l->n_sets;
	oldest = set = &l->entry[at * WAYS];
	h.b[0] |= 1; /* a tag is never all zero */
	for (size_t i = 0; i < WAYS; i++) {
		if (secret_eq(set[i].tag, h.b, TAG_LEN)) {
			set[i].used_at_ms = now_ms;
			return &set[i];
		}
		if (set[i].used_at_ms < oldest->used_at_ms)
			oldest = &set[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->tag, h.b, TAG_LEN);
	oldest->used_at_ms = now_ms;
	return oldest;
}

int
limit_take(struct limit *l, struct span key, unsigned rate, uint64_t now_ms)
{
	struct entry *e = find(l, key, now_ms);
	const uint64_t full = (uint64_t)rate * MILLI;
	uint64_t passed =
	    now_ms > e->filled_at_ms ? now_ms - e->filled_at_ms : 0;

	/* rate a minute is rate thousandths in 60 ms. */
	if (e->filled_at_ms == 0 || passed > 60000)
		e->tokens = full;
	else
		e->tokens += passed * rate / 60;
	if (e->tokens > full)
		e->tokens = full;
	e->filled_at_ms = now_ms > 0 ? now_ms : 1;
	if (e->tokens < MILLI)
		return 0;
	e->tokens -= MILLI;
	return 1;
}

static void
forget_old(struct entry *e, uint64_t now_ms)
{
	if (now_ms > e->failed_at_ms && now_ms - e->failed_at_ms > FORGET_MS)
		e->failures = 0;
}

uint64_t
limit_failed(struct limit *l, struct span key, uint64_t now_ms)
{
	struct entry *e = find(l, key, now_ms);
	uint64_t delay = DELAY_MIN_MS;

	forget_old(e, now_ms);
	e->failed_at_ms = now_ms;
	if (e->failures++ == 0)
		return 0;
	for (unsigned i = 2; i < e->failures && delay < DELAY_MAX_MS; i++)
		delay *= 2;
	return delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS;
}

void
limit_succeeded(struct limit *l, struct span key, uint64_t now_ms)
{
	find(l, key, now_ms)->failures = 0;
}

unsigned
limit_failures(struct limit *l, struct span key, uint64_t now_ms)
{
	struct entry *e = find(l, key, now_ms);

	forget_old(e, now_ms);
	return e->failures;
}
