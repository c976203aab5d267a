#include "crypto/ticket.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"

#define SALT_LEN  16
#define PLAIN_LEN (HS_TICKET_LEN - TICKET_ID_LEN - SALT_LEN - AEAD_TAG_LEN)

/* Each ticket under a key of its own, which its salt makes. */
static void
own_key(struct key *out, struct hash *aad, const struct ticket_key *k,
    const uint8_t head[TICKET_ID_LEN + SALT_LEN])
{
	hash_one(aad, (struct span){ head, TICKET_ID_LEN + SALT_LEN });
	kdf_key(out, &k->key, "ticket", aad);
}

enum sotto_err
ticket_seal(uint8_t out[HS_TICKET_LEN], const struct ticket_key *k,
    const struct ticket *t, const struct rng *g)
{
	uint8_t plain[PLAIN_LEN]; /* secret */
	struct key own;           /* secret */
	struct hash aad;
	struct wr w;
	enum sotto_err e;

	memcpy(out, k->id, TICKET_ID_LEN);
	rng_fill(g, out + TICKET_ID_LEN, SALT_LEN);
	wr_init(&w, plain, sizeof(plain));
	wr_bytes(&w, t->psk.b, sizeof(t->psk.b));
	wr_name(&w, &t->user);
	wr_bytes(&w, t->spki.b, sizeof(t->spki.b));
	wr_u64(&w, t->full_at);
	wr_u8(&w, t->uses);
	wr_zero(&w, sizeof(plain) - w.n);
	own_key(&own, &aad, k, out);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = aead_seal_once(out + TICKET_ID_LEN + SALT_LEN, &own, &aad,
		    SPAN(plain));
	WIPE(plain);
	WIPE(own);
	return e;
}

static enum sotto_err
read_plain(struct ticket *out, struct span plain, uint64_t now)
{
	struct ticket t; /* secret */
	struct rd r;
	enum sotto_err e = SOTTO_EAUTH;

	memset(&t, 0, sizeof(t));
	rd_init(&r, plain);
	rd_copy(&r, t.psk.b, sizeof(t.psk.b));
	rd_name(&r, &t.user);
	rd_copy(&r, t.spki.b, sizeof(t.spki.b));
	t.full_at = rd_u64(&r);
	t.uses = rd_u8(&r);
	rd_zero(&r, r.n);
	if (rd_end(&r) == SOTTO_OK && t.uses < TICKET_USES_MAX &&
	    now >= t.full_at && now - t.full_at < TICKET_LIFE_S) {
		*out = t;
		e = SOTTO_OK;
	}
	WIPE(t);
	return e;
}

enum sotto_err
ticket_open(struct ticket *out, const struct ticket_key *keys, size_t n,
    const uint8_t in[HS_TICKET_LEN], uint64_t now)
{
	uint8_t plain[PLAIN_LEN]; /* secret */
	struct key own;           /* secret */
	struct hash aad;
	enum sotto_err e = SOTTO_EAUTH;
	size_t i = 0;

	while (i < n &&
	    !span_eq(SPAN(keys[i].id), (struct span){ in, TICKET_ID_LEN }))
		i++;
	if (i == n)
		return SOTTO_EAUTH;
	own_key(&own, &aad, &keys[i], in);
	if (aead_open_once(plain, &own, &aad,
		(struct span){ in + TICKET_ID_LEN + SALT_LEN,
		    PLAIN_LEN + AEAD_TAG_LEN }) == SOTTO_OK)
		e = read_plain(out, SPAN(plain), now);
	WIPE(plain);
	WIPE(own);
	return e;
}
