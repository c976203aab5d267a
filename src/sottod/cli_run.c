/* sottod without a subcommand: the relay itself; see cli.h. */
#include <sys/resource.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "net/loop.h"
#include "sottod/cli.h"
#include "sottod/print.h"
#include "sottod/server.h"

#define FIRST_INVITE_TTL (7ULL * 86400)
#define FILES_OWN        64 /* stores, log, listeners, what libraries open */

static void
say(const char *what)
{
	(void)fprintf(stderr, "sottod: %s\n", what);
}

static int
lock_state(const struct sottod_conf *c, int *fd)
{
	char path[FILE_PATH_MAX];
	pid_t holder = 0;
	enum sotto_err e;

	if ((e = file_mkdirs(c->state)) != SOTTO_OK)
		return cli_fail("cannot make the folder %s: %s", c->state,
		    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	if ((e = file_join(path, c->state, "lock")) == SOTTO_OK)
		e = file_lock(path, fd, &holder);
	if (e == SOTTO_EAGAIN)
		return cli_fail("another relay (process %d) runs on %s; stop "
				"it first, or say --state DIR",
		    (int)holder, c->state);
	if (e != SOTTO_OK)
		return cli_fail("cannot lock %s: %s", c->state,
		    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	return CLI_OK;
}

/* What an admin needs: who this relay is, and how the first one gets in. */
static int
introduce(struct store *s, struct sottod_conf *c, const struct ca *ca)
{
	const int some = store_has_invites(s);
	struct cli_invite_conf ic = { .ttl_s = FIRST_INVITE_TTL,
		.uses = 1,
		.label = "first" };

	(void)printf("The key of %s. Users compare it once:\n\n", ca->relay);
	print_block(stdout, &ca->fingerprint);
	(void)printf("\n");
	if (some < 0)
		return cli_fail("the store says: %s", store_error(s));
	if (some)
		return CLI_OK;
	(void)printf("The first invite, for one person and 7 days. More: "
		     "sottod invite\n\n");
	return cli_make_invite(s, c, &ca->fingerprint, &ic);
}

static void
announce(const struct server *s)
{
	for (size_t i = 0; i < s->n_listeners; i++)
		(void)printf("listening on %s port %u\n", s->conf->listen[i],
		    tcp_listener_port(s->listener[i]));
	(void)fflush(stdout);
	log_say(s->audit.log, LOG_INFO, "started, %zu users",
	    dir_n_users(s->dir));
}

/* Takes st and id. */
static int
serve(struct cli *cli, struct log *log, struct store *st, struct identity *id)
{
	struct server s;
	char err[CA_ERR_MAX];
	int r;

	if (server_start(&s, &cli->conf, log, st, id, err) != SOTTO_OK) {
		identity_unref(id);
		store_close(st);
		return cli_fail("%s", err);
	}
	s.again = cli->again;
	s.again_ctx = cli->again_ctx;
	/* Where any port would do, invites name the one that was found. */
	cli->conf.port = tcp_listener_port(s.listener[0]);
	r = introduce(st, &cli->conf, &id->ca);
	if (r == CLI_OK) {
		announce(&s);
		server_run(&s);
		log_say(log, LOG_INFO, "stopped");
	}
	server_free(&s);
	return r;
}

static int
open_all(struct cli *cli, struct store **st, struct identity **id)
{
	const struct sottod_conf *c = &cli->conf;
	char err[CA_ERR_MAX];

	if (store_open(st, c->state, err) != SOTTO_OK)
		return cli_fail("cannot open the store in %s: %s. It was left "
				"as it is",
		    c->state, err);
	if ((*id = calloc(1, sizeof(**id))) == NULL)
		return cli_fail("memory ran out");
	(*id)->refs = 1;
	if (ca_open(&(*id)->ca, c, *st, server_now(), say, err) != SOTTO_OK)
		return cli_fail("%s", err);
	return CLI_OK;
}

/* A connection is a descriptor: as many as the system lets us have. */
static void
raise_files(struct log *log, const struct sottod_conf *c)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < (rlim_t)c->limits.connections + FILES_OWN)
		log_say(log, LOG_WARN,
		    "only %llu files may be open: fewer than the %u "
		    "connections of the configuration. Raise it (ulimit -Hn, "
		    "or LimitNOFILE= of systemd)",
		    (unsigned long long)r.rlim_cur, c->limits.connections);
}

int
cli_run(struct cli *cli, const struct cli_args *a)
{
	const char *path = cli->conf.log[0] != '\0' ? cli->conf.log : NULL;
	struct log *log = NULL;
	struct store *st = NULL;
	struct identity *id = NULL;
	int lock = -1, r;

	(void)a;
	/* A closed pipe or connection is an error to be seen, not a signal. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* so is a file at its limit */
	if ((r = lock_state(&cli->conf, &lock)) != CLI_OK)
		return r;
	if ((log = log_open(path, cli->conf.level)) == NULL) {
		r = cli_fail("cannot write the log %s: %s", cli->conf.log,
		    strerror(errno));
		goto out;
	}
	raise_files(log, &cli->conf);
	if ((r = open_all(cli, &st, &id)) != CLI_OK) {
		store_close(st);
		identity_unref(id);
		goto out;
	}
	r = serve(cli, log, st, id); /* takes both */
	loop_end_threads();
out:
	log_close(log);
	(void)close(lock);
	return r;
}
