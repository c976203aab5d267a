/* A thread for jobs of one kind; see loop.h. */
#include <pthread.h>
#include <stdlib.h>

#include "net/loop_uv.h"

struct loop_worker {
	uv_async_t uv; /* first: closing frees by its address */
	struct loop *l;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t todo;
	loop_fn *run, *done;
	void *job;
	enum {
		IDLE,
		WANTED, /* given to the thread */
		RAN     /* the loop has to call done() */
	} state;
	int ending;
};

static void *
work(void *ctx)
{
	struct loop_worker *w = ctx;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->state != WANTED && !w->ending)
			(void)pthread_cond_wait(&w->todo, &w->lock);
		if (w->state != WANTED)
			break;
		(void)pthread_mutex_unlock(&w->lock);
		w->run(w->job);
		(void)pthread_mutex_lock(&w->lock);
		w->state = RAN;
		(void)uv_async_send(&w->uv);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* On the loop. */
static void
finish(struct loop_worker *w)
{
	int ran;

	(void)pthread_mutex_lock(&w->lock);
	ran = w->state == RAN;
	if (ran)
		w->state = IDLE; /* done() may want the next one */
	(void)pthread_mutex_unlock(&w->lock);
	if (ran)
		w->done(w->job);
}

static void
on_ran(uv_async_t *uv)
{
	struct loop_worker *w = (struct loop_worker *)uv;

	loop_woke(w->l);
	finish(w);
}

static void
on_closed(uv_handle_t *h)
{
	free(h);
}

struct loop_worker *
loop_worker_new(struct loop *l)
{
	struct loop_worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->l = l;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->todo, NULL);
	if (uv_async_init(&l->uv, &w->uv, on_ran) != 0) {
		free(w);
		return NULL;
	}
	if (pthread_create(&w->thread, NULL, work, w) != 0) {
		uv_close((uv_handle_t *)&w->uv, on_closed);
		return NULL;
	}
	return w;
}

enum sotto_err
loop_worker_do(struct loop_worker *w, loop_fn *run, loop_fn *done, void *job)
{
	enum sotto_err e = SOTTO_EAGAIN;

	(void)pthread_mutex_lock(&w->lock);
	if (w->state == IDLE && !w->ending) {
		w->run = run;
		w->done = done;
		w->job = job;
		w->state = WANTED;
		(void)pthread_cond_signal(&w->todo);
		e = SOTTO_OK;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return e;
}

void
loop_worker_free(struct loop_worker *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->ending = 1;
	(void)pthread_cond_signal(&w->todo);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	finish(w);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->todo);
	uv_close((uv_handle_t *)&w->uv, on_closed);
}
