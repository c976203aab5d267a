/* Coming back with a ticket: the two machines, and each way it must fail. */
#include "crypto/ticket.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

/* One client with a ticket, one relay. */
struct back {
	struct fixture *f;
	struct hs_client_conf cc;
	struct hs_server_info known;
	struct trace trace;
	struct hs_client *c;
	struct hs_server *s;
	struct key psk;
	uint8_t m1[HS_FRAME_MAX], m2[HS_FRAME_MAX], m3[HS_FRAME_MAX];
	size_t m1_len, m2_len, m3_len;
};

static void
back_new(struct back *b, struct fixture *f)
{
	struct wr w;

	memset(b, 0, sizeof(*b));
	b->f = f;
	rng_fill(&f->g, b->psk.b, sizeof(b->psk.b));
	(void)strcpy(b->known.relay, FIX_HOST);
	b->known.authority = f->authority;
	b->cc = (struct hs_client_conf){ .mode = HS_RESUME,
		.host = FIX_HOST,
		.has_pin = 1,
		.pin = f->authority,
		.id = f->alice,
		.known = &b->known };
	suite_default(&b->cc.suites, 0);
	memset(b->cc.ticket.b, 0xa5, sizeof(b->cc.ticket.b));
	b->cc.ticket.psk = b->psk;
	wr_init(&w, b->m1, sizeof(b->m1));
	b->c = hs_client_new(&b->cc, &f->g, &b->trace, &w);
	b->m1_len = w.n;
	b->s = hs_server_new(&f->conf, &f->g);
	assert_non_null(b->c);
	assert_non_null(b->s);
}

static void
back_free(struct back *b)
{
	hs_client_free(b->c);
	hs_server_free(b->s);
}

static enum hs_event
to_relay(struct back *b)
{
	struct wr w;
	enum hs_event ev;

	wr_init(&w, b->m2, sizeof(b->m2));
	ev = hs_server_resume(b->s, (struct span){ b->m1, b->m1_len }, &b->psk,
	    &b->f->alice->name, FIX_NOW + 7, &w);
	b->m2_len = w.n;
	return ev;
}

static enum hs_event
to_client(struct back *b)
{
	struct wr w;
	enum hs_event ev;

	wr_init(&w, b->m3, sizeof(b->m3));
	ev = hs_client_in(b->c, (struct span){ b->m2, b->m2_len }, FIX_NOW, &w);
	b->m3_len = w.n;
	return ev;
}

static enum hs_event
to_relay_again(struct back *b)
{
	return hs_server_in(b->s, (struct span){ b->m3, b->m3_len });
}

static void
test_resumed(void **state)
{
	const struct hs_keys *c, *s;
	struct wr none;
	struct back b;

	back_new(&b, *state);
	assert_int_equal(b.m1_len, HS_HEAD_LEN + HS_M1_LEN);
	assert_int_equal(to_relay(&b), HS_SEND);
	assert_int_equal(b.m2_len, HS_HEAD_LEN + HS_M2R_LEN);
	assert_int_equal(to_client(&b), HS_DONE);
	assert_int_equal(b.m3_len, HS_HEAD_LEN + HS_M3R_LEN);
	assert_null(hs_server_keys(b.s)); /* not before M3R */
	assert_int_equal(to_relay_again(&b), HS_PROVEN);
	assert_int_equal(hs_server_status(b.s), HS_WELCOME);
	wr_init(&none, NULL, 0);
	assert_int_equal(hs_server_finish(b.s, HS_WELCOME, FIX_NOW, &none),
	    HS_DONE);
	assert_int_equal(none.n, 0);
	c = hs_client_keys(b.c);
	s = hs_server_keys(b.s);
	assert_non_null(c);
	assert_non_null(s);
	assert_memory_equal(&c->c_ap, &s->c_ap, sizeof(c->c_ap));
	assert_memory_equal(&c->s_ap, &s->s_ap, sizeof(c->s_ap));
	assert_memory_equal(&c->resume, &s->resume, sizeof(c->resume));
	assert_memory_equal(&c->rekey, &s->rekey, sizeof(c->rekey));
	assert_memory_equal(c->session_id, s->session_id, HS_SESSION_LEN);
	assert_memory_not_equal(&c->c_ap, &c->s_ap, sizeof(c->c_ap));
	assert_string_equal(c->user.s, "alice");
	assert_string_equal(s->user.s, "alice");
	assert_int_equal(c->suite, s->suite);
	assert_int_equal(c->server_time, FIX_NOW + 7);
	assert_string_equal(hs_client_info(b.c)->relay, FIX_HOST);
	assert_int_equal(hs_client_info(b.c)->clock_skew, 0);
	back_free(&b);
}

