/* The first message to somebody who is not there; the relay is the attacker. */
#include "crypto/prekey.h"

#include <string.h>

#include "crypto/ratchet.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define NOW_MS (FIX_NOW * 1000)

/* bob's keys, and what the relay has of them. */
struct offline {
	struct fixture *f;
	struct chat_self as, bs;
	struct prekey_secret s;
	struct x25519_sec one;
	uint8_t bundle[PREKEY_BUNDLE_MAX], one_pub[PREKEY_ONE_LEN];
	size_t bundle_len;
	uint8_t msg[PREKEY_HEAD_MAX + 512];
	size_t msg_len;
	struct ratchet *a, *b;
	const char *why;
};

static void
offline_init(struct offline *o, struct fixture *f)
{
	struct rsa_key *rpk = fix_key("chat");
	struct x25519_pub pub;
	struct wr w;

	memset(o, 0, sizeof(*o));
	o->f = f;
	o->as.id = f->alice;
	o->bs.id = f->bob;
	o->as.ca = o->bs.ca = f->conf.ca_cert;
	suite_default(&o->as.suites, 0);
	suite_default(&o->bs.suites, 0);
	o->s.epoch = 3;
	o->s.made_at = FIX_NOW;
	x25519_make(&o->s.spk, &pub, &f->g);
	wr_init(&w, o->s.rpk, sizeof(o->s.rpk));
	assert_int_equal(rsa_key_write(rpk, &w), SOTTO_OK);
	rsa_key_free(rpk);
	o->s.rpk_len = w.n;
	wr_init(&w, o->bundle, sizeof(o->bundle));
	assert_int_equal(prekey_bundle(&w, f->bob, &o->s, &o->bs.suites),
	    SOTTO_OK);
	o->bundle_len = w.n;
	x25519_make(&o->one, &pub, &f->g);
	wr_init(&w, o->one_pub, sizeof(o->one_pub));
	prekey_one(&w, f->bob, 17, &o->one);
	assert_int_equal(w.n, PREKEY_ONE_LEN);
}

static void
offline_free(struct offline *o)
{
	ratchet_free(o->a);
	ratchet_free(o->b);
}

static enum sotto_err
check(struct offline *o, struct prekey_peer *p, int with_one, uint64_t now_ms)
{
	return prekey_check(p, &o->as, &o->f->bob->name,
	    (struct span){ o->bundle, o->bundle_len },
	    with_one ? SPAN(o->one_pub) : (struct span){ NULL, 0 }, now_ms,
	    &o->why);
}

/* alice writes, with bob away. */
static void
write_first(struct offline *o, int with_one)
{
	struct chat_keys k;
	struct prekey_peer p;
	uint64_t counter;
	struct wr w;

	assert_int_equal(check(o, &p, with_one, NOW_MS), SOTTO_OK);
	assert_int_equal(p.one_number, with_one ? 17 : 0);
	wr_init(&w, o->msg, sizeof(o->msg));
	assert_int_equal(prekey_start(&k, &w, &o->as, &p, &o->f->g), SOTTO_OK);
	assert_true(w.n <= PREKEY_HEAD_MAX);
	ratchet_free(o->a);
	o->a = ratchet_new(&k);
	assert_non_null(o->a);
	assert_int_equal(ratchet_seal(o->a, CHAT_START, span_str("first words"),
			     &o->f->g, &w, &counter),
	    SOTTO_OK);
	o->msg_len = w.n;
}

/* bob reads it, later. */
static enum sotto_err
read_first(struct offline *o, const struct name *from, uint64_t now_ms)
{
	uint8_t out[64];
	struct ratchet_opened got;
	struct prekey_head h;
	struct chat_peer peer;
	struct chat_keys k;
	enum sotto_err e;

	ratchet_free(o->b);
	o->b = NULL;
	e = prekey_head_read(&h, (struct span){ o->msg, o->msg_len });
	if (e != SOTTO_OK)
		return e;
	if (h.epoch != o->s.epoch || h.envelope.n > sizeof(out) + 100)
		return SOTTO_EAUTH; /* nothing of that number is kept */
	if (h.one_number != 0 && h.one_number != 17)
		return SOTTO_EAUTH;
	o->s.has_one = h.one_number == 17;
	o->s.one = o->one;
	if ((e = prekey_answer(&k, &peer, &o->bs, from, &h, &o->s, now_ms,
		 &o->why)) != SOTTO_OK)
		return e;
	o->b = ratchet_new(&k);
	assert_non_null(o->b);
	e = ratchet_open(o->b, CHAT_START, h.envelope, FIX_NOW, out, &got);
	if (e == SOTTO_OK)
		assert_true(span_eq((struct span){ out, got.n },
		    span_str("first words")));
	return e;
}

static void
test_first_message(void **state)
{
	for (int with_one = 0; with_one <= 1; with_one++) {
		uint8_t buf[256], out[64];
		struct ratchet_opened got;
		struct offline o;
		uint64_t counter;
		struct wr w;

		offline_init(&o, *state);
		write_first(&o, with_one);
		assert_int_equal(read_first(&o, &o.f->alice->name, NOW_MS),
		    SOTTO_OK);
		wr_init(&w, buf, sizeof(buf));
		assert_int_equal(ratchet_seal(o.b, CHAT_MESSAGE,
				     span_str("answer"), &o.f->g, &w, &counter),
		    SOTTO_OK);
		assert_int_equal(ratchet_open(o.a, CHAT_MESSAGE, wr_out(&w),
				     FIX_NOW, out, &got),
		    SOTTO_OK);
		offline_free(&o);
	}
}

