/* entry_priv - what entry.c and enrol.c share: one way in that is under way. */
#ifndef SOTTO_ENTRY_PRIV_H
#define SOTTO_ENTRY_PRIV_H

#include "sotto/engine_priv.h"

enum entry_kind {
	ENTRY_PROBE,
	ENTRY_ENROL,
	ENTRY_UNLOCK
};

struct entry {
	struct engine *e;  /* NULL: given up; freed when its job is done */
	struct loop *loop; /* of the jobs */
	enum entry_kind kind;
	int fresh;        /* the relay has not confirmed this key yet */
	int job;          /* one is on the pool */
	char *pass;       /* secret; owned, from secret_alloc() */
	struct ident *id; /* secret: until it is the engine's */
	char dir[FILE_PATH_MAX];
	struct keyfile_cost cost;
	struct rng g;
	enum sotto_err result;
	int saved_errno;
};

/* entry_begin - ends the one before; takes m->pass.  NULL: no memory. */
struct entry *entry_begin(struct engine *e, enum entry_kind kind,
    struct msg *m);
void entry_end(struct engine *e);
void entry_progress(struct engine *e, enum entry_step step);
void entry_failed(struct engine *e, enum entry_fault f, const char *text);
/* entry_job - run on the pool, then done on the loop. */
void entry_job(struct entry *en, loop_fn *run, loop_fn *done);
/* entry_job_over - 0: it was given up meanwhile, and is freed. */
int entry_job_over(struct entry *en);
void entry_load_failed(struct engine *e, enum sotto_err r, int err);
/* entry_lock - one client a profile; 0: told. */
int entry_lock(struct engine *e);
void entry_tell(struct engine *e); /* EV_ENTERED */
int entry_open_contacts(struct engine *e);
/* entry_forget - the identity in memory, and what it had opened. */
void entry_forget(struct engine *e);

#endif
