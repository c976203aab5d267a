/*
 * Random schedules of two clients and a relay: sim [SCHEDULES [SEED]].  What
 * one side has stored as said is in the other's history once all is well
 * again: once, and in order.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/prim.h"
#include "sotto/history.h"
#include "tests/lib/cm.h"

#define STEPS 40

/* A history as it is on the disk. */
struct told {
	unsigned mine[256], theirs[256];
	size_t n_mine, n_theirs, undelivered;
};

static struct told told[2];

static void
add_number(unsigned list[256], size_t *n, const char *text)
{
	const char *at = strchr(text, ' ');

	assert_non_null(at);
	assert_true(*n < 256);
	list[(*n)++] = (unsigned)atoi(at + 1);
}

static void
on_line(struct sim_client *c, const struct msg *m)
{
	struct told *t = &told[c->node - 1];

	if (m->kind == HIST_MINE) {
		add_number(t->mine, &t->n_mine, m->text);
		t->undelivered +=
		    m->sent != SENT_DELIVERED && m->sent != SENT_READ;
	} else if (m->kind == HIST_THEIRS) {
		add_number(t->theirs, &t->n_theirs, m->text);
	}
}

/* Both histories, read by clients that start anew. */
static void
read_back(struct sim_world *w)
{
	memset(told, 0, sizeof(told));
	sim_kill_relay(w);
	for (unsigned i = 0; i < 2; i++) {
		sim_kill_client(w, i);
		sim_client(w, i)->on_line = on_line;
		sim_start_client(w, i);
	}
	sim_run(w, sim_now() + 5000);
}

static int
same(const struct told *from, const struct told *to)
{
	if (from->n_mine != to->n_theirs)
		return 0;
	for (size_t i = 0; i < from->n_mine; i++) /* the newest first */
		if (from->mine[i] != to->theirs[i] ||
		    (i > 0 && from->mine[i] >= from->mine[i - 1]))
			return 0;
	return 1;
}

/* What the app was told is true; nothing was shown twice. */
static int
kept_word(const struct sim_client *c, const struct told *t)
{
	for (unsigned k = 0; k < c->said; k++) {
		int found = 0;

		for (size_t i = 0; i < t->n_mine; i++)
			found |= t->mine[i] == k;
		if (c->accepted[k] && !found)
			return 0;
	}
	for (unsigned k = 0; k < 256; k++)
		if (c->heard[k] > 1)
			return 0;
	return 1;
}

/* ---- what happens ---- */

struct faults {
	uint64_t down[SIM_NODES], away[SIM_NODES], frozen[SIM_NODES];
	int64_t jumped[SIM_NODES];
};

static void
recover(struct sim_world *w, struct faults *f, uint64_t now)
{
	for (unsigned n = 0; n < SIM_NODES; n++) {
		if (f->away[n] != 0 && f->away[n] <= now) {
			f->away[n] = 0;
			sim_reachable(n, 1);
		}
		if (f->frozen[n] != 0 && f->frozen[n] <= now) {
			f->frozen[n] = 0;
			sim_freeze(n, 0);
		}
		if (f->down[n] == 0 || f->down[n] > now)
			continue;
		f->down[n] = 0;
		if (n == 0)
			sim_start_relay(w);
		else
			sim_start_client(w, n - 1);
	}
}

static void
kill_one(struct sim_world *w, struct faults *f, unsigned n)
{
	if (f->down[n] != 0)
		return;
	f->down[n] = sim_now() + 1 + sim_chance(sim_chance(2) ? 500 : 60000);
	f->frozen[n] = 0;
	sim_freeze(n, 0);
	if (n == 0)
		sim_kill_relay(w);
	else
		sim_kill_client(w, n - 1);
}

static void
jump(struct faults *f, unsigned n)
{
	int64_t to = (int64_t)sim_chance(12 * 3600) - 6 * 3600;

	sim_clock_jump(n, (to * 1000) - f->jumped[n]);
	f->jumped[n] = to * 1000;
}

static void
one_fault(struct sim_world *w, struct faults *f)
{
	const unsigned n = sim_chance(SIM_NODES), what = sim_chance(7);

	if (getenv("SIM_VERBOSE") != NULL)
		(void)fprintf(stderr, "%9.3f FAULT %u of %u\n",
		    (double)sim_now() / 1000, what, n);
	switch (what) {
	case 0:
		sim_cut(n, (enum sim_cut)sim_chance(3));
		break;
	case 1:
		f->away[n] = sim_now() + 1 + sim_chance(90000);
		sim_reachable(n, 0);
		sim_cut(n, (enum sim_cut)sim_chance(3));
		break;
	case 2:
		jump(f, n);
		break;
	case 3:
		if (f->down[n] != 0)
			break;
		f->frozen[n] = sim_now() + 1 + sim_chance(100000);
		sim_freeze(n, 1);
		break;
	case 6:
		if (n == 0 || f->down[n] != 0)
			break;
		f->down[n] = sim_now() + 1 + sim_chance(60000);
		f->frozen[n] = 0;
		sim_quit_client(w, n - 1);
		break;
	default:
		kill_one(w, f, n);
		break;
	}
}

