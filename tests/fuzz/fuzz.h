/*
 * fuzz - one function for libFuzzer, and for the replay of seeds in "check".
 * A target aborts when something that must hold does not.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* How many mutations of each seed the replay tries. */
extern const int fuzz_replays;

#define MUST(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

#endif
