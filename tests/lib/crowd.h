/*
 * crowd - many clients in one thread, for loads: of the real relay, or of a
 * bare one (bare.h).  Users of the relay are put into its store without any
 * RSA, and log in with tickets that its own key has sealed.
 */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include "crypto/hs.h"
#include "crypto/ident.h"
#include "crypto/tunnel.h"
#include "net/wire.h"
#include "tests/lib/world.h"

/* crowd_users - n users u0, u1, ... in the store of w's relay, which is started
 * anew. */
void crowd_users(struct world *w, size_t n);

struct crowd;

enum crowd_kind {
	CROWD_BARE,     /* passes on */
	CROWD_BARE_GCM, /* opens and seals */
	CROWD_SOTTO
};

/*
 * crowd_new - n connections to that port of 127.0.0.1, from as many source
 * addresses 127.0.x.y as it takes.  w: whose relay it is; NULL for a bare one.
 */
struct crowd *crowd_new(enum crowd_kind k, struct world *w, uint16_t port);
void crowd_free(struct crowd *c); /* closes all at once */
/* crowd_ticket - for a login of user i by hand: with that identity, borrowed
 * until the next call. */
const struct ident *crowd_ticket(struct crowd *c, size_t i,
    struct hs_ticket *out);
/* crowd_from - its first user is that one, not u0; before crowd_grow(). */
void crowd_from(struct crowd *c, size_t first);
/* crowd_grow - n more, users in order; at most `at_once` logins at a time. */
void crowd_grow(struct crowd *c, size_t n, size_t at_once);
/* crowd_watch - the first n ask for mail and for who is online. */
void crowd_watch(struct crowd *c, size_t n);
/* crowd_silence - handle what comes for that long, send nothing. */
void crowd_silence(struct crowd *c, unsigned ms);
/* crowd_deaf - that connection is not read from any more. */
void crowd_deaf(struct crowd *c, size_t i);
/* crowd_alive - connections that were not closed on us. */
size_t crowd_alive(const struct crowd *c);

/* Traffic from each even one of the first `clients` to the odd one behind. */
struct crowd_load {
	size_t clients;
	int stored;  /* messages that are kept and confirmed, or live ones */
	size_t away; /* ... to users from that one on, who never come; or 0 */
	unsigned window; /* under way for each pair; or, if it is 0: */
	unsigned rate;   /* messages a second in all, when they are due */
	unsigned ms;
	int may_end;  /* the relay may hang up on them */
	pid_t server; /* whose CPU is counted; 0: nobody's */
};

struct crowd_figures {
	size_t n;        /* messages that arrived */
	double cpu_us;   /* of the server, for each */
	double p50, p99; /* microseconds from due to there */
};

void crowd_run(struct crowd *c, const struct crowd_load *l,
    struct crowd_figures *out);

/* crowd_cpu_us - of all threads of a process until now. */
double crowd_cpu_us(pid_t pid);
/* crowd_rss_kib - resident memory of a process. */
size_t crowd_rss_kib(pid_t pid);

#endif
