/* Settings: shown and changed at once, and merged into the file; see app.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_edit.h"

#include "sotto/app.h"
#include "ui/term_curses.h"

static const char *const yes_no[] = { "yes", "no", NULL };
static const char *const themes[] = { "default", "mono", "calm", "contrast",
	NULL };
static const char *const profiles[] = { "default", "emacs", "vi", "irssi",
	"weechat", NULL };
static const char *const times[] = { "0", "5m", "15m", "1h", "8h", NULL };

/* For times and names: how a value is called. */
static const struct setting settings[] = {
	{ "look", "theme", "Theme", "colours and shapes; [theme] has your own",
	    themes },
	{ "look", "colours", "Colours", "no: bold, reverse, underline only",
	    yes_no },
	{ "look", "ascii", "ASCII only", "lines and marks without Unicode",
	    yes_no },
	{ "look", "mouse", "Mouse", "clicks and the wheel; Shift selects text",
	    yes_no },
	{ "look", "list", "List", "of chats, beside the chat; no: Alt-L",
	    yes_no },
	{ "look", "align", "Columns",
	    "in a chat; no: who says it stands above it", yes_no },
	{ "look", "first-steps", "First steps",
	    "what is left of them, in the list", yes_no },
	{ "keys", "profile", "Keys", "as in emacs, vi, irssi or weechat",
	    profiles },
	{ "attention", "notices", "Notices", "of the desktop, with a name only",
	    yes_no },
	{ "attention", "bell", "Bell", "when somebody writes or asks", yes_no },
	{ "chat", "read-receipts", "Say what I read",
	    "people are told what you have seen", yes_no },
	{ "chat", "typing", "Say when I type", "the relay sees that, too",
	    yes_no },
	{ "chat", "lock-after", "Lock after", "without a key pressed; 0: never",
	    times },
};

const struct setting *
settings_at(size_t i)
{
	return i < sizeof(settings) / sizeof(settings[0]) ? &settings[i] : NULL;
}

const char *
settings_value(const struct app *a, const struct setting *s, char out[32])
{
	const struct sotto_conf *c = a->conf;
	const struct {
		const char *key;
		int on;
	} flags[] = { { "colours", c->colours }, { "ascii", c->ascii },
		{ "mouse", c->mouse }, { "first-steps", c->first_steps },
		{ "list", c->list }, { "align", c->align },
		{ "notices", c->notices }, { "bell", c->bell },
		{ "read-receipts", c->read_receipts },
		{ "typing", c->typing } };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flags[i].key, s->key) == 0)
			return flags[i].on ? "yes" : "no";
	if (strcmp(s->key, "theme") == 0)
		return c->theme_name;
	if (strcmp(s->key, "profile") == 0)
		return keymap_profile_name(c->key_profile);
	(void)snprintf(out, 32, "%u%s",
	    c->lock_after % 3600 == 0     ? c->lock_after / 3600
		: c->lock_after % 60 == 0 ? c->lock_after / 60
					  : c->lock_after,
	    c->lock_after == 0              ? ""
		: c->lock_after % 3600 == 0 ? "h"
		: c->lock_after % 60 == 0   ? "m"
					    : "s");
	return out;
}

static const char *
next_value(const struct app *a, const struct setting *s)
{
	char buf[32];
	const char *now = settings_value(a, s, buf);

	for (size_t i = 0; s->values[i] != NULL; i++)
		if (strcmp(s->values[i], now) == 0)
			return s->values[i + 1] != NULL ? s->values[i + 1]
							: s->values[0];
	return s->values[0];
}

/* Into what runs, then into the file; each says what is wrong with it. */
static void
set(struct app *a, const struct setting *s, const char *value)
{
	const enum keymap_profile was = a->conf->key_profile;
	char path[FILE_PATH_MAX], err[CONF_ERR_MAX];
	const char *why;

	if ((why = sotto_conf_set(a->conf, s->section, s->key, value)) !=
		NULL ||
	    (why = sotto_conf_keys(a->conf, err)) != NULL) {
		a->conf->key_profile = was;
		app_error(a, "'%s' %s", s->key, why);
		return;
	}
	app_looks(a);
	a->error[0] = '\0';
	if (a->conf->path[0] != '\0')
		(void)snprintf(path, sizeof(path), "%s", a->conf->path);
	else if (sotto_conf_path(path) != SOTTO_OK)
		return;
	if (conf_edit_file(path, s->section, s->key, value) != SOTTO_OK)
		app_error(a,
		    "It counts until you leave, but was not written: %.200s: "
		    "%s",
		    path, strerror(errno));
}

void
settings_change(struct app *a, size_t i)
{
	const struct setting *s = settings_at(i);

	if (s != NULL)
		set(a, s, next_value(a, s));
}

void
settings_set(struct app *a, const char *words)
{
	const size_t n = strcspn(words, " ");
	const char *value = words + n + strspn(words + n, " ");
	const struct setting *s;

	for (size_t i = 0; (s = settings_at(i)) != NULL; i++) {
		if (strlen(s->key) != n || strncmp(s->key, words, n) != 0)
			continue;
		set(a, s, value);
		if (a->error[0] != '\0')
			app_tell(a, LINE_WARN, "%s", a->error);
		else
			app_tell(a, LINE_NOTE, "%s is %s now.", s->name, value);
		a->error[0] = '\0';
		return;
	}
	app_tell(a, LINE_WARN,
	    "There is no setting of that name; /set shows all of them.");
}
