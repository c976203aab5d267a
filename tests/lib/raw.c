#include "tests/lib/raw.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#include "crypto/hs.h"
#include "net/frame.h"
#include "sotto/keystore.h"
#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/sock.h"

#define OUT_MAX (4 << 20)

struct ident *
raw_ident(const char *dir)
{
	struct ident *id = ident_new();

	assert_non_null(id);
	assert_int_equal(keystore_load(id, dir, "engine-test"), SOTTO_OK);
	return id;
}

struct ident *
raw_enrol(struct world *w, const char *name)
{
	struct drive *d = drive_new(world_path(w, name));

	drive_enrol(d, world_invite(w, name), name);
	drive_online(d);
	drive_free(d);
	return raw_ident(world_path(w, name));
}

static void
send_all(int fd, struct span s)
{
	while (s.n > 0) {
		ssize_t k = write(fd, s.p, s.n);

		assert_true(k > 0);
		s.p += k;
		s.n -= (size_t)k;
	}
}

/* The next whole frame; it stays in r->in until it is consumed. */
static struct span
next_frame(struct raw *r, enum frame_phase phase)
{
	struct span f;

	while (frame_next(&f, phase, buf_bytes(&r->in)) == SOTTO_EAGAIN) {
		uint8_t b[65536];
		ssize_t k = read(r->fd, b, sizeof(b));

		assert_true(k > 0);
		assert_int_equal(buf_add(&r->in, (struct span){ b, (size_t)k }),
		    SOTTO_OK);
	}
	assert_int_equal(frame_next(&f, phase, buf_bytes(&r->in)), SOTTO_OK);
	return f;
}

static enum hs_event
step(struct raw *r, struct hs_client *c, struct span f)
{
	uint8_t out[HS_FRAME_MAX];
	enum hs_event ev;
	struct wr w;

	wr_init(&w, out, sizeof(out));
	ev = hs_client_in(c, f, (uint64_t)time(NULL), &w);
	if (ev == HS_JOB) { /* a puzzle */
		struct hs_job *j = hs_client_job(c);

		hs_job_run(j);
		ev = hs_client_job_done(c, j, &w);
	}
	send_all(r->fd, wr_out(&w));
	return ev;
}

/* The ticket is the first thing that a relay says. */
static void
keep_ticket(struct raw *r, const struct hs_keys *k)
{
	struct wire_cmd c;

	assert_int_equal(raw_next(r), TUNNEL_EV_COMMAND);
	assert_int_equal(wire_cmd_read(&c, WIRE_FROM_RELAY, r->ev.msg),
	    SOTTO_OK);
	assert_int_equal(c.type, WIRE_TICKET);
	memcpy(r->ticket.b, c.ticket.p, c.ticket.n);
	hs_ticket_psk(&r->ticket.psk, k, c.nonce.p);
}

static void
get_in(struct raw *r, struct hs_client_conf cc, uint16_t port)
{
	const struct rng g = rng_system();
	struct hs_server_info known = { .authority = cc.pin };
	uint8_t m1[HS_FRAME_MAX];
	struct hs_client *c;
	enum hs_event ev;
	struct wr w;

	memset(r, 0, sizeof(*r));
	buf_init(&r->in, OUT_MAX);
	buf_init(&r->out, OUT_MAX);
	r->ev.scratch = r->scratch;
	r->fd = sock_dial(port);
	assert_true(r->fd >= 0);
	suite_default(&cc.suites, 0);
	cc.known = &known;
	wr_init(&w, m1, sizeof(m1));
	c = hs_client_new(&cc, &g, NULL, &w);
	assert_non_null(c);
	send_all(r->fd, wr_out(&w));
	do {
		struct span f = next_frame(r, FRAME_HANDSHAKE);

		ev = step(r, c, f);
		buf_consume(&r->in, f.n);
	} while (ev == HS_SEND || ev == HS_WAIT);
	assert_int_equal(ev, HS_DONE);
	r->t =
	    tunnel_new(hs_client_keys(c), TUNNEL_CLIENT, clock_mono_ms(), &g);
	assert_non_null(r->t);
	keep_ticket(r, hs_client_keys(c));
	hs_client_free(c);
}

void
raw_login(struct raw *r, const struct ident *id, uint16_t port)
{
	const struct hs_client_conf cc = { .mode = HS_LOGIN,
		.host = "localhost",
		.has_pin = 1,
		.pin = id->authority,
		.id = id };

	get_in(r, cc, port);
}

void
raw_resume(struct raw *r, const struct ident *id, uint16_t port,
    const struct hs_ticket *t)
{
	const struct hs_client_conf cc = { .mode = HS_RESUME,
		.host = "localhost",
		.has_pin = 1,
		.pin = id->authority,
		.id = id,
		.ticket = *t };

	get_in(r, cc, port);
}

void
raw_close(struct raw *r)
{
	(void)close(r->fd);
	tunnel_free(r->t);
	buf_free(&r->in);
	buf_free(&r->out);
}

void
raw_relay(struct raw *r, enum chat_type t, const char *to, uint64_t ref,
    struct span payload)
{
	struct wire_relay m = { .type = t, .ref = ref, .payload = payload };
	uint8_t b[4096];
	struct wr w;

	assert_int_equal(name_parse(&m.name, span_str(to)), SOTTO_OK);
	wr_init(&w, b, sizeof(b));
	wire_relay_write(&w, &m);
	assert_int_equal(tunnel_send(r->t, TUNNEL_RELAY, wr_out(&w), 0,
			     clock_mono_ms(), &r->out),
	    SOTTO_OK);
}

void
raw_cmd(struct raw *r, const struct wire_cmd *c)
{
	uint8_t buf[WIRE_CMD_MAX];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, c);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_int_equal(tunnel_send(r->t, TUNNEL_COMMAND, wr_out(&w), 0,
			     clock_mono_ms(), &r->out),
	    SOTTO_OK);
}

void
raw_flush(struct raw *r)
{
	send_all(r->fd, buf_bytes(&r->out));
	buf_consume(&r->out, r->out.n);
}

enum tunnel_event
raw_try(struct raw *r)
{
	struct span f;
	uint8_t b[65536];
	ssize_t k;

	if (frame_next(&f, FRAME_SEALED, buf_bytes(&r->in)) == SOTTO_EAGAIN) {
		if ((k = recv(r->fd, b, sizeof(b), MSG_DONTWAIT)) == 0 ||
		    (k < 0 && errno != EAGAIN))
			return TUNNEL_EV_CLOSED;
		if (k > 0)
			assert_int_equal(buf_add(&r->in,
					     (struct span){ b, (size_t)k }),
			    SOTTO_OK);
	}
	if (frame_next(&f, FRAME_SEALED, buf_bytes(&r->in)) != SOTTO_OK)
		return TUNNEL_EV_NONE;
	tunnel_recv(r->t, f, clock_mono_ms(), &r->out, &r->ev);
	buf_consume(&r->in, f.n);
	return r->ev.event;
}

enum tunnel_event
raw_next(struct raw *r)
{
	do {
		struct span f = next_frame(r, FRAME_SEALED);

		tunnel_recv(r->t, f, clock_mono_ms(), &r->out, &r->ev);
		/* The message lies in scratch, or in the tunnel. */
		buf_consume(&r->in, f.n);
		assert_int_not_equal(r->ev.event, TUNNEL_EV_FAILED);
	} while (r->ev.event == TUNNEL_EV_NONE);
	return r->ev.event;
}
