/* The login: success in every variety, probes and retries. */
#include <stdio.h>
#include <string.h>

#include "crypto/hs_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

static void
test_login(void **state)
{
	struct fixture *f = *state;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(l.m1_len, HS_HEAD_LEN + HS_M1_LEN);
	assert_true(login_run(&l));
	login_same_keys(&l);
	assert_string_equal(hs_server_keys(l.s)->user.s, "alice");
	assert_int_equal(hs_client_keys(l.c)->server_time, FIX_NOW);
	assert_int_equal(hs_client_keys(l.c)->limits.message_max, 65536);
	assert_string_equal(hs_client_info(l.c)->relay, FIX_HOST);
	assert_memory_equal(hs_client_info(l.c)->authority.b, f->authority.b,
	    HASH_LEN);
	login_free(&l);
}

static void
test_each_suite(void **state)
{
	struct fixture *f = *state;
	struct suite_list all, saved = f->conf.suites;

	suite_default(&all, 1);
	assert_int_equal(all.n, 5);
	f->conf.suites = all;
	for (size_t i = 0; i < all.n; i++) {
		struct hs_client_conf cc = { .mode = HS_LOGIN,
			.host = FIX_HOST,
			.has_pin = 1,
			.pin = f->authority,
			.id = f->alice,
			.suites = { .id = { all.id[i] }, .n = 1 } };
		struct login l;

		login_conf(&l, f, &cc);
		assert_true(login_run(&l));
		assert_int_equal(hs_client_keys(l.c)->suite, all.id[i]);
		login_same_keys(&l);
		login_free(&l);
	}
	f->conf.suites = saved;
}

/* The relay's order decides among what both have. */
static void
test_relay_chooses(void **state)
{
	struct fixture *f = *state;
	struct suite_list saved = f->conf.suites;
	struct login l;

	f->conf.suites = (struct suite_list){ .id = { SUITE_CHACHA20_POLY1305,
						  SUITE_AES256_GCM },
		.n = 2 };
	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	assert_int_equal(hs_client_keys(l.c)->suite, SUITE_CHACHA20_POLY1305);
	login_free(&l);
	f->conf.suites = saved;
}

static void
test_no_common_suite(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .mode = HS_LOGIN,
		.host = FIX_HOST,
		.id = f->alice,
		.suites = { .id = { SUITE_AES256_CBC_HMAC }, .n = 1 } };
	uint8_t buf[64];
	struct login l;
	struct wr w;

	login_conf(&l, f, &cc);
	assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_FAILED);
	assert_int_equal(hs_server_fault(l.s), HS_FAULT_SUITE);
	assert_int_equal(hs_server_fail(l.s), HS_FAIL_SUITE);
	/* The client is told, in the clear, and says why. */
	wr_init(&w, buf, sizeof(buf));
	hs_write_fail(&w, hs_server_fail(l.s));
	assert_int_equal(login_m2(&l, wr_out(&w)), HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_FAILED);
	assert_int_equal(hs_client_info(l.c)->fail, HS_FAIL_SUITE);
	login_free(&l);
}

static void
test_probe_learns_the_key_and_sends_nothing(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .probe = 1, .host = FIX_HOST };
	struct login l;

	suite_default(&cc.suites, 0);
	login_conf(&l, f, &cc);
	assert_int_equal(login_m1(&l, LOGIN_M(&l, 1)), HS_SEND);
	assert_int_equal(login_m2(&l, LOGIN_M(&l, 2)), HS_PROBED);
	assert_int_equal(l.m3_len, 0);
	assert_memory_equal(hs_client_info(l.c)->authority.b, f->authority.b,
	    HASH_LEN);
	assert_null(hs_client_keys(l.c));
	login_free(&l);
}

/* A probe and a login are the same bytes but for what is random. */
static void
test_probe_looks_like_a_login(void **state)
{
	struct fixture *f = *state;
	struct hs_client_conf cc = { .probe = 1, .host = FIX_HOST };
	struct hs_m1 a, b;
	struct login p, l;

	suite_default(&cc.suites, 0);
	login_conf(&p, f, &cc);
	cc.probe = 0;
	cc.id = f->alice;
	login_conf(&l, f, &cc);
	assert_int_equal(hs_m1_read(&a, LOGIN_M(&p, 1)), SOTTO_OK);
	assert_int_equal(hs_m1_read(&b, LOGIN_M(&l, 1)), SOTTO_OK);
	assert_memory_not_equal(a.nonce, b.nonce, sizeof(a.nonce));
	assert_memory_not_equal(a.ec.b, b.ec.b, sizeof(a.ec.b));
	memcpy(a.nonce, b.nonce, sizeof(a.nonce));
	a.ec = b.ec;
	assert_memory_equal(&a, &b, sizeof(a));
	login_free(&p);
	login_free(&l);
}

/* ---- retry ---- */

