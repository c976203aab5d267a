/* The page that finds words; see app.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/app.h"
#include "sotto/history.h"

void
app_find_wipe(struct app *a)
{
	struct finder *f = &a->find;

	for (size_t i = 0; i < f->n; i++) {
		secret_wipe(f->hit[i].text, strlen(f->hit[i].text));
		free(f->hit[i].text);
	}
	f->n = f->seen = 0;
	f->looking = f->more = 0;
	f->id++; /* what still comes is of before */
}

void
app_find(struct app *a)
{
	app_find_wipe(a);
	app_go(a, AT_FIND);
}

void
app_find_words(struct app *a)
{
	struct msg *m = msg_new(CMD_FIND);

	app_find_wipe(a);
	a->selected = 0;
	if (m == NULL || !msg_set_text(m, "%s", edit_text(a->filter))) {
		msg_free(m);
		return;
	}
	m->id = a->find.id;
	a->find.looking = edit_len(a->filter) > 0;
	app_post(a, m);
}

void
app_find_event(struct app *a, const struct msg *m)
{
	struct finder *f = &a->find;
	struct hit *h = &f->hit[f->n];

	if (m->id != f->id)
		return;
	if (m->head.type == EV_HITS) {
		f->looking = 0;
		f->more = m->on;
		f->seen = (size_t)m->line;
		return;
	}
	if (f->n == HITS_SHOWN || m->text == NULL)
		return;
	for (char *p = m->text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	if ((h->text = text_safe_dup(span_str(m->text), TEXT_ONE_LINE)) == NULL)
		return;
	h->name = m->name;
	h->mine = m->kind == HIST_MINE;
	h->at_ms = m->sent_ms;
	h->line = m->line;
	f->n++;
}

void
app_go_hit(struct app *a)
{
	struct mchat *c;
	struct hit h;

	if (a->selected >= a->find.n)
		return;
	h = a->find.hit[a->selected];
	if ((c = model_find_chat(&a->m, &h.name)) == NULL)
		return;
	act_go(a, c);
	act_see(a, c, h.line);
	app_find_wipe(a);
	app_go(a, AT_CHAT);
}
