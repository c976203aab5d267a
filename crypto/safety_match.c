/* Comparing what people paste or type; see safety.h. */
#include <ctype.h>
#include <string.h>

#include "crypto/safety.h"

/* A run of letters or of digits, and whether the text goes on behind it. */
struct token {
	struct span s;
	int digits;
	int last; /* nothing follows, so it may be unfinished */
};

static int
is_alnum(uint8_t c)
{
	return c < 0x80 && isalnum(c);
}

static int
next_token(struct span *t, struct token *tok)
{
	size_t n = 0;

	while (t->n > 0 && !is_alnum(t->p[0])) {
		t->p++;
		t->n--;
	}
	if (t->n == 0)
		return 0;
	tok->digits = isdigit(t->p[0]) != 0;
	while (n < t->n && is_alnum(t->p[n]) &&
	    (isdigit(t->p[n]) != 0) == tok->digits)
		n++;
	tok->s = (struct span){ t->p, n };
	t->p += n;
	t->n -= n;
	tok->last = t->n == 0;
	return 1;
}

/* 0: other, 1: equal, 2: typed so far is right */
static int
compare(const struct token *tok, const char *want)
{
	size_t n = strlen(want);

	if (tok->s.n > n)
		return 0;
	for (size_t i = 0; i < tok->s.n; i++)
		if (tolower(tok->s.p[i]) != want[i])
			return 0;
	if (tok->s.n == n)
		return 1;
	return tok->last ? 2 : 0;
}

/* What of a block was seen so far. */
struct seen {
	unsigned words, groups; /* good ones, in order or by number */
	uint16_t word_mask;     /* which words */
	int bad_word, bad_group;
};

static unsigned
number_of(struct span s)
{
	unsigned v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v * 10 + (unsigned)(s.p[i] - '0');
	return v;
}

static void
see_word(struct seen *s, const struct token *tok, unsigned at,
    const struct safety_block *want)
{
	int c = at < SAFETY_WORDS ? compare(tok, want->word[at]) : 0;

	if (c == 0 && s->bad_word == 0)
		s->bad_word = (int)at + 1;
	if (c == 1 && (s->word_mask & (1u << at)) == 0) {
		s->word_mask |= (uint16_t)(1u << at);
		s->words++;
	}
}

static void
see_group(struct seen *s, const struct token *tok,
    const struct safety_block *want)
{
	int c = s->groups < SAFETY_GROUPS ? compare(tok, want->group[s->groups])
					  : 0;

	if (c == 0 && s->bad_group == 0)
		s->bad_group = (int)s->groups + 1;
	if (c == 1)
		s->groups++;
}

/*
 * A printed block has numbers before its words, in columns; so a number of one
 * or two digits says where the next word belongs, unless more digits follow
 * at the end of what was typed.
 */
static void
see_all(struct seen *s, struct span typed, const struct safety_block *want)
{
	struct token tok;
	unsigned next = 0;

	while (next_token(&typed, &tok)) {
		unsigned v = tok.digits && tok.s.n <= 2 ? number_of(tok.s) : 0;

		if (!tok.digits) {
			see_word(s, &tok, next, want);
			next++;
		} else if (v >= 1 && v <= SAFETY_WORDS &&
		    (!tok.last || s->words > 0)) {
			next = v - 1;
		} else {
			see_group(s, &tok, want);
		}
	}
}

void
safety_match_block(struct safety_match *out, struct span typed,
    const struct safety_block *want)
{
	struct seen s = { 0 };
	struct token first;
	struct span t = typed;

	memset(out, 0, sizeof(*out));
	if (!next_token(&t, &first))
		return;
	see_all(&s, typed, want);
	out->total = SAFETY_WORDS;
	/* Whichever form is further on; both have to be free of faults. */
	out->form = s.words > s.groups ||
		(s.words == 0 && s.groups == 0 && !first.digits)
	    ? SAFETY_BY_WORDS
	    : SAFETY_BY_DIGITS;
	out->good = out->form == SAFETY_BY_WORDS ? s.words : s.groups;
	if (s.bad_word != 0 || s.bad_group != 0) {
		out->state = SAFETY_DIFFERS;
		out->bad =
		    (unsigned)(s.bad_word != 0 ? s.bad_word : s.bad_group);
		if (s.bad_word != 0)
			out->form = SAFETY_BY_WORDS;
		return;
	}
	if (out->good == out->total)
		out->state = SAFETY_MATCHED;
}

/* The key part of a sotto: line: behind the first "/", up to the next one. */
static struct span
key_part(struct span line)
{
	const uint8_t *slash;
	struct span key = { NULL, 0 };

	slash = line.n > 0 ? memchr(line.p, '/', line.n) : NULL;
	if (slash == NULL)
		return key;
	key.p = slash + 1;
	key.n = (size_t)(line.p + line.n - key.p);
	slash = key.n > 0 ? memchr(key.p, '/', key.n) : NULL;
	if (slash != NULL)
		key.n = (size_t)(slash - key.p);
	return key;
}

static struct span
trim(struct span s)
{
	while (s.n > 0 && isspace(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && isspace(s.p[s.n - 1]))
		s.n--;
	return s;
}

static void
match_base32(struct safety_match *out, struct span key, const struct hash *fp)
{
	char want[SAFETY_LINE_LEN + 1], bare[SAFETY_B32_LEN + 1];
	unsigned n = 0;

	safety_line(want, fp);
	for (size_t i = 0; want[i] != '\0'; i++)
		if (want[i] != '-')
			bare[n++] = want[i];
	bare[n] = '\0';
	out->form = SAFETY_BASE32;
	out->total = SAFETY_B32_LEN;
	for (size_t i = 0; i < key.n; i++) {
		int c = tolower(key.p[i]);

		if (c == '-')
			continue;
		c = c == 'i' || c == 'l' ? '1' : (c == 'o' ? '0' : c);
		if (out->good == SAFETY_B32_LEN || c != bare[out->good]) {
			out->state = SAFETY_DIFFERS;
			out->bad = out->good + 1;
			return;
		}
		out->good++;
	}
	if (out->good == SAFETY_B32_LEN)
		out->state = SAFETY_MATCHED;
}

/* Base32 without blanks, of letters and digits mixed, looks like no word. */
static int
looks_like_base32(struct span s)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '-')
			continue;
		if (!is_alnum(s.p[i]))
			return 0;
		if (isdigit(s.p[i]))
			digits++;
		else
			letters++;
	}
	return (digits > 0 && letters > 0) || digits + letters > 20;
}

void
safety_match_key(struct safety_match *out, struct span typed,
    const struct hash *fp)
{
	static const char scheme[] = "sotto:";
	struct safety_block want;
	struct span t = trim(typed);
	size_t n = t.n < 6 ? t.n : 6, same = 0;

	memset(out, 0, sizeof(*out));
	while (same < n && tolower(t.p[same]) == scheme[same])
		same++;
	if (same == 6) {
		struct span key = key_part((struct span){ t.p + 6, t.n - 6 });

		if (t.n > 8 && t.p[6] == '/' && t.p[7] == '/')
			key = key_part((struct span){ t.p + 8, t.n - 8 });
		match_base32(out, key, fp);
		return;
	}
	if (t.n > 0 && same == t.n) /* "sot": on the way to a line */
		return;
	if (looks_like_base32(t)) {
		match_base32(out, t, fp);
		return;
	}
	safety_of_key(&want, fp);
	safety_match_block(out, t, &want);
}
