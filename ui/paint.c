#include "ui/paint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"
/* So many cells that are as they were are written again rather than jumped. */
#define GAP 4
/* From so many bytes on, a frame is bracketed, or the cursor hidden. */
#define WHOLE   48
#define UNKNOWN (-1)
/* Bytes of one frame, far beyond the largest. */
#define FRAME_MAX (16u << 20)

struct paint {
	struct canvas was;
	int valid;
	/* While a frame is made: */
	const struct paint_term *t;
	const struct canvas *c;
	struct buf body, *out;
	int failed;
	int x, y; /* of the cursor; UNKNOWN */
	int style;
	const char *link; /* that is open, or NULL */
	/* What the terminal is left with: */
	int at_x, at_y, shown;
};

struct paint *
paint_new(void)
{
	struct paint *p = calloc(1, sizeof(*p));

	if (p != NULL)
		buf_init(&p->body, FRAME_MAX);
	return p;
}

void
paint_free(struct paint *p)
{
	if (p == NULL)
		return;
	canvas_free(&p->was);
	buf_free(&p->body);
	free(p);
}

void
paint_reset(struct paint *p)
{
	p->valid = 0;
}

/* ---- clusters ---- */

static const struct {
	const char *s;
	int width;
} probes[PAINT_KINDS] = {
	[PAINT_SIMPLE] = { "a", 1 },
	[PAINT_VS16] = { "\xe2\x9d\xa4\xef\xb8\x8f", 2 },
	[PAINT_ZWJ] = { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80", 2 },
	[PAINT_FLAG] = { "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", 2 },
	[PAINT_TONE] = { "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2 },
	[PAINT_AMBIGUOUS] = { "\xe2\x94\x80", 1 },
	[PAINT_INDIC] = { "\xe0\xa4\xb7\xe0\xa4\xbf", 1 },
	[PAINT_JAMO] = { "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", 2 },
	[PAINT_NEW] = { "\xf0\x9f\xab\xa8", 2 },
};

const char *
paint_probe(enum paint_kind k, int *width)
{
	*width = probes[k].width;
	return probes[k].s;
}

static uint32_t
char_at(const char *s, size_t n, size_t *len)
{
	const uint8_t b = (uint8_t)s[0];
	uint32_t cp = b < 0x80 ? b
	    : b < 0xe0         ? b & 0x1f
	    : b < 0xf0         ? b & 0xf
			       : b & 7;
	const size_t want = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;

	*len = want < n ? want : n;
	for (size_t i = 1; i < *len; i++)
		cp = cp << 6 | ((uint8_t)s[i] & 0x3f);
	return cp;
}

static enum paint_kind
kind_of(const struct cell *k)
{
	enum paint_kind kind = PAINT_SIMPLE;
	uint32_t first = 0;

	for (size_t i = 0, len; i < k->n; i += len) {
		const uint32_t cp = char_at(k->s + i, k->n - i, &len);

		if (i == 0)
			first = cp;
		if (cp == 0x200d)
			return PAINT_ZWJ;
		if (cp == 0xfe0f)
			kind = PAINT_VS16;
		else if (cp >= 0x1f1e6 && cp <= 0x1f1ff)
			kind = PAINT_FLAG;
		else if (cp >= 0x1f3fb && cp <= 0x1f3ff)
			kind = PAINT_TONE;
	}
	if (kind != PAINT_SIMPLE)
		return kind;
	if (first >= 0x900 && first < 0xe00)
		return PAINT_INDIC;
	if (first >= 0x1100 && first < 0x1200)
		return PAINT_JAMO;
	return first >= 0x1fa70 && first < 0x20000 ? PAINT_NEW : PAINT_SIMPLE;
}

/* Several characters, or one that terminals disagree about? */
static int
is_risky(const struct cell *k)
{
	size_t len;
	uint32_t first;

	if (k->n < 2)
		return 0;
	first = char_at(k->s, k->n, &len);
	return len < k->n || first >= 0x1f000 || kind_of(k) != PAINT_SIMPLE;
}

/* Its bytes, as this terminal can take them. */
static struct span
shown_as(const struct paint_term *t, const struct cell *k, char letters[2])
{
	const struct span whole = { (const uint8_t *)k->s, k->n };
	const enum paint_kind kind = kind_of(k);
	size_t len, next;
	uint32_t cp;

	if (k->n == 0)
		return span_str(" ");
	if (k->n > 1 && !t->utf8)
		return span_str("?");
	if (k->n < 2 || t->fits[kind] || kind == PAINT_SIMPLE ||
	    kind == PAINT_INDIC)
		return whole;
	if (kind == PAINT_NEW) /* taken as nothing, it would be a blank */
		return span_str(REPLACEMENT);
	cp = char_at(k->s, k->n, &len);
	if (kind == PAINT_FLAG && len < k->n) {
		letters[0] = (char)('A' + (int)(cp - 0x1f1e6));
		cp = char_at(k->s + len, k->n - len, &next);
		letters[1] = (char)('A' + (int)(cp - 0x1f1e6) % 26);
		return (struct span){ (const uint8_t *)letters, 2 };
	}
	return (struct span){ (const uint8_t *)k->s, len };
}

/* ---- writing ---- */

static void
put_bytes(struct paint *p, struct span s)
{
	p->failed |= buf_add(p->out, s) != SOTTO_OK;
}

static void
put(struct paint *p, const char *s)
{
	put_bytes(p, span_str(s));
}

static void
go(struct paint *p, int x, int y)
{
	char seq[PAINT_SEQ_MAX];

	if (p->x == x && p->y == y)
		return;
	if (p->y == y && p->x > x && p->x - x <= 3) {
		for (int i = p->x; i > x; i--)
			put(p, "\b");
	} else {
		p->t->move(seq, x, y);
		put(p, seq);
	}
	p->x = x;
	p->y = y;
}

static void
restyle(struct paint *p, int style)
{
	if (p->style == style)
		return;
	if (p->style != UI_PLAIN)
		put(p, p->t->plain);
	put(p, p->t->look[style]);
	p->style = style;
}

static int
looks_blank(const struct cell *k)
{
	return k->n == 0 || (k->n == 1 && k->s[0] == ' ');
}

/* The style that counts: some look plain, a blank of most others, too. */
static int
style_of(const struct paint *p, const struct cell *k)
{
	return p->t->look[k->style][0] == '\0' ||
		(looks_blank(k) && !p->t->fills[k->style])
	    ? UI_PLAIN
	    : k->style;
}

static void
relink(struct paint *p, const struct cell *k)
{
	const char *to =
	    p->t->links && k->link > 0 ? p->c->link[k->link - 1] : NULL;

	if (to == p->link)
		return;
	put(p, "\033]8;;");
	put(p, to != NULL ? to : "");
	put(p, "\033\\");
	p->link = to;
}

static void
write_cell(struct paint *p, int x, int y, const struct cell *k)
{
	const int risky = is_risky(k);
	char letters[2];
	struct span s;

	go(p, x, y);
	/* A blank looks the same in all styles that do not fill it. */
	if (!looks_blank(k) || p->t->fills[k->style] || p->t->fills[p->style])
		restyle(p, style_of(p, k));
	relink(p, k);
	if (risky && k->width == 2) {
		/* It may be drawn narrower: nothing old shows behind it. */
		put(p, "  ");
		p->x = UNKNOWN; /* at the edge, it waits there */
		go(p, x, y);
	}
	s = shown_as(p->t, k, letters);
	put_bytes(p, s);
	if (k->width == 2 && s.n == 1)
		put_bytes(p, s); /* "??" */
	p->x = x + k->width;
	if (risky || p->x >= p->c->w)
		p->x = UNKNOWN;
}

static int
is_blank(const struct paint *p, const struct cell *k)
{
	return k->width == 1 && looks_blank(k) && style_of(p, k) == UI_PLAIN &&
	    k->link == 0;
}

static int
same(const struct paint *p, const struct cell *a, const struct cell *b)
{
	if (a->width != b->width || style_of(p, a) != style_of(p, b) ||
	    (a->link > 0) != (b->link > 0))
		return 0;
	if (a->link > 0 &&
	    strcmp(p->was.link[a->link - 1], p->c->link[b->link - 1]) != 0)
		return 0;
	if (is_blank(p, a) && is_blank(p, b))
		return 1;
	return a->n == b->n && memcmp(a->s, b->s, a->n) == 0;
}

/* From which column on there is nothing to be seen. */
static int
content_end(const struct paint *p, const struct cell *row)
{
	int end = p->c->w;

	while (end > 0 && is_blank(p, &row[end - 1]))
		end--;
	return end;
}

/* The next column that is not as it was, or w. */
static int
next_change(const struct paint *p, const struct cell *was,
    const struct cell *now, int x)
{
	while (x < p->c->w && same(p, &was[x], &now[x]))
		x++;
	/* The left half of a wide one has changed with the right one. */
	while (x > 0 && x < p->c->w && now[x].width == 0)
		x--;
	return x;
}

static void
paint_row(struct paint *p, int y)
{
	const struct canvas *c = p->c;
	const struct cell *now = &c->cell[y * c->w];
	const struct cell *was = &p->was.cell[y * c->w];
	const int end = content_end(p, now);
	const int last = y + 1 == c->h && !p->t->corner ? c->w - 1 : c->w;
	int x, all = 0;

	/* Mostly nothing has changed at all. */
	if (memcmp(now, was, (size_t)c->w * sizeof(*now)) == 0 &&
	    c->n_links == 0 && p->was.n_links == 0)
		return;
	x = next_change(p, was, now, 0);
	while (x < last) {
		int next;

		if (x >= end && p->t->clear_eol[0] != '\0' && last == c->w) {
			go(p, x, y);
			restyle(p, UI_PLAIN);
			put(p, p->t->clear_eol);
			return;
		}
		write_cell(p, x, y, &now[x]);
		/* Behind what may have been drawn wider, nothing is sure. */
		all |= is_risky(&now[x]) || is_risky(&was[x]);
		x += now[x].width > 0 ? now[x].width : 1;
		if (all)
			continue;
		next = next_change(p, was, now, x);
		if (next - x > GAP || next >= c->w)
			x = next;
	}
}

static enum sotto_err
begin_frame(struct paint *p)
{
	const struct canvas *c = p->c;
	enum sotto_err e;

	if (p->valid && p->was.w == c->w && p->was.h == c->h)
		return SOTTO_OK;
	if ((e = canvas_size(&p->was, c->w, c->h)) != SOTTO_OK)
		return e;
	p->style = UNKNOWN;
	put(p, p->t->plain);
	p->style = UI_PLAIN;
	put(p, p->t->clear);
	p->x = p->y = UNKNOWN;
	p->shown = UNKNOWN;
	p->valid = 1;
	return SOTTO_OK;
}

/* In one piece; small ones do without a bracket. */
static void
bracket(struct paint *p, struct buf *out)
{
	const int big = p->body.n > WHOLE;
	const int sync = big && p->t->begin[0] != '\0';
	const int visible = p->c->cur_y >= 0;

	p->out = out;
	if (sync)
		put(p, p->t->begin);
	if (p->shown != 0 && (!visible || (big && !sync))) {
		put(p, p->t->hide);
		p->shown = 0;
	}
	put_bytes(p, buf_bytes(&p->body));
	if (visible && p->shown != 1) {
		put(p, p->t->show);
		p->shown = 1;
	}
	if (sync)
		put(p, p->t->end);
}

static void
paint_all(struct paint *p)
{
	const struct canvas *c = p->c;

	for (int y = 0; y < c->h; y++)
		paint_row(p, y);
	restyle(p, UI_PLAIN);
	relink(p, &(const struct cell){ .width = 1 });
	if (c->cur_y >= 0)
		go(p, c->cur_x, c->cur_y);
	p->at_x = p->x;
	p->at_y = p->y;
}

enum sotto_err
paint_frame(struct paint *p, const struct paint_term *t, const struct canvas *c,
    struct buf *out)
{
	enum sotto_err e;

	p->t = t;
	p->c = c;
	p->out = &p->body;
	p->failed = 0;
	p->x = p->at_x;
	p->y = p->at_y;
	p->style = UI_PLAIN;
	p->link = NULL;
	if ((e = begin_frame(p)) != SOTTO_OK)
		return e;
	paint_all(p);
	if (p->body.n > 0 || p->shown != (c->cur_y >= 0))
		bracket(p, out);
	buf_free(&p->body); /* wipes: it was what somebody reads */
	if (p->failed || canvas_copy(&p->was, c) != SOTTO_OK) {
		p->valid = 0;
		return SOTTO_ENOMEM;
	}
	return SOTTO_OK;
}
