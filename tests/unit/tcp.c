/* Streams on a loop: what a peer had sent is read, also if it is gone. */
#include "net/tcp.h"

#include <fcntl.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words_are_read),
		cmocka_unit_test(test_accepting_takes_turns),
		cmocka_unit_test(test_reading_takes_turns),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as both programs do */
	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
