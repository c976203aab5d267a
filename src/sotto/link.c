/* The connection to the relay; see engine_priv.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

#define REKEY_MS    (3600ULL * 1000)
#define BACKOFF_MS  1000
#define BACKOFF_MAX 60000

void
link_tell(struct engine *e, enum link_state s, uint64_t wait_ms,
    const char *text)
{
	struct msg *m = msg_new(EV_LINK);

	e->link.state = s;
	if (m == NULL)
		return;
	m->link = s;
	m->wait_ms = wait_ms;
	if (s == LINK_ONLINE)
		m->suite = hs_client_keys(e->link.hs)->suite;
	if (text != NULL)
		(void)msg_set_text(m, "%s", text);
	engine_tell(e, m);
}

void
link_tell_trace(struct engine *e)
{
	struct link *l = &e->link;
	struct msg *m = msg_new(EV_TRACE);

	if (l->trace == NULL || m == NULL ||
	    (m->trace = malloc(sizeof(*m->trace))) == NULL) {
		msg_free(m);
		return;
	}
	*m->trace = *l->trace;
	engine_tell(e, m);
}

/* New entries of the handshake machine get their time. */
void
link_stamp_trace(struct link *l)
{
	if (l->trace == NULL)
		return;
	for (size_t i = l->trace->n; i > 0; i--) {
		if (l->trace->msg[i - 1].at_ms != 0)
			break;
		l->trace->msg[i - 1].at_ms = clock_wall_ms();
	}
}

int
link_is_online(const struct engine *e)
{
	return e->link.state == LINK_ONLINE && e->link.tunnel != NULL;
}

/* Everything of this connection, but not the wish to have one. */
void
link_hang_up(struct engine *e)
{
	struct link *l = &e->link;

	tcp_dial_cancel(l->dial);
	l->dial = NULL;
	tcp_close(l->tcp);
	l->tcp = NULL;
	if (l->in_call) {
		l->drop_later = 1; /* frames on the way still use these */
		return;
	}
	l->drop_later = 0;
	buf_free(&l->in);
	hs_client_free(l->hs);
	l->hs = NULL;
	tunnel_free(l->tunnel);
	l->tunnel = NULL;
	WIPE(l->keys);
	free(l->trace);
	l->trace = NULL;
	loop_timer_stop(l->deadline);
	loop_timer_stop(l->beat);
	l->pinged = 0;
}

/* Full jitter: anything up to a bound that doubles. */
static uint64_t
backoff(struct engine *e)
{
	uint64_t bound = BACKOFF_MS;
	uint8_t raw[4];
	struct rd r;

	for (unsigned i = 0; i < e->link.tries && bound < BACKOFF_MAX; i++)
		bound *= 2;
	if (bound > BACKOFF_MAX)
		bound = BACKOFF_MAX;
	rng_fill(&e->g, raw, sizeof(raw));
	rd_init(&r, SPAN(raw));
	return BACKOFF_MS / 2 + rd_u32(&r) % bound;
}

void
link_again(struct engine *e, const char *text)
{
	struct link *l = &e->link;
	const uint64_t ms = backoff(e);

	link_hang_up(e);
	l->tries++;
	loop_timer_set(l->retry, ms);
	link_tell(e, LINK_WAITING, ms, text);
}

void
link_drop(struct engine *e, const char *text)
{
	struct link *l = &e->link;
	const int was_online = l->state == LINK_ONLINE;

	link_hang_up(e);
	out_offline(e);
	if (was_online)
		chats_all_over(e, OVER_LINK, text);
	if (entry_waits(e)) {
		entry_link_failed(e, ENTRY_NO_RELAY, text);
		link_tell(e, LINK_OFF, 0, text);
		return;
	}
	if (!l->wanted) {
		link_tell(e, LINK_OFF, 0, text);
		return;
	}
	link_again(e, text);
}

