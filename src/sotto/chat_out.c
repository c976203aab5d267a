/* From the outbox to the relay; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/engine_priv.h"

/* Receipts wait a moment, so that their time tells nothing exact. */
#define RECEIPT_MAX_MS 1000
#define AGAIN_MS       20000
#define BATCH          32 /* messages that are sealed in one transaction */

/* ---- adding ---- */

int
out_add(struct engine_chat *c, int64_t line, const struct talk_content *t)
{
	struct engine *e = c->e;
	int64_t id;

	if (!txn(e))
		return 0;
	if (outbox_add(e->vault, c->rec.id, line, t, &id) == SOTTO_OK)
		return 1;
	txn_fail(e);
	return 0;
}

/* One more in the receipt that waits already. */
static enum sotto_err
add_to_receipt(struct engine_chat *c, enum talk_receipt kind,
    const struct talk_ref *ref)
{
	struct outbox_item i;
	struct talk_content t;
	enum sotto_err r = outbox_receipt(c->e->vault, c->rec.id, &i);

	if (r != SOTTO_OK)
		return r;
	r = talk_read(&t, (struct span){ i.content, i.content_len });
	if (r == SOTTO_OK && t.receipt == kind &&
	    t.n_refs < TALK_RECEIPTS_MAX) {
		t.ref[t.n_refs++] = *ref;
		r = outbox_replace(c->e->vault, i.id, &t);
	} else {
		r = SOTTO_EAGAIN;
	}
	outbox_item_free(&i);
	return r;
}

int
out_receipt(struct engine_chat *c, enum talk_receipt kind, uint64_t id,
    const char *text)
{
	struct engine *e = c->e;
	struct talk_content t = { .what = TALK_RECEIPT,
		.receipt = kind,
		.n_refs = 1 };
	uint8_t raw[2];
	enum sotto_err r;

	if (!txn(e))
		return 0;
	t.ref[0].id = id;
	talk_text_hash(t.ref[0].hash, span_str(text));
	rng_fill(&e->g, raw, sizeof(raw));
	loop_timer_set(e->receipts,
	    (uint64_t)(raw[0] << 8 | raw[1]) % RECEIPT_MAX_MS);
	r = add_to_receipt(c, kind, &t.ref[0]);
	if (r == SOTTO_EAGAIN)
		return out_add(c, 0, &t);
	if (r == SOTTO_OK)
		return 1;
	txn_fail(e);
	return 0;
}

void
out_tell_sent(struct engine_chat *c, uint64_t id, enum sent_state s,
    const char *why)
{
	struct msg *m = chats_msg(EV_SENT, c);

	if (m == NULL)
		return;
	m->id = id;
	m->sent = s;
	if (why != NULL)
		(void)msg_set_text(m, "%s", why);
	txn_tell(c->e, m);
}

/* ---- sealing ---- */

struct session *
out_session(struct engine_chat *c)
{
	static const struct chat_id none;

	if (c->session == NULL &&
	    memcmp(c->rec.session.b, none.b, CHAT_ID_LEN) != 0)
		(void)session_get(c->e->vault, &c->session, &c->rec.session);
	return c->session;
}

/* May anything be sealed for them now? */
static int
is_held(struct engine_chat *c)
{
	struct contact p;

	return contacts_get(c->e->vault, &p, &c->name) != SOTTO_OK ||
	    p.info.trust == TRUST_CHANGED;
}

/* The head that goes before, as long as they have not answered, then it. */
static enum sotto_err
seal(struct engine_chat *c, struct session *s, struct outbox_item *i)
{
	const int start = s->head_len > 0 && !ratchet_heard(s->ratchet);
	const size_t cap = PREKEY_HEAD_MAX + TALK_SEALED_MAX;
	uint64_t counter;
	struct wr w;
	enum sotto_err r;

	i->type = start           ? CHAT_START
	    : i->what == TALK_END ? CHAT_END
				  : CHAT_MESSAGE;
	if ((i->wire = malloc(cap)) == NULL)
		return SOTTO_ENOMEM;
	wr_init(&w, i->wire, cap);
	if (start)
		wr_bytes(&w, s->head, s->head_len);
	r = ratchet_seal(s->ratchet, i->type,
	    (struct span){ i->content, i->content_len }, &c->e->g, &w,
	    &counter);
	i->wire_len = w.n;
	if (r == SOTTO_OK)
		r = session_put(c->e->vault, s);
	if (r == SOTTO_OK)
		r = outbox_seal(c->e->vault, i->id, i->type, wr_out(&w));
	return r;
}

