/*
 * term_curses - the terminal, ncurses behind it: shows a canvas, reads keys.
 *
 * There is one terminal, and ncurses keeps its state in globals; so this is
 * the one module that has some too.  Thread: main.
 */
#ifndef UI_TERM_CURSES_H
#define UI_TERM_CURSES_H

#include "ui/canvas.h"
#include "ui/key.h"

struct term_conf {
	int colours; /* 0: only bold, reverse, underline */
};

/* term_start - SOTTO_EIO: this terminal cannot; *why is a static sentence. */
enum sotto_err term_start(const struct term_conf *conf, const char **why);
/* term_stop - leave it as it was found; harmless if it was not started. */
void term_stop(void);

void term_size(int *w, int *h);
/* term_show - with as few bytes as it takes. */
void term_show(const struct canvas *c);
/* term_redraw - the next term_show() repaints everything. */
void term_redraw(void);

/*
 * term_read - the next key; 0 if there is none now.  Standard input is what to
 * poll().  K_PASTE: term_paste() has the text until the next call.
 */
int term_read(struct ui_key *k);
const char *term_paste(size_t *n);

void term_title(const char *title);
void term_bell(void);
/* term_suspend - stop as a shell's job, come back when continued. */
void term_suspend(void);
/* term_hung_up - 1 if the terminal is gone. */
int term_hung_up(void);

#endif
