/* The relay's parts: configuration, store, directory, limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "sottod/addrs.h"
#include "sottod/conf.h"
#include "sottod/directory.h"
#include "sottod/limit.h"
#include "sottod/stats.h"
#include "sottod/store.h"
#include "tests/lib/cm.h"

static struct name
named(const char *s)
{
	struct name n;

	assert_int_equal(name_parse(&n, span_str(s)), SOTTO_OK);
	return n;
}

/* ---- configuration ---- */

static void
test_conf_values(void **state)
{
	static const char *const bad[][3] = { { "server", "port", "65536" },
		{ "server", "port", "-1" }, { "server", "port", "x" },
		{ "server", "nonsense", "1" }, { "nowhere", "port", "1" },
		{ "log", "level", "loud" }, { "log", "names", "maybe" } };
	struct sottod_conf *c = calloc(1, sizeof(*c));

	(void)state;
	assert_int_equal(sottod_conf_default(c), SOTTO_OK);
	assert_int_equal(c->port, 7443);
	assert_null(sottod_conf_set(c, "server", "port", "65535"));
	assert_int_equal(c->port, 65535);
	assert_null(
	    sottod_conf_set(c, "server", "name", "a.example b.example"));
	assert_int_equal(c->n_names, 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sottod_conf_set(c, bad[i][0], bad[i][1], bad[i][2]) == NULL)
			fail_msg("%s = %s was taken", bad[i][1], bad[i][2]);
	assert_null(sottod_conf_finish(c));
	free(c);
}

/* ---- directory ---- */

static void
test_a_name_belongs_to_one(void **state)
{
	struct directory *d = dir_new();
	const struct name n = named("alice");
	struct dir_user *u;
	struct conn *one = (struct conn *)(void *)&d,
		    *two = (struct conn *)(void *)&u; /* only compared */

	(void)state;
	assert_int_equal(dir_put(d, &n, span_str("key"), 0), SOTTO_OK);
	u = dir_find(d, &n);
	assert_non_null(u);
	assert_null(dir_claim(d, u, one));
	assert_int_equal(dir_n_online(d), 1);
	assert_ptr_equal(dir_claim(d, u, two), one);
	assert_int_equal(dir_n_online(d), 1);
	/* Who lost it cannot give it away. */
	assert_int_equal(dir_release(d, u, one), 0);
	assert_int_equal(dir_n_online(d), 1);
	assert_int_equal(dir_release(d, u, two), 1);
	assert_int_equal(dir_n_online(d), 0);
	assert_int_equal(dir_n_users(d), 1);
	assert_ptr_equal(dir_at(d, 0), u);
	dir_free(d);
}

static void
test_directory_holds_many(void **state)
{
	struct directory *d = dir_new();
	struct wire_person found[WIRE_FOUND_MAX];
	int more = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char s[17];

		(void)snprintf(s, sizeof(s), "u%d", i);
		const struct name n = named(s);

		assert_int_equal(dir_put(d, &n, span_str(s), 0), SOTTO_OK);
	}
	assert_int_equal(dir_n_users(d), 10000);
	assert_int_equal(dir_search(d, span_str("u999"), found, &more), 11);
	assert_int_equal(more, 0);
	assert_int_equal(dir_search(d, span_str("u"), found, &more),
	    WIRE_FOUND_MAX);
	assert_int_equal(more, 1);
	assert_int_equal(dir_search(d, span_str("zz"), found, &more), 0);
	dir_free(d);
}

/* ---- limits ---- */

static void
test_bucket(void **state)
{
	const struct rng g = rng_system();
	struct limit *l = limit_new(64, &g);
	const struct span a = span_str("a"), b = span_str("b");

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(limit_take(l, a, 10, 1000), 1);
	assert_int_equal(limit_take(l, a, 10, 1000), 0);
	assert_int_equal(limit_take(l, b, 10, 1000), 1);
	/* One comes back every six seconds. */
	assert_int_equal(limit_take(l, a, 10, 1000 + 6100), 1);
	assert_int_equal(limit_take(l, a, 10, 1000 + 6100), 0);
	limit_free(l);
}

static void
test_delays_grow_and_are_forgotten(void **state)
{
	const struct rng g = rng_system();
	struct limit *l = limit_new(64, &g);
	const struct span a = span_str("a");
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		uint64_t d = limit_failed(l, a, 1000);

		assert_true(d >= last && d <= 10000);
		last = d;
	}
	assert_true(last == 10000);
	assert_true(limit_failures(l, a, 1000) > 0);
	limit_succeeded(l, a, 1000);
	assert_int_equal(limit_failures(l, a, 1000), 0);
	(void)limit_failed(l, a, 1000);
	assert_int_equal(limit_failures(l, a, 1000 + 16 * 60 * 1000), 0);
	limit_free(l);
}

/* Strangers without number cannot make it grow, nor push out one who has just
 * failed by coming once each. */
