/* The tunnel: records, padding, replays, control, close; and every way to break it. */
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/pair.h"

static void
test_both_ways_in_every_suite(void **state)
{
	struct suite_list all;

	(void)state;
	suite_default(&all, 1);
	for (size_t i = 0; i < all.n; i++) {
		struct pair p;

		pair_init(&p, (enum suite)all.id[i]);
		for (int n = 0; n < 300; n++) {
			pair_send_c(&p, "to the relay");
			assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
			pair_assert_msg(&p, "to the relay");
			assert_int_equal(tunnel_send(p.s, TUNNEL_COMMAND,
					     span_str("to the client"), 0, 0,
					     &p.to_c),
			    SOTTO_OK);
			assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_COMMAND);
			pair_assert_msg(&p, "to the client");
		}
		pair_free(&p);
	}
}

/* 1,000 texts of 1 to 180 bytes are all one length on the wire. */
static void
test_lengths_look_alike(void **state)
{
	uint8_t text[180];
	struct pair p;

	(void)state;
	memset(text, 'x', sizeof(text));
	pair_init(&p, SUITE_AES256_GCM);
	for (size_t n = 1; n <= sizeof(text); n++) {
		assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY,
				     (struct span){ text, n }, 0, 0, &p.to_s),
		    SOTTO_OK);
		assert_int_equal(pair_first(&p.to_s).n,
		    TUNNEL_HEAD_LEN + 512 + AEAD_TAG_LEN);
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.pad, 512);
		assert_int_equal(p.in.msg.n, n);
	}
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY, span_str("no"),
			     TUNNEL_PAD_CHAT, 0, &p.to_s),
	    SOTTO_OK);
	assert_int_equal(pair_first(&p.to_s).n,
	    TUNNEL_HEAD_LEN + 4096 + AEAD_TAG_LEN);
	pair_free(&p);
}

static void
test_buckets(void **state)
{
	(void)state;
	assert_int_equal(tunnel_bucket(1), 512);
	assert_int_equal(tunnel_bucket(512), 512);
	assert_int_equal(tunnel_bucket(513), 1024);
	assert_int_equal(tunnel_bucket(16384), 16384);
	assert_int_equal(tunnel_bucket(16385), 0);
}

/* A full buffer refuses the whole message, and nothing is used up. */
static void
test_no_room_is_all_or_nothing(void **state)
{
	uint8_t big[40000] = { 1 };
	struct pair p;
	struct buf small;

	(void)state;
	pair_init(&p, SUITE_AES128_GCM);
	buf_init(&small, 34000);
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY, SPAN(big), 0, 0,
			     &small),
	    SOTTO_ENOSPACE);
	assert_int_equal(small.n, 0);
	assert_int_equal(p.c->out.counter, 0);
	pair_send_c(&p, "still works");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
	pair_assert_msg(&p, "still works");
	buf_free(&small);
	pair_free(&p);
}

/* One bit anywhere, header included, in every suite. */
static void
test_each_flipped_byte_is_refused(void **state)
{
	struct suite_list all;

	(void)state;
	suite_default(&all, 1);
	for (size_t i = 0; i < all.n; i++) {
		size_t len = 0;

		for (size_t at = 0; at == 0 || at < len; at++) {
			uint8_t frame[1024];
			struct pair p;
			struct span f;

			pair_init(&p, (enum suite)all.id[i]);
			pair_send_c(&p, "hello");
			f = pair_first(&p.to_s);
			len = f.n;
			memcpy(frame, f.p, f.n);
			frame[at] ^= (uint8_t)(1 << at % 8);
			/* The length stands in the frame's own head: keep the
			 * frame whole, the AAD still says the true length. */
			if (at >= 2 && at < TUNNEL_HEAD_LEN) {
				pair_free(&p);
				continue;
			}
			pair_fails_s(&p, (struct span){ frame, len });
			pair_free(&p);
		}
		assert_true(len > 500);
	}
}

