#include "base/conf_edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define FILE_LIM (1 << 20)

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* "[look]" at the start of a line. */
static int
is_section(const char *line, size_t n, const char *name)
{
	const size_t len = strlen(name);

	return n >= len + 2 && line[0] == '[' &&
	    strncmp(line + 1, name, len) == 0 && line[len + 1] == ']';
}

/* "key =", not in a comment. */
static int
is_key(const char *line, size_t n, const char *key)
{
	const size_t len = strlen(key);
	size_t i = 0;

	while (i < n && is_blank(line[i]))
		i++;
	if (n - i < len || strncmp(line + i, key, len) != 0)
		return 0;
	i += len;
	while (i < n && is_blank(line[i]))
		i++;
	return i < n && line[i] == '=';
}

struct place {
	size_t from, to; /* what is replaced */
	int has_section, has_key;
};

static void
find(struct span text, const char *section, const char *key, struct place *p)
{
	const char *s = (const char *)text.p;
	int here = section[0] == '\0';

	*p = (struct place){ .from = text.n, .to = text.n };
	for (size_t at = 0; at < text.n;) {
		const char *nl = memchr(s + at, '\n', text.n - at);
		const size_t n =
		    nl != NULL ? (size_t)(nl - (s + at)) : text.n - at;
		const size_t next = at + n + (nl != NULL);

		if (n > 0 && s[at] == '[') {
			here = is_section(s + at, n, section);
			if (here && !p->has_key) {
				p->has_section = 1;
				p->from = p->to = next;
			}
		} else if (here && is_key(s + at, n, key)) {
			p->has_section = p->has_key = 1;
			p->from = at;
			p->to = next;
		} else if (here && !p->has_key && n > 0) {
			p->from = p->to = next; /* behind its last line */
		}
		at = next;
	}
}

char *
conf_edit(struct span text, const char *section, const char *key,
    const char *value)
{
	const size_t more = strlen(section) + strlen(key) + strlen(value) + 16;
	char *out = malloc(text.n + more);
	struct place p;
	size_t n;

	if (out == NULL)
		return NULL;
	find(text, section, key, &p);
	if (p.from > 0)
		memcpy(out, text.p, p.from);
	n = p.from;
	if (n > 0 && out[n - 1] != '\n')
		out[n++] = '\n';
	if (!p.has_section)
		n += (size_t)snprintf(out + n, more, "%s[%s]\n",
		    n > 0 ? "\n" : "", section);
	n += (size_t)snprintf(out + n, text.n + more - n, "%s = %s\n", key,
	    value);
	if (p.to < text.n)
		memcpy(out + n, text.p + p.to, text.n - p.to);
	n += text.n - p.to;
	out[n] = '\0';
	return out;
}

enum sotto_err
conf_edit_file(const char *path, const char *section, const char *key,
    const char *value)
{
	uint8_t *bytes = NULL;
	size_t n = 0;
	char *out, *slash;
	char dir[FILE_PATH_MAX], *real = realpath(path, NULL);
	enum sotto_err e = file_read(path, FILE_LIM, &bytes, &n);

	if (e == SOTTO_EIO && errno == ENOENT) {
		(void)snprintf(dir, sizeof(dir), "%s", path);
		if ((slash = strrchr(dir, '/')) != NULL && slash != dir) {
			*slash = '\0';
			if ((e = file_mkdirs(dir)) != SOTTO_OK)
				return e; /* nothing is there: no real */
		}
	} else if (e != SOTTO_OK) {
		free(real);
		return e;
	}
	out = conf_edit((struct span){ bytes, n }, section, key, value);
	free(bytes);
	/* A link to a file that is kept elsewhere stays a link. */
	e = out == NULL
	    ? SOTTO_ENOMEM
	    : file_write(real != NULL ? real : path, span_str(out), 0600);
	free(out);
	free(real);
	return e;
}
