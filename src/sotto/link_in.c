/* What comes in over the connection to the relay; see engine_priv.h. */
#include <stdio.h>

#include "base/secret.h"

#include "net/frame.h"
#include "sotto/engine_priv.h"

static void
peer_closed(struct engine *e, const struct tunnel_in *in)
{
	char text[MSG_TEXT_MAX];

	(void)snprintf(text, sizeof(text), "The relay closed: %s.",
	    tunnel_close_text(in->close));
	(void)tunnel_bye(e->link.tunnel, TUNNEL_CLOSE_BYE, loop_now_ms(e->loop),
	    tcp_out(e->link.tcp));
	tcp_flush(e->link.tcp);
	if (in->close == TUNNEL_CLOSE_REPLACED ||
	    in->close == TUNNEL_CLOSE_REVOKED)
		link_stopped(e, ENTRY_REFUSED, text);
	else
		link_drop(e, text);
}

static void
on_record(struct engine *e, struct span frame)
{
	struct link *l = &e->link;
	uint8_t scratch[TUNNEL_BODY_MAX]; /* secret */
	struct tunnel_in in = { .scratch = scratch };
	struct wire_relay m;

	l->n_records++;
	tunnel_recv(l->tunnel, frame, loop_now_ms(e->loop), tcp_out(l->tcp),
	    &in);
	tcp_flush(l->tcp);
	switch (in.event) {
	case TUNNEL_EV_NONE:
	case TUNNEL_EV_PONG:
		break;
	case TUNNEL_EV_COMMAND:
		link_on_command(e, in.msg);
		break;
	case TUNNEL_EV_RELAY:
		if (wire_relay_read(&m, in.msg) == SOTTO_OK)
			chats_on_relay(e, &m);
		else
			link_drop(e,
			    "The relay sent a message that is malformed.");
		break;
	case TUNNEL_EV_CLOSED:
		peer_closed(e, &in);
		break;
	case TUNNEL_EV_FAILED:
		link_lost(e, "The connection was not safe any more: %s.",
		    tunnel_fault(l->tunnel));
		break;
	}
	WIPE(scratch);
}

static void
on_frame(struct engine *e, struct span frame)
{
	uint8_t reply[HS_FRAME_MAX];
	struct wr w;

	if (e->link.tunnel != NULL) {
		on_record(e, frame);
		return;
	}
	wr_init(&w, reply, sizeof(reply));
	link_hs_event(e, hs_client_in(e->link.hs, frame, engine_now(), &w), &w);
}

static void
take_frames(struct engine *e)
{
	struct link *l = &e->link;

	while (l->tcp != NULL && l->in.n > 0) {
		struct span frame;
		enum sotto_err r = frame_next(&frame,
		    l->tunnel != NULL ? FRAME_SEALED : FRAME_HANDSHAKE,
		    buf_bytes(&l->in));

		if (r == SOTTO_EAGAIN)
			return;
		if (r != SOTTO_OK) {
			link_drop(e,
			    "What answers there does not speak sotto.");
			return;
		}
		on_frame(e, frame);
		if (l->tcp != NULL)
			buf_consume(&l->in, frame.n);
	}
}

static void
on_read(void *ctx, struct span bytes)
{
	struct engine *e = ctx;
	struct link *l = &e->link;

	l->heard_ms = loop_now_ms(e->loop);
	l->pinged = 0;
	l->in_call = 1;
	while (bytes.n > 0 && l->tcp != NULL) {
		size_t n = LINK_IN_MAX - l->in.n;

		n = n < bytes.n ? n : bytes.n;
		if (buf_add(&l->in, (struct span){ bytes.p, n }) != SOTTO_OK) {
			link_drop(e, "Memory ran out.");
			break;
		}
		bytes.p += n;
		bytes.n -= n;
		take_frames(e);
	}
	l->in_call = 0;
	if (l->drop_later)
		link_hang_up(e);
}

static void
on_end(void *ctx, enum tcp_end why)
{
	struct engine *e = ctx;

	(void)why;
	if (e->link.tunnel != NULL)
		link_drop(e, "The connection to the relay was cut off.");
	else
		link_drop(e, "The relay hung up during the handshake.");
}

static void
on_drained(void *ctx)
{
	(void)ctx;
}

const struct tcp_events link_events = { on_read, on_end, on_drained, NULL };
