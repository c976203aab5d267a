/*
 * Getting in, step by step: address, is this your server, name and
 * passphrase; or the passphrase alone.  And the stop when the server is not
 * the one that was known.  See app.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "sotto/app.h"
#include "sotto/keystore.h"

static void
clear_fields(struct app *a)
{
	for (size_t i = 0; i < APP_FIELDS; i++)
		edit_set(a->field[i], "");
	a->active = 0;
}

void
wizard_wipe(struct app *a)
{
	clear_fields(a);
	WIPE(a->invite);
	a->has_invite = a->has_line_key = 0;
	a->probing = 0;
	memset(&a->match, 0, sizeof(a->match));
}

/* ---- step 1: the address ---- */

static void
probe(struct app *a)
{
	struct msg *m = msg_new(CMD_PROBE);

	if (m == NULL)
		return;
	m->invite = a->invite;
	a->probing = 1;
	app_go(a, AT_BUSY);
	a->step = STEP_CONNECTING;
	a->step_ms = app_now_ms();
	app_post(a, m);
}

static void
take_address(struct app *a)
{
	struct invite in; /* secret */
	const char *why = "";

	if (edit_len(a->field[0]) == 0) {
		app_error(a, "Type or paste the address of a relay.");
	} else if (invite_parse(&in, span_str(edit_text(a->field[0])), &why) !=
	    SOTTO_OK) {
		app_error(a, "That is no address: %s.", why);
	} else {
		a->invite = in;
		a->has_invite = in.has_token;
		a->has_line_key = in.has_key;
		a->line_key = in.key;
		probe(a);
	}
	WIPE(in);
}

void
wizard_start(struct app *a, const char *line)
{
	if (engine_has_keyfile(a->conf->dir)) {
		app_go(a, AT_UNLOCK);
		a->active = FIELD_PASS;
		return;
	}
	app_go(a, AT_ADDRESS);
	if (line != NULL) {
		edit_set(a->field[0], line);
		take_address(a);
	}
}

/* ---- step 2: is this your server? ---- */

/* The key that came with the address: right, wrong, or there was none. */
static int
line_differs(const struct app *a)
{
	return a->has_line_key &&
	    !secret_eq(a->line_key.b, a->server_key.b, HASH_LEN);
}

static void
line_verdict(struct app *a)
{
	memset(&a->match, 0, sizeof(a->match));
	if (!a->has_line_key)
		return;
	a->match.form = SAFETY_BASE32;
	a->match.total = SAFETY_B32_LEN;
	a->match.state = line_differs(a) ? SAFETY_DIFFERS : SAFETY_MATCHED;
}

void
wizard_server_key(struct app *a, const struct msg *m)
{
	a->server_key = m->key;
	(void)snprintf(a->m.relay, sizeof(a->m.relay), "%s", m->relay);
	a->probing = 0;
	edit_set(a->field[0], "");
	memset(&a->match, 0, sizeof(a->match));
	a->show = SHOW_WORDS;
	app_go(a, AT_PROMPT);
	line_verdict(a);
}

/* A pasted line may carry the invite as well. */
static void
take_token(struct app *a, const char *text)
{
	struct invite in; /* secret */
	const char *why;

	if (invite_parse(&in, span_str(text), &why) == SOTTO_OK && in.has_key &&
	    in.has_token && secret_eq(in.key.b, a->server_key.b, HASH_LEN)) {
		a->invite.has_token = a->has_invite = 1;
		a->invite.token = in.token;
		memcpy(a->invite.token_id, in.token_id, sizeof(in.token_id));
	}
	WIPE(in);
}

void
wizard_changed(struct app *a)
{
	const char *text = edit_text(a->field[0]);

	a->error[0] = '\0';
	if (a->where != AT_PROMPT && a->where != AT_CHANGED)
		return;
	if (a->where == AT_PROMPT && a->has_line_key && text[0] == '\0') {
		line_verdict(a);
		return;
	}
	if (a->where == AT_CHANGED && a->want_pass)
		return;
	safety_match_key(&a->match, span_str(text), &a->server_key);
	if (a->match.state == SAFETY_MATCHED)
		take_token(a, text);
}

static void
pinned(struct app *a, enum ident_pin how)
{
	a->pin_how = how;
	clear_fields(a);
	app_go(a, AT_NAME);
}

