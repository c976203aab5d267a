/* sottod fingerprint, invite, user; see cli.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sottod/ca.h"
#include "sottod/cli.h"
#include "sottod/print.h"
#include "sottod/tickets.h"

#define TTL_DEFAULT (48ULL * 3600)

static uint64_t
now_s(void)
{
	return clock_wall_ms() / 1000;
}

/* The relay's store and fingerprint, or a sentence and CLI_FAILED. */
static int
open_relay(const struct cli *cli, struct store **s, struct hash *fp)
{
	char err[CA_ERR_MAX];

	if (ca_fingerprint(fp, cli->conf.state, err) != SOTTO_OK)
		return cli_fail("%s", err);
	if (s != NULL && store_open(s, cli->conf.state, err) != SOTTO_OK)
		return cli_fail("cannot open the store in %s: %s",
		    cli->conf.state, err);
	return CLI_OK;
}

int
cli_fingerprint(struct cli *cli, const struct cli_args *a)
{
	struct invite in;
	struct hash fp;
	int r;

	if (a->n > 0)
		return cli_usage("'fingerprint' takes no words");
	if ((r = open_relay(cli, NULL, &fp)) != CLI_OK)
		return r;
	print_block(stdout, &fp);
	memset(&in, 0, sizeof(in));
	(void)snprintf(in.host, sizeof(in.host), "%.253s", cli->conf.names[0]);
	in.port = cli->conf.port;
	in.has_key = 1;
	in.key = fp;
	(void)printf("    ");
	return print_invite(stdout, &in, 0) == SOTTO_OK ? CLI_OK : CLI_FAILED;
}

int
cli_make_invite(struct store *s, const struct sottod_conf *c,
    const struct hash *fp, const struct cli_invite_conf *ic)
{
	struct store_invite si; /* secret */
	struct invite in;       /* secret */
	enum sotto_err e;
	int r = CLI_OK;

	memset(&si, 0, sizeof(si));
	memset(&in, 0, sizeof(in));
	(void)snprintf(in.host, sizeof(in.host), "%.253s", c->names[0]);
	in.port = c->port;
	in.has_key = 1;
	in.key = *fp;
	in.has_token = 1;
	secret_random(in.token_id, sizeof(in.token_id));
	secret_random(in.token.b, sizeof(in.token.b));
	memcpy(si.id, in.token_id, sizeof(si.id));
	invite_psk(&si.psk, &in);
	si.name = ic->name;
	(void)snprintf(si.label, sizeof(si.label), "%s",
	    ic->label != NULL ? ic->label : "");
	si.made_at = now_s();
	si.expires_at = si.made_at + ic->ttl_s;
	si.uses_left = ic->uses;
	if (store_add_invite(s, &si) != SOTTO_OK)
		r = cli_fail("cannot store the invite: %s; it was not made",
		    store_error(s));
	else if ((e = print_invite(stdout, &in, ic->qr)) != SOTTO_OK)
		r = cli_fail("cannot print the invite: %s", sotto_strerror(e));
	WIPE(si);
	WIPE(in);
	return r;
}

static int
invite_option(struct cli_invite_conf *ic, const struct cli_args *a, int *i)
{
	unsigned long long v;
	const char *value;
	int r;

	if ((r = cli_option(a, i, "--name", &value)) != 0) {
		if (r < 0 || name_parse(&ic->name, span_str(value)) != SOTTO_OK)
			return cli_usage("--name has to be 1 to 16 of a-z, "
					 "0-9, '.', '_', '-', beginning with "
					 "a letter");
	} else if ((r = cli_option(a, i, "--ttl", &value)) != 0) {
		if (r < 0 ||
		    conf_number(value, 60, 366ULL * 86400, &v) != SOTTO_OK)
			return cli_usage("--ttl has to be a time from 1m to "
					 "366d, as in 48h");
		ic->ttl_s = v;
	} else if ((r = cli_option(a, i, "--uses", &value)) != 0) {
		if (r < 0 || conf_number(value, 1, 10000, &v) != SOTTO_OK)
			return cli_usage(
			    "--uses has to be a number from 1 to 10000");
		ic->uses = (unsigned)v;
	} else if ((r = cli_option(a, i, "--label", &ic->label)) != 0) {
		if (r < 0 || strlen(ic->label) > 60)
			return cli_usage(
			    "--label has to be at most 60 characters");
	} else if (strcmp(a->word[*i], "--qr") == 0) {
		ic->qr = 1;
	} else {
		return cli_usage("'invite' does not know '%.60s'", a->word[*i]);
	}
	return CLI_OK;
}

