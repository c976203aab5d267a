#include "sotto/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "base/text.h"

static void
free_line(struct line *l)
{
	secret_wipe(l->text, strlen(l->text));
	free(l->text);
	free(l->why);
}

static void
free_chat(struct mchat *c)
{
	for (size_t i = 0; i < c->n_lines; i++)
		free_line(&c->line[i]);
	free(c->line);
	edit_free(c->draft);
	free(c);
}

void
model_free(struct model *m)
{
	for (size_t i = 0; i < m->n_chats; i++)
		free_chat(m->chat[i]);
	free(m->chat);
	free(m->people);
	free(m->known);
	free(m->login);
	for (size_t i = 0; i < m->n_traces; i++)
		free(m->chat_trace[i].trace);
	memset(m, 0, sizeof(*m));
}

/* ---- chats ---- */

struct mchat *
model_find_chat(const struct model *m, const struct name *n)
{
	for (size_t i = 0; i < m->n_chats; i++)
		if (name_eq(&m->chat[i]->name, n))
			return m->chat[i];
	return NULL;
}

struct mchat *
model_by_number(const struct model *m, uint32_t number)
{
	for (size_t i = 0; i < m->n_chats; i++)
		if (m->chat[i]->number == number)
			return m->chat[i];
	return NULL;
}

struct mchat *
model_chat(struct model *m, const struct name *n)
{
	struct mchat *c = model_find_chat(m, n), **more;

	if (c != NULL)
		return c;
	more = realloc(m->chat, (m->n_chats + 1) * sizeof(struct mchat *));
	if (more == NULL)
		return NULL;
	m->chat = more;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	if ((c->draft = edit_new(EDIT_LINES, MODEL_BYTES_MAX)) == NULL) {
		free(c);
		return NULL;
	}
	c->name = *n;
	m->chat[m->n_chats++] = c;
	return c;
}

void
model_remove_chat(struct model *m, struct mchat *c)
{
	size_t i = 0;

	while (i < m->n_chats && m->chat[i] != c)
		i++;
	if (i == m->n_chats)
		return;
	memmove(m->chat + i, m->chat + i + 1,
	    (m->n_chats - i - 1) * sizeof(struct mchat *));
	m->n_chats--;
	if (m->current == c)
		m->current = NULL;
	free_chat(c);
}

/* A peer who never stops must not fill the memory; the disk has it all. */
static void
drop_oldest(struct mchat *c)
{
	const size_t n = c->n_lines / 4;

	for (size_t i = 0; i < n; i++) {
		c->bytes -= strlen(c->line[i].text);
		free_line(&c->line[i]);
	}
	c->n_lines -= n;
	memmove(c->line, c->line + n, c->n_lines * sizeof(c->line[0]));
	c->first_new = c->first_new >= n ? c->first_new - n : 0;
	c->late_at = c->late_at >= n ? c->late_at - n : c->n_lines;
	for (size_t i = c->n_lines; i > 0; i--)
		if (c->line[i - 1].line > 0)
			c->oldest = c->line[i - 1].line;
	c->no_older = 0;
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

struct line *
model_add_line(struct model *m, struct mchat *c, enum line_kind k,
    uint64_t at_ms, const char *text)
{
	struct line *l;
	char *safe = text_safe_dup(span_str(text), TEXT_LINES);

	if (safe == NULL)
		return NULL;
	if (c->n_lines >= MODEL_LINES_KEPT || c->bytes >= MODEL_BYTES_KEPT)
		drop_oldest(c);
	if (!make_room(c)) {
		free(safe);
		return NULL;
	}
	l = &c->line[c->n_lines];
	memset(l, 0, sizeof(*l));
	l->kind = k;
	l->at_ms = at_ms;
	l->text = safe;
	c->bytes += strlen(safe);
	/* Read is what is open and at the bottom. */
	if (k == LINE_THEIRS && (m->current != c || c->scroll > 0)) {
		if (c->unread++ == 0)
			c->first_new = c->n_lines;
	}
	if (c->scroll > 0)
		c->below++;
	c->n_lines++;
	return l;
}

struct line *
model_old_line(struct model *m, struct mchat *c, enum line_kind k,
    uint64_t at_ms, const char *text)
{
	char *safe = text_safe_dup(span_str(text), TEXT_LINES);

	(void)m;
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

uint64_t
model_draft_hash(const struct mchat *c)
{
	uint64_t h = 14695981039346656037ULL ^ edit_cursor(c->draft);

	for (const char *p = edit_text(c->draft); *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211ULL;
	return edit_len(c->draft) == 0 ? 0 : h;
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

void
model_set_text(struct mchat *c, int mine, uint64_t id, const char *text)
{
	const enum line_kind k = mine ? LINE_MINE : LINE_THEIRS;
	char *safe;

	for (size_t i = c->n_lines; i > 0; i--) {
		struct line *l = &c->line[i - 1];

		if (l->kind != k || l->id != id)
			continue;
		if ((safe = text_safe_dup(span_str(text), TEXT_LINES)) == NULL)
			return;
		c->bytes += strlen(safe) - strlen(l->text);
		secret_wipe(l->text, strlen(l->text));
		free(l->text);
		l->text = safe;
		return;
	}
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
	c->late_at = c->scroll = c->below = 0;
	c->oldest = 0;
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
	if (c->late_at >= i)
		c->late_at--;
	return text;
}

void
model_set_sent(struct mchat *c, uint64_t id, enum sent_state s, const char *why,
    int64_t on_disk)
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
		return;
	}
}

void
model_go(struct model *m, struct mchat *c)
{
	/* What was new the last time was seen; the line that says so goes. */
	if (m->current != NULL && m->current != c)
		m->current->first_new = m->current->n_lines;
	m->current = c;
	if (c != NULL && c->scroll == 0)
		c->unread = 0;
}

size_t
model_requests(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_chats; i++)
		n += m->chat[i]->phase == PHASE_RINGING;
	return n;
}

size_t
model_unread(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_chats; i++)
		n += m->chat[i]->unread;
	return n;
}

size_t
model_unsent(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_chats; i++) {
		const struct mchat *c = m->chat[i];

		for (size_t k = 0; k < c->n_lines; k++)
			n += c->line[k].kind == LINE_MINE &&
			    c->line[k].state == SENT_WAITING;
	}
	return n;
}
