#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "ui/edit_priv.h"

/* Lines of a paste from which on it is shown folded. */
#define FOLD_LINES 4

struct edit *
edit_new(enum edit_kind kind, size_t max)
{
	struct edit *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = kind;
	e->max = max;
	e->ring = &e->own;
	/* Fixed size: a secret is never left behind by a realloc. */
	e->text = kind == EDIT_MASKED ? secret_alloc(max + 1) : malloc(max + 1);
	if (e->text == NULL) {
		free(e);
		return NULL;
	}
	e->text[0] = '\0';
	return e;
}

static void
drop_undo(struct edit *e)
{
	while (e->n_undo > 0)
		free(e->undo[--e->n_undo].text);
}

void
edit_free(struct edit *e)
{
	if (e == NULL)
		return;
	drop_undo(e);
	edit_ring_wipe(&e->own);
	if (e->kind == EDIT_MASKED) {
		secret_free(e->text);
	} else {
		secret_wipe(e->text, e->max + 1);
		free(e->text);
	}
	free(e);
}

const char *
edit_text(const struct edit *e)
{
	return e->text;
}

size_t
edit_len(const struct edit *e)
{
	return e->n;
}

size_t
edit_cursor(const struct edit *e)
{
	return e->cursor;
}

void
edit_move(struct edit *e, size_t at)
{
	size_t i = 0;

	while (i < at && i < e->n)
		i = edit_next_char(e, i);
	e->cursor = i;
}

enum edit_kind
edit_kind(const struct edit *e)
{
	return e->kind;
}

size_t
edit_count(const struct edit *e)
{
	struct span s = { (const uint8_t *)e->text, e->n };
	struct text_cluster c;
	size_t n = 0;

	while (text_next(&s, &c))
		n++;
	return n;
}

/* ---- undo ---- */

void
edit_remember(struct edit *e, int typing)
{
	struct snapshot s;

	if (e->kind == EDIT_MASKED || (typing && e->typing)) {
		e->typing = typing;
		return;
	}
	e->typing = typing;
	s.text = strdup(e->text);
	s.cursor = e->cursor;
	if (s.text == NULL)
		return;
	if (e->n_undo == EDIT_UNDO_MAX) {
		free(e->undo[0].text);
		memmove(e->undo, e->undo + 1,
		    (EDIT_UNDO_MAX - 1) * sizeof(e->undo[0]));
		e->n_undo--;
	}
	e->undo[e->n_undo++] = s;
}

void
edit_undo(struct edit *e)
{
	struct snapshot s;

	e->typing = 0;
	if (e->n_undo == 0)
		return;
	s = e->undo[--e->n_undo];
	e->n = strlen(s.text);
	memcpy(e->text, s.text, e->n + 1);
	e->cursor = s.cursor;
	free(s.text);
}

/* ---- changing ---- */

void
edit_replace(struct edit *e, size_t from, size_t to, const char *by, size_t n)
{
	memmove(e->text + from + n, e->text + to, e->n - to);
	if (n > 0)
		memcpy(e->text + from, by, n);
	e->n = e->n - (to - from) + n;
	if (e->kind == EDIT_MASKED)
		secret_wipe(e->text + e->n, e->max - e->n);
	e->text[e->n] = '\0';
	e->cursor = from + n;
	if (e->n == 0)
		e->fold.lines = e->fold.bytes = 0;
}

/* Valid UTF-8 without controls; line breaks by kind.  Owned, or NULL. */
static char *
clean(const struct edit *e, const char *text, size_t n, size_t *len)
{
	char *out = malloc(4 * n + 1);
	struct span s = { (const uint8_t *)text, n };
	struct text_cluster c;

	if (out == NULL)
		return NULL;
	*len = 0;
	while (text_next(&s, &c)) {
		uint8_t b = c.s.p[0];

		if (b == '\r') { /* "\r\n" is one cluster */
			b = '\n';
			c.s = (struct span){ (const uint8_t *)"\n", 1 };
		}
		if (b == '\n' && e->kind != EDIT_LINES)
			c.s = (struct span){ (const uint8_t *)" ", 1 };
		if (b == '\t')
			c.s = (struct span){ (const uint8_t *)"    ", 4 };
		else if ((b < 0x20 && b != '\n') || b == 0x7f)
			continue;
		if (!text_is_utf8(c.s))
			c.s =
			    (struct span){ (const uint8_t *)"\xef\xbf\xbd", 3 };
		memcpy(out + *len, c.s.p, c.s.n);
		*len += c.s.n;
	}
	out[*len] = '\0';
	return out;
}

