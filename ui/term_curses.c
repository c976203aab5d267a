#define NCURSES_WIDECHAR 1
#include "ui/term_curses.h"

#include <sys/ioctl.h>

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#include "base/text.h"

#include "ui/theme.h"
#include "ui/utf8_in.h"

#define PASTE_MAX (1 << 20)
#define ESCAPE_MS 25
/* Codes of our own for sequences that terminfo has no names for. */
#define CODE_BASE 0x2000

/* All of curses is global, and so is what belongs to it. */
static struct {
	int started;
	int colours, modern; /* modern: knows what xterm knows */
	int pasting;         /* its end mark has not come yet */
	size_t mark_n;       /* bytes of that mark that have come */
	char *paste;
	size_t paste_n;
	struct utf8_in chars; /* of a paste or of keys */
	unsigned chars_mods;
	int hung_up;
} term;

/* ---- keys with modifiers, as xterm and its kin send them ---- */

static const struct {
	const char *seq;
	enum key_code code;
	unsigned mods;
} extra[] = {
	{ "\033[200~", K_NONE, 0 },
	{ "\033[201~", K_NONE, 0 },
	{ "\033[1;3A", K_UP, MOD_ALT },
	{ "\033[1;3B", K_DOWN, MOD_ALT },
	{ "\033[1;3C", K_RIGHT, MOD_ALT },
	{ "\033[1;3D", K_LEFT, MOD_ALT },
	{ "\033[1;3F", K_END, MOD_ALT },
	{ "\033[1;3H", K_HOME, MOD_ALT },
	{ "\033[1;5A", K_UP, MOD_CTRL },
	{ "\033[1;5B", K_DOWN, MOD_CTRL },
	{ "\033[1;5C", K_RIGHT, MOD_CTRL },
	{ "\033[1;5D", K_LEFT, MOD_CTRL },
	/* Shift-Enter and Alt-Enter where the keyboard protocol has them */
	{ "\033[13;2u", K_ENTER, MOD_ALT },
	{ "\033[13;3u", K_ENTER, MOD_ALT },
	{ "\033[27;2;13~", K_ENTER, MOD_ALT },
	{ "\033[I", K_FOCUS, 0 },
	{ "\033[O", K_BLUR, 0 },
};

#define PASTE_BEGIN (CODE_BASE + 0)
#define PASTE_END   (CODE_BASE + 1)

static const struct {
	int curses;
	enum key_code code;
} plain[] = { { KEY_UP, K_UP }, { KEY_DOWN, K_DOWN }, { KEY_LEFT, K_LEFT },
	{ KEY_RIGHT, K_RIGHT }, { KEY_HOME, K_HOME }, { KEY_END, K_END },
	{ KEY_PPAGE, K_PGUP }, { KEY_NPAGE, K_PGDN }, { KEY_DC, K_DELETE },
	{ KEY_BACKSPACE, K_BACKSPACE }, { KEY_ENTER, K_ENTER },
	{ KEY_RESIZE, K_SIZE }, { KEY_BTAB, K_TAB } };

static void
say(const char *seq)
{
	(void)fputs(seq, stdout);
	(void)fflush(stdout);
}

static int
knows_xterm(const char *name)
{
	static const char *const kin[] = { "xterm", "tmux", "screen", "rxvt",
		"foot", "alacritty", "kitty", "vte", "konsole", "st-" };

	for (size_t i = 0; i < sizeof(kin) / sizeof(kin[0]); i++)
		if (strncmp(name, kin[i], strlen(kin[i])) == 0)
			return 1;
	return 0;
}

static void
modes_on(void)
{
	if (term.modern)
		say("\033[?2004h\033[?1004h"); /* bracketed paste, focus */
}

static void
modes_off(void)
{
	if (term.modern)
		say("\033[?2004l\033[?1004l");
}

enum sotto_err
term_start(const struct term_conf *conf, const char **why)
{
	const char *name = getenv("TERM");
	SCREEN *s;

	*why = "Standard input and output have to be a terminal.";
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return SOTTO_EIO;
	*why = "This terminal (TERM) cannot move its cursor; try another one.";
	if (name == NULL || strcmp(name, "dumb") == 0)
		return SOTTO_EIO;
	(void)setlocale(LC_CTYPE, "");
	(void)setenv("ESCDELAY", "25", 0);
	if ((s = newterm(NULL, stdout, stdin)) == NULL) {
		*why = "This terminal (TERM) is not known here; is its "
		       "terminfo installed?";
		return SOTTO_EIO;
	}
	(void)set_term(s);
	term.modern = knows_xterm(name);
	(void)raw();
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)meta(stdscr, TRUE);
	(void)set_escdelay(ESCAPE_MS);
	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		(void)define_key(extra[i].seq, CODE_BASE + (int)i);
	term.colours = conf->colours && has_colors();
	if (term.colours) {
		(void)start_color();
		(void)use_default_colors();
		(void)init_pair(THEME_RED, COLOR_RED, -1);
		(void)init_pair(THEME_GREEN, COLOR_GREEN, -1);
		(void)init_pair(THEME_CYAN, COLOR_CYAN, -1);
	}
	term.started = 1;
	modes_on();
	return SOTTO_OK;
}

