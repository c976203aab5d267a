/* The chat handshake and the talk after it; the relay is the attacker. */
#include <string.h>

#include "crypto/chat_msg.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define NOW_MS (FIX_NOW * 1000)

/* alice asks bob. */
struct two {
	struct fixture *f;
	struct chat_self as, bs;
	struct chat *a, *b;
	uint8_t buf[6][CHAT_MSG_MAX];
	struct wr e1, e2, e3, e4, no, cancel;
	struct trace at, bt;
	const char *why;
};

static void
two_init(struct two *t, struct fixture *f)
{
	struct wr *w[] = { &t->e1, &t->e2, &t->e3, &t->e4, &t->no, &t->cancel };

	memset(t, 0, sizeof(*t));
	t->f = f;
	for (size_t i = 0; i < 6; i++)
		wr_init(w[i], t->buf[i], sizeof(t->buf[i]));
	t->as.id = f->alice;
	t->bs.id = f->bob;
	t->as.ca = t->bs.ca = f->conf.ca_cert;
	suite_default(&t->as.suites, 0);
	suite_default(&t->bs.suites, 0);
	t->a =
	    chat_request(&t->as, &f->bob->name, NOW_MS, &f->g, &t->at, &t->e1);
	assert_non_null(t->a);
	assert_int_equal(chat_state(t->a), CHAT_S_ASKED);
}

static void
two_free(struct two *t)
{
	chat_free(t->a);
	chat_free(t->b);
}

static enum sotto_err
ring(struct two *t, struct span e1, uint64_t now_ms)
{
	chat_free(t->b);
	t->b = NULL;
	return chat_incoming(&t->b, &t->bs, &t->f->alice->name, e1, now_ms,
	    &t->f->g, &t->bt, &t->why);
}

static void
accept_it(struct two *t)
{
	assert_int_equal(ring(t, wr_out(&t->e1), NOW_MS), SOTTO_OK);
	assert_int_equal(chat_state(t->b), CHAT_S_RINGING);
	assert_int_equal(chat_accept(t->b, fix_key("chat"), &t->e2), SOTTO_OK);
	assert_int_equal(chat_state(t->b), CHAT_S_ACCEPTED);
}

static enum chat_event
to_a(struct two *t, enum chat_type type, struct span m)
{
	return chat_recv(t->a, type, m, NOW_MS, &t->e3, &t->why);
}

static enum chat_event
to_b(struct two *t, enum chat_type type, struct span m)
{
	return chat_recv(t->b, type, m, NOW_MS, &t->e4, &t->why);
}

static void
run(struct two *t, struct fixture *f)
{
	two_init(t, f);
	accept_it(t);
	assert_int_equal(to_a(t, CHAT_ACCEPT, wr_out(&t->e2)),
	    CHAT_EV_ANSWERED);
	assert_int_equal(chat_confirm(t->a, &t->e3), SOTTO_OK);
	assert_int_equal(to_b(t, CHAT_KEY, wr_out(&t->e3)), CHAT_EV_OPEN);
	assert_int_equal(to_a(t, CHAT_FINISHED, wr_out(&t->e4)), CHAT_EV_OPEN);
}

static void
test_open(void **state)
{
	struct chat_keys a, b;
	struct chat_id id;
	struct two t;

	run(&t, *state);
	assert_int_equal(t.e3.n, CHAT_E3_LEN);
	assert_int_equal(t.e4.n, CHAT_E4_LEN);
	assert_string_equal(chat_peer(t.a)->name.s, "bob");
	assert_string_equal(chat_peer(t.b)->name.s, "alice");
	assert_int_equal(chat_peer(t.a)->spki_len, 422);
	assert_int_equal(chat_keys(t.a, &a), SOTTO_OK);
	assert_int_equal(chat_keys(t.b, &b), SOTTO_OK);
	assert_int_equal(a.suite, SUITE_AES256_GCM);
	assert_true(a.asker);
	assert_false(b.asker);
	assert_memory_equal(a.root.b, b.root.b, KEY_LEN);
	assert_memory_equal(a.first.b, b.first.b, KEY_LEN);
	assert_memory_not_equal(a.root.b, a.first.b, KEY_LEN);
	/* The asker has the point of the key that the asked side keeps. */
	x25519_pub_of(&b.theirs, &b.mine);
	assert_memory_equal(a.theirs.b, b.theirs.b, POINT_LEN);
	assert_memory_equal(a.ad.b, b.ad.b, HASH_LEN);
	assert_string_equal(a.me.s, "alice");
	assert_string_equal(a.peer.s, "bob");
	assert_int_equal(chat_id_peek(&id, CHAT_REQUEST, wr_out(&t.e1)),
	    SOTTO_OK);
	assert_memory_equal(id.b, chat_id(t.a)->b, CHAT_ID_LEN);
	assert_int_equal(chat_id_peek(&id, CHAT_KEY, wr_out(&t.e3)), SOTTO_OK);
	assert_memory_equal(id.b, chat_id(t.a)->b, CHAT_ID_LEN);
	/* Both inspectors saw all four messages. */
	assert_int_equal(t.at.n, 6);
	assert_int_equal(t.bt.n, 6);
	two_free(&t);
}

