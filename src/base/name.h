/*
 * name - what a user is called: 1 to 16 bytes of a-z 0-9 . _ - beginning with
 * a letter.  One spelling, compared as bytes; so nothing that imitates another
 * script or moves a cursor can stand in a name.  sotto-protocol(7) NAMES.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include "base/bytes.h"

#define NAME_MAX_LEN  16
#define NAME_WIRE_LEN (1 + NAME_MAX_LEN) /* u8 length, 16 bytes zero-padded */

struct name {
	char s[NAME_MAX_LEN + 1]; /* NUL-terminated; "" is no name */
};

/* name_parse - SOTTO_EFORMAT if s is not a name. */
enum sotto_err name_parse(struct name *out, struct span s);

int name_eq(const struct name *a, const struct name *b);

/* name_looks_like - another name that a hurried eye takes for it: 0 and o, 1,
 * i and l, 5 and s, rn and m, vv and w, points and dashes. */
int name_looks_like(const struct name *a, const struct name *b);

/* rd_name, wr_name - the fixed form; anything but a name fails the cursor. */
void rd_name(struct rd *r, struct name *out);
void wr_name(struct wr *w, const struct name *n);

#endif
