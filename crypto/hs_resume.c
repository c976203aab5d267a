/* A login by ticket: M2R and M3R, and their keys; see hs_msg.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"

void
hs_ticket_psk(struct key *out, const struct hs_keys *k,
    const uint8_t nonce[HS_TICKET_NONCE])
{
	struct hash h;

	hash_one(&h, (struct span){ nonce, HS_TICKET_NONCE });
	kdf_key(out, &k->resume, "ticket", &h);
}

/* ---- M2R ---- */

void
hs_m2r_write_open(struct wr *w, const struct hs_m2r *m)
{
	hs_head_write(w, HS_TYPE_M2R, HS_M2R_LEN);
	wr_u16(w, m->version);
	wr_u16(w, m->kex);
	wr_u8(w, m->suite);
	wr_u8(w, 0);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_bytes(w, m->es.b, sizeof(m->es.b));
	wr_u64(w, m->time);
	wr_u32(w, m->limits.message_max);
	wr_u32(w, m->limits.requests_min);
	wr_u32(w, m->limits.idle_s);
	wr_u32(w, 0);
}

enum sotto_err
hs_m2r_read(struct hs_m2r *m, struct span frame)
{
	struct hs_m2r t;
	struct span body;
	struct rd r;
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	if ((e = hs_frame_read(frame, HS_TYPE_M2R, &body)) != SOTTO_OK)
		return e;
	rd_init(&r, body);
	t.version = rd_u16(&r);
	t.kex = rd_u16(&r);
	t.suite = rd_u8(&r);
	rd_zero(&r, 1);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	rd_copy(&r, t.es.b, sizeof(t.es.b));
	t.time = rd_u64(&r);
	t.limits.message_max = rd_u32(&r);
	t.limits.requests_min = rd_u32(&r);
	t.limits.idle_s = rd_u32(&r);
	rd_zero(&r, 4);
	rd_copy(&r, t.mac.b, sizeof(t.mac.b));
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

/* ---- keys ---- */

void
hs_resume_start(struct hs_sched *k, const struct key *shared)
{
	kdf_chain(&k->s, shared);
	kdf_chain(&k->s, NULL); /* in the place of pmk */
}

void
hs_resume_mac2(struct hash *out, struct hs_sched *k, struct span m1,
    struct span m2r_open)
{
	struct key fin; /* secret */

	hs_sched_th2(k, m1, m2r_open);
	prk_key(&fin, &k->s, "s finished", &k->th2);
	kdf_mac(out, &fin, SPAN(k->th2.b));
	WIPE(fin);
}

void
hs_resume_mac3(struct hash *out, struct hs_sched *k, const struct hash *mac2)
{
	struct key fin; /* secret */

	hash_parts(&k->th3,
	    (const struct span[]){ SPAN(k->th2.b), SPAN(mac2->b) }, 2);
	prk_key(&fin, &k->s, "c finished", &k->th3);
	kdf_mac(out, &fin, SPAN(k->th3.b));
	hash_parts(&k->th4,
	    (const struct span[]){ SPAN(k->th3.b), SPAN(out->b) }, 2);
	WIPE(fin);
}

void
hs_resume_finish(struct hs_sched *k, struct hs_keys *out)
{
	struct key number;

	prk_key(&number, &k->s, "session", &k->th4);
	memcpy(out->session_id, number.b, HS_SESSION_LEN);
	hs_sched_finish(k, (struct span){ NULL, 0 }, out);
	WIPE(number);
}
