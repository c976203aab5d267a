#include "net/wire.h"

#include <string.h>

#include "crypto/hs.h"

/* ---- relayed messages ---- */

static int
is_chat_type(uint8_t t)
{
	return t >= CHAT_REQUEST && t <= CHAT_TYPING;
}

enum sotto_err
wire_relay_read(struct wire_relay *out, struct span in)
{
	struct wire_relay m;
	struct rd r;
	uint8_t type;
	enum sotto_err e;

	rd_init(&r, in);
	type = rd_u8(&r);
	if (!is_chat_type(type))
		rd_fail(&r, SOTTO_EFORMAT);
	m.type = (enum chat_type)type;
	m.ref = rd_u64(&r);
	rd_name(&r, &m.name);
	m.payload = rd_bytes(&r, r.n);
	if ((e = rd_end(&r)) == SOTTO_OK && m.payload.n == 0)
		e = SOTTO_EFORMAT;
	if (e == SOTTO_OK)
		*out = m;
	return e;
}

void
wire_relay_write(struct wr *w, const struct wire_relay *m)
{
	wr_u8(w, (uint8_t)m->type);
	wr_u64(w, m->ref);
	wr_name(w, &m->name);
	wr_span(w, m->payload);
}

void
wire_relay_turn(uint8_t *msg, const struct name *from, uint64_t place)
{
	struct wr w;

	wr_init(&w, msg + 1, WIRE_RELAY_HEAD - 1);
	wr_u64(&w, place);
	wr_name(&w, from);
}

/* ---- people ---- */

static enum wire_state
rd_state(struct rd *r)
{
	uint8_t s = rd_u8(r);

	if (s > WIRE_BUSY)
		rd_fail(r, SOTTO_EFORMAT);
	return s > WIRE_BUSY ? WIRE_OFFLINE : (enum wire_state)s;
}

/* u16 n, then n people; each is looked at now, so that later nobody must. */
static void
rd_people(struct rd *r, struct wire_people *p, size_t max)
{
	struct rd each;

	p->n = rd_u16(r);
	if (p->n > max) {
		rd_fail(r, SOTTO_ETOOBIG);
		return;
	}
	p->raw = rd_bytes(r, p->n * WIRE_PERSON_LEN);
	rd_init(&each, p->raw);
	for (size_t i = 0; i < p->n; i++) {
		struct name n;

		(void)rd_state(&each);
		rd_name(&each, &n);
	}
	if (each.err != SOTTO_OK)
		rd_fail(r, each.err);
}

static void
wr_people(struct wr *w, const struct wire_people *p)
{
	wr_u16(w, (uint16_t)p->n);
	wr_span(w, p->raw);
}

struct wire_person
wire_people_at(const struct wire_people *p, size_t i)
{
	struct wire_person one;
	struct rd r;

	rd_init(&r,
	    (struct span){ p->raw.p + i * WIRE_PERSON_LEN, WIRE_PERSON_LEN });
	one.state = rd_state(&r);
	rd_name(&r, &one.name);
	return one;
}

void
wire_person_write(struct wr *w, const struct wire_person *p)
{
	wr_u8(w, (uint8_t)p->state);
	wr_name(w, &p->name);
}

/* ---- answers ---- */

static struct wire_sent
rd_sent(struct rd *r)
{
	struct wire_sent s = { .ref = rd_u64(r) };
	uint8_t result = rd_u8(r);

	if (result < WIRE_NOT_HERE || result > WIRE_NO_STORE)
		rd_fail(r, SOTTO_EFORMAT);
	else
		s.result = (enum wire_result)result;
	return s;
}

struct wire_sent
wire_sent_at(const struct wire_sents *s, size_t i)
{
	struct rd r;

	rd_init(&r,
	    (struct span){ s->raw.p + i * WIRE_SENT_LEN, WIRE_SENT_LEN });
	return rd_sent(&r);
}

void
wire_sent_write(struct wr *w, const struct wire_sent *s)
{
	wr_u64(w, s->ref);
	wr_u8(w, (uint8_t)s->result);
}

/* ---- commands ---- */

static void
read_pattern(struct rd *r, struct wire_cmd *c)
{
	c->pattern = rd_bytes(r, rd_u8(r));
	if (c->pattern.n > WIRE_PATTERN_MAX)
		rd_fail(r, SOTTO_ETOOBIG);
	for (size_t i = 0; i < c->pattern.n; i++)
		if (c->pattern.p[i] <= ' ' || c->pattern.p[i] > '~')
			rd_fail(r, SOTTO_EFORMAT);
}

/* A whole number of one-time keys, at most max. */
static void
read_ones(struct rd *r, struct wire_cmd *c, size_t max)
{
	const size_t n = rd_u8(r);

	if (n > max)
		rd_fail(r, SOTTO_ETOOBIG);
	else
		c->ones = rd_bytes(r, n * PREKEY_ONE_LEN);
}

