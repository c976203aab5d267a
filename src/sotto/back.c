/* The way back to the relay without RSA: the ticket that it gave, and what was
 * known of it then, in the vault; see engine_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/engine_priv.h"

#define NAME     "ticket"
#define VERSION  1
#define KEPT_MAX (512 + HS_TICKET_LEN + CERT_DER_MAX)

void
back_keep(struct engine *e, const struct wire_cmd *c)
{
	const struct hs_server_info *i = &e->link.info;
	uint8_t plain[KEPT_MAX]; /* secret */
	struct key psk;          /* secret */
	struct wr w;

	if (e->vault == NULL || c->life_s > 7 * 86400 || !txn(e))
		return;
	hs_ticket_psk(&psk, &e->link.keys, c->nonce.p);
	wr_init(&w, plain, sizeof(plain));
	wr_u8(&w, VERSION);
	wr_span(&w, c->ticket);
	wr_bytes(&w, psk.b, sizeof(psk.b));
	wr_u64(&w, engine_now() + c->life_s);
	wr_bytes(&w, i->authority.b, sizeof(i->authority.b));
	wr_bytes(&w, i->server.b, sizeof(i->server.b));
	wr_str16(&w, span_str(i->relay));
	wr_str16(&w, (struct span){ i->ca, i->ca_len });
	if (wr_end(&w) == SOTTO_OK &&
	    vault_put_value(e->vault, NAME, wr_out(&w)) != SOTTO_OK)
		txn_fail(e);
	WIPE(plain);
	WIPE(psk);
}

static int
read_kept(const struct engine *e, struct span plain, struct hs_ticket *t,
    struct hs_server_info *i)
{
	struct span relay, ca;
	uint64_t until;
	struct rd r;

	memset(i, 0, sizeof(*i));
	rd_init(&r, plain);
	if (rd_u8(&r) != VERSION)
		return 0;
	rd_copy(&r, t->b, sizeof(t->b));
	rd_copy(&r, t->psk.b, sizeof(t->psk.b));
	until = rd_u64(&r);
	rd_copy(&r, i->authority.b, sizeof(i->authority.b));
	rd_copy(&r, i->server.b, sizeof(i->server.b));
	relay = rd_str16(&r, CERT_HOST_MAX);
	ca = rd_str16(&r, sizeof(i->ca));
	if (rd_end(&r) != SOTTO_OK || until < engine_now() ||
	    !span_eq(SPAN(i->authority.b), SPAN(e->id->authority.b)))
		return 0;
	memcpy(i->relay, relay.p, relay.n);
	memcpy(i->ca, ca.p, ca.n);
	i->ca_len = ca.n;
	return 1;
}

int
back_use(struct engine *e, struct hs_ticket *t)
{
	uint8_t plain[KEPT_MAX]; /* secret */
	size_t n = 0;
	int good;

	if (e->vault == NULL ||
	    vault_get_value(e->vault, NAME, plain, sizeof(plain), &n) !=
		SOTTO_OK ||
	    n == 0)
		return 0;
	good = read_kept(e, (struct span){ plain, n }, t, &e->link.known);
	WIPE(plain);
	/* For once: gone from the disk before it is shown to anybody. */
	if (!txn(e))
		return 0;
	if (vault_put_value(e->vault, NAME, (struct span){ NULL, 0 }) !=
	    SOTTO_OK) {
		txn_fail(e);
		return 0;
	}
	return txn_end(e) && good;
}
