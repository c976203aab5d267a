/* Secrets at rest: armour, key file, identity; and what a thief can do. */
#include "crypto/keyfile.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/armor.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define MIB (1024ULL * 1024)

static const struct keyfile_cost cheap = { 2, 64 * MIB };

/* ---- armour ---- */

static void
test_armor_exact(void **state)
{
	static const char want[] = "-----BEGIN X Y-----\n"
				   "AAECAw==\n"
				   "-----END X Y-----\n";
	const uint8_t in[] = { 0, 1, 2, 3 };
	uint8_t buf[200], back[16];
	struct wr w, r;

	(void)state;
	wr_init(&w, buf, sizeof(buf));
	armor_write(&w, "X Y", SPAN(in));
	assert_true(span_eq(wr_out(&w), span_str(want)));
	wr_init(&r, back, sizeof(back));
	assert_int_equal(armor_read(&r, "X Y", wr_out(&w)), SOTTO_OK);
	assert_true(span_eq(wr_out(&r), SPAN(in)));
}

static void
test_armor_every_length(void **state)
{
	uint8_t in[200], buf[600], back[200];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 31);
	for (size_t n = 1; n <= sizeof(in); n++) {
		struct wr w, r;

		wr_init(&w, buf, sizeof(buf));
		armor_write(&w, "T", (struct span){ in, n });
		assert_int_equal(wr_end(&w), SOTTO_OK);
		wr_init(&r, back, sizeof(back));
		assert_int_equal(armor_read(&r, "T", wr_out(&w)), SOTTO_OK);
		assert_true(span_eq(wr_out(&r), (struct span){ in, n }));
		/* Too little room is said, not overrun. */
		wr_init(&r, back, n - 1);
		assert_int_equal(armor_read(&r, "T", wr_out(&w)),
		    SOTTO_ENOSPACE);
	}
}

static void
test_armor_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"-----BEGIN T-----\n",
		"-----BEGIN T-----\nAAAA\n",
		"AAAA\n-----END T-----\n",
		"-----BEGIN U-----\nAAAA\n-----END U-----\n",
		"-----BEGIN T-----\nAAA\n-----END T-----\n",
		"-----BEGIN T-----\nAA=A\n-----END T-----\n",
		"-----BEGIN T-----\nAB==\n-----END T-----\n", /* loose bits */
		"-----BEGIN T-----\nAA*A\n-----END T-----\n",
		"-----BEGIN T-----\nAAAA\nAAAA\n-----END T-----\n", /* short */
		"-----BEGIN T-----\n\n-----END T-----\n",
		"-----BEGIN T-----\nAAAA\n-----END T-----\nmore\n",
		"x-----BEGIN T-----\nAAAA\n-----END T-----\n",
	};
	uint8_t back[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wr r;

		wr_init(&r, back, sizeof(back));
		assert_int_equal(armor_read(&r, "T", span_str(bad[i])),
		    SOTTO_EFORMAT);
	}
}

/* ---- key file ---- */

static size_t
seal(struct fixture *f, uint8_t *text, struct span plain, const char *pass)
{
	struct wr w;

	wr_init(&w, text, KEYFILE_TEXT_MAX);
	assert_int_equal(keyfile_seal(&w, plain, span_str(pass), &cheap, &f->g),
	    SOTTO_OK);
	return w.n;
}

static enum sotto_err
open_it(struct span text, const char *pass, uint8_t *out, size_t *n)
{
	struct wr w;
	enum sotto_err e;

	wr_init(&w, out, KEYFILE_PLAIN_MAX);
	e = keyfile_open(&w, text, span_str(pass));
	*n = w.n;
	return e;
}

