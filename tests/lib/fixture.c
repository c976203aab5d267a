#include "tests/lib/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/armor.h"
#include "tests/lib/cm.h"

void
test_rng_init(struct test_rng *r, uint64_t seed)
{
	r->seed = seed;
	r->block = 0;
}

static void
fill(void *ctx, void *p, size_t n)
{
	struct test_rng *r = ctx;
	uint8_t *out = p;

	while (n > 0) {
		const uint64_t in[2] = { r->seed, r->block++ };
		struct hash h;
		size_t k = n < sizeof(h.b) ? n : sizeof(h.b);

		hash_one(&h, (struct span){ (const uint8_t *)in, sizeof(in) });
		memcpy(out, h.b, k);
		out += k;
		n -= k;
	}
}

struct rng
test_rng(struct test_rng *r)
{
	return (struct rng){ fill, r };
}

struct rsa_key *
fix_key(const char *name)
{
	char path[FILE_PATH_MAX];
	uint8_t *text = NULL, der[RSA_PKCS8_MAX];
	struct rsa_key *k = NULL;
	struct wr w;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "keys/test-only/%s.key", name);
	wr_init(&w, der, sizeof(der));
	if (file_read(path, 8192, &text, &n) != SOTTO_OK ||
	    armor_read(&w, "SOTTO TEST ONLY KEY", (struct span){ text, n }) !=
		SOTTO_OK ||
	    rsa_key_read(&k, wr_out(&w)) != SOTTO_OK)
		fail_msg("cannot load %s; run from the top folder", path);
	free(text);
	return k;
}

void
fix_enrol(struct fixture *f, struct ident *id, uint64_t from, uint64_t until)
{
	struct cert_issuer by = { f->ca_key, { f->ca, f->ca_len } };
	struct rsa_key *k = NULL;
	struct rsa_pub *p;
	struct wr w;

	wr_init(&w, id->cert, sizeof(id->cert));
	assert_int_equal(ident_key(id, &k), SOTTO_OK);
	p = rsa_pub_of(k);
	assert_non_null(p);
	assert_int_equal(cert_make_user(&w, &by, p, &id->name, FIX_HOST,
			     (struct cert_dates){ from, until }, &f->g),
	    SOTTO_OK);
	id->cert_len = w.n;
	rsa_pub_free(p);
	rsa_key_free(k);
}

static struct ident *
user(struct fixture *f, const char *name)
{
	struct ident *id = ident_new();
	struct rsa_key *k = fix_key(name);

	assert_non_null(id);
	assert_int_equal(name_parse(&id->name, span_str(name)), SOTTO_OK);
	assert_int_equal(ident_make_keys(id, k, FIX_NOW - 100, &f->g),
	    SOTTO_OK);
	(void)snprintf(id->host, sizeof(id->host), "%s", FIX_HOST);
	(void)snprintf(id->relay, sizeof(id->relay), "%s", FIX_HOST);
	id->port = INVITE_PORT;
	id->authority = f->authority;
	id->pin_how = PIN_LINE;
	id->pinned_at = FIX_NOW;
	fix_enrol(f, id, FIX_NOW - 100, FIX_NOW + FIX_YEAR);
	rsa_key_free(k);
	return id;
}

static void
make_relay(struct fixture *f)
{
	static const char *const hosts[] = { FIX_HOST, "127.0.0.1", "::1" };
	struct cert_dates d = { FIX_NOW - 1000, FIX_NOW + FIX_YEAR };
	struct rsa_pub *p = rsa_pub_of(f->server_key);
	struct cert_issuer by;
	struct wr w;

	wr_init(&w, f->ca, sizeof(f->ca));
	assert_int_equal(cert_make_ca(&w, f->ca_key, FIX_HOST, d, &f->g),
	    SOTTO_OK);
	f->ca_len = w.n;
	assert_int_equal(cert_fingerprint(&f->authority, wr_out(&w)), SOTTO_OK);
	by = (struct cert_issuer){ f->ca_key, { f->ca, f->ca_len } };
	wr_init(&w, f->server, sizeof(f->server));
	assert_int_equal(cert_make_server(&w, &by, p, hosts, 3, d, &f->g),
	    SOTTO_OK);
	f->server_len = w.n;
	rsa_pub_free(p);
}

struct fixture *
fix_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct secret_state st;

	(void)secret_harden(&st);
	assert_non_null(f);
	test_rng_init(&f->rnd, 1);
	f->g = test_rng(&f->rnd);
	f->ca_key = fix_key("ca");
	f->server_key = fix_key("server");
	make_relay(f);
	f->epoch = hs_epoch_new(fix_key("epoch"), &f->g);
	assert_non_null(f->epoch);
	hs_epoch_start(f->epoch, FIX_NOW - 10);
	f->conf.sik = f->server_key;
	f->conf.server_cert = (struct span){ f->server, f->server_len };
	f->conf.ca_cert = (struct span){ f->ca, f->ca_len };
	f->conf.relay = FIX_HOST;
	f->conf.limits = (struct hs_limits){ 65536, 20, 120, 0 };
	suite_default(&f->conf.suites, 0);
	f->alice = user(f, "alice");
	f->bob = user(f, "bob");
	f->mallory = user(f, "mallory");
	return f;
}

void
fix_free(struct fixture *f)
{
	if (f == NULL)
		return;
	rsa_key_free(f->ca_key);
	rsa_key_free(f->server_key);
	hs_epoch_unref(f->epoch);
	ident_free(f->alice);
	ident_free(f->bob);
	ident_free(f->mallory);
	free(f);
}

int
fix_setup(void **state)
{
	*state = fix_new();
	return 0;
}

int
fix_teardown(void **state)
{
	fix_free(*state);
	return 0;
}

struct span
fix_spki(const struct ident *id, uint8_t buf[RSA_SPKI_MAX])
{
	struct wr w;

	wr_init(&w, buf, RSA_SPKI_MAX);
	assert_int_equal(ident_spki(id, &w), SOTTO_OK);
	return wr_out(&w);
}
