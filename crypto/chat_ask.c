/* The side that asks; see chat.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/chat_priv.h"

struct chat *
chat_request(const struct chat_self *self, const struct name *to,
    uint64_t now_ms, const struct rng *g, struct trace *trace, struct wr *out)
{
	struct chat *c = chat_make(self, g, trace);
	struct chat_e1 m = { .version = CHAT_VERSION,
		.from = self->id->name,
		.to = *to,
		.time = now_ms / 1000,
		.suites = self->suites,
		.cert = { self->id->cert, self->id->cert_len },
		.device = SPAN(self->id->device_cert) };
	struct span unsigned_part;
	uint8_t *sig;
	struct wr w;

	if (c == NULL)
		return NULL;
	c->asker = 1;
	c->state = CHAT_S_ASKED;
	c->peer.name = *to;
	c->offered = self->suites;
	rng_fill(&c->g, c->id.b, sizeof(c->id.b));
	m.id = c->id;
	rng_fill(&c->g, m.nonce, sizeof(m.nonce));
	x25519_make(&c->x, &m.ea, &c->g);
	wr_init(&w, c->e1, sizeof(c->e1));
	chat_e1_write(&w, &m);
	unsigned_part = wr_out(&w);
	if ((sig = wr_take(&w, SIG_LEN)) == NULL ||
	    chat_sign(c, SIGN_E2E_REQUEST, &unsigned_part, 1, sig) !=
		SOTTO_OK) {
		chat_free(c);
		return NULL;
	}
	c->e1_len = w.n;
	m.sig = (struct span){ sig, SIG_LEN };
	wr_span(out, chat_e1_of(c));
	chat_trace_e1(c->trace, TRACE_SENT, &m, c->e1_len);
	if (wr_end(out) == SOTTO_OK)
		return c;
	chat_free(c);
	return NULL;
}

enum chat_event
chat_on_accept(struct chat *c, struct span in, uint64_t now_ms,
    const char **why)
{
	struct chat_e2 m;
	struct span parts[2];

	if (chat_e2_read(&m, in) != SOTTO_OK)
		return chat_fail(c, why, "the answer is malformed");
	chat_trace_e2(c->trace, TRACE_RECEIVED, &m, in.n);
	if (chat_learn_peer(c, &c->peer.name, m.cert, m.device, now_ms) !=
	    SOTTO_OK)
		return chat_fail(c, why,
		    "the certificate in the answer is bad");
	parts[0] = chat_e1_of(c);
	parts[1] = (struct span){ in.p, in.n - SIG_LEN };
	hash_parts(&c->sched.h2, parts, 2);
	if (sign_check(m.sig.p, c->peer_key, SIGN_E2E_ACCEPT, &c->sched.h2) !=
	    SOTTO_OK)
		return chat_fail(c, why,
		    "the signature of the answer is wrong");
	if (!suite_known(m.suite, &c->suite) ||
	    !suite_in(&c->offered, c->suite))
		return chat_fail(c, why,
		    "a cipher suite was chosen that we did "
		    "not offer");
	memcpy(c->modulus, m.modulus.p, sizeof(c->modulus));
	c->their = m.eb;
	chat_trace_peer(c->trace, &c->peer);
	c->state = CHAT_S_ANSWERED;
	return CHAT_EV_ANSWERED;
}

enum chat_event
chat_on_refuse(struct chat *c, struct span in, uint64_t now_ms,
    const char **why)
{
	const uint8_t *reason;
	struct rsa_pub *key = NULL;
	struct chat_no m;
	int good;

	if (chat_no_read(&m, in) != SOTTO_OK ||
	    chat_check_cert(&c->self, m.cert, &c->peer.name, now_ms, &key) !=
		SOTTO_OK)
		return chat_ignore(why, "a refusal is malformed");
	reason = in.p + CHAT_ID_LEN + CHAT_NONCE_LEN;
	good = chat_signed(key, SIGN_E2E_REFUSE,
	    (const struct span[]){ chat_e1_of(c), SPAN(m.nonce),
		{ reason, 1 } },
	    3, m.sig);
	rsa_pub_free(key);
	/* The relay may be silent, but it cannot say no for somebody. */
	if (!good)
		return chat_ignore(why, "a refusal is forged");
	c->reason = m.reason;
	chat_over(c);
	chat_trace_over(c->trace, TRACE_RECEIVED, "E2' CHAT_REFUSE", in.n,
	    "signed by the person who was asked");
	return CHAT_EV_REFUSED;
}

