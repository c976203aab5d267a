/* Streams on a loop: what a peer had sent is read, also if it is gone. */
#include "net/tcp.h"

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
	int ended;
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
	static const struct tcp_events events = { on_read, on_end, on_drained };
	struct side *s = ctx;

	s->tcp = t;
	tcp_start(t, &events, s);
	tcp_pause(t); /* busy, while the peer sends and leaves */
}

/* Written into the void: the first write is answered with a reset, and the
 * second one fails.  Then there is time to read. */
static void
write_twice(void *ctx)
{
	struct side *s = ctx;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(buf_add(tcp_out(s->tcp), span_str("answer")),
		    SOTTO_OK);
		tcp_flush(s->tcp);
		(void)usleep(20000);
	}
	loop_timer_set(s->timer, 20);
	tcp_resume(s->tcp);
}

static void
test_last_words_are_read(void **state)
{
	const struct tcp_listen_conf conf = { .host = "127.0.0.1",
		.out_max = 1 << 16 };
	struct side s = { .loop = loop_new() };
	struct tcp_listener *l = NULL;
	struct loop_timer *late;
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
	late = loop_timer_new(s.loop, write_twice, &s);
	s.timer = loop_timer_new(s.loop, on_drained, &s);
	loop_timer_set(late, 100);
	loop_run(s.loop);
	assert_int_equal(s.ended, 1);
	assert_int_equal(s.n, 10);
	assert_memory_equal(s.got, "last words", 10);
	tcp_close(s.tcp);
	tcp_listener_free(l);
	loop_timer_free(late);
	loop_timer_free(s.timer);
	loop_free(s.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_words_are_read),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as both programs do */
	return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