static void
test_keyfile_round_trip(void **state)
{
	static uint8_t text[KEYFILE_TEXT_MAX], out[KEYFILE_PLAIN_MAX];
	struct fixture *f = *state;
	size_t len, n;

	len = seal(f, text, span_str("the secret"), "correct horse");
	assert_memory_equal(text, "-----BEGIN SOTTO KEY FILE-----\n", 31);
	assert_null(memmem(text, len, "the secret", 10));
	assert_int_equal(open_it((struct span){ text, len }, "correct horse",
			     out, &n),
	    SOTTO_OK);
	assert_true(span_eq((struct span){ out, n }, span_str("the secret")));
	assert_int_equal(open_it((struct span){ text, len }, "correct horsf",
			     out, &n),
	    SOTTO_EAUTH);
	assert_int_equal(n, 0);
	assert_int_equal(open_it((struct span){ text, len }, "", out, &n),
	    SOTTO_EAUTH);
}

/* The same secret and passphrase never give the same file. */
static void
test_keyfile_is_salted(void **state)
{
	static uint8_t one[KEYFILE_TEXT_MAX], two[KEYFILE_TEXT_MAX];
	struct fixture *f = *state;
	size_t a = seal(f, one, span_str("s"), "p");
	size_t b = seal(f, two, span_str("s"), "p");

	assert_int_equal(a, b);
	assert_memory_not_equal(one, two, a);
}

/*
 * Bits all over the file, written back into armour: the header and the
 * commitment make another passphrase necessary, what is behind them is damage;
 * and only a good file opens.
 */
static void
test_keyfile_flipped_bits(void **state)
{
	static uint8_t text[KEYFILE_TEXT_MAX], raw[KEYFILE_TEXT_MAX];
	static uint8_t bad[KEYFILE_TEXT_MAX], out[KEYFILE_PLAIN_MAX];
	struct fixture *f = *state;
	size_t len = seal(f, text, span_str("the secret"), "pass"), n;
	struct wr r, w;

	wr_init(&r, raw, sizeof(raw));
	assert_int_equal(armor_read(&r, "SOTTO KEY FILE",
			     (struct span){ text, len }),
	    SOTTO_OK);
	for (size_t i = 0; i < r.n; i++) {
		enum sotto_err e;

		/* Passes and memory decide the cost; see the next test. */
		if (i >= 2 && i < 14)
			continue;
		/* Each try takes Argon2's time; a few in each field do. */
		if (i >= 14 && i % 7 != 0)
			continue;
		raw[i] ^= (uint8_t)(1 << i % 8);
		wr_init(&w, bad, sizeof(bad));
		armor_write(&w, "SOTTO KEY FILE", wr_out(&r));
		e = open_it(wr_out(&w), "pass", out, &n);
		assert_true(e == SOTTO_EAUTH || e == SOTTO_EFORMAT);
		if (i >= 14 && i < 86) /* salt, nonce, commitment */
			assert_int_equal(e, SOTTO_EAUTH);
		if (i >= 86) /* length, ciphertext, tag */
			assert_int_equal(e, SOTTO_EFORMAT);
		raw[i] ^= (uint8_t)(1 << i % 8);
	}
}

/* Silly costs are refused before any memory is taken. */
static void
test_keyfile_costs(void **state)
{
	static uint8_t text[KEYFILE_TEXT_MAX], raw[KEYFILE_TEXT_MAX];
	static uint8_t out[KEYFILE_PLAIN_MAX];
	static const struct {
		uint32_t passes;
		uint64_t mem;
	} bad[] = { { 1, 64 * MIB }, { 11, 64 * MIB }, { 0, 64 * MIB },
		{ UINT32_MAX, 64 * MIB }, { 2, 64 * MIB - 1 }, { 2, 0 },
		{ 2, 1024 * MIB + 1 }, { 2, 1ULL << 40 }, { 2, UINT64_MAX } };
	struct fixture *f = *state;
	size_t len = seal(f, text, span_str("s"), "p"), n;
	struct wr r, w;

	wr_init(&r, raw, sizeof(raw));
	assert_int_equal(armor_read(&r, "SOTTO KEY FILE",
			     (struct span){ text, len }),
	    SOTTO_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct keyfile_cost c = { bad[i].passes, bad[i].mem };
		struct wr h;

		assert_int_equal(keyfile_cost_ok(&c), SOTTO_ETOOBIG);
		wr_init(&h, raw + 2, 12);
		wr_u32(&h, bad[i].passes);
		wr_u64(&h, bad[i].mem);
		wr_init(&w, text, sizeof(text));
		armor_write(&w, "SOTTO KEY FILE", wr_out(&r));
		assert_int_equal(open_it(wr_out(&w), "p", out, &n),
		    SOTTO_ETOOBIG);
		wr_init(&w, text, sizeof(text));
		assert_int_equal(keyfile_seal(&w, span_str("s"), span_str("p"),
				     &c, &f->g),
		    SOTTO_ETOOBIG);
	}
	assert_int_equal(keyfile_cost_ok(
			     &(struct keyfile_cost){ 10, 1024 * MIB }),
	    SOTTO_OK);
}

