#include "sotto/care.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/db.h"
#include "base/secret.h"
#include "base/text.h"

#include "sotto/keystore.h"
#include "sotto/pass.h"

#define KEY_MAX (64 << 10)

static int say(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
say(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "sotto: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, "\n");
	va_end(ap);
	return status;
}

/* ---- the passphrase ---- */

/* What a reader would count as characters. */
static size_t
characters(const char *s)
{
	struct span left = span_str(s);
	struct text_cluster one;
	size_t n = 0;

	while (text_next(&left, &one))
		n++;
	return n;
}

static const char *
load_why(enum sotto_err e)
{
	if (e == SOTTO_EAUTH)
		return "that is not the passphrase";
	if (e == SOTTO_EIO)
		return strerror(errno);
	if (e == SOTTO_ENOMEM)
		return "memory ran out";
	return "the key file is damaged";
}

/* Seal the file anew; by the time it is replaced, all is checked. */
static int
reseal(const struct sotto_conf *c, struct ident *id, const char *fresh,
    const char *again)
{
	const struct rng g = rng_system();
	enum sotto_err e;

	if (fresh == NULL || again == NULL || strcmp(fresh, again) != 0)
		return say(EXIT_FAILURE,
		    "the two new passphrases are not the same; nothing was "
		    "changed");
	if (characters(fresh) < KEYSTORE_PASS_MIN)
		return say(EXIT_FAILURE,
		    "a passphrase has at least %d characters; nothing was "
		    "changed",
		    KEYSTORE_PASS_MIN);
	if ((e = keystore_save(id, c->dir, fresh, &c->cost, &g)) != SOTTO_OK)
		return say(EXIT_FAILURE,
		    "the key file cannot be written: %s; the old passphrase "
		    "stays",
		    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	return say(EXIT_SUCCESS,
	    "the new passphrase holds from now on. Copies of the key file "
	    "that were made before still open with the old one");
}

int
care_passphrase(const struct sotto_conf *c)
{
	char *old, *fresh = NULL, *again = NULL; /* secret */
	struct ident *id;                        /* secret */
	enum sotto_err e;
	pid_t holder = 0;
	int lock = -1, status;

	if (!keystore_exists(c->dir))
		return say(EXIT_FAILURE, "there is no key in %s", c->dir);
	if (keystore_lock(c->dir, &lock, &holder) != SOTTO_OK)
		return say(EXIT_FAILURE,
		    "sotto runs on this profile (process %ld); quit it first",
		    (long)holder);
	id = ident_new();
	old = pass_ask("Passphrase of now", STDIN_FILENO);
	e = id == NULL || old == NULL ? SOTTO_ENOMEM
				      : keystore_load(id, c->dir, old);
	if (old == NULL) {
		status = say(EXIT_FAILURE, "no passphrase was given");
	} else if (e != SOTTO_OK) {
		status =
		    say(EXIT_FAILURE, "%s; nothing was changed", load_why(e));
	} else {
		fresh = pass_ask("New passphrase", STDIN_FILENO);
		again = pass_ask("The same again", STDIN_FILENO);
		status = reseal(c, id, fresh, again);
	}
	secret_free(old);
	secret_free(fresh);
	secret_free(again);
	ident_free(id);
	(void)close(lock);
	return status;
}

/* ---- backup and back ---- */

static int
copy_key(const char *from, const char *to, char err[DB_ERR_MAX])
{
	uint8_t *text = NULL; /* sealed */
	size_t n = 0;
	enum sotto_err e;

	if ((e = file_read(from, KEY_MAX, &text, &n)) == SOTTO_OK)
		e = file_write(to, (struct span){ text, n }, 0600);
	if (e != SOTTO_OK)
		(void)snprintf(err, DB_ERR_MAX, "%s",
		    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	free(text);
	return e == SOTTO_OK;
}

/* The store first: a key without it would look like a whole profile. */
static int
copy_profile(const char *from, const char *to, char err[DB_ERR_MAX])
{
	char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
	char ka[FILE_PATH_MAX], kb[FILE_PATH_MAX];

	(void)snprintf(err, DB_ERR_MAX, "the path is too long");
	if (file_join(a, from, "sotto.db") != SOTTO_OK ||
	    file_join(b, to, "sotto.db") != SOTTO_OK ||
	    file_join(ka, from, "key") != SOTTO_OK ||
	    file_join(kb, to, "key") != SOTTO_OK ||
	    db_copy(a, b, err) != SOTTO_OK)
		return 0;
	if (copy_key(ka, kb, err))
		return 1;
	(void)unlink(b);
	return 0;
}

int
care_backup(const struct sotto_conf *c, const char *to)
{
	char err[DB_ERR_MAX];

	if (!keystore_exists(c->dir))
		return say(EXIT_FAILURE, "there is no key in %s", c->dir);
	if (mkdir(to, 0700) != 0)
		return say(EXIT_FAILURE,
		    "cannot make the folder %.200s: %s; no backup was made", to,
		    strerror(errno));
	if (!copy_profile(c->dir, to, err)) {
		(void)rmdir(to);
		return say(EXIT_FAILURE, "%s; no backup was made", err);
	}
	return say(EXIT_SUCCESS,
	    "%.200s has all of profile %s, sealed with its passphrase. Back: "
	    "sotto --restore",
	    to, c->profile);
}

int
care_restore(const struct sotto_conf *c, const char *from)
{
	char err[DB_ERR_MAX], db[FILE_PATH_MAX];

	if (!keystore_exists(from))
		return say(EXIT_FAILURE,
		    "there is no backup in %.200s; nothing was changed", from);
	if (keystore_exists(c->dir) ||
	    file_join(db, c->dir, "sotto.db") != SOTTO_OK ||
	    access(db, F_OK) == 0)
		return say(EXIT_FAILURE,
		    "profile %s is there already, and was left as it is; say "
		    "--profile NAME for another one",
		    c->profile);
	if (file_mkdirs(c->dir) != SOTTO_OK)
		return say(EXIT_FAILURE, "cannot make the folder %s: %s",
		    c->dir, strerror(errno));
	if (!copy_profile(from, c->dir, err))
		return say(EXIT_FAILURE, "%s; nothing was restored", err);
	return say(EXIT_SUCCESS,
	    "profile %s is restored. Use it on one computer only; at its "
	    "first connection it agrees on new keys with everybody",
	    c->profile);
}
