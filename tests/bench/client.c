/*
 * What the client is like to sit at: the real program in a pty, with a long
 * chat and while messages come in.  Times are of the wall, from the byte that
 * is typed to the first byte that is written; with them goes what the machine
 * does to a program that only echoes, in the same run.
 */
#include <sys/ioctl.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/history.h"
#include "sotto/keystore.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/world.h"

#define LINES  100000
#define KEYS   200
#define ROUNDS 5

struct prog {
	int fd;
	pid_t pid;
	char out[1 << 16]; /* of the last wait */
	size_t n;
};

static double
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
begin(struct prog *p, struct world *w, const char *const *argv)
{
	struct winsize ws = { .ws_row = 24, .ws_col = 80 };
	char home[WORLD_PATH], data[WORLD_PATH + 8];

	memset(p, 0, sizeof(*p));
	(void)snprintf(home, sizeof(home), "%s/alice", w->dir);
	(void)snprintf(data, sizeof(data), "%s/data", home);
	p->pid = forkpty(&p->fd, NULL, NULL, &ws);
	assert_true(p->pid >= 0);
	if (p->pid > 0)
		return;
	(void)setenv("HOME", home, 1);
	(void)setenv("XDG_DATA_HOME", data, 1);
	(void)setenv("TERM", "xterm-256color", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)execv(argv[0], (char *const *)(const void *)argv);
	_exit(127);
}

/* Reads until nothing came for `quiet` ms, but no longer than a second. */
static void
drain(struct prog *p, int quiet)
{
	const double end = now_ms() + 1000;
	struct pollfd f = { p->fd, POLLIN, 0 };
	char b[65536];
	ssize_t r;

	while (now_ms() < end && poll(&f, 1, quiet) > 0 &&
	    (r = read(p->fd, b, sizeof(b))) > 0)
		p->n += (size_t)r;
}

static void
send_keys(const struct prog *p, const char *keys)
{
	assert_int_equal(write(p->fd, keys, strlen(keys)),
	    (ssize_t)strlen(keys));
}

/* Until that text was written; the time since `from`. */
static double
until(struct prog *p, const char *text, double from)
{
	struct pollfd f = { p->fd, POLLIN, 0 };

	p->n = 0;
	for (;;) {
		ssize_t r;

		if (p->n > sizeof(p->out) / 2) {
			memmove(p->out, p->out + p->n - 256, 256);
			p->n = 256;
		}
		assert_int_equal(poll(&f, 1, 60000), 1);
		r = read(p->fd, p->out + p->n, sizeof(p->out) - p->n - 1);
		assert_true(r > 0);
		p->n += (size_t)r;
		p->out[p->n] = '\0';
		if (memmem(p->out, p->n, text, strlen(text)) != NULL)
			return now_ms() - from;
	}
}

static int
by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Reads for so many ms, whatever comes. */
static void
read_for(struct prog *p, double ms)
{
	const double end = now_ms() + ms;
	struct pollfd f = { p->fd, POLLIN, 0 };
	char b[65536];

	while (now_ms() < end)
		if (poll(&f, 1, 1) > 0 && read(p->fd, b, sizeof(b)) <= 0)
			return;
}

/* Latency of KEYS letters that stand nowhere else, typed as somebody types;
 * sorted.  bytes: that were written for all of them, if nothing else was. */
static void
echo(struct prog *p, double ms[KEYS], size_t *bytes)
{
	*bytes = 0;
	for (int i = 0; i < KEYS; i++) {
		double at;

		if (i % 40 == 39)
			send_keys(p, "\025"); /* a line of its own */
		read_for(p, 20 + i % 7);
		at = now_ms();
		send_keys(p, "~");
		ms[i] = until(p, "~", at);
		*bytes += p->n;
	}
	qsort(ms, KEYS, sizeof(ms[0]), by_size);
	send_keys(p, "\025");
	drain(p, 50);
}

static void
print_one(const char *name, double v, const char *unit, double goal)
{
	struct figure f = { .v = { v }, .n = 1 };

	bench_goal(name, &f, unit, 0, NULL, goal);
}

static void
print_echo(const char *name, const double ms[KEYS], size_t bytes)
{
	char label[64];

	(void)snprintf(label, sizeof(label), "%s.p50", name);
	print_one(label, ms[KEYS / 2], "ms", 0.3);
	(void)snprintf(label, sizeof(label), "%s.p95", name);
	print_one(label, ms[KEYS * 95 / 100], "ms", 1);
	(void)snprintf(label, sizeof(label), "%s.max", name);
	print_one(label, ms[KEYS - 1], "ms", 5);
	if (bytes > 0) {
		(void)snprintf(label, sizeof(label), "%s.bytes", name);
		print_one(label, (double)bytes / KEYS, "bytes", 8);
	}
}

