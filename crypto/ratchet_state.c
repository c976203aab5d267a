/* The state of a ratchet in bytes; see ratchet.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/ratchet_priv.h"

#define VERSION     2 /* 1 had no live key */
#define SKIPPED_LEN (POINT_LEN + 4 + 8 + KEY_LEN)
#define CHAIN_LEN   (1 + 4 + KEY_LEN)
#define CORE_LEN                                                               \
	(KEY_LEN + KEY_LEN + 2 * POINT_LEN + 2 * CHAIN_LEN + 4 + 8 + 8 + 1 +   \
	    1 + RATCHET_PAST * POINT_LEN)
#define FIXED_LEN                                                              \
	(1 + 1 + CHAT_ID_LEN + 2 * NAME_WIRE_LEN + HASH_LEN + CORE_LEN + 1 +   \
	    KEY_LEN + 4)

size_t
ratchet_saved_len(const struct ratchet *r)
{
	return FIXED_LEN + r->n_skip * SKIPPED_LEN;
}

static void
save_chain(struct wr *w, const struct chain *c)
{
	wr_u8(w, (uint8_t)c->on);
	wr_u32(w, c->n);
	wr_bytes(w, c->key.b, KEY_LEN);
}

static void
load_chain(struct rd *r, struct chain *c)
{
	uint8_t on = rd_u8(r);

	if (on > 1)
		rd_fail(r, SOTTO_EFORMAT);
	c->on = on;
	c->n = rd_u32(r);
	rd_copy(r, c->key.b, KEY_LEN);
}

static void
save_core(struct wr *w, const struct ratchet_core *c)
{
	wr_bytes(w, c->root.b, KEY_LEN);
	wr_bytes(w, c->mine.b, KEY_LEN);
	wr_bytes(w, c->mine_pub.b, POINT_LEN);
	wr_bytes(w, c->theirs.b, POINT_LEN);
	save_chain(w, &c->send);
	save_chain(w, &c->recv);
	wr_u32(w, c->pn);
	wr_u64(w, c->n_sent);
	wr_u64(w, c->expected);
	wr_u8(w, c->heard);
	wr_u8(w, c->n_past);
	for (size_t i = 0; i < RATCHET_PAST; i++)
		wr_bytes(w, c->past[i].b, POINT_LEN);
}

static void
load_core(struct rd *r, struct ratchet_core *c)
{
	rd_copy(r, c->root.b, KEY_LEN);
	rd_copy(r, c->mine.b, KEY_LEN);
	rd_copy(r, c->mine_pub.b, POINT_LEN);
	rd_copy(r, c->theirs.b, POINT_LEN);
	load_chain(r, &c->send);
	load_chain(r, &c->recv);
	c->pn = rd_u32(r);
	c->n_sent = rd_u64(r);
	c->expected = rd_u64(r);
	c->heard = rd_u8(r);
	c->n_past = rd_u8(r);
	if (c->heard > 1 || c->n_past > RATCHET_PAST)
		rd_fail(r, SOTTO_EFORMAT);
	for (size_t i = 0; i < RATCHET_PAST; i++)
		rd_copy(r, c->past[i].b, POINT_LEN);
}

void
ratchet_save(const struct ratchet *r, struct wr *w)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)r->suite);
	wr_bytes(w, r->id.b, CHAT_ID_LEN);
	wr_name(w, &r->me);
	wr_name(w, &r->peer);
	wr_bytes(w, r->ad.b, HASH_LEN);
	save_core(w, &r->c);
	wr_u8(w, (uint8_t)r->has_live);
	wr_bytes(w, r->live.b, KEY_LEN);
	wr_u32(w, (uint32_t)r->n_skip);
	for (size_t i = 0; i < r->n_skip; i++) {
		const struct skipped *s = &r->skip[i];

		wr_bytes(w, s->dh.b, POINT_LEN);
		wr_u32(w, s->n);
		wr_u64(w, s->at);
		wr_bytes(w, s->key.b, KEY_LEN);
	}
}

static int
load_skipped(struct ratchet *r, struct rd *rd)
{
	const uint32_t n = rd_u32(rd);

	if (n > RATCHET_SKIP_MAX || !ratchet_room(r, n))
		return 0;
	for (r->n_skip = 0; r->n_skip < n; r->n_skip++) {
		struct skipped *s = &r->skip[r->n_skip];

		rd_copy(rd, s->dh.b, POINT_LEN);
		s->n = rd_u32(rd);
		s->at = rd_u64(rd);
		rd_copy(rd, s->key.b, KEY_LEN);
	}
	return 1;
}

struct ratchet *
ratchet_load(struct span in)
{
	struct ratchet *r = secret_alloc(sizeof(*r));
	uint8_t version, suite;
	struct rd rd;

	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof(*r));
	rd_init(&rd, in);
	version = rd_u8(&rd);
	suite = rd_u8(&rd);
	rd_copy(&rd, r->id.b, CHAT_ID_LEN);
	rd_name(&rd, &r->me);
	rd_name(&rd, &r->peer);
	rd_copy(&rd, r->ad.b, HASH_LEN);
	load_core(&rd, &r->c);
	if (version > 1) {
		r->has_live = rd_u8(&rd);
		if (r->has_live > 1)
			rd_fail(&rd, SOTTO_EFORMAT);
		rd_copy(&rd, r->live.b, KEY_LEN);
	}
	if (version < 1 || version > VERSION ||
	    !suite_known(suite, &r->suite) || !load_skipped(r, &rd) ||
	    rd_end(&rd) != SOTTO_OK) {
		ratchet_free(r);
		return NULL;
	}
	return r;
}
