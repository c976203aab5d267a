#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/prim.h"
#include "sottod/cli.h"

static const char help[] =
    "sottod - the relay of sotto, a messenger for the terminal\n"
    "\n"
    "  sottod [options]               run the relay\n"
    "  sottod [options] fingerprint   print the key that users compare\n"
    "  sottod [options] invite [--name NAME] [--ttl 48h] [--uses 1]\n"
    "                          [--label TEXT] [--qr]\n"
    "  sottod [options] user list\n"
    "  sottod [options] user revoke NAME\n"
    "  sottod [options] drop-tickets  everybody's next login is a whole one\n"
    "  sottod [options] backup DIR    all of it, also while it runs\n"
    "  sottod [options] restore DIR   a backup, where no relay is\n"
    "  sottod [options] check         are its files whole?\n"
    "  sottod [options] status [--json]  what the relay does just now\n"
    "\n"
    "  --config FILE    read this configuration (sottod.conf(5))\n"
    "  --state DIR      keys, users, invites: here\n"
    "  --listen ADDR    an IPv4 or IPv6 address; may be repeated\n"
    "  --port N         7443 if not given; 0: any that is free\n"
    "  --name HOST      how clients dial this host; may be repeated\n"
    "  --log FILE       instead of standard error\n"
    "  --verbose        log more\n"
    "  --insecure-memory  run although keys cannot be kept out of swap\n"
    "  --help, --version\n"
    "\n"
    "More: sottod(8), sottod.conf(5).\n";

int
cli_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "sottod: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, "\n");
	va_end(ap);
	return CLI_FAILED;
}

int
cli_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "sottod: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, "; see sottod --help\n");
	va_end(ap);
	return CLI_USAGE;
}

int
cli_option(const struct cli_args *a, int *i, const char *name,
    const char **value)
{
	const char *w = a->word[*i];
	size_t n = strlen(name);

	if (strncmp(w, name, n) != 0)
		return 0;
	if (w[n] == '=') {
		*value = w + n + 1;
		return 1;
	}
	if (w[n] != '\0')
		return 0;
	if (*i + 1 >= a->n)
		return -1;
	*value = a->word[++*i];
	return 1;
}

/* What the options say, kept until the file has been read. */
struct options {
	const char *config;
	struct {
		const char *section, *key, *value;
	} set[32];
	size_t n;
	int insecure;
	const char *listen[CONF_LISTEN_MAX], *name[CONF_NAMES_MAX];
	size_t n_listen, n_names;
};

static int
keep(struct options *o, const char *section, const char *key, const char *value)
{
	if (o->n == sizeof(o->set) / sizeof(o->set[0]))
		return cli_usage("there are too many options");
	o->set[o->n].section = section;
	o->set[o->n].key = key;
	o->set[o->n++].value = value;
	return CLI_OK;
}

static int
take_valued(struct options *o, const struct cli_args *a, int *i)
{
	static const struct {
		const char *option, *section, *key;
	} plain[] = { { "--state", "server", "state" },
		{ "--port", "server", "port" }, { "--log", "log", "file" } };
	const char *value;
	int r;

	for (size_t k = 0; k < sizeof(plain) / sizeof(plain[0]); k++) {
		if ((r = cli_option(a, i, plain[k].option, &value)) == 0)
			continue;
		if (r < 0)
			return cli_usage("%s wants a value", plain[k].option);
		return keep(o, plain[k].section, plain[k].key, value);
	}
	if ((r = cli_option(a, i, "--config", &o->config)) != 0)
		return r < 0 ? cli_usage("--config wants a file") : CLI_OK;
	if ((r = cli_option(a, i, "--listen", &value)) != 0) {
		if (r < 0 || o->n_listen == CONF_LISTEN_MAX)
			return cli_usage("--listen wants up to 8 addresses");
		o->listen[o->n_listen++] = value;
		return CLI_OK;
	}
	if ((r = cli_option(a, i, "--name", &value)) != 0) {
		if (r < 0 || o->n_names == CONF_NAMES_MAX)
			return cli_usage("--name wants up to 16 names");
		o->name[o->n_names++] = value;
		return CLI_OK;
	}
	return cli_usage("there is no option '%.60s'", a->word[*i]);
}

/* Options up to the subcommand; *i is then its place.  -1: go on. */
static int
take_options(struct options *o, const struct cli_args *a, int *i)
{
	int r;

	for (*i = 0; *i < a->n && a->word[*i][0] == '-'; ++*i) {
		const char *w = a->word[*i];

		if (strcmp(w, "--help") == 0 || strcmp(w, "-h") == 0) {
			(void)fputs(help, stdout);
			return CLI_OK;
		}
		if (strcmp(w, "--version") == 0) {
			(void)puts("sottod " SOTTO_VERSION);
			return CLI_OK;
		}
		if (strcmp(w, "--verbose") == 0)
			r = keep(o, "log", "level", "debug");
		else if (strcmp(w, "--insecure-memory") == 0)
			r = (o->insecure = 1, CLI_OK);
		else
			r = take_valued(o, a, i);
		if (r != CLI_OK)
			return r;
	}
	return -1;
}

