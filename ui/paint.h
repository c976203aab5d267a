/*
 * paint - from two canvases to the bytes that turn one into the other on a
 * terminal: what was shown is remembered, only what differs is written, and
 * all of a frame is one piece.  Pure; term_curses.c fills in what the terminal
 * can do, and writes.
 *
 * Where a terminal counts the columns of a cluster otherwise than we do, an
 * absolute move stands behind it, so that nothing behind it ever drifts; what
 * it cannot show as one cluster is shown by its first character, a flag by its
 * two letters, never as nothing.
 */
#ifndef UI_PAINT_H
#define UI_PAINT_H

#include "base/buf.h"

#include "ui/canvas.h"

#define PAINT_SEQ_MAX  32 /* bytes of one control sequence */
#define PAINT_LOOK_MAX 64 /* ... of those that begin a style */

/* Clusters that terminals disagree about; each is measured by one of them. */
enum paint_kind {
	PAINT_SIMPLE,    /* one character */
	PAINT_VS16,      /* a sign made an emoji */
	PAINT_ZWJ,       /* several joined */
	PAINT_FLAG,      /* two regional indicators */
	PAINT_TONE,      /* with a skin tone */
	PAINT_AMBIGUOUS, /* narrow, or wide in a CJK font */
	PAINT_INDIC,     /* a syllable */
	PAINT_JAMO,      /* a syllable of Hangul letters */
	PAINT_NEW,       /* an emoji of the last years */
	PAINT_KINDS
};

/* paint_probe - a cluster of that kind, to be measured with; *width is how
 * many columns we count.  Static. */
const char *paint_probe(enum paint_kind k, int *width);

struct paint_term {
	char look[UI_STYLES][PAINT_LOOK_MAX]; /* from plain to that style */
	uint8_t fills[UI_STYLES];             /* a blank of it can be seen */
	char plain[PAINT_SEQ_MAX];            /* back from any style */
	char clear[PAINT_SEQ_MAX];            /* the screen; cursor at 0, 0 */
	char clear_eol[PAINT_SEQ_MAX];        /* or "" */
	char hide[PAINT_SEQ_MAX], show[PAINT_SEQ_MAX]; /* the cursor */
	char begin[PAINT_SEQ_MAX], end[PAINT_SEQ_MAX]; /* of a whole frame */
	/* move - the cursor; NUL-terminated. */
	void (*move)(char out[PAINT_SEQ_MAX], int x, int y);
	int utf8;
	int links;                 /* OSC 8 */
	int corner;                /* the last cell can be written */
	uint8_t fits[PAINT_KINDS]; /* it counts their columns as we do */
};

struct paint;

struct paint *paint_new(void);     /* Returns owned, or NULL */
void paint_free(struct paint *p);  /* accepts NULL */
void paint_reset(struct paint *p); /* all is to be written again */

/* paint_frame - what has to be written to show c, into out.  Nothing if
 * nothing differs.  SOTTO_ENOMEM: all is to be written again. */
enum sotto_err paint_frame(struct paint *p, const struct paint_term *t,
    const struct canvas *c, struct buf *out);

#endif
