/* Time, chance and what happens next; see sim.h. */
#include "tests/sim/sim_priv.h"

struct sim sim;

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

void
sim_note(unsigned what, uint64_t a, uint64_t b)
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

/* ---- turns ---- */

/* The earliest of all that is due. */
struct due {
	uint64_t at, seq;
	struct loop_timer *timer;
	struct work *work;
	struct tcp *tcp;
	struct tcp_dial *dial;
};

int
sim_runs(const struct loop *l)
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
		if (t->armed && sim_runs(t->l) && sooner(&d, t->at, t->seq))
			d.timer = t;
	for (struct work *w = sim.work; w != NULL; w = w->next)
		if (sim_runs(w->l) && sooner(&d, w->at, w->seq))
			d.work = w;
	for (struct tcp *t = sim.tcps; t != NULL; t = t->next)
		if (t->in != NULL && t->ev != NULL && !t->paused && !t->ended &&
		    sim_runs(t->l) && sooner(&d, t->in->at, t->in->seq))
			d.tcp = t;
	for (struct tcp_dial *t = sim.dials; t != NULL; t = t->next)
		if (sim_runs(t->l) && sooner(&d, t->at, t->seq))
			d.dial = t;
	return d;
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

	sim_sweep();
	if (sim_do_watches())
		return 1;
	d = find_due();
	if (d.seq == 0 || d.at > until_ms) {
		sim.now = until_ms > sim.now ? until_ms : sim.now;
		return 0;
	}
	sim.now = d.at;
	sim_note(1, sim.now, 0);
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
		sim_do_work(d.work);
	} else if (d.tcp != NULL) {
		sim.node = d.tcp->l->node;
		sim_deliver(d.tcp);
	} else {
		sim.node = d.dial->l->node;
		sim_end_dial(d.dial);
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
	sim_sweep();
	sim.now = sim.seq = sim.trace = 0;
	test_rng_init(&sim.rnd, seed);
	sim.g = test_rng(&sim.rnd);
	sim.node = 0;
	sim.latency = 50;
	for (unsigned i = 0; i < SIM_NODES; i++)
		sim.wall[i] = sim.unreachable[i] = sim.frozen[i] = 0;
}
