/* What is written to a terminal shows the canvas, whatever was shown before. */
#include "ui/paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "base/text.h"

#include "tests/lib/cm.h"

#define OUT_MAX (1u << 20)

struct bench {
	VTerm *vt;
	VTermScreen *screen;
	struct paint *paint;
	struct paint_term can;
	struct buf out;
	size_t wrote; /* bytes of the last frame */
	uint64_t seed;
};

static unsigned
draw(struct bench *b, unsigned below)
{
	b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(b->seed >> 33) % below;
}

static void
move(char out[PAINT_SEQ_MAX], int x, int y)
{
	(void)snprintf(out, PAINT_SEQ_MAX, "\033[%d;%dH", y + 1, x + 1);
}

static void
set_up(struct bench *b, int w, int h)
{
	static const VTermScreenCallbacks none;
	struct paint_term *t = &b->can;

	memset(b, 0, sizeof(*b));
	b->vt = vterm_new(h, w);
	vterm_set_utf8(b->vt, 1);
	b->screen = vterm_obtain_screen(b->vt);
	vterm_screen_set_callbacks(b->screen, &none, b);
	vterm_screen_reset(b->screen, 1);
	b->paint = paint_new();
	assert_non_null(b->paint);
	buf_init(&b->out, OUT_MAX);
	(void)snprintf(t->plain, sizeof(t->plain), "\033[m");
	(void)snprintf(t->clear, sizeof(t->clear), "\033[H\033[2J");
	(void)snprintf(t->clear_eol, sizeof(t->clear_eol), "\033[K");
	(void)snprintf(t->hide, sizeof(t->hide), "\033[?25l");
	(void)snprintf(t->show, sizeof(t->show), "\033[?25h");
	(void)snprintf(t->look[UI_BOLD], sizeof(t->look[UI_BOLD]), "\033[1m");
	(void)snprintf(t->look[UI_SELECTED], sizeof(t->look[UI_SELECTED]),
	    "\033[7m");
	t->fills[UI_SELECTED] = 1;
	t->move = move;
	t->utf8 = t->corner = t->links = 1;
	memset(t->fits, 1, sizeof(t->fits));
	b->seed = 1;
}

static void
tear_down(struct bench *b)
{
	vterm_free(b->vt);
	paint_free(b->paint);
	buf_free(&b->out);
}

static void
show(struct bench *b, const struct canvas *c)
{
	struct span s;

	assert_int_equal(paint_frame(b->paint, &b->can, c, &b->out), SOTTO_OK);
	s = buf_bytes(&b->out);
	b->wrote = s.n;
	(void)vterm_input_write(b->vt, (const char *)s.p, s.n);
	buf_consume(&b->out, s.n);
}

/* Every cell, its looks, and the cursor. */
static void
expect_shown(const struct bench *b, const struct canvas *c)
{
	VTermPos at;

	for (int y = 0; y < c->h; y++) {
		for (int x = 0; x < c->w; x++) {
			const struct cell *k = &c->cell[y * c->w + x];
			VTermPos pos = { .row = y, .col = x };
			VTermScreenCell v;
			const uint8_t first = k->n > 0 ? (uint8_t)k->s[0] : 0;

			if (k->width == 0)
				continue;
			(void)vterm_screen_get_cell(b->screen, pos, &v);
			if (k->n < 2 && (first == 0 || first == ' '))
				assert_true(
				    v.chars[0] == 0 || v.chars[0] == ' ');
			else if (first < 0x80)
				assert_int_equal(v.chars[0], first);
			else
				assert_true(v.chars[0] >= 0x80);
			assert_int_equal(v.attrs.reverse,
			    k->style == UI_SELECTED);
			if (first > ' ' && k->style == UI_BOLD)
				assert_true(v.attrs.bold);
		}
	}
	if (c->cur_y < 0)
		return;
	vterm_state_get_cursorpos(vterm_obtain_state(b->vt), &at);
	assert_int_equal(at.row, c->cur_y);
	assert_int_equal(at.col, c->cur_x);
}

