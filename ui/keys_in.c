#include "ui/keys_in.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define ESC 0x1b

void
keys_in_free(struct keys_in *k)
{
	if (k->paste != NULL)
		secret_wipe(k->paste, KEYS_PASTE_MAX);
	free(k->paste);
	memset(k, 0, sizeof(*k));
}

/* ---- pastes ---- */

static void
paste_char(struct keys_in *k, const char *utf8, size_t n)
{
	if (k->paste == NULL)
		k->paste = malloc(KEYS_PASTE_MAX);
	if (k->paste == NULL || k->paste_n + n > KEYS_PASTE_MAX)
		return;
	memcpy(k->paste + k->paste_n, utf8, n);
	k->paste_n += n;
}

static void
paste_byte(struct keys_in *k, uint8_t b)
{
	int again;

	do {
		char utf8[UTF8_IN_MAX];
		size_t n = utf8_in_byte(&k->chars, b, utf8, &again);

		paste_char(k, utf8, n);
	} while (again);
}

/*
 * Nothing of a paste is ever taken for keys.  It ends with its mark, or with
 * Ctrl-C should that not come.
 */
static void
in_paste(struct keys_in *k, uint8_t b, struct ui_key *key)
{
	static const char mark[] = "\033[201~";

	if (b == (uint8_t)mark[k->mark_n]) {
		if (mark[++k->mark_n] != '\0')
			return;
	} else if (b != 0x03) {
		for (size_t i = 0; i < k->mark_n; i++)
			paste_byte(k, (uint8_t)mark[i]);
		k->mark_n = b == ESC;
		if (b != ESC)
			paste_byte(k, b);
		return;
	}
	k->pasting = 0;
	k->mark_n = 0;
	k->chars.n = 0;
	key->code = K_PASTE;
}

/* ---- sequences ---- */

/* "CSI 1 ; 3 A" as numbers; what is not there is 0. */
struct csi {
	char lead, between, last; /* '<' or '?', '$', the final byte */
	unsigned v[4];
	size_t n;
};

static void
parse(struct csi *c, const uint8_t *s, size_t n)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i + 1 < n; i++) {
		const uint8_t b = s[i];

		if (b >= '0' && b <= '9') {
			if (c->n < 4 && c->v[c->n] < 100000000)
				c->v[c->n] = c->v[c->n] * 10 + b - '0';
		} else if (b == ';' || b == ':') {
			c->n++;
		} else if (b >= '<' && b <= '?' && i == 0) {
			c->lead = (char)b;
		} else {
			c->between = (char)b;
		}
	}
	c->last = (char)s[n - 1];
}

/* xterm's modifiers: 1 + shift, 2 alt, 4 control. */
static unsigned
mods_of(unsigned v)
{
	const unsigned m = v > 0 ? v - 1 : 0;

	return ((m & 1) != 0 ? MOD_SHIFT : 0) | ((m & 2) != 0 ? MOD_ALT : 0) |
	    ((m & 4) != 0 ? MOD_CTRL : 0);
}

static enum key_code
letter_code(char last)
{
	static const struct {
		char last;
		enum key_code code;
	} keys[] = { { 'A', K_UP }, { 'B', K_DOWN }, { 'C', K_RIGHT },
		{ 'D', K_LEFT }, { 'H', K_HOME }, { 'F', K_END }, { 'P', K_F1 },
		{ 'Q', K_F2 }, { 'R', K_F3 }, { 'S', K_F4 }, { 'M', K_ENTER } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].last == last)
			return keys[i].code;
	return K_NONE;
}

static enum key_code
number_code(unsigned v)
{
	static const struct {
		unsigned v;
		enum key_code code;
	} keys[] = { { 1, K_HOME }, { 3, K_DELETE }, { 4, K_END },
		{ 5, K_PGUP }, { 6, K_PGDN }, { 7, K_HOME }, { 8, K_END },
		{ 11, K_F1 }, { 12, K_F2 }, { 13, K_F3 }, { 14, K_F4 },
		{ 15, K_F5 }, { 17, K_F6 }, { 18, K_F7 }, { 19, K_F8 },
		{ 20, K_F9 }, { 21, K_F10 }, { 23, K_F11 }, { 24, K_F12 } };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].v == v)
			return keys[i].code;
	return K_NONE;
}

