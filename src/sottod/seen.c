#include "sottod/seen.h"

#include <stdlib.h>

#include "sottod/server.h"
#include "sottod/store.h"

struct seen {
	struct loop *loop;
	const char *dir;
	struct loop_timer *timer;
	struct store_login *one; /* owned: gathered */
	size_t n, cap;
};

struct writing {
	const char *dir;
	struct store_login *one; /* owned */
	size_t n;
};

/* If it fails, nothing but "last here" is older. */
static void
run_write(void *job)
{
	const struct writing *w = job;
	struct store *st = NULL;
	char err[DB_ERR_MAX];

	if (store_open(&st, w->dir, err) == SOTTO_OK)
		(void)store_logged_in(st, w->one, w->n);
	store_close(st);
}

static void
done_write(void *job)
{
	struct writing *w = job;

	free(w->one);
	free(w);
}

static void
write_all(void *ctx)
{
	struct seen *s = ctx;
	struct writing *w;

	if (s->n == 0 || (w = malloc(sizeof(*w))) == NULL)
		return;
	*w = (struct writing){ s->dir, s->one, s->n };
	s->one = NULL;
	s->n = s->cap = 0;
	if (loop_work(s->loop, run_write, done_write, w) != SOTTO_OK)
		done_write(w);
}

struct seen *
seen_new(struct loop *l, const char *dir)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->loop = l;
	s->dir = dir;
	if ((s->timer = loop_timer_new(l, write_all, s)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
seen_stop(struct seen *s)
{
	if (s == NULL)
		return;
	loop_timer_free(s->timer);
	write_all(s);
}

void
seen_free(struct seen *s)
{
	if (s == NULL)
		return;
	free(s->one);
	free(s);
}

static int
has_room(struct seen *s)
{
	const size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
	struct store_login *p;

	if (s->n < s->cap)
		return 1;
	if ((p = realloc(s->one, cap * sizeof(*p))) == NULL)
		return 0;
	s->one = p;
	s->cap = cap;
	return 1;
}

void
seen_note(struct seen *s, struct dir_user *u)
{
	const uint64_t now = server_now();

	if ((u->noted_at > 0 && now - u->noted_at < SEEN_AGAIN_S) ||
	    !has_room(s))
		return;
	u->noted_at = now;
	if (s->n == 0)
		loop_timer_set(s->timer, SEEN_WAIT_MS);
	s->one[s->n++] = (struct store_login){ u->name, now };
}
