/*
 * term_priv - what term_curses.c and term_curses_keys.c share.
 */
#ifndef UI_TERM_PRIV_H
#define UI_TERM_PRIV_H

#include "ui/keys_in.h"
#include "ui/term_curses.h"

/* Rows that the probes are shown in, one each, from this one on (from 1); not
 * the first, where an answer looks like a key. */
#define PROBE_ROW 2

struct terminal {
	int started;
	struct term_conf conf;
	int modern; /* knows what xterm knows */
	int kitty;  /* ... and its keyboard protocol is on */
	int light;  /* its background */
	struct paint_term can;
	struct paint *paint;
	struct buf out;
	char measured[TERM_MEASURE_MAX];
	int asked, answered; /* probes; answered < 0: it was told */
	int w, h;
	/* Reading: */
	struct keys_in keys;
	uint8_t in[4096]; /* bytes that were read and not used yet */
	size_t in_at, in_n;
	int hung_up;
};

/* All of curses is global, and so is what belongs to it. */
extern struct terminal terminal;

/* term_say - at once. */
void term_say(const char *seq);
/* term_is_one_of - does name begin as one of n others? */
int term_is_one_of(const char *name, const char *const *kin, size_t n);

/* keys_start - sizes and their signal; keys_size - ask for it again. */
void keys_start(void);
void keys_size(void);

/* What the terminal answers. */
void term_answer_width(enum paint_kind k, int cols);
void term_answer_mode(unsigned mode); /* it knows that private mode */
void term_answer_keyboard(void);
void term_answer_background(unsigned percent); /* of white */

#endif
