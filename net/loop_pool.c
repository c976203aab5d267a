/*
 * Threads for what is slow; see loop.h.
 *
 * Not libuv's: that one wakes a thread while it holds the lock the thread needs
 * next, and its loop spins until the sender is through, which on a busy
 * processor costs some 20 us for a job each (sotto-design(7)).
 */
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/loop_uv.h"

struct list {
	struct loop_job *first, **last;
};

struct loop_pool {
	uv_poll_t uv; /* first: closing frees by its address; of fd */
	struct loop *l;
	int fd;      /* readable: there is something in ran */
	size_t jobs; /* not done yet; the loop's thread counts */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t todo_cond;
	struct list todo, ran;
	size_t n_todo;
	unsigned idle, n, max; /* threads */
	int nice;
	int ending;
	pthread_t thread[LOOP_POOL_MAX];
};

static void
list_init(struct list *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void
list_add(struct list *q, struct loop_job *j)
{
	j->next = NULL;
	*q->last = j;
	q->last = &j->next;
}

static struct loop_job *
list_take(struct list *q)
{
	struct loop_job *j = q->first;

	if (j != NULL && (q->first = j->next) == NULL)
		q->last = &q->first;
	return j;
}

/* ---- the threads ---- */

/* The next one, or NULL when there will be none.  Locked. */
static struct loop_job *
next_job(struct loop_pool *p)
{
	while (p->todo.first == NULL && !p->ending) {
		p->idle++;
		(void)pthread_cond_wait(&p->todo_cond, &p->lock);
		p->idle--;
	}
	p->n_todo -= p->todo.first != NULL;
	return list_take(&p->todo);
}

static void *
work(void *ctx)
{
	static const uint64_t one = 1;
	struct loop_pool *p = ctx;
	struct loop_job *j;

	/* Of this thread alone, on Linux.  If it is refused, it is as before. */
	if (p->nice != 0)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), p->nice);
	(void)pthread_mutex_lock(&p->lock);
	while ((j = next_job(p)) != NULL) {
		int first;

		(void)pthread_mutex_unlock(&p->lock);
		j->run(j->ctx);
		(void)pthread_mutex_lock(&p->lock);
		first = p->ran.first == NULL;
		list_add(&p->ran, j);
		if (!first)
			continue; /* the loop has been told */
		/* Without the lock: the loop may be awake at once. */
		(void)pthread_mutex_unlock(&p->lock);
		(void)!write(p->fd, &one, sizeof(one));
		(void)pthread_mutex_lock(&p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* One more thread; signals are the loop's, but not those of its own faults: whoever
 * handles them has a terminal to give back.  Locked. */
static int
spawn(struct loop_pool *p)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
		SIGTRAP, SIGSYS };
	sigset_t others, before;
	int ok;

	(void)sigfillset(&others);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)sigdelset(&others, faults[i]);
	(void)pthread_sigmask(SIG_SETMASK, &others, &before);
	ok = pthread_create(&p->thread[p->n], NULL, work, p) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	p->n += (unsigned)ok;
	return ok;
}

/* ---- the loop ---- */

/* What has run; done() may ask for more. */
static void
finish(struct loop_pool *p)
{
	struct list ran;
	struct loop_job *j;

	list_init(&ran);
	(void)pthread_mutex_lock(&p->lock);
	if (p->ran.first != NULL) {
		ran = p->ran;
		list_init(&p->ran);
	}
	(void)pthread_mutex_unlock(&p->lock);
	while ((j = list_take(&ran)) != NULL) {
		if (--p->jobs == 0)
			uv_unref((uv_handle_t *)&p->uv);
		j->done(j->ctx); /* j is its owner's again */
	}
}

static void
on_ran(uv_poll_t *uv, int status, int events)
{
	struct loop_pool *p = (struct loop_pool *)uv;
	uint64_t n;

	(void)status;
	(void)events;
	loop_woke(p->l);
	(void)!read(p->fd, &n, sizeof(n));
	finish(p);
}

static void
on_closed(uv_handle_t *h)
{
	free(h);
}

struct loop_pool *
loop_pool_new(struct loop *l, unsigned max, int nice)
{
	struct loop_pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->l = l;
	p->max = max < LOOP_POOL_MAX ? max : LOOP_POOL_MAX;
	p->nice = nice;
	list_init(&p->todo);
	list_init(&p->ran);
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->todo_cond, NULL);
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd < 0 || uv_poll_init(&l->uv, &p->uv, p->fd) != 0) {
		if (p->fd >= 0)
			(void)close(p->fd);
		free(p);
		return NULL;
	}
	(void)uv_poll_start(&p->uv, UV_READABLE, on_ran);
	uv_unref((uv_handle_t *)&p->uv); /* while nothing is under way */
	if (!spawn(p)) {
		loop_pool_free(p);
		return NULL;
	}
	return p;
}

void
loop_pool_do(struct loop_pool *p, struct loop_job *j)
{
	int wake;

	if (p->jobs++ == 0)
		uv_ref((uv_handle_t *)&p->uv);
	(void)pthread_mutex_lock(&p->lock);
	list_add(&p->todo, j);
	wake = p->idle >= ++p->n_todo;
	if (!wake && p->n < p->max && !p->ending)
		(void)spawn(p); /* else those who are there, later */
	(void)pthread_mutex_unlock(&p->lock);
	if (wake)
		(void)pthread_cond_signal(&p->todo_cond);
}

size_t
loop_pool_jobs(const struct loop_pool *p)
{
	return p->jobs;
}

void
loop_pool_free(struct loop_pool *p)
{
	struct loop_job *j;

	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->ending = 1;
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_cond_broadcast(&p->todo_cond);
	for (unsigned i = 0; i < p->n; i++)
		(void)pthread_join(p->thread[i], NULL);
	finish(p);
	while (p->jobs > 0) { /* done() has asked for it only now */
		while ((j = list_take(&p->todo)) != NULL) {
			j->run(j->ctx);
			list_add(&p->ran, j);
		}
		finish(p);
	}
	(void)pthread_mutex_destroy(&p->lock);
	(void)pthread_cond_destroy(&p->todo_cond);
	(void)uv_poll_stop(&p->uv);
	(void)close(p->fd);
	uv_close((uv_handle_t *)&p->uv, on_closed);
}
