/* The lines of a chat: a window on what the disk has; see model.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/history.h"
#include "sotto/model.h"

static void
free_line(struct line *l)
{
	secret_wipe(l->text, strlen(l->text));
	free(l->text);
	free(l->why);
}

/* ---- the window ---- */

int
model_at_end(const struct mchat *c)
{
	return c->end == c->n_lines && c->scroll == 0 && !c->cut;
}

static void
drop_lines(struct mchat *c, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		c->bytes -= strlen(c->line[i].text);
		free_line(&c->line[i]);
	}
	c->n_lines -= n;
	memmove(c->line + from, c->line + from + n,
	    (c->n_lines - from) * sizeof(c->line[0]));
}

static int64_t
oldest_on_disk(const struct mchat *c)
{
	for (size_t i = 0; i < c->n_lines; i++)
		if (c->line[i].line > 0)
			return c->line[i].line;
	return 0;
}

int64_t
model_newest(const struct mchat *c)
{
	for (size_t i = c->n_lines; i > 0; i--)
		if (c->line[i - 1].line > 0)
			return c->line[i - 1].line;
	return 0;
}

/* A peer who never stops must not fill the memory; the disk has it all. */
static void
drop_oldest(struct mchat *c)
{
	const size_t n = c->n_lines / 4;

	drop_lines(c, 0, n);
	c->first_new = c->first_new >= n ? c->first_new - n : 0;
	c->late_at = c->late_at >= n ? c->late_at - n : c->n_lines;
	c->end = c->end >= n ? c->end - n : 0;
	c->oldest = oldest_on_disk(c);
	c->no_older = 0;
}

/* Nor must who reads far back. */
static void
drop_newest(struct mchat *c)
{
	const size_t n = c->n_lines / 4, from = c->n_lines - n;

	if (c->end > from)
		return; /* they are in sight */
	for (size_t i = from; i < c->n_lines; i++)
		c->waiting_cut += c->line[i].kind == LINE_MINE &&
		    c->line[i].state == SENT_WAITING;
	drop_lines(c, from, n);
	c->cut = 1;
	if (c->first_new > from)
		c->first_new = from;
	if (c->late_at > from)
		c->late_at = from;
}

static int
is_full(const struct mchat *c)
{
	return c->n_lines >= MODEL_LINES_KEPT || c->bytes >= MODEL_BYTES_KEPT;
}

void
model_window(struct model *m, struct mchat *c, int64_t around)
{
	size_t waiting = c->waiting_cut, n = 0;

	for (size_t i = 0; i < c->n_lines; i++)
		waiting += c->line[i].kind == LINE_MINE &&
		    c->line[i].state == SENT_WAITING;
	/* What is only here would not come back from the disk. */
	for (size_t i = 0; i < c->n_lines; i++) {
		struct line *l = &c->line[i];

		if (around == 0 && l->line == 0) {
			c->line[n++] = *l;
			continue;
		}
		c->bytes -= strlen(l->text);
		free_line(l);
	}
	c->n_lines = n;
	c->waiting_cut = around != 0 ? waiting : 0;
	c->cut = around != 0;
	c->oldest = 0;
	c->no_older = 0;
	c->first_new = c->late_at = c->end = c->n_lines;
	c->scroll = 0;
	c->below = 0;
	c->marked = c->want = around;
	c->page = ++m->last_page;
	c->paging = 0;
}

int
model_see(struct mchat *c, int64_t line)
{
	for (size_t i = 0; line != 0 && i < c->n_lines; i++) {
		if (c->line[i].line != line)
			continue;
		c->end = i + 1;
		c->scroll = -MODEL_BELOW;
		c->marked = line;
		return 1;
	}
	return 0;
}

static int
make_room(struct mchat *c)
{
	size_t cap = c->cap > 0 ? 2 * c->cap : 64;
	struct line *more;

	if (c->n_lines < c->cap)
		return 1;
	if ((more = realloc(c->line, cap * sizeof(struct line))) == NULL)
		return 0;
	c->line = more;
	c->cap = cap;
	return 1;
}

/* ---- one more ---- */

/* At the end, however it came. */
static struct line *
append(struct mchat *c, enum line_kind k, uint64_t at_ms, const char *text)
{
	struct line *l;
	char *safe = text_safe_dup(span_str(text), TEXT_LINES);

	if (safe == NULL)
		return NULL;
	if (is_full(c))
		drop_oldest(c);
	if (!make_room(c)) {
		free(safe);
		return NULL;
	}
	l = &c->line[c->n_lines++];
	*l = (struct line){ .kind = k, .at_ms = at_ms, .text = safe };
	c->bytes += strlen(safe);
	return l;
}

struct line *
model_add_line(struct model *m, struct mchat *c, enum line_kind k,
    uint64_t at_ms, const char *text)
{
	const int follow = model_at_end(c);
	struct line *l = append(c, k, at_ms, text);

	if (l == NULL)
		return NULL;
	/* Read is what is open and at the bottom. */
	if (k == LINE_THEIRS && (m->current != c || !follow)) {
		if (c->unread++ == 0)
			c->first_new = c->n_lines - 1;
	}
	if (follow)
		c->end = c->n_lines;
	else
		c->below++;
	if (m->on_line != NULL)
		m->on_line(m->hook, c, l);
	return l;
}

int
model_cannot_add(struct mchat *c)
{
	/* The place that is read must not go. */
	if (!c->cut && !model_at_end(c) && is_full(c))
		c->cut = 1;
	return c->cut;
}

