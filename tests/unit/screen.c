/* The screen as a value: canvas, and every view at every size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "base/text.h"

#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "ui/keymap.h"
#include "ui/render.h"
#include "ui/theme.h"

/* ---- canvas ---- */

static void
test_canvas_clips(void **state)
{
	struct canvas c = { 0 };
	char *dump;

	(void)state;
	assert_int_equal(canvas_size(&c, 5, 2), SOTTO_OK);
	assert_int_equal(canvas_text(&c, 0, 0, 5, UI_PLAIN, "abcdefgh"), 5);
	/* A wide one is never cut in half. */
	(void)canvas_text(&c, 0, 1, 4, UI_PLAIN,
	    "abc\xe6\x97\xa5"
	    "d");
	dump = canvas_dump(&c);
	assert_string_equal(dump, "abcde\nabc\n");
	free(dump);
	/* Outside is nowhere. */
	(void)canvas_text(&c, -3, 0, 9, UI_PLAIN, "x");
	(void)canvas_text(&c, 9, 9, 9, UI_PLAIN, "x");
	canvas_fill(&c, -5, -5, 100, UI_PLAIN, "x");
	canvas_fill(&c, 3, 0, 100, UI_PLAIN, "y");
	canvas_style(&c, -2, 1, 100, UI_WARN);
	dump = canvas_dump(&c);
	assert_string_equal(dump, "abcyy\nabc\n");
	free(dump);
	/* Writing into the right half takes the left one away. */
	canvas_clear(&c);
	(void)canvas_text(&c, 0, 0, 5, UI_PLAIN, "\xe6\x97\xa5\xe6\x9c\xac");
	(void)canvas_text(&c, 1, 0, 1, UI_PLAIN, "x");
	dump = canvas_dump(&c);
	assert_int_equal(text_width(span_str(dump)) <= 6, 1);
	assert_non_null(strchr(dump, 'x'));
	free(dump);
	assert_int_equal(canvas_size(&c, 1, 1), SOTTO_OK);
	canvas_free(&c);
}

/* What belongs to a message is not what was said. */
static void
test_body(void **state)
{
	char text[] = "> they said\nwe say (edited)";
	struct line l = { .text = text, .quoted = 1, .tail = 9 };

	(void)state;
	assert_true(span_eq(model_body(&l), span_str("we say")));
	l.tail = 1000; /* never beyond it */
	assert_true(model_body(&l).n <= strlen(l.text));
}

/* ---- every view at every size ---- */

/* Each row fits, and what was drawn is text. */
static void
check_rows(const char *dump, int w)
{
	assert_true(text_is_utf8(span_str(dump)));
	while (*dump != '\0') {
		const char *end = strchr(dump, '\n');
		struct span row = { (const uint8_t *)dump,
			(size_t)(end - dump) };

		assert_true((int)text_width(row) <= w);
		dump = end + 1;
	}
}

static void
every_place(struct stage *s)
{
	static const int sizes[][2] = { { 80, 24 }, { 140, 40 }, { 20, 5 },
		{ 40, 12 }, { 59, 20 }, { 60, 20 }, { 119, 30 }, { 120, 30 },
		{ 300, 100 }, { 80, 5 }, { 20, 60 } };

	for (int bit = 0; bit < UI_PLACES; bit++) {
		s->a->where = (enum ui_where)(1 << bit);
		for (int w = 1; w <= 12; w++) {
			for (int h = 1; h <= 12; h++) {
				char *d = stage_draw(s, w, h);

				check_rows(d, w);
				free(d);
			}
		}
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char *d = stage_draw(s, sizes[i][0], sizes[i][1]);

			check_rows(d, sizes[i][0]);
			free(d);
		}
	}
}

static void
test_every_view_at_every_size(void **state)
{
	struct stage *s = *state;

	every_place(s);
	stage_fill(s->a);
	for (int ascii = 0; ascii < 2; ascii++) {
		s->conf.ascii = ascii;
		s->a->show = ascii ? SHOW_DIGITS : SHOW_WORDS;
		every_place(s);
	}
	s->a->show_list = 1;
	s->a->m.current->scroll = 17;
	s->a->show = SHOW_QR;
	s->a->match.state = SAFETY_DIFFERS;
	s->a->match.form = SAFETY_BY_WORDS;
	(void)snprintf(s->a->error, sizeof(s->a->error), "What went wrong.");
	every_place(s);
}

