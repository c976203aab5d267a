#define NCURSES_WIDECHAR 1
#include "ui/term_curses.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "ui/term_priv.h"

#define OUT_MAX (32u << 20)

struct terminal terminal;

/* ---- writing ---- */

/* Signals may come; a terminal that is gone is seen when it is read. */
static void
write_all(const uint8_t *p, size_t n)
{
	while (n > 0) {
		const ssize_t r = write(STDOUT_FILENO, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return;
		p += r;
		n -= (size_t)r;
	}
}

void
term_say(const char *seq)
{
	write_all((const uint8_t *)seq, strlen(seq));
}

/* A string of terminfo, without its paddings "$<5>"; "" if it has no room. */
static void
take(char *out, size_t cap, const char *cap_string)
{
	size_t n = 0;

	out[0] = '\0';
	if (cap_string == NULL || strlen(cap_string) >= cap)
		return;
	for (const char *s = cap_string; *s != '\0'; s++) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL)
			s = strchr(s, '>');
		else
			out[n++] = *s;
	}
	out[n] = '\0';
}

static void
move_seq(char out[PAINT_SEQ_MAX], int x, int y)
{
	take(out, PAINT_SEQ_MAX, tparm(cursor_address, y, x));
}

/* ---- what the terminal can do ---- */

static int
knows_xterm(const char *name)
{
	static const char *const kin[] = { "xterm", "tmux", "screen", "rxvt",
		"foot", "alacritty", "kitty", "vte", "konsole", "st-",
		"wezterm", "ghostty", "contour" };

	return term_is_one_of(name, kin, sizeof(kin) / sizeof(kin[0]));
}

static void
add_look(char *out, const char *cap_string)
{
	char seq[PAINT_SEQ_MAX];
	const size_t n = strlen(out);

	take(seq, sizeof(seq), cap_string);
	if (n + strlen(seq) < PAINT_LOOK_MAX)
		(void)snprintf(out + n, PAINT_LOOK_MAX - n, "%s", seq);
}

static void
fill_looks(struct paint_term *t, const struct term_conf *c)
{
	const int colours = c->colours && max_colors >= 8;

	for (size_t i = 0; i < UI_STYLES; i++) {
		const struct theme_look *l = &c->theme.look[i];
		const int colour = theme_colour(l, terminal.light);
		char *out = t->look[i];

		out[0] = '\0';
		if (l->bold)
			add_look(out, enter_bold_mode);
		if (l->dim)
			add_look(out, enter_dim_mode);
		if (l->reverse)
			add_look(out, enter_reverse_mode);
		/* With colours, they tell a warning from bold. */
		if (l->underline && (!colours || colour < 0))
			add_look(out, enter_underline_mode);
		if (colours && colour >= 0 && colour < max_colors)
			add_look(out, tparm(set_a_foreground, colour));
		t->fills[i] = (uint8_t)(l->reverse ||
		    (l->underline && (!colours || colour < 0)));
	}
}

static void
fill_fits(struct paint_term *t, const char *measured)
{
	int width;

	for (size_t i = 0; i < PAINT_KINDS; i++) {
		(void)paint_probe((enum paint_kind)i, &width);
		/* Unmeasured, the first character is what all can show. */
		t->fits[i] = strlen(measured) == PAINT_KINDS
		    ? measured[i] == '0' + width
		    : i == PAINT_SIMPLE || i == PAINT_AMBIGUOUS ||
			i == PAINT_NEW;
	}
}

static void
fill_can(void)
{
	struct paint_term *t = &terminal.can;

	memset(t, 0, sizeof(*t));
	take(t->plain, sizeof(t->plain),
	    terminal.modern ? "\033[m" : exit_attribute_mode);
	take(t->clear, sizeof(t->clear), clear_screen);
	take(t->clear_eol, sizeof(t->clear_eol), clr_eol);
	take(t->hide, sizeof(t->hide), cursor_invisible);
	take(t->show, sizeof(t->show), cursor_normal);
	t->move = move_seq;
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->links = terminal.modern;
	t->corner = !auto_right_margin || eat_newline_glitch;
	fill_looks(t, &terminal.conf);
	fill_fits(t, terminal.conf.measured);
}

