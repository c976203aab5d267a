#include "sottod/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "net/frame.h"
#include "sottod/epoch.h"
#include "sottod/login.h"

#define CLOSE_MS  2000 /* for the peer's goodbye */
#define JITTER_MS 51   /* a failure is answered 0 to 50 ms later */
#define IN_MAX    (TUNNEL_HEAD_LEN + TUNNEL_BODY_MAX)

/* ---- handles ---- */

#define NO_SLOT UINT32_MAX

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

static void
login_begins(struct conn *c)
{
	struct server *s = c->s;

	c->is_login = 1;
	c->login_prev = s->logins_last;
	if (s->logins_last != NULL)
		s->logins_last->login_next = c;
	else
		s->logins = c;
	s->logins_last = c;
	s->n_logins++;
	c->addr->logins++;
}

void
conn_login_over(struct conn *c)
{
	struct server *s = c->s;

	if (!c->is_login)
		return;
	c->is_login = 0;
	if (c->login_prev != NULL)
		c->login_prev->login_next = c->login_next;
	else
		s->logins = c->login_next;
	if (c->login_next != NULL)
		c->login_next->login_prev = c->login_prev;
	else
		s->logins_last = c->login_prev;
	s->n_logins--;
	c->addr->logins--;
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

static void
free_conn(struct conn *c)
{
	buf_free(&c->in);
	hs_server_free(c->hs);
	identity_unref(c->id);
	tunnel_free(c->tunnel);
	free(c);
}

void
conn_drop(struct conn *c, const char *why)
{
	struct server *s = c->s;

	if (c->gone)
		return;
	if (c->user != NULL)
		conn_left(c, why);
	audit_closed(&s->audit, c->number, c->why != NULL ? c->why : why);
	conn_login_over(c);
	unlink_conn(c);
	tcp_close(c->tcp);
	loop_timer_free(c->timer);
	c->timer = NULL;
	c->gone = 1;
	/* Inside its own callback the frames on the way still look at it. */
	if (!c->in_call)
		free_conn(c);
	server_gone(s);
}

void
conn_bye(struct conn *c, enum tunnel_close why)
{
	if (c->state != CONN_OPEN)
		return;
	c->why = tunnel_close_text(why);
	(void)tunnel_bye(c->tunnel, why, loop_now_ms(c->s->loop),
	    tcp_out(c->tcp));
	if (c->user != NULL)
		conn_left(c, c->why);
	c->state = CONN_CLOSING;
	tcp_finish(c->tcp);
	loop_timer_set(c->timer, CLOSE_MS);
}

void
conn_stop(struct conn *c)
{
	if (c->state == CONN_OPEN) {
		conn_bye(c, TUNNEL_CLOSE_STOPPING);
	} else if (c->is_login) {
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
	hs_write_fail(&w, c->fail);
	(void)buf_add(tcp_out(c->tcp), wr_out(&w));
	conn_login_over(c);
	c->state = CONN_CLOSING;
	tcp_resume(c->tcp); /* to see its end */
	tcp_finish(c->tcp);
	loop_timer_set(c->timer, CLOSE_MS);
}

void
login_refuse(struct conn *c, enum hs_fail code, const char *why)
{
	c->fail = code;
	c->why = why;
	audit_login_failed(&c->s->audit, c->number, tcp_peer_of(c->tcp)->text,
	    NULL, why, NULL);
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
	const enum hs_fault fault = hs_server_fault(c->hs);
	const uint64_t now = loop_now_ms(s->loop);
	uint64_t by_address, by_name = 0;
	uint8_t jitter;

	c->fail = hs_server_fail(c->hs);
	c->why = hs_fault_text(fault);
	audit_login_failed(&s->audit, c->number, p->text,
	    c->claimed.s[0] != '\0' ? &c->claimed : NULL, c->why,
	    fault == HS_FAULT_CERT
		? cert_fault_text(hs_server_cert_fault(c->hs))
		: NULL);
	by_address = limit_failed(s->by_address,
	    (struct span){ p->key, p->key_len }, now);
	if (c->claimed.s[0] != '\0')
		by_name = limit_failed(s->by_name, span_str(c->claimed.s), now);
	rng_fill(&s->g, &jitter, 1);
	tcp_pause(c->tcp);
	c->state = CONN_FAILING;
	loop_timer_set(c->timer,
	    (by_address > by_name ? by_address : by_name) + jitter % JITTER_MS);
}

/* ---- frames ---- */

static void
on_frame(struct conn *c, struct span frame)
{
	switch (c->state) {
	case CONN_HELLO:
		login_m1(c, frame);
		break;
	case CONN_AWAIT_M3:
		login_m3(c, frame);
		break;
	case CONN_OPEN:
		conn_record(c, frame);
		break;
	case CONN_WORKING:
	case CONN_FAILING:
	case CONN_CLOSING:
		break; /* take_frames() does not ask */
	}
}

static void
bad_bytes(struct conn *c)
{
	static const char why[] = "bytes came that are no frame";

	if (c->state == CONN_OPEN) {
		conn_drop(c, why);
		return;
	}
	login_refuse(c, HS_FAIL_HANDSHAKE, why);
}

/* All whole frames in c->in, as long as the state lets them come. */
static void
take_frames(struct conn *c)
{
	while (c->in.n > 0 && !c->gone && c->state != CONN_FAILING &&
	    c->state != CONN_CLOSING) {
		const enum frame_phase phase =
		    c->state == CONN_OPEN ? FRAME_SEALED : FRAME_HANDSHAKE;
		struct span frame;
		enum sotto_err e;

		if (c->state == CONN_WORKING) {
			/* Nothing may come before our answer. */
			login_refuse(c, HS_FAIL_HANDSHAKE,
			    "bytes came before it was their turn");
			return;
		}
		e = frame_next(&frame, phase, buf_bytes(&c->in));
		if (e == SOTTO_EAGAIN)
			return;
		if (e != SOTTO_OK) {
			bad_bytes(c);
			return;
		}
		on_frame(c, frame);
		if (!c->gone)
			buf_consume(&c->in, frame.n);
	}
}

static void
on_read(void *ctx, struct span bytes)
{
	struct conn *c = ctx;

	c->seen_ms = loop_now_ms(c->s->loop);
	c->in_call = 1;
	/* In CLOSING, what the peer still had under way is not looked at.
	 * While in_call is set nobody frees c; the analyzer does not see it. */
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	while (bytes.n > 0 && !c->gone && c->state != CONN_CLOSING &&
	    c->state != CONN_FAILING) {
		size_t n = IN_MAX - c->in.n;

		n = n < bytes.n ? n : bytes.n;
		if (buf_add(&c->in, (struct span){ bytes.p, n }) != SOTTO_OK) {
			conn_drop(c, "memory ran out");
			break;
		}
		bytes.p += n;
		bytes.n -= n;
		take_frames(c);
	}
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	c->in_call = 0;
	if (c->gone)
		free_conn(c);
}

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
	(void)ctx; /* nobody waits for room yet */
}

/* One timer: what it means depends on the state. */
static void
on_timer(void *ctx)
{
	struct conn *c = ctx;
	const uint64_t idle_ms = (uint64_t)c->s->conf->idle_s * 1000;
	uint64_t quiet;

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
		quiet = loop_now_ms(c->s->loop) - c->seen_ms;
		if (quiet >= idle_ms)
			conn_bye(c, TUNNEL_CLOSE_IDLE);
		else
			loop_timer_set(c->timer, idle_ms - quiet);
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
		c = c->login_next;
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
	if (s->n_conns > s->conf->connections)
		return "there are too many connections";
	if (a->conns > s->conf->per_address)
		return "there are too many connections from that address";
	if (a->logins > s->conf->logins / 8)
		return "there are too many logins at once from that address";
	if (s->n_logins > s->conf->logins && !make_room(s))
		return "there are too many logins at once";
	return NULL;
}

static struct conn *
new_conn(struct server *s, struct tcp *tcp)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->s = s;
	c->tcp = tcp;
	c->timer = loop_timer_new(s->loop, on_timer, c);
	c->addr = addrs_enter(s->addrs, tcp_peer_of(tcp));
	c->slot = take_slot(s, c);
	if (c->timer != NULL && c->addr != NULL && c->slot != NO_SLOT)
		return c;
	loop_timer_free(c->timer);
	if (c->addr != NULL)
		addrs_leave(s->addrs, c->addr);
	if (c->slot != NO_SLOT)
		give_slot(s, c->slot);
	free(c);
	return NULL;
}

void
conn_accept(struct server *s, struct tcp *tcp)
{
	static const struct tcp_events events = { on_read, on_end, on_drained };
	struct conn *c = new_conn(s, tcp);
	const char *no;

	if (c == NULL) {
		tcp_close(tcp);
		return;
	}
	c->number = ++s->last_number;
	c->seen_ms = loop_now_ms(s->loop);
	buf_init(&c->in, IN_MAX);
	c->next = s->conns;
	if (s->conns != NULL)
		s->conns->prev = c;
	s->conns = c;
	s->n_conns++;
	login_begins(c);
	audit_connected(&s->audit, c->number, tcp_peer_of(tcp)->text);
	tcp_start(tcp, &events, c);
	if ((no = refusal(s, c->addr)) != NULL)
		login_refuse(c, s->stopping ? HS_FAIL_STOPPING : HS_FAIL_BUSY,
		    no);
	else
		loop_timer_set(c->timer, CONN_STEP_MS);
}