static void
test_two_chats_share_nothing(void **state)
{
	struct chat_keys one, two;
	struct two t, u;

	run(&t, *state);
	run(&u, *state);
	assert_int_equal(chat_keys(t.a, &one), SOTTO_OK);
	assert_int_equal(chat_keys(u.a, &two), SOTTO_OK);
	assert_memory_not_equal(one.root.b, two.root.b, KEY_LEN);
	assert_memory_not_equal(one.id.b, two.id.b, CHAT_ID_LEN);
	two_free(&t);
	two_free(&u);
}

static void
test_refuse(void **state)
{
	static const enum chat_reason reasons[] = { CHAT_REASON_NO,
		CHAT_REASON_BUSY, CHAT_REASON_FULL };

	for (size_t i = 0; i < 3; i++) {
		struct two t;

		two_init(&t, *state);
		assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
		assert_int_equal(chat_refuse(t.b, reasons[i], &t.no), SOTTO_OK);
		assert_int_equal(chat_state(t.b), CHAT_S_OVER);
		assert_int_equal(to_a(&t, CHAT_REFUSE, wr_out(&t.no)),
		    CHAT_EV_REFUSED);
		assert_int_equal(chat_reason_of(t.a), reasons[i]);
		assert_int_equal(chat_state(t.a), CHAT_S_OVER);
		two_free(&t);
	}
}

/* The relay cannot say no for bob, not with one bit changed. */
static void
test_forged_refusal_is_ignored(void **state)
{
	struct two t;

	two_init(&t, *state);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	assert_int_equal(chat_refuse(t.b, CHAT_REASON_NO, &t.no), SOTTO_OK);
	for (size_t i = 0; i < t.no.n; i++) {
		t.no.p[i] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(to_a(&t, CHAT_REFUSE, wr_out(&t.no)),
		    CHAT_EV_IGNORED);
		assert_int_equal(chat_state(t.a), CHAT_S_ASKED);
		t.no.p[i] ^= (uint8_t)(1 << i % 8);
	}
	two_free(&t);
}

/* A refusal that mallory signs with a good certificate of his own. */
static void
test_refusal_by_somebody_else(void **state)
{
	struct fixture *f = *state;
	struct name saved = f->mallory->name;
	struct two t;

	two_init(&t, f);
	t.bs.id = f->mallory;
	f->mallory->name = f->bob->name;
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	f->mallory->name = saved;
	assert_int_equal(chat_refuse(t.b, CHAT_REASON_NO, &t.no), SOTTO_OK);
	assert_int_equal(to_a(&t, CHAT_REFUSE, wr_out(&t.no)), CHAT_EV_IGNORED);
	two_free(&t);
}

/* A refusal of an earlier request does not end the next one. */
static void
test_old_refusal_is_ignored(void **state)
{
	uint8_t old[CHAT_MSG_MAX];
	struct two t;
	size_t n;

	two_init(&t, *state);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	assert_int_equal(chat_refuse(t.b, CHAT_REASON_NO, &t.no), SOTTO_OK);
	n = t.no.n;
	memcpy(old, t.no.p, n);
	two_free(&t);
	two_init(&t, *state);
	assert_int_equal(to_a(&t, CHAT_REFUSE, (struct span){ old, n }),
	    CHAT_EV_IGNORED);
	/* Even with the new chat's id put in. */
	memcpy(old, chat_id(t.a)->b, CHAT_ID_LEN);
	assert_int_equal(to_a(&t, CHAT_REFUSE, (struct span){ old, n }),
	    CHAT_EV_IGNORED);
	two_free(&t);
}

