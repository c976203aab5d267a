/*
 * renew - a user's certificate is made anew while the relay runs; on the pool,
 * with a handle of its own.
 */
#ifndef SOTTOD_RENEW_H
#define SOTTOD_RENEW_H

#include "sottod/conn.h"

/* renew_start - WIRE_RENEW: a certificate for the same key; answered later. */
void renew_start(struct conn *c, const struct wire_cmd *cmd);

#endif
