/*
 * renew - what is written to the store while the relay runs: renewed user
 * certificates and the times of logins; on the pool, with handles of its own.
 */
#ifndef SOTTOD_RENEW_H
#define SOTTOD_RENEW_H

#include "sottod/conn.h"

/* renew_start - WIRE_RENEW: a certificate for the same key; answered later. */
void renew_start(struct conn *c, const struct wire_cmd *cmd);

/* renew_note_login - when u was last here is stored, at most once an hour. */
void renew_note_login(struct server *s, struct dir_user *u);

#endif