void
term_stop(void)
{
	if (!term.started)
		return;
	term.started = 0;
	modes_off();
	(void)endwin();
	if (term.modern)
		say("\033]2;\007"); /* no title that outlives us */
	free(term.paste);
	term.paste = NULL;
}

void
term_size(int *w, int *h)
{
	*w = COLS;
	*h = LINES;
}

/* ---- showing ---- */

static attr_t
attr_of(enum ui_style st, short *pair)
{
	const struct theme_look l = theme_look(st);
	attr_t a = A_NORMAL;

	a |= l.bold ? A_BOLD : 0;
	a |= l.dim ? A_DIM : 0;
	a |= l.reverse ? A_REVERSE : 0;
	/* Without colours, underlining tells a warning from bold. */
	a |= l.underline && !term.colours ? A_UNDERLINE : 0;
	*pair = (short)(term.colours ? l.colour : THEME_DEFAULT);
	return a;
}

/*
 * A cell as curses takes it: one character and marks.  What curses or the C
 * library see otherwise than we do is shown by its first character, or by
 * U+FFFD, never as nothing; and never in another width.
 */
static void
make_cchar(cchar_t *out, const struct cell *k, attr_t a, short pair)
{
	wchar_t wc[CCHARW_MAX + 1] = { L' ' };
	mbstate_t mb;
	const char *p = k->s, *end = k->s + k->n;
	size_t n = 0;

	memset(&mb, 0, sizeof(mb));
	while (p < end && n < CCHARW_MAX) {
		wchar_t c;
		size_t r = mbrtowc(&c, p, (size_t)(end - p), &mb);

		if (r == 0 || r == (size_t)-1 || r == (size_t)-2)
			break;
		/* Only marks may follow in the same cell. */
		if (n > 0 && wcwidth(c) != 0)
			break;
		wc[n++] = c;
		p += r;
	}
	if (n == 0 || wcwidth(wc[0]) < 1 || wcwidth(wc[0]) > k->width)
		wc[0] = k->n > 0 ? 0xfffd : L' ', n = 1;
	if (k->n > 0 && wc[0] == 0xfffd && wcwidth(0xfffd) != 1)
		wc[0] = L'?';
	wc[n] = L'\0';
	if (setcchar(out, wc, a, pair, NULL) == ERR) {
		wc[1] = L'\0';
		(void)setcchar(out, wc, a, pair, NULL);
	}
}

/* How many columns curses will use for what make_cchar() made. */
static int
cchar_width(const cchar_t *cc)
{
	wchar_t wc[CCHARW_MAX + 1];
	attr_t a;
	short pair;
	int w;

	if (getcchar(cc, wc, &a, &pair, NULL) == ERR)
		return 1;
	w = wcwidth(wc[0]);
	return w < 1 ? 1 : w;
}

void
term_show(const struct canvas *c)
{
	cchar_t cc;

	for (int y = 0; y < c->h && y < LINES; y++) {
		for (int x = 0; x < c->w && x < COLS; x++) {
			const struct cell *k = &c->cell[y * c->w + x];
			short pair;
			attr_t a = attr_of((enum ui_style)k->style, &pair);

			if (k->width == 0)
				continue;
			make_cchar(&cc, k, a, pair);
			(void)mvadd_wch(y, x, &cc);
			/* Narrower than we count: the rest is a blank. */
			if (k->width == 2 && cchar_width(&cc) == 1) {
				const struct cell blank = { .width = 1 };

				make_cchar(&cc, &blank, a, pair);
				(void)mvadd_wch(y, x + 1, &cc);
			}
		}
	}
	(void)curs_set(c->cur_y >= 0 ? 1 : 0);
	if (c->cur_y >= 0)
		(void)move(c->cur_y, c->cur_x);
	(void)refresh();
}

void
term_redraw(void)
{
	(void)clearok(curscr, TRUE);
}

/* ---- reading: getch() has a byte, a key's code above them, or ERR ---- */

/* What is over the limit is left out. */
static void
paste_byte(uint8_t b)
{
	int again;

	do {
		char utf8[UTF8_IN_MAX];
		size_t n = utf8_in_byte(&term.chars, b, utf8, &again);

		if (term.paste == NULL)
			term.paste = malloc(PASTE_MAX);
		if (term.paste == NULL || term.paste_n + n > PASTE_MAX)
			continue;
		memcpy(term.paste + term.paste_n, utf8, n);
		term.paste_n += n;
	} while (again);
}

