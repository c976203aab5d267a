/* sottod backup, restore, check; see cli.h. */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/db.h"
#include "base/file.h"
#include "base/secret.h"

#include "sottod/ca.h"
#include "sottod/cli.h"
#include "sottod/mail_db.h"

#define KEY_MAX 16384

/* The state, but for what is made anew: the lock and the keys of tickets. */
static const char *const files[] = { "ca.crt", "ca.key", "server.crt",
	"server.key" };
static const char *const stores[] = { "sottod.db", "mail.db" };

#define N_FILES  (sizeof(files) / sizeof(files[0]))
#define N_STORES (sizeof(stores) / sizeof(stores[0]))

/* ---- copying ---- */

/* Only ca.crt has to be there: the authority's key may be kept elsewhere. */
static enum sotto_err
copy_file(const char *from, const char *to, const char *name)
{
	char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
	uint8_t *bytes = NULL; /* secret */
	size_t n = 0;
	enum sotto_err e;

	if ((e = file_join(a, from, name)) != SOTTO_OK ||
	    (e = file_join(b, to, name)) != SOTTO_OK)
		return e;
	if ((e = file_read(a, KEY_MAX, &bytes, &n)) != SOTTO_OK)
		return e == SOTTO_EIO && errno == ENOENT && name != files[0]
		    ? SOTTO_OK
		    : e;
	e = file_write(b, (struct span){ bytes, n }, 0600);
	secret_wipe(bytes, n);
	free(bytes);
	return e;
}

static void
remove_all(const char *dir)
{
	char path[FILE_PATH_MAX];

	for (size_t i = 0; i < N_FILES; i++)
		if (file_join(path, dir, files[i]) == SOTTO_OK)
			(void)unlink(path);
	for (size_t i = 0; i < N_STORES; i++)
		if (file_join(path, dir, stores[i]) == SOTTO_OK)
			(void)unlink(path);
}

/* All of it, or nothing and why. */
static int
copy_state(const char *from, const char *to, char err[DB_ERR_MAX])
{
	char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
	enum sotto_err e = SOTTO_OK;
	size_t i;

	for (i = 0; i < N_FILES && e == SOTTO_OK; i++)
		e = copy_file(from, to, files[i]);
	if (e != SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s: %s", files[i - 1],
		    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	for (i = 0; i < N_STORES && e == SOTTO_OK; i++) {
		if ((e = file_join(a, from, stores[i])) == SOTTO_OK)
			e = file_join(b, to, stores[i]);
		if (e == SOTTO_OK && access(a, F_OK) == 0)
			e = db_copy(a, b, err);
	}
	if (e != SOTTO_OK)
		remove_all(to);
	return e == SOTTO_OK;
}

int
cli_backup(struct cli *cli, const struct cli_args *a)
{
	char err[DB_ERR_MAX];

	if (a->n != 1)
		return cli_usage("'backup' wants a folder that is not there "
				 "yet");
	if (mkdir(a->word[0], 0700) != 0)
		return cli_fail("cannot make the folder %.200s: %s; no backup "
				"was made",
		    a->word[0], strerror(errno));
	if (!copy_state(cli->conf.state, a->word[0], err)) {
		(void)rmdir(a->word[0]);
		return cli_fail("%s; no backup was made", err);
	}
	(void)printf("%s has this relay: its keys, users and the messages that "
		     "wait. Keep it as safe as the relay\n",
	    a->word[0]);
	return CLI_OK;
}

static int
is_there(const char *dir, const char *name)
{
	char path[FILE_PATH_MAX];

	return file_join(path, dir, name) == SOTTO_OK &&
	    access(path, F_OK) == 0;
}

int
cli_restore(struct cli *cli, const struct cli_args *a)
{
	const char *state = cli->conf.state;
	char err[DB_ERR_MAX];

	if (a->n != 1)
		return cli_usage("'restore' wants the folder of a backup");
	if (!is_there(a->word[0], files[0]) || !is_there(a->word[0], stores[0]))
		return cli_fail("there is no backup in %.200s; nothing was "
				"changed",
		    a->word[0]);
	if (is_there(state, files[0]) || is_there(state, stores[0]))
		return cli_fail("there is a relay in %s already; it was left "
				"as it is. Move it away, or say --state DIR",
		    state);
	if (file_mkdirs(state) != SOTTO_OK)
		return cli_fail("cannot make the folder %s: %s", state,
		    strerror(errno));
	if (!copy_state(a->word[0], state, err))
		return cli_fail("%s; nothing was restored", err);
	if (mail_db_restored(state, err) != SOTTO_OK) {
		remove_all(state);
		return cli_fail("%s; nothing was restored", err);
	}
	(void)printf("the relay is in %s again; who came to it after the "
		     "backup needs a new invite\n",
	    state);
	return CLI_OK;
}

/* ---- checking ---- */

int
cli_check(struct cli *cli, const struct cli_args *a)
{
	const char *state = cli->conf.state;
	char path[FILE_PATH_MAX], err[CA_ERR_MAX];
	struct hash fp;
	int r = CLI_OK;

	if (a->n > 0)
		return cli_usage("'check' takes no words");
	if (ca_fingerprint(&fp, state, err) != SOTTO_OK)
		r = cli_fail("%s", err);
	else
		(void)printf("%-10s is good\n", "ca.crt");
	for (size_t i = 0; i < N_STORES; i++) {
		if (!is_there(state, stores[i])) {
			(void)printf("%-10s is not there yet\n", stores[i]);
			continue;
		}
		if (file_join(path, state, stores[i]) != SOTTO_OK ||
		    db_check(path, err) != SOTTO_OK)
			r = cli_fail("%s is damaged: %s. Stop the relay, keep "
				     "the file, and restore a backup",
			    stores[i], err);
		else
			(void)printf("%-10s is good\n", stores[i]);
	}
	return r;
}
