/*
 * world - a private folder with a relay, companions and clients in terminals,
 * all of them the real programs.  Nothing outlives world_free().
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <sys/types.h>

#include <stdint.h>

#include "tests/lib/tty.h"

#define WORLD_PROCS 2048
#define WORLD_PATH  512

struct proc {
	pid_t pid; /* 0: ended */
	char out[WORLD_PATH];
};

struct world {
	char dir[128];
	uint16_t port; /* of the relay, once it ran */
	struct proc relay;
	struct proc proc[WORLD_PROCS];
	size_t n_procs;
	char bin[WORLD_PATH];        /* where the programs are */
	char relay_conf[WORLD_PATH]; /* "": none */
};

/* world_new - the folder, and a relay that serves.  Never NULL. */
struct world *world_new(void);
void world_free(struct world *w);

/* world_setup, world_teardown - of a group of tests whose state is a world. */
int world_setup(void **state);
int world_teardown(void **state);

/* world_path - dir/name; borrowed until the eighth call after. */
const char *world_path(struct world *w, const char *name);

/* world_configure - what is in the relay's file from its next start, or SIGHUP,
 * on; NULL: it has none any more. */
void world_configure(struct world *w, const char *text);
void world_relay_start(struct world *w);
/* world_relay_stop - with that signal; its wait status. */
int world_relay_stop(struct world *w, int sig);
/* world_relay_log - what the relay has logged; owned by the caller. */
char *world_relay_log(struct world *w);
/* world_relay_waits - until the log has that text. */
void world_relay_waits(struct world *w, const char *text);

/* world_invite - a file with a fresh invite line; borrowed like world_path. */
const char *world_invite(struct world *w, const char *label);

/* world_companion - enrols (or unlocks) as that name and is online.  args:
 * more options, ends with NULL; may be NULL itself. */
struct proc *world_companion(struct world *w, const char *name,
    const char *const *args);
void proc_wait_text(struct proc *p, const char *text);
int proc_count(struct proc *p, const char *text);
int proc_stop(struct proc *p, int sig);

/* world_client - sotto with a home of that name; args as above. */
struct tty *world_client(struct world *w, const char *home, int cols, int rows,
    const char *const *args);
/* world_enrol - a client that has gone all the way in, as that name. */
struct tty *world_enrol(struct world *w, const char *name, int cols, int rows);
/* world_run - a program to its end: its output, owned by the caller. */
char *world_run(struct world *w, int *status, const char *const *argv);
char *world_read(const char *path);

#define WORLD_PASS "correct horse battery"

#endif
