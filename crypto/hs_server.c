#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_server_priv.h"

struct hs_server *
hs_server_new(const struct hs_server_conf *conf, const struct rng *g)
{
	struct hs_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->conf = conf;
	s->g = *g;
	return s;
}

void
hs_server_free(struct hs_server *s)
{
	if (s == NULL)
		return;
	hs_job_free(s->job);
	hs_epoch_unref(s->epoch);
	rsa_pub_free(s->new_key);
	secret_wipe(s, sizeof(*s));
	free(s);
}

enum hs_event
hs_server_stop(struct hs_server *s, enum hs_fault fault, enum hs_fail code)
{
	if (s->state != S_FAILED) {
		s->fault = fault;
		s->fail = code;
		s->state = S_FAILED;
	}
	return HS_FAILED;
}

static enum hs_event
give_job(struct hs_server *s, enum server_state state)
{
	s->state = state;
	return HS_JOB;
}

struct hs_job *
hs_server_job(struct hs_server *s)
{
	struct hs_job *j = s->job;

	s->job = NULL;
	return j;
}

enum hs_fail
hs_negotiate(struct hs_server *s, const struct hs_m1 *m1)
{
	int kex = 0;

	if (m1->version_low > HS_VERSION || m1->version_high < HS_VERSION)
		return HS_FAIL_VERSION;
	for (size_t i = 0; i < m1->n_kex; i++)
		kex |= m1->kex[i] == HS_KEX_RSA_X25519;
	if (!kex)
		return HS_FAIL_VERSION;
	if (suite_choose(&s->suite, &s->conf->suites, &m1->suites) != SOTTO_OK)
		return HS_FAIL_SUITE;
	return HS_FAIL_NONE;
}

enum hs_event
hs_server_m1(struct hs_server *s, struct span frame, const struct key *psk,
    struct hs_epoch *epoch)
{
	struct hs_m1 m1;
	struct hash binder;
	enum hs_fail code;
	struct hs_job *j;

	if (s->state != S_NEW)
		return hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	if (hs_m1_read(&m1, frame) != SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	if ((code = hs_negotiate(s, &m1)) != HS_FAIL_NONE)
		return hs_server_stop(s,
		    code == HS_FAIL_SUITE ? HS_FAULT_SUITE : HS_FAULT_VERSION,
		    code);
	/* A ticket that was good came by hs_server_resume(). */
	s->mode = m1.mode == HS_RESUME ? HS_LOGIN : m1.mode;
	if (m1.mode == HS_ENROL) {
		if (psk == NULL)
			return hs_server_stop(s, HS_FAULT_STATUS,
			    HS_FAIL_HANDSHAKE);
		kdf_start(&s->sched.s, psk);
		hs_binder(&binder, &s->sched.s, frame);
		if (!secret_eq(binder.b, m1.binder, sizeof(binder.b)))
			return hs_server_stop(s, HS_FAULT_INVITE,
			    HS_FAIL_HANDSHAKE);
	} else {
		kdf_start(&s->sched.s, NULL);
	}
	if ((j = hs_job_new(HS_JOB_HELLO, &s->g)) == NULL)
		return hs_server_stop(s, HS_FAULT_MEMORY, HS_FAIL_BUSY);
	s->epoch = hs_epoch_ref(epoch);
	j->conf = s->conf;
	j->epoch = hs_epoch_ref(epoch);
	memcpy(j->m1, frame.p, sizeof(j->m1));
	j->ec = m1.ec;
	j->suite = s->suite;
	j->sched.s = s->sched.s;
	s->job = j;
	return give_job(s, S_HELLO);
}

enum hs_event
hs_server_in(struct hs_server *s, struct span frame)
{
	struct span body;
	struct hs_job *j;

	if (s->state == S_RESUMED)
		return hs_server_m3r(s, frame);
	if (s->state != S_SENT)
		return hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	if (hs_frame_read(frame, HS_TYPE_M3, &body) != SOTTO_OK ||
	    body.n != HS_M3_LEN)
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	/* The length of the sealed part is fixed; it may not lie. */
	if (body.p[RSA_LEN] != (HS_M3_INNER_LEN + AEAD_TAG_LEN) >> 8 ||
	    body.p[RSA_LEN + 1] != ((HS_M3_INNER_LEN + AEAD_TAG_LEN) & 0xff))
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	if ((j = hs_job_new(HS_JOB_OPEN, &s->g)) == NULL)
		return hs_server_stop(s, HS_FAULT_MEMORY, HS_FAIL_BUSY);
	j->epoch = s->epoch; /* the reference goes with it */
	s->epoch = NULL;
	j->sched = s->sched;
	WIPE(s->sched.s);
	memcpy(j->m3, frame.p, sizeof(j->m3));
	s->job = j;
	return give_job(s, S_OPENING);
}

static enum hs_event
hello_done(struct hs_server *s, struct hs_job *j, struct wr *out)
{
	wr_bytes(out, j->m2, j->m2_len);
	if (wr_end(out) != SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_MEMORY, HS_FAIL_BUSY);
	s->sched = j->sched;
	s->state = S_SENT;
	return HS_SEND;
}

static enum hs_event
open_done(struct hs_server *s, const struct hs_job *j)
{
	memcpy(s->inner, j->inner, sizeof(s->inner));
	if (hs_m3_inner_read(&s->m3, SPAN(s->inner)) != SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_FORMAT, HS_FAIL_HANDSHAKE);
	s->sched = j->sched;
	s->state = S_NAMED;
	return HS_NAMED;
}

enum hs_event
hs_server_job_done(struct hs_server *s, struct hs_job *j, struct wr *out)
{
	const enum hs_fault fault = j->fault;
	enum hs_event ev = HS_FAILED;

	if (fault != HS_FAULT_NONE)
		ev = hs_server_stop(s, fault, HS_FAIL_HANDSHAKE);
	else if (s->state == S_HELLO && j->kind == HS_JOB_HELLO)
		ev = hello_done(s, j, out);
	else if (s->state == S_OPENING && j->kind == HS_JOB_OPEN)
		ev = open_done(s, j);
	else
		ev = hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	hs_job_free(j);
	return ev;
}

const struct name *
hs_server_name(const struct hs_server *s)
{
	return &s->m3.name;
}

enum hs_mode
hs_server_mode(const struct hs_server *s)
{
	return s->mode;
}

enum hs_status
hs_server_status(const struct hs_server *s)
{
	return s->status;
}

const struct rsa_pub *
hs_server_new_key(const struct hs_server *s)
{
	return s->new_key;
}

struct span
hs_server_device_cert(const struct hs_server *s)
{
	return s->m3.ext;
}

enum hs_event
hs_server_finish(struct hs_server *s, enum hs_status status, uint64_t now,
    struct wr *out)
{
	struct hs_m4 m4 = { .status = status };
	uint8_t inner[HS_M4_INNER_LEN];
	struct wr w;
	uint8_t *sealed;

