#include "crypto/armor.h"

#include <string.h>

#include "crypto/prim.h"

#define LINE       64 /* base64 digits */
#define LINE_BYTES 48

static void
write_edge(struct wr *w, const char *word, const char *label)
{
	wr_span(w, span_str("-----"));
	wr_span(w, span_str(word));
	wr_u8(w, ' ');
	wr_span(w, span_str(label));
	wr_span(w, span_str("-----\n"));
}

void
armor_write(struct wr *w, const char *label, struct span in)
{
	write_edge(w, "BEGIN", label);
	for (size_t i = 0; i < in.n; i += LINE_BYTES) {
		size_t n = in.n - i < LINE_BYTES ? in.n - i : LINE_BYTES;
		char line[LINE + 1];

		base64_write(line, (struct span){ in.p + i, n });
		wr_span(w, span_str(line));
		wr_u8(w, '\n');
	}
	write_edge(w, "END", label);
}

/* The next line of t without its end and the blanks before it. */
static struct span
next_line(struct span *t)
{
	const uint8_t *end = t->n > 0 ? memchr(t->p, '\n', t->n) : NULL;
	struct span line = { t->p, end == NULL ? t->n : (size_t)(end - t->p) };
	size_t used = line.n + (end != NULL);

	if (used > 0) {
		t->p += used;
		t->n -= used;
	}
	while (line.n > 0 &&
	    (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
		line.n--;
	return line;
}

static int
is_edge(struct span line, const char *word, const char *label)
{
	uint8_t buf[80];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	write_edge(&w, word, label);
	return wr_end(&w) == SOTTO_OK &&
	    span_eq(line, (struct span){ buf, w.n - 1 });
}

static enum sotto_err
read_line(struct wr *out, struct span line, int *last)
{
	uint8_t raw[LINE_BYTES];
	size_t n;

	/* Only the last line may be shorter. */
	if (*last || line.n == 0 || line.n > LINE ||
	    base64_read(raw, sizeof(raw), &n, line) != SOTTO_OK)
		return SOTTO_EFORMAT;
	*last = n < LINE_BYTES;
	wr_bytes(out, raw, n);
	return wr_end(out);
}

enum sotto_err
armor_read(struct wr *out, const char *label, struct span text)
{
	struct span line = next_line(&text);
	enum sotto_err e;
	int last = 0;

	if (!is_edge(line, "BEGIN", label))
		return SOTTO_EFORMAT;
	while (text.n > 0) {
		line = next_line(&text);
		if (is_edge(line, "END", label)) {
			while (text.n > 0)
				if (next_line(&text).n != 0)
					return SOTTO_EFORMAT;
			return SOTTO_OK;
		}
		if ((e = read_line(out, line, &last)) != SOTTO_OK)
			return e;
	}
	return SOTTO_EFORMAT;
}
