#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_client_priv.h"

/* M1, again after a puzzle: the binder covers the cookie and the answer. */
static enum sotto_err
write_m1(struct hs_client *c, struct wr *out)
{
	struct hash binder;
	struct wr w;

	memset(c->m1.binder, 0, sizeof(c->m1.binder));
	wr_init(&w, c->m1_frame, sizeof(c->m1_frame));
	hs_m1_write(&w, &c->m1);
	if (wr_end(&w) != SOTTO_OK)
		return wr_end(&w);
	if (c->m1.mode != HS_LOGIN) {
		hs_binder(&binder, &c->sched.s, SPAN(c->m1_frame));
		memcpy(c->m1.binder, binder.b, sizeof(binder.b));
		memcpy(c->m1_frame + HS_M1_BINDER_AT, binder.b,
		    sizeof(binder.b));
	}
	wr_bytes(out, c->m1_frame, sizeof(c->m1_frame));
	hs_trace_m1(c->trace, &c->m1, sizeof(c->m1_frame));
	return wr_end(out);
}

static void
fill_m1(struct hs_client *c)
{
	struct hs_m1 *m = &c->m1;
	struct key psk; /* secret */

	m->version_low = m->version_high = HS_VERSION;
	m->mode = c->conf.probe ? HS_LOGIN : c->conf.mode;
	rng_fill(&c->g, m->nonce, sizeof(m->nonce));
	x25519_make(&c->x, &m->ec, &c->g);
	m->kex[0] = HS_KEX_RSA_X25519;
	m->n_kex = 1;
	m->suites = c->conf.suites;
	if (c->conf.has_pin)
		memcpy(m->pin_hint, c->conf.pin.b, sizeof(m->pin_hint));
	if (m->mode == HS_ENROL) {
		memcpy(m->token_id, c->conf.id->token_id, sizeof(m->token_id));
		kdf_key(&psk, &c->conf.id->token, "enrol psk", NULL);
		kdf_start(&c->sched.s, &psk);
		WIPE(psk);
	} else if (m->mode == HS_RESUME) {
		memcpy(m->ticket, c->conf.ticket.b, sizeof(m->ticket));
		kdf_start(&c->sched.s, &c->conf.ticket.psk);
	} else {
		kdf_start(&c->sched.s, NULL);
	}
	WIPE(c->conf.ticket);
}

struct hs_client *
hs_client_new(const struct hs_client_conf *conf, const struct rng *g,
    struct trace *trace, struct wr *out)
{
	struct hs_client *c;

	if (strlen(conf->host) > INVITE_HOST_MAX || conf->suites.n < 1)
		return NULL;
	if ((c = secret_alloc(sizeof(*c))) == NULL)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->conf = *conf;
	memcpy(c->host, conf->host, strlen(conf->host));
	c->conf.host = c->host;
	c->g = *g;
	c->trace = trace;
	fill_m1(c);
	if (write_m1(c, out) != SOTTO_OK) {
		hs_client_free(c);
		return NULL;
	}
	return c;
}

void
hs_client_free(struct hs_client *c)
{
	if (c == NULL)
		return;
	hs_job_free(c->job);
	secret_free(c);
}

static enum hs_event
on_fail(struct hs_client *c, struct span body)
{
	if (body.n != 1 || body.p[0] < HS_FAIL_HANDSHAKE ||
	    body.p[0] > HS_FAIL_SLOW)
		return hs_client_fail(c, HS_FAULT_FORMAT);
	c->info.fail = (enum hs_fail)body.p[0];
	trace_begin(c->trace, TRACE_RECEIVED, "FAIL", HS_HEAD_LEN + body.n);
	trace_text(c->trace, "code", "%u, %s", body.p[0],
	    hs_fail_text(c->info.fail));
	return hs_client_fail(c, HS_FAULT_FAILED);
}

static enum hs_event
on_retry(struct hs_client *c, struct span body)
{
	struct rd r;
	struct hs_job *j;

	if (c->retried)
		return hs_client_fail(c, HS_FAULT_PUZZLE);
	c->retried = 1;
	rd_init(&r, body);
	rd_copy(&r, c->m1.cookie, sizeof(c->m1.cookie));
	if ((j = hs_job_new(HS_JOB_PUZZLE, &c->g)) == NULL)
		return hs_client_fail(c, HS_FAULT_MEMORY);
	j->difficulty = rd_u8(&r);
	memcpy(j->cookie, c->m1.cookie, sizeof(j->cookie));
	memcpy(j->nonce, c->m1.nonce, sizeof(j->nonce));
	hs_trace_m1r(c->trace, body, j->difficulty);
	if (rd_end(&r) != SOTTO_OK || j->difficulty > HS_DIFFICULTY_MAX) {
		hs_job_free(j);
		return hs_client_fail(c, HS_FAULT_PUZZLE);
	}
	c->job = j;
	c->state = C_PUZZLE;
	return HS_JOB;
}