static void
test_retry(void **state)
{
	struct fixture *f = *state;
	const struct key k = { { 1, 2, 3 } };
	const struct span addr = span_str("10.0.0.1");
	uint8_t cookie[HS_COOKIE_LEN], buf[64];
	struct hs_m1_peek peek;
	struct login l;
	struct wr w, out;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_int_equal(hs_m1_peek(&peek, LOGIN_M(&l, 1)), SOTTO_OK);
	assert_false(hs_cookie_check(&peek, &k, addr, 100));
	hs_cookie_make(cookie, &k, addr, 100, 10);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, 10);
	wr_init(&out, l.m1, sizeof(l.m1));
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out), HS_JOB);
	struct hs_job *j = hs_client_job(l.c);

	hs_job_run(j);
	assert_int_equal(hs_client_job_done(l.c, j, &out), HS_SEND);
	l.m1_len = out.n;
	assert_int_equal(hs_m1_peek(&peek, LOGIN_M(&l, 1)), SOTTO_OK);
	assert_true(hs_cookie_check(&peek, &k, addr, 100));
	assert_true(hs_cookie_check(&peek, &k, addr, 101));
	assert_false(hs_cookie_check(&peek, &k, addr, 102));
	assert_false(hs_cookie_check(&peek, &k, addr, 99));
	assert_false(hs_cookie_check(&peek, &k, span_str("10.0.0.2"), 100));
	peek.answer[7] ^= 1;
	/* One of the 1,024 may be right by chance; with this nonce it is not. */
	assert_false(hs_cookie_check(&peek, &k, addr, 100));
	/* The login goes on, with the second M1 in the transcript. */
	assert_true(login_run(&l));
	login_same_keys(&l);
	login_free(&l);
}

static void
test_retry_only_once_and_never_too_hard(void **state)
{
	struct fixture *f = *state;
	uint8_t cookie[HS_COOKIE_LEN] = { 0 }, buf[64], m1[600];
	struct hs_job *j;
	struct login l;
	struct wr w, out;

	login_new(&l, f, f->alice, HS_LOGIN);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, 0);
	wr_init(&out, m1, sizeof(m1));
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out), HS_JOB);
	j = hs_client_job(l.c);
	hs_job_run(j);
	assert_int_equal(hs_client_job_done(l.c, j, &out), HS_SEND);
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out),
	    HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_PUZZLE);
	login_free(&l);

	login_new(&l, f, f->alice, HS_LOGIN);
	wr_init(&w, buf, sizeof(buf));
	hs_write_retry(&w, cookie, HS_DIFFICULTY_MAX + 1);
	assert_int_equal(hs_client_in(l.c, wr_out(&w), FIX_NOW, &out),
	    HS_FAILED);
	assert_int_equal(hs_client_fault(l.c), HS_FAULT_PUZZLE);
	assert_null(hs_client_job(l.c));
	login_free(&l);
}

/* Every code of FAIL and its sentence; others are malformed. */
static void
test_fail_codes(void **state)
{
	struct fixture *f = *state;

	for (unsigned code = 0; code < 256; code++) {
		const uint8_t frame[] = { HS_TYPE_FAIL, 0, 0, 1,
			(uint8_t)code };
		const int known =
		    code >= HS_FAIL_HANDSHAKE && code <= HS_FAIL_SLOW;
		struct login l;

		login_new(&l, f, f->alice, HS_LOGIN);
		assert_int_equal(login_m2(&l, SPAN(frame)), HS_FAILED);
		assert_int_equal(hs_client_fault(l.c),
		    known ? HS_FAULT_FAILED : HS_FAULT_FORMAT);
		login_free(&l);
	}
}

/* What the inspector shows never contains a secret. */
static void
test_trace_has_no_secret(void **state)
{
	struct fixture *f = *state;
	const struct hs_keys *k;
	struct login l;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	k = hs_client_keys(l.c);
	assert_int_equal(l.trace.n, 6); /* M1 M2 checks M3 M4 keys */
	assert_string_equal(l.trace.msg[0].name, "M1 CLIENT_HELLO");
	assert_int_equal(l.trace.msg[0].size, 516);
	assert_string_equal(l.trace.msg[1].name, "M2 SERVER_HELLO");
	assert_int_equal(l.trace.msg[1].size, l.m2_len);
	for (size_t i = 0; i < l.trace.n; i++) {
		const struct trace_msg *m = &l.trace.msg[i];

		assert_true(m->n > 0);
		for (size_t n = 0; n < m->n; n++) {
			char hex[2 * 8 + 1];
			const uint8_t *const secrets[] = { k->c_ap.b, k->s_ap.b,
				k->rekey.b, k->resume.b, f->alice->dik.b,
				f->alice->dsk.b, f->alice->master.b };

			for (size_t s = 0; s < 7; s++) {
				for (size_t b = 0; b < 8; b++)
					(void)snprintf(hex + 2 * b, 3, "%02x",
					    secrets[s][b]);
				assert_null(strstr(m->field[n].value, hex));
			}
		}
	}
	login_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_each_suite),
		cmocka_unit_test(test_relay_chooses),
		cmocka_unit_test(test_no_common_suite),
		cmocka_unit_test(test_probe_learns_the_key_and_sends_nothing),
		cmocka_unit_test(test_probe_looks_like_a_login),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_retry_only_once_and_never_too_hard),
		cmocka_unit_test(test_fail_codes),
		cmocka_unit_test(test_trace_has_no_secret),
	};

	return cmocka_run_group_tests_name("hs", tests, fix_setup,
	    fix_teardown);
}
