#include <stdlib.h>
#include <string.h>

#include "sottod/mail_priv.h"

/* How long messages to somebody who is there may wait for a commit: he mostly
 * confirms them first, and then the disk need not know of them. */
#define COMMIT_MS 10

static void start_job(void *ctx);

/* A reader who is there, and of whom it is known that he wants mail. */
struct conn *
mail_reader(const struct dir_user *u)
{
	return u->conn != NULL && u->conn->state == CONN_OPEN &&
		u->conn->mailing
	    ? u->conn
	    : NULL;
}

void
mail_say_stock(struct conn *c, const struct mail_stock *s)
{
	const struct dir_box *b = &c->user->box;

	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_STOCK,
		.epoch = s->epoch,
		.n_ones = (uint8_t)s->n_ones,
		.place = b->acked > s->acked ? b->acked : s->acked });
}

/* ---- to the receiver ---- */

static enum sotto_err
hand_over(struct conn *to, const struct mail *m)
{
	struct server *s = to->s;
	const struct wire_relay r = { .type = m->type,
		.ref = m->place,
		.name = m->from,
		.payload = m->body };
	enum sotto_err e;
	struct wr w;

	wr_init(&w, s->turn, TUNNEL_RELAY_MAX);
	wire_relay_write(&w, &r);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = tunnel_send(to->tunnel, TUNNEL_RELAY, wr_out(&w), 0,
		    loop_now_ms(s->loop), tcp_out(to->tcp));
	if (e == SOTTO_OK) {
		to->user->box.sent = m->place;
		s->stats.handed_over++;
	}
	return e;
}

/* Bring what is on the disk, behind what was sent. */
void
mail_read_more(struct mail_room *r, struct dir_user *u, int want_stock)
{
	struct conn *c = mail_reader(u);
	struct mail_op *op;

	if (c == NULL || u->box.reading ||
	    (op = mail_op_new(OP_READ, u, c)) == NULL)
		return;
	op->place = u->box.sent;
	op->want_stock = want_stock;
	u->box.reading = 1;
	u->box.live = 0;
	mail_add(r, op, 0);
}

static void
done_read(struct mail_room *r, struct mail_op *op)
{
	struct conn *c = conn_find(r->s, op->conn);
	struct dir_box *b = &op->user->box;

	b->reading = 0;
	if (c == NULL || c != mail_reader(op->user)) {
		mail_read_more(r, op->user, 1); /* somebody newer is there */
		return;
	}
	if (op->e != SOTTO_OK) {
		conn_drop(c, "the relay could not read from its disk");
		return;
	}
	if (op->want_stock)
		mail_say_stock(c, &op->stock);
	for (struct mail_got *g = op->got; g != NULL; g = g->next) {
		if (conn_is_slow(c) || hand_over(c, &g->mail) != SOTTO_OK) {
			op->more = 1; /* from there, when he has read */
			break;
		}
	}
	tcp_flush(c->tcp);
	if (!op->more && b->waiting == 0)
		b->live = 1;
}

/* ---- posting ---- */

static enum wire_result
may_post(const struct server *s, const struct dir_user *to, size_t n)
{
	if (to == NULL || to->revoked)
		return WIRE_NOBODY;
	if (to->box.n >= s->conf->limits.mailbox_messages ||
	    to->box.bytes + n > (uint64_t)s->conf->limits.mailbox_mb << 20)
		return WIRE_MAILBOX;
	return WIRE_STORED;
}

static struct mail_op *
new_put(struct conn *c, struct dir_user *to, const struct wire_relay *m)
{
	struct mail_op *op = mail_op_new(OP_PUT, to, c);

	if (op == NULL || (op->body = malloc(m->payload.n)) == NULL) {
		free(op);
		return NULL;
	}
	memcpy(op->body, m->payload.p, m->payload.n);
	op->mail = (struct mail){ .place = c->s->mail->next_place++,
		.to = to->name,
		.from = c->user->name,
		.ref = m->ref,
		.type = m->type,
		.at = server_now(),
		.body = { op->body, m->payload.n } };
	return op;
}

