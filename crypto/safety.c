#include "crypto/safety.h"

#include <stdio.h>
#include <string.h>

#define WORD_BITS    11
#define PARTY_ROUNDS 5200
#define PARTY_LEN    30
/* Digits and letters without i, l, o, u: Crockford's alphabet. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* n bits from bit `at` on, counted from the top; zero behind the end. */
static unsigned
bits_at(const uint8_t *b, size_t len, size_t at, unsigned n)
{
	unsigned v = 0;

	for (unsigned i = 0; i < n; i++, at++) {
		unsigned bit = 0;

		if (at / 8 < len)
			bit = b[at / 8] >> (7 - at % 8) & 1u;
		v = v << 1 | bit;
	}
	return v;
}

static void
words_of(struct safety_block *out, const struct hash *h)
{
	for (size_t i = 0; i < SAFETY_WORDS; i++)
		out->word[i] = safety_word(
		    bits_at(h->b, sizeof(h->b), i * WORD_BITS, WORD_BITS));
}

/* Five bytes as a number modulo 100,000. */
static void
group_of(char out[5 + 1], const uint8_t five[5])
{
	struct rd r;
	uint64_t v;

	rd_init(&r, (struct span){ five, 5 });
	v = (uint64_t)rd_u8(&r) << 32;
	v |= rd_u32(&r);
	(void)snprintf(out, 6, "%05u", (unsigned)(v % 100000));
}

void
safety_of_key(struct safety_block *out, const struct hash *fp)
{
	static const uint8_t label[] = "sotto1 digits"; /* with its NUL */
	uint8_t wide[64];

	words_of(out, fp);
	sha512_parts(wide, (const struct span[]){ SPAN(label), SPAN(fp->b) },
	    2);
	for (size_t i = 0; i < SAFETY_GROUPS; i++)
		group_of(out->group[i], wide + 5 * i);
}

void
safety_line(char out[SAFETY_LINE_LEN + 1], const struct hash *fp)
{
	size_t n = 0;

	for (size_t i = 0; i < SAFETY_B32_LEN; i++) {
		if (i > 0 && i % 5 == 0)
			out[n++] = '-';
		out[n++] = alphabet[bits_at(fp->b, sizeof(fp->b), 5 * i, 5)];
	}
	out[n] = '\0';
}

void
safety_base64(char out[SAFETY_BASE64_LEN + 1], const struct hash *fp)
{
	char b64[BASE64_LEN(HASH_LEN) + 1];

	base64_write(b64, SPAN(fp->b));
	memcpy(out, "SHA256:", 7);
	memcpy(out + 7, b64, SAFETY_BASE64_LEN - 7); /* not the one "=" */
	out[SAFETY_BASE64_LEN] = '\0';
}

/* "+---[title]---+", the title in the middle. */
static void
art_edge(char out[SAFETY_ART_COLS + 1], const char *title)
{
	char label[SAFETY_ART_COLS - 1];
	size_t n;
	int len = snprintf(label, sizeof(label), "[%s]", title);

	memset(out, '-', SAFETY_ART_COLS);
	out[0] = out[SAFETY_ART_COLS - 1] = '+';
	out[SAFETY_ART_COLS] = '\0';
	if (len < 0)
		return;
	n = strlen(label);
	memcpy(out + 1 + (SAFETY_ART_COLS - 2 - n) / 2, label, n);
}

void
safety_art(char out[SAFETY_ART_ROWS][SAFETY_ART_COLS + 1],
    const struct hash *fp, const char *title, const char *foot)
{
	enum {
		W = SAFETY_ART_COLS - 2,
		H = SAFETY_ART_ROWS - 2
	};
	static const char marks[] = " .o+=*BOX@%&#/^SE";
	const unsigned top = sizeof(marks) - 2; /* of the last mark */
	uint8_t field[W][H];
	int x = W / 2, y = H / 2;

	memset(field, 0, sizeof(field));
	for (size_t i = 0; i < sizeof(fp->b); i++) {
		unsigned v = fp->b[i];

		for (int step = 0; step < 4; step++, v >>= 2) {
			x += (v & 1) ? 1 : -1;
			y += (v & 2) ? 1 : -1;
			x = x < 0 ? 0 : (x > W - 1 ? W - 1 : x);
			y = y < 0 ? 0 : (y > H - 1 ? H - 1 : y);
			if (field[x][y] < top - 2)
				field[x][y]++;
		}
	}
	field[W / 2][H / 2] = (uint8_t)(top - 1); /* S: where it began */
	field[x][y] = (uint8_t)top;               /* E: where it ended */
	art_edge(out[0], title);
	for (int r = 0; r < H; r++) {
		for (int c = 0; c < W; c++)
			out[r + 1][c + 1] = marks[field[c][r]];
		out[r + 1][0] = out[r + 1][W + 1] = '|';
		out[r + 1][W + 2] = '\0';
	}
	art_edge(out[H + 1], foot);
}

