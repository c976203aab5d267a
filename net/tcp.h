/*
 * tcp - connections on a loop: listening, dialling, streams.
 *
 * A stream reads into the owner's callback and writes out of a queue that the
 * owner fills: bytes appended to tcp_out() go out after tcp_flush(), at the end
 * of the loop's turn, all of them by one system call where the socket takes
 * them.  Nobody is read from twice in a turn, so that all get theirs.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "base/buf.h"

#include "net/loop.h"

/* "[2001:db8::1]:65535" and its NUL. */
#define TCP_TEXT_MAX 64
/* What limits are counted by: IPv4 address, or IPv6 prefix of 64 bits. */
#define TCP_KEY_MAX 9

struct tcp_peer {
	uint8_t addr[16];         /* in the order of the net */
	uint8_t key[TCP_KEY_MAX]; /* family, then 4 or 8 bytes */
	uint8_t key_len;
	uint8_t family; /* 4 or 6; 0: unknown */
	uint16_t port;
};

/* tcp_peer_text - address and port, as people write them.  Returns out. */
const char *tcp_peer_text(char out[TCP_TEXT_MAX], const struct tcp_peer *p);

enum tcp_end {
	TCP_END_EOF,  /* the peer sends nothing more */
	TCP_END_ERROR /* reset, unreachable, ... */
};

struct tcp;

struct tcp_events {
	/* Bytes that came; borrowed during the call. */
	void (*read)(void *ctx, struct span bytes);
	/* Nothing more will be read.  The stream stays until tcp_close(). */
	void (*end)(void *ctx, enum tcp_end why);
	/* What tcp_flush() could not hand on at once has gone out now. */
	void (*drained)(void *ctx);
	/* The turn ends, and tcp_flush() was called in it: the last moment to
	 * append what waited for others of its kind.  NULL: nothing does. */
	void (*turn)(void *ctx);
};

/* tcp_start - say who takes the events, and begin to read. */
void tcp_start(struct tcp *t, const struct tcp_events *ev, void *ctx);
/* tcp_peer_of - who is at the other end. */
const struct tcp_peer *tcp_peer_of(const struct tcp *t);

/* tcp_out - where to append bytes to send; borrowed from t. */
struct buf *tcp_out(struct tcp *t);
/* tcp_flush - hand on what was, and will be in this turn, appended. */
void tcp_flush(struct tcp *t);
/* tcp_queued - bytes that the system has not taken yet. */
size_t tcp_queued(const struct tcp *t);

/* tcp_is_stuck - the system did not take all that was handed on before. */
int tcp_is_stuck(const struct tcp *t);
/* tcp_backlog - the same of all streams of a loop together, but for what was
 * appended in this turn. */
size_t tcp_backlog(const struct loop *l);

/* tcp_pause, tcp_resume - reading; so that back-pressure reaches the peer. */
void tcp_pause(struct tcp *t);
void tcp_resume(struct tcp *t);

/* tcp_finish - send what is queued, then say that nothing more will come. */
void tcp_finish(struct tcp *t);
/* tcp_close - now; of what is queued only what the system takes at once goes
 * out.  No event after this.  Accepts NULL. */
void tcp_close(struct tcp *t);

/* ---- listening ---- */

struct tcp_listener;
/* The callback owns t; max bytes may be queued for writing on it. */
typedef void tcp_accept_fn(void *ctx, struct tcp *t);

struct tcp_listen_conf {
	const char *host; /* an address, IPv4 or IPv6 */
	uint16_t port;    /* 0: any; tcp_listener_port() tells */
	size_t out_max;   /* of each connection's queue */
};

/*
 * tcp_listen - Returns owned in *out.  A restart binds at once.
 * Errors:  SOTTO_EFORMAT: not an address; SOTTO_EIO: *why says what the
 *          system said; static.
 */
enum sotto_err tcp_listen(struct tcp_listener **out, struct loop *l,
    const struct tcp_listen_conf *conf, tcp_accept_fn *fn, void *ctx,
    const char **why);
uint16_t tcp_listener_port(const struct tcp_listener *s);
/* tcp_listener_pause - who dials waits in the system's queue until not. */
void tcp_listener_pause(struct tcp_listener *s, int yes);
void tcp_listener_free(struct tcp_listener *s); /* accepts NULL */

/* ---- dialling ---- */

struct tcp_dial;
/* t is owned by the callback, or NULL: why is then a phrase; static.  The
 * dial has ended and is freed. */
typedef void tcp_dial_fn(void *ctx, struct tcp *t, const char *why);

/*
 * tcp_dial_new - look up host, try its addresses one after the other, the
 * next one without waiting longer than 300 ms for the last; the first that
 * answers wins; 10 s in all.  Returns owned until fn is called, or NULL.
 */
struct tcp_dial *tcp_dial_new(struct loop *l, const char *host, uint16_t port,
    size_t out_max, tcp_dial_fn *fn, void *ctx);
/* tcp_dial_cancel - fn is not called any more.  Accepts NULL. */
void tcp_dial_cancel(struct tcp_dial *d);

#endif