static void
test_cancel(void **state)
{
	struct two t;

	two_init(&t, *state);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	assert_int_equal(chat_cancel(t.a, &t.cancel), SOTTO_OK);
	assert_int_equal(chat_state(t.a), CHAT_S_OVER);
	for (size_t i = 0; i < t.cancel.n; i++) {
		t.cancel.p[i] ^= 4;
		assert_int_equal(to_b(&t, CHAT_CANCEL, wr_out(&t.cancel)),
		    CHAT_EV_IGNORED);
		t.cancel.p[i] ^= 4;
	}
	assert_int_equal(to_b(&t, CHAT_CANCEL, wr_out(&t.cancel)),
	    CHAT_EV_CANCELLED);
	assert_int_equal(chat_state(t.b), CHAT_S_OVER);
	/* Too late to say yes, or no. */
	assert_int_equal(chat_accept(t.b, fix_key("chat"), &t.e2),
	    SOTTO_ESTATE);
	assert_int_equal(chat_refuse(t.b, CHAT_REASON_NO, &t.no), SOTTO_ESTATE);
	two_free(&t);
}

/* ---- what the relay does to each message ---- */

static void
test_each_flipped_byte_of_e1(void **state)
{
	struct two t;

	two_init(&t, *state);
	for (size_t i = 0; i < t.e1.n; i++) {
		t.e1.p[i] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
		assert_null(t.b);
		assert_non_null(t.why);
		t.e1.p[i] ^= (uint8_t)(1 << i % 8);
	}
	two_free(&t);
}

static void
test_each_flipped_byte_of_e2(void **state)
{
	size_t n = 1;

	for (size_t i = 0; i < n; i += 3) {
		struct two t;
		enum chat_event ev;

		two_init(&t, *state);
		accept_it(&t);
		n = t.e2.n;
		t.e2.p[i] ^= (uint8_t)(1 << i % 8);
		ev = to_a(&t, CHAT_ACCEPT, wr_out(&t.e2));
		/* The id: another chat's.  Everything else: a failed proof. */
		assert_int_equal(ev,
		    i < CHAT_ID_LEN ? CHAT_EV_IGNORED : CHAT_EV_FAILED);
		assert_int_equal(chat_confirm(t.a, &t.e3), SOTTO_ESTATE);
		two_free(&t);
	}
	assert_true(n > 2000);
}

static void
test_each_flipped_byte_of_e3_and_e4(void **state)
{
	for (size_t i = 0; i < CHAT_E3_LEN + CHAT_E4_LEN; i += 5) {
		struct two t;
		struct chat_keys k;
		enum chat_event ev, want;

		two_init(&t, *state);
		accept_it(&t);
		assert_int_equal(to_a(&t, CHAT_ACCEPT, wr_out(&t.e2)),
		    CHAT_EV_ANSWERED);
		assert_int_equal(chat_confirm(t.a, &t.e3), SOTTO_OK);
		if (i < CHAT_E3_LEN) {
			t.e3.p[i] ^= 1;
			want =
			    i < CHAT_ID_LEN ? CHAT_EV_IGNORED : CHAT_EV_FAILED;
			ev = to_b(&t, CHAT_KEY, wr_out(&t.e3));
			assert_int_equal(ev, want);
			assert_int_equal(chat_keys(t.b, &k), SOTTO_ESTATE);
			two_free(&t);
			continue;
		}
		assert_int_equal(to_b(&t, CHAT_KEY, wr_out(&t.e3)),
		    CHAT_EV_OPEN);
		t.e4.p[i - CHAT_E3_LEN] ^= 1;
		want = i - CHAT_E3_LEN < CHAT_ID_LEN ? CHAT_EV_IGNORED
						     : CHAT_EV_FAILED;
		assert_int_equal(to_a(&t, CHAT_FINISHED, wr_out(&t.e4)), want);
		/* Not hers: she waits on.  Forged: it is over. */
		if (want == CHAT_EV_IGNORED)
			assert_int_equal(chat_state(t.a), CHAT_S_CONFIRMED);
		else
			assert_int_equal(chat_keys(t.a, &k), SOTTO_ESTATE);
		two_free(&t);
	}
}

