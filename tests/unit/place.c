/* The place that is read in a chat: it stays while lines come and go, and the
 * whole disk can be read through a window of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/engine_priv.h"
#include "sotto/history.h"
#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "ui/render.h"

#define ON_DISK 20000

/* A stage with an engine that is this test; the disk has lines 1 to disk. */
struct reader {
	struct stage *s;
	struct engine e;
	struct mchat *c;
	int64_t disk;
	size_t asked;
};

static int
reader_up(void **state)
{
	struct reader *r = calloc(1, sizeof(*r));
	void *st;

	assert_int_equal(stage_up(&st), 0);
	r->s = st;
	stage_fill(r->s->a);
	r->c = r->s->a->m.current;
	model_empty(r->c);
	r->disk = ON_DISK;
	r->e.cmds = mbox_new(64);
	r->s->a->e = &r->e;
	r->s->a->where = AT_CHAT;
	*state = r;
	return 0;
}

static int
reader_down(void **state)
{
	struct reader *r = *state;
	void *st = r->s;

	mbox_free(r->e.cmds);
	(void)stage_down(&st);
	free(r);
	return 0;
}

static void
tell_line(struct reader *r, enum msg_type type, int64_t id,
    const struct msg *page)
{
	struct msg *m = msg_new(type);

	assert_non_null(m);
	m->chat = r->c->number;
	m->name = r->c->name;
	m->line = id;
	m->id = (uint64_t)id;
	m->kind = HIST_THEIRS;
	m->sent_ms = 1000000000ULL;
	if (page != NULL) {
		m->page = page->page;
		m->newer = page->newer;
	}
	assert_true(msg_set_text(m, "line %ld is here", (long)id));
	app_on_event(r->s->a, m);
	msg_free(m);
}

/* As the engine answers. */
static void
answer_page(struct reader *r, const struct msg *cmd)
{
	const int64_t step = cmd->newer ? 1 : -1;
	const int n = cmd->line == INT64_MAX ? FIRST_LINES : PAGE_LINES;
	int64_t id = cmd->line == INT64_MAX ? r->disk : cmd->line + step;
	struct msg *m = msg_new(EV_PAGE);
	int k = 0;

	for (; k < n && id >= 1 && id <= r->disk; k++, id += step)
		tell_line(r, EV_LINE, id, cmd);
	assert_non_null(m);
	m->chat = r->c->number;
	m->page = cmd->page;
	m->newer = cmd->newer;
	m->on = k == n;
	app_on_event(r->s->a, m);
	msg_free(m);
	r->asked++;
}

static void
answer(struct reader *r)
{
	struct mbox_msg *h;

	while ((h = mbox_take(r->e.cmds)) != NULL) {
		struct msg *m = (struct msg *)(void *)h;

		if (h->type == CMD_PAGE)
			answer_page(r, m);
		msg_free(m);
	}
}

/* Drawn, what is needed asked for and there. */
static char *
look(struct reader *r, int w, int h)
{
	char *d = stage_draw(r->s, w, h);

	act_scrolled(r->s->a);
	answer(r);
	return d;
}

/* The first and last line in sight. */
static void
in_sight(struct reader *r, int w, int h, long *first, long *last)
{
	char *d = look(r, w, h);

	*first = *last = 0;
	for (char *p = d; (p = strstr(p, "  line ")) != NULL; p += 7) {
		*last = strtol(p + 7, NULL, 10);
		if (*first == 0)
			*first = *last;
	}
	free(d);
}

static void
start(struct reader *r)
{
	struct msg first = { .line = INT64_MAX };

	answer_page(r, &first);
	assert_int_equal(r->c->n_lines, FIRST_LINES);
}

static void
test_back_to_the_first_line(void **state)
{
	struct reader *r = *state;
	long first, last, before = ON_DISK + 1;
	int steps = 0;

	start(r);
	for (;; steps++) {
		assert_true(steps < 2 * ON_DISK);
		in_sight(r, 80, 24, &first, &last);
		assert_true(first <= before);
		/* No line is left out. */
		assert_true(last >= before - 1 || steps == 0);
		assert_true(r->c->n_lines <= MODEL_LINES_KEPT + PAGE_LINES);
		if (first == 1)
			break;
		before = first;
		act_scroll(r->s->a, 15);
	}
	assert_true(r->c->cut);
	/* Further up is nothing. */
	act_scroll(r->s->a, 100);
	in_sight(r, 80, 24, &first, &last);
	assert_int_equal(first, 1);
	/* And all the way down again. */
	for (before = 0, steps = 0; last < ON_DISK; steps++) {
		assert_true(steps < 2 * ON_DISK);
		act_scroll(r->s->a, -15);
		in_sight(r, 80, 24, &first, &last);
		assert_true(first <= before + 1 || before == 0);
		assert_true(last >= before);
		before = last;
	}
	in_sight(r, 80, 24, &first, &last);
	assert_int_equal(last, ON_DISK);
	act_scroll(r->s->a, -100);
	in_sight(r, 80, 24, &first, &last);
	assert_true(model_at_end(r->c));
}

