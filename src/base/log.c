#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_system.h"
#include "base/text.h"

#define WAIT_MAX 16384

struct log {
	pthread_mutex_t lock; /* of waiting */
	char waiting[WAIT_MAX];
	size_t n;
	int waits; /* log_wait() */
	int fd;
	char *path;     /* NULL: standard error, or: */
	int is_system;  /* the system's log */
	atomic_int max; /* an enum log_level */
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
	(void)pthread_mutex_init(&l->lock, NULL);
	l->fd = STDERR_FILENO;
	l->max = max;
	if (path == NULL)
		return l;
	if (strcmp(path, LOG_TO_SYSTEM) == 0) {
		log_system_open();
		l->is_system = 1;
		return l;
	}
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
	log_flush(l);
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
log_set_level(struct log *l, enum log_level max)
{
	if (l != NULL)
		l->max = (int)max;
}

int
log_wants(const struct log *l, enum log_level level)
{
	return l != NULL && (int)level <= l->max;
}

/* A full disk must not stop the program: the result is not looked at. */
static void
flush_locked(struct log *l)
{
	if (l->n > 0)
		(void)!write(l->fd, l->waiting, l->n);
	l->n = 0;
}

void
log_wait(struct log *l)
{
	if (l == NULL)
		return;
	(void)pthread_mutex_lock(&l->lock);
	l->waits = 1;
	(void)pthread_mutex_unlock(&l->lock);
}

void
log_flush(struct log *l)
{
	if (l == NULL)
		return;
	(void)pthread_mutex_lock(&l->lock);
	flush_locked(l);
	(void)pthread_mutex_unlock(&l->lock);
}

void
log_say(struct log *l, enum log_level level, const char *fmt, ...)
{
	char raw[LOG_LINE_MAX], safe[LOG_LINE_MAX], line[LOG_LINE_MAX + 64];
	char when[CLOCK_ISO_LEN];
	va_list ap;
	int n;

	if (!log_wants(l, level))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_safe(safe, sizeof(safe), span_str(raw), TEXT_ONE_LINE);
	if (l->is_system) { /* which has a time of its own */
		log_system_say((int)level, safe);
		return;
	}
	clock_iso(when, clock_wall_ms());
	n = snprintf(line, sizeof(line), "%s %s %s\n", when, level_name(level),
	    safe);
	if (n <= 0)
		return;
	(void)pthread_mutex_lock(&l->lock);
	if (l->n + (size_t)n > sizeof(l->waiting))
		flush_locked(l);
	memcpy(l->waiting + l->n, line, (size_t)n);
	l->n += (size_t)n;
	if (level <= LOG_WARN || !l->waits)
		flush_locked(l);
	(void)pthread_mutex_unlock(&l->lock);
}
