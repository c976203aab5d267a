/*
 * engine_priv - the inside of the engine, for its own files: engine.c (thread,
 * mailboxes), engine_txn.c (the disk), entry.c (getting in), link.c (the
 * connection), chats*.c and chat_*.c (requests, chats, messages), stock.c
 * (prekeys), people.c (presence, trust).
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
#include "sotto/history.h"
#include "sotto/msgs.h"
#include "sotto/outbox.h"
#include "sotto/sessions.h"

#define ENGINE_CMDS_MAX   256
#define ENGINE_EVENTS_MAX 4096
#define ENGINE_OUT_MAX    (4 << 20)
#define CHATS_MAX         4096
#define RINGING_MAX       16
#define EPH_KEYS          2
#define SPARE_MS          5000 /* online, until they are made in advance */
#define FLIGHT_MAX        64   /* messages on their way to the relay */
#define OUTBOX_MAX        10000
#define FIRST_LINES       60  /* of each chat, at the start */
#define PAGE_LINES        200 /* ... and when it wants more */

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
	uint64_t n_records; /* that came whole, ever */
	int pinged;
	unsigned tries; /* since it was last online */
	int wanted;     /* try again when it breaks */
	int had_modern; /* this relay once chose a modern suite */
	int in_call, drop_later;
	struct hs_server_info info;
	struct hs_server_info known; /* with the ticket that is being used */
	struct hs_keys keys;         /* secret: a ticket hangs on them */
};

/* A person and what was said with them.  The record is on disk; the handshake
 * and the timers are of this moment. */
struct engine_chat {
	struct engine_chat *next;
	struct engine *e;
	uint32_t number;         /* rec.id: of this chat for ever */
	struct name name;        /* rec.name */
	struct hist_chat rec;    /* as on disk, when no transaction is open */
	struct session *session; /* that of rec.session, once it was needed */
	struct chat *hs;         /* a live handshake, or NULL */
	struct session *pending; /* its session, until the last answer */
	struct trace *trace;
	int asked_by_us;
	int accept_wanted; /* as soon as a one-time key is there */
	uint64_t request_ref;
	struct loop_timer *timer; /* of an unanswered request */
	uint32_t fetch_id;        /* their prekeys were asked for; 0: not */
	uint64_t fetched_ms;
};

/* A message that was passed to the relay, until it says that it has it. */
struct flight {
	int64_t id; /* in the outbox */
	uint64_t ref;
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
	struct vault *vault;
	struct entry *entry;
	struct link link;
	int busy, quitting;
	int lock_fd; /* of the profile; -1: not held */

	struct engine_chat *chats;
	uint64_t last_ref; /* of live handshakes */
	uint32_t last_id;  /* of commands to the relay */

	unsigned n_failed; /* transactions that the disk undid */
	int disk_bad;      /* ... the last one among them */
	int txn; /* a transaction is open; its end comes within this turn */
	struct loop_timer *txn_timer;
	struct mbox_msg *later, **later_tail; /* events that wait for it */
	uint64_t ack;  /* place of the last message that is taken in */
	int ack_due;   /* ... in this connection, and the relay is not told */
	uint64_t high; /* the highest that ever was; on disk */
	uint64_t last_in;        /* ... that came in this connection */
	struct waiting *waiting; /* for those before them */
	struct loop_timer *wait_timer;
	uint64_t wait_since; /* records that had come then */

