#include "sottod/server.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "sottod/conn.h"
#include "sottod/epoch.h"
#include "sottod/expose.h"
#include "sottod/mail.h"
#include "sottod/news.h"
#include "sottod/seen.h"
#include "sottod/tickets.h"

#define DAY_MS    (24ULL * 3600 * 1000)
#define STOP_MS   3000 /* for everybody's goodbye */
#define SWEEP_MS  5000
#define REST_MS   10000
#define TRIM_AT   64 /* who rest, at once */
#define TRIM_EACH 12 /* sweeps: a minute */
/* So many jobs before nobody is let in any more, and again: a second of RSA. */
#define JOBS_HIGH   256
#define JOBS_LOW    128
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
	id->hs.limits =
	    (struct hs_limits){ .message_max = c->limits.message_max,
		    .requests_min = c->limits.requests_minute,
		    .idle_s = c->limits.idle_s };
}

/* The certificate as the state folder and the names have it now: made anew if
 * it is near its end, or names other hosts. */
static void
renew_identity(struct server *s)
{
	struct identity *fresh = calloc(1, sizeof(*fresh));
	char err[CA_ERR_MAX];

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

static void
on_daily(void *ctx)
{
	struct server *s = ctx;

	loop_timer_set(s->daily, DAY_MS);
	renew_identity(s);
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

/* ---- silence ---- */

/* Who said nothing for too long has to go; who said nothing for a while gives
 * back memory. */
static void
on_sweep(void *ctx)
{
	struct server *s = ctx;
	const uint64_t now = loop_now_ms(s->loop);
	size_t rested = 0;

	loop_timer_set(s->sweep, SWEEP_MS);
	audit_sweep(&s->audit, now);
	for (struct conn *c = s->conns, *next; c != NULL; c = next) {
		const uint64_t quiet = now - c->seen_ms;

		next = c->next;
		if (c->state == CONN_OPEN && quiet >= s->idle_ms)
			conn_bye(c, TUNNEL_CLOSE_IDLE);
		else if (c->state == CONN_OPEN && quiet >= REST_MS &&
		    !c->rested) {
			conn_rest(c);
			rested++;
		} else if (c->state != CONN_OPEN && c->timer == NULL)
			conn_drop(c, "memory ran out");
	}
	/* Holes between what stays: whole pages of them go back, too. */
	if (rested >= TRIM_AT || ++s->sweeps % TRIM_EACH == 0)
		(void)malloc_trim(0);
}

static void
on_queue(void *ctx)
{
	conn_turns(ctx);
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

/* What clients were told when they logged in holds, and what is in use. */
static void
keep_told(struct server *s, struct sottod_conf *fresh)
{
	const struct sottod_limits *was = &s->conf->limits;
	struct sottod_limits *l = &fresh->limits;

	if (l->idle_s != was->idle_s || l->message_max != was->message_max ||
	    l->epoch_uses != was->epoch_uses || l->epoch_s != was->epoch_s)
		log_say(s->audit.log, LOG_WARN,
		    "idle, message-max, epoch and epoch-uses change with a "
		    "restart only");
	l->idle_s = was->idle_s;
	l->message_max = was->message_max;
	l->epoch_uses = was->epoch_uses;
	l->epoch_s = was->epoch_s;
}

/* What can change while people are connected; workers read nothing of it. */
static void
take_conf(struct server *s, struct sottod_conf *fresh)
{
	struct sottod_conf *c = s->conf;

	if (strcmp(c->state, fresh->state) != 0 ||
	    (fresh->port != 0 && c->port != fresh->port) ||
	    c->metrics_port != fresh->metrics_port ||
	    c->n_listen != fresh->n_listen ||
	    memcmp(c->listen, fresh->listen, sizeof(c->listen)) != 0)
		log_say(s->audit.log, LOG_WARN,
		    "where the relay listens, and its state folder, change "
		    "with a restart only");
	memcpy(c->names, fresh->names, sizeof(c->names));
	c->n_names = fresh->n_names;
	c->suites = fresh->suites;
	c->legacy = fresh->legacy;
	c->tickets = fresh->tickets;
	keep_told(s, fresh);
	c->limits = fresh->limits;
	c->level = fresh->level;
	c->log_names = s->audit.names = fresh->log_names;
	log_set_level(s->audit.log, c->level);
}

static void
on_reload(void *ctx)
{
	struct server *s = ctx;
	struct sottod_conf *fresh = calloc(1, sizeof(*fresh));
	char err[CONF_ERR_MAX];
	int taken = 0;

	if (s->audit.log != NULL && log_reopen(s->audit.log) != SOTTO_OK)
		log_say(s->audit.log, LOG_ERROR,
		    "cannot open the log file anew: %s", strerror(errno));
	if (fresh != NULL && s->again != NULL) {
		taken = s->again(s->again_ctx, fresh, err) == SOTTO_OK;
		if (taken)
			take_conf(s, fresh);
		else
			log_say(s->audit.log, LOG_ERROR,
			    "the configuration stays as it was: %s", err);
	}
	free(fresh);
	renew_identity(s);
	tickets_reload(s->tickets, server_now());
	if (server_load_users(s) != SOTTO_OK)
		log_say(s->audit.log, LOG_ERROR, "store: %s",
		    store_error(s->store));
	else
		log_say(s->audit.log, LOG_INFO,
		    "read again: %scertificate, %zu users",
		    taken ? "configuration, " : "", dir_n_users(s->dir));
}

/* ---- start and end ---- */

static void
on_turn(void *ctx)
{
	struct server *s = ctx;
	const size_t jobs = loop_work_pending(s->loop);

	stats_took(&s->stats.turn, loop_turn_us(s->loop));
	s->steps = 0;
	/* Without a wait: but the others are looked at before. */
	if (s->queue != NULL)
		loop_timer_set(s->queue_timer, 0);
	if (s->paused ? jobs < JOBS_LOW : jobs > JOBS_HIGH) {
		s->paused = !s->paused;
		for (size_t i = 0; i < s->n_listeners; i++)
			tcp_listener_pause(s->listener[i], s->paused);
	}
	log_flush(s->audit.log);
}

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
	s->conn_pool = pool_new(sizeof(struct conn));
	s->tunnel_pool = pool_new(tunnel_size());
	s->addrs = addrs_new(&s->g);
	s->by_address = limit_new(LIMIT_ADDRS, &s->g);
	s->by_name = limit_new(LIMIT_NAMES, &s->g);
	s->by_user = limit_new(LIMIT_NAMES, &s->g);
	s->loop = loop_new();
	if (s->scratch == NULL || s->turn == NULL || s->dir == NULL ||
	    s->conn_pool == NULL || s->tunnel_pool == NULL ||
	    s->addrs == NULL || s->by_address == NULL || s->by_name == NULL ||
	    s->by_user == NULL || s->loop == NULL)
		return 0;
	s->idle_ms = (uint64_t)c->limits.idle_s * 1000;
	s->daily = loop_timer_new(s->loop, on_daily, s);
	s->sweep = loop_timer_new(s->loop, on_sweep, s);
	s->queue_timer = loop_timer_new(s->loop, on_queue, s);
	s->queue_last = &s->queue;
	s->news = news_new(s);
	s->seen = seen_new(s->loop, c->state);
	s->stop_timer = loop_timer_new(s->loop, stop_now, s);
	s->sig[0] = loop_signal_new(s->loop, SIGTERM, on_stop, s);
	s->sig[1] = loop_signal_new(s->loop, SIGINT, on_stop, s);
	s->sig[2] = loop_signal_new(s->loop, SIGHUP, on_reload, s);
	if (s->daily == NULL || s->sweep == NULL || s->queue_timer == NULL ||
	    s->news == NULL || s->seen == NULL || s->stop_timer == NULL ||
	    s->sig[0] == NULL || s->sig[1] == NULL || s->sig[2] == NULL)
		return 0;
	s->epochs =
	    epochs_new(s->loop, c->limits.epoch_uses, c->limits.epoch_s, &s->g);
	s->tickets = tickets_new(s->loop, c->state, &s->g, server_now());
	return s->epochs != NULL && s->tickets != NULL;
}

enum sotto_err
server_start(struct server *s, struct sottod_conf *c, struct log *log,
    struct store *st, struct identity *id, char err[CA_ERR_MAX])
{
	enum sotto_err e = SOTTO_ENOMEM;

	memset(s, 0, sizeof(*s));
	s->conf = c;
	s->g = rng_system();
	s->stats.started_at = server_now();
	s->audit = (struct audit){ .log = log, .names = c->log_names };
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
	if ((e = start_listening(s, err)) != SOTTO_OK ||
	    (e = expose_new(&s->expose, s, err)) != SOTTO_OK)
		goto fail;
	loop_timer_set(s->daily, DAY_MS);
	loop_timer_set(s->sweep, SWEEP_MS);
	loop_on_turn(s->loop, on_turn, s);
	log_wait(log);
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
	loop_timer_free(s->sweep);
	loop_timer_free(s->queue_timer);
	news_free(s->news);
	expose_free(s->expose);
	epochs_free(s->epochs);
	tickets_free(s->tickets);
	mail_room_stop(s->mail);
	seen_stop(s->seen);
	loop_free(s->loop); /* after the last job, which may need the rest */
	mail_room_free(s->mail);
	seen_free(s->seen);
	identity_unref(s->id);
	store_close(s->store);
	dir_free(s->dir);
	addrs_free(s->addrs);
	limit_free(s->by_address);
	limit_free(s->by_name);
	limit_free(s->by_user);
	pool_free(s->conn_pool);
	pool_free(s->tunnel_pool);
	free(s->slots);
	free(s->scratch);
	free(s->turn);
	memset(s, 0, sizeof(*s));
}
