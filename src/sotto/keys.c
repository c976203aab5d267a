/* What a key does, where the user is; see app.h. */
#include <string.h>

#include "sotto/app.h"
#include "ui/render.h"
#include "ui/term_curses.h"

static struct edit *
target(struct app *a)
{
	switch (a->where) {
	case AT_CHAT:
	case AT_NORMAL:
		return a->m.current != NULL ? a->m.current->draft : a->filter;
	case AT_HELP:
	case AT_PEOPLE:
	case AT_FIND:
	case AT_PALETTE:
	case AT_WRITTEN:
		return a->filter;
	case AT_VERIFY:
		return a->show == SHOW_DIGITS ? a->field[0] : NULL;
	case AT_ADDRESS:
	case AT_PROMPT:
	case AT_NAME:
	case AT_UNLOCK:
	case AT_CHANGED:
		return a->field[a->active];
	case AT_REQUESTS:
	case AT_INSPECT:
	case AT_QUIT:
	case AT_BUSY:
	case AT_SELECT:
	case AT_MENU:
	case AT_SETTINGS:
	case AT_SERVER:
		return NULL;
	}
	return NULL;
}

struct edit *
app_target(struct app *a)
{
	struct edit *e = target(a);

	if (e != NULL)
		edit_share(e, &a->ring);
	return e;
}

void
app_target_changed(struct app *a)
{
	const unsigned filtered = AT_HELP | AT_PEOPLE | AT_PALETTE | AT_WRITTEN;

	if (a->where == AT_VERIFY) {
		verify_changed(a);
	} else if (a->where == AT_FIND) {
		app_find_words(a);
	} else if (((unsigned)a->where & filtered) != 0) {
		a->selected = 0;
	} else if (((unsigned)a->where & (AT_CHAT | AT_NORMAL)) == 0) {
		wizard_changed(a);
	} else {
		a->no_offers = a->offer_paths = 0;
		a->offered = 0;
		if (a->m.current != NULL)
			app_typed(a);
	}
}

/* A key that comes right after a list was opened was meant for the text. */
static int
swallowed(struct app *a, const struct ui_key *k)
{
	struct mchat *c = a->m.current;

	if ((a->where != AT_REQUESTS && a->where != AT_QUIT) ||
	    k->code != K_CHAR || k->mods != 0 ||
	    app_now_ms() - a->opened_ms >= APP_SWALLOW_MS)
		return 0;
	if (c != NULL)
		(void)edit_key(c->draft, k);
	return 1;
}

/* On a slow line, Esc and the key behind it come as one Alt key. */
static int
esc_first(struct app *a, const struct ui_key *k)
{
	const struct ui_key esc = { .code = K_ESC };
	struct ui_key then = *k;
	int number;

	if ((k->mods & MOD_ALT) == 0 ||
	    (k->code == K_CHAR && (k->mods & MOD_CTRL) == 0) ||
	    keymap_find(a->conf->keys, a->where, k, &number) != ACT_NONE)
		return 0;
	then.mods &= ~(unsigned)MOD_ALT;
	if (keymap_find(a->conf->keys, a->where, &then, &number) == ACT_NONE)
		return 0;
	app_on_key(a, &esc, NULL, 0);
	app_on_key(a, &then, NULL, 0);
	return 1;
}

/* Escape, and soon a digit: the function key of that number. */
static int
function_key(struct app *a, const struct ui_key *k, struct ui_key *out)
{
	const uint64_t at = a->esc_ms, now = app_now_ms();
	const char d = k->utf8[0];

	a->esc_ms = k->code == K_ESC && k->mods == 0 ? now : 0;
	if (a->conf->key_profile == KEYS_VI) /* there, digits are motions */
		return 0;
	if (at == 0 || now - at > APP_TWICE_MS || k->code != K_CHAR ||
	    k->mods != 0 || d < '0' || d > '9' || k->utf8[1] != '\0')
		return 0;
	*out = (struct ui_key){ .code = (enum key_code)(
				    d == '0' ? K_F10 : K_F1 + (d - '1')) };
	return 1;
}

/* Behind Ctrl-X. */
static void
prefixed(struct app *a, const struct ui_key *k)
{
	a->prefix = 0;
	a->tip[0] = '\0';
	if (k->code != K_CHAR)
		return;
	if (strcmp(k->utf8, "e") == 0)
		written_edit(a);
	else if (strcmp(k->utf8, "z") == 0 && (k->mods & MOD_CTRL) != 0)
		term_suspend();
	else
		app_tip(a, "Ctrl-X and that key do nothing");
}

static void
pasted(struct app *a, struct edit *e, const char *paste, size_t n)
{
	if (a->where == AT_SELECT || a->where == AT_NORMAL) {
		app_go(a, AT_CHAT); /* a paste is text, wherever it comes */
		e = app_target(a);
	}
	if (e == NULL)
		return;
	if (edit_paste(e, paste, n))
		app_target_changed(a);
	else
		app_tell(a, LINE_WARN,
		    "The paste is longer than %d bytes and was left out.",
		    MODEL_BYTES_MAX);
}

static void
in_normal(struct app *a, struct edit *e, const struct ui_key *k)
{
	switch (edit_vi_key(e, k)) {
	case VI_INSERT:
		app_go(a, AT_CHAT);
		break;
	case VI_FIND:
		app_find(a);
		break;
	case VI_COMMAND:
		app_go(a, AT_CHAT);
		if (edit_len(e) == 0)
			(void)edit_insert(e, "/", 1);
		else
			app_go(a, AT_PALETTE);
		break;
	case VI_DONE:
	case VI_NONE:
		break;
	}
}

/* A key that does nothing by itself: text, or motion in it. */
static void
typed(struct app *a, struct edit *e, const struct ui_key *k)
{
	if (a->where == AT_SELECT && k->code == K_CHAR && k->mods == 0) {
		pick_end(a); /* any letter goes on with the text */
		e = app_target(a);
	}
	if (e == NULL)
		return;
	/* Typing opens a folded paste, so that it can be edited. */
	if (edit_folded(e).lines > 0)
		(void)edit_unfold(e);
	if (a->where == AT_NORMAL)
		in_normal(a, e, k);
	else if (edit_key(e, k))
		app_target_changed(a);
}

void
app_on_key(struct app *a, const struct ui_key *k, const char *paste,
    size_t paste_n)
{
	struct edit *e = app_target(a);
	struct ui_key f;
	enum ui_action act;
	int number;

	if (!a->prefix)
		a->tip[0] = '\0';
	if (k->code == K_PASTE) {
		pasted(a, e, paste, paste_n);
		return;
	}
	if (a->prefix) {
		prefixed(a, k);
		return;
	}
	if (function_key(a, k, &f))
		k = &f;
	if (swallowed(a, k) || esc_first(a, k))
		return;
	act = keymap_find(a->conf->keys, a->where, k, &number);
	if (act == ACT_CLEAR) {
		act_clear(a, e);
		if (e != NULL)
			app_target_changed(a);
		return;
	}
	if (act != ACT_NONE && wizard_key(a, k, act))
		return;
	if (act != ACT_NONE)
		app_run_action(a, act, number);
	else
		typed(a, e, k);
}
