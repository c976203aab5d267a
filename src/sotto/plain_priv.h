/*
 * plain_priv - the inside of plain.h, for plain.c and plain_line.c.
 */
#ifndef SOTTO_PLAIN_PRIV_H
#define SOTTO_PLAIN_PRIV_H

#include <termios.h>

#include "sotto/plain.h"
#include "sotto/present.h"

struct plain {
	struct app *a;
	struct frame *f; /* owned: strings, and pages that are shown */
	/* What was said last: */
	enum ui_where where;
	enum show_as form;
	enum link_state link;
	struct name to;
	char error[MSG_TEXT_MAX];
	/* Input: */
	char *in; /* secret */
	size_t n;
	int eof, asked;
	int tty, quiet;
	struct termios before;
};

/* plain_text - a line; the breaks in text are indented. */
void plain_text(const char *before, const char *text);
/* plain_line - what was typed, where the user is. */
void plain_line(struct app *a, const char *text);

#endif
