/* Who is there, what is known of them, and the handshakes; see model.h. */
#include <stdlib.h>
#include <string.h>

#include "sotto/model.h"

void
model_people_reset(struct model *m)
{
	m->n_people = 0;
}

/* Where n is, or belongs, in a list sorted by name. */
static size_t
place_of(const struct model *m, const struct name *n, int *found)
{
	size_t lo = 0, hi = m->n_people;

	*found = 0;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = strcmp(m->people[mid].name.s, n->s);

		if (d == 0) {
			*found = 1;
			return mid;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
model_set_person(struct model *m, const struct name *n, enum wire_state s)
{
	int found;
	size_t i = place_of(m, n, &found);
	struct person *more;

	if (found && s != WIRE_OFFLINE) {
		m->people[i].state = s;
		return;
	}
	if (found) {
		memmove(m->people + i, m->people + i + 1,
		    (m->n_people - i - 1) * sizeof(struct person));
		m->n_people--;
		return;
	}
	if (s == WIRE_OFFLINE)
		return;
	more = realloc(m->people, (m->n_people + 1) * sizeof(struct person));
	if (more == NULL)
		return;
	m->people = more;
	memmove(m->people + i + 1, m->people + i,
	    (m->n_people - i) * sizeof(struct person));
	m->people[i] = (struct person){ *n, s };
	m->n_people++;
}

enum wire_state
model_presence(const struct model *m, const struct name *n)
{
	int found;
	size_t i = place_of(m, n, &found);

	return found ? m->people[i].state : WIRE_OFFLINE;
}

void
model_set_known(struct model *m, const struct name *n,
    const struct contact_info *i)
{
	struct known *more;

	for (size_t k = 0; k < m->n_known; k++) {
		if (name_eq(&m->known[k].name, n)) {
			m->known[k].info = *i;
			return;
		}
	}
	more = realloc(m->known, (m->n_known + 1) * sizeof(struct known));
	if (more == NULL)
		return;
	m->known = more;
	m->known[m->n_known++] = (struct known){ *n, *i };
}

void
model_forget_known(struct model *m, const struct name *n)
{
	for (size_t k = 0; k < m->n_known; k++)
		if (name_eq(&m->known[k].name, n)) {
			memmove(m->known + k, m->known + k + 1,
			    (m->n_known - k - 1) * sizeof(struct known));
			m->n_known--;
			return;
		}
}

const struct contact_info *
model_known(const struct model *m, const struct name *n)
{
	for (size_t k = 0; k < m->n_known; k++)
		if (name_eq(&m->known[k].name, n))
			return &m->known[k].info;
	return NULL;
}

int
model_is_held(const struct model *m, const struct mchat *c)
{
	const struct contact_info *i = model_known(m, &c->name);

	return c->phase == PHASE_OPEN && i != NULL && i->trust == TRUST_CHANGED;
}

const struct name *
model_looks_like(const struct model *m, const struct name *n)
{
	const struct contact_info *k = model_known(m, n);

	if (k != NULL && k->trust == TRUST_VERIFIED)
		return NULL;
	for (size_t i = 0; i < m->n_known; i++)
		if (name_looks_like(&m->known[i].name, n) &&
		    (k == NULL || m->known[i].info.first_seen <= k->first_seen))
			return &m->known[i].name;
	return NULL;
}

void
model_take_trace(struct model *m, uint32_t chat, const struct name *n,
    struct trace *t)
{
	const size_t max = sizeof(m->chat_trace) / sizeof(m->chat_trace[0]);
	size_t i = 0;

	if (chat == 0) {
		free(m->login);
		m->login = t;
		return;
	}
	while (i < m->n_traces && !name_eq(&m->chat_trace[i].name, n))
		i++;
	if (i == max) { /* the oldest goes */
		free(m->chat_trace[0].trace);
		memmove(m->chat_trace, m->chat_trace + 1,
		    (max - 1) * sizeof(m->chat_trace[0]));
		i = --m->n_traces;
	}
	if (i < m->n_traces)
		free(m->chat_trace[i].trace);
	else
		m->n_traces++;
	m->chat_trace[i].name = *n;
	m->chat_trace[i].trace = t;
}
