#include "crypto/chat.h"

#include <string.h>

#include "base/secret.h"

#include "crypto/chat_priv.h"

struct chat *
chat_make(const struct chat_self *self, const struct rng *g,
    struct trace *trace)
{
	struct chat *c = secret_alloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->self = *self;
	c->g = *g;
	c->trace = trace;
	return c;
}

void
chat_free(struct chat *c)
{
	if (c == NULL)
		return;
	rsa_key_free(c->eph);
	rsa_pub_free(c->peer_key);
	secret_free(c);
}

enum chat_state
chat_state(const struct chat *c)
{
	return c->state;
}

const struct chat_id *
chat_id(const struct chat *c)
{
	return &c->id;
}

const struct chat_peer *
chat_peer(const struct chat *c)
{
	return &c->peer;
}

enum chat_reason
chat_reason_of(const struct chat *c)
{
	return c->reason;
}

/* The end of a chat that never was, or is no more. */
void
chat_over(struct chat *c)
{
	c->state = CHAT_S_OVER;
	rsa_key_free(c->eph);
	c->eph = NULL;
	WIPE(c->x);
	WIPE(c->sched);
	WIPE(c->root);
	WIPE(c->first);
}

/* Append our signature over the hash of parts to what w holds. */
enum sotto_err
chat_sign(struct chat *c, enum sign_ctx ctx, const struct span *parts, size_t n,
    uint8_t sig[SIG_LEN])
{
	struct rsa_key *uik = NULL; /* secret */
	struct hash h;
	enum sotto_err e;

	if ((e = ident_key(c->self.id, &uik)) != SOTTO_OK)
		return e;
	hash_parts(&h, parts, n);
	e = sign_hash(sig, uik, ctx, &h);
	rsa_key_free(uik);
	return e;
}

int
chat_signed(const struct rsa_pub *by, enum sign_ctx ctx,
    const struct span *parts, size_t n, struct span sig)
{
	struct hash h;

	hash_parts(&h, parts, n);
	return sig.n == SIG_LEN && sign_check(sig.p, by, ctx, &h) == SOTTO_OK;
}

enum sotto_err
chat_check_cert(const struct chat_self *self, struct span cert,
    const struct name *name, uint64_t now_ms, struct rsa_pub **key)
{
	const struct cert_want want = { .use = CERT_USER,
		.ca = self->ca,
		.anchor = self->anchor,
		.name = name,
		.relay = self->id->relay,
		.now = now_ms / 1000 };

	return cert_verify(key, cert, &want) == CERT_OK ? SOTTO_OK
							: SOTTO_EAUTH;
}

enum sotto_err
chat_peer_check(struct chat_peer *out, struct rsa_pub **key,
    const struct chat_self *self, const struct name *name, struct span cert,
    struct span device, uint64_t now_ms)
{
	struct chat_peer p;
	struct rsa_pub *k = NULL;
	struct wr w;
	enum sotto_err e;

	memset(&p, 0, sizeof(p));
	p.name = *name;
	if ((e = chat_check_cert(self, cert, name, now_ms, &k)) != SOTTO_OK)
		return e;
	wr_init(&w, p.spki, sizeof(p.spki));
	if ((e = device_cert_check(&p.device, device, k, name,
		 now_ms / 1000)) != SOTTO_OK ||
	    (e = rsa_pub_write(k, &w)) != SOTTO_OK) {
		rsa_pub_free(k);
		return e;
	}
	p.spki_len = w.n;
	hash_one(&p.fingerprint, wr_out(&w));
	*key = k;
	*out = p;
	return SOTTO_OK;
}

enum sotto_err
chat_learn_peer(struct chat *c, const struct name *name, struct span cert,
    struct span device, uint64_t now_ms)
{
	struct rsa_pub *key = NULL;
	enum sotto_err e;

	e = chat_peer_check(&c->peer, &key, &c->self, name, cert, device,
	    now_ms);
	if (e != SOTTO_OK)
		return e;
	rsa_pub_free(c->peer_key);
	c->peer_key = key;
	return SOTTO_OK;
}

struct span
chat_e1_of(const struct chat *c)
{
	return (struct span){ c->e1, c->e1_len };
}

struct span
chat_own_cert(const struct chat *c)
{
	return (struct span){ c->self.id->cert, c->self.id->cert_len };
}

enum chat_event
chat_fail(struct chat *c, const char **why, const char *text)
{
	chat_over(c);
	*why = text;
	chat_trace_over(c->trace, TRACE_NOTE, "stopped", 0, text);
	return CHAT_EV_FAILED;
}

enum chat_event
chat_ignore(const char **why, const char *text)
{
	*why = text;
	return CHAT_EV_IGNORED;
}

int
chat_is_stored(enum chat_type t)
{
	return t >= CHAT_END && t <= CHAT_EXPIRED;
}

enum sotto_err
chat_id_peek(struct chat_id *out, enum chat_type type, struct span body)
{
	size_t at = 0;

	switch (type) {
	case CHAT_REQUEST:
		at = 2 + 2 * NAME_WIRE_LEN;
		break;
	case CHAT_END:
	case CHAT_MESSAGE:
		at = 2;
		break;
	case CHAT_START:
		at = 1;
		break;
	case CHAT_EXPIRED:
		return SOTTO_EFORMAT;
	case CHAT_ACCEPT:
	case CHAT_REFUSE:
	case CHAT_KEY:
	case CHAT_FINISHED:
	case CHAT_CANCEL:
	case CHAT_TYPING:
		break;
	}
	if (body.n < at || body.n - at < CHAT_ID_LEN)
		return SOTTO_EFORMAT;
	memcpy(out->b, body.p + at, CHAT_ID_LEN);
	return SOTTO_OK;
}

enum chat_event
chat_recv(struct chat *c, enum chat_type type, struct span body,
    uint64_t now_ms, struct wr *out, const char **why)
{
	struct chat_id id;

	*why = NULL;
	if (chat_id_peek(&id, type, body) != SOTTO_OK ||
	    memcmp(id.b, c->id.b, sizeof(id.b)) != 0)
		return chat_ignore(why, "a message of another chat");
	if (type == CHAT_ACCEPT && c->state == CHAT_S_ASKED)
		return chat_on_accept(c, body, now_ms, why);
	if (type == CHAT_REFUSE && c->state == CHAT_S_ASKED)
		return chat_on_refuse(c, body, now_ms, why);
	if (type == CHAT_FINISHED && c->state == CHAT_S_CONFIRMED)
		return chat_on_finished(c, body, why);
	if (type == CHAT_KEY && c->state == CHAT_S_ACCEPTED)
		return chat_on_key(c, body, out, why);
	if (type == CHAT_CANCEL && !c->asker &&
	    (c->state == CHAT_S_RINGING || c->state == CHAT_S_ACCEPTED))
		return chat_on_cancel(c, body, why);
	return chat_ignore(why, "a message that must not come now");
}

enum sotto_err
chat_keys(struct chat *c, struct chat_keys *out)
{
	if (c->state != CHAT_S_OPEN && c->state != CHAT_S_CONFIRMED)
		return SOTTO_ESTATE;
	out->suite = c->suite;
	out->id = c->id;
	out->me = c->self.id->name;
	out->peer = c->peer.name;
	out->ad = c->sched.h4;
	out->asker = c->asker;
	out->root = c->root;
	out->first = c->first;
	out->mine = c->x;
	out->theirs = c->their;
	WIPE(c->root);
	WIPE(c->first);
	WIPE(c->x);
	return SOTTO_OK;
}
