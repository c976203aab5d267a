/* The keys of a tunnel: counters, updates, new secrets, and no nonce twice. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/pair.h"

/* The counter never wraps: the tunnel stops first, on both sides. */
static void
test_counter_ends(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	p.c->out.counter = p.s->in.counter = UINT64_MAX - 1;
	pair_send_c(&p, "the last one");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY, span_str("x"), 0, 0,
			     &p.to_s),
	    SOTTO_ESTATE);
	assert_int_equal(p.to_s.n, 0);
	pair_free(&p);
}

/* What one record was sealed with. */
struct used {
	uint8_t key[KEY_LEN];
	uint64_t counter;
};

static int
compare_used(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct used));
}

/*
 * No (key, nonce) pair twice: 20,000 records in both directions, with key
 * updates and rekeying in between, and the counters going on through them.
 */
static void
test_no_nonce_twice(void **state)
{
	enum {
		N = 20000
	};
	static struct used used[N];
	uint64_t now = 0;
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_CHACHA20_POLY1305);
	for (size_t n = 0; n < N; n++) {
		struct tunnel *t = n % 3 == 0 ? p.s : p.c;
		struct buf *out = t == p.s ? &p.to_c : &p.to_s;
		const uint64_t before = t->out.counter;

		now += n % 500 == 0 ? UPDATE_MS : 1;
		if (n % 1000 == 777)
			assert_int_equal(tunnel_rekey(p.c, now, &p.to_s),
			    SOTTO_OK);
		assert_int_equal(tunnel_send(t, TUNNEL_RELAY, span_str("m"), 0,
				     now, out),
		    SOTTO_OK);
		assert_true(t->out.counter > before);
		memcpy(used[n].key, t->out.secret.b, KEY_LEN);
		used[n].counter = t->out.counter - 1;
		while (p.to_s.n > 0 || p.to_c.n > 0) {
			enum tunnel_event ev = p.to_s.n > 0
			    ? pair_step_s(&p, now)
			    : pair_step_c(&p, now);

			assert_int_not_equal(ev, TUNNEL_EV_FAILED);
		}
		assert_int_equal(p.c->out.counter, p.s->in.counter);
		assert_int_equal(p.s->out.counter, p.c->in.counter);
	}
	assert_true(p.c->out.phase > 20);
	qsort(used, N, sizeof(used[0]), compare_used);
	for (size_t n = 1; n < N; n++)
		assert_memory_not_equal(&used[n - 1], &used[n],
		    sizeof(used[0]));
	pair_free(&p);
}

static void
test_update_by_count_and_bytes(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	p.c->out.records = UPDATE_RECORDS;
	pair_send_c(&p, "new key");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(p.s->in.phase, 1);
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
	p.c->out.bytes = UPDATE_BYTES;
	pair_send_c(&p, "and another");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(p.s->in.phase, 2);
	/* A sender that never updates is stopped by the receiver. */
	p.s->in.records = RECORDS_HARD;
	pair_send_c(&p, "too many");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);
}

static void
test_rekey(void **state)
{
	struct key before[4];
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	for (int round = 0; round < 3; round++) {
		before[0] = p.c->out.secret;
		before[1] = p.s->out.secret;
		before[2] = p.c->rekey;
		assert_int_equal(tunnel_rekey(p.c, 0, &p.to_s), SOTTO_OK);
		/* Only one at a time. */
		assert_int_equal(tunnel_rekey(p.c, 0, &p.to_s), SOTTO_ESTATE);
		/* Texts go on in both directions meanwhile. */
		pair_send_c(&p, "under the old key");
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(tunnel_send(p.s, TUNNEL_RELAY,
				     span_str("new already"), 0, 0, &p.to_c),
		    SOTTO_OK);
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_RELAY);
		pair_send_c(&p, "new");
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		pair_assert_msg(&p, "new");
		assert_memory_not_equal(before[0].b, p.c->out.secret.b,
		    KEY_LEN);
		assert_memory_not_equal(before[1].b, p.s->out.secret.b,
		    KEY_LEN);
		assert_memory_equal(p.c->out.secret.b, p.s->in.secret.b,
		    KEY_LEN);
		assert_memory_equal(p.c->rekey.b, p.s->rekey.b, KEY_LEN);
		assert_memory_not_equal(before[2].b, p.c->rekey.b, KEY_LEN);
	}
	/* The relay does not offer. */
	assert_int_equal(tunnel_rekey(p.s, 0, &p.to_c), SOTTO_ESTATE);
	pair_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter_ends),
		cmocka_unit_test(test_no_nonce_twice),
		cmocka_unit_test(test_update_by_count_and_bytes),
		cmocka_unit_test(test_rekey),
	};

	return cmocka_run_group_tests_name("tunnel_keys", tests, NULL, NULL);
}
