/* Finding words: what has them is found, what cannot have them is not opened,
 * and nothing stays behind of what was said once it is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#include "tests/lib/cm.h"
#include "tests/lib/disk.h"

#define FULL_RUNS 6
#define LINES     (FULL_RUNS * HIST_RUN + 100)

struct hunt {
	const char *words;
	size_t opened, hits;
	int64_t last;
};

static int
on_line(void *ctx, int64_t chat, const struct hist_line *l)
{
	struct hunt *h = ctx;
	char *folded = text_fold_dup(span_str(l->text));

	(void)chat;
	assert_non_null(folded);
	h->opened++;
	if (strstr(folded, h->words) != NULL) {
		h->hits++;
		h->last = l->id;
	}
	free(folded);
	return 1;
}

/* In steps, as the engine does it. */
static struct hunt
hunt(struct disk *d, const char *words)
{
	struct hist_look at = { .before = INT64_MAX };
	struct hunt h = { .words = words };
	int steps = 0;

	while (at.before > 0) {
		assert_true(steps++ < 100);
		assert_int_equal(hist_look(d->v, words, &at, 400, on_line, &h),
		    SOTTO_OK);
	}
	assert_true(at.seen >= h.opened);
	return h;
}

/* Line i says its own number in words of its own. */
static void
fill(struct disk *d, int64_t chat)
{
	char text[64];

	assert_int_equal(vault_begin(d->v), SOTTO_OK);
	for (uint64_t i = 0; i < LINES; i++) {
		(void)snprintf(text, sizeof(text), "Caf\xc3\xa9 ab%luc xy",
		    (unsigned long)i);
		(void)disk_add(d, chat, i % 2 ? HIST_MINE : HIST_THEIRS,
		    NOW_MS + i / 1000 * DAY_MS, i + 1, text);
	}
	assert_int_equal(vault_commit(d->v), SOTTO_OK);
}

static size_t
learn_all(struct disk *d)
{
	int64_t run = INT64_MAX;
	size_t n = 0;

	while (hist_learn(d->v, &run) == SOTTO_OK)
		n++;
	return n;
}

static void
test_every_line_is_found(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	char words[32];

	fill(d, bob);
	/* Without filters, with some, with all: the same. */
	for (int pass = 0; pass < 3; pass++) {
		for (unsigned i = 0; i < LINES; i += 97) {
			struct hunt h;

			(void)snprintf(words, sizeof(words), "ab%uc", i);
			h = hunt(d, words);
			assert_int_equal(h.hits, 1);
			assert_int_equal(h.last, i + 1);
		}
		assert_int_equal(hunt(d, "cafe ab").hits, LINES);
		assert_int_equal(hunt(d, "y").hits, LINES);
		assert_int_equal(hunt(d, "xz").hits, 0);
		if (pass == 0) {
			int64_t run = 3;

			assert_int_equal(hist_learn(d->v, &run), SOTTO_OK);
			assert_int_equal(run, 2);
		} else if (pass == 1)
			assert_int_equal(learn_all(d), FULL_RUNS - 1);
	}
	disk_again(d);
	assert_int_equal(learn_all(d), 0);
}

static void
test_what_cannot_have_it_is_not_opened(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;

	(void)disk_add(d, bob, HIST_THEIRS, NOW_MS, 0, "a heron at noon");
	fill(d, bob);
	assert_int_equal(hunt(d, "heron").opened, LINES + 1);
	assert_int_equal(learn_all(d), FULL_RUNS);
	/* The first run has it; the newest is not full and has no filter. */
	assert_int_equal(hunt(d, "heron").hits, 1);
	assert_int_equal(hunt(d, "heron").opened,
	    HIST_RUN - 1 + (LINES + 2) % HIST_RUN);
	assert_int_equal(hunt(d, "ostrich").opened, (LINES + 2) % HIST_RUN);
	assert_int_equal(hunt(d, "q").opened, (LINES + 2) % HIST_RUN);
}

static void
test_an_edited_line_is_found(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	struct hist_line l;

	fill(d, bob);
	(void)learn_all(d);
	assert_int_equal(hist_find(d->v, bob, 1, 2, &l), SOTTO_OK);
	free(l.text);
	l.text = strdup("an ostrich");
	l.flags |= HIST_EDITED;
	assert_int_equal(hist_set(d->v, bob, &l), SOTTO_OK);
	hist_line_free(&l);
	assert_int_equal(hunt(d, "ostrich").hits, 1);
	assert_int_equal(learn_all(d), 1);
	assert_int_equal(hunt(d, "ostrich").hits, 1);
	assert_int_equal(hunt(d, "ab1c").hits, 0);
}

static void
assert_filters(struct disk *d, size_t want)
{
	assert_int_equal(FULL_RUNS - learn_all(d), want);
	assert_int_equal(learn_all(d), 0);
}

/* What is gone must not be read out of a filter. */
static void
test_filters_go_with_the_lines(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id,
		      eve = disk_chat(d, "eve").id;
	int some = 0;

	(void)disk_add(d, eve, HIST_THEIRS, NOW_MS, 0, "a heron at noon");
	fill(d, bob);
	(void)learn_all(d);
	/* The day of the first thousand. */
	assert_int_equal(hist_expire(d->v, bob, 0,
			     (int64_t)(NOW_MS / DAY_MS) + 1, &some),
	    SOTTO_OK);
	assert_int_equal(some, 1);
	assert_filters(d, FULL_RUNS - 2);
	assert_int_equal(hunt(d, "heron").hits, 1);
	/* Of a chat that has one line in the first run. */
	assert_int_equal(hist_forget(d->v, eve), SOTTO_OK);
	assert_filters(d, FULL_RUNS - 1);
	assert_int_equal(hunt(d, "heron").hits, 0);
	assert_int_equal(hunt(d, "heron").opened, (LINES + 2) % HIST_RUN);
}

/* T63 for filters: one that was changed is not believed, and made anew. */
static void
test_a_changed_filter_is_none(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;

	fill(d, bob);
	(void)learn_all(d);
	disk_tamper(d,
	    "UPDATE words SET sealed = (SELECT sealed FROM words WHERE run = 4)"
	    " WHERE run = 0");
	assert_int_equal(hunt(d, "ab1c").hits, 1);
	disk_tamper(d,
	    "UPDATE words SET sealed = substr(sealed, 1, 100) WHERE run = 1");
	assert_int_equal(hunt(d, "ab600c").hits, 1);
	assert_int_equal(learn_all(d), 2);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, disk_setup, disk_teardown)
	const struct CMUnitTest t[] = {
		T(test_every_line_is_found),
		T(test_what_cannot_have_it_is_not_opened),
		T(test_an_edited_line_is_found),
		T(test_filters_go_with_the_lines),
		T(test_a_changed_filter_is_none),
	};

	return cmocka_run_group_tests_name("words", t, NULL, NULL);
}
