/* Asking for a chat, and being asked; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

struct chat_self
chats_self(struct engine *e)
{
	const struct span ca = { e->link.info.ca, e->link.info.ca_len };

	/* No handshake outlives a connection, and so none has the old one. */
	if (!cert_anchor_is(e->anchor, ca)) {
		cert_anchor_free(e->anchor);
		e->anchor = cert_anchor_new(ca);
	}
	return (struct chat_self){ .id = e->id,
		.ca = ca,
		.anchor = e->anchor,
		.suites = e->conf.suites };
}

/* ---- asking ---- */

static void
on_no_answer(void *ctx)
{
	struct engine_chat *c = ctx;
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	/* Signed, so that the relay can neither make nor keep it secretly. */
	if (c->asked_by_us && chat_cancel(c->hs, &w) == SOTTO_OK)
		(void)chats_send(c, CHAT_CANCEL, wr_out(&w), NULL);
	chats_over(c, OVER_TIMEOUT, NULL);
}

static void
set_timer(struct engine_chat *c)
{
	if (c->timer == NULL)
		c->timer = loop_timer_new(c->e->loop, on_no_answer, c);
	if (c->timer != NULL)
		loop_timer_set(c->timer,
		    c->e->conf.answer_ms > 0 ? c->e->conf.answer_ms
					     : CHAT_ANSWER_S * 1000);
}

static void
ask_live(struct engine_chat *c)
{
	struct engine *e = c->e;
	const struct chat_self self = chats_self(e);
	uint8_t buf[CHAT_MSG_MAX];
	struct msg *m;
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	c->asked_by_us = 1;
	if ((c->trace = calloc(1, sizeof(*c->trace))) != NULL)
		c->hs = chat_request(&self, &c->name, clock_wall_ms(), &e->g,
		    c->trace, &w);
	if (c->hs == NULL ||
	    chats_send(c, CHAT_REQUEST, wr_out(&w), &c->request_ref) !=
		SOTTO_OK) {
		chats_over(c, OVER_FAILED, "The request could not be sent.");
		return;
	}
	set_timer(c);
	if ((m = chats_msg(EV_ASKED, c)) != NULL)
		txn_tell(e, m);
	chats_trace(c);
}

void
chats_request(struct engine *e, const struct name *to)
{
	struct engine_chat *c;

	if (!link_is_online(e)) {
		engine_note(e, "You are not online; %s was not asked.", to->s);
		return;
	}
	if (name_eq(to, &e->id->name)) {
		engine_note(e, "That is you.");
		return;
	}
	if ((c = chats_get(e, to)) == NULL)
		return;
	if (c->rec.blocked) {
		engine_note(e, "You have blocked %s; /unblock %s first.", to->s,
		    to->s);
		return;
	}
	if ((c->hs != NULL && !c->asked_by_us) || c->rec.phase == HIST_ASKS) {
		chats_accept(e, c->number); /* they have asked us already */
		return;
	}
	if (c->rec.phase == HIST_OPEN) {
		engine_note(e, "The chat with %s is open.", to->s);
		return;
	}
	if (c->hs != NULL || c->fetch_id != 0 || c->rec.phase == HIST_ASKED) {
		engine_note(e, "%s has been asked already.", to->s);
		return;
	}
	ask_live(c);
}

void
chats_cancel(struct engine *e, uint32_t number)
{
	const struct talk_content end = { .what = TALK_END };
	struct engine_chat *c = chats_find(e, number);
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	if (c == NULL)
		return;
	wr_init(&w, buf, sizeof(buf));
	if (c->rec.phase == HIST_ASKED) {
		if (!out_add(c, 0, &end))
			return;
	} else if (c->hs == NULL || !c->asked_by_us) {
		return;
	} else if (c->pending != NULL) {
		/* For them it may be open by now. */
		struct session *s = c->pending;

		c->pending = NULL;
		chats_opened(c, s);
		chats_leave(e, number);
		return;
	} else if (chat_cancel(c->hs, &w) == SOTTO_OK) {
		(void)chats_send(c, CHAT_CANCEL, wr_out(&w), NULL);
	}
	chats_over(c, OVER_CANCELLED, "You took the request back.");
}

void
chats_leave(struct engine *e, uint32_t number)
{
	const struct talk_content end = { .what = TALK_END };
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL)
		return;
	if (c->rec.phase == HIST_OPEN) {
		chats_end_hs(c);
		if (out_add(c, 0, &end))
			chats_over(c, OVER_LEFT, "You left the chat.");
	} else if (c->rec.phase == HIST_ASKED ||
	    (c->hs != NULL && c->asked_by_us)) {
		chats_cancel(e, number);
	} else if (c->rec.phase == HIST_ASKS || c->hs != NULL) {
		chats_refuse(e, number, CHAT_REASON_NO);
	}
}