	if (s->state != S_PROVEN)
		return hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	if (s->resumed) { /* there is no M4: its keys are there */
		s->state = S_DONE;
		return HS_DONE;
	}
	hs_sched_verify(&m4.verify, &s->sched);
	if (status == HS_WELCOME) {
		rng_fill(&s->g, m4.session_id, sizeof(m4.session_id));
		m4.time = now;
		m4.limits = s->conf->limits;
	}
	wr_init(&w, inner, sizeof(inner));
	hs_m4_inner_write(&w, &m4);
	hs_head_write(out, HS_TYPE_M4, HS_M4_LEN);
	sealed = wr_take(out, HS_M4_LEN);
	if (wr_end(&w) != SOTTO_OK || sealed == NULL ||
	    aead_seal_once(sealed, &s->sched.s_hs, &s->sched.th4, wr_out(&w)) !=
		SOTTO_OK)
		return hs_server_stop(s, HS_FAULT_MEMORY, HS_FAIL_BUSY);
	if (status != HS_WELCOME) {
		s->status = status;
		return hs_server_stop(s, HS_FAULT_STATUS, HS_FAIL_HANDSHAKE);
	}
	hs_sched_finish(&s->sched, (struct span){ sealed, HS_M4_LEN },
	    &s->keys);
	s->keys.suite = s->suite;
	s->keys.user = s->m3.name;
	s->keys.limits = m4.limits;
	s->keys.server_time = now;
	memcpy(s->keys.session_id, m4.session_id, HS_SESSION_LEN);
	s->state = S_DONE;
	return HS_DONE;
}

enum hs_fault
hs_server_fault(const struct hs_server *s)
{
	return s->fault;
}

enum cert_fault
hs_server_cert_fault(const struct hs_server *s)
{
	return s->cert_fault;
}

enum hs_fail
hs_server_fail(const struct hs_server *s)
{
	return s->fail;
}

const struct hs_keys *
hs_server_keys(const struct hs_server *s)
{
	return s->state == S_DONE ? &s->keys : NULL;
}
