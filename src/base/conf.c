#include "base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct load {
	conf_line_fn *fn;
	void *ctx;
	char why[CONF_ERR_MAX / 2]; /* of the first bad line, or "" */
};

/* inih wants 1 for a good line; it remembers the number of the first bad. */
static int
on_line(void *user, const char *section, const char *key, const char *value)
{
	struct load *l = user;
	const char *why = l->fn(l->ctx, section, key, value);
	char safe[64];

	if (why == NULL)
		return 1;
	if (l->why[0] == '\0') {
		(void)text_safe(safe, sizeof(safe), span_str(key),
		    TEXT_ONE_LINE);
		(void)snprintf(l->why, sizeof(l->why), "'%s' %s", safe, why);
	}
	return 0;
}

enum sotto_err
conf_load(const char *path, conf_line_fn *fn, void *ctx, char err[CONF_ERR_MAX])
{
	struct load l = { .fn = fn, .ctx = ctx };
	FILE *f = fopen(path, "re");
	int line;

	if (f == NULL)
		return SOTTO_EIO;
	line = ini_parse_file(f, on_line, &l);
	(void)fclose(f);
	if (line == 0)
		return SOTTO_OK;
	(void)snprintf(err, CONF_ERR_MAX, "%.200s, line %d: %s", path, line,
	    l.why[0] != '\0' ? l.why : "not a [section] or 'key = value'");
	return SOTTO_EFORMAT;
}

enum sotto_err
conf_bool(const char *value, int *out)
{
	static const char *const yes[] = { "yes", "on", "true", "1" };
	static const char *const no[] = { "no", "off", "false", "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcasecmp(value, yes[i]) == 0) {
			*out = 1;
			return SOTTO_OK;
		}
		if (strcasecmp(value, no[i]) == 0) {
			*out = 0;
			return SOTTO_OK;
		}
	}
	return SOTTO_EFORMAT;
}

static unsigned long long
unit_factor(const char *unit)
{
	static const struct {
		const char *unit;
		unsigned long long factor;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
		{ "d", 86400 }, { "K", 1024 }, { "M", 1024 * 1024 },
		{ "G", 1024 * 1024 * 1024 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].unit) == 0)
			return units[i].factor;
	return 0;
}

enum sotto_err
conf_number(const char *value, unsigned long long min, unsigned long long max,
    unsigned long long *out)
{
	unsigned long long n, factor;
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return SOTTO_EFORMAT;
	errno = 0;
	n = strtoull(value, &end, 10);
	factor = unit_factor(end);
	if (errno != 0 || factor == 0)
		return SOTTO_EFORMAT;
	if (n > max / factor || n * factor < min)
		return SOTTO_ETOOBIG;
	*out = n * factor;
	return SOTTO_OK;
}