static void
test_keyfile_cut_and_longer(void **state)
{
	static uint8_t text[KEYFILE_TEXT_MAX], raw[KEYFILE_TEXT_MAX];
	static uint8_t bad[KEYFILE_TEXT_MAX], out[KEYFILE_PLAIN_MAX];
	struct fixture *f = *state;
	size_t len = seal(f, text, span_str("the secret"), "pass"), n;
	struct wr r, w;

	wr_init(&r, raw, sizeof(raw));
	assert_int_equal(armor_read(&r, "SOTTO KEY FILE",
			     (struct span){ text, len }),
	    SOTTO_OK);
	for (size_t cut = 1; cut <= r.n + 1; cut++) {
		if (cut == r.n)
			continue;
		wr_init(&w, bad, sizeof(bad));
		armor_write(&w, "SOTTO KEY FILE", (struct span){ raw, cut });
		assert_int_equal(open_it(wr_out(&w), "pass", out, &n),
		    SOTTO_EFORMAT);
	}
	for (size_t cut = 0; cut < len; cut += 11)
		assert_int_equal(open_it((struct span){ text, cut }, "pass",
				     out, &n),
		    SOTTO_EFORMAT);
	assert_int_equal(keyfile_open(&w, span_str("not a key file"),
			     span_str("p")),
	    SOTTO_EFORMAT);
}

/* ---- identity ---- */

static void
test_ident_round_trip(void **state)
{
	static uint8_t buf[KEYFILE_PLAIN_MAX], again[KEYFILE_PLAIN_MAX];
	struct fixture *f = *state;
	struct ident *id = ident_new();
	struct wr w, v;

	f->alice->has_token = 1;
	memset(f->alice->token_id, 3, sizeof(f->alice->token_id));
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(ident_write(f->alice, &w), SOTTO_OK);
	assert_int_equal(ident_read(id, wr_out(&w)), SOTTO_OK);
	assert_memory_equal(id, f->alice, sizeof(*id));
	wr_init(&v, again, sizeof(again));
	assert_int_equal(ident_write(id, &v), SOTTO_OK);
	assert_true(span_eq(wr_out(&w), wr_out(&v)));
	f->alice->has_token = 0;
	memset(f->alice->token_id, 0, sizeof(f->alice->token_id));
	ident_free(id);
}

static void
test_ident_refuses(void **state)
{
	static uint8_t buf[KEYFILE_PLAIN_MAX];
	struct fixture *f = *state;
	struct ident *id = ident_new(), *before = ident_new();
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(ident_write(f->bob, &w), SOTTO_OK);
	for (size_t n = 0; n < w.n; n += n < 60 ? 1 : 13)
		assert_int_not_equal(ident_read(id, (struct span){ buf, n }),
		    SOTTO_OK);
	wr_u8(&w, 0);
	assert_int_not_equal(ident_read(id, wr_out(&w)), SOTTO_OK);
	w.n--;
	buf[0] = 2; /* the first tag */
	assert_int_not_equal(ident_read(id, wr_out(&w)), SOTTO_OK);
	buf[0] = 1;
	buf[3] = 'B'; /* not a name any more */
	assert_int_not_equal(ident_read(id, wr_out(&w)), SOTTO_OK);
	/* Untouched by all of that. */
	assert_memory_equal(id, before, sizeof(*id));
	ident_free(id);
	ident_free(before);
}

