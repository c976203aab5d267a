/*
 * log - one line an event: time, level, subject, what, why.
 *
 * No secret, no message text and no key is ever passed here (a lint check
 * looks at every call).  The line is made safe as a whole: what a peer wrote
 * cannot forge a second line or reach the reader's terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level {
	LOG_ERROR, /* the program cannot do its work */
	LOG_WARN,  /* somebody, or something, misbehaves */
	LOG_INFO,  /* the audit trail: connects, logins, chats */
	LOG_DEBUG  /* for finding a fault; says addresses */
};

struct log;

/*
 * log_open - write to the file at path (appended, made 0600), to the system's
 * log (syslog, or journald in its place) where it is LOG_TO_SYSTEM, or to
 * standard error where path is NULL.  Returns owned, or NULL with errno.
 */
#define LOG_TO_SYSTEM "syslog"
struct log *log_open(const char *path, enum log_level max);

/* log_close - accepts NULL. */
void log_close(struct log *l);

/* log_reopen - after a log file was rotated; keeps the old one on failure. */
enum sotto_err log_reopen(struct log *l);

/* log_set_level - from now on; accepts NULL. */
void log_set_level(struct log *l, enum log_level max);
/* log_wants - is there somebody who reads that level? */
int log_wants(const struct log *l, enum log_level level);

/*
 * log_say - one line, printf style, cut at LOG_LINE_MAX bytes.  l may be NULL.
 * Thread: any.
 */
void log_say(struct log *l, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * log_wait - from now on lines of LOG_INFO and below wait for log_flush(), for the
 * next one that is worse, or for a buffer that is full.  Accepts NULL.
 */
void log_wait(struct log *l);
/* log_flush - what waits; a server calls it once a turn.  Accepts NULL. */
void log_flush(struct log *l);

#define LOG_LINE_MAX 1024

#endif
