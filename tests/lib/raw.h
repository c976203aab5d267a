/*
 * raw - a login and a tunnel over a blocking socket, without the engine: for
 * benchmarks, and for what a client of ours would never do.
 */
#ifndef TESTS_RAW_H
#define TESTS_RAW_H

#include "crypto/hs.h"
#include "crypto/ident.h"
#include "crypto/tunnel.h"
#include "net/wire.h"
#include "tests/lib/world.h"

struct raw {
	int fd;
	struct tunnel *t;
	struct buf in, out;
	uint8_t scratch[TUNNEL_BODY_MAX];
	struct tunnel_in ev;
	struct hs_ticket ticket; /* that came with the login; secret */
};

/* raw_ident - the identity of a profile's folder that drive_enrol() made. */
struct ident *raw_ident(const char *dir);

/* raw_enrol - a new user of that relay; the engine that enrolled is gone. */
struct ident *raw_enrol(struct world *w, const char *name);

/* raw_login - as id, to the relay on that port.  Fails the test. */
void raw_login(struct raw *r, const struct ident *id, uint16_t port);
/* raw_resume - the same with the ticket of a login before, without RSA. */
void raw_resume(struct raw *r, const struct ident *id, uint16_t port,
    const struct hs_ticket *t);
void raw_close(struct raw *r);

/* raw_relay - queue a message to be passed on; raw_flush() sends. */
void raw_relay(struct raw *r, enum chat_type t, const char *to, uint64_t ref,
    struct span payload);
/* raw_cmd - queue a command. */
void raw_cmd(struct raw *r, const struct wire_cmd *c);
void raw_flush(struct raw *r);
/* raw_try - the next of what can be read at once, as raw_next(); NONE if it is not
 * whole yet, CLOSED also for a connection that broke. */
enum tunnel_event raw_try(struct raw *r);
/* raw_next - the next message or command; in r->ev.  Waits. */
enum tunnel_event raw_next(struct raw *r);

#endif
