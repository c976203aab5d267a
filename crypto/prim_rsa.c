#include "crypto/prim_rsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/rsa.h"

#define RSA_BITS_MIN 2048
#define PSS_SALT_LEN 32

/*
 * The two types only tell private from public; inside, both are libcrypto's.
 * An EVP_PKEY may be read by several threads at once.
 */
struct rsa_key {
	EVP_PKEY *p; /* secret */
};

struct rsa_pub {
	EVP_PKEY *p;
};

struct progress {
	int (*fn)(void *ctx);
	void *ctx;
};

static int
on_progress(EVP_PKEY_CTX *c)
{
	const struct progress *p = EVP_PKEY_CTX_get_app_data(c);

	return p->fn == NULL || p->fn(p->ctx);
}

static struct rsa_key *
key_wrap(EVP_PKEY *p)
{
	struct rsa_key *k = p == NULL ? NULL : calloc(1, sizeof(*k));

	if (k == NULL)
		EVP_PKEY_free(p);
	else
		k->p = p;
	return k;
}

static struct rsa_pub *
pub_wrap(EVP_PKEY *p)
{
	struct rsa_pub *k = p == NULL ? NULL : calloc(1, sizeof(*k));

	if (k == NULL)
		EVP_PKEY_free(p);
	else
		k->p = p;
	return k;
}

EVP_PKEY *
prim_rsa_key(const struct rsa_key *k)
{
	return k->p;
}

EVP_PKEY *
prim_rsa_pub(const struct rsa_pub *p)
{
	return p->p;
}

enum sotto_err
rsa_generate(struct rsa_key **out, unsigned bits, int (*progress)(void *ctx),
    void *ctx)
{
	struct progress pr = { progress, ctx };
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *p = NULL;
	enum sotto_err e = SOTTO_ENOMEM;

	if (c == NULL || EVP_PKEY_keygen_init(c) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(c, (int)bits) != 1)
		goto out;
	EVP_PKEY_CTX_set_app_data(c, &pr);
	EVP_PKEY_CTX_set_cb(c, on_progress);
	if (EVP_PKEY_generate(c, &p) != 1) {
		e = progress != NULL ? SOTTO_EAGAIN : SOTTO_ENOMEM;
		goto out;
	}
	if ((*out = key_wrap(p)) != NULL)
		e = SOTTO_OK;
out:
	EVP_PKEY_CTX_free(c);
	return e;
}

void
rsa_key_free(struct rsa_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->p);
	free(k);
}

void
rsa_pub_free(struct rsa_pub *p)
{
	if (p == NULL)
		return;
	EVP_PKEY_free(p->p);
	free(p);
}

size_t
rsa_pub_bits(const struct rsa_pub *p)
{
	return (size_t)EVP_PKEY_get_bits(p->p);
}

/* RSA, in range, e = 65537; everything else is not for us. */
static int
is_ours(const EVP_PKEY *p)
{
	BIGNUM *e = NULL;
	int bits, ok;

	if (p == NULL || EVP_PKEY_get_base_id(p) != EVP_PKEY_RSA)
		return 0;
	bits = EVP_PKEY_get_bits(p);
	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return 0;
	ok = EVP_PKEY_get_bn_param(p, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_is_word(e, RSA_F4);
	BN_free(e);
	return ok;
}

struct rsa_pub *
prim_rsa_pub_wrap(EVP_PKEY *p)
{
	if (is_ours(p))
		return pub_wrap(p);
	EVP_PKEY_free(p);
	return NULL;
}

enum sotto_err
rsa_key_write(const struct rsa_key *k, struct wr *w)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(k->p);
	enum sotto_err e = SOTTO_ENOMEM;
	uint8_t *der = NULL; /* secret */
	int n;

	if (p8 == NULL)
		return SOTTO_ENOMEM;
	n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);
	if (n > 0) {
		wr_bytes(w, der, (size_t)n);
		OPENSSL_clear_free(der, (size_t)n);
		e = wr_end(w);
	}
	PKCS8_PRIV_KEY_INFO_free(p8);
	return e;
}

enum sotto_err
rsa_key_read(struct rsa_key **out, struct span pkcs8)
{
	const uint8_t *at = pkcs8.p;
	PKCS8_PRIV_KEY_INFO *p8;
	EVP_PKEY *p = NULL;

	if (pkcs8.n == 0 || pkcs8.n > RSA_PKCS8_MAX)
		return SOTTO_EFORMAT;
	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)pkcs8.n);
	if (p8 != NULL && at == pkcs8.p + pkcs8.n)
		p = EVP_PKCS82PKEY(p8);
	PKCS8_PRIV_KEY_INFO_free(p8);
	if (!is_ours(p)) {
		EVP_PKEY_free(p);
		return SOTTO_EFORMAT;
	}
	if ((*out = key_wrap(p)) == NULL)
		return SOTTO_ENOMEM;
	return SOTTO_OK;
}

