/*
 * cli - the command line of sottod: options, and one function a subcommand.
 * Exit statuses: 0 done, 1 it did not work, 2 the words are wrong.
 */
#ifndef SOTTOD_CLI_H
#define SOTTOD_CLI_H

#include "sottod/conf.h"
#include "sottod/store.h"

#define CLI_OK     0
#define CLI_FAILED 1
#define CLI_USAGE  2

/* What comes before the subcommand and applies to all of them. */
struct cli {
	struct sottod_conf conf;
	/* The same again, from the file as it is now and the words of the
	 * command line; SOTTO_EFORMAT: err gets a sentence. */
	enum sotto_err (
	    *again)(void *ctx, struct sottod_conf *out, char err[CONF_ERR_MAX]);
	void *again_ctx;
};

/* Words behind the subcommand. */
struct cli_args {
	int n;
	char **word;
};

int cli_run(struct cli *cli, const struct cli_args *a);
int cli_fingerprint(struct cli *cli, const struct cli_args *a);
int cli_invite(struct cli *cli, const struct cli_args *a);
int cli_user(struct cli *cli, const struct cli_args *a);
int cli_backup(struct cli *cli, const struct cli_args *a);
int cli_restore(struct cli *cli, const struct cli_args *a);
int cli_check(struct cli *cli, const struct cli_args *a);
int cli_status(struct cli *cli, const struct cli_args *a);
int cli_drop_tickets(struct cli *cli, const struct cli_args *a);

/* cli_fail - "sottod: ..." on standard error; answers CLI_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* cli_usage - the same and a hint at --help; answers CLI_USAGE. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * cli_option - is word i "--name VALUE" or "--name=VALUE"?  Then *value is
 * set, i moved behind it, 1.  -1: the value is missing.
 */
int cli_option(const struct cli_args *a, int *i, const char *name,
    const char **value);

/* What an invite may say besides. */
struct cli_invite_conf {
	struct name name; /* "": any */
	const char *label;
	uint64_t ttl_s;
	unsigned uses;
	int qr;
};
/* cli_make_invite - store it and print the line. */
int cli_make_invite(struct store *s, const struct sottod_conf *c,
    const struct hash *fp, const struct cli_invite_conf *ic);

#endif
