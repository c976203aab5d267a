/* Where words may stand; see history.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/hist_priv.h"

#define VERSION     1
#define FILTER_BITS 65536 /* of a run of usual texts, a sixth is set */
#define PLAIN_LEN   (3 + FILTER_BITS / 8)
#define SKIP_COSTS  8 /* opening a filter, in lines */

struct filter {
	size_t lines;
	uint8_t bits[FILTER_BITS / 8]; /* secret */
};

/* ---- groups of bytes ---- */

/* Two places for each group. */
static void
places(uint32_t group, uint32_t out[2])
{
	uint32_t h = group * 0x9e3779b1U;

	h ^= h >> 15;
	h *= 0x85ebca6bU;
	h ^= h >> 13;
	out[0] = h % FILTER_BITS;
	out[1] = (h >> 16) % FILTER_BITS;
}

static int
has_group(const struct filter *f, uint32_t group)
{
	uint32_t at[2];

	places(group, at);
	return (f->bits[at[0] / 8] >> at[0] % 8 & 1) &&
	    (f->bits[at[1] / 8] >> at[1] % 8 & 1);
}

static void
add_group(struct filter *f, uint32_t group)
{
	uint32_t at[2];

	places(group, at);
	f->bits[at[0] / 8] |= (uint8_t)(1 << at[0] % 8);
	f->bits[at[1] / 8] |= (uint8_t)(1 << at[1] % 8);
}

/* The n bytes from s on, n being 1 to 3. */
static uint32_t
group_of(const char *s, unsigned n)
{
	uint32_t g = n;

	for (unsigned i = 0; i < n; i++)
		g = g << 8 | (uint8_t)s[i];
	return g;
}

static void
add_text(struct filter *f, const char *folded)
{
	const size_t len = strlen(folded);

	for (size_t i = 0; i < len; i++)
		for (unsigned n = 1; n <= 3 && i + n <= len; n++)
			add_group(f, group_of(folded + i, n));
}

static int
may_have(const struct filter *f, const char *folded)
{
	const size_t len = strlen(folded);
	const unsigned n = len < 3 ? (unsigned)len : 3;

	for (size_t i = 0; n > 0 && i + n <= len; i++)
		if (!has_group(f, group_of(folded + i, n)))
			return 0;
	return 1;
}

/* ---- on disk ---- */

enum sotto_err
hist_words_drop(struct vault *v, int64_t line)
{
	struct db_stmt *st = vault_sql(v, "DELETE FROM words WHERE run = ?1");

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, line / HIST_RUN);
	return db_run(st);
}

/* SOTTO_EAGAIN: it has none.  One that is damaged is none, and made anew. */
static enum sotto_err
read_filter(struct vault *v, int64_t run, struct filter *f)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT sealed FROM words WHERE run = ?1");
	uint8_t where[HIST_PLACE_LEN];
	struct span plain;
	struct rd r;
	enum db_row row;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	db_bind_int(st, 1, run);
	if ((row = db_step(st)) != DB_ROW)
		return row == DB_DONE ? SOTTO_EAGAIN : SOTTO_EIO;
	e = vault_column(v, &plain, st, 0, NULL,
	    hist_place(where, "words   ", run, 0, 0));
	if (e == SOTTO_OK) {
		rd_init(&r, plain);
		if (rd_u8(&r) != VERSION)
			e = SOTTO_EAUTH;
		f->lines = rd_u16(&r);
		rd_copy(&r, f->bits, sizeof(f->bits));
		if (rd_end(&r) != SOTTO_OK)
			e = SOTTO_EAUTH;
	}
	db_reset(st);
	if (e != SOTTO_EAUTH)
		return e;
	e = hist_words_drop(v, run * HIST_RUN);
	return e == SOTTO_OK ? SOTTO_EAGAIN : e;
}