static void
read_from_client(struct rd *r, uint8_t type, struct wire_cmd *c)
{
	switch (type) {
	case WIRE_WATCH:
		c->type = WIRE_WATCH;
		break;
	case WIRE_STATE:
		c->type = WIRE_STATE;
		c->state = rd_state(r);
		if (c->state == WIRE_OFFLINE)
			rd_fail(r, SOTTO_EFORMAT);
		break;
	case WIRE_SEARCH:
		c->type = WIRE_SEARCH;
		c->id = rd_u32(r);
		read_pattern(r, c);
		break;
	case WIRE_RENEW:
		c->type = WIRE_RENEW;
		c->id = rd_u32(r);
		c->der = rd_str16(r, CERT_DER_MAX);
		break;
	case WIRE_ACK:
		c->type = WIRE_ACK;
		c->place = rd_u64(r);
		break;
	case WIRE_PUBLISH:
		c->type = WIRE_PUBLISH;
		c->epoch = rd_u32(r);
		c->bundle = rd_str16(r, PREKEY_BUNDLE_MAX);
		read_ones(r, c, PREKEY_ONE_MAX);
		break;
	case WIRE_FETCH:
		c->type = WIRE_FETCH;
		c->id = rd_u32(r);
		rd_name(r, &c->name);
		break;
	case WIRE_ASK_KNOWN:
		c->type = WIRE_ASK_KNOWN;
		c->id = rd_u32(r);
		break;
	default:
		rd_fail(r, SOTTO_EFORMAT);
		break;
	}
}

static void
read_presence(struct rd *r, struct wire_cmd *c)
{
	uint8_t flags = rd_u8(r);

	c->type = WIRE_PRESENCE;
	if (flags > 3)
		rd_fail(r, SOTTO_EFORMAT);
	c->first = flags & 1;
	c->last = (flags & 2) != 0;
	rd_people(r, &c->people, WIRE_LIST_MAX);
}

static void
read_sent(struct rd *r, struct wire_cmd *c)
{
	struct rd each;

	c->type = WIRE_SENT;
	c->sents.n = rd_u8(r);
	if (c->sents.n < 1 || c->sents.n > WIRE_SENT_MAX) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	c->sents.raw = rd_bytes(r, c->sents.n * WIRE_SENT_LEN);
	rd_init(&each, c->sents.raw);
	for (size_t i = 0; i < c->sents.n; i++)
		(void)rd_sent(&each);
	if (each.err != SOTTO_OK)
		rd_fail(r, each.err);
}

static void
read_found(struct rd *r, struct wire_cmd *c)
{
	uint8_t more;

	c->type = WIRE_FOUND;
	c->id = rd_u32(r);
	more = rd_u8(r);
	if (more > 1)
		rd_fail(r, SOTTO_EFORMAT);
	c->more = more;
	rd_people(r, &c->people, WIRE_FOUND_MAX);
}

static void
read_error(struct rd *r, struct wire_cmd *c)
{
	uint8_t code;

	c->type = WIRE_ERROR;
	c->id = rd_u32(r);
	code = rd_u8(r);
	if (code < WIRE_E_REQUEST || code > WIRE_E_NO_KEYS)
		rd_fail(r, SOTTO_EFORMAT);
	else
		c->error = (enum wire_error_code)code;
}

static void
read_stock(struct rd *r, struct wire_cmd *c)
{
	c->type = WIRE_STOCK;
	c->epoch = rd_u32(r);
	c->n_ones = rd_u8(r);
	c->place = rd_u64(r);
	if (c->n_ones > PREKEY_ONE_MAX)
		rd_fail(r, SOTTO_EFORMAT);
}

static void
read_known(struct rd *r, struct wire_cmd *c)
{
	struct wire_known *k = &c->known;
	uint8_t flags;

	c->type = WIRE_KNOWN;
	c->id = rd_u32(r);
	k->enrolled_at = rd_u64(r);
	k->login_at = rd_u64(r);
	k->cert_until = rd_u64(r);
	k->messages = rd_u32(r);
	k->bytes = rd_u64(r);
	k->seen_by = rd_u32(r);
	flags = rd_u8(r);
	k->names_logged = (flags & WIRE_KNOWN_NAMES) != 0;
	k->tickets = (flags & WIRE_KNOWN_TICKETS) != 0;
	k->family = rd_u8(r);
	rd_copy(r, k->addr, sizeof(k->addr));
	k->port = rd_u16(r);
	if (flags > (WIRE_KNOWN_NAMES | WIRE_KNOWN_TICKETS) ||
	    (k->family != 0 && k->family != 4 && k->family != 6))
		rd_fail(r, SOTTO_EFORMAT);
}

static void
write_known(struct wr *w, const struct wire_cmd *c)
{
	const struct wire_known *k = &c->known;

	wr_u32(w, c->id);
	wr_u64(w, k->enrolled_at);
	wr_u64(w, k->login_at);
	wr_u64(w, k->cert_until);
	wr_u32(w, k->messages);
	wr_u64(w, k->bytes);
	wr_u32(w, k->seen_by);
	wr_u8(w,
	    (uint8_t)((k->names_logged ? WIRE_KNOWN_NAMES : 0) |
		(k->tickets ? WIRE_KNOWN_TICKETS : 0)));
	wr_u8(w, k->family);
	wr_bytes(w, k->addr, sizeof(k->addr));
	wr_u16(w, k->port);
}

