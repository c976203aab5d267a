#include "net/loop.h"

#include <stdlib.h>
#include <unistd.h>

#include "net/loop_uv.h"

#define THREADS_MIN 4
#define NICE_AHEAD  10

struct loop_timer {
	uv_timer_t uv; /* first: closing frees by its address */
	loop_fn *fn;
	void *ctx;
};

struct loop_watch {
	uv_poll_t uv;
	loop_fn *fn;
	void *ctx;
};

struct loop_signal {
	uv_signal_t uv;
	loop_fn *fn;
	void *ctx;
};

struct work {
	struct loop_job job;
	loop_fn *run, *done;
	void *ctx;
};

static void
on_turn(uv_prepare_t *uv)
{
	struct loop *l =
	    (struct loop *)(void *)((char *)uv - offsetof(struct loop, turn));

	loop_tcp_turn(l);
	if (l->on_turn != NULL)
		l->on_turn(l->turn_ctx);
	l->woke_at = 0;
}

/* It is the first member. */
static struct loop *
loop_of(uv_loop_t *uv)
{
	return (struct loop *)(void *)uv;
}

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	if ((l->tcps = loop_tcp_pool()) == NULL || uv_loop_init(&l->uv) != 0) {
		pool_free(l->tcps);
		free(l);
		return NULL;
	}
	(void)uv_prepare_init(&l->uv, &l->turn); /* cannot fail, nor start */
	(void)uv_prepare_start(&l->turn, on_turn);
	uv_unref((uv_handle_t *)&l->turn);
	(void)uv_idle_init(&l->uv, &l->again);
	l->hungry_last = &l->hungry;
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	atomic_store(&l->ending, 1);
	/* Close callbacks and the jobs under way are still to come. */
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
	loop_pool_free(l->pool);
	loop_pool_free(l->ahead);
	uv_close((uv_handle_t *)&l->turn, NULL);
	uv_close((uv_handle_t *)&l->again, NULL);
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&l->uv);
	pool_free(l->tcps);
	free(l);
}

void
loop_end_threads(void)
{
	uv_library_shutdown();
}

void
loop_run(struct loop *l)
{
	(void)uv_run(&l->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
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
	return l->woke_at == 0 ? 0 : (uv_hrtime() - l->woke_at) / 1000;
}

uint64_t
loop_now_ms(struct loop *l)
{
	return uv_now(&l->uv);
}

static void
on_closed(uv_handle_t *h)
{
	free(h);
}

static void
close_handle(uv_handle_t *h)
{
	if (!uv_is_closing(h))
		uv_close(h, on_closed);
}

/* ---- timers ---- */

static void
on_timer(uv_timer_t *uv)
{
	struct loop_timer *t = (struct loop_timer *)uv;

	loop_woke(loop_of(uv->loop));
	t->fn(t->ctx);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->fn = fn;
	t->ctx = ctx;
	(void)uv_timer_init(&l->uv, &t->uv); /* cannot fail */
	return t;
}

void
loop_timer_set(struct loop_timer *t, uint64_t ms)
{
	/* The loop's clock may be as old as the turn; the delay counts from
	 * now. */
	uv_update_time(t->uv.loop);
	(void)uv_timer_start(&t->uv, on_timer, ms, 0);
}

void
loop_timer_stop(struct loop_timer *t)
{
	(void)uv_timer_stop(&t->uv);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (t != NULL)
		close_handle((uv_handle_t *)&t->uv);
}

/* ---- descriptors and signals ---- */

static void
on_readable(uv_poll_t *uv, int status, int events)
{
	struct loop_watch *w = (struct loop_watch *)uv;

	(void)status;
	(void)events;
	loop_woke(loop_of(uv->loop));
	w->fn(w->ctx);
}

struct loop_watch *
loop_watch_new(struct loop *l, int fd, loop_fn *fn, void *ctx)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fn = fn;
	w->ctx = ctx;
	if (uv_poll_init(&l->uv, &w->uv, fd) != 0) {
		free(w);
		return NULL;
	}
	(void)uv_poll_start(&w->uv, UV_READABLE, on_readable);
	return w;
}

void
loop_watch_free(struct loop_watch *w)
{
	if (w != NULL)
		close_handle((uv_handle_t *)&w->uv);
}

static void
on_signal(uv_signal_t *uv, int signum)
{
	struct loop_signal *s = (struct loop_signal *)uv;

	(void)signum;
	loop_woke(loop_of(uv->loop));
	s->fn(s->ctx);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signum, loop_fn *fn, void *ctx)
{
	struct loop_signal *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->fn = fn;
	s->ctx = ctx;
	if (uv_signal_init(&l->uv, &s->uv) != 0) {
		free(s);
		return NULL;
	}
	(void)uv_signal_start(&s->uv, on_signal, signum);
	return s;
}

void
loop_signal_free(struct loop_signal *s)
{
	if (s != NULL)
		close_handle((uv_handle_t *)&s->uv);
}

/* ---- work ---- */

/* RSA wants processors; who writes a file must not keep it from one. */
static unsigned
threads(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > THREADS_MIN ? (unsigned)n : THREADS_MIN;
}

static void
run_work(void *ctx)
{
	struct work *w = ctx;

	w->run(w->ctx);
}

static void
done_work(void *ctx)
{
	struct work *w = ctx;

	w->done(w->ctx);
	free(w);
}

static enum sotto_err
work_on(struct loop_pool *p, loop_fn *run, loop_fn *done, void *job)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL || p == NULL) {
		free(w);
		return SOTTO_ENOMEM;
	}
	w->run = run;
	w->done = done;
	w->ctx = job;
	w->job = (struct loop_job){ run_work, done_work, w, NULL };
	loop_pool_do(p, &w->job);
	return SOTTO_OK;
}

enum sotto_err
loop_work(struct loop *l, loop_fn *run, loop_fn *done, void *job)
{
	if (l->pool == NULL)
		l->pool = loop_pool_new(l, threads(), 0);
	return work_on(l->pool, run, done, job);
}

enum sotto_err
loop_work_ahead(struct loop *l, loop_fn *run, loop_fn *done, void *job)
{
	if (l->ahead == NULL)
		l->ahead = loop_pool_new(l, 1, NICE_AHEAD);
	return work_on(l->ahead, run, done, job);
}

int
loop_goes_on(void *loop)
{
	return !atomic_load(&((struct loop *)loop)->ending);
}

size_t
loop_work_pending(const struct loop *l)
{
	return (l->pool != NULL ? loop_pool_jobs(l->pool) : 0) +
	    (l->ahead != NULL ? loop_pool_jobs(l->ahead) : 0);
}
