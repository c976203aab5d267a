/* Names, texts and links that come from elsewhere, and JSON for others. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/name.h"
#include "base/secret.h"

#include "tests/lib/cm.h"

/* ---- names: every length ---- */

static void
test_names_that_look_alike(void **state)
{
	static const struct {
		const char *a, *b;
		int alike;
	} pairs[] = { { "bob", "b0b", 1 }, { "bob", "bob", 0 },
		{ "bob", "rob", 0 }, { "alice", "al1ce", 1 },
		{ "alice", "aiice", 1 }, { "modem", "modern", 1 },
		{ "wanda", "vvanda", 1 }, { "anna-b", "anna.b", 1 },
		{ "annab", "anna_b", 1 }, { "sam5", "sams", 1 },
		{ "r", "rn", 0 }, { "m", "rn", 1 } };
	struct name a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(name_parse(&a, span_str(pairs[i].a)),
		    SOTTO_OK);
		assert_int_equal(name_parse(&b, span_str(pairs[i].b)),
		    SOTTO_OK);
		assert_int_equal(name_looks_like(&a, &b), pairs[i].alike);
		assert_int_equal(name_looks_like(&b, &a), pairs[i].alike);
	}
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "", "1a", "_a", "-a", ".a", "A",
		"aB", "a b", "a\n", "a/b", "\xc3\xa4", "aaaaaaaaaaaaaaaaa",
		"a\x1b" };
	uint8_t wire[NAME_WIRE_LEN];
	struct name n, back;

	(void)state;
	for (size_t len = 1; len <= NAME_MAX_LEN; len++) {
		char s[20] = "abcdefghijklm._-0123";
		struct wr w;
		struct rd r;

		s[len] = '\0';
		assert_int_equal(name_parse(&n, span_str(s)), SOTTO_OK);
		assert_string_equal(n.s, s);
		wr_init(&w, wire, sizeof(wire));
		wr_name(&w, &n);
		assert_int_equal(wr_end(&w), SOTTO_OK);
		assert_int_equal(w.n, NAME_WIRE_LEN);
		rd_init(&r, SPAN(wire));
		rd_name(&r, &back);
		assert_int_equal(rd_end(&r), SOTTO_OK);
		assert_true(name_eq(&n, &back));
		/* Bytes behind the name must be zero. */
		if (len < NAME_MAX_LEN) {
			wire[NAME_WIRE_LEN - 1] = 'x';
			rd_init(&r, SPAN(wire));
			rd_name(&r, &back);
			assert_int_not_equal(rd_end(&r), SOTTO_OK);
		}
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(name_parse(&n, span_str(bad[i])),
		    SOTTO_OK);
}

/* ---- text ---- */

static void
safe(const char *in, const char *want, enum text_mode mode)
{
	char out[256];

	(void)text_safe(out, sizeof(out), span_str(in), mode);
	assert_string_equal(out, want);
}

static void
test_hostile_text(void **state)
{
	(void)state;
	safe("plain", "plain", TEXT_ONE_LINE);
	safe("a\033[31mred", "a^[[31mred", TEXT_ONE_LINE);
	safe("bell\a", "bell^G", TEXT_LINES);
	safe("a\tb\nc", "a    b\nc", TEXT_LINES);
	safe("a\nb", "a^Jb", TEXT_ONE_LINE);
	safe("\xe2\x80\xae"
	     "evil",
	    "<RLO>evil", TEXT_LINES);
	safe("a\xe2\x80\x8b"
	     "b",
	    "a<U+200B>b", TEXT_LINES);
	safe("\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd", TEXT_LINES);
	safe("\xc2\x9b"
	     "31m",
	    "<9B>31m", TEXT_LINES);
	safe("\x7f", "^?", TEXT_LINES);
}

/* Whatever the bytes: the result is UTF-8 without controls, and it fits. */
static void
test_any_bytes_become_safe(void **state)
{
	uint64_t x = 88172645463325252ULL;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t in[40];
		char out[64];
		size_t n, cap = (size_t)(x % sizeof(out)) + 1;

		for (size_t i = 0; i < sizeof(in); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			in[i] = (uint8_t)(x & 1 ? x >> 8 : 0xc0 | (x >> 8));
		}
		n = text_safe(out, cap, SPAN(in), TEXT_ONE_LINE);
		assert_true(n < cap);
		assert_int_equal(out[n], '\0');
		assert_int_equal(strlen(out), n);
		assert_true(text_is_utf8(span_str(out)));
		for (size_t i = 0; i < n; i++)
			assert_true(
			    (unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	}
}

static void
test_widths(void **state)
{
	(void)state;
	assert_int_equal(text_width(span_str("abc")), 3);
	assert_int_equal(text_width(span_str("\xe6\x97\xa5\xe6\x9c\xac")), 4);
	assert_int_equal(text_width(span_str("e\xcc\x81")), 1);
	assert_int_equal(text_width(span_str("\xf0\x9f\x98\x80")), 2);
	/* Nothing is cut in half. */
	assert_int_equal(text_fit(span_str("a\xe6\x97\xa5"), 2), 1);
	assert_int_equal(text_fit(span_str("a\xe6\x97\xa5"), 3), 4);
	assert_int_equal(text_fit(span_str("e\xcc\x81x"), 1), 3);
}

static void
expect_link(const char *text, const char *want)
{
	struct span link;
	const int found = text_link(span_str(text), &link);

	if (want == NULL) {
		assert_false(found);
		return;
	}
	assert_true(found);
	assert_true(span_eq(link, span_str(want)));
}

static void
test_links(void **state)
{
	(void)state;
	expect_link("see https://a.example/b?c=d#e, now",
	    "https://a.example/b?c=d#e");
	expect_link("(http://x.example).", "http://x.example");
	expect_link("https://x.example/\xc3\xa4", "https://x.example/");
	expect_link("https:// nothing", NULL);
	expect_link("ftp://x javascript:x file:///etc", NULL);
	expect_link("", NULL);
	expect_link("https://x\033[2Jy", "https://x");
}

/* ---- JSON ---- */

static void
test_json(void **state)
{
	char out[256] = "";
	FILE *f = fmemopen(out, sizeof(out), "w");
	struct json j;

	(void)state;
	assert_non_null(f);
	json_begin(&j, f);
	json_str(&j, "a",
	    "\"x\\\n\x01\x7f "
	    "\xc2\x9b"
	    "\xc2\xa0\xc3\xa4 \xff");
	json_int(&j, "b", UINT64_MAX);
	json_bool(&j, "c", 0);
	json_end(&j);
	(void)fclose(f);
	assert_string_equal(out,
	    "{\"a\":\"\\\"x\\\\\\u000a\\u0001\\u007f \\u009b\xc2\xa0\xc3\xa4 "
	    "\xef\xbf\xbd\",\"b\":18446744073709551615,\"c\":false}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_that_look_alike),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_any_bytes_become_safe),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
