/* The loop and the network of a simulation; see sim.h. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static struct {
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
} sim;

/* ---- time and chance ---- */

#define WALL_START (FIX_NOW * 1000)

uint64_t
sim_now(void)
{
	return sim.now;
}

uint32_t
sim_chance(uint32_t n)
{
	uint32_t v;

	rng_fill(&sim.g, &v, sizeof(v));
	return n > 0 ? v % n : 0;
}

struct rng
sim_rng(void)
{
	return sim.g;
}

uint64_t
sim_trace(void)
{
	return sim.trace;
}

static void
note(unsigned what, uint64_t a, uint64_t b)
{
	sim.trace = (sim.trace ^ what ^ a << 8 ^ b << 32) * 0x100000001b3ULL;
	sim.trace ^= sim.trace >> 29;
}

void
sim_node(unsigned node)
{
	sim.node = node;
}

unsigned
sim_node_now(void)
{
	return sim.node;
}

uint64_t
sim_wall(void)
{
	return (uint64_t)((int64_t)(WALL_START + sim.now) + sim.wall[sim.node]);
}

void
sim_clock_jump(unsigned node, int64_t ms)
{
	sim.wall[node] += ms;
}

void
sim_reachable(unsigned node, int yes)
{
	sim.unreachable[node] = !yes;
}

void
sim_latency(uint32_t ms)
{
	sim.latency = ms;
}

void
sim_freeze(unsigned node, int yes)
{
	sim.frozen[node] = yes;
}

/* ---- loops ---- */

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->node = sim.node;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->cond, NULL);
	l->next = sim.loops;
	sim.loops = l;
	return l;
}

static void
run_work(struct work *w)
{
	if (!w->ran)
		w->run(w->job);
	w->done(w->job);
	free(w);
}

void
loop_free(struct loop *l)
{
	struct work **w = &sim.work;
	struct loop **p = &sim.loops;

	while (*w != NULL) {
		struct work *one = *w;

		if (one->l != l) {
			w = &one->next;
			continue;
		}
		*w = one->next;
		run_work(one);
		w = &sim.work;
	}
	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	(void)pthread_cond_destroy(&l->cond);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
}

void
loop_end_threads(void)
{
}

/* The engine's thread only waits: its loop is run by the simulation. */
void
loop_run(struct loop *l)
{
	(void)pthread_mutex_lock(&l->lock);
	while (!l->released)
		(void)pthread_cond_wait(&l->cond, &l->lock);
	(void)pthread_mutex_unlock(&l->lock);
}

void
loop_stop(struct loop *l)
{
	l->dead = l->stopped = 1;
}

/* Its thread cleans up, while the simulation waits for it. */
int
sim_release(unsigned node)
{
	for (struct loop *l = sim.loops; l != NULL; l = l->next) {
		if (l->node != node || !l->stopped)
			continue;
		(void)pthread_mutex_lock(&l->lock);
		l->released = 1;
		(void)pthread_cond_signal(&l->cond);
		(void)pthread_mutex_unlock(&l->lock);
		return 1;
	}
	return 0;
}

void
loop_on_turn(struct loop *l, loop_fn *fn, void *ctx)
{
	l->on_turn = fn;
	l->turn_ctx = ctx;
}

uint64_t
loop_turn_us(const struct loop *l)
{
	(void)l;
	return 0;
}

uint64_t
loop_now_ms(struct loop *l)
{
	(void)l;
	return sim.now;
}

/* ---- timers ---- */

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->l = l;
	t->fn = fn;
	t->ctx = ctx;
	t->next = sim.timers;
	sim.timers = t;
	return t;
}

void
loop_timer_set(struct loop_timer *t, uint64_t ms)
{
	t->armed = 1;
	t->at = sim.now + ms;
	t->seq = ++sim.seq;
}

void
loop_timer_stop(struct loop_timer *t)
{
	t->armed = 0;
}

void
loop_timer_free(struct loop_timer *t)
{
	struct loop_timer **p = &sim.timers;

	if (t == NULL)
		return;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	free(t);
}

/* ---- descriptors, signals, work ---- */

struct loop_watch *
loop_watch_new(struct loop *l, int fd, loop_fn *fn, void *ctx)
{
	struct loop_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	*w = (struct loop_watch){ l, fd, fn, ctx, sim.watches };
	sim.watches = w;
	return w;
}

void
loop_watch_free(struct loop_watch *w)
{
	struct loop_watch **p = &sim.watches;

	if (w == NULL)
		return;
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	free(w);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signum, loop_fn *fn, void *ctx)
{
	(void)signum;
	(void)fn;
	(void)ctx;
	return (struct loop_signal *)(void *)l; /* none ever comes */
}

