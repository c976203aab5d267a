/*
 * What a relayed message costs the relay, and how long it takes, beside relays
 * that do nothing else, in the same run: rounds of all of them by turns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/bare.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"

#define CLIENTS 100
#define ROUNDS  5
#define MS      1000

enum who {
	PLAIN,
	GCM,
	SOTTO,
	WHO
};

enum what {
	FULL,
	FULL_STORED,
	TEN_THOUSAND,
	TEN_THOUSAND_STORED,
	THOUSAND,
	WHAT
};

static const char *const whos[] = { "bare", "bare.gcm", "sotto" };
/* With what they may cost, and take, as multiples; 0: no goal. */
static const struct {
	const char *name;
	struct crowd_load load;
	double cpu, p99;
} whats[] = {
	{ "full", { .window = 16 }, 1.25, 0 },
	{ "full.confirmed", { .window = 16, .stored = 1 }, 0, 0 },
	{ "10000/s", { .rate = 10000 }, 1.15, 1.5 },
	{ "10000/s.confirmed", { .rate = 10000, .stored = 1 }, 0, 0 },
	{ "1000/s", { .rate = 1000 }, 0, 1.4 },
};

static struct figure cpu[WHO][WHAT], p99[WHO][WHAT];

static void
one_round(struct crowd *const crowd[WHO], const pid_t pid[WHO])
{
	for (int t = 0; t < WHAT; t++)
		for (int i = 0; i < WHO; i++) {
			struct crowd_load l = whats[t].load;
			struct crowd_figures f;
			struct figure *c = &cpu[i][t], *p = &p99[i][t];

			l.clients = CLIENTS;
			l.ms = MS;
			l.server = pid[i];
			crowd_run(crowd[i], &l, &f);
			c->v[c->n++] = f.cpu_us;
			p->v[p->n++] = f.p99;
		}
}

/* To people who are away: each is on the disk when its sender hears of it. */
static void
bench_away(struct crowd *c, pid_t relay)
{
	struct figure rate = { 0 }, us = { 0 };

	for (int r = 0; r < ROUNDS; r++) {
		const struct crowd_load l = { .clients = CLIENTS,
			.stored = 1,
			.away = (size_t)(1 + r) * CLIENTS,
			.window = 64, /* 3,200 in all */
			.ms = MS,
			.server = relay };
		struct crowd_figures f;

		crowd_run(c, &l, &f);
		us.v[us.n++] = f.cpu_us;
		rate.v[rate.n++] = (double)f.n * 1000 / MS;
	}
	bench_print("load.away.cpu", &us, "us", 0, NULL);
	bench_goal("load.away.rate", &rate, "/s", 0, NULL, -20000);
}

static void
print_one(enum who i, enum what t)
{
	const double gcm = bench_median(&cpu[GCM][t]);
	const double p = bench_median(&p99[t == THOUSAND ? PLAIN : GCM][t]);
	char name[96];

	(void)snprintf(name, sizeof(name), "load.%s.%s.cpu", whats[t].name,
	    whos[i]);
	bench_goal(name, &cpu[i][t], "us", i == SOTTO ? gcm : 0,
	    "the bare open+seal relay", i == SOTTO ? whats[t].cpu : 0);
	(void)snprintf(name, sizeof(name), "load.%s.%s.p99", whats[t].name,
	    whos[i]);
	bench_goal(name, &p99[i][t], "us", i == SOTTO ? p : 0,
	    t == THOUSAND ? "the bare relay without crypto"
			  : "the bare open+seal relay",
	    i == SOTTO ? whats[t].p99 : 0);
}

static void
print_all(void)
{
	for (int t = 0; t < WHAT; t++)
		for (int i = 0; i < WHO; i++)
			print_one((enum who)i, (enum what)t);
}

int
main(void)
{
	struct world *w = world_new();
	struct bare b[2];
	struct crowd *crowd[WHO];
	pid_t pid[WHO];

	crowd_users(w, (1 + ROUNDS) * CLIENTS);
	for (int i = 0; i < SOTTO; i++) {
		bare_start(&b[i], i == GCM);
		pid[i] = b[i].pid;
		crowd[i] = crowd_new(i == GCM ? CROWD_BARE_GCM : CROWD_BARE,
		    NULL, b[i].port);
	}
	pid[SOTTO] = w->relay.pid;
	crowd[SOTTO] = crowd_new(CROWD_SOTTO, w, w->port);
	for (int i = 0; i < WHO; i++)
		crowd_grow(crowd[i], CLIENTS, 16);
	crowd_watch(crowd[SOTTO], CLIENTS);
	crowd_silence(crowd[SOTTO], 5000);
	for (int r = 0; r < ROUNDS; r++)
		one_round(crowd, pid);
	print_all();
	bench_away(crowd[SOTTO], pid[SOTTO]);
	for (int i = 0; i < WHO; i++)
		crowd_free(crowd[i]);
	bare_stop(&b[0]);
	bare_stop(&b[1]);
	world_free(w);
	return 0;
}
