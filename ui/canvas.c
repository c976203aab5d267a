#include "ui/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

static void
wipe_cells(struct canvas *c)
{
	if (c->cell != NULL)
		secret_wipe(c->cell,
		    (size_t)c->w * (size_t)c->h * sizeof(*c->cell));
	free(c->cell);
}

enum sotto_err
canvas_size(struct canvas *c, int w, int h)
{
	struct cell *cell;

	w = w < 1 ? 1 : w;
	h = h < 1 ? 1 : h;
	cell = calloc((size_t)w * (size_t)h, sizeof(*cell));
	if (cell == NULL)
		return SOTTO_ENOMEM;
	wipe_cells(c);
	c->cell = cell;
	c->w = w;
	c->h = h;
	canvas_clear(c);
	return SOTTO_OK;
}

static void
drop_links(struct canvas *c)
{
	while (c->n_links > 0)
		free(c->link[--c->n_links]);
}

void
canvas_free(struct canvas *c)
{
	drop_links(c);
	wipe_cells(c);
	memset(c, 0, sizeof(*c));
}

void
canvas_clear(struct canvas *c)
{
	const struct cell blank = { .width = 1 };

	for (int i = 0; i < c->w * c->h; i++)
		c->cell[i] = blank;
	drop_links(c);
	c->cur_x = 0;
	c->cur_y = -1;
}

static struct cell *
at(const struct canvas *c, int x, int y)
{
	return &c->cell[y * c->w + x];
}

/* A wide character that loses one half becomes two blanks. */
static void
unhook(struct canvas *c, int x, int y)
{
	struct cell *k = at(c, x, y);

	if (k->width == 0 && x > 0) {
		at(c, x - 1, y)->n = 0;
		at(c, x - 1, y)->width = 1;
	}
	if (k->width == 2 && x + 1 < c->w) {
		at(c, x + 1, y)->n = 0;
		at(c, x + 1, y)->width = 1;
	}
}

static void
put(struct canvas *c, int x, int y, enum ui_style st, struct span s, int width)
{
	struct cell *k = at(c, x, y);

	unhook(c, x, y);
	if (width == 2)
		unhook(c, x + 1, y);
	if (s.n > CELL_MAX)
		s = span_str(REPLACEMENT);
	memset(k->s, 0, sizeof(k->s)); /* so that cells can be compared */
	memcpy(k->s, s.p, s.n);
	k->n = (uint8_t)s.n;
	k->link = 0;
	k->width = (uint8_t)width;
	k->style = (uint8_t)st;
	if (width == 2) {
		struct cell *right = at(c, x + 1, y);

		memset(right->s, 0, sizeof(right->s));
		right->n = 0;
		right->link = 0;
		right->width = 0;
		right->style = (uint8_t)st;
	}
}

int
canvas_text(struct canvas *c, int x, int y, int max, enum ui_style st,
    const char *text)
{
	struct span s = span_str(text);
	struct text_cluster cl;
	int used = 0;

	if (y < 0 || y >= c->h)
		return 0;
	while (text_next(&s, &cl) && cl.s.p[0] != '\n') {
		int w = cl.width;

		/* What has no width sits on a dotted circle of text_safe();
		 * on its own it gets a column, so that it is seen. */
		if (w == 0)
			w = 1;
		if (used + w > max || x + used + w > c->w)
			break;
		if (x + used >= 0)
			put(c, x + used, y, st, cl.s, w);
		used += w;
	}
	return used;
}

void
canvas_fill(struct canvas *c, int x, int y, int n, enum ui_style st,
    const char *ch)
{
	for (int i = 0; i < n; i++)
		(void)canvas_text(c, x + i, y, 1, st, ch);
}

void
canvas_style(struct canvas *c, int x, int y, int n, enum ui_style st)
{
	if (y < 0 || y >= c->h)
		return;
	for (int i = x < 0 ? 0 : x; i < x + n && i < c->w; i++)
		at(c, i, y)->style = (uint8_t)st;
}

static int
is_plain_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return 0;
	return s.n > 0;
}

void
canvas_link(struct canvas *c, int x, int y, int n, struct span url)
{
	char *copy;

	if (y < 0 || y >= c->h || c->n_links == CANVAS_LINKS ||
	    !is_plain_ascii(url) ||
	    (copy = strndup((const char *)url.p, url.n)) == NULL)
		return;
	c->link[c->n_links++] = copy;
	for (int i = x < 0 ? 0 : x; i < x + n && i < c->w; i++)
		at(c, i, y)->link = c->n_links;
}

enum sotto_err
canvas_copy(struct canvas *to, const struct canvas *from)
{
	enum sotto_err e;

	if ((to->w != from->w || to->h != from->h) &&
	    (e = canvas_size(to, from->w, from->h)) != SOTTO_OK)
		return e;
	drop_links(to);
	for (uint8_t i = 0; i < from->n_links; i++) {
		if ((to->link[i] = strdup(from->link[i])) == NULL)
			return SOTTO_ENOMEM;
		to->n_links++;
	}
	memcpy(to->cell, from->cell,
	    (size_t)from->w * (size_t)from->h * sizeof(*from->cell));
	to->cur_x = from->cur_x;
	to->cur_y = from->cur_y;
	return SOTTO_OK;
}

static size_t
dump_row(const struct canvas *c, int y, char *out)
{
	size_t n = 0, end = 0;

	for (int x = 0; x < c->w; x++) {
		const struct cell *k = at(c, x, y);

		if (k->width == 0)
			continue;
		if (k->n == 0) {
			out[n++] = ' ';
			continue;
		}
		memcpy(out + n, k->s, k->n);
		n += k->n;
		if (k->n > 1 || k->s[0] != ' ')
			end = n;
	}
	return end;
}

char *
canvas_dump(const struct canvas *c)
{
	char *out = malloc((size_t)c->h * ((size_t)c->w * CELL_MAX + 1) + 1);
	size_t n = 0;

	if (out == NULL)
		return NULL;
	for (int y = 0; y < c->h; y++) {
		n += dump_row(c, y, out + n);
		out[n++] = '\n';
	}
	out[n] = '\0';
	return out;
}
