/* Presence, search, trust, and the rest that the relay tells. */
#include <stdlib.h>
#include <string.h>

#include "sotto/engine_priv.h"

/* A certificate with less than this left is renewed at a login. */
#define RENEW_S (95ULL * 24 * 3600)

/* ---- trust ---- */

static void
tell_contact(struct engine *e, const struct contact *p)
{
	struct msg *m = msg_new(EV_CONTACT);

	if (m == NULL)
		return;
	m->name = p->name;
	m->contact = p->info;
	engine_tell(e, m);
}

static void
on_each(void *ctx, const struct contact *p)
{
	tell_contact(ctx, p);
}

void
people_tell_all(struct engine *e)
{
	size_t damaged = 0;

	if (contacts_each(e->vault, on_each, e, &damaged) != SOTTO_OK)
		engine_note(e, "The contacts could not be read from disk.");
	else if (damaged > 0)
		engine_note(e,
		    "%zu contacts on disk are damaged and were not used; "
		    "chats with these people are refused.",
		    damaged);
}

static void
add_event(struct contact *p, enum trust_what what, enum verify_how how,
    const struct hash *key)
{
	struct contact_info *i = &p->info;
	struct trust_event *t;

	if (i->n_events == TRUST_EVENTS_MAX) /* the first one stays */
		memmove(&i->event[1], &i->event[2],
		    (--i->n_events - 1) * sizeof(i->event[0]));
	t = &i->event[i->n_events++];
	*t = (struct trust_event){ .what = what,
		.how = how,
		.at = engine_now() };
	memcpy(t->key, key->b, sizeof(t->key));
}

static void
pin_first(struct contact *p, const struct chat_peer *peer)
{
	memset(p, 0, sizeof(*p));
	p->name = peer->name;
	p->info.trust = TRUST_FIRST;
	p->info.fingerprint = peer->fingerprint;
	p->info.first_seen = engine_now();
	memcpy(p->spki, peer->spki, peer->spki_len);
	p->spki_len = peer->spki_len;
	add_event(p, TRUST_PINNED, HOW_NONE, &peer->fingerprint);
}

enum sotto_err
people_check(struct engine *e, const struct chat_peer *peer, enum trust *trust)
{
	struct contact p;
	enum sotto_err r = contacts_get(e->vault, &p, &peer->name);
	const int first = r == SOTTO_EAGAIN;

	if (first) {
		pin_first(&p, peer);
	} else if (r != SOTTO_OK) {
		return r; /* a pin that cannot be read is not replaced */
	} else if (memcmp(p.info.fingerprint.b, peer->fingerprint.b,
		       HASH_LEN) == 0) {
		*trust = p.info.trust;
		if (p.info.trust != TRUST_CHANGED)
			return SOTTO_OK;
		/* The old key is back: the change was somebody else's. */
		*trust = p.info.verified_at > 0 ? TRUST_VERIFIED : TRUST_FIRST;
		p.info.trust = *trust;
		p.new_spki_len = 0;
		add_event(&p, TRUST_BACK, HOW_NONE, &peer->fingerprint);
	} else {
		if (p.info.trust != TRUST_CHANGED ||
		    memcmp(p.info.new_fingerprint.b, peer->fingerprint.b,
			HASH_LEN) != 0)
			add_event(&p, TRUST_OTHER, HOW_NONE,
			    &peer->fingerprint);
		p.info.trust = TRUST_CHANGED;
		p.info.new_fingerprint = peer->fingerprint;
		p.info.changed_at = engine_now();
		memcpy(p.new_spki, peer->spki, peer->spki_len);
		p.new_spki_len = peer->spki_len;
	}
	if ((r = contacts_put(e->vault, &p)) != SOTTO_OK)
		return r;
	*trust = first ? TRUST_UNKNOWN : p.info.trust;
	tell_contact(e, &p);
	return SOTTO_OK;
}

static void
adopt_new(struct contact *p)
{
	if (p->info.trust != TRUST_CHANGED || p->new_spki_len == 0)
		return;
	p->info.fingerprint = p->info.new_fingerprint;
	memcpy(p->spki, p->new_spki, p->new_spki_len);
	p->spki_len = p->new_spki_len;
	p->new_spki_len = 0;
	p->info.verified_at = 0;
	p->info.how = HOW_NONE;
	p->info.trust = TRUST_FIRST;
}

