#include "sottod/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "sottod/conn.h"
#include "sottod/epoch.h"
#include "sottod/mail.h"
#include "sottod/tickets.h"

#define DAY_MS      (24ULL * 3600 * 1000)
#define STOP_MS     3000 /* for everybody's goodbye */
#define LIMIT_ADDRS 16384
#define LIMIT_NAMES 16384

uint64_t
server_now(void)
{
	return clock_wall_ms() / 1000;
}

/* ---- identity ---- */

struct identity *
identity_ref(struct identity *id)
{
	id->refs++;
	return id;
}

void
identity_unref(struct identity *id)
{
	if (id == NULL || --id->refs > 0)
		return;
	cert_anchor_free(id->anchor);
	ca_close(&id->ca);
	free(id);
}

static void
fill_identity(struct identity *id, const struct sottod_conf *c)
{
	id->hs.suites = c->suites;
	id->hs.sik = id->ca.server;
	id->hs.server_cert =
	    (struct span){ id->ca.server_cert, id->ca.server_cert_len };
	id->hs.ca_cert = (struct span){ id->ca.ca_cert, id->ca.ca_cert_len };
	id->hs.anchor = id->anchor = cert_anchor_new(id->hs.ca_cert);
	id->hs.relay = id->ca.relay;
	id->hs.limits = (struct hs_limits){ .message_max = c->message_max,
		.requests_min = c->requests_minute,
		.idle_s = c->idle_s };
}

/* Daily: a server certificate that is near its end is made anew. */
static void
on_daily(void *ctx)
{
	struct server *s = ctx;
	struct identity *fresh = calloc(1, sizeof(*fresh));
	char err[CA_ERR_MAX];

	loop_timer_set(s->daily, DAY_MS);
	if (fresh == NULL)
		return;
	if (ca_open(&fresh->ca, s->conf, s->store, server_now(), NULL, err) !=
	    SOTTO_OK) {
		log_say(s->audit.log, LOG_ERROR, "%s", err);
		free(fresh);
		return;
	}
	fresh->refs = 1;
	fill_identity(fresh, s->conf);
	identity_unref(s->id);
	s->id = fresh;
}

/* ---- users ---- */

struct load {
	struct server *s;
	enum sotto_err e;
};

static int
on_user(void *ctx, const struct store_user *u)
{
	struct load *l = ctx;
	struct dir_user *d;

	l->e = dir_put(l->s->dir, &u->name, u->spki, u->revoked_at != 0);
	if (l->e != SOTTO_OK)
		return 0;
	d = dir_find(l->s->dir, &u->name);
	if (d->revoked && d->conn != NULL)
		conn_bye(d->conn, TUNNEL_CLOSE_REVOKED);
	return 1;
}

enum sotto_err
server_load_users(struct server *s)
{
	struct load l = { s, SOTTO_OK };
	enum sotto_err e = store_users(s->store, on_user, &l);

	return e != SOTTO_OK ? e : l.e;
}

void
server_tell_change(struct server *s, const struct dir_user *u)
{
	const struct wire_cmd cmd = { .type = WIRE_CHANGE,
		.state = u->state,
		.name = u->name };

	for (struct dir_user *v = dir_online(s->dir); v != NULL;
	     v = v->online_next)
		if (v != u && v->conn != NULL && v->conn->watching)
			conn_command(v->conn, &cmd);
}

/* ---- signals ---- */

static void
stop_now(void *ctx)
{
	struct server *s = ctx;

	while (s->conns != NULL)
		conn_drop(s->conns, "the relay stops");
	loop_stop(s->loop);
}

void
server_gone(struct server *s)
{
	if (s->stopping && s->conns == NULL)
		loop_stop(s->loop);
}

static void
on_stop(void *ctx)
{
	struct server *s = ctx;

	if (s->stopping) { /* twice: at once */
		stop_now(s);
		return;
	}
	s->stopping = 1;
	log_say(s->audit.log, LOG_INFO, "stopping, %zu connections",
	    s->n_conns);
	for (size_t i = 0; i < s->n_listeners; i++)
		tcp_listener_free(s->listener[i]);
	s->n_listeners = 0;
	for (struct conn *c = s->conns, *next; c != NULL; c = next) {
		next = c->next;
		conn_stop(c);
	}
	loop_timer_set(s->stop_timer, STOP_MS);
	server_gone(s);
}

static void
on_reload(void *ctx)
{
	struct server *s = ctx;

	if (s->audit.log != NULL && log_reopen(s->audit.log) != SOTTO_OK)
		log_say(s->audit.log, LOG_ERROR,
		    "cannot open the log file anew: %s", strerror(errno));
	tickets_reload(s->tickets, server_now());
	if (server_load_users(s) != SOTTO_OK)
		log_say(s->audit.log, LOG_ERROR, "store: %s",
		    store_error(s->store));
	else
		log_say(s->audit.log, LOG_INFO, "users read again: %zu",
		    dir_n_users(s->dir));
}

