#include "sotto/keystore.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"

#define NAME "key"

int
keystore_exists(const char *dir)
{
	char path[FILE_PATH_MAX];

	return file_join(path, dir, NAME) == SOTTO_OK &&
	    access(path, F_OK) == 0;
}

enum sotto_err
keystore_load(struct ident *id, const char *dir, const char *pass)
{
	char path[FILE_PATH_MAX];
	uint8_t *text = NULL;
	uint8_t *plain = secret_alloc(KEYFILE_PLAIN_MAX); /* secret */
	size_t n = 0;
	struct wr w;
	enum sotto_err e = SOTTO_ENOMEM;

	if (plain == NULL)
		return e;
	wr_init(&w, plain, KEYFILE_PLAIN_MAX);
	if ((e = file_join(path, dir, NAME)) == SOTTO_OK &&
	    (e = file_read(path, KEYFILE_TEXT_MAX, &text, &n)) == SOTTO_OK &&
	    (e = keyfile_open(&w, (struct span){ text, n }, span_str(pass))) ==
		SOTTO_OK)
		e = ident_read(id, wr_out(&w));
	free(text);
	secret_free(plain);
	return e;
}

enum sotto_err
keystore_save(const struct ident *id, const char *dir, const char *pass,
    const struct keyfile_cost *cost, const struct rng *g)
{
	char path[FILE_PATH_MAX];
	uint8_t *plain = secret_alloc(KEYFILE_PLAIN_MAX); /* secret */
	uint8_t *text = malloc(KEYFILE_TEXT_MAX);
	struct wr p, t;
	enum sotto_err e = SOTTO_ENOMEM;

	if (plain == NULL || text == NULL)
		goto out;
	wr_init(&p, plain, KEYFILE_PLAIN_MAX);
	wr_init(&t, text, KEYFILE_TEXT_MAX);
	if ((e = ident_write(id, &p)) == SOTTO_OK &&
	    (e = keyfile_seal(&t, wr_out(&p), span_str(pass), cost, g)) ==
		SOTTO_OK &&
	    (e = file_mkdirs(dir)) == SOTTO_OK &&
	    (e = file_join(path, dir, NAME)) == SOTTO_OK)
		e = file_write(path, wr_out(&t), 0600);
out:
	secret_free(plain);
	free(text);
	return e;
}

enum sotto_err
keystore_lock(const char *dir, int *fd, pid_t *holder)
{
	char path[FILE_PATH_MAX];
	enum sotto_err e;

	if ((e = file_mkdirs(dir)) == SOTTO_OK &&
	    (e = file_join(path, dir, "lock")) == SOTTO_OK)
		e = file_lock(path, fd, holder);
	return e;
}

void
keystore_remove(const char *dir)
{
	char path[FILE_PATH_MAX];

	if (file_join(path, dir, NAME) == SOTTO_OK)
		(void)unlink(path);
}
