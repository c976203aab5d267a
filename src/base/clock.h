/*
 * clock - the two clocks.  Only main functions and loops ask them; everything
 * below gets the time as a parameter, so that tests can make it up.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* clock_mono_ms - milliseconds of a clock that never jumps or stops. */
uint64_t clock_mono_ms(void);

/* clock_wall_ms - milliseconds since 1970-01-01 00:00 UTC; may jump. */
uint64_t clock_wall_ms(void);

/* "2026-06-03T14:07:09Z" with its NUL. */
#define CLOCK_ISO_LEN 21

/* clock_iso - write wall_ms as UTC, to the second, for logs. */
void clock_iso(char out[CLOCK_ISO_LEN], uint64_t wall_ms);

#endif