static enum sotto_err
write_filter(struct vault *v, int64_t run, const struct filter *f)
{
	struct db_stmt *st = vault_sql(v,
	    "INSERT OR REPLACE INTO words (run, sealed) VALUES (?1, ?2)");
	uint8_t where[HIST_PLACE_LEN], plain[PLAIN_LEN]; /* secret */
	struct wr w;
	enum sotto_err e;

	if (st == NULL)
		return SOTTO_EIO;
	wr_init(&w, plain, sizeof(plain));
	wr_u8(&w, VERSION);
	wr_u16(&w, (uint16_t)f->lines);
	wr_bytes(&w, f->bits, sizeof(f->bits));
	db_bind_int(st, 1, run);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = vault_bind(v, st, 2, NULL,
		    hist_place(where, "words   ", run, 0, 0), wr_out(&w));
	WIPE(plain);
	return e == SOTTO_OK ? db_run(st) : e;
}

/* The number that the next line gets, or about that. */
static enum sotto_err
end_of_lines(struct vault *v, int64_t *end)
{
	struct db_stmt *st =
	    vault_sql(v, "SELECT coalesce(max(id), 0) + 1 FROM line");

	if (st == NULL || db_step(st) != DB_ROW)
		return SOTTO_EIO;
	*end = db_col_int(st, 0);
	db_reset(st);
	return SOTTO_OK;
}

static int
learn_line(void *ctx, int64_t chat, const struct hist_line *l)
{
	struct filter *f = ctx;
	char *folded = text_fold_dup(span_str(l->text));

	(void)chat;
	f->lines++;
	if (folded == NULL) {
		/* What is not known may be anything. */
		memset(f->bits, 0xff, sizeof(f->bits));
		return 1;
	}
	add_text(f, folded);
	secret_wipe(folded, strlen(folded));
	free(folded);
	return 1;
}

enum sotto_err
hist_learn(struct vault *v, int64_t *run)
{
	struct filter f = { 0 }; /* secret */
	int64_t end;
	enum sotto_err e = end_of_lines(v, &end);

	if (e != SOTTO_OK)
		return e;
	if (*run > end / HIST_RUN)
		*run = end / HIST_RUN;
	do {
		if (*run == 0)
			return SOTTO_EAGAIN;
		e = read_filter(v, --*run, &f);
	} while (e == SOTTO_OK);
	if (e != SOTTO_EAGAIN)
		return e;
	memset(&f, 0, sizeof(f));
	e = hist_scan(v, *run * HIST_RUN, (*run + 1) * HIST_RUN, learn_line,
	    &f);
	if (e == SOTTO_OK)
		e = write_filter(v, *run, &f);
	WIPE(f);
	return e;
}

/* ---- looking ---- */

struct look {
	int (*fn)(void *ctx, int64_t chat, const struct hist_line *l);
	void *ctx;
	struct hist_look *at;
	size_t opened;
	int enough;
};

static int
look_line(void *ctx, int64_t chat, const struct hist_line *l)
{
	struct look *k = ctx;

	k->opened++;
	k->at->seen++;
	k->enough = !k->fn(k->ctx, chat, l);
	return !k->enough;
}

enum sotto_err
hist_look(struct vault *v, const char *folded, struct hist_look *at,
    size_t most, int (*fn)(void *ctx, int64_t chat, const struct hist_line *l),
    void *ctx)
{
	struct look k = { fn, ctx, at, 0, 0 };
	struct filter f; /* secret */
	enum sotto_err e = SOTTO_OK;

	if (at->before == INT64_MAX)
		e = end_of_lines(v, &at->before);
	while (
	    e == SOTTO_OK && at->before > 0 && k.opened < most && !k.enough) {
		const int64_t run = (at->before - 1) / HIST_RUN;
		const int whole = at->before == (run + 1) * HIST_RUN;
		const int64_t before = at->before;

		e = whole ? read_filter(v, run, &f) : SOTTO_EAGAIN;
		at->before = run * HIST_RUN;
		if (e == SOTTO_OK && !may_have(&f, folded)) {
			at->seen += f.lines;
			k.opened += SKIP_COSTS;
		} else if (e == SOTTO_OK || e == SOTTO_EAGAIN)
			e = hist_scan(v, at->before, before, look_line, &k);
	}
	WIPE(f);
	return e;
}