static void
test_cut_or_longer_record(void **state)
{
	uint8_t frame[1024] = { 0 };
	size_t len = TUNNEL_HEAD_LEN + 512 + AEAD_TAG_LEN;

	(void)state;
	for (size_t n = 0; n <= len + 1; n += n < 40 ? 1 : 37) {
		struct pair p;

		if (n == len)
			continue;
		pair_init(&p, SUITE_AES256_GCM);
		pair_send_c(&p, "hello");
		memcpy(frame, pair_first(&p.to_s).p, len);
		pair_fails_s(&p, (struct span){ frame, n });
		pair_free(&p);
	}
}

static void
test_replay_reorder_drop_reflect(void **state)
{
	uint8_t one[600], two[600];
	size_t n;

	(void)state;
	for (int what = 0; what < 4; what++) {
		struct pair p;

		pair_init(&p, SUITE_AES256_GCM);
		pair_send_c(&p, "one");
		n = pair_first(&p.to_s).n;
		memcpy(one, pair_first(&p.to_s).p, n);
		buf_consume(&p.to_s, n);
		pair_send_c(&p, "two");
		memcpy(two, pair_first(&p.to_s).p, n);
		buf_consume(&p.to_s, n);
		if (what == 0) { /* replay */
			tunnel_recv(p.s, (struct span){ one, n }, 0, &p.to_c,
			    &p.in);
			assert_int_equal(p.in.event, TUNNEL_EV_RELAY);
			pair_fails_s(&p, (struct span){ one, n });
		} else if (what == 1) { /* reorder, or drop the first */
			pair_fails_s(&p, (struct span){ two, n });
		} else if (what == 2) { /* back to its sender */
			tunnel_recv(p.c, (struct span){ one, n }, 0, &p.to_s,
			    &p.in);
			assert_int_equal(p.in.event, TUNNEL_EV_FAILED);
		} else { /* into another session of the same user */
			struct pair q;

			pair_init(&q, SUITE_AES256_GCM);
			q.s->in.aead->iv[0] ^= 1;
			pair_fails_s(&q, (struct span){ one, n });
			pair_free(&q);
		}
		pair_free(&p);
	}
}

/* Replays at 0, 1, 255, 256, 2^32 and near the end; never compared as text. */
static void
test_replay_at_each_counter(void **state)
{
	static const uint64_t at[] = { 0, 1, 255, 256, 65535, 65536,
		(1ULL << 32) - 1, 1ULL << 32, (1ULL << 63), UINT64_MAX - 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		uint8_t copy[600];
		struct pair p;
		struct span f;

		pair_init(&p, SUITE_AES256_GCM);
		p.c->out.counter = p.s->in.counter = at[i];
		pair_send_c(&p, "once");
		f = pair_first(&p.to_s);
		memcpy(copy, f.p, f.n);
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		pair_fails_s(&p, (struct span){ copy, f.n });
		pair_free(&p);
	}
}