static void
read_from_relay(struct rd *r, uint8_t type, struct wire_cmd *c)
{
	switch (type) {
	case WIRE_CERT:
		c->type = WIRE_CERT;
		c->id = rd_u32(r);
		c->der = rd_str16(r, CERT_DER_MAX);
		break;
	case WIRE_PRESENCE:
		read_presence(r, c);
		break;
	case WIRE_CHANGE:
		c->type = WIRE_CHANGE;
		rd_people(r, &c->people, WIRE_LIST_MAX);
		break;
	case WIRE_FOUND:
		read_found(r, c);
		break;
	case WIRE_SENT:
		read_sent(r, c);
		break;
	case WIRE_ERROR:
		read_error(r, c);
		break;
	case WIRE_STOCK:
		read_stock(r, c);
		break;
	case WIRE_KNOWN:
		read_known(r, c);
		break;
	case WIRE_TICKET:
		c->type = WIRE_TICKET;
		c->life_s = rd_u32(r);
		c->nonce = rd_bytes(r, HS_TICKET_NONCE);
		c->ticket = rd_bytes(r, HS_TICKET_LEN);
		break;
	case WIRE_KEYS:
		c->type = WIRE_KEYS;
		c->id = rd_u32(r);
		rd_name(r, &c->name);
		c->bundle = rd_str16(r, PREKEY_BUNDLE_MAX);
		read_ones(r, c, 1);
		break;
	default:
		rd_fail(r, SOTTO_EFORMAT);
		break;
	}
}

enum sotto_err
wire_cmd_read(struct wire_cmd *out, enum wire_side from, struct span in)
{
	struct wire_cmd c;
	struct rd r;
	uint8_t type;

	memset(&c, 0, sizeof(c));
	rd_init(&r, in);
	type = rd_u8(&r);
	if (from == WIRE_FROM_CLIENT)
		read_from_client(&r, type, &c);
	else
		read_from_relay(&r, type, &c);
	if (rd_end(&r) != SOTTO_OK)
		return SOTTO_EFORMAT;
	*out = c;
	return SOTTO_OK;
}

void
wire_cmd_write(struct wr *w, const struct wire_cmd *c)
{
	wr_u8(w, (uint8_t)c->type);
	switch (c->type) {
	case WIRE_WATCH:
		break;
	case WIRE_STATE:
		wr_u8(w, (uint8_t)c->state);
		break;
	case WIRE_SEARCH:
		wr_u32(w, c->id);
		wr_u8(w, (uint8_t)c->pattern.n);
		wr_span(w, c->pattern);
		break;
	case WIRE_RENEW:
	case WIRE_CERT:
		wr_u32(w, c->id);
		wr_str16(w, c->der);
		break;
	case WIRE_PRESENCE:
		wr_u8(w, (uint8_t)((c->first ? 1 : 0) | (c->last ? 2 : 0)));
		wr_people(w, &c->people);
		break;
	case WIRE_CHANGE:
		wr_people(w, &c->people);
		break;
	case WIRE_FOUND:
		wr_u32(w, c->id);
		wr_u8(w, c->more ? 1 : 0);
		wr_people(w, &c->people);
		break;
	case WIRE_SENT:
		wr_u8(w, (uint8_t)c->sents.n);
		wr_span(w, c->sents.raw);
		break;
	case WIRE_ERROR:
		wr_u32(w, c->id);
		wr_u8(w, (uint8_t)c->error);
		break;
	case WIRE_ACK:
		wr_u64(w, c->place);
		break;
	case WIRE_PUBLISH:
		wr_u32(w, c->epoch);
		wr_str16(w, c->bundle);
		wr_u8(w, (uint8_t)(c->ones.n / PREKEY_ONE_LEN));
		wr_span(w, c->ones);
		break;
	case WIRE_FETCH:
		wr_u32(w, c->id);
		wr_name(w, &c->name);
		break;
	case WIRE_STOCK:
		wr_u32(w, c->epoch);
		wr_u8(w, c->n_ones);
		wr_u64(w, c->place);
		break;
	case WIRE_KEYS:
		wr_u32(w, c->id);
		wr_name(w, &c->name);
		wr_str16(w, c->bundle);
		wr_u8(w, (uint8_t)(c->ones.n / PREKEY_ONE_LEN));
		wr_span(w, c->ones);
		break;
	case WIRE_ASK_KNOWN:
		wr_u32(w, c->id);
		break;
	case WIRE_KNOWN:
		write_known(w, c);
		break;
	case WIRE_TICKET:
		wr_u32(w, c->life_s);
		wr_span(w, c->nonce);
		wr_span(w, c->ticket);
		break;
	}
}
