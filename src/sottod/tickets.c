#include "sottod/tickets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"

#define NAME    "tickets"
#define ONE_LEN (TICKET_ID_LEN + KEY_LEN + 8)

struct tickets {
	struct loop *loop;
	struct rng g;
	char path[FILE_PATH_MAX];
	struct ticket_key key[TICKET_KEYS_MAX]; /* secret; the newest first */
	size_t n;
	int writing, ended;
};

/* ---- the file ---- */

static void
read_keys(struct tickets *t, uint64_t now)
{
	uint8_t *bytes = NULL; /* secret */
	size_t n = 0;
	struct rd r;

	t->n = 0;
	if (file_read(t->path, TICKET_KEYS_MAX * ONE_LEN, &bytes, &n) !=
	    SOTTO_OK)
		return;
	rd_init(&r, (struct span){ bytes, n });
	while (r.n >= ONE_LEN && t->n < TICKET_KEYS_MAX) {
		struct ticket_key *k = &t->key[t->n];

		rd_copy(&r, k->id, sizeof(k->id));
		rd_copy(&r, k->key.b, sizeof(k->key.b));
		k->made_at = rd_u64(&r);
		if (k->made_at <= now &&
		    now - k->made_at < TICKET_KEY_S + TICKET_LIFE_S)
			t->n++;
	}
	secret_wipe(bytes, n);
	free(bytes);
}

/* Written on the pool; what it holds is a copy. */
struct writing {
	struct tickets *t;
	char path[FILE_PATH_MAX];
	uint8_t bytes[TICKET_KEYS_MAX * ONE_LEN]; /* secret */
	size_t n;
};

static void
run_write(void *job)
{
	struct writing *w = job;

	/* If it fails, a restart asks everybody for a whole login. */
	(void)file_write(w->path, (struct span){ w->bytes, w->n }, 0600);
}

static void
done_write(void *job)
{
	struct writing *w = job;
	struct tickets *t = w->t;

	t->writing = 0;
	WIPE(w->bytes);
	free(w);
	if (t->ended)
		tickets_free(t);
}

static void
write_keys(struct tickets *t)
{
	struct writing *job = calloc(1, sizeof(*job));
	struct wr w;

	if (job == NULL)
		return;
	wr_init(&w, job->bytes, sizeof(job->bytes));
	for (size_t i = 0; i < t->n; i++) {
		wr_bytes(&w, t->key[i].id, TICKET_ID_LEN);
		wr_bytes(&w, t->key[i].key.b, KEY_LEN);
		wr_u64(&w, t->key[i].made_at);
	}
	job->n = w.n;
	job->t = t;
	memcpy(job->path, t->path, sizeof(job->path));
	if (loop_work(t->loop, run_write, done_write, job) == SOTTO_OK) {
		t->writing = 1;
		return;
	}
	WIPE(job->bytes);
	free(job);
}

/* ---- keys ---- */

/* One that may seal now is in front. */
static void
refresh(struct tickets *t, uint64_t now)
{
	size_t kept = 0;

	if (t->n > 0 && t->key[0].made_at <= now &&
	    now - t->key[0].made_at < TICKET_KEY_S)
		return;
	if (t->writing)
		return; /* a moment longer with the one before */
	for (size_t i = 0; i < t->n; i++)
		if (t->key[i].made_at <= now &&
		    now - t->key[i].made_at < TICKET_KEY_S + TICKET_LIFE_S)
			t->key[kept++] = t->key[i];
	if (kept == TICKET_KEYS_MAX)
		kept--;
	memmove(&t->key[1], &t->key[0], kept * sizeof(t->key[0]));
	t->n = kept + 1;
	rng_fill(&t->g, t->key[0].id, sizeof(t->key[0].id));
	rng_fill(&t->g, t->key[0].key.b, sizeof(t->key[0].key.b));
	t->key[0].made_at = now;
	write_keys(t);
}

struct tickets *
tickets_new(struct loop *l, const char *dir, const struct rng *g, uint64_t now)
{
	struct tickets *t = secret_alloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	memset(t, 0, sizeof(*t));
	t->loop = l;
	t->g = *g;
	if (file_join(t->path, dir, NAME) != SOTTO_OK) {
		secret_free(t);
		return NULL;
	}
	tickets_reload(t, now);
	return t;
}

void
tickets_free(struct tickets *t)
{
	if (t == NULL)
		return;
	t->ended = 1;
	if (!t->writing) /* else when that is done */
		secret_free(t);
}

void
tickets_reload(struct tickets *t, uint64_t now)
{
	read_keys(t, now);
	refresh(t, now);
}

enum sotto_err
tickets_drop(const char *dir)
{
	char path[FILE_PATH_MAX];
	enum sotto_err e;

	if ((e = file_join(path, dir, NAME)) != SOTTO_OK)
		return e;
	return unlink(path) == 0 || errno == ENOENT ? SOTTO_OK : SOTTO_EIO;
}

enum sotto_err
tickets_give(struct tickets *t, uint8_t out[HS_TICKET_LEN],
    const struct ticket *what, uint64_t now)
{
	refresh(t, now);
	return t->n > 0 ? ticket_seal(out, &t->key[0], what, &t->g)
			: SOTTO_ENOMEM;
}

enum sotto_err
tickets_take(struct tickets *t, struct ticket *out,
    const uint8_t in[HS_TICKET_LEN], uint64_t now)
{
	return ticket_open(out, t->key, t->n, in, now);
}
