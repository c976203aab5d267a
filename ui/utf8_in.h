/*
 * utf8_in - characters from the bytes of a terminal.  A character may come in
 * pieces (a slow line, a full buffer): what has come is kept until the rest is
 * there.  Source: RFC 3629, section 4.  The caller's thread.
 */
#ifndef UI_UTF8_IN_H
#define UI_UTF8_IN_H

#include <stddef.h>
#include <stdint.h>

struct utf8_in {
	char b[4];   /* what has come of the character */
	uint8_t n;   /* bytes in b */
	uint8_t len; /* that it will have */
};

#define UTF8_IN_MAX 5

/*
 * utf8_in_byte - one more byte.  out gets the character that is whole now,
 * NUL-terminated; what is not UTF-8 becomes U+FFFD, never nothing.  Returns
 * its length; 0: more is needed.  *again: the byte did not belong to what came
 * before it, and has to be given once more.
 */
size_t utf8_in_byte(struct utf8_in *u, uint8_t byte, char out[UTF8_IN_MAX],
    int *again);

#endif
