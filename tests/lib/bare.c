#include "tests/lib/bare.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#include "tests/lib/cm.h"

#define OUT_MAX (8 << 20)

void
bare_end_init(struct bare_end *e)
{
	static const uint8_t key[32] = { 1 };

	memset(e, 0, sizeof(*e));
	e->seal = aes_new(AES_GCM_SEAL, key, sizeof(key));
	e->open = aes_new(AES_GCM_OPEN, key, sizeof(key));
	assert_non_null(e->seal);
	assert_non_null(e->open);
}

void
bare_end_free(struct bare_end *e)
{
	aes_free(e->seal);
	aes_free(e->open);
}

static void
count(uint8_t nonce[AEAD_NONCE_LEN], uint64_t n)
{
	memset(nonce, 0, AEAD_NONCE_LEN);
	memcpy(nonce, &n, sizeof(n));
}

void
bare_seal(struct bare_end *e, uint8_t *out, struct span in)
{
	static const uint8_t aad[BARE_AAD];
	uint8_t nonce[AEAD_NONCE_LEN];

	count(nonce, e->n_seal++);
	assert_int_equal(aes_gcm_seal(e->seal, out, nonce, SPAN(aad), in),
	    SOTTO_OK);
}

void
bare_open(struct bare_end *e, uint8_t *out, struct span in)
{
	static const uint8_t aad[BARE_AAD];
	uint8_t nonce[AEAD_NONCE_LEN];

	count(nonce, e->n_open++);
	assert_int_equal(aes_gcm_open(e->open, out, nonce, SPAN(aad), in),
	    SOTTO_OK);
}

/* ---- the relay ---- */

struct half {
	int fd, number, dirty; /* number: -1: not said yet */
	struct bare_end end;
	struct buf in, out;
};

struct relay {
	int ep, gcm;
	struct half *half[BARE_CONNS];
	struct half *dirty[BARE_CONNS];
	size_t n_dirty;
};

static void
pass_on(struct relay *r, struct half *h, struct span body)
{
	struct half *to = r->half[h->number ^ 1];
	uint8_t text[4096], head[2];
	uint8_t *at;
	size_t n = body.n;

	if (to == NULL)
		return;
	if (r->gcm) {
		bare_open(&h->end, text, body);
		body = (struct span){ text, n - AEAD_TAG_LEN };
	}
	head[0] = (uint8_t)(n >> 8);
	head[1] = (uint8_t)n;
	(void)buf_add(&to->out, SPAN(head));
	at = buf_room(&to->out, n);
	assert_non_null(at);
	if (r->gcm)
		bare_seal(&to->end, at, body);
	else
		memcpy(at, body.p, n);
	buf_added(&to->out, n);
	if (!to->dirty)
		r->dirty[r->n_dirty++] = to;
	to->dirty = 1;
}

static void
take(struct relay *r, struct half *h)
{
	struct span s;

	while ((s = buf_bytes(&h->in)).n >= 2) {
		const size_t n = (size_t)s.p[0] << 8 | s.p[1];

		if (s.n < 2 + n)
			return;
		if (h->number < 0) {
			h->number = s.p[2] << 8 | s.p[3];
			r->half[h->number % BARE_CONNS] = h;
		} else {
			pass_on(r, h, (struct span){ s.p + 2, n });
		}
		buf_consume(&h->in, 2 + n);
	}
}

static void
read_one(struct relay *r, struct half *h)
{
	static uint8_t b[65536];
	const ssize_t n = read(h->fd, b, sizeof(b));

	if (n <= 0) {
		if (h->number >= 0)
			r->half[h->number % BARE_CONNS] = NULL;
		(void)close(h->fd);
		bare_end_free(&h->end);
		buf_free(&h->in);
		buf_free(&h->out);
		free(h);
		return;
	}
	(void)buf_add(&h->in, (struct span){ b, (size_t)n });
	take(r, h);
}

static void
accept_one(struct relay *r, int lfd)
{
	struct half *h = calloc(1, sizeof(*h));
	struct epoll_event ev = { .events = EPOLLIN };
	const int one = 1;

	assert_non_null(h);
	h->fd = accept(lfd, NULL, NULL);
	h->number = -1;
	(void)setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bare_end_init(&h->end);
	buf_init(&h->in, OUT_MAX);
	buf_init(&h->out, OUT_MAX);
	ev.data.ptr = h;
	assert_int_equal(epoll_ctl(r->ep, EPOLL_CTL_ADD, h->fd, &ev), 0);
}

static void
serve(int lfd, int gcm)
{
	static struct relay r;
	struct epoll_event ev = { .events = EPOLLIN }, got[256];

	r.gcm = gcm;
	r.ep = epoll_create1(0);
	assert_int_equal(epoll_ctl(r.ep, EPOLL_CTL_ADD, lfd, &ev), 0);
	for (;;) {
		const int n = epoll_wait(r.ep, got, 256, -1);

		for (int i = 0; i < n; i++) {
			if (got[i].data.ptr == NULL)
				accept_one(&r, lfd);
			else
				read_one(&r, got[i].data.ptr);
		}
		while (r.n_dirty > 0) {
			struct half *h = r.dirty[--r.n_dirty];
			const struct span s = buf_bytes(&h->out);
			const ssize_t k = write(h->fd, s.p, s.n);

			h->dirty = 0;
			buf_consume(&h->out, k > 0 ? (size_t)k : s.n);
		}
	}
}

void
bare_start(struct bare *b, int gcm)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(fd, 1024), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	b->port = ntohs(a.sin_port);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd, gcm);
	}
	(void)close(fd);
}

void
bare_stop(struct bare *b)
{
	(void)kill(b->pid, SIGKILL);
	(void)waitpid(b->pid, NULL, 0);
}
