#include "sotto/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"

enum sotto_err
sotto_conf_path(char out[FILE_PATH_MAX])
{
	return file_xdg(out, FILE_DIR_CONFIG, "sotto/sotto.conf");
}

enum sotto_err
sotto_conf_default(struct sotto_conf *c)
{
	const char *no_color = getenv("NO_COLOR");

	memset(c, 0, sizeof(*c));
	(void)snprintf(c->profile, sizeof(c->profile), "default");
	c->cost = keyfile_default_cost();
	/* https://no-color.org: set and not empty. */
	c->read_receipts = c->mouse = c->notices = c->bell = 1;
	c->first_steps = c->list = c->align = 1;
	(void)snprintf(c->opener, sizeof(c->opener), "xdg-open");
	(void)snprintf(c->theme_name, sizeof(c->theme_name), "%s",
	    theme_name(0));
	(void)theme_get(&c->theme, c->theme_name);
	c->no_color = no_color != NULL && no_color[0] != '\0';
	c->colours = 1;
	return SOTTO_OK;
}

void
sotto_conf_free(struct sotto_conf *c)
{
	keymap_free(c->keys);
	c->keys = NULL;
}

static const char *
set_key(struct sotto_conf *c, const char *key, const char *value)
{
	unsigned long long v;

	if (strcmp(key, "passes") == 0) {
		if (conf_number(value, 2, 10, &v) != SOTTO_OK)
			return "has to be a number from 2 to 10";
		c->cost.passes = (uint32_t)v;
		return NULL;
	}
	if (strcmp(key, "memory") == 0) {
		if (conf_number(value, 64ULL << 20, 1ULL << 30, &v) != SOTTO_OK)
			return "has to be a size from 64M to 1G";
		c->cost.mem = v;
		return NULL;
	}
	return "is not a known key of [key]";
}

static const char *
set_look(struct sotto_conf *c, const char *key, const char *value)
{
	const struct {
		const char *key;
		int *on;
	} flags[] = { { "mouse", &c->mouse }, { "list", &c->list },
		{ "align", &c->align }, { "first-steps", &c->first_steps },
		{ "colours", &c->colours }, { "ascii", &c->ascii } };

	if (strcmp(key, "theme") == 0) {
		if (theme_get(&c->theme, value) != SOTTO_OK)
			return "has to be default, mono, calm or contrast";
		(void)snprintf(c->theme_name, sizeof(c->theme_name), "%s",
		    value);
		return NULL;
	}
	if (strcmp(key, "opener") == 0) {
		if (strlen(value) >= sizeof(c->opener) ||
		    strchr(value, ' ') != NULL)
			return "has to be the name of a program, without "
			       "blanks";
		(void)snprintf(c->opener, sizeof(c->opener), "%s", value);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(key, flags[i].key) != 0)
			continue;
		return conf_bool(value, flags[i].on) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	}
	return "is not a known key of [look]";
}

static const char *
set_lock_after(struct sotto_conf *c, const char *value)
{
	unsigned long long v;

	if (conf_number(value, 0, 86400, &v) != SOTTO_OK)
		return "has to be a time up to 24h, or 0 for never";
	c->lock_after = (unsigned)v;
	return NULL;
}

static const char *
set_attention(struct sotto_conf *c, const char *key, const char *value)
{
	int *flag = strcmp(key, "bell") == 0 ? &c->bell
	    : strcmp(key, "notices") == 0    ? &c->notices
					     : NULL;

	if (flag != NULL)
		return conf_bool(value, flag) == SOTTO_OK ? NULL
							  : "has to be yes or "
							    "no";
	if (strcmp(key, "hook") != 0)
		return "is not a known key of [attention]";
	if (strlen(value) >= sizeof(c->hook))
		return "is too long";
	(void)snprintf(c->hook, sizeof(c->hook), "%s", value);
	return NULL;
}

