/*
 * server - the running relay: listeners, epoch keys, the directory, and all
 * connections.  Everything belongs to the loop's thread.
 */
#ifndef SOTTOD_SERVER_H
#define SOTTOD_SERVER_H

#include "base/pool.h"

#include "net/tcp.h"
#include "sottod/addrs.h"
#include "sottod/audit.h"
#include "sottod/ca.h"
#include "sottod/conf.h"
#include "sottod/directory.h"
#include "sottod/limit.h"
#include "sottod/stats.h"
#include "sottod/store.h"

/*
 * What a handshake hangs on; a renewed server certificate makes a new one, and
 * the old one lives as long as a handshake refers to it.
 */
struct identity {
	unsigned refs;
	struct ca ca;
	struct cert_anchor *anchor; /* owned: ca's; hs borrows it */
	struct hs_server_conf hs;
};
struct identity *identity_ref(struct identity *id);
void identity_unref(struct identity *id); /* accepts NULL */

struct epochs;    /* epoch.h */
struct tickets;   /* tickets.h */
struct mail_room; /* mail.h */
struct news;      /* news.h */
struct expose;    /* expose.h */
struct seen;      /* seen.h */

/* What a handle leads to; a generation is never used twice in a slot. */
struct conn_slot {
	struct conn *conn; /* NULL: free, and next_free is the next one */
	uint32_t generation, next_free;
};

struct server {
	struct sottod_conf *conf; /* borrowed; changed by a reload only */
	/* SIGHUP: what the configuration is now; as cli's.  NULL: as it was. */
	enum sotto_err (
	    *again)(void *ctx, struct sottod_conf *out, char err[CONF_ERR_MAX]);
	void *again_ctx;
	struct audit audit;
	struct loop *loop;
	struct store *store; /* read only here; writers have their own */
	struct identity *id;
	struct epochs *epochs;
	struct tickets *tickets;
	struct mail_room *mail;
	struct news *news;
	struct expose *expose;
	struct seen *seen;
	struct stats stats;
	struct directory *dir;
	struct limit *by_address, *by_name, *by_user;
	struct key cookie_key; /* secret */
	struct rng g;

	struct tcp_listener *listener[CONF_LISTEN_MAX];
	size_t n_listeners;
	struct loop_signal *sig[4];
	struct loop_timer *daily, *stop_timer, *sweep;

	struct conn *conns;                /* all, newest first */
	struct conn *logins, *logins_last; /* unfinished, oldest first */
	struct conn *queue, **queue_last;  /* of them: have a frame for us */
	unsigned steps;                    /* of logins, in this turn */
	struct loop_timer *queue_timer;
	int paused; /* accepting: the workers have enough to do */
	size_t n_conns, n_logins;
	struct pool *conn_pool, *tunnel_pool;
	struct conn_slot *slots; /* handles point here */
	uint32_t n_slots, free_slot;
	struct addrs *addrs;
	uint64_t last_number; /* of a connection, for the log */
	uint64_t idle_ms;     /* of silence, then we hang up */
	unsigned sweeps;
	int stopping;
	uint8_t *scratch; /* TUNNEL_BODY_MAX bytes, for one record */
	uint8_t *turn;    /* TUNNEL_RELAY_MAX bytes, for one message */
};

/*
 * server_start - listen; epoch key ready, so that whoever connects is served.
 * Takes id and st on success.  err gets a sentence.
 */
enum sotto_err server_start(struct server *s, struct sottod_conf *c,
    struct log *log, struct store *st, struct identity *id,
    char err[CA_ERR_MAX]);
/* server_run - until a signal; everybody is told, then it returns. */
void server_run(struct server *s);
void server_free(struct server *s);

/* server_load_users - the directory as the store has it.  SOTTO_EIO. */
enum sotto_err server_load_users(struct server *s);

/* What was too much for one turn goes on then; at once would be within the
 * same turn. */
#define SERVER_AGAIN_MS 1

/* server_now - seconds since 1970. */
uint64_t server_now(void);

/* server_gone - a connection has ended; when stopping, perhaps the last. */
void server_gone(struct server *s);

#endif
