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
size_t
edit_prev_char(const struct edit *e, size_t at)
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

size_t
edit_next_word(const struct edit *e, size_t at)
{
	while (at < e->n && is_blank(e, at))
		at++;
	while (at < e->n && !is_blank(e, at))
		at = edit_next_char(e, at);
	return at;
}

size_t
edit_prev_word(const struct edit *e, size_t at)
{
	while (at > 0 && is_blank(e, at - 1))
		at--;
	while (at > 0 && !is_blank(e, at - 1))
		at--;
	return at;
}

size_t
edit_line_start(const struct edit *e, size_t at)
{
	while (at > 0 && e->text[at - 1] != '\n')
		at--;
	return at;
}

size_t
edit_line_end(const struct edit *e, size_t at)
{
	while (at < e->n && e->text[at] != '\n')
		at++;
	return at;
}

/* ---- keys ---- */

static int
ctrl_key(struct edit *e, char c)
{
	const size_t at = e->cursor;

	switch (c) {
	case 'a':
		e->cursor = edit_line_start(e, at);
		return 1;
	case 'e':
		e->cursor = edit_line_end(e, at);
		return 1;
	case 'b':
		e->cursor = edit_prev_char(e, at);
		return 1;
	case 'd':
		edit_kill(e, at, edit_next_char(e, at), 0);
		return 1;
	case 'h':
		edit_kill(e, edit_prev_char(e, at), at, 0);
		return 1;
	case 'w':
		edit_kill(e, edit_prev_word(e, at), at, 1);
		return 1;
	case 'u':
		edit_kill(e, edit_line_start(e, at), at, 1);
		return 1;
	case 'k':
		edit_kill(e, at, edit_line_end(e, at), 1);
		return 1;
	case 'f':
		e->cursor = edit_next_char(e, at);
		return 1;
	case 'n':
		return edit_down(e, 60);
	case 'p':
		return edit_up(e, 60);
	case 'y':
		edit_yank(e);
		return 2;
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
		edit_kill(e, edit_prev_word(e, at), at, 1);
		return 1;
	}
	if (k->code != K_CHAR || k->utf8[1] != '\0')
		return 0;
	switch (k->utf8[0]) {
	case 'b':
		e->cursor = edit_prev_word(e, at);
		return 1;
	case 'f':
		e->cursor = edit_next_word(e, at);
		return 1;
	case 'd':
		edit_kill(e, at, edit_next_word(e, at), 1);
		return 1;
	case 'y':
		edit_yank_before(e);
		return 2;
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
		edit_kill(e, edit_prev_char(e, at), at, 0);
		return 1;
	case K_DELETE:
		edit_kill(e, at, edit_next_char(e, at), 0);
		return 1;
	case K_LEFT:
		e->cursor = edit_prev_char(e, at);
		return 1;
	case K_RIGHT:
		e->cursor = edit_next_char(e, at);
		return 1;
	case K_HOME:
		e->cursor = edit_line_start(e, at);
		return 1;
	case K_END:
		e->cursor = edit_line_end(e, at);
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
		e->yank_n = 0;
		return 1;
	}
	if ((k->mods & MOD_CTRL) != 0 && k->code == K_CHAR)
		used = ctrl_key(e, k->utf8[0]);
	else if ((k->mods & MOD_CTRL) != 0 && k->code == K_LEFT)
		used = (e->cursor = edit_prev_word(e, e->cursor), 1);
	else if ((k->mods & MOD_CTRL) != 0 && k->code == K_RIGHT)
		used = (e->cursor = edit_next_word(e, e->cursor), 1);
	else if ((k->mods & MOD_ALT) != 0)
		used = alt_key(e, k);
	else
		used = plain_key(e, k->code);
	if (used)
		e->typing = 0;
	if (used != 2) /* Alt-Y goes on from Ctrl-Y only */
		e->yank_n = 0;
	return used != 0;
}

/* ---- vi ---- */

static void
vi_delete(struct edit *e, char motion)
{
	const size_t at = e->cursor;

	e->vi = 0;
	if (motion == 'd')
		edit_kill(e, edit_line_start(e, at),
		    edit_line_end(e, at) + (e->text[edit_line_end(e, at)] != 0),
		    1);
	else if (motion == 'w')
		edit_kill(e, at, edit_next_word(e, at), 1);
	else if (motion == 'b')
		edit_kill(e, edit_prev_word(e, at), at, 1);
	else if (motion == '$')
		edit_kill(e, at, edit_line_end(e, at), 1);
	else if (motion == '0')
		edit_kill(e, edit_line_start(e, at), at, 1);
}

static enum edit_vi
vi_insert(struct edit *e, char c)
{
	if (c == 'a')
		e->cursor = edit_next_char(e, e->cursor);
	else if (c == 'A' || c == 'o')
		e->cursor = edit_line_end(e, e->cursor);
	else if (c == 'I')
		e->cursor = edit_line_start(e, e->cursor);
	if (c == 'o')
		(void)edit_insert(e, "\n", 1);
	return VI_INSERT;
}

static void
vi_move(struct edit *e, char c)
{
	const size_t at = e->cursor;

	if (c == 'h')
		e->cursor = edit_prev_char(e, at);
	else if (c == 'l' || c == ' ')
		e->cursor = edit_next_char(e, at);
	else if (c == '0')
		e->cursor = edit_line_start(e, at);
	else if (c == '$')
		e->cursor = edit_line_end(e, at);
	else if (c == 'w')
		e->cursor = edit_next_word(e, at);
	else if (c == 'b')
		e->cursor = edit_prev_word(e, at);
	else if (c == 'j')
		(void)edit_down(e, 60);
	else if (c == 'k')
		(void)edit_up(e, 60);
}

enum edit_vi
edit_vi_key(struct edit *e, const struct ui_key *k)
{
	const char c = k->utf8[0];

	if (k->code != K_CHAR || k->mods != 0 || k->utf8[1] != '\0') {
		e->vi = 0; /* Esc takes a "d" back, and so does what moves */
		return edit_key(e, k) ? VI_DONE : VI_NONE;
	}
	e->typing = 0;
	if (e->vi != 0) {
		vi_delete(e, c);
		return VI_DONE;
	}
	if (c == '/')
		return VI_FIND;
	if (c == ':')
		return VI_COMMAND;
	if (c != '\0' && strchr("aAiIo", c) != NULL)
		return vi_insert(e, c);
	if (c == 'd')
		e->vi = c;
	else if (c == 'x')
		edit_kill(e, e->cursor, edit_next_char(e, e->cursor), 1);
	else if (c == 'D')
		edit_kill(e, e->cursor, edit_line_end(e, e->cursor), 1);
	else if (c == 'p')
		edit_yank(e);
	else if (c == 'u')
		edit_undo(e);
	else
		vi_move(e, c);
	return VI_DONE;
}
