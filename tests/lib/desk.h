/*
 * desk - alice at her client, with companions who answer, in a world of theirs.
 */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include "tests/lib/world.h"

#define KEY_F2    "\033OQ"
#define KEY_F10   "\033[21~"
#define CTRL_O    "\017"
#define CTRL_Q    "\021"
#define CTRL_R    "\022"
#define CTRL_U    "\025"
#define CTRL_X    "\030"
#define CTRL_Y    "\031"
#define CTRL_Z    "\032"
#define ALT_LEFT  "\033[1;3D"
#define ALT_RIGHT "\033[1;3C"

struct desk {
	struct world *w;
	struct tty *t; /* alice; bob and carol are companions who answer */
	char conf[WORLD_PATH];
};

int desk_setup(void **state);
int desk_teardown(void **state);

/* desk_conf - her configuration from the next start on, with those lines. */
void desk_conf(struct desk *s, const char *more);
/* desk_talk_to - opens the chat with a companion. */
void desk_talk_to(struct desk *s, const char *name);
/* desk_afresh - back to an empty composer in the chat with bob. */
void desk_afresh(struct desk *s);
/* desk_again - another start of it, in the chat with bob. */
struct tty *desk_again(struct desk *s, const char *more);

/* desk_wrote - what follows what in everything that was written. */
int desk_wrote(struct tty *t, const char *text);
void desk_wait_wrote(struct tty *t, const char *text);
/* desk_wait_answer - it was said, and bob's answer repeats it. */
void desk_wait_answer(struct tty *t, const char *text);

#endif
