/*
 * chat_msg - the bytes of the chat handshake, and its key schedule; private to
 * chat.  Source: sotto-protocol(7), CHAT.
 */
#ifndef CRYPTO_CHAT_MSG_H
#define CRYPTO_CHAT_MSG_H

#include "crypto/chat.h"
#include "crypto/kdf.h"

#define CHAT_VERSION    1
#define CHAT_NONCE_LEN  32
#define CHAT_PAIR_LEN   8
#define CHAT_E3_SEALED  (SIG_LEN + AEAD_TAG_LEN)
#define CHAT_E4_SEALED  (HASH_LEN + AEAD_TAG_LEN)
#define CHAT_E3_LEN     (CHAT_ID_LEN + RSA_LEN + CHAT_E3_SEALED)
#define CHAT_E4_LEN     (CHAT_ID_LEN + CHAT_E4_SEALED)
#define CHAT_CANCEL_LEN (CHAT_ID_LEN + SIG_LEN)

struct chat_e1 {
	uint16_t version;
	struct name from, to;
	struct chat_id id;
	uint64_t time; /* seconds since 1970 */
	uint8_t nonce[CHAT_NONCE_LEN];
	struct x25519_pub ea;
	struct suite_list suites;
	struct span cert, device;
	struct span sig;
};

struct chat_e2 {
	struct chat_id id;
	uint8_t nonce[CHAT_NONCE_LEN];
	struct x25519_pub eb;
	uint8_t suite;
	struct span modulus;
	struct span cert, device;
	struct span sig;
};

struct chat_no {
	struct chat_id id;
	uint8_t nonce[CHAT_NONCE_LEN];
	enum chat_reason reason;
	struct span cert;
	struct span sig;
};

/* The writers leave the signature to the caller: it comes last. */
void chat_e1_write(struct wr *w, const struct chat_e1 *m);
enum sotto_err chat_e1_read(struct chat_e1 *m, struct span in);
void chat_e2_write(struct wr *w, const struct chat_e2 *m);
enum sotto_err chat_e2_read(struct chat_e2 *m, struct span in);
void chat_no_write(struct wr *w, const struct chat_no *m);
enum sotto_err chat_no_read(struct chat_no *m, struct span in);

struct chat_sched {
	struct prk s; /* secret */
	struct hash h2, h3, h4;
	struct key a_hs, b_hs, finished; /* secret */
};

/* chat_sched_agree - X25519 result first, then the pmk, then c. */
void chat_sched_agree(struct chat_sched *k, const struct key *shared,
    const struct key *pmk, struct span c);
/* chat_sched_h4 - over the sealed part of E3. */
void chat_sched_h4(struct chat_sched *k, struct span sealed);
void chat_sched_verify(struct hash *out, const struct chat_sched *k);
/* chat_sched_keys - where the ratchet begins. */
void chat_sched_keys(struct chat_sched *k, struct key *root, struct key *first);
/* chat_sched_forget - after E4: all but the hashes. */
void chat_sched_forget(struct chat_sched *k);

/* For the inspector; all accept a NULL trace. */
void chat_trace_e1(struct trace *t, enum trace_dir d, const struct chat_e1 *m,
    size_t size);
void chat_trace_e2(struct trace *t, enum trace_dir d, const struct chat_e2 *m,
    size_t size);
void chat_trace_e3(struct trace *t, enum trace_dir d, size_t size);
void chat_trace_e4(struct trace *t, enum trace_dir d, size_t size);
void chat_trace_peer(struct trace *t, const struct chat_peer *p);
void chat_trace_open(struct trace *t, enum suite s, const struct hash *h4);
void chat_trace_over(struct trace *t, enum trace_dir d, const char *what,
    size_t size, const char *why);

#endif
