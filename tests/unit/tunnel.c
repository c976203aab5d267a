/* The tunnel: records, fragments, new keys, close; and every way to break it. */
#include <stdlib.h>
#include <string.h>

#include "crypto/tunnel_priv.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define OUT_MAX (8 << 20)

struct pair {
	struct test_rng rnd;
	struct tunnel *c, *s;
	struct buf to_s, to_c;
	struct tunnel_in in;
	uint8_t scratch[TUNNEL_BODY_MAX];
};

static void
pair_init(struct pair *p, enum suite suite)
{
	struct hs_keys k;
	struct rng g;

	memset(p, 0, sizeof(*p));
	test_rng_init(&p->rnd, 5);
	g = test_rng(&p->rnd);
	memset(&k, 0, sizeof(k));
	k.suite = suite;
	assert_int_equal(name_parse(&k.user, span_str("alice")), SOTTO_OK);
	rng_fill(&g, k.c_ap.b, KEY_LEN);
	rng_fill(&g, k.s_ap.b, KEY_LEN);
	rng_fill(&g, k.rekey.b, KEY_LEN);
	p->c = tunnel_new(&k, TUNNEL_CLIENT, 0, &g);
	p->s = tunnel_new(&k, TUNNEL_SERVER, 0, &g);
	assert_non_null(p->c);
	assert_non_null(p->s);
	buf_init(&p->to_s, OUT_MAX);
	buf_init(&p->to_c, OUT_MAX);
	p->in.scratch = p->scratch;
}

static void
pair_free(struct pair *p)
{
	tunnel_free(p->c);
	tunnel_free(p->s);
	buf_free(&p->to_s);
	buf_free(&p->to_c);
}

/* The first record in b. */
static struct span
first(const struct buf *b)
{
	struct span all = buf_bytes(b);
	size_t n;

	assert_true(all.n >= TUNNEL_HEAD_LEN);
	n = TUNNEL_HEAD_LEN +
	    ((size_t)all.p[2] << 16 | (size_t)all.p[3] << 8 | all.p[4]);
	assert_true(n <= all.n);
	return (struct span){ all.p, n };
}

/* Give the relay the next record of the client. */
static enum tunnel_event
step_s(struct pair *p, uint64_t now)
{
	struct span f = first(&p->to_s);

	tunnel_recv(p->s, f, now, &p->to_c, &p->in);
	buf_consume(&p->to_s, f.n);
	return p->in.event;
}

static enum tunnel_event
step_c(struct pair *p, uint64_t now)
{
	struct span f = first(&p->to_c);

	tunnel_recv(p->c, f, now, &p->to_s, &p->in);
	buf_consume(&p->to_c, f.n);
	return p->in.event;
}

static void
send_c(struct pair *p, const char *text)
{
	assert_int_equal(tunnel_send(p->c, TUNNEL_RELAY, span_str(text), 0, 0,
			     &p->to_s),
	    SOTTO_OK);
}

static void
assert_msg(const struct pair *p, const char *text)
{
	assert_true(span_eq(p->in.msg, span_str(text)));
}

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
			send_c(&p, "to the relay");
			assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
			assert_msg(&p, "to the relay");
			assert_int_equal(tunnel_send(p.s, TUNNEL_COMMAND,
					     span_str("to the client"), 0, 0,
					     &p.to_c),
			    SOTTO_OK);
			assert_int_equal(step_c(&p, 0), TUNNEL_EV_COMMAND);
			assert_msg(&p, "to the client");
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
		assert_int_equal(first(&p.to_s).n,
		    TUNNEL_HEAD_LEN + 512 + AEAD_TAG_LEN);
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.pad, 512);
		assert_int_equal(p.in.msg.n, n);
	}
	assert_int_equal(tunnel_send(p.c, TUNNEL_RELAY, span_str("no"),
			     TUNNEL_PAD_CHAT, 0, &p.to_s),
	    SOTTO_OK);
	assert_int_equal(first(&p.to_s).n,
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
			ev = step_s(&p, 0);
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
	send_c(&p, "still works");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
	assert_msg(&p, "still works");
	buf_free(&small);
	pair_free(&p);
}