static void
store_and_tell(struct engine *e, const struct contact *p)
{
	if (contacts_put(e->vault, p) == SOTTO_OK)
		tell_contact(e, p);
	else
		engine_note(e,
		    "What you decided about %s could not be written to disk; "
		    "nothing was changed.",
		    p->name.s);
}

void
people_verified(struct engine *e, const struct name *n, enum verify_how how)
{
	struct contact p;

	if (e->vault == NULL || contacts_get(e->vault, &p, n) != SOTTO_OK)
		return;
	adopt_new(&p);
	p.info.trust = TRUST_VERIFIED;
	p.info.verified_at = engine_now();
	p.info.how = how;
	add_event(&p, TRUST_COMPARED, how, &p.info.fingerprint);
	store_and_tell(e, &p);
	out_pump(e); /* what was held */
}

void
people_trust_new(struct engine *e, const struct name *n)
{
	struct contact p;

	if (e->vault == NULL || contacts_get(e->vault, &p, n) != SOTTO_OK ||
	    p.info.trust != TRUST_CHANGED) {
		engine_note(e, "%s shows no new key; nothing was changed.",
		    n->s);
		return;
	}
	adopt_new(&p);
	add_event(&p, TRUST_TAKEN, HOW_NONE, &p.info.fingerprint);
	store_and_tell(e, &p);
	out_pump(e);
}

/* The number of the key that is shown now: that is what is to be compared. */
void
people_safety(struct engine *e, const struct name *n)
{
	uint8_t mine[RSA_SPKI_MAX];
	struct safety_party me, them;
	struct contact p;
	struct msg *m;
	struct wr w;

	if (e->vault == NULL || contacts_get(e->vault, &p, n) != SOTTO_OK) {
		engine_note(e,
		    "There is no key of %s yet; it comes with the first "
		    "chat.",
		    n->s);
		return;
	}
	wr_init(&w, mine, sizeof(mine));
	if (ident_spki(e->id, &w) != SOTTO_OK ||
	    (m = msg_new(EV_SAFETY)) == NULL)
		return;
	me = (struct safety_party){ wr_out(&w), e->id->name, e->id->relay };
	them = (struct safety_party){ { p.spki, p.spki_len }, p.name,
		e->id->relay };
	if (p.info.trust == TRUST_CHANGED && p.new_spki_len > 0)
		them.spki = (struct span){ p.new_spki, p.new_spki_len };
	safety_number(&m->block, &me, &them);
	m->name = *n;
	m->contact = p.info;
	engine_tell(e, m);
}

/* ---- presence ---- */

static void
tell_people(struct engine *e, const struct wire_cmd *c, enum msg_type type,
    int on)
{
	struct msg *m = msg_new(type);

	if (m == NULL)
		return;
	m->people = calloc(c->people.n + 1, sizeof(struct wire_person));
	if (m->people == NULL) {
		msg_free(m);
		return;
	}
	for (size_t i = 0; i < c->people.n; i++)
		m->people[i] = wire_people_at(&c->people, i);
	m->n_people = c->people.n;
	m->id = c->id;
	m->on = on;
	engine_tell(e, m);
}

static void
on_change(struct engine *e, const struct wire_person *p)
{
	struct msg *m = msg_new(EV_CHANGE);

	if (p->state == WIRE_OFFLINE)
		chats_peer_gone(e, &p->name);
	if (m == NULL)
		return;
	m->name = p->name;
	m->state = p->state;
	engine_tell(e, m);
}

/* What is done about one may end the link, and what its tunnel lent us. */
static void
on_changes(struct engine *e, const struct wire_people *all)
{
	uint8_t raw[WIRE_LIST_MAX * WIRE_PERSON_LEN];
	const struct wire_people copy = { all->n, { raw, all->raw.n } };

	memcpy(raw, all->raw.p, all->raw.n);
	for (size_t i = 0; i < copy.n; i++) {
		const struct wire_person p = wire_people_at(&copy, i);

		on_change(e, &p);
	}
}