/* Whatever is typed afterwards: a line that is for another server ends it. */
static int
stopped_by_line(struct app *a)
{
	if (!line_differs(a))
		return 0;
	app_error(a,
	    "This is not the server that your line is for; nothing was sent, "
	    "and no key here goes on. Ask your admin. Esc goes back.");
	return 1;
}

static void
prompt_enter(struct app *a)
{
	if (stopped_by_line(a))
		return;
	if (a->match.state != SAFETY_MATCHED) {
		app_error(a,
		    a->match.state == SAFETY_DIFFERS
			? "It differs: this is not the server that your line "
			  "is for. Nothing was sent. Ask your admin."
			: "Enter does nothing here until what you pasted "
			  "matches.");
		return;
	}
	switch (a->match.form) {
	case SAFETY_BASE32:
		pinned(a, PIN_LINE);
		break;
	case SAFETY_BY_WORDS:
		pinned(a, PIN_WORDS);
		break;
	case SAFETY_BY_DIGITS:
		pinned(a, PIN_DIGITS);
		break;
	case SAFETY_NONE:
		break;
	}
}

/* By eye, or not at all: never when something has been found to differ. */
static void
prompt_without(struct app *a, enum ident_pin how)
{
	if (stopped_by_line(a))
		return;
	if (a->match.state == SAFETY_DIFFERS && a->match.form != SAFETY_NONE)
		app_error(a,
		    "What you pasted differs; there is no key here "
		    "that goes on. Clear the field if it was the "
		    "wrong one.");
	else
		pinned(a, how);
}

/* ---- step 3: name and passphrase ---- */

static const char *
name_fault(struct app *a, struct name *n)
{
	if (name_parse(n, span_str(edit_text(a->field[FIELD_NAME]))) !=
	    SOTTO_OK) {
		a->active = FIELD_NAME;
		return "A name is 1 to 16 of a-z, 0-9, '.', '_', '-', "
		       "beginning with a letter.";
	}
	if (edit_count(a->field[FIELD_PASS]) < KEYSTORE_PASS_MIN) {
		a->active = FIELD_PASS;
		return "A passphrase has at least 8 characters; some words "
		       "are better than one.";
	}
	if (strcmp(edit_text(a->field[FIELD_PASS]),
		edit_text(a->field[FIELD_AGAIN])) != 0) {
		edit_set(a->field[FIELD_AGAIN], "");
		a->active = FIELD_AGAIN;
		return "The two passphrases differ; type the second one "
		       "again.";
	}
	return NULL;
}

static const char *
invite_fault(struct app *a)
{
	struct invite in; /* secret */
	const char *why, *fault = NULL;

	if (a->has_invite)
		return NULL;
	if (invite_parse(&in, span_str(edit_text(a->field[FIELD_INVITE])),
		&why) != SOTTO_OK ||
	    !in.has_key || !in.has_token)
		fault = "Paste the whole invite line that your admin gave "
			"you; 'sottod invite' makes one.";
	else if (!secret_eq(in.key.b, a->server_key.b, HASH_LEN))
		fault = "That invite is for another server.";
	if (fault != NULL)
		a->active = FIELD_INVITE;
	else
		take_token(a, edit_text(a->field[FIELD_INVITE]));
	WIPE(in);
	return fault;
}

static void
enrol(struct app *a)
{
	const char *fault;
	struct msg *m;
	struct name n;

	if ((fault = name_fault(a, &n)) != NULL ||
	    (fault = invite_fault(a)) != NULL) {
		app_error(a, "%s", fault);
		return;
	}
	if ((m = msg_new(CMD_ENROL)) == NULL ||
	    !wizard_give_pass(m, a->field[FIELD_PASS])) {
		msg_free(m);
		app_error(a, "Memory ran out.");
		return;
	}
	m->invite = a->invite;
	m->invite.has_key = 1;
	m->invite.key = a->server_key;
	m->pin_how = a->pin_how;
	m->name = n;
	(void)snprintf(m->relay, sizeof(m->relay), "%s", a->m.relay);
	app_go(a, AT_BUSY);
	a->step = STEP_MAKING_KEY;
	a->step_ms = app_now_ms();
	app_post(a, m);
}

static void
name_enter(struct app *a)
{
	const size_t last = a->has_invite ? FIELD_AGAIN : FIELD_INVITE;

	if (a->active < last && edit_len(a->field[a->active]) > 0)
		a->active++;
	else
		enrol(a);
}