/* ---- measuring: in front of the first frame; answers come as keys ---- */

static void
ask(void)
{
	char seq[PAINT_SEQ_MAX];
	int width;

	if (!terminal.modern)
		return;
	/* Whole frames, clusters, the keyboard, the background. */
	term_say("\033[?2026$p\033[?2027$p\033[?u\033]11;?\033\\");
	if (terminal.conf.measured[0] != '\0' || !terminal.can.utf8 ||
	    terminal.h < PROBE_ROW + PAINT_KINDS || terminal.w < 12)
		return;
	for (size_t i = 0; i < PAINT_KINDS; i++) {
		move_seq(seq, 0, PROBE_ROW - 1 + (int)i);
		term_say(seq);
		term_say(paint_probe((enum paint_kind)i, &width));
		term_say("\033[6n");
	}
	memset(terminal.measured, '0', PAINT_KINDS);
	terminal.asked = PAINT_KINDS;
}

void
term_answer_width(enum paint_kind k, int cols)
{
	if (k >= PAINT_KINDS || cols < 0 || terminal.asked == 0 ||
	    terminal.answered < 0)
		return;
	terminal.measured[k] = "0123456789"[cols > 9 ? 9 : cols];
	if (++terminal.answered < terminal.asked)
		return;
	memcpy(terminal.conf.measured, terminal.measured,
	    sizeof(terminal.measured));
	fill_fits(&terminal.can, terminal.measured);
	paint_reset(terminal.paint);
}

void
term_answer_mode(unsigned mode)
{
	if (mode == 2026) {
		(void)snprintf(terminal.can.begin, PAINT_SEQ_MAX,
		    "\033[?2026h");
		(void)snprintf(terminal.can.end, PAINT_SEQ_MAX, "\033[?2026l");
	} else if (mode == 2027) {
		term_say("\033[?2027h");
	}
}

/* Escape is told from what begins with it, and Shift-Enter from Enter. */
void
term_answer_keyboard(void)
{
	if (!terminal.kitty)
		term_say("\033[>1u");
	terminal.kitty = 1;
}

void
term_answer_background(unsigned percent)
{
	terminal.light = percent > 50;
	fill_looks(&terminal.can, &terminal.conf);
	paint_reset(terminal.paint);
}

int
term_measured(char out[TERM_MEASURE_MAX])
{
	if (terminal.asked == 0 || terminal.answered < terminal.asked)
		return 0;
	terminal.answered = -1;
	memcpy(out, terminal.measured, TERM_MEASURE_MAX);
	return 1;
}

int
term_narrow_lines(void)
{
	return terminal.can.utf8 && terminal.can.fits[PAINT_AMBIGUOUS];
}

void
term_id(char *out, size_t n)
{
	static const char *const names[] = { "TERM", "TERM_PROGRAM",
		"TERM_PROGRAM_VERSION", "VTE_VERSION", "KONSOLE_VERSION",
		"XTERM_VERSION" };
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		for (; v != NULL && *v != '\0' && used + 2 < n; v++) {
			out[used] = *v;
			if (*v <= ' ' || *v > '~')
				out[used] = '_';
			used++;
		}
		if (used + 2 < n)
			out[used++] = '/';
	}
	out[used] = '\0';
}

/* ---- start and end ---- */

static void
modes_on(void)
{
	if (!terminal.modern)
		return;
	/* Bracketed paste, focus; Escape in front of a letter with Alt. */
	term_say("\033[?2004h\033[?1004h\033[?1036h");
	term_say(terminal.conf.mouse ? "\033[?1000h\033[?1006h"
				     : "\033[?1006l\033[?1000l");
	if (terminal.kitty)
		term_say("\033[>1u");
}

#define MODES_OFF                                                              \
	"\033[?2004l\033[?1004l\033[?1006l\033[?1000l\033[?2027l"              \
	"\033[?2026l\033[?1036r"

