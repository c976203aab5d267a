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
	struct buf out;    /* appended to */
	struct buf flight; /* being written */
	uv_write_t write;
	uv_shutdown_t shut;
	int writing, finishing, ended;
	int broken; /* nothing can be written any more */
};

/* tcp_make - a socket that is not connected.  Returns owned, or NULL. */
struct tcp *tcp_make(struct loop *l, size_t out_max);
/* tcp_know_peer - after it is connected: fill in peer; no delay. */
void tcp_know_peer(struct tcp *t);

#endif
