/*
 * text - Unicode at the door: what peers wrote is made harmless here, and
 * clusters and widths are measured here and nowhere else.
 *
 * text_safe() is the only road from a peer, the relay, a file or an option to
 * a terminal or a log.  Nothing is dropped silently: what cannot be shown is
 * written out, as ^X for controls, <RLO> for direction overrides, <U+200B> for
 * what is invisible, U+FFFD for bytes that are not UTF-8.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

enum text_mode {
	TEXT_ONE_LINE, /* line breaks and tabs are written out too */
	TEXT_LINES     /* line breaks stay, a tab is four spaces */
};

/* Marks that may sit on one letter; more are counted, as "<+12>". */
#define TEXT_MARKS_MAX 4

/*
 * text_safe - copy in for display; cut at a whole character where out is too
 * small.  out is NUL-terminated valid UTF-8 of at most n bytes.  n >= 1.
 * Returns the length that was written, without the NUL.
 */
size_t text_safe(char *out, size_t n, struct span in, enum text_mode mode);

/* text_safe_dup - the whole of it.  Returns owned, or NULL. */
char *text_safe_dup(struct span in, enum text_mode mode);

/* text_is_utf8 - 1 if s is well-formed UTF-8 (RFC 3629). */
int text_is_utf8(struct span s);

/* text_fold_dup - for comparing: without capitals and accents.  Owned, or
 * NULL: not UTF-8, or memory ran out. */
char *text_fold_dup(struct span in);

/* text_link - the first address (https://, http://) in s, without the point
 * behind it; 0: there is none. */
int text_link(struct span s, struct span *link);

/* One grapheme cluster: what a reader calls a character (UAX #29). */
struct text_cluster {
	struct span s; /* its bytes; borrows */
	int width;     /* columns of a terminal: 0, 1 or 2 */
};

/*
 * text_next - the first cluster of s, and s moved behind it.  0 at the end.
 * Bytes that are not UTF-8 come one by one, with width 1.
 */
int text_next(struct span *s, struct text_cluster *c);

/* text_width - columns that s takes in one line. */
size_t text_width(struct span s);

/* text_fit - how many bytes of s fit into cols columns, whole clusters. */
size_t text_fit(struct span s, size_t cols);

#endif