static void
test_ascii_means_ascii(void **state)
{
	struct stage *s = *state;
	char *d;

	s->conf.ascii = 1;
	for (int bit = 0; bit < UI_PLACES; bit++) {
		s->a->where = (enum ui_where)(1 << bit);
		d = stage_draw(s, 80, 24);
		for (const char *p = d; *p != '\0'; p++)
			assert_true((unsigned char)*p < 0x80);
		free(d);
	}
}

/* The words of trust are the last that a narrow screen drops. */
static void
test_trust_is_shown_however_narrow(void **state)
{
	struct stage *s = *state;
	struct contact_info i = { .trust = TRUST_CHANGED };
	struct name n;

	stage_fill(s->a);
	s->a->where = AT_CHAT;
	assert_int_equal(name_parse(&n, span_str("a-name-of-16-chr")),
	    SOTTO_OK);
	model_set_known(&s->a->m, &n, &i);
	model_go(&s->a->m, model_find_chat(&s->a->m, &n));
	for (int w = 20; w <= 200; w++) {
		char *d = stage_draw(s, w, 10);

		if (strstr(d, "NEW KEY") == NULL)
			fail_msg("at %d columns:\n%s", w, d);
		free(d);
	}
	i.trust = TRUST_FIRST;
	model_set_known(&s->a->m, &n, &i);
	for (int w = 40; w <= 200; w++) {
		char *d = stage_draw(s, w, 10);

		if (strstr(d, "server not checked") == NULL && w >= 60)
			fail_msg("at %d columns:\n%s", w, d);
		free(d);
	}
}

/* Another key: what waits says so, and what can be done stands below it. */
static void
test_what_is_held_says_why(void **state)
{
	static const char *const words[] = { "! bob has a NEW KEY since",
		"You verified bob on", "is not that key", "/trust-new bob",
		"to bob (! NEW KEY, 1 message held)", " held" };
	struct stage *s = *state;
	struct contact_info i = { .trust = TRUST_CHANGED,
		.verified_at = 1000000,
		.changed_at = 2000000 };
	struct line *l;
	char *d;

	stage_fill(s->a);
	s->a->where = AT_CHAT;
	model_set_known(&s->a->m, &s->a->m.current->name, &i);
	for (size_t k = 0; k < s->a->m.current->n_lines; k++)
		s->a->m.current->line[k].state = SENT_READ;
	l = model_add_line(&s->a->m, s->a->m.current, LINE_MINE, 1000000000ULL,
	    "4711, and ring twice");
	assert_non_null(l);
	l->state = SENT_WAITING;
	d = stage_draw(s, 80, 24);
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (strstr(d, words[k]) == NULL)
			fail_msg("'%s' is not in\n%s", words[k], d);
	free(d);
	/* Taken for theirs: it goes. */
	i.trust = TRUST_FIRST;
	model_set_known(&s->a->m, &s->a->m.current->name, &i);
	d = stage_draw(s, 80, 24);
	assert_null(strstr(d, "NEW KEY"));
	assert_non_null(strstr(d, "waiting here"));
	free(d);
}

/* Looks that only differ in colour would say nothing to those without. */
static void
test_looks_differ_without_colour(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; (name = theme_name(i)) != NULL; i++) {
		struct theme t;
		const struct theme_look *w = &t.look[UI_WARN];
		const struct theme_look *p = &t.look[UI_PLAIN];
		const struct theme_look *s = &t.look[UI_SELECTED];

		assert_int_equal(theme_get(&t, name), SOTTO_OK);
		assert_true(w->bold && (w->underline || w->reverse));
		assert_true(s->reverse);
		assert_true(t.look[UI_LINK].underline);
		assert_false(p->bold || p->dim || p->reverse || p->underline);
		for (size_t k = 0; k < UI_STYLES; k++) {
			const struct theme_look *l = &t.look[k];
			const int c = theme_colour(l, 1);

			/* Neither green, yellow nor cyan on white; a word
			 * that was told by colour is bold or underlined. */
			assert_true(c < 2 || c == 4 || c == 5);
			assert_int_equal(theme_colour(l, 0), l->colour);
			if (c != l->colour && c < 0)
				assert_true(l->bold || l->underline);
		}
	}
}

