#include "crypto/kdf.h"

#include <string.h>

#include "base/secret.h"

#define PREFIX "sotto1 "

void
prk_init(struct prk *out, const struct key *secret)
{
	hmac_key(&out->mac, SPAN(secret->b));
}

void
prk_expand(uint8_t *out, size_t n, const struct prk *secret, const char *label,
    const struct hash *ctx)
{
	uint8_t buf[2 + 1 + sizeof(PREFIX) + KDF_LABEL_MAX + 1 + HASH_LEN];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u16(&w, (uint16_t)n);
	wr_u8(&w, (uint8_t)(strlen(PREFIX) + strlen(label)));
	wr_span(&w, span_str(PREFIX));
	wr_span(&w, span_str(label));
	wr_u8(&w, ctx == NULL ? 0 : HASH_LEN);
	if (ctx != NULL)
		wr_bytes(&w, ctx->b, sizeof(ctx->b));
	hkdf_expand(out, n, &secret->mac, wr_out(&w));
}

void
kdf_expand(uint8_t *out, size_t n, const struct key *secret, const char *label,
    const struct hash *ctx)
{
	struct prk p; /* secret */

	prk_init(&p, secret);
	prk_expand(out, n, &p, label, ctx);
	WIPE(p);
}

void
prk_key(struct key *out, const struct prk *secret, const char *label,
    const struct hash *ctx)
{
	prk_expand(out->b, sizeof(out->b), secret, label, ctx);
}

void
kdf_key(struct key *out, const struct key *secret, const char *label,
    const struct hash *ctx)
{
	kdf_expand(out->b, sizeof(out->b), secret, label, ctx);
}

static void
extract(struct prk *out, const struct key *salt, const struct key *ikm)
{
	static const struct key zero;
	struct key k; /* secret */

	hkdf_extract(&k, SPAN(salt->b), SPAN((ikm ? ikm : &zero)->b));
	prk_init(out, &k);
	WIPE(k);
}

void
kdf_start(struct prk *out, const struct key *psk)
{
	static const struct key zero;

	extract(out, &zero, psk);
}

void
kdf_chain(struct prk *s, const struct key *ikm)
{
	/* SHA-256 of nothing */
	static const struct hash empty = { { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc,
	    0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
	    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b,
	    0x78, 0x52, 0xb8, 0x55 } };
	struct key salt; /* secret */

	prk_key(&salt, s, "derived", &empty);
	extract(s, &salt, ikm);
	WIPE(salt);
}

void
prk_mac(struct hash *out, const struct prk *k, struct span in)
{
	hmac_with(out, &k->mac, &in, 1);
}

void
kdf_mac(struct hash *out, const struct key *k, struct span in)
{
	hmac_parts(out, SPAN(k->b), &in, 1);
}
