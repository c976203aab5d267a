/*
 * conf - the configuration files: inih's sections and "key = value" lines.
 *
 * conf_load() calls back for each line; the callback answers NULL, or a
 * sentence that says what is wrong with the line.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/err.h"

/* Borrows all strings during the call.  Returns NULL, or a static sentence. */
typedef const char *conf_line_fn(void *ctx, const char *section,
    const char *key, const char *value);

#define CONF_ERR_MAX 512

/*
 * conf_load - read the file at path.
 *
 * Errors:  SOTTO_EIO: cannot be opened, with errno (ENOENT: there is none).
 *          SOTTO_EFORMAT: err names the file, the first bad line and why.
 */
enum sotto_err conf_load(const char *path, conf_line_fn *fn, void *ctx,
    char err[CONF_ERR_MAX]);

/* conf_bool - yes/no, on/off, true/false, 1/0.  SOTTO_EFORMAT otherwise. */
enum sotto_err conf_bool(const char *value, int *out);

/*
 * conf_number - a decimal number from min to max, with an optional unit after
 * it: s m h d (seconds) or K M G (bytes, powers of 1024).
 */
enum sotto_err conf_number(const char *value, unsigned long long min,
    unsigned long long max, unsigned long long *out);

#endif
