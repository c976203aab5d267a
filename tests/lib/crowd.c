#include "tests/lib/crowd.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "crypto/ticket.h"
#include "net/frame.h"
#include "tests/lib/bare.h"
#include "tests/lib/cm.h"

#define OUT_MAX  (1 << 20)
#define PER_ADDR 200
#define PAYLOAD  200
#define SAMPLES  (1 << 20)

enum state {
	GONE,
	CONNECTING,
	GREETED, /* M1 is out */
	OPEN
};

struct one {
	struct crowd *c;
	int fd;
	enum state state;
	struct buf in, out;
	struct hs_client *hs;
	struct tunnel *t;
	struct bare_end end;
	unsigned flight;
	uint64_t place; /* of the last stored message that came */
	int to_ack;
};

struct crowd {
	enum crowd_kind kind;
	uint16_t port;
	int ep;
	struct one **all;
	size_t n, first, logging_in;
	struct ident *id; /* whose name changes for each login */
	struct hs_server_info known;
	struct ticket_key key;
	struct rng g;
	/* The load that runs: */
	const struct crowd_load *load;
	uint64_t ref;
	float *sample;
	size_t n_samples, arrived;
	uint8_t read_buf[65536], scratch[TUNNEL_BODY_MAX];
};

/* ---- what the system says ---- */

