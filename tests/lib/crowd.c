/* Connections of a crowd, and what comes on them; see crowd.h. */
#include <sys/epoll.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "net/frame.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd_priv.h"

#define OUT_MAX  (1 << 20)
#define PER_ADDR 200

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

void
crowd_send_out(struct one *o)
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
	if (c->n_samples < CROWD_SAMPLES)
		c->sample[c->n_samples++] = (float)(crowd_now_us() - due);
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

	crowd_name(&o->c->id->name, o->c->first + i); /* it looks at it */
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

void
crowd_send_bare(struct one *o, struct span text)
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
		crowd_send_bare(o, (struct span){ &n, 1 });
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
	crowd_send_out(o);
}

/* Who has something; waits up to that long. */
void
crowd_turn(struct crowd *c, double wait_us)
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
	c->sample = calloc(CROWD_SAMPLES + 1, sizeof(float));
	assert_non_null(c->sample);
	if (k == CROWD_SOTTO) {
		struct secret_state st;

		(void)secret_harden(&st);
		c->id = ident_new();
		assert_non_null(c->id);
		crowd_take_key(c, w);
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
	crowd_send_out(o);
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
			crowd_turn(c, 100000);
		crowd_turn(c, 0);
	}
	while (c->logging_in > 0)
		crowd_turn(c, 100000);
}

void
crowd_watch(struct crowd *c, size_t n)
{
	for (size_t i = 0; i < n && i < c->n; i++) {
		if (c->all[i]->state != OPEN)
			continue;
		send_cmd(c->all[i], &(struct wire_cmd){ .type = WIRE_WATCH });
		crowd_send_out(c->all[i]);
		crowd_turn(c, 0);
	}
}

void
crowd_silence(struct crowd *c, unsigned ms)
{
	const double until = crowd_now_us() + ms * 1000.0;
	double now;

	while ((now = crowd_now_us()) < until)
		crowd_turn(c, until - now);
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
