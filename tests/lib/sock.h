/* sock - bare TCP on this computer, for tests that are their own wire. */
#ifndef TESTS_SOCK_H
#define TESTS_SOCK_H

#include <stdint.h>

/* sock_listen - on any free port of 127.0.0.1. */
int sock_listen(uint16_t *port);
/* sock_dial - 127.0.0.1, without Nagle's delay; -1: nobody is there. */
int sock_dial(uint16_t port);

#endif
