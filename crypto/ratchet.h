/*
 * ratchet - the Double Ratchet between two people: a key for each message,
 * gone after use, and a new X25519 agreement at each turn of the talk.
 *
 * Pure: randomness and time are parameters.  Whoever seals writes the state to
 * disk before the message may leave, or a crash would use a key twice.
 *
 * Envelope: ver u8 | kind u8 | chat 16 | DH 32 | PN u32 | N u32 | counter u128
 * | sealed.  AAD: both names, the chat, the handshake, and all of these.
 * Source: sotto-protocol(7), RATCHET; Perrin and Marlinspike, The Double
 * Ratchet Algorithm, revision 1, sections 3 and 5.
 */
#ifndef CRYPTO_RATCHET_H
#define CRYPTO_RATCHET_H

#include "crypto/chat.h"

#define RATCHET_HEAD_LEN   (2 + CHAT_ID_LEN + POINT_LEN + 4 + 4 + 16)
#define RATCHET_SKIP_CHAIN 1000 /* keys of messages that are missing, a chain */
#define RATCHET_SKIP_MAX   2000 /* ... and in all; the oldest make room */
#define RATCHET_SKIP_S     (30 * 24 * 3600) /* seconds until they are dropped */
#define RATCHET_PAST       8 /* their former keys, to tell old from forged */

struct ratchet; /* secret inside */

/* ratchet_new - copies and then wipes k.  Returns owned, or NULL. */
struct ratchet *ratchet_new(struct chat_keys *k);
void ratchet_free(struct ratchet *r); /* wipes; accepts NULL */

/*
 * ratchet_seal - inner is padded content; what was sealed counts from 0 in
 * *counter.
 * Errors:  SOTTO_ENOSPACE, SOTTO_EAUTH (their key is of low order),
 *          SOTTO_ENOMEM: nothing was used up.
 */
enum sotto_err ratchet_seal(struct ratchet *r, enum chat_type type,
    struct span inner, const struct rng *g, struct wr *out, uint64_t *counter);

struct ratchet_opened {
	size_t n;         /* bytes of inner */
	uint64_t counter; /* of the sender */
	uint64_t missing; /* messages before it that have not come (yet) */
	int late;         /* it was one of those that were missing */
};

/*
 * ratchet_open - out has room for in.n bytes.  now: seconds since 1970.
 * Errors:  SOTTO_EAUTH: forged, damaged, or of another state of this chat;
 *          SOTTO_ESTATE: its key is used up: it came before; SOTTO_ETOOBIG:
 *          more are missing before it than keys are kept for; SOTTO_ENOMEM.
 *          The state is then as it was.
 */
enum sotto_err ratchet_open(struct ratchet *r, enum chat_type type,
    struct span in, uint64_t now, uint8_t *out, struct ratchet_opened *o);

/*
 * Notices of the moment, only "I am typing": sealed under one key of the whole
 * session, outside of the ratchet, because they may be lost.
 *
 * ratchet_live_seal - SOTTO_ESTATE: the session is older than such notices.
 * ratchet_live_open - SOTTO_EFORMAT, SOTTO_EAUTH; SOTTO_ESTATE: not newer than
 * the last one, or too old.
 */
#define RATCHET_LIVE_LEN (CHAT_ID_LEN + XCHACHA_NONCE + 1 + 8 + AEAD_TAG_LEN)
enum sotto_err ratchet_live_seal(const struct ratchet *r, int typing,
    uint64_t now_ms, const struct rng *g, struct wr *out);
enum sotto_err ratchet_live_open(struct ratchet *r, struct span in,
    uint64_t now_ms, int *typing);

const struct chat_id *ratchet_id(const struct ratchet *r);
const struct name *ratchet_peer(const struct ratchet *r);
enum suite ratchet_suite(const struct ratchet *r);
/* ratchet_sent - how many were sealed; ratchet_heard - was any opened? */
uint64_t ratchet_sent(const struct ratchet *r);
int ratchet_heard(const struct ratchet *r);

/* ---- on disk; the caller seals it ---- */

/* ratchet_saved_len - bytes that ratchet_save() writes. */
size_t ratchet_saved_len(const struct ratchet *r);
void ratchet_save(const struct ratchet *r, struct wr *w);
/* ratchet_load - Returns owned, or NULL: damaged, or memory ran out. */
struct ratchet *ratchet_load(struct span in);

#endif
