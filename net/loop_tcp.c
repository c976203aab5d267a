/* Streams and listeners; see tcp.h. */
#include "net/loop_tcp.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes on their way into the system, where it did not take all at once; and
 * the end behind them. */
struct tcp_flight {
	uv_write_t write;
	uv_shutdown_t shut;
	struct buf bytes;
	size_t backlog; /* counted in the loop's */
};

static void
free_flight(struct tcp *t)
{
	if (t->flight == NULL)
		return;
	t->l->backlog -= t->flight->backlog;
	buf_free(&t->flight->bytes);
	free(t->flight);
	t->flight = NULL;
}

static void
on_closed(uv_handle_t *h)
{
	struct tcp *t = (struct tcp *)h;

	buf_free(&t->out);
	free_flight(t);
	pool_put(t->l->tcps, t);
}

struct pool *
loop_tcp_pool(void)
{
	return pool_new(sizeof(struct tcp));
}

/* ---- who waits for the end of the turn ---- */

/* So many of those who send without end have their share in one turn. */
#define HUNGRY_TURN 16

static void
flush_later(struct tcp *t)
{
	if (t->flushing)
		return;
	t->flushing = 1;
	t->flush_next = t->l->flush;
	t->flush_at = &t->l->flush;
	if (t->flush_next != NULL)
		t->flush_next->flush_at = &t->flush_next;
	t->l->flush = t;
}

static void
flush_no_more(struct tcp *t)
{
	if (!t->flushing)
		return;
	t->flushing = 0;
	*t->flush_at = t->flush_next;
	if (t->flush_next != NULL)
		t->flush_next->flush_at = t->flush_at;
}

static void
read_later(struct tcp *t)
{
	if (t->hungry)
		return;
	t->hungry = 1;
	t->hungry_next = NULL;
	t->hungry_at = t->l->hungry_last;
	*t->hungry_at = t;
	t->l->hungry_last = &t->hungry_next;
}

static void
read_no_more(struct tcp *t)
{
	if (!t->hungry)
		return;
	t->hungry = 0;
	*t->hungry_at = t->hungry_next;
	if (t->hungry_next != NULL)
		t->hungry_next->hungry_at = t->hungry_at;
	else
		t->l->hungry_last = t->hungry_at;
}

struct tcp *
tcp_make(struct loop *l, size_t out_max)
{
	struct tcp *t = pool_get(l->tcps);

	if (t == NULL)
		return NULL;
	if (uv_tcp_init(&l->uv, &t->uv) != 0) {
		pool_put(l->tcps, t);
		return NULL;
	}
	t->l = l;
	buf_init(&t->out, (uint32_t)out_max);
	return t;
}

const char *
tcp_peer_text(char out[TCP_TEXT_MAX], const struct tcp_peer *p)
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (p->family == 0)
		return "unknown";
	(void)inet_ntop(p->family == 4 ? AF_INET : AF_INET6, p->addr, ip,
	    sizeof(ip));
	(void)snprintf(out, TCP_TEXT_MAX, p->family == 4 ? "%s:%u" : "[%s]:%u",
	    ip, p->port);
	return out;
}

static void
know4(struct tcp_peer *p, const void *addr)
{
	p->key[0] = 4;
	memcpy(p->key + 1, addr, 4);
	p->key_len = 5;
}

static void
know6(struct tcp_peer *p, const struct sockaddr_in6 *a)
{
	p->family = 6;
	p->port = ntohs(a->sin6_port);
	memcpy(p->addr, &a->sin6_addr, 16);
	if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr)) {
		know4(p, a->sin6_addr.s6_addr + 12);
		return;
	}
	/* Whoever has one address of a /64 has them all. */
	p->key[0] = 6;
	memcpy(p->key + 1, a->sin6_addr.s6_addr, 8);
	p->key_len = 9;
}

void
tcp_know_peer(struct tcp *t)
{
	const struct sockaddr_in *a4;
	struct sockaddr_storage ss;
	int n = sizeof(ss);

	memset(&ss, 0, sizeof(ss));
	if (uv_tcp_getpeername(&t->uv, (struct sockaddr *)&ss, &n) != 0)
		return;
	if (ss.ss_family == AF_INET6) {
		know6(&t->peer, (const struct sockaddr_in6 *)&ss);
		return;
	}
	a4 = (const struct sockaddr_in *)&ss;
	t->peer.family = 4;
	t->peer.port = ntohs(a4->sin_port);
	memcpy(t->peer.addr, &a4->sin_addr, 4);
	know4(&t->peer, &a4->sin_addr);
}

const struct tcp_peer *
tcp_peer_of(const struct tcp *t)
{
	return &t->peer;
}

/* ---- reading ---- */

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct tcp *t = (struct tcp *)h;

	(void)suggested;
	loop_woke(t->l);
	buf->base = t->l->read_buf;
	buf->len = sizeof(t->l->read_buf);
}

static void
end(struct tcp *t, enum tcp_end why)
{
	if (t->ended || t->ev == NULL)
		return;
	t->ended = 1;
	(void)uv_read_stop((uv_stream_t *)&t->uv);
	t->ev->end(t->ctx, why);
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct tcp *t = (struct tcp *)s;

	if (n == (ssize_t)sizeof(t->l->read_buf)) {
		/* There may be more: when the others had their turn. */
		(void)uv_read_stop(s);
		read_later(t);
	}
	if (n > 0 && t->ev != NULL)
		t->ev->read(t->ctx,
		    (struct span){ (const uint8_t *)buf->base, (size_t)n });
	else if (n == UV_EOF)
		end(t, TCP_END_EOF);
	else if (n < 0)
		end(t, TCP_END_ERROR);
}

