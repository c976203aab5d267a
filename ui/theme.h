/*
 * theme - how a style looks: attributes carry all of the meaning, colours only
 * repeat it.  The terminal's own background is never touched.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/canvas.h"

#define THEME_NO_COLOUR (-1)

struct theme_look {
	int bold, dim, reverse, underline;
	int colour; /* of the letters: 0 to 255, or THEME_NO_COLOUR */
	int own;    /* the user chose it: it is for his background */
};

struct theme {
	struct theme_look look[UI_STYLES];
};

/* theme_name - of the i-th that is built in; NULL behind the last.  The first
 * one is the default. */
const char *theme_name(size_t i);
/* theme_get - SOTTO_EFORMAT: there is none of that name. */
enum sotto_err theme_get(struct theme *out, const char *name);
/* theme_colour - of that look, on a light background or a dark one: cyan, green
 * and yellow cannot be read on white. */
int theme_colour(const struct theme_look *l, int light);
/* theme_set - "warn", "bold underline red": of one style.  Returns NULL, or a
 * static sentence that says what is wrong. */
const char *theme_set(struct theme *t, const char *style, const char *look);

#endif
