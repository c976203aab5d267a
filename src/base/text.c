#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/secret.h"

#define CP_ZWNJ       0x200c
#define CP_ZWJ        0x200d
#define CP_BLACK_FLAG 0x1f3f4
#define CP_DOTTED     "\xe2\x97\x8c" /* U+25CC, what a lone mark sits on */
#define CP_BAD        "\xef\xbf\xbd" /* U+FFFD */

/* Where the copy stands: what was written, and what a mark would sit on. */
struct safe {
	char *out;      /* NULL: only measure */
	size_t n, cap;  /* bytes written; room without the NUL */
	int full;       /* something did not fit: write no more */
	int32_t base;   /* the last character that marks may follow, or 0 */
	unsigned marks; /* marks on it so far */
};

static void
put(struct safe *s, const void *p, size_t n)
{
	if (s->full || n > s->cap - s->n) {
		s->full = 1;
		return;
	}
	if (s->out != NULL)
		memcpy(s->out + s->n, p, n);
	s->n += n;
}

static void
put_visible(struct safe *s, const char *text)
{
	put(s, text, strlen(text));
	s->base = 0;
}

static void
put_code(struct safe *s, int32_t cp)
{
	char b[16];

	(void)snprintf(b, sizeof(b), "<U+%04X>", (unsigned)cp);
	put_visible(s, b);
}

/* The marks over the limit, told once the letter is over. */
static void
end_marks(struct safe *s)
{
	char b[24];

	if (s->marks > TEXT_MARKS_MAX) {
		(void)snprintf(b, sizeof(b), "<+%u>",
		    s->marks - TEXT_MARKS_MAX);
		put(s, b, strlen(b));
	}
	s->marks = 0;
}

static const char *
direction_name(int32_t cp)
{
	switch (cp) {
	case 0x061c:
		return "<ALM>";
	case 0x200e:
		return "<LRM>";
	case 0x200f:
		return "<RLM>";
	case 0x202a:
		return "<LRE>";
	case 0x202b:
		return "<RLE>";
	case 0x202c:
		return "<PDF>";
	case 0x202d:
		return "<LRO>";
	case 0x202e:
		return "<RLO>";
	case 0x2066:
		return "<LRI>";
	case 0x2067:
		return "<RLI>";
	case 0x2068:
		return "<FSI>";
	case 0x2069:
		return "<PDI>";
	default:
		return NULL;
	}
}

/* Letters and symbols in the standard that are drawn as nothing. */
static int
is_blank_letter(int32_t cp)
{
	return cp == 0x115f || cp == 0x1160 || cp == 0x2800 || cp == 0x3164 ||
	    cp == 0xffa0;
}

static int
is_mark(utf8proc_category_t c)
{
	return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC ||
	    c == UTF8PROC_CATEGORY_ME;
}

static void
put_control(struct safe *s, int32_t cp, enum text_mode mode)
{
	char b[16];

	if (mode == TEXT_LINES && cp == '\n') {
		put_visible(s, "\n");
		return;
	}
	if (mode == TEXT_LINES && cp == '\t') {
		put_visible(s, "    ");
		return;
	}
	if (cp < 0x20 || cp == 0x7f)
		(void)snprintf(b, sizeof(b), "^%c", (char)(cp ^ 0x40));
	else
		(void)snprintf(b, sizeof(b), "<%02X>", (unsigned)cp);
	put_visible(s, b);
}

/* A joiner or tag that belongs to the cluster before it, or a visible word. */
static void
put_format(struct safe *s, int32_t cp, struct span raw)
{
	int joins = (cp == CP_ZWJ || cp == CP_ZWNJ) && s->base != 0;
	int flag = cp >= 0xe0020 && cp <= 0xe007f && s->base == CP_BLACK_FLAG;

	if (joins || flag)
		put(s, raw.p, raw.n);
	else if (direction_name(cp) != NULL)
		put_visible(s, direction_name(cp));
	else
		put_code(s, cp);
}

static void
put_mark(struct safe *s, struct span raw)
{
	if (s->base == 0) {
		put(s, CP_DOTTED, strlen(CP_DOTTED));
		s->base = 0x25cc;
	}
	if (++s->marks <= TEXT_MARKS_MAX)
		put(s, raw.p, raw.n);
}

static void
put_codepoint(struct safe *s, int32_t cp, struct span raw, enum text_mode mode)
{
	utf8proc_category_t c = utf8proc_category(cp);

	if (is_mark(c)) {
		put_mark(s, raw);
		return;
	}
	end_marks(s);
	if (c == UTF8PROC_CATEGORY_CC) {
		put_control(s, cp, mode);
	} else if (c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP) {
		if (mode == TEXT_LINES)
			put_visible(s, "\n");
		else
			put_code(s, cp);
	} else if (c == UTF8PROC_CATEGORY_CF) {
		put_format(s, cp, raw);
	} else if (c == UTF8PROC_CATEGORY_CN || c == UTF8PROC_CATEGORY_CO ||
	    c == UTF8PROC_CATEGORY_CS || is_blank_letter(cp)) {
		put_code(s, cp);
	} else {
		put(s, raw.p, raw.n);
		/* A mark after a space has no letter to sit on. */
		s->base = c == UTF8PROC_CATEGORY_ZS ? 0 : cp;
	}
}