/* E4 is lost: she has the same keys, once. */
static void
test_keys_before_e4(void **state)
{
	struct chat_keys a, b;
	struct two t;

	two_init(&t, *state);
	accept_it(&t);
	assert_int_equal(to_a(&t, CHAT_ACCEPT, wr_out(&t.e2)),
	    CHAT_EV_ANSWERED);
	assert_int_equal(chat_keys(t.a, &a), SOTTO_ESTATE);
	assert_int_equal(chat_confirm(t.a, &t.e3), SOTTO_OK);
	assert_int_equal(to_b(&t, CHAT_KEY, wr_out(&t.e3)), CHAT_EV_OPEN);
	assert_int_equal(chat_keys(t.a, &a), SOTTO_OK);
	assert_int_equal(chat_keys(t.b, &b), SOTTO_OK);
	assert_memory_equal(&a.root, &b.root, sizeof(a.root));
	assert_memory_equal(&a.first, &b.first, sizeof(a.first));
	two_free(&t);
}

static void
test_every_cut_is_refused(void **state)
{
	struct two t;
	struct chat_e1 e1;
	struct chat_e2 e2;
	struct chat_no no;

	run(&t, *state);
	for (size_t n = 0; n < t.e1.n; n++)
		assert_int_not_equal(chat_e1_read(&e1,
					 (struct span){ t.e1.p, n }),
		    SOTTO_OK);
	for (size_t n = 0; n < t.e2.n; n++)
		assert_int_not_equal(chat_e2_read(&e2,
					 (struct span){ t.e2.p, n }),
		    SOTTO_OK);
	assert_int_equal(chat_e1_read(&e1, wr_out(&t.e1)), SOTTO_OK);
	assert_int_equal(chat_e2_read(&e2, wr_out(&t.e2)), SOTTO_OK);
	wr_u8(&t.e1, 0);
	wr_u8(&t.e2, 0);
	assert_int_not_equal(chat_e1_read(&e1, wr_out(&t.e1)), SOTTO_OK);
	assert_int_not_equal(chat_e2_read(&e2, wr_out(&t.e2)), SOTTO_OK);
	assert_int_not_equal(chat_no_read(&no, (struct span){ t.e2.p, 40 }),
	    SOTTO_OK);
	two_free(&t);
}

static void
test_old_request_does_not_ring(void **state)
{
	const uint64_t day = 24ULL * 3600 * 1000;
	struct two t;

	two_init(&t, *state);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS + 3600 * 1000),
	    SOTTO_OK);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS + day + 2000),
	    SOTTO_EAUTH);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS + 2 * day),
	    SOTTO_EAUTH);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS - 700 * 1000),
	    SOTTO_EAUTH);
	two_free(&t);
}

/* alice's request, passed on under another name, or to somebody else. */
static void
test_request_is_bound_to_both_names(void **state)
{
	struct fixture *f = *state;
	struct two t;

	two_init(&t, f);
	assert_int_equal(chat_incoming(&t.b, &t.bs, &f->mallory->name,
			     wr_out(&t.e1), NOW_MS, &f->g, NULL, &t.why),
	    SOTTO_EAUTH);
	t.bs.id = f->mallory;
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_EAUTH);
	two_free(&t);
}

/* The relay joins alice's request with an answer that mallory made. */
static void
test_answer_of_somebody_else(void **state)
{
	struct fixture *f = *state;
	struct name saved = f->mallory->name;
	struct two t;

	two_init(&t, f);
	t.bs.id = f->mallory;
	f->mallory->name = f->bob->name;
	accept_it(&t);
	f->mallory->name = saved;
	assert_int_equal(to_a(&t, CHAT_ACCEPT, wr_out(&t.e2)), CHAT_EV_FAILED);
	assert_string_equal(t.why, "the certificate in the answer is bad");
	two_free(&t);
}

/* Another answer of bob's own, to another request of alice's. */
static void
test_answer_to_another_request(void **state)
{
	struct two t, u;

	two_init(&t, *state);
	accept_it(&t);
	two_init(&u, *state);
	memcpy(t.e2.p, chat_id(u.a)->b, CHAT_ID_LEN);
	assert_int_equal(to_a(&u, CHAT_ACCEPT, wr_out(&t.e2)), CHAT_EV_FAILED);
	assert_string_equal(u.why, "the signature of the answer is wrong");
	two_free(&t);
	two_free(&u);
}