/* A character by its number, with modifiers. */
static void
from_number(struct ui_key *key, unsigned cp, unsigned mods)
{
	size_t n = 0;

	key->mods = mods;
	if (cp == 13 || cp == 57414) {
		key->code = K_ENTER;
	} else if (cp == 9) {
		key->code = K_TAB;
	} else if (cp == 27) {
		key->code = K_ESC;
	} else if (cp == 8 || cp == 127) {
		key->code = K_BACKSPACE;
	} else if (cp >= 32 && cp < 0xd800) {
		key->code = K_CHAR;
		key->mods &= ~(unsigned)MOD_SHIFT;
		if (cp < 0x80) {
			key->utf8[n++] = (char)cp;
		} else if (cp < 0x800) {
			key->utf8[n++] = (char)(0xc0 | cp >> 6);
			key->utf8[n++] = (char)(0x80 | (cp & 0x3f));
		} else {
			key->utf8[n++] = (char)(0xe0 | cp >> 12);
			key->utf8[n++] = (char)(0x80 | (cp >> 6 & 0x3f));
			key->utf8[n++] = (char)(0x80 | (cp & 0x3f));
		}
		key->utf8[n] = '\0';
	}
	/* Shift-Enter is as good as Alt-Enter. */
	if (key->code == K_ENTER && (mods & (MOD_SHIFT | MOD_CTRL)) != 0)
		key->mods = MOD_ALT;
}

/* "CSI < button ; x ; y M": pressed, or turned. */
static void
from_mouse(struct ui_key *key, const struct csi *c)
{
	if (c->last != 'M')
		return;
	key->x = (int)c->v[1] - 1;
	key->y = (int)c->v[2] - 1;
	if (c->v[0] == 0)
		key->code = K_CLICK;
	else if (c->v[0] == 64)
		key->code = K_WHEEL_UP;
	else if (c->v[0] == 65)
		key->code = K_WHEEL_DOWN;
}

static void
from_answer(struct keys_answer *a, const struct csi *c)
{
	if (c->lead == '?' && c->last == 'y')
		*a = (struct keys_answer){ KEYS_MODE, c->v[0], c->v[1] };
	else if (c->lead == '?' && c->last == 'u')
		*a = (struct keys_answer){ KEYS_KITTY, c->v[0], 0 };
}

static void
from_csi(struct keys_in *k, const uint8_t *s, size_t n, struct ui_key *key,
    struct keys_answer *a)
{
	struct csi c;

	parse(&c, s, n);
	if (c.lead == '<') {
		from_mouse(key, &c);
	} else if (c.lead != 0) {
		from_answer(a, &c);
	} else if (c.last == '~' && c.v[0] == 200) {
		k->pasting = 1;
		k->paste_n = 0;
		k->chars.n = 0;
	} else if (c.last == '~' && c.v[0] == 27 && c.n == 2) {
		from_number(key, c.v[2], mods_of(c.v[1]));
	} else if (c.last == '~') {
		key->code = number_code(c.v[0]);
		key->mods = mods_of(c.v[1]);
	} else if (c.last == 'u') {
		from_number(key, c.v[0], mods_of(c.v[1]));
	} else if (c.last == 'R' && c.v[0] > 1) {
		*a = (struct keys_answer){ KEYS_CURSOR, c.v[0], c.v[1] };
	} else if (c.last == 'Z') {
		key->code = K_TAB;
		key->mods = MOD_SHIFT;
	} else if (c.last == 'I' && c.n == 0) {
		key->code = K_FOCUS;
	} else if (c.last == 'O' && c.n == 0) {
		key->code = K_BLUR;
	} else {
		key->code = letter_code(c.last);
		key->mods = mods_of(c.v[1]);
	}
}

