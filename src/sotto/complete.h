/*
 * complete - what the word before the cursor may become: a command, somebody's
 * name, an emoji, a path.  Thread: main.
 */
#ifndef SOTTO_COMPLETE_H
#define SOTTO_COMPLETE_H

#include "ui/edit.h"

#define OFFERS_MAX  8 /* that are shown at once */
#define OFFER_TEXT  200
#define OFFER_ABOUT 64

struct offer {
	char text[OFFER_TEXT]; /* in place of the word */
	char show[72], about[OFFER_ABOUT];
};

struct offers {
	struct offer o[OFFERS_MAX];
	size_t n;
	size_t from; /* where the word begins, in bytes */
	int more;    /* there are others */
};

struct app;

/* complete - paths: also look into folders, which is done when it is asked
 * for only. */
void complete(const struct app *a, const struct edit *e, int paths,
    struct offers *out);

/* complete_emoji - ":thumbs-up:" as itself; "" if there is none. */
const char *complete_emoji(const char *name, size_t n);

#endif