static void
test_limit_is_bounded(void **state)
{
	const struct rng g = rng_system();
	struct limit *l = limit_new(256, &g);

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		const uint8_t key[4] = { (uint8_t)i, (uint8_t)(i >> 8),
			(uint8_t)(i >> 16), 0 };

		(void)limit_take(l, SPAN(key), 10, 1000 + i);
		(void)limit_failed(l, SPAN(key), 1000 + i);
	}
	assert_int_equal(limit_take(l, span_str("new"), 1, 200000), 1);
	limit_free(l);
}

static void
test_addresses_are_counted(void **state)
{
	const struct rng g = rng_system();
	struct addrs *a = addrs_new(&g);
	struct tcp_peer p = { .key = { 1, 2, 3, 4 }, .key_len = 4 }, q = p;
	struct addr *x, *y;

	(void)state;
	q.key[3] = 5;
	x = addrs_enter(a, &p);
	assert_ptr_equal(addrs_enter(a, &p), x);
	assert_int_equal(x->conns, 2);
	y = addrs_enter(a, &q);
	assert_ptr_not_equal(x, y);
	addrs_leave(a, x);
	addrs_leave(a, x);
	addrs_leave(a, y);
	x = addrs_enter(a, &p);
	assert_int_equal(x->conns, 1);
	addrs_leave(a, x);
	addrs_free(a);
}

/* ---- numbers ---- */

static void
test_how_long_it_took(void **state)
{
	struct stats_hist h = { .count = 0 };

	(void)state;
	assert_int_equal(stats_at_most_us(&h, 0.5), 0);
	for (int i = 0; i < 99; i++)
		stats_took(&h, 3);
	stats_took(&h, 1000000);
	assert_int_equal(h.count, 100);
	assert_int_equal(h.sum_us, 99 * 3 + 1000000);
	assert_int_equal(stats_at_most_us(&h, 0.5), 4);
	assert_int_equal(stats_at_most_us(&h, 0.99), 4);
	assert_int_equal(stats_at_most_us(&h, 1), 1 << 20);
	stats_took(&h, 0);
	assert_int_equal(h.n[0], 1);
	/* Longer than all steps is in the last. */
	stats_took(&h, UINT64_MAX >> 1);
	assert_int_equal(h.n[STATS_STEPS - 1], 1);
}

/* ---- the store ---- */

static int
count_user(void *ctx, const struct store_user *u)
{
	*(size_t *)ctx += u->revoked_at == 0;
	return 1;
}

static void
test_store(void **state)
{
	char dir[] = "/tmp/sotto-store.XXXXXX", err[DB_ERR_MAX], cmd[64];
	struct store_invite i = { .uses_left = 1, .expires_at = 2000 };
	struct store_enrol e = { .now = 1000, .cert_not_after = 9 };
	enum hs_status st;
	struct store *s;
	size_t users = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(store_open(&s, dir, err), SOTTO_OK);
	memset(i.id, 7, sizeof(i.id));
	memset(e.token_id, 7, sizeof(e.token_id));
	assert_int_equal(store_add_invite(s, &i), SOTTO_OK);
	e.name = named("alice");
	e.spki = span_str("alice's key");
	e.device_cert = e.cert = span_str("cert");
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_WELCOME);
	/* The answer was lost: the same again is let in again. */
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_WELCOME);
	/* The invite is used up for anybody else. */
	e.name = named("bob");
	e.spki = span_str("bob's key");
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_INVITE_USED);
	/* Another invite: not for a name or a key that is taken. */
	memset(i.id, 8, sizeof(i.id));
	memset(e.token_id, 8, sizeof(e.token_id));
	i.uses_left = 5;
	assert_int_equal(store_add_invite(s, &i), SOTTO_OK);
	e.name = named("alice");
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_NAME_TAKEN);
	e.name = named("bob");
	e.spki = span_str("alice's key");
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_KEY_USED);
	e.spki = span_str("bob's key");
	e.now = 3000; /* too late */
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_INVITE_USED);
	e.now = 1000;
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_WELCOME);
	/* Revoked is revoked, also for the same key and invite. */
	const struct name alice = named("alice"), nobody = named("nobody");

	assert_int_equal(store_revoke(s, &alice, 1500), SOTTO_OK);
	assert_int_equal(store_revoke(s, &alice, 1500), SOTTO_EFORMAT);
	assert_int_equal(store_revoke(s, &nobody, 1500), SOTTO_EFORMAT);
	e.name = alice;
	e.spki = span_str("alice's key");
	assert_int_equal(store_enrol(s, &e, &st), SOTTO_OK);
	assert_int_equal(st, HS_REVOKED);
	assert_int_equal(store_users(s, count_user, &users), SOTTO_OK);
	assert_int_equal(users, 1);
	store_close(s);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conf_values),
		cmocka_unit_test(test_a_name_belongs_to_one),
		cmocka_unit_test(test_directory_holds_many),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_delays_grow_and_are_forgotten),
		cmocka_unit_test(test_limit_is_bounded),
		cmocka_unit_test(test_addresses_are_counted),
		cmocka_unit_test(test_how_long_it_took),
		cmocka_unit_test(test_store),
	};
	struct secret_state st;

	(void)secret_harden(&st);
	return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
