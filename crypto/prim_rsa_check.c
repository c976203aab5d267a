/* Weak moduli; see rsa_pub_check() in rsa.h. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "crypto/prim_rsa.h"
#include "crypto/rsa.h"

/* How many steps of Fermat's method a pair of primes has to withstand. */
#define FERMAT_STEPS 64

/*
 * Moduli of the broken generator (CVE-2017-15361) are powers of 65537 modulo
 * each of these primes; others pass all of them once in 2^28 keys or less.
 */
static int
has_roca_shape(const BIGNUM *n)
{
	static const unsigned short primes[] = { 11, 13, 17, 19, 37, 53, 61, 71,
		73, 79, 97, 103, 107, 109, 127, 151, 157 };

	for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
		unsigned p = primes[i], x = 1, found = 0;
		BN_ULONG r = BN_mod_word(n, p);

		for (unsigned k = 0; k < p && !found; k++) {
			found = x == r;
			x = x * (65537 % p) % p;
		}
		if (!found)
			return 0;
	}
	return 1;
}

/* The integer square root of n, by Newton's method; 0 if memory ran out. */
static int
bn_sqrt(BIGNUM *root, const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *next = BN_CTX_get(ctx);

	if (next == NULL || BN_one(root) != 1 ||
	    BN_lshift(root, root, (BN_num_bits(n) + 1) / 2) != 1)
		return 0;
	for (;;) {
		if (BN_div(next, NULL, n, root, ctx) != 1 ||
		    BN_add(next, next, root) != 1 ||
		    BN_rshift1(next, next) != 1)
			return 0;
		if (BN_cmp(next, root) >= 0)
			return 1;
		if (BN_copy(root, next) == NULL)
			return 0;
	}
}

/* 1: p and q are so close that n = a^2 - b^2 is found at once; -1: no memory */
static int
has_close_primes(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *a = BN_CTX_get(ctx), *b2 = BN_CTX_get(ctx);
	BIGNUM *b = BN_CTX_get(ctx);

	if (b == NULL || !bn_sqrt(a, n, ctx))
		return -1;
	for (int i = 0; i <= FERMAT_STEPS; i++) {
		if (BN_sqr(b2, a, ctx) != 1 || BN_sub(b2, b2, n) != 1)
			return -1;
		if (BN_is_zero(b2))
			return 1; /* a square */
		if (!BN_is_negative(b2)) {
			BIGNUM *sq = BN_CTX_get(ctx);

			if (sq == NULL || !bn_sqrt(b, b2, ctx) ||
			    BN_sqr(sq, b, ctx) != 1)
				return -1;
			if (BN_cmp(sq, b2) == 0)
				return 1;
		}
		if (BN_add_word(a, 1) != 1)
			return -1;
	}
	return 0;
}

enum sotto_err
rsa_pub_check(const struct rsa_pub *p)
{
	EVP_PKEY *pkey = prim_rsa_pub(p);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = NULL;
	enum sotto_err e = SOTTO_ENOMEM;
	int close;

	if (c == NULL || ctx == NULL ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1)
		goto out;
	BN_CTX_start(ctx);
	close = has_close_primes(n, ctx);
	BN_CTX_end(ctx);
	if (close < 0)
		goto out;
	/* The library's check finds small factors and powers of a prime. */
	e = close || has_roca_shape(n) || EVP_PKEY_public_check(c) != 1
	    ? SOTTO_EAUTH
	    : SOTTO_OK;
out:
	BN_free(n);
	BN_CTX_free(ctx);
	EVP_PKEY_CTX_free(c);
	return e;
}
