/* Coming back with a ticket, the client's side; see hs_client_priv.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_client_priv.h"

enum hs_event
hs_client_fail(struct hs_client *c, enum hs_fault fault)
{
	if (c->state != C_FAILED) {
		c->fault = fault;
		c->state = C_FAILED;
		trace_begin(c->trace, TRACE_NOTE, "stopped", 0);
		trace_text(c->trace, "why", "%s", hs_fault_text(fault));
	}
	return HS_FAILED;
}

static enum hs_fault
check(struct hs_client *c, const struct hs_m2r *m)
{
	if (m->version != HS_VERSION || m->kex != HS_KEX_RSA_X25519)
		return HS_FAULT_VERSION;
	if (!suite_known(m->suite, &c->suite) ||
	    !suite_in(&c->conf.suites, c->suite))
		return HS_FAULT_SUITE;
	if (c->conf.refuse_legacy && suite_is_legacy(c->suite))
		return HS_FAULT_DOWNGRADE;
	return HS_FAULT_NONE;
}

/* M3R to out, if M2R proves that the relay has the ticket's secret. */
static enum hs_fault
prove(struct hs_client *c, struct span frame, const struct hs_m2r *m,
    struct wr *out)
{
	struct key shared; /* secret */
	struct hash mac;

	if (x25519_shared(&shared, &c->x, &m->es) != SOTTO_OK)
		return HS_FAULT_KEYS;
	hs_resume_start(&c->sched, &shared);
	WIPE(shared);
	hs_resume_mac2(&mac, &c->sched, SPAN(c->m1_frame),
	    (struct span){ frame.p, frame.n - HASH_LEN });
	if (!secret_eq(mac.b, m->mac.b, sizeof(mac.b)))
		return HS_FAULT_KEYS;
	hs_resume_mac3(&mac, &c->sched, &m->mac);
	hs_head_write(out, HS_TYPE_M3R, HS_M3R_LEN);
	wr_bytes(out, mac.b, sizeof(mac.b));
	return wr_end(out) == SOTTO_OK ? HS_FAULT_NONE : HS_FAULT_MEMORY;
}

enum hs_event
hs_client_m2r(struct hs_client *c, struct span frame, uint64_t now,
    struct wr *out)
{
	struct hs_m2r m;
	enum hs_fault f;

	if (hs_m2r_read(&m, frame) != SOTTO_OK)
		return hs_client_fail(c, HS_FAULT_FORMAT);
	/* A ticket of another relay than the pinned one is never shown; were
	 * it, its relay would not be believed. */
	if (c->conf.known == NULL || !c->conf.has_pin ||
	    !secret_eq(c->conf.known->authority.b, c->conf.pin.b, HASH_LEN))
		return hs_client_fail(c, HS_FAULT_KEYS);
	hs_trace_m2r(c->trace, &m, frame.n);
	if ((f = check(c, &m)) == HS_FAULT_NONE)
		f = prove(c, frame, &m, out);
	WIPE(c->x);
	if (f != HS_FAULT_NONE)
		return hs_client_fail(c, f);
	trace_begin(c->trace, TRACE_SENT, "M3R CLIENT_FINISHED",
	    HS_HEAD_LEN + HS_M3R_LEN);
	c->info = *c->conf.known;
	c->info.clock_skew = (int64_t)m.time - (int64_t)now;
	if (c->info.clock_skew >= -HS_CLOCK_SKEW_MAX &&
	    c->info.clock_skew <= HS_CLOCK_SKEW_MAX)
		c->info.clock_skew = 0;
	hs_resume_finish(&c->sched, &c->keys);
	c->keys.suite = c->suite;
	c->keys.user = c->conf.id->name;
	c->keys.limits = m.limits;
	c->keys.server_time = m.time;
	hs_trace_keys(c->trace, &c->keys);
	c->state = C_DONE;
	return HS_DONE;
}
