#include "ui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define BINDINGS 256

struct binding {
	const struct keymap_action *of;
	struct ui_key key; /* K_NONE: Alt-1 to Alt-9 */
};

struct keymap {
	enum keymap_profile profile;
	struct binding b[BINDINGS];
	size_t n;
};

const char *
keymap_profile_name(size_t i)
{
	static const char *const names[KEYS_PROFILES] = { "default", "emacs",
		"vi", "irssi", "weechat" };

	return i < KEYS_PROFILES ? names[i] : NULL;
}

/* ---- keys in words ---- */

static const struct {
	const char *name;
	enum key_code code;
} named[] = { { "Enter", K_ENTER }, { "Tab", K_TAB }, { "Esc", K_ESC },
	{ "Backspace", K_BACKSPACE }, { "Delete", K_DELETE }, { "Up", K_UP },
	{ "Down", K_DOWN }, { "Left", K_LEFT }, { "Right", K_RIGHT },
	{ "Home", K_HOME }, { "End", K_END }, { "PgUp", K_PGUP },
	{ "PgDn", K_PGDN }, { "F1", K_F1 }, { "F2", K_F2 }, { "F3", K_F3 },
	{ "F4", K_F4 }, { "F5", K_F5 }, { "F6", K_F6 }, { "F7", K_F7 },
	{ "F8", K_F8 }, { "F9", K_F9 }, { "F10", K_F10 }, { "F11", K_F11 },
	{ "F12", K_F12 } };

static size_t
take_mods(const char *s, unsigned *mods)
{
	static const struct {
		const char *name;
		unsigned mod;
	} all[] = { { "Alt-", MOD_ALT }, { "Ctrl-", MOD_CTRL },
		{ "Shift-", MOD_SHIFT } };
	const char *at = s;

	*mods = 0;
	for (size_t i = 0; i < 3; i++) {
		const size_t n = strlen(all[i].name);

		if (strncasecmp(at, all[i].name, n) == 0 && at[n] != '\0' &&
		    at[n] != ' ') {
			*mods |= all[i].mod;
			at += n;
			i = (size_t)-1; /* in any order */
		}
	}
	return (size_t)(at - s);
}

/* One word.  0: it is no key. */
static int
parse_key(struct ui_key *k, const char *s, size_t n)
{
	const size_t skip = take_mods(s, &k->mods);

	s += skip;
	n -= skip;
	k->code = K_NONE;
	memset(k->utf8, 0, sizeof(k->utf8));
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strlen(named[i].name) == n &&
		    strncasecmp(named[i].name, s, n) == 0)
			k->code = named[i].code;
	if (k->code != K_NONE)
		return 1;
	if (n == 8 - skip && skip == 4 && strncmp(s, "1..9", n) == 0)
		return 1; /* Alt-1..9 */
	if (n != 1 || s[0] <= ' ' || s[0] > '~')
		return 0;
	k->code = K_CHAR;
	k->utf8[0] = s[0];
	/* Letters are written large, and mean small ones without Shift. */
	if (s[0] >= 'A' && s[0] <= 'Z' && (k->mods & MOD_SHIFT) == 0)
		k->utf8[0] = (char)(s[0] + 32);
	if (s[0] >= 'a' && s[0] <= 'z' && (k->mods & MOD_SHIFT) != 0)
		k->utf8[0] = (char)(s[0] - 32);
	k->mods &= ~(unsigned)MOD_SHIFT;
	return 1;
}

static void
name_key(const struct ui_key *k, char *out, size_t n)
{
	const char *word = "1..9";
	char one[2] = "";
	unsigned mods = k->mods;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].code == k->code)
			word = named[i].name;
	if (k->code == K_CHAR) {
		one[0] = k->utf8[0];
		if (one[0] >= 'A' && one[0] <= 'Z')
			mods |= MOD_SHIFT;
		else if (one[0] >= 'a' && one[0] <= 'z')
			one[0] = (char)(one[0] - 32);
		word = one;
	}
	(void)snprintf(out, n, "%s%s%s%s", (mods & MOD_ALT) != 0 ? "Alt-" : "",
	    (mods & MOD_CTRL) != 0 ? "Ctrl-" : "",
	    (mods & MOD_SHIFT) != 0 ? "Shift-" : "", word);
}

static int
same_key(const struct ui_key *a, const struct ui_key *b)
{
	if (a->code != b->code || a->mods != b->mods)
		return 0;
	return a->code != K_CHAR || strcmp(a->utf8, b->utf8) == 0;
}

/* ---- the map ---- */

static const struct binding *
taken(const struct keymap *m, const struct keymap_action *a,
    const struct ui_key *k)
{
	for (size_t i = 0; i < m->n; i++)
		if ((m->b[i].of->where & a->where) != 0 && m->b[i].of != a &&
		    same_key(&m->b[i].key, k))
			return &m->b[i];
	return NULL;
}