static void
test_nothing_repeats(void **state)
{
	uint8_t before[sizeof(((struct offline *)0)->msg)];
	struct offline o;

	offline_init(&o, *state);
	write_first(&o, 1);
	memcpy(before, o.msg, sizeof(before));
	write_first(&o, 1);
	/* Chat, EA and the OAEP secret are new each time. */
	assert_memory_not_equal(before + 1, o.msg + 1, CHAT_ID_LEN);
	assert_memory_not_equal(before + o.msg_len - 500,
	    o.msg + o.msg_len - 500, 300);
	offline_free(&o);
}

static void
test_each_flipped_byte_and_cut_of_a_bundle(void **state)
{
	struct prekey_peer p;
	struct offline o;

	offline_init(&o, *state);
	for (size_t i = 0; i < o.bundle_len; i++) {
		o.bundle[i] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(check(&o, &p, 0, NOW_MS), SOTTO_OK);
		o.bundle[i] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < sizeof(o.one_pub); i++) {
		o.one_pub[i] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(check(&o, &p, 1, NOW_MS), SOTTO_EAUTH);
		o.one_pub[i] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = o.bundle_len; n > 0; n -= n > 9 ? 9 : n) {
		o.bundle_len -= 1;
		assert_int_not_equal(check(&o, &p, 0, NOW_MS), SOTTO_OK);
	}
	offline_free(&o);
}

/* T45: what the relay may try with the keys that it has. */
static void
test_keys_that_are_not_taken(void **state)
{
	const uint64_t month_ms = (PREKEY_KEEP_S + 1) * 1000ULL;
	struct prekey_peer p;
	struct offline o;
	struct wr w;

	offline_init(&o, *state);
	assert_int_equal(check(&o, &p, 0, NOW_MS + month_ms), SOTTO_EAUTH);
	assert_string_equal(o.why,
	    "their keys at the relay are too old, or from the future");
	assert_int_equal(check(&o, &p, 0, NOW_MS - 3600 * 1000ULL),
	    SOTTO_EAUTH);
	/* A one-time key of somebody else. */
	wr_init(&w, o.one_pub, sizeof(o.one_pub));
	prekey_one(&w, o.f->alice, 17, &o.one);
	assert_int_equal(check(&o, &p, 1, NOW_MS), SOTTO_EAUTH);
	assert_string_equal(o.why,
	    "a one-time key of theirs is not signed by them");
	/* A whole bundle of somebody else. */
	wr_init(&w, o.bundle, sizeof(o.bundle));
	assert_int_equal(prekey_bundle(&w, o.f->alice, &o.s, &o.bs.suites),
	    SOTTO_OK);
	o.bundle_len = w.n;
	assert_int_equal(check(&o, &p, 0, NOW_MS), SOTTO_EAUTH);
	assert_string_equal(o.why, "their certificate is not good");
	offline_free(&o);
}

static void
test_each_part_of_the_first_message_counts(void **state)
{
	struct offline o;

	offline_init(&o, *state);
	write_first(&o, 1);
	for (size_t i = 0; i < o.msg_len; i += 5) {
		o.msg[i] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(read_first(&o, &o.f->alice->name, NOW_MS),
		    SOTTO_OK);
		o.msg[i] ^= (uint8_t)(1 << i % 8);
	}
	/* The relay says that it came from somebody else. */
	assert_int_not_equal(read_first(&o, &o.f->bob->name, NOW_MS), SOTTO_OK);
	assert_int_equal(read_first(&o, &o.f->alice->name, NOW_MS), SOTTO_OK);
	offline_free(&o);
}

static void
test_other_keys_do_not_open_it(void **state)
{
	struct x25519_pub pub;
	struct x25519_sec kept;
	struct offline o;

	offline_init(&o, *state);
	write_first(&o, 1);
	kept = o.s.spk;
	x25519_make(&o.s.spk, &pub, &o.f->g);
	assert_int_not_equal(read_first(&o, &o.f->alice->name, NOW_MS),
	    SOTTO_OK);
	o.s.spk = kept;
	x25519_make(&o.one, &pub, &o.f->g);
	assert_int_not_equal(read_first(&o, &o.f->alice->name, NOW_MS),
	    SOTTO_OK);
	offline_free(&o);
}

static void
test_no_suite_in_common(void **state)
{
	uint8_t buf[PREKEY_HEAD_MAX];
	struct prekey_peer p;
	struct chat_keys k;
	struct offline o;
	struct wr w;

	offline_init(&o, *state);
	assert_int_equal(check(&o, &p, 0, NOW_MS), SOTTO_OK);
	o.as.suites =
	    (struct suite_list){ .id = { SUITE_AES128_CBC_HMAC }, .n = 1 };
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(prekey_start(&k, &w, &o.as, &p, &o.f->g), SOTTO_EAUTH);
	offline_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_message),
		cmocka_unit_test(test_nothing_repeats),
		cmocka_unit_test(test_each_flipped_byte_and_cut_of_a_bundle),
		cmocka_unit_test(test_keys_that_are_not_taken),
		cmocka_unit_test(test_each_part_of_the_first_message_counts),
		cmocka_unit_test(test_other_keys_do_not_open_it),
		cmocka_unit_test(test_no_suite_in_common),
	};

	return cmocka_run_group_tests_name("prekey", tests, fix_setup,
	    fix_teardown);
}
