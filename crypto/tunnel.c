#include "crypto/tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/tunnel_priv.h"

#define LAYER_TRANSPORT 1
#define CLOSE_LEN       (1 + 16 + 16)
#define PING_LEN        (1 + 8)
#define PING_ASK        0
#define PING_ANSWER     1

const char *
tunnel_close_text(enum tunnel_close c)
{
	switch (c) {
	case TUNNEL_CLOSE_BYE:
		return "the other side has left";
	case TUNNEL_CLOSE_STOPPING:
		return "the relay is shutting down";
	case TUNNEL_CLOSE_REPLACED:
		return "you logged in from somewhere else";
	case TUNNEL_CLOSE_REVOKED:
		return "the admin has revoked this user";
	case TUNNEL_CLOSE_IDLE:
		return "there was no sign of life for too long";
	case TUNNEL_CLOSE_SLOW:
		return "too much was waiting to be read";
	case TUNNEL_CLOSE_ABUSE:
		return "a limit was passed again and again";
	case TUNNEL_CLOSE_AGE:
		return "a day is over, a new login is due";
	}
	return "the connection was closed";
}

size_t
tunnel_size(void)
{
	return sizeof(struct tunnel);
}

enum sotto_err
tunnel_init(struct tunnel *t, const struct hs_keys *k, enum tunnel_role role,
    uint64_t now_ms, const struct rng *g)
{
	const int client = role == TUNNEL_CLIENT;
	const struct key *out = client ? &k->c_ap : &k->s_ap;
	const struct key *in = client ? &k->s_ap : &k->c_ap;
	enum sotto_err e;

	t->role = role;
	t->user = k->user;
	t->suite = k->suite;
	t->g = *g;
	t->rekey = k->rekey;
	t->out.direction = client ? 0 : 1;
	t->in.direction = client ? 1 : 0;
	e = tunnel_side_init(&t->out, t->suite, AEAD_SEAL, out, now_ms);
	if (e == SOTTO_OK)
		e = tunnel_side_init(&t->in, t->suite, AEAD_OPEN, in, now_ms);
	if (e != SOTTO_OK)
		tunnel_end(t);
	return e;
}

void
tunnel_end(struct tunnel *t)
{
	if (t == NULL)
		return;
	tunnel_side_wipe(&t->out);
	tunnel_side_wipe(&t->in);
	tunnel_frags_free(t);
	tunnel_offer_free(t);
	secret_wipe(t, sizeof(*t));
}

struct tunnel *
tunnel_new(const struct hs_keys *k, enum tunnel_role role, uint64_t now_ms,
    const struct rng *g)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (t != NULL && tunnel_init(t, k, role, now_ms, g) != SOTTO_OK) {
		free(t);
		t = NULL;
	}
	return t;
}

void
tunnel_free(struct tunnel *t)
{
	tunnel_end(t);
	free(t);
}

void
tunnel_fail(struct tunnel *t, const char *fault, struct tunnel_in *in)
{
	if (!t->failed) {
		t->failed = 1;
		t->fault = fault;
	}
	in->event = TUNNEL_EV_FAILED;
}

const char *
tunnel_fault(const struct tunnel *t)
{
	return t->fault != NULL ? t->fault : "nothing went wrong";
}

size_t
tunnel_bucket(size_t n)
{
	size_t b = TUNNEL_PAD_MIN;

	while (b < n)
		b *= 2;
	return b <= TUNNEL_INNER_MAX ? b : 0;
}

int
tunnel_head_ok(uint32_t len)
{
	/* Tighter is not needed: the exact length is in the AAD. */
	return len >= TUNNEL_PAD_MIN && len <= TUNNEL_BODY_MAX;
}

/*
 * "SOT1" | layer | direction | suite | phase | str8 name, to 31 | counter u128 |
 * length u24 | zero.  By hand, not with a writer: it is made for each record.
 */
