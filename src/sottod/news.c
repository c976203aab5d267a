#include "sottod/news.h"

#include <stdlib.h>
#include <string.h>

#include "sottod/mail.h"

/* A change waits that long for others: for 10,000 people two seconds. */
#define WAIT_MS(online) ((online) / 5)
/* One portion, of less than a millisecond: records of changes, pieces of lists. */
#define PORTION_RECORDS 64
#define PORTION_PIECES  8
/* All who want the list read too slowly: look again then. */
#define SLOW_MS 50

/* Changes in the order in which they came. */
struct changes {
	uint8_t *raw; /* owned: n * WIRE_PERSON_LEN bytes */
	size_t n, room;
};

struct news {
	struct server *s;
	struct loop_timer *timer, *list_timer;
	struct changes fresh; /* since the last round began */
	struct changes round; /* being told */
	uint64_t number;      /* of the round that `fresh` will be */
	uint32_t at;          /* who is told next; of the directory */
	int telling;
	struct conn *first, **last; /* want the list */
};

static void on_timer(void *ctx);
static void on_list(void *ctx);

struct news *
news_new(struct server *s)
{
	struct news *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->s = s;
	n->last = &n->first;
	n->number = 1;
	n->timer = loop_timer_new(s->loop, on_timer, n);
	n->list_timer = loop_timer_new(s->loop, on_list, n);
	if (n->timer != NULL && n->list_timer != NULL)
		return n;
	news_free(n);
	return NULL;
}

void
news_free(struct news *n)
{
	if (n == NULL)
		return;
	loop_timer_free(n->timer);
	loop_timer_free(n->list_timer);
	free(n->fresh.raw);
	free(n->round.raw);
	free(n);
}

/* ---- changes ---- */

static int
grow(struct changes *c)
{
	const size_t room = c->room > 0 ? c->room * 2 : 16;
	uint8_t *raw = realloc(c->raw, room * WIRE_PERSON_LEN);

	if (raw == NULL)
		return 0;
	c->raw = raw;
	c->room = room;
	return 1;
}

void
news_tell(struct news *n, struct dir_user *u)
{
	struct changes *c = &n->fresh;
	struct wr w;

	/* Without memory the others see it when they log in again. */
	if (c->n == c->room && !grow(c))
		return;
	u->news = n->number;
	wr_init(&w, c->raw + c->n * WIRE_PERSON_LEN, WIRE_PERSON_LEN);
	wire_person_write(&w, &(struct wire_person){ u->state, u->name });
	if (c->n++ == 0 && !n->telling)
		loop_timer_set(n->timer, WAIT_MS(dir_n_online(n->s->dir)));
}

/* Without what is about the reader itself. */
static size_t
without_own(uint8_t *out, const struct name *own, const uint8_t *raw, size_t n)
{
	const struct wire_people all = { n, { raw, n * WIRE_PERSON_LEN } };
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct wire_person p = wire_people_at(&all, i);

		if (!name_eq(&p.name, own))
			memcpy(out + kept++ * WIRE_PERSON_LEN,
			    raw + i * WIRE_PERSON_LEN, WIRE_PERSON_LEN);
	}
	return kept;
}

/* All of the round to one who watches: mostly one record. */
static void
tell_one(const struct news *n, struct conn *c)
{
	uint8_t own[WIRE_LIST_MAX * WIRE_PERSON_LEN] UNINITIALIZED;

	for (size_t i = 0; i < n->round.n && c->user != NULL;
	     i += WIRE_LIST_MAX) {
		const uint8_t *raw = n->round.raw + i * WIRE_PERSON_LEN;
		size_t k = n->round.n - i;

		k = k < WIRE_LIST_MAX ? k : WIRE_LIST_MAX;
		if (c->user->news >= n->number - 1) {
			k = without_own(own, &c->user->name, raw, k);
			raw = own;
		}
		if (k > 0)
			conn_command(c,
			    &(struct wire_cmd){ .type = WIRE_CHANGE,
				.people = { k,
				    { raw, k * WIRE_PERSON_LEN } } });
	}
}

static void
begin_round(struct news *n)
{
	const struct changes done = n->round;

	n->round = n->fresh;
	n->fresh = done;
	n->fresh.n = 0;
	n->number++;
	n->at = 0;
	n->telling = n->round.n > 0;
}

static void
on_timer(void *ctx)
{
	struct news *n = ctx;
	const size_t all = dir_n_users(n->s->dir);
	size_t told = 0;

	if (!n->telling)
		begin_round(n);
	for (; n->at < all && told < PORTION_RECORDS; n->at++) {
		struct conn *c = dir_at(n->s->dir, n->at)->conn;

		if (c == NULL || !c->watching)
			continue;
		tell_one(n, c);
		told += 1 + n->round.n / WIRE_LIST_MAX;
	}
	if (n->at < all) {
		loop_timer_set(n->timer, SERVER_AGAIN_MS);
		return;
	}
	n->telling = 0;
	if (n->fresh.n > 0)
		loop_timer_set(n->timer, WAIT_MS(dir_n_online(n->s->dir)));
}

/* ---- the list ---- */

void
news_forget(struct news *n, struct conn *c)
{
	struct conn **at = &n->first;

	if (!c->listing)
		return;
	while (*at != c)
		at = &(*at)->list_next;
	if ((*at = c->list_next) == NULL)
		n->last = at;
	c->listing = 0;
}

/* The next piece; 1: there are more. */
static int
list_piece(struct conn *c)
{
	uint8_t raw[WIRE_LIST_MAX * WIRE_PERSON_LEN] UNINITIALIZED;
	struct directory *d = c->s->dir;
	const int first = c->list_at == 0;
	const size_t all = dir_n_users(d);
	size_t n = 0;
	struct wr w;

	wr_init(&w, raw, sizeof(raw));
	for (; c->list_at < all && n < WIRE_LIST_MAX; c->list_at++) {
		const struct dir_user *u = dir_at(d, c->list_at);

		if (u->conn == NULL || u->conn == c)
			continue;
		wire_person_write(&w,
		    &(struct wire_person){ u->state, u->name });
		n++;
	}
	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_PRESENCE,
		.first = first,
		.last = c->list_at == all,
		.people = { n, { raw, n * WIRE_PERSON_LEN } } });
	return c->list_at < all;
}

static void
wait_for_list(struct news *n, struct conn *c)
{
	c->listing = 1;
	c->list_next = NULL;
	*n->last = c;
	n->last = &c->list_next;
}

void
news_watch(struct news *n, struct conn *c)
{
	c->watching = 1;
	c->list_at = 0;
	if (c->listing)
		return;
	wait_for_list(n, c);
	loop_timer_set(n->list_timer, 0);
}

static void
on_list(void *ctx)
{
	struct news *n = ctx;
	int sent = 0;

	for (int i = 0; i < PORTION_PIECES && n->first != NULL; i++) {
		struct conn *c = n->first;
		int more = 1;

		news_forget(n, c);
		if (c->state != CONN_OPEN)
			continue;
		/* Who reads slowly waits behind the others. */
		if (!conn_is_slow(c)) {
			more = list_piece(c);
			sent = 1;
		}
		if (more)
			wait_for_list(n, c);
		else if (c->state == CONN_OPEN)
			mail_watch(c);
	}
	if (n->first != NULL)
		loop_timer_set(n->list_timer, sent ? SERVER_AGAIN_MS : SLOW_MS);
}