/* Some text somewhere, in some style. */
static void
scribble(struct bench *b, struct canvas *c)
{
	static const char *const texts[] = { "hello", " ", "x", "   ",
		"\xe6\x97\xa5\xe6\x9c\xac", "e\xcc\x81t", "\xef\xbc\xa1",
		"the quick brown fox", "\xc3\xa4\xc3\xb6", "\xf0\x9f\x98\x80!",
		"\xe2\x9d\xa4\xef\xb8\x8f?" };
	static const enum ui_style styles[] = { UI_PLAIN, UI_BOLD,
		UI_SELECTED };

	if (draw(b, 12) == 0)
		canvas_clear(c);
	(void)canvas_text(c, (int)draw(b, (unsigned)c->w),
	    (int)draw(b, (unsigned)c->h), c->w, styles[draw(b, 3)],
	    texts[draw(b, sizeof(texts) / sizeof(texts[0]))]);
	c->cur_x = (int)draw(b, (unsigned)c->w);
	c->cur_y = (int)draw(b, (unsigned)c->h + 1) - 1;
}

static void
test_any_frame_after_any_other(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		const int w = 1 + (int)(round * 7 % 40), h = 1 + (int)round % 9;
		struct canvas c = { 0 };
		struct bench b;

		set_up(&b, w, h);
		b.seed = round + 1;
		assert_int_equal(canvas_size(&c, w, h), SOTTO_OK);
		for (int i = 0; i < 200; i++) {
			const unsigned n = draw(&b, 4);

			for (unsigned k = 0; k <= n; k++)
				scribble(&b, &c);
			if (draw(&b, 40) == 0)
				paint_reset(b.paint);
			show(&b, &c);
			expect_shown(&b, &c);
			show(&b, &c);
			assert_int_equal(b.wrote, 0); /* nothing has changed */
		}
		canvas_free(&c);
		tear_down(&b);
	}
}

static void
test_another_size(void **state)
{
	struct canvas c = { 0 };
	struct bench b;

	(void)state;
	set_up(&b, 20, 6);
	assert_int_equal(canvas_size(&c, 20, 6), SOTTO_OK);
	(void)canvas_text(&c, 0, 5, 20, UI_SELECTED, "at the very bottom, now");
	show(&b, &c);
	expect_shown(&b, &c);
	vterm_set_size(b.vt, 3, 9);
	assert_int_equal(canvas_size(&c, 9, 3), SOTTO_OK);
	(void)canvas_text(&c, 0, 2, 9, UI_SELECTED, "123456789");
	show(&b, &c);
	expect_shown(&b, &c);
	canvas_free(&c);
	tear_down(&b);
}

/* A key that is typed costs a few bytes, and no hiding of the cursor. */
static void
test_typing_is_cheap(void **state)
{
	struct canvas c = { 0 };
	struct bench b;
	char text[40] = "";

	(void)state;
	set_up(&b, 80, 24);
	assert_int_equal(canvas_size(&c, 80, 24), SOTTO_OK);
	c.cur_y = 20;
	show(&b, &c);
	for (size_t i = 0; i < 30; i++) {
		text[i] = (char)('a' + i % 26);
		(void)canvas_text(&c, 0, 20, 80, UI_INPUT, text);
		c.cur_x++;
		show(&b, &c);
		assert_int_equal(b.wrote, 1);
	}
	/* Backspace: back, a blank, back. */
	(void)canvas_text(&c, 29, 20, 1, UI_INPUT, " ");
	c.cur_x--;
	show(&b, &c);
	assert_true(b.wrote <= 8);
	expect_shown(&b, &c);
	canvas_free(&c);
	tear_down(&b);
}

static size_t
count(struct bench *b, const struct canvas *c, const char *what)
{
	size_t n = 0;
	char *all;

	paint_reset(b->paint);
	assert_int_equal(paint_frame(b->paint, &b->can, c, &b->out), SOTTO_OK);
	all = strndup((const char *)buf_bytes(&b->out).p, b->out.n);
	assert_non_null(all);
	for (char *at = all; (at = strstr(at, what)) != NULL; at++)
		n++;
	free(all);
	buf_consume(&b->out, b->out.n);
	return n;
}

