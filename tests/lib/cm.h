/* cm - cmocka with the headers that it wants before it. */
#ifndef TESTS_CM_H
#define TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* setjmp and the others have to come first. */
#include <cmocka.h>

#endif