	struct flight flight[FLIGHT_MAX];
	size_t n_flight;
	struct loop_timer *receipts; /* that wait a moment */
	int receipts_due;
	struct loop_timer *again; /* after the relay could not take one */
	int not_now;              /* ... until then */
	int making_prekeys;
	struct find *find;          /* a search under way, or NULL */
	struct loop_timer *learn;   /* words of full runs, when there is time */
	int stocked;                /* the relay has said what it knows of us */
	struct cert_anchor *anchor; /* the relay's authority, once needed */
	struct rsa_key *eph[EPH_KEYS]; /* secret: one-time keys for chats */
	size_t n_eph;
	int making_eph, making_eph_now; /* the second: somebody waits */
	struct loop_timer *hourly;      /* for lines whose time is over */
	struct loop_timer *spare;       /* until they are made without need */
	uint32_t last_renew;
	uint32_t known_id; /* of the last WIRE_ASK_KNOWN */
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
/* entry_waits - for something that the relay has to say. */
int entry_waits(const struct engine *e);
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
/* link_ping - does it still live?  It is lost if nothing comes. */
void link_ping(struct engine *e);
/* link_send_cmd, link_send_relay - SOTTO_ESTATE: not online; ENOSPACE. */
enum sotto_err link_send_cmd(struct engine *e, const struct wire_cmd *c);
enum sotto_err link_send_relay(struct engine *e, const struct wire_relay *m,
    size_t pad);
/* link_lost - it cannot go on; say why and try again later. */
void link_lost(struct engine *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Between link.c, link_hs.c and link_in.c. */
#define LINK_IN_MAX (TUNNEL_HEAD_LEN + TUNNEL_BODY_MAX)
extern const struct tcp_events link_events;
void link_tell(struct engine *e, enum link_state s, uint64_t wait_ms,
    const char *text);
void link_tell_trace(struct engine *e);
void link_stamp_trace(struct link *l);
/* link_drop - and try again, unless somebody waits for an answer. */
void link_drop(struct engine *e, const char *text);
/* link_again - the same, whoever waits. */
void link_again(struct engine *e, const char *text);
/* link_stopped - for good; f is what an entry has failed of. */
void link_stopped(struct engine *e, enum entry_fault f, const char *text);
void link_hang_up(struct engine *e);
uint64_t link_beat_ms(const struct engine *e);
/* link_hs_start - M1. */
void link_hs_start(struct engine *e, const struct hs_client_conf *cc);
/* link_hs_event - what the login's machine wants next; w is to be sent. */
void link_hs_event(struct engine *e, enum hs_event ev, const struct wr *w);
/* link_on_command - what the relay says (people.c). */
void link_on_command(struct engine *e, struct span msg);

/* ---- engine_txn.c: what one turn changes is on disk as a whole ---- */
/* txn - one is open now.  0: the disk has failed, and the user was told. */
int txn(struct engine *e);
/* txn_end - now, not at the end of the turn.  0: nothing of it was kept. */
int txn_end(struct engine *e);
/* txn_tell_failed - in words, once until something can be written. */
void txn_tell_failed(struct engine *e);
/* txn_fail - nothing of it is kept; the connection begins anew. */
void txn_fail(struct engine *e);
/* txn_tell - Takes m; told when the transaction is on disk. */
void txn_tell(struct engine *e, struct msg *m);

/* ---- chats.c ---- */
/* chats_load - those on disk, when the vault is open; the app is told. */
void chats_load(struct engine *e);
void chats_forget_all(struct engine *e); /* the vault closes */
void chats_drop(struct engine_chat *c);  /* its rows are gone */
/* chats_reload - records and sessions as they are on disk. */
void chats_reload(struct engine *e);
void chats_on_relay(struct engine *e, const struct wire_relay *r);
void chats_on_sent(struct engine *e, uint64_t ref, enum wire_result r);
/* chats_all_over - handshakes, because the link has broken, or we leave. */
void chats_all_over(struct engine *e, enum chat_over why, const char *text);
/* chats_peer_gone - somebody went offline. */
void chats_peer_gone(struct engine *e, const struct name *n);
/* chats_over - no handshake any more, and not open; tells the app.  Of an open
 * chat only the handshake ends, if there is one. */
void chats_over(struct engine_chat *c, enum chat_over why, const char *text);
/* chats_open - it is open from now on, in that session, which is taken. */
void chats_open(struct engine_chat *c, struct session *s, enum suite suite);
/* chats_opened - the same, of a live handshake or what is left of one. */
void chats_opened(struct engine_chat *c, struct session *s);
struct engine_chat *chats_find(struct engine *e, uint32_t number);
struct engine_chat *chats_find_id(struct engine *e, const struct chat_id *id);
struct engine_chat *chats_find_name(struct engine *e, const struct name *n);
/* chats_get - that person's, made if there is none; NULL: it cannot be. */
struct engine_chat *chats_get(struct engine *e, const struct name *n);
/* chats_save - the record, in the open transaction.  0: the disk failed. */
int chats_save(struct engine_chat *c);
struct msg *chats_msg(enum msg_type type, const struct engine_chat *c);
void chats_trace(struct engine_chat *c);
void chats_end_hs(struct engine_chat *c);
/* chats_send - a message of a handshake, to the peer. */
enum sotto_err chats_send(struct engine_chat *c, enum chat_type type,
    struct span payload, uint64_t *ref);

/* ---- chats_ask.c: while both are there ---- */
struct chat_self chats_self(struct engine *e);
void chats_request(struct engine *e, const struct name *to);
void chats_accept(struct engine *e, uint32_t number);
void chats_refuse(struct engine *e, uint32_t number, enum chat_reason why);
void chats_cancel(struct engine *e, uint32_t number);
void chats_leave(struct engine *e, uint32_t number);
void chats_on_request(struct engine *e, const struct wire_relay *r);
/* chats_make_keys - make one-time keys while there is time. */
void chats_make_keys(struct engine *e);
void chats_free_keys(struct engine *e);

/* ---- chats_remove.c ---- */
/* chats_remove - all that is known of somebody; EV_REMOVED, or a note. */
void chats_remove(struct engine *e, const struct name *n);

/* ---- chats_away.c: with somebody who is not there ---- */
/* away_start - get their prekeys, and a session out of them. */
void away_start(struct engine_chat *c);
void away_on_keys(struct engine *e, const struct wire_cmd *cmd);
/* away_on_error - 1 if it was the answer to a WIRE_FETCH. */
int away_on_error(struct engine *e, const struct wire_cmd *cmd);
/* away_on_start - the session of a first message, owned, not proven yet: that
 * is done by opening the message.  NULL: there is none; why is static. */
struct session *away_on_start(struct engine *e, const struct name *from,
    const struct prekey_head *h, const char **why);

/* ---- stock.c: our own prekeys, and what the relay knows of us ---- */
void stock_on_stock(struct engine *e, const struct wire_cmd *cmd);

/* ---- chat_out.c: to the relay ---- */
/* out_add - to the outbox, in the open transaction.  0: the disk failed. */
int out_add(struct engine_chat *c, int64_t line, const struct talk_content *t);
/* out_pump - seal and send what can go. */
void out_pump(struct engine *e);
/* out_offline - nothing is on its way any more. */
void out_offline(struct engine *e);
/* out_on_sent - 1 if that ref was in flight. */
int out_on_sent(struct engine *e, uint64_t ref, enum wire_result r);
/* out_receipt - in the open transaction; goes out a moment later. */
int out_receipt(struct engine_chat *c, enum talk_receipt kind, uint64_t id,
    const char *text);
/* out_session - the one to send in; NULL: there is none. */
struct session *out_session(struct engine_chat *c);
void out_tell_sent(struct engine_chat *c, uint64_t id, enum sent_state s,
    const char *why);

/* ---- chat_io.c: what is said ---- */
/* chat_say - reply_to: the number of another text, or 0. */
void chat_say(struct engine *e, uint32_t number, uint64_t id, uint64_t reply_to,
    const char *text);
/* chat_read - the user has seen all of it; tell: and the peer may know. */
void chat_read(struct engine *e, uint32_t number, int tell);
void chat_draft(struct engine *e, uint32_t number, const char *text,
    size_t cursor);
/* chat_page - EV_LINE for lines before that one, or behind it. */
void chat_page(struct engine *e, uint32_t number, int64_t from, int newer,
    uint64_t page);
/* chat_note - a line that tells what happened; kept.  0: the disk failed. */
int chat_note(struct engine_chat *c, enum hist_kind k, const char *text);
/* chat_accepted - receipts for what came before the answer. */
void chat_accepted(struct engine_chat *c);
/* chat_line_msg - EV_LINE or EV_TEXT; owned, or NULL. */
struct msg *chat_line_msg(enum msg_type type, const struct engine_chat *c,
    const struct hist_line *l);

/* ---- chat_in.c ---- */
int chat_in_init(struct engine *e); /* 0: memory */
/* chat_in - a stored message came. */
void chat_in(struct engine *e, const struct wire_relay *r);
/* chat_in_offline - what waits for others comes again. */
void chat_in_offline(struct engine *e);

/* ---- chat_hear.c ---- */
/* chat_hear - out of its session.  may_wait: nothing was done, and 1 is
 * answered, if others are missing before it. */
int chat_hear(struct engine *e, const struct wire_relay *r, int may_wait);
/* chat_new_keys - a line in an open chat; changed: under another key of
 * theirs.  0: the disk failed. */
int chat_new_keys(struct engine_chat *c, int changed);

/* ---- chat_change.c: after it was said ---- */
void chat_edit(struct engine *e, uint32_t number, uint64_t id,
    const char *text);
void chat_delete(struct engine *e, uint32_t number, uint64_t id);
/* chat_react - to a text of theirs; empty: taken back. */
void chat_react(struct engine *e, uint32_t number, uint64_t id,
    const char *text);
/* chat_on_change - EDIT, DELETE or REACT of theirs.  0: the disk failed. */
int chat_on_change(struct engine_chat *c, const struct talk_content *t);

/* ---- back.c ---- */
/* back_keep - the relay has given a ticket. */
void back_keep(struct engine *e, const struct wire_cmd *c);
/* back_use - there is one, and it is not on the disk any more; e->link.known
 * goes with it.  0: none.  *t is secret. */
int back_use(struct engine *e, struct hs_ticket *t);

/* ---- chat_keep.c ---- */
/* chat_keep - lines go after days (0: they stay); both: on both sides, from
 * today on. */
void chat_keep(struct engine *e, uint32_t number, unsigned days, int both);
void chat_on_keep(struct engine_chat *c, const struct talk_content *t);
void chat_receipts(struct engine *e, uint32_t number, int on);
void chat_mute(struct engine *e, uint32_t number, int on);
/* chat_unread - theirs from that line on are unread, though they were read. */
void chat_unread(struct engine *e, uint32_t number, int64_t line);
void chat_tell_kept(const struct engine_chat *c);
/* chat_expire_all - lines whose time is over, by a clock that the relay has
 * agreed with not long ago; and again in an hour. */
void chat_expire_all(struct engine *e);
void chat_forget(struct engine *e, uint32_t number);
void chat_block(struct engine *e, const struct name *n, int on);

/* ---- chat_typing.c ---- */
void chat_typing(struct engine *e, uint32_t number, int on);
void chat_on_typing(struct engine *e, const struct wire_relay *r);
void chat_set_typing(struct engine *e, uint32_t number, enum hist_typing t);

/* ---- export.c ---- */
/* chat_export - to a file that is not there yet: JSON if it is called so. */
void chat_export(struct engine *e, uint32_t number, const char *path);

/* ---- find.c ---- */
/* find_start - EV_HIT for each, the newest first, then EV_HITS; ends the one
 * before it. */
void find_start(struct engine *e, uint64_t id, const char *words);
/* find_learn_later - make looking fast, when nothing else is to be done. */
void find_learn_later(struct engine *e);
void find_free(struct engine *e);

/* ---- people.c ---- */
void people_safety(struct engine *e, const struct name *n);
void people_verified(struct engine *e, const struct name *n,
    enum verify_how how);
void people_trust_new(struct engine *e, const struct name *n);
void people_search(struct engine *e, uint64_t id, const char *pattern);
void people_ask_known(struct engine *e); /* EV_KNOWN, if it is online */
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
