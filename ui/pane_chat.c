/* Messages, and the composer below them; see view.h. */
#include <string.h>

#include "base/text.h"

#include "ui/render.h"

#define WHO_MAX    16
#define STATE_COLS 12 /* "waiting here" fits; a reason is below the text */
#define NARROW     36 /* no column of names below this */

static int
width_of(const char *s)
{
	return s == NULL ? 0 : (int)text_width(span_str(s));
}

/* Where things stand in this pane. */
struct columns {
	int time, who, text, w;
};

static struct columns
columns_of(const struct ui_main *m, int w)
{
	struct columns col = { .w = w };
	int who = m->who_cols < 3 ? 3 : m->who_cols;

	who = who > WHO_MAX ? WHO_MAX : who;
	if (w < NARROW || m->no_columns) {
		col.time = -1;
		col.who = 0;
		col.text = 2;
	} else {
		col.time = 1;
		col.who = 8;
		col.text = col.who + who + 2;
	}
	return col;
}

static int
text_cols(const struct columns *col, const struct ui_msg *m)
{
	int cols = col->w - col->text - 1;

	if (m->kind == UI_MSG_MINE && cols > 2 * STATE_COLS)
		cols -= STATE_COLS;
	return cols < 1 ? 1 : cols;
}

static int
is_message(const struct ui_msg *m)
{
	return m->kind == UI_MSG_THEIRS || m->kind == UI_MSG_MINE;
}

static int
wrapped_rows(const char *s, int cols)
{
	int rows = 0;

	do {
		size_t skip, n = render_wrap(s, cols, &skip);

		rows++;
		s += n + skip;
	} while (*s != '\0');
	return rows;
}

/* A state that is longer than its column has a row of its own. */
static int
state_row(const struct ui_msg *m)
{
	return m->kind == UI_MSG_MINE && width_of(m->state) > STATE_COLS - 1;
}

static int
rows_of(const struct ui_msg *m, const struct columns *col)
{
	if (m->kind == UI_MSG_RULE || m->kind == UI_MSG_GAP)
		return 1;
	if (!is_message(m))
		return wrapped_rows(m->text, text_cols(col, m));
	return wrapped_rows(m->text, text_cols(col, m)) + state_row(m) +
	    (col->time < 0); /* narrow: the name has a row of its own */
}

int
render_msg_rows(const struct ui_main *m, const struct ui_msg *msg, int cols)
{
	const struct columns col = columns_of(m, cols);

	return rows_of(msg, &col);
}

/* ---- drawing one ---- */

struct place {
	struct canvas *c;
	struct rect r;
	int y; /* of the message's first row; may be above the pane */
};

static int
visible(const struct place *p, int row)
{
	return p->y + row >= p->r.y && p->y + row < p->r.y + p->r.h;
}

static void
draw_rule(const struct place *p, const struct ui_msg *m, int ascii)
{
	const struct glyphs *g = render_glyphs(ascii);
	const int gap = m->kind == UI_MSG_GAP;
	int n = width_of(m->text), x;

	if (!visible(p, 0))
		return;
	canvas_fill(p->c, p->r.x + 1, p->y, p->r.w - 2, UI_DIM,
	    gap ? g->dash : g->h);
	if (n + 6 > p->r.w)
		n = p->r.w - 6;
	x = p->r.x + (p->r.w - n) / 2;
	(void)canvas_text(p->c, x - 1, p->y, 1, UI_DIM, " ");
	n = canvas_text(p->c, x, p->y, n,
	    m->state_style == UI_ACCENT ? UI_ACCENT : UI_DIM, m->text);
	(void)canvas_text(p->c, x + n, p->y, 1, UI_DIM, " ");
}

static void
draw_who(const struct place *p, const struct ui_msg *m,
    const struct columns *col)
{
	const int w = width_of(m->who);
	const enum ui_style st = m->kind == UI_MSG_MINE ? UI_ACCENT : UI_BOLD;

	if (!visible(p, 0))
		return;
	if (col->time < 0) {
		(void)canvas_text(p->c, p->r.x, p->y, p->r.w, st, m->who);
		if (col->w >= NARROW) /* it is not for want of room */
			(void)canvas_text(p->c, p->r.x + w + 2, p->y, 6, UI_DIM,
			    m->time);
		return;
	}
	(void)canvas_text(p->c, p->r.x + col->time, p->y, 6, UI_DIM, m->time);
	/* Right-aligned, so that texts begin under each other. */
	(void)canvas_text(p->c,
	    p->r.x + col->text - 2 - (w > WHO_MAX ? WHO_MAX : w), p->y, WHO_MAX,
	    st, m->who);
}

