#include "crypto/hs_msg.h"

#include <string.h>

static const uint8_t magic[4] = { 'S', 'O', 'T', '1' };

#define PIN_HINT_LEN 8

void
hs_head_write(struct wr *w, enum hs_type type, size_t body_len)
{
	wr_u8(w, (uint8_t)type);
	wr_u24(w, (uint32_t)body_len);
}

enum sotto_err
hs_frame_read(struct span frame, enum hs_type want, struct span *body)
{
	struct rd r;
	uint8_t type;
	uint32_t len;

	rd_init(&r, frame);
	type = rd_u8(&r);
	len = rd_u24(&r);
	if (r.err != SOTTO_OK || type != (uint8_t)want || len != r.n ||
	    !hs_head_ok(type, len))
		return SOTTO_EFORMAT;
	*body = (struct span){ r.p, r.n };
	return SOTTO_OK;
}

int
hs_head_ok(uint8_t type, uint32_t len)
{
	switch (type) {
	case HS_TYPE_M1:
		return len == HS_M1_LEN;
	case HS_TYPE_M1R:
		return len == HS_M1R_LEN;
	case HS_TYPE_M2:
		return len > RSA_LEN && len <= HS_BODY_MAX;
	case HS_TYPE_M3:
		return len == HS_M3_LEN;
	case HS_TYPE_M4:
		return len == HS_M4_LEN;
	case HS_TYPE_M2R:
		return len == HS_M2R_LEN;
	case HS_TYPE_M3R:
		return len == HS_M3R_LEN;
	case HS_TYPE_FAIL:
		return len == 1;
	default:
		return 0;
	}
}

/* ---- M1 ---- */

void
hs_m1_write(struct wr *w, const struct hs_m1 *m)
{
	struct span ticket = { NULL, 0 };

	if (m->mode == HS_ENROL)
		ticket = SPAN(m->token_id);
	else if (m->mode == HS_RESUME)
		ticket = SPAN(m->ticket);
	hs_head_write(w, HS_TYPE_M1, HS_M1_LEN);
	wr_bytes(w, magic, sizeof(magic));
	wr_u16(w, m->version_low);
	wr_u16(w, m->version_high);
	wr_u8(w, (uint8_t)m->mode);
	wr_u8(w, 0);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_bytes(w, m->ec.b, sizeof(m->ec.b));
	wr_u8(w, (uint8_t)m->n_kex);
	for (size_t i = 0; i < HS_KEX_MAX; i++)
		wr_u16(w, i < m->n_kex ? m->kex[i] : 0);
	wr_u8(w, (uint8_t)m->suites.n);
	wr_bytes(w, m->suites.id, m->suites.n);
	wr_zero(w, SUITE_LIST_MAX - m->suites.n);
	wr_bytes(w, m->pin_hint, sizeof(m->pin_hint));
	wr_bytes(w, m->cookie, sizeof(m->cookie));
	wr_bytes(w, m->answer, sizeof(m->answer));
	wr_str16(w, ticket);
	wr_zero(w, HS_TICKET_LEN - ticket.n);
	wr_bytes(w, m->binder, sizeof(m->binder));
	wr_zero(w, HS_M1_LEN - (HS_M1_BINDER_AT - HS_HEAD_LEN) - HASH_LEN);
}

static void
read_lists(struct rd *r, struct hs_m1 *m)
{
	m->n_kex = rd_u8(r);
	if (m->n_kex < 1 || m->n_kex > HS_KEX_MAX) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	for (size_t i = 0; i < m->n_kex; i++)
		m->kex[i] = rd_u16(r);
	rd_zero(r, 2 * (HS_KEX_MAX - m->n_kex));
	m->suites.n = rd_u8(r);
	if (m->suites.n < 1 || m->suites.n > SUITE_LIST_MAX) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	rd_copy(r, m->suites.id, m->suites.n);
	rd_zero(r, SUITE_LIST_MAX - m->suites.n);
}

