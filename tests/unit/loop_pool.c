/* Threads for what is slow: bounded, in order, nothing lost at the end. */
#include <sys/resource.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "net/loop.h"
#include "tests/lib/cm.h"

#define JOBS    40
#define THREADS 3

struct jobs {
	struct loop *loop;
	struct loop_pool *p;
	struct loop_job job[JOBS];
	pthread_t loop_thread;
	pthread_mutex_t lock; /* of these */
	int ran, at_once, most, want, ended;
	int done, again;
};

static void
run_job(void *ctx)
{
	struct jobs *j = ctx;

	assert_false(pthread_equal(j->loop_thread, pthread_self()));
	(void)pthread_mutex_lock(&j->lock);
	j->ran++;
	if (++j->at_once > j->most)
		j->most = j->at_once;
	/* So many threads come, however slow they are to start. */
	for (int i = 0; j->most < j->want; i++) {
		assert_true(i < 60000);
		(void)pthread_mutex_unlock(&j->lock);
		(void)usleep(1000);
		(void)pthread_mutex_lock(&j->lock);
	}
	j->at_once--;
	j->ended++;
	(void)pthread_mutex_unlock(&j->lock);
}

static void
done_job(void *ctx)
{
	struct jobs *j = ctx;

	assert_true(pthread_equal(j->loop_thread, pthread_self()));
	(void)pthread_mutex_lock(&j->lock);
	assert_true(++j->done <= j->ended);
	(void)pthread_mutex_unlock(&j->lock);
	if (j->again > 0) {
		j->job[0] = (struct loop_job){ run_job, done_job, j, NULL };
		j->again--;
		loop_pool_do(j->p, &j->job[0]);
	}
}

static void
jobs_init(struct jobs *j, unsigned threads)
{
	memset(j, 0, sizeof(*j));
	(void)pthread_mutex_init(&j->lock, NULL);
	j->loop_thread = pthread_self();
	j->loop = loop_new();
	j->p = loop_pool_new(j->loop, threads, 0);
	assert_non_null(j->p);
}

static void
jobs_start(struct jobs *j, int n)
{
	for (int i = 0; i < n; i++) {
		j->job[i] = (struct loop_job){ run_job, done_job, j, NULL };
		loop_pool_do(j->p, &j->job[i]);
	}
}

/* The loop lives as long as there are jobs, and sleeps when there are none. */
static void
test_pool(void **state)
{
	struct jobs j;

	(void)state;
	jobs_init(&j, THREADS);
	loop_run(j.loop); /* nothing to wait for */
	j.want = THREADS;
	for (int round = 1; round <= 3; round++) {
		jobs_start(&j, JOBS);
		assert_int_equal(loop_pool_jobs(j.p), JOBS);
		loop_run(j.loop);
		assert_int_equal(j.done, round * JOBS);
		assert_int_equal(loop_pool_jobs(j.p), 0);
	}
	assert_int_equal(j.most, THREADS);
	j.again = 20;
	jobs_start(&j, 1);
	loop_run(j.loop);
	assert_int_equal(j.done, 3 * JOBS + 21);
	loop_pool_free(j.p);
	loop_free(j.loop);
}

/* What is under way when all ends is done, too; also what it asks for. */
static void
test_pool_ends(void **state)
{
	struct jobs j;

	(void)state;
	jobs_init(&j, 2);
	jobs_start(&j, 11);
	loop_pool_free(j.p);
	assert_int_equal(j.done, 11);
	loop_free(j.loop);
}

struct last {
	struct loop_pool *p;
	struct loop_job job;
	int ran, again;
};

static void
done_last(void *ctx)
{
	struct last *l = ctx;

	if (l->again-- > 0)
		loop_pool_do(l->p, &l->job);
}

static void
run_last(void *ctx)
{
	struct last *l = ctx;

	l->ran++;
}

static void
test_pool_ends_with_more(void **state)
{
	struct loop *loop = loop_new();
	struct last l = { .again = 3 };

	(void)state;
	l.p = loop_pool_new(loop, 1, 0);
	l.job = (struct loop_job){ run_last, done_last, &l, NULL };
	loop_pool_do(l.p, &l.job);
	loop_pool_free(l.p);
	assert_int_equal(l.ran, 4);
	loop_free(loop);
}