static void
on_sents(struct engine *e, const struct wire_sents *all)
{
	uint8_t raw[WIRE_SENT_MAX * WIRE_SENT_LEN];
	const struct wire_sents copy = { all->n, { raw, all->raw.n } };

	memcpy(raw, all->raw.p, all->raw.n);
	for (size_t i = 0; i < copy.n; i++) {
		const struct wire_sent s = wire_sent_at(&copy, i);

		chats_on_sent(e, s.ref, s.result);
	}
}

static void
tell_known(struct engine *e, const struct wire_cmd *c)
{
	struct msg *m = msg_new(EV_KNOWN);

	e->known_id = 0; /* answered */
	if (m == NULL)
		return;
	m->on = c->type == WIRE_KNOWN;
	m->known = c->known;
	engine_tell(e, m);
}

void
link_on_command(struct engine *e, struct span msg)
{
	struct wire_cmd c;

	if (wire_cmd_read(&c, WIRE_FROM_RELAY, msg) != SOTTO_OK) {
		link_lost(e, "The relay sent a command that is malformed.");
		return;
	}
	switch (c.type) {
	case WIRE_CERT:
		entry_got_cert(e, c.der);
		break;
	case WIRE_PRESENCE:
		/* on: this piece begins the list anew. */
		tell_people(e, &c, EV_PRESENCE, c.first);
		break;
	case WIRE_CHANGE:
		on_changes(e, &c.people);
		break;
	case WIRE_FOUND:
		tell_people(e, &c, EV_FOUND, c.more);
		break;
	case WIRE_SENT:
		on_sents(e, &c.sents);
		break;
	case WIRE_STOCK:
		stock_on_stock(e, &c);
		break;
	case WIRE_KEYS:
		away_on_keys(e, &c);
		break;
	case WIRE_TICKET:
		back_keep(e, &c);
		break;
	case WIRE_ERROR:
		if (away_on_error(e, &c))
			break;
		if (c.id == e->known_id && c.id != 0)
			tell_known(e, &c);
		else if (c.id == e->last_renew && c.id != 0)
			engine_note(e,
			    "The relay did not renew your certificate; it "
			    "will be tried again at the next login.");
		break;
	case WIRE_KNOWN:
		tell_known(e, &c);
		break;
	case WIRE_ASK_KNOWN:
	case WIRE_WATCH:
	case WIRE_STATE:
	case WIRE_SEARCH:
	case WIRE_RENEW:
	case WIRE_ACK:
	case WIRE_PUBLISH:
	case WIRE_FETCH:
		break; /* wire_cmd_read() let none of them come */
	}
}

void
people_search(struct engine *e, uint64_t id, const char *pattern)
{
	struct wire_cmd c = { .type = WIRE_SEARCH, .id = (uint32_t)id };

	c.pattern = span_str(pattern != NULL ? pattern : "");
	if (c.pattern.n > WIRE_PATTERN_MAX)
		c.pattern.n = WIRE_PATTERN_MAX;
	(void)link_send_cmd(e, &c);
}

void
people_ask_known(struct engine *e)
{
	(void)link_send_cmd(e,
	    &(struct wire_cmd){ .type = WIRE_ASK_KNOWN,
		.id = e->known_id = ++e->last_id });
}

void
people_busy(struct engine *e, int on)
{
	e->busy = on;
	(void)link_send_cmd(e,
	    &(struct wire_cmd){ .type = WIRE_STATE,
		.state = on ? WIRE_BUSY : WIRE_ONLINE });
}

/* ---- our own certificate ---- */

void
people_renew_if_due(struct engine *e)
{
	struct cert_info ci;
	struct rsa_key *k = NULL;
	uint8_t csr[CERT_DER_MAX];
	struct wr w;

	if (cert_read_info(&ci,
		(struct span){ e->id->cert, e->id->cert_len }) != SOTTO_OK ||
	    ci.not_after > engine_now() + RENEW_S)
		return;
	wr_init(&w, csr, sizeof(csr));
	if (ident_key(e->id, &k) == SOTTO_OK &&
	    csr_make(&w, k, &e->id->name, e->id->relay) == SOTTO_OK)
		(void)link_send_cmd(e,
		    &(struct wire_cmd){ .type = WIRE_RENEW,
			.id = e->last_renew = ++e->last_id,
			.der = wr_out(&w) });
	rsa_key_free(k);
}