struct hs_job *
hs_client_job(struct hs_client *c)
{
	struct hs_job *j = c->job;

	c->job = NULL;
	return j;
}

enum hs_event
hs_client_job_done(struct hs_client *c, struct hs_job *j, struct wr *out)
{
	enum hs_event ev = HS_SEND;

	if (c->state != C_PUZZLE || j->kind != HS_JOB_PUZZLE) {
		ev = hs_client_fail(c, HS_FAULT_ORDER);
	} else {
		memcpy(c->m1.answer, j->answer, sizeof(c->m1.answer));
		c->state = C_WAIT_M2;
		if (write_m1(c, out) != SOTTO_OK)
			ev = hs_client_fail(c, HS_FAULT_MEMORY);
	}
	hs_job_free(j);
	return ev;
}

/* What was negotiated must have been offered, and must not be a step back. */
static enum hs_fault
check_choice(struct hs_client *c, const struct hs_m2 *m2)
{
	if (m2->version != HS_VERSION || m2->kex != HS_KEX_RSA_X25519)
		return HS_FAULT_VERSION;
	if (!suite_known(m2->suite, &c->suite) ||
	    !suite_in(&c->conf.suites, c->suite))
		return HS_FAULT_SUITE;
	if (c->conf.refuse_legacy && suite_is_legacy(c->suite))
		return HS_FAULT_DOWNGRADE;
	if (m2->flags != 0)
		return HS_FAULT_FORMAT;
	return HS_FAULT_NONE;
}

static enum hs_fault
check_epoch(const struct hs_m2 *m2, const struct rsa_pub *server,
    struct rsa_pub **epoch)
{
	uint8_t identity[RSA_LEN];

	if (m2->not_after < m2->not_before ||
	    m2->not_after - m2->not_before > HS_EPOCH_WINDOW_MAX ||
	    m2->bits != RSA_BITS)
		return HS_FAULT_EPOCH;
	/* A key that signs must never open. */
	if (rsa_pub_modulus(server, identity) != SOTTO_OK ||
	    memcmp(identity, m2->modulus.p, RSA_LEN) == 0)
		return HS_FAULT_EPOCH;
	return rsa_pub_from_modulus(epoch, m2->modulus.p) == SOTTO_OK
	    ? HS_FAULT_NONE
	    : HS_FAULT_EPOCH;
}

/*
 * The chain server, authority.  On HS_FAULT_NONE, *server is owned.  The pin
 * is looked at as soon as the authority is known to be one, so that a changed
 * authority is told as such.
 */
static enum hs_fault
check_chain(struct hs_client *c, const struct hs_m2 *m2, uint64_t now,
    struct rsa_pub **server)
{
	const struct span leaf = m2->cert[0], ca = m2->cert[m2->n_certs - 1];
	const struct cert_want want = { .use = CERT_SERVER,
		.ca = ca,
		.host = c->host,
		.now = now };
	struct hs_server_info *info = &c->info;
	struct rsa_pub *authority = NULL;
	struct cert_info leaf_info;
	enum sotto_err e;

	/* No intermediate authorities: the relay's own is the only one. */
	if (m2->n_certs != 2)
		return HS_FAULT_FORMAT;
	info->cert_fault = cert_verify_ca(&authority, ca, now);
	if (info->cert_fault != CERT_OK)
		return HS_FAULT_CA;
	e = spki_fingerprint(&info->authority, authority);
	rsa_pub_free(authority);
	if (e != SOTTO_OK)
		return HS_FAULT_MEMORY;
	memcpy(info->ca, ca.p, ca.n);
	info->ca_len = ca.n;
	if (c->conf.has_pin &&
	    memcmp(info->authority.b, c->conf.pin.b, HASH_LEN) != 0)
		return HS_FAULT_PIN;
	info->cert_fault = cert_verify(server, leaf, &want);
	if (info->cert_fault != CERT_OK)
		return HS_FAULT_CERT;
	if (spki_fingerprint(&info->server, *server) != SOTTO_OK ||
	    cert_read_info(&leaf_info, leaf) != SOTTO_OK ||
	    !cert_host_ok(leaf_info.subject)) {
		info->cert_fault = CERT_NAME;
		return HS_FAULT_CERT;
	}
	memcpy(info->relay, leaf_info.subject, sizeof(leaf_info.subject));
	return HS_FAULT_NONE;
}

