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

#include "sotto/entry_priv.h"
#include "sotto/keystore.h"

static void
free_entry(struct entry *en)
{
	secret_free(en->pass);
	ident_free(en->id);
	free(en);
}

struct entry *
entry_begin(struct engine *e, enum entry_kind kind, struct msg *m)
{
	struct entry *en;

	entry_stop(e);
	if ((en = calloc(1, sizeof(*en))) == NULL)
		return NULL;
	en->e = e;
	en->loop = e->loop;
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

void
entry_end(struct engine *e)
{
	struct entry *en = e->entry;

	e->entry = NULL;
	if (en == NULL)
		return;
	en->e = NULL;
	if (!en->job)
		free_entry(en);
}

/* Not while the key file of somebody who is in already is written again. */
int
entry_waits(const struct engine *e)
{
	return e->entry != NULL &&
	    (e->entry->kind == ENTRY_PROBE || e->id == NULL ||
		e->id->cert_len == 0 || e->id->has_token);
}

int
entry_is_active(const struct engine *e)
{
	return e->entry != NULL;
}

void
entry_progress(struct engine *e, enum entry_step step)
{
	struct msg *m = msg_new(EV_PROGRESS);

	if (m != NULL) {
		m->step = step;
		engine_tell(e, m);
	}
}

void
entry_failed(struct engine *e, enum entry_fault f, const char *text)
{
	struct msg *m = msg_new(EV_ENTRY_FAILED);

	entry_end(e);
	if (m == NULL)
		return;
	m->entry_fault = f;
	(void)msg_set_text(m, "%s", text);
	engine_tell(e, m);
}

/* Run on the pool; done comes on the loop, also when it was given up. */
void
entry_job(struct entry *en, loop_fn *run, loop_fn *done)
{
	struct engine *e = en->e;

	if (loop_work(e->loop, run, done, en) == SOTTO_OK)
		en->job = 1;
	else
		entry_failed(e, ENTRY_REFUSED, "Memory ran out.");
}

/* 1 if the entry is still wanted; else it is freed here. */
int
entry_job_over(struct entry *en)
{
	en->job = 0;
	if (en->e != NULL)
		return 1;
	free_entry(en);
	return 0;
}

void
entry_forget(struct engine *e)
{
	if (e->vault != NULL)
		chats_forget_all(e);
	vault_close(e->vault);
	e->vault = NULL;
	ident_free(e->id);
	e->id = NULL;
}

void
entry_stop(struct engine *e)
{
	struct entry *en = e->entry;

	if (en == NULL)
		return;
	/* Nothing that was stored is lost: a key file that was written stays,
	 * and its enrolment goes on with the next try or start. */
	link_stop(e);
	entry_end(e);
}

/* ---- probe ---- */

void
entry_probe(struct engine *e, const struct msg *m)
{
	/* One link: who has got in does not lose it by looking elsewhere. */
	if ((e->id != NULL && e->id->cert_len > 0) ||
	    entry_begin(e, ENTRY_PROBE, NULL) == NULL)
		return;
	entry_progress(e, STEP_CONNECTING);
	link_probe(e, m->invite.host, m->invite.port);
}

void
entry_probed(struct engine *e, const struct hs_server_info *info)
{
	struct msg *m = msg_new(EV_SERVER_KEY);

	entry_end(e);
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
		entry_failed(e, f, text);
		return;
	}
	if (en->kind == ENTRY_ENROL && en->fresh && f == ENTRY_REFUSED &&
	    e->id->cert_len == 0) {
		/* The relay itself, proven, will not have us: nothing of value
		 * is in the key file, and the next try makes a new one. */
		keystore_remove(e->dir);
		entry_forget(e);
	}
	entry_failed(e, f, text);
}

/* ---- entered ---- */

void
entry_tell(struct engine *e)
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
	chats_load(e);
}

int
entry_open_contacts(struct engine *e)
{
	char err[DB_ERR_MAX], text[MSG_TEXT_MAX];

	if (vault_open(&e->vault, e->dir, &e->id->master, &e->g, err) ==
	    SOTTO_OK)
		return 1;
	ident_free(e->id);
	e->id = NULL;
	(void)snprintf(text, sizeof(text),
	    "The store of contacts, sotto.db in the profile's folder, cannot "
	    "be opened: %s. It was left as it is.",
	    err);
	entry_failed(e, ENTRY_BAD_FILE, text);
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

void
entry_load_failed(struct engine *e, enum sotto_err r, int err)
{
	char text[MSG_TEXT_MAX];

	switch (r) {
	case SOTTO_EAUTH:
		entry_failed(e, ENTRY_WRONG_PASS,
		    "That is not the passphrase.");
		break;
	case SOTTO_ENOMEM:
		entry_failed(e, ENTRY_REFUSED,
		    "There is not enough memory to open the key file.");
		break;
	case SOTTO_EIO:
		(void)snprintf(text, sizeof(text),
		    "The key file cannot be read: %s.", strerror(err));
		entry_failed(e, ENTRY_BAD_FILE, text);
		break;
	case SOTTO_OK:
	case SOTTO_EAGAIN:
	case SOTTO_EFORMAT:
	case SOTTO_ETOOBIG:
	case SOTTO_ENOSPACE:
	case SOTTO_ESTATE:
		entry_failed(e, ENTRY_BAD_FILE,
		    "The key file is damaged. It was left as it is; put a "
		    "copy of it in its place.");
		break;
	}
}

/* Two clients with one identity would put each other out for ever. */
int
entry_lock(struct engine *e)
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
	entry_failed(e, ENTRY_REFUSED, text);
	return 0;
}

/* A certificate that was renewed since the key file was written. */
static void
take_renewed(struct engine *e)
{
	uint8_t der[CERT_DER_MAX];
	size_t n = 0;

	if (vault_get_value(e->vault, "certificate", der, sizeof(der), &n) !=
		SOTTO_OK ||
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

	if (!entry_job_over(en))
		return;
	if (en->result != SOTTO_OK) {
		entry_load_failed(e, en->result, en->saved_errno);
		return;
	}
	e->id = en->id;
	en->id = NULL;
	if (!entry_open_contacts(e))
		return;
	take_renewed(e);
	if (e->id->cert_len == 0 || e->id->has_token) {
		/* An enrolment that was cut short: its end. */
		en->kind = ENTRY_ENROL;
		en->fresh = e->id->cert_len == 0;
		entry_progress(e, STEP_ENROLLING);
		link_start(e, 1);
		return;
	}
	entry_end(e);
	entry_tell(e);
	if (!e->conf.offline)
		link_start(e, 0);
}

void
entry_unlock(struct engine *e, struct msg *m)
{
	struct entry *en;

	if ((e->id != NULL && e->id->cert_len > 0) || m->pass == NULL)
		return;
	if ((en = entry_begin(e, ENTRY_UNLOCK, m)) == NULL || !entry_lock(e))
		return;
	entry_forget(e); /* an enrolment that failed: it goes on from there */
	entry_progress(e, STEP_OPENING);
	entry_job(en, run_load, done_load);
}