/* Several --listen or --name words as one value of the file. */
static const char *
set_list(struct sottod_conf *c, const char *key, const char *const *words,
    size_t n)
{
	char all[4096] = "";
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int k = snprintf(all + len, sizeof(all) - len, "%s ", words[i]);

		if (k < 0 || (size_t)k >= sizeof(all) - len)
			return "is too long";
		len += (size_t)k;
	}
	return n > 0 ? sottod_conf_set(c, "server", key, all) : NULL;
}

/* Defaults, then the file, then the words; what is wrong as a sentence. */
static enum sotto_err
read_all(struct sottod_conf *c, const struct options *o, char err[CONF_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	const char *why = NULL, *key = "";

	(void)snprintf(err, CONF_ERR_MAX,
	    "there is no home folder; say --state DIR and --config FILE");
	if (sottod_conf_default(c) != SOTTO_OK)
		return SOTTO_ESTATE;
	if (o->config != NULL)
		(void)snprintf(path, sizeof(path), "%s", o->config);
	else if (sottod_conf_path(path) != SOTTO_OK)
		path[0] = '\0';
	if (path[0] != '\0' &&
	    sottod_conf_file(c, path, o->config != NULL, err) != SOTTO_OK)
		return SOTTO_EIO;
	for (size_t i = 0; i < o->n && why == NULL; i++)
		why = sottod_conf_set(c, o->set[i].section, key = o->set[i].key,
		    o->set[i].value);
	if (why == NULL)
		why = set_list(c, key = "listen", o->listen, o->n_listen);
	if (why == NULL)
		why = set_list(c, key = "name", o->name, o->n_names);
	if (why != NULL) {
		(void)snprintf(err, CONF_ERR_MAX, "--%s %s", key, why);
		return SOTTO_EFORMAT;
	}
	if ((why = sottod_conf_finish(c)) == NULL)
		return SOTTO_OK;
	(void)snprintf(err, CONF_ERR_MAX, "%s", why);
	return SOTTO_ESTATE;
}

static enum sotto_err
read_again(void *ctx, struct sottod_conf *out, char err[CONF_ERR_MAX])
{
	return read_all(out, ctx, err);
}

static int
configure(struct cli *cli, struct options *o)
{
	char err[CONF_ERR_MAX];
	const enum sotto_err e = read_all(&cli->conf, o, err);

	cli->again = read_again;
	cli->again_ctx = o;
	if (e == SOTTO_EFORMAT)
		return cli_usage("%s", err);
	return e == SOTTO_OK ? CLI_OK : cli_fail("%s", err);
}

static int
protect(const struct options *o)
{
	struct secret_state st;
	enum sotto_err e = secret_harden(&st);

	if (e == SOTTO_EIO)
		return cli_fail("the system gives no random numbers");
	if (e == SOTTO_OK && prim_init() != SOTTO_OK)
		e = SOTTO_ENOMEM;
	if (e != SOTTO_OK && !o->insecure)
		return cli_fail(
		    "keys cannot be kept out of swap: the limit for locked "
		    "memory is too low. Raise it (ulimit -l 8192, or "
		    "LimitMEMLOCK= of systemd), or say --insecure-memory");
	return CLI_OK;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*fn)(struct cli *, const struct cli_args *);
	} subs[] = { { "fingerprint", cli_fingerprint },
		{ "invite", cli_invite }, { "user", cli_user },
		{ "drop-tickets", cli_drop_tickets }, { "backup", cli_backup },
		{ "restore", cli_restore }, { "check", cli_check },
		{ "status", cli_status } };
	struct cli_args a = { argc - 1, argv + 1 };
	struct options o = { 0 };
	struct cli cli = { 0 };
	int i = 0, r;

	if ((r = take_options(&o, &a, &i)) >= 0)
		return r;
	if ((r = protect(&o)) != CLI_OK || (r = configure(&cli, &o)) != CLI_OK)
		return r;
	if (i == a.n)
		return cli_run(&cli, &a);
	for (size_t k = 0; k < sizeof(subs) / sizeof(subs[0]); k++) {
		if (strcmp(a.word[i], subs[k].word) == 0) {
			a.word += i + 1;
			a.n -= i + 1;
			return subs[k].fn(&cli, &a);
		}
	}
	return cli_usage("there is no command '%.60s'", a.word[i]);
}