int
cli_invite(struct cli *cli, const struct cli_args *a)
{
	struct cli_invite_conf ic = { .ttl_s = TTL_DEFAULT, .uses = 1 };
	struct store *s = NULL;
	struct hash fp;
	int r;

	for (int i = 0; i < a->n; i++)
		if ((r = invite_option(&ic, a, &i)) != CLI_OK)
			return r;
	if ((r = open_relay(cli, &s, &fp)) != CLI_OK)
		return r;
	r = cli_make_invite(s, &cli->conf, &fp, &ic);
	store_close(s);
	return r;
}

/* ---- users ---- */

static void
print_day(uint64_t at)
{
	char buf[16] = "never";
	time_t t = (time_t)at;
	struct tm tm;

	if (at > 0 && gmtime_r(&t, &tm) != NULL)
		(void)strftime(buf, sizeof(buf), "%Y-%m-%d", &tm);
	(void)printf("  %-10s", buf);
}

static int
on_user(void *ctx, const struct store_user *u)
{
	unsigned *n = ctx;

	(*n)++;
	(void)printf("%-16s", u->name.s);
	print_day(u->created_at);
	print_day(u->last_login_at);
	print_day(u->cert_not_after);
	(void)printf("  %s\n", u->revoked_at != 0 ? "revoked" : "");
	return 1;
}

static int
list_users(struct store *s)
{
	unsigned n = 0;

	(void)printf("%-16s  %-10s  %-10s  %-10s\n", "name", "enrolled",
	    "last login", "cert until");
	if (store_users(s, on_user, &n) != SOTTO_OK)
		return cli_fail("cannot read the users: %s", store_error(s));
	(void)printf("%u user%s\n", n, n == 1 ? "" : "s");
	return CLI_OK;
}

/* A relay that runs on the same state ends the user's session at once. */
static void
tell_relay(const struct cli *cli)
{
	char path[FILE_PATH_MAX];
	pid_t pid;

	if (file_join(path, cli->conf.state, "lock") != SOTTO_OK)
		return;
	if ((pid = file_lock_holder(path)) > 0)
		(void)kill(pid, SIGHUP);
}

static int
revoke_user(const struct cli *cli, struct store *s, const char *word)
{
	struct name n;
	enum sotto_err e;

	if (name_parse(&n, span_str(word)) != SOTTO_OK)
		return cli_usage("'%.40s' is no name", word);
	e = store_revoke(s, &n, now_s());
	if (e == SOTTO_EFORMAT)
		return cli_fail("there is no user '%s', or it is revoked "
				"already; nothing was changed",
		    n.s);
	if (e != SOTTO_OK)
		return cli_fail("cannot revoke '%s': %s; nothing was changed",
		    n.s, store_error(s));
	tell_relay(cli);
	(void)printf("%s is revoked: no login from now on, and a session that "
		     "was open is closed\n",
	    n.s);
	return CLI_OK;
}

int
cli_user(struct cli *cli, const struct cli_args *a)
{
	struct store *s = NULL;
	struct hash fp;
	int r;

	const int list = a->n == 1 && strcmp(a->word[0], "list") == 0;
	const int revoke = a->n == 2 && strcmp(a->word[0], "revoke") == 0;

	if (!list && !revoke)
		return cli_usage("'user' wants 'list' or 'revoke NAME'");
	if ((r = open_relay(cli, &s, &fp)) != CLI_OK)
		return r;
	r = list ? list_users(s) : revoke_user(cli, s, a->word[1]);
	store_close(s);
	return r;
}

int
cli_drop_tickets(struct cli *cli, const struct cli_args *a)
{
	if (a->n > 0)
		return cli_usage("'drop-tickets' takes no words");
	if (tickets_drop(cli->conf.state) != SOTTO_OK)
		return cli_fail("cannot remove the keys of the tickets: %s",
		    strerror(errno));
	tell_relay(cli);
	(void)printf("all tickets are worth nothing now: everybody's next "
		     "login is a whole one\n");
	return CLI_OK;
}
