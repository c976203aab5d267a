#include "tests/lib/disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "tests/lib/cm.h"

void
disk_open(struct disk *d)
{
	char err[DB_ERR_MAX];

	assert_int_equal(vault_open(&d->v, d->dir, &d->master, &d->g, err),
	    SOTTO_OK);
}

int
disk_setup(void **state)
{
	struct disk *d = calloc(1, sizeof(*d));
	struct secret_state st;

	(void)secret_harden(&st);
	assert_non_null(d);
	(void)snprintf(d->dir, sizeof(d->dir), "/tmp/sotto-unit.XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	(void)snprintf(d->path, sizeof(d->path), "%s/sotto.db", d->dir);
	test_rng_init(&d->rnd, 1);
	d->g = test_rng(&d->rnd);
	rng_fill(&d->g, d->master.b, KEY_LEN);
	disk_open(d);
	*state = d;
	return 0;
}

int
disk_teardown(void **state)
{
	struct disk *d = *state;
	char cmd[128];

	vault_close(d->v);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", d->dir);
	assert_int_equal(system(cmd), 0);
	free(d);
	return 0;
}

void
disk_again(struct disk *d)
{
	vault_close(d->v);
	disk_open(d);
}

void
disk_change(struct disk *d, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(d->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
}

void
disk_tamper(struct disk *d, const char *sql)
{
	vault_close(d->v);
	disk_change(d, sql);
	disk_open(d);
}

struct hist_chat
disk_chat(struct disk *d, const char *name)
{
	struct hist_chat c = { .phase = HIST_OPEN };

	assert_int_equal(name_parse(&c.name, span_str(name)), SOTTO_OK);
	assert_int_equal(hist_chat_put(d->v, &c), SOTTO_OK);
	assert_true(c.id > 0);
	return c;
}

struct hist_line
disk_add(struct disk *d, int64_t chat, enum hist_kind k, uint64_t at_ms,
    uint64_t msg, const char *text)
{
	struct hist_line l = { .kind = k,
		.at_ms = at_ms,
		.msg = msg,
		.unread = k == HIST_THEIRS };

	l.text = strdup(text);
	assert_int_equal(hist_add(d->v, chat, &l), SOTTO_OK);
	hist_line_free(&l);
	return l;
}