static void
test_bad_control_records(void **state)
{
	static const uint8_t update2[] = { 2 }, dh[] = { 1 }, two[] = { 0, 0 };
	static const uint8_t answer[33] = { 1 }, low[33] = { 0 };
	static const uint8_t ping[9] = { 2 }, cut[32] = { 0 };
	static const uint8_t odd[33] = { 9 };
	const struct {
		int type;
		struct span content;
	} bad[] = {
		{ TUNNEL_UPDATE, SPAN(update2) },
		{ TUNNEL_UPDATE, SPAN(dh) }, /* nothing was agreed on */
		{ TUNNEL_UPDATE, SPAN(two) },
		{ TUNNEL_UPDATE, { NULL, 0 } },
		{ TUNNEL_REKEY, SPAN(answer) }, /* nothing was offered */
		{ TUNNEL_REKEY, SPAN(low) },    /* a point of low order */
		{ TUNNEL_REKEY, SPAN(cut) },
		{ TUNNEL_PING, SPAN(ping) },
		{ TUNNEL_PING, SPAN(two) },
		{ TUNNEL_CLOSE, SPAN(odd) },
		{ TUNNEL_CLOSE, SPAN(cut) },
		{ 3, SPAN(two) }, /* kept for files */
		{ 8, SPAN(two) },
		{ 255, SPAN(two) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pair p;

		pair_init(&p, SUITE_AES256_GCM);
		pair_record(&p, (enum tunnel_kind)bad[i].type, bad[i].content);
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
		assert_string_not_equal(tunnel_fault(p.s),
		    "nothing went wrong");
		pair_free(&p);
	}
}

static void
test_padding_must_be_a_bucket(void **state)
{
	uint8_t content[600] = { 0 };
	struct pair p;

	(void)state;
	/* All zeros: there is no type. */
	pair_init(&p, SUITE_AES256_GCM);
	pair_record(&p, (enum tunnel_kind)0, (struct span){ content, 100 });
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
	assert_string_equal(tunnel_fault(p.s),
	    "the padding of a record is malformed");
	pair_free(&p);
}

static void
test_ping(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	assert_int_equal(tunnel_ping(p.c, 7, &p.to_s), SOTTO_OK);
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_PONG);
	assert_int_equal(p.to_s.n, 0);
	assert_int_equal(p.to_c.n, 0);
	pair_free(&p);
}

static void
test_close(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	pair_send_c(&p, "last words");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(tunnel_send(p.s, TUNNEL_RELAY, span_str("lost"), 0, 0,
			     &p.to_c),
	    SOTTO_OK);
	assert_int_equal(tunnel_bye(p.c, TUNNEL_CLOSE_BYE, 0, &p.to_s),
	    SOTTO_OK);
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY, span_str("x"), 0, 0,
			     &p.to_s),
	    SOTTO_ESTATE);
	assert_int_equal(tunnel_bye(p.c, TUNNEL_CLOSE_BYE, 0, &p.to_s),
	    SOTTO_ESTATE);
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_CLOSED);
	assert_int_equal(p.in.close, TUNNEL_CLOSE_BYE);
	assert_int_equal(p.in.lost, 1); /* "lost" was not received */
	/* The other side still closes in its turn. */
	assert_int_equal(tunnel_bye(p.s, TUNNEL_CLOSE_BYE, 0, &p.to_c),
	    SOTTO_OK);
	assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(pair_step_c(&p, 0), TUNNEL_EV_CLOSED);
	assert_int_equal(p.in.lost, 0);
	pair_free(&p);
}

static void
test_nothing_may_follow_a_close(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	assert_int_equal(tunnel_bye(p.c, TUNNEL_CLOSE_BYE, 0, &p.to_s),
	    SOTTO_OK);
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_CLOSED);
	p.c->said_bye = 0;
	pair_send_c(&p, "after the end");
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);
}

static void
test_head_lengths(void **state)
{
	(void)state;
	assert_false(tunnel_head_ok(0));
	assert_false(tunnel_head_ok(511));
	assert_true(tunnel_head_ok(512 + 16));
	assert_true(tunnel_head_ok(16384 + 16));
	assert_true(tunnel_head_ok(TUNNEL_BODY_MAX));
	assert_false(tunnel_head_ok(TUNNEL_BODY_MAX + 1));
	assert_false(tunnel_head_ok(0xffffff));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_in_every_suite),
		cmocka_unit_test(test_lengths_look_alike),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_no_room_is_all_or_nothing),
		cmocka_unit_test(test_each_flipped_byte_is_refused),
		cmocka_unit_test(test_cut_or_longer_record),
		cmocka_unit_test(test_replay_reorder_drop_reflect),
		cmocka_unit_test(test_replay_at_each_counter),
		cmocka_unit_test(test_bad_control_records),
		cmocka_unit_test(test_padding_must_be_a_bucket),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_nothing_may_follow_a_close),
		cmocka_unit_test(test_head_lengths),
	};

	return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
