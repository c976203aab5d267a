#include "sottod/expose.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define ASKERS_MAX  16   /* HTTP connections at a time */
#define REQUEST_MAX 4096 /* bytes of a request */
#define ASK_MS      5000
#define AGAIN_MS    1000 /* when nobody could be taken */

struct asker {
	struct asker *next;
	struct expose *e;
	struct tcp *tcp;
	struct loop_timer *timer;
	char got[REQUEST_MAX];
	size_t n;
	int answered;
};

struct expose {
	struct server *s;
	char path[FILE_PATH_MAX]; /* of the socket */
	int fd,
	    spare; /* spare: a descriptor to give up when there are no others */
	struct loop_watch *watch; /* NULL: not just now */
	struct loop_timer *again;
	struct tcp_listener *http; /* NULL: not wanted */
	struct asker *askers;
	size_t n_askers;
};

/* ---- the socket ---- */

static int
address(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(a->sun_path))
		return 0;
	(void)snprintf(a->sun_path, sizeof(a->sun_path), "%s", path);
	return 1;
}

static int
open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Also where no descriptor is left: then an admin wants to know most. */
static int
take_asker(struct expose *e)
{
	int fd = accept4(e->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 || (errno != EMFILE && errno != ENFILE) || e->spare < 0)
		return fd;
	(void)close(e->spare);
	e->spare = -1;
	return accept4(e->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* One line for each who asks: it fits into the socket, so nobody waits. */
static void
on_ask(void *ctx)
{
	struct expose *e = ctx;
	char line[STATS_JSON_MAX];
	const int fd = take_asker(e);

	if (fd >= 0) {
		(void)!write(fd, line, stats_json(line, sizeof(line), e->s));
		(void)close(fd);
	} else {
		/* Who is not taken would wake us without end. */
		loop_watch_free(e->watch);
		e->watch = NULL;
		loop_timer_set(e->again, AGAIN_MS);
	}
	if (e->spare < 0)
		e->spare = open_spare();
}

static void
on_again(void *ctx)
{
	struct expose *e = ctx;

	e->watch = loop_watch_new(e->s->loop, e->fd, on_ask, e);
	if (e->watch == NULL)
		loop_timer_set(e->again, AGAIN_MS);
}

static enum sotto_err
open_socket(struct expose *e)
{
	struct sockaddr_un a;

	/* A socket's path is short.  The relay runs without it as well. */
	if (file_join(e->path, e->s->conf->state, "status") != SOTTO_OK ||
	    !address(&a, e->path)) {
		e->path[0] = '\0';
		log_say(e->s->audit.log, LOG_WARN,
		    "the path of the state folder is too long for a socket: "
		    "'sottod status' will not work");
		return SOTTO_OK;
	}
	/* The lock is ours, so what is there is of a relay that was killed. */
	(void)unlink(e->path);
	e->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0 ||
	    bind(e->fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    chmod(e->path, 0600) != 0 || listen(e->fd, ASKERS_MAX) != 0)
		return SOTTO_EIO;
	e->again = loop_timer_new(e->s->loop, on_again, e);
	if (e->again == NULL)
		return SOTTO_ENOMEM;
	e->watch = loop_watch_new(e->s->loop, e->fd, on_ask, e);
	return e->watch != NULL ? SOTTO_OK : SOTTO_ENOMEM;
}

enum sotto_err
expose_ask(const char *state, char *out, size_t cap)
{
	char path[FILE_PATH_MAX];
	struct sockaddr_un a;
	size_t n = 0;
	ssize_t k = 0;
	int fd;

	if (file_join(path, state, "status") != SOTTO_OK || !address(&a, path))
		return SOTTO_EIO;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return SOTTO_EIO;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0) {
		const int none = errno == ENOENT || errno == ECONNREFUSED;

		(void)close(fd);
		return none ? SOTTO_EAGAIN : SOTTO_EIO;
	}
	while (n < cap - 1 && (k = read(fd, out + n, cap - 1 - n)) > 0)
		n += (size_t)k;
	(void)close(fd);
	out[n] = '\0';
	return n > 0 ? SOTTO_OK : SOTTO_EAGAIN;
}

/* ---- HTTP ---- */

static void
end_asker(struct asker *k)
{
	tcp_close(k->tcp);
	loop_timer_free(k->timer);
	free(k);
}

static void
drop(struct asker *k)
{
	struct asker **at = &k->e->askers;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	k->e->n_askers--;
	end_asker(k);
}

static void
answer(struct asker *k, const char *status, const char *body, size_t n)
{
	char head[256];
	const int h = snprintf(head, sizeof(head),
	    "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n",
	    status, n);

	k->answered = 1;
	(void)buf_add(tcp_out(k->tcp),
	    (struct span){ (const uint8_t *)head, (size_t)h });
	(void)buf_add(tcp_out(k->tcp),
	    (struct span){ (const uint8_t *)body, n });
	tcp_finish(k->tcp);
}

static void
take_request(struct asker *k)
{
	static const char none[] = "only /metrics is here\n";
	char *body;

	if (strncmp(k->got, "GET /metrics", 12) != 0 ||
	    (k->got[12] != ' ' && k->got[12] != '?')) {
		answer(k, "404 Not Found", none, sizeof(none) - 1);
		return;
	}
	if ((body = malloc(STATS_TEXT_MAX)) == NULL) {
		answer(k, "503 Service Unavailable", "", 0);
		return;
	}
	answer(k, "200 OK", body,
	    stats_prometheus(body, STATS_TEXT_MAX, k->e->s));
	free(body);
}

static void
on_read(void *ctx, struct span bytes)
{
	struct asker *k = ctx;

	if (k->answered)
		return;
	if (bytes.n >= sizeof(k->got) - k->n) {
		answer(k, "431 Request Header Fields Too Large", "", 0);
		return;
	}
	memcpy(k->got + k->n, bytes.p, bytes.n);
	k->n += bytes.n;
	k->got[k->n] = '\0';
	if (strstr(k->got, "\r\n\r\n") != NULL ||
	    strstr(k->got, "\n\n") != NULL)
		take_request(k);
}

static void
on_end(void *ctx, enum tcp_end why)
{
	(void)why;
	drop(ctx);
}

static void
on_drained(void *ctx)
{
	(void)ctx;
}

static void
on_slow(void *ctx)
{
	drop(ctx);
}

static void
on_accept(void *ctx, struct tcp *t)
{
	static const struct tcp_events events = { on_read, on_end, on_drained,
		NULL };
	struct expose *e = ctx;
	struct asker *k = NULL;

	if (e->n_askers < ASKERS_MAX)
		k = calloc(1, sizeof(*k));
	if (k != NULL &&
	    (k->timer = loop_timer_new(e->s->loop, on_slow, k)) == NULL) {
		free(k);
		k = NULL;
	}
	if (k == NULL) {
		tcp_close(t);
		return;
	}
	k->e = e;
	k->tcp = t;
	k->next = e->askers;
	e->askers = k;
	e->n_askers++;
	loop_timer_set(k->timer, ASK_MS);
	tcp_start(t, &events, k);
}

/* ---- both ---- */

enum sotto_err
expose_new(struct expose **out, struct server *s, char err[CA_ERR_MAX])
{
	const struct tcp_listen_conf lc = { .host = "127.0.0.1",
		.port = s->conf->metrics_port,
		.out_max = 2 * STATS_TEXT_MAX };
	struct expose *e = calloc(1, sizeof(*e));
	const char *why;

	if (e == NULL)
		return SOTTO_ENOMEM;
	e->s = s;
	e->fd = -1;
	e->spare = open_spare();
	if (open_socket(e) != SOTTO_OK) {
		(void)snprintf(err, CA_ERR_MAX,
		    "cannot make the socket 'status' in the state folder: %s",
		    strerror(errno));
		expose_free(e);
		return SOTTO_EIO;
	}
	if (lc.port != 0 &&
	    tcp_listen(&e->http, s->loop, &lc, on_accept, e, &why) !=
		SOTTO_OK) {
		(void)snprintf(err, CA_ERR_MAX,
		    "cannot listen for Prometheus on 127.0.0.1 port %u: %s",
		    lc.port, why);
		expose_free(e);
		return SOTTO_EIO;
	}
	*out = e;
	return SOTTO_OK;
}

void
expose_free(struct expose *e)
{
	if (e == NULL)
		return;
	for (struct asker *k = e->askers, *next; k != NULL; k = next) {
		next = k->next;
		end_asker(k);
	}
	tcp_listener_free(e->http);
	loop_watch_free(e->watch);
	loop_timer_free(e->again);
	if (e->fd >= 0)
		(void)close(e->fd);
	if (e->spare >= 0)
		(void)close(e->spare);
	if (e->path[0] != '\0')
		(void)unlink(e->path);
	free(e);
}
