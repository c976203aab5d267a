/*
 * fixture - a small world for tests: an authority, a relay, three users with
 * certificates, from the keys in keys/test-only, at a fixed time and with
 * repeatable randomness (but for RSA, which draws its own).
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "crypto/hs.h"
#include "crypto/ident.h"

#define FIX_NOW  1780000000ULL /* 2026-05-28 20:26:40 UTC */
#define FIX_HOST "relay.example"
#define FIX_YEAR (365ULL * 24 * 3600)

/* A stream of bytes that depends on the seed only. */
struct test_rng {
	uint64_t seed, block;
};
void test_rng_init(struct test_rng *r, uint64_t seed);
struct rng test_rng(struct test_rng *r); /* borrows r */

/* fix_key - the key keys/test-only/NAME.key; owned.  Fails the test. */
struct rsa_key *fix_key(const char *name);

struct fixture {
	struct test_rng rnd;
	struct rng g;
	struct rsa_key *ca_key, *server_key;
	uint8_t ca[CERT_DER_MAX], server[CERT_DER_MAX];
	size_t ca_len, server_len;
	struct hash authority; /* fingerprint of ca */
	struct hs_epoch *epoch;
	struct hs_server_conf conf;
	struct ident *alice, *bob, *mallory;
};

/* fix_new - all of it.  Owned; never NULL (fails the test). */
struct fixture *fix_new(void);
void fix_free(struct fixture *f);
/* fix_setup, fix_teardown - of a group of tests whose state is a fixture. */
int fix_setup(void **state);
int fix_teardown(void **state);

/* fix_enrol - the authority's certificate for id's key, into id->cert. */
void fix_enrol(struct fixture *f, struct ident *id, uint64_t from,
    uint64_t until);

/* fix_spki - what the relay has stored for that user. */
struct span fix_spki(const struct ident *id, uint8_t buf[RSA_SPKI_MAX]);

#endif
