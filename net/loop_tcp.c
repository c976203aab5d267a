/* Streams and listeners; see tcp.h. */
#include "net/loop_tcp.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG 1024

static void
on_closed(uv_handle_t *h)
{
	struct tcp *t = (struct tcp *)h;

	buf_free(&t->out);
	buf_free(&t->flight);
	free(t);
}

struct tcp *
tcp_make(struct loop *l, size_t out_max)
{
	struct tcp *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	if (uv_tcp_init(&l->uv, &t->uv) != 0) {
		free(t);
		return NULL;
	}
	t->l = l;
	buf_init(&t->out, out_max);
	return t;
}

static void
write_peer4(struct tcp_peer *p, const struct sockaddr_in *a)
{
	char ip[INET_ADDRSTRLEN] = "";

	(void)inet_ntop(AF_INET, &a->sin_addr, ip, sizeof(ip));
	(void)snprintf(p->text, sizeof(p->text), "%s:%u", ip,
	    ntohs(a->sin_port));
	p->key[0] = 4;
	memcpy(p->key + 1, &a->sin_addr, 4);
	p->key_len = 5;
}

static void
write_peer6(struct tcp_peer *p, const struct sockaddr_in6 *a)
{
	char ip[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(AF_INET6, &a->sin6_addr, ip, sizeof(ip));
	(void)snprintf(p->text, sizeof(p->text), "[%s]:%u", ip,
	    ntohs(a->sin6_port));
	if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr)) {
		p->key[0] = 4;
		memcpy(p->key + 1, a->sin6_addr.s6_addr + 12, 4);
		p->key_len = 5;
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
	struct sockaddr_storage ss;
	int n = sizeof(ss);

	memset(&ss, 0, sizeof(ss));
	(void)uv_tcp_nodelay(&t->uv, 1);
	if (uv_tcp_getpeername(&t->uv, (struct sockaddr *)&ss, &n) != 0)
		(void)snprintf(t->peer.text, sizeof(t->peer.text), "unknown");
	else if (ss.ss_family == AF_INET6)
		write_peer6(&t->peer, (const struct sockaddr_in6 *)&ss);
	else
		write_peer4(&t->peer, (const struct sockaddr_in *)&ss);
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

	if (n > 0 && t->ev != NULL)
		t->ev->read(t->ctx,
		    (struct span){ (const uint8_t *)buf->base, (size_t)n });
	else if (n == UV_EOF)
		end(t, TCP_END_EOF);
	else if (n < 0)
		end(t, TCP_END_ERROR);
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
	(void)uv_read_stop((uv_stream_t *)&t->uv);
}

void
tcp_resume(struct tcp *t)
{
	if (!t->ended && t->ev != NULL)
		(void)uv_read_start((uv_stream_t *)&t->uv, on_alloc, on_read);
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
	return t->out.n + t->flight.n;
}

static void
on_shut(uv_shutdown_t *req, int status)
{
	(void)req;
	(void)status;
}

static void
drained(struct tcp *t)
{
	if (t->finishing == 1) {
		t->finishing = 2;
		(void)uv_shutdown(&t->shut, (uv_stream_t *)&t->uv, on_shut);
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

	t->writing = 0;
	buf_free(&t->flight);
	if (uv_is_closing((uv_handle_t *)&t->uv))
		return;
	if (status != 0)
		cannot_write(t);
	else if (t->out.n > 0)
		tcp_flush(t);
	else
		drained(t);
}

void
tcp_flush(struct tcp *t)
{
	struct span s = buf_bytes(&t->out);
	uv_buf_t b;
	int n;

	if (t->broken)
		buf_consume(&t->out, t->out.n);
	if (t->broken || t->writing || s.n == 0 || t->ended)
		return;
	/* libuv's type has no const; it only reads. */
	b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.n);
	n = uv_try_write((uv_stream_t *)&t->uv, &b, 1);
	if (n > 0)
		buf_consume(&t->out, (size_t)n);
	if (t->out.n == 0) {
		/* Nobody waits for a callback when all went at once. */
		if (t->finishing == 1)
			drained(t);
		return;
	}
	/* The rest waits; more may be appended meanwhile. */
	t->flight = t->out;
	buf_init(&t->out, t->flight.max);
	s = buf_bytes(&t->flight);
	b = uv_buf_init((char *)(uintptr_t)s.p, (unsigned)s.n);
	t->write.data = t;
	t->writing = 1;
	if (uv_write(&t->write, (uv_stream_t *)&t->uv, &b, 1, on_written) !=
	    0) {
		t->writing = 0;
		buf_free(&t->flight);
		cannot_write(t);
	}
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
		tcp_flush(t);
}