void
loop_signal_free(struct loop_signal *s)
{
	(void)s;
}

enum sotto_err
loop_work(struct loop *l, loop_fn *run, loop_fn *done, void *job)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return SOTTO_ENOMEM;
	w->l = l;
	w->run = run;
	w->done = done;
	w->job = job;
	w->at = sim.now + sim_chance(30);
	w->seq = ++sim.seq;
	w->next = sim.work;
	sim.work = w;
	return SOTTO_OK;
}

/* The pool of the simulation has a thread for everybody. */
struct loop_pool {
	struct loop *l;
};

struct loop_pool *
loop_pool_new(struct loop *l, unsigned max)
{
	struct loop_pool *p = calloc(1, sizeof(*p));

	(void)max;
	if (p != NULL)
		p->l = l;
	return p;
}

void
loop_pool_do(struct loop_pool *p, struct loop_job *j)
{
	if (loop_work(p->l, j->run, j->done, j->ctx) != SOTTO_OK)
		abort();
}

void
loop_pool_free(struct loop_pool *p)
{
	free(p);
}

size_t
loop_work_pending(const struct loop *l)
{
	size_t n = 0;

	for (const struct work *w = sim.work; w != NULL; w = w->next)
		n += w->l == l;
	return n;
}

/* ---- streams ---- */

static struct tcp *
new_tcp(struct loop *l, size_t out_max)
{
	struct tcp *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->l = l;
	buf_init(&t->out, (uint32_t)out_max);
	t->peer.key_len = 5;
	t->next = sim.tcps;
	sim.tcps = t;
	return t;
}

static void
add_seg(struct tcp *to, enum seg_kind k, struct span bytes)
{
	struct seg *s = calloc(1, sizeof(*s)), **p = &to->in;
	const uint64_t at = sim.now + 1 + sim_chance(sim.latency);

	if (s == NULL || (s->p = malloc(bytes.n + 1)) == NULL)
		abort();
	s->kind = k;
	s->at = to->last = at > to->last ? at : to->last;
	s->seq = ++sim.seq;
	if (bytes.n > 0)
		memcpy(s->p, bytes.p, bytes.n);
	s->n = bytes.n;
	while (*p != NULL)
		p = &(*p)->next;
	*p = s;
}

static void
free_segs(struct tcp *t)
{
	while (t->in != NULL) {
		struct seg *s = t->in;

		t->in = s->next;
		free(s->p);
		free(s);
	}
}

void
tcp_start(struct tcp *t, const struct tcp_events *ev, void *ctx)
{
	t->ev = ev;
	t->ctx = ctx;
}

const char *
tcp_peer_text(char out[TCP_TEXT_MAX], const struct tcp_peer *p)
{
	(void)p;
	(void)snprintf(out, TCP_TEXT_MAX, "sim");
	return out;
}

const struct tcp_peer *
tcp_peer_of(const struct tcp *t)
{
	return &t->peer;
}

struct buf *
tcp_out(struct tcp *t)
{
	return &t->out;
}

void
tcp_flush(struct tcp *t)
{
	struct span s;

	/* Each call is a turn of its own. */
	if (t->ev != NULL && t->ev->turn != NULL && !t->in_turn) {
		t->in_turn = 1;
		t->ev->turn(t->ctx);
		t->in_turn = 0;
	}
	s = buf_bytes(&t->out);
	if (t->other != NULL && !t->finished && s.n > 0) {
		/* Cut anywhere, now and then. */
		if (s.n > 1 && sim_chance(4) == 0) {
			const size_t k = 1 + sim_chance((uint32_t)s.n - 1);

			add_seg(t->other, SEG_BYTES, (struct span){ s.p, k });
			s.p += k;
			s.n -= k;
		}
		add_seg(t->other, SEG_BYTES, s);
	}
	buf_consume(&t->out, t->out.n);
}

size_t
tcp_queued(const struct tcp *t)
{
	(void)t;
	return 0;
}

int
tcp_is_stuck(const struct tcp *t)
{
	(void)t;
	return 0;
}

size_t
tcp_backlog(const struct loop *l)
{
	(void)l;
	return 0;
}

void
tcp_pause(struct tcp *t)
{
	t->paused = 1;
}

void
tcp_resume(struct tcp *t)
{
	t->paused = 0;
}

void
tcp_finish(struct tcp *t)
{
	tcp_flush(t);
	if (t->other != NULL && !t->finished)
		add_seg(t->other, SEG_END, (struct span){ NULL, 0 });
	t->finished = 1;
}

