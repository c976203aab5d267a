#include "crypto/sign.h"

#include <string.h>

#define CTX_MAX 24

const char *
sign_ctx_text(enum sign_ctx c)
{
	switch (c) {
	case SIGN_C2S_SERVER:
		return "sotto1 c2s server";
	case SIGN_C2S_CLIENT:
		return "sotto1 c2s client";
	case SIGN_E2E_REQUEST:
		return "sotto1 e2e request";
	case SIGN_E2E_ACCEPT:
		return "sotto1 e2e accept";
	case SIGN_E2E_REFUSE:
		return "sotto1 e2e refuse";
	case SIGN_E2E_KEY:
		return "sotto1 e2e key";
	case SIGN_E2E_CANCEL:
		return "sotto1 e2e cancel";
	case SIGN_DEVICE:
		return "sotto1 device";
	}
	return "";
}

/* ctx 0x00 hash */
static struct span
signed_text(uint8_t buf[CTX_MAX + 1 + HASH_LEN], enum sign_ctx c,
    const struct hash *h)
{
	struct wr w;

	wr_init(&w, buf, CTX_MAX + 1 + HASH_LEN);
	wr_span(&w, span_str(sign_ctx_text(c)));
	wr_u8(&w, 0);
	wr_bytes(&w, h->b, sizeof(h->b));
	return wr_out(&w);
}

enum sotto_err
sign_hash(uint8_t sig[SIG_LEN], const struct rsa_key *k, enum sign_ctx c,
    const struct hash *h)
{
	uint8_t buf[CTX_MAX + 1 + HASH_LEN];

	return rsa_pss_sign(k, signed_text(buf, c, h), sig, SIG_LEN);
}

enum sotto_err
sign_check(const uint8_t sig[SIG_LEN], const struct rsa_pub *p, enum sign_ctx c,
    const struct hash *h)
{
	uint8_t buf[CTX_MAX + 1 + HASH_LEN];

	return rsa_pss_verify(p, signed_text(buf, c, h),
	    (struct span){ sig, SIG_LEN });
}
