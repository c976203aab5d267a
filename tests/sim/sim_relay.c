/* A relay that says things twice and in another order (ld --wrap): what it
 * does to a message is not what its reader can rely on. */
#include <stdlib.h>
#include <string.h>

#include "sottod/mail.h"
#include "sottod/server.h"
#include "tests/lib/cm.h"
#include "tests/sim/sim.h"

#define COPY (1ULL << 60) /* a ref that no client draws */

/* One message that lets the next one pass. */
static struct {
	int is, bad;
	uint64_t until;
	struct server *s;
	struct conn *c;
	struct wire_relay m;
	uint8_t *msg; /* owned */
	size_t n, pad;
} held;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the
 * linker wants these names. */
void __wrap_mail_post(struct conn *c, const struct wire_relay *m,
    struct span msg, size_t pad);
void __real_mail_post(struct conn *c, const struct wire_relay *m,
    struct span msg, size_t pad);

void
sim_bad_relay(int yes)
{
	held.bad = yes;
}

static void
hold(struct conn *c, const struct wire_relay *m, struct span msg, size_t pad)
{
	held.is = 1;
	held.until = sim_now() + 100;
	held.s = c->s;
	held.c = c;
	held.m = *m;
	held.n = msg.n;
	held.pad = pad;
	held.msg = malloc(msg.n);
	assert_non_null(held.msg);
	memcpy(held.msg, msg.p, msg.n);
	held.m.payload.p = held.msg + (m->payload.p - msg.p);
}

static void
let_go(int pass)
{
	struct conn *c = held.s->conns;

	held.is = 0;
	while (c != NULL && c != held.c)
		c = c->next;
	/* It may have been closed meanwhile, or its user be elsewhere. */
	if (pass && c != NULL && c->state == CONN_OPEN)
		__real_mail_post(c, &held.m, (struct span){ held.msg, held.n },
		    held.pad);
	free(held.msg);
}

void
sim_relay_turn(void)
{
	if (held.is && sim_now() >= held.until)
		let_go(1);
}

void
sim_relay_gone(void)
{
	if (held.is)
		let_go(0);
}

void
__wrap_mail_post(struct conn *c, const struct wire_relay *m, struct span msg,
    size_t pad)
{
	struct wire_relay copy = *m;

	if (!held.bad) {
		__real_mail_post(c, m, msg, pad);
		return;
	}
	if (!held.is && sim_chance(5) == 0) {
		hold(c, m, msg, pad);
		return;
	}
	__real_mail_post(c, m, msg, pad);
	if (held.is)
		let_go(1);
	if (sim_chance(8) == 0) {
		copy.ref ^= COPY;
		__real_mail_post(c, &copy, msg, pad);
	}
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
