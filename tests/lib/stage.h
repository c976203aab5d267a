/*
 * stage - the client's model and a frame of it, without a terminal and without
 * an engine, for tests of what is shown.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "sotto/present.h"

struct stage {
	struct sotto_conf conf;
	struct app *a;
	struct frame *f;
};

int stage_up(void **state);
int stage_down(void **state);
/* stage_fill - four people, with chats. */
void stage_fill(struct app *a);
/* stage_story - a day of somebody, for goldens and pictures. */
void stage_story(struct app *a);
/* stage_draw - a screen of w by h as text, owned. */
char *stage_draw(struct stage *s, int w, int h);

#endif