static void
test_looks_of_ones_own(void **state)
{
	const struct theme_look *l;
	struct theme t;

	(void)state;
	assert_int_equal(theme_get(&t, "none such"), SOTTO_EFORMAT);
	assert_int_equal(theme_get(&t, theme_name(0)), SOTTO_OK);
	assert_null(theme_set(&t, "warn", "underline  bright-red"));
	l = &t.look[UI_WARN];
	assert_true(l->underline && !l->bold && l->colour == 9);
	assert_null(theme_set(&t, "link", "cyan"));
	assert_int_equal(theme_colour(&t.look[UI_LINK], 1), 6);
	assert_null(theme_set(&t, "link", "208 bold"));
	assert_int_equal(t.look[UI_LINK].colour, 208);
	assert_null(theme_set(&t, "link", "default"));
	assert_int_equal(t.look[UI_LINK].colour, THEME_NO_COLOUR);
	/* A mistake changes nothing. */
	assert_non_null(theme_set(&t, "warn", "bold pink"));
	assert_non_null(theme_set(&t, "warn", "256"));
	assert_non_null(theme_set(&t, "warn", "12x"));
	assert_non_null(theme_set(&t, "wrn", "bold"));
	assert_int_equal(l->colour, 9);
}

/* What came while we were away stands behind one line, which counts. */
static void
test_what_came_late_is_said(void **state)
{
	struct stage *s = *state;
	struct model *m = &s->a->m;
	struct mchat *c;
	size_t n;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	stage_fill(s->a);
	c = m->current;
	n = c->n_lines;
	m->off_ms = 1780055400000ULL; /* 11:50 */
	m->on_ms = m->off_ms + 11 * 60000;
	for (int i = 0; i < 2; i++) {
		model_late(m, c);
		(void)model_add_line(m, c, LINE_THEIRS, m->off_ms + 1, "late");
	}
	assert_int_equal(c->n_lines, n + 3);
	assert_int_equal(c->line[n].kind, LINE_GAP);
	assert_string_equal(c->line[n].text,
	    "you were offline 11:50-12:01, 2 late");
	/* Lines from before do not move it. */
	(void)model_old_line(c, LINE_NOTE, 1, "of long ago");
	model_late(m, c);
	assert_string_equal(c->line[n + 1].text,
	    "you were offline 11:50-12:01, 3 late");
	/* The next time there is a line of its own. */
	m->off_ms += 3600000;
	model_late(m, c);
	assert_int_equal(c->line[c->n_lines - 1].kind, LINE_GAP);
}

/* Older lines come in front, with their states; the view does not jump. */
static void
test_older_lines_come_in_front(void **state)
{
	struct stage *s = *state;
	struct mchat *c;
	size_t n, first_new;

	stage_fill(s->a);
	c = s->a->m.current;
	n = c->n_lines;
	first_new = c->first_new;
	c->scroll = 3;
	(void)model_old_line(c, LINE_MINE, 1, "of yesterday");
	assert_int_equal(c->n_lines, n + 1);
	assert_string_equal(c->line[0].text, "of yesterday");
	assert_int_equal(c->first_new, first_new + 1);
	assert_int_equal(c->scroll, 3);
	model_empty(c);
	assert_int_equal(c->n_lines, 0);
	s->a->where = AT_CHAT;
	free(stage_draw(s, 80, 24));
}

/* Drawing does not look at what cannot be seen. */
static void
test_many_lines_are_not_all_drawn(void **state)
{
	struct stage *s = *state;

	stage_fill(s->a);
	for (int i = 0; i < 50000; i++)
		(void)model_add_line(&s->a->m, s->a->m.current, LINE_THEIRS,
		    1000000000ULL, "line");
	s->a->where = AT_CHAT;
	free(stage_draw(s, 80, 24));
	assert_true(s->f->n_msgs < 60);
	/* And what came can fill the memory only so far. */
	assert_true(s->a->m.current->n_lines <= MODEL_LINES_KEPT);
	s->a->m.current->scroll = 5000;
	free(stage_draw(s, 80, 24));
}

int
main(void)
{
	struct secret_state st;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canvas_clips),
		cmocka_unit_test(test_body),
		cmocka_unit_test_setup_teardown(test_every_view_at_every_size,
		    stage_up, stage_down),
		cmocka_unit_test_setup_teardown(test_ascii_means_ascii,
		    stage_up, stage_down),
		cmocka_unit_test_setup_teardown(
		    test_trust_is_shown_however_narrow, stage_up, stage_down),
		cmocka_unit_test_setup_teardown(test_what_is_held_says_why,
		    stage_up, stage_down),
		cmocka_unit_test(test_looks_differ_without_colour),
		cmocka_unit_test(test_looks_of_ones_own),
		cmocka_unit_test_setup_teardown(test_what_came_late_is_said,
		    stage_up, stage_down),
		cmocka_unit_test_setup_teardown(test_older_lines_come_in_front,
		    stage_up, stage_down),
		cmocka_unit_test_setup_teardown(
		    test_many_lines_are_not_all_drawn, stage_up, stage_down),
	};

	(void)secret_harden(&st); /* masked fields lie in locked memory */
	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
