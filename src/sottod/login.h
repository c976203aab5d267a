/*
 * login - a connection's way from the first byte to M4; the relay's policy
 * around the pure machine of crypto/hs.h.
 */
#ifndef SOTTOD_LOGIN_H
#define SOTTOD_LOGIN_H

#include "sottod/conn.h"

/* login_m1, login_m3 - a whole frame in the state that may have it. */
void login_m1(struct conn *c, struct span frame);
void login_m3(struct conn *c, struct span frame);

/* login_refuse - at once, for a cause that tells nothing; why is static. */
void login_refuse(struct conn *c, enum hs_fail code, const char *why);
/* login_failed - the machine has failed: log it, delay, close. */
void login_failed(struct conn *c);

#endif
