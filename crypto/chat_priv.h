/*
 * chat_priv - the inside of a chat handshake, for chat*.c.
 */
#ifndef CRYPTO_CHAT_PRIV_H
#define CRYPTO_CHAT_PRIV_H

#include "crypto/chat_msg.h"

#define E1_MAX 4096

/*
 *	asker:    ASKED --E2--> ANSWERED --confirm--> CONFIRMED --E4--> OPEN
 *	asked:    RINGING --accept--> ACCEPTED --E3--> OPEN
 *
 * Refusal, cancel and failure lead to OVER, from where nothing leads on.
 */
struct chat {
	struct chat_self self;
	struct rng g;
	struct trace *trace;
	enum chat_state state;
	int asker;
	struct chat_id id;
	struct chat_peer peer;
	uint8_t e1[E1_MAX];
	size_t e1_len;
	struct suite_list offered; /* in E1 */
	enum suite suite;
	struct x25519_sec x;      /* secret: EA's or EB's scalar */
	struct x25519_pub their;  /* EB or EA */
	struct rsa_key *eph;      /* secret: asked side, until E3 */
	uint8_t modulus[RSA_LEN]; /* asker: of the other's one-time key */
	struct rsa_pub *peer_key; /* of the certificate */
	struct chat_sched sched;  /* secret */
	struct key root, first;   /* secret: in OPEN */
	enum chat_reason reason;
};

/* chat_make - zeroed, in guarded memory.  Returns owned, or NULL. */
struct chat *chat_make(const struct chat_self *self, const struct rng *g,
    struct trace *trace);

/* chat_over - the end of a chat that never was, or is no more. */
void chat_over(struct chat *c);
/* chat_fail - over, for a reason of the peer's or the relay's making. */
enum chat_event chat_fail(struct chat *c, const char **why, const char *text);
/* chat_ignore - nothing changes: the relay must not be able to do that. */
enum chat_event chat_ignore(const char **why, const char *text);

/* chat_sign - our signature over the hash of the parts. */
enum sotto_err chat_sign(struct chat *c, enum sign_ctx ctx,
    const struct span *parts, size_t n, uint8_t sig[SIG_LEN]);
int chat_signed(const struct rsa_pub *by, enum sign_ctx ctx,
    const struct span *parts, size_t n, struct span sig);

/* chat_check_cert - a user certificate of our relay for that name; its key,
 * owned.  SOTTO_EAUTH. */
enum sotto_err chat_check_cert(const struct chat_self *self, struct span cert,
    const struct name *name, uint64_t now_ms, struct rsa_pub **key);
/* chat_learn_peer - certificate and device certificate, into c->peer. */
enum sotto_err chat_learn_peer(struct chat *c, const struct name *name,
    struct span cert, struct span device, uint64_t now_ms);

/* Both borrow. */
struct span chat_e1_of(const struct chat *c);
struct span chat_own_cert(const struct chat *c);

/* One function for each message, called in the right state only. */
enum chat_event chat_on_accept(struct chat *c, struct span in, uint64_t now_ms,
    const char **why);
enum chat_event chat_on_refuse(struct chat *c, struct span in, uint64_t now_ms,
    const char **why);
enum chat_event chat_on_finished(struct chat *c, struct span in,
    const char **why);
enum chat_event chat_on_key(struct chat *c, struct span in, struct wr *out,
    const char **why);
enum chat_event chat_on_cancel(struct chat *c, struct span in,
    const char **why);

#endif
