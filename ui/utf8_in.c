#include "ui/utf8_in.h"

#include <string.h>

#include "base/text.h"

static const char bad[] = "\xef\xbf\xbd"; /* U+FFFD */

static uint8_t
length_of(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	if (lead >= 0xf0 && lead < 0xf5)
		return 4;
	return 0;
}

static size_t
give(char out[UTF8_IN_MAX], const char *s, size_t n)
{
	memcpy(out, s, n);
	out[n] = '\0';
	return n;
}

size_t
utf8_in_byte(struct utf8_in *u, uint8_t byte, char out[UTF8_IN_MAX], int *again)
{
	size_t n;

	*again = u->n > 0 && (byte & 0xc0) != 0x80;
	if (*again) { /* cut off */
		u->n = 0;
		return give(out, bad, 3);
	}
	if (u->n == 0 && (u->len = length_of(byte)) == 0)
		return give(out, bad, 3);
	u->b[u->n++] = (char)byte;
	if (u->n < u->len)
		return 0;
	n = u->n;
	u->n = 0;
	/* Not a surrogate, not longer than need be. */
	if (!text_is_utf8((struct span){ (const uint8_t *)u->b, n }))
		return give(out, bad, 3);
	return give(out, u->b, n);
}
