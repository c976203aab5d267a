/* Our own prekeys, and what the relay knows of us; see engine_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/engine_priv.h"

/* A newer bundle is there for so long: nothing for the old one comes now. */
#define OVERLAP_S (30ULL * 24 * 3600)

/* ---- one-time keys ---- */

/* n more, in the open transaction; their public halves to w. */
static enum sotto_err
make_ones(struct engine *e, struct wr *w, unsigned n)
{
	struct x25519_sec sec; /* secret */
	struct x25519_pub pub;
	uint64_t last = 0;
	enum sotto_err r = vault_get_u64(e->vault, "one-time", &last);

	for (unsigned i = 0; r == SOTTO_OK && i < n; i++) {
		x25519_make(&sec, &pub, &e->g);
		prekey_one(w, e->id, (uint32_t)++last, &sec);
		r = one_time_put(e->vault, (uint32_t)last, &sec);
	}
	WIPE(sec);
	if (r == SOTTO_OK)
		r = vault_put_u64(e->vault, "one-time", last);
	return r != SOTTO_OK ? r : wr_end(w);
}

/* What is published is on disk before it leaves. */
static void
publish(struct engine *e, const struct prekey_secret *fresh, unsigned n)
{
	uint8_t bundle[PREKEY_BUNDLE_MAX];
	uint8_t ones[PREKEY_ONE_MAX * PREKEY_ONE_LEN];
	struct wire_cmd cmd = { .type = WIRE_PUBLISH };
	struct wr b, o;

	wr_init(&b, bundle, sizeof(bundle));
	wr_init(&o, ones, sizeof(ones));
	if (!txn(e))
		return;
	if (fresh != NULL) {
		if (prekeys_put(e->vault, fresh) != SOTTO_OK ||
		    prekeys_expire(e->vault, engine_now() - OVERLAP_S) !=
			SOTTO_OK) {
			txn_fail(e);
			return;
		}
		if (prekey_bundle(&b, e->id, fresh, &e->conf.suites) !=
		    SOTTO_OK)
			return;
		cmd.epoch = fresh->epoch;
	}
	if (make_ones(e, &o, n) != SOTTO_OK) {
		txn_fail(e);
		return;
	}
	if (!txn_end(e))
		return;
	cmd.bundle = wr_out(&b);
	cmd.ones = wr_out(&o);
	(void)link_send_cmd(e, &cmd);
}

/* ---- a new bundle ---- */

struct bundle_job {
	struct engine *e;
	uint32_t epoch;
	struct rsa_key *rpk;
};

static void
run_bundle(void *job)
{
	struct bundle_job *j = job;

	if (rsa_generate(&j->rpk, RSA_BITS, loop_goes_on, j->e->loop) !=
	    SOTTO_OK)
		j->rpk = NULL;
}

static void
done_bundle(void *job)
{
	struct bundle_job *j = job;
	struct engine *e = j->e;
	struct prekey_secret s; /* secret */
	struct x25519_pub pub;
	struct wr w;

	e->making_prekeys = 0;
	memset(&s, 0, sizeof(s));
	wr_init(&w, s.rpk, sizeof(s.rpk));
	if (j->rpk != NULL && !e->quitting && e->vault != NULL &&
	    e->id != NULL && link_is_online(e) &&
	    rsa_key_write(j->rpk, &w) == SOTTO_OK) {
		s.rpk_len = w.n;
		s.epoch = j->epoch;
		s.made_at = engine_now();
		x25519_make(&s.spk, &pub, &e->g);
		publish(e, &s, PREKEY_ONE_MAX);
	}
	WIPE(s);
	rsa_key_free(j->rpk);
	free(j);
}

static void
make_bundle(struct engine *e, uint32_t epoch)
{
	struct bundle_job *j;

	if (e->making_prekeys || e->quitting ||
	    (j = calloc(1, sizeof(*j))) == NULL)
		return;
	j->e = e;
	j->epoch = epoch;
	if (loop_work_ahead(e->loop, run_bundle, done_bundle, j) == SOTTO_OK)
		e->making_prekeys = 1;
	else
		free(j);
}

/* ---- what the relay says ---- */

/*
 * The relay saw us take in more than our disk knows of: an old copy of the
 * store was put back.  Its ratchets would use keys twice, so they are given
 * up before anything is sealed, and every chat gets a new one.
 */
static void
restored(struct engine *e, uint64_t place)
{
	if (!txn(e))
		return;
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next) {
		session_free(c->session);
		c->session = NULL;
		memset(&c->rec.session, 0, sizeof(c->rec.session));
		if (!chats_save(c))
			return;
		if (c->rec.phase == HIST_OPEN &&
		    !chat_note(c, HIST_WARN,
			"This store is an old copy: the relay saw you take in "
			"more than it knows of. What was said in between is "
			"missing here; new keys are agreed on."))
			return;
	}
	if (session_drop_all(e->vault, 0) != SOTTO_OK ||
	    outbox_unseal(e->vault, 0) != SOTTO_OK ||
	    vault_put_u64(e->vault, "acked", place) != SOTTO_OK) {
		txn_fail(e);
		return;
	}
	e->high = place;
	(void)txn_end(e);
	for (struct engine_chat *c = e->chats; c != NULL; c = c->next)
		if (c->rec.phase == HIST_OPEN)
			away_start(c);
}

void
stock_on_stock(struct engine *e, const struct wire_cmd *cmd)
{
	struct prekey_secret s; /* secret */
	uint32_t latest = 0;
	int old = 0;

	if (e->vault == NULL || e->id == NULL || !txn_end(e))
		return;
	if (cmd->place > e->high) {
		old = 1;
		restored(e, cmd->place);
	}
	e->stocked = 1;
	e->receipts_due = 1; /* those from before, too */
	if (prekeys_latest(e->vault, &latest) != SOTTO_OK)
		return;
	if (latest == 0 || latest != cmd->epoch || old ||
	    prekeys_get(e->vault, latest, &s) != SOTTO_OK ||
	    s.made_at + PREKEY_RENEW_S < engine_now())
		make_bundle(e, (latest > cmd->epoch ? latest : cmd->epoch) + 1);
	else if (cmd->n_ones < PREKEY_ONE_LOW)
		publish(e, NULL, PREKEY_ONE_MAX - cmd->n_ones);
	WIPE(s);
	out_pump(e);
}