/* What a terminal cannot show as one cluster is shown by something else. */
static void
test_what_does_not_fit_is_seen(void **state)
{
	struct canvas c = { 0 };
	struct bench b;

	(void)state;
	set_up(&b, 20, 2);
	assert_int_equal(canvas_size(&c, 20, 2), SOTTO_OK);
	(void)canvas_text(&c, 0, 0, 20, UI_PLAIN,
	    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"
	    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd.");
	assert_int_equal(count(&b, &c, "\xe2\x80\x8d"), 1);
	assert_int_equal(count(&b, &c, "\xf0\x9f\x87\xa9"), 1);
	b.can.fits[PAINT_ZWJ] = b.can.fits[PAINT_FLAG] = 0;
	b.can.fits[PAINT_TONE] = 0;
	assert_int_equal(count(&b, &c, "\xe2\x80\x8d"), 0);
	assert_int_equal(count(&b, &c, "\xf0\x9f\x91\xa9"), 1);
	assert_int_equal(count(&b, &c, "DE"), 1);
	assert_int_equal(count(&b, &c, "\xf0\x9f\x91\x8d"), 1);
	assert_int_equal(count(&b, &c, "\xf0\x9f\x8f\xbd"), 0);
	/* Behind each of them the cursor is put, whatever it is by itself. */
	assert_int_equal(count(&b, &c, "\033[1;7H."), 1);
	b.can.utf8 = 0;
	assert_int_equal(count(&b, &c, "??"), 3);
	canvas_free(&c);
	tear_down(&b);
}

static void
test_links(void **state)
{
	const struct span bad = span_str("https://x\033[2J");
	struct canvas c = { 0 };
	struct bench b;

	(void)state;
	set_up(&b, 30, 2);
	assert_int_equal(canvas_size(&c, 30, 2), SOTTO_OK);
	(void)canvas_text(&c, 0, 0, 30, UI_LINK, "sotto.example/a");
	canvas_link(&c, 0, 0, 15, span_str("https://sotto.example/a"));
	canvas_link(&c, 0, 1, 5, bad);
	assert_int_equal(count(&b, &c, "\033]8;;https://sotto.example/a\033\\"),
	    1);
	assert_int_equal(count(&b, &c, "\033]8;;\033\\"), 1);
	show(&b, &c);
	assert_int_equal(b.wrote, 0);
	canvas_link(&c, 0, 0, 15, span_str("https://other.example"));
	show(&b, &c);
	assert_true(b.wrote > 0); /* the same letters, another address */
	b.can.links = 0;
	assert_int_equal(count(&b, &c, "\033]8"), 0);
	canvas_free(&c);
	tear_down(&b);
}

/* A frame of some size is one piece for terminals that know how. */
static void
test_one_piece(void **state)
{
	struct canvas c = { 0 };
	struct bench b;

	(void)state;
	set_up(&b, 60, 4);
	assert_int_equal(canvas_size(&c, 60, 4), SOTTO_OK);
	for (int y = 0; y < 4; y++)
		canvas_fill(&c, 0, y, 60, UI_PLAIN, "x");
	c.cur_y = 0;
	assert_int_equal(count(&b, &c, "\033[?25l"), 1);
	assert_int_equal(count(&b, &c, "\033[?25h"), 1);
	(void)snprintf(b.can.begin, sizeof(b.can.begin), "\033[?2026h");
	(void)snprintf(b.can.end, sizeof(b.can.end), "\033[?2026l");
	assert_int_equal(count(&b, &c, "\033[?2026h"), 1);
	assert_int_equal(count(&b, &c, "\033[?2026l"), 1);
	assert_int_equal(count(&b, &c, "\033[?25l"), 0);
	canvas_free(&c);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_frame_after_any_other),
		cmocka_unit_test(test_another_size),
		cmocka_unit_test(test_typing_is_cheap),
		cmocka_unit_test(test_what_does_not_fit_is_seen),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_one_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
