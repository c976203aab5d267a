/*
 * plain - sotto without a screen: lines in, lines out.  Everything that
 * happens is a line of its own, nothing is ever drawn over, questions have
 * answers that can be typed.  For screen readers, for pipes, and for terminals
 * that can do nothing else; the same client behind it.  Thread: main.
 */
#ifndef SOTTO_PLAIN_H
#define SOTTO_PLAIN_H

#include "sotto/app.h"

struct plain;

struct plain *plain_new(struct app *a); /* Returns owned, or NULL */
void plain_free(struct plain *p);       /* the terminal as it was */

/* plain_turn - say what is new, and do the next line if it can be done. */
void plain_turn(struct plain *p);
/* plain_fd - what to poll for input; -1: there is none now. */
int plain_fd(const struct plain *p);
void plain_readable(struct plain *p);
/* plain_more - there is a line that can be done now. */
int plain_more(const struct plain *p);
/* plain_notice - as notice(). */
void plain_notice(struct plain *p, const struct mchat *c, const char *what);

#endif
