#include "sottod/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "net/frame.h"
#include "sottod/epoch.h"
#include "sottod/login.h"
#include "sottod/news.h"

#define CLOSE_MS  2000 /* for the peer's goodbye */
#define JITTER_MS 51   /* a failure is answered 0 to 50 ms later */

/* ---- handles ---- */

#define NO_SLOT UINT32_MAX

static void on_timer(void *ctx);

/* A free slot, or NO_SLOT if there is no memory. */
static uint32_t
take_slot(struct server *s, struct conn *c)
{
	uint32_t i = s->free_slot;

	if (i >= s->n_slots) {
		uint32_t n = s->n_slots > 0 ? s->n_slots * 2 : 64;
		struct conn_slot *more =
		    realloc(s->slots, n * sizeof(struct conn_slot));

		if (more == NULL)
			return NO_SLOT;
		for (i = s->n_slots; i < n; i++)
			more[i] = (struct conn_slot){ NULL, 0, i + 1 };
		i = s->n_slots;
		s->slots = more;
		s->n_slots = n;
	}
	s->free_slot = s->slots[i].next_free;
	s->slots[i].conn = c;
	return i;
}

static void
give_slot(struct server *s, uint32_t i)
{
	s->slots[i].conn = NULL;
	s->slots[i].generation++;
	s->slots[i].next_free = s->free_slot;
	s->free_slot = i;
}

struct conn_handle
conn_handle(const struct conn *c)
{
	return (struct conn_handle){ c->slot, c->s->slots[c->slot].generation };
}

struct conn *
conn_find(const struct server *s, struct conn_handle h)
{
	if (h.slot >= s->n_slots || s->slots[h.slot].generation != h.generation)
		return NULL;
	return s->slots[h.slot].conn;
}

/* ---- life and death ---- */

static int
login_begins(struct conn *c)
{
	struct server *s = c->s;

	if ((c->login = calloc(1, sizeof(*c->login))) == NULL)
		return 0;
	c->login->prev = s->logins_last;
	if (s->logins_last != NULL)
		s->logins_last->login->next = c;
	else
		s->logins = c;
	s->logins_last = c;
	s->n_logins++;
	c->addr->logins++;
	return 1;
}

void
conn_leave_queue(struct conn *c)
{
	struct server *s = c->s;
	struct conn **at = &s->queue;

	if (!c->login->queued)
		return;
	while (*at != c)
		at = &(*at)->login->queue_next;
	if ((*at = c->login->queue_next) == NULL)
		s->queue_last = at;
	c->login->queued = 0;
}

void
conn_login_over(struct conn *c)
{
	struct conn_login *l = c->login;
	struct server *s = c->s;

	if (l == NULL)
		return;
	if (l->prev != NULL)
		l->prev->login->next = l->next;
	else
		s->logins = l->next;
	if (l->next != NULL)
		l->next->login->prev = l->prev;
	else
		s->logins_last = l->prev;
	s->n_logins--;
	c->addr->logins--;
	conn_leave_queue(c);
	hs_server_free(l->hs);
	identity_unref(l->id);
	free(l);
	c->login = NULL;
}

static void
unlink_conn(struct conn *c)
{
	struct server *s = c->s;

	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	s->n_conns--;
	addrs_leave(s->addrs, c->addr);
	give_slot(s, c->slot);
}

void
conn_free(struct conn *c)
{
	while (c->held != NULL) {
		struct conn_held *h = c->held;

		c->held = h->next;
		free(h);
	}
	free(c->sents);
	buf_free(&c->in);
	tunnel_end(c->tunnel);
	pool_put(c->s->tunnel_pool, c->tunnel);
	pool_put(c->s->conn_pool, c);
}

void
conn_wake(struct conn *c, uint64_t ms)
{
	if (c->timer == NULL)
		c->timer = loop_timer_new(c->s->loop, on_timer, c);
	if (c->timer != NULL) /* else the sweep finds it */
		loop_timer_set(c->timer, ms);
}