static void
expect_fail_s(struct pair *p, struct span frame)
{
	tunnel_recv(p->s, frame, 0, &p->to_c, &p->in);
	assert_int_equal(p->in.event, TUNNEL_EV_FAILED);
	assert_int_equal(p->in.msg.n, 0);
	/* Sticky: a good record afterwards is not looked at. */
	buf_consume(&p->to_s, p->to_s.n);
	send_c(p, "too late");
	assert_int_equal(step_s(p, 0), TUNNEL_EV_FAILED);
	assert_int_equal(tunnel_send(p->s, TUNNEL_RELAY, span_str("x"), 0, 0,
			     &p->to_c),
	    SOTTO_ESTATE);
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
			send_c(&p, "hello");
			f = first(&p.to_s);
			len = f.n;
			memcpy(frame, f.p, f.n);
			frame[at] ^= (uint8_t)(1 << at % 8);
			/* The length stands in the frame's own head: keep the
			 * frame whole, the AAD still says the true length. */
			if (at >= 2 && at < TUNNEL_HEAD_LEN) {
				pair_free(&p);
				continue;
			}
			expect_fail_s(&p, (struct span){ frame, len });
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
		send_c(&p, "hello");
		memcpy(frame, first(&p.to_s).p, len);
		expect_fail_s(&p, (struct span){ frame, n });
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
		send_c(&p, "one");
		n = first(&p.to_s).n;
		memcpy(one, first(&p.to_s).p, n);
		buf_consume(&p.to_s, n);
		send_c(&p, "two");
		memcpy(two, first(&p.to_s).p, n);
		buf_consume(&p.to_s, n);
		if (what == 0) { /* replay */
			tunnel_recv(p.s, (struct span){ one, n }, 0, &p.to_c,
			    &p.in);
			assert_int_equal(p.in.event, TUNNEL_EV_RELAY);
			expect_fail_s(&p, (struct span){ one, n });
		} else if (what == 1) { /* reorder, or drop the first */
			expect_fail_s(&p, (struct span){ two, n });
		} else if (what == 2) { /* back to its sender */
			tunnel_recv(p.c, (struct span){ one, n }, 0, &p.to_s,
			    &p.in);
			assert_int_equal(p.in.event, TUNNEL_EV_FAILED);
		} else { /* into another session of the same user */
			struct pair q;

			pair_init(&q, SUITE_AES256_GCM);
			q.s->in.aead->iv[0] ^= 1;
			expect_fail_s(&q, (struct span){ one, n });
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
		send_c(&p, "once");
		f = first(&p.to_s);
		memcpy(copy, f.p, f.n);
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		expect_fail_s(&p, (struct span){ copy, f.n });
		pair_free(&p);
	}
}

/* The counter never wraps: the tunnel stops first, on both sides. */
static void
test_counter_ends(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	p.c->out.counter = p.s->in.counter = UINT64_MAX - 1;
	send_c(&p, "the last one");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
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
			enum tunnel_event ev =
			    p.to_s.n > 0 ? step_s(&p, now) : step_c(&p, now);

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
	send_c(&p, "new key");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(p.s->in.phase, 1);
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
	p.c->out.bytes = UPDATE_BYTES;
	send_c(&p, "and another");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(p.s->in.phase, 2);
	/* A sender that never updates is stopped by the receiver. */
	p.s->in.records = RECORDS_HARD;
	send_c(&p, "too many");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);
}

static void
record(struct pair *p, enum tunnel_kind type, struct span content)
{
	assert_int_equal(tunnel_record(p->c, type, content, 0, &p->to_s),
	    SOTTO_OK);
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
		record(&p, (enum tunnel_kind)bad[i].type, bad[i].content);
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
		assert_string_not_equal(tunnel_fault(p.s),
		    "nothing went wrong");
		pair_free(&p);
	}
}

