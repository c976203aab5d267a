/* Notices of the moment, which no relay keeps; see ratchet.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"
#include "crypto/ratchet_priv.h"

#define INNER_LEN (1 + 8)
#define CLOCKS_MS (10ULL * 60 * 1000) /* they may differ by so much */

/* Who says it to whom, where: "sotto1 live" || from || to || chat || ad. */
#define AAD_MAX (11 + 2 * NAME_WIRE_LEN + CHAT_ID_LEN + HASH_LEN)

static struct span
aad_of(uint8_t buf[AAD_MAX], const struct ratchet *r, int ours)
{
	struct wr w;

	wr_init(&w, buf, AAD_MAX);
	wr_span(&w, span_str("sotto1 live"));
	wr_name(&w, ours ? &r->me : &r->peer);
	wr_name(&w, ours ? &r->peer : &r->me);
	wr_bytes(&w, r->id.b, CHAT_ID_LEN);
	wr_bytes(&w, r->ad.b, HASH_LEN);
	return wr_out(&w);
}

void
ratchet_live_key(struct ratchet *r, const struct key *root)
{
	kdf_key(&r->live, root, "live", NULL);
	r->has_live = 1;
}

enum sotto_err
ratchet_live_seal(const struct ratchet *r, int typing, uint64_t now_ms,
    const struct rng *g, struct wr *out)
{
	uint8_t aad[AAD_MAX], inner[INNER_LEN], nonce[XCHACHA_NONCE], *sealed;
	struct wr w;

	if (!r->has_live)
		return SOTTO_ESTATE;
	wr_init(&w, inner, sizeof(inner));
	wr_u8(&w, typing ? 1 : 0);
	wr_u64(&w, now_ms);
	rng_fill(g, nonce, sizeof(nonce));
	wr_bytes(out, r->id.b, CHAT_ID_LEN);
	wr_bytes(out, nonce, sizeof(nonce));
	if ((sealed = wr_take(out, INNER_LEN + AEAD_TAG_LEN)) != NULL)
		xchacha_seal(sealed, &r->live, nonce, aad_of(aad, r, 1),
		    wr_out(&w));
	return wr_end(out);
}

enum sotto_err
ratchet_live_open(struct ratchet *r, struct span in, uint64_t now_ms,
    int *typing)
{
	uint8_t aad[AAD_MAX], inner[INNER_LEN];
	const uint8_t *nonce = in.p + CHAT_ID_LEN;
	uint64_t ms;
	uint8_t on;
	struct rd rd;

	if (in.n != RATCHET_LIVE_LEN || memcmp(in.p, r->id.b, CHAT_ID_LEN) != 0)
		return SOTTO_EFORMAT;
	if (!r->has_live ||
	    xchacha_open(inner, &r->live, nonce, aad_of(aad, r, 0),
		(struct span){ nonce + XCHACHA_NONCE,
		    INNER_LEN + AEAD_TAG_LEN }) != SOTTO_OK)
		return SOTTO_EAUTH;
	rd_init(&rd, SPAN(inner));
	on = rd_u8(&rd);
	ms = rd_u64(&rd);
	if (on > 1)
		return SOTTO_EFORMAT;
	/* The relay may keep it and pass it on once more. */
	if (ms <= r->live_seen || ms + CLOCKS_MS < now_ms ||
	    now_ms + CLOCKS_MS < ms)
		return SOTTO_ESTATE;
	r->live_seen = ms;
	*typing = on;
	return SOTTO_OK;
}
