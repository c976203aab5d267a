/*
 * loop - the event loop, libuv behind it: timers, wake-ups, signals, and a
 * pool of threads for what is slow.
 *
 * Everything here belongs to the thread that runs the loop.  Handles are
 * freed with their own function, at any moment, also from inside their own
 * callback; no callback comes after that.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
typedef void loop_fn(void *ctx);

/* loop_new - Returns owned, or NULL. */
struct loop *loop_new(void);
/* loop_free - all handles must have been freed; waits for jobs under way. */
void loop_free(struct loop *l);
/*
 * loop_end_threads - at the very end of a program, when no loop is left: libuv's
 * threads end, which look up names, and what libraries keep for them is wiped.
 */
void loop_end_threads(void);
/* loop_run - until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* loop_on_turn - call fn at the end of each turn, before the loop waits. */
void loop_on_turn(struct loop *l, loop_fn *fn, void *ctx);
/* loop_turn_us - microseconds since the first event of this turn; 0: none. */
uint64_t loop_turn_us(const struct loop *l);
/* loop_now_ms - monotonic, as of this turn of the loop. */
uint64_t loop_now_ms(struct loop *l);

/* ---- timers ---- */

struct loop_timer;
/* Returns owned, not running, or NULL. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *ctx);
/* loop_timer_set - run fn once, in ms; replaces what was set before.  0, from a
 * timer's fn: before anything else is looked at. */
void loop_timer_set(struct loop_timer *t, uint64_t ms);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* accepts NULL */

/* ---- descriptors and signals ---- */

struct loop_watch;
/* loop_watch_new - call fn whenever fd is readable.  Borrows fd. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, loop_fn *fn,
    void *ctx);
void loop_watch_free(struct loop_watch *w); /* accepts NULL */

struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *l, int signum, loop_fn *fn,
    void *ctx);
void loop_signal_free(struct loop_signal *s); /* accepts NULL */

/* ---- work ---- */

/*
 * loop_work - run(job) on a thread of the pool, then done(job) on the loop.
 * The job is borrowed until done(); it always comes, also when the loop is
 * about to end (loop_free() waits).
 * loop_work_ahead - the same for what nobody waits for yet: on one thread, after
 * the others, which gives way to everything else on the machine.
 * loop_goes_on - 0 from the moment of loop_free(): what takes long and is of no
 * use any more gives up.  Any thread; the signature is that of rsa_generate().
 * Errors:  SOTTO_ENOMEM: neither will be called.
 */
enum sotto_err loop_work(struct loop *l, loop_fn *run, loop_fn *done,
    void *job);
enum sotto_err loop_work_ahead(struct loop *l, loop_fn *run, loop_fn *done,
    void *job);
int loop_goes_on(void *loop);
/* loop_work_pending - jobs that are waiting or running. */
size_t loop_work_pending(const struct loop *l);

/*
 * Threads of one's own, for jobs that must not wait behind those of others; the
 * jobs begin in the order in which they come.
 * loop_pool_new - up to max threads (at most LOOP_POOL_MAX), made when they are
 * wanted; nice as in nice(1): 0, or how far they stand back.  Returns owned, or
 * NULL.
 * loop_pool_do - run(ctx) on one of them, then done(ctx) on the loop.  The job is
 * borrowed until done() is called.
 * loop_pool_jobs - those that are not done.
 * loop_pool_free - waits for all, and calls their done().  Accepts NULL.
 */
#define LOOP_POOL_MAX 64
struct loop_pool;
struct loop_job {
	loop_fn *run, *done;
	void *ctx;
	struct loop_job *next; /* the pool's */
};
struct loop_pool *loop_pool_new(struct loop *l, unsigned max, int nice);
void loop_pool_do(struct loop_pool *p, struct loop_job *j);
size_t loop_pool_jobs(const struct loop_pool *p);
void loop_pool_free(struct loop_pool *p);

#endif
