/* What the pool does for the mailboxes; see mail_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "sottod/mail_priv.h"

struct mail_op *
mail_op_new(enum mail_op_kind kind, struct dir_user *u, const struct conn *c)
{
	struct mail_op *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return NULL;
	op->kind = kind;
	op->user = u;
	if (u != NULL)
		op->name = u->name;
	if (c != NULL)
		op->conn = conn_handle(c);
	op->got_tail = &op->got;
	return op;
}

void
mail_op_free(struct mail_op *op)
{
	while (op->got != NULL) {
		struct mail_got *g = op->got;

		op->got = g->next;
		free(g);
	}
	free(op->body);
	free(op->keys);
	free(op);
}

static int
on_mail(void *ctx, const struct mail *one)
{
	struct mail_op *op = ctx;
	struct mail_got *g;

	if (op->n_got == READ_N || op->got_bytes >= READ_BYTES) {
		op->more = 1;
		return 0;
	}
	if ((g = malloc(sizeof(*g) + one->body.n)) == NULL) {
		op->more = 1; /* later, with more memory */
		return 0;
	}
	g->next = NULL;
	g->mail = *one;
	memcpy(g + 1, one->body.p, one->body.n);
	g->mail.body.p = (const uint8_t *)(g + 1);
	*op->got_tail = g;
	op->got_tail = &g->next;
	op->n_got++;
	op->got_bytes += one->body.n;
	return 1;
}

static enum sotto_err
write_one(struct mail_db *db, struct mail_op *op)
{
	enum sotto_err e = SOTTO_OK;

	switch (op->kind) {
	case OP_PUT:
		return mail_db_put(db, &op->mail, &op->stored);
	case OP_CUT:
		return mail_db_cut(db, &op->name, op->place, &op->freed);
	case OP_PUBLISH:
		e = mail_db_publish(db, &op->name, op->epoch, op->bundle,
		    op->ones);
		break;
	case OP_TAKE:
		e = mail_db_take(db, &op->name, op->keys, PREKEY_BUNDLE_MAX,
		    &op->keys_len, op->keys + PREKEY_BUNDLE_MAX, &op->one_len);
		break;
	case OP_EXPIRE:
		return mail_db_expire(db, op->before, op->now, op->place,
		    &op->freed, &op->told);
	case OP_READ:
		return SOTTO_OK;
	}
	if (e == SOTTO_OK && op->want_stock)
		e = mail_db_stock(db, &op->name, &op->stock);
	return e;
}

static enum sotto_err
write_all(struct mail_db *db, struct mail_op *ops)
{
	enum sotto_err e;

	if ((e = mail_db_begin(db)) != SOTTO_OK)
		return e;
	for (struct mail_op *op = ops; op != NULL; op = op->next) {
		op->e = write_one(db, op);
		if (op->e == SOTTO_EIO || op->e == SOTTO_ENOMEM) {
			(void)mail_db_end(db, 0);
			return op->e;
		}
	}
	return mail_db_end(db, 1);
}

void
mail_run(struct mail_db *db, struct mail_op *ops)
{
	int writes = 0;
	enum sotto_err e;

	for (struct mail_op *op = ops; op != NULL; op = op->next)
		writes |= op->kind != OP_READ;
	if (writes && (e = write_all(db, ops)) != SOTTO_OK)
		for (struct mail_op *op = ops; op != NULL; op = op->next)
			op->e = e;
	for (struct mail_op *op = ops; op != NULL; op = op->next) {
		if (op->kind != OP_READ)
			continue;
		op->e = mail_db_read(db, &op->name, op->place, on_mail, op);
		if (op->e == SOTTO_OK && op->want_stock)
			op->e = mail_db_stock(db, &op->name, &op->stock);
	}
}