/* The console of Linux says "CSI [ A" for F1. */
static int
is_linux_key(const uint8_t *s, size_t n, struct ui_key *key)
{
	if (n < 2 || s[0] != '[' || s[1] < 'A' || s[1] > 'E')
		return 0;
	key->code = (enum key_code)(K_F1 + (s[1] - 'A'));
	return 1;
}

/* ---- one byte ---- */

static void
from_control(struct ui_key *key, uint8_t b)
{
	if (b == '\r') {
		key->code = K_ENTER;
	} else if (b == '\t') {
		key->code = K_TAB;
	} else if (b == 0x7f) {
		key->code = K_BACKSPACE;
	} else {
		key->code = K_CHAR;
		key->mods |= MOD_CTRL;
		if (b == 0)
			key->utf8[0] = ' ';
		else if (b == 0x1f)
			key->utf8[0] = '_';
		else
			key->utf8[0] = (char)(b + 'a' - 1);
	}
}

static int
plain_byte(struct keys_in *k, uint8_t b, unsigned mods, struct ui_key *key)
{
	int again = 0;

	if (k->chars.n == 0 && (b < 0x20 || b == 0x7f)) {
		key->mods = mods;
		from_control(key, b);
		return 1;
	}
	if (k->chars.n == 0)
		k->chars_mods = mods;
	if (utf8_in_byte(&k->chars, b, key->utf8, &again) > 0) {
		key->code = K_CHAR;
		key->mods = k->chars_mods;
	}
	return !again;
}

/* Of a sequence that has begun with Escape and k->seq; 1 when it is whole. */
static int
sequence(struct keys_in *k, struct ui_key *key, struct keys_answer *a)
{
	const int twice = k->n > 1 && k->seq[1] == ESC;
	const uint8_t *s = k->seq + 1 + twice;
	const size_t n = k->n - 1 - (size_t)twice;
	const uint8_t last = k->seq[k->n - 1];

	if (n < 2)
		return 0;
	if (s[0] == '[' && s[1] == '[') {
		if (n < 3)
			return 0;
		(void)is_linux_key(s + 1, n - 1, key);
	} else if (s[0] == 'O') {
		/* Some put a modifier between: "ESC O 5 A". */
		if (last >= '0' && last <= '9')
			return 0;
		key->code = letter_code((char)last);
		key->mods = n > 2 ? mods_of(s[1] - '0') : 0;
		if (last >= 'a' && last <= 'd') { /* rxvt, with Ctrl */
			key->code = letter_code((char)(last - 'a' + 'A'));
			key->mods = MOD_CTRL;
		}
	} else {
		if (last < 0x40 || last > 0x7e)
			return 0;
		from_csi(k, s + 1, n - 1, key, a);
	}
	if (twice)
		key->mods |= MOD_ALT;
	return 1;
}

/* ---- strings: "ESC ] 11 ; rgb:ffff/ffff/ffff", then BEL or "ESC \" ---- */

/* The next number of hexadecimal digits, as percent of its largest; *at moves
 * behind it and what follows. */
static unsigned
hex_percent(const char **at)
{
	unsigned v = 0, max = 0;
	char *end;

	v = (unsigned)strtoul(*at, &end, 16);
	for (; *at < end; (*at)++)
		max = max * 16 + 15;
	if (**at == '/')
		(*at)++;
	return max > 0 && v <= max ? (unsigned)((uint64_t)v * 100 / max) : 0;
}