/* The same ticket twice: other keys each time. */
static void
test_fresh_keys(void **state)
{
	struct back a, b;

	back_new(&a, *state);
	back_new(&b, *state);
	b.psk = a.psk;
	hs_client_free(b.c);
	b.cc.ticket.psk = a.psk;
	memset(b.cc.ticket.b, 0xa5, sizeof(b.cc.ticket.b));
	struct wr w;

	wr_init(&w, b.m1, sizeof(b.m1));
	b.c = hs_client_new(&b.cc, &b.f->g, NULL, &w);
	assert_int_equal(to_relay(&a), HS_SEND);
	assert_int_equal(to_relay(&b), HS_SEND);
	assert_int_equal(to_client(&a), HS_DONE);
	assert_int_equal(to_client(&b), HS_DONE);
	assert_memory_not_equal(&hs_client_keys(a.c)->c_ap,
	    &hs_client_keys(b.c)->c_ap, sizeof(struct key));
	/* An answer to the one is none to the other. */
	assert_int_equal(to_relay_again(&a), HS_PROVEN);
	memcpy(b.m3, a.m3, sizeof(b.m3));
	assert_int_equal(to_relay_again(&b), HS_FAILED);
	back_free(&a);
	back_free(&b);
}

/* Each byte of M1, M2R and M3R counts. */
static void
test_each_flipped_byte(void **state)
{
	for (size_t i = HS_HEAD_LEN; i < HS_HEAD_LEN + HS_M1_LEN; i += 3) {
		struct back b;

		back_new(&b, *state);
		b.m1[i] ^= 1;
		assert_int_equal(to_relay(&b), HS_FAILED);
		back_free(&b);
	}
	for (size_t i = 0; i < HS_HEAD_LEN + HS_M2R_LEN; i++) {
		struct back b;

		back_new(&b, *state);
		assert_int_equal(to_relay(&b), HS_SEND);
		b.m2[i] ^= 1;
		assert_int_equal(to_client(&b), HS_FAILED);
		assert_null(hs_client_keys(b.c));
		assert_int_equal(b.m3_len, 0);
		back_free(&b);
	}
	for (size_t i = 0; i < HS_HEAD_LEN + HS_M3R_LEN; i++) {
		struct back b;

		back_new(&b, *state);
		assert_int_equal(to_relay(&b), HS_SEND);
		assert_int_equal(to_client(&b), HS_DONE);
		b.m3[i] ^= 1;
		assert_int_equal(to_relay_again(&b), HS_FAILED);
		assert_int_equal(hs_server_fail(b.s), HS_FAIL_HANDSHAKE);
		assert_null(hs_server_keys(b.s));
		back_free(&b);
	}
}

/* Somebody who has the ticket, and not its secret. */
static void
test_stolen_ticket_without_secret(void **state)
{
	struct back b;

	back_new(&b, *state);
	b.psk.b[0] ^= 1; /* what the relay finds in it is another */
	assert_int_equal(to_relay(&b), HS_FAILED);
	assert_int_equal(hs_server_fault(b.s), HS_FAULT_TICKET);
	back_free(&b);
}

/* Not taken: the same M1 begins a login with RSA. */
static void
test_refused_ticket_is_a_login(void **state)
{
	struct fixture *f = *state;
	struct hs_job *j;
	struct back b;
	struct wr w;

	back_new(&b, f);
	assert_int_equal(hs_server_m1(b.s, (struct span){ b.m1, b.m1_len },
			     NULL, f->epoch),
	    HS_JOB);
	assert_int_equal(hs_server_mode(b.s), HS_LOGIN);
	j = hs_server_job(b.s);
	hs_job_run(j);
	wr_init(&w, b.m2, sizeof(b.m2));
	assert_int_equal(hs_server_job_done(b.s, j, &w), HS_SEND);
	b.m2_len = w.n;
	assert_int_equal(to_client(&b), HS_SEND);
	assert_int_equal(b.m3[0], HS_TYPE_M3);
	assert_int_equal(to_relay_again(&b), HS_JOB);
	j = hs_server_job(b.s);
	hs_job_run(j);
	wr_init(&w, b.m2, sizeof(b.m2));
	assert_int_equal(hs_server_job_done(b.s, j, &w), HS_NAMED);
	assert_string_equal(hs_server_name(b.s)->s, "alice");
	back_free(&b);
}

