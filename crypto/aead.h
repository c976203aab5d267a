/*
 * aead - the five cipher suites behind one shape.
 *
 * A context is made from one traffic secret, for one direction, and seals or
 * opens; its nonce is the iv XOR the low 96 bits of the message counter, so a
 * (key, nonce) pair repeats only if a caller repeats a counter.
 * Source: sotto-protocol(7), SUITES and RECORDS.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include "crypto/prim.h"

enum suite {
	SUITE_AES256_GCM = 0x01,
	SUITE_CHACHA20_POLY1305 = 0x02,
	SUITE_AES128_GCM = 0x03,
	/* Encrypt-then-MAC with HMAC-SHA256; off unless both sides ask. */
	SUITE_AES256_CBC_HMAC = 0x11,
	SUITE_AES128_CBC_HMAC = 0x12
};

#define SUITE_LIST_MAX 8

/* A list of suites in the order of preference; only known ones, each once. */
struct suite_list {
	uint8_t id[SUITE_LIST_MAX];
	size_t n;
};

/* suite_known - 1 and *out for an id of this program, else 0. */
int suite_known(uint8_t id, enum suite *out);
int suite_is_legacy(enum suite s);
/* suite_name - "AES-256-GCM"; static. */
const char *suite_name(enum suite s);
/* suite_parse - the suite with that name.  SOTTO_EFORMAT if there is none. */
enum sotto_err suite_parse(const char *name, enum suite *out);
/* suite_default - the order of sotto-protocol(7), with or without legacy. */
void suite_default(struct suite_list *l, int with_legacy);
int suite_in(const struct suite_list *l, enum suite s);

/*
 * suite_choose - the first of mine that is in theirs.
 * Errors:  SOTTO_EAUTH: none in common.
 */
enum sotto_err suite_choose(enum suite *out, const struct suite_list *mine,
    const struct suite_list *theirs);

enum aead_dir {
	AEAD_SEAL,
	AEAD_OPEN
};

struct aead {
	enum suite suite;
	struct aes *aes;            /* NULL for ChaCha20-Poly1305 */
	struct key key;             /* secret: ChaCha20's key, or the MAC key */
	uint8_t iv[AEAD_NONCE_LEN]; /* secret */
};

/* aead_init - derive key, iv and mac key from secret.  SOTTO_ENOMEM. */
enum sotto_err aead_init(struct aead *a, enum suite s, enum aead_dir dir,
    const struct key *secret);
/* aead_wipe - also good for a zeroed one. */
void aead_wipe(struct aead *a);

/* aead_sealed_len - size of n bytes of text when sealed. */
size_t aead_sealed_len(enum suite s, size_t n);

/*
 * aead_seal - out gets aead_sealed_len(in.n) bytes; in may be its first in.n
 * bytes where the suite is not a legacy one, and must not overlap it otherwise.
 * g draws the IV of the CBC suites and is not used by the others.  The counter
 * makes the nonce; the CBC suites have none, so the aad has to hold the
 * counter, too (that of records and of messages does).
 */
enum sotto_err aead_seal(struct aead *a, uint8_t *out, uint64_t counter,
    struct span aad, struct span in, const struct rng *g);

/*
 * aead_open - out needs room for in.n bytes; *out_len says how many are text.
 * Errors:  SOTTO_EAUTH: nothing of out may be used; it was wiped.
 */
enum sotto_err aead_open(struct aead *a, uint8_t *out, size_t *out_len,
    uint64_t counter, struct span aad, struct span in);

/*
 * aead_seal_once, aead_open_once - AES-256-GCM for a key that seals exactly
 * one message, whatever suite was chosen for others; the AAD is a transcript.
 */
enum sotto_err aead_seal_once(uint8_t *out, const struct key *secret,
    const struct hash *aad, struct span in);
enum sotto_err aead_open_once(uint8_t *out, const struct key *secret,
    const struct hash *aad, struct span in);

#endif
