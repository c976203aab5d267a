#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

struct log {
	int fd;
	char *path; /* NULL: standard error */
	enum log_level max;
};

static int
open_path(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

struct log *
log_open(const char *path, enum log_level max)
{
	struct log *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->fd = STDERR_FILENO;
	l->max = max;
	if (path == NULL)
		return l;
	l->path = strdup(path);
	l->fd = l->path == NULL ? -1 : open_path(path);
	if (l->fd < 0) {
		free(l->path);
		free(l);
		return NULL;
	}
	return l;
}

void
log_close(struct log *l)
{
	if (l == NULL)
		return;
	if (l->path != NULL)
		(void)close(l->fd);
	free(l->path);
	free(l);
}

enum sotto_err
log_reopen(struct log *l)
{
	int fd;

	if (l->path == NULL)
		return SOTTO_OK;
	if ((fd = open_path(l->path)) < 0)
		return SOTTO_EIO;
	/* dup3 swaps the file under the descriptor that other threads use. */
	if (dup3(fd, l->fd, O_CLOEXEC) < 0) {
		(void)close(fd);
		return SOTTO_EIO;
	}
	(void)close(fd);
	return SOTTO_OK;
}

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error";
	case LOG_WARN:
		return "warn";
	case LOG_INFO:
		return "info";
	case LOG_DEBUG:
		return "debug";
	}
	return "?";
}

void
log_say(struct log *l, enum log_level level, const char *fmt, ...)
{
	char raw[LOG_LINE_MAX], safe[LOG_LINE_MAX], line[LOG_LINE_MAX + 64];
	char when[CLOCK_ISO_LEN];
	va_list ap;
	int n;

	if (l == NULL || level > l->max)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_safe(safe, sizeof(safe), span_str(raw), TEXT_ONE_LINE);
	clock_iso(when, clock_wall_ms());
	n = snprintf(line, sizeof(line), "%s %s %s\n", when, level_name(level),
	    safe);
	/* One write a line: lines of threads never mix.  A full disk must not
	 * stop the program, so the result is not looked at. */
	if (n > 0)
		(void)!write(l->fd, line, (size_t)n);
}