struct line *
model_newer_line(struct mchat *c, enum line_kind k, uint64_t at_ms,
    const char *text)
{
	return append(c, k, at_ms, text);
}

struct line *
model_old_line(struct mchat *c, enum line_kind k, uint64_t at_ms,
    const char *text)
{
	char *safe = text_safe_dup(span_str(text), TEXT_LINES);

	if (safe != NULL && is_full(c))
		drop_newest(c);
	if (safe == NULL || !make_room(c)) {
		free(safe);
		return NULL;
	}
	memmove(c->line + 1, c->line, c->n_lines * sizeof(c->line[0]));
	c->line[0] = (struct line){ .kind = k, .at_ms = at_ms, .text = safe };
	c->bytes += strlen(safe);
	c->n_lines++;
	c->first_new++;
	c->late_at++;
	c->end++;
	return &c->line[0];
}

static void
say_time(char out[16], uint64_t ms)
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(out, 16, "%H:%M", &tm) == 0)
		out[0] = '\0';
}

void
model_late(struct model *m, struct mchat *c)
{
	char from[16], to[16], text[128];
	char *safe;

	if (c->late_from_ms != m->off_ms) {
		c->late_from_ms = m->off_ms;
		c->late = 0;
		if (model_add_line(m, c, LINE_GAP, m->on_ms, "-") == NULL)
			return;
		c->late_at = c->n_lines - 1;
	}
	c->late++;
	say_time(from, m->off_ms);
	say_time(to, m->on_ms);
	(void)snprintf(text, sizeof(text), "you were offline %s-%s, %zu late",
	    from, to, c->late);
	if (c->late_at >= c->n_lines || (safe = strdup(text)) == NULL)
		return;
	c->bytes += strlen(safe) - strlen(c->line[c->late_at].text);
	free(c->line[c->late_at].text);
	c->line[c->late_at].text = safe;
}

void
model_note(struct model *m, struct mchat *c, enum line_kind k, uint64_t at_ms,
    const char *fmt, ...)
{
	char text[MSG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)model_add_line(m, c, k, at_ms, text);
}

/* ---- changes to what is here ---- */

void
model_set_text(struct mchat *c, const struct msg *m)
{
	const enum line_kind k = m->kind == HIST_MINE ? LINE_MINE : LINE_THEIRS;
	char *safe;

	for (size_t i = c->n_lines; i > 0; i--) {
		struct line *l = &c->line[i - 1];

		if (l->kind != k || l->id != m->id)
			continue;
		safe = text_safe_dup(span_str(m->text), TEXT_LINES);
		if (safe == NULL)
			return;
		l->quoted = m->quoted;
		l->tail = m->tail;
		c->bytes += strlen(safe) - strlen(l->text);
		secret_wipe(l->text, strlen(l->text));
		free(l->text);
		l->text = safe;
		return;
	}
}

struct span
model_body(const struct line *l)
{
	struct span s = span_str(l->text);
	const char *nl = l->quoted ? strchr(l->text, '\n') : NULL;
	const size_t head = nl != NULL ? (size_t)(nl - l->text) + 1 : 0;

	s.p += head;
	s.n -= head;
	s.n -= l->tail < s.n ? l->tail : 0;
	return s;
}

uint64_t
model_last(const struct mchat *c, enum line_kind k)
{
	for (size_t i = c->n_lines; i > 0; i--)
		if (c->line[i - 1].kind == k && c->line[i - 1].id != 0)
			return c->line[i - 1].id;
	return 0;
}

void
model_empty(struct mchat *c)
{
	for (size_t i = 0; i < c->n_lines; i++)
		free_line(&c->line[i]);
	c->n_lines = c->bytes = c->unread = c->to_read = c->first_new = 0;
	c->late_at = c->end = c->below = c->waiting_cut = 0;
	c->scroll = 0;
	c->oldest = c->marked = c->want = 0;
	c->cut = c->no_older = c->paging = 0;
	c->page = 0;
}

char *
model_unsaid(struct mchat *c, uint64_t id)
{
	size_t i = c->n_lines;
	char *text;

	while (i > 0 &&
	    (c->line[i - 1].kind != LINE_MINE || c->line[i - 1].id != id))
		i--;
	if (i == 0 || c->line[i - 1].line != 0)
		return NULL; /* not here, or it is on the disk */
	text = c->line[i - 1].text;
	c->bytes -= strlen(text);
	free(c->line[i - 1].why);
	memmove(&c->line[i - 1], &c->line[i],
	    (c->n_lines - i) * sizeof(c->line[0]));
	c->n_lines--;
	if (c->first_new >= i)
		c->first_new--;
	if (c->end >= i)
		c->end--;
	if (c->late_at >= i)
		c->late_at--;
	return text;
}

void
model_set_sent(struct model *m, struct mchat *c, uint64_t id, enum sent_state s,
    const char *why, int64_t on_disk)
{
	for (size_t i = c->n_lines; i > 0; i--) {
		struct line *l = &c->line[i - 1];

		if (l->kind != LINE_MINE || l->id != id)
			continue;
		if (on_disk != 0)
			l->line = on_disk;
		/* What is known is never taken back. */
		if (s < l->state && l->state != SENT_FAILED)
			return;
		l->state = s;
		free(l->why);
		l->why = why != NULL ? strdup(why) : NULL;
		if (m->on_state != NULL)
			m->on_state(m->hook, c, l);
		return;
	}
	if (s == SENT_AT_RELAY && c->waiting_cut > 0)
		c->waiting_cut--;
}
