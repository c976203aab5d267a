#include "crypto/aead.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/kdf.h"

#define CBC_IV  16
#define CBC_MAC 32

static const struct {
	const char *name;
	size_t key_len;
	enum suite id;
	int legacy;
} suites[] = {
	{ "AES-256-GCM", 32, SUITE_AES256_GCM, 0 },
	{ "ChaCha20-Poly1305", 32, SUITE_CHACHA20_POLY1305, 0 },
	{ "AES-128-GCM", 16, SUITE_AES128_GCM, 0 },
	{ "AES-256-CBC-HMAC-SHA256", 32, SUITE_AES256_CBC_HMAC, 1 },
	{ "AES-128-CBC-HMAC-SHA256", 16, SUITE_AES128_CBC_HMAC, 1 },
};

#define N_SUITES (sizeof(suites) / sizeof(suites[0]))

static size_t
suite_index(enum suite s)
{
	size_t i = 0;

	while (i < N_SUITES - 1 && suites[i].id != s)
		i++;
	return i;
}

int
suite_known(uint8_t id, enum suite *out)
{
	for (size_t i = 0; i < N_SUITES; i++) {
		if (suites[i].id == id) {
			*out = suites[i].id;
			return 1;
		}
	}
	return 0;
}

int
suite_is_legacy(enum suite s)
{
	return suites[suite_index(s)].legacy;
}

const char *
suite_name(enum suite s)
{
	return suites[suite_index(s)].name;
}

enum sotto_err
suite_parse(const char *name, enum suite *out)
{
	for (size_t i = 0; i < N_SUITES; i++) {
		if (strcmp(suites[i].name, name) == 0) {
			*out = suites[i].id;
			return SOTTO_OK;
		}
	}
	return SOTTO_EFORMAT;
}

void
suite_default(struct suite_list *l, int with_legacy)
{
	l->n = 0;
	for (size_t i = 0; i < N_SUITES; i++)
		if (!suites[i].legacy || with_legacy)
			l->id[l->n++] = (uint8_t)suites[i].id;
}

int
suite_in(const struct suite_list *l, enum suite s)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->id[i] == (uint8_t)s)
			return 1;
	return 0;
}

enum sotto_err
suite_choose(enum suite *out, const struct suite_list *mine,
    const struct suite_list *theirs)
{
	for (size_t i = 0; i < mine->n; i++) {
		enum suite s;

		if (suite_known(mine->id[i], &s) && suite_in(theirs, s)) {
			*out = s;
			return SOTTO_OK;
		}
	}
	return SOTTO_EAUTH;
}

static enum aes_mode
aes_mode_of(enum suite s, enum aead_dir dir)
{
	if (suite_is_legacy(s))
		return dir == AEAD_SEAL ? AES_CBC_SEAL : AES_CBC_OPEN;
	return dir == AEAD_SEAL ? AES_GCM_SEAL : AES_GCM_OPEN;
}

enum sotto_err
aead_init(struct aead *a, enum suite s, enum aead_dir dir,
    const struct key *secret)
{
	size_t key_len = suites[suite_index(s)].key_len;
	struct prk p; /* secret */
	struct key k; /* secret */
	enum sotto_err e = SOTTO_OK;

	memset(a, 0, sizeof(*a));
	a->suite = s;
	prk_init(&p, secret);
	prk_expand(k.b, key_len, &p, "key", NULL);
	prk_expand(a->iv, sizeof(a->iv), &p, "iv", NULL);
	if (s == SUITE_CHACHA20_POLY1305) {
		a->key = k; /* cppcheck-suppress uninitvar */
	} else {
		a->aes = aes_new(aes_mode_of(s, dir), k.b, key_len);
		if (a->aes == NULL)
			e = SOTTO_ENOMEM;
		/* Not the same for both: the suite must not be open. */
		if (suite_is_legacy(s))
			prk_key(&a->key, &p,
			    key_len == 32 ? "mac 256" : "mac 128", NULL);
	}
	WIPE(p);
	WIPE(k);
	return e;
}

void
aead_wipe(struct aead *a)
{
	aes_free(a->aes);
	WIPE(*a);
}

size_t
aead_sealed_len(enum suite s, size_t n)
{
	if (suite_is_legacy(s))
		return CBC_IV + 16 * (n / 16 + 1) + CBC_MAC;
	return n + AEAD_TAG_LEN;
}