static int
in_flight(const struct engine *e, int64_t id)
{
	for (size_t i = 0; i < e->n_flight; i++)
		if (e->flight[i].id == id)
			return 1;
	return 0;
}

/* Chats whose messages have to wait in this round. */
struct blocked {
	int64_t chat[64];
	size_t n;
};

static int
is_blocked(const struct blocked *b, int64_t chat)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->chat[i] == chat)
			return 1;
	return b->n == sizeof(b->chat) / sizeof(b->chat[0]);
}

static void
block(struct blocked *b, int64_t chat)
{
	if (!is_blocked(b, chat))
		b->chat[b->n++] = chat;
}

/* 1: it is sealed, now or before; 0: not in this round; -1: the disk. */
static int
make_ready(struct engine *e, struct outbox_item *i)
{
	struct engine_chat *c = chats_find(e, (uint32_t)i->chat);
	struct session *s;

	if (c == NULL || is_held(c))
		return 0;
	if (i->wire != NULL)
		return 1;
	if (i->what == TALK_RECEIPT && !e->receipts_due)
		return 0;
	if ((s = out_session(c)) == NULL) {
		away_start(c); /* with new keys, then */
		return 0;
	}
	return seal(c, s, i) == SOTTO_OK ? 1 : -1;
}

static enum sotto_err
send_one(struct engine *e, const struct outbox_item *i)
{
	const struct engine_chat *c = chats_find(e, (uint32_t)i->chat);
	struct wire_relay m = { .type = i->type, .ref = i->ref };

	if (c == NULL)
		return SOTTO_ESTATE;
	m.name = c->name;
	m.payload = (struct span){ i->wire, i->wire_len };
	return link_send_relay(e, &m, 0);
}

/* Those that can go, sealed and on disk: into items.  -1: the disk. */
static int
collect(struct engine *e, struct outbox_item *items, size_t max)
{
	struct blocked b = { .n = 0 };
	int64_t after = 0;
	size_t n = 0;

	while (n < max) {
		struct outbox_item *i = &items[n];
		enum sotto_err r = outbox_next(e->vault, after, i);
		int ready;

		if (r == SOTTO_EAGAIN)
			break;
		if (r != SOTTO_OK)
			return -1;
		after = i->id;
		ready = in_flight(e, i->id) || is_blocked(&b, i->chat)
		    ? 0
		    : make_ready(e, i);
		if (ready > 0) {
			n++;
			continue;
		}
		/* The order in a chat stays; receipts are behind nobody. */
		if (!in_flight(e, i->id) && i->what != TALK_RECEIPT)
			block(&b, i->chat);
		outbox_item_free(i);
		if (ready < 0)
			return -1;
	}
	return (int)n;
}

static void
not_now(struct engine *e)
{
	e->not_now = 1;
	loop_timer_set(e->again,
	    e->conf.beat_ms > 0 ? e->conf.beat_ms : AGAIN_MS);
}

static int
pump_batch(struct engine *e)
{
	struct outbox_item items[BATCH];
	size_t room = FLIGHT_MAX - e->n_flight;
	int n, sent = 0;

	memset(items, 0, sizeof(items));
	if (vault_begin(e->vault) != SOTTO_OK)
		return 0;
	n = collect(e, items, room < BATCH ? room : BATCH);
	/* On disk before it may leave: a crash would use a key twice. */
	if (n < 0 || vault_commit(e->vault) != SOTTO_OK) {
		txn_tell_failed(e);
		vault_undo(e->vault);
		chats_reload(e);
		not_now(e); /* and then by itself */
		n = 0;
	} else {
		e->disk_bad = 0;
	}
	for (int i = 0; i < n; i++) {
		if (send_one(e, &items[i]) != SOTTO_OK)
			break;
		e->flight[e->n_flight++] =
		    (struct flight){ items[i].id, items[i].ref };
		sent++;
	}
	for (int i = 0; i < BATCH; i++)
		outbox_item_free(&items[i]);
	return sent;
}