void
mail_post(struct conn *c, const struct wire_relay *m, struct span msg,
    size_t pad)
{
	struct server *s = c->s;
	struct dir_user *to = dir_find(s->dir, &m->name);
	enum wire_result res = may_post(s, to, m->payload.n);
	struct mail_op *op = NULL;
	struct conn *peer;

	if (mail_is_held(c, &m->name, m->ref) ||
	    (res == WIRE_STORED && (op = new_put(c, to, m)) == NULL))
		res = WIRE_NO_STORE;
	if (op == NULL) {
		s->stats.refused++;
		if (res != WIRE_NOBODY)
			mail_hold(c, &m->name, m->ref);
		conn_say_sent(c, m->ref, res);
		return;
	}
	to->box.n++;
	to->box.bytes += m->payload.n;
	to->box.waiting++;
	s->mail->waiting++;
	op->since_ms = loop_now_ms(s->loop);
	peer = to->box.live ? mail_reader(to) : NULL;
	if (peer != NULL && !conn_is_slow(peer)) {
		memcpy(s->turn, msg.p, msg.n);
		wire_relay_turn(s->turn, &c->user->name, op->mail.place);
		if (tunnel_send(peer->tunnel, TUNNEL_RELAY,
			(struct span){ s->turn, msg.n }, pad,
			loop_now_ms(s->loop), tcp_out(peer->tcp)) == SOTTO_OK) {
			to->box.sent = op->mail.place;
			tcp_flush(peer->tcp);
		} else {
			to->box.live = 0;
		}
	} else {
		to->box.live = 0;
	}
	mail_add(s->mail, op, to->box.live ? COMMIT_MS : 0);
}

/* What he has confirmed need not be kept. */
static void
cut(struct mail_room *r, struct dir_user *u)
{
	struct mail_op *op = u->box.cut;

	if (op == NULL) {
		if ((op = mail_op_new(OP_CUT, u, NULL)) == NULL)
			return; /* the next one does it */
		u->box.cut = op;
		mail_add(r, op, COMMIT_MS);
	}
	op->place = u->box.acked;
}

/* Its fate is known: tell the sender, if he is still there. */
static void
done_put(struct mail_room *r, struct mail_op *op, enum wire_result res)
{
	struct conn *c = conn_find(r->s, op->conn);
	struct dir_box *b = &op->user->box;

	b->waiting--;
	r->waiting--;
	stats_took(&r->s->stats.commit,
	    (loop_now_ms(r->s->loop) - op->since_ms) * 1000);
	if (res == WIRE_STORED)
		r->s->stats.stored++;
	else
		r->s->stats.refused++;
	if (res != WIRE_STORED || !op->stored) {
		b->n--;
		b->bytes -= op->mail.body.n;
	}
	if (c != NULL && c->state == CONN_OPEN) {
		if (res != WIRE_STORED)
			mail_hold(c, &op->mail.to, op->mail.ref);
		conn_say_sent(c, op->mail.ref, res);
	}
	/* He was faster than the disk. */
	if (res == WIRE_STORED && op->stored && op->mail.place <= b->acked)
		cut(r, op->user);
	if (!b->live && b->waiting == 0)
		mail_read_more(r, op->user, 0);
}

/* ---- confirmations ---- */

/* Those that wait for a commit need none any more. */
static void
take_back(struct mail_room *r, struct dir_user *u, uint64_t place)
{
	struct mail_op *op;

	while ((op = u->box.first) != NULL && op->mail.place <= place) {
		mail_take_out(r, op);
		done_put(r, op, WIRE_STORED);
		mail_op_free(op);
	}
}

void
mail_ack(struct conn *c, uint64_t place)
{
	struct mail_room *r = c->s->mail;
	struct dir_user *u = c->user;

	if (place > u->box.sent || place <= u->box.acked)
		return;
	u->box.acked = place;
	take_back(r, u, place);
	if (u->box.n > u->box.waiting)
		cut(r, u);
	if (!u->box.live && place >= u->box.sent)
		mail_read_more(r, u, 0);
}

void
mail_left(struct server *s, struct dir_user *u)
{
	u->box.live = 0;
	u->box.sent = 0;
	if (u->box.acked > u->box.acked_noted)
		cut(s->mail, u);
}

void
mail_watch(struct conn *c)
{
	c->mailing = 1;
	c->user->box.live = 0;
	c->user->box.sent = 0;
	mail_read_more(c->s->mail, c->user, 1);
}

static void
done_cut(struct mail_op *op)
{
	struct dir_box *b = &op->user->box;

	if (op->e != SOTTO_OK)
		return; /* the next one does it */
	b->n -= op->freed.n < b->n ? op->freed.n : b->n;
	b->bytes -= op->freed.bytes < b->bytes ? op->freed.bytes : b->bytes;
	if (op->place > b->acked_noted)
		b->acked_noted = op->place;
}

/* ---- jobs ---- */

