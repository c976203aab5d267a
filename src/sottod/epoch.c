#include "sottod/epoch.h"

#include <stdlib.h>

#define HARD_S 600

struct epochs {
	struct loop *loop;
	struct rng g;
	unsigned max_uses, max_s;
	struct hs_epoch *current; /* NULL: none is allowed any more */
	unsigned uses;
	uint64_t since; /* of its first use; 0: not used yet */
	struct hs_epoch *spare[EPOCH_SPARES];
	size_t n_spares;
	uint64_t made;
	struct loop_timer *timer;
	int making, ended;
	int overdue; /* to be replaced as soon as a spare is ready */
};

/* A key on its way; owned by the pool until it is done. */
struct making {
	struct epochs *e;
	struct loop *loop;
	struct rsa_key *key;
};

static void refill(struct epochs *e);
static void rotate(struct epochs *e);

static void
run_make(void *job)
{
	struct making *m = job;

	if (rsa_generate(&m->key, RSA_BITS, loop_goes_on, m->loop) != SOTTO_OK)
		m->key = NULL;
}

static void
done_make(void *job)
{
	struct making *m = job;
	struct epochs *e = m->e;

	e->making = 0;
	if (e->ended) {
		rsa_key_free(m->key);
		free(m);
		free(e);
		return;
	}
	e->made += m->key != NULL;
	if (m->key != NULL && e->n_spares < EPOCH_SPARES) {
		struct hs_epoch *ep = hs_epoch_new(m->key, &e->g);

		if (ep != NULL)
			e->spare[e->n_spares++] = ep;
	}
	free(m);
	if ((e->current == NULL || e->overdue) && e->n_spares > 0)
		rotate(e);
	refill(e);
}

static void
refill(struct epochs *e)
{
	struct making *m;
	enum sotto_err r;

	if (e->making || e->n_spares == EPOCH_SPARES)
		return;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return;
	m->e = e;
	m->loop = e->loop;
	/* With no key at all, those who log in are turned away meanwhile. */
	if (e->current == NULL)
		r = loop_work(e->loop, run_make, done_make, m);
	else
		r = loop_work_ahead(e->loop, run_make, done_make, m);
	if (r == SOTTO_OK)
		e->making = 1;
	else
		free(m);
}

/* The next spare takes over; the old key goes with its last handshake. */
static void
rotate(struct epochs *e)
{
	hs_epoch_unref(e->current);
	e->current = e->n_spares > 0 ? e->spare[--e->n_spares] : NULL;
	e->uses = 0;
	e->since = 0;
	e->overdue = 0;
	refill(e);
}

/* Its time is over: erased even if nobody logs in any more. */
static void
on_timer(void *ctx)
{
	struct epochs *e = ctx;

	if (e->n_spares > 0)
		rotate(e);
	else
		e->overdue = 1;
	refill(e);
}

struct epochs *
epochs_new(struct loop *l, unsigned uses, unsigned seconds, const struct rng *g)
{
	struct epochs *e = calloc(1, sizeof(*e));
	struct rsa_key *k = NULL;

	if (e == NULL)
		return NULL;
	e->loop = l;
	e->g = *g;
	e->max_uses = uses;
	e->max_s = seconds;
	e->timer = loop_timer_new(l, on_timer, e);
	if (e->timer == NULL ||
	    rsa_generate(&k, RSA_BITS, NULL, NULL) != SOTTO_OK ||
	    (e->current = hs_epoch_new(k, g)) == NULL) {
		loop_timer_free(e->timer);
		free(e);
		return NULL;
	}
	e->made = 1;
	refill(e);
	return e;
}

size_t
epochs_spares(const struct epochs *e)
{
	return e->n_spares;
}

uint64_t
epochs_made(const struct epochs *e)
{
	return e->made;
}

void
epochs_free(struct epochs *e)
{
	if (e == NULL)
		return;
	loop_timer_free(e->timer);
	hs_epoch_unref(e->current);
	while (e->n_spares > 0)
		hs_epoch_unref(e->spare[--e->n_spares]);
	e->ended = 1;
	if (!e->making)
		free(e);
}

struct hs_epoch *
epochs_use(struct epochs *e, uint64_t now)
{
	const uint64_t age =
	    e->since > 0 && now > e->since ? now - e->since : 0;

	if (e->current != NULL && e->since > 0 &&
	    ((e->uses >= e->max_uses || age >= e->max_s) && e->n_spares > 0))
		rotate(e);
	else if (e->current != NULL && age >= HARD_S)
		rotate(e); /* to nothing: better busy than an old key */
	if (e->current == NULL) {
		refill(e);
		return NULL;
	}
	if (e->since == 0) {
		e->since = now;
		hs_epoch_start(e->current, now);
		loop_timer_set(e->timer, (uint64_t)e->max_s * 1000);
	}
	e->uses++;
	return e->current;
}