/* A thread gets no signal but that of a fault of its own. */
static void
run_mask(void *ctx)
{
	(void)pthread_sigmask(SIG_BLOCK, NULL, ctx);
}

static void
done_nothing(void *ctx)
{
	(void)ctx;
}

static void
test_pool_and_signals(void **state)
{
	struct loop *loop = loop_new();
	struct loop_pool *p = loop_pool_new(loop, 1, 0);
	sigset_t mask, mine;
	struct loop_job job = { run_mask, done_nothing, &mask, NULL };

	(void)state;
	(void)sigemptyset(&mask);
	loop_pool_do(p, &job);
	loop_run(loop);
	assert_true(sigismember(&mask, SIGTERM));
	assert_true(sigismember(&mask, SIGWINCH));
	assert_false(sigismember(&mask, SIGSEGV));
	assert_false(sigismember(&mask, SIGABRT));
	(void)pthread_sigmask(SIG_BLOCK, NULL, &mine);
	assert_false(sigismember(&mine, SIGTERM)); /* as it was */
	loop_pool_free(p);
	loop_free(loop);
}

/* One thread: in their order. */
struct turn {
	struct turns *t;
	int i;
};

struct turns {
	int n, at[JOBS];
};

static void
run_turn(void *ctx)
{
	const struct turn *u = ctx;

	u->t->at[u->t->n++] = u->i;
}

static void
test_pool_of_one(void **state)
{
	struct loop *loop = loop_new();
	struct loop_pool *p = loop_pool_new(loop, 1, 0);
	struct turns t = { 0 };
	struct turn turn[JOBS];
	struct loop_job job[JOBS];

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		turn[i] = (struct turn){ &t, i };
		job[i] =
		    (struct loop_job){ run_turn, done_nothing, &turn[i], NULL };
		loop_pool_do(p, &job[i]);
	}
	loop_run(loop);
	assert_int_equal(t.n, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(t.at[i], i);
	loop_pool_free(p);
	loop_free(loop);
}

/* ---- what is made ahead ---- */

struct ahead {
	struct loop *loop;
	atomic_int begun, given_up;
	int nice, nice_of_work;
};

static int
nice_now(void)
{
	return getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void
run_ahead(void *ctx)
{
	struct ahead *a = ctx;

	a->nice = nice_now();
}

static void
run_work(void *ctx)
{
	struct ahead *a = ctx;

	a->nice_of_work = nice_now();
}

/* It stands back; the others, and the loop, do not. */
static void
test_ahead_stands_back(void **state)
{
	const int mine = nice_now();
	struct ahead a = { .loop = loop_new() };

	(void)state;
	assert_int_equal(loop_work_ahead(a.loop, run_ahead, done_nothing, &a),
	    SOTTO_OK);
	assert_int_equal(loop_work(a.loop, run_work, done_nothing, &a),
	    SOTTO_OK);
	assert_int_equal(loop_work_pending(a.loop), 2);
	loop_run(a.loop);
	assert_int_equal(loop_work_pending(a.loop), 0);
	assert_true(a.nice > mine || mine == 19);
	assert_int_equal(a.nice_of_work, mine);
	assert_int_equal(nice_now(), mine);
	loop_free(a.loop);
}

static void
run_until_over(void *ctx)
{
	struct ahead *a = ctx;

	atomic_store(&a->begun, 1);
	for (int i = 0; loop_goes_on(a->loop); i++) {
		assert_true(i < 60000);
		(void)usleep(1000);
	}
	atomic_store(&a->given_up, 1);
}

/* Who leaves does not wait for a key that is of no use any more. */
static void
test_ahead_gives_up(void **state)
{
	struct ahead a = { .loop = loop_new() };

	(void)state;
	assert_int_equal(loop_work_ahead(a.loop, run_until_over, done_nothing,
			     &a),
	    SOTTO_OK);
	while (!atomic_load(&a.begun))
		(void)usleep(1000);
	assert_false(atomic_load(&a.given_up));
	assert_true(loop_goes_on(a.loop));
	loop_free(a.loop);
	assert_true(atomic_load(&a.given_up));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_pool_ends),
		cmocka_unit_test(test_pool_ends_with_more),
		cmocka_unit_test(test_pool_of_one),
		cmocka_unit_test(test_pool_and_signals),
		cmocka_unit_test(test_ahead_stands_back),
		cmocka_unit_test(test_ahead_gives_up),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
