/*
 * expose - where the numbers of stats.h can be had: the socket "status" in the
 * state folder, which answers each connection with a line of JSON; and, if the
 * configuration names a port, HTTP on 127.0.0.1 for Prometheus.
 * Thread: the loop's.
 */
#ifndef SOTTOD_EXPOSE_H
#define SOTTOD_EXPOSE_H

#include "sottod/server.h"

struct expose;

/* expose_new - Returns owned in *out.  err gets a sentence.  SOTTO_EIO. */
enum sotto_err expose_new(struct expose **out, struct server *s,
    char err[CA_ERR_MAX]);
void expose_free(struct expose *e); /* accepts NULL */

/* expose_ask - for sottod status: what the relay of that state folder answers,
 * with a NUL behind it.  SOTTO_EAGAIN: none runs there; SOTTO_EIO. */
enum sotto_err expose_ask(const char *state, char *out, size_t cap);

#endif