/* ---- being asked ---- */

static void
send_refusal(struct engine_chat *c, enum chat_reason why)
{
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	if (chat_refuse(c->hs, why, &w) == SOTTO_OK)
		(void)chats_send(c, CHAT_REFUSE, wr_out(&w), NULL);
}

void
chats_refuse(struct engine *e, uint32_t number, enum chat_reason why)
{
	const struct talk_content no = { .what = TALK_REFUSE, .reason = why };
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL || c->asked_by_us)
		return;
	if (c->hs != NULL)
		send_refusal(c, why);
	else if (c->rec.phase != HIST_ASKS || !out_add(c, 0, &no))
		return;
	chats_over(c, OVER_REFUSED, "You said no.");
}

static void
accept_now(struct engine_chat *c)
{
	struct engine *e = c->e;
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	c->accept_wanted = 0;
	if (chat_accept(c->hs, e->eph[--e->n_eph], &w) != SOTTO_OK ||
	    chats_send(c, CHAT_ACCEPT, wr_out(&w), NULL) != SOTTO_OK) {
		chats_over(c, OVER_FAILED, "The answer could not be sent.");
		return;
	}
	set_timer(c); /* until the keys are agreed on */
	chats_make_keys(e);
}

/* Yes to a first message that lay at the relay. */
static void
accept_away(struct engine_chat *c)
{
	const struct talk_content yes = { .what = TALK_ACCEPT };
	const struct session *s = out_session(c);

	if (s == NULL) {
		chats_over(c, OVER_FAILED,
		    "The keys of their request are gone from this disk; ask "
		    "them anew.");
		return;
	}
	if (out_add(c, 0, &yes))
		chats_open(c, NULL, ratchet_suite(s->ratchet));
}

void
chats_accept(struct engine *e, uint32_t number)
{
	struct engine_chat *c = chats_find(e, number);
	struct contact p;

	if (c == NULL || c->asked_by_us ||
	    (c->hs == NULL && c->rec.phase != HIST_ASKS) ||
	    (c->hs != NULL && chat_state(c->hs) != CHAT_S_RINGING))
		return;
	/* Never on a key that the user has not been asked about. */
	if (contacts_get(e->vault, &p, &c->name) != SOTTO_OK ||
	    p.info.trust == TRUST_CHANGED) {
		engine_note(e,
		    "%s has a new key. Nothing was accepted. Compare it "
		    "(/verify %s), or go on without (/trust-new %s).",
		    c->name.s, c->name.s, c->name.s);
		return;
	}
	if (c->hs == NULL) {
		accept_away(c);
		return;
	}
	if (e->n_eph > 0) {
		accept_now(c);
		return;
	}
	c->accept_wanted = 1;
	chats_make_keys(e);
}

/* The smaller chat id wins, on both sides alike. */
static int
their_id_wins(const struct engine_chat *ours, const struct chat *theirs)
{
	return memcmp(chat_id(theirs)->b, chat_id(ours->hs)->b, CHAT_ID_LEN) <
	    0;
}

/*
 * Both asked at the same time: one of the two requests goes on, and it needs
 * no answer by hand.  1: theirs was taken over, or dropped, here.
 */
static int
both_asked(struct engine *e, struct chat *theirs, struct trace *trace)
{
	struct engine_chat *c = chats_find_name(e, &chat_peer(theirs)->name);

	if (c == NULL || c->hs == NULL || !c->asked_by_us ||
	    chat_state(c->hs) != CHAT_S_ASKED)
		return 0;
	if (!their_id_wins(c, theirs)) {
		chat_free(theirs);
		free(trace);
		return 1;
	}
	chat_free(c->hs);
	free(c->trace);
	c->hs = theirs;
	c->trace = trace;
	c->asked_by_us = 0;
	chats_accept(e, c->number);
	return 1;
}

static void
ring(struct engine_chat *c, enum trust trust)
{
	struct msg *m = chats_msg(EV_RINGING, c);

	set_timer(c);
	if (m == NULL)
		return;
	m->key = chat_peer(c->hs)->fingerprint;
	m->trust = trust;
	txn_tell(c->e, m);
	chats_trace(c);
}