static void
one_step(struct sim_world *w, struct faults *f)
{
	const unsigned what = sim_chance(10);

	if (what < 2) {
		one_fault(w, f);
	} else if (what == 2) {
		sim_ask(sim_client(w, sim_chance(2)));
		if (sim_chance(2))
			sim_ask(sim_client(w, sim_chance(2)));
	} else {
		for (uint32_t n = 1 + sim_chance(4); n > 0; n--)
			sim_say(sim_client(w, sim_chance(2)));
	}
}

/* All is well again; a chat there must be, and it comes to rest. */
static void
come_to_rest(struct sim_world *w, struct faults *f)
{
	recover(w, f, UINT64_MAX);
	for (unsigned n = 0; n < SIM_NODES; n++)
		sim_clock_jump(n, -f->jumped[n]);
	for (int i = 0; i < 20; i++) {
		sim_run(w, sim_now() + 60000);
		if (sim_client(w, 0)->chat != 0 && sim_client(w, 1)->chat != 0)
			break;
		sim_ask(sim_client(w, (unsigned)i % 2));
	}
	sim_run(w, sim_now() + 300000);
	sim_bad_relay(0);
}

static int
schedule(struct sim_world *w, uint64_t seed, uint64_t *trace)
{
	struct faults f = { 0 };
	int ok;

	sim_reset(seed);
	sim_latency(1 + sim_chance(400));
	sim_bad_relay(sim_chance(2) == 1);
	/* A day after they were made: clocks may go back, too. */
	for (unsigned n = 0; n < SIM_NODES; n++)
		sim_clock_jump(n, 24 * 3600 * 1000);
	sim_begin(w);
	sim_run(w, 3000);
	sim_ask(sim_client(w, sim_chance(2)));
	for (int i = 0; i < STEPS; i++) {
		const uint64_t next =
		    sim_now() + sim_chance(sim_chance(3) ? 1000 : 20000);

		sim_run(w, next);
		recover(w, &f, sim_now());
		one_step(w, &f);
	}
	come_to_rest(w, &f);
	read_back(w);
	*trace = sim_trace();
	ok = same(&told[0], &told[1]) && same(&told[1], &told[0]) &&
	    kept_word(sim_client(w, 0), &told[0]) &&
	    kept_word(sim_client(w, 1), &told[1]) && told[0].undelivered == 0 &&
	    told[1].undelivered == 0;
	if (!ok)
		for (unsigned i = 0; i < 2; i++)
			(void)fprintf(stderr,
			    "seed %llu: %s said %u, stored %zu, the other has "
			    "%zu, not delivered %zu\n",
			    (unsigned long long)seed, sim_client(w, i)->name,
			    sim_client(w, i)->said, told[i].n_mine,
			    told[1 - i].n_theirs, told[i].undelivered);
	sim_end(w);
	return ok;
}

static unsigned schedules = 150;
static uint64_t first_seed = 1;

static void
test_each_arrives_once_and_in_order(void **state)
{
	struct sim_world *w = *state;
	unsigned bad = 0, texts = 0;
	uint64_t trace;

	for (unsigned i = 0; i < schedules; i++) {
		bad += !schedule(w, first_seed + i, &trace);
		texts += (unsigned)(told[0].n_mine + told[1].n_mine);
	}
	(void)fprintf(stderr, "%u schedules, %u texts\n", schedules, texts);
	assert_true(texts > schedules);
	assert_int_equal(bad, 0);
}

/* What a seed did once, it does again: so that it can be looked into. */
static void
test_a_seed_repeats(void **state)
{
	struct sim_world *w = *state;
	uint64_t a, b;

	(void)schedule(w, first_seed, &a);
	(void)schedule(w, first_seed, &b);
	assert_int_equal(a, b);
	(void)schedule(w, first_seed + 1, &b);
	assert_int_not_equal(a, b);
}

/* ---- what only time shows ---- */

#define DAY 86400000ULL

/* A chat that is open on both sides. */
static void
open_chat(struct sim_world *w, uint64_t seed)
{
	sim_reset(seed);
	for (unsigned n = 0; n < SIM_NODES; n++)
		sim_clock_jump(n, 24 * 3600 * 1000);
	sim_begin(w);
	sim_run(w, 3000);
	sim_ask(sim_client(w, 0));
	sim_run(w, sim_now() + 10000);
	assert_true(sim_client(w, 0)->chat != 0 && sim_client(w, 1)->chat != 0);
}

/*
 * The last answer is lost with the asker, who then asks again: for the other
 * side it was open all the time, and says something in those keys.
 */
