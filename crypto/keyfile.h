/*
 * keyfile - secrets at rest under a passphrase: Argon2id, a commitment that
 * tells a wrong passphrase from a damaged file, XChaCha20-Poly1305.
 * Source: sotto-protocol(7), KEY FILE.
 */
#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include "crypto/prim.h"

#define KEYFILE_TEXT_MAX  32768 /* largest file, with armour */
#define KEYFILE_PLAIN_MAX 16384

struct keyfile_cost {
	uint32_t passes; /* 2 to 10 */
	uint64_t mem;    /* bytes, 64 MiB to 1 GiB */
};

/* keyfile_default_cost - 3 passes, 256 MiB: about 0.6 s. */
struct keyfile_cost keyfile_default_cost(void);

/* keyfile_cost_ok - SOTTO_ETOOBIG if it is out of the range above. */
enum sotto_err keyfile_cost_ok(const struct keyfile_cost *c);

/*
 * keyfile_seal - the text of a key file.  About a second, cost.mem of memory.
 * Errors:  SOTTO_ENOSPACE, SOTTO_ENOMEM, SOTTO_ETOOBIG.
 */
enum sotto_err keyfile_seal(struct wr *out, struct span plain, struct span pass,
    const struct keyfile_cost *cost, const struct rng *g);

/*
 * keyfile_open - out must have room for KEYFILE_PLAIN_MAX bytes of secret.
 * Errors:  SOTTO_EAUTH: wrong passphrase, nothing else.  SOTTO_EFORMAT: not a
 *          key file, or damaged.  SOTTO_ETOOBIG: its cost is out of range;
 *          found before any memory is taken.  SOTTO_ENOMEM.
 */
enum sotto_err keyfile_open(struct wr *out, struct span text, struct span pass);

#endif
