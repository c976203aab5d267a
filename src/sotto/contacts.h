/*
 * contacts - what the client keeps about people, "sotto.db" in the profile's
 * folder: pinned keys, how they were verified, requests that were seen, the
 * renewed certificate.
 *
 * Every row is sealed under a key out of the key file (XChaCha20-Poly1305);
 * rows are found by HMACs of names, so a locked disk tells only how many there
 * are.  Thread: the engine's.
 */
#ifndef SOTTO_CONTACTS_H
#define SOTTO_CONTACTS_H

#include "base/db.h"

#include "crypto/chat.h"
#include "sotto/msgs.h"

struct contacts;

/* contacts_open - Returns owned in *out.  err gets a sentence. */
enum sotto_err contacts_open(struct contacts **out, const char *dir,
    const struct key *master, const struct rng *g, char err[DB_ERR_MAX]);
void contacts_close(struct contacts *c); /* wipes; accepts NULL */

/* One person. */
struct contact {
	struct name name;
	struct contact_info info;
	uint8_t spki[RSA_SPKI_MAX]; /* of the pinned key */
	size_t spki_len;
	uint8_t new_spki[RSA_SPKI_MAX]; /* TRUST_CHANGED */
	size_t new_spki_len;
};

/*
 * contacts_get - SOTTO_EAGAIN: nobody of that name; SOTTO_EAUTH: the row is
 * damaged and was not used; SOTTO_EIO.
 */
enum sotto_err contacts_get(struct contacts *c, struct contact *out,
    const struct name *n);
/* contacts_put - new or changed; on disk when this returns. */
enum sotto_err contacts_put(struct contacts *c, const struct contact *p);
/* contacts_each - all that can be read; how many could not is *damaged. */
enum sotto_err contacts_each(struct contacts *c,
    void (*fn)(void *ctx, const struct contact *p), void *ctx, size_t *damaged);

/*
 * contacts_seen - was that request seen before?  1: yes; 0: no, and now it
 * is; -1: error.  Forgets what is older than 48 hours.
 */
int contacts_seen(struct contacts *c, const struct chat_id *id, uint64_t now);

/* A small value that belongs to the profile, e.g. "certificate". */
enum sotto_err contacts_get_value(struct contacts *c, const char *key,
    uint8_t *out, size_t cap, size_t *n);
enum sotto_err contacts_put_value(struct contacts *c, const char *key,
    struct span value);

#endif