/* ---- the long chat ---- */

static void
fill_chat(struct world *w)
{
	char dir[WORLD_PATH], err[DB_ERR_MAX], text[80];
	const struct rng g = rng_system();
	struct ident *id = ident_new();
	struct hist_line l = { .kind = HIST_THEIRS, .text = text };
	struct hist_chat c;
	struct vault *v = NULL;
	struct name n;

	(void)snprintf(dir, sizeof(dir), "%s/alice/data/sotto/default", w->dir);
	assert_int_equal(keystore_load(id, dir, WORLD_PASS), SOTTO_OK);
	assert_int_equal(vault_open(&v, dir, &id->master, &g, err), SOTTO_OK);
	memset(&c, 0, sizeof(c));
	assert_int_equal(name_parse(&n, span_str("bob")), SOTTO_OK);
	assert_int_equal(hist_chat_find(v, &c, &n), SOTTO_OK);
	assert_int_equal(vault_begin(v), SOTTO_OK);
	for (uint64_t i = 0; i < LINES; i++) {
		(void)snprintf(text, sizeof(text), "line %llu of a long chat%s",
		    (unsigned long long)i, i == 1000 ? ", with a needle" : "");
		l.kind = i % 3 == 0 ? HIST_MINE : HIST_THEIRS;
		l.state = SENT_READ;
		l.msg = i + 1;
		l.at_ms = l.sent_ms = clock_wall_ms() - (LINES - i) * 60000;
		assert_int_equal(hist_add(v, c.id, &l), SOTTO_OK);
	}
	assert_int_equal(vault_commit(v), SOTTO_OK);
	vault_close(v);
	ident_free(id);
}

/* ---- what the system says ---- */

static unsigned long
status_sum(pid_t pid, const char *name)
{
	char path[320], line[256];
	unsigned long sum = 0, v;
	struct dirent *d;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%d/task/%.16s/status",
		    (int)pid, d->d_name);
		if (d->d_name[0] == '.' || (f = fopen(path, "r")) == NULL)
			continue;
		while (fgets(line, sizeof(line), f) != NULL)
			if (strncmp(line, name, strlen(name)) == 0 &&
			    sscanf(line + strlen(name), ":%lu", &v) == 1)
				sum += v;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return sum;
}

static double
rss_mb(pid_t pid)
{
	return (double)crowd_rss_kib(pid) / 1024;
}

static void
end(struct prog *p)
{
	(void)kill(p->pid, SIGKILL);
	(void)waitpid(p->pid, NULL, 0);
	(void)close(p->fd);
}

/* ---- the figures ---- */

/* What a pty and the machine take for themselves. */
static void
bench_cat(struct world *w)
{
	const char *argv[] = { "/bin/sh", "-c", "stty raw -echo; exec cat",
		NULL };
	double ms[KEYS];
	struct prog p;
	size_t bytes;

	begin(&p, w, argv);
	drain(&p, 300);
	echo(&p, ms, &bytes);
	print_one("client.cat.p50", ms[KEYS / 2], "ms", 0);
	print_one("client.cat.p95", ms[KEYS * 95 / 100], "ms", 0);
	end(&p);
}

/* Another one that is on this machine, in the same pty: just started, with
 * nobody to talk to. */
static void
bench_other(struct world *w, const char *name)
{
	char path[64], label[64];
	const char *argv[] = { path, NULL };
	double ms[KEYS];
	struct prog p;
	size_t bytes;

	(void)snprintf(path, sizeof(path), "/usr/bin/%s", name);
	if (access(path, X_OK) != 0)
		return;
	begin(&p, w, argv);
	read_for(&p, 3000);
	(void)snprintf(label, sizeof(label), "client.%s.rss", name);
	print_one(label, rss_mb(p.pid), "MB", 0);
	echo(&p, ms, &bytes);
	(void)snprintf(label, sizeof(label), "client.%s.p50", name);
	print_one(label, ms[KEYS / 2], "ms", 0);
	(void)snprintf(label, sizeof(label), "client.%s.p95", name);
	print_one(label, ms[KEYS * 95 / 100], "ms", 0);
	(void)snprintf(label, sizeof(label), "client.%s.max", name);
	print_one(label, ms[KEYS - 1], "ms", 0);
	(void)snprintf(label, sizeof(label), "client.%s.bytes", name);
	print_one(label, (double)bytes / KEYS, "bytes", 0);
	end(&p);
}

