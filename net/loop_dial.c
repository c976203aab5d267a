/* Dialling; see tcp.h. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/loop_tcp.h"

#define ATTEMPTS_MAX 8
#define NEXT_MS      300 /* RFC 8305 calls it the connection attempt delay */
#define TOTAL_MS     10000

struct attempt {
	uv_connect_t req;
	struct tcp_dial *d;
	struct tcp *t; /* NULL: over */
};

struct tcp_dial {
	struct loop *l;
	tcp_dial_fn *fn; /* NULL: cancelled, or told */
	void *ctx;
	size_t out_max;
	uv_getaddrinfo_t lookup;
	int looking_up;
	struct sockaddr_storage addr[ATTEMPTS_MAX];
	struct attempt attempt[ATTEMPTS_MAX];
	size_t n, next, running; /* addresses; tried; not answered yet */
	struct loop_timer *timer;
	uint64_t until_ms;
	const char *why;
};

/* Freed when the last callback that refers to it has come. */
static void
drop_if_idle(struct tcp_dial *d)
{
	if (d->fn != NULL || d->looking_up || d->running > 0)
		return;
	loop_timer_free(d->timer);
	free(d);
}

static void
close_attempts(struct tcp_dial *d)
{
	for (size_t i = 0; i < d->next; i++) {
		tcp_close(d->attempt[i].t);
		d->attempt[i].t = NULL;
	}
}

static void
tell(struct tcp_dial *d, struct tcp *t, const char *why)
{
	tcp_dial_fn *fn = d->fn;
	void *ctx = d->ctx;

	d->fn = NULL;
	close_attempts(d);
	loop_timer_stop(d->timer);
	drop_if_idle(d);
	if (fn != NULL)
		fn(ctx, t, why);
	else
		tcp_close(t);
}

static const char *
reason(int status)
{
	switch (status) {
	case UV_ECONNREFUSED:
		return "nothing answers on that port";
	case UV_ENETUNREACH:
	case UV_EHOSTUNREACH:
		return "there is no way to that network";
	case UV_ETIMEDOUT:
		return "there is no answer";
	case UV_EAI_NONAME:
	case UV_EAI_NODATA:
		return "there is no such host";
	case UV_EAI_AGAIN:
	case UV_EAI_FAIL:
		return "the host's address cannot be looked up now";
	default:
		return uv_strerror(status);
	}
}

static void try_next(struct tcp_dial *d);

static void
on_connect(uv_connect_t *req, int status)
{
	struct attempt *a = (struct attempt *)req;
	struct tcp_dial *d = a->d;
	struct tcp *t = a->t;

	d->running--;
	a->t = NULL;
	if (d->fn == NULL || t == NULL) {
		tcp_close(t);
		drop_if_idle(d);
		return;
	}
	if (status == 0) {
		(void)uv_tcp_nodelay(&t->uv, 1);
		tcp_know_peer(t);
		tell(d, t, NULL);
		return;
	}
	d->why = reason(status);
	tcp_close(t);
	if (d->next < d->n)
		try_next(d);
	else if (d->running == 0)
		tell(d, NULL, d->why);
}

static void
on_timer(void *ctx)
{
	struct tcp_dial *d = ctx;

	if (loop_now_ms(d->l) >= d->until_ms)
		tell(d, NULL, "there is no answer");
	else if (d->next < d->n)
		try_next(d);
	else
		loop_timer_set(d->timer, d->until_ms - loop_now_ms(d->l));
}

static void
try_next(struct tcp_dial *d)
{
	struct attempt *a = &d->attempt[d->next];
	const struct sockaddr *to =
	    (const struct sockaddr *)&d->addr[d->next++];
	int r = UV_ENOMEM;

	a->d = d;
	a->t = tcp_make(d->l, d->out_max);
	if (a->t != NULL)
		r = uv_tcp_connect(&a->req, &a->t->uv, to, on_connect);
	if (r == 0) {
		d->running++;
		loop_timer_set(d->timer, NEXT_MS);
		return;
	}
	tcp_close(a->t);
	a->t = NULL;
	d->why = reason(r);
	if (d->next < d->n)
		try_next(d);
	else if (d->running == 0)
		tell(d, NULL, d->why);
}

static void
on_lookup(uv_getaddrinfo_t *req, int status, struct addrinfo *res)
{
	struct tcp_dial *d = req->data;

	d->looking_up = 0;
	for (struct addrinfo *a = res;
	     status == 0 && a != NULL && d->n < ATTEMPTS_MAX; a = a->ai_next)
		if (a->ai_addrlen <= sizeof(d->addr[0]))
			memcpy(&d->addr[d->n++], a->ai_addr, a->ai_addrlen);
	uv_freeaddrinfo(res);
	if (d->fn == NULL)
		drop_if_idle(d);
	else if (d->n == 0)
		tell(d, NULL, reason(status == 0 ? UV_EAI_NONAME : status));
	else
		try_next(d);
}

struct tcp_dial *
tcp_dial_new(struct loop *l, const char *host, uint16_t port, size_t out_max,
    tcp_dial_fn *fn, void *ctx)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	struct tcp_dial *d = calloc(1, sizeof(*d));
	char service[8];

	if (d == NULL)
		return NULL;
	(void)snprintf(service, sizeof(service), "%u", port);
	d->l = l;
	d->fn = fn;
	d->ctx = ctx;
	d->out_max = out_max;
	d->why = "there is no answer";
	d->timer = loop_timer_new(l, on_timer, d);
	d->lookup.data = d;
	if (d->timer == NULL ||
	    uv_getaddrinfo(&l->uv, &d->lookup, on_lookup, host, service,
		&hints) != 0) {
		loop_timer_free(d->timer);
		free(d);
		return NULL;
	}
	d->looking_up = 1;
	d->until_ms = loop_now_ms(l) + TOTAL_MS;
	loop_timer_set(d->timer, TOTAL_MS);
	return d;
}

void
tcp_dial_cancel(struct tcp_dial *d)
{
	if (d == NULL)
		return;
	d->fn = NULL;
	close_attempts(d);
	loop_timer_stop(d->timer);
	if (d->looking_up)
		(void)uv_cancel((uv_req_t *)&d->lookup);
	drop_if_idle(d);
}
