/* The side that is asked; see chat.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/chat_priv.h"

static enum sotto_err
check_e1(struct chat *c, const struct name *from, const struct chat_e1 *m,
    uint64_t now_ms, const char **why)
{
	const uint64_t now = now_ms / 1000;
	struct span unsigned_part;

	*why = "a request does not name its sender and us";
	if (!name_eq(&m->from, from) || !name_eq(&m->to, &c->self.id->name) ||
	    name_eq(&m->from, &m->to))
		return SOTTO_EAUTH;
	*why = "a request is too old, or from the future";
	if (m->time > now + CHAT_REQUEST_LEAD_MAX ||
	    (now > m->time && now - m->time > CHAT_REQUEST_AGE_MAX))
		return SOTTO_EAUTH;
	*why = "the certificate in a request is bad";
	if (chat_learn_peer(c, from, m->cert, m->device, now_ms) != SOTTO_OK)
		return SOTTO_EAUTH;
	*why = "the signature of a request is wrong";
	unsigned_part = (struct span){ c->e1, c->e1_len - SIG_LEN };
	if (!chat_signed(c->peer_key, SIGN_E2E_REQUEST, &unsigned_part, 1,
		m->sig))
		return SOTTO_EAUTH;
	*why = "a request offers no cipher suite of ours";
	return suite_choose(&c->suite, &c->self.suites, &m->suites);
}

enum sotto_err
chat_incoming(struct chat **out, const struct chat_self *self,
    const struct name *from, struct span e1, uint64_t now_ms,
    const struct rng *g, struct trace *trace, const char **why)
{
	struct chat *c;
	struct chat_e1 m;
	enum sotto_err e;

	*why = "a request is malformed";
	if (e1.n > E1_MAX)
		return SOTTO_EFORMAT;
	if ((e = chat_e1_read(&m, e1)) != SOTTO_OK)
		return e;
	*why = "memory ran out";
	if ((c = chat_make(self, g, trace)) == NULL)
		return SOTTO_ENOMEM;
	memcpy(c->e1, e1.p, e1.n);
	c->e1_len = e1.n;
	chat_trace_e1(c->trace, TRACE_RECEIVED, &m, e1.n);
	if ((e = check_e1(c, from, &m, now_ms, why)) != SOTTO_OK) {
		chat_free(c);
		return e;
	}
	c->id = m.id;
	c->their = m.ea;
	c->state = CHAT_S_RINGING;
	chat_trace_peer(c->trace, &c->peer);
	*out = c;
	return SOTTO_OK;
}

enum sotto_err
chat_accept(struct chat *c, struct rsa_key *eph, struct wr *out)
{
	struct chat_e2 m = { .id = c->id,
		.suite = (uint8_t)c->suite,
		.cert = chat_own_cert(c),
		.device = SPAN(c->self.id->device_cert) };
	struct rsa_pub *pub = rsa_pub_of(eph);
	size_t start = out->n;
	struct span parts[2];
	uint8_t *sig;
	enum sotto_err e = SOTTO_ESTATE;

	if (c->state != CHAT_S_RINGING)
		goto fail;
	e = pub == NULL ? SOTTO_ENOMEM : rsa_pub_modulus(pub, c->modulus);
	if (e != SOTTO_OK)
		goto fail;
	m.modulus = SPAN(c->modulus);
	rng_fill(&c->g, m.nonce, sizeof(m.nonce));
	x25519_make(&c->x, &m.eb, &c->g);
	chat_e2_write(out, &m);
	parts[0] = chat_e1_of(c);
	parts[1] = (struct span){ out->p + start, out->n - start };
	hash_parts(&c->sched.h2, parts, 2);
	if ((sig = wr_take(out, SIG_LEN)) == NULL) {
		e = wr_end(out);
		goto fail;
	}
	if ((e = chat_sign(c, SIGN_E2E_ACCEPT, parts, 2, sig)) != SOTTO_OK)
		goto fail;
	m.sig = (struct span){ sig, SIG_LEN };
	chat_trace_e2(c->trace, TRACE_SENT, &m, out->n - start);
	c->eph = eph;
	c->state = CHAT_S_ACCEPTED;
	rsa_pub_free(pub);
	return SOTTO_OK;
fail:
	rsa_pub_free(pub);
	rsa_key_free(eph);
	return e;
}

enum sotto_err
chat_refuse(struct chat *c, enum chat_reason why, struct wr *out)
{
	struct chat_no m = { .id = c->id,
		.reason = why,
		.cert = chat_own_cert(c) };
	const uint8_t reason = (uint8_t)why;
	uint8_t *sig;
	enum sotto_err e;

	if (c->state != CHAT_S_RINGING)
		return SOTTO_ESTATE;
	rng_fill(&c->g, m.nonce, sizeof(m.nonce));
	chat_no_write(out, &m);
	if ((sig = wr_take(out, SIG_LEN)) == NULL)
		return wr_end(out);
	e = chat_sign(c, SIGN_E2E_REFUSE,
	    (const struct span[]){ chat_e1_of(c), SPAN(m.nonce),
		{ &reason, 1 } },
	    3, sig);
	if (e == SOTTO_OK)
		chat_over(c);
	return e;
}

/* The pmk and A's signature out of E3, or a reason. */
static const char *
open_key(struct chat *c, struct span in)
{
	const struct span oaep = { in.p + CHAT_ID_LEN, RSA_LEN };
	const struct span sealed = { in.p + CHAT_ID_LEN + RSA_LEN,
		CHAT_E3_SEALED };
	struct key shared, pmk, opened; /* secret */
	const char *why = NULL;
	uint8_t sig[SIG_LEN];
	size_t n = 0;

	rng_fill(&c->g, pmk.b, sizeof(pmk.b));
	if (rsa_oaep_open(c->eph, SPAN(c->sched.h2.b), oaep, opened.b,
		sizeof(opened.b), &n) == SOTTO_OK &&
	    n == sizeof(opened.b))
		pmk = opened; /* cppcheck-suppress uninitvar */
	if (x25519_shared(&shared, &c->x, &c->their) != SOTTO_OK) {
		why = "the key agreement is not acceptable";
		goto out;
	}
	chat_sched_agree(&c->sched, &shared, &pmk, oaep);
	if (aead_open_once(sig, &c->sched.a_hs, &c->sched.h3, sealed) !=
	    SOTTO_OK)
		why = "the other side could not prove the keys";
	else if (sign_check(sig, c->peer_key, SIGN_E2E_KEY, &c->sched.h3) !=
	    SOTTO_OK)
		why = "the signature of the key message is wrong";
	else
		chat_sched_h4(&c->sched, sealed);
out:
	WIPE(shared);
	WIPE(pmk);
	WIPE(opened);
	if (why != NULL)
		WIPE(c->x); /* else the ratchet's first key */
	rsa_key_free(c->eph);
	c->eph = NULL;
	return why;
}

