/* The main view: top line, list, chat, details, composer; see view.h. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#include "ui/render.h"

#define NARROW      60
#define WIDE        120
#define LIST_COLS   22
#define LIST_WIDE   30
#define DETAIL_COLS 32
#define COMPOSE_MAX 8

static int
width_of(const char *s)
{
	return s == NULL ? 0 : (int)text_width(span_str(s));
}

/*
 * From the left who and how safe, from the right the relay.  What has no room
 * goes in this order: clock, presence, name of the relay's state, requests;
 * the words of trust are the last.
 */
static void
top_line(struct canvas *c, const struct ui_main *m)
{
	int left, right = c->w - 1, need;
	const char *tail[4];
	enum ui_style style[4];
	size_t n = 0;

	canvas_fill(c, 0, 0, c->w, UI_TITLE, " ");
	left = 1 + canvas_text(c, 1, 0, c->w - 2, UI_TITLE, m->peer);
	need = width_of(m->trust);
	if (m->presence[0] != '\0' &&
	    left + 2 + width_of(m->presence) + 2 + need +
		    width_of(m->relay_trust) + 4 <
		c->w) {
		left += 2;
		left +=
		    canvas_text(c, left, 0, c->w - left, UI_TITLE, m->presence);
	}
	if (need > 0) {
		/* A long name makes way for the warning, not the reverse. */
		if (left + 1 + need > c->w)
			left = c->w - need - 1 > 1 ? c->w - need - 1 : 1;
		else
			left += left + 2 + need <= c->w ? 2 : 1;
		left += canvas_text(c, left, 0, c->w - left, m->trust_style,
		    m->trust);
	}
	tail[n] = m->relay_trust;
	style[n++] = UI_WARN;
	tail[n] = m->requests;
	style[n++] = UI_ACCENT;
	tail[n] = m->relay;
	style[n++] = m->relay_style;
	tail[n] = m->clock;
	style[n++] = UI_TITLE;
	/* The most important ones get their place first ... */
	need = left + 2;
	for (size_t i = 0; i < n; i++) {
		int w = width_of(tail[i]);

		if (w == 0)
			continue;
		if (need + w > right + 1) {
			tail[i] = "";
			continue;
		}
		need += w + 2;
	}
	/* ... and then stand in the order in which people expect them. */
	static const size_t order[] = { 3, 1, 2, 0 };

	for (size_t k = 0; k < n; k++) {
		size_t i = order[k];
		int w = width_of(tail[i]);

		if (w == 0)
			continue;
		right -= w;
		(void)canvas_text(c, right, 0, w, style[i], tail[i]);
		right -= 2;
	}
}

static void
details(struct canvas *c, struct rect r, const struct ui_main *m, int ascii)
{
	const struct ui_text t = { .line = m->detail, .n = m->n_detail };

	for (int y = r.y; y < r.y + r.h; y++)
		canvas_fill(c, r.x, y, 1, UI_DIM, render_glyphs(ascii)->v);
	(void)render_lines(c, (struct rect){ r.x + 2, r.y, r.w - 3, r.h }, &t,
	    ascii);
}

static int
list_cols(int w)
{
	return w < NARROW ? 0 : (w < WIDE ? LIST_COLS : LIST_WIDE);
}

/* Where the parts are on a screen of w by h. */
struct parts {
	int list;         /* columns */
	int compose;      /* rows, without the rule */
	struct rect chat; /* and its neighbours have the same rows */
	int detail;       /* columns */
};

static struct parts
parts_of(const struct ui_main *m, int w, int h)
{
	const int max = h / 3 < COMPOSE_MAX ? h / 3 : COMPOSE_MAX;
	struct parts p;

	p.list = m->no_list ? 0 : list_cols(w);
	p.compose = pane_compose_rows(m, w, max < 1 ? 1 : max);
	p.detail = w >= WIDE && m->n_detail > 0 ? DETAIL_COLS : 0;
	if (w < WIDE && w >= NARROW && m->detail_first && m->n_detail > 0) {
		p.detail = DETAIL_COLS;
		p.list = 0;
	}
	p.chat = (struct rect){ p.list, 1, w - p.list - p.detail,
		h - 3 - p.compose };
	return p;
}

