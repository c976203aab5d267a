/*
 * hs_msg - the bytes of the login handshake's messages; private to hs.
 * Source: sotto-protocol(7), LOGIN.
 */
#ifndef CRYPTO_HS_MSG_H
#define CRYPTO_HS_MSG_H

#include "crypto/hs.h"

#define HS_KEX_MAX 4

struct hs_m1 {
	uint16_t version_low, version_high;
	enum hs_mode mode;
	uint8_t nonce[HS_NONCE_LEN];
	struct x25519_pub ec;
	uint16_t kex[HS_KEX_MAX];
	size_t n_kex;
	struct suite_list suites; /* also ids that we do not know */
	uint8_t pin_hint[8];
	uint8_t cookie[HS_COOKIE_LEN];
	uint8_t answer[8];
	uint8_t token_id[INVITE_TOKEN_ID_LEN]; /* HS_ENROL */
	uint8_t ticket[HS_TICKET_LEN];         /* HS_RESUME */
	uint8_t binder[HASH_LEN];              /* HS_ENROL, HS_RESUME */
};

struct hs_m2 {
	uint16_t version, kex;
	uint8_t suite, flags;
	uint8_t nonce[HS_NONCE_LEN];
	struct x25519_pub es;
	uint64_t epoch_id, not_before, not_after;
	uint16_t bits;
	struct span modulus;
	struct span cert[HS_CERTS_MAX];
	size_t n_certs;
	struct span sig;
};

struct hs_m2r {
	uint16_t version, kex;
	uint8_t suite;
	uint8_t nonce[HS_NONCE_LEN];
	struct x25519_pub es;
	uint64_t time;
	struct hs_limits limits;
	struct hash mac;
};

/* The inner part of M3. */
struct hs_m3 {
	struct name name;
	uint8_t device_id[DEVICE_ID_LEN];
	struct span cert; /* certificate, or request in HS_ENROL */
	struct span sig;
	struct span ext; /* HS_ENROL: the device certificate; else empty */
};

struct hs_m4 {
	struct hash verify;
	enum hs_status status;
	uint8_t session_id[HS_SESSION_LEN];
	uint64_t time;
	struct hs_limits limits;
};

/* Whole frames, with the head. */
void hs_m1_write(struct wr *w, const struct hs_m1 *m);
enum sotto_err hs_m1_read(struct hs_m1 *m, struct span frame);
/* Where the binder stands in the frame. */
#define HS_M1_BINDER_AT (HS_HEAD_LEN + 334)

/* Without the signature: its place is reserved in the length of the head. */
void hs_m2_write_unsigned(struct wr *w, const struct hs_m2 *m);
enum sotto_err hs_m2_read(struct hs_m2 *m, struct span frame);

/* Without the MAC, as above. */
void hs_m2r_write_open(struct wr *w, const struct hs_m2r *m);
enum sotto_err hs_m2r_read(struct hs_m2r *m, struct span frame);

/*
 * hs_m3_inner_write - with m->sig; hs_m3_signed_part writes what the signature
 * covers: the same without sig and padding.
 */
void hs_m3_inner_write(struct wr *w, const struct hs_m3 *m);
void hs_m3_signed_part(struct wr *w, const struct hs_m3 *m);
enum sotto_err hs_m3_inner_read(struct hs_m3 *m, struct span inner);

void hs_m4_inner_write(struct wr *w, const struct hs_m4 *m);
enum sotto_err hs_m4_inner_read(struct hs_m4 *m, struct span inner);

/* hs_head_write, hs_frame_read - the head; reading checks type and length. */
void hs_head_write(struct wr *w, enum hs_type type, size_t body_len);
enum sotto_err hs_frame_read(struct span frame, enum hs_type want,
    struct span *body);

/* ---- what both sides compute ---- */

struct hs_sched {
	struct prk s; /* secret: early, then HS, KS, MS */
	struct hash th2, th3, thc, th4;
	struct key c_hs, s_hs, finished; /* secret */
};

/* hs_binder - what M1 proves an invite or a ticket with, whose secret begins the
 * chain early; frame has the binder zeroed or not, the field is taken as zero. */
void hs_binder(struct hash *out, const struct prk *early, struct span frame);

/* hs_sched_th2 - over frame(M1) and frame(M2) without the signature. */
void hs_sched_th2(struct hs_sched *k, struct span m1, struct span m2_unsigned);

/* hs_sched_keys - after X25519: mix in pmk, derive c_hs, s_hs, finished. */
void hs_sched_keys(struct hs_sched *k, struct span m3_head_and_c,
    const struct key *pmk);
/* hs_sched_thc - over the part of M3 that the client signs. */
void hs_sched_thc(struct hs_sched *k, const struct hs_m3 *m);
/* hs_sched_th4 - over the sealed part of M3. */
void hs_sched_th4(struct hs_sched *k, struct span sealed);
/* hs_sched_verify - what M4 proves the keys with. */
void hs_sched_verify(struct hash *out, const struct hs_sched *k);
/* hs_sched_finish - the keys of the session; k is wiped but for hashes. */
void hs_sched_finish(struct hs_sched *k, struct span sealed_m4,
    struct hs_keys *out);

/* ---- resumption: hs_resume.c ---- */

/* hs_resume_start - s has taken in the ticket's secret; X25519 follows. */
void hs_resume_start(struct hs_sched *k, const struct key *shared);
/* hs_resume_mac2 - what M2R proves the keys with. */
void hs_resume_mac2(struct hash *out, struct hs_sched *k, struct span m1,
    struct span m2r_open);
/* hs_resume_mac3 - what M3R does. */
void hs_resume_mac3(struct hash *out, struct hs_sched *k,
    const struct hash *mac2);
/* hs_resume_finish - the keys of the session, and its number. */
void hs_resume_finish(struct hs_sched *k, struct hs_keys *out);

#endif