/* Freed by the next turn: somebody may be inside its callback. */
void
tcp_close(struct tcp *t)
{
	if (t == NULL)
		return;
	tcp_finish(t);
	if (t->other != NULL)
		t->other->other = NULL;
	t->other = NULL;
	t->closed = 1;
	t->ev = NULL;
	free_segs(t);
}

static void
sweep(void)
{
	struct tcp **p = &sim.tcps;

	while (*p != NULL) {
		struct tcp *t = *p;

		if (!t->closed) {
			p = &t->next;
			continue;
		}
		*p = t->next;
		buf_free(&t->out);
		free(t);
	}
}

static void
cut_one(struct tcp *t, int told)
{
	free_segs(t);
	t->other = NULL;
	if (told)
		add_seg(t, SEG_ERROR, (struct span){ NULL, 0 });
}

void
sim_cut(unsigned node, enum sim_cut how)
{
	for (struct tcp *t = sim.tcps; t != NULL; t = t->next) {
		struct tcp *o = t->other;
		const int first = how == SIM_CUT_BOTH ||
		    (how == SIM_CUT_ONE && sim_chance(2));

		/* The loop of a closed one may be gone. */
		if (t->closed || t->l->node != node || o == NULL)
			continue;
		cut_one(t, first);
		cut_one(o,
		    how == SIM_CUT_BOTH || (how == SIM_CUT_ONE && !first));
	}
}

/* ---- listening and dialling ---- */

enum sotto_err
tcp_listen(struct tcp_listener **out, struct loop *l,
    const struct tcp_listen_conf *conf, tcp_accept_fn *fn, void *ctx,
    const char **why)
{
	struct tcp_listener *s = calloc(1, sizeof(*s));

	*why = "memory ran out";
	if (s == NULL)
		return SOTTO_EIO;
	*s = (struct tcp_listener){ l, conf->port, conf->out_max, fn, ctx,
		sim.listeners };
	sim.listeners = *out = s;
	return SOTTO_OK;
}

uint16_t
tcp_listener_port(const struct tcp_listener *s)
{
	return s->port;
}

void
tcp_listener_pause(struct tcp_listener *s, int yes)
{
	(void)s;
	(void)yes;
}

void
tcp_listener_free(struct tcp_listener *s)
{
	struct tcp_listener **p = &sim.listeners;

	if (s == NULL)
		return;
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	free(s);
}

struct tcp_dial *
tcp_dial_new(struct loop *l, const char *host, uint16_t port, size_t out_max,
    tcp_dial_fn *fn, void *ctx)
{
	struct tcp_dial *d = calloc(1, sizeof(*d));

	(void)host;
	if (d == NULL)
		return NULL;
	*d = (struct tcp_dial){ .l = l,
		.port = port,
		.out_max = out_max,
		.fn = fn,
		.ctx = ctx,
		.at = sim.now + 1 + sim_chance(sim.latency),
		.seq = ++sim.seq,
		.next = sim.dials };
	sim.dials = d;
	return d;
}

static void
unlink_dial(struct tcp_dial *d)
{
	struct tcp_dial **p = &sim.dials;

	while (*p != d)
		p = &(*p)->next;
	*p = d->next;
}

void
tcp_dial_cancel(struct tcp_dial *d)
{
	if (d == NULL)
		return;
	unlink_dial(d);
	free(d);
}

static struct tcp_listener *
who_listens(const struct tcp_dial *d)
{
	for (struct tcp_listener *s = sim.listeners; s != NULL; s = s->next)
		if (s->port == d->port && !s->l->dead &&
		    !sim.unreachable[s->l->node] &&
		    !sim.unreachable[d->l->node])
			return s;
	return NULL;
}

static void
end_dial(struct tcp_dial *d)
{
	struct tcp_listener *s = who_listens(d);
	struct tcp_dial one = *d;
	struct tcp *a, *b;

	unlink_dial(d);
	free(d);
	if (s == NULL) {
		one.fn(one.ctx, NULL, "nobody is there");
		return;
	}
	a = new_tcp(one.l, one.out_max);
	b = new_tcp(s->l, s->out_max);
	a->other = b;
	b->other = a;
	sim.node = s->l->node;
	s->fn(s->ctx, b);
	sim.node = one.l->node;
	one.fn(one.ctx, a, NULL);
}

/* ---- turns ---- */

/* The earliest of all that is due. */
struct due {
	uint64_t at, seq;
	struct loop_timer *timer;
	struct work *work;
	struct tcp *tcp;
	struct tcp_dial *dial;
};

static int
runs(const struct loop *l)
{
	return !l->dead && !sim.frozen[l->node];
}