static void
bench_start(struct world *w, const char *const *argv)
{
	struct figure frame = { .n = ROUNDS }, rss = { .n = ROUNDS };

	for (size_t r = 0; r < ROUNDS; r++) {
		const double at = now_ms();
		struct prog p;

		begin(&p, w, argv);
		frame.v[r] = until(&p, "passphrase", at);
		drain(&p, 200);
		rss.v[r] = rss_mb(p.pid);
		end(&p);
	}
	bench_goal("client.first.frame", &frame, "ms", 0, NULL, 50);
	bench_goal("client.rss.empty", &rss, "MB", 0, NULL, 16);
}

static void
bench_open(struct prog *p)
{
	struct figure open = { .n = BENCH_ROUNDS };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		double at = now_ms();

		send_keys(p, "\0331");
		open.v[r] = until(p, "bob>", at);
		drain(p, 100);
		send_keys(p, "\0332");
		drain(p, 100);
	}
	bench_goal("client.open.chat", &open, "ms", 0, NULL, 16);
}

static void
bench_find(struct prog *p)
{
	struct figure hit = { .n = BENCH_ROUNDS };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		double at;

		send_keys(p, "\006needl");
		drain(p, 400);
		at = now_ms();
		send_keys(p, "e");
		hit.v[r] = until(p, "needle", at);
		drain(p, 200);
		send_keys(p, "\033");
		drain(p, 200);
	}
	bench_goal("client.find.first", &hit, "ms", 0, NULL, 30);
}

static void
bench_idle(struct prog *p)
{
	unsigned long at;

	while (time(NULL) % 60 > 46) /* the clock will not move meanwhile */
		(void)sleep(1);
	drain(p, 1500);
	at = status_sum(p->pid, "voluntary_ctxt_switches");
	p->n = 0;
	for (int i = 0; i < 100; i++)
		drain(p, 100);
	print_one("client.idle.wakes.10s",
	    (double)(status_sum(p->pid, "voluntary_ctxt_switches") - at), "",
	    20);
	print_one("client.idle.bytes.10s", (double)p->n, "bytes", 0.5);
}

int
main(void)
{
	static const char *const flood[] = { "--count", "1000000", "--pace",
		"2", NULL };
	struct world *w = world_new();
	char bin[WORLD_PATH + 8], conf[WORLD_PATH + 16];
	const char *argv[] = { bin, "--insecure-memory", "--config", conf,
		NULL };
	double ms[KEYS];
	struct secret_state st;
	struct prog p;
	struct tty *t;
	size_t bytes;

	(void)secret_harden(&st);
	(void)snprintf(bin, sizeof(bin), "%s/sotto", w->bin);
	(void)snprintf(conf, sizeof(conf), "%s/sotto.conf", w->dir);
	(void)world_companion(w, "bob", NULL);
	t = world_enrol(w, "alice", 80, 24);
	tty_type(t, "/chat bob\r");
	tty_wait(t, "to bob (");
	tty_type(t, "/quit\r");
	(void)tty_wait_exit(t);
	tty_close(t);
	bench_start(w, argv);
	fill_chat(w);
	bench_cat(w);
	bench_other(w, "irssi");
	bench_other(w, "profanity");

	begin(&p, w, argv);
	(void)until(&p, "passphrase", 0);
	drain(&p, 300);
	send_keys(&p, WORLD_PASS "\r");
	(void)until(&p, "bob>", 0);
	drain(&p, 2000);
	print_one("client.rss.100000", rss_mb(p.pid), "MB", 0);
	echo(&p, ms, &bytes);
	print_echo("client.echo", ms, bytes);
	bench_find(&p);
	bench_idle(&p);
	(void)world_companion(w, "flood", flood);
	drain(&p, 500);
	send_keys(&p, "/chat flood\r");
	(void)until(&p, "flood>", 0);
	drain(&p, 500);
	bench_open(&p);
	send_keys(&p, "\0331"); /* elsewhere */
	drain(&p, 300);
	echo(&p, ms, &bytes);
	print_echo("client.echo.flood", ms, 0);
	send_keys(&p, "\0332"); /* in that very chat */
	drain(&p, 300);
	echo(&p, ms, &bytes);
	print_echo("client.echo.flooded", ms, 0);
	end(&p);
	world_free(w);
	return 0;
}