void
out_pump(struct engine *e)
{
	if (e->vault == NULL || e->txn || e->not_now || !link_is_online(e) ||
	    e->id == NULL || !e->stocked)
		return; /* not before it is known that this store is no old copy */
	while (
	    e->n_flight < FLIGHT_MAX && link_is_online(e) && pump_batch(e) > 0)
		;
	/* Those that had no room in flight go with the next. */
	e->receipts_due &= e->n_flight == FLIGHT_MAX;
}

void
out_offline(struct engine *e)
{
	e->n_flight = 0;
	e->ack_due = 0;
	chat_in_offline(e);
	e->not_now = e->stocked = 0;
	loop_timer_stop(e->again);
}

/* ---- what became of it ---- */

static void
set_line(struct engine_chat *c, uint64_t msg, enum sent_state s,
    const char *why)
{
	struct engine *e = c->e;
	struct hist_line l;
	enum sotto_err r = hist_find(e->vault, c->rec.id, 1, msg, &l);

	if (r == SOTTO_EAGAIN || r == SOTTO_EAUTH)
		return; /* its day was forgotten */
	if (r == SOTTO_OK && l.state < s) {
		l.state = s;
		(void)snprintf(l.why, sizeof(l.why), "%s",
		    why != NULL ? why : "");
		r = hist_set(e->vault, c->rec.id, &l);
		out_tell_sent(c, msg, s, why);
	}
	hist_line_free(&l);
	if (r != SOTTO_OK)
		txn_fail(e);
}

/* The relay cannot take it now: it stays, and goes again later. */
static void
wait_for(struct engine *e, const struct outbox_item *i, const char *why)
{
	struct engine_chat *c = chats_find(e, (uint32_t)i->chat);

	if (c != NULL && i->what == TALK_TEXT)
		out_tell_sent(c, i->ref, SENT_WAITING, why);
	not_now(e);
}

static void
is_gone(struct engine *e, const struct outbox_item *i, enum sent_state s,
    const char *why)
{
	struct engine_chat *c = chats_find(e, (uint32_t)i->chat);

	if (!txn(e))
		return;
	if (outbox_drop(e->vault, i->id) != SOTTO_OK)
		txn_fail(e);
	else if (c != NULL && i->what == TALK_TEXT)
		set_line(c, i->ref, s, why);
}

int
out_on_sent(struct engine *e, uint64_t ref, enum wire_result res)
{
	struct outbox_item i;
	size_t at = 0;

	while (at < e->n_flight && e->flight[at].ref != ref)
		at++;
	if (at == e->n_flight)
		return 0;
	e->flight[at] = e->flight[--e->n_flight];
	if (e->vault == NULL || outbox_by_ref(e->vault, ref, &i) != SOTTO_OK)
		return 1; /* taken back meanwhile */
	switch (res) {
	case WIRE_STORED:
		is_gone(e, &i, SENT_AT_RELAY, NULL);
		break;
	case WIRE_NOBODY:
		is_gone(e, &i, SENT_FAILED, "there is no such user any more");
		break;
	case WIRE_MAILBOX:
		wait_for(e, &i, "their mailbox at the relay is full");
		break;
	case WIRE_NO_STORE:
		wait_for(e, &i, "the relay cannot store it now");
		break;
	case WIRE_NOT_HERE:
	case WIRE_FULL:
	case WIRE_TOO_MANY:
		wait_for(e, &i, "the relay did not take it");
		break;
	}
	if (!e->txn)
		out_pump(e);
	return 1;
}