static void
make_nonce(uint8_t nonce[AEAD_NONCE_LEN], const struct aead *a,
    uint64_t counter)
{
	memcpy(nonce, a->iv, AEAD_NONCE_LEN);
	be64_write(nonce + 4, be64_read(a->iv + 4) ^ counter);
}

/* RFC 7518 section 5.2.2.1: AAD, IV, ciphertext, bits of the AAD. */
static void
cbc_mac(struct hash *out, const struct aead *a, struct span aad,
    struct span iv_and_text)
{
	uint8_t bits[8];
	struct wr w;

	wr_init(&w, bits, sizeof(bits));
	wr_u64(&w, (uint64_t)aad.n * 8);
	hmac_parts(out, SPAN(a->key.b),
	    (const struct span[]){ aad, iv_and_text, SPAN(bits) }, 3);
}

static enum sotto_err
cbc_seal(struct aead *a, uint8_t *out, struct span aad, struct span in,
    const struct rng *g)
{
	size_t n = aead_sealed_len(a->suite, in.n) - CBC_MAC;
	struct hash mac;
	enum sotto_err e;

	rng_fill(g, out, CBC_IV);
	if ((e = aes_cbc_seal(a->aes, out + CBC_IV, out, in)) != SOTTO_OK)
		return e;
	cbc_mac(&mac, a, aad, (struct span){ out, n });
	memcpy(out + n, mac.b, CBC_MAC);
	return SOTTO_OK;
}

/* The MAC is compared before a single block is decrypted. */
static enum sotto_err
cbc_open(struct aead *a, uint8_t *out, size_t *out_len, struct span aad,
    struct span in)
{
	struct span text;
	struct hash mac;

	if (in.n < CBC_IV + 16 + CBC_MAC)
		return SOTTO_EAUTH;
	text = (struct span){ in.p, in.n - CBC_MAC };
	cbc_mac(&mac, a, aad, text);
	if (!secret_eq(mac.b, in.p + text.n, CBC_MAC))
		return SOTTO_EAUTH;
	return aes_cbc_open(a->aes, out, out_len, in.p,
	    (struct span){ text.p + CBC_IV, text.n - CBC_IV });
}

enum sotto_err
aead_seal(struct aead *a, uint8_t *out, uint64_t counter, struct span aad,
    struct span in, const struct rng *g)
{
	uint8_t nonce[AEAD_NONCE_LEN];

	if (suite_is_legacy(a->suite))
		return cbc_seal(a, out, aad, in, g);
	make_nonce(nonce, a, counter);
	if (a->suite != SUITE_CHACHA20_POLY1305)
		return aes_gcm_seal(a->aes, out, nonce, aad, in);
	chacha_seal(out, &a->key, nonce, aad, in);
	return SOTTO_OK;
}

enum sotto_err
aead_open(struct aead *a, uint8_t *out, size_t *out_len, uint64_t counter,
    struct span aad, struct span in)
{
	uint8_t nonce[AEAD_NONCE_LEN];
	enum sotto_err e;

	if (suite_is_legacy(a->suite))
		return cbc_open(a, out, out_len, aad, in);
	make_nonce(nonce, a, counter);
	if (a->suite == SUITE_CHACHA20_POLY1305)
		e = chacha_open(out, &a->key, nonce, aad, in);
	else
		e = aes_gcm_open(a->aes, out, nonce, aad, in);
	if (e == SOTTO_OK)
		*out_len = in.n - AEAD_TAG_LEN;
	return e;
}

enum sotto_err
aead_seal_once(uint8_t *out, const struct key *secret, const struct hash *aad,
    struct span in)
{
	struct aead a; /* secret */
	enum sotto_err e;

	e = aead_init(&a, SUITE_AES256_GCM, AEAD_SEAL, secret);
	if (e == SOTTO_OK)
		e = aead_seal(&a, out, 0, SPAN(aad->b), in, NULL);
	aead_wipe(&a);
	return e;
}

enum sotto_err
aead_open_once(uint8_t *out, const struct key *secret, const struct hash *aad,
    struct span in)
{
	struct aead a; /* secret */
	size_t n;
	enum sotto_err e;

	e = aead_init(&a, SUITE_AES256_GCM, AEAD_OPEN, secret);
	if (e == SOTTO_OK)
		e = aead_open(&a, out, &n, 0, SPAN(aad->b), in);
	aead_wipe(&a);
	return e;
}
