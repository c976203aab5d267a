/* The strings and lines of one frame; see present.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/present.h"

#define BLOCK_SIZE 16384
#define MARK_MS    200

/* Blocks never move, so that strings stay where they are. */
struct frame_text {
	struct frame_text *next;
	size_t n;
	char b[BLOCK_SIZE];
};

static void
drop_text(struct frame *f)
{
	struct frame_text *t;

	while ((t = f->text) != NULL) {
		f->text = t->next;
		secret_wipe(t->b, t->n);
		free(t);
	}
}

void
frame_begin(struct frame *f, const struct app *a, int w, int h)
{
	drop_text(f);
	memset(&f->v, 0, sizeof(f->v));
	memset(&f->box, 0, sizeof(f->box));
	f->n = f->n_side = f->n_foot = f->n_detail = f->n_fields = 0;
	f->n_items = f->n_msgs = f->n_box = 0;
	f->cols = w;
	f->rows = h;
	f->v.ascii = a->conf->ascii || a->wide_lines;
}

void
frame_free(struct frame *f)
{
	drop_text(f);
	free(f->msg);
	f->msg = NULL;
	f->cap_msgs = 0;
}

/* ---- strings ---- */

const char *
say(struct frame *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= BLOCK_SIZE)
		return "";
	if (f->text == NULL || BLOCK_SIZE - f->text->n <= (size_t)n) {
		struct frame_text *t = malloc(sizeof(*t));

		if (t == NULL)
			return "";
		t->n = 0;
		t->next = f->text;
		f->text = t;
	}
	char *out = f->text->b + f->text->n;

	va_start(ap, fmt);
	(void)vsnprintf(out, (size_t)n + 1, fmt, ap);
	va_end(ap);
	f->text->n += (size_t)n + 1;
	return out;
}

static struct tm
local_of(uint64_t wall_s)
{
	time_t t = (time_t)wall_s;
	struct tm tm = { 0 };

	(void)localtime_r(&t, &tm);
	return tm;
}

