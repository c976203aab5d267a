/* loop_tcp - what loop_tcp.c gives to loop_dial.c; private to the door. */
#ifndef NET_LOOP_TCP_H
#define NET_LOOP_TCP_H

#include "net/loop_uv.h"
#include "net/tcp.h"

struct tcp {
	uv_tcp_t uv; /* first: closing frees by its address */
	struct loop *l;
	const struct tcp_events *ev; /* NULL after tcp_close() */
	void *ctx;
	struct tcp_peer peer;
	unsigned flushing : 1, hungry : 1; /* in these lists of the loop */
	unsigned reading : 1;              /* the owner wants to */
	unsigned finishing : 2, ended : 1;
	unsigned broken : 1;       /* nothing can be written any more */
	struct buf out;            /* appended to */
	struct tcp_flight *flight; /* what the system did not take at once */
	struct tcp *flush_next, **flush_at, *hungry_next, **hungry_at;
};

/* tcp_make - a socket that is not connected.  Returns owned, or NULL. */
struct tcp *tcp_make(struct loop *l, size_t out_max);
/* loop_listen_turn - the turn ends: those who had to wait for it. */
void loop_listen_turn(struct loop *l);
/* tcp_know_peer - after it is connected: fill in peer. */
void tcp_know_peer(struct tcp *t);

#endif
