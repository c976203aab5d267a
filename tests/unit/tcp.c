/* Streams on a loop: what a peer had sent is read, also if it is gone. */
#include "net/tcp.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/sock.h"

struct side {
	struct loop *loop;
	struct tcp *tcp;
	struct loop_timer *timer;
	char got[32];
	size_t n;
	int ended, writes;
};

static void
on_read(void *ctx, struct span bytes)
{
	struct side *s = ctx;

	assert_true(s->n + bytes.n < sizeof(s->got));
	memcpy(s->got + s->n, bytes.p, bytes.n);
	s->n += bytes.n;
}

static void
on_end(void *ctx, enum tcp_end why)
{
	struct side *s = ctx;

	(void)why;
	s->ended = 1;
	loop_stop(s->loop);
}

static void
on_drained(void *ctx)
{
	(void)ctx;
}

static void
on_accept(void *ctx, struct tcp *t)
{
	static const struct tcp_events events = { on_read, on_end, on_drained,
		NULL };
	struct side *s = ctx;

	s->tcp = t;
	tcp_start(t, &events, s);
	tcp_pause(t); /* busy, while the peer sends and leaves */
}

/* Written into the void: the first write is answered with a reset, and the
 * second one, in another turn, fails.  Then there is time to read. */
static void
write_again(void *ctx)
{
	struct side *s = ctx;

	assert_int_equal(buf_add(tcp_out(s->tcp), span_str("answer")),
	    SOTTO_OK);
	tcp_flush(s->tcp);
	if (++s->writes == 2)
		tcp_resume(s->tcp);
	else
		loop_timer_set(s->timer, 20);
}

static void
test_last_words_are_read(void **state)
{
	const struct tcp_listen_conf conf = { .host = "127.0.0.1",
		.out_max = 1 << 16 };
	struct side s = { .loop = loop_new() };
	struct tcp_listener *l = NULL;
	const char *why = "";
	int fd;

	(void)state;
	assert_non_null(s.loop);
	assert_int_equal(tcp_listen(&l, s.loop, &conf, on_accept, &s, &why),
	    SOTTO_OK);
	fd = sock_dial(tcp_listener_port(l));
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "last words", 10), 10);
	(void)close(fd);
	s.timer = loop_timer_new(s.loop, write_again, &s);
	loop_timer_set(s.timer, 100);
	loop_run(s.loop);
	assert_int_equal(s.ended, 1);
	assert_int_equal(s.n, 10);
	assert_memory_equal(s.got, "last words", 10);
	tcp_close(s.tcp);
	tcp_listener_free(l);
	loop_timer_free(s.timer);
	loop_free(s.loop);
}

/* ---- fairness ---- */

#define MANY 40

struct crowd_of {
	struct loop *loop;
	struct tcp *tcp[MANY];
	size_t n, turns, in_turn, most; /* accepted; in one turn */
	size_t big, small; /* bytes of the first, and of the second */
	size_t big_at_small;
};

static void
on_turn(void *ctx)
{
	struct crowd_of *c = ctx;

	if (c->in_turn > c->most)
		c->most = c->in_turn;
	c->in_turn = 0;
	c->turns++;
	if (c->n == MANY)
		loop_stop(c->loop);
}

static void
count_one(void *ctx, struct tcp *t)
{
	struct crowd_of *c = ctx;

	c->tcp[c->n++] = t;
	c->in_turn++;
}

static void
stop_it(void *ctx)
{
	loop_stop(ctx);
}

/* A storm of connections is taken in portions; and none while paused. */
static void
test_accepting_takes_turns(void **state)
{
	const struct tcp_listen_conf conf = { .host = "127.0.0.1",
		.out_max = 1 << 16 };
	struct crowd_of c = { .loop = loop_new() };
	struct tcp_listener *l = NULL;
	struct loop_timer *t;
	const char *why = "";
	int fd[MANY];

	(void)state;
	assert_int_equal(tcp_listen(&l, c.loop, &conf, count_one, &c, &why),
	    SOTTO_OK);
	for (size_t i = 0; i < MANY; i++)
		fd[i] = sock_dial(tcp_listener_port(l));
	t = loop_timer_new(c.loop, stop_it, c.loop);
	tcp_listener_pause(l, 1);
	loop_timer_set(t, 50);
	loop_run(c.loop);
	assert_int_equal(c.n, 0);
	tcp_listener_pause(l, 0);
	loop_on_turn(c.loop, on_turn, &c);
	loop_run(c.loop);
	assert_int_equal(c.n, MANY);
	assert_true(c.most > 0 && c.most <= 17);
	for (size_t i = 0; i < MANY; i++) {
		tcp_close(c.tcp[i]);
		(void)close(fd[i]);
	}
	tcp_listener_free(l);
	loop_timer_free(t);
	loop_free(c.loop);
}

static void
read_big(void *ctx, struct span bytes)
{
	((struct crowd_of *)ctx)->big += bytes.n;
}

static void
read_small(void *ctx, struct span bytes)
{
	struct crowd_of *c = ctx;

	c->small += bytes.n;
	c->big_at_small = c->big;
	loop_stop(c->loop);
}

static void
never(void *ctx, enum tcp_end why)
{
	(void)ctx;
	(void)why;
}

static void
start_two(void *ctx, struct tcp *t)
{
	static const struct tcp_events big = { read_big, never, on_drained,
		NULL },
				       small = { read_small, never, on_drained,
					       NULL };
	struct crowd_of *c = ctx;

	c->tcp[c->n] = t;
	tcp_start(t, c->n++ == 0 ? &big : &small, c);
}

/* Who sends a lot is read from once a turn: another one is not kept waiting
 * for all of it. */
static void
test_reading_takes_turns(void **state)
{
	static uint8_t lot[1 << 20];
	const struct tcp_listen_conf conf = { .host = "127.0.0.1",
		.out_max = 1 << 16 };
	struct crowd_of c = { .loop = loop_new() };
	struct tcp_listener *l = NULL;
	const char *why = "";
	int big, small;

	(void)state;
	assert_int_equal(tcp_listen(&l, c.loop, &conf, start_two, &c, &why),
	    SOTTO_OK);
	big = sock_dial(tcp_listener_port(l));
	small = sock_dial(tcp_listener_port(l));
	assert_int_equal(fcntl(big, F_SETFL, O_NONBLOCK), 0);
	while (write(big, lot, sizeof(lot)) > 0)
		; /* all that the system takes */
	assert_int_equal(write(small, "x", 1), 1);
	loop_run(c.loop);
	assert_int_equal(c.small, 1);
	assert_true(c.big_at_small <= 2 * 65536);
	tcp_close(c.tcp[0]);
	tcp_close(c.tcp[1]);
	tcp_listener_free(l);
	loop_free(c.loop);
	(void)close(big);
	(void)close(small);
}

/* ---- threads for jobs ---- */

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
	j->p = loop_pool_new(j->loop, threads);
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
	l.p = loop_pool_new(loop, 1);
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
	struct loop_pool *p = loop_pool_new(loop, 1);
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
	struct loop_pool *p = loop_pool_new(loop, 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words_are_read),
		cmocka_unit_test(test_accepting_takes_turns),
		cmocka_unit_test(test_reading_takes_turns),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_pool_ends),
		cmocka_unit_test(test_pool_ends_with_more),
		cmocka_unit_test(test_pool_of_one),
		cmocka_unit_test(test_pool_and_signals),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as both programs do */
	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
