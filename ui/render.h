/*
 * render - draw a view on a canvas.  Pure: the same view and size always give
 * the same cells.
 */
#ifndef UI_RENDER_H
#define UI_RENDER_H

#include "ui/view.h"

void render(struct canvas *c, const struct ui_view *v);

/* render_spot_at - what was drawn there; SPOT_NONE: nothing that can be
 * clicked. */
struct ui_spot render_spot_at(const struct ui_spots *s, int x, int y);

/* render_chat_size - how much room the messages have on a screen of w by h;
 * all of m but the messages counts. */
void render_chat_size(const struct ui_main *m, int w, int h, int *cols,
    int *rows);
/* render_msg_rows - that a message takes in so many columns. */
int render_msg_rows(const struct ui_main *m, const struct ui_msg *msg,
    int cols);

/* ---- for the panes (pane_*.c) only ---- */

struct rect {
	int x, y, w, h;
};

struct glyphs {
	const char *h, *v; /* thin lines */
	const char *tl, *tr, *bl, *br;
	const char *dash; /* of gap lines */
	const char *more; /* there is more below */
};
const struct glyphs *render_glyphs(int ascii);

/* render_wrap - the bytes of s that fit in cols, cut at a word if there is
 * one; *skip is what separates it from the rest. */
size_t render_wrap(const char *s, int cols, size_t *skip);

/* render_lines - n lines into r, the first `scroll` rows left out.  Fields are
 * taken from field in their order.  Returns the rows that all of them take. */
struct ui_text {
	const struct ui_line *line;
	size_t n;
	const struct ui_field *field;
	size_t scroll;
	int follow;
};
int render_lines(struct canvas *c, struct rect r, const struct ui_text *t,
    int ascii);

void render_add_spot(const struct ui_view *v, const struct ui_spot *s);
void pane_page(struct canvas *c, const struct ui_view *v);
void pane_main(struct canvas *c, const struct ui_view *v);
void pane_list(struct canvas *c, struct rect r, const struct ui_view *v);
void pane_chat(struct canvas *c, struct rect r, const struct ui_view *v);
/* pane_compose - returns the rows that it wants of at most max. */
int pane_compose_rows(const struct ui_main *m, int w, int max);
void pane_compose(struct canvas *c, struct rect r, const struct ui_main *m,
    int ascii);
void pane_box(struct canvas *c, const struct ui_view *v);

#endif