void
conn_rest(struct conn *c)
{
	c->rested = 1;
	if (c->in.n == 0)
		buf_free(&c->in);
	if (tcp_queued(c->tcp) == 0)
		buf_free(tcp_out(c->tcp));
	if (c->tunnel != NULL)
		tunnel_rest(c->tunnel);
}

void
conn_drop(struct conn *c, const char *why)
{
	struct server *s = c->s;

	if (c->gone)
		return;
	if (c->user != NULL)
		conn_left(c, why);
	if (c->state == CONN_OPEN)
		conn_turn(c);
	news_forget(s->news, c);
	if (c->why != NULL)
		why = c->why;
	if (c->tunnel != NULL)
		audit_closed(&s->audit, c->number, why);
	else
		audit_turned_away(&s->audit, loop_now_ms(s->loop), c->number,
		    why);
	conn_login_over(c);
	unlink_conn(c);
	tcp_close(c->tcp);
	loop_timer_free(c->timer);
	c->timer = NULL;
	c->gone = 1;
	/* Inside its own callback the frames on the way still look at it. */
	if (!c->in_call)
		conn_free(c);
	server_gone(s);
}

void
conn_bye(struct conn *c, enum tunnel_close why)
{
	if (c->state != CONN_OPEN)
		return;
	conn_turn(c);
	c->why = tunnel_close_text(why);
	(void)tunnel_bye(c->tunnel, why, loop_now_ms(c->s->loop),
	    tcp_out(c->tcp));
	if (c->user != NULL)
		conn_left(c, c->why);
	c->state = CONN_CLOSING;
	tcp_finish(c->tcp);
	conn_wake(c, CLOSE_MS);
}

void
conn_stop(struct conn *c)
{
	if (c->state == CONN_OPEN) {
		conn_bye(c, TUNNEL_CLOSE_STOPPING);
	} else if (c->login != NULL) {
		login_refuse(c, HS_FAIL_STOPPING, "the relay stops");
	}
}

/* ---- failing before the login is done ---- */

static void
send_fail(struct conn *c)
{
	uint8_t frame[HS_HEAD_LEN + 1];
	struct wr w;

	wr_init(&w, frame, sizeof(frame));
	hs_write_fail(&w, c->login->fail);
	(void)buf_add(tcp_out(c->tcp), wr_out(&w));
	conn_login_over(c);
	c->state = CONN_CLOSING;
	tcp_resume(c->tcp); /* to see its end */
	tcp_finish(c->tcp);
	conn_wake(c, CLOSE_MS);
}

void
login_refuse(struct conn *c, enum hs_fail code, const char *why)
{
	c->login->fail = code;
	c->s->stats.login_failures++;
	c->why = why;
	audit_login_failed(&c->s->audit, loop_now_ms(c->s->loop), c->number,
	    tcp_peer_of(c->tcp), NULL, why, NULL);
	tcp_pause(c->tcp);
	send_fail(c);
}

/*
 * One way for every failure that could tell something: the same code, after a
 * delay that grows with the failures of the address and of the name that was
 * claimed, plus a random part.
 */
void
login_failed(struct conn *c)
{
	struct server *s = c->s;
	const struct tcp_peer *p = tcp_peer_of(c->tcp);
	struct conn_login *l = c->login;
	const enum hs_fault fault = hs_server_fault(l->hs);
	const uint64_t now = loop_now_ms(s->loop);
	uint64_t by_address, by_name = 0;
	uint8_t jitter;

	l->fail = hs_server_fail(l->hs);
	s->stats.login_failures++;
	c->why = hs_fault_text(fault);
	audit_login_failed(&s->audit, now, c->number, p,
	    l->claimed.s[0] != '\0' ? &l->claimed : NULL, c->why,
	    fault == HS_FAULT_CERT
		? cert_fault_text(hs_server_cert_fault(l->hs))
		: NULL);
	by_address = limit_failed(s->by_address,
	    (struct span){ p->key, p->key_len }, now);
	if (l->claimed.s[0] != '\0')
		by_name = limit_failed(s->by_name, span_str(l->claimed.s), now);
	rng_fill(&s->g, &jitter, 1);
	tcp_pause(c->tcp);
	c->state = CONN_FAILING;
	conn_wake(c,
	    (by_address > by_name ? by_address : by_name) + jitter % JITTER_MS);
}

