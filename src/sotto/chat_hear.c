/* What comes to be heard, out of its session; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* A text that was sent so long ago came late, but by their clock only so far
 * back. */
#define LATE_MS     (60ULL * 1000)
#define LATE_MAX_MS (15ULL * 24 * 3600 * 1000)

/* ---- content ---- */

static int
on_text(struct engine_chat *c, const struct talk_content *t)
{
	struct engine *e = c->e;
	struct hist_line l = { .kind = HIST_THEIRS,
		.at_ms = clock_wall_ms(),
		.sent_ms = t->sent_ms,
		.msg = t->id,
		.reply_to = t->reply_to,
		.unread = 1 };
	const int late = t->sent_ms + LATE_MS < l.at_ms &&
	    t->sent_ms + LATE_MAX_MS > l.at_ms;
	struct msg *m;
	enum sotto_err r;

	if (late) /* when it was said, if that can be */
		l.at_ms = t->sent_ms;
	if (c->rec.phase != HIST_OPEN)
		l.flags |= HIST_UNTOLD;
	if (t->id == 0 || (l.text = malloc(t->text.n + 1)) == NULL)
		return t->id == 0;
	memcpy(l.text, t->text.p, t->text.n);
	l.text[t->text.n] = '\0';
	r = hist_add(e->vault, c->rec.id, &l);
	if (r == SOTTO_OK && (m = chat_line_msg(EV_TEXT, c, &l)) != NULL) {
		m->late = late;
		txn_tell(e, m);
	}
	if (r == SOTTO_OK && c->rec.phase == HIST_OPEN &&
	    !out_receipt(c, TALK_DELIVERED, l.msg, l.text)) {
		hist_line_free(&l);
		return 0;
	}
	hist_line_free(&l);
	if (r == SOTTO_OK || r == SOTTO_ESTATE)
		return 1;
	txn_fail(e);
	return 0;
}

static int
on_ref(struct engine_chat *c, const struct talk_ref *ref, enum sent_state s)
{
	struct engine *e = c->e;
	struct hist_line l;
	uint8_t hash[16];
	enum sotto_err r = hist_find(e->vault, c->rec.id, 1, ref->id, &l);

	if (r == SOTTO_EAGAIN || r == SOTTO_EAUTH)
		return 1; /* never sent, or forgotten since */
	if (r != SOTTO_OK) {
		txn_fail(e);
		return 0;
	}
	talk_text_hash(hash, span_str(l.text));
	if (memcmp(hash, ref->hash, sizeof(hash)) != 0 &&
	    !(l.flags & (HIST_EDITED | HIST_DELETED))) {
		s = SENT_FAILED;
		(void)snprintf(l.why, sizeof(l.why),
		    "the text that arrived is not the same");
	}
	if (l.state < s) {
		l.state = s;
		r = hist_set(e->vault, c->rec.id, &l);
		out_tell_sent(c, l.msg, s, s == SENT_FAILED ? l.why : NULL);
	}
	hist_line_free(&l);
	if (r == SOTTO_OK)
		return 1;
	txn_fail(e);
	return 0;
}

static int
on_receipt(struct engine_chat *c, const struct talk_content *t)
{
	for (size_t i = 0; i < t->n_refs; i++)
		if (!on_ref(c, &t->ref[i],
			t->receipt == TALK_READ ? SENT_READ : SENT_DELIVERED))
			return 0;
	return 1;
}

/* They ask, in a first message: the user answers, unless both asked. */
static void
on_ask(struct engine_chat *c, struct session *s)
{
	const struct talk_content yes = { .what = TALK_ACCEPT };
	struct engine *e = c->e;
	struct contact p;
	struct msg *m;

	if (contacts_get(e->vault, &p, &c->name) != SOTTO_OK)
		return;
	if (c->rec.phase == HIST_OPEN) {
		/* Their keys are new, or our yes never came. */
		(void)out_add(c, 0, &yes);
		return;
	}
	if (p.info.trust != TRUST_CHANGED &&
	    (c->rec.phase == HIST_ASKED || (c->hs != NULL && c->asked_by_us))) {
		chats_end_hs(c);
		if (out_add(c, 0, &yes))
			chats_open(c, NULL, ratchet_suite(s->ratchet));
		return;
	}
	c->rec.phase = HIST_ASKS;
	c->rec.trust = p.info.trust;
	if (!chats_save(c) || (m = chats_msg(EV_RINGING, c)) == NULL)
		return;
	m->key = p.info.trust == TRUST_CHANGED ? p.info.new_fingerprint
					       : p.info.fingerprint;
	m->trust = p.info.trust;
	m->on = 1; /* it may have waited */
	txn_tell(e, m);
}

