/* Looking for words in all that was said; see engine_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/engine_priv.h"

/* Lines that are opened in one turn of the loop: a few milliseconds. */
#define SLICE    2000
#define HITS_MAX 200
/* Filters for full runs are made when nothing was written for a while, a few
 * at a time. */
#define LEARN_MS   3000
#define LEARN_RUNS 4

struct find {
	struct engine *e;
	struct loop_timer *timer;
	uint64_t id;
	char *words; /* owned: folded */
	struct hist_look at;
	size_t n_hits;
};

static void
tell_end(struct find *f, int more)
{
	struct msg *m = msg_new(EV_HITS);

	if (m == NULL)
		return;
	m->id = f->id;
	m->line = (int64_t)f->at.seen;
	m->on = more;
	engine_tell(f->e, m);
}

static int
on_line(void *ctx, int64_t chat, const struct hist_line *l)
{
	struct find *f = ctx;
	struct engine_chat *c;
	char *folded;
	struct msg *m;
	int hit;

	if ((l->kind != HIST_THEIRS && l->kind != HIST_MINE) ||
	    (folded = text_fold_dup(span_str(l->text))) == NULL)
		return 1;
	hit = strstr(folded, f->words) != NULL;
	secret_wipe(folded, strlen(folded));
	free(folded);
	if (!hit || (c = chats_find(f->e, (uint32_t)chat)) == NULL)
		return 1;
	if ((m = chat_line_msg(EV_HIT, c, l)) != NULL) {
		m->id = f->id;
		engine_tell(f->e, m);
	}
	return ++f->n_hits < HITS_MAX;
}

static void
slice(void *ctx)
{
	struct find *f = ctx;

	if (f->e->vault == NULL || f->words == NULL)
		return;
	if (hist_look(f->e->vault, f->words, &f->at, SLICE, on_line, f) !=
	    SOTTO_OK) {
		engine_note(f->e, "The history cannot be read now.");
		return;
	}
	if (f->n_hits >= HITS_MAX || f->at.before == 0) {
		tell_end(f, f->n_hits >= HITS_MAX);
		return;
	}
	loop_timer_set(f->timer, 0); /* after what else there is to do */
}

static void
forget_words(struct find *f)
{
	if (f->words != NULL)
		secret_wipe(f->words, strlen(f->words));
	free(f->words);
	f->words = NULL;
	loop_timer_stop(f->timer);
}

/* ---- filters ---- */

static void
learn(void *ctx)
{
	struct engine *e = ctx;
	int64_t run = INT64_MAX;
	enum sotto_err r = SOTTO_OK;

	if (e->vault == NULL || e->txn || vault_begin(e->vault) != SOTTO_OK)
		return; /* after the next transaction */
	for (int i = 0; i < LEARN_RUNS && r == SOTTO_OK; i++)
		r = hist_learn(e->vault, &run);
	/* Without them, looking takes longer; nothing else is lost. */
	if ((r != SOTTO_OK && r != SOTTO_EAGAIN) ||
	    vault_commit(e->vault) != SOTTO_OK)
		vault_undo(e->vault);
	else if (r == SOTTO_OK)
		loop_timer_set(e->learn, 0);
}

void
find_learn_later(struct engine *e)
{
	if (e->learn == NULL)
		e->learn = loop_timer_new(e->loop, learn, e);
	if (e->learn != NULL)
		loop_timer_set(e->learn, LEARN_MS);
}

void
find_free(struct engine *e)
{
	loop_timer_free(e->learn);
	e->learn = NULL;
	if (e->find == NULL)
		return;
	forget_words(e->find);
	loop_timer_free(e->find->timer);
	free(e->find);
	e->find = NULL;
}

void
find_start(struct engine *e, uint64_t id, const char *words)
{
	struct find *f = e->find;

	if (e->vault == NULL)
		return;
	if (f == NULL) {
		if ((f = calloc(1, sizeof(*f))) == NULL)
			return;
		f->e = e;
		f->timer = loop_timer_new(e->loop, slice, f);
		e->find = f;
	}
	forget_words(f);
	f->id = id;
	f->at = (struct hist_look){ .before = INT64_MAX };
	f->n_hits = 0;
	if (words != NULL && words[0] != '\0')
		f->words = text_fold_dup(span_str(words));
	if (f->words != NULL && f->words[0] != '\0')
		slice(f);
	else
		tell_end(f, 0);
}