static size_t
count_ringing(const struct engine *e)
{
	size_t n = 0;

	for (const struct engine_chat *c = e->chats; c != NULL; c = c->next)
		n += c->rec.phase == HIST_ASKS ||
		    (c->hs != NULL && chat_state(c->hs) == CHAT_S_RINGING);
	return n;
}

void
chats_on_request(struct engine *e, const struct wire_relay *r)
{
	const struct chat_self self = chats_self(e);
	struct trace *trace = calloc(1, sizeof(*trace));
	struct engine_chat *c;
	struct chat *hs = NULL;
	enum trust trust;
	const char *why;

	if (trace == NULL ||
	    chat_incoming(&hs, &self, &r->name, r->payload, clock_wall_ms(),
		&e->g, trace, &why) != SOTTO_OK) {
		log_say(e->conf.log, LOG_WARN, "request from %s: %s", r->name.s,
		    trace == NULL ? "memory ran out" : why);
		free(trace);
		return;
	}
	/* The relay may keep requests and send them again: seen is seen. */
	if (contacts_seen(e->vault, chat_id(hs), engine_now()) != 0 ||
	    people_check(e, chat_peer(hs), &trust) != SOTTO_OK) {
		chat_free(hs);
		free(trace);
		return;
	}
	if (trust != TRUST_CHANGED && both_asked(e, hs, trace))
		return;
	if ((c = chats_get(e, &r->name)) == NULL) {
		chat_free(hs);
		free(trace);
		return;
	}
	if (c->rec.blocked) {
		chat_free(hs); /* as if nobody were here */
		free(trace);
		return;
	}
	if (c->rec.phase == HIST_ASKED && trust != TRUST_CHANGED) {
		/* They get our own question any moment; it goes on. */
		chat_free(hs);
		free(trace);
		return;
	}
	/* They begin anew, who knows why.  With the key that was let in, they
	 * get new keys, as with a first message; until both have those, the
	 * old ones hold: perhaps it was open for them all the time. */
	chats_end_hs(c);
	if (c->rec.phase == HIST_OPEN && trust != TRUST_CHANGED) {
		c->trace = trace;
		c->hs = hs;
		set_timer(c);
		chats_accept(e, c->number);
		return;
	}
	if (c->rec.phase != HIST_OVER)
		chats_over(c, OVER_GONE, NULL);
	c->trace = trace;
	c->hs = hs;
	if (e->busy || count_ringing(e) > RINGING_MAX) {
		send_refusal(c, e->busy ? CHAT_REASON_BUSY : CHAT_REASON_FULL);
		engine_note(e,
		    "%s asked for a chat and was told that you are "
		    "busy.",
		    c->name.s);
		chats_end_hs(c);
		return;
	}
	ring(c, trust);
}

/* ---- one-time keys ---- */

struct eph_job {
	struct engine *e;
	int *making; /* of e: there is one such job */
	struct rsa_key *key;
};

static void
run_eph(void *job)
{
	struct eph_job *j = job;

	if (rsa_generate(&j->key, RSA_BITS, loop_goes_on, j->e->loop) !=
	    SOTTO_OK)
		j->key = NULL;
}

static void
done_eph(void *job)
{
	struct eph_job *j = job;
	struct engine *e = j->e;

	*j->making = 0;
	if (j->key != NULL && e->n_eph < EPH_KEYS && !e->quitting)
		e->eph[e->n_eph++] = j->key;
	else
		rsa_key_free(j->key);
	free(j);
	for (struct engine_chat *c = e->chats; c != NULL && e->n_eph > 0;
	     c = c->next) {
		if (c->accept_wanted) {
			accept_now(c);
			break; /* the list may have changed */
		}
	}
	chats_make_keys(e);
}

/* Ahead of time it gives way to all else; but not when somebody waits for it. */
void
chats_make_keys(struct engine *e)
{
	const struct engine_chat *c = e->chats;
	struct eph_job *j;
	enum sotto_err r;
	int *making;

	while (c != NULL && !c->accept_wanted)
		c = c->next;
	making = c != NULL ? &e->making_eph_now : &e->making_eph;
	if (*making || e->n_eph == EPH_KEYS || e->quitting)
		return;
	if ((j = calloc(1, sizeof(*j))) == NULL)
		return;
	j->e = e;
	j->making = making;
	if (c != NULL)
		r = loop_work(e->loop, run_eph, done_eph, j);
	else
		r = loop_work_ahead(e->loop, run_eph, done_eph, j);
	if (r == SOTTO_OK)
		*making = 1;
	else
		free(j);
}

void
chats_free_keys(struct engine *e)
{
	while (e->n_eph > 0)
		rsa_key_free(e->eph[--e->n_eph]);
}