static int
paste_ends(void)
{
	term.pasting = 0;
	term.chars.n = 0;
	term.mark_n = 0;
	return 1;
}

/*
 * The bytes of a paste, which may come over many turns: nothing of it is ever
 * taken for keys.  1 at its end mark, or at Ctrl-C should that not come.
 * Curses knows the mark by its code, but not one that came in pieces.
 */
static int
read_paste(void)
{
	static const char mark[] = "\033[201~";
	int b;

	while ((b = getch()) != ERR) {
		if (b == PASTE_END || b == 0x03)
			return paste_ends();
		if (b == mark[term.mark_n]) {
			if (mark[++term.mark_n] == '\0')
				return paste_ends();
			continue;
		}
		for (size_t i = 0; i < term.mark_n; i++)
			paste_byte((uint8_t)mark[i]);
		term.mark_n = b == mark[0];
		if (b <= 0xff && b != mark[0])
			paste_byte((uint8_t)b);
	}
	return 0;
}

const char *
term_paste(size_t *n)
{
	*n = term.paste == NULL ? 0 : term.paste_n;
	return term.paste == NULL ? "" : term.paste;
}

static void
from_code(struct ui_key *k, int b)
{
	if (b >= CODE_BASE &&
	    b < CODE_BASE + (int)(sizeof(extra) / sizeof(extra[0]))) {
		k->code = extra[b - CODE_BASE].code;
		k->mods |= extra[b - CODE_BASE].mods;
		return;
	}
	if (b >= KEY_F(1) && b <= KEY_F(12)) {
		k->code = (enum key_code)(K_F1 + (b - KEY_F(1)));
		return;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (plain[i].curses == b)
			k->code = plain[i].code;
}

/* A byte of the keyboard; a character may need more of them. */
static void
from_byte(struct ui_key *k, int b)
{
	int again = 0;

	if (term.chars.n == 0 && b < 0x20 && b != '\r' && b != '\t') {
		k->code = K_CHAR;
		k->mods |= MOD_CTRL;
		k->utf8[0] = (char)(b == 0x1f ? '_' : b + 'a' - 1);
	} else if (term.chars.n == 0 && b == '\r') {
		k->code = K_ENTER;
	} else if (term.chars.n == 0 && b == '\t') {
		k->code = K_TAB;
	} else if (term.chars.n == 0 && b == 0x7f) {
		k->code = K_BACKSPACE;
	} else if (utf8_in_byte(&term.chars, (uint8_t)b, k->utf8, &again) > 0) {
		k->code = K_CHAR;
	} else {
		term.chars_mods = k->mods; /* until the rest is there */
	}
	if (again)
		(void)ungetch(b);
}

static void
begin_paste(void)
{
	term.pasting = 1;
	term.paste_n = 0;
	term.chars.n = 0;
}

/* One key, K_NONE if what came is none or not whole yet. */
static void
one_key(struct ui_key *k, int b)
{
	if (b == 0x1b && term.chars.n == 0) {
		/* Escape and a key at once is Alt and that key. */
		b = getch();
		if (b == ERR || b == 0x1b) {
			k->code = K_ESC;
			return;
		}
		k->mods = MOD_ALT;
	}
	if (b == PASTE_BEGIN) {
		begin_paste();
	} else if (b > 0xff) {
		from_code(k, b);
	} else {
		if (term.chars.n > 0)
			k->mods = term.chars_mods;
		from_byte(k, b);
	}
}

int
term_read(struct ui_key *k)
{
	int b, waiting = 0;

	do {
		memset(k, 0, sizeof(*k));
		if (term.pasting) {
			if (read_paste()) {
				k->code = K_PASTE;
				return 1;
			}
			b = ERR;
		} else if ((b = getch()) != ERR) {
			one_key(k, b);
		}
	} while (b != ERR && k->code == K_NONE);
	/* Readable, and yet nothing: the other end is gone. */
	if (b == ERR)
		term.hung_up = ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0;
	return k->code != K_NONE;
}

int
term_hung_up(void)
{
	return term.hung_up;
}

/* ---- the rest ---- */

void
term_title(const char *title)
{
	if (!term.started || !term.modern)
		return;
	(void)printf("\033]2;%s\007", title);
	(void)fflush(stdout);
}

void
term_bell(void)
{
	(void)beep();
}

void
term_suspend(void)
{
	modes_off();
	(void)endwin();
	(void)kill(0, SIGTSTP);
	/* Continued. */
	modes_on();
	(void)refresh();
	term_redraw();
}
