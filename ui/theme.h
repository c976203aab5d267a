/*
 * theme - how a style looks: attributes carry all of the meaning, colours only
 * repeat it.  The terminal's own background is never touched.
 */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/canvas.h"

enum theme_colour {
	THEME_DEFAULT,
	THEME_RED,
	THEME_GREEN,
	THEME_CYAN
};

struct theme_look {
	int bold, dim, reverse, underline;
	enum theme_colour colour;
};

/* theme_look - of one style. */
struct theme_look theme_look(enum ui_style s);

#endif