double
crowd_cpu_us(pid_t pid)
{
	char path[320];
	double sum = 0;
	struct dirent *d;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		unsigned long long ns = 0;
		FILE *f;

		if (d->d_name[0] == '.')
			continue; /* task/.. has the first thread again */
		(void)snprintf(path, sizeof(path),
		    "/proc/%d/task/%.16s/schedstat", (int)pid, d->d_name);
		if ((f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e3;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return sum;
}

size_t
crowd_rss_kib(pid_t pid)
{
	char path[64], line[256];
	size_t kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "VmRSS: %zu", &kib);
	(void)fclose(f);
	return kib;
}

static double
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- users without RSA ---- */

static void
name_of(struct name *n, size_t i)
{
	char s[24];

	(void)snprintf(s, sizeof(s), "u%zu", i);
	assert_int_equal(name_parse(n, span_str(s)), SOTTO_OK);
}

static void
spki_of(struct hash *out, const struct name *n)
{
	hash_one(out, span_str(n->s));
}

static void
add_users(const char *dir, size_t n)
{
	char path[WORLD_PATH + 16], sql[512];
	sqlite3 *d = NULL;

	(void)snprintf(path, sizeof(path), "%s/sottod.db", dir);
	assert_int_equal(sqlite3_open(path, &d), SQLITE_OK);
	assert_int_equal(sqlite3_exec(d, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < n; i++) {
		struct name u;
		struct hash h;
		char hex[HASH_LEN * 2 + 1];

		name_of(&u, i);
		spki_of(&h, &u);
		for (size_t k = 0; k < HASH_LEN; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", h.b[k]);
		(void)snprintf(sql, sizeof(sql),
		    "INSERT OR IGNORE INTO user VALUES ('%s', x'%s', x'00',"
		    " x'00', 0, x'00', 0, 0, 0)",
		    u.s, hex);
		assert_int_equal(sqlite3_exec(d, sql, NULL, NULL, NULL),
		    SQLITE_OK);
	}
	assert_int_equal(sqlite3_exec(d, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(d);
}

void
crowd_users(struct world *w, size_t n)
{
	(void)world_relay_stop(w, SIGTERM);
	add_users(world_path(w, "relay"), n);
	world_relay_start(w);
}

/* The newest of the relay's own keys. */
static void
take_key(struct crowd *c, struct world *w)
{
	uint8_t b[TICKET_ID_LEN + KEY_LEN + 8];
	const char *path = world_path(w, "relay/tickets");
	FILE *f = NULL;
	struct rd r;

	for (int i = 0; i < 500 && (f = fopen(path, "r")) == NULL; i++)
		(void)usleep(10000);
	assert_non_null(f);
	assert_int_equal(fread(b, 1, sizeof(b), f), sizeof(b));
	(void)fclose(f);
	rd_init(&r, SPAN(b));
	rd_copy(&r, c->key.id, TICKET_ID_LEN);
	rd_copy(&r, c->key.key.b, KEY_LEN);
	c->key.made_at = rd_u64(&r);
}

const struct ident *
crowd_ticket(struct crowd *c, size_t i, struct hs_ticket *out)
{
	struct ticket t = { .full_at = (uint64_t)time(NULL) };
	struct hash spki;

	name_of(&c->id->name, i);
	t.user = c->id->name;
	spki_of(&spki, &t.user);
	hash_one(&t.spki, SPAN(spki.b));
	rng_fill(&c->g, t.psk.b, sizeof(t.psk.b));
	out->psk = t.psk;
	assert_int_equal(ticket_seal(out->b, &c->key, &t, &c->g), SOTTO_OK);
	return c->id;
}

/* M1 with a ticket of its own. */
static void
greet(struct crowd *c, struct one *o, size_t i)
{
	struct hs_client_conf cc = { .mode = HS_RESUME,
		.host = "localhost",
		.has_pin = 1,
		.pin = c->id->authority,
		.known = &c->known };
	uint8_t m1[HS_FRAME_MAX];
	struct wr w;

	cc.id = crowd_ticket(c, c->first + i, &cc.ticket);
	suite_default(&cc.suites, 0);
	wr_init(&w, m1, sizeof(m1));
	o->hs = hs_client_new(&cc, &c->g, NULL, &w);
	assert_non_null(o->hs);
	(void)buf_add(&o->out, wr_out(&w));
	o->state = GREETED;
	c->logging_in++;
}

/* ---- one client ---- */

static void
hang_up(struct one *o)
{
	if (o->state == GREETED)
		o->c->logging_in--;
	if (o->state != GONE)
		(void)close(o->fd);
	o->state = GONE;
	hs_client_free(o->hs);
	o->hs = NULL;
	tunnel_free(o->t);
	o->t = NULL;
	if (o->end.seal != NULL)
		bare_end_free(&o->end);
	memset(&o->end, 0, sizeof(o->end));
	buf_free(&o->in);
	buf_free(&o->out);
}

static void
send_out(struct one *o)
{
	const struct span s = buf_bytes(&o->out);
	ssize_t k;

	if (s.n == 0 || o->state == GONE)
		return;
	k = write(o->fd, s.p, s.n);
	if (k < 0 && errno != EAGAIN)
		hang_up(o);
	else if (k > 0)
		buf_consume(&o->out, (size_t)k);
}

static void
arrived(struct crowd *c, struct span payload)
{
	double due;

	if (c->load == NULL || payload.n < sizeof(due))
		return;
	memcpy(&due, payload.p, sizeof(due));
	if (c->n_samples < SAMPLES)
		c->sample[c->n_samples++] = (float)(now_us() - due);
	c->arrived++;
}

static void
on_command(struct one *o, struct span msg)
{
	struct wire_cmd cmd;

	assert_int_equal(wire_cmd_read(&cmd, WIRE_FROM_RELAY, msg), SOTTO_OK);
	if (cmd.type != WIRE_SENT)
		return;
	for (size_t i = 0; i < cmd.sents.n; i++)
		if (o->flight > 0) {
			o->flight--;
			o->c->arrived += o->c->load != NULL &&
			    o->c->load->away > 0 &&
			    wire_sent_at(&cmd.sents, i).result == WIRE_STORED;
		}
}

static void
sotto_frame(struct one *o, struct span frame)
{
	struct crowd *c = o->c;
	struct tunnel_in in = { .scratch = c->scratch };
	struct wire_relay m;

	tunnel_recv(o->t, frame, clock_mono_ms(), &o->out, &in);
	switch (in.event) {
	case TUNNEL_EV_COMMAND:
		on_command(o, in.msg);
		break;
	case TUNNEL_EV_RELAY:
		assert_int_equal(wire_relay_read(&m, in.msg), SOTTO_OK);
		if (chat_is_stored(m.type)) {
			o->place = m.ref;
			o->to_ack = 1;
		} else if (c->load != NULL) {
			c->all[strtoul(m.name.s + 1, NULL, 10) - c->first]
			    ->flight--;
		}
		arrived(c, m.payload);
		break;
	case TUNNEL_EV_NONE:
	case TUNNEL_EV_PONG:
		break;
	case TUNNEL_EV_CLOSED:
	case TUNNEL_EV_FAILED:
		hang_up(o);
		break;
	}
}

static void
login_frame(struct one *o, size_t i, struct span frame)
{
	uint8_t out[HS_FRAME_MAX];
	enum hs_event ev;
	struct wr w;

	name_of(&o->c->id->name, o->c->first + i); /* it looks at it */
	wr_init(&w, out, sizeof(out));
	ev = hs_client_in(o->hs, frame, (uint64_t)time(NULL), &w);
	if (ev != HS_DONE) {
		hang_up(o);
		return;
	}
	(void)buf_add(&o->out, wr_out(&w));
	o->t = tunnel_new(hs_client_keys(o->hs), TUNNEL_CLIENT, clock_mono_ms(),
	    &o->c->g);
	assert_non_null(o->t);
	hs_client_free(o->hs);
	o->hs = NULL;
	o->state = OPEN;
	o->c->logging_in--;
}

/* A message of a bare relay; from the odd ones come confirmations. */
static void
bare_frame(struct one *o, size_t i, struct span body)
{
	struct crowd *c = o->c;
	uint8_t text[4096];

	if (c->kind == CROWD_BARE_GCM) {
		bare_open(&o->end, text, body);
		body = (struct span){ text, body.n - AEAD_TAG_LEN };
	}
	if (i % 2 == 0) {
		o->flight -= body.p[0];
		return;
	}
	if (c->load != NULL && !c->load->stored)
		c->all[i ^ 1]->flight--;
	o->to_ack++;
	arrived(c, body);
}

static void
take_frames(struct one *o, size_t i)
{
	struct span s, f;

	while (o->state != GONE && (s = buf_bytes(&o->in)).n >= 2) {
		if (o->c->kind != CROWD_SOTTO) {
			const size_t n = (size_t)s.p[0] << 8 | s.p[1];

			if (s.n < 2 + n)
				return;
			bare_frame(o, i, (struct span){ s.p + 2, n });
			buf_consume(&o->in, 2 + n);
			continue;
		}
		if (frame_next(&f,
			o->state == OPEN ? FRAME_SEALED : FRAME_HANDSHAKE,
			s) == SOTTO_EAGAIN)
			return;
		if (o->state == OPEN)
			sotto_frame(o, f);
		else
			login_frame(o, i, f);
		if (o->state != GONE)
			buf_consume(&o->in, f.n);
	}
}

static void
send_bare(struct one *o, struct span text)
{
	const size_t n =
	    text.n + (o->c->kind == CROWD_BARE_GCM ? AEAD_TAG_LEN : 0);
	uint8_t b[4096];

	b[0] = (uint8_t)(n >> 8);
	b[1] = (uint8_t)n;
	if (o->c->kind == CROWD_BARE_GCM)
		bare_seal(&o->end, b + 2, text);
	else
		memcpy(b + 2, text.p, text.n);
	assert_int_equal(buf_add(&o->out, (struct span){ b, 2 + n }), SOTTO_OK);
}

static void
send_cmd(struct one *o, const struct wire_cmd *cmd)
{
	uint8_t b[64];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wire_cmd_write(&w, cmd);
	assert_int_equal(tunnel_send(o->t, TUNNEL_COMMAND, wr_out(&w), 0,
			     clock_mono_ms(), &o->out),
	    SOTTO_OK);
}

/* Once for all that came together. */
static void
confirm(struct one *o)
{
	uint8_t n = (uint8_t)o->to_ack;

	if (o->state != OPEN || o->to_ack == 0)
		return;
	o->to_ack = 0;
	if (o->c->kind == CROWD_SOTTO)
		send_cmd(o,
		    &(struct wire_cmd){ .type = WIRE_ACK, .place = o->place });
	else if (o->c->load != NULL && o->c->load->stored)
		send_bare(o, (struct span){ &n, 1 });
}

static void
read_one(struct one *o, size_t i)
{
	const ssize_t n = read(o->fd, o->c->read_buf, sizeof(o->c->read_buf));

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		hang_up(o);
		return;
	}
	if (n < 0)
		return;
	assert_int_equal(buf_add(&o->in,
			     (struct span){ o->c->read_buf, (size_t)n }),
	    SOTTO_OK);
	take_frames(o, i);
	confirm(o);
	send_out(o);
}

/* Who has something; waits up to that long. */
static void
turn(struct crowd *c, double wait_us)
{
	const long us = wait_us > 0 ? (long)wait_us : 0;
	const struct timespec t = { us / 1000000, us % 1000000 * 1000 };
	struct epoll_event ev[256];
	const int n = epoll_pwait2(c->ep, ev, 256, &t, NULL);

	for (int k = 0; k < n; k++)
		if (c->all[ev[k].data.u64]->state != GONE)
			read_one(c->all[ev[k].data.u64], ev[k].data.u64);
}

/* ---- connections ---- */

struct crowd *
crowd_new(enum crowd_kind k, struct world *w, uint16_t port)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->kind = k;
	c->port = port;
	c->ep = epoll_create1(EPOLL_CLOEXEC);
	c->g = rng_system();
	c->sample = calloc(SAMPLES + 1, sizeof(float));
	assert_non_null(c->sample);
	if (k == CROWD_SOTTO) {
		struct secret_state st;

		(void)secret_harden(&st);
		c->id = ident_new();
		assert_non_null(c->id);
		take_key(c, w);
	}
	return c;
}

void
crowd_free(struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++) {
		hang_up(c->all[i]);
		free(c->all[i]);
	}
	(void)close(c->ep);
	ident_free(c->id);
	free(c->all);
	free(c->sample);
	free(c);
}

void
crowd_from(struct crowd *c, size_t first)
{
	c->first = first;
}

static int
dial(uint16_t port, size_t i)
{
	const uint32_t from = INADDR_LOOPBACK + 1 + (uint32_t)(i / PER_ADDR);
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
			   me = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(from) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
	    sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	assert_int_equal(bind(fd, (struct sockaddr *)&me, sizeof(me)), 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail_msg("connection %zu: %s", i, strerror(errno));
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
add_one(struct crowd *c, size_t i)
{
	struct one *o = calloc(1, sizeof(*o));
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = i };
	const uint8_t number[4] = { 0, 2, (uint8_t)(i >> 8), (uint8_t)i };

	assert_non_null(o);
	o->c = c;
	o->fd = dial(c->port, c->first + i);
	buf_init(&o->in, OUT_MAX);
	buf_init(&o->out, OUT_MAX);
	c->all[i] = o;
	if (c->kind == CROWD_SOTTO) {
		greet(c, o, i);
	} else {
		bare_end_init(&o->end);
		(void)buf_add(&o->out, SPAN(number));
		o->state = OPEN;
	}
	assert_int_equal(epoll_ctl(c->ep, EPOLL_CTL_ADD, o->fd, &ev), 0);
	send_out(o);
}

void
crowd_grow(struct crowd *c, size_t n, size_t at_once)
{
	const size_t to = c->n + n;

	c->all = realloc(c->all, to * sizeof(struct one *));
	assert_non_null(c->all);
	while (c->n < to) {
		add_one(c, c->n);
		c->n++;
		while (c->logging_in >= at_once)
			turn(c, 100000);
		turn(c, 0);
	}
	while (c->logging_in > 0)
		turn(c, 100000);
}

void
crowd_watch(struct crowd *c, size_t n)
{
	for (size_t i = 0; i < n && i < c->n; i++) {
		if (c->all[i]->state != OPEN)
			continue;
		send_cmd(c->all[i], &(struct wire_cmd){ .type = WIRE_WATCH });
		send_out(c->all[i]);
		turn(c, 0);
	}
}

void
crowd_silence(struct crowd *c, unsigned ms)
{
	const double until = now_us() + ms * 1000.0;
	double now;

	while ((now = now_us()) < until)
		turn(c, until - now);
}

void
crowd_deaf(struct crowd *c, size_t i)
{
	if (c->all[i]->state != GONE)
		(void)epoll_ctl(c->ep, EPOLL_CTL_DEL, c->all[i]->fd, NULL);
}

size_t
crowd_alive(const struct crowd *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->all[i]->state == OPEN;
	return n;
}

/* ---- loads ---- */

static void
say(struct crowd *c, size_t i, double due)
{
	struct one *o = c->all[i];
	uint8_t text[PAYLOAD] = { 0 }, b[PAYLOAD + WIRE_RELAY_HEAD];
	struct wire_relay m = { .type =
				    c->load->stored ? CHAT_MESSAGE : CHAT_KEY,
		.ref = ++c->ref,
		.payload = SPAN(text) };
	struct wr w;

	if (o->state != OPEN && c->load->may_end)
		return;
	if (o->state != OPEN)
		fail_msg("client %zu is not connected", i);
	memcpy(text, &due, sizeof(due));
	o->flight++;
	if (c->kind != CROWD_SOTTO) {
		send_bare(o, SPAN(text));
		return;
	}
	name_of(&m.name,
	    c->load->away > 0 ? c->load->away + i : c->first + (i ^ 1));
	wr_init(&w, b, sizeof(b));
	wire_relay_write(&w, &m);
	assert_int_equal(tunnel_send(o->t, TUNNEL_RELAY, wr_out(&w), 0,
			     clock_mono_ms(), &o->out),
	    SOTTO_OK);
}

/* As many as the window has room for. */
static void
fill(struct crowd *c, const struct crowd_load *l)
{
	for (size_t i = 0; i < l->clients; i += 2) {
		if (c->all[i]->flight >= l->window)
			continue;
		for (unsigned k = c->all[i]->flight; k < l->window; k++)
			say(c, i, now_us());
		send_out(c->all[i]);
	}
}

static int
order(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void
count_up(struct crowd *c, const struct crowd_load *l, double cpu,
    struct crowd_figures *out)
{
	assert_true(c->arrived > 0 || l->may_end);
	c->sample[c->n_samples] = 0; /* at least one, of those away */
	qsort(c->sample, c->n_samples, sizeof(float), order);
	out->n = c->arrived;
	out->p50 = (double)c->sample[c->n_samples / 2];
	out->p99 = (double)c->sample[c->n_samples * 99 / 100];
	out->cpu_us = l->server != 0
	    ? (crowd_cpu_us(l->server) - cpu) / (double)c->arrived
	    : 0;
}

void
crowd_run(struct crowd *c, const struct crowd_load *l,
    struct crowd_figures *out)
{
	const double start = now_us(), end = start + l->ms * 1000.0,
		     gap = l->rate > 0 ? 1e6 / l->rate : 0;
	const double cpu = l->server != 0 ? crowd_cpu_us(l->server) : 0;
	double due = start + gap, now;
	size_t next = 0;

	c->load = l;
	c->n_samples = c->arrived = 0;
	while ((now = now_us()) < end) {
		while (gap > 0 && due <= now) {
			say(c, next, due);
			send_out(c->all[next]);
			next = (next + 2) % l->clients;
			due += gap;
		}
		if (gap <= 0)
			fill(c, l);
		turn(c, gap > 0 ? due - now_us() : 1000);
	}
	/* What is under way belongs to this one. */
	for (size_t i = 0; i < l->clients; i += 2)
		for (int k = 0; c->all[i]->flight > 0 && k < 100; k++)
			turn(c, 10000);
	count_up(c, l, cpu, out);
	for (size_t i = 0; i < l->clients; i++)
		c->all[i]->flight = 0;
	c->load = NULL;
}
