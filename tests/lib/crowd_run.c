/* Loads; see crowd.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#include "tests/lib/cm.h"
#include "tests/lib/crowd_priv.h"

double
crowd_now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
say(struct crowd *c, size_t i, double due)
{
	struct one *o = c->all[i];
	uint8_t text[CROWD_PAYLOAD] = { 0 }, b[CROWD_PAYLOAD + WIRE_RELAY_HEAD];
	struct wire_relay m = { .type =
				    c->load->stored ? CHAT_MESSAGE : CHAT_KEY,
		.ref = ++c->ref,
		.payload = SPAN(text) };
	struct wr w;

	if (o->state != OPEN && c->load->may_end)
		return;
	if (o->state != OPEN)
		fail_msg("client %zu is not connected", i);
	memcpy(text, &due, sizeof(due));
	o->flight++;
	if (c->kind != CROWD_SOTTO) {
		crowd_send_bare(o, SPAN(text));
		return;
	}
	crowd_name(&m.name,
	    c->load->away > 0 ? c->load->away + i : c->first + (i ^ 1));
	wr_init(&w, b, sizeof(b));
	wire_relay_write(&w, &m);
	assert_int_equal(tunnel_send(o->t, TUNNEL_RELAY, wr_out(&w), 0,
			     clock_mono_ms(), &o->out),
	    SOTTO_OK);
}

/* As many as the window has room for. */
static void
fill(struct crowd *c, const struct crowd_load *l)
{
	for (size_t i = 0; i < l->clients; i += 2) {
		if (c->all[i]->flight >= l->window)
			continue;
		for (unsigned k = c->all[i]->flight; k < l->window; k++)
			say(c, i, crowd_now_us());
		crowd_send_out(c->all[i]);
	}
}

static int
order(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void
count_up(struct crowd *c, const struct crowd_load *l, double cpu,
    struct crowd_figures *out)
{
	assert_true(c->arrived > 0 || l->may_end);
	c->sample[c->n_samples] = 0; /* at least one, of those away */
	qsort(c->sample, c->n_samples, sizeof(float), order);
	out->n = c->arrived;
	out->p50 = (double)c->sample[c->n_samples / 2];
	out->p99 = (double)c->sample[c->n_samples * 99 / 100];
	out->cpu_us = l->server != 0
	    ? (crowd_cpu_us(l->server) - cpu) / (double)c->arrived
	    : 0;
}

void
crowd_run(struct crowd *c, const struct crowd_load *l,
    struct crowd_figures *out)
{
	const double start = crowd_now_us(), end = start + l->ms * 1000.0,
		     gap = l->rate > 0 ? 1e6 / l->rate : 0;
	const double cpu = l->server != 0 ? crowd_cpu_us(l->server) : 0;
	double due = start + gap, now;
	size_t next = 0;

	c->load = l;
	c->n_samples = c->arrived = 0;
	while ((now = crowd_now_us()) < end) {
		while (gap > 0 && due <= now) {
			say(c, next, due);
			crowd_send_out(c->all[next]);
			next = (next + 2) % l->clients;
			due += gap;
		}
		if (gap <= 0)
			fill(c, l);
		crowd_turn(c, gap > 0 ? due - crowd_now_us() : 1000);
	}
	/* What is under way belongs to this one. */
	for (size_t i = 0; i < l->clients; i += 2)
		for (int k = 0; c->all[i]->flight > 0 && k < 100; k++)
			crowd_turn(c, 10000);
	count_up(c, l, cpu, out);
	for (size_t i = 0; i < l->clients; i++)
		c->all[i]->flight = 0;
	c->load = NULL;
}
