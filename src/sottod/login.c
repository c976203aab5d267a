#include "sottod/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sottod/epoch.h"
#include "sottod/tickets.h"

/* Half minutes of the loop's clock: what cookies are dated with. */
#define SLOT_MS 30000
/* Zero bits that a client over its limit has to find; about 20 ms of work,
 * twice as much for each further four failures. */
#define PUZZLE_BITS     16
#define PUZZLE_BITS_MAX 20
#define CLOSE_MS        2000 /* for the client to read why */

/* ---- jobs: on the pool, with the connection's number ---- */

struct login_job {
	struct server *s;
	struct conn_handle conn;
	struct identity *id; /* a reference: the job reads its keys */
	struct hs_job *hs;   /* or an enrolment: */
	struct rsa_pub *key;
	struct store_enrol enrol;
	uint8_t spki[RSA_SPKI_MAX], device_cert[DEVICE_CERT_LEN];
	uint8_t cert[CERT_DER_MAX];
	enum hs_status status;
};

static void step(struct conn *c, enum hs_event ev);

static void
free_job(struct login_job *j)
{
	identity_unref(j->id);
	hs_job_free(j->hs);
	rsa_pub_free(j->key);
	free(j);
}

static struct login_job *
new_job(struct conn *c)
{
	struct login_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->s = c->s;
	j->conn = conn_handle(c);
	j->id = identity_ref(c->login->id);
	return j;
}

static void
run_hs(void *job)
{
	struct login_job *j = job;

	hs_job_run(j->hs);
}

static void
done_hs(void *job)
{
	struct login_job *j = job;
	struct conn *c = conn_find(j->s, j->conn);

	if (c != NULL && c->state == CONN_WORKING) {
		uint8_t frame[HS_FRAME_MAX];
		enum hs_event ev;
		struct wr w;

		wr_init(&w, frame, sizeof(frame));
		ev = hs_server_job_done(c->login->hs, j->hs, &w);
		j->hs = NULL; /* taken back */
		(void)buf_add(tcp_out(c->tcp), wr_out(&w));
		step(c, ev);
	}
	free_job(j);
}

static void
start_job(struct conn *c)
{
	struct login_job *j = new_job(c);

	if (j != NULL)
		j->hs = hs_server_job(c->login->hs);
	if (j == NULL || j->hs == NULL ||
	    loop_work(c->s->loop, run_hs, done_hs, j) != SOTTO_OK) {
		if (j != NULL)
			free_job(j);
		login_refuse(c, HS_FAIL_BUSY, "memory ran out");
		return;
	}
	/* What we take is not the client's fault. */
	if (c->timer != NULL)
		loop_timer_stop(c->timer);
	c->state = CONN_WORKING;
}

/* ---- enrolment ---- */

/* The certificate and the transaction; with a handle of its own. */
static void
run_enrol(void *job)
{
	struct login_job *j = job;
	char err[DB_ERR_MAX];
	struct store *s = NULL;
	struct wr w;

	j->status = HS_STORE_FAILED;
	wr_init(&w, j->cert, sizeof(j->cert));
	if (ca_issue_user(&j->id->ca, &w, j->key, &j->enrol.name, j->enrol.now,
		&j->enrol.cert_not_after) != SOTTO_OK)
		return;
	j->enrol.cert = wr_out(&w);
	if (store_open(&s, j->s->conf->state, err) != SOTTO_OK) {
		log_say(j->s->audit.log, LOG_ERROR, "store: %s", err);
		return;
	}
	if (store_enrol(s, &j->enrol, &j->status) != SOTTO_OK) {
		log_say(j->s->audit.log, LOG_ERROR, "store: %s",
		    store_error(s));
		j->status = HS_STORE_FAILED;
	}
	store_close(s);
}

static void finish(struct conn *c, enum hs_status status,
    const struct login_job *enrolled);

static void
done_enrol(void *job)
{
	struct login_job *j = job;
	struct conn *c = conn_find(j->s, j->conn);
	enum hs_status st = j->status;

	/* The user is there now, whether the connection is or not. */
	if (st == HS_WELCOME &&
	    dir_put(j->s->dir, &j->enrol.name, j->enrol.spki, 0) != SOTTO_OK)
		st = HS_STORE_FAILED;
	if (c != NULL && c->state == CONN_WORKING)
		finish(c, st, j);
	free_job(j);
}