static void
from_string(const struct keys_in *k, struct keys_answer *a)
{
	static const char name[] = "11;rgb:";
	char s[KEYS_SEQ_MAX] = "";
	const char *at = s + sizeof(name) - 1;
	unsigned red, green, blue;

	if (k->n < 2 + sizeof(name)) /* "ESC ]", the name, a digit */
		return;
	memcpy(s, k->seq + 2, k->n - 2);
	if (strncmp(s, name, sizeof(name) - 1) != 0 ||
	    strspn(at, "0123456789abcdefABCDEF/") != strlen(at) ||
	    strlen(at) > 14)
		return;
	red = hex_percent(&at);
	green = hex_percent(&at);
	blue = hex_percent(&at);
	*a = (struct keys_answer){ KEYS_BACKGROUND,
		(red * 30 + green * 59 + blue * 11) / 100, 0 };
}

/*
 * No time ends a string, since on a slow line its rest would be typing; but a
 * key that is no letter does.  0: it was not used.
 */
static int
string_byte(struct keys_in *k, uint8_t b, struct keys_answer *a)
{
	if (b == 0x07 || b == ESC) {
		if (k->n < KEYS_SEQ_MAX)
			from_string(k, a);
		k->n = 0;
		k->string = b == ESC ? 2 : 0; /* "\" is to come */
	} else if (b < 0x20 || b == 0x7f) {
		k->n = 0;
		k->string = 0;
		return 0;
	} else if (k->n < KEYS_SEQ_MAX) {
		k->seq[k->n++] = b;
	}
	return 1;
}

/* The byte behind Escape; 0: it was not used. */
static int
after_escape(struct keys_in *k, uint8_t b, struct ui_key *key)
{
	if (b == '[' || b == 'O') {
		k->seq[k->n++] = b;
		return 1;
	}
	if ((b == ESC || b == ']') && k->n == 1) {
		k->seq[k->n++] = b;
		return 1;
	}
	if (k->n == 2) { /* two of them: the first was the key */
		k->n = 1;
		key->code = K_ESC;
		return 0;
	}
	k->n = 0;
	return plain_byte(k, b, MOD_ALT, key);
}

int
keys_in_byte(struct keys_in *k, uint8_t b, struct ui_key *key,
    struct keys_answer *answer)
{
	memset(key, 0, sizeof(*key));
	memset(answer, 0, sizeof(*answer));
	if (k->pasting) {
		in_paste(k, b, key);
		return 1;
	}
	if (k->swallow) {
		k->swallow = b < 0x40 || b > 0x7e;
		return 1;
	}
	if (k->string == 2) {
		k->string = 0;
		if (b == '\\')
			return 1;
		k->seq[k->n++] = ESC; /* it was a key, or begins one */
	}
	if (k->n == 2 && k->seq[1] == ']')
		k->string = 1;
	if (k->string != 0)
		return string_byte(k, b, answer);
	if (k->n == 0 && b != ESC)
		return plain_byte(k, b, 0, key);
	if (k->n == 0) {
		k->chars.n = 0;
		k->seq[k->n++] = b;
		return 1;
	}
	if (k->n == 1 || (k->n == 2 && k->seq[1] == ESC))
		return after_escape(k, b, key);
	if (b == ESC) { /* it was cut short, and another one begins */
		k->n = 1;
		return 1;
	}
	k->seq[k->n++] = b;
	if (sequence(k, key, answer)) {
		k->n = 0;
	} else if (k->n == KEYS_SEQ_MAX) {
		k->n = 0;
		k->swallow = 1;
	}
	return 1;
}

int
keys_in_waits(const struct keys_in *k)
{
	return !k->pasting && (k->string == 0 ? k->n > 0 : k->string == 2);
}

void
keys_in_end(struct keys_in *k, struct ui_key *key)
{
	memset(key, 0, sizeof(*key));
	if (k->pasting || k->string == 1)
		return;
	k->string = 0;
	if (k->n == 1 || (k->n == 2 && k->seq[1] == ESC)) {
		key->code = K_ESC;
	} else if (k->n ==
	    2) { /* Alt and the letter that sequences begin with */
		key->code = K_CHAR;
		key->mods = MOD_ALT;
		key->utf8[0] = (char)k->seq[1];
	}
	k->n = 0; /* what is cut short for so long is no key */
}
