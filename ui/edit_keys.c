/* Motion, deletion and the keys of an edit; see edit.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "ui/edit_priv.h"

/* ---- motion ---- */

size_t
edit_next_char(const struct edit *e, size_t at)
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
		from = edit_next_char(e, from);
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
		at = edit_next_char(e, at);
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
	edit_remember(e, 0);
	if (keep && e->kind != EDIT_MASKED) {
		free(e->killed);
		e->killed = strndup(e->text + from, to - from);
	}
	edit_replace(e, from, to, NULL, 0);
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
		cut(e, at, edit_next_char(e, at), 0);
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
		edit_undo(e);
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
		cut(e, at, edit_next_char(e, at), 0);
		return 1;
	case K_LEFT:
		e->cursor = prev_char(e, at);
		return 1;
	case K_RIGHT:
		e->cursor = edit_next_char(e, at);
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
	case K_FOCUS:
	case K_BLUR:
	case K_CLICK:
	case K_WHEEL_UP:
	case K_WHEEL_DOWN:
	case K_CODES:
		return 0;
	}
	return 0;
}

int
edit_key(struct edit *e, const struct ui_key *k)
{
	int used;

	if (k->code == K_CHAR && k->mods == 0) {
		(void)edit_put(e, k->utf8, strlen(k->utf8), 1);
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