static struct span
frag(uint8_t *buf, uint64_t id, uint32_t total, uint32_t offset, uint8_t flags,
    size_t n)
{
	struct wr w;

	wr_init(&w, buf, FRAG_HEAD + 2000);
	wr_u64(&w, id);
	wr_u32(&w, total);
	wr_u32(&w, offset);
	wr_u8(&w, flags);
	wr_zero(&w, 3);
	wr_zero(&w, n);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	return wr_out(&w);
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
		record(&p, TUNNEL_RELAY,
		    frag(buf, 1, bad[i].total, bad[i].offset, bad[i].flags,
			bad[i].n));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
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
		record(&p, TUNNEL_RELAY, frag(buf, 1, 30, 0, FRAG_FIRST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
		assert_true(tunnel_has_cut_message(p.s));
		record(&p, bad[i].kind,
		    frag(buf, bad[i].id, bad[i].total, bad[i].offset, 0, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
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
		record(&p, TUNNEL_RELAY, frag(buf, id, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
	}
	for (uint64_t id = 0; id < TUNNEL_OPEN_MAX; id++) {
		record(&p, TUNNEL_RELAY, frag(buf, id, 20, 10, FRAG_LAST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.msg.n, 20);
	}
	for (uint64_t id = 0; id < TUNNEL_OPEN_MAX; id++) {
		record(&p, TUNNEL_RELAY, frag(buf, id, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
	}
	record(&p, TUNNEL_RELAY, frag(buf, 99, 20, 0, FRAG_FIRST, 10));
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
	pair_free(&p);

	pair_init(&p, SUITE_AES256_GCM);
	for (uint64_t id = 0; id < 4; id++) {
		record(&p, TUNNEL_COMMAND,
		    frag(buf, id, 1 << 20, 0, FRAG_FIRST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
		/* What was announced is not yet taken. */
		assert_true(p.s->frag[id].got.cap <= 4096);
	}
	record(&p, TUNNEL_COMMAND, frag(buf, 9, 20, 0, FRAG_FIRST, 10));
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
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
		record(&p, TUNNEL_RELAY,
		    frag(buf, 1000, 20, 0, FRAG_FIRST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
		for (uint64_t n = 1; n < 20; n++) {
			tunnel_rest(p.c);
			tunnel_rest(p.s);
			tunnel_rest(p.s);
			assert_null(p.s->in.aead);
			assert_null(p.s->out.aead);
			if (n == 10)
				p.c->out.records = UPDATE_RECORDS;
			send_c(&p, "after a rest");
			if (n == 10)
				assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
			tunnel_rest(p.s);
			assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
			assert_msg(&p, "after a rest");
			assert_true(p.s->in.counter == p.c->out.counter);
			assert_true(p.s->in.counter > n);
		}
		record(&p, TUNNEL_RELAY,
		    frag(buf, 1000, 20, 10, FRAG_LAST, 10));
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(p.in.msg.n, 20);
		assert_non_null(p.s->frag);
		tunnel_rest(p.s);
		assert_null(p.s->frag);
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
	record(&p, (enum tunnel_kind)0, (struct span){ content, 100 });
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
	assert_string_equal(tunnel_fault(p.s),
	    "the padding of a record is malformed");
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
		send_c(&p, "under the old key");
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(tunnel_send(p.s, TUNNEL_RELAY,
				     span_str("new already"), 0, 0, &p.to_c),
		    SOTTO_OK);
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_int_equal(step_c(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(step_c(&p, 0), TUNNEL_EV_RELAY);
		send_c(&p, "new");
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
		assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
		assert_msg(&p, "new");
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

static void
test_ping(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, SUITE_AES256_GCM);
	assert_int_equal(tunnel_ping(p.c, 7, &p.to_s), SOTTO_OK);
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_NONE);
	assert_int_equal(step_c(&p, 0), TUNNEL_EV_PONG);
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
	send_c(&p, "last words");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_RELAY);
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
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_CLOSED);
	assert_int_equal(p.in.close, TUNNEL_CLOSE_BYE);
	assert_int_equal(p.in.lost, 1); /* "lost" was not received */
	/* The other side still closes in its turn. */
	assert_int_equal(tunnel_bye(p.s, TUNNEL_CLOSE_BYE, 0, &p.to_c),
	    SOTTO_OK);
	assert_int_equal(step_c(&p, 0), TUNNEL_EV_RELAY);
	assert_int_equal(step_c(&p, 0), TUNNEL_EV_CLOSED);
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
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_CLOSED);
	p.c->said_bye = 0;
	send_c(&p, "after the end");
	assert_int_equal(step_s(&p, 0), TUNNEL_EV_FAILED);
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
		cmocka_unit_test(test_large_messages_in_pieces),
		cmocka_unit_test(test_no_room_is_all_or_nothing),
		cmocka_unit_test(test_each_flipped_byte_is_refused),
		cmocka_unit_test(test_cut_or_longer_record),
		cmocka_unit_test(test_replay_reorder_drop_reflect),
		cmocka_unit_test(test_replay_at_each_counter),
		cmocka_unit_test(test_counter_ends),
		cmocka_unit_test(test_no_nonce_twice),
		cmocka_unit_test(test_update_by_count_and_bytes),
		cmocka_unit_test(test_bad_control_records),
		cmocka_unit_test(test_bad_fragments),
		cmocka_unit_test(test_fragments_must_continue),
		cmocka_unit_test(test_fragments_of_many_messages),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_padding_must_be_a_bucket),
		cmocka_unit_test(test_rekey),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_nothing_may_follow_a_close),
		cmocka_unit_test(test_head_lengths),
	};

	return cmocka_run_group_tests_name("tunnel", tests, NULL, NULL);
}
