#include "ui/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

/* Lines of a paste from which on it is shown folded. */
#define FOLD_LINES 4

struct snapshot {
	char *text; /* owned */
	size_t cursor;
};

struct edit {
	enum edit_kind kind;
	char *text; /* max + 1 bytes, NUL-terminated */
	size_t n, cursor, max;
	char *killed; /* owned, or NULL */
	struct snapshot undo[EDIT_UNDO_MAX];
	size_t n_undo;
	int typing; /* the last change was a character: one undo for many */
	struct edit_fold fold;
};

struct edit *
edit_new(enum edit_kind kind, size_t max)
{
	struct edit *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = kind;
	e->max = max;
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
	free(e->killed);
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

static void
remember(struct edit *e, int typing)
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

static void
undo(struct edit *e)
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

static void
replace(struct edit *e, size_t from, size_t to, const char *by, size_t n)
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

static int
insert(struct edit *e, const char *text, size_t n, int typing)
{
	size_t len = 0;
	char *ok = clean(e, text, n, &len);
	int fits;

	if (ok == NULL)
		return 0;
	fits = len <= e->max - e->n;
	if (fits && len > 0) {
		remember(e, typing);
		replace(e, e->cursor, e->cursor, ok, len);
	}
	secret_wipe(ok, len);
	free(ok);
	return fits;
}

int
edit_insert(struct edit *e, const char *text, size_t n)
{
	return insert(e, text, n, 0);
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
	remember(e, 0);
	replace(e, 0, e->n, NULL, 0);
}

/* ---- motion ---- */

static size_t
next_char(const struct edit *e, size_t at)
{
	struct span s = { (const uint8_t *)e->text + at, e->n - at };
	struct text_cluster c;

	return text_next(&s, &c) ? at + c.s.n : at;
}

/* Clusters can only be found forwards, so from the start of the line. */
static size_t
prev_char(const struct edit *e, size_t at)
{
	size_t from = at, last;

	if (at == 0)
		return 0;
	from--;
	while (from > 0 && e->text[from - 1] != '\n')
		from--;
	last = from;
	while (from < at) {
		last = from;
		from = next_char(e, from);
	}
	return last;
}

static int
is_blank(const struct edit *e, size_t at)
{
	return e->text[at] == ' ' || e->text[at] == '\n';
}

static size_t
next_word(const struct edit *e, size_t at)
{
	while (at < e->n && is_blank(e, at))
		at++;
	while (at < e->n && !is_blank(e, at))
		at = next_char(e, at);
	return at;
}

static size_t
prev_word(const struct edit *e, size_t at)
{
	while (at > 0 && is_blank(e, at - 1))
		at--;
	while (at > 0 && !is_blank(e, at - 1))
		at--;
	return at;
}

static size_t
line_start(const struct edit *e, size_t at)
{
	while (at > 0 && e->text[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(const struct edit *e, size_t at)
{
	while (at < e->n && e->text[at] != '\n')
		at++;
	return at;
}

static void
cut(struct edit *e, size_t from, size_t to, int keep)
{
	if (from >= to)
		return;
	remember(e, 0);
	if (keep && e->kind != EDIT_MASKED) {
		free(e->killed);
		e->killed = strndup(e->text + from, to - from);
	}
	replace(e, from, to, NULL, 0);
}

/* ---- keys ---- */

static int
ctrl_key(struct edit *e, char c)
{
	const size_t at = e->cursor;

	switch (c) {
	case 'a':
		e->cursor = line_start(e, at);
		return 1;
	case 'e':
		e->cursor = line_end(e, at);
		return 1;
	case 'b':
		e->cursor = prev_char(e, at);
		return 1;
	case 'd':
		cut(e, at, next_char(e, at), 0);
		return 1;
	case 'h':
		cut(e, prev_char(e, at), at, 0);
		return 1;
	case 'w':
		cut(e, prev_word(e, at), at, 1);
		return 1;
	case 'u':
		cut(e, line_start(e, at), at, 1);
		return 1;
	case 'k':
		cut(e, at, line_end(e, at), 1);
		return 1;
	case 'y':
		if (e->killed != NULL)
			(void)edit_insert(e, e->killed, strlen(e->killed));
		return 1;
	case 'z':
	case '_':
		undo(e);
		return 1;
	default:
		return 0;
	}
}

static int
alt_key(struct edit *e, const struct ui_key *k)
{
	const size_t at = e->cursor;

	if (k->code == K_BACKSPACE) {
		cut(e, prev_word(e, at), at, 1);
		return 1;
	}
	if (k->code != K_CHAR || k->utf8[1] != '\0')
		return 0;
	switch (k->utf8[0]) {
	case 'b':
		e->cursor = prev_word(e, at);
		return 1;
	case 'f':
		e->cursor = next_word(e, at);
		return 1;
	case 'd':
		cut(e, at, next_word(e, at), 1);
		return 1;
	default:
		return 0;
	}
}

static int
plain_key(struct edit *e, enum key_code code)
{
	const size_t at = e->cursor;

	switch (code) {
	case K_BACKSPACE:
		cut(e, prev_char(e, at), at, 0);
		return 1;
	case K_DELETE:
		cut(e, at, next_char(e, at), 0);
		return 1;
	case K_LEFT:
		e->cursor = prev_char(e, at);
		return 1;
	case K_RIGHT:
		e->cursor = next_char(e, at);
		return 1;
	case K_HOME:
		e->cursor = line_start(e, at);
		return 1;
	case K_END:
		e->cursor = line_end(e, at);
		return 1;
	case K_NONE:
	case K_CHAR:
	case K_ENTER:
	case K_TAB:
	case K_ESC:
	case K_UP:
	case K_DOWN:
	case K_PGUP:
	case K_PGDN:
	case K_F1:
	case K_F2:
	case K_F3:
	case K_F4:
	case K_F5:
	case K_F6:
	case K_F7:
	case K_F8:
	case K_F9:
	case K_F10:
	case K_F11:
	case K_F12:
	case K_PASTE:
	case K_SIZE:
		return 0;
	}
	return 0;
}

int
edit_key(struct edit *e, const struct ui_key *k)
{
	int used;

	if (k->code == K_CHAR && k->mods == 0) {
		(void)insert(e, k->utf8, strlen(k->utf8), 1);
		return 1;
	}
	if ((k->mods & MOD_CTRL) != 0 && k->code == K_CHAR)
		used = ctrl_key(e, k->utf8[0]);
	else if ((k->mods & MOD_CTRL) != 0 && k->code == K_LEFT)
		used = (e->cursor = prev_word(e, e->cursor), 1);
	else if ((k->mods & MOD_CTRL) != 0 && k->code == K_RIGHT)
		used = (e->cursor = next_word(e, e->cursor), 1);
	else if ((k->mods & MOD_ALT) != 0)
		used = alt_key(e, k);
	else
		used = plain_key(e, k->code);
	if (used)
		e->typing = 0;
	return used;
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
	struct edit_row row;
	size_t cur, n, ignored_row;
	int col, ignored_col;

	n = edit_layout(e, cols, 0, &row, 0, &cur, &col);
	if ((by < 0 && cur == 0) || (by > 0 && cur + 1 >= n))
		return 0;
	cur = by < 0 ? cur - 1 : cur + 1;
	(void)edit_layout(e, cols, cur, &row, 1, &ignored_row, &ignored_col);
	e->cursor = row.from;
	while (e->cursor < row.to && columns(e, row.from, e->cursor) < col)
		e->cursor = next_char(e, e->cursor);
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
