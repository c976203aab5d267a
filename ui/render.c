#include "ui/render.h"

#include <string.h>

#include "base/text.h"

const struct glyphs *
render_glyphs(int ascii)
{
	static const struct glyphs thin = { "\xe2\x94\x80", "\xe2\x94\x82",
		"\xe2\x94\x8c", "\xe2\x94\x90", "\xe2\x94\x94", "\xe2\x94\x98",
		"\xe2\x95\x8c", "\xe2\x86\x93" };
	static const struct glyphs plain = { "-", "|", "+", "+", "+", "+", "-",
		"v" };

	return ascii ? &plain : &thin;
}

size_t
render_wrap(const char *s, int cols, size_t *skip)
{
	struct span all = span_str(s);
	const char *nl = memchr(s, '\n', all.n);
	size_t fit, at;

	*skip = 0;
	if (nl != NULL)
		all.n = (size_t)(nl - s);
	fit = text_fit(all, (size_t)(cols < 1 ? 1 : cols));
	if (fit == all.n) {
		*skip = nl != NULL;
		return fit;
	}
	if (fit == 0) { /* one cluster is wider than there is room */
		struct text_cluster c;

		(void)text_next(&all, &c);
		return c.s.n;
	}
	for (at = fit; at > 0 && s[at] != ' '; at--)
		;
	if (at == 0)
		return fit; /* one long word */
	*skip = 1;
	while (s[at + *skip] == ' ')
		++*skip;
	while (at > 0 && s[at - 1] == ' ')
		at--;
	return at > 0 ? at : fit;
}

/* ---- lines of text ---- */

struct flow {
	struct canvas *c;
	struct rect r;
	int row;  /* of all rows, drawn or not */
	int from; /* the first one that is drawn */
	int draw;
};

static int
flow_y(const struct flow *f)
{
	const int y = f->row - f->from;

	return f->draw && y >= 0 && y < f->r.h ? f->r.y + y : -1;
}

static void
draw_field(struct flow *f, const struct ui_line *l, const struct ui_field *fd)
{
	int y = flow_y(f), x = f->r.x + l->indent;
	struct edit_row row[1];
	size_t cur_row;
	int cols, cur_col, used;
	const char *text;

	f->row++;
	if (y < 0 || fd == NULL || fd->edit == NULL)
		return;
	used = canvas_text(f->c, x, y, f->r.w - l->indent, UI_BOLD,
	    fd->label != NULL ? fd->label : "");
	x += used;
	cols = f->r.x + f->r.w - x;
	if (cols < 1)
		return;
	/* One row: the part of it in which the cursor is. */
	(void)edit_layout(fd->edit, cols, 0, row, 1, &cur_row, &cur_col);
	(void)edit_layout(fd->edit, cols, cur_row, row, 1, &cur_row, &cur_col);
	text = edit_text(fd->edit);
	if (edit_kind(fd->edit) == EDIT_MASKED) {
		struct span s = { (const uint8_t *)text + row[0].from,
			row[0].to - row[0].from };
		struct text_cluster cl;
		int n = 0;

		while (text_next(&s, &cl))
			n++;
		canvas_fill(f->c, x, y, n, UI_INPUT, "*");
	} else {
		(void)canvas_text(f->c, x, y, cols, UI_INPUT,
		    text + row[0].from);
		/* The row ends where the next one begins. */
		if (row[0].to < edit_len(fd->edit))
			canvas_fill(f->c,
			    x +
				(int)text_width((struct span){
				    (const uint8_t *)text + row[0].from,
				    row[0].to - row[0].from }),
			    y, cols, UI_PLAIN, " ");
	}
	if (fd->active) {
		f->c->cur_x = x + (cur_col < cols ? cur_col : cols - 1);
		f->c->cur_y = y;
	}
}