/* They are bound when all of them are known. */
static const char *
set_keys(struct sotto_conf *c, const char *key, const char *value)
{
	size_t i;

	if (strcmp(key, "profile") == 0) {
		for (i = 0; keymap_profile_name(i) != NULL; i++)
			if (strcmp(keymap_profile_name(i), value) == 0) {
				c->key_profile = (enum keymap_profile)i;
				return NULL;
			}
		return "has to be default, emacs, vi, irssi or weechat";
	}
	if (c->n_keys == CONF_KEYS_MAX)
		return "is one key too many";
	if (strlen(key) >= sizeof(c->key[0].name) ||
	    strlen(value) >= sizeof(c->key[0].keys))
		return "is too long";
	(void)snprintf(c->key[c->n_keys].name, sizeof(c->key[0].name), "%s",
	    key);
	(void)snprintf(c->key[c->n_keys].keys, sizeof(c->key[0].keys), "%s",
	    value);
	c->n_keys++;
	return NULL;
}

const char *
sotto_conf_keys(struct sotto_conf *c, char err[CONF_ERR_MAX])
{
	struct keymap *m = keymap_new(c->key_profile);
	char why[KEYMAP_ERR_MAX];

	for (size_t i = 0; m != NULL && i < c->n_keys; i++) {
		if (keymap_bind(m, c->key[i].name, c->key[i].keys, why))
			continue;
		(void)snprintf(err, CONF_ERR_MAX, "[keys]: '%s' %s",
		    c->key[i].name, why);
		keymap_free(m);
		return err;
	}
	if (m == NULL)
		return "memory ran out";
	keymap_free(c->keys);
	c->keys = m;
	return NULL;
}

const char *
sotto_conf_set(struct sotto_conf *c, const char *section, const char *key,
    const char *value)
{
	if (strcmp(section, "key") == 0)
		return set_key(c, key, value);
	if (strcmp(section, "look") == 0)
		return set_look(c, key, value);
	if (strcmp(section, "keys") == 0)
		return set_keys(c, key, value);
	if (strcmp(section, "attention") == 0)
		return set_attention(c, key, value);
	if (strcmp(section, "theme") == 0)
		return theme_set(&c->theme, key, value);
	if (strcmp(section, "crypto") == 0 && strcmp(key, "legacy-suites") == 0)
		return conf_bool(value, &c->legacy) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	if (strcmp(section, "chat") == 0 && strcmp(key, "read-receipts") == 0)
		return conf_bool(value, &c->read_receipts) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	if (strcmp(section, "chat") == 0 && strcmp(key, "typing") == 0)
		return conf_bool(value, &c->typing) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	if (strcmp(section, "chat") == 0 && strcmp(key, "lock-after") == 0)
		return set_lock_after(c, value);
	if (strcmp(section, "log") == 0 && strcmp(key, "file") == 0) {
		if (strlen(value) >= sizeof(c->log))
			return "is too long";
		(void)snprintf(c->log, sizeof(c->log), "%s", value);
		return NULL;
	}
	return "is not known; see sotto.conf(5)";
}

static const char *
on_line(void *ctx, const char *section, const char *key, const char *value)
{
	return sotto_conf_set(ctx, section, key, value);
}

enum sotto_err
sotto_conf_file(struct sotto_conf *c, const char *path, int must_exist,
    char err[CONF_ERR_MAX])
{
	enum sotto_err e = conf_load(path, on_line, c, err);

	if (e != SOTTO_EIO)
		return e;
	if (errno == ENOENT && !must_exist)
		return SOTTO_OK;
	(void)snprintf(err, CONF_ERR_MAX, "cannot read %.300s: %s", path,
	    strerror(errno));
	return SOTTO_EIO;
}

/* A profile is a folder's name: as plain as the name of a user. */
const char *
sotto_conf_finish(struct sotto_conf *c)
{
	char data[FILE_PATH_MAX];
	struct name n;

	if (name_parse(&n, span_str(c->profile)) != SOTTO_OK)
		return "a profile's name has to be 1 to 16 of a-z, 0-9, '.', "
		       "'_', '-', beginning with a letter";
	if (file_xdg(data, FILE_DIR_DATA, "sotto") != SOTTO_OK ||
	    file_join(c->dir, data, n.s) != SOTTO_OK)
		return "there is no home folder to keep the key file in";
	suite_default(&c->suites, c->legacy);
	if (c->no_color)
		c->colours = 0;
	return sotto_conf_keys(c, c->err);
}