static void
make_aad(uint8_t aad[TUNNEL_AAD_LEN], const struct tunnel *t,
    const struct tunnel_side *s, size_t len)
{
	static const uint8_t magic[] = { 'S', 'O', 'T', '1' };
	const struct span name =
	    span_str(s->direction == 0 ? t->user.s : "@relay");

	memset(aad, 0, TUNNEL_AAD_LEN);
	memcpy(aad, magic, sizeof(magic));
	aad[4] = LAYER_TRANSPORT;
	aad[5] = s->direction;
	aad[6] = (uint8_t)t->suite;
	aad[7] = s->phase;
	aad[8] = (uint8_t)name.n;
	memcpy(aad + 9, name.p, name.n);
	be64_write(aad + 48, s->counter); /* the upper half is zero */
	aad[56] = (uint8_t)(len >> 16);
	aad[57] = (uint8_t)(len >> 8);
	aad[58] = (uint8_t)len;
}

static size_t
inner_len(size_t n, size_t pad)
{
	return tunnel_bucket(n + 1 > pad ? n + 1 : pad);
}

size_t
tunnel_record_len(const struct tunnel *t, size_t n, size_t pad)
{
	return TUNNEL_HEAD_LEN + aead_sealed_len(t->suite, inner_len(n, pad));
}

/* The inner text of a record: content, type, padding to n bytes. */
static void
write_inner(uint8_t *inner, size_t n, struct span head, struct span rest,
    enum tunnel_kind type)
{
	const size_t text = head.n + rest.n;

	if (head.n > 0)
		memcpy(inner, head.p, head.n);
	if (rest.n > 0)
		memcpy(inner + head.n, rest.p, rest.n);
	inner[text] = (uint8_t)type;
	memset(inner + text + 1, 0, n - text - 1);
}

/* Sealed where it stands; the old suites cannot, and write beside it. */
static enum sotto_err
seal_inner(struct tunnel *t, uint8_t *body, struct span aad, size_t n,
    struct span head, struct span rest, enum tunnel_kind type)
{
	uint8_t inner[TUNNEL_INNER_MAX] UNINITIALIZED; /* secret */
	uint8_t *at = suite_is_legacy(t->suite) ? inner : body;
	enum sotto_err e;

	write_inner(at, n, head, rest, type);
	e = aead_seal(t->out.aead, body, t->out.counter, aad,
	    (struct span){ at, n }, &t->g);
	if (at == inner || e != SOTTO_OK)
		secret_wipe(at, n);
	return e;
}

/* A record of the content that head and rest are together. */
static enum sotto_err
seal_record(struct tunnel *t, enum tunnel_kind type, struct span head,
    struct span rest, size_t pad, struct buf *out)
{
	const size_t n = inner_len(head.n + rest.n, pad);
	const size_t len = aead_sealed_len(t->suite, n);
	uint8_t aad[TUNNEL_AAD_LEN];
	uint8_t *at;
	enum sotto_err e;

	if (n == 0)
		return SOTTO_ETOOBIG;
	/* One short of the end, so that the counter cannot wrap. */
	if (t->out.counter == UINT64_MAX)
		return SOTTO_ESTATE;
	if ((e = tunnel_wake(t)) != SOTTO_OK)
		return e;
	if ((at = buf_room(out, TUNNEL_HEAD_LEN + len)) == NULL)
		return SOTTO_ENOSPACE;
	make_aad(aad, t, &t->out, len);
	at[0] = TUNNEL_TYPE;
	at[1] = t->out.phase;
	at[2] = (uint8_t)(len >> 16);
	at[3] = (uint8_t)(len >> 8);
	at[4] = (uint8_t)len;
	e = seal_inner(t, at + TUNNEL_HEAD_LEN, SPAN(aad), n, head, rest, type);
	if (e == SOTTO_OK) {
		buf_added(out, TUNNEL_HEAD_LEN + len);
		t->out.counter++;
		t->out.records++;
		t->out.bytes += len;
	}
	return e;
}

enum sotto_err
tunnel_record(struct tunnel *t, enum tunnel_kind type, struct span content,
    size_t pad, struct buf *out)
{
	return seal_record(t, type, content, (struct span){ NULL, 0 }, pad,
	    out);
}

