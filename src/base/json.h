/*
 * json - the few things that we write as JSON (RFC 8259): objects of one line.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdint.h>
#include <stdio.h>

/* json_string - with its quotes; what is not UTF-8 becomes U+FFFD, and all
 * controls are escaped: it may be looked at in a terminal. */
void json_string(FILE *f, const char *s);

/*
 * An object: json_begin(), members, json_end() with a line break.  first is
 * kept in the caller's struct.
 */
struct json {
	FILE *f;
	int n; /* members so far */
};
void json_begin(struct json *j, FILE *f);
void json_str(struct json *j, const char *name, const char *value);
void json_int(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, int value);
void json_end(struct json *j);

#endif
