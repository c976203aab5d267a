/* sim_priv - what the files of the simulated network share, and nobody else. */
#ifndef TESTS_SIM_PRIV_H
#define TESTS_SIM_PRIV_H

#include <pthread.h>

#include "net/tcp.h"
#include "tests/lib/fixture.h"
#include "tests/sim/sim.h"

struct loop_timer {
	struct loop *l;
	loop_fn *fn;
	void *ctx;
	int armed;
	uint64_t at, seq;
	struct loop_timer *next;
};

struct loop_watch {
	struct loop *l;
	int fd;
	loop_fn *fn;
	void *ctx;
	struct loop_watch *next;
};

struct work {
	struct loop *l;
	loop_fn *run, *done;
	void *job;
	int ran;
	uint64_t at, seq;
	struct work *next;
};

struct loop {
	unsigned node;
	int dead;
	int stopped, released;
	loop_fn *on_turn; /* may be NULL */
	void *turn_ctx;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	struct loop *next;
};

enum seg_kind {
	SEG_BYTES,
	SEG_END,
	SEG_ERROR
};

struct seg {
	enum seg_kind kind;
	uint64_t at, seq;
	uint8_t *p;
	size_t n;
	struct seg *next;
};

struct tcp {
	struct loop *l;
	const struct tcp_events *ev; /* NULL: not started, or closed */
	void *ctx;
	struct tcp_peer peer;
	int in_turn;
	struct buf out;
	struct tcp *other; /* NULL: cut, or it is closed */
	struct seg *in;
	uint64_t last; /* when what is in flight to us arrives */
	int paused, finished, ended, closed;
	struct tcp *next;
};

struct tcp_listener {
	struct loop *l;
	uint16_t port;
	size_t out_max;
	tcp_accept_fn *fn;
	void *ctx;
	struct tcp_listener *next;
};

struct tcp_dial {
	struct loop *l;
	uint16_t port;
	size_t out_max;
	tcp_dial_fn *fn;
	void *ctx;
	int cancelled;
	uint64_t at, seq;
	struct tcp_dial *next;
};

struct sim {
	uint64_t now, seq, trace, turns;
	struct test_rng rnd;
	struct rng g;
	unsigned node;
	int64_t wall[SIM_NODES];
	int unreachable[SIM_NODES], frozen[SIM_NODES];
	uint32_t latency;
	struct loop *loops;
	struct loop_timer *timers;
	struct loop_watch *watches;
	struct work *work;
	struct tcp *tcps;
	struct tcp_listener *listeners;
	struct tcp_dial *dials;
};

extern struct sim sim;

/* sim_note - for the trace: what has happened, and two numbers about it. */
void sim_note(unsigned what, uint64_t a, uint64_t b);
/* sim_runs - the loop is neither dead nor frozen. */
int sim_runs(const struct loop *l);

/* sim_loop.c.  sim_do_work - the job runs, or is done.  sim_do_watches - 1: one of
 * the descriptors was readable. */
void sim_do_work(struct work *w);
int sim_do_watches(void);

/* sim_tcp.c.  sim_sweep - those that are closed go.  sim_deliver - the next piece
 * arrives.  sim_end_dial - somebody answers, or nobody. */
void sim_sweep(void);
void sim_deliver(struct tcp *t);
void sim_end_dial(struct tcp_dial *d);

#endif
