/* What a typed line does; see plain.h. */
#include <string.h>

#include "sotto/plain_priv.h"

static const struct ui_key no_key = { .code = K_NONE };

/* To whom one writes, or a command. */
static void
in_chat(struct app *a, const char *text)
{
	struct edit *e = app_target(a);

	if (text[0] == '\0')
		return;
	edit_set(e, text);
	if (strcmp(edit_text(e), text) != 0)
		app_tip(a, "that was longer than a message may be; cut");
	act_send(a);
}

static void
in_verify(struct app *a, const char *text)
{
	if (strcmp(text, ".") == 0) {
		act_back(a);
	} else if (strcmp(text, "eye") == 0) {
		verify_by_eye(a);
	} else if (strcmp(text, "forms") == 0) {
		verify_show(a);
	} else {
		edit_set(a->field[0], text);
		verify_changed(a);
		verify_enter(a);
	}
}

/* Getting in: a field, or one of the numbered answers. */
static void
in_entry(struct app *a, const char *text)
{
	const int asks = a->where == AT_PROMPT || a->where == AT_CHANGED;

	if (strcmp(text, ".") == 0) {
		(void)wizard_key(a, &no_key, ACT_BACK);
	} else if (asks && strcmp(text, "1") == 0) {
		(void)wizard_key(a, &no_key, ACT_BY_EYE);
	} else if (asks && strcmp(text, "2") == 0) {
		(void)wizard_key(a, &no_key, ACT_SHOW_AS);
	} else if (asks && strcmp(text, "3") == 0) {
		(void)wizard_key(a, &no_key, ACT_UNCHECKED);
	} else {
		edit_set(a->field[a->active], text);
		wizard_changed(a);
		(void)wizard_key(a, &no_key, ACT_ENTER);
	}
}

void
plain_line(struct app *a, const char *text)
{
	switch ((int)a->where) {
	case AT_VERIFY:
		in_verify(a, text);
		break;
	case AT_QUIT:
		if (strcmp(text, "y") == 0)
			app_quit(a);
		else
			act_back(a);
		break;
	case AT_ADDRESS:
	case AT_PROMPT:
	case AT_NAME:
	case AT_UNLOCK:
	case AT_CHANGED:
		in_entry(a, text);
		break;
	default:
		in_chat(a, text);
		break;
	}
}