/* ---- events ---- */

static void
on_end(void *ctx, enum tcp_end why)
{
	struct conn *c = ctx;

	if (c->state == CONN_OPEN)
		conn_drop(c,
		    why == TCP_END_EOF ? "cut off, without a goodbye"
				       : "the connection broke");
	else if (c->state == CONN_CLOSING)
		conn_drop(c, "closed");
	else if (c->state == CONN_WORKING)
		/* The job still refers to the number only. */
		conn_drop(c, "left during the login");
	else
		conn_drop(c, "left before the login");
}

static void
on_drained(void *ctx)
{
	(void)ctx; /* who waits for room looks at the queue */
}

/* One timer: what it means depends on the state. */
static void
on_timer(void *ctx)
{
	struct conn *c = ctx;

	switch (c->state) {
	case CONN_HELLO:
	case CONN_WORKING:
	case CONN_AWAIT_M3:
		login_refuse(c, HS_FAIL_SLOW, "the login took too long");
		break;
	case CONN_FAILING:
		send_fail(c);
		break;
	case CONN_OPEN:
		break;
	case CONN_CLOSING:
		conn_drop(c, "closed");
		break;
	}
}

/*
 * Too many unfinished logins: the one that has been silent for longest makes
 * room, so that idle sockets cannot keep others out.
 */
static int
make_room(struct server *s)
{
	struct conn *c = s->logins;

	while (c != NULL && c->state != CONN_HELLO)
		c = c->login->next;
	if (c == NULL)
		return 0;
	conn_drop(c, "said nothing while others were waiting");
	return 1;
}

static const char *
refusal(struct server *s, const struct addr *a)
{
	if (s->stopping)
		return "the relay stops";
	if (s->n_conns > s->conf->limits.connections)
		return "there are too many connections";
	if (a->conns > s->conf->limits.per_address)
		return "there are too many connections from that address";
	if (a->logins > s->conf->limits.logins / 8)
		return "there are too many logins at once from that address";
	if (s->n_logins > s->conf->limits.logins && !make_room(s))
		return "there are too many logins at once";
	return NULL;
}

static struct conn *
new_conn(struct server *s, struct tcp *tcp)
{
	struct conn *c = pool_get(s->conn_pool);

	if (c == NULL)
		return NULL;
	c->s = s;
	c->tcp = tcp;
	c->addr = addrs_enter(s->addrs, tcp_peer_of(tcp));
	c->slot = take_slot(s, c);
	if (c->addr != NULL && c->slot != NO_SLOT && login_begins(c))
		return c;
	if (c->addr != NULL)
		addrs_leave(s->addrs, c->addr);
	if (c->slot != NO_SLOT)
		give_slot(s, c->slot);
	pool_put(s->conn_pool, c);
	return NULL;
}

void
conn_accept(struct server *s, struct tcp *tcp)
{
	static const struct tcp_events events = { conn_read, on_end, on_drained,
		conn_turn };
	struct conn *c = new_conn(s, tcp);
	const char *no;

	if (c == NULL) {
		tcp_close(tcp);
		return;
	}
	c->number = ++s->last_number;
	c->seen_ms = c->login->since_ms = loop_now_ms(s->loop);
	buf_init(&c->in, CONN_IN_MAX);
	c->next = s->conns;
	if (s->conns != NULL)
		s->conns->prev = c;
	s->conns = c;
	s->n_conns++;
	s->stats.accepted++;
	audit_connected(&s->audit, c->number, tcp_peer_of(tcp));
	tcp_start(tcp, &events, c);
	if ((no = refusal(s, c->addr)) != NULL) {
		s->stats.turned_away++;
		login_refuse(c, s->stopping ? HS_FAIL_STOPPING : HS_FAIL_BUSY,
		    no);
	} else {
		conn_wake(c, CONN_STEP_MS);
	}
}
