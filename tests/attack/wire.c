/*
 * Each wrong byte on the wire ends that connection, with a cause in the log and
 * a sentence to the user; the next connection is as good as ever.  A wire of
 * ours stands between the real relay and an engine, and changes one byte.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/sock.h"
#include "tests/lib/world.h"

#define NOWHERE (-1L)

/* Shared with the process that is the wire. */
struct wire {
	volatile long at[2];    /* change the byte there: client's, relay's */
	volatile long count[2]; /* bytes of the last connection */
	volatile int cut;       /* end the connection that there is */
};

struct state {
	struct world *w;
	struct drive *d;
	struct wire *wire;
	pid_t pid;
};

static int
pass(struct wire *w, int dir, int from, int to)
{
	char b[4096];
	ssize_t n = read(from, b, sizeof(b));
	const long off = w->at[dir] - w->count[dir];

	if (n <= 0)
		return 0;
	if (w->at[dir] != NOWHERE && off >= 0 && off < n)
		b[off] = (char)(b[off] ^ 0x20);
	w->count[dir] += n;
	return write(to, b, (size_t)n) == n;
}

static void
one_connection(struct wire *w, int in, uint16_t port)
{
	const int out = sock_dial(port);

	w->count[0] = w->count[1] = 0;
	w->cut = 0;
	if (out >= 0) {
		for (;;) {
			struct pollfd p[] = { { in, POLLIN, 0 },
				{ out, POLLIN, 0 } };

			(void)poll(p, 2, 50);
			if (w->cut ||
			    (p[0].revents != 0 && !pass(w, 0, in, out)) ||
			    (p[1].revents != 0 && !pass(w, 1, out, in)))
				break;
		}
	}
	(void)close(in);
	(void)close(out);
}

/* Tickets change what is said at a login. */
static void
relay_with_tickets(struct state *s, const char *yes)
{
	FILE *f;

	(void)snprintf(s->w->relay_conf, sizeof(s->w->relay_conf), "%s",
	    world_path(s->w, "relay.conf"));
	f = fopen(s->w->relay_conf, "w");
	assert_non_null(f);
	(void)fprintf(f, "[crypto]\ntickets = %s\n", yes);
	(void)fclose(f);
	(void)world_relay_stop(s->w, SIGTERM);
	world_relay_start(s->w);
}