enum sotto_err
rsa_pub_modulus(const struct rsa_pub *p, uint8_t n[RSA_LEN])
{
	BIGNUM *bn = NULL;
	int ok;

	if (rsa_pub_bits(p) != RSA_BITS)
		return SOTTO_EFORMAT;
	ok = EVP_PKEY_get_bn_param(p->p, OSSL_PKEY_PARAM_RSA_N, &bn) == 1 &&
	    BN_bn2binpad(bn, n, RSA_LEN) == RSA_LEN;
	BN_free(bn);
	return ok ? SOTTO_OK : SOTTO_ENOMEM;
}

static EVP_PKEY *
pub_from_numbers(const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *p = NULL;

	if (bld != NULL && c != NULL && n != NULL && e != NULL &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(bld)) != NULL &&
	    EVP_PKEY_fromdata_init(c) == 1 &&
	    EVP_PKEY_fromdata(c, &p, EVP_PKEY_PUBLIC_KEY, params) != 1)
		p = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(c);
	return p;
}

/* Odd, with e = 65537. */
static enum sotto_err
pub_from_bytes(struct rsa_pub **out, struct span n)
{
	BIGNUM *bn, *e;
	EVP_PKEY *p;

	if (n.n == 0 || (n.p[n.n - 1] & 1) == 0)
		return SOTTO_EFORMAT;
	bn = BN_bin2bn(n.p, (int)n.n, NULL);
	e = BN_new();
	p = e != NULL && BN_set_word(e, RSA_F4) == 1 ? pub_from_numbers(bn, e)
						     : NULL;
	BN_free(bn);
	BN_free(e);
	return (*out = pub_wrap(p)) != NULL ? SOTTO_OK : SOTTO_ENOMEM;
}

enum sotto_err
rsa_pub_from_modulus(struct rsa_pub **out, const uint8_t n[RSA_LEN])
{
	return (n[0] & 0x80) == 0
	    ? SOTTO_EFORMAT
	    : pub_from_bytes(out, (struct span){ n, RSA_LEN });
}

/* Big-endian, without zeros in front; 0 if memory ran out. */
static size_t
modulus_bytes(const EVP_PKEY *p, uint8_t out[RSA_LEN_MAX])
{
	BIGNUM *bn = NULL;
	int n = 0;

	if (EVP_PKEY_get_bn_param(p, OSSL_PKEY_PARAM_RSA_N, &bn) == 1 &&
	    BN_num_bytes(bn) <= RSA_LEN_MAX)
		n = BN_bn2bin(bn, out);
	BN_free(bn);
	return (size_t)n;
}

struct rsa_pub *
rsa_pub_of(const struct rsa_key *k)
{
	uint8_t n[RSA_LEN_MAX];
	const size_t len = modulus_bytes(k->p, n);
	struct rsa_pub *pub = NULL;

	if (pub_from_bytes(&pub, (struct span){ n, len }) != SOTTO_OK)
		return NULL;
	return pub;
}

/* ---- SubjectPublicKeyInfo ---- */

/*
 * RFC 5280 section 4.1 and RFC 8017 appendix A.1.1.  DER has one form for a
 * key, and with our sizes and e that form has one shape: all lengths take two
 * bytes.  libcrypto's coder needs 65 us for it, and a login six of them.
 */
#define N_AT 28 /* of the modulus's INTEGER */

static void
wr_der(struct wr *w, uint8_t tag, size_t n)
{
	wr_u8(w, tag);
	wr_u8(w, 0x82);
	wr_u16(w, (uint16_t)n);
}

static void
write_spki(struct wr *w, struct span n)
{
	static const uint8_t alg[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
		0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 },
			     f4[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };
	const size_t number = n.n + (n.p[0] >> 7),
		     pair = 4 + number + sizeof(f4), bits = 1 + 4 + pair;

	wr_der(w, 0x30, sizeof(alg) + 4 + bits);
	wr_bytes(w, alg, sizeof(alg));
	wr_der(w, 0x03, bits);
	wr_u8(w, 0);
	wr_der(w, 0x30, pair);
	wr_der(w, 0x02, number);
	wr_zero(w, number - n.n);
	wr_span(w, n);
	wr_bytes(w, f4, sizeof(f4));
}

enum sotto_err
rsa_pub_write(const struct rsa_pub *p, struct wr *w)
{
	uint8_t n[RSA_LEN_MAX];
	const size_t len = modulus_bytes(p->p, n);

	if (len == 0)
		return SOTTO_ENOMEM;
	write_spki(w, (struct span){ n, len });
	return wr_end(w);
}

