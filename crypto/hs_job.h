/*
 * hs_job - the slow steps of a login; private to hs.  A job owns copies of
 * all that it needs, so that it outlives the connection it was made for.
 */
#ifndef CRYPTO_HS_JOB_H
#define CRYPTO_HS_JOB_H

#include "crypto/hs_msg.h"

#define HS_M1_FRAME_LEN (HS_HEAD_LEN + HS_M1_LEN)
#define HS_M3_FRAME_LEN (HS_HEAD_LEN + HS_M3_LEN)

enum hs_job_kind {
	HS_JOB_PUZZLE, /* client: find the answer to a retry */
	HS_JOB_HELLO,  /* server: X25519, M2, its signature */
	HS_JOB_OPEN    /* server: OAEP, the sealed part of M3 */
};

struct hs_job {
	enum hs_job_kind kind;
	struct rng g;
	enum hs_fault fault; /* out: HS_FAULT_NONE if it went well */

	/* PUZZLE: in cookie, nonce, difficulty; out answer */
	uint8_t cookie[HS_COOKIE_LEN], nonce[HS_NONCE_LEN], answer[8];
	uint8_t difficulty;

	/* HELLO: in conf, epoch, m1, suite, sched.s (early); out m2, sched */
	const struct hs_server_conf *conf;
	struct hs_epoch *epoch; /* a reference */
	uint8_t m1[HS_M1_FRAME_LEN];
	struct x25519_pub ec;
	enum suite suite;
	uint8_t m2[HS_FRAME_MAX];
	size_t m2_len;

	/* OPEN: in epoch, sched, m3; out inner (checked), sched */
	uint8_t m3[HS_M3_FRAME_LEN];
	uint8_t inner[HS_M3_INNER_LEN];
	struct hs_sched sched; /* secret */
};

/* hs_job_new - Returns owned, or NULL. */
struct hs_job *hs_job_new(enum hs_job_kind kind, const struct rng *g);

/* hs_puzzle_ok - SHA-256(cookie, nonce, answer) begins with that many zeros. */
int hs_puzzle_ok(const uint8_t cookie[HS_COOKIE_LEN],
    const uint8_t nonce[HS_NONCE_LEN], const uint8_t answer[8],
    uint8_t difficulty);

struct hs_epoch {
	_Atomic unsigned refs;
	struct rsa_key *key; /* secret */
	uint8_t modulus[RSA_LEN];
	uint64_t id, not_before, not_after;
};

#endif