static int
sooner(struct due *d, uint64_t at, uint64_t seq)
{
	/* What a frozen loop has missed is due now. */
	at = at > sim.now ? at : sim.now;
	if (d->seq != 0 && (at > d->at || (at == d->at && seq > d->seq)))
		return 0;
	*d = (struct due){ .at = at, .seq = seq };
	return 1;
}

static struct due
find_due(void)
{
	struct due d = { 0 };

	for (struct loop_timer *t = sim.timers; t != NULL; t = t->next)
		if (t->armed && runs(t->l) && sooner(&d, t->at, t->seq))
			d.timer = t;
	for (struct work *w = sim.work; w != NULL; w = w->next)
		if (runs(w->l) && sooner(&d, w->at, w->seq))
			d.work = w;
	for (struct tcp *t = sim.tcps; t != NULL; t = t->next)
		if (t->in != NULL && t->ev != NULL && !t->paused && !t->ended &&
		    runs(t->l) && sooner(&d, t->in->at, t->in->seq))
			d.tcp = t;
	for (struct tcp_dial *t = sim.dials; t != NULL; t = t->next)
		if (runs(t->l) && sooner(&d, t->at, t->seq))
			d.dial = t;
	return d;
}

static void
do_work(struct work *w)
{
	struct work **p = &sim.work;

	if (!w->ran) {
		w->ran = 1;
		w->run(w->job);
		w->at = sim.now + sim_chance(10);
		w->seq = ++sim.seq;
		return;
	}
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	run_work(w);
}

static void
deliver(struct tcp *t)
{
	struct seg *s = t->in;

	t->in = s->next;
	note(3, s->n, t->l->node);
	if (s->kind == SEG_BYTES) {
		t->ev->read(t->ctx, (struct span){ s->p, s->n });
	} else {
		t->ended = 1;
		t->ev->end(t->ctx,
		    s->kind == SEG_END ? TCP_END_EOF : TCP_END_ERROR);
	}
	free(s->p);
	free(s);
}

static int
do_watches(void)
{
	for (struct loop_watch *w = sim.watches; w != NULL; w = w->next) {
		struct pollfd p = { w->fd, POLLIN, 0 };

		if (!runs(w->l) || poll(&p, 1, 0) <= 0)
			continue;
		sim.node = w->l->node;
		note(4, 0, sim.node);
		w->fn(w->ctx);
		return 1;
	}
	return 0;
}

/* Of who had the event, unless it was its last. */
static void
end_turn(void)
{
	for (struct loop *l = sim.loops; l != NULL; l = l->next)
		if (l->node == sim.node && !l->dead && l->on_turn != NULL) {
			l->on_turn(l->turn_ctx);
			return;
		}
}

int
sim_turn(uint64_t until_ms)
{
	struct due d;

	sweep();
	if (do_watches())
		return 1;
	d = find_due();
	if (d.seq == 0 || d.at > until_ms) {
		sim.now = until_ms > sim.now ? until_ms : sim.now;
		return 0;
	}
	sim.now = d.at;
	note(1, sim.now, 0);
	if (!sim.frozen[0]) {
		sim.node = 0;
		sim_relay_turn();
	}
	if (d.timer != NULL) {
		d.timer->armed = 0;
		sim.node = d.timer->l->node;
		d.timer->fn(d.timer->ctx);
	} else if (d.work != NULL) {
		sim.node = d.work->l->node;
		do_work(d.work);
	} else if (d.tcp != NULL) {
		sim.node = d.tcp->l->node;
		deliver(d.tcp);
	} else {
		sim.node = d.dial->l->node;
		end_dial(d.dial);
	}
	end_turn();
	return 1;
}

void
sim_drop_node(unsigned node)
{
	for (struct loop *l = sim.loops; l != NULL; l = l->next)
		if (l->node == node)
			l->dead = 1;
	sim_cut(node, SIM_CUT_ONE);
	/* The survivor is told at once, later, or by its own heartbeat. */
}

void
sim_last_words(unsigned node)
{
	for (struct loop_watch *w = sim.watches; w != NULL; w = w->next)
		if (w->l->node == node && w->l->dead) {
			w->fn(w->ctx);
			return; /* it may have freed itself */
		}
}

void
sim_reset(uint64_t seed)
{
	sweep();
	sim.now = sim.seq = sim.trace = 0;
	test_rng_init(&sim.rnd, seed);
	sim.g = test_rng(&sim.rnd);
	sim.node = 0;
	sim.latency = 50;
	for (unsigned i = 0; i < SIM_NODES; i++)
		sim.wall[i] = sim.unreachable[i] = sim.frozen[i] = 0;
}