void
link_lost(struct engine *e, const char *fmt, ...)
{
	char text[MSG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	link_drop(e, text);
}

/* Trying again would not help: the user has to do something. */
void
link_stopped(struct engine *e, enum entry_fault f, const char *text)
{
	e->link.wanted = 0;
	link_hang_up(e);
	out_offline(e);
	chats_all_over(e, OVER_LINK, text);
	if (entry_waits(e))
		entry_link_failed(e, f, text);
	link_tell(e, LINK_OFF, 0, text);
}

/* ---- timers ---- */

static void
on_deadline(void *ctx)
{
	link_drop(ctx, "The relay does not answer the handshake.");
}

/* A sign of life now and then, new keys every hour. */
static void
on_beat(void *ctx)
{
	struct engine *e = ctx;
	struct link *l = &e->link;
	const uint64_t now = loop_now_ms(e->loop);
	const uint64_t quiet = now - l->heard_ms;

	if (!link_is_online(e))
		return;
	if (l->pinged) { /* and nothing at all has come since */
		link_drop(e, "The relay gives no sign of life.");
		return;
	}
	if (now - l->rekeyed_ms >= REKEY_MS &&
	    tunnel_rekey(l->tunnel, now, tcp_out(l->tcp)) == SOTTO_OK)
		l->rekeyed_ms = now;
	l->pinged = quiet >= link_beat_ms(e) / 2 &&
	    tunnel_ping(l->tunnel, now, tcp_out(l->tcp)) == SOTTO_OK;
	tcp_flush(l->tcp);
	loop_timer_set(l->beat,
	    l->pinged ? link_beat_ms(e) / 2 : link_beat_ms(e));
}

void
link_ping(struct engine *e)
{
	struct link *l = &e->link;

	if (!link_is_online(e) || l->pinged)
		return;
	l->pinged = tunnel_ping(l->tunnel, loop_now_ms(e->loop),
			tcp_out(l->tcp)) == SOTTO_OK;
	tcp_flush(l->tcp);
	loop_timer_set(l->beat, link_beat_ms(e) / 2);
}

/* ---- starting and stopping ---- */

static void
on_dialled(void *ctx, struct tcp *t, const char *why)
{
	struct engine *e = ctx;
	struct link *l = &e->link;
	struct hs_client_conf cc = { .suites = e->conf.suites };

	l->dial = NULL;
	if (t == NULL) {
		link_lost(e, "The relay cannot be reached: %s.", why);
		return;
	}
	l->tcp = t;
	buf_init(&l->in, LINK_IN_MAX);
	tcp_start(t, &link_events, e);
	cc.probe = l->probe;
	if (l->probe) {
		cc.host = l->probe_host;
	} else {
		cc.mode = l->enrol ? HS_ENROL : HS_LOGIN;
		cc.host = e->id->host;
		cc.has_pin = 1;
		cc.pin = e->id->authority;
		cc.id = e->id;
		cc.refuse_legacy = l->had_modern;
		cc.known = &l->known;
		if (!l->enrol && !entry_is_active(e) && back_use(e, &cc.ticket))
			cc.mode = HS_RESUME;
	}
	if (l->tcp != NULL) /* the disk may have failed there */
		link_hs_start(e, &cc);
	WIPE(cc.ticket);
}

static void
dial(struct engine *e, const char *host, uint16_t port)
{
	struct link *l = &e->link;

	link_hang_up(e);
	loop_timer_stop(l->retry);
	link_tell(e, LINK_CONNECTING, 0, NULL);
	l->dial =
	    tcp_dial_new(e->loop, host, port, ENGINE_OUT_MAX, on_dialled, e);
	if (l->dial == NULL)
		link_drop(e, "The host's address cannot be looked up.");
}

void
link_probe(struct engine *e, const char *host, uint16_t port)
{
	struct link *l = &e->link;

	l->probe = 1;
	l->enrol = 0;
	l->wanted = 0;
	(void)snprintf(l->probe_host, sizeof(l->probe_host), "%s", host);
	dial(e, host, port);
}

void
link_start(struct engine *e, int enrol)
{
	struct link *l = &e->link;

	l->probe = 0;
	l->enrol = enrol;
	l->wanted = 1;
	l->tries = 0;
	dial(e, e->id->host, e->id->port);
}

static void
on_retry(void *ctx)
{
	struct engine *e = ctx;

	if (e->link.wanted && e->id != NULL)
		dial(e, e->id->host, e->id->port);
}

void
link_retry(struct engine *e)
{
	if (e->id == NULL || e->entry != NULL ||
	    (e->link.state != LINK_WAITING && e->link.state != LINK_OFF))
		return;
	link_start(e, 0);
}

void
link_stop(struct engine *e)
{
	struct link *l = &e->link;

	l->wanted = 0;
	loop_timer_stop(l->retry);
	if (link_is_online(e) && l->tcp != NULL) {
		(void)tunnel_bye(l->tunnel, TUNNEL_CLOSE_BYE,
		    loop_now_ms(e->loop), tcp_out(l->tcp));
		tcp_flush(l->tcp);
	}
	link_hang_up(e);
	l->state = LINK_OFF;
}

enum sotto_err
link_send_cmd(struct engine *e, const struct wire_cmd *c)
{
	uint8_t buf[WIRE_CMD_MAX];
	struct wr w;
	enum sotto_err r;

	if (!link_is_online(e) || e->link.tcp == NULL)
		return SOTTO_ESTATE;
	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, c);
	if ((r = wr_end(&w)) != SOTTO_OK)
		return r;
	r = tunnel_send(e->link.tunnel, TUNNEL_COMMAND, wr_out(&w), 0,
	    loop_now_ms(e->loop), tcp_out(e->link.tcp));
	tcp_flush(e->link.tcp);
	return r;
}

enum sotto_err
link_send_relay(struct engine *e, const struct wire_relay *m, size_t pad)
{
	uint8_t buf[TUNNEL_RELAY_MAX]; /* sealed already */
	struct wr w;
	enum sotto_err r;

	if (!link_is_online(e) || e->link.tcp == NULL)
		return SOTTO_ESTATE;
	wr_init(&w, buf, sizeof(buf));
	wire_relay_write(&w, m);
	if ((r = wr_end(&w)) != SOTTO_OK)
		return r;
	r = tunnel_send(e->link.tunnel, TUNNEL_RELAY, wr_out(&w), pad,
	    loop_now_ms(e->loop), tcp_out(e->link.tcp));
	tcp_flush(e->link.tcp);
	return r;
}

int
link_init(struct engine *e)
{
	struct link *l = &e->link;

	l->deadline = loop_timer_new(e->loop, on_deadline, e);
	l->retry = loop_timer_new(e->loop, on_retry, e);
	l->beat = loop_timer_new(e->loop, on_beat, e);
	return l->deadline != NULL && l->retry != NULL && l->beat != NULL;
}

void
link_free(struct engine *e)
{
	struct link *l = &e->link;

	if (l->deadline != NULL && l->beat != NULL)
		link_hang_up(e);
	loop_timer_free(l->deadline);
	loop_timer_free(l->retry);
	loop_timer_free(l->beat);
	l->deadline = l->retry = l->beat = NULL;
}
