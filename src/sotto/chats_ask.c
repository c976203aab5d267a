/* Asking for a chat, and being asked; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

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
		(void)chat_send(c, CHAT_CANCEL, wr_out(&w), NULL);
	chats_over(c, OVER_TIMEOUT, NULL);
}

void
chats_set_timer(struct engine_chat *c)
{
	if (c->timer == NULL)
		c->timer = loop_timer_new(c->e->loop, on_no_answer, c);
	if (c->timer != NULL)
		loop_timer_set(c->timer,
		    c->e->conf.answer_ms > 0 ? c->e->conf.answer_ms
					     : CHAT_ANSWER_S * 1000);
}

struct engine_chat *
chats_find_name(struct engine *e, const struct name *n)
{
	struct engine_chat *c = e->chats;

	while (c != NULL && !name_eq(&c->name, n))
		c = c->next;
	return c;
}

void
chats_request(struct engine *e, const struct name *to)
{
	struct engine_chat *c = chats_find_name(e, to);
	uint8_t buf[CHAT_MSG_MAX];
	struct chat_self self;
	struct msg *m;
	struct wr w;

	if (!link_is_online(e)) {
		engine_note(e, "You are not online; %s was not asked.", to->s);
		return;
	}
	if (name_eq(to, &e->id->name)) {
		engine_note(e, "That is you.");
		return;
	}
	if (c != NULL && c->hs != NULL && !c->asked_by_us) {
		chats_accept(e, c->number); /* they have asked us already */
		return;
	}
	if (c != NULL) {
		engine_note(e,
		    c->talk != NULL ? "The chat with %s is open."
				    : "%s has been asked already.",
		    to->s);
		return;
	}
	if (chats_count(e, 0) >= CHATS_MAX || (c = chats_add(e, to)) == NULL) {
		engine_note(e, "There are too many chats; leave one first.");
		return;
	}
	c->asked_by_us = 1;
	self = chats_self(e);
	wr_init(&w, buf, sizeof(buf));
	c->hs = chat_request(&self, to, clock_wall_ms(), &e->g, c->trace, &w);
	if (c->hs == NULL ||
	    chat_send(c, CHAT_REQUEST, wr_out(&w), &c->request_ref) !=
		SOTTO_OK) {
		chats_over(c, OVER_FAILED, "The request could not be sent.");
		return;
	}
	chats_set_timer(c);
	if ((m = chats_msg(EV_ASKED, c)) != NULL)
		engine_tell(e, m);
	chats_trace(c);
}

void
chats_cancel(struct engine *e, uint32_t number)
{
	struct engine_chat *c = chats_find(e, number);
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	if (c == NULL || c->hs == NULL || !c->asked_by_us)
		return;
	wr_init(&w, buf, sizeof(buf));
	if (chat_cancel(c->hs, &w) == SOTTO_OK)
		(void)chat_send(c, CHAT_CANCEL, wr_out(&w), NULL);
	chats_over(c, OVER_CANCELLED, "You took the request back.");
}

/* ---- being asked ---- */

static void
send_refusal(struct engine_chat *c, enum chat_reason why)
{
	uint8_t buf[CHAT_MSG_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	if (chat_refuse(c->hs, why, &w) == SOTTO_OK)
		(void)chat_send(c, CHAT_REFUSE, wr_out(&w), NULL);
}

void
chats_refuse(struct engine *e, uint32_t number, enum chat_reason why)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL || c->hs == NULL || c->asked_by_us)
		return;
	send_refusal(c, why);
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
	    chat_send(c, CHAT_ACCEPT, wr_out(&w), NULL) != SOTTO_OK) {
		chats_over(c, OVER_FAILED, "The answer could not be sent.");
		return;
	}
	chats_set_timer(c); /* until the keys are agreed on */
	chats_make_keys(e);
}

void
chats_accept(struct engine *e, uint32_t number)
{
	struct engine_chat *c = chats_find(e, number);
	struct contact p;

	if (c == NULL || c->hs == NULL || c->asked_by_us ||
	    chat_state(c->hs) != CHAT_S_RINGING)
		return;
	/* Never on a key that the user has not been asked about. */
	if (contacts_get(e->contacts, &p, &c->name) != SOTTO_OK ||
	    p.info.trust == TRUST_CHANGED) {
		engine_note(e,
		    "%s has a new key. Nothing was accepted. Compare it "
		    "(/verify %s), or go on without (/trust-new %s).",
		    c->name.s, c->name.s, c->name.s);
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

	chats_set_timer(c);
	if (m == NULL)
		return;
	m->key = chat_peer(c->hs)->fingerprint;
	m->trust = trust;
	engine_tell(c->e, m);
	chats_trace(c);
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
	if (contacts_seen(e->contacts, chat_id(hs), engine_now()) != 0 ||
	    people_check(e, chat_peer(hs), &trust) != SOTTO_OK) {
		chat_free(hs);
		free(trace);
		return;
	}
	if (trust != TRUST_CHANGED && both_asked(e, hs, trace))
		return;
	/* They begin anew: what was open with them is over on their side. */
	while ((c = chats_find_name(e, &r->name)) != NULL)
		chats_over(c, OVER_GONE, NULL);
	if ((c = chats_add(e, &r->name)) == NULL) {
		chat_free(hs);
		free(trace);
		return;
	}
	free(c->trace);
	c->trace = trace;
	c->hs = hs;
	if (e->busy || chats_count(e, 1) > RINGING_MAX ||
	    chats_count(e, 0) > CHATS_MAX) {
		send_refusal(c, e->busy ? CHAT_REASON_BUSY : CHAT_REASON_FULL);
		engine_note(e,
		    "%s asked for a chat and was told that you are "
		    "busy.",
		    c->name.s);
		chats_drop(c);
		return;
	}
	ring(c, trust);
}

/* ---- one-time keys ---- */

struct eph_job {
	struct engine *e;
	struct rsa_key *key;
};

static void
run_eph(void *job)
{
	struct eph_job *j = job;

	if (rsa_generate(&j->key, RSA_BITS, NULL, NULL) != SOTTO_OK)
		j->key = NULL;
}

static void
done_eph(void *job)
{
	struct eph_job *j = job;
	struct engine *e = j->e;

	e->making_eph = 0;
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

void
chats_make_keys(struct engine *e)
{
	struct eph_job *j;

	if (e->making_eph || e->n_eph == EPH_KEYS || e->quitting)
		return;
	if ((j = calloc(1, sizeof(*j))) == NULL)
		return;
	j->e = e;
	if (loop_work(e->loop, run_eph, done_eph, j) == SOTTO_OK)
		e->making_eph = 1;
	else
		free(j);
}

void
chats_free_keys(struct engine *e)
{
	while (e->n_eph > 0)
		rsa_key_free(e->eph[--e->n_eph]);
}