static void
test_the_place_stays(void **state)
{
	struct reader *r = *state;
	long first, last, f, l;

	start(r);
	in_sight(r, 80, 24, &first, &last);
	assert_int_equal(last, ON_DISK);
	act_scroll(r->s->a, 20);
	in_sight(r, 80, 24, &first, &last);
	/* While lines come in front and behind. */
	for (int i = 0; i < 3 * MODEL_LINES_KEPT; i++) {
		tell_line(r, EV_TEXT, ++r->disk, NULL);
		if (i % 100 == 0) {
			in_sight(r, 80, 24, &f, &l);
			assert_int_equal(f, first);
			assert_int_equal(l, last);
		}
	}
	assert_int_equal(r->c->unread, 3 * MODEL_LINES_KEPT);
	assert_true(r->c->n_lines <= MODEL_LINES_KEPT);
	/* Another size shows the same lines at the bottom. */
	in_sight(r, 140, 40, &f, &l);
	assert_int_equal(l, last);
	in_sight(r, 80, 24, &f, &l);
	assert_int_equal(l, last);
	/* And at the end is what came. */
	act_newest(r->s->a, r->c);
	answer(r);
	in_sight(r, 80, 24, &f, &l);
	assert_int_equal(l, r->disk);
	assert_int_equal(r->c->unread, 0);
	tell_line(r, EV_TEXT, ++r->disk, NULL);
	in_sight(r, 80, 24, &f, &l);
	assert_int_equal(l, r->disk);
}

static void
test_to_any_line(void **state)
{
	static const int64_t lines[] = { 1, 2, 7, 9000, 19990, ON_DISK, 12 };
	struct reader *r = *state;
	long first, last;
	char want[32], *d;

	start(r);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		act_see(r->s->a, r->c, lines[i]);
		answer(r);
		d = look(r, 80, 24);
		(void)snprintf(want, sizeof(want), "line %ld is here",
		    (long)lines[i]);
		if (strstr(d, want) == NULL)
			fail_msg("%s is not in sight:\n%s", want, d);
		/* By a mark, not by its colour only. */
		assert_non_null(strstr(d, ">"));
		free(d);
		/* What is around it can be read. */
		act_scroll(r->s->a, 30);
		in_sight(r, 80, 24, &first, &last);
		assert_true(first < lines[i] || first == 1);
	}
	/* What one says is at the end, with what was said before it. */
	act_say(r->s->a, r->c, "here I am", 0);
	answer(r);
	d = look(r, 80, 24);
	assert_non_null(strstr(d, "here I am"));
	(void)snprintf(want, sizeof(want), "line %d is here", ON_DISK);
	assert_non_null(strstr(d, want));
	free(d);
	assert_true(model_at_end(r->c));
}

/* Answers to what is not wanted any more change nothing. */
static void
test_late_answers(void **state)
{
	struct reader *r = *state;
	struct msg *late;
	long first, last;

	start(r);
	act_see(r->s->a, r->c, 500);
	late = (struct msg *)(void *)mbox_take(r->e.cmds);
	assert_non_null(late);
	act_newest(r->s->a, r->c);
	answer(r);
	answer_page(r, late);
	msg_free(late);
	in_sight(r, 80, 24, &first, &last);
	assert_int_equal(last, ON_DISK);
	assert_true(first > ON_DISK - FIRST_LINES);
	assert_int_equal(r->c->n_lines, FIRST_LINES);
	/* A text that came before its page is there once. */
	act_see(r->s->a, r->c, 500);
	answer(r);
	act_newest(r->s->a, r->c);
	tell_line(r, EV_TEXT, ++r->disk, NULL);
	answer(r);
	assert_int_equal(r->c->n_lines, FIRST_LINES);
	for (size_t i = 1; i < r->c->n_lines; i++)
		assert_true(r->c->line[i].line == r->c->line[i - 1].line + 1);
}

/* Long texts: the first row and the last one can both be seen. */
static void
test_a_text_longer_than_the_pane(void **state)
{
	struct reader *r = *state;
	char text[8000];
	size_t n = 0;
	int top = 0, bottom = 0;

	for (int i = 0; i < 900; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "w%d ", i);
	for (int i = 0; i < 3; i++)
		(void)model_add_line(&r->s->a->m, r->c, LINE_THEIRS,
		    1000000000ULL, text);
	for (int i = 0; i < 200; i++) {
		char *d = look(r, 60, 12);

		bottom += strstr(d, "w899") != NULL;
		top += strstr(d, " w0 w1 ") != NULL;
		free(d);
		act_scroll(r->s->a, 5);
	}
	assert_true(top >= 3);
	assert_true(bottom >= 3);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, reader_up, reader_down)
	const struct CMUnitTest tests[] = {
		T(test_back_to_the_first_line),
		T(test_the_place_stays),
		T(test_to_any_line),
		T(test_late_answers),
		T(test_a_text_longer_than_the_pane),
	};
	struct secret_state st;

	(void)secret_harden(&st);
	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
