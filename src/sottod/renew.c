#include "sottod/renew.h"

#include <stdlib.h>
#include <string.h>

struct renewal {
	struct server *s;
	struct conn_handle conn;
	struct identity *id; /* a reference */
	struct name name;
	uint32_t cmd_id;
	uint8_t spki[RSA_SPKI_MAX]; /* stored: the key does not change */
	size_t spki_len;
	uint8_t csr[CERT_DER_MAX];
	size_t csr_len;
	uint8_t cert[CERT_DER_MAX];
	size_t cert_len;
	enum wire_error_code error; /* if cert_len is 0 */
};

static void
free_renewal(struct renewal *r)
{
	identity_unref(r->id);
	free(r);
}

/* The request must be signed by the very key that the user has. */
static int
same_key(const struct renewal *r, const struct rsa_pub *key)
{
	uint8_t spki[RSA_SPKI_MAX];
	struct wr w;

	wr_init(&w, spki, sizeof(spki));
	return rsa_pub_write(key, &w) == SOTTO_OK &&
	    span_eq(wr_out(&w), (struct span){ r->spki, r->spki_len });
}

static void
run_renewal(void *job)
{
	struct renewal *r = job;
	struct rsa_pub *key = NULL;
	struct store *st = NULL;
	char err[DB_ERR_MAX] = "";
	uint64_t not_after;
	struct wr w;

	r->error = WIRE_E_REQUEST;
	wr_init(&w, r->cert, sizeof(r->cert));
	if (csr_check(&key, (struct span){ r->csr, r->csr_len }, &r->name,
		r->id->ca.relay) != SOTTO_OK ||
	    !same_key(r, key))
		goto out;
	r->error = WIRE_E_STORE;
	if (ca_issue_user(&r->id->ca, &w, key, &r->name, server_now(),
		&not_after) != SOTTO_OK)
		goto out;
	if (store_open(&st, r->s->conf->state, err) != SOTTO_OK ||
	    store_renewed(st, &r->name, wr_out(&w), not_after) != SOTTO_OK) {
		log_say(r->s->audit.log, LOG_ERROR, "store: %s",
		    st != NULL ? store_error(st) : err);
		goto out;
	}
	r->cert_len = w.n;
out:
	store_close(st);
	rsa_pub_free(key);
}

static void
done_renewal(void *job)
{
	struct renewal *r = job;
	struct conn *c = conn_find(r->s, r->conn);

	if (c != NULL && c->state == CONN_OPEN && r->cert_len > 0)
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_CERT,
			.id = r->cmd_id,
			.der = { r->cert, r->cert_len } });
	else if (c != NULL && c->state == CONN_OPEN)
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_ERROR,
			.id = r->cmd_id,
			.error = r->error });
	free_renewal(r);
}

void
renew_start(struct conn *c, const struct wire_cmd *cmd)
{
	struct server *s = c->s;
	struct renewal *r = NULL;

	/* One a minute, and no certificate of more than the size limit. */
	if (limit_take(s->by_name, span_str(c->user->name.s), 1,
		loop_now_ms(s->loop)) &&
	    cmd->der.n <= sizeof(r->csr))
		r = calloc(1, sizeof(*r));
	if (r == NULL) {
		conn_command(c,
		    &(struct wire_cmd){ .type = WIRE_ERROR,
			.id = cmd->id,
			.error = WIRE_E_RATE });
		return;
	}
	r->s = s;
	r->conn = conn_handle(c);
	r->id = identity_ref(s->id);
	r->name = c->user->name;
	r->cmd_id = cmd->id;
	memcpy(r->spki, c->user->spki, c->user->spki_len);
	r->spki_len = c->user->spki_len;
	memcpy(r->csr, cmd->der.p, cmd->der.n);
	r->csr_len = cmd->der.n;
	if (loop_work(s->loop, run_renewal, done_renewal, r) != SOTTO_OK)
		free_renewal(r);
}
