/*
 * sessions - the ratchets of all chats, and our own prekeys, in the vault.
 * Thread: the engine's.
 */
#ifndef SOTTO_SESSIONS_H
#define SOTTO_SESSIONS_H

#include "crypto/prekey.h"
#include "crypto/ratchet.h"
#include "sotto/vault.h"

struct session {
	int64_t chat;
	uint64_t made_at;        /* seconds since 1970 */
	struct ratchet *ratchet; /* owned */
	/* We have asked, E3 is out: their E4, or their first message in it,
	 * opens the chat. */
	int asked;
	/* Ours, and not answered: what goes before each message. */
	uint8_t head[PREKEY_HEAD_MAX];
	size_t head_len;
	struct chat_peer peer; /* of a new one of theirs; not kept */
};

void session_free(struct session *s); /* wipes; accepts NULL */
/* session_put - on disk when the transaction is. */
enum sotto_err session_put(struct vault *v, const struct session *s);
/* session_get - owned in *out.  SOTTO_EAGAIN: none; SOTTO_EAUTH: damaged. */
enum sotto_err session_get(struct vault *v, struct session **out,
    const struct chat_id *id);
/* session_prune - of that chat, only the n newest stay. */
enum sotto_err session_prune(struct vault *v, int64_t chat, unsigned n);
/* session_drop_all - of that chat; 0: of all. */
enum sotto_err session_drop_all(struct vault *v, int64_t chat);

/* ---- our prekeys ---- */

enum sotto_err prekeys_put(struct vault *v, const struct prekey_secret *s);
/* prekeys_get - SOTTO_EAGAIN: none of that epoch. */
enum sotto_err prekeys_get(struct vault *v, uint32_t epoch,
    struct prekey_secret *out);
/* prekeys_latest - the highest epoch; 0: none. */
enum sotto_err prekeys_latest(struct vault *v, uint32_t *epoch);
/* prekeys_expire - forget those that a newer one replaced before that time. */
enum sotto_err prekeys_expire(struct vault *v, uint64_t before);

enum sotto_err one_time_put(struct vault *v, uint32_t number,
    const struct x25519_sec *sec);
/* SOTTO_EAGAIN: used, or never made. */
enum sotto_err one_time_get(struct vault *v, uint32_t number,
    struct x25519_sec *out);
enum sotto_err one_time_drop(struct vault *v, uint32_t number);

#endif
