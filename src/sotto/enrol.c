/* Becoming a user of a relay, and trusting its new authority; see
 * engine_priv.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/entry_priv.h"
#include "sotto/keystore.h"

static void
run_make(void *job)
{
	struct entry *en = job;
	struct rsa_key *k = NULL;

	en->result = rsa_generate(&k, RSA_BITS, loop_goes_on, en->loop);
	if (en->result == SOTTO_OK)
		en->result = ident_make_keys(en->id, k, engine_now(), &en->g);
	rsa_key_free(k);
}

static void
run_save(void *job)
{
	struct entry *en = job;

	en->result =
	    keystore_save(en->id, en->dir, en->pass, &en->cost, &en->g);
	en->saved_errno = errno;
}

static void
save_failed(struct engine *e, const struct entry *en)
{
	char text[MSG_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	    "The key file cannot be written: %s. Nothing was sent to the "
	    "relay.",
	    en->result == SOTTO_EIO ? strerror(en->saved_errno)
				    : sotto_strerror(en->result));
	entry_failed(e, ENTRY_REFUSED, text);
}

static void
done_save(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!entry_job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		save_failed(e, en);
		return;
	}
	e->id = en->id;
	en->id = NULL;
	if (!entry_open_contacts(e))
		return;
	entry_progress(e, STEP_ENROLLING);
	link_start(e, 1);
}

static void
done_make(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!entry_job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		entry_failed(e, ENTRY_REFUSED, "Your key could not be made.");
		return;
	}
	entry_progress(e, STEP_SEALING);
	entry_job(en, run_save, done_save);
}

/* What is asked of which relay, with which invite. */
static void
set_goal(struct ident *id, const struct msg *m)
{
	id->name = m->name;
	(void)snprintf(id->host, sizeof(id->host), "%s", m->invite.host);
	id->port = m->invite.port;
	(void)snprintf(id->relay, sizeof(id->relay), "%s", m->relay);
	id->authority = m->invite.key;
	id->pin_how = m->pin_how;
	id->pinned_at = engine_now();
	id->has_token = 1;
	memcpy(id->token_id, m->invite.token_id, sizeof(id->token_id));
	id->token = m->invite.token;
}

/*
 * The last try was cut off, perhaps behind the relay's yes: the same key asks
 * the same relay again, with this invite.  Else it is given up for another.
 */
static struct ident *
of_last_try(struct engine *e, const struct msg *m)
{
	struct ident *id = e->id;

	if (id != NULL && name_eq(&id->name, &m->name) &&
	    span_eq(SPAN(id->authority.b), SPAN(m->invite.key.b)))
		e->id = NULL;
	else
		id = NULL;
	entry_forget(e);
	return id;
}

void
entry_enrol(struct engine *e, struct msg *m)
{
	struct entry *en;

	if ((e->id != NULL && e->id->cert_len > 0) || m->pass == NULL ||
	    !m->invite.has_key || !m->invite.has_token)
		return;
	if ((en = entry_begin(e, ENTRY_ENROL, m)) == NULL || !entry_lock(e))
		return;
	en->fresh = 1;
	if ((en->id = of_last_try(e, m)) != NULL) {
		set_goal(en->id, m);
		entry_progress(e, STEP_SEALING);
		entry_job(en, run_save, done_save);
		return;
	}
	if ((en->id = ident_new()) == NULL) {
		entry_failed(e, ENTRY_REFUSED, "Memory ran out.");
		return;
	}
	set_goal(en->id, m);
	entry_progress(e, STEP_MAKING_KEY);
	entry_job(en, run_make, done_make);
}