enum sotto_err
rsa_pub_read(struct rsa_pub **out, struct span spki)
{
	uint8_t again[RSA_SPKI_MAX];
	struct span n;
	struct rd r;
	struct wr w;
	size_t len;

	rd_init(&r, spki);
	(void)rd_bytes(&r, N_AT + 2);
	len = rd_u16(&r);
	if (len > 0 && r.n > 0 && r.p[0] == 0 && rd_u8(&r) == 0)
		len--;
	n = rd_bytes(&r, len);
	(void)rd_bytes(&r, 5);
	if (rd_end(&r) != SOTTO_OK || n.n * 8 < RSA_BITS_MIN ||
	    n.n > RSA_LEN_MAX || n.p[0] == 0)
		return SOTTO_EFORMAT;
	/* What is not as we would write it is not for us. */
	wr_init(&w, again, sizeof(again));
	write_spki(&w, n);
	if (wr_end(&w) != SOTTO_OK || !span_eq(wr_out(&w), spki))
		return SOTTO_EFORMAT;
	return pub_from_bytes(out, n);
}

/*
 * A PSS or OAEP operation context with the one set of parameters that sotto
 * uses; never anything that a key or certificate asks for.
 */
static EVP_PKEY_CTX *
ctx_for(EVP_PKEY *p, int (*init)(EVP_PKEY_CTX *), int padding)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, p, NULL);

	if (c == NULL || init(c) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(c, padding) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) != 1)
		goto fail;
	if (padding == RSA_PKCS1_PSS_PADDING) {
		if (EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) != 1 ||
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(c, PSS_SALT_LEN) != 1)
			goto fail;
	} else if (EVP_PKEY_CTX_set_rsa_oaep_md(c, EVP_sha256()) != 1) {
		goto fail;
	}
	return c;
fail:
	EVP_PKEY_CTX_free(c);
	return NULL;
}

enum sotto_err
rsa_pss_sign(const struct rsa_key *k, struct span in, uint8_t *sig,
    size_t sig_len)
{
	EVP_PKEY_CTX *c;
	struct hash h;
	size_t n = sig_len;
	int ok;

	if ((int)sig_len != EVP_PKEY_get_size(k->p))
		return SOTTO_ENOSPACE;
	c = ctx_for(k->p, EVP_PKEY_sign_init, RSA_PKCS1_PSS_PADDING);
	hash_one(&h, in);
	ok = c != NULL && EVP_PKEY_sign(c, sig, &n, h.b, sizeof(h.b)) == 1 &&
	    n == sig_len;
	EVP_PKEY_CTX_free(c);
	return ok ? SOTTO_OK : SOTTO_ENOMEM;
}

enum sotto_err
rsa_pss_verify(const struct rsa_pub *p, struct span in, struct span sig)
{
	EVP_PKEY_CTX *c =
	    ctx_for(p->p, EVP_PKEY_verify_init, RSA_PKCS1_PSS_PADDING);
	struct hash h;
	int ok;

	if (c == NULL)
		return SOTTO_ENOMEM;
	hash_one(&h, in);
	ok = EVP_PKEY_verify(c, sig.p, sig.n, h.b, sizeof(h.b)) == 1;
	EVP_PKEY_CTX_free(c);
	return ok ? SOTTO_OK : SOTTO_EAUTH;
}

/* libcrypto takes the label over, so it gets a copy. */
static int
set_label(EVP_PKEY_CTX *c, struct span label)
{
	uint8_t *copy;

	if (label.n == 0)
		return 1;
	if ((copy = OPENSSL_memdup(label.p, label.n)) == NULL)
		return 0;
	if (EVP_PKEY_CTX_set0_rsa_oaep_label(c, copy, (int)label.n) != 1) {
		OPENSSL_free(copy);
		return 0;
	}
	return 1;
}

enum sotto_err
rsa_oaep_seal(const struct rsa_pub *p, struct span label, struct span in,
    uint8_t *out, size_t out_len)
{
	EVP_PKEY_CTX *c =
	    ctx_for(p->p, EVP_PKEY_encrypt_init, RSA_PKCS1_OAEP_PADDING);
	size_t n = out_len;
	enum sotto_err e = SOTTO_ENOMEM;

	if ((int)out_len != EVP_PKEY_get_size(p->p))
		e = SOTTO_ENOSPACE;
	else if (c != NULL && set_label(c, label) &&
	    EVP_PKEY_encrypt(c, out, &n, in.p, in.n) == 1 && n == out_len)
		e = SOTTO_OK;
	EVP_PKEY_CTX_free(c);
	return e;
}

enum sotto_err
rsa_oaep_open(const struct rsa_key *k, struct span label, struct span in,
    uint8_t *out, size_t out_cap, size_t *out_len)
{
	uint8_t tmp[RSA_LEN_MAX]; /* secret */
	EVP_PKEY_CTX *c =
	    ctx_for(k->p, EVP_PKEY_decrypt_init, RSA_PKCS1_OAEP_PADDING);
	size_t n = sizeof(tmp);
	enum sotto_err e = SOTTO_EAUTH;

	if (c != NULL && set_label(c, label) &&
	    EVP_PKEY_decrypt(c, tmp, &n, in.p, in.n) == 1 && n <= out_cap) {
		memcpy(out, tmp, n);
		*out_len = n;
		e = SOTTO_OK;
	}
	WIPE(tmp);
	EVP_PKEY_CTX_free(c);
	return e;
}
