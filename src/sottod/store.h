/*
 * store - what the relay keeps: users, invites, its own name.  One SQLite
 * file, sottod.db in the state folder; no message is ever in it.
 *
 * Thread: a handle belongs to one thread; several processes may have one each.
 * Every failure leaves a sentence in store_error().
 */
#ifndef SOTTOD_STORE_H
#define SOTTOD_STORE_H

#include "base/db.h"
#include "base/name.h"

#include "crypto/cert.h"
#include "crypto/hs.h"
#include "crypto/invite.h"

struct store;

/* store_open - Returns owned in *out.  err gets a sentence. */
enum sotto_err store_open(struct store **out, const char *dir,
    char err[DB_ERR_MAX]);
void store_close(struct store *s); /* accepts NULL */
const char *store_error(const struct store *s);

/* store_relay_name - "" if it was never set.  It never changes afterwards. */
enum sotto_err store_relay_name(struct store *s, char out[CERT_RELAY_MAX + 1]);
enum sotto_err store_set_relay_name(struct store *s, const char *name);

/* ---- users ---- */

struct store_user {
	struct name name;
	struct span spki;       /* DER; borrows during the callback */
	uint64_t created_at;    /* seconds since 1970, as all below */
	uint64_t last_login_at; /* 0: never */
	uint64_t revoked_at;    /* 0: not revoked */
	uint64_t cert_not_after;
};

/* store_users - call fn for each, by name; fn stops it by answering 0. */
enum sotto_err store_users(struct store *s,
    int (*fn)(void *ctx, const struct store_user *u), void *ctx);

/* store_find_user - without the key.  SOTTO_EFORMAT: there is none. */
enum sotto_err store_find_user(struct store *s, struct store_user *out,
    const struct name *n);

/* store_revoke - SOTTO_EFORMAT: there is no such user (or revoked already). */
enum sotto_err store_revoke(struct store *s, const struct name *n,
    uint64_t now);

struct store_login {
	struct name name;
	uint64_t at;
};
/* store_logged_in - n of them, in one transaction. */
enum sotto_err store_logged_in(struct store *s, const struct store_login *l,
    size_t n);

/* store_renewed - a new certificate for the same key. */
enum sotto_err store_renewed(struct store *s, const struct name *n,
    struct span cert, uint64_t not_after);

/* ---- invites ---- */

struct store_invite {
	uint8_t id[INVITE_TOKEN_ID_LEN];
	struct key psk;   /* secret */
	struct name name; /* "": any name */
	char label[64];
	uint64_t made_at, expires_at;
	unsigned uses_left;
};

enum sotto_err store_add_invite(struct store *s, const struct store_invite *i);

/* store_open_invites - that still let somebody in; 0 also for an error. */
unsigned store_open_invites(struct store *s, uint64_t now);
/* store_has_invites - 1, 0, or -1 for an error; used-up ones count too. */
int store_has_invites(struct store *s);

/*
 * store_find_invite - also one that is used up or over: whether it still lets
 * somebody in is store_enrol()'s to say.  SOTTO_EFORMAT: there is none.
 */
enum sotto_err store_find_invite(struct store *s, struct store_invite *out,
    const uint8_t id[INVITE_TOKEN_ID_LEN]);

/* ---- enrolment ---- */

struct store_enrol {
	uint8_t token_id[INVITE_TOKEN_ID_LEN];
	struct name name;
	struct span spki, device_cert;
	struct span cert; /* made for it; kept if it is let in */
	uint64_t cert_not_after;
	uint64_t now;
};

/*
 * store_enrol - in one transaction: is the invite good, the name and the key
 * free?  Then the user is there and the invite used once.  The same name with
 * the same key is let in again, for its invite's life without using it up, and
 * gets the new certificate: so a client that lost the answer can ask again.
 * *status says the outcome.
 * Errors:  SOTTO_EIO: nothing was changed.
 */
enum sotto_err store_enrol(struct store *s, const struct store_enrol *e,
    enum hs_status *status);

#endif
