/* The next start: the passphrase alone; and the new key of a relay that is not
 * the one that was known.  See app.h. */
#include <string.h>

#include "base/secret.h"

#include "sotto/app.h"

/* The text of a masked field, for the engine. */
int
wizard_give_pass(struct msg *m, const struct edit *e)
{
	m->pass = secret_alloc(edit_len(e) + 1);
	if (m->pass == NULL)
		return 0;
	memcpy(m->pass, edit_text(e), edit_len(e) + 1);
	return 1;
}

/* ---- the next start ---- */

void
wizard_unlock(struct app *a)
{
	struct msg *m;

	if (a->probing || edit_len(a->field[FIELD_PASS]) == 0)
		return;
	m = msg_new(CMD_UNLOCK);
	if (m == NULL || !wizard_give_pass(m, a->field[FIELD_PASS])) {
		msg_free(m);
		return;
	}
	a->error[0] = '\0';
	a->probing = 1;
	a->step = STEP_OPENING;
	a->step_ms = app_now_ms();
	app_post(a, m);
}

/* ---- not the server you knew ---- */

static void
repin(struct app *a)
{
	struct msg *m = msg_new(CMD_REPIN);

	if (m == NULL || !wizard_give_pass(m, a->field[FIELD_PASS])) {
		msg_free(m);
		return;
	}
	m->invite.has_key = 1;
	m->invite.key = a->server_key;
	m->invite.has_token = a->has_invite;
	m->invite.token = a->invite.token;
	memcpy(m->invite.token_id, a->invite.token_id,
	    sizeof(m->invite.token_id));
	a->error[0] = '\0';
	a->probing = 1;
	a->step = STEP_OPENING;
	a->step_ms = app_now_ms();
	app_post(a, m);
}

void
wizard_repin(struct app *a)
{
	if (a->probing)
		return;
	if (a->want_pass) {
		if (edit_len(a->field[FIELD_PASS]) > 0)
			repin(a);
	} else if (a->match.state == SAFETY_MATCHED &&
	    a->match.form == SAFETY_BASE32) {
		a->want_pass = 1;
		a->active = FIELD_PASS;
	} else {
		app_error(a,
		    "Enter does nothing here until the new sotto: "
		    "line from your admin matches.");
	}
}