static size_t
make_safe(char *out, size_t cap, struct span in, enum text_mode mode)
{
	struct safe s = { .out = out, .cap = cap };

	while (in.n > 0 && !s.full) {
		int32_t cp;
		utf8proc_ssize_t n =
		    utf8proc_iterate(in.p, (utf8proc_ssize_t)in.n, &cp);

		if (n <= 0) {
			n = 1;
			end_marks(&s);
			put_visible(&s, CP_BAD);
		} else {
			put_codepoint(&s, cp, (struct span){ in.p, (size_t)n },
			    mode);
		}
		in.p += n;
		in.n -= (size_t)n;
	}
	end_marks(&s);
	return s.n;
}

size_t
text_safe(char *out, size_t n, struct span in, enum text_mode mode)
{
	size_t len = make_safe(out, n - 1, in, mode);

	out[len] = '\0';
	return len;
}

char *
text_safe_dup(struct span in, enum text_mode mode)
{
	size_t n = make_safe(NULL, SIZE_MAX, in, mode);
	char *out = malloc(n + 1);

	if (out != NULL)
		(void)text_safe(out, n + 1, in, mode);
	return out;
}

int
text_is_utf8(struct span s)
{
	while (s.n > 0) {
		int32_t cp;
		utf8proc_ssize_t n =
		    utf8proc_iterate(s.p, (utf8proc_ssize_t)s.n, &cp);

		if (n <= 0)
			return 0;
		s.p += n;
		s.n -= (size_t)n;
	}
	return 1;
}

/*
 * A cluster is as wide as its widest character; the emoji selector (U+FE0F)
 * and a pair of regional indicators make it two columns.
 */
static int
add_width(int width, int32_t cp, int first)
{
	int w = utf8proc_charwidth(cp);

	if (cp == 0xfe0f && !first)
		return 2;
	if (cp >= 0x1f1e6 && cp <= 0x1f1ff && !first)
		return 2;
	return w > width ? w : width;
}

int
text_next(struct span *s, struct text_cluster *c)
{
	int32_t cp, prev = 0;
	utf8proc_int32_t state = 0;
	size_t used = 0;
	int width = 0;

	if (s->n == 0)
		return 0;
	/* Mostly a letter stands before another one: nothing joins them. */
	if (s->p[0] >= ' ' && s->p[0] <= '~' && (s->n == 1 || s->p[1] < 0x80)) {
		*c = (struct text_cluster){ { s->p, 1 }, 1 };
		s->p++;
		s->n--;
		return 1;
	}
	while (used < s->n) {
		utf8proc_ssize_t n = utf8proc_iterate(s->p + used,
		    (utf8proc_ssize_t)(s->n - used), &cp);

		if (n <= 0) {
			if (used == 0) {
				used = 1;
				width = 1;
			}
			break;
		}
		if (used > 0 &&
		    utf8proc_grapheme_break_stateful(prev, cp, &state))
			break;
		width = add_width(width, cp, used == 0);
		prev = cp;
		used += (size_t)n;
	}
	c->s = (struct span){ s->p, used };
	c->width = width > 2 ? 2 : width;
	s->p += used;
	s->n -= used;
	return 1;
}

size_t
text_width(struct span s)
{
	struct text_cluster c;
	size_t w = 0;

	while (text_next(&s, &c))
		w += (size_t)c.width;
	return w;
}

size_t
text_fit(struct span s, size_t cols)
{
	const uint8_t *start = s.p;
	struct text_cluster c;
	size_t w = 0, n = 0;

	while (text_next(&s, &c)) {
		w += (size_t)c.width;
		if (w > cols)
			break;
		n = (size_t)(s.p - start);
	}
	return n;
}

/* Mostly there is nothing to fold but A to Z. */
static char *
fold_ascii(struct span in)
{
	char *out = malloc(in.n + 1);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < in.n; i++) {
		const uint8_t b = in.p[i];

		if (b >= 0x80 || b == 0) {
			secret_wipe(out, i);
			free(out);
			return NULL;
		}
		out[i] = (char)(b >= 'A' && b <= 'Z' ? b + 32 : b);
	}
	out[in.n] = '\0';
	return out;
}

char *
text_fold_dup(struct span in)
{
	utf8proc_uint8_t *mapped = NULL;
	char *out = fold_ascii(in), *copy;

	if (out != NULL)
		return out;
	if (utf8proc_map(in.p, (utf8proc_ssize_t)in.n, &mapped,
		UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		    UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK) < 0)
		return NULL;
	copy = strdup((const char *)mapped);
	secret_wipe(mapped, strlen((const char *)mapped));
	free(mapped);
	return copy;
}

/* ---- addresses ---- */

static int
in_link(uint8_t b)
{
	return b > ' ' && b <= '~' && strchr("\"<>\\^`{|}", b) == NULL;
}

static int
begins_link(struct span s)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < 2; i++) {
		const size_t n = strlen(schemes[i]);

		if (s.n > n && memcmp(s.p, schemes[i], n) == 0 &&
		    in_link(s.p[n]))
			return 1;
	}
	return 0;
}

int
text_link(struct span s, struct span *link)
{
	size_t n = 0;

	while (s.n > 0 && !begins_link(s)) {
		s.p++;
		s.n--;
	}
	if (s.n == 0)
		return 0;
	while (n < s.n && in_link(s.p[n]))
		n++;
	/* What ends a sentence is not of the address. */
	while (n > 0 && strchr(".,;:!?)'", s.p[n - 1]) != NULL)
		n--;
	*link = (struct span){ s.p, n };
	return 1;
}