void
render_chat_size(const struct ui_main *m, int w, int h, int *cols, int *rows)
{
	const struct parts p = parts_of(m, w, h);

	*cols = p.chat.w;
	*rows = p.chat.h > 0 ? p.chat.h : 1;
}

void
pane_main(struct canvas *c, const struct ui_view *v)
{
	const struct ui_main *m = &v->main;
	const struct parts p = parts_of(m, c->w, c->h);
	struct rect r = p.chat;

	top_line(c, m);
	if (p.list == 0 && m->show_list && (p.detail == 0 || m->no_list)) {
		pane_list(c, (struct rect){ 0, 1, c->w, r.h }, v);
	} else {
		if (p.list > 0)
			pane_list(c, (struct rect){ 0, 1, p.list, r.h }, v);
		if (p.detail > 0)
			details(c,
			    (struct rect){ c->w - p.detail, 1, p.detail, r.h },
			    m, v->ascii);
		pane_chat(c, r, v);
	}
	pane_compose(c, (struct rect){ 0, r.y + r.h, c->w, p.compose + 1 }, m,
	    v->ascii);
}

/* ---- the list ---- */

static const char *
presence_mark(enum ui_presence p, int ascii)
{
	switch (p) {
	case UI_ONLINE:
		return ascii ? "*" : "\xe2\x97\x8f"; /* full circle */
	case UI_BUSY:
		return ascii ? "~" : "\xe2\x97\x90"; /* half */
	case UI_OFFLINE:
		return ascii ? "." : "\xe2\x97\x8b"; /* empty */
	case UI_NO_PRESENCE:
		return " ";
	}
	return " ";
}

static void
list_item(struct canvas *c, struct rect r, int y, const struct ui_item *it,
    int ascii)
{
	const int right = width_of(it->right);
	const enum ui_style st = it->current ? UI_SELECTED
	    : it->is_heading                 ? UI_TITLE
					     : UI_PLAIN;
	int x = r.x, end = r.x + r.w - 2;

	if (it->current)
		canvas_fill(c, r.x, y, r.w - 1, UI_SELECTED, " ");
	if (it->is_heading) {
		(void)canvas_text(c, x, y, end - x - right, UI_BOLD, it->name);
		(void)canvas_text(c, end - right, y, right, UI_DIM, it->right);
		return;
	}
	(void)canvas_text(c, x, y, 1,
	    it->presence == UI_ONLINE && !it->current ? UI_GOOD : st,
	    presence_mark(it->presence, ascii));
	if (right > 0)
		(void)canvas_text(c, end - right, y, right,
		    it->current ? st : UI_ACCENT, it->right);
	if (it->mark[0] != '\0')
		(void)canvas_text(c, end - 4 - 1, y, 2,
		    it->current ? st : it->mark_style, it->mark);
	(void)canvas_text(c, x + 2, y,
	    end - (it->mark[0] != '\0' || right > 0 ? 6 : 0) - x - 2, st,
	    it->name);
}

void
pane_list(struct canvas *c, struct rect r, const struct ui_view *v)
{
	const struct ui_main *m = &v->main;
	const int ascii = v->ascii;
	size_t first = 0, current = 0;

	for (size_t i = 0; i < m->n_items; i++)
		if (m->item[i].current)
			current = i;
	if (r.h > 0 && current >= (size_t)r.h)
		first = current - (size_t)r.h / 2;
	for (size_t i = first; i < m->n_items; i++) {
		int y = r.y + (int)(i - first);

		if (y >= r.y + r.h)
			break;
		list_item(c, r, y, &m->item[i], ascii);
		if (m->item[i].chat != NULL) {
			struct ui_spot s = { .kind = SPOT_ITEM,
				.x = r.x,
				.y = y,
				.w = r.w - 1,
				.h = 1 };

			(void)snprintf(s.name, sizeof(s.name), "%s",
			    m->item[i].chat);
			render_add_spot(v, &s);
		}
	}
	if (r.w < c->w)
		for (int y = r.y; y < r.y + r.h; y++)
			canvas_fill(c, r.x + r.w - 1, y, 1, UI_DIM,
			    render_glyphs(ascii)->v);
}