/* The certificate or the request, by mode, into buf. */
static struct span
own_cert(const struct hs_client *c, const struct rsa_key *uik,
    uint8_t buf[CERT_DER_MAX])
{
	const struct ident *id = c->conf.id;
	struct wr w;

	if (c->conf.mode == HS_LOGIN)
		return (struct span){ id->cert, id->cert_len };
	wr_init(&w, buf, CERT_DER_MAX);
	if (csr_make(&w, uik, &id->name, c->info.relay) != SOTTO_OK)
		return (struct span){ NULL, 0 };
	return wr_out(&w);
}

/* The sealed part of M3 behind head and c, which are in out already. */
static enum sotto_err
seal_m3(struct hs_client *c, struct wr *out)
{
	const struct ident *id = c->conf.id;
	uint8_t cert[CERT_DER_MAX], sig[SIG_LEN], inner[HS_M3_INNER_LEN];
	struct hs_m3 m3 = { .name = id->name, .sig = SPAN(sig) };
	struct rsa_key *uik = NULL; /* secret */
	struct wr w;
	uint8_t *sealed;
	enum sotto_err e;

	memcpy(m3.device_id, id->device_id, sizeof(m3.device_id));
	if (c->conf.mode == HS_ENROL)
		m3.ext = SPAN(id->device_cert);
	if ((e = ident_key(id, &uik)) != SOTTO_OK)
		return e;
	m3.cert = own_cert(c, uik, cert);
	hs_sched_thc(&c->sched, &m3);
	e = sign_hash(sig, uik, SIGN_C2S_CLIENT, &c->sched.thc);
	rsa_key_free(uik);
	if (e != SOTTO_OK)
		return e;
	wr_init(&w, inner, sizeof(inner));
	hs_m3_inner_write(&w, &m3);
	wr_u16(out, HS_M3_INNER_LEN + AEAD_TAG_LEN);
	sealed = wr_take(out, HS_M3_INNER_LEN + AEAD_TAG_LEN);
	if (wr_end(&w) != SOTTO_OK || sealed == NULL)
		return SOTTO_ENOSPACE;
	e = aead_seal_once(sealed, &c->sched.c_hs, &c->sched.th3, wr_out(&w));
	hs_sched_th4(&c->sched,
	    (struct span){ sealed, HS_M3_INNER_LEN + AEAD_TAG_LEN });
	hs_trace_m3(c->trace, &m3, HS_M3_FRAME_LEN, c->conf.mode);
	return e;
}

static enum sotto_err
write_m3(struct hs_client *c, const struct hs_m2 *m2,
    const struct rsa_pub *epoch, struct wr *out)
{
	struct key shared, pmk; /* secret */
	size_t start = out->n;
	uint8_t *oaep;
	enum sotto_err e;

	if (c->m1.mode == HS_RESUME) /* its ticket was not taken */
		kdf_start(&c->sched.s, NULL);
	rng_fill(&c->g, pmk.b, sizeof(pmk.b));
	hs_head_write(out, HS_TYPE_M3, HS_M3_LEN);
	oaep = wr_take(out, RSA_LEN);
	if ((e = wr_end(out)) != SOTTO_OK ||
	    (e = x25519_shared(&shared, &c->x, &m2->es)) != SOTTO_OK)
		goto out;
	kdf_chain(&c->sched.s, &shared);
	if ((e = rsa_oaep_seal(epoch, SPAN(c->sched.th2.b), SPAN(pmk.b), oaep,
		 RSA_LEN)) != SOTTO_OK)
		goto out;
	hs_sched_keys(&c->sched,
	    (struct span){ out->p + start, out->n - start }, &pmk);
	e = seal_m3(c, out);
out:
	if (e != SOTTO_OK)
		out->n = start;
	WIPE(shared);
	WIPE(pmk);
	WIPE(c->x);
	return e;
}

