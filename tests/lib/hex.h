/* hex - bytes out of the hexadecimal texts of published vectors. */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

struct hex {
	uint8_t b[1024];
	size_t n;
};

static inline struct hex
hex_of(const char *text)
{
	struct hex h = { .n = strlen(text) / 2 };

	for (size_t i = 0; i < h.n && i < sizeof(h.b); i++) {
		const char two[3] = { text[2 * i], text[2 * i + 1], '\0' };

		h.b[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	return h;
}

#define HEX_SPAN(h) ((struct span){ (h).b, (h).n })

#define assert_hex(got, len, text)                                             \
	do {                                                                   \
		const struct hex want_ = hex_of(text);                         \
                                                                               \
		assert_int_equal(want_.n, (len));                              \
		assert_memory_equal((got), want_.b, want_.n);                  \
	} while (0)

#endif
