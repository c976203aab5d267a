#include "crypto/hs_trace.h"

#include <stdio.h>
#include <string.h>

#include "crypto/safety.h"

/* "AES-256-GCM, ChaCha20-Poly1305" */
static const char *
mode_text(enum hs_mode m)
{
	switch (m) {
	case HS_LOGIN:
		return "0, login";
	case HS_ENROL:
		return "1, enrol";
	case HS_RESUME:
		return "2, resume";
	}
	return "?";
}

void
hs_trace_m1(struct trace *t, const struct hs_m1 *m, size_t size)
{
	trace_begin(t, TRACE_SENT, "M1 CLIENT_HELLO", size);
	trace_text(t, "versions", "%u to %u", m->version_low, m->version_high);
	trace_text(t, "mode", "%s", mode_text(m->mode));
	trace_hex(t, "nonce R1", SPAN(m->nonce));
	trace_hex(t, "X25519 point EC", SPAN(m->ec.b));
	trace_text(t, "key exchange", "1, RSA-3072 OAEP and X25519");
	trace_suites(t, "suites offered", &m->suites);
	trace_hex(t, "pin hint", SPAN(m->pin_hint));
	trace_hex(t, "retry cookie", SPAN(m->cookie));
	trace_hex(t, "puzzle answer", SPAN(m->answer));
	if (m->mode == HS_ENROL) {
		trace_hex(t, "invite token id", SPAN(m->token_id));
		trace_hex(t, "binder", SPAN(m->binder));
	}
	if (m->mode == HS_RESUME) {
		trace_hex(t, "ticket", SPAN(m->ticket));
		trace_hex(t, "binder", SPAN(m->binder));
	}
}

void
hs_trace_m1r(struct trace *t, struct span body, uint8_t difficulty)
{
	trace_begin(t, TRACE_RECEIVED, "M1r HELLO_RETRY", HS_HEAD_LEN + body.n);
	trace_hex(t, "cookie", (struct span){ body.p, HS_COOKIE_LEN });
	trace_text(t, "difficulty", "%u bits", difficulty);
}

void
hs_trace_m2(struct trace *t, const struct hs_m2 *m, size_t size)
{
	enum suite s;

	trace_begin(t, TRACE_RECEIVED, "M2 SERVER_HELLO", size);
	trace_text(t, "version", "%u", m->version);
	trace_text(t, "key exchange", "%u", m->kex);
	trace_text(t, "suite chosen", "%s",
	    suite_known(m->suite, &s) ? suite_name(s) : "unknown");
	trace_text(t, "flags", "%u", m->flags);
	trace_hex(t, "nonce R2", SPAN(m->nonce));
	trace_hex(t, "X25519 point ES", SPAN(m->es.b));
	trace_text(t, "epoch", "%016llx", (unsigned long long)m->epoch_id);
	trace_time(t, "epoch from", m->not_before);
	trace_time(t, "epoch until", m->not_after);
	trace_text(t, "epoch key", "RSA-%u, e 65537", m->bits);
	trace_hex(t, "modulus", m->modulus);
	trace_cert(t, "server certificate", m->cert[0]);
	trace_cert(t, "authority", m->cert[m->n_certs - 1]);
	trace_hex(t, "signature (PSS)", m->sig);
}

void
hs_trace_trust(struct trace *t, const struct hs_server_info *info)
{
	char fp[SAFETY_BASE64_LEN + 1];

	trace_begin(t, TRACE_NOTE, "checks of M2", 0);
	trace_text(t, "choice", "was offered");
	safety_base64(fp, &info->authority);
	trace_text(t, "authority", "%s", fp);
	trace_text(t, "chain", "server certificate made by that authority");
	trace_text(t, "name", "%s", info->relay);
	trace_text(t, "dates, key use", "good");
	trace_text(t, "signature", "good, over M1 and M2");
	trace_text(t, "clock", "%+lld s", (long long)info->clock_skew);
}

void
hs_trace_m3(struct trace *t, const struct hs_m3 *m, size_t size,
    enum hs_mode mode)
{
	trace_begin(t, TRACE_SENT, "M3 CLIENT_KEY", size);
	trace_text(t, "c", "RSA-OAEP under the epoch key, label TH2");
	trace_hidden(t, "  inside: pmk", KEY_LEN);
	trace_text(t, "sealed", "AES-256-GCM, %d bytes", HS_M3_INNER_LEN);
	trace_text(t, "  name", "%s", m->name.s);
	trace_hex(t, "  device", SPAN(m->device_id));
	if (mode == HS_ENROL)
		trace_text(t, "  request", "PKCS#10, %zu bytes", m->cert.n);
	else
		trace_cert(t, "  certificate", m->cert);
	trace_hex(t, "  signature (PSS)", m->sig);
	if (m->ext.n > 0)
		trace_text(t, "  device cert", "%zu bytes", m->ext.n);
}

void
hs_trace_m4(struct trace *t, const struct hs_m4 *m, size_t size)
{
	trace_begin(t, TRACE_RECEIVED, "M4 SERVER_FINISHED", size);
	trace_text(t, "sealed", "AES-256-GCM, %d bytes", HS_M4_INNER_LEN);
	trace_hidden(t, "  verify data", HASH_LEN);
	trace_text(t, "  status", "%u, %s", (unsigned)m->status,
	    hs_status_text(m->status));
	trace_hex(t, "  session", SPAN(m->session_id));
	trace_time(t, "  relay's time", m->time);
	trace_text(t, "  largest message", "%u bytes", m->limits.message_max);
	trace_text(t, "  chat requests", "%u a minute", m->limits.requests_min);
	trace_text(t, "  silence allowed", "%u s", m->limits.idle_s);
}

void
hs_trace_keys(struct trace *t, const struct hs_keys *k)
{
	trace_begin(t, TRACE_NOTE, "keys of the session", 0);
	trace_text(t, "suite", "%s", suite_name(k->suite));
	trace_hidden(t, "traffic, to relay", KEY_LEN);
	trace_hidden(t, "traffic, from relay", KEY_LEN);
	trace_hidden(t, "rekeying", KEY_LEN);
	trace_hex(t, "transcript TH5", SPAN(k->th5.b));
}

void
hs_trace_m2r(struct trace *t, const struct hs_m2r *m, size_t size)
{
	enum suite s;

	trace_begin(t, TRACE_RECEIVED, "M2R SERVER_RESUMED", size);
	trace_text(t, "version", "%u", m->version);
	trace_text(t, "suite chosen", "%s",
	    suite_known(m->suite, &s) ? suite_name(s) : "unknown");
	trace_hex(t, "nonce R2", SPAN(m->nonce));
	trace_hex(t, "X25519 point ES", SPAN(m->es.b));
	trace_hex(t, "proof", SPAN(m->mac.b));
}