static enum ui_style
text_style(const struct ui_msg *m)
{
	if (m->picked || m->marked)
		return UI_SELECTED;
	if (m->kind == UI_MSG_WARN)
		return UI_WARN;
	return m->kind == UI_MSG_NOTE ? UI_DIM : UI_PLAIN;
}

/* The parts of addresses that stand in this row lead there. */
static void
draw_links(const struct place *p, const char *all, const char *row, size_t n,
    int x, int y)
{
	struct span rest = span_str(all), url;

	while (text_link(rest, &url)) {
		const uint8_t *from = url.p, *to = url.p + url.n;
		const uint8_t *a = (const uint8_t *)row, *b = a + n;

		rest.n -= (size_t)(to - rest.p);
		rest.p = to;
		if (to <= a || from >= b)
			continue;
		from = from < a ? a : from;
		to = to > b ? b : to;
		x += (int)text_width((struct span){ a, (size_t)(from - a) });
		canvas_style(p->c, x, y, (int)(to - from), UI_LINK);
		canvas_link(p->c, x, y, (int)(to - from), url);
		x -= (int)text_width((struct span){ a, (size_t)(from - a) });
	}
}

static void
draw_msg(const struct place *p, const struct ui_msg *m,
    const struct columns *col)
{
	const int cols = text_cols(col, m);
	const char *s = m->text;
	int row = is_message(m) && col->time < 0;

	if ((m->marked || m->picked) && visible(p, 0))
		(void)canvas_text(p->c, p->r.x, p->y, 1, UI_ACCENT, ">");
	if (is_message(m))
		draw_who(p, m, col);
	else if (col->time >= 0 && visible(p, 0))
		(void)canvas_text(p->c, p->r.x + col->time, p->y, 6, UI_DIM,
		    m->time);
	do {
		size_t skip, n = render_wrap(s, cols, &skip);
		const struct span part = { (const uint8_t *)s, n };

		if (visible(p, row))
			(void)canvas_text(p->c, p->r.x + col->text, p->y + row,
			    (int)text_width(part), text_style(m), s);
		if (visible(p, row) && is_message(m))
			draw_links(p, m->text, s, n, p->r.x + col->text,
			    p->y + row);
		s += n + skip;
		row++;
	} while (*s != '\0');
	if (m->kind != UI_MSG_MINE || m->state == NULL)
		return;
	if (state_row(m)) {
		if (visible(p, row))
			(void)canvas_text(p->c, p->r.x + col->text, p->y + row,
			    col->w - col->text, m->state_style, m->state);
	} else if (visible(p, row - 1)) {
		int n = width_of(m->state);

		(void)canvas_text(p->c, p->r.x + p->r.w - n - 1, p->y + row - 1,
		    n, m->state_style, m->state);
	}
}

void
pane_chat(struct canvas *c, struct rect r, const struct ui_view *v)
{
	const struct ui_main *m = &v->main;
	const int ascii = v->ascii;
	const struct columns col = columns_of(m, r.w);
	int bottom = r.y + r.h + (int)m->scroll;
	struct place p = { c, r, 0 };

	if (m->n_msgs == 0) {
		const struct ui_text t = { .line = m->empty, .n = m->n_empty };

		(void)render_lines(c,
		    (struct rect){ r.x + 2, r.y + 1, r.w - 3, r.h - 1 }, &t,
		    ascii);
		return;
	}
	/* Upwards from the newest, until the pane is full. */
	for (size_t i = m->n_msgs; i > 0 && bottom > r.y; i--) {
		const struct ui_msg *msg = &m->msg[i - 1];

		bottom -= rows_of(msg, &col);
		p.y = bottom;
		if (bottom >= r.y + r.h)
			continue;
		if (msg->kind == UI_MSG_RULE || msg->kind == UI_MSG_GAP)
			draw_rule(&p, msg, ascii);
		else
			draw_msg(&p, msg, &col);
		if (msg->id != 0)
			render_add_spot(v,
			    &(const struct ui_spot){ .kind = SPOT_MESSAGE,
				.x = r.x,
				.y = bottom < r.y ? r.y : bottom,
				.w = r.w,
				.h = rows_of(msg, &col) -
				    (bottom < r.y ? r.y - bottom : 0),
				.id = msg->id,
				.mine = msg->kind == UI_MSG_MINE });
	}
	if (m->below[0] != '\0' && r.h > 0) {
		int n = width_of(m->below);

		canvas_fill(c, r.x + 1, r.y + r.h - 1, r.w - 2, UI_SELECTED,
		    " ");
		(void)canvas_text(c, r.x + (r.w - n) / 2, r.y + r.h - 1, n,
		    UI_SELECTED, m->below);
	}
}

