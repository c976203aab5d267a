/*
 * addrs - how many connections, and how many unfinished logins, each address
 * has.  An entry exists as long as there is something to count, so the table
 * is never larger than the number of connections.
 */
#ifndef SOTTOD_ADDRS_H
#define SOTTOD_ADDRS_H

#include "crypto/prim.h"
#include "net/tcp.h"

struct addr {
	struct addr *next;
	uint8_t key[TCP_KEY_MAX];
	size_t key_len;
	unsigned conns, logins;
};

struct addrs;

struct addrs *addrs_new(const struct rng *g); /* Returns owned, or NULL */
void addrs_free(struct addrs *a);             /* accepts NULL */

/* addrs_enter - count one more connection.  Borrowed until addrs_leave(), or
 * NULL: no memory. */
struct addr *addrs_enter(struct addrs *a, const struct tcp_peer *p);
/* addrs_leave - one less; the entry may be gone afterwards. */
void addrs_leave(struct addrs *a, struct addr *of);

#endif