/* Who has no ticket takes no M2R; nobody takes one twice. */
static void
test_order(void **state)
{
	struct back a, b;
	struct hs_client_conf cc;
	struct wr w;

	back_new(&a, *state);
	back_new(&b, *state);
	assert_int_equal(to_relay(&a), HS_SEND);
	cc = b.cc;
	cc.mode = HS_LOGIN;
	hs_client_free(b.c);
	wr_init(&w, b.m1, sizeof(b.m1));
	b.c = hs_client_new(&cc, &b.f->g, NULL, &w);
	memcpy(b.m2, a.m2, sizeof(b.m2));
	b.m2_len = a.m2_len;
	assert_int_equal(to_client(&b), HS_FAILED);
	assert_int_equal(hs_client_fault(b.c), HS_FAULT_ORDER);
	assert_int_equal(to_client(&a), HS_DONE);
	assert_int_equal(to_relay_again(&a), HS_PROVEN);
	assert_int_equal(to_relay_again(&a), HS_FAILED);
	assert_int_equal(to_client(&a), HS_FAILED);
	back_free(&a);
	back_free(&b);
}

/* ---- the relay's seal ---- */

static struct ticket_key
a_key(struct fixture *f, uint64_t made_at)
{
	struct ticket_key k = { .made_at = made_at };

	rng_fill(&f->g, k.id, sizeof(k.id));
	rng_fill(&f->g, k.key.b, sizeof(k.key.b));
	return k;
}

static void
test_seal(void **state)
{
	struct fixture *f = *state;
	struct ticket_key keys[2] = { a_key(f, FIX_NOW), a_key(f, FIX_NOW) };
	struct ticket_key other = a_key(f, FIX_NOW);
	struct ticket t = { .user = f->alice->name, .full_at = FIX_NOW }, got;
	uint8_t sealed[HS_TICKET_LEN], again[HS_TICKET_LEN];

	rng_fill(&f->g, t.psk.b, sizeof(t.psk.b));
	rng_fill(&f->g, t.spki.b, sizeof(t.spki.b));
	assert_int_equal(ticket_seal(sealed, &keys[1], &t, &f->g), SOTTO_OK);
	assert_int_equal(ticket_seal(again, &keys[1], &t, &f->g), SOTTO_OK);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_int_equal(ticket_open(&got, keys, 2, sealed, FIX_NOW + 5),
	    SOTTO_OK);
	assert_memory_equal(&got.psk, &t.psk, sizeof(t.psk));
	assert_memory_equal(&got.spki, &t.spki, sizeof(t.spki));
	assert_string_equal(got.user.s, "alice");
	/* Another relay's, or its key is gone. */
	assert_int_equal(ticket_open(&got, &other, 1, sealed, FIX_NOW),
	    SOTTO_EAUTH);
	assert_int_equal(ticket_open(&got, keys, 1, sealed, FIX_NOW),
	    SOTTO_EAUTH);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_int_equal(ticket_open(&got, keys, 2, sealed, FIX_NOW),
		    SOTTO_EAUTH);
		sealed[i] ^= 1;
	}
	/* A day, and no longer; not before it was made. */
	assert_int_equal(ticket_open(&got, keys, 2, sealed,
			     FIX_NOW + TICKET_LIFE_S - 1),
	    SOTTO_OK);
	assert_int_equal(ticket_open(&got, keys, 2, sealed,
			     FIX_NOW + TICKET_LIFE_S),
	    SOTTO_EAUTH);
	assert_int_equal(ticket_open(&got, keys, 2, sealed, FIX_NOW - 1),
	    SOTTO_EAUTH);
	/* So many times in a row. */
	t.uses = TICKET_USES_MAX - 1;
	assert_int_equal(ticket_seal(sealed, &keys[0], &t, &f->g), SOTTO_OK);
	assert_int_equal(ticket_open(&got, keys, 2, sealed, FIX_NOW), SOTTO_OK);
	t.uses = TICKET_USES_MAX;
	assert_int_equal(ticket_seal(sealed, &keys[0], &t, &f->g), SOTTO_OK);
	assert_int_equal(ticket_open(&got, keys, 2, sealed, FIX_NOW),
	    SOTTO_EAUTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_fresh_keys),
		cmocka_unit_test(test_each_flipped_byte),
		cmocka_unit_test(test_stolen_ticket_without_secret),
		cmocka_unit_test(test_refused_ticket_is_a_login),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_seal),
	};

	return cmocka_run_group_tests_name("ticket", tests, fix_setup,
	    fix_teardown);
}
