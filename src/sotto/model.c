#include "sotto/model.h"

#include <stdlib.h>
#include <string.h>

static void
free_chat(struct mchat *c)
{
	model_empty(c);
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

uint64_t
model_draft_hash(const struct mchat *c)
{
	uint64_t h = 14695981039346656037ULL ^ edit_cursor(c->draft);

	for (const char *p = edit_text(c->draft); *p != '\0'; p++)
		h = (h ^ (uint8_t)*p) * 1099511628211ULL;
	return edit_len(c->draft) == 0 ? 0 : h;
}

void
model_go(struct model *m, struct mchat *c)
{
	/* What was new the last time was seen; the line that says so goes. */
	if (m->current != NULL && m->current != c) {
		if (!m->current->peek)
			m->current->first_new = m->current->n_lines;
		m->current->peek = 0;
	}
	m->current = c;
	if (c != NULL && model_at_end(c) && !c->peek)
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
		n += c->waiting_cut;
	}
	return n;
}
