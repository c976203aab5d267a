#include "tests/lib/world.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "tests/lib/cm.h"

#define WAIT_MS 60000

const char *
world_path(struct world *w, const char *name)
{
	static char paths[8][WORLD_PATH];
	static size_t next;
	char *p = paths[next++ % 8];

	(void)snprintf(p, WORLD_PATH, "%s/%s", w->dir, name);
	return p;
}

/* ---- processes ---- */

static void
start(struct proc *p, const char *out, const char *const *argv)
{
	(void)snprintf(p->out, sizeof(p->out), "%s", out);
	(void)unlink(out);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid > 0)
		return;
	int fd = open(out, O_CREAT | O_WRONLY | O_APPEND, 0600);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(fd, 1);
	(void)dup2(fd, 2);
	(void)execv(argv[0], (char *const *)(const void *)argv);
	_exit(127);
}

int
proc_stop(struct proc *p, int sig)
{
	int status = 0;

	if (p->pid == 0)
		return 0;
	(void)kill(p->pid, sig);
	(void)waitpid(p->pid, &status, 0);
	p->pid = 0;
	return status;
}

char *
world_read(const char *path)
{
	char *b = calloc(1, 1 << 20);
	FILE *f = fopen(path, "r");

	assert_non_null(b);
	if (f != NULL) {
		(void)!fread(b, 1, (1 << 20) - 1, f);
		(void)fclose(f);
	}
	return b;
}

int
proc_count(struct proc *p, const char *text)
{
	char *b = world_read(p->out);
	int n = 0;

	for (char *at = b; (at = strstr(at, text)) != NULL; at++)
		n++;
	free(b);
	return n;
}

void
proc_wait_text(struct proc *p, const char *text)
{
	const uint64_t until = clock_mono_ms() + WAIT_MS;

	while (proc_count(p, text) == 0) {
		if (clock_mono_ms() > until) {
			char *all = world_read(p->out);

			(void)fprintf(stderr, "%s", all);
			free(all);
			fail_msg("'%s' is not in the text above", text);
		}
		(void)usleep(10000);
	}
}

char *
world_run(struct world *w, int *status, const char *const *argv)
{
	struct proc p = { 0 };

	start(&p, world_path(w, "run.out"), argv);
	(void)waitpid(p.pid, status, 0);
	return world_read(p.out);
}

/* ---- the relay ---- */

