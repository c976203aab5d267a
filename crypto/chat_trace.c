/* The chat handshake for the inspector; see chat_msg.h. */
#include <string.h>

#include "crypto/chat_msg.h"
#include "crypto/safety.h"

void
chat_trace_e1(struct trace *t, enum trace_dir d, const struct chat_e1 *m,
    size_t size)
{
	trace_begin(t, d, "E1 CHAT_REQUEST", size);
	trace_text(t, "version", "%u", m->version);
	trace_text(t, "from, to", "%s, %s", m->from.s, m->to.s);
	trace_hex(t, "chat", SPAN(m->id.b));
	trace_time(t, "time", m->time);
	trace_hex(t, "nonce RA", SPAN(m->nonce));
	trace_hex(t, "X25519 point EA", SPAN(m->ea.b));
	trace_suites(t, "suites offered", &m->suites);
	trace_cert(t, "certificate", m->cert);
	trace_text(t, "device cert", "%zu bytes", m->device.n);
	trace_hex(t, "signature (PSS)", m->sig);
}

void
chat_trace_e2(struct trace *t, enum trace_dir d, const struct chat_e2 *m,
    size_t size)
{
	enum suite s;

	trace_begin(t, d, "E2 CHAT_ACCEPT", size);
	trace_hex(t, "chat", SPAN(m->id.b));
	trace_hex(t, "nonce RB", SPAN(m->nonce));
	trace_hex(t, "X25519 point EB", SPAN(m->eb.b));
	trace_text(t, "suite chosen", "%s",
	    suite_known(m->suite, &s) ? suite_name(s) : "unknown");
	trace_text(t, "one-time key", "RSA-%d, e 65537", RSA_BITS);
	trace_hex(t, "modulus", m->modulus);
	trace_cert(t, "certificate", m->cert);
	trace_text(t, "device cert", "%zu bytes", m->device.n);
	trace_hex(t, "signature (PSS)", m->sig);
}

void
chat_trace_e3(struct trace *t, enum trace_dir d, size_t size)
{
	trace_begin(t, d, "E3 CHAT_KEY", size);
	trace_text(t, "c", "RSA-OAEP under the one-time key, label H2");
	trace_hidden(t, "  inside: pmk", KEY_LEN);
	trace_text(t, "sealed", "AES-256-GCM, %d bytes", SIG_LEN);
	trace_text(t, "  signature (PSS)", "over all before it");
}

void
chat_trace_e4(struct trace *t, enum trace_dir d, size_t size)
{
	trace_begin(t, d, "E4 CHAT_FINISHED", size);
	trace_text(t, "sealed", "AES-256-GCM, %d bytes", HASH_LEN);
	trace_hidden(t, "  verify data", HASH_LEN);
}

void
chat_trace_peer(struct trace *t, const struct chat_peer *p)
{
	char fp[SAFETY_BASE64_LEN + 1];

	trace_begin(t, TRACE_NOTE, "checks", 0);
	trace_text(t, "name", "%s", p->name.s);
	safety_base64(fp, &p->fingerprint);
	trace_text(t, "key", "%s", fp);
	trace_text(t, "certificate", "made by the relay's authority, in time");
	trace_hex(t, "device", SPAN(p->device.device_id));
	trace_text(t, "signature", "good");
}

void
chat_trace_open(struct trace *t, enum suite s, const struct hash *h4)
{
	trace_begin(t, TRACE_NOTE, "keys of the chat", 0);
	trace_text(t, "suite", "%s", suite_name(s));
	trace_hidden(t, "traffic, to peer", KEY_LEN);
	trace_hidden(t, "traffic, from peer", KEY_LEN);
	trace_hex(t, "transcript H4", SPAN(h4->b));
}

void
chat_trace_over(struct trace *t, enum trace_dir d, const char *what,
    size_t size, const char *why)
{
	trace_begin(t, d, what, size);
	trace_text(t, "why", "%s", why);
}
