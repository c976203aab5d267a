#include "base/name.h"

#include <string.h>

static int
is_letter(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static int
is_name_byte(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
	    c == '-';
}

enum sotto_err
name_parse(struct name *out, struct span s)
{
	if (s.n < 1 || s.n > NAME_MAX_LEN || !is_letter(s.p[0]))
		return SOTTO_EFORMAT;
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_byte(s.p[i]))
			return SOTTO_EFORMAT;
	memset(out, 0, sizeof(*out));
	memcpy(out->s, s.p, s.n);
	return SOTTO_OK;
}

int
name_eq(const struct name *a, const struct name *b)
{
	return strcmp(a->s, b->s) == 0;
}

/* The name as a hurried eye sees it. */
static void
skeleton(char out[NAME_MAX_LEN + 1], const struct name *n)
{
	size_t k = 0;

	for (const char *p = n->s; *p != '\0'; p++) {
		char c = *p;

		if (c == '.' || c == '_' || c == '-')
			continue;
		if ((c == 'r' && p[1] == 'n') || (c == 'v' && p[1] == 'v')) {
			c = c == 'r' ? 'm' : 'w';
			p++;
		}
		if (c == '0')
			c = 'o';
		else if (c == '1' || c == 'i')
			c = 'l';
		else if (c == '5')
			c = 's';
		out[k++] = c;
	}
	out[k] = '\0';
}

int
name_looks_like(const struct name *a, const struct name *b)
{
	char x[NAME_MAX_LEN + 1], y[NAME_MAX_LEN + 1];

	if (name_eq(a, b))
		return 0;
	skeleton(x, a);
	skeleton(y, b);
	return strcmp(x, y) == 0;
}

void
rd_name(struct rd *r, struct name *out)
{
	size_t n = rd_u8(r);

	memset(out, 0, sizeof(*out));
	if (n > NAME_MAX_LEN) {
		rd_fail(r, SOTTO_EFORMAT);
		return;
	}
	struct span s = rd_bytes(r, n);

	rd_zero(r, NAME_MAX_LEN - n);
	if (r->err == SOTTO_OK && name_parse(out, s) != SOTTO_OK)
		rd_fail(r, SOTTO_EFORMAT);
}

void
wr_name(struct wr *w, const struct name *n)
{
	size_t len = strlen(n->s);

	wr_u8(w, (uint8_t)len);
	wr_bytes(w, n->s, len);
	wr_zero(w, NAME_MAX_LEN - len);
}
