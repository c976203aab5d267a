/* Prekeys, and messages that grow too old; see mail.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sottod/mail_priv.h"

#define FETCHES_MINUTE 60
#define PUBLISH_MINUTE 20
#define EXPIRE_MS      (60ULL * 1000)

/* ---- prekeys ---- */

static int
within_limit(struct conn *c, uint32_t id, const char *what, unsigned minute)
{
	char key[NAME_MAX_LEN + 16];

	(void)snprintf(key, sizeof(key), "%s %s", what, c->user->name.s);
	if (limit_take(c->s->by_user, span_str(key), minute,
		loop_now_ms(c->s->loop)))
		return 1;
	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_ERROR,
		.id = id,
		.error = WIRE_E_RATE });
	return 0;
}

static void
no_memory(struct conn *c, uint32_t id)
{
	conn_command(c,
	    &(struct wire_cmd){ .type = WIRE_ERROR,
		.id = id,
		.error = WIRE_E_STORE });
}

void
mail_publish(struct conn *c, const struct wire_cmd *cmd)
{
	const size_t n = cmd->bundle.n + cmd->ones.n;
	struct mail_op *op;

	if (!within_limit(c, 0, "publish", PUBLISH_MINUTE))
		return;
	op = mail_op_new(OP_PUBLISH, c->user, c);
	if (op == NULL || (op->body = malloc(n + 1)) == NULL) {
		free(op);
		no_memory(c, 0);
		return;
	}
	if (cmd->bundle.n > 0)
		memcpy(op->body, cmd->bundle.p, cmd->bundle.n);
	if (cmd->ones.n > 0)
		memcpy(op->body + cmd->bundle.n, cmd->ones.p, cmd->ones.n);
	op->epoch = cmd->epoch;
	op->bundle = (struct span){ op->body, cmd->bundle.n };
	op->ones = (struct span){ op->body + cmd->bundle.n, cmd->ones.n };
	op->want_stock = 1;
	mail_add(c->s->mail, op, 0);
}

void
mail_done_publish(struct mail_room *r, struct mail_op *op)
{
	struct conn *c = conn_find(r->s, op->conn);

	if (c == NULL || c->state != CONN_OPEN)
		return;
	if (op->e == SOTTO_OK)
		mail_say_stock(c, &op->stock);
	else
		no_memory(c, 0);
}

void
mail_fetch(struct conn *c, const struct wire_cmd *cmd)
{
	struct dir_user *u = dir_find(c->s->dir, &cmd->name);
	struct mail_op *op;

	if (!within_limit(c, cmd->id, "fetch", FETCHES_MINUTE))
		return;
	if (u == NULL || u->revoked) {
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_ERROR,
			.id = cmd->id,
			.error = WIRE_E_NO_KEYS });
		return;
	}
	op = mail_op_new(OP_TAKE, u, c);
	if (op == NULL || (op->keys = malloc(MAIL_KEYS_MAX)) == NULL) {
		free(op);
		no_memory(c, cmd->id);
		return;
	}
	op->id = cmd->id;
	op->want_stock = 1;
	mail_add(c->s->mail, op, 0);
}

void
mail_done_take(struct mail_room *r, struct mail_op *op)
{
	struct conn *c = conn_find(r->s, op->conn);
	struct conn *owner = mail_reader(op->user);
	struct wire_cmd cmd = { .type = WIRE_KEYS,
		.id = op->id,
		.name = op->name,
		.bundle = { op->keys, op->keys_len },
		.ones = { op->keys + PREKEY_BUNDLE_MAX, op->one_len } };

	if (op->e != SOTTO_OK) {
		cmd.type = WIRE_ERROR;
		cmd.error =
		    op->e == SOTTO_EAGAIN ? WIRE_E_NO_KEYS : WIRE_E_STORE;
	}
	if (c != NULL && c->state == CONN_OPEN)
		conn_command(c, &cmd);
	if (op->e == SOTTO_OK && owner != NULL &&
	    op->stock.n_ones < PREKEY_ONE_LOW)
		mail_say_stock(owner, &op->stock);
}

/* ---- age ---- */

void
mail_expire_start(struct mail_room *r)
{
	loop_timer_set(r->expire, EXPIRE_MS);
}

static void
expire_one(struct mail_room *r)
{
	struct mail_op *op = mail_op_new(OP_EXPIRE, NULL, NULL);

	if (op == NULL)
		return;
	op->now = server_now();
	op->before =
	    op->now - (uint64_t)r->s->conf->limits.mailbox_days * 24 * 3600;
	op->place = r->next_place++;
	mail_add(r, op, 0);
}

void
mail_on_expire(void *ctx)
{
	struct mail_room *r = ctx;

	mail_expire_start(r);
	expire_one(r);
}

void
mail_done_expire(struct mail_room *r, const struct mail_op *op)
{
	struct dir_user *from, *to;

	if (op->e != SOTTO_OK)
		return; /* none is so old */
	if ((to = dir_find(r->s->dir, &op->freed.user)) != NULL) {
		to->box.n -= op->freed.n;
		to->box.bytes -= op->freed.bytes;
	}
	from = dir_find(r->s->dir, &op->told.user);
	if (from != NULL && op->told.n > 0) {
		from->box.n += op->told.n;
		from->box.bytes += op->told.bytes;
		mail_read_more(r, from, 0);
	}
	expire_one(r); /* until there is none */
}