static void
next_field(struct app *a, int by)
{
	const size_t n = a->has_invite ? 3 : 4;

	a->active = (a->active + n + (size_t)(by + (int)n)) % n;
}

/* ---- what went wrong ---- */

void
wizard_failed(struct app *a, const struct msg *m)
{
	const char *text = m->text != NULL ? m->text : "It did not work.";
	const enum ui_where where = a->where;

	a->probing = 0;
	if (where == AT_CHANGED) {
		edit_set(a->field[FIELD_PASS], "");
	} else if (m->entry_fault == ENTRY_WRONG_PASS) {
		edit_set(a->field[FIELD_PASS], "");
		app_go(a, AT_UNLOCK);
		a->active = FIELD_PASS;
	} else if (where == AT_BUSY && a->server_key.b[0] == 0 &&
	    a->m.relay[0] == '\0') {
		app_go(a, AT_ADDRESS);
		a->active = 0;
	} else if (where == AT_BUSY) {
		app_go(a, AT_NAME);
	} else if (where == AT_UNLOCK &&
	    (m->entry_fault == ENTRY_INVITE ||
		!engine_has_keyfile(a->conf->dir))) {
		wizard_wipe(a);
		app_go(a, AT_ADDRESS);
	}
	app_error(a, "%s", text);
}

/* ---- keys ---- */

static void
stop_entry(struct app *a)
{
	app_post(a, msg_new(CMD_STOP_ENTRY));
	a->probing = 0;
}

static void
back(struct app *a)
{
	switch (a->where) {
	case AT_BUSY:
		stop_entry(a);
		app_go(a, a->step == STEP_CONNECTING ? AT_ADDRESS : AT_NAME);
		break;
	case AT_PROMPT:
	case AT_NAME:
		/* Nothing has been sent about the user up to here. */
		wizard_wipe(a);
		app_go(a, AT_ADDRESS);
		break;
	case AT_UNLOCK:
		if (a->probing)
			stop_entry(a);
		else
			edit_set(a->field[FIELD_PASS], "");
		break;
	case AT_CHANGED:
		if (a->want_pass && !a->probing) {
			a->want_pass = 0;
			a->active = 0;
		} else if (a->m.me.s[0] != '\0') {
			app_go(a, AT_CHAT);
		}
		break;
	case AT_ADDRESS:
	case AT_CHAT:
	case AT_REQUESTS:
	case AT_PEOPLE:
	case AT_FIND:
	case AT_HELP:
	case AT_VERIFY:
	case AT_INSPECT:
	case AT_QUIT:
	case AT_SELECT:
	case AT_MENU:
	case AT_PALETTE:
	case AT_WRITTEN:
	case AT_SETTINGS:
	case AT_SERVER:
	case AT_NORMAL:
		break;
	}
}

static void
enter(struct app *a)
{
	if (a->where == AT_ADDRESS)
		take_address(a);
	else if (a->where == AT_PROMPT)
		prompt_enter(a);
	else if (a->where == AT_NAME)
		name_enter(a);
	else if (a->where == AT_UNLOCK)
		wizard_unlock(a);
	else if (a->where == AT_CHANGED)
		wizard_repin(a);
}

int
wizard_key(struct app *a, const struct ui_key *k, enum ui_action act)
{
	const unsigned mine =
	    AT_ADDRESS | AT_PROMPT | AT_NAME | AT_BUSY | AT_UNLOCK | AT_CHANGED;

	(void)k;
	if (((unsigned)a->where & mine) == 0)
		return 0;
	a->dirty = 1;
	if (act == ACT_ENTER)
		enter(a);
	else if (act == ACT_BACK)
		back(a);
	else if (act == ACT_BY_EYE)
		prompt_without(a, PIN_EYE);
	else if (act == ACT_UNCHECKED)
		prompt_without(a, PIN_UNCHECKED);
	else if (act == ACT_SHOW_AS)
		a->show = (enum show_as)((a->show + 1) % SHOW_FORMS);
	else if (act == ACT_NEXT_FIELD && a->where == AT_NAME)
		next_field(a, 1);
	else if (act == ACT_DOWN && a->where == AT_NAME)
		next_field(a, 1);
	else if (act == ACT_UP && a->where == AT_NAME)
		next_field(a, -1);
	else
		return 0;
	return 1;
}