int
edit_put(struct edit *e, const char *text, size_t n, int typing)
{
	size_t len = 0;
	char *ok = clean(e, text, n, &len);
	int fits;

	if (ok == NULL)
		return 0;
	fits = len <= e->max - e->n;
	if (fits && len > 0) {
		edit_remember(e, typing);
		edit_replace(e, e->cursor, e->cursor, ok, len);
	}
	secret_wipe(ok, len);
	free(ok);
	return fits;
}

int
edit_insert(struct edit *e, const char *text, size_t n)
{
	return edit_put(e, text, n, 0);
}

void
edit_set(struct edit *e, const char *text)
{
	size_t n = strlen(text);

	drop_undo(e);
	e->fold.lines = e->fold.bytes = 0;
	n = n < e->max ? n : e->max;
	if (n > 0)
		memcpy(e->text, text, n);
	e->n = e->cursor = n;
	e->text[n] = '\0';
	e->typing = 0;
}

void
edit_clear(struct edit *e)
{
	if (e->n == 0)
		return;
	edit_remember(e, 0);
	edit_replace(e, 0, e->n, NULL, 0);
}

void
edit_all(struct edit *e, const char *text)
{
	const size_t n = strlen(text);

	edit_remember(e, 0);
	edit_replace(e, 0, e->n, text, n < e->max ? n : e->max);
}

int
edit_swap(struct edit *e, size_t from, size_t to, const char *by)
{
	const size_t n = strlen(by);

	if (from > to || to > e->n || e->n - (to - from) + n > e->max)
		return 0;
	edit_remember(e, 0);
	edit_replace(e, from, to, by, n);
	return 1;
}

/* ---- what was cut ---- */

static void
drop_cut(struct edit_ring *r, size_t i)
{
	secret_wipe(r->text[i], strlen(r->text[i]));
	free(r->text[i]);
}

void
edit_ring_wipe(struct edit_ring *r)
{
	while (r->n > 0)
		drop_cut(r, --r->n);
}

void
edit_share(struct edit *e, struct edit_ring *r)
{
	e->ring = r != NULL ? r : &e->own;
}

void
edit_kill(struct edit *e, size_t from, size_t to, int keep)
{
	struct edit_ring *r = e->ring;
	char *copy;

	if (from >= to)
		return;
	edit_remember(e, 0);
	if (keep && e->kind != EDIT_MASKED &&
	    (copy = strndup(e->text + from, to - from)) != NULL) {
		if (r->n == EDIT_RING_MAX) {
			drop_cut(r, 0);
			memmove(r->text, r->text + 1,
			    --r->n * sizeof(r->text[0]));
		}
		r->text[r->n++] = copy;
	}
	edit_replace(e, from, to, NULL, 0);
}

void
edit_yank(struct edit *e)
{
	const size_t from = e->cursor;

	if (e->ring->n == 0 || e->kind == EDIT_MASKED ||
	    !edit_insert(e, e->ring->text[e->ring->n - 1],
		strlen(e->ring->text[e->ring->n - 1])))
		return;
	e->yank_from = from;
	e->yank_n = e->cursor - from;
	e->yank_at = e->ring->n - 1;
}

/* What was cut before that, in its place; only right after it. */
void
edit_yank_before(struct edit *e)
{
	const char *text;

	if (e->yank_n == 0 || e->ring->n == 0)
		return;
	e->yank_at = (e->yank_at + e->ring->n - 1) % e->ring->n;
	text = e->ring->text[e->yank_at];
	if (edit_swap(e, e->yank_from, e->yank_from + e->yank_n, text))
		e->yank_n = strlen(text);
}

