/* The commands of a client; see conn.h and net/wire.h. */
#include <string.h>

#include "sottod/conn.h"
#include "sottod/mail.h"
#include "sottod/news.h"
#include "sottod/renew.h"

/* How often a user may search, or ask what is known of him, in a minute. */
#define SEARCHES_MINUTE 60

static void
on_state(struct conn *c, enum wire_state state)
{
	if (c->user->state == state)
		return;
	c->user->state = state;
	news_tell(c->s->news, c->user);
}

static int
may_search(struct conn *c)
{
	return limit_take(c->s->by_user,
	    (struct span){ (const uint8_t *)&c->number, sizeof(c->number) },
	    SEARCHES_MINUTE, loop_now_ms(c->s->loop));
}

static void
on_search(struct conn *c, const struct wire_cmd *cmd)
{
	struct wire_person found[WIRE_FOUND_MAX];
	uint8_t raw[WIRE_FOUND_MAX * WIRE_PERSON_LEN];
	struct wr w;
	int more;
	size_t n;

	if (!may_search(c)) {
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_ERROR,
			.id = cmd->id,
			.error = WIRE_E_RATE });
		return;
	}
	n = dir_search(c->s->dir, cmd->pattern, found, &more);
	wr_init(&w, raw, sizeof(raw));
	for (size_t i = 0; i < n; i++)
		wire_person_write(&w, &found[i]);
	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_FOUND,
		.id = cmd->id,
		.more = more,
		.people = { n, wr_out(&w) } });
}

/* All of it is this user's own. */
static void
on_ask_known(struct conn *c, const struct wire_cmd *cmd)
{
	const struct tcp_peer *p = tcp_peer_of(c->tcp);
	struct server *s = c->s;
	struct wire_cmd out = { .type = WIRE_KNOWN, .id = cmd->id };
	struct store_user u;

	memset(&u, 0, sizeof(u));
	if (!may_search(c)) {
		out.type = WIRE_ERROR;
		out.error = WIRE_E_RATE;
	} else if (store_find_user(s->store, &u, &c->user->name) != SOTTO_OK) {
		out.type = WIRE_ERROR;
		out.error = WIRE_E_STORE;
	}
	if (out.type == WIRE_ERROR) {
		conn_command(c, &out);
		return;
	}
	out.known.enrolled_at = u.created_at;
	/* That of now may not be on the disk yet. */
	out.known.login_at = c->user->noted_at > u.last_login_at
	    ? c->user->noted_at
	    : u.last_login_at;
	out.known.cert_until = u.cert_not_after;
	out.known.messages = (uint32_t)c->user->box.n;
	out.known.bytes = c->user->box.bytes;
	/* Himself not; he may just have been put out by another login. */
	out.known.seen_by = (uint32_t)dir_n_online(s->dir);
	out.known.seen_by -= out.known.seen_by > 0;
	out.known.names_logged = s->audit.names;
	out.known.tickets = s->conf->tickets;
	out.known.family = p->family;
	memcpy(out.known.addr, p->addr, sizeof(p->addr));
	out.known.port = p->port;
	conn_command(c, &out);
}

void
conn_on_command(struct conn *c, struct span msg)
{
	struct wire_cmd cmd;

	if (wire_cmd_read(&cmd, WIRE_FROM_CLIENT, msg) != SOTTO_OK) {
		conn_drop(c, "a command is malformed");
		return;
	}
	switch (cmd.type) {
	case WIRE_WATCH:
		news_watch(c->s->news, c);
		break;
	case WIRE_STATE:
		on_state(c, cmd.state);
		break;
	case WIRE_SEARCH:
		on_search(c, &cmd);
		break;
	case WIRE_RENEW:
		renew_start(c, &cmd);
		break;
	case WIRE_ACK:
		mail_ack(c, cmd.place);
		break;
	case WIRE_PUBLISH:
		mail_publish(c, &cmd);
		break;
	case WIRE_FETCH:
		mail_fetch(c, &cmd);
		break;
	case WIRE_ASK_KNOWN:
		on_ask_known(c, &cmd);
		break;
	case WIRE_CERT:
	case WIRE_PRESENCE:
	case WIRE_CHANGE:
	case WIRE_FOUND:
	case WIRE_SENT:
	case WIRE_ERROR:
	case WIRE_STOCK:
	case WIRE_KEYS:
	case WIRE_TICKET:
	case WIRE_KNOWN:
		break; /* wire_cmd_read() let none of them come */
	}
}
