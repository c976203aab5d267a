#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

#define NONE THEME_NO_COLOUR

enum {
	RED = 1,
	GREEN,
	YELLOW,
	BLUE,
	MAGENTA,
	CYAN
};

/* No two styles that mean something differ by their colour alone. */
#define SHAPES                                                                 \
	[UI_PLAIN] = { .colour = NONE }, [UI_INPUT] = { .colour = NONE },      \
	[UI_BOLD] = { .bold = 1, .colour = NONE },                             \
	[UI_TITLE] = { .reverse = 1, .colour = NONE },                         \
	[UI_SELECTED] = { .bold = 1, .reverse = 1, .colour = NONE }

static const struct {
	const char *name;
	struct theme t;
} themes[] = {
	{ "default",
	    { { SHAPES, [UI_DIM] = { .dim = 1, .colour = NONE },
		[UI_WARN] = { .bold = 1, .underline = 1, .colour = RED },
		[UI_GOOD] = { .bold = 1, .colour = GREEN },
		[UI_ACCENT] = { .bold = 1, .colour = CYAN },
		[UI_LINK] = { .underline = 1, .colour = CYAN },
		[UI_NOTICE] = { .bold = 1, .colour = MAGENTA } } } },
	{ "mono",
	    { { SHAPES, [UI_DIM] = { .dim = 1, .colour = NONE },
		[UI_WARN] = { .bold = 1, .underline = 1, .colour = NONE },
		[UI_GOOD] = { .bold = 1, .colour = NONE },
		[UI_ACCENT] = { .bold = 1, .colour = NONE },
		[UI_LINK] = { .underline = 1, .colour = NONE },
		[UI_NOTICE] = { .bold = 1, .colour = NONE } } } },
	{ "calm",
	    { { SHAPES, [UI_DIM] = { .dim = 1, .colour = NONE },
		[UI_WARN] = { .bold = 1, .underline = 1, .colour = YELLOW },
		[UI_GOOD] = { .bold = 1, .colour = GREEN },
		[UI_ACCENT] = { .bold = 1, .colour = BLUE },
		[UI_LINK] = { .underline = 1, .colour = BLUE },
		[UI_NOTICE] = { .bold = 1, .colour = YELLOW } } } },
	{ "contrast",
	    { { SHAPES, [UI_DIM] = { .colour = NONE },
		[UI_WARN] = { .bold = 1,
		    .underline = 1,
		    .reverse = 1,
		    .colour = NONE },
		[UI_GOOD] = { .bold = 1, .colour = NONE },
		[UI_ACCENT] = { .bold = 1, .underline = 1, .colour = NONE },
		[UI_LINK] = { .underline = 1, .colour = NONE },
		[UI_NOTICE] = { .bold = 1, .reverse = 1, .colour = NONE } } } },
};

static const char *const styles[UI_STYLES] = { [UI_PLAIN] = "plain",
	[UI_BOLD] = "bold",
	[UI_DIM] = "dim",
	[UI_TITLE] = "title",
	[UI_SELECTED] = "selected",
	[UI_WARN] = "warn",
	[UI_GOOD] = "good",
	[UI_ACCENT] = "accent",
	[UI_INPUT] = "input",
	[UI_LINK] = "link",
	[UI_NOTICE] = "notice" };

static const char *const colours[] = { "black", "red", "green", "yellow",
	"blue", "magenta", "cyan", "white" };

const char *
theme_name(size_t i)
{
	return i < sizeof(themes) / sizeof(themes[0]) ? themes[i].name : NULL;
}

enum sotto_err
theme_get(struct theme *out, const char *name)
{
	for (size_t i = 0; i < sizeof(themes) / sizeof(themes[0]); i++)
		if (strcmp(themes[i].name, name) == 0) {
			*out = themes[i].t;
			return SOTTO_OK;
		}
	return SOTTO_EFORMAT;
}

/* A colour by its name, "bright-" before it, or its number.  0: neither. */
static int
take_colour(struct theme_look *l, const char *w, size_t n)
{
	const int bright = n > 7 && strncmp(w, "bright-", 7) == 0;
	char *end;
	unsigned long v;

	if (n == 7 && strncmp(w, "default", n) == 0) {
		l->colour = NONE;
		return 1;
	}
	for (int i = 0; i < 8; i++) {
		const char *at = w + (bright ? 7 : 0);
		const size_t left = n - (bright ? 7 : 0);

		if (strlen(colours[i]) == left &&
		    strncmp(colours[i], at, left) == 0) {
			l->colour = i + (bright ? 8 : 0);
			return 1;
		}
	}
	if (w[0] < '0' || w[0] > '9')
		return 0;
	v = strtoul(w, &end, 10);
	l->colour = (int)(v & 0xff);
	return end == w + n && v < 256;
}

static int
take_word(struct theme_look *l, const char *w, size_t n)
{
	const struct {
		const char *word;
		int *on;
	} words[] = { { "bold", &l->bold }, { "dim", &l->dim },
		{ "reverse", &l->reverse }, { "underline", &l->underline } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == n &&
		    strncmp(words[i].word, w, n) == 0)
			return *words[i].on = 1;
	return take_colour(l, w, n);
}

int
theme_colour(const struct theme_look *l, int light)
{
	if (!light || l->own)
		return l->colour;
	if (l->colour == CYAN)
		return BLUE;
	/* Their words are bold too, and say it. */
	return l->colour == GREEN || l->colour == YELLOW ? NONE : l->colour;
}

const char *
theme_set(struct theme *t, const char *style, const char *look)
{
	struct theme_look l = { .colour = NONE, .own = 1 };
	size_t s = 0;

	while (s < UI_STYLES && strcmp(styles[s], style) != 0)
		s++;
	if (s == UI_STYLES)
		return "is no style; sotto.conf(5) lists them";
	while (*look != '\0') {
		const size_t n = strcspn(look, " ");

		if (n > 0 && !take_word(&l, look, n))
			return "has to be of bold, dim, reverse, underline and "
			       "a colour: its name, or 0 to 255";
		look += n + (look[n] == ' ');
	}
	t->look[s] = l;
	return NULL;
}
