/*
 * term_curses - the terminal, ncurses behind it: shows a canvas, reads keys.
 * ncurses knows the terminal and its keys (terminfo); what is written of a
 * frame is made by paint.h.
 *
 * There is one terminal, and ncurses keeps its state in globals; so this is
 * the one module that has some too.  Thread: main.
 */
#ifndef UI_TERM_CURSES_H
#define UI_TERM_CURSES_H

#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/paint.h"
#include "ui/theme.h"

/* What a terminal was measured to do: a digit for each kind of paint.h, the
 * columns it takes, '0': it did not say. */
#define TERM_MEASURE_MAX (PAINT_KINDS + 1)

struct term_conf {
	int colours; /* 0: only bold, reverse, underline */
	int mouse;
	struct theme theme;
	char measured[TERM_MEASURE_MAX]; /* "": measure it now */
};

/* term_start - SOTTO_EIO: this terminal cannot; *why is a static sentence. */
enum sotto_err term_start(const struct term_conf *conf, const char **why);
/* term_stop - leave it as it was found; harmless if it was not started. */
void term_stop(void);
/* term_crashed - the same, from a signal handler. */
void term_crashed(void);

void term_size(int *w, int *h);
/* term_show - with as few bytes as it takes. */
void term_show(const struct canvas *c);
/* term_redraw - the next term_show() repaints everything. */
void term_redraw(void);
/* term_look - from now on. */
void term_look(const struct term_conf *conf);

/*
 * term_read - the next key; 0 if there is none now.  Standard input is what to
 * poll().  K_PASTE: term_paste() has the text until the next call.
 */
int term_read(struct ui_key *k);
const char *term_paste(size_t *n);

/* term_measured - 1, once, when the answers of term_start() are all there. */
int term_measured(char out[TERM_MEASURE_MAX]);
/* term_narrow_lines - 0: it draws lines two columns wide. */
int term_narrow_lines(void);
/* term_id - TERM and the program, as far as it says; for remembering. */
void term_id(char *out, size_t n);

void term_title(const char *title);
void term_bell(void);
/* term_notify - as a notice of the desktop, if the terminal knows how. */
void term_notify(const char *title, const char *text);
/* term_copy - to the clipboard (OSC 52).  0: this terminal cannot. */
int term_copy(const char *base64);
/* term_suspend - stop as a shell's job, come back when continued. */
void term_suspend(void);
/* term_leave, term_return - another program has the terminal meanwhile. */
void term_leave(void);
void term_return(void);
/* term_hung_up - 1 if the terminal is gone. */
int term_hung_up(void);

#endif