/* The ticket field, by mode: empty, an invite token's id, a ticket. */
static void
read_ticket(struct rd *r, struct hs_m1 *m)
{
	const size_t want = m->mode == HS_ENROL ? sizeof(m->token_id)
	    : m->mode == HS_RESUME              ? sizeof(m->ticket)
						: 0;

	if (rd_u16(r) != want) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	rd_copy(r, m->mode == HS_ENROL ? m->token_id : m->ticket, want);
	rd_zero(r, HS_TICKET_LEN - want);
	if (m->mode != HS_LOGIN)
		rd_copy(r, m->binder, sizeof(m->binder));
	else
		rd_zero(r, sizeof(m->binder));
}

enum sotto_err
hs_m1_read(struct hs_m1 *m, struct span frame)
{
	struct hs_m1 t;
	struct span body;
	struct rd r;
	uint8_t mode, got[sizeof(magic)];
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	if ((e = hs_frame_read(frame, HS_TYPE_M1, &body)) != SOTTO_OK)
		return e;
	rd_init(&r, body);
	rd_copy(&r, got, sizeof(got));
	if (memcmp(got, magic, sizeof(magic)) != 0)
		return SOTTO_EFORMAT;
	t.version_low = rd_u16(&r);
	t.version_high = rd_u16(&r);
	mode = rd_u8(&r);
	if (mode > HS_RESUME)
		return SOTTO_EFORMAT;
	t.mode = (enum hs_mode)mode;
	rd_zero(&r, 1);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	rd_copy(&r, t.ec.b, sizeof(t.ec.b));
	read_lists(&r, &t);
	rd_copy(&r, t.pin_hint, sizeof(t.pin_hint));
	rd_copy(&r, t.cookie, sizeof(t.cookie));
	rd_copy(&r, t.answer, sizeof(t.answer));
	read_ticket(&r, &t);
	rd_zero(&r, r.n);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

enum sotto_err
hs_m1_peek(struct hs_m1_peek *out, struct span frame)
{
	struct hs_m1 m;
	enum sotto_err e;

	if ((e = hs_m1_read(&m, frame)) != SOTTO_OK)
		return e;
	out->mode = m.mode;
	memcpy(out->token_id, m.token_id, sizeof(out->token_id));
	memcpy(out->cookie, m.cookie, sizeof(out->cookie));
	memcpy(out->nonce, m.nonce, sizeof(out->nonce));
	memcpy(out->answer, m.answer, sizeof(out->answer));
	memcpy(out->ticket, m.ticket, sizeof(out->ticket));
	return SOTTO_OK;
}

/* ---- M2 ---- */

void
hs_m2_write_unsigned(struct wr *w, const struct hs_m2 *m)
{
	size_t len = 2 + 2 + 1 + 1 + HS_NONCE_LEN + POINT_LEN + 3 * 8 + 2 +
	    RSA_LEN + 1 + SIG_LEN;

	for (size_t i = 0; i < m->n_certs; i++)
		len += 2 + m->cert[i].n;
	hs_head_write(w, HS_TYPE_M2, len);
	wr_u16(w, m->version);
	wr_u16(w, m->kex);
	wr_u8(w, m->suite);
	wr_u8(w, m->flags);
	wr_bytes(w, m->nonce, sizeof(m->nonce));
	wr_bytes(w, m->es.b, sizeof(m->es.b));
	wr_u64(w, m->epoch_id);
	wr_u64(w, m->not_before);
	wr_u64(w, m->not_after);
	wr_u16(w, m->bits);
	wr_span(w, m->modulus);
	wr_u8(w, (uint8_t)m->n_certs);
	for (size_t i = 0; i < m->n_certs; i++)
		wr_str16(w, m->cert[i]);
}

enum sotto_err
hs_m2_read(struct hs_m2 *m, struct span frame)
{
	struct hs_m2 t;
	struct span body;
	struct rd r;
	enum sotto_err e;

	memset(&t, 0, sizeof(t));
	if ((e = hs_frame_read(frame, HS_TYPE_M2, &body)) != SOTTO_OK)
		return e;
	rd_init(&r, body);
	t.version = rd_u16(&r);
	t.kex = rd_u16(&r);
	t.suite = rd_u8(&r);
	t.flags = rd_u8(&r);
	rd_copy(&r, t.nonce, sizeof(t.nonce));
	rd_copy(&r, t.es.b, sizeof(t.es.b));
	t.epoch_id = rd_u64(&r);
	t.not_before = rd_u64(&r);
	t.not_after = rd_u64(&r);
	t.bits = rd_u16(&r);
	t.modulus = rd_bytes(&r, RSA_LEN);
	t.n_certs = rd_u8(&r);
	if (t.n_certs < 2 || t.n_certs > HS_CERTS_MAX)
		return SOTTO_EFORMAT;
	for (size_t i = 0; i < t.n_certs; i++)
		t.cert[i] = rd_str16(&r, CERT_DER_MAX);
	t.sig = rd_bytes(&r, SIG_LEN);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

/* ---- M3, inner ---- */

static void
write_m3_front(struct wr *w, const struct hs_m3 *m)
{
	wr_name(w, &m->name);
	wr_bytes(w, m->device_id, sizeof(m->device_id));
	wr_u8(w, 1);
	wr_str16(w, m->cert);
}

void
hs_m3_signed_part(struct wr *w, const struct hs_m3 *m)
{
	write_m3_front(w, m);
	wr_str16(w, m->ext);
}

void
hs_m3_inner_write(struct wr *w, const struct hs_m3 *m)
{
	size_t start = w->n;

	write_m3_front(w, m);
	wr_span(w, m->sig);
	wr_str16(w, m->ext);
	wr_zero(w, HS_M3_INNER_LEN - (w->n - start));
}

enum sotto_err
hs_m3_inner_read(struct hs_m3 *m, struct span inner)
{
	struct hs_m3 t;
	struct rd r;
	enum sotto_err e;

	if (inner.n != HS_M3_INNER_LEN)
		return SOTTO_EFORMAT;
	memset(&t, 0, sizeof(t));
	rd_init(&r, inner);
	rd_name(&r, &t.name);
	rd_copy(&r, t.device_id, sizeof(t.device_id));
	if (rd_u8(&r) != 1)
		rd_fail(&r, SOTTO_EFORMAT);
	t.cert = rd_str16(&r, CERT_DER_MAX);
	t.sig = rd_bytes(&r, SIG_LEN);
	t.ext = rd_str16(&r, DEVICE_CERT_LEN);
	rd_zero(&r, r.n);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

/* ---- M4, inner ---- */

void
hs_m4_inner_write(struct wr *w, const struct hs_m4 *m)
{
	size_t start = w->n;

	wr_bytes(w, m->verify.b, sizeof(m->verify.b));
	wr_u8(w, (uint8_t)m->status);
	wr_bytes(w, m->session_id, sizeof(m->session_id));
	wr_u64(w, m->time);
	wr_u32(w, m->limits.message_max);
	wr_u32(w, m->limits.requests_min);
	wr_u32(w, m->limits.idle_s);
	wr_u32(w, 0);
	wr_zero(w, HS_M4_INNER_LEN - (w->n - start));
}

enum sotto_err
hs_m4_inner_read(struct hs_m4 *m, struct span inner)
{
	struct hs_m4 t;
	struct rd r;
	uint8_t status;
	enum sotto_err e;

	if (inner.n != HS_M4_INNER_LEN)
		return SOTTO_EFORMAT;
	memset(&t, 0, sizeof(t));
	rd_init(&r, inner);
	rd_copy(&r, t.verify.b, sizeof(t.verify.b));
	status = rd_u8(&r);
	if (status > HS_STORE_FAILED)
		rd_fail(&r, SOTTO_EFORMAT);
	t.status = (enum hs_status)status;
	rd_copy(&r, t.session_id, sizeof(t.session_id));
	t.time = rd_u64(&r);
	t.limits.message_max = rd_u32(&r);
	t.limits.requests_min = rd_u32(&r);
	t.limits.idle_s = rd_u32(&r);
	rd_zero(&r, r.n);
	if ((e = rd_end(&r)) == SOTTO_OK)
		*m = t;
	return e;
}

void
hs_write_retry(struct wr *out, const uint8_t cookie[HS_COOKIE_LEN],
    uint8_t difficulty)
{
	hs_head_write(out, HS_TYPE_M1R, HS_M1R_LEN);
	wr_bytes(out, cookie, HS_COOKIE_LEN);
	wr_u8(out, difficulty);
}

void
hs_write_fail(struct wr *out, enum hs_fail code)
{
	hs_head_write(out, HS_TYPE_FAIL, 1);
	wr_u8(out, (uint8_t)code);
}
