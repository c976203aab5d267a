/* Transcript and key schedule of the login; see hs_msg.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"

void
hs_binder(struct hash *out, const struct prk *early, struct span frame)
{
	static const uint8_t zero[HASH_LEN];
	const struct span parts[] = {
		{ frame.p, HS_M1_BINDER_AT },
		SPAN(zero),
		{ frame.p + HS_M1_BINDER_AT + HASH_LEN,
		    frame.n - HS_M1_BINDER_AT - HASH_LEN },
	};
	struct key binder_key; /* secret */
	struct hash h;

	prk_key(&binder_key, early, "binder key", NULL);
	hash_parts(&h, parts, 3);
	kdf_mac(out, &binder_key, SPAN(h.b));
	WIPE(binder_key);
}

void
hs_sched_th2(struct hs_sched *k, struct span m1, struct span m2_unsigned)
{
	hash_parts(&k->th2, (const struct span[]){ m1, m2_unsigned }, 2);
}

void
hs_sched_keys(struct hs_sched *k, struct span m3_head_and_c,
    const struct key *pmk)
{
	hash_parts(&k->th3,
	    (const struct span[]){ SPAN(k->th2.b), m3_head_and_c }, 2);
	kdf_chain(&k->s, pmk);
	prk_key(&k->c_hs, &k->s, "c hs", &k->th3);
	prk_key(&k->s_hs, &k->s, "s hs", &k->th3);
	prk_key(&k->finished, &k->s, "finished", &k->th3);
}

void
hs_sched_thc(struct hs_sched *k, const struct hs_m3 *m)
{
	uint8_t buf[HS_M3_INNER_LEN];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	hs_m3_signed_part(&w, m);
	hash_parts(&k->thc, (const struct span[]){ SPAN(k->th3.b), wr_out(&w) },
	    2);
}

void
hs_sched_th4(struct hs_sched *k, struct span sealed)
{
	hash_parts(&k->th4, (const struct span[]){ SPAN(k->thc.b), sealed }, 2);
}

void
hs_sched_verify(struct hash *out, const struct hs_sched *k)
{
	kdf_mac(out, &k->finished, SPAN(k->th4.b));
}

void
hs_sched_finish(struct hs_sched *k, struct span sealed_m4, struct hs_keys *out)
{
	kdf_chain(&k->s, NULL);
	prk_key(&out->c_ap, &k->s, "c ap", &k->th4);
	prk_key(&out->s_ap, &k->s, "s ap", &k->th4);
	hash_parts(&out->th5,
	    (const struct span[]){ SPAN(k->th4.b), sealed_m4 }, 2);
	prk_key(&out->resume, &k->s, "resume", &out->th5);
	prk_key(&out->rekey, &k->s, "rekey", &out->th5);
	WIPE(k->s);
	WIPE(k->c_hs);
	WIPE(k->s_hs);
	WIPE(k->finished);
}
