/* Pages, and boxes over what is below them; see view.h. */
#include <string.h>

#include "base/text.h"

#include "ui/render.h"

#define WIDE      120
#define MARGIN    1
#define TEXT_COLS 96 /* longer lines are hard to read */

static int
width_of(const char *s)
{
	return s == NULL ? 0 : (int)text_width(span_str(s));
}

static void
title_line(struct canvas *c, const struct ui_page *p)
{
	int x, right = width_of(p->title_right);

	canvas_fill(c, 0, 0, c->w, UI_TITLE, " ");
	x = 1 + canvas_text(c, 1, 0, c->w - 1, UI_TITLE, p->title);
	/* The quit hint is the first to go where there is no room. */
	if (right > 0 && x + width_of(p->title_mid) + right + 4 < c->w)
		(void)canvas_text(c, c->w - right - 1, 0, right, UI_TITLE,
		    p->title_right);
	else
		right = 0;
	if (p->title_mid != NULL && p->title_mid[0] != '\0') {
		int mid = width_of(p->title_mid);
		int at = c->w - right - (right > 0 ? 3 : 1) - mid;

		if (at > x + 2)
			(void)canvas_text(c, at, 0, mid, UI_TITLE,
			    p->title_mid);
		else
			(void)canvas_text(c, x + 2, 0, c->w - x - 2, UI_TITLE,
			    p->title_mid);
	}
}

/* The rows that the foot takes, at most a third of the page. */
static int
foot_rows(struct canvas *c, const struct ui_page *p)
{
	const struct ui_text t = { .line = p->foot, .n = p->n_foot };
	const struct rect nowhere = { 0, 0, c->w - 2 * MARGIN, 0 };
	int rows = p->n_foot > 0 ? render_lines(c, nowhere, &t, 1) : 0;

	return rows > c->h / 3 ? c->h / 3 : rows;
}

void
pane_page(struct canvas *c, const struct ui_view *v)
{
	const struct ui_page *p = &v->page;
	const struct glyphs *g = render_glyphs(v->ascii);
	int foot = foot_rows(c, p);
	int bottom = c->h - 1 - (foot > 0 ? foot + 1 : 0);
	struct rect r = { MARGIN, 2, c->w - 2 * MARGIN, bottom - 2 };
	struct ui_text t = { .line = p->line,
		.n = p->n,
		.field = p->field,
		.scroll = p->scroll,
		.follow = p->follow };
	const struct ui_text side = { .line = p->side, .n = p->n_side };
	int rows;

	title_line(c, p);
	canvas_fill(c, 0, 1, c->w, UI_DIM, g->h);
	if (p->n_side > 0 && c->w >= WIDE) {
		struct rect beside = { c->w / 2 + 6, 2, c->w / 2 - 7, r.h };

		r.w = c->w / 2 + 2;
		(void)render_lines(c, r, &t, v->ascii);
		(void)render_lines(c, beside, &side, v->ascii);
	} else {
		r.w = r.w > TEXT_COLS ? TEXT_COLS : r.w;
		rows = render_lines(c, r, &t, v->ascii);
		if (p->n_side > 0 && rows < r.h && p->scroll == 0) {
			r.y += rows;
			r.h -= rows;
			(void)render_lines(c, r, &side, v->ascii);
		}
	}
	if (foot > 0) {
		const struct ui_text f = { .line = p->foot, .n = p->n_foot };

		canvas_fill(c, 0, bottom, c->w, UI_DIM, g->h);
		(void)render_lines(c,
		    (struct rect){ MARGIN, bottom + 1, c->w - 2 * MARGIN,
			foot },
		    &f, v->ascii);
	}
}

/* ---- boxes ---- */

static void
frame(struct canvas *c, struct rect r, const struct ui_box *b,
    const struct glyphs *g)
{
	for (int y = r.y; y < r.y + r.h; y++)
		canvas_fill(c, r.x, y, r.w, UI_PLAIN, " ");
	for (int y = r.y + 1; y < r.y + r.h - 1; y++) {
		canvas_fill(c, r.x, y, 1, UI_DIM, g->v);
		canvas_fill(c, r.x + r.w - 1, y, 1, UI_DIM, g->v);
	}
	canvas_fill(c, r.x, r.y, r.w, UI_DIM, g->h);
	canvas_fill(c, r.x, r.y + r.h - 1, r.w, UI_DIM, g->h);
	canvas_fill(c, r.x, r.y, 1, UI_DIM, g->tl);
	canvas_fill(c, r.x + r.w - 1, r.y, 1, UI_DIM, g->tr);
	canvas_fill(c, r.x, r.y + r.h - 1, 1, UI_DIM, g->bl);
	canvas_fill(c, r.x + r.w - 1, r.y + r.h - 1, 1, UI_DIM, g->br);
	if (b->title != NULL && r.w > 8) {
		int n =
		    canvas_text(c, r.x + 3, r.y, r.w - 6, UI_BOLD, b->title);

		canvas_fill(c, r.x + 2, r.y, 1, UI_DIM, " ");
		canvas_fill(c, r.x + 3 + n, r.y, 1, UI_DIM, " ");
	}
	if (b->foot != NULL && r.w > 8) {
		int n = canvas_text(c, r.x + 3, r.y + r.h - 1, r.w - 6,
		    UI_ACCENT, b->foot);

		canvas_fill(c, r.x + 2, r.y + r.h - 1, 1, UI_DIM, " ");
		canvas_fill(c, r.x + 3 + n, r.y + r.h - 1, 1, UI_DIM, " ");
	}
}

void
pane_box(struct canvas *c, const struct ui_view *v)
{
	const struct ui_box *b = v->box;
	const struct ui_text t = { .line = b->line,
		.n = b->n,
		.field = &b->field,
		.scroll = b->scroll,
		.follow = b->follow };
	struct rect r = { 0, 0, c->w > 84 ? 80 : c->w - 4, 0 };
	struct rect inner;
	int rows;

	if (c->w < 40)
		r.w = c->w;
	r.x = (c->w - r.w) / 2;
	inner = (struct rect){ r.x + 2, 0, r.w - 4, 0 };
	rows = render_lines(c, inner, &t, v->ascii);
	r.h = rows + 2 < c->h - 2 ? rows + 2 : c->h - 2;
	r.h = r.h < 3 ? 3 : r.h;
	r.y = (c->h - r.h) / 2;
	frame(c, r, b, render_glyphs(v->ascii));
	inner.y = r.y + 1;
	inner.h = r.h - 2;
	/* The cursor below is not ours while the box is open. */
	c->cur_y = -1;
	(void)render_lines(c, inner, &t, v->ascii);
}