/* Those of its sender that were posted while the one before them failed. */
static void
fail_behind(struct mail_room *r, const struct mail_op *failed)
{
	const struct conn *c = conn_find(r->s, failed->conn);
	struct mail_op *kept = NULL, **kept_tail = &kept, *op;
	struct dir_box *b = &failed->user->box;

	if (c == NULL)
		return;
	while ((op = b->first) != NULL) {
		b->first = op->box_next;
		if (conn_find(r->s, op->conn) != c) {
			*kept_tail = b->last = op;
			kept_tail = &op->box_next;
			continue;
		}
		mail_take_out(r, op);
		done_put(r, op, WIRE_NO_STORE);
		mail_op_free(op);
	}
	*kept_tail = NULL;
	b->first = kept;
}

static void
finish(struct mail_room *r, struct mail_op *op)
{
	switch (op->kind) {
	case OP_PUT:
		done_put(r, op,
		    op->e == SOTTO_OK ? WIRE_STORED : WIRE_NO_STORE);
		if (op->e != SOTTO_OK)
			fail_behind(r, op);
		break;
	case OP_CUT:
		done_cut(op);
		break;
	case OP_PUBLISH:
		mail_done_publish(r, op);
		break;
	case OP_TAKE:
		mail_done_take(r, op);
		break;
	case OP_EXPIRE:
		mail_done_expire(r, op);
		break;
	case OP_READ:
		done_read(r, op);
		break;
	}
}

static void
run_job(void *job)
{
	struct mail_room *r = job;

	mail_run(r->db, r->running);
}

static void
done_job(void *job)
{
	struct mail_room *r = job;
	struct mail_op *op = r->running;

	for (const struct mail_op *o = op; o != NULL; o = o->next)
		if (o->e == SOTTO_EIO) {
			log_say(r->s->audit.log, LOG_ERROR,
			    "the mailboxes could not be written: %s",
			    mail_db_error(r->db));
			r->s->stats.store_failures++;
			break;
		}
	while (op != NULL) {
		struct mail_op *next = op->next;

		finish(r, op);
		mail_op_free(op);
		op = next;
	}
	r->s->stats.commits++;
	r->running = NULL;
	if (r->ops != NULL && !r->stopping)
		start_job(r);
}

static void
start_job(void *ctx)
{
	struct mail_room *r = ctx;
	uint64_t now = loop_now_ms(r->s->loop);

	if (r->running != NULL || r->ops == NULL)
		return;
	if ((r->running = mail_take_due(r)) == NULL) {
		loop_timer_set(r->commit,
		    r->ops->due_ms > now ? r->ops->due_ms - now : 0);
		return;
	}
	r->job = (struct loop_job){ run_job, done_job, r, NULL };
	loop_pool_do(r->thread, &r->job);
}

size_t
mail_waiting(const struct mail_room *r)
{
	return r->waiting;
}

/* ---- open and close ---- */

static void
on_size(void *ctx, const struct mail_size *size)
{
	struct mail_room *r = ctx;
	struct dir_user *u = dir_find(r->s->dir, &size->user);

	if (u == NULL)
		return;
	u->box.n = size->n;
	u->box.bytes = size->bytes;
}

enum sotto_err
mail_room_open(struct mail_room **out, struct server *s, char err[DB_ERR_MAX])
{
	struct mail_room *r = calloc(1, sizeof(*r));
	enum sotto_err e;

	if (r == NULL)
		return SOTTO_ENOMEM;
	r->s = s;
	r->tail = &r->ops;
	e = mail_db_open(&r->db, s->conf->state, &r->next_place, err);
	if (e == SOTTO_OK)
		e = mail_db_sizes(r->db, on_size, r);
	r->thread = loop_pool_new(s->loop, 1, 0);
	r->commit = loop_timer_new(s->loop, start_job, r);
	r->expire = loop_timer_new(s->loop, mail_on_expire, r);
	if (e == SOTTO_OK &&
	    (r->thread == NULL || r->commit == NULL || r->expire == NULL))
		e = SOTTO_ENOMEM;
	if (e != SOTTO_OK) {
		mail_room_stop(r);
		mail_room_free(r);
		return e;
	}
	mail_expire_start(r);
	*out = r;
	return SOTTO_OK;
}

void
mail_room_stop(struct mail_room *r)
{
	if (r == NULL)
		return;
	r->stopping = 1;
	loop_pool_free(r->thread);
	r->thread = NULL;
	loop_timer_free(r->commit);
	loop_timer_free(r->expire);
	r->commit = r->expire = NULL;
}

void
mail_room_free(struct mail_room *r)
{
	if (r == NULL)
		return;
	if (r->ops != NULL)
		mail_run(r->db, r->ops);
	while (r->ops != NULL) {
		struct mail_op *op = r->ops;

		r->ops = op->next;
		mail_op_free(op);
	}
	mail_db_close(r->db);
	free(r);
}