/* The certificate must be one for our key and name, by the pinned authority. */
static int
cert_is_ours(const struct engine *e, struct span der)
{
	const struct cert_want want = { .use = CERT_USER,
		.ca = { e->link.info.ca, e->link.info.ca_len },
		.name = &e->id->name,
		.relay = e->link.info.relay,
		.now = engine_now() };
	uint8_t mine[RSA_SPKI_MAX], theirs[RSA_SPKI_MAX];
	struct rsa_pub *key = NULL;
	struct wr a, b;
	int ok;

	wr_init(&a, mine, sizeof(mine));
	wr_init(&b, theirs, sizeof(theirs));
	ok = der.n <= sizeof(e->id->cert) &&
	    cert_verify(&key, der, &want) == CERT_OK &&
	    ident_spki(e->id, &a) == SOTTO_OK &&
	    rsa_pub_write(key, &b) == SOTTO_OK &&
	    span_eq(wr_out(&a), wr_out(&b));
	rsa_pub_free(key);
	return ok;
}

static void
take_cert(struct engine *e, struct span der)
{
	memcpy(e->id->cert, der.p, der.n);
	e->id->cert_len = der.n;
}

/* Enrolled for good; the key file says so, or will at the next start. */
static void
done_resave(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!entry_job_over(en))
		return;
	if (en->result != SOTTO_OK)
		engine_note(e,
		    "You are enrolled, but the key file could not be written "
		    "again (%s). Your certificate is kept beside it.",
		    en->result == SOTTO_EIO ? strerror(en->saved_errno)
					    : sotto_strerror(en->result));
	entry_end(e);
	entry_tell(e);
}

void
entry_got_cert(struct engine *e, struct span der)
{
	struct entry *en = e->entry;

	if (en == NULL || en->kind != ENTRY_ENROL) {
		/* A renewal: goes to the store, the key file is locked. */
		if (der.n > 0 && cert_is_ours(e, der)) {
			take_cert(e, der);
			(void)vault_put_value(e->vault, "certificate", der);
		}
		return;
	}
	if (der.n == 0 || !cert_is_ours(e, der)) {
		if (der.n > 0)
			link_lost(e,
			    "The relay sent a certificate that is "
			    "not yours.");
		return;
	}
	take_cert(e, der);
	(void)vault_put_value(e->vault, "certificate", der);
	if ((en->id = ident_new()) == NULL || en->pass == NULL) {
		entry_end(e);
		entry_tell(e);
		return;
	}
	(void)snprintf(e->id->relay, sizeof(e->id->relay), "%s",
	    e->link.info.relay);
	e->id->has_token = 0;
	memset(e->id->token_id, 0, sizeof(e->id->token_id));
	WIPE(e->id->token);
	*en->id = *e->id;
	entry_progress(e, STEP_SEALING);
	entry_job(en, run_save, done_resave);
}

/* ---- a new authority, brought by the user's own hand ---- */

static void
done_repin(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;
	int enrol;

	if (!entry_job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		entry_load_failed(e, en->result, en->saved_errno);
		return;
	}
	*e->id = *en->id;
	enrol = e->id->has_token;
	ident_free(en->id);
	en->id = NULL;
	if (!enrol)
		entry_end(e);
	else
		entry_progress(e, STEP_ENROLLING);
	link_start(e, enrol);
}

/* The passphrase opens the file once more: a new pin has to last. */
static void
run_repin(void *job)
{
	struct entry *en = job;
	struct ident *now = ident_new(); /* secret */

	en->result = SOTTO_ENOMEM;
	if (now != NULL)
		en->result = keystore_load(now, en->dir, en->pass);
	en->saved_errno = errno;
	if (en->result == SOTTO_OK)
		run_save(en);
	ident_free(now);
}

void
entry_repin(struct engine *e, struct msg *m)
{
	struct entry *en;
	struct ident *id;

	if (e->id == NULL || !m->invite.has_key || m->pass == NULL)
		return;
	if ((en = entry_begin(e, ENTRY_ENROL, m)) == NULL)
		return;
	if ((id = en->id = ident_new()) == NULL) {
		entry_failed(e, ENTRY_REFUSED, "Memory ran out.");
		return;
	}
	*id = *e->id;
	id->authority = m->invite.key;
	id->pin_how = PIN_LINE;
	id->pinned_at = engine_now();
	id->has_token = m->invite.has_token;
	memcpy(id->token_id, m->invite.token_id, sizeof(id->token_id));
	id->token = m->invite.token;
	entry_progress(e, STEP_OPENING);
	entry_job(en, run_repin, done_repin);
}