static void
start_reading(struct tcp *t)
{
	if (t->reading && !t->ended && t->ev != NULL)
		(void)uv_read_start((uv_stream_t *)&t->uv, on_alloc, on_read);
}

void
tcp_start(struct tcp *t, const struct tcp_events *ev, void *ctx)
{
	t->ev = ev;
	t->ctx = ctx;
	tcp_resume(t);
}

void
tcp_pause(struct tcp *t)
{
	t->reading = 0;
	(void)uv_read_stop((uv_stream_t *)&t->uv);
}

void
tcp_resume(struct tcp *t)
{
	t->reading = 1;
	if (!t->hungry)
		start_reading(t);
}

/* ---- writing ---- */

struct buf *
tcp_out(struct tcp *t)
{
	return &t->out;
}

size_t
tcp_queued(const struct tcp *t)
{
	return t->out.n + (t->flight != NULL ? t->flight->bytes.n : 0);
}

int
tcp_is_stuck(const struct tcp *t)
{
	return t->flight != NULL;
}

size_t
tcp_backlog(const struct loop *l)
{
	return l->backlog;
}

static void
on_shut(uv_shutdown_t *req, int status)
{
	struct tcp *t = req->data;

	(void)status;
	if (!uv_is_closing((uv_handle_t *)&t->uv))
		free_flight(t);
}

static struct tcp_flight *
new_flight(struct tcp *t)
{
	t->flight = calloc(1, sizeof(*t->flight));
	if (t->flight != NULL)
		t->flight->write.data = t->flight->shut.data = t;
	return t->flight;
}

/* All has gone out: then comes the end, if the owner wants it. */
static void
drained(struct tcp *t)
{
	if (t->finishing == 1) {
		t->finishing = 2;
		if (new_flight(t) != NULL &&
		    uv_shutdown(&t->flight->shut, (uv_stream_t *)&t->uv,
			on_shut) != 0)
			free_flight(t);
	}
	if (t->ev != NULL && !t->ended)
		t->ev->drained(t->ctx);
}

/*
 * The peer is gone, but what it had sent before may still lie here: the end
 * comes from reading, behind that.
 */
static void
cannot_write(struct tcp *t)
{
	t->broken = 1;
	buf_consume(&t->out, t->out.n);
}

static void
on_written(uv_write_t *req, int status)
{
	struct tcp *t = req->data;

	loop_woke(t->l);
	if (uv_is_closing((uv_handle_t *)&t->uv))
		return;
	free_flight(t);
	if (status != 0)
		cannot_write(t);
	else if (t->out.n > 0)
		flush_later(t);
	else
		drained(t);
}

/* What the system did not take waits; more may be appended meanwhile. */
static void
write_rest(struct tcp *t)
{
	struct span s;
	uv_buf_t b;

	if (new_flight(t) == NULL) {
		cannot_write(t);
		return;
	}
	t->flight->bytes = t->out;
	buf_init(&t->out, t->flight->bytes.max);
	s = buf_bytes(&t->flight->bytes);
	t->l->backlog += t->flight->backlog = s.n;
	b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.n);
	if (uv_write(&t->flight->write, (uv_stream_t *)&t->uv, &b, 1,
		on_written) != 0) {
		free_flight(t);
		cannot_write(t);
	}
}

static void
write_now(struct tcp *t)
{
	struct span s = buf_bytes(&t->out);
	uv_buf_t b;
	int n;

	if (t->broken)
		buf_consume(&t->out, t->out.n);
	if (t->broken || t->flight != NULL || s.n == 0 || t->ended)
		return;
	/* libuv's type has no const; it only reads. */
	b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.n);
	n = uv_try_write((uv_stream_t *)&t->uv, &b, 1);
	if (n > 0)
		buf_consume(&t->out, (size_t)n);
	if (t->out.n > 0)
		write_rest(t);
	else if (t->finishing == 1) /* nobody else waits for what went */
		drained(t);
}

void
tcp_flush(struct tcp *t)
{
	flush_later(t);
}

void
tcp_finish(struct tcp *t)
{
	if (t->finishing || t->ended)
		return;
	t->finishing = 1;
	if (tcp_queued(t) == 0)
		drained(t);
	else
		flush_later(t);
}

void
tcp_close(struct tcp *t)
{
	if (t == NULL || uv_is_closing((uv_handle_t *)&t->uv))
		return;
	t->ev = NULL;
	flush_no_more(t);
	read_no_more(t);
	if (t->flight == NULL && !t->broken && t->out.n > 0) {
		const struct span s = buf_bytes(&t->out);
		uv_buf_t b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.n);

		(void)uv_try_write((uv_stream_t *)&t->uv, &b, 1);
	}
	uv_close((uv_handle_t *)&t->uv, on_closed);
}

static void
on_again(uv_idle_t *uv)
{
	(void)uv; /* that it runs is all */
}

void
loop_tcp_turn(struct loop *l)
{
	struct tcp *t;

	loop_listen_turn(l);
	for (int i = 0; i < HUNGRY_TURN && (t = l->hungry) != NULL; i++) {
		read_no_more(t);
		start_reading(t);
	}
	if (l->hungry != NULL)
		(void)uv_idle_start(&l->again, on_again);
	else
		(void)uv_idle_stop(&l->again);
	while ((t = l->flush) != NULL) {
		/* It may ask for another flush meanwhile: it is this one. */
		if (t->ev != NULL && t->ev->turn != NULL && !t->ended)
			t->ev->turn(t->ctx);
		if (!t->flushing)
			continue; /* closed */
		flush_no_more(t);
		write_now(t);
	}
}
