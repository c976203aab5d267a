/*
 * engine_priv - the inside of the engine, for its own files: engine.c (thread,
 * mailboxes), entry.c (getting in), link.c (the connection), chats.c and
 * chat_io.c (requests, chats, messages), people.c (presence, trust).
 *
 * Thread: the engine's, all of it.
 */
#ifndef SOTTO_ENGINE_PRIV_H
#define SOTTO_ENGINE_PRIV_H

#include <pthread.h>

#include "base/file.h"

#include "crypto/talk.h"
#include "crypto/tunnel.h"
#include "net/tcp.h"
#include "sotto/contacts.h"
#include "sotto/engine.h"
#include "sotto/msgs.h"

#define ENGINE_CMDS_MAX   256
#define ENGINE_EVENTS_MAX 4096
#define ENGINE_OUT_MAX    (4 << 20)
#define CHATS_MAX         64
#define RINGING_MAX       16
#define EPH_KEYS          2
/* Messages of one chat whose fate is not known yet. */
#define PENDING_MAX 1024

struct entry; /* a PROBE, ENROL or UNLOCK under way */

/* What one connection to the relay goes through. */
struct link {
	enum link_state state;
	struct tcp_dial *dial;
	struct tcp *tcp;
	struct buf in;
	struct hs_client *hs;
	struct trace *trace;
	int probe, enrol; /* what the handshake is for */
	char probe_host[INVITE_HOST_MAX + 1];
	struct tunnel *tunnel;
	struct loop_timer *deadline; /* of connecting and shaking hands */
	struct loop_timer *retry;    /* until the next try */
	struct loop_timer *beat;     /* signs of life */
	uint64_t heard_ms, rekeyed_ms;
	int pinged;
	unsigned tries; /* since it was last online */
	int wanted;     /* try again when it breaks */
	int had_modern; /* this relay once chose a modern suite */
	int in_call, drop_later;
	struct hs_server_info info;
};

/* A message that was passed to the relay, until its fate is known. */
struct pending {
	struct pending *next;
	uint64_t ref;     /* in WIRE_SENT */
	uint64_t id;      /* the application's number; 0: not a text */
	uint64_t counter; /* in receipts */
	uint8_t hash[16];
};

/* So many may be unread, or delivered and not read; of older ones nothing more
 * is told. */
#define UNREAD_MAX 256

struct engine_chat {
	struct engine_chat *next;
	struct engine *e;
	uint32_t number;
	struct name name;
	struct chat *hs;   /* until it is open */
	struct talk *talk; /* from then on */
	struct trace *trace;
	int asked_by_us;
	int accept_wanted; /* as soon as a one-time key is there */
	uint64_t request_ref;
	struct loop_timer *timer;            /* of an unanswered request */
	struct loop_timer *receipt;          /* of receipts that wait */
	struct talk_content receipts, reads; /* that are owed */
	struct talk_ref unread[UNREAD_MAX];  /* came, not seen by the user */
	size_t n_unread;
	struct pending *pending;   /* ours, not confirmed */
	struct pending *delivered; /* ours, confirmed, not read yet */
	size_t n_delivered;
	size_t n_pending;
};

struct engine {
	struct engine_conf conf;
	char dir[FILE_PATH_MAX];
	pthread_t thread;
	struct mbox *cmds, *events;
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *held_timer;
	struct mbox_msg *held, **held_tail; /* events the app has no room for */
	struct rng g;

	struct ident *id; /* secret; NULL: locked */
	struct contacts *contacts;
	struct entry *entry;
	struct link link;
	int busy, quitting;
	int lock_fd; /* of the profile; -1: not held */

	struct engine_chat *chats;
	uint32_t last_chat;
	uint64_t last_ref;
	struct rsa_key *eph[EPH_KEYS]; /* secret: one-time keys for chats */
	size_t n_eph;
	int making_eph;
	uint32_t last_renew;
};

