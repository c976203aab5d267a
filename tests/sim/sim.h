/*
 * sim - two clients and a relay, the real ones, in one thread and in a time of
 * their own: their loops, connections, clocks and random numbers are ours, so
 * that a seed repeats a schedule, and a day takes a moment.
 *
 * sim_loop.c and sim_tcp.c are net/loop.h and net/tcp.h once more; sim_wrap.c
 * stands before the clock, the generators and what only costs time (the linker's
 * --wrap).
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <stdint.h>

#include "crypto/prim.h"
#include "net/loop.h"
#include "sotto/engine.h"
#include "sotto/msgs.h"

/* ---- time, chance, the network: sim_net.c ---- */

/* sim_reset - no time has passed, nothing is under way; chance from seed. */
void sim_reset(uint64_t seed);
/* sim_turn - the next thing that is due until then; 0: there is none. */
int sim_turn(uint64_t until_ms);
uint64_t sim_now(void);
/* sim_chance - 0 to n - 1. */
uint32_t sim_chance(uint32_t n);
/* sim_rng - where all of it comes from. */
struct rng sim_rng(void);
/* sim_trace - of all that has happened: the same for the same seed. */
uint64_t sim_trace(void);

/* Loops that are made from now on, and what they do, belong to that node. */
#define SIM_NODES 3
void sim_node(unsigned node);
unsigned sim_node_now(void);
/* sim_wall - the node's clock, by its jumps; milliseconds since 1970. */
uint64_t sim_wall(void);
void sim_clock_jump(unsigned node, int64_t ms);

enum sim_cut {
	SIM_CUT_BOTH, /* both ends are told soon */
	SIM_CUT_ONE,  /* only one of them is */
	SIM_CUT_NONE  /* nobody is: a cable that was pulled */
};
/* sim_cut - the node's connections; what is under way is lost. */
void sim_cut(unsigned node, enum sim_cut how);
/* sim_reachable - 0: nobody gets a new connection to or from the node. */
void sim_reachable(unsigned node, int yes);
/* sim_latency - of each piece of a stream, at most. */
void sim_latency(uint32_t ms);
/* sim_freeze - the node's loop stands still until thawed. */
void sim_freeze(unsigned node, int yes);
/* sim_drop_node - it is dead: nothing of it runs any more but loop_free(). */
void sim_drop_node(unsigned node);
/* sim_release - what has stopped may end; it has to be joined at once.  0:
 * nothing of the node has stopped. */
int sim_release(unsigned node);
/* sim_last_words - what is in a dead node's mailboxes, for it to quit. */
void sim_last_words(unsigned node);

/* sim_bad_relay - it stores some messages twice, and some behind the next one;
 * sim_relay_turn: time has gone by for it; sim_relay_gone: it is killed. */
void sim_bad_relay(int yes);
void sim_relay_turn(void);
void sim_relay_gone(void);

/* sim_keys_from - which of them comes next. */
void sim_keys_from(size_t first);
/* sim_keys_free - the keys that sim_wrap.c has made; at the very end. */
void sim_keys_free(void);

/* ---- the three: sim_world.c ---- */

struct sim_client {
	unsigned node;
	char dir[512];
	const char *name, *peer;
	struct engine *e;
	int online, entered, loaded, stopped;
	uint32_t chat; /* open; 0: not yet */
	int asking;
	unsigned said; /* texts that it was given to say */
	/* What the app was told: */
	uint8_t accepted[256]; /* of ours: it is stored */
	uint8_t heard[256];    /* of theirs: how often */
	/* Lines of before, the newest first, while they come: */
	int lines, bad;
	int64_t oldest;
	uint32_t page_chat;
	void (*on_line)(struct sim_client *c, const struct msg *m);
};

struct sim_world;
/* sim_world_new - a folder with all three enrolled, to be copied. */
struct sim_world *sim_world_new(void);
void sim_world_free(struct sim_world *w);

/* sim_begin - everything from the copy. */
void sim_begin(struct sim_world *w);
void sim_end(struct sim_world *w);
struct sim_client *sim_client(struct sim_world *w, unsigned i);
/* Killed: what was on its disk at that moment is what comes back. */
void sim_kill_client(struct sim_world *w, unsigned i);
void sim_start_client(struct sim_world *w, unsigned i);
/* sim_quit_client - as the user leaves it. */
void sim_quit_client(struct sim_world *w, unsigned i);
void sim_kill_relay(struct sim_world *w);
void sim_start_relay(struct sim_world *w);
int sim_relay_runs(const struct sim_world *w);
/* sim_run - until then, with all that the clients do of their own accord. */
void sim_run(struct sim_world *w, uint64_t until_ms);
/* sim_post - a command of the app; takes it. */
void sim_post(struct sim_client *c, struct msg *m);
/* sim_ask, sim_say - if it can. */
void sim_ask(struct sim_client *c);
void sim_say(struct sim_client *c);

#endif
