/*
 * Getting in: asking a relay for its key, becoming one of its users, opening
 * the key file; see engine_priv.h.  What takes long runs on the pool and can
 * be given up: its result is then thrown away.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/engine_priv.h"
#include "sotto/keystore.h"

enum entry_kind {
	ENTRY_PROBE,
	ENTRY_ENROL,
	ENTRY_UNLOCK
};

struct entry {
	struct engine *e; /* NULL: given up; freed when its job is done */
	enum entry_kind kind;
	int fresh;  /* nothing is lost if this enrolment comes to nothing */
	int job;    /* one is on the pool */
	char *pass; /* secret; owned, from secret_alloc() */
	struct ident *id; /* secret: until it is the engine's */
	char dir[FILE_PATH_MAX];
	struct keyfile_cost cost;
	struct rng g;
	enum sotto_err result;
	int saved_errno;
};

static void
free_entry(struct entry *en)
{
	secret_free(en->pass);
	ident_free(en->id);
	free(en);
}

static struct entry *
begin(struct engine *e, enum entry_kind kind, struct msg *m)
{
	struct entry *en;

	entry_stop(e);
	if ((en = calloc(1, sizeof(*en))) == NULL)
		return NULL;
	en->e = e;
	en->kind = kind;
	en->cost = e->conf.cost;
	en->g = e->g;
	(void)snprintf(en->dir, sizeof(en->dir), "%s", e->dir);
	if (m != NULL) {
		en->pass = m->pass;
		m->pass = NULL;
	}
	e->entry = en;
	return en;
}

static void
end(struct engine *e)
{
	struct entry *en = e->entry;

	e->entry = NULL;
	if (en == NULL)
		return;
	en->e = NULL;
	if (!en->job)
		free_entry(en);
}

int
entry_is_active(const struct engine *e)
{
	return e->entry != NULL;
}

static void
progress(struct engine *e, enum entry_step step)
{
	struct msg *m = msg_new(EV_PROGRESS);

	if (m != NULL) {
		m->step = step;
		engine_tell(e, m);
	}
}

static void
failed(struct engine *e, enum entry_fault f, const char *text)
{
	struct msg *m = msg_new(EV_ENTRY_FAILED);

	end(e);
	if (m == NULL)
		return;
	m->entry_fault = f;
	(void)msg_set_text(m, "%s", text);
	engine_tell(e, m);
}

/* Run on the pool; done comes on the loop, also when it was given up. */
static void
start_job(struct entry *en, loop_fn *run, loop_fn *done)
{
	struct engine *e = en->e;

	if (loop_work(e->loop, run, done, en) == SOTTO_OK)
		en->job = 1;
	else
		failed(e, ENTRY_REFUSED, "Memory ran out.");
}

/* 1 if the entry is still wanted; else it is freed here. */
static int
job_over(struct entry *en)
{
	en->job = 0;
	if (en->e != NULL)
		return 1;
	free_entry(en);
	return 0;
}

void
entry_stop(struct engine *e)
{
	struct entry *en = e->entry;

	if (en == NULL)
		return;
	/* Nothing that was stored is lost: a key file that was written stays,
	 * and its enrolment goes on at the next start. */
	link_stop(e);
	if (en->fresh && en->id == NULL && e->id != NULL) {
		contacts_close(e->contacts);
		e->contacts = NULL;
		ident_free(e->id);
		e->id = NULL;
	}
	end(e);
}

/* ---- probe ---- */

void
entry_probe(struct engine *e, const struct msg *m)
{
	/* One link: who has got in does not lose it by looking elsewhere. */
	if ((e->id != NULL && e->id->cert_len > 0) ||
	    begin(e, ENTRY_PROBE, NULL) == NULL)
		return;
	progress(e, STEP_CONNECTING);
	link_probe(e, m->invite.host, m->invite.port);
}

void
entry_probed(struct engine *e, const struct hs_server_info *info)
{
	struct msg *m = msg_new(EV_SERVER_KEY);

	end(e);
	if (m == NULL)
		return;
	m->key = info->authority;
	m->bits = RSA_BITS;
	(void)snprintf(m->relay, sizeof(m->relay), "%s", info->relay);
	engine_tell(e, m);
}

void
entry_link_failed(struct engine *e, enum entry_fault f, const char *text)
{
	struct entry *en = e->entry;

	if (en == NULL)
		return;
	if (en->kind == ENTRY_PROBE) {
		failed(e, f, text);
		return;
	}
	if (en->kind == ENTRY_ENROL && en->fresh && f == ENTRY_REFUSED) {
		/* This relay will not have us: nothing of value is in the key
		 * file, and the next try makes a new one. */
		keystore_remove(e->dir);
		contacts_close(e->contacts);
		e->contacts = NULL;
		ident_free(e->id);
		e->id = NULL;
	}
	failed(e, f, text);
}