void
tcp_close(struct tcp *t)
{
	if (t == NULL || uv_is_closing((uv_handle_t *)&t->uv))
		return;
	t->ev = NULL;
	uv_close((uv_handle_t *)&t->uv, on_closed);
}

/* ---- listening ---- */

struct tcp_listener {
	uv_tcp_t uv; /* first */
	struct loop *l;
	tcp_accept_fn *fn;
	void *ctx;
	size_t out_max;
};

static void
on_listener_closed(uv_handle_t *h)
{
	free(h);
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct tcp_listener *s = (struct tcp_listener *)server;
	struct tcp *t;

	/* Out of descriptors: libuv has refused the peer politely. */
	if (status != 0)
		return;
	if ((t = tcp_make(s->l, s->out_max)) == NULL)
		return;
	if (uv_accept(server, (uv_stream_t *)&t->uv) != 0) {
		tcp_close(t);
		return;
	}
	tcp_know_peer(t);
	s->fn(s->ctx, t);
}

static int
parse_address(struct sockaddr_storage *ss, const char *host, uint16_t port)
{
	return uv_ip4_addr(host, port, (struct sockaddr_in *)ss) == 0 ||
	    uv_ip6_addr(host, port, (struct sockaddr_in6 *)ss) == 0;
}

enum sotto_err
tcp_listen(struct tcp_listener **out, struct loop *l,
    const struct tcp_listen_conf *conf, tcp_accept_fn *fn, void *ctx,
    const char **why)
{
	struct sockaddr_storage ss;
	struct tcp_listener *s;
	unsigned flags;
	int r;

	memset(&ss, 0, sizeof(ss));
	*why = "it is not an IPv4 or IPv6 address";
	if (!parse_address(&ss, conf->host, conf->port))
		return SOTTO_EFORMAT;
	*why = "memory ran out";
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return SOTTO_ENOMEM;
	s->l = l;
	s->fn = fn;
	s->ctx = ctx;
	s->out_max = conf->out_max;
	if ((r = uv_tcp_init(&l->uv, &s->uv)) != 0) {
		free(s);
		*why = uv_strerror(r);
		return SOTTO_EIO;
	}
	/* libuv sets SO_REUSEADDR; IPv4 has a socket of its own. */
	flags = ss.ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
	r = uv_tcp_bind(&s->uv, (const struct sockaddr *)&ss, flags);
	if (r == 0)
		r = uv_listen((uv_stream_t *)&s->uv, BACKLOG, on_connection);
	if (r != 0) {
		*why = uv_strerror(r);
		tcp_listener_free(s);
		return SOTTO_EIO;
	}
	*out = s;
	return SOTTO_OK;
}

uint16_t
tcp_listener_port(const struct tcp_listener *s)
{
	struct sockaddr_storage ss;
	int n = sizeof(ss);

	memset(&ss, 0, sizeof(ss));
	if (uv_tcp_getsockname(&s->uv, (struct sockaddr *)&ss, &n) != 0)
		return 0;
	if (ss.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&ss)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&ss)->sin_port);
}

void
tcp_listener_free(struct tcp_listener *s)
{
	if (s != NULL && !uv_is_closing((uv_handle_t *)&s->uv))
		uv_close((uv_handle_t *)&s->uv, on_listener_closed);
}