static enum hs_event
on_m2(struct hs_client *c, struct span frame, uint64_t now, struct wr *out)
{
	struct rsa_pub *server = NULL, *epoch = NULL;
	struct hs_m2 m2;
	enum hs_fault f = HS_FAULT_FORMAT;
	enum hs_event ev;

	if (hs_m2_read(&m2, frame) != SOTTO_OK)
		return hs_client_fail(c, HS_FAULT_FORMAT);
	if (c->conf.mode == HS_RESUME)
		c->conf.mode = HS_LOGIN; /* the ticket is worth nothing */
	hs_trace_m2(c->trace, &m2, frame.n);
	if ((f = check_choice(c, &m2)) != HS_FAULT_NONE ||
	    (f = check_chain(c, &m2, now, &server)) != HS_FAULT_NONE ||
	    (f = check_epoch(&m2, server, &epoch)) != HS_FAULT_NONE)
		goto out;
	hs_sched_th2(&c->sched, SPAN(c->m1_frame),
	    (struct span){ frame.p, frame.n - SIG_LEN });
	f = HS_FAULT_SIGNATURE;
	if (sign_check(m2.sig.p, server, SIGN_C2S_SERVER, &c->sched.th2) !=
	    SOTTO_OK)
		goto out;
	/* Freshness comes from our nonce; a wrong clock is only told. */
	c->info.clock_skew = now < m2.not_before
	    ? (int64_t)(m2.not_before - now)
	    : (now > m2.not_after ? -(int64_t)(now - m2.not_after) : 0);
	hs_trace_trust(c->trace, &c->info);
	f = HS_FAULT_NONE;
	if (c->conf.probe) {
		c->state = C_DONE;
		goto out;
	}
	f = HS_FAULT_KEYS;
	if (write_m3(c, &m2, epoch, out) == SOTTO_OK) {
		c->state = C_WAIT_M4;
		f = HS_FAULT_NONE;
	}
out:
	ev = c->conf.probe ? HS_PROBED : HS_SEND;
	if (f != HS_FAULT_NONE)
		ev = hs_client_fail(c, f);
	rsa_pub_free(server);
	rsa_pub_free(epoch);
	return ev;
}

static enum hs_event
on_m4(struct hs_client *c, struct span body)
{
	uint8_t inner[HS_M4_INNER_LEN];
	struct hs_m4 m4;
	struct hash verify;

	if (body.n != HS_M4_LEN ||
	    aead_open_once(inner, &c->sched.s_hs, &c->sched.th4, body) !=
		SOTTO_OK)
		return hs_client_fail(c, HS_FAULT_KEYS);
	if (hs_m4_inner_read(&m4, SPAN(inner)) != SOTTO_OK)
		return hs_client_fail(c, HS_FAULT_FORMAT);
	hs_sched_verify(&verify, &c->sched);
	if (!secret_eq(verify.b, m4.verify.b, sizeof(verify.b)))
		return hs_client_fail(c, HS_FAULT_KEYS);
	hs_trace_m4(c->trace, &m4, HS_HEAD_LEN + body.n);
	if (m4.status != HS_WELCOME) {
		c->info.status = m4.status;
		return hs_client_fail(c, HS_FAULT_STATUS);
	}
	hs_sched_finish(&c->sched, body, &c->keys);
	c->keys.suite = c->suite;
	c->keys.user = c->conf.id->name;
	c->keys.limits = m4.limits;
	c->keys.server_time = m4.time;
	memcpy(c->keys.session_id, m4.session_id, HS_SESSION_LEN);
	hs_trace_keys(c->trace, &c->keys);
	c->state = C_DONE;
	return HS_DONE;
}

enum hs_event
hs_client_in(struct hs_client *c, struct span frame, uint64_t now,
    struct wr *out)
{
	const int waiting = c->state == C_WAIT_M2 || c->state == C_WAIT_M4;
	struct span body;
	uint8_t type;

	if (c->state == C_FAILED)
		return HS_FAILED;
	if (frame.n < HS_HEAD_LEN || !waiting)
		return hs_client_fail(c, HS_FAULT_ORDER);
	type = frame.p[0];
	if (type == HS_TYPE_FAIL &&
	    hs_frame_read(frame, HS_TYPE_FAIL, &body) == SOTTO_OK)
		return on_fail(c, body);
	if (type == HS_TYPE_M1R && c->state == C_WAIT_M2 &&
	    hs_frame_read(frame, HS_TYPE_M1R, &body) == SOTTO_OK)
		return on_retry(c, body);
	if (type == HS_TYPE_M2R && c->state == C_WAIT_M2 &&
	    c->conf.mode == HS_RESUME)
		return hs_client_m2r(c, frame, now, out);
	if (type == HS_TYPE_M2 && c->state == C_WAIT_M2)
		return on_m2(c, frame, now, out);
	if (type == HS_TYPE_M4 && c->state == C_WAIT_M4 &&
	    hs_frame_read(frame, HS_TYPE_M4, &body) == SOTTO_OK)
		return on_m4(c, body);
	return hs_client_fail(c, HS_FAULT_ORDER);
}

enum hs_fault
hs_client_fault(const struct hs_client *c)
{
	return c->fault;
}

const struct hs_server_info *
hs_client_info(const struct hs_client *c)
{
	return &c->info;
}

const struct hs_keys *
hs_client_keys(const struct hs_client *c)
{
	return c->state == C_DONE && !c->conf.probe ? &c->keys : NULL;
}