/* ---- entered ---- */

static void
tell_entered(struct engine *e)
{
	struct msg *m = msg_new(EV_ENTERED);

	if (m == NULL)
		return;
	m->me = e->id->name;
	(void)snprintf(m->host, sizeof(m->host), "%s", e->id->host);
	m->port = e->id->port;
	(void)snprintf(m->relay, sizeof(m->relay), "%s", e->id->relay);
	m->pin_how = e->id->pin_how;
	m->key = e->id->authority;
	engine_tell(e, m);
	people_tell_all(e);
}

static int
open_contacts(struct engine *e)
{
	char err[DB_ERR_MAX], text[MSG_TEXT_MAX];

	if (contacts_open(&e->contacts, e->dir, &e->id->master, &e->g, err) ==
	    SOTTO_OK)
		return 1;
	ident_free(e->id);
	e->id = NULL;
	(void)snprintf(text, sizeof(text),
	    "The store of contacts, sotto.db in the profile's folder, cannot "
	    "be opened: %s. It was left as it is.",
	    err);
	failed(e, ENTRY_BAD_FILE, text);
	return 0;
}

/* ---- unlock ---- */

static void
run_load(void *job)
{
	struct entry *en = job;

	en->result = SOTTO_ENOMEM;
	if ((en->id = ident_new()) != NULL)
		en->result = keystore_load(en->id, en->dir, en->pass);
	en->saved_errno = errno;
}

static void
load_failed(struct engine *e, enum sotto_err r, int err)
{
	char text[MSG_TEXT_MAX];

	switch (r) {
	case SOTTO_EAUTH:
		failed(e, ENTRY_WRONG_PASS, "That is not the passphrase.");
		break;
	case SOTTO_ENOMEM:
		failed(e, ENTRY_REFUSED,
		    "There is not enough memory to open the key file.");
		break;
	case SOTTO_EIO:
		(void)snprintf(text, sizeof(text),
		    "The key file cannot be read: %s.", strerror(err));
		failed(e, ENTRY_BAD_FILE, text);
		break;
	case SOTTO_OK:
	case SOTTO_EAGAIN:
	case SOTTO_EFORMAT:
	case SOTTO_ETOOBIG:
	case SOTTO_ENOSPACE:
	case SOTTO_ESTATE:
		failed(e, ENTRY_BAD_FILE,
		    "The key file is damaged. It was left as it is; put a "
		    "copy of it in its place.");
		break;
	}
}

/* Two clients with one identity would put each other out for ever. */
static int
take_lock(struct engine *e)
{
	char text[MSG_TEXT_MAX];
	pid_t holder = 0;
	enum sotto_err r;

	if (e->lock_fd >= 0)
		return 1;
	r = keystore_lock(e->dir, &e->lock_fd, &holder);
	if (r == SOTTO_OK)
		return 1;
	if (r == SOTTO_EAGAIN)
		(void)snprintf(text, sizeof(text),
		    "This profile is in use by another sotto (process %ld). "
		    "Go on there, or take another one: sotto --profile NAME.",
		    (long)holder);
	else
		(void)snprintf(text, sizeof(text),
		    "The folder of your keys cannot be written: %s.",
		    strerror(errno));
	failed(e, ENTRY_REFUSED, text);
	return 0;
}

/* A certificate that was renewed since the key file was written. */
static void
take_renewed(struct engine *e)
{
	uint8_t der[CERT_DER_MAX];
	size_t n = 0;

	if (contacts_get_value(e->contacts, "certificate", der, sizeof(der),
		&n) != SOTTO_OK ||
	    n == 0)
		return;
	memcpy(e->id->cert, der, n);
	e->id->cert_len = n;
}

static void
done_load(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		load_failed(e, en->result, en->saved_errno);
		return;
	}
	e->id = en->id;
	en->id = NULL;
	if (!open_contacts(e))
		return;
	take_renewed(e);
	if (e->id->cert_len == 0 || e->id->has_token) {
		/* An enrolment that was cut short: its end. */
		en->kind = ENTRY_ENROL;
		en->fresh = e->id->cert_len == 0;
		progress(e, STEP_ENROLLING);
		link_start(e, 1);
		return;
	}
	end(e);
	tell_entered(e);
	link_start(e, 0);
}