static void
on_refused(struct engine_chat *c, enum chat_reason why)
{
	if (c->rec.phase != HIST_ASKED)
		return;
	chats_over(c,
	    why == CHAT_REASON_BUSY       ? OVER_BUSY
		: why == CHAT_REASON_FULL ? OVER_FULL
					  : OVER_REFUSED,
	    NULL);
}

static void
on_end(struct engine_chat *c)
{
	const enum hist_phase was = c->rec.phase;

	if (was == HIST_OVER)
		return;
	chats_end_hs(c);
	chats_over(c, was == HIST_ASKS ? OVER_CANCELLED : OVER_LEFT, NULL);
}

static void
on_content(struct engine_chat *c, struct session *s,
    const struct talk_content *t)
{
	switch (t->what) {
	case TALK_TEXT:
		(void)on_text(c, t);
		break;
	case TALK_RECEIPT:
		(void)on_receipt(c, t);
		break;
	case TALK_ASK:
		on_ask(c, s);
		break;
	case TALK_ACCEPT:
		if (c->rec.phase == HIST_ASKED)
			chats_open(c, NULL, ratchet_suite(s->ratchet));
		break;
	case TALK_REFUSE:
		on_refused(c, t->reason);
		break;
	case TALK_END:
		on_end(c);
		break;
	case TALK_KEEP:
		chat_on_keep(c, t);
		break;
	case TALK_EDIT:
	case TALK_DELETE:
	case TALK_REACT:
		(void)chat_on_change(c, t);
		break;
	}
}

/* ---- sessions ---- */

/* Ours, not answered, and theirs: the smaller chat id goes on, on both sides. */
static int
ours_goes_on(struct engine_chat *c, const struct session *theirs)
{
	const struct session *ours = out_session(c);

	return ours != NULL && ours->head_len > 0 &&
	    !ratchet_heard(ours->ratchet) &&
	    memcmp(ratchet_id(ours->ratchet)->b, ratchet_id(theirs->ratchet)->b,
		CHAT_ID_LEN) < 0;
}

/* Ours, not the message's: it has to come again. */
static int
is_trouble(enum sotto_err err)
{
	return err == SOTTO_EIO || err == SOTTO_ENOMEM;
}

int
chat_new_keys(struct engine_chat *c, int changed)
{
	char text[MSG_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    changed
		? "%s has a NEW KEY since now. What you write waits here until "
		  "you compare it (/verify) or go on without (/trust-new)."
		: "%s has agreed on new keys for this chat, as after a "
		  "restored copy.",
	    c->name.s);
	return chat_note(c, changed ? HIST_WARN : HIST_NOTE, text);
}

/* A first message has opened: who it is from is proven now. */
static struct engine_chat *
take_in(struct engine *e, const struct name *from, struct session *s,
    const struct prekey_head *h)
{
	struct engine_chat *c;
	enum sotto_err err;
	int seen;
	enum trust trust;

	/* The relay may keep first messages, too, and send them again. */
	if ((seen = contacts_seen(e->vault, &h->id, engine_now())) > 0)
		return NULL;
	err = people_check(e, &s->peer, &trust);
	if (seen < 0 || is_trouble(err)) {
		txn_fail(e);
		return NULL;
	}
	if (err != SOTTO_OK || (c = chats_get(e, from)) == NULL)
		return NULL;
	s->chat = c->rec.id;
	if (h->one_number != 0 &&
	    one_time_drop(e->vault, h->one_number) != SOTTO_OK) {
		txn_fail(e);
		return NULL;
	}
	if (c->rec.phase == HIST_OPEN &&
	    !chat_new_keys(c, trust == TRUST_CHANGED))
		return NULL;
	if (ours_goes_on(c, s))
		return c;
	c->rec.session = *ratchet_id(s->ratchet);
	session_free(c->session);
	c->session = NULL;
	if (outbox_unseal(e->vault, c->rec.id) != SOTTO_OK) {
		txn_fail(e);
		return NULL;
	}
	return chats_save(c) ? c : NULL;
}

static void
refuse(struct engine *e, const struct name *from, const char *why)
{
	engine_note(e, "A message that claims to be from %s was dropped: %s.",
	    from->s, why);
}

static const char *
why_not(enum sotto_err r)
{
	if (r == SOTTO_ETOOBIG)
		return "too many before it are missing";
	if (r == SOTTO_EFORMAT)
		return "its content is not understood";
	if (r == SOTTO_EAGAIN)
		return "its keys are not on this disk (any more)";
	return "it is not authentic";
}