/* The value of a base32 digit, 32 for none; i, l are 1 and o is 0. */
static unsigned
digit_value(uint8_t c)
{
	const char *at;

	if (c >= 'A' && c <= 'Z')
		c = (uint8_t)(c + 'a' - 'A');
	if (c == 'i' || c == 'l')
		c = '1';
	if (c == 'o')
		c = '0';
	at = c == 0 ? NULL : strchr(alphabet, (char)c);
	return at == NULL ? 32 : (unsigned)(at - alphabet);
}

enum sotto_err
base32_read(uint8_t *out, size_t n, struct span text)
{
	size_t bits = 0, need = (n * 8 + 4) / 5, digits = 0;
	uint8_t buf[64] = { 0 };

	if (n > sizeof(buf))
		return SOTTO_ENOSPACE;
	for (size_t i = 0; i < text.n; i++) {
		unsigned v = digit_value(text.p[i]);

		if (text.p[i] == '-')
			continue;
		if (v > 31 || ++digits > need)
			return SOTTO_EFORMAT;
		for (int b = 4; b >= 0; b--, bits++) {
			if ((v >> b & 1) == 0)
				continue;
			if (bits / 8 >= n) /* loose bits at the end are zero */
				return SOTTO_EFORMAT;
			buf[bits / 8] |= (uint8_t)(0x80 >> bits % 8);
		}
	}
	if (digits != need)
		return SOTTO_EFORMAT;
	memcpy(out, buf, n);
	return SOTTO_OK;
}

void
base32_write(char *out, struct span in)
{
	size_t n = (in.n * 8 + 4) / 5;

	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[bits_at(in.p, in.n, 5 * i, 5)];
	out[n] = '\0';
}

enum sotto_err
safety_line_parse(struct hash *out, struct span text)
{
	return base32_read(out->b, sizeof(out->b), text);
}

static void
party_hash(uint8_t out[PARTY_LEN], const struct safety_party *p)
{
	static const uint8_t version[2] = { 0, 1 };
	uint8_t h[64];
	struct span first[5] = { SPAN(version), p->spki, span_str(p->name.s),
		span_str("@"), span_str(p->relay) };

	sha512_parts(h, first, 5);
	for (int i = 0; i < PARTY_ROUNDS; i++)
		sha512_parts(h, (const struct span[]){ SPAN(h), p->spki }, 2);
	memcpy(out, h, PARTY_LEN);
}

void
safety_number(struct safety_block *out, const struct safety_party *a,
    const struct safety_party *b)
{
	static const uint8_t label[] = "sotto1 safety words";
	uint8_t one[PARTY_LEN], two[PARTY_LEN];
	const uint8_t *low = one, *high = two;
	struct hash h;

	party_hash(one, a);
	party_hash(two, b);
	out->of_b = SAFETY_GROUPS / 2;
	if (memcmp(one, two, PARTY_LEN) > 0) {
		low = two;
		high = one;
		out->of_b = 0;
	}
	for (size_t i = 0; i < SAFETY_GROUPS / 2; i++) {
		group_of(out->group[i], low + 5 * i);
		group_of(out->group[SAFETY_GROUPS / 2 + i], high + 5 * i);
	}
	hash_parts(&h,
	    (const struct span[]){ SPAN(label), { low, PARTY_LEN },
		{ high, PARTY_LEN } },
	    3);
	words_of(out, &h);
}
