/*
 * canvas - the screen as a value: a grid of cells, each a grapheme cluster
 * with a style.  Everything is drawn here; only term_curses.c shows it.
 *
 * All drawing clips: at the edge, and so that no wide character is cut in
 * half.  A canvas may have any size from 1x1 up.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* What a cell means; theme.c says how that looks. */
enum ui_style {
	UI_PLAIN,
	UI_BOLD,
	UI_DIM,
	UI_TITLE,    /* the top line, headings of the list */
	UI_SELECTED, /* where the user is */
	UI_WARN,     /* NEW KEY, server not checked, failures */
	UI_GOOD,     /* verified, matched */
	UI_ACCENT,   /* keys in hints, unread counts, one's own name */
	UI_INPUT,    /* what is being typed */
	UI_LINK,     /* an address that can be opened */
	UI_NOTICE,   /* @me: somebody wants you */
	UI_STYLES
};

/* Bytes of one cluster; a longer one is replaced, never cut. */
#define CELL_MAX 28

struct cell {
	char s[CELL_MAX];
	uint8_t n;     /* bytes; 0: a blank */
	uint8_t width; /* 1 or 2; 0: the right half of the one before */
	uint8_t style;
	uint8_t link; /* 1 + its place among the links; 0: none */
};

#define CANVAS_LINKS 64

struct canvas {
	int w, h;
	struct cell *cell;        /* w * h; owned */
	int cur_x, cur_y;         /* the cursor; cur_y < 0: hidden */
	char *link[CANVAS_LINKS]; /* owned: addresses that cells lead to */
	uint8_t n_links;
};

/* canvas_size - blank, w and h at least 1.  SOTTO_ENOMEM: as it was. */
enum sotto_err canvas_size(struct canvas *c, int w, int h);
void canvas_free(struct canvas *c); /* good for a zeroed one */
void canvas_clear(struct canvas *c);

/*
 * canvas_text - one line at most max columns from x on; stops at a line break.
 * Returns the columns that were used.
 */
int canvas_text(struct canvas *c, int x, int y, int max, enum ui_style st,
    const char *text);

/* canvas_fill - n columns of one narrow character. */
void canvas_fill(struct canvas *c, int x, int y, int n, enum ui_style st,
    const char *ch);

/* canvas_style - restyle n columns that are there. */
void canvas_style(struct canvas *c, int x, int y, int n, enum ui_style st);

/*
 * canvas_link - n cells that are there lead to url, of printable ASCII; left
 * out if it is not, or if there are too many.
 */
void canvas_link(struct canvas *c, int x, int y, int n, struct span url);

/* canvas_copy - to is as from; sized and owned by itself.  SOTTO_ENOMEM. */
enum sotto_err canvas_copy(struct canvas *to, const struct canvas *from);

/* canvas_dump - the texts, a line a row, without trailing blanks.  Returns
 * owned, or NULL. */
char *canvas_dump(const struct canvas *c);

#endif