static void
tell_gap(struct engine_chat *c, const struct ratchet_opened *o)
{
	char text[MSG_TEXT_MAX];

	if (o->missing == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "%llu messages of %s are missing here",
	    (unsigned long long)o->missing, c->name.s);
	(void)chat_note(c, HIST_GAP, text);
}

/* Which session, as it is on disk or a new one; owned.  In *c whose. */
static enum sotto_err
find_session(struct engine *e, const struct wire_relay *r,
    struct prekey_head *h, struct session **s, int *is_new, const char **why)
{
	struct chat_id id;
	enum sotto_err err;

	*is_new = 0;
	if (r->type == CHAT_START) {
		if ((err = prekey_head_read(h, r->payload)) != SOTTO_OK)
			return err;
		id = h->id;
	} else if ((err = chat_id_peek(&id, r->type, r->payload)) != SOTTO_OK) {
		return err;
	}
	err = session_get(e->vault, s, &id);
	if (err != SOTTO_EAGAIN || r->type != CHAT_START)
		return err;
	*is_new = 1;
	*s = away_on_start(e, &r->name, h, why);
	return *s != NULL ? SOTTO_OK : SOTTO_EAUTH;
}

/*
 * One state in memory and on disk.  *kept: the chat has s now.  0: the disk
 * failed, and s is freed.
 */
static int
keep_state(struct engine_chat *c, struct session *s, int *kept)
{
	const int opens =
	    s->asked && c->rec.phase == HIST_OVER && !c->rec.blocked;

	*kept = opens ||
	    memcmp(c->rec.session.b, ratchet_id(s->ratchet)->b, CHAT_ID_LEN) ==
		0;
	if (opens) { /* we had asked; their last answer was lost */
		chats_opened(c, s);
		return 1;
	}
	s->asked = 0;
	if (session_put(c->e->vault, s) != SOTTO_OK) {
		session_free(s);
		return 0;
	}
	if (*kept) {
		session_free(c->session);
		c->session = s;
	}
	return 1;
}

/* It opened: keep the state, and do what it says.  Takes s. */
static void
opened(struct engine *e, const struct wire_relay *r, struct session *s,
    int is_new, const struct prekey_head *h, struct span inner,
    const struct ratchet_opened *o)
{
	struct talk_content t;
	int kept;
	struct engine_chat *c =
	    is_new ? take_in(e, &r->name, s, h) : chats_find_name(e, &r->name);

	if (c == NULL || !txn(e)) {
		session_free(s);
		return;
	}
	if (!keep_state(c, s, &kept)) {
		txn_fail(e);
		return;
	}
	/* If the disk failed, s is gone with all that was cached. */
	if (e->txn && !c->rec.blocked)
		tell_gap(c, o);
	if (e->txn && !c->rec.blocked && talk_read(&t, inner) == SOTTO_OK)
		on_content(c, s, &t);
	if (!kept) /* else the chat has it */
		session_free(s);
}

int
chat_hear(struct engine *e, const struct wire_relay *r, int may_wait)
{
	struct prekey_head h;
	struct ratchet_opened o;
	struct session *s = NULL;
	struct span in = r->payload;
	const char *why = NULL;
	uint8_t *out; /* secret */
	int is_new, waits = 0;
	enum sotto_err err = find_session(e, r, &h, &s, &is_new, &why);

	if (is_trouble(err)) {
		txn_fail(e);
		return 0;
	}
	if (err != SOTTO_OK) {
		refuse(e, &r->name, why != NULL ? why : why_not(err));
		return 0;
	}
	if (r->type == CHAT_START)
		in = h.envelope;
	if (!name_eq(ratchet_peer(s->ratchet), &r->name)) {
		session_free(s);
		return 0;
	}
	if ((out = malloc(in.n + 1)) == NULL) {
		session_free(s);
		txn_fail(e);
		return 0;
	}
	err = ratchet_open(s->ratchet, r->type, in, engine_now(), out, &o);
	waits = err == SOTTO_OK && may_wait && o.missing > 0;
	if (waits) {
		session_free(s); /* as if it had not come */
	} else if (err == SOTTO_OK) {
		opened(e, r, s, is_new, &h, (struct span){ out, o.n }, &o);
	} else if (is_trouble(err)) {
		session_free(s);
		txn_fail(e);
	} else {
		session_free(s);
		/* That one comes twice is how the relay keeps its promise. */
		if (err != SOTTO_ESTATE)
			refuse(e, &r->name, why_not(err));
	}
	secret_wipe(out, in.n);
	free(out);
	return waits;
}
