/* Somebody who comes again with a ticket, the relay's side; see
 * hs_server_priv.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_server_priv.h"

/* M2R to out; and what its M3R has to be. */
static enum hs_event
answer(struct hs_server *s, struct span frame, const struct hs_m1 *m1,
    struct wr *out)
{
	const size_t start = out->n;
	struct hs_m2r m = { .version = HS_VERSION,
		.kex = HS_KEX_RSA_X25519,
		.suite = (uint8_t)s->suite,
		.time = s->keys.server_time,
		.limits = s->conf->limits };
	struct x25519_sec y; /* secret */
	struct key shared;   /* secret */
	enum sotto_err e;

	rng_fill(&s->g, m.nonce, sizeof(m.nonce));
	x25519_make(&y, &m.es, &s->g);
	e = x25519_shared(&shared, &y, &m1->ec);
	WIPE(y);
	if (e != SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_KEYS, HS_FAIL_HANDSHAKE);
	hs_resume_start(&s->sched, &shared);
	WIPE(shared);
	hs_m2r_write_open(out, &m);
	hs_resume_mac2(&m.mac, &s->sched, frame,
	    (struct span){ out->p + start, out->n - start });
	wr_bytes(out, m.mac.b, sizeof(m.mac.b));
	if (wr_end(out) != SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_MEMORY, HS_FAIL_BUSY);
	hs_resume_mac3(&s->mac3, &s->sched, &m.mac);
	s->state = S_RESUMED;
	return HS_SEND;
}

enum hs_event
hs_server_resume(struct hs_server *s, struct span frame, const struct key *psk,
    const struct name *user, uint64_t now, struct wr *out)
{
	struct hs_m1 m1;
	struct hash binder;
	enum hs_fail code;

	if (s->state != S_NEW)
		return hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	if (hs_m1_read(&m1, frame) != SOTTO_OK || m1.mode != HS_RESUME)
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	if ((code = hs_negotiate(s, &m1)) != HS_FAIL_NONE)
		return hs_server_stop(s,
		    code == HS_FAIL_SUITE ? HS_FAULT_SUITE : HS_FAULT_VERSION,
		    code);
	kdf_start(&s->sched.s, psk);
	hs_binder(&binder, &s->sched.s, frame);
	if (!secret_eq(binder.b, m1.binder, sizeof(binder.b)))
		return hs_server_stop(s, HS_FAULT_TICKET, HS_FAIL_HANDSHAKE);
	s->mode = HS_RESUME;
	s->resumed = 1;
	s->m3.name = *user;
	s->keys.server_time = now;
	return answer(s, frame, &m1, out);
}

enum hs_event
hs_server_m3r(struct hs_server *s, struct span frame)
{
	struct span body;

	if (hs_frame_read(frame, HS_TYPE_M3R, &body) != SOTTO_OK ||
	    body.n != HS_M3R_LEN)
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	if (!secret_eq(body.p, s->mac3.b, sizeof(s->mac3.b)))
		return hs_server_stop(s, HS_FAULT_KEYS, HS_FAIL_HANDSHAKE);
	hs_resume_finish(&s->sched, &s->keys);
	s->keys.suite = s->suite;
	s->keys.user = s->m3.name;
	s->keys.limits = s->conf->limits;
	s->status = HS_WELCOME;
	s->state = S_PROVEN;
	return HS_PROVEN;
}