/* ---- composer ---- */

static int
compose_cols(const struct ui_main *m, int w)
{
	int cols = w - width_of(m->prompt) - 1;

	return cols < 8 ? 8 : cols;
}

int
pane_compose_rows(const struct ui_main *m, int w, int max)
{
	struct edit_row row;
	size_t n, cur_row;
	int cur_col;

	if (m->fold != NULL || m->composer == NULL)
		return 1;
	n = edit_layout(m->composer, compose_cols(m, w), 0, &row, 0, &cur_row,
	    &cur_col);
	return n > (size_t)max ? max : (int)n;
}

static void
compose_rule(struct canvas *c, struct rect r, const struct ui_main *m,
    int ascii)
{
	int n, count = width_of(m->count);

	canvas_fill(c, r.x, r.y, r.w, UI_DIM, render_glyphs(ascii)->h);
	n = canvas_text(c, r.x + 3, r.y, r.w - 4, m->to_style, m->to);
	canvas_fill(c, r.x + 2, r.y, 1, UI_DIM, " ");
	canvas_fill(c, r.x + 3 + n, r.y, 1, UI_DIM, " ");
	if (count > 0 && n + count + 8 < r.w) {
		int x = r.x + r.w - count - 3;

		canvas_fill(c, x - 1, r.y, count + 2, UI_DIM, " ");
		(void)canvas_text(c, x, r.y, count, UI_DIM, m->count);
	}
}

/* Above the composer, over whatever is there. */
static void
draw_offers(struct canvas *c, struct rect r, const struct ui_main *m, int x)
{
	int w = 0, y, n = (int)m->n_offers;

	if (n > r.y - 1)
		n = r.y - 1;
	for (int i = 0; i < n; i++) {
		const int one = width_of(m->offer[i].label) +
		    width_of(m->offer[i].text) + 5;

		w = one > w ? one : w;
	}
	if (x + w > r.w)
		x = r.w > w ? r.w - w : 0;
	y = r.y - n;
	for (int i = 0; i < n; i++, y++) {
		const struct ui_line *l = &m->offer[i];
		const enum ui_style st = l->selected ? UI_SELECTED : UI_TITLE;
		int at = x + 1;

		canvas_fill(c, x, y, w < r.w ? w : r.w, st, " ");
		at += canvas_text(c, at, y, r.w - at, st, l->label);
		(void)canvas_text(c, at + 2, y, r.w - at - 2, st, l->text);
	}
}

void
pane_compose(struct canvas *c, struct rect r, const struct ui_main *m,
    int ascii)
{
	struct edit_row row[16];
	size_t rows, first = 0, cur_row = 0;
	int x, cols, cur_col = 0, h = r.h - 1;

	compose_rule(c, r, m, ascii);
	x = r.x + canvas_text(c, r.x, r.y + 1, r.w, UI_BOLD, m->prompt);
	if (m->composer == NULL)
		return;
	if (m->fold != NULL) {
		(void)canvas_text(c, x, r.y + 1, r.w - x, UI_ACCENT, m->fold);
		c->cur_x = x;
		c->cur_y = r.y + 1;
		return;
	}
	if (m->n_offers > 0)
		draw_offers(c, r, m, x);
	cols = compose_cols(m, r.w);
	h = h > 16 ? 16 : h;
	(void)edit_layout(m->composer, cols, 0, row, 0, &cur_row, &cur_col);
	if (cur_row >= (size_t)h)
		first = cur_row - (size_t)h + 1;
	rows = edit_layout(m->composer, cols, first, row, (size_t)h, &cur_row,
	    &cur_col);
	for (size_t i = 0; i < (size_t)h && first + i < rows; i++) {
		const struct span part = {
			(const uint8_t *)edit_text(m->composer) + row[i].from,
			row[i].to - row[i].from
		};

		(void)canvas_text(c, x, r.y + 1 + (int)i, (int)text_width(part),
		    UI_INPUT, edit_text(m->composer) + row[i].from);
	}
	c->cur_x = x + cur_col < c->w ? x + cur_col : c->w - 1;
	c->cur_y = r.y + 1 + (int)(cur_row - first);
}