static void
test_asked_again_while_open(void **state)
{
	struct sim_world *w = *state;
	struct sim_client *alice = sim_client(w, 0), *bob = sim_client(w, 1);

	for (unsigned late = 0; late < 600; late += 20) {
		sim_reset(80);
		for (unsigned n = 0; n < SIM_NODES; n++)
			sim_clock_jump(n, 24 * 3600 * 1000);
		sim_begin(w);
		sim_latency(150);
		sim_run(w, 4000);
		sim_ask(bob);
		while (alice->chat == 0) {
			assert_true(sim_now() < 60000);
			sim_run(w, sim_now() + 1);
		}
		sim_kill_client(w, 1);
		sim_start_client(w, 1);
		while (!bob->online)
			sim_run(w, sim_now() + 1);
		sim_ask(bob);
		sim_run(w, sim_now() + late);
		sim_say(alice);
		sim_run(w, sim_now() + 120000);
		assert_true(alice->chat != 0 && bob->chat != 0);
		for (int i = 0; i < 3; i++) {
			sim_say(alice);
			sim_say(bob);
			sim_run(w, sim_now() + 10000);
		}
		read_back(w);
		assert_int_equal(told[0].n_mine, alice->said);
		assert_int_equal(told[1].n_mine, bob->said);
		assert_true(
		    same(&told[0], &told[1]) && same(&told[1], &told[0]));
		assert_int_equal(told[0].undelivered + told[1].undelivered, 0);
		sim_end(w);
	}
}

static void
keep(struct sim_client *c, unsigned days, int both)
{
	struct msg *m = msg_new(CMD_KEEP);

	assert_non_null(m);
	m->chat = c->chat;
	m->id = days;
	m->on = both;
	sim_post(c, m);
}

static void
say_each(struct sim_world *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		sim_say(sim_client(w, 0));
		sim_say(sim_client(w, 1));
		sim_run(w, sim_now() + 3000);
	}
}

/* What was said before stays; what is said after goes, on both sides, also
 * where the program did not run; a clock that ran away takes nothing along. */
static void
test_disappearing(void **state)
{
	struct sim_world *w = *state;

	open_chat(w, 77);
	say_each(w, 2);
	sim_run(w, sim_now() + 2 * DAY);
	keep(sim_client(w, 0), 2, 1);
	sim_run(w, sim_now() + 10000);
	say_each(w, 3);
	sim_run(w, sim_now() + 10000);
	/* Bob is off, and his clock says that a year has gone by. */
	sim_kill_client(w, 1);
	sim_kill_relay(w);
	sim_clock_jump(2, 365LL * (int64_t)DAY);
	memset(told, 0, sizeof(told));
	sim_client(w, 1)->on_line = on_line;
	sim_start_client(w, 1);
	sim_run(w, sim_now() + 5000);
	assert_int_equal(told[1].n_mine, 5);
	assert_int_equal(told[1].n_theirs, 5);
	sim_client(w, 1)->on_line = NULL;
	sim_clock_jump(2, -365LL * (int64_t)DAY);
	sim_start_relay(w);
	sim_run(w, sim_now() + 4 * DAY);
	read_back(w);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(told[i].n_mine, 2);
		assert_int_equal(told[i].n_theirs, 2);
	}
	sim_end(w);
}

/* Both say it at once: one of the two holds, for both. */
static void
test_both_set_days(void **state)
{
	struct sim_world *w = *state;

	open_chat(w, 78);
	keep(sim_client(w, 0), 1, 1);
	keep(sim_client(w, 1), 30, 1);
	sim_run(w, sim_now() + 10000);
	say_each(w, 2);
	sim_run(w, sim_now() + 4 * DAY);
	read_back(w);
	assert_true(told[0].n_mine == told[1].n_mine);
	assert_true(told[0].n_mine == 0 || told[0].n_mine == 2);
	sim_end(w);
}

/* Only here: the other side keeps all. */
static void
test_keep_here(void **state)
{
	struct sim_world *w = *state;

	open_chat(w, 79);
	say_each(w, 2);
	sim_run(w, sim_now() + 3 * DAY);
	say_each(w, 1);
	keep(sim_client(w, 0), 1, 0);
	sim_run(w, sim_now() + 10000);
	read_back(w);
	assert_int_equal(told[0].n_mine, 1);
	assert_int_equal(told[1].n_mine, 3);
	assert_int_equal(told[1].n_theirs, 3);
	sim_end(w);
}

static int
setup(void **state)
{
	struct secret_state st;

	(void)secret_harden(&st);
	(void)prim_init();
	*state = sim_world_new();
	return 0;
}

static int
teardown(void **state)
{
	sim_world_free(*state);
	sim_keys_free();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_seed_repeats),
		cmocka_unit_test(test_each_arrives_once_and_in_order),
		cmocka_unit_test(test_asked_again_while_open),
		cmocka_unit_test(test_disappearing),
		cmocka_unit_test(test_both_set_days),
		cmocka_unit_test(test_keep_here),
	};

	if (argc > 1)
		schedules = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("sim", tests, setup, teardown);
}