static void
test_device_certificate(void **state)
{
	struct fixture *f = *state;
	struct rsa_key *k = NULL, *other = fix_key("bob");
	struct rsa_pub *pub, *not_hers;
	struct device_cert d;
	uint8_t in[DEVICE_CERT_LEN];

	assert_int_equal(ident_key(f->alice, &k), SOTTO_OK);
	pub = rsa_pub_of(k);
	not_hers = rsa_pub_of(other);
	memcpy(in, f->alice->device_cert, sizeof(in));
	assert_int_equal(device_cert_check(&d, SPAN(in), pub, &f->alice->name,
			     FIX_NOW),
	    SOTTO_OK);
	assert_memory_equal(d.device_id, f->alice->device_id, DEVICE_ID_LEN);
	assert_int_equal(device_cert_check(&d, SPAN(in), not_hers,
			     &f->alice->name, FIX_NOW),
	    SOTTO_EAUTH);
	assert_int_equal(device_cert_check(&d, SPAN(in), pub, &f->bob->name,
			     FIX_NOW),
	    SOTTO_EAUTH);
	assert_int_equal(device_cert_check(&d, SPAN(in), pub, &f->alice->name,
			     FIX_NOW + 11 * FIX_YEAR),
	    SOTTO_EAUTH);
	assert_int_equal(device_cert_check(&d, SPAN(in), pub, &f->alice->name,
			     FIX_NOW - 2 * 24 * 3600),
	    SOTTO_EAUTH);
	for (size_t i = 0; i < sizeof(in); i++) {
		in[i] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(device_cert_check(&d, SPAN(in), pub,
					 &f->alice->name, FIX_NOW),
		    SOTTO_OK);
		in[i] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < sizeof(in); n++)
		assert_int_equal(device_cert_check(&d, (struct span){ in, n },
				     pub, &f->alice->name, FIX_NOW),
		    SOTTO_EFORMAT);
	rsa_pub_free(pub);
	rsa_pub_free(not_hers);
	rsa_key_free(k);
	rsa_key_free(other);
}

/* Keys of different use are different keys. */
static void
test_keys_are_separate(void **state)
{
	struct fixture *f = *state;
	struct ed25519_pub dsk;
	struct x25519_pub dik, from_dsk;

	ed25519_pub_of(&dsk, &f->alice->dsk);
	x25519_pub_of(&dik, &f->alice->dik);
	assert_memory_not_equal(f->alice->dsk.b, f->alice->dik.b, KEY_LEN);
	x25519_pub_of(&from_dsk,
	    (const struct x25519_sec *)(const void *)&f->alice->dsk);
	assert_memory_not_equal(from_dsk.b, dik.b, POINT_LEN);
	assert_memory_not_equal(f->alice->master.b, f->bob->master.b, KEY_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_armor_exact),
		cmocka_unit_test(test_armor_every_length),
		cmocka_unit_test(test_armor_refuses),
		cmocka_unit_test(test_keyfile_round_trip),
		cmocka_unit_test(test_keyfile_is_salted),
		cmocka_unit_test(test_keyfile_flipped_bits),
		cmocka_unit_test(test_keyfile_costs),
		cmocka_unit_test(test_keyfile_cut_and_longer),
		cmocka_unit_test(test_ident_round_trip),
		cmocka_unit_test(test_ident_refuses),
		cmocka_unit_test(test_device_certificate),
		cmocka_unit_test(test_keys_are_separate),
	};

	return cmocka_run_group_tests_name("keyfile", tests, fix_setup,
	    fix_teardown);
}
