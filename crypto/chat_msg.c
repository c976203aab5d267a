#include "crypto/chat_msg.h"

#include <string.h>

#include "base/secret.h"

static void
rd_chat_id(struct rd *r, struct chat_id *id)
{
	rd_copy(r, id->b, sizeof(id->b));
}

static void
wr_chat_id(struct wr *w, const struct chat_id *id)
{
	wr_bytes(w, id->b, sizeof(id->b));
}

void
chat_e1_write(struct wr *w, const struct chat_e1 *m)
{
	wr_u16(w, m->version);
	wr_name(w, &m->from);
	wr_name(w, &m->to);
	wr_chat_id(w, &m->id);
	wr_u64(w, m->time);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_bytes(w, m->ea.b, sizeof(m->ea.b));
	wr_u8(w, (uint8_t)m->suites.n);
	wr_bytes(w, m->suites.id, m->suites.n);
	wr_zero(w, SUITE_LIST_MAX - m->suites.n);
	wr_zero(w, CHAT_PAIR_LEN); /* no secret passed in person */
	wr_str16(w, m->cert);
	wr_span(w, m->device);
}

enum sotto_err
chat_e1_read(struct chat_e1 *m, struct span in)
{
	struct chat_e1 t;
	struct rd r;
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	rd_init(&r, in);
	t.version = rd_u16(&r);
	if (t.version != CHAT_VERSION)
		rd_fail(&r, SOTTO_EFORMAT);
	rd_name(&r, &t.from);
	rd_name(&r, &t.to);
	rd_chat_id(&r, &t.id);
	t.time = rd_u64(&r);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	rd_copy(&r, t.ea.b, sizeof(t.ea.b));
	t.suites.n = rd_u8(&r);
	if (t.suites.n < 1 || t.suites.n > SUITE_LIST_MAX)
		return SOTTO_EFORMAT;
	rd_copy(&r, t.suites.id, t.suites.n);
	rd_zero(&r, SUITE_LIST_MAX - t.suites.n);
	rd_zero(&r, CHAT_PAIR_LEN);
	t.cert = rd_str16(&r, CERT_DER_MAX);
	t.device = rd_bytes(&r, DEVICE_CERT_LEN);
	t.sig = rd_bytes(&r, SIG_LEN);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

void
chat_e2_write(struct wr *w, const struct chat_e2 *m)
{
	wr_chat_id(w, &m->id);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_bytes(w, m->eb.b, sizeof(m->eb.b));
	wr_u8(w, m->suite);
	wr_span(w, m->modulus);
	wr_str16(w, m->cert);
	wr_span(w, m->device);
}

enum sotto_err
chat_e2_read(struct chat_e2 *m, struct span in)
{
	struct chat_e2 t;
	struct rd r;
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	rd_init(&r, in);
	rd_chat_id(&r, &t.id);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	rd_copy(&r, t.eb.b, sizeof(t.eb.b));
	t.suite = rd_u8(&r);
	t.modulus = rd_bytes(&r, RSA_LEN);
	t.cert = rd_str16(&r, CERT_DER_MAX);
	t.device = rd_bytes(&r, DEVICE_CERT_LEN);
	t.sig = rd_bytes(&r, SIG_LEN);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

void
chat_no_write(struct wr *w, const struct chat_no *m)
{
	wr_chat_id(w, &m->id);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_u8(w, (uint8_t)m->reason);
	wr_str16(w, m->cert);
}

enum sotto_err
chat_no_read(struct chat_no *m, struct span in)
{
	struct chat_no t;
	struct rd r;
	uint8_t reason;
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	rd_init(&r, in);
	rd_chat_id(&r, &t.id);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	reason = rd_u8(&r);
	if (reason < CHAT_REASON_NO || reason > CHAT_REASON_FULL)
		return SOTTO_EFORMAT;
	t.reason = (enum chat_reason)reason;
	t.cert = rd_str16(&r, CERT_DER_MAX);
	t.sig = rd_bytes(&r, SIG_LEN);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

void
chat_sched_agree(struct chat_sched *k, const struct key *shared,
    const struct key *pmk, struct span c)
{
	hash_parts(&k->h3, (const struct span[]){ SPAN(k->h2.b), c }, 2);
	kdf_start(&k->s, NULL);
	kdf_chain(&k->s, shared);
	kdf_chain(&k->s, pmk);
	prk_key(&k->a_hs, &k->s, "a hs", &k->h3);
	prk_key(&k->b_hs, &k->s, "b hs", &k->h3);
	prk_key(&k->finished, &k->s, "finished", &k->h3);
}

void
chat_sched_h4(struct chat_sched *k, struct span sealed)
{
	hash_parts(&k->h4, (const struct span[]){ SPAN(k->h3.b), sealed }, 2);
}

void
chat_sched_verify(struct hash *out, const struct chat_sched *k)
{
	kdf_mac(out, &k->finished, SPAN(k->h4.b));
}

void
chat_sched_keys(struct chat_sched *k, struct key *root, struct key *first)
{
	kdf_chain(&k->s, NULL);
	prk_key(root, &k->s, "root", &k->h4);
	prk_key(first, &k->s, "first", &k->h4);
	WIPE(k->s);
}

void
chat_sched_forget(struct chat_sched *k)
{
	WIPE(k->a_hs);
	WIPE(k->b_hs);
	WIPE(k->finished);
}
