#include "ui/theme.h"

struct theme_look
theme_look(enum ui_style s)
{
	static const struct theme_look looks[UI_STYLES] = {
		[UI_BOLD] = { .bold = 1 },
		[UI_DIM] = { .dim = 1 },
		[UI_TITLE] = { .reverse = 1 },
		[UI_SELECTED] = { .bold = 1, .reverse = 1 },
		[UI_WARN] = { .bold = 1, .underline = 1, .colour = THEME_RED },
		[UI_GOOD] = { .bold = 1, .colour = THEME_GREEN },
		[UI_ACCENT] = { .bold = 1, .colour = THEME_CYAN },
	};

	return looks[s < UI_STYLES ? s : UI_PLAIN];
}