static void
modes_off(void)
{
	if (!terminal.modern)
		return;
	term_say(MODES_OFF);
	if (terminal.kitty)
		term_say("\033[<u");
}

static const char *
start_curses(void)
{
	const char *name = getenv("TERM");
	SCREEN *s;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "Standard input and output have to be a terminal.";
	if (name == NULL || strcmp(name, "dumb") == 0)
		return "This terminal (TERM) cannot move its cursor; sotto "
		       "--plain does without that.";
	(void)setlocale(LC_CTYPE, "");
	(void)setenv("ESCDELAY", "25", 0);
	if ((s = newterm(NULL, stdout, stdin)) == NULL)
		return "This terminal (TERM) is not known here; is its "
		       "terminfo installed?";
	(void)set_term(s);
	if (cursor_address == NULL || clear_screen == NULL) {
		(void)endwin();
		return "This terminal (TERM) cannot move its cursor; sotto "
		       "--plain does without that.";
	}
	terminal.modern = knows_xterm(name);
	return NULL;
}

enum sotto_err
term_start(const struct term_conf *conf, const char **why)
{
	if ((*why = start_curses()) != NULL)
		return SOTTO_EIO;
	terminal.conf = *conf;
	terminal.paint = paint_new();
	buf_init(&terminal.out, OUT_MAX);
	if (terminal.paint == NULL) {
		(void)endwin();
		*why = "Memory ran out.";
		return SOTTO_EIO;
	}
	(void)raw();
	(void)noecho();
	(void)nonl();
	terminal.w = COLS;
	terminal.h = LINES;
	keys_start();
	fill_can();
	terminal.started = 1;
	(void)refresh(); /* curses' last word on the screen */
	if (terminal.modern)
		term_say("\033[?1036s"); /* for modes_off() */
	modes_on();
	ask();
	return SOTTO_OK;
}

void
term_stop(void)
{
	if (!terminal.started)
		return;
	terminal.started = 0;
	modes_off();
	(void)endwin();
	if (terminal.modern)
		term_say("\033]2;\007"); /* no title that outlives us */
	keys_in_free(&terminal.keys);
	paint_free(terminal.paint);
	terminal.paint = NULL;
	buf_free(&terminal.out);
}

void
term_crashed(void)
{
	if (!terminal.started)
		return;
	if (terminal.modern)
		term_say(MODES_OFF "\033[?1049l\033[?25h\033[m\033]2;\007");
	(void)reset_shell_mode();
}

/* ---- showing ---- */

void
term_size(int *w, int *h)
{
	*w = terminal.w > 0 ? terminal.w : 80;
	*h = terminal.h > 0 ? terminal.h : 24;
}

void
term_show(const struct canvas *c)
{
	if (paint_frame(terminal.paint, &terminal.can, c, &terminal.out) ==
	    SOTTO_OK) {
		const struct span s = buf_bytes(&terminal.out);

		write_all(s.p, s.n);
	}
	buf_free(&terminal.out);
}

void
term_redraw(void)
{
	if (terminal.paint != NULL)
		paint_reset(terminal.paint);
}

void
term_look(const struct term_conf *conf)
{
	const int mouse = terminal.conf.mouse;

	if (!terminal.started)
		return;
	terminal.conf.colours = conf->colours;
	terminal.conf.mouse = conf->mouse;
	terminal.conf.theme = conf->theme;
	fill_looks(&terminal.can, &terminal.conf);
	paint_reset(terminal.paint);
	if (mouse != conf->mouse)
		modes_on();
}

/* ---- another program has the terminal ---- */

void
term_leave(void)
{
	if (!terminal.started)
		return;
	modes_off();
	(void)endwin();
}

void
term_return(void)
{
	if (!terminal.started)
		return;
	(void)refresh();
	keys_size();
	modes_on();
	paint_reset(terminal.paint);
}

void
term_suspend(void)
{
	if (!terminal.started) {
		(void)kill(0, SIGTSTP);
		return;
	}
	term_leave();
	(void)kill(0, SIGTSTP);
	term_return(); /* continued */
}
