/*
 * wycheproof - Project Wycheproof's JSON vectors through sotto's own wrappers.
 *
 *	wycheproof FOLDER
 *
 * Every case of every file is run, or counted with the reason why our wrapper
 * cannot even be asked (its types fix the sizes).  A file that is not known
 * here fails: nothing is left out silently.  Prints a line a file.
 */
#include <dirent.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/prim.h"
#include "crypto/rsa.h"

struct blob {
	uint8_t b[8192];
	size_t n;
};

enum outcome {
	ACCEPTED,
	REJECTED,
	WRONG,    /* accepted, with another result than the vector's */
	NOT_ASKED /* why says which size the type does not have */
};

struct ctx {
	json_object *group, *test;
	const char *why;
};

static struct span
of(const struct blob *b)
{
	return (struct span){ b->b, b->n };
}

static const char *
text(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v)
						     : "";
}

static int
number(json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_int(v)
						     : -1;
}

static void
hex(struct blob *out, json_object *o, const char *key)
{
	const char *s = text(o, key);

	out->n = strlen(s) / 2;
	if (out->n > sizeof(out->b)) {
		(void)fprintf(stderr, "%s is too long\n", key);
		exit(2);
	}
	for (size_t i = 0; i < out->n; i++) {
		unsigned v = 0;

		(void)sscanf(s + 2 * i, "%2x", &v);
		out->b[i] = (uint8_t)v;
	}
}

static enum outcome
compare(const uint8_t *got, size_t n, const struct blob *want)
{
	return n == want->n && memcmp(got, want->b, n) == 0 ? ACCEPTED : WRONG;
}

static int
has_flag(json_object *test, const char *flag)
{
	json_object *f;

	if (!json_object_object_get_ex(test, "flags", &f))
		return 0;
	for (size_t i = 0; i < json_object_array_length(f); i++)
		if (strcmp(json_object_get_string(
			       json_object_array_get_idx(f, i)),
			flag) == 0)
			return 1;
	return 0;
}

/* ---- AEADs ---- */

enum aead_kind {
	KIND_GCM,
	KIND_CHACHA,
	KIND_XCHACHA
};

static enum outcome
aead(struct ctx *c, enum aead_kind kind)
{
	const size_t iv_len =
	    kind == KIND_XCHACHA ? XCHACHA_NONCE : AEAD_NONCE_LEN;
	static struct blob key, iv, aad, msg, ct, tag, out;
	struct aes *seal = NULL, *open = NULL;
	struct key k;
	enum sotto_err e = SOTTO_EAUTH;
	enum outcome sealed;

	hex(&key, c->test, "key");
	hex(&iv, c->test, "iv");
	hex(&aad, c->test, "aad");
	hex(&msg, c->test, "msg");
	hex(&ct, c->test, "ct");
	hex(&tag, c->test, "tag");
	c->why = "a nonce of another size";
	if (iv.n != iv_len)
		return NOT_ASKED;
	c->why = "AES-192";
	if (key.n == 24)
		return NOT_ASKED;
	memcpy(k.b, key.b, key.n);
	memcpy(ct.b + ct.n, tag.b, tag.n);
	ct.n += tag.n;
	if (kind == KIND_GCM) {
		seal = aes_new(AES_GCM_SEAL, key.b, key.n);
		open = aes_new(AES_GCM_OPEN, key.b, key.n);
		e = aes_gcm_open(open, out.b, iv.b, of(&aad), of(&ct));
	} else if (kind == KIND_CHACHA) {
		e = chacha_open(out.b, &k, iv.b, of(&aad), of(&ct));
	} else {
		e = xchacha_open(out.b, &k, iv.b, of(&aad), of(&ct));
	}
	if (e == SOTTO_OK && compare(out.b, ct.n - tag.n, &msg) != ACCEPTED)
		e = SOTTO_ESTATE;
	/* The other way round: the same bytes, if the case is a valid one. */
	if (kind == KIND_GCM)
		(void)aes_gcm_seal(seal, out.b, iv.b, of(&aad), of(&msg));
	else if (kind == KIND_CHACHA)
		chacha_seal(out.b, &k, iv.b, of(&aad), of(&msg));
	else
		xchacha_seal(out.b, &k, iv.b, of(&aad), of(&msg));
	sealed = compare(out.b, msg.n + tag.n, &ct);
	aes_free(seal);
	aes_free(open);
	if (e == SOTTO_ESTATE || (e == SOTTO_OK && sealed != ACCEPTED))
		return WRONG;
	return e == SOTTO_OK ? ACCEPTED : REJECTED;
}

static enum outcome
run_gcm(struct ctx *c)
{
	return aead(c, KIND_GCM);
}

static enum outcome
run_chacha(struct ctx *c)
{
	return aead(c, KIND_CHACHA);
}

static enum outcome
run_xchacha(struct ctx *c)
{
	return aead(c, KIND_XCHACHA);
}