void
world_configure(struct world *w, const char *text)
{
	FILE *f;

	w->relay_conf[0] = '\0';
	if (text == NULL)
		return;
	(void)snprintf(w->relay_conf, sizeof(w->relay_conf), "%s",
	    world_path(w, "sottod.conf"));
	f = fopen(w->relay_conf, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static void
relay_argv(struct world *w, const char **argv, char *port, size_t cap)
{
	static char bin[WORLD_PATH + 16], state[WORLD_PATH];
	size_t n = 0;

	(void)snprintf(bin, sizeof(bin), "%s/sottod", w->bin);
	(void)snprintf(state, sizeof(state), "%s/relay", w->dir);
	(void)snprintf(port, cap, "%u", (unsigned)w->port);
	argv[n++] = bin;
	argv[n++] = "--insecure-memory";
	argv[n++] = "--config";
	argv[n++] = w->relay_conf[0] != '\0' ? w->relay_conf : "/dev/null";
	argv[n++] = "--state";
	argv[n++] = state;
	argv[n++] = "--listen";
	argv[n++] = "127.0.0.1";
	argv[n++] = "--name";
	argv[n++] = "localhost";
	argv[n++] = "--port";
	argv[n++] = port;
	argv[n] = NULL;
}

void
world_relay_start(struct world *w)
{
	const char *argv[24];
	char port[8], *out, *at;

	relay_argv(w, argv, port, sizeof(port));
	start(&w->relay, world_path(w, "relay.out"), argv);
	proc_wait_text(&w->relay, "listening");
	if (w->port != 0)
		return;
	proc_wait_text(&w->relay, "sotto:localhost:");
	out = world_read(w->relay.out);
	at = strstr(out, "sotto:localhost:");
	w->port = (uint16_t)atoi(at + strlen("sotto:localhost:"));
	assert_int_not_equal(w->port, 0);
	free(out);
}

int
world_relay_stop(struct world *w, int sig)
{
	return proc_stop(&w->relay, sig);
}

char *
world_relay_log(struct world *w)
{
	return world_read(w->relay.out);
}

void
world_relay_waits(struct world *w, const char *text)
{
	proc_wait_text(&w->relay, text);
}

const char *
world_invite(struct world *w, const char *label)
{
	const char *argv[32], *path;
	char port[8], name[96], *out;
	size_t n = 0;
	int status;
	FILE *f;

	relay_argv(w, argv, port, sizeof(port));
	while (argv[n] != NULL)
		n++;
	argv[n++] = "invite";
	argv[n++] = "--label";
	argv[n++] = label;
	argv[n] = NULL;
	out = world_run(w, &status, argv);
	if (status != 0)
		fail_msg("no invite: %s", out);
	(void)snprintf(name, sizeof(name), "%s.invite", label);
	path = world_path(w, name);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(out, f);
	(void)fclose(f);
	free(out);
	return path;
}

/* ---- companions and clients ---- */

struct proc *
world_companion(struct world *w, const char *name, const char *const *args)
{
	struct proc *p = &w->proc[w->n_procs++];
	const char *argv[32];
	char bin[WORLD_PATH + 32], out[64];
	size_t n = 0;

	assert_true(w->n_procs <= WORLD_PROCS);
	(void)snprintf(bin, sizeof(bin), "%s/tests/tools/companion", w->bin);
	(void)snprintf(out, sizeof(out), "%s.out", name);
	argv[n++] = bin;
	argv[n++] = "--home";
	argv[n++] = world_path(w, name);
	argv[n++] = "--name";
	argv[n++] = name;
	argv[n++] = "--invite";
	argv[n++] = world_invite(w, name);
	while (args != NULL && *args != NULL)
		argv[n++] = *args++;
	argv[n] = NULL;
	start(p, world_path(w, out), argv);
	proc_wait_text(p, "link 4");
	return p;
}

struct tty *
world_client(struct world *w, const char *home, int cols, int rows,
    const char *const *args)
{
	char bin[WORLD_PATH + 16], env[3][WORLD_PATH + 32], conf[WORLD_PATH];
	const char *argv[32],
	    *envp[] = { env[0], env[1], env[2], "TZ=UTC", NULL };
	size_t n = 0;
	FILE *f;

	(void)snprintf(bin, sizeof(bin), "%s/sotto", w->bin);
	(void)snprintf(env[0], sizeof(env[0]), "HOME=%s/%s", w->dir, home);
	(void)snprintf(env[1], sizeof(env[1]), "XDG_DATA_HOME=%s/%s/data",
	    w->dir, home);
	(void)snprintf(env[2], sizeof(env[2]), "XDG_CONFIG_HOME=%s/%s/config",
	    w->dir, home);
	(void)mkdir(world_path(w, home), 0700);
	/* The smallest cost: tests open many key files. */
	(void)snprintf(conf, sizeof(conf), "%s/sotto.conf", w->dir);
	f = fopen(conf, "w");
	assert_non_null(f);
	(void)fputs("[key]\npasses = 2\nmemory = 64M\n", f);
	(void)fclose(f);
	argv[n++] = bin;
	argv[n++] = "--insecure-memory";
	argv[n++] = "--config";
	argv[n++] = conf;
	while (args != NULL && *args != NULL)
		argv[n++] = *args++;
	argv[n] = NULL;
	return tty_open(cols, rows, argv, envp);
}

struct tty *
world_enrol(struct world *w, const char *name, int cols, int rows)
{
	const char *args[] = { "--invite", world_invite(w, name), NULL };
	struct tty *t = world_client(w, name, cols, rows, args);

	tty_wait(t, "MATCHED");
	tty_type(t, KEY_ENTER);
	tty_wait(t, "step 3 of 4");
	tty_type(t, name);
	tty_type(t, KEY_TAB WORLD_PASS KEY_TAB WORLD_PASS KEY_ENTER);
	tty_wait(t, "You are in");
	tty_wait(t, "localhost ONLINE");
	return t;
}

/* ---- the folder ---- */

struct world *
world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	const char *build = getenv("BUILD"), *tmp = getenv("TMPDIR");

	assert_non_null(w);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)snprintf(w->bin, sizeof(w->bin), "%s",
	    build != NULL && build[0] != '\0' ? build : "build");
	(void)snprintf(w->dir, sizeof(w->dir), "%.100s/sotto-e2e.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	world_relay_start(w);
	return w;
}

void
world_free(struct world *w)
{
	char cmd[256];

	for (size_t i = 0; i < w->n_procs; i++)
		(void)proc_stop(&w->proc[i], SIGTERM);
	(void)world_relay_stop(w, SIGTERM);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", w->dir);
	assert_int_equal(system(cmd), 0);
	free(w);
}

int
world_setup(void **state)
{
	*state = world_new();
	return 0;
}

int
world_teardown(void **state)
{
	world_free(*state);
	return 0;
}
