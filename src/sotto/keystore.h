/*
 * keystore - the key file of a profile, "key" in its folder: read and written
 * off the loop, because Argon2id takes about a second.
 */
#ifndef SOTTO_KEYSTORE_H
#define SOTTO_KEYSTORE_H

#include <sys/types.h>

#include "crypto/ident.h"
#include "crypto/keyfile.h"

/* Characters that a passphrase has at least. */
#define KEYSTORE_PASS_MIN 8

/* keystore_exists - 1 if there is a key file in dir. */
int keystore_exists(const char *dir);

/*
 * keystore_load - Errors: SOTTO_EAUTH: wrong passphrase; SOTTO_EFORMAT,
 * SOTTO_ETOOBIG: damaged; SOTTO_EIO with errno; SOTTO_ENOMEM.
 */
enum sotto_err keystore_load(struct ident *id, const char *dir,
    const char *pass);

/* keystore_save - replaces the file as a whole, mode 0600. */
enum sotto_err keystore_save(const struct ident *id, const char *dir,
    const char *pass, const struct keyfile_cost *cost, const struct rng *g);

/*
 * keystore_lock - one client at a time: makes dir, and holds dir/lock until *fd
 * is closed.
 * Errors:  SOTTO_EAGAIN: *holder has it; SOTTO_EIO with errno.
 */
enum sotto_err keystore_lock(const char *dir, int *fd, pid_t *holder);

/* keystore_remove - of an enrolment that came to nothing. */
void keystore_remove(const char *dir);

#endif