void
entry_unlock(struct engine *e, struct msg *m)
{
	struct entry *en;

	if (e->id != NULL || m->pass == NULL)
		return;
	if ((en = begin(e, ENTRY_UNLOCK, m)) == NULL || !take_lock(e))
		return;
	progress(e, STEP_OPENING);
	start_job(en, run_load, done_load);
}

/* ---- enrolment ---- */

static void
run_make(void *job)
{
	struct entry *en = job;
	struct rsa_key *k = NULL;

	en->result = rsa_generate(&k, RSA_BITS, NULL, NULL);
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
	failed(e, ENTRY_REFUSED, text);
}

static void
done_save(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		save_failed(e, en);
		return;
	}
	e->id = en->id;
	en->id = NULL;
	if (!open_contacts(e))
		return;
	progress(e, STEP_ENROLLING);
	link_start(e, 1);
}

static void
done_make(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;

	if (!job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		failed(e, ENTRY_REFUSED, "Your key could not be made.");
		return;
	}
	progress(e, STEP_SEALING);
	start_job(en, run_save, done_save);
}

/*
 * The last try was cut off, perhaps behind the relay's yes: the same key asks
 * again, or it is given up for another name.  1: it asks again.
 */
static int
try_again(struct engine *e, const struct msg *m)
{
	if (e->id == NULL)
		return 0;
	if (name_eq(&e->id->name, &m->name) && e->contacts != NULL) {
		progress(e, STEP_ENROLLING);
		link_start(e, 1);
		return 1;
	}
	contacts_close(e->contacts);
	e->contacts = NULL;
	ident_free(e->id);
	e->id = NULL;
	return 0;
}

void
entry_enrol(struct engine *e, struct msg *m)
{
	struct ident *id;
	struct entry *en;

	if ((e->id != NULL && e->id->cert_len > 0) || m->pass == NULL ||
	    !m->invite.has_key || !m->invite.has_token)
		return;
	if ((en = begin(e, ENTRY_ENROL, m)) == NULL || !take_lock(e))
		return;
	en->fresh = 1;
	if (try_again(e, m))
		return;
	if ((id = en->id = ident_new()) == NULL) {
		failed(e, ENTRY_REFUSED, "Memory ran out.");
		return;
	}
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
	progress(e, STEP_MAKING_KEY);
	start_job(en, run_make, done_make);
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

	if (!job_over(en))
		return;
	if (en->result != SOTTO_OK)
		engine_note(e,
		    "You are enrolled, but the key file could not be written "
		    "again (%s). Your certificate is kept beside it.",
		    en->result == SOTTO_EIO ? strerror(en->saved_errno)
					    : sotto_strerror(en->result));
	end(e);
	tell_entered(e);
}

void
entry_got_cert(struct engine *e, struct span der)
{
	struct entry *en = e->entry;

	if (en == NULL || en->kind != ENTRY_ENROL) {
		/* A renewal: goes to the store, the key file is locked. */
		if (der.n > 0 && cert_is_ours(e, der)) {
			take_cert(e, der);
			(void)contacts_put_value(e->contacts, "certificate",
			    der);
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
	(void)contacts_put_value(e->contacts, "certificate", der);
	if ((en->id = ident_new()) == NULL || en->pass == NULL) {
		end(e);
		tell_entered(e);
		return;
	}
	(void)snprintf(e->id->relay, sizeof(e->id->relay), "%s",
	    e->link.info.relay);
	e->id->has_token = 0;
	memset(e->id->token_id, 0, sizeof(e->id->token_id));
	WIPE(e->id->token);
	*en->id = *e->id;
	progress(e, STEP_SEALING);
	start_job(en, run_save, done_resave);
}

/* ---- a new authority, brought by the user's own hand ---- */

static void
done_repin(void *job)
{
	struct entry *en = job;
	struct engine *e = en->e;
	int enrol;

	if (!job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		load_failed(e, en->result, en->saved_errno);
		return;
	}
	*e->id = *en->id;
	enrol = e->id->has_token;
	ident_free(en->id);
	en->id = NULL;
	if (!enrol)
		end(e);
	else
		progress(e, STEP_ENROLLING);
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
	if ((en = begin(e, ENTRY_ENROL, m)) == NULL)
		return;
	if ((id = en->id = ident_new()) == NULL) {
		failed(e, ENTRY_REFUSED, "Memory ran out.");
		return;
	}
	*id = *e->id;
	id->authority = m->invite.key;
	id->pin_how = PIN_LINE;
	id->pinned_at = engine_now();
	id->has_token = m->invite.has_token;
	memcpy(id->token_id, m->invite.token_id, sizeof(id->token_id));
	id->token = m->invite.token;
	progress(e, STEP_OPENING);
	start_job(en, run_repin, done_repin);
}