const char *
say_time(struct frame *f, uint64_t wall_ms)
{
	const struct tm tm = local_of(wall_ms / 1000);

	return say(f, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

const char *
say_date(struct frame *f, uint64_t wall_s)
{
	const struct tm tm = local_of(wall_s);

	return say(f, "%d %s %d", tm.tm_mday, months[tm.tm_mon % 12],
	    tm.tm_year + 1900);
}

const char *
say_day(struct frame *f, uint64_t wall_s)
{
	const int now = local_of(clock_wall_ms() / 1000).tm_year;
	const struct tm tm = local_of(wall_s);

	if (tm.tm_year == now)
		return say(f, "%2d %.3s", tm.tm_mday, months[tm.tm_mon % 12]);
	return say(f, "%2d %.3s %d", tm.tm_mday, months[tm.tm_mon % 12],
	    tm.tm_year + 1900);
}

const char *
say_ago(struct frame *f, uint64_t ms)
{
	const unsigned long s = (unsigned long)(ms / 1000);

	if (s < 60)
		return "just now";
	if (s < 3600)
		return say(f, "%lu min ago", s / 60);
	return say(f, "%lu h ago", s / 3600);
}

const char *
say_n(struct frame *f, size_t n, const char *one, const char *many)
{
	return say(f, "%zu %s", n, n == 1 ? one : many);
}

const char *
say_mark(struct frame *f, struct app *a, uint64_t since_ms)
{
	static const char marks[] = "|/-\\";
	const uint64_t now = app_now_ms(), took = now - since_ms;

	a->redraw_at_ms = now + MARK_MS;
	return say(f, "%c %llu s", marks[took / MARK_MS % 4],
	    (unsigned long long)(took / 1000));
}

/* ---- lines ---- */

static struct ui_line *
put(struct ui_line *l, size_t *n, size_t cap, enum ui_style st,
    const char *text)
{
	/* The last place is written over: a view is never longer than it. */
	struct ui_line *at = &l[*n < cap ? (*n)++ : cap - 1];

	memset(at, 0, sizeof(*at));
	at->style = st;
	at->text = text;
	return at;
}

struct ui_line *
add_line(struct frame *f, enum ui_style st, int indent, const char *text)
{
	struct ui_line *l = put(f->line, &f->n, UI_LINES_MAX, st, text);

	l->indent = indent;
	return l;
}

struct ui_line *
add_fixed(struct frame *f, enum ui_style st, int indent, const char *text)
{
	struct ui_line *l = add_line(f, st, indent, text);

	l->kind = UI_LINE_FIXED;
	return l;
}

void
add_label(struct frame *f, const char *label, const char *text)
{
	add_line(f, UI_PLAIN, 1, text)->label = label;
}

void
add_side(struct frame *f, enum ui_style st, const char *text)
{
	put(f->side, &f->n_side, FRAME_SIDE, st, text)->kind = UI_LINE_FIXED;
}

void
add_foot(struct frame *f, enum ui_style st, const char *text)
{
	(void)put(f->foot, &f->n_foot, FRAME_FOOT, st, text);
}

struct ui_line *
add_box(struct frame *f, enum ui_style st, const char *text)
{
	return put(f->box_line, &f->n_box, UI_LINES_MAX, st, text);
}

void
add_field(struct frame *f, const struct edit *e, const char *label, int active)
{
	if (f->n_fields >= UI_FIELDS_MAX)
		return;
	f->v.page.field[f->n_fields++] =
	    (struct ui_field){ .edit = e, .label = label, .active = active };
	add_line(f, UI_INPUT, 3, NULL)->kind = UI_LINE_FIELD;
}

void
add_block(struct frame *f, const struct safety_block *b, int words)
{
	for (size_t r = 0; r < 3; r++) {
		const char *row = "";

		for (size_t c = 0; c < 4; c++) {
			/* Words run down the columns, digits along the rows,
			 * as in what sottod prints. */
			size_t i = words ? c * 3 + r : r * 4 + c;

			if (words)
				row = say(f, "%s%2zu %-10s", row, i + 1,
				    b->word[i]);
			else
				row = say(f, "%s%s  ", row, b->group[i]);
		}
		(void)add_fixed(f, UI_BOLD, words ? 6 : 8, row);
	}
}

/* ---- people ---- */

const char *
presence_words(const struct app *a, const struct mchat *c)
{
	if (c->typing_until_ms > app_now_ms())
		return "typing";
	switch (model_presence(&a->m, &c->name)) {
	case WIRE_ONLINE:
		return "online";
	case WIRE_BUSY:
		return "busy";
	case WIRE_OFFLINE:
		break;
	}
	return "offline";
}

const char *
trust_words(struct frame *f, const struct contact_info *i)
{
	if (i == NULL)
		return "";
	switch (i->trust) {
	case TRUST_VERIFIED:
		return "v verified";
	case TRUST_CHANGED:
		return say(f, "! NEW KEY %s %s", say_date(f, i->changed_at),
		    say_time(f, i->changed_at * 1000));
	case TRUST_FIRST:
		return "not verified";
	case TRUST_UNKNOWN:
		return "";
	}
	return "";
}

const char *
how_words(enum verify_how h)
{
	switch (h) {
	case HOW_DIGITS:
		return "sotto compared the digits";
	case HOW_WORDS:
		return "sotto compared the words";
	case HOW_GROUPS:
		return "you typed groups that they read";
	case HOW_EYE:
		return "you compared by eye";
	case HOW_NONE:
		return "not compared";
	}
	return "";
}

enum ui_style
trust_style(const struct contact_info *i)
{
	if (i == NULL)
		return UI_TITLE;
	return i->trust == TRUST_VERIFIED ? UI_GOOD
	    : i->trust == TRUST_CHANGED   ? UI_WARN
					  : UI_TITLE;
}
