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
 * log_open - write to the file at path (appended, made 0600), or to standard
 * error where path is NULL.  Returns owned, or NULL with errno.
 */
struct log *log_open(const char *path, enum log_level max);

/* log_close - accepts NULL. */
void log_close(struct log *l);

/* log_reopen - after a log file was rotated; keeps the old one on failure. */
enum sotto_err log_reopen(struct log *l);

/*
 * log_say - one line, printf style, cut at LOG_LINE_MAX bytes.  l may be NULL.
 * Thread: any.
 */
void log_say(struct log *l, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_LINE_MAX 1024

#endif