enum sotto_err
chat_confirm(struct chat *c, struct wr *out)
{
	struct key shared, pmk; /* secret */
	uint8_t sig[SIG_LEN], *oaep, *sealed;
	struct rsa_pub *eph = NULL;
	struct rsa_key *uik = NULL; /* secret */
	enum sotto_err e;

	if (c->state != CHAT_S_ANSWERED)
		return SOTTO_ESTATE;
	rng_fill(&c->g, pmk.b, sizeof(pmk.b));
	wr_bytes(out, c->id.b, sizeof(c->id.b));
	oaep = wr_take(out, RSA_LEN);
	sealed = wr_take(out, CHAT_E3_SEALED);
	if ((e = wr_end(out)) != SOTTO_OK ||
	    (e = rsa_pub_from_modulus(&eph, c->modulus)) != SOTTO_OK ||
	    (e = rsa_oaep_seal(eph, SPAN(c->sched.h2.b), SPAN(pmk.b), oaep,
		 RSA_LEN)) != SOTTO_OK ||
	    (e = x25519_shared(&shared, &c->x, &c->their)) != SOTTO_OK)
		goto out;
	chat_sched_agree(&c->sched, &shared, &pmk,
	    (struct span){ oaep, RSA_LEN });
	if ((e = ident_key(c->self.id, &uik)) != SOTTO_OK ||
	    (e = sign_hash(sig, uik, SIGN_E2E_KEY, &c->sched.h3)) != SOTTO_OK ||
	    (e = aead_seal_once(sealed, &c->sched.a_hs, &c->sched.h3,
		 SPAN(sig))) != SOTTO_OK)
		goto out;
	chat_sched_h4(&c->sched, (struct span){ sealed, CHAT_E3_SEALED });
	chat_sched_keys(&c->sched, &c->root, &c->first);
	chat_trace_e3(c->trace, TRACE_SENT, CHAT_E3_LEN);
	c->state = CHAT_S_CONFIRMED;
out:
	if (e != SOTTO_OK)
		chat_over(c);
	rsa_pub_free(eph);
	rsa_key_free(uik);
	WIPE(shared);
	WIPE(pmk);
	WIPE(c->x);
	return e;
}

enum chat_event
chat_on_finished(struct chat *c, struct span in, const char **why)
{
	struct hash got, want;
	struct span sealed;

	if (in.n != CHAT_E4_LEN)
		return chat_fail(c, why, "the last message is malformed");
	sealed = (struct span){ in.p + CHAT_ID_LEN, CHAT_E4_SEALED };
	chat_sched_verify(&want, &c->sched);
	if (aead_open_once(got.b, &c->sched.b_hs, &c->sched.h4, sealed) !=
		SOTTO_OK ||
	    !secret_eq(got.b, want.b, sizeof(got.b)))
		return chat_fail(c, why,
		    "the other side could not prove the keys");
	chat_trace_e4(c->trace, TRACE_RECEIVED, in.n);
	chat_sched_forget(&c->sched);
	chat_trace_open(c->trace, c->suite, &c->sched.h4);
	c->state = CHAT_S_OPEN;
	return CHAT_EV_OPEN;
}

enum sotto_err
chat_cancel(struct chat *c, struct wr *out)
{
	const struct span e1 = chat_e1_of(c);
	uint8_t *sig;
	enum sotto_err e;

	if (c->state != CHAT_S_ASKED && c->state != CHAT_S_ANSWERED)
		return SOTTO_ESTATE;
	wr_bytes(out, c->id.b, sizeof(c->id.b));
	if ((sig = wr_take(out, SIG_LEN)) == NULL)
		return wr_end(out);
	e = chat_sign(c, SIGN_E2E_CANCEL, &e1, 1, sig);
	chat_over(c);
	chat_trace_over(c->trace, TRACE_SENT, "CHAT_CANCEL", CHAT_CANCEL_LEN,
	    "the request was taken back");
	return e;
}