/* Each word of keys; dry: only say whether it can be.  0: err says why not. */
static int
add_keys(struct keymap *m, const struct keymap_action *a, const char *keys,
    int dry, char err[KEYMAP_ERR_MAX])
{
	if (strcmp(keys, "none") == 0)
		return 1;
	while (*keys != '\0') {
		const size_t n = strcspn(keys, " ");
		struct ui_key k = { 0 };
		const struct binding *other;

		if (n > 0 && (!parse_key(&k, keys, n) || m->n == BINDINGS)) {
			(void)snprintf(err, KEYMAP_ERR_MAX,
			    "has '%.*s', which is no key; write them as "
			    "Ctrl-F, Alt-Shift-A, F5",
			    n > 30 ? 30 : (int)n, keys);
			return 0;
		}
		if (n > 0 && (other = taken(m, a, &k)) != NULL) {
			(void)snprintf(err, KEYMAP_ERR_MAX,
			    "has '%.*s', which is '%s' already; give that one "
			    "another key first, or none",
			    (int)n, keys,
			    other->of->name != NULL       ? other->of->name
				: other->of->help != NULL ? other->of->help
							  : "something");
			return 0;
		}
		if (n > 0 && !dry)
			m->b[m->n++] = (struct binding){ a, k };
		keys += n + (keys[n] == ' ');
	}
	return 1;
}

struct keymap *
keymap_new(enum keymap_profile p)
{
	struct keymap *m = calloc(1, sizeof(*m));
	const struct keymap_action *a;
	char err[KEYMAP_ERR_MAX];

	if (m == NULL)
		return NULL;
	m->profile = p;
	for (size_t i = 0; (a = keymap_at(i)) != NULL; i++)
		(void)add_keys(m, a,
		    a->keys[p] != NULL ? a->keys[p] : a->keys[KEYS_DEFAULT], 0,
		    err);
	return m;
}

void
keymap_free(struct keymap *m)
{
	free(m);
}

static const struct keymap_action *
by_name(const char *name)
{
	const struct keymap_action *a;

	for (size_t i = 0; (a = keymap_at(i)) != NULL; i++)
		if (a->name != NULL && strcmp(a->name, name) == 0)
			return a;
	return NULL;
}

int
keymap_bind(struct keymap *m, const char *name, const char *keys,
    char err[KEYMAP_ERR_MAX])
{
	const struct keymap_action *a = by_name(name);
	size_t kept = 0;

	if (a == NULL) {
		(void)snprintf(err, KEYMAP_ERR_MAX,
		    "is nothing that keys can do; sotto.conf(5) lists what is");
		return 0;
	}
	if (!add_keys(m, a, keys, 1, err))
		return 0;
	for (size_t i = 0; i < m->n; i++)
		if (m->b[i].of != a)
			m->b[kept++] = m->b[i];
	m->n = kept;
	return add_keys(m, a, keys, 0, err);
}

enum ui_action
keymap_find(const struct keymap *m, enum ui_where where, const struct ui_key *k,
    int *number)
{
	const int digit = k->code == K_CHAR && k->mods == MOD_ALT &&
	    k->utf8[0] >= '1' && k->utf8[0] <= '9' && k->utf8[1] == '\0';

	*number = digit ? k->utf8[0] - '0' : 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct binding *b = &m->b[i];

		if ((b->of->where & (unsigned)where) == 0)
			continue;
		if (b->key.code == K_NONE ? digit : same_key(&b->key, k))
			return b->of->action;
	}
	return ACT_NONE;
}

void
keymap_keys(const struct keymap *m, const struct keymap_action *a, int first,
    char *out, size_t n)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < m->n && (used == 0 || !first); i++) {
		char one[24];

		if (m->b[i].of != a)
			continue;
		name_key(&m->b[i].key, one, sizeof(one));
		if (used + strlen(one) + 2 > n)
			return;
		used += (size_t)snprintf(out + used, n - used, "%s%s",
		    used > 0 ? " " : "", one);
	}
}

void
keymap_key_of(const struct keymap *m, enum ui_where where, enum ui_action act,
    char *out, size_t n)
{
	const struct keymap_action *a;

	out[0] = '\0';
	for (size_t i = 0; (a = keymap_at(i)) != NULL && out[0] == '\0'; i++)
		if (a->action == act && (a->where & (unsigned)where) != 0)
			keymap_keys(m, a, 1, out, n);
}

void
keymap_hint(const struct keymap *m, struct keymap_hint *h, enum ui_where where,
    int cols)
{
	const struct keymap_action *a;
	size_t n = 0;
	int used = 1;

	memset(h, 0, sizeof(*h));
	for (size_t i = 0; (a = keymap_at(i)) != NULL; i++) {
		char key[24], one[80];
		const int help = a->action == ACT_HELP;
		int w;

		if ((a->where & (unsigned)where) == 0 || a->hint == NULL)
			continue;
		keymap_keys(m, a, 1, key, sizeof(key));
		(void)snprintf(one, sizeof(one), "%s %s", key, a->hint);
		w = (int)text_width(span_str(one));
		/* Help is always there, so it needs its place. */
		if (key[0] == '\0' || h->n == KEYMAP_SPOTS ||
		    used + 3 + w + (help ? 0 : 10) > cols ||
		    n + strlen(one) + 4 > sizeof(h->text))
			continue;
		if (h->n > 0) {
			(void)memcpy(h->text + n, "   ", 4);
			n += 3;
			used += 3;
		}
		memcpy(h->text + n, one, strlen(one) + 1);
		n += strlen(one);
		h->spot[h->n].x = used;
		h->spot[h->n].w = w;
		h->spot[h->n++].action = a->action;
		used += w;
	}
}
