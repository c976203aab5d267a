/*
 * two - alice and bob, each in a terminal, and their relay.
 */
#ifndef TESTS_TWO_H
#define TESTS_TWO_H

#include "tests/lib/world.h"

/* One world for all tests of a program: enrolling takes its time. */
struct two {
	struct world *w;
	struct tty *alice, *bob;
};

int two_setup(void **state);
int two_teardown(void **state);

/* two_open_chat - both are online, in no chat. */
void two_open_chat(struct two *p);
void two_end_chat(struct two *p);

#endif
