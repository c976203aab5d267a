/* Listeners; see tcp.h. */
#include <sys/socket.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop_tcp.h"

#define BACKLOG     4096 /* the system may have less */
#define ACCEPT_TURN 16   /* the others want their turn, too */

struct tcp_listener {
	uv_tcp_t uv; /* first */
	struct loop *l;
	struct tcp_listener *next; /* of the loop's */
	unsigned accepted;         /* in this turn */
	int waiting;               /* libuv holds one that we did not take */
	int paused;
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
accept_one(struct tcp_listener *s)
{
	uv_stream_t *server = (uv_stream_t *)&s->uv;
	struct tcp *t;

	/* Until it is taken libuv does not ask for the next. */
	if (s->paused || s->accepted >= ACCEPT_TURN ||
	    (t = tcp_make(s->l, s->out_max)) == NULL) {
		s->waiting = 1;
		return;
	}
	s->waiting = 0;
	s->accepted++;
	if (uv_accept(server, (uv_stream_t *)&t->uv) != 0) {
		tcp_close(t);
		return;
	}
	tcp_know_peer(t);
	s->fn(s->ctx, t);
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct tcp_listener *s = (struct tcp_listener *)server;

	loop_woke(s->l);
	/* Out of descriptors: libuv has refused the peer politely. */
	if (status == 0)
		accept_one(s);
}

/* The turn is over: those who had to wait. */
void
loop_listen_turn(struct loop *l)
{
	for (struct tcp_listener *s = l->listeners, *next; s != NULL;
	     s = next) {
		next = s->next;
		s->accepted = 0;
		if (s->waiting)
			accept_one(s);
	}
}

void
tcp_listener_pause(struct tcp_listener *s, int yes)
{
	s->paused = yes;
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
	/* Those whom it accepts have it from it (Linux). */
	if (r == 0)
		r = uv_tcp_nodelay(&s->uv, 1);
	if (r == 0)
		r = uv_listen((uv_stream_t *)&s->uv, BACKLOG, on_connection);
	if (r != 0) {
		*why = uv_strerror(r);
		tcp_listener_free(s);
		return SOTTO_EIO;
	}
	s->next = l->listeners;
	l->listeners = s;
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
	struct tcp_listener **at;

	if (s == NULL || uv_is_closing((uv_handle_t *)&s->uv))
		return;
	for (at = &s->l->listeners; *at != NULL; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			break;
		}
	uv_close((uv_handle_t *)&s->uv, on_listener_closed);
}
