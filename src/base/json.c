#include "base/json.h"

#include <string.h>

#include "base/text.h"

/* RFC 8259 section 7. */
void
json_string(FILE *f, const char *s)
{
	struct span rest = span_str(s);
	struct text_cluster c;

	(void)fputc('"', f);
	while (text_next(&rest, &c)) {
		if (!text_is_utf8(c.s)) {
			(void)fputs("\xef\xbf\xbd", f);
			continue;
		}
		for (size_t i = 0; i < c.s.n; i++) {
			const unsigned char b = c.s.p[i];

			/* U+0080 to U+009F: some terminals obey them. */
			if (b == 0xc2 && i + 1 < c.s.n && c.s.p[i + 1] < 0xa0)
				(void)fprintf(f, "\\u%04x", c.s.p[++i]);
			else if (b == '"' || b == '\\')
				(void)fprintf(f, "\\%c", b);
			else if (b < ' ' || b == 0x7f)
				(void)fprintf(f, "\\u%04x", b);
			else
				(void)fputc(b, f);
		}
	}
	(void)fputc('"', f);
}

void
json_begin(struct json *j, FILE *f)
{
	*j = (struct json){ f, 0 };
	(void)fputc('{', f);
}

static void
key(struct json *j, const char *name)
{
	(void)fprintf(j->f, "%s\"%s\":", j->n++ > 0 ? "," : "", name);
}

void
json_str(struct json *j, const char *name, const char *value)
{
	key(j, name);
	json_string(j->f, value);
}

void
json_int(struct json *j, const char *name, uint64_t value)
{
	key(j, name);
	(void)fprintf(j->f, "%llu", (unsigned long long)value);
}

void
json_bool(struct json *j, const char *name, int value)
{
	key(j, name);
	(void)fputs(value ? "true" : "false", j->f);
}

void
json_end(struct json *j)
{
	(void)fputs("}\n", j->f);
}
