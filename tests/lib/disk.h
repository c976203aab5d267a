/*
 * disk - a client's store in a folder of its own, for tests of it.
 */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

#include "sotto/history.h"
#include "tests/lib/fixture.h"

#define DAY_MS (24ULL * 3600 * 1000)
#define NOW_MS (FIX_NOW * 1000)

struct disk {
	char dir[64], path[96];
	struct key master;
	struct test_rng rnd;
	struct rng g;
	struct vault *v;
};

int disk_setup(void **state);
int disk_teardown(void **state);
void disk_open(struct disk *d);
/* disk_again - closed and opened. */
void disk_again(struct disk *d);
/* disk_change - SQL, by somebody who has the disk, and no key. */
void disk_change(struct disk *d, const char *sql);
/* disk_tamper - the same while the store is closed. */
void disk_tamper(struct disk *d, const char *sql);

/* disk_chat - a new one, open. */
struct hist_chat disk_chat(struct disk *d, const char *name);
/* disk_add - a line; what it owns is not in the answer. */
struct hist_line disk_add(struct disk *d, int64_t chat, enum hist_kind k,
    uint64_t at_ms, uint64_t msg, const char *text);

#endif