static int
setup(void **state)
{
	struct state *s = calloc(1, sizeof(*s));
	char *line, moved[512];
	const char *file;
	uint16_t port;
	int fd;
	FILE *f;

	assert_non_null(s);
	s->w = world_new();
	relay_with_tickets(s, "no");
	s->wire = mmap(NULL, sizeof(*s->wire), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s->wire->at[0] = s->wire->at[1] = NOWHERE;
	fd = sock_listen(&port);
	if ((s->pid = fork()) == 0) {
		(void)signal(SIGPIPE, SIG_IGN);
		(void)alarm(600);
		for (;;)
			one_connection(s->wire, accept(fd, NULL, NULL),
			    s->w->port);
	}
	(void)close(fd);
	/* An invite at the address of the wire. */
	file = world_invite(s->w, "wired");
	line = world_read(file);
	(void)snprintf(moved, sizeof(moved), "sotto:localhost:%u%s",
	    (unsigned)port, strchr(line, '/'));
	free(line);
	f = fopen(file, "w");
	assert_non_null(f);
	(void)fputs(moved, f);
	(void)fclose(f);
	s->d = drive_new(world_path(s->w, "wired"));
	drive_enrol(s->d, file, "wired");
	drive_online(s->d);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct state *s = *state;

	drive_free(s->d);
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	world_free(s->w);
	(void)munmap(s->wire, sizeof(*s->wire));
	free(s);
	return 0;
}

static int
closed_lines(struct state *s)
{
	return proc_count(&s->w->relay, ": closed: ");
}

/* A new connection, good or not: cut the old one, and dial at once. */
static void
redial(struct state *s)
{
	s->wire->cut = 1;
	for (;;) {
		struct msg *m = drive_take(s->d, EV_LINK);
		const int down = m->link == LINK_WAITING || m->link == LINK_OFF;

		msg_free(m);
		if (down)
			break;
	}
	drive_post(s->d, msg_new(CMD_RETRY));
}

static void
back_to_normal(struct state *s)
{
	s->wire->at[0] = s->wire->at[1] = NOWHERE;
	drive_post(s->d, msg_new(CMD_RETRY));
	drive_online(s->d);
}

static void
one_byte(struct state *s, int dir, long at)
{
	const int before = closed_lines(s);
	struct msg *m;

	s->wire->at[dir] = at;
	redial(s);
	/* It ends, and the user reads why: a whole sentence. */
	do {
		m = drive_take(s->d, EV_LINK);
		if ((m->link == LINK_WAITING || m->link == LINK_OFF) &&
		    m->text != NULL)
			break;
		msg_free(m);
	} while (1);
	if (strlen(m->text) < 12 || m->text[strlen(m->text) - 1] != '.')
		fail_msg("byte %ld of %s: \"%s\"", at,
		    dir == 0 ? "the client" : "the relay", m->text);
	msg_free(m);
	back_to_normal(s);
	/* The cut, and the changed connection: both are in the log. */
	assert_true(closed_lines(s) >= before + 2);
}

static void
test_bytes_of_the_client(void **state)
{
	/* Head, magic, nonce and list of M1; c, sealed and tag of M3. */
	static const long at[] = { 0, 1, 5, 40, 90, 516, 520, 700, 1500, 3470 };
	struct state *s = *state;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		one_byte(s, 0, at[i]);
}

static void
test_bytes_of_the_relay(void **state)
{
	/* Head, suite, nonce, modulus, certificates, signature of M2. */
	static const long at[] = { 0, 2, 8, 40, 300, 700, 1500, 2500 };
	struct state *s = *state;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		one_byte(s, 1, at[i]);
}

/* Behind the login: the first record of each side. */
static void
test_bytes_of_records(void **state)
{
	struct state *s = *state;
	long relay, client;

	redial(s);
	drive_online(s->d);
	drive_wait(s->d, EV_PRESENCE);
	client = s->wire->count[0];
	relay = s->wire->count[1];
	assert_true(client > 3482 && relay > 3000);
	one_byte(s, 0, client - 100);
	one_byte(s, 0, 3482); /* its head */
	one_byte(s, 1, relay - 100);
	one_byte(s, 1, relay - 1);
}

/* The same for a login by ticket: each byte that is changed ends it, and the
 * next one is a whole one, which brings another ticket. */
static void
test_bytes_of_resumption(void **state)
{
	/* Magic, nonce, ticket, binder of M1; head and proof of M3R. */
	static const long client[] = { 5, 20, 200, 350, 516, 530 };
	/* Head, suite, nonce, point, time, proof of M2R. */
	static const long relay[] = { 0, 8, 20, 50, 80, 128 };
	struct state *s = *state;

	relay_with_tickets(s, "yes");
	drive_post(s->d, msg_new(CMD_RETRY));
	drive_online(s->d);
	for (size_t i = 0; i < 12; i++) {
		/* It has a ticket, and its next login is short. */
		drive_wait(s->d, EV_PRESENCE);
		(void)usleep(100000);
		redial(s);
		drive_online(s->d);
		drive_wait(s->d, EV_PRESENCE);
		(void)usleep(100000);
		assert_true(s->wire->count[1] < 3000);
		if (i < 6)
			one_byte(s, 0, client[i]);
		else
			one_byte(s, 1, relay[i - 6]);
		assert_true(s->wire->count[1] > 3000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_of_the_client),
		cmocka_unit_test(test_bytes_of_the_relay),
		cmocka_unit_test(test_bytes_of_records),
		cmocka_unit_test(test_bytes_of_resumption),
	};

	return cmocka_run_group_tests_name("wire", tests, setup, teardown);
}