static void
start_enrol(struct conn *c)
{
	struct login_job *j = new_job(c);
	struct span dc = hs_server_device_cert(c->login->hs);
	struct wr w;

	if (j == NULL)
		goto busy;
	wr_init(&w, j->spki, sizeof(j->spki));
	if (rsa_pub_write(hs_server_new_key(c->login->hs), &w) != SOTTO_OK ||
	    rsa_pub_read(&j->key, wr_out(&w)) != SOTTO_OK ||
	    dc.n != sizeof(j->device_cert))
		goto busy;
	memcpy(j->device_cert, dc.p, dc.n);
	memcpy(j->enrol.token_id, c->login->token_id,
	    sizeof(j->enrol.token_id));
	j->enrol.name = c->login->claimed;
	j->enrol.spki = wr_out(&w);
	j->enrol.device_cert = SPAN(j->device_cert);
	j->enrol.now = server_now();
	if (loop_work(c->s->loop, run_enrol, done_enrol, j) == SOTTO_OK)
		return;
busy:
	if (j != NULL)
		free_job(j);
	login_refuse(c, HS_FAIL_BUSY, "memory ran out");
}

/* ---- the steps ---- */

/* M4; then either the tunnel, or the end that M4 has told the reason of. */
static void
finish(struct conn *c, enum hs_status status, const struct login_job *enrolled)
{
	const struct tcp_peer *p = tcp_peer_of(c->tcp);
	struct server *s = c->s;
	uint8_t frame[HS_FRAME_MAX];
	enum hs_event ev;
	struct wr w;

	wr_init(&w, frame, sizeof(frame));
	ev = hs_server_finish(c->login->hs, status, server_now(), &w);
	(void)buf_add(tcp_out(c->tcp), wr_out(&w));
	if (ev != HS_DONE) {
		audit_login_failed(&s->audit, loop_now_ms(s->loop), c->number,
		    p, &c->login->claimed, hs_status_text(status), NULL);
		c->why = hs_status_text(status);
		conn_login_over(c);
		c->state = CONN_CLOSING;
		tcp_finish(c->tcp);
		conn_wake(c, CLOSE_MS);
		return;
	}
	limit_succeeded(s->by_address, (struct span){ p->key, p->key_len },
	    loop_now_ms(s->loop));
	limit_succeeded(s->by_name, span_str(c->login->claimed.s),
	    loop_now_ms(s->loop));
	conn_open(c, hs_server_keys(c->login->hs), enrolled != NULL,
	    enrolled != NULL ? enrolled->enrol.cert : (struct span){ NULL, 0 });
}

static void
on_named(struct conn *c)
{
	const struct dir_user *u;
	struct span spki = { NULL, 0 };

	c->login->claimed = *hs_server_name(c->login->hs);
	u = dir_find(c->s->dir, &c->login->claimed);
	if (u != NULL)
		spki = (struct span){ u->spki, u->spki_len };
	step(c, hs_server_account(c->login->hs, spki, server_now()));
}

static void
on_proven(struct conn *c)
{
	const struct dir_user *u = dir_find(c->s->dir, &c->login->claimed);
	enum hs_status st = hs_server_status(c->login->hs);

	if (st == HS_WELCOME && hs_server_mode(c->login->hs) == HS_ENROL) {
		start_enrol(c);
		return;
	}
	if (st == HS_WELCOME && (u == NULL || u->revoked))
		st = HS_REVOKED;
	finish(c, st, NULL);
}

static void
step(struct conn *c, enum hs_event ev)
{
	switch (ev) {
	case HS_JOB:
		start_job(c);
		break;
	case HS_SEND: /* M2 is in the queue */
		c->state = CONN_AWAIT_M3;
		conn_wake(c, CONN_STEP_MS);
		tcp_flush(c->tcp);
		break;
	case HS_NAMED:
		on_named(c);
		break;
	case HS_PROVEN:
		on_proven(c);
		break;
	case HS_FAILED:
		login_failed(c);
		break;
	case HS_WAIT:
	case HS_DONE:
	case HS_PROBED:
		break;
	}
}

static int
has_cookie(const struct hs_m1_peek *m1)
{
	static const uint8_t zero[HS_COOKIE_LEN];

	return memcmp(m1->cookie, zero, sizeof(zero)) != 0;
}

static void
send_retry(struct conn *c, struct span addr, uint64_t slot)
{
	struct server *s = c->s;
	const uint64_t now = loop_now_ms(s->loop);
	unsigned bits =
	    PUZZLE_BITS + limit_failures(s->by_address, addr, now) / 4;
	uint8_t cookie[HS_COOKIE_LEN], frame[HS_HEAD_LEN + HS_M1R_LEN];
	struct wr w;

	if (bits > PUZZLE_BITS_MAX)
		bits = PUZZLE_BITS_MAX;
	hs_cookie_make(cookie, &s->cookie_key, addr, slot, (uint8_t)bits);
	wr_init(&w, frame, sizeof(frame));
	hs_write_retry(&w, cookie, (uint8_t)bits);
	(void)buf_add(tcp_out(c->tcp), wr_out(&w));
	tcp_flush(c->tcp);
}

