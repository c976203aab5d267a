/* What a connection reads: frames, and whose turn it is; see conn.h. */
#include "net/frame.h"
#include "sottod/conn.h"
#include "sottod/login.h"

/* Messages of logins in a turn: of a storm of them others notice little. */
#define STEPS_TURN 8

static void
on_frame(struct conn *c, struct span frame)
{
	switch (c->state) {
	case CONN_HELLO:
		login_m1(c, frame);
		break;
	case CONN_AWAIT_M3:
		login_m3(c, frame);
		break;
	case CONN_OPEN:
		conn_record(c, frame);
		break;
	case CONN_WORKING:
	case CONN_FAILING:
	case CONN_CLOSING:
		break; /* take_frame() does not ask */
	}
}

static void
bad_bytes(struct conn *c)
{
	static const char why[] = "bytes came that are no frame";

	if (c->state == CONN_OPEN) {
		conn_drop(c, why);
		return;
	}
	login_refuse(c, HS_FAIL_HANDSHAKE, why);
}

/* A login's message costs what a hundred others do: some in a turn, in the
 * order in which they came. */
static int
may_step(struct conn *c)
{
	struct conn_login *l = c->login;
	struct server *s = c->s;

	if (l->queued)
		return 0;
	if (l->turn || (s->steps < STEPS_TURN && s->queue == NULL)) {
		l->turn = 0;
		s->steps++;
		return 1;
	}
	l->queued = 1;
	l->queue_next = NULL;
	*s->queue_last = c;
	s->queue_last = &l->queue_next;
	return 0;
}

/* One frame, as far as the state lets it come: 1 to go on behind it. */
static int
take_frame(struct conn *c, struct span in, size_t *n)
{
	const enum frame_phase phase =
	    c->state == CONN_OPEN ? FRAME_SEALED : FRAME_HANDSHAKE;
	struct span frame;
	enum sotto_err e;

	*n = 0;
	if (c->state == CONN_WORKING) {
		/* Nothing may come before our answer. */
		login_refuse(c, HS_FAIL_HANDSHAKE,
		    "bytes came before it was their turn");
		return 0;
	}
	e = frame_next(&frame, phase, in);
	if (e == SOTTO_EAGAIN)
		return 0;
	if (e != SOTTO_OK) {
		bad_bytes(c);
		return 0;
	}
	if (phase == FRAME_HANDSHAKE && !may_step(c))
		return 0;
	*n = frame.n;
	on_frame(c, frame);
	return 1;
}

/* Does it still listen?  What the peer has under way when not, is lost. */
static int
listens(const struct conn *c)
{
	return !c->gone && c->state != CONN_CLOSING && c->state != CONN_FAILING;
}

/* The frame that has begun in c->in, with what came. */
static struct span
take_rest(struct conn *c, struct span bytes)
{
	size_t n = CONN_IN_MAX - c->in.n, used;

	n = n < bytes.n ? n : bytes.n;
	if (bytes.n > 0 && n == 0) {
		bad_bytes(c); /* much more, while its turn has not come */
		return bytes;
	}
	if (buf_add(&c->in, (struct span){ bytes.p, n }) != SOTTO_OK) {
		conn_drop(c, "memory ran out");
		return bytes;
	}
	if (n > 0) { /* none, when it is the turn of what had come before */
		bytes.p += n;
		bytes.n -= n;
	}
	while (c->in.n > 0 && listens(c) &&
	    take_frame(c, buf_bytes(&c->in), &used)) {
		if (c->gone)
			break;
		buf_consume(&c->in, used);
	}
	return bytes;
}

void
conn_read(void *ctx, struct span bytes)
{
	struct conn *c = ctx;
	size_t used;

	c->seen_ms = loop_now_ms(c->s->loop);
	c->rested = 0;
	c->in_call = 1;
	/* While in_call is set nobody frees c; the analyzer does not see it. */
	while (bytes.n > 0 && listens(c)) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (c->in.n > 0 || !take_frame(c, bytes, &used)) {
			if (listens(c))
				bytes = take_rest(c, bytes);
			continue;
		}
		bytes.p += used;
		bytes.n -= used;
	}
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	c->in_call = 0;
	if (c->gone)
		conn_free(c);
}

void
conn_turns(struct server *s)
{
	s->steps = 0;
	while (s->queue != NULL && s->steps < STEPS_TURN) {
		struct conn *c = s->queue;

		conn_leave_queue(c);
		c->login->turn = 1;
		c->in_call = 1;
		(void)take_rest(c, (struct span){ NULL, 0 });
		c->in_call = 0;
		if (c->gone)
			conn_free(c);
	}
}