/* The relay, with a certificate that it can make, swaps bob's key: it opens,
 * and the fingerprint that alice sees is not bob's. */
static void
test_swapped_key_is_seen(void **state)
{
	struct fixture *f = *state;
	struct ident *evil = ident_new();
	struct rsa_key *k = fix_key("mallory");
	struct hash bobs;
	uint8_t spki[RSA_SPKI_MAX];
	struct two t;

	assert_non_null(evil);
	evil->name = f->bob->name;
	(void)strcpy(evil->relay, FIX_HOST);
	assert_int_equal(ident_make_keys(evil, k, FIX_NOW, &f->g), SOTTO_OK);
	fix_enrol(f, evil, FIX_NOW - 1, FIX_NOW + FIX_YEAR);
	two_init(&t, f);
	t.bs.id = evil;
	accept_it(&t);
	assert_int_equal(to_a(&t, CHAT_ACCEPT, wr_out(&t.e2)),
	    CHAT_EV_ANSWERED);
	hash_one(&bobs, fix_spki(f->bob, spki));
	assert_memory_not_equal(chat_peer(t.a)->fingerprint.b, bobs.b,
	    HASH_LEN);
	two_free(&t);
	ident_free(evil);
	rsa_key_free(k);
}

static void
test_messages_out_of_order(void **state)
{
	static const enum chat_type types[] = { CHAT_ACCEPT, CHAT_REFUSE,
		CHAT_KEY, CHAT_FINISHED, CHAT_CANCEL, CHAT_END, CHAT_MESSAGE,
		CHAT_REQUEST };
	struct two t;

	/* None of them does anything to a ringing or open chat. */
	run(&t, *state);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct span all[] = { wr_out(&t.e1), wr_out(&t.e2),
			wr_out(&t.e3), wr_out(&t.e4) };

		for (size_t k = 0; k < 4; k++) {
			assert_int_equal(to_a(&t, types[i], all[k]),
			    CHAT_EV_IGNORED);
			assert_int_equal(to_b(&t, types[i], all[k]),
			    CHAT_EV_IGNORED);
		}
	}
	assert_int_equal(chat_state(t.a), CHAT_S_OPEN);
	assert_int_equal(chat_state(t.b), CHAT_S_OPEN);
	assert_int_equal(chat_cancel(t.a, &t.cancel), SOTTO_ESTATE);
	assert_int_equal(chat_confirm(t.a, &t.cancel), SOTTO_ESTATE);
	two_free(&t);
}

static void
test_suite_that_was_not_offered(void **state)
{
	struct two t;

	two_init(&t, *state);
	assert_int_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	two_free(&t);
	/* bob has only legacy suites, alice offers none. */
	two_init(&t, *state);
	t.bs.suites =
	    (struct suite_list){ .id = { SUITE_AES128_CBC_HMAC }, .n = 1 };
	assert_int_not_equal(ring(&t, wr_out(&t.e1), NOW_MS), SOTTO_OK);
	assert_string_equal(t.why, "a request offers no cipher suite of ours");
	two_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_two_chats_share_nothing),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_forged_refusal_is_ignored),
		cmocka_unit_test(test_refusal_by_somebody_else),
		cmocka_unit_test(test_old_refusal_is_ignored),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_each_flipped_byte_of_e1),
		cmocka_unit_test(test_each_flipped_byte_of_e2),
		cmocka_unit_test(test_each_flipped_byte_of_e3_and_e4),
		cmocka_unit_test(test_keys_before_e4),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_old_request_does_not_ring),
		cmocka_unit_test(test_request_is_bound_to_both_names),
		cmocka_unit_test(test_answer_of_somebody_else),
		cmocka_unit_test(test_answer_to_another_request),
		cmocka_unit_test(test_swapped_key_is_seen),
		cmocka_unit_test(test_messages_out_of_order),
		cmocka_unit_test(test_suite_that_was_not_offered),
	};

	return cmocka_run_group_tests_name("chat", tests, fix_setup,
	    fix_teardown);
}
