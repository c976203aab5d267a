/*
 * conn - one client's connection: handshake, then commands and messages.
 *
 *	HELLO --M1--> WORKING --M2--> AWAIT_M3 --M3--> WORKING --M4--> OPEN
 *	OPEN --close, either side--> CLOSING --> gone
 *	anything wrong before OPEN --> FAILING --FAIL, after a delay--> gone
 *
 * Thread: the loop's.  Jobs on the pool carry a handle, never a pointer.
 */
#ifndef SOTTOD_CONN_H
#define SOTTOD_CONN_H

#include "crypto/hs.h"
#include "crypto/tunnel.h"
#include "sottod/server.h"

/* What may wait for a slow reader; above HIGH messages wait on the disk, or with
 * their sender.  When all slow readers together have too much, HIGH sinks. */
#define CONN_OUT_MAX   (1 << 20)
#define CONN_OUT_HIGH  (64 << 10)
#define CONN_OUT_LOW   (8 << 10)
#define CONN_OUT_ALL   (32 << 20)
#define CONN_CHATS_MAX 64
/* The longest frame. */
#define CONN_IN_MAX (TUNNEL_HEAD_LEN + TUNNEL_BODY_MAX)

/* For each of the client's two messages of a login. */
#define CONN_STEP_MS 10000

enum conn_state {
	CONN_HELLO,
	CONN_WORKING, /* a job is on the pool; nothing may come meanwhile */
	CONN_AWAIT_M3,
	CONN_OPEN,
	CONN_FAILING, /* the answer is being delayed; nothing is read */
	CONN_CLOSING  /* we have said goodbye and wait for the peer's end */
};

/* A chat that was begun, for the audit log. */
struct conn_chat {
	struct conn_chat *next;
	struct name with;
};

/* To whom a message of this connection could not be taken, and its ref: none
 * behind it is, before it comes again, so that the order stays. */
struct conn_held {
	struct conn_held *next;
	struct name to;
	uint64_t ref;
};
#define CONN_HELD_MAX 16

/* What only a login needs. */
struct conn_login {
	struct conn *next, *prev; /* unfinished ones, oldest first */
	struct conn *queue_next;  /* their frame waits for its turn */
	int queued, turn;         /* it waits; it is its turn */
	struct hs_server *hs;
	struct identity *id;
	struct name claimed; /* known once M3 has been opened */
	uint8_t token_id[INVITE_TOKEN_ID_LEN];
	uint64_t full_at;    /* its last login with RSA; 0: this one */
	uint8_t ticket_uses; /* logins since then */
	enum hs_fail fail;
	uint64_t since_ms;
};

/* Ten thousand are mostly idle: what is rare is not in here but behind a
 * pointer. */
struct conn {
	struct conn *next, *prev; /* all of them, newest first */
	struct server *s;
	uint64_t number; /* for the log */
	uint32_t slot;   /* in the server's table */
	enum conn_state state;
	unsigned in_call : 1;  /* its own callback is running: free it later */
	unsigned gone : 1;     /* dropped; only waits to be freed */
	unsigned watching : 1; /* is told who comes and goes */
	unsigned mailing : 1;  /* wants its mail: mail_watch() */
	unsigned listing : 1;  /* in the news' queue for the list */
	unsigned rested : 1;   /* since conn_rest() nothing came or went */
	uint8_t n_chats, n_held;
	uint32_t list_at; /* how far the list of people was told */
	struct tcp *tcp;
	struct addr *addr;
	struct buf in;            /* a frame that is not whole yet */
	struct loop_timer *timer; /* NULL in OPEN, where the sweep looks */
	uint64_t seen_ms;         /* of the last byte from the client */
	struct conn_login *login; /* NULL in OPEN */

	/* In OPEN: */
	struct tunnel *tunnel;
	struct dir_user *user;
	struct conn_chat *chats;
	struct conn_held *held;
	struct conn_sents *sents; /* answers of this turn */
	struct conn *list_next;
	const char *why; /* it was closed; static */
};

/* conn_accept - a connection came in; Takes tcp. */
void conn_accept(struct server *s, struct tcp *tcp);

/* conn_bye - the authenticated close, then the end. */
void conn_bye(struct conn *c, enum tunnel_close why);
/* conn_drop - the end, at once; why is static. */
void conn_drop(struct conn *c, const char *why);
/* conn_stop - the relay shuts down. */
void conn_stop(struct conn *c);

/* A connection that may be gone when one comes back to it. */
struct conn_handle {
	uint32_t slot, generation;
};
struct conn_handle conn_handle(const struct conn *c);
/* conn_find - NULL if it is gone. */
struct conn *conn_find(const struct server *s, struct conn_handle h);

/* conn_read - bytes that came. */
void conn_read(void *ctx, struct span bytes);
/* conn_free - after conn_drop(), when nothing refers to it any more. */
void conn_free(struct conn *c);
/* conn_leave_queue - its frame waits no longer for a turn. */
void conn_leave_queue(struct conn *c);
/* conn_turns - the next frames of logins that had to wait. */
void conn_turns(struct server *s);
/* conn_login_over - the login has succeeded or failed: no longer unfinished. */
void conn_login_over(struct conn *c);

/* conn_open - M4 has been sent: conn_open.c takes over. */
void conn_open(struct conn *c, const struct hs_keys *k, int enrolled,
    struct span cert);
/* conn_record - a record frame in OPEN or CLOSING. */
void conn_record(struct conn *c, struct span frame);
/* conn_left - its user is not there any more; tell the others. */
void conn_left(struct conn *c, const char *why);
/* conn_command - send one; closes the connection if it does not read. */
void conn_command(struct conn *c, const struct wire_cmd *cmd);
/* conn_say_sent - the answer to a message, with all others of this turn. */
void conn_say_sent(struct conn *c, uint64_t ref, enum wire_result r);
/* conn_turn - the turn ends: send those answers. */
void conn_turn(void *conn);
/* conn_is_slow - it has enough to read. */
int conn_is_slow(const struct conn *c);
/* conn_wake - its timer runs in that time; what it means says the state. */
void conn_wake(struct conn *c, uint64_t ms);
/* conn_rest - nothing was heard for a while: give back what can be had again. */
void conn_rest(struct conn *c);
/* conn_on_command, conn_on_message - what came out of the tunnel. */
void conn_on_command(struct conn *c, struct span msg);
void conn_on_message(struct conn *c, struct span msg, size_t pad);

#endif
