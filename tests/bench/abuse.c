/*
 * What those who behave notice while somebody does not: 100 people at 1,000
 * messages a second, their p99, and the relay's memory, during each attack.
 * The attackers are other processes; what they take of this computer's time
 * counts against the relay as well.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/hs.h"
#include "net/frame.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/fixture.h"
#include "tests/lib/sock.h"

#define HONEST 100
#define EVIL   200 /* users that attack, behind the honest ones */
#define DRIPS  200
#define ROUNDS 3
#define MS     3000

struct attack {
	const char *name;
	void (*run)(struct world *w); /* in a process of its own */
};

/* ---- strangers ---- */

/* A login that never gets on: a byte now and then. */
static void
slow_drip(struct world *w)
{
	int fd[DRIPS];

	for (size_t i = 0; i < DRIPS; i++)
		fd[i] = sock_dial(w->port);
	for (;;) {
		for (size_t i = 0; i < DRIPS; i++)
			if (write(fd[i], "\x01", 1) != 1) {
				(void)close(fd[i]);
				fd[i] = sock_dial(w->port);
			}
		(void)usleep(100000);
	}
}

static void
huge_length(struct world *w)
{
	static const uint8_t head[] = { 1, 0xff, 0xff, 0xff };

	for (;;) {
		const int fd = sock_dial(w->port);

		(void)!write(fd, head, sizeof(head));
		(void)close(fd);
	}
}

static void
connect_storm(struct world *w)
{
	for (;;)
		(void)close(sock_dial(w->port));
}

/* As far as a stranger gets, and solving whatever puzzle is asked. */
static void
try_once(struct world *w, const struct fixture *f, enum hs_mode mode)
{
	const struct rng g = rng_system();
	struct hs_client_conf cc = { .mode = mode,
		.host = "localhost",
		.id = f->mallory };
	uint8_t out[HS_FRAME_MAX], in[8192];
	struct hs_client *c;
	enum hs_event ev = HS_WAIT;
	size_t n = 0;
	ssize_t k;
	struct wr wr;
	const int fd = sock_dial(w->port);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (mode == HS_ENROL)
		rng_fill(&g, f->mallory->token_id,
		    sizeof(f->mallory->token_id));
	suite_default(&cc.suites, 0);
	wr_init(&wr, out, sizeof(out));
	c = hs_client_new(&cc, &g, NULL, &wr);
	while (c != NULL && ev != HS_FAILED && ev != HS_DONE) {
		struct span frame;

		(void)!write(fd, out, wr.n);
		wr_init(&wr, out, sizeof(out));
		while (frame_next(&frame, FRAME_HANDSHAKE,
			   (struct span){ in, n }) == SOTTO_EAGAIN) {
			if (poll(&p, 1, 15000) <= 0 || n == sizeof(in) ||
			    (k = read(fd, in + n, sizeof(in) - n)) <= 0)
				goto out;
			n += (size_t)k;
		}
		ev = hs_client_in(c, frame, (uint64_t)time(NULL), &wr);
		n = 0;
		while (ev == HS_JOB) {
			struct hs_job *j = hs_client_job(c);

			hs_job_run(j);
			ev = hs_client_job_done(c, j, &wr);
		}
	}
out:
	hs_client_free(c);
	(void)close(fd);
}

static void
guess_names(struct world *w)
{
	struct fixture *f = fix_new();

	for (;;)
		try_once(w, f, HS_LOGIN);
}

static void
guess_invites(struct world *w)
{
	struct fixture *f = fix_new();

	for (;;)
		try_once(w, f, HS_ENROL);
}

/* ---- users ---- */

static struct crowd *
evil(struct world *w)
{
	struct crowd *c = crowd_new(CROWD_SOTTO, w, w->port);

	crowd_from(c, HONEST);
	return c;
}

static void
reconnect_storm(struct world *w)
{
	for (;;) {
		struct crowd *c = evil(w);

		crowd_grow(c, 50, 50);
		crowd_free(c);
	}
}

static void
push(struct crowd *c, int stored)
{
	const struct crowd_load l = { .clients = EVIL,
		.stored = stored,
		.window = 256,
		.may_end = 1,
		.ms = 60000 };
	struct crowd_figures f;

	crowd_run(c, &l, &f);
}

static void
flood(struct world *w)
{
	struct crowd *c = evil(w);

	crowd_grow(c, EVIL, 16);
	push(c, 0);
}

/* Mail for people who take none of it in, though they are there. */
static void
never_reading(struct world *w)
{
	struct crowd *c = evil(w);

	crowd_grow(c, EVIL, 16);
	crowd_watch(c, EVIL);
	for (size_t i = 1; i < EVIL; i += 2)
		crowd_deaf(c, i);
	push(c, 1);
}

static const struct attack attacks[] = {
	{ "none", NULL },
	{ "slow-drip", slow_drip },
	{ "huge-length", huge_length },
	{ "connect-storm", connect_storm },
	{ "reconnect-storm", reconnect_storm },
	{ "flood", flood },
	{ "never-reading", never_reading },
	{ "name-guessing", guess_names },
	{ "invite-guessing", guess_invites },
};

/* ---- those who behave ---- */

static pid_t
start(const struct attack *a, struct world *w)
{
	const pid_t pid = a->run != NULL ? fork() : 0;

	if (a->run == NULL || pid != 0)
		return pid;
	(void)setpriority(PRIO_PROCESS, 0, 10); /* elsewhere, so to say */
	a->run(w);
	_exit(0);
}

static void
measure(const struct attack *a, struct world *w, struct crowd *c)
{
	const struct crowd_load l = { .clients = HONEST,
		.rate = 1000,
		.ms = MS,
		.server = w->relay.pid };
	struct figure p99 = { 0 }, rss = { 0 };
	char name[64];

	for (int r = 0; r < ROUNDS; r++) {
		const pid_t pid = start(a, w);
		struct crowd_figures f;

		(void)usleep(500000);
		crowd_run(c, &l, &f);
		p99.v[p99.n++] = f.p99 / 1000;
		rss.v[rss.n++] = (double)crowd_rss_kib(w->relay.pid) / 1024;
		if (pid > 0) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, 0);
		}
		crowd_silence(c, 1000);
	}
	assert_int_equal(crowd_alive(c), HONEST);
	(void)snprintf(name, sizeof(name), "abuse.%s.p99", a->name);
	bench_print(name, &p99, "ms", 0, NULL);
	(void)snprintf(name, sizeof(name), "abuse.%s.rss", a->name);
	bench_print(name, &rss, "MiB", 0, NULL);
}

/* abuse [ATTACK]: only that one. */
int
main(int argc, char **argv)
{
	struct world *w = world_new();
	struct crowd *c;

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	/* Those who only listen give no sign of life here. */
	world_configure(w, "[limits]\nidle = 1h\n");
	crowd_users(w, HONEST + EVIL);
	c = crowd_new(CROWD_SOTTO, w, w->port);
	crowd_grow(c, HONEST, 16);
	crowd_watch(c, HONEST);
	crowd_silence(c, 5000);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (argc < 2 || strcmp(argv[1], attacks[i].name) == 0)
			measure(&attacks[i], w, c);
	crowd_free(c);
	world_free(w);
	return 0;
}