/* ---- pastes ---- */

static size_t
count_lines(const char *text, size_t n)
{
	size_t lines = 1;

	for (size_t i = 0; i + 1 < n; i++)
		lines +=
		    text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
	return lines;
}

int
edit_paste(struct edit *e, const char *text, size_t n)
{
	const size_t lines = count_lines(text, n);

	if (!edit_insert(e, text, n))
		return 0;
	if (e->kind == EDIT_LINES && lines >= FOLD_LINES) {
		e->fold.lines = count_lines(e->text, e->n);
		e->fold.bytes = e->n;
	}
	return 1;
}

struct edit_fold
edit_folded(const struct edit *e)
{
	return e->fold;
}

int
edit_unfold(struct edit *e)
{
	int was = e->fold.lines > 0;

	e->fold.lines = e->fold.bytes = 0;
	return was;
}

/* ---- layout ---- */

/* Where the row that begins at from ends, and the next one begins. */
static size_t
row_end(const struct edit *e, size_t from, int cols, size_t *next)
{
	struct span s = { (const uint8_t *)e->text + from, e->n - from };
	struct text_cluster c;
	int used = 0;
	size_t at = from;

	while (text_next(&s, &c)) {
		int w =
		    e->kind == EDIT_MASKED ? 1 : (c.width > 0 ? c.width : 1);

		if (c.s.p[0] == '\n') {
			*next = at + 1;
			return at;
		}
		if (used + w > cols && used > 0) {
			*next = at;
			return at;
		}
		used += w;
		at += c.s.n;
	}
	*next = e->n + 1; /* behind the end */
	return at;
}

static int
columns(const struct edit *e, size_t from, size_t to)
{
	struct span s = { (const uint8_t *)e->text + from, to - from };
	struct text_cluster c;
	int n = 0;

	while (text_next(&s, &c))
		n += e->kind == EDIT_MASKED ? 1 : (c.width > 0 ? c.width : 1);
	return n;
}

size_t
edit_layout(const struct edit *e, int cols, size_t first, struct edit_row *rows,
    size_t max, size_t *cur_row, int *cur_col)
{
	size_t from = 0, n = 0, next = 0;

	cols = cols < 1 ? 1 : cols;
	*cur_row = 0;
	*cur_col = 0;
	while (from <= e->n) {
		size_t to = row_end(e, from, cols, &next);

		if (e->cursor >= from && e->cursor <= to) {
			*cur_row = n;
			*cur_col = columns(e, from, e->cursor);
		}
		if (n >= first && n - first < max)
			rows[n - first] = (struct edit_row){ from, to };
		n++;
		from = next;
	}
	/* At the right edge the cursor stands on a row of its own. */
	if (*cur_col >= cols && *cur_row + 1 < n) {
		*cur_row += 1;
		*cur_col = 0;
	}
	return n;
}

static int
go_vertically(struct edit *e, int cols, int by)
{
	struct edit_row row = { 0, 0 };
	size_t cur, n, ignored_row;
	int col, ignored_col;

	n = edit_layout(e, cols, 0, &row, 0, &cur, &col);
	if ((by < 0 && cur == 0) || (by > 0 && cur + 1 >= n))
		return 0;
	cur = by < 0 ? cur - 1 : cur + 1;
	(void)edit_layout(e, cols, cur, &row, 1, &ignored_row, &ignored_col);
	e->cursor = row.from;
	while (e->cursor < row.to && columns(e, row.from, e->cursor) < col)
		e->cursor = edit_next_char(e, e->cursor);
	e->typing = 0;
	return 1;
}

int
edit_up(struct edit *e, int cols)
{
	return go_vertically(e, cols, -1);
}

int
edit_down(struct edit *e, int cols)
{
	return go_vertically(e, cols, 1);
}