static enum outcome
run_cbc(struct ctx *c)
{
	static struct blob key, iv, msg, ct, out;
	enum sotto_err e;
	struct aes *a;
	size_t n = 0;

	hex(&key, c->test, "key");
	hex(&iv, c->test, "iv");
	hex(&msg, c->test, "msg");
	hex(&ct, c->test, "ct");
	c->why = "AES-192";
	if (key.n == 24)
		return NOT_ASKED;
	a = aes_new(AES_CBC_OPEN, key.b, key.n);
	e = aes_cbc_open(a, out.b, &n, iv.b, of(&ct));
	aes_free(a);
	if (e != SOTTO_OK)
		return REJECTED;
	return compare(out.b, n, &msg);
}

/* ---- hashes and keys ---- */

static enum outcome
run_hmac(struct ctx *c)
{
	static struct blob key, msg, tag;
	struct span part;
	struct hash h;

	hex(&key, c->test, "key");
	hex(&msg, c->test, "msg");
	hex(&tag, c->test, "tag");
	part = of(&msg);
	hmac_parts(&h, of(&key), &part, 1);
	return tag.n <= HASH_LEN && memcmp(h.b, tag.b, tag.n) == 0 ? ACCEPTED
								   : REJECTED;
}

static enum outcome
run_hkdf(struct ctx *c)
{
	static struct blob ikm, salt, info, okm, out;
	const int size = number(c->test, "size");
	struct key prk;
	struct hmac mac;

	hex(&ikm, c->test, "ikm");
	hex(&salt, c->test, "salt");
	hex(&info, c->test, "info");
	hex(&okm, c->test, "okm");
	if (size > 8160)
		return REJECTED; /* the contract: callers must not ask */
	hkdf_extract(&prk, of(&salt), of(&ikm));
	hmac_key(&mac, SPAN(prk.b));
	hkdf_expand(out.b, (size_t)size, &mac, of(&info));
	return compare(out.b, (size_t)size, &okm);
}

static enum outcome
run_x25519(struct ctx *c)
{
	static struct blob pub, priv, shared;
	struct x25519_sec s;
	struct x25519_pub p;
	struct key k;

	hex(&pub, c->test, "public");
	hex(&priv, c->test, "private");
	hex(&shared, c->test, "shared");
	c->why = "a point of another size";
	if (pub.n != POINT_LEN || priv.n != KEY_LEN)
		return NOT_ASKED;
	memcpy(p.b, pub.b, POINT_LEN);
	memcpy(s.b, priv.b, KEY_LEN);
	if (x25519_shared(&k, &s, &p) != SOTTO_OK)
		return REJECTED;
	return compare(k.b, KEY_LEN, &shared);
}

static enum outcome
run_ed25519(struct ctx *c)
{
	static struct blob pub, msg, sig;
	struct ed25519_pub p;
	json_object *k;

	(void)json_object_object_get_ex(c->group, "publicKey", &k);
	hex(&pub, k, "pk");
	hex(&msg, c->test, "msg");
	hex(&sig, c->test, "sig");
	c->why = "a signature of another size";
	if (sig.n != ED25519_SIGLEN || pub.n != KEY_LEN)
		return NOT_ASKED;
	memcpy(p.b, pub.b, KEY_LEN);
	return ed25519_verify(sig.b, &p, of(&msg)) == SOTTO_OK ? ACCEPTED
							       : REJECTED;
}

/* ---- RSA ---- */

static enum outcome
run_oaep(struct ctx *c)
{
	static struct blob der, ct, msg, label, out;
	struct rsa_key *k;
	enum sotto_err e;
	size_t n = 0;

	hex(&der, c->group, "privateKeyPkcs8");
	hex(&ct, c->test, "ct");
	hex(&msg, c->test, "msg");
	hex(&label, c->test, "label");
	if (rsa_key_read(&k, of(&der)) != SOTTO_OK)
		return WRONG;
	e = rsa_oaep_open(k, of(&label), of(&ct), out.b, sizeof(out.b), &n);
	rsa_key_free(k);
	return e != SOTTO_OK ? REJECTED : compare(out.b, n, &msg);
}

static size_t
der_head(uint8_t *out, uint8_t tag, size_t n)
{
	out[0] = tag;
	out[1] = 0x82;
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return 4;
}

/* A SubjectPublicKeyInfo with rsaEncryption, of a bare RSAPublicKey: keys
 * with the PSS identifier are refused by our reader, and have to be. */
