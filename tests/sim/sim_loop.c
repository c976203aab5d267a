/* net/loop.h once more; see sim.h. */
#include <poll.h>
#include <stdlib.h>

#include "tests/sim/sim_priv.h"

/* ---- loops ---- */

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->node = sim.node;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->cond, NULL);
	l->next = sim.loops;
	sim.loops = l;
	return l;
}

static void
run_work(struct work *w)
{
	if (!w->ran)
		w->run(w->job);
	w->done(w->job);
	free(w);
}

void
loop_free(struct loop *l)
{
	struct work **w = &sim.work;
	struct loop **p = &sim.loops;

	while (*w != NULL) {
		struct work *one = *w;

		if (one->l != l) {
			w = &one->next;
			continue;
		}
		*w = one->next;
		run_work(one);
		w = &sim.work;
	}
	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	(void)pthread_cond_destroy(&l->cond);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

void
loop_end_threads(void)
{
}

/* The engine's thread only waits: its loop is run by the simulation. */
void
loop_run(struct loop *l)
{
	(void)pthread_mutex_lock(&l->lock);
	while (!l->released)
		(void)pthread_cond_wait(&l->cond, &l->lock);
	(void)pthread_mutex_unlock(&l->lock);
}

void
loop_stop(struct loop *l)
{
	l->dead = l->stopped = 1;
}

/* Its thread cleans up, while the simulation waits for it. */
int
sim_release(unsigned node)
{
	for (struct loop *l = sim.loops; l != NULL; l = l->next) {
		if (l->node != node || !l->stopped)
			continue;
		(void)pthread_mutex_lock(&l->lock);
		l->released = 1;
		(void)pthread_cond_signal(&l->cond);
		(void)pthread_mutex_unlock(&l->lock);
		return 1;
	}
	return 0;
}

void
loop_on_turn(struct loop *l, loop_fn *fn, void *ctx)
{
	l->on_turn = fn;
	l->turn_ctx = ctx;
}

uint64_t
loop_turn_us(const struct loop *l)
{
	(void)l;
	return 0;
}

uint64_t
loop_now_ms(struct loop *l)
{
	(void)l;
	return sim.now;
}

/* ---- timers ---- */

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->l = l;
	t->fn = fn;
	t->ctx = ctx;
	t->next = sim.timers;
	sim.timers = t;
	return t;
}

void
loop_timer_set(struct loop_timer *t, uint64_t ms)
{
	t->armed = 1;
	t->at = sim.now + ms;
	t->seq = ++sim.seq;
}

void
loop_timer_stop(struct loop_timer *t)
{
	t->armed = 0;
}

void
loop_timer_free(struct loop_timer *t)
{
	struct loop_timer **p = &sim.timers;

	if (t == NULL)
		return;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	free(t);
}

/* ---- descriptors, signals, work ---- */

struct loop_watch *
loop_watch_new(struct loop *l, int fd, loop_fn *fn, void *ctx)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	*w = (struct loop_watch){ l, fd, fn, ctx, sim.watches };
	sim.watches = w;
	return w;
}

void
loop_watch_free(struct loop_watch *w)
{
	struct loop_watch **p = &sim.watches;

	if (w == NULL)
		return;
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	free(w);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signum, loop_fn *fn, void *ctx)
{
	(void)signum;
	(void)fn;
	(void)ctx;
	return (struct loop_signal *)(void *)l; /* none ever comes */
}

void
loop_signal_free(struct loop_signal *s)
{
	(void)s;
}

enum sotto_err
loop_work(struct loop *l, loop_fn *run, loop_fn *done, void *job)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return SOTTO_ENOMEM;
	w->l = l;
	w->run = run;
	w->done = done;
	w->job = job;
	w->at = sim.now + sim_chance(30);
	w->seq = ++sim.seq;
	w->next = sim.work;
	sim.work = w;
	return SOTTO_OK;
}

enum sotto_err
loop_work_ahead(struct loop *l, loop_fn *run, loop_fn *done, void *job)
{
	return loop_work(l, run, done, job);
}

int
loop_goes_on(void *loop)
{
	(void)loop;
	return 1;
}

/* The pool of the simulation has a thread for everybody. */
struct loop_pool {
	struct loop *l;
};

struct loop_pool *
loop_pool_new(struct loop *l, unsigned max, int nice)
{
	struct loop_pool *p = calloc(1, sizeof(*p));

	(void)max;
	(void)nice;
	if (p != NULL)
		p->l = l;
	return p;
}

void
loop_pool_do(struct loop_pool *p, struct loop_job *j)
{
	if (loop_work(p->l, j->run, j->done, j->ctx) != SOTTO_OK)
		abort();
}

void
loop_pool_free(struct loop_pool *p)
{
	free(p);
}

size_t
loop_work_pending(const struct loop *l)
{
	size_t n = 0;

	for (const struct work *w = sim.work; w != NULL; w = w->next)
		n += w->l == l;
	return n;
}

void
sim_do_work(struct work *w)
{
	struct work **p = &sim.work;

	if (!w->ran) {
		w->ran = 1;
		w->run(w->job);
		w->at = sim.now + sim_chance(10);
		w->seq = ++sim.seq;
		return;
	}
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	run_work(w);
}

int
sim_do_watches(void)
{
	for (struct loop_watch *w = sim.watches; w != NULL; w = w->next) {
		struct pollfd p = { w->fd, POLLIN, 0 };

		if (!sim_runs(w->l) || poll(&p, 1, 0) <= 0)
			continue;
		sim.node = w->l->node;
		sim_note(4, 0, sim.node);
		w->fn(w->ctx);
		return 1;
	}
	return 0;
}
