#include "tests/lib/pair.h"

#include <string.h>

#include "tests/lib/cm.h"

#define OUT_MAX (8 << 20)

void
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

void
pair_free(struct pair *p)
{
	tunnel_free(p->c);
	tunnel_free(p->s);
	buf_free(&p->to_s);
	buf_free(&p->to_c);
}

/* The first record in b. */
struct span
pair_first(const struct buf *b)
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
enum tunnel_event
pair_step_s(struct pair *p, uint64_t now)
{
	struct span f = pair_first(&p->to_s);

	tunnel_recv(p->s, f, now, &p->to_c, &p->in);
	buf_consume(&p->to_s, f.n);
	return p->in.event;
}

enum tunnel_event
pair_step_c(struct pair *p, uint64_t now)
{
	struct span f = pair_first(&p->to_c);

	tunnel_recv(p->c, f, now, &p->to_s, &p->in);
	buf_consume(&p->to_c, f.n);
	return p->in.event;
}

void
pair_send_c(struct pair *p, const char *text)
{
	assert_int_equal(tunnel_send(p->c, TUNNEL_RELAY, span_str(text), 0, 0,
			     &p->to_s),
	    SOTTO_OK);
}

void
pair_assert_msg(const struct pair *p, const char *text)
{
	assert_true(span_eq(p->in.msg, span_str(text)));
}

void
pair_fails_s(struct pair *p, struct span frame)
{
	tunnel_recv(p->s, frame, 0, &p->to_c, &p->in);
	assert_int_equal(p->in.event, TUNNEL_EV_FAILED);
	assert_int_equal(p->in.msg.n, 0);
	/* Sticky: a good record afterwards is not looked at. */
	buf_consume(&p->to_s, p->to_s.n);
	pair_send_c(p, "too late");
	assert_int_equal(pair_step_s(p, 0), TUNNEL_EV_FAILED);
	assert_int_equal(tunnel_send(p->s, TUNNEL_RELAY, span_str("x"), 0, 0,
			     &p->to_c),
	    SOTTO_ESTATE);
}

void
pair_record(struct pair *p, enum tunnel_kind type, struct span content)
{
	assert_int_equal(tunnel_record(p->c, type, content, 0, &p->to_s),
	    SOTTO_OK);
}

struct span
pair_frag(uint8_t *buf, uint64_t id, uint32_t total, uint32_t offset,
    uint8_t flags, size_t n)
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
