/* A connection after its login; see conn.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sottod/conn.h"
#include "sottod/mail.h"
#include "sottod/news.h"
#include "sottod/renew.h"
#include "sottod/seen.h"
#include "sottod/tickets.h"

/* ---- chats, for the audit log only ---- */

static struct conn_chat **
find_chat(struct conn *c, const struct name *with)
{
	struct conn_chat **at = &c->chats;

	while (*at != NULL && !name_eq(&(*at)->with, with))
		at = &(*at)->next;
	return at;
}

static int
add_chat(struct conn *c, const struct name *with)
{
	struct conn_chat *n;

	if (*find_chat(c, with) != NULL || c->n_chats == CONN_CHATS_MAX)
		return 0;
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return 0;
	n->with = *with;
	n->next = c->chats;
	c->chats = n;
	c->n_chats++;
	return 1;
}

static int
remove_chat(struct conn *c, const struct name *with)
{
	struct conn_chat **at = find_chat(c, with);
	struct conn_chat *gone = *at;

	if (gone == NULL)
		return 0;
	*at = gone->next;
	free(gone);
	c->n_chats--;
	return 1;
}

static void
chat_begins(struct conn *c, struct conn *peer)
{
	int is_new = add_chat(c, &peer->user->name);

	(void)add_chat(peer, &c->user->name);
	if (is_new)
		audit_chat_begun(&c->s->audit, c->number, &c->user->name,
		    &peer->user->name);
}

static void
chat_ends(struct conn *c, const struct name *with, const char *why)
{
	const struct dir_user *u = dir_find(c->s->dir, with);
	int was = remove_chat(c, with);

	if (u != NULL && u->conn != NULL)
		was |= remove_chat(u->conn, &c->user->name);
	if (was)
		audit_chat_ended(&c->s->audit, c->number, &c->user->name, with,
		    why);
}

/* ---- coming and leaving ---- */

void
conn_command(struct conn *c, const struct wire_cmd *cmd)
{
	uint8_t buf[WIRE_CMD_MAX] UNINITIALIZED;
	struct wr w;

	if (c->state != CONN_OPEN)
		return;
	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, cmd);
	if (tunnel_send(c->tunnel, TUNNEL_COMMAND, wr_out(&w), 0,
		loop_now_ms(c->s->loop), tcp_out(c->tcp)) != SOTTO_OK) {
		/* Dropped by its timer: whoever called may be walking through
		 * the list of those who are online. */
		c->why = "does not read what it is sent";
		c->state = CONN_CLOSING;
		conn_wake(c, 0);
		return;
	}
	tcp_flush(c->tcp);
}

int
conn_is_slow(const struct conn *c)
{
	const size_t high = tcp_backlog(c->s->loop) < CONN_OUT_ALL
	    ? CONN_OUT_HIGH
	    : CONN_OUT_LOW;

	/* What this turn has for it was not even tried yet. */
	return tcp_queued(c->tcp) >
	    (tcp_is_stuck(c->tcp) ? high : CONN_OUT_MAX / 2);
}

/* ---- answers to messages, together at the end of a turn ---- */

struct conn_sents {
	size_t n;
	uint8_t raw[WIRE_SENT_MAX * WIRE_SENT_LEN];
};

void
conn_turn(void *conn)
{
	struct conn *c = conn;
	struct conn_sents *s = c->sents;

	c->rested = 0;
	if (s == NULL)
		return;
	c->sents = NULL;
	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_SENT,
		.sents = { s->n, { s->raw, s->n * WIRE_SENT_LEN } } });
	free(s);
}

void
conn_say_sent(struct conn *c, uint64_t ref, enum wire_result r)
{
	struct wr w;

	if (c->sents == NULL &&
	    (c->sents = calloc(1, sizeof(*c->sents))) == NULL)
		return; /* it is sent again after the next login */
	wr_init(&w, c->sents->raw + c->sents->n * WIRE_SENT_LEN, WIRE_SENT_LEN);
	wire_sent_write(&w, &(struct wire_sent){ ref, r });
	if (++c->sents->n == WIRE_SENT_MAX)
		conn_turn(c);
	else
		tcp_flush(c->tcp);
}

void
conn_left(struct conn *c, const char *why)
{
	struct server *s = c->s;
	struct dir_user *u = c->user;

	while (c->chats != NULL) {
		struct name with = c->chats->with;
		struct dir_user *v = dir_find(s->dir, &with);

		audit_chat_ended(&s->audit, c->number, &u->name, &with, why);
		(void)remove_chat(c, &with);
		if (v != NULL && v->conn != NULL && v->conn != c)
			(void)remove_chat(v->conn, &u->name);
	}
	c->user = NULL;
	if (dir_release(s->dir, u, c)) {
		mail_left(s, u);
		news_tell(s->news, u);
	}
}

/* The way back without RSA; not for ever without it. */
static void
give_ticket(struct conn *c, const struct hs_keys *k, const struct dir_user *u,
    uint64_t full_at, unsigned uses)
{
	const uint64_t now = server_now();
	uint8_t nonce[HS_TICKET_NONCE], sealed[HS_TICKET_LEN];
	struct ticket t = { .user = u->name,
		.full_at = full_at != 0 ? full_at : now,
		.uses = (uint8_t)(full_at != 0 ? uses + 1 : 0) };

	if (c->s->conf->tickets && t.uses < TICKET_USES_MAX &&
	    now < t.full_at + TICKET_LIFE_S) {
		rng_fill(&c->s->g, nonce, sizeof(nonce));
		hs_ticket_psk(&t.psk, k, nonce);
		hash_one(&t.spki, (struct span){ u->spki, u->spki_len });
		if (tickets_give(c->s->tickets, sealed, &t, now) == SOTTO_OK)
			conn_command(c,
			    &(struct wire_cmd){ .type = WIRE_TICKET,
				.life_s =
				    (uint32_t)(t.full_at + TICKET_LIFE_S - now),
				.nonce = SPAN(nonce),
				.ticket = SPAN(sealed) });
	}
	WIPE(t);
}