enum chat_event
chat_on_key(struct chat *c, struct span in, struct wr *out, const char **why)
{
	struct hash verify;
	const char *bad;
	uint8_t *sealed;

	if (in.n != CHAT_E3_LEN)
		return chat_fail(c, why, "the key message is malformed");
	chat_trace_e3(c->trace, TRACE_RECEIVED, in.n);
	if ((bad = open_key(c, in)) != NULL)
		return chat_fail(c, why, bad);
	chat_sched_verify(&verify, &c->sched);
	wr_bytes(out, c->id.b, sizeof(c->id.b));
	sealed = wr_take(out, CHAT_E4_SEALED);
	if (sealed == NULL ||
	    aead_seal_once(sealed, &c->sched.b_hs, &c->sched.h4,
		SPAN(verify.b)) != SOTTO_OK)
		return chat_fail(c, why, "memory ran out");
	chat_trace_e4(c->trace, TRACE_SENT, CHAT_E4_LEN);
	chat_sched_keys(&c->sched, &c->root, &c->first);
	chat_sched_forget(&c->sched);
	chat_trace_open(c->trace, c->suite, &c->sched.h4);
	c->state = CHAT_S_OPEN;
	return CHAT_EV_OPEN;
}

enum chat_event
chat_on_cancel(struct chat *c, struct span in, const char **why)
{
	const struct span e1 = chat_e1_of(c);

	if (in.n != CHAT_CANCEL_LEN ||
	    !chat_signed(c->peer_key, SIGN_E2E_CANCEL, &e1, 1,
		(struct span){ in.p + CHAT_ID_LEN, SIG_LEN }))
		return chat_ignore(why, "a cancel is forged");
	chat_over(c);
	chat_trace_over(c->trace, TRACE_RECEIVED, "CHAT_CANCEL", in.n,
	    "signed by the person who asked");
	return CHAT_EV_CANCELLED;
}
