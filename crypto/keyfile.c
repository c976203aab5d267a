#include "crypto/keyfile.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/armor.h"
#include "crypto/kdf.h"

#define LABEL      "SOTTO KEY FILE"
#define VERSION    1
#define KDF_ARGON2 1
#define MIB        (1024ULL * 1024)
#define MEM_MIN    (64 * MIB)
#define MEM_MAX    (1024 * MIB)
#define PASSES_MIN 2
#define PASSES_MAX 10

/* u8 ver | u8 kdf | u32 passes | u64 mem | salt 16 | nonce 24 */
#define HEADER_LEN (1 + 1 + 4 + 8 + ARGON2_SALT + XCHACHA_NONCE)
/* ... | commit 32 | u32 len | sealed */
#define FRONT_LEN (HEADER_LEN + HASH_LEN + 4)
#define RAW_MAX   (FRONT_LEN + KEYFILE_PLAIN_MAX + AEAD_TAG_LEN)

struct header {
	struct keyfile_cost cost;
	uint8_t salt[ARGON2_SALT];
	uint8_t nonce[XCHACHA_NONCE];
};

struct keyfile_cost
keyfile_default_cost(void)
{
	return (struct keyfile_cost){ 3, 256 * MIB };
}

enum sotto_err
keyfile_cost_ok(const struct keyfile_cost *c)
{
	if (c->passes < PASSES_MIN || c->passes > PASSES_MAX ||
	    c->mem < MEM_MIN || c->mem > MEM_MAX)
		return SOTTO_ETOOBIG;
	return SOTTO_OK;
}

/* KEK and commitment key out of the passphrase. */
static enum sotto_err
derive(struct key *kek, struct key *ck, struct span pass,
    const struct header *h)
{
	struct key k = { { 0 } }; /* secret */
	uint8_t two[64];          /* secret */
	enum sotto_err e;

	e = argon2id(k.b, sizeof(k.b), pass, h->salt, h->cost.passes,
	    h->cost.mem);
	if (e == SOTTO_OK) {
		kdf_expand(two, sizeof(two), &k, "keyfile", NULL);
		memcpy(kek->b, two, KEY_LEN);
		memcpy(ck->b, two + KEY_LEN, KEY_LEN);
	}
	WIPE(k);
	WIPE(two);
	return e;
}

static void
write_header(struct wr *w, const struct header *h)
{
	wr_u8(w, VERSION);
	wr_u8(w, KDF_ARGON2);
	wr_u32(w, h->cost.passes);
	wr_u64(w, h->cost.mem);
	wr_bytes(w, h->salt, sizeof(h->salt));
	wr_bytes(w, h->nonce, sizeof(h->nonce));
}

enum sotto_err
keyfile_seal(struct wr *out, struct span plain, struct span pass,
    const struct keyfile_cost *cost, const struct rng *g)
{
	struct header h = { .cost = *cost };
	struct key kek, ck; /* secret */
	struct hash commit;
	uint8_t raw[RAW_MAX];
	struct wr w;
	uint8_t *sealed;
	enum sotto_err e;

	if (plain.n > KEYFILE_PLAIN_MAX)
		return SOTTO_ETOOBIG;
	if ((e = keyfile_cost_ok(cost)) != SOTTO_OK)
		return e;
	rng_fill(g, h.salt, sizeof(h.salt));
	rng_fill(g, h.nonce, sizeof(h.nonce));
	if ((e = derive(&kek, &ck, pass, &h)) != SOTTO_OK)
		return e;
	wr_init(&w, raw, sizeof(raw));
	write_header(&w, &h);
	kdf_mac(&commit, &ck, wr_out(&w));
	wr_bytes(&w, commit.b, sizeof(commit.b));
	wr_u32(&w, (uint32_t)(plain.n + AEAD_TAG_LEN));
	sealed = wr_take(&w, plain.n + AEAD_TAG_LEN);
	e = wr_end(&w);
	if (sealed != NULL) {
		xchacha_seal(sealed, &kek, h.nonce,
		    (struct span){ raw, FRONT_LEN }, plain);
		armor_write(out, LABEL, wr_out(&w));
		e = wr_end(out);
	}
	WIPE(kek);
	WIPE(ck);
	return e;
}

static enum sotto_err
read_header(struct rd *r, struct header *h)
{
	uint8_t ver = rd_u8(r), kdf = rd_u8(r);

	h->cost.passes = rd_u32(r);
	h->cost.mem = rd_u64(r);
	rd_copy(r, h->salt, sizeof(h->salt));
	rd_copy(r, h->nonce, sizeof(h->nonce));
	if (r->err != SOTTO_OK || ver != VERSION || kdf != KDF_ARGON2)
		return SOTTO_EFORMAT;
	return keyfile_cost_ok(&h->cost);
}

/* The commitment first: only it can say "wrong passphrase". */
static enum sotto_err
open_sealed(struct wr *out, const struct header *h, struct span raw,
    struct span pass)
{
	const uint8_t *commit = raw.p + HEADER_LEN;
	const struct span sealed = { raw.p + FRONT_LEN, raw.n - FRONT_LEN };
	struct key kek, ck; /* secret */
	struct hash want;
	uint8_t *plain;
	enum sotto_err e;

	if ((e = derive(&kek, &ck, pass, h)) != SOTTO_OK)
		return e;
	kdf_mac(&want, &ck, (struct span){ raw.p, HEADER_LEN });
	e = SOTTO_EAUTH;
	if (!secret_eq(want.b, commit, sizeof(want.b)))
		goto out;
	e = SOTTO_ENOSPACE;
	if ((plain = wr_take(out, sealed.n - AEAD_TAG_LEN)) == NULL)
		goto out;
	e = SOTTO_OK;
	if (xchacha_open(plain, &kek, h->nonce,
		(struct span){ raw.p, FRONT_LEN }, sealed) != SOTTO_OK) {
		out->n -= sealed.n - AEAD_TAG_LEN;
		e = SOTTO_EFORMAT;
	}
out:
	WIPE(kek);
	WIPE(ck);
	return e;
}

enum sotto_err
keyfile_open(struct wr *out, struct span text, struct span pass)
{
	uint8_t raw[RAW_MAX];
	struct header h;
	struct wr w;
	struct rd r;
	uint32_t len;
	enum sotto_err e;

	wr_init(&w, raw, sizeof(raw));
	if (armor_read(&w, LABEL, text) != SOTTO_OK)
		return SOTTO_EFORMAT;
	rd_init(&r, wr_out(&w));
	if ((e = read_header(&r, &h)) != SOTTO_OK)
		return e;
	(void)rd_bytes(&r, HASH_LEN);
	len = rd_u32(&r);
	if (r.err != SOTTO_OK || len != r.n || len < AEAD_TAG_LEN)
		return SOTTO_EFORMAT;
	return open_sealed(out, &h, wr_out(&w), pass);
}