enum sotto_err
tunnel_send(struct tunnel *t, enum tunnel_kind kind, struct span msg,
    size_t pad, uint64_t now_ms, struct buf *out)
{
	const size_t piece = TUNNEL_INNER_MAX - 1 - FRAG_HEAD;
	const size_t max =
	    kind == TUNNEL_RELAY ? TUNNEL_RELAY_MAX : TUNNEL_COMMAND_MAX;
	size_t need = tunnel_record_len(t, 1, 0); /* a key update */
	size_t first = msg.n < piece ? msg.n : piece;
	uint8_t head[FRAG_HEAD];
	enum sotto_err e;

	if (t->failed || t->said_bye)
		return SOTTO_ESTATE;
	if (msg.n == 0 || msg.n > max || pad > TUNNEL_INNER_MAX)
		return SOTTO_ETOOBIG;
	need += tunnel_record_len(t, FRAG_HEAD + first, pad) *
	    ((msg.n + piece - 1) / piece);
	if (need > out->max - out->n)
		return SOTTO_ENOSPACE;
	if ((e = tunnel_update_if_due(t, now_ms, out)) != SOTTO_OK)
		return e;
	for (size_t at = 0; at < msg.n && e == SOTTO_OK;) {
		size_t n = msg.n - at < piece ? msg.n - at : piece;
		int last = at + n == msg.n;
		struct wr w;

		wr_init(&w, head, sizeof(head));
		wr_u64(&w, t->next_id);
		wr_u32(&w, (uint32_t)msg.n);
		wr_u32(&w, (uint32_t)at);
		wr_u8(&w,
		    (uint8_t)((at == 0 ? FRAG_FIRST : 0) |
			(last ? FRAG_LAST : 0)));
		wr_zero(&w, 3);
		e = seal_record(t, kind, SPAN(head),
		    (struct span){ msg.p + at, n }, pad, out);
		at += n;
	}
	t->next_id++;
	return e;
}

/* The content of a record, its type and padding taken off; 0: malformed. */
static int
unpad(struct span *content, uint8_t *type, struct span inner)
{
	static const uint8_t zeros[8];
	size_t n = inner.n;

	if (tunnel_bucket(n) != n)
		return 0;
	/* Mostly there is much of it: eight zeros at a time. */
	while (n >= 8 && memcmp(inner.p + n - 8, zeros, 8) == 0)
		n -= 8;
	while (n > 0 && inner.p[n - 1] == 0)
		n--;
	if (n == 0)
		return 0;
	*type = inner.p[n - 1];
	*content = (struct span){ inner.p, n - 1 };
	return 1;
}

static void
on_close(struct tunnel *t, struct span content, struct tunnel_in *in)
{
	uint64_t sent_high, sent, got_high, got;
	uint8_t why;
	struct rd r;

	rd_init(&r, content);
	why = rd_u8(&r);
	sent_high = rd_u64(&r);
	sent = rd_u64(&r);
	got_high = rd_u64(&r);
	got = rd_u64(&r);
	/* The counter of the close record itself was in.counter - 1. */
	if (rd_end(&r) != SOTTO_OK || why > TUNNEL_CLOSE_AGE ||
	    sent_high != 0 || got_high != 0 || sent != t->in.counter - 1 ||
	    got > t->out.counter) {
		tunnel_fail(t, "the closing record is malformed", in);
		return;
	}
	t->peer_closed = 1;
	in->event = TUNNEL_EV_CLOSED;
	in->close = (enum tunnel_close)why;
	in->lost = t->out.counter - got;
}

static void
on_ping(struct tunnel *t, struct span content, struct buf *out,
    struct tunnel_in *in)
{
	uint8_t answer[PING_LEN];

	if (content.n != PING_LEN || content.p[0] > PING_ANSWER) {
		tunnel_fail(t, "a ping is malformed", in);
		return;
	}
	if (content.p[0] == PING_ANSWER) {
		in->event = TUNNEL_EV_PONG;
		return;
	}
	memcpy(answer, content.p, PING_LEN);
	answer[0] = PING_ANSWER;
	/* Where there is no room the peer reads nothing; it may starve. */
	if (!t->said_bye)
		(void)tunnel_record(t, TUNNEL_PING, SPAN(answer), 0, out);
}