/*
 * An address over its rate solves a puzzle for each login; so a stranger who
 * shares an address with others can make it slower for them, not impossible.
 */
static int
may_go_on(struct conn *c, const struct hs_m1_peek *m1)
{
	struct server *s = c->s;
	const struct tcp_peer *p = tcp_peer_of(c->tcp);
	const struct span addr = { p->key, p->key_len };
	const uint64_t now = loop_now_ms(s->loop), slot = now / SLOT_MS;

	if (has_cookie(m1)) {
		if (hs_cookie_check(m1, &s->cookie_key, addr, slot))
			return 1;
		login_refuse(c, HS_FAIL_HANDSHAKE,
		    "the answer to the puzzle is wrong");
		return 0;
	}
	if (limit_take(s->by_address, addr, s->conf->limits.logins_minute, now))
		return 1;
	send_retry(c, addr, slot);
	return 0;
}

/* The invite's secret; a random one where there is none, so that both take
 * the same way. */
static void
find_psk(struct conn *c, const struct hs_m1_peek *m1, struct key *psk)
{
	struct store_invite i;
	enum sotto_err e;

	memcpy(c->login->token_id, m1->token_id, sizeof(c->login->token_id));
	rng_fill(&c->s->g, psk->b, sizeof(psk->b));
	e = store_find_invite(c->s->store, &i, m1->token_id);
	if (e == SOTTO_OK)
		*psk = i.psk;
	else if (e == SOTTO_EIO)
		log_say(c->s->audit.log, LOG_ERROR,
		    "store: invites cannot be read");
	WIPE(i);
}

/* Is it worth something: by its seal, its time, and its user of now? */
static int
good_ticket(struct conn *c, const struct hs_m1_peek *m1, struct ticket *t)
{
	const struct dir_user *u;
	struct hash spki;

	if (m1->mode != HS_RESUME || !c->s->conf->tickets ||
	    tickets_take(c->s->tickets, t, m1->ticket, server_now()) !=
		SOTTO_OK)
		return 0;
	u = dir_find(c->s->dir, &t->user);
	if (u == NULL || u->revoked)
		return 0;
	hash_one(&spki, (struct span){ u->spki, u->spki_len });
	return span_eq(SPAN(spki.b), SPAN(t->spki.b));
}

/* Without RSA: all of it here, and never a puzzle. */
static void
resume(struct conn *c, struct span frame, const struct ticket *t)
{
	struct server *s = c->s;
	uint8_t out[HS_HEAD_LEN + HS_M2R_LEN];
	enum hs_event ev;
	struct wr w;

	c->login->id = identity_ref(s->id);
	if ((c->login->hs = hs_server_new(&c->login->id->hs, &s->g)) == NULL) {
		login_refuse(c, HS_FAIL_BUSY, "memory ran out");
		return;
	}
	c->login->claimed = t->user;
	c->login->full_at = t->full_at;
	c->login->ticket_uses = t->uses;
	wr_init(&w, out, sizeof(out));
	ev = hs_server_resume(c->login->hs, frame, &t->psk, &t->user,
	    server_now(), &w);
	if (ev == HS_SEND)
		(void)buf_add(tcp_out(c->tcp), wr_out(&w));
	step(c, ev);
}

void
login_m1(struct conn *c, struct span frame)
{
	struct server *s = c->s;
	struct hs_m1_peek m1;
	struct ticket t; /* secret */
	struct hs_epoch *epoch;
	struct key psk; /* secret */
	enum hs_event ev;

	if (hs_m1_peek(&m1, frame) != SOTTO_OK) {
		login_refuse(c, HS_FAIL_HANDSHAKE,
		    "the first message is malformed");
		return;
	}
	memset(&t, 0, sizeof(t));
	if (good_ticket(c, &m1, &t)) {
		resume(c, frame, &t);
		WIPE(t);
		return;
	}
	WIPE(t);
	if (!may_go_on(c, &m1))
		return;
	if ((epoch = epochs_use(s->epochs, server_now())) == NULL) {
		login_refuse(c, HS_FAIL_BUSY, "no epoch key is ready");
		return;
	}
	c->login->id = identity_ref(s->id);
	if ((c->login->hs = hs_server_new(&c->login->id->hs, &s->g)) == NULL) {
		login_refuse(c, HS_FAIL_BUSY, "memory ran out");
		return;
	}
	if (m1.mode == HS_ENROL)
		find_psk(c, &m1, &psk);
	ev = hs_server_m1(c->login->hs, frame,
	    m1.mode == HS_ENROL ? &psk : NULL, epoch);
	WIPE(psk);
	step(c, ev);
}

void
login_m3(struct conn *c, struct span frame)
{
	step(c, hs_server_in(c->login->hs, frame));
}
