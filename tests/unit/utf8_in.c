#include "ui/utf8_in.h"

#include <string.h>

#include "tests/lib/cm.h"

/* All of in, byte by byte, as the terminal's reader does it. */
static void
feed(char out[256], const char *in)
{
	struct utf8_in u = { .n = 0 };
	size_t n = 0;

	out[0] = '\0';
	for (const char *p = in; *p != '\0'; p++) {
		int again;

		do {
			n += utf8_in_byte(&u, (uint8_t)*p, out + n, &again);
			assert_true(n + UTF8_IN_MAX < 256);
		} while (again);
	}
}

static void
test_whole(void **state)
{
	static const char *const texts[] = { "a", "\xc3\xbc", "\xe6\x97\xa5z",
		"\xf0\x9f\x98\x80", "e\xcc\x81 \xf4\x8f\xbf\xbf" };
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		feed(out, texts[i]);
		assert_string_equal(out, texts[i]);
	}
}

static void
test_a_piece_waits(void **state)
{
	struct utf8_in u = { .n = 0 };
	char out[UTF8_IN_MAX];
	int again;

	(void)state;
	assert_int_equal(utf8_in_byte(&u, 0xf0, out, &again), 0);
	assert_int_equal(utf8_in_byte(&u, 0x9f, out, &again), 0);
	assert_int_equal(utf8_in_byte(&u, 0x98, out, &again), 0);
	assert_int_equal(utf8_in_byte(&u, 0x80, out, &again), 4);
	assert_string_equal(out, "\xf0\x9f\x98\x80");
	assert_int_equal(again, 0);
}

/* What is not UTF-8 is seen, and takes nothing else with it. */
static void
test_bad(void **state)
{
	static const struct {
		const char *in, *out;
	} c[] = {
		{ "\xc3z", "\xef\xbf\xbdz" },
		{ "\xf0\x9f\xc3\xbc", "\xef\xbf\xbd\xc3\xbc" },
		{ "\x80x", "\xef\xbf\xbdx" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "\xed\xa0\x80!", "\xef\xbf\xbd!" },     /* a surrogate */
		{ "\xe0\x80\xaf!", "\xef\xbf\xbd!" },     /* too long */
		{ "\xf4\x90\x80\x80!", "\xef\xbf\xbd!" }, /* above all */
		{ "\xe6\x1b", "\xef\xbf\xbd\x1b" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		feed(out, c[i].in);
		assert_string_equal(out, c[i].out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_a_piece_waits),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests_name("utf8_in", tests, NULL, NULL);
}