/* One atomic table: the newest proven login has the name. */
static void
claim(struct conn *c, struct dir_user *u)
{
	struct conn *before = dir_claim(c->s->dir, u, c);

	c->user = u;
	if (before == NULL)
		return;
	before->user = NULL;
	while (before->chats != NULL)
		(void)remove_chat(before, &before->chats->with);
	conn_bye(before, TUNNEL_CLOSE_REPLACED);
}

void
conn_open(struct conn *c, const struct hs_keys *k, int enrolled,
    struct span cert)
{
	struct server *s = c->s;
	struct dir_user *u = dir_find(s->dir, &k->user);
	struct hs_keys keys = *k; /* secret: k goes with the machine */
	const uint64_t full_at = c->login->full_at;
	const unsigned uses = c->login->ticket_uses;

	stats_took(&s->stats.login,
	    (loop_now_ms(s->loop) - c->login->since_ms) * 1000);
	*(full_at != 0 ? &s->stats.resumed : &s->stats.logins) += 1;
	s->stats.enrolled += (unsigned)enrolled;

	conn_login_over(c);
	loop_timer_free(c->timer);
	c->timer = NULL;
	c->tunnel = pool_get(s->tunnel_pool);
	if (c->tunnel == NULL || u == NULL ||
	    tunnel_init(c->tunnel, &keys, TUNNEL_SERVER, loop_now_ms(s->loop),
		&s->g) != SOTTO_OK) {
		WIPE(keys);
		conn_drop(c, "memory ran out");
		return;
	}
	c->state = CONN_OPEN;
	if (enrolled)
		audit_enrolled(&s->audit, c->number, &u->name);
	audit_login(&s->audit, c->number, tcp_peer_of(c->tcp), &u->name,
	    keys.suite);
	claim(c, u);
	if (enrolled)
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_CERT, .der = cert });
	else
		tcp_flush(c->tcp);
	give_ticket(c, &keys, u, full_at, uses);
	WIPE(keys);
	/* Those who see him leave and come at once need not be told. */
	news_tell(s->news, u);
	seen_note(s->seen, u);
}

/* ---- what comes in ---- */

void
conn_record(struct conn *c, struct span frame)
{
	struct tunnel_in in = { .scratch = c->s->scratch };
	const uint64_t now = loop_now_ms(c->s->loop);
	const size_t queued = tcp_out(c->tcp)->n;

	tunnel_recv(c->tunnel, frame, now, tcp_out(c->tcp), &in);
	switch (in.event) {
	case TUNNEL_EV_NONE:
	case TUNNEL_EV_PONG:
		if (tcp_out(c->tcp)->n > queued)
			tcp_flush(c->tcp);
		break;
	case TUNNEL_EV_COMMAND:
		conn_on_command(c, in.msg);
		break;
	case TUNNEL_EV_RELAY:
		conn_on_message(c, in.msg, in.pad);
		break;
	case TUNNEL_EV_CLOSED:
		c->why = "left";
		conn_bye(c, TUNNEL_CLOSE_BYE);
		c->why = "left";
		break;
	case TUNNEL_EV_FAILED:
		conn_drop(c, tunnel_fault(c->tunnel));
		break;
	}
}

/*
 * Hand m on to whom it names, as it is but for the name.  Its sender hears of
 * it only where that cannot be.
 */
static void
pass_on(struct conn *c, const struct wire_relay *m, struct span msg, size_t pad)
{
	struct server *s = c->s;
	struct dir_user *to = dir_find(s->dir, &m->name);
	struct conn *peer = to != NULL ? to->conn : NULL;

	if (m->type == CHAT_REQUEST &&
	    !limit_take(s->by_user, span_str(c->user->name.s),
		s->conf->limits.requests_minute, loop_now_ms(s->loop))) {
		conn_say_sent(c, m->ref, WIRE_TOO_MANY);
		return;
	}
	if (peer == NULL || peer->state != CONN_OPEN || peer == c) {
		conn_say_sent(c, m->ref, WIRE_NOT_HERE);
		return;
	}
	memcpy(s->turn, msg.p, msg.n);
	wire_relay_turn(s->turn, &c->user->name, 0);
	if (conn_is_slow(peer) ||
	    tunnel_send(peer->tunnel, TUNNEL_RELAY,
		(struct span){ s->turn, msg.n }, pad, loop_now_ms(s->loop),
		tcp_out(peer->tcp)) != SOTTO_OK) {
		conn_say_sent(c, m->ref, WIRE_FULL);
		return;
	}
	tcp_flush(peer->tcp);
	s->stats.live++;
	if (m->type == CHAT_FINISHED)
		chat_begins(c, peer);
}

void
conn_on_message(struct conn *c, struct span msg, size_t pad)
{
	struct wire_relay m;

	if (msg.n > c->s->conf->limits.message_max ||
	    wire_relay_read(&m, msg) != SOTTO_OK) {
		conn_drop(c, "a message to be passed on is malformed");
		return;
	}
	if (!chat_is_stored(m.type)) {
		pass_on(c, &m, msg, pad);
		return;
	}
	if (m.type == CHAT_EXPIRED) {
		conn_drop(c, "a message that only the relay may send");
		return;
	}
	if (m.type == CHAT_END)
		chat_ends(c, &m.name, "one side has left it");
	mail_post(c, &m, msg, pad);
}