/* ---- start and end ---- */

static void
on_accept(void *ctx, struct tcp *t)
{
	conn_accept(ctx, t);
}

static enum sotto_err
start_listening(struct server *s, char err[CA_ERR_MAX])
{
	const struct sottod_conf *c = s->conf;
	uint16_t port = c->port;

	for (size_t i = 0; i < c->n_listen; i++) {
		const struct tcp_listen_conf lc = { .host = c->listen[i],
			.port = port,
			.out_max = CONN_OUT_MAX };
		struct tcp_listener *l = NULL;
		const char *why;
		enum sotto_err e;

		e = tcp_listen(&l, s->loop, &lc, on_accept, s, &why);
		if (e != SOTTO_OK) {
			(void)snprintf(err, CA_ERR_MAX,
			    "cannot listen on %s port %u: %s", c->listen[i],
			    port, why);
			return e;
		}
		s->listener[s->n_listeners++] = l;
		/* "Any port" means the same one for both families. */
		port = tcp_listener_port(l);
	}
	return SOTTO_OK;
}

static int
make_parts(struct server *s)
{
	const struct sottod_conf *c = s->conf;

	s->scratch = malloc(TUNNEL_BODY_MAX);
	s->turn = malloc(TUNNEL_RELAY_MAX);
	s->dir = dir_new();
	s->addrs = addrs_new(&s->g);
	s->by_address = limit_new(LIMIT_ADDRS, &s->g);
	s->by_name = limit_new(LIMIT_NAMES, &s->g);
	s->by_user = limit_new(LIMIT_NAMES, &s->g);
	s->loop = loop_new();
	if (s->scratch == NULL || s->turn == NULL || s->dir == NULL ||
	    s->addrs == NULL || s->by_address == NULL || s->by_name == NULL ||
	    s->by_user == NULL || s->loop == NULL)
		return 0;
	s->daily = loop_timer_new(s->loop, on_daily, s);
	s->stop_timer = loop_timer_new(s->loop, stop_now, s);
	s->sig[0] = loop_signal_new(s->loop, SIGTERM, on_stop, s);
	s->sig[1] = loop_signal_new(s->loop, SIGINT, on_stop, s);
	s->sig[2] = loop_signal_new(s->loop, SIGHUP, on_reload, s);
	if (s->daily == NULL || s->stop_timer == NULL || s->sig[0] == NULL ||
	    s->sig[1] == NULL || s->sig[2] == NULL)
		return 0;
	s->epochs = epochs_new(s->loop, c->epoch_uses, c->epoch_s, &s->g);
	s->tickets = tickets_new(s->loop, c->state, &s->g, server_now());
	return s->epochs != NULL && s->tickets != NULL;
}

enum sotto_err
server_start(struct server *s, const struct sottod_conf *c, struct log *log,
    struct store *st, struct identity *id, char err[CA_ERR_MAX])
{
	enum sotto_err e = SOTTO_ENOMEM;

	memset(s, 0, sizeof(*s));
	s->conf = c;
	s->g = rng_system();
	s->audit = (struct audit){ log, c->log_names };
	s->free_slot = 0;
	rng_fill(&s->g, s->cookie_key.b, sizeof(s->cookie_key.b));
	(void)snprintf(err, CA_ERR_MAX, "memory ran out");
	if (!make_parts(s))
		goto fail;
	s->store = st;
	fill_identity(id, c);
	s->id = id;
	if ((e = server_load_users(s)) != SOTTO_OK) {
		(void)snprintf(err, CA_ERR_MAX, "the store says: %s",
		    store_error(st));
		goto fail;
	}
	if ((e = mail_room_open(&s->mail, s, err)) != SOTTO_OK)
		goto fail;
	if ((e = start_listening(s, err)) != SOTTO_OK)
		goto fail;
	loop_timer_set(s->daily, DAY_MS);
	return SOTTO_OK;
fail:
	s->store = NULL; /* both are still the caller's */
	s->id = NULL;
	server_free(s);
	return e;
}

void
server_run(struct server *s)
{
	loop_run(s->loop);
}

void
server_free(struct server *s)
{
	for (size_t i = 0; i < s->n_listeners; i++)
		tcp_listener_free(s->listener[i]);
	for (size_t i = 0; i < sizeof(s->sig) / sizeof(s->sig[0]); i++)
		loop_signal_free(s->sig[i]);
	loop_timer_free(s->daily);
	loop_timer_free(s->stop_timer);
	epochs_free(s->epochs);
	tickets_free(s->tickets);
	mail_room_stop(s->mail);
	loop_free(s->loop); /* after the last job, which may need the rest */
	mail_room_free(s->mail);
	identity_unref(s->id);
	store_close(s->store);
	dir_free(s->dir);
	addrs_free(s->addrs);
	limit_free(s->by_address);
	limit_free(s->by_name);
	limit_free(s->by_user);
	free(s->slots);
	free(s->scratch);
	free(s->turn);
	memset(s, 0, sizeof(*s));
}