/* Decrypt and take off the padding, or fail. */
static int
open_record(struct tunnel *t, struct span frame, struct span *content,
    uint8_t *type, struct tunnel_in *in)
{
	uint8_t aad[TUNNEL_AAD_LEN];
	struct span body = { frame.p + TUNNEL_HEAD_LEN,
		frame.n - TUNNEL_HEAD_LEN };
	size_t n = 0;

	if (frame.p[1] != t->in.phase) {
		tunnel_fail(t, "a record has the wrong key phase", in);
		return 0;
	}
	if (t->in.records >= RECORDS_HARD || t->in.counter == UINT64_MAX) {
		tunnel_fail(t, "a key was used for too long", in);
		return 0;
	}
	if (tunnel_wake(t) != SOTTO_OK) {
		tunnel_fail(t, "there is no memory for a record", in);
		return 0;
	}
	make_aad(aad, t, &t->in, body.n);
	if (body.n > TUNNEL_BODY_MAX ||
	    aead_open(t->in.aead, in->scratch, &n, t->in.counter, SPAN(aad),
		body) != SOTTO_OK) {
		tunnel_fail(t, "a record is not authentic", in);
		return 0;
	}
	t->in.counter++;
	t->in.records++;
	t->in.bytes += body.n;
	if (!unpad(content, type, (struct span){ in->scratch, n })) {
		tunnel_fail(t, "the padding of a record is malformed", in);
		return 0;
	}
	in->pad = n;
	return 1;
}

void
tunnel_recv(struct tunnel *t, struct span frame, uint64_t now_ms,
    struct buf *out, struct tunnel_in *in)
{
	struct span content;
	uint8_t type;

	in->event = TUNNEL_EV_NONE;
	in->msg = (struct span){ NULL, 0 };
	in->lost = 0;
	if (t->failed) {
		in->event = TUNNEL_EV_FAILED;
		return;
	}
	if (t->peer_closed || frame.n < TUNNEL_HEAD_LEN ||
	    frame.p[0] != TUNNEL_TYPE) {
		tunnel_fail(t, "something came that is no record", in);
		return;
	}
	if (!open_record(t, frame, &content, &type, in))
		return;
	switch (type) {
	case TUNNEL_COMMAND:
		tunnel_fragment(t, TUNNEL_COMMAND, content, in);
		break;
	case TUNNEL_RELAY:
		tunnel_fragment(t, TUNNEL_RELAY, content, in);
		break;
	case TUNNEL_UPDATE:
		tunnel_on_update(t, content, now_ms, in);
		break;
	case TUNNEL_REKEY:
		tunnel_on_rekey(t, content, now_ms, out, in);
		break;
	case TUNNEL_PING:
		on_ping(t, content, out, in);
		break;
	case TUNNEL_CLOSE:
		on_close(t, content, in);
		break;
	default:
		tunnel_fail(t, "a record has an unknown type", in);
		break;
	}
}

enum sotto_err
tunnel_ping(struct tunnel *t, uint64_t now_ms, struct buf *out)
{
	uint8_t content[PING_LEN];
	struct wr w;

	if (t->failed || t->said_bye)
		return SOTTO_ESTATE;
	wr_init(&w, content, sizeof(content));
	wr_u8(&w, PING_ASK);
	wr_u64(&w, now_ms);
	return tunnel_record(t, TUNNEL_PING, wr_out(&w), 0, out);
}

enum sotto_err
tunnel_bye(struct tunnel *t, enum tunnel_close why, uint64_t now_ms,
    struct buf *out)
{
	uint8_t content[CLOSE_LEN];
	struct wr w;
	enum sotto_err e;

	(void)now_ms;
	if (t->failed || t->said_bye)
		return SOTTO_ESTATE;
	wr_init(&w, content, sizeof(content));
	wr_u8(&w, (uint8_t)why);
	wr_u64(&w, 0);
	wr_u64(&w, t->out.counter);
	wr_u64(&w, 0);
	wr_u64(&w, t->in.counter);
	e = tunnel_record(t, TUNNEL_CLOSE, wr_out(&w), 0, out);
	if (e == SOTTO_OK)
		t->said_bye = 1;
	return e;
}

int
tunnel_has_cut_message(const struct tunnel *t)
{
	return tunnel_has_frags(t);
}
