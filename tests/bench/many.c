/*
 * Many connections at once: what an idle one costs, and what those who talk
 * notice when a thousand others log in.  many [CONNECTIONS]: 10,000.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/raw.h"

#define TALKING 100
#define STORM   1000
#define STORMS  4 /* processes */

static void
one(const char *name, double v, const char *unit, double goal)
{
	struct figure f = { .v = { v }, .n = 1 };

	bench_goal(name, &f, unit, 0, NULL, goal);
}

/* On machines of their own they would not take the relay's time. */
static pid_t
elsewhere(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		(void)setpriority(PRIO_PROCESS, 0, 15);
	return pid;
}

/* A thousand others, from processes of their own, all at once. */
static void
storm_of_tickets(struct world *w, size_t first, pid_t pid[STORMS])
{
	for (size_t i = 0; i < STORMS; i++) {
		struct crowd *c;

		if ((pid[i] = elsewhere()) != 0)
			continue;
		c = crowd_new(CROWD_SOTTO, w, w->port);
		crowd_from(c, first + i * (STORM / STORMS));
		crowd_grow(c, STORM / STORMS, STORM);
		crowd_watch(c, STORM / STORMS);
		crowd_silence(c, 2000);
		_exit(0);
	}
}

static void
storm_of_logins(struct world *w, const struct ident *id, pid_t pid[STORMS])
{
	for (size_t i = 0; i < STORMS; i++) {
		if ((pid[i] = elsewhere()) != 0)
			continue;
		for (int k = 0; k < STORM / STORMS; k++) {
			struct raw r;

			raw_login(&r, id, w->port);
			raw_close(&r);
		}
		_exit(0);
	}
}

static void
talk(struct crowd *c, const char *name)
{
	const struct crowd_load l = { .clients = TALKING,
		.rate = 1000,
		.ms = 4000 };
	struct crowd_figures f;

	crowd_run(c, &l, &f);
	one(name, f.p99 / 1000, "ms", 20);
}

static void
wait_for(pid_t pid[STORMS])
{
	for (size_t i = 0; i < STORMS; i++)
		(void)waitpid(pid[i], NULL, 0);
}

int
main(int argc, char **argv)
{
	const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	const struct rlimit files = { n + 2000, n + 2000 };
	struct world *w;
	struct ident *id;
	struct crowd *c;
	pid_t pid[STORMS];
	size_t rss;
	double cpu;

	if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
		(void)fprintf(stderr, "%zu files cannot be open here\n",
		    (size_t)files.rlim_cur);
		return 1;
	}
	w = world_new();
	world_configure(w,
	    "[limits]\nconnections = 100000\nlogins = 8000\n"
	    "logins-minute = 100000\nidle = 1h\n");
	crowd_users(w, n + STORM);
	id = raw_enrol(w, "alice");
	c = crowd_new(CROWD_SOTTO, w, w->port);
	crowd_silence(c, 6000); /* the keys that are made ahead */
	rss = crowd_rss_kib(w->relay.pid);
	crowd_grow(c, n, 64);
	crowd_watch(c, TALKING);
	crowd_silence(c, 20000);
	assert_int_equal(crowd_alive(c), n);
	one("many.connected", (double)n, "", 0);
	one("many.idle.rss",
	    (double)(crowd_rss_kib(w->relay.pid) - rss) / (double)n, "KiB", 1);
	cpu = crowd_cpu_us(w->relay.pid);
	crowd_silence(c, 10000);
	one("many.idle.cpu", (crowd_cpu_us(w->relay.pid) - cpu) / 1e5, "%",
	    0.1);
	talk(c, "many.p99.quiet");
	storm_of_tickets(w, n, pid);
	talk(c, "many.p99.storm-of-tickets");
	wait_for(pid);
	crowd_silence(c, 3000);
	storm_of_logins(w, id, pid);
	talk(c, "many.p99.storm-of-logins");
	wait_for(pid);
	assert_int_equal(crowd_alive(c), n);
	crowd_free(c);
	ident_free(id);
	world_free(w);
	return 0;
}