static void
draw_text(struct flow *f, const struct ui_line *l)
{
	const char *s = l->text != NULL ? l->text : "";
	int indent = l->indent, cols = f->r.w - indent;
	int label;

	if (l->label != NULL) {
		int y = flow_y(f);

		if (y >= 0)
			(void)canvas_text(f->c, f->r.x + indent, y, cols,
			    UI_BOLD, l->label);
		label = (int)text_width(span_str(l->label)) + 2;
		label = label < 13 ? 13 : label;
		if (label < cols) {
			indent += label;
			cols -= label;
		} else {
			f->row++;
		}
	}
	do {
		size_t skip = 0;
		size_t n = l->kind == UI_LINE_FIXED
		    ? strlen(s)
		    : render_wrap(s, cols, &skip);
		int y = flow_y(f);

		if (y >= 0 && l->selected)
			canvas_fill(f->c, f->r.x, y, f->r.w, UI_SELECTED, " ");
		if (y >= 0) {
			struct span part = { (const uint8_t *)s, n };

			(void)canvas_text(f->c, f->r.x + indent, y,
			    (int)text_width(part) < cols ? (int)text_width(part)
							 : cols,
			    l->selected ? UI_SELECTED : l->style, s);
		}
		f->row++;
		s += n + skip;
	} while (*s != '\0');
}

static int
flow_lines(struct flow *f, const struct ui_text *t, int ascii)
{
	size_t field = 0;
	int selected = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct ui_line *l = &t->line[i];

		if (l->selected)
			selected = f->row;
		switch (l->kind) {
		case UI_LINE_TEXT:
		case UI_LINE_FIXED:
			draw_text(f, l);
			break;
		case UI_LINE_RULE:
			if (flow_y(f) >= 0)
				canvas_fill(f->c, f->r.x, flow_y(f), f->r.w,
				    UI_DIM, render_glyphs(ascii)->h);
			f->row++;
			break;
		case UI_LINE_FIELD:
			/* What is being typed must be in sight. */
			if (t->field != NULL && t->field[field].active)
				selected = f->row;
			draw_field(f, l,
			    t->field != NULL ? &t->field[field++] : NULL);
			break;
		}
	}
	return selected;
}

int
render_lines(struct canvas *c, struct rect r, const struct ui_text *t,
    int ascii)
{
	struct flow measure = { .c = c, .r = r };
	struct flow f = { .c = c, .r = r, .draw = 1 };
	int selected = flow_lines(&measure, t, ascii);
	int rows = measure.row;

	f.from = (int)t->scroll;
	if (t->follow) /* the selected line in the middle, if it must move */
		f.from = selected >= r.h ? selected - r.h / 2 : 0;
	if (f.from > rows - r.h)
		f.from = rows > r.h ? rows - r.h : 0;
	(void)flow_lines(&f, t, ascii);
	if (rows - f.from > r.h && r.h > 0 && r.w > 2)
		(void)canvas_text(c, r.x + r.w - 1, r.y + r.h - 1, 1, UI_ACCENT,
		    render_glyphs(ascii)->more);
	return rows;
}

/* ---- clicks ---- */

void
render_add_spot(const struct ui_view *v, const struct ui_spot *s)
{
	if (v->spots != NULL && v->spots->n < UI_SPOTS_MAX)
		v->spots->s[v->spots->n++] = *s;
}

struct ui_spot
render_spot_at(const struct ui_spots *s, int x, int y)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ui_spot *p = &s->s[i];

		if (x >= p->x && x < p->x + p->w && y >= p->y &&
		    y < p->y + p->h)
			return *p;
	}
	return (struct ui_spot){ .kind = SPOT_NONE };
}

/* ---- all of it ---- */

static void
too_small(struct canvas *c, const struct ui_view *v)
{
	int n = canvas_text(c, 0, 0, c->w, UI_BOLD, "sotto: window too small");

	if (v->unread != NULL && v->unread[0] != '\0') {
		n += canvas_text(c, n, 0, c->w - n, UI_BOLD, ", ");
		(void)canvas_text(c, n, 0, c->w - n, UI_BOLD, v->unread);
	}
	(void)canvas_text(c, 0, 1, c->w, UI_DIM, "20x5 is needed");
}

void
render(struct canvas *c, const struct ui_view *v)
{
	canvas_clear(c);
	if (v->spots != NULL)
		v->spots->n = 0;
	if (c->w < UI_MIN_COLS || c->h < UI_MIN_ROWS) {
		too_small(c, v);
		return;
	}
	switch (v->base) {
	case UI_PAGE:
		pane_page(c, v);
		break;
	case UI_MAIN:
		pane_main(c, v);
		break;
	}
	if (v->hint != NULL)
		(void)canvas_text(c, 1, c->h - 1, c->w - 1, UI_DIM, v->hint);
	if (v->box != NULL)
		pane_box(c, v);
}
