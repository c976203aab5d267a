#include "tests/lib/duo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "tests/lib/cm.h"

static struct name
named(const char *s)
{
	struct name n = { { 0 } };

	(void)snprintf(n.s, sizeof(n.s), "%s", s);
	return n;
}

void
duo_init(struct duo *p, enum suite suite, uint64_t seed)
{
	struct chat_keys a = { .suite = suite, .asker = 1 }, b;

	memset(p, 0, sizeof(*p));
	test_rng_init(&p->dice, seed);
	p->g = test_rng(&p->dice);
	a.me = named("alice");
	a.peer = named("bob");
	rng_fill(&p->g, a.id.b, sizeof(a.id.b));
	rng_fill(&p->g, a.ad.b, sizeof(a.ad.b));
	rng_fill(&p->g, a.root.b, sizeof(a.root.b));
	rng_fill(&p->g, a.first.b, sizeof(a.first.b));
	b = a;
	b.asker = 0;
	b.me = a.peer;
	b.peer = a.me;
	x25519_make(&b.mine, &a.theirs, &p->g);
	p->a = ratchet_new(&a);
	p->b = ratchet_new(&b);
	assert_non_null(p->a);
	assert_non_null(p->b);
}

void
duo_free(struct duo *p)
{
	ratchet_free(p->a);
	ratchet_free(p->b);
}

void
duo_say(struct duo *p, struct ratchet *from, const char *text, struct sealed *s)
{
	const struct talk_content c = { .what = TALK_TEXT,
		.id = 1,
		.text = span_str(text) };
	uint8_t inner[256];
	struct wr w, out;

	wr_init(&w, inner, sizeof(inner));
	assert_int_equal(talk_write(&w, &c), SOTTO_OK);
	wr_init(&out, s->b, sizeof(s->b));
	assert_int_equal(ratchet_seal(from, CHAT_MESSAGE, wr_out(&w), &p->g,
			     &out, &s->counter),
	    SOTTO_OK);
	s->n = out.n;
}

enum sotto_err
duo_hear(struct duo *p, struct ratchet *by, const struct sealed *s)
{
	enum sotto_err e = ratchet_open(by, CHAT_MESSAGE,
	    (struct span){ s->b, s->n }, DUO_NOW, p->out, &p->got);

	if (e == SOTTO_OK)
		e = talk_read(&p->content, (struct span){ p->out, p->got.n });
	return e;
}

void
duo_both(struct duo *p, struct ratchet *from, struct ratchet *to,
    const char *text)
{
	struct sealed s;

	duo_say(p, from, text, &s);
	assert_int_equal(duo_hear(p, to, &s), SOTTO_OK);
	assert_true(span_eq(p->content.text, span_str(text)));
}

uint8_t *
duo_saved(const struct ratchet *r, size_t *n)
{
	uint8_t *b = malloc(*n = ratchet_saved_len(r));
	struct wr w;

	assert_non_null(b);
	wr_init(&w, b, *n);
	ratchet_save(r, &w);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_int_equal(w.n, *n);
	return b;
}

struct ratchet *
duo_stolen(const struct ratchet *r)
{
	size_t n;
	uint8_t *b = duo_saved(r, &n);
	struct ratchet *copy = ratchet_load((struct span){ b, n });

	assert_non_null(copy);
	free(b);
	return copy;
}

int
duo_begin(void **state)
{
	struct secret_state st;

	(void)state;
	return secret_harden(&st) == SOTTO_OK && prim_init() == SOTTO_OK ? 0
									 : -1;
}