static void
plain_spki(struct blob *out, const struct blob *bare)
{
	static const uint8_t alg[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
		0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

	out->n = der_head(out->b, 0x30, sizeof(alg) + 4 + 1 + bare->n);
	memcpy(out->b + out->n, alg, sizeof(alg));
	out->n += sizeof(alg);
	out->n += der_head(out->b + out->n, 0x03, bare->n + 1);
	out->b[out->n++] = 0;
	memcpy(out->b + out->n, bare->b, bare->n);
	out->n += bare->n;
}

static enum outcome
run_pss(struct ctx *c)
{
	static struct blob der, bare, msg, sig;
	struct rsa_pub *p = NULL, *q = NULL;
	enum sotto_err e, given;

	hex(&der, c->group, "publicKeyDer");
	hex(&bare, c->group, "publicKeyAsn");
	hex(&msg, c->test, "msg");
	hex(&sig, c->test, "sig");
	given = rsa_pub_read(&q, of(&der));
	rsa_pub_free(q);
	if ((given == SOTTO_OK) !=
	    (strcmp(text(c->group, "type"), "RsassaPssVerify") == 0))
		return WRONG;
	plain_spki(&der, &bare);
	if (rsa_pub_read(&p, of(&der)) != SOTTO_OK)
		return WRONG;
	e = rsa_pss_verify(p, of(&msg), of(&sig));
	rsa_pub_free(p);
	return e == SOTTO_OK ? ACCEPTED : REJECTED;
}

/* ---- all files ---- */

static const struct {
	const char *prefix;
	enum outcome (*run)(struct ctx *c);
} kinds[] = { { "aes_cbc_pkcs5", run_cbc }, { "aes_gcm", run_gcm },
	{ "chacha20_poly1305", run_chacha },
	{ "xchacha20_poly1305", run_xchacha }, { "ed25519", run_ed25519 },
	{ "hkdf_sha256", run_hkdf }, { "hmac_sha256", run_hmac },
	{ "rsa_oaep", run_oaep }, { "rsa_pss", run_pss },
	{ "x25519", run_x25519 } };

struct counts {
	size_t run, failed, not_asked;
	const char *why[8]; /* of those that were not asked; each once */
	size_t n_why;
};

static void
not_asked(struct counts *n, const char *why)
{
	n->not_asked++;
	for (size_t i = 0; i < n->n_why; i++)
		if (strcmp(n->why[i], why) == 0)
			return;
	if (n->n_why < 8)
		n->why[n->n_why++] = why;
}

/* valid must be accepted, invalid rejected; of the acceptable ones only points
 * of low order are rejected. */
static int
is_right(const struct ctx *c, enum outcome o)
{
	const char *want = text(c->test, "result");

	if (o == WRONG)
		return 0;
	if (strcmp(want, "acceptable") == 0)
		return (o == REJECTED) == has_flag(c->test, "ZeroSharedSecret");
	return (o == ACCEPTED) == (strcmp(want, "valid") == 0);
}

static void
run_file(json_object *top, enum outcome (*run)(struct ctx *c), const char *name,
    struct counts *n)
{
	json_object *groups, *tests;

	(void)json_object_object_get_ex(top, "testGroups", &groups);
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct ctx c = { json_object_array_get_idx(groups, i), NULL,
			"" };

		(void)json_object_object_get_ex(c.group, "tests", &tests);
		for (size_t k = 0; k < json_object_array_length(tests); k++) {
			enum outcome o;

			c.test = json_object_array_get_idx(tests, k);
			if ((o = run(&c)) == NOT_ASKED) {
				not_asked(n, c.why);
				continue;
			}
			n->run++;
			if (is_right(&c, o))
				continue;
			n->failed++;
			(void)printf("%s case %d: %s, should be %s\n", name,
			    number(c.test, "tcId"),
			    o == ACCEPTED       ? "accepted"
				: o == REJECTED ? "rejected"
						: "another result",
			    text(c.test, "result"));
		}
	}
}

static int
one_file(const char *folder, const char *name)
{
	enum outcome (*run)(struct ctx * c) = NULL;
	struct counts n = { 0 };
	char path[1024];
	json_object *top;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) ==
		    0)
			run = kinds[i].run;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (run == NULL || (top = json_object_from_file(path)) == NULL) {
		(void)printf("%s: not known here, or damaged\n", name);
		return 0;
	}
	run_file(top, run, name, &n);
	if (n.run + n.not_asked != (size_t)number(top, "numberOfTests"))
		n.failed++;
	(void)printf("%s: %zu run, %zu failed, %zu not asked", name, n.run,
	    n.failed, n.not_asked);
	for (size_t i = 0; i < n.n_why; i++)
		(void)printf("%s %s", i == 0 ? ":" : ",", n.why[i]);
	(void)printf("\n");
	json_object_put(top);
	return n.failed == 0;
}

static int
is_json(const struct dirent *d)
{
	const size_t n = strlen(d->d_name);

	return n > 5 && strcmp(d->d_name + n - 5, ".json") == 0;
}

int
main(int argc, char **argv)
{
	struct dirent **list = NULL;
	int n, good = 1;

	if (argc != 2 || prim_init() != SOTTO_OK)
		return 2;
	if ((n = scandir(argv[1], &list, is_json, alphasort)) <= 0) {
		(void)fprintf(stderr, "wycheproof: no JSON files in %s\n",
		    argv[1]);
		return 2;
	}
	for (int i = 0; i < n; i++) {
		good &= one_file(argv[1], list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return !good;
}
