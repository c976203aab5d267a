/* net/tcp.h once more; see sim.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_priv.h"

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

void
sim_sweep(void)
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

void
sim_end_dial(struct tcp_dial *d)
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

void
sim_deliver(struct tcp *t)
{
	struct seg *s = t->in;

	t->in = s->next;
	sim_note(3, s->n, t->l->node);
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
