#include "tests/lib/login.h"

#include <string.h>

#include "tests/lib/cm.h"

void
login_conf(struct login *l, struct fixture *f, const struct hs_client_conf *cc)
{
	struct wr w;

	memset(l, 0, sizeof(*l));
	l->f = f;
	l->cc = *cc;
	wr_init(&w, l->m1, sizeof(l->m1));
	l->c = hs_client_new(&l->cc, &f->g, &l->trace, &w);
	l->s = hs_server_new(&f->conf, &f->g);
	assert_non_null(l->c);
	assert_non_null(l->s);
	l->m1_len = w.n;
	if (cc->id != NULL)
		l->account = fix_spki(cc->id, l->spki);
}

void
login_new(struct login *l, struct fixture *f, const struct ident *id,
    enum hs_mode mode)
{
	struct hs_client_conf cc = { .mode = mode,
		.host = FIX_HOST,
		.has_pin = 1,
		.pin = f->authority,
		.id = id };

	suite_default(&cc.suites, 0);
	login_conf(l, f, &cc);
}

void
login_free(struct login *l)
{
	hs_client_free(l->c);
	hs_server_free(l->s);
}

/* Run the server's job, and go on as a relay would. */
static enum hs_event
serve(struct login *l, enum hs_event ev, struct wr *out)
{
	while (ev == HS_JOB || ev == HS_NAMED || ev == HS_PROVEN) {
		if (ev == HS_JOB) {
			struct hs_job *j = hs_server_job(l->s);

			assert_non_null(j);
			hs_job_run(j);
			ev = hs_server_job_done(l->s, j, out);
		} else if (ev == HS_NAMED) {
			ev = hs_server_account(l->s, l->account, FIX_NOW);
		} else {
			enum hs_status st = hs_server_status(l->s);

			if (st == HS_WELCOME)
				st = l->status;
			ev = hs_server_finish(l->s, st, FIX_NOW, out);
		}
	}
	return ev;
}

enum hs_event
login_m1(struct login *l, struct span m1)
{
	struct wr w;

	wr_init(&w, l->m2, sizeof(l->m2));
	l->sev = serve(l, hs_server_m1(l->s, m1, l->psk, l->f->epoch), &w);
	l->m2_len = w.n;
	return l->sev;
}

enum hs_event
login_m2(struct login *l, struct span m2)
{
	struct wr w;

	wr_init(&w, l->m3, sizeof(l->m3));
	l->cev = hs_client_in(l->c, m2, FIX_NOW, &w);
	l->m3_len = w.n;
	return l->cev;
}

enum hs_event
login_m3(struct login *l, struct span m3)
{
	struct wr w;

	wr_init(&w, l->m4, sizeof(l->m4));
	l->sev = serve(l, hs_server_in(l->s, m3), &w);
	l->m4_len = w.n;
	return l->sev;
}

enum hs_event
login_m4(struct login *l, struct span m4)
{
	uint8_t none[1];
	struct wr w;

	wr_init(&w, none, sizeof(none));
	l->cev = hs_client_in(l->c, m4, FIX_NOW, &w);
	assert_int_equal(w.n, 0);
	return l->cev;
}

int
login_run(struct login *l)
{
	return login_m1(l, (struct span){ l->m1, l->m1_len }) == HS_SEND &&
	    login_m2(l, (struct span){ l->m2, l->m2_len }) == HS_SEND &&
	    login_m3(l, (struct span){ l->m3, l->m3_len }) == HS_DONE &&
	    login_m4(l, (struct span){ l->m4, l->m4_len }) == HS_DONE;
}

void
login_same_keys(const struct login *l)
{
	const struct hs_keys *c = hs_client_keys(l->c);
	const struct hs_keys *s = hs_server_keys(l->s);

	assert_non_null(c);
	assert_non_null(s);
	assert_int_equal(c->suite, s->suite);
	assert_string_equal(c->user.s, s->user.s);
	assert_memory_equal(c->session_id, s->session_id, HS_SESSION_LEN);
	assert_memory_equal(c->th5.b, s->th5.b, HASH_LEN);
	assert_memory_equal(c->c_ap.b, s->c_ap.b, KEY_LEN);
	assert_memory_equal(c->s_ap.b, s->s_ap.b, KEY_LEN);
	assert_memory_equal(c->rekey.b, s->rekey.b, KEY_LEN);
	assert_memory_equal(c->resume.b, s->resume.b, KEY_LEN);
	/* Both directions never share a key. */
	assert_memory_not_equal(c->c_ap.b, c->s_ap.b, KEY_LEN);
}

void
login_client_fails(struct fixture *f, const struct hs_client_conf *cc,
    enum hs_fault want)
{
	struct login l;

	login_conf(&l, f, cc);
	assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), want);
	/* Nothing about the user was sent. */
	assert_int_equal(l.m3_len, 0);
	/* And failure is sticky. */
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), want);
	login_free(&l);
}

void
login_server_fails(struct login *l, enum hs_fault want)
{
	assert_int_equal(login_m1(l, LOGIN_M(l, 1)), HS_SEND);
	assert_int_equal(login_m2(l, LOGIN_M(l, 2)), HS_SEND);
	assert_int_equal(login_m3(l, LOGIN_M(l, 3)), HS_FAILED);
	assert_int_equal(hs_server_fault(l->s), want);
	assert_int_equal(hs_server_fail(l->s), HS_FAIL_HANDSHAKE);
	assert_null(hs_server_keys(l->s));
	assert_int_equal(l->m4_len, 0);
}
