/* Who logs in, or enrols, has proven it; see hs.h. */
#include <string.h>

#include "crypto/hs_server_priv.h"

/* The stored key decides; the certificate is checked besides. */
static enum hs_fault
verify_login(struct hs_server *s, struct span spki, uint64_t now)
{
	const struct cert_want want = { .use = CERT_USER,
		.ca = s->conf->ca_cert,
		.anchor = s->conf->anchor,
		.name = &s->m3.name,
		.relay = s->conf->relay,
		.now = now };
	struct rsa_pub *stored = NULL;
	int signed_by_it;

	if (spki.n == 0)
		stored = rsa_pub_of(s->conf->sik); /* the same work, in vain */
	else if (rsa_pub_read(&stored, spki) != SOTTO_OK)
		stored = NULL;
	if (stored == NULL)
		return HS_FAULT_MEMORY;
	signed_by_it = s->m3.ext.n == 0 &&
	    sign_check(s->m3.sig.p, stored, SIGN_C2S_CLIENT, &s->sched.thc) ==
		SOTTO_OK &&
	    spki.n > 0;
	rsa_pub_free(stored);
	if (!signed_by_it)
		return HS_FAULT_SIGNATURE;
	s->cert_fault = cert_verify_user(s->m3.cert, &want, spki);
	if (s->cert_fault == CERT_EXPIRED) {
		/* Its owner may know: the signature was good. */
		s->status = HS_CERT_EXPIRED;
		return HS_FAULT_NONE;
	}
	return s->cert_fault == CERT_OK ? HS_FAULT_NONE : HS_FAULT_CERT;
}

/* The invite has been proven by the binder, so a cause may be told. */
static enum hs_fault
verify_enrol(struct hs_server *s, uint64_t now)
{
	const struct hs_m3 *m3 = &s->m3;
	struct device_cert dc;

	s->status = HS_REQUEST_BAD;
	if (csr_check(&s->new_key, m3->cert, &m3->name, s->conf->relay) !=
	    SOTTO_OK)
		return HS_FAULT_NONE;
	if (sign_check(m3->sig.p, s->new_key, SIGN_C2S_CLIENT, &s->sched.thc) !=
	    SOTTO_OK)
		return HS_FAULT_SIGNATURE;
	if (device_cert_check(&dc, m3->ext, s->new_key, &m3->name, now) ==
		SOTTO_OK &&
	    memcmp(dc.device_id, m3->device_id, DEVICE_ID_LEN) == 0)
		s->status = HS_WELCOME;
	return HS_FAULT_NONE;
}

enum hs_event
hs_server_account(struct hs_server *s, struct span spki, uint64_t now)
{
	enum hs_fault fault;

	if (s->state != S_NAMED || spki.n > RSA_SPKI_MAX)
		return hs_server_stop(s, HS_FAULT_ORDER, HS_FAIL_HANDSHAKE);
	s->status = HS_WELCOME;
	fault = s->mode == HS_ENROL ? verify_enrol(s, now)
				    : verify_login(s, spki, now);
	if (fault != HS_FAULT_NONE)
		return hs_server_stop(s, fault, HS_FAIL_HANDSHAKE);
	s->state = S_PROVEN;
	return HS_PROVEN;
}
