/*
 * conf_edit - one value of a configuration file is changed, and nothing else:
 * comments, order, and keys that are not known stay as they are.
 */
#ifndef BASE_CONF_EDIT_H
#define BASE_CONF_EDIT_H

#include "base/bytes.h"

/*
 * conf_edit - the text of a file in which [section] has "key = value".  Where
 * the key is, its line is changed; else it comes behind the last line of its
 * section; else with that section at the end.  Returns owned, or NULL.
 */
char *conf_edit(struct span text, const char *section, const char *key,
    const char *value);

/* conf_edit_file - the same, as a whole; made if it is missing, with its
 * folders.  Errors:  SOTTO_EIO with errno; SOTTO_ENOMEM. */
enum sotto_err conf_edit_file(const char *path, const char *section,
    const char *key, const char *value);

#endif
