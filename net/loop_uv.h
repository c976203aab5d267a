/* loop_uv - what the files of the libuv door share, and nobody else. */
#ifndef NET_LOOP_UV_H
#define NET_LOOP_UV_H

#include <stdatomic.h>
#include <uv.h>

#include "base/pool.h"

#include "net/loop.h"

#define LOOP_READ_MAX 32768

struct tcp;
struct tcp_listener;

struct loop {
	uv_loop_t uv;
	uv_prepare_t turn; /* runs before the loop waits */
	struct pool *tcps;
	loop_fn *on_turn; /* may be NULL */
	void *turn_ctx;
	uint64_t woke_at; /* nanoseconds: the first event of this turn, or 0 */
	struct loop_pool *pool, *ahead; /* NULL: not used yet */
	atomic_int ending;              /* loop_free() has begun */
	struct tcp *flush;  /* have something to send at the end of the turn */
	struct tcp *hungry; /* had their share of reading in a turn */
	struct tcp **hungry_last;
	uv_idle_t again; /* runs while there are: the loop does not wait */
	size_t backlog;  /* bytes that the system did not take yet */
	struct tcp_listener *listeners;
	/* Reads are handed on at once, so one buffer serves all. */
	char read_buf[LOOP_READ_MAX];
};

/*
 * loop_woke - at the start of each callback that may begin a turn.  libuv knows
 * it too, but then it asks the system twice before it waits.
 */
static inline void
loop_woke(struct loop *l)
{
	if (l->woke_at == 0)
		l->woke_at = uv_hrtime();
}

/* loop_tcp_pool - of streams: in loop_tcp.c, for loop.c. */
struct pool *loop_tcp_pool(void);
/* loop_tcp_turn - the turn ends: in loop_tcp.c, for loop.c. */
void loop_tcp_turn(struct loop *l);

#endif
