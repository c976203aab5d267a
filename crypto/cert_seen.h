/*
 * cert_seen - what an authority's certificates were found to be, for a while:
 * a relay meets the same few again and again, and reading one costs several
 * times what checking its signature does.  Private to cert.
 *
 * Only what was good is kept, by a hash over all that was checked, with its
 * dates; what is not found is checked anew.  Thread: one at a time.
 */
#ifndef CRYPTO_CERT_SEEN_H
#define CRYPTO_CERT_SEEN_H

#include "crypto/prim.h"

/* How many are kept; a newer one takes the place of an older. */
#define CERT_SEEN_MAX 2048

struct cert_seen;

struct cert_seen *cert_seen_new(void);    /* Returns owned, or NULL */
void cert_seen_free(struct cert_seen *s); /* accepts NULL */

/* cert_seen_good - 1: it was good, and its time has begun and is not over. */
int cert_seen_good(struct cert_seen *s, const struct hash *what, uint64_t now);
void cert_seen_put(struct cert_seen *s, const struct hash *what,
    uint64_t not_before, uint64_t not_after);

#endif
