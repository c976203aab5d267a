#include "crypto/hs_job.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define EPOCH_WINDOW 600 /* seconds */

struct hs_job *
hs_job_new(enum hs_job_kind kind, const struct rng *g)
{
	struct hs_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->kind = kind;
	j->g = *g;
	return j;
}

void
hs_job_free(struct hs_job *j)
{
	if (j == NULL)
		return;
	hs_epoch_unref(j->epoch);
	secret_wipe(j, sizeof(*j));
	free(j);
}

struct hs_epoch *
hs_epoch_new(struct rsa_key *key, const struct rng *g)
{
	struct hs_epoch *e = calloc(1, sizeof(*e));
	struct rsa_pub *pub = rsa_pub_of(key);
	uint8_t id[8];
	struct rd r;

	if (e == NULL || pub == NULL ||
	    rsa_pub_modulus(pub, e->modulus) != SOTTO_OK) {
		free(e);
		rsa_pub_free(pub);
		rsa_key_free(key);
		return NULL;
	}
	rsa_pub_free(pub);
	rng_fill(g, id, sizeof(id));
	rd_init(&r, SPAN(id));
	e->id = rd_u64(&r);
	e->key = key;
	atomic_init(&e->refs, 1);
	return e;
}

struct hs_epoch *
hs_epoch_ref(struct hs_epoch *e)
{
	(void)atomic_fetch_add(&e->refs, 1);
	return e;
}

void
hs_epoch_unref(struct hs_epoch *e)
{
	if (e == NULL || atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	rsa_key_free(e->key);
	secret_wipe(e, sizeof(*e));
	free(e);
}

void
hs_epoch_start(struct hs_epoch *e, uint64_t now)
{
	e->not_before = now;
	e->not_after = now + EPOCH_WINDOW;
}

static unsigned
leading_zeros(const struct hash *h)
{
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(h->b); i++) {
		for (unsigned bit = 0x80; bit != 0; bit >>= 1, n++)
			if ((h->b[i] & bit) != 0)
				return n;
	}
	return n;
}

int
hs_puzzle_ok(const uint8_t cookie[HS_COOKIE_LEN],
    const uint8_t nonce[HS_NONCE_LEN], const uint8_t answer[8],
    uint8_t difficulty)
{
	struct hash h;

	hash_parts(&h,
	    (const struct span[]){ { cookie, HS_COOKIE_LEN },
		{ nonce, HS_NONCE_LEN }, { answer, 8 } },
	    3);
	return leading_zeros(&h) >= difficulty;
}

static void
run_puzzle(struct hs_job *j)
{
	for (uint64_t n = 0;; n++) {
		struct wr w;

		wr_init(&w, j->answer, sizeof(j->answer));
		wr_u64(&w, n);
		if (hs_puzzle_ok(j->cookie, j->nonce, j->answer, j->difficulty))
			return;
	}
}

/* X25519 with a fresh point, then M2 and its signature. */
static void
run_hello(struct hs_job *j)
{
	const struct hs_server_conf *conf = j->conf;
	struct hs_m2 m2 = { .version = HS_VERSION,
		.kex = HS_KEX_RSA_X25519,
		.suite = (uint8_t)j->suite,
		.epoch_id = j->epoch->id,
		.not_before = j->epoch->not_before,
		.not_after = j->epoch->not_after,
		.bits = RSA_BITS,
		.modulus = SPAN(j->epoch->modulus),
		.cert = { conf->server_cert, conf->ca_cert },
		.n_certs = 2 };
	struct x25519_sec x; /* secret */
	struct key shared;   /* secret */
	uint8_t *sig;
	struct wr w;

	j->fault = HS_FAULT_KEYS;
	rng_fill(&j->g, m2.nonce, sizeof(m2.nonce));
	x25519_make(&x, &m2.es, &j->g);
	if (x25519_shared(&shared, &x, &j->ec) != SOTTO_OK)
		goto out;
	kdf_chain(&j->sched.s, &shared);

	j->fault = HS_FAULT_MEMORY;
	wr_init(&w, j->m2, sizeof(j->m2));
	hs_m2_write_unsigned(&w, &m2);
	hs_sched_th2(&j->sched, SPAN(j->m1), wr_out(&w));
	if ((sig = wr_take(&w, SIG_LEN)) == NULL ||
	    sign_hash(sig, conf->sik, SIGN_C2S_SERVER, &j->sched.th2) !=
		SOTTO_OK)
		goto out;
	j->m2_len = w.n;
	j->fault = HS_FAULT_NONE;
out:
	WIPE(x);
	WIPE(shared);
}

/*
 * A bad OAEP block is not told from a bad seal: a pmk drawn before takes the
 * place of the one that cannot be had, and the seal does not open.
 */
static void
run_open(struct hs_job *j)
{
	const struct span c = { j->m3 + HS_HEAD_LEN, RSA_LEN };
	const struct span head_and_c = { j->m3, HS_HEAD_LEN + RSA_LEN };
	const struct span sealed = { j->m3 + HS_HEAD_LEN + RSA_LEN + 2,
		HS_M3_INNER_LEN + AEAD_TAG_LEN };
	struct key pmk, opened; /* secret */
	struct hs_m3 m3;
	size_t n = 0;
	int ok;

	j->fault = HS_FAULT_KEYS;
	rng_fill(&j->g, pmk.b, sizeof(pmk.b));
	memset(&opened, 0, sizeof(opened));
	ok = rsa_oaep_open(j->epoch->key, SPAN(j->sched.th2.b), c, opened.b,
		 sizeof(opened.b), &n) == SOTTO_OK;
	if (ok && n == sizeof(opened.b))
		pmk = opened;
	hs_sched_keys(&j->sched, head_and_c, &pmk);
	if (aead_open_once(j->inner, &j->sched.c_hs, &j->sched.th3, sealed) !=
	    SOTTO_OK)
		goto out;
	j->fault = HS_FAULT_FORMAT;
	if (hs_m3_inner_read(&m3, SPAN(j->inner)) != SOTTO_OK)
		goto out;
	hs_sched_thc(&j->sched, &m3);
	hs_sched_th4(&j->sched, sealed);
	j->fault = HS_FAULT_NONE;
out:
	WIPE(pmk);
	WIPE(opened);
}

void
hs_job_run(struct hs_job *j)
{
	switch (j->kind) {
	case HS_JOB_PUZZLE:
		run_puzzle(j);
		break;
	case HS_JOB_HELLO:
		run_hello(j);
		break;
	case HS_JOB_OPEN:
		run_open(j);
		break;
	}
}
