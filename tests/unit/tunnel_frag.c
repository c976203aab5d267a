/* Messages of several records: whole, mixed, and every way to break them. */
#include "tests/lib/cm.h"
#include "tests/lib/pair.h"

static void
test_large_messages_in_pieces(void **state)
{
	static uint8_t big[TUNNEL_COMMAND_MAX + 1];
	const size_t sizes[] = { 16363, 16364, 40000, 65536 };
	struct pair p;

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
	pair_init(&p, SUITE_CHACHA20_POLY1305);
	for (size_t i = 0; i < 4; i++) {
		enum tunnel_event ev = TUNNEL_EV_NONE;

		assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY,
				     (struct span){ big, sizes[i] }, 0, 0,
				     &p.to_s),
		    SOTTO_OK);
		while (p.to_s.n > 0) {
			assert_int_equal(ev, TUNNEL_EV_NONE);
			assert_true(
			    !tunnel_has_cut_message(p.s) || p.in.msg.n == 0);
			ev = pair_step_s(&p, 0);
		}
		assert_int_equal(ev, TUNNEL_EV_RELAY);
		assert_int_equal(p.in.msg.n, sizes[i]);
		assert_memory_equal(p.in.msg.p, big, sizes[i]);
		assert_false(tunnel_has_cut_message(p.s));
	}
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY,
			     (struct span){ big, TUNNEL_RELAY_MAX + 1 }, 0, 0,
			     &p.to_s),
	    SOTTO_ETOOBIG);
	assert_int_equal(tunnel_send(p.c, TUNNEL_COMMAND, SPAN(big), 0, 0,
			     &p.to_s),
	    SOTTO_ETOOBIG);
	assert_int_equal(tunnel_send(p.c, TUNNEL_COMMAND,
			     (struct span){ big, 0 }, 0, 0, &p.to_s),
	    SOTTO_ETOOBIG);
	assert_int_equal(p.to_s.n, 0);
	pair_free(&p);
}

static void
test_bad_fragments(void **state)
{
	static const struct {
		uint32_t total, offset;
		uint8_t flags;
		size_t n;
	} bad[] = {
		{ 10, 0, FRAG_LAST, 10 },              /* FIRST is missing */
		{ 10, 0, FRAG_FIRST, 10 },             /* LAST is missing */
		{ 10, 0, FRAG_FIRST | FRAG_LAST, 9 },  /* LAST too early */
		{ 10, 0, FRAG_FIRST | FRAG_LAST, 11 }, /* over the total */
		{ 10, 5, FRAG_LAST, 5 },              /* begins in the middle */
		{ 10, 5, FRAG_FIRST | FRAG_LAST, 5 }, /* FIRST not at 0 */
		{ 0, 0, FRAG_FIRST | FRAG_LAST, 0 },  /* empty */
		{ 10, 0, FRAG_FIRST, 0 },             /* an empty piece */
		{ 10, 0, 4 | FRAG_FIRST, 5 },         /* unknown flag */
		{ 65537, 0, FRAG_FIRST, 10 },         /* over the limit */
		{ UINT32_MAX, 0, FRAG_FIRST, 10 },    /* far over it */
		{ 10, UINT32_MAX, FRAG_LAST, 10 },    /* wraps around */
		{ 10, UINT32_MAX - 8, FRAG_LAST, 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t buf[FRAG_HEAD + 2000];
		struct pair p;

		pair_init(&p, SUITE_AES256_GCM);
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, 1, bad[i].total, bad[i].offset, bad[i].flags,
			bad[i].n));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
		pair_free(&p);
	}
}

static void
test_fragments_must_continue(void **state)
{
	/* second piece: id, total, offset, kind */
	static const struct {
		uint64_t id;
		uint32_t total, offset;
		enum tunnel_kind kind;
	} bad[] = {
		{ 1, 30, 11, TUNNEL_RELAY },   /* a hole */
		{ 1, 30, 9, TUNNEL_RELAY },    /* an overlap */
		{ 1, 31, 10, TUNNEL_RELAY },   /* another total */
		{ 2, 30, 10, TUNNEL_RELAY },   /* nobody began that */
		{ 1, 30, 10, TUNNEL_COMMAND }, /* another kind */
	};
	uint8_t buf[FRAG_HEAD + 2000];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pair p;

		pair_init(&p, SUITE_AES256_GCM);
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, 1, 30, 0, FRAG_FIRST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
		assert_true(tunnel_has_cut_message(p.s));
		pair_record(&p, bad[i].kind,
		    pair_frag(buf, bad[i].id, bad[i].total, bad[i].offset, 0,
			10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
		pair_free(&p);
	}
}

/* Pieces of several messages may mix, up to eight, and 4 MiB announced. */
static void
test_fragments_of_many_messages(void **state)
{
	uint8_t buf[FRAG_HEAD + 2000];
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	for (uint64_t id = 0; id < TUNNEL_OPEN_MAX; id++) {
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, id, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
	}
	for (uint64_t id = 0; id < TUNNEL_OPEN_MAX; id++) {
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, id, 20, 10, FRAG_LAST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.msg.n, 20);
	}
	for (uint64_t id = 0; id < TUNNEL_OPEN_MAX; id++) {
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, id, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
	}
	pair_record(&p, TUNNEL_RELAY,
	    pair_frag(buf, 99, 20, 0, FRAG_FIRST, 10));
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);

	pair_init(&p, SUITE_AES256_GCM);
	for (uint64_t id = 0; id < 4; id++) {
		pair_record(&p, TUNNEL_COMMAND,
		    pair_frag(buf, id, 1 << 20, 0, FRAG_FIRST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
		/* What was announced is not yet taken. */
		assert_true(p.s->frag[id].got.cap <= 4096);
	}
	pair_record(&p, TUNNEL_COMMAND,
	    pair_frag(buf, 9, 20, 0, FRAG_FIRST, 10));
	assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);
}

/* Who rests has no cipher, and goes on where it was: with the counters, what has
 * come of a message, and the next key. */
static void
test_rest(void **state)
{
	uint8_t buf[FRAG_HEAD + 2000];
	struct suite_list all;

	(void)state;
	suite_default(&all, 1);
	for (size_t i = 0; i < all.n; i++) {
		struct pair p;

		pair_init(&p, (enum suite)all.id[i]);
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, 1000, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_NONE);
		for (uint64_t n = 1; n < 20; n++) {
			tunnel_rest(p.c);
			tunnel_rest(p.s);
			tunnel_rest(p.s);
			assert_null(p.s->in.aead);
			assert_null(p.s->out.aead);
			if (n == 10)
				p.c->out.records = UPDATE_RECORDS;
			pair_send_c(&p, "after a rest");
			if (n == 10)
				assert_int_equal(pair_step_s(&p, 0),
				    TUNNEL_EV_NONE);
			tunnel_rest(p.s);
			assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
			pair_assert_msg(&p, "after a rest");
			assert_true(p.s->in.counter == p.c->out.counter);
			assert_true(p.s->in.counter > n);
		}
		pair_record(&p, TUNNEL_RELAY,
		    pair_frag(buf, 1000, 20, 10, FRAG_LAST, 10));
		assert_int_equal(pair_step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.msg.n, 20);
		assert_non_null(p.s->frag);
		tunnel_rest(p.s);
		assert_null(p.s->frag);
		pair_free(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_messages_in_pieces),
		cmocka_unit_test(test_bad_fragments),
		cmocka_unit_test(test_fragments_must_continue),
		cmocka_unit_test(test_fragments_of_many_messages),
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests_name("tunnel_frag", tests, NULL, NULL);
}