/* engine_tell - Takes m; waits in a queue while the app has no room. */
void engine_tell(struct engine *e, struct msg *m);
/* engine_note - EV_NOTE with a sentence. */
void engine_note(struct engine *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* engine_now - seconds since 1970. */
uint64_t engine_now(void);

/* ---- entry.c ---- */
void entry_probe(struct engine *e, const struct msg *m);
void entry_enrol(struct engine *e, struct msg *m);  /* takes m->pass */
void entry_unlock(struct engine *e, struct msg *m); /* takes m->pass */
void entry_stop(struct engine *e);
void entry_repin(struct engine *e, struct msg *m); /* takes m->pass */
/* The link tells how it went. */
void entry_probed(struct engine *e, const struct hs_server_info *info);
void entry_link_failed(struct engine *e, enum entry_fault f, const char *text);
void entry_got_cert(struct engine *e, struct span der);
/* entry_is_active - is somebody waiting for that? */
int entry_is_active(const struct engine *e);

/* ---- link.c ---- */
int link_init(struct engine *e);
void link_free(struct engine *e);
/* link_probe - another relay than ours, only for its key. */
void link_probe(struct engine *e, const char *host, uint16_t port);
/* link_start - connect as e->id; enrol: with its invite. */
void link_start(struct engine *e, int enrol);
/* link_stop - properly if it is online; not tried again. */
void link_stop(struct engine *e);
/* link_retry - now, if it is waiting. */
void link_retry(struct engine *e);
int link_is_online(const struct engine *e);
/* link_send_cmd, link_send_relay - SOTTO_ESTATE: not online; ENOSPACE. */
enum sotto_err link_send_cmd(struct engine *e, const struct wire_cmd *c);
enum sotto_err link_send_relay(struct engine *e, const struct wire_relay *m,
    size_t pad);
/* link_lost - it cannot go on; say why and try again later. */
void link_lost(struct engine *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Between link.c and link_hs.c. */
void link_tell(struct engine *e, enum link_state s, uint64_t wait_ms,
    const char *text);
void link_tell_trace(struct engine *e);
void link_stamp_trace(struct link *l);
void link_drop(struct engine *e, const char *text);    /* and try again */
void link_stopped(struct engine *e, const char *text); /* for good */
void link_hang_up(struct engine *e);
uint64_t link_beat_ms(const struct engine *e);
/* link_hs_start - M1. */
void link_hs_start(struct engine *e, const struct hs_client_conf *cc);
/* link_hs_event - what the login's machine wants next; w is to be sent. */
void link_hs_event(struct engine *e, enum hs_event ev, const struct wr *w);
/* link_on_command - what the relay says (people.c). */
void link_on_command(struct engine *e, struct span msg);

/* ---- chats.c ---- */
void chats_request(struct engine *e, const struct name *to);
void chats_accept(struct engine *e, uint32_t number);
void chats_refuse(struct engine *e, uint32_t number, enum chat_reason why);
void chats_cancel(struct engine *e, uint32_t number);
void chats_leave(struct engine *e, uint32_t number);
void chats_on_relay(struct engine *e, const struct wire_relay *r);
void chats_on_sent(struct engine *e, uint64_t ref, enum wire_result r);
/* chats_all_over - the link has broken, or we leave. */
void chats_all_over(struct engine *e, enum chat_over why, const char *text);
/* chats_peer_gone - somebody went offline. */
void chats_peer_gone(struct engine *e, const struct name *n);
/* chats_over - tell the app, forget the keys. */
void chats_over(struct engine_chat *c, enum chat_over why, const char *text);
/* chats_make_keys - make one-time keys while there is time. */
void chats_make_keys(struct engine *e);
void chats_free_keys(struct engine *e);
struct engine_chat *chats_find(struct engine *e, uint32_t number);
void chats_trace(struct engine_chat *c);

/* Between chats.c and chats_ask.c. */
struct chat_self chats_self(const struct engine *e);
struct engine_chat *chats_find_id(struct engine *e, const struct chat_id *id);
struct engine_chat *chats_find_name(struct engine *e, const struct name *n);
/* chats_count - all, or those that ring only. */
size_t chats_count(const struct engine *e, int ringing_only);
struct engine_chat *chats_add(struct engine *e, const struct name *n);
void chats_drop(struct engine_chat *c); /* without a word */
struct msg *chats_msg(enum msg_type type, const struct engine_chat *c);
void chats_set_timer(struct engine_chat *c);
void chats_on_request(struct engine *e, const struct wire_relay *r);

/* ---- chat_io.c ---- */
/* chat_send - a handshake message or a sealed one, to the peer. */
enum sotto_err chat_send(struct engine_chat *c, enum chat_type type,
    struct span payload, uint64_t *ref);
void chat_say(struct engine *e, uint32_t number, uint64_t id, const char *text);
/* chat_read - the user has seen all of it: tell the peer. */
void chat_read(struct engine *e, uint32_t number);
void chat_hear(struct engine_chat *c, enum chat_type type, struct span payload);
void chat_sent(struct engine_chat *c, uint64_t ref, enum wire_result r);
void chat_io_start(struct engine_chat *c);
void chat_io_end(struct engine_chat *c);

/* ---- people.c ---- */
void people_safety(struct engine *e, const struct name *n);
void people_verified(struct engine *e, const struct name *n,
    enum verify_how how);
void people_trust_new(struct engine *e, const struct name *n);
void people_search(struct engine *e, uint64_t id, const char *pattern);
void people_busy(struct engine *e, int on);
void people_renew_if_due(struct engine *e);
/* people_tell_all - EV_CONTACT for everybody who is known. */
void people_tell_all(struct engine *e);

/*
 * people_check - compare a proven peer with what is pinned, pin at the first
 * contact, remember a change.  SOTTO_EIO: the store failed; nobody is let in.
 */
enum sotto_err people_check(struct engine *e, const struct chat_peer *p,
    enum trust *trust);

#endif
