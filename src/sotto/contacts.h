/*
 * contacts - what the client keeps about people: pinned keys, how they were
 * verified, requests that were seen; in the vault.  Thread: the engine's.
 */
#ifndef SOTTO_CONTACTS_H
#define SOTTO_CONTACTS_H

#include "crypto/chat.h"
#include "sotto/msgs.h"
#include "sotto/vault.h"

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
enum sotto_err contacts_get(struct vault *v, struct contact *out,
    const struct name *n);
/* contacts_put - new or changed; on disk when this returns. */
enum sotto_err contacts_put(struct vault *v, const struct contact *p);
/* contacts_drop - nobody of that name is known any more. */
enum sotto_err contacts_drop(struct vault *v, const struct name *n);
/* contacts_each - all that can be read; how many could not is *damaged. */
enum sotto_err contacts_each(struct vault *v,
    void (*fn)(void *ctx, const struct contact *p), void *ctx, size_t *damaged);

/*
 * contacts_seen - was that request seen before?  1: yes; 0: no, and now it
 * is; -1: error.  Forgets what is older than 60 days.
 */
int contacts_seen(struct vault *v, const struct chat_id *id, uint64_t now);

#endif
