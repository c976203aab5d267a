/* A live handshake, up to the open chat; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

enum sotto_err
chats_send(struct engine_chat *c, enum chat_type type, struct span payload,
    uint64_t *ref)
{
	const struct wire_relay m = { .type = type,
		.ref = ++c->e->last_ref,
		.name = c->name,
		.payload = payload };

	if (ref != NULL)
		*ref = m.ref;
	return link_send_relay(c->e, &m, TUNNEL_PAD_CHAT);
}

/* The session of a handshake that has its keys; owned, or NULL. */
static struct session *
agreed(struct engine_chat *c)
{
	struct session *s = calloc(1, sizeof(*s));
	struct chat_keys k; /* secret */

	if (s != NULL && chat_keys(c->hs, &k) == SOTTO_OK) {
		s->chat = c->rec.id;
		s->made_at = engine_now();
		s->ratchet = ratchet_new(&k);
	}
	WIPE(k);
	if (s != NULL && s->ratchet == NULL) {
		session_free(s);
		s = NULL;
	}
	return s;
}

/* On the disk before the other side can know it: 0 if that failed. */
static int
keep_pending(struct engine_chat *c)
{
	struct engine *e = c->e;

	if ((c->pending = agreed(c)) == NULL) {
		chats_over(c, OVER_FAILED, "Memory ran out.");
		return 0;
	}
	c->pending->asked = 1;
	if (!txn(e))
		return 0;
	if (session_put(e->vault, c->pending) != SOTTO_OK) {
		txn_fail(e);
		return 0;
	}
	return txn_end(e);
}

void
chats_opened(struct engine_chat *c, struct session *s)
{
	s->asked = 0;
	chats_trace(c);
	chats_end_hs(c);
	chats_open(c, s, ratchet_suite(s->ratchet));
}

/* The last message has come.  finished: our answer to it, when it was theirs
 * to wait; on the disk first, or they would write to keys that are lost. */
static void
on_open(struct engine_chat *c, struct span finished)
{
	struct session *s = c->pending;

	c->pending = NULL;
	if (s == NULL && (s = agreed(c)) == NULL) {
		chats_over(c, OVER_FAILED, "Memory ran out.");
		return;
	}
	if (c->rec.phase == HIST_OPEN)
		(void)chat_new_keys(c, 0);
	chats_opened(c, s);
	if (finished.n > 0 && txn_end(c->e))
		(void)chats_send(c, CHAT_FINISHED, finished, NULL);
}

static void
on_answered(struct engine_chat *c)
{
	struct engine *e = c->e;
	uint8_t buf[CHAT_MSG_MAX];
	enum trust trust;
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	if (people_check(e, chat_peer(c->hs), &trust) != SOTTO_OK) {
		chats_over(c, OVER_FAILED,
		    "What is known of their key cannot be read from disk, so "
		    "the chat was not opened.");
		return;
	}
	if (trust == TRUST_CHANGED) {
		if (chat_cancel(c->hs, &w) == SOTTO_OK)
			(void)chats_send(c, CHAT_CANCEL, wr_out(&w), NULL);
		chats_over(c, OVER_KEY_CHANGED, NULL);
		return;
	}
	if (chat_confirm(c->hs, &w) != SOTTO_OK) {
		chats_over(c, OVER_FAILED, "The keys could not be made.");
		return;
	}
	if (!keep_pending(c))
		return;
	if (chats_send(c, CHAT_KEY, wr_out(&w), NULL) != SOTTO_OK)
		chats_over(c, OVER_FAILED, "The keys could not be sent.");
}

static void
on_refused(struct engine_chat *c)
{
	switch (chat_reason_of(c->hs)) {
	case CHAT_REASON_NO:
		chats_over(c, OVER_REFUSED, NULL);
		break;
	case CHAT_REASON_BUSY:
		chats_over(c, OVER_BUSY, NULL);
		break;
	case CHAT_REASON_FULL:
		chats_over(c, OVER_FULL, NULL);
		break;
	}
}

static void
on_handshake(struct engine_chat *c, const struct wire_relay *r)
{
	uint8_t buf[CHAT_MSG_MAX];
	const char *why = NULL;
	enum chat_event ev;
	char text[MSG_TEXT_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	ev = chat_recv(c->hs, r->type, r->payload, clock_wall_ms(), &w, &why);
	switch (ev) {
	case CHAT_EV_IGNORED:
		log_say(c->e->conf.log, LOG_WARN, "from %s: %s", r->name.s,
		    why != NULL ? why : "ignored");
		break;
	case CHAT_EV_ANSWERED:
		on_answered(c);
		break;
	case CHAT_EV_OPEN:
		on_open(c, wr_out(&w));
		break;
	case CHAT_EV_REFUSED:
		on_refused(c);
		break;
	case CHAT_EV_CANCELLED:
		chats_over(c, OVER_CANCELLED, NULL);
		break;
	case CHAT_EV_FAILED:
		(void)snprintf(text, sizeof(text),
		    "The chat was not opened: %s. Nothing was said in it.",
		    why);
		chats_over(c, OVER_FAILED, text);
		break;
	}
}

void
chats_on_relay(struct engine *e, const struct wire_relay *r)
{
	struct engine_chat *c;
	struct chat_id id;

	if (e->id == NULL || e->vault == NULL)
		return;
	if (chat_is_stored(r->type)) {
		chat_in(e, r);
		return;
	}
	if (r->type == CHAT_REQUEST) {
		chats_on_request(e, r);
		return;
	}
	if (r->type == CHAT_TYPING) {
		chat_on_typing(e, r);
		return;
	}
	if (chat_id_peek(&id, r->type, r->payload) != SOTTO_OK ||
	    (c = chats_find_id(e, &id)) == NULL || !name_eq(&c->name, &r->name))
		return; /* of a chat that is over, or forged */
	on_handshake(c, r);
}

void
chats_on_sent(struct engine *e, uint64_t ref, enum wire_result res)
{
	if (out_on_sent(e, ref, res))
		return;
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next) {
		if (c->request_ref != ref || c->hs == NULL)
			continue;
		if (res == WIRE_NOT_HERE) {
			chats_end_hs(c);
			away_start(c);
		} else if (res == WIRE_TOO_MANY) {
			chats_over(c, OVER_FAILED,
			    "The relay passes on only so many requests a "
			    "minute; try again later.");
		} else if (res == WIRE_FULL) {
			chats_over(c, OVER_FAILED,
			    "They take in nothing at the moment; try again "
			    "later.");
		}
		return;
	}
}
