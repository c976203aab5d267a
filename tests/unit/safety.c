/* Words, digits, lines, randomart, safety numbers; and the comparison. */
#include "crypto/safety.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/invite.h"
#include "tests/lib/cm.h"

static struct hash
fp_of(uint8_t seed)
{
	struct hash h;

	hash_one(&h, (struct span){ &seed, 1 });
	return h;
}

/* ---- the list ---- */

/* 1 if one change of one letter makes b of a. */
static int
is_near(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i = 0;

	if (n > m)
		return is_near(b, a);
	if (m - n > 1)
		return 0;
	while (i < n && a[i] == b[i])
		i++;
	return strcmp(a + i + (m == n), b + i + 1) == 0;
}

static void
test_list(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SAFETY_LIST_LEN; i++) {
		const char *w = safety_word(i);
		size_t n = strlen(w);

		assert_in_range(n, 4, SAFETY_WORD_MAX);
		assert_int_equal(strspn(w, "abcdefghijklmnopqrstuvwxyz"), n);
		if (i == 0)
			continue;
		assert_true(strcmp(safety_word(i - 1), w) < 0);
		assert_int_not_equal(strncmp(safety_word(i - 1), w, 4), 0);
		for (unsigned k = 0; k < i; k++)
			if (is_near(safety_word(k), w))
				fail_msg("%s, %s", safety_word(k), w);
	}
	assert_true(is_near("boat", "coat"));
	assert_true(is_near("boat", "boats"));
	assert_false(is_near("boat", "castle"));
}

/* ---- forms ---- */

static void
test_words_are_the_first_132_bits(void **state)
{
	struct hash fp = { { 0 } };
	struct safety_block b;

	(void)state;
	safety_of_key(&b, &fp);
	for (size_t i = 0; i < SAFETY_WORDS; i++)
		assert_string_equal(b.word[i], safety_word(0));
	fp.b[0] = 0xff;
	fp.b[1] = 0xe0;  /* eleven ones */
	fp.b[16] = 0x10; /* bit 131 */
	fp.b[17] = 0xff; /* beyond */
	safety_of_key(&b, &fp);
	assert_string_equal(b.word[0], safety_word(2047));
	assert_string_equal(b.word[1], safety_word(0));
	assert_string_equal(b.word[11], safety_word(1));
}

/* SHA-512("sotto1 digits" 0x00 0^32), computed with another program. */
static void
test_digits(void **state)
{
	static const char label[14] = "sotto1 digits";
	const struct hash fp = { { 0 } };
	struct safety_block b;
	uint8_t wide[64];

	(void)state;
	sha512_parts(wide,
	    (const struct span[]){ { (const uint8_t *)label, 14 }, SPAN(fp.b) },
	    2);
	safety_of_key(&b, &fp);
	for (size_t i = 0; i < SAFETY_GROUPS; i++) {
		uint64_t v = 0;
		char want[6];

		for (size_t k = 0; k < 5; k++)
			v = v << 8 | wide[5 * i + k];
		(void)snprintf(want, sizeof(want), "%05u",
		    (unsigned)(v % 100000));
		assert_string_equal(b.group[i], want);
	}
}

static void
test_line(void **state)
{
	struct hash fp = { { 0 } }, back;
	char line[SAFETY_LINE_LEN + 1];

	(void)state;
	safety_line(line, &fp);
	assert_string_equal(line,
	    "00000-00000-00000-00000-00000-00000-00000-"
	    "00000-00000-00000-00");
	memset(fp.b, 0xff, sizeof(fp.b));
	safety_line(line, &fp);
	assert_string_equal(line,
	    "zzzzz-zzzzz-zzzzz-zzzzz-zzzzz-zzzzz-zzzzz-"
	    "zzzzz-zzzzz-zzzzz-zg");
	for (unsigned s = 0; s < 200; s++) {
		fp = fp_of((uint8_t)s);
		safety_line(line, &fp);
		assert_int_equal(safety_line_parse(&back, span_str(line)),
		    SOTTO_OK);
		assert_memory_equal(back.b, fp.b, HASH_LEN);
		for (size_t i = 0; line[i] != '\0'; i++)
			if (line[i] >= 'a' && line[i] <= 'z')
				line[i] = (char)(line[i] - 32);
		assert_int_equal(safety_line_parse(&back, span_str(line)),
		    SOTTO_OK);
	}
	assert_int_equal(safety_line_parse(&back,
			     span_str("oil00-00000-00000-00000-00000-"
				      "00000-00000-00000-00000-00000-"
				      "00")),
	    SOTTO_OK);
	assert_int_equal(back.b[0], 0); /* o is 0, i and l are 1 */
	assert_int_equal(back.b[1], 0x42);
}

static void
test_line_refuses(void **state)
{
	static const char *const bad[] = { "", "0",
		"00000-00000-00000-00000-00000-00000-00000-00000-00000-00000-"
		"0",
		"00000-00000-00000-00000-00000-00000-00000-00000-00000-00000-"
		"000",
		"00000-00000-00000-00000-00000-00000-00000-00000-00000-00000-"
		"0u",
		"00000-00000-00000-00000-00000-00000-00000-00000-00000-00000-"
		"01", /* a loose bit */
		"00000 00000-00000-00000-00000-00000-00000-00000-00000-00000-"
		"00" };
	struct hash h;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(safety_line_parse(&h, span_str(bad[i])),
		    SOTTO_EFORMAT);
}

/* What ssh-keygen -lv printed for three keys. */
static void
test_randomart_is_that_of_openssh(void **state)
{
	static const struct {
		const char *fp, *art[9];
	} keys[] = {
		{ "wnHAm8LHc3W+THDv6NJ9NxLffWB5lgjHq6EoV/TwF3o",
		    { "     ..          ", "      ..  o o    ",
			"   . ..o.. =..   ", "    o.*o.o .o+.  ",
			"     oooS +o+++..", "       . . =+E=.o",
			"        o .o=oo+o", "     . o ...o..o*",
			"      o    .  ..+" } },
		{ "mOdcnyK0hSIYPdCzqCTPR13bbsM5G04Bfxlvt4ipE8M",
		    { "  ..             ", "   oo   o   .    ",
			"  ..o+ . =   +   ", "...oo..o..+ o o .",
			"o+... + Soo+o....", ". o .. * EX+ o . ",
			"   .    =+==o    ", "         +o.     ",
			"          .      " } },
		{ "dLOSipOCgDzPZJpTeFMUXHy8PNyOAQCNnb2/7f7pQxI",
		    { "   .*+B..        ", "   ..= + o       ",
			"     .  B =      ", "o . .  o O E     ",
			"o+ *    S * .    ", "..@ .o . + o .   ",
			".+.o+ .   o o    ", "  .. .   . . ..  ",
			"          ooo+.  " } },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char art[SAFETY_ART_ROWS][SAFETY_ART_COLS + 1];
		char b64[SAFETY_BASE64_LEN + 1], padded[45], row[20];
		struct hash fp;
		size_t n;

		(void)snprintf(padded, sizeof(padded), "%s=", keys[i].fp);
		assert_int_equal(base64_read(fp.b, sizeof(fp.b), &n,
				     span_str(padded)),
		    SOTTO_OK);
		safety_base64(b64, &fp);
		assert_memory_equal(b64, "SHA256:", 7);
		assert_string_equal(b64 + 7, keys[i].fp);
		safety_art(art, &fp, "ED25519 256", "SHA256");
		assert_string_equal(art[0], "+--[ED25519 256]--+");
		assert_string_equal(art[10], "+----[SHA256]-----+");
		for (size_t r = 0; r < 9; r++) {
			(void)snprintf(row, sizeof(row), "|%s|",
			    keys[i].art[r]);
			assert_string_equal(art[r + 1], row);
		}
	}
}

/* ---- safety numbers ---- */

static void
test_safety_number(void **state)
{
	struct safety_party a = { .spki = span_str("key a"),
		.relay = "relay.example" };
	struct safety_party b = { .spki = span_str("key b"),
		.relay = "relay.example" };
	struct safety_block ab, ba, other;

	(void)state;
	(void)strcpy(a.name.s, "alice");
	(void)strcpy(b.name.s, "bob");
	safety_number(&ab, &a, &b);
	safety_number(&ba, &b, &a);
	/* Where b's half is depends on who asks; the rest does not. */
	assert_int_equal(ab.of_b + ba.of_b, SAFETY_GROUPS / 2);
	assert_memory_equal(ab.group, ba.group, sizeof(ab.group));
	assert_memory_equal(ab.word, ba.word, sizeof(ab.word));
	b.spki = span_str("key c");
	safety_number(&other, &a, &b);
	assert_memory_not_equal(ab.group, other.group, sizeof(ab.group));
	assert_memory_not_equal(ab.word, other.word, sizeof(ab.word));
	b.spki = span_str("key b");
	(void)strcpy(b.name.s, "rob");
	safety_number(&other, &a, &b);
	assert_memory_not_equal(ab.group, other.group, sizeof(ab.group));
	(void)strcpy(b.name.s, "bob");
	b.relay = "relay.other";
	safety_number(&other, &a, &b);
	assert_memory_not_equal(ab.group, other.group, sizeof(ab.group));
}

/* ---- comparing ---- */

static struct safety_match
match(const char *typed, const struct hash *fp)
{
	struct safety_match m;

	safety_match_key(&m, span_str(typed), fp);
	return m;
}

/* The block as the relay prints it: words in columns, with numbers. */
static void
print_block(char *out, const struct safety_block *b, int words, int digits)
{
	size_t n = 0;

	for (size_t r = 0; words && r < 3; r++)
		for (size_t c = 0; c < 4; c++)
			n += (size_t)sprintf(out + n, "  %2zu %-8s%s",
			    c * 3 + r + 1, b->word[c * 3 + r],
			    c == 3 ? "\n" : "");
	for (size_t i = 0; digits && i < 12; i++)
		n += (size_t)sprintf(out + n, "%s%s", b->group[i],
		    i % 4 == 3 ? "\n" : " ");
	out[n] = '\0';
}

static void
test_match_every_form(void **state)
{
	char buf[1024], line[SAFETY_LINE_LEN + 1];

	(void)state;
	for (unsigned s = 0; s < 50; s++) {
		struct hash fp = fp_of((uint8_t)s);
		struct safety_block b;
		struct safety_match m;
		size_t n = 0;

		safety_of_key(&b, &fp);
		print_block(buf, &b, 1, 0);
		m = match(buf, &fp);
		assert_int_equal(m.state, SAFETY_MATCHED);
		assert_int_equal(m.form, SAFETY_BY_WORDS);
		print_block(buf, &b, 0, 1);
		m = match(buf, &fp);
		assert_int_equal(m.state, SAFETY_MATCHED);
		assert_int_equal(m.form, SAFETY_BY_DIGITS);
		print_block(buf, &b, 1, 1);
		assert_int_equal(match(buf, &fp).state, SAFETY_MATCHED);
		for (size_t i = 0; i < 12; i++)
			n += (size_t)sprintf(buf + n, "%s, ", b.word[i]);
		assert_int_equal(match(buf, &fp).state, SAFETY_MATCHED);
		safety_line(line, &fp);
		assert_int_equal(match(line, &fp).state, SAFETY_MATCHED);
		(void)sprintf(buf, " SOTTO:host:1/%s/tok ", line);
		m = match(buf, &fp);
		assert_int_equal(m.state, SAFETY_MATCHED);
		assert_int_equal(m.form, SAFETY_BASE32);
		(void)sprintf(buf, "sotto://[::1]:7443/%s", line);
		assert_int_equal(match(buf, &fp).state, SAFETY_MATCHED);
	}
}

/* Every prefix of the right text is on its way, and none of them is enough. */
static void
test_match_prefixes(void **state)
{
	char words[1024] = "", digits[1024] = "", line[128];
	const char *const forms[] = { words, digits, line };
	struct hash fp = fp_of(9);
	struct safety_block b;
	char key[SAFETY_LINE_LEN + 1];

	(void)state;
	safety_of_key(&b, &fp);
	for (size_t i = 0; i < 12; i++) {
		(void)strcat(strcat(words, i ? " " : ""), b.word[i]);
		(void)strcat(strcat(digits, i ? " " : ""), b.group[i]);
	}
	safety_line(key, &fp);
	(void)snprintf(line, sizeof(line), "sotto:h:1/%s", key);
	for (size_t f = 0; f < 3; f++) {
		size_t len = strlen(forms[f]);
		unsigned good = 0;

		for (size_t n = 0; n <= len; n++) {
			struct safety_match m;

			safety_match_key(&m,
			    (struct span){ (const uint8_t *)forms[f], n }, &fp);
			assert_int_equal(m.state,
			    n == len ? SAFETY_MATCHED : SAFETY_PARTIAL);
			assert_true(m.good >= good);
			good = m.good;
		}
		assert_int_equal(good, f == 2 ? 52 : 12);
	}
}

static void
test_match_differs(void **state)
{
	struct hash fp = fp_of(1), other = fp_of(2);
	struct safety_block b, o;
	char buf[1024], key[SAFETY_LINE_LEN + 1];
	struct safety_match m;

	(void)state;
	safety_of_key(&b, &fp);
	safety_of_key(&o, &other);
	for (size_t k = 0; k < 12; k++) {
		size_t n = 0;

		for (size_t i = 0; i < 12; i++)
			n += (size_t)sprintf(buf + n, "%s ",
			    i == k ? o.group[i] : b.group[i]);
		m = match(buf, &fp);
		assert_int_equal(m.state, SAFETY_DIFFERS);
		assert_int_equal(m.bad, k + 1);
		n = 0;
		for (size_t i = 0; i < 12; i++)
			n += (size_t)sprintf(buf + n, "%s ",
			    i == k ? o.word[i] : b.word[i]);
		m = match(buf, &fp);
		assert_int_equal(m.state, SAFETY_DIFFERS);
		assert_int_equal(m.bad, k + 1);
		assert_int_equal(m.form, SAFETY_BY_WORDS);
	}
	/* Right at the beginning and at the end, wrong in the middle. */
	safety_line(key, &fp);
	key[30] = key[30] == 'a' ? 'b' : 'a';
	m = match(key, &fp);
	assert_int_equal(m.state, SAFETY_DIFFERS);
	assert_int_equal(m.bad, 26);
	/* Too much of it. */
	print_block(buf, &b, 0, 1);
	(void)strcat(buf, " 12345");
	assert_int_equal(match(buf, &fp).state, SAFETY_DIFFERS);
	/* The words of one key with the digits of another. */
	print_block(buf, &b, 1, 0);
	print_block(buf + strlen(buf), &o, 0, 1);
	assert_int_equal(match(buf, &fp).state, SAFETY_DIFFERS);
	assert_int_not_equal(match("yes", &fp).state, SAFETY_MATCHED);
	assert_int_equal(match("", &fp).form, SAFETY_NONE);
	assert_int_not_equal(match("", &fp).state, SAFETY_MATCHED);
}

/* Twelve times the same good word is not twelve words. */
static void
test_match_repeated_word(void **state)
{
	struct hash fp = fp_of(3);
	struct safety_block b;
	char buf[1024] = "";

	(void)state;
	safety_of_key(&b, &fp);
	for (int i = 0; i < 12; i++)
		(void)strcat(strcat(buf, " 1 "), b.word[0]);
	assert_int_not_equal(match(buf, &fp).state, SAFETY_MATCHED);
}

/* ---- invites ---- */

static void
test_invite_round_trip(void **state)
{
	static const char *const hosts[] = { "relay.example", "10.0.0.1", "::1",
		"fe80::1:2", "localhost" };
	const char *why;

	(void)state;
	for (size_t h = 0; h < 5; h++) {
		for (int parts = 0; parts < 3; parts++) {
			struct invite in, out;
			char line[INVITE_LINE_MAX];

			memset(&in, 0, sizeof(in));
			(void)strcpy(in.host, hosts[h]);
			in.port = 8000;
			if (parts > 0) {
				in.has_key = 1;
				in.key = fp_of(4);
			}
			if (parts > 1) {
				in.has_token = 1;
				memset(in.token_id, 0xa5, 8);
				memset(in.token.b, 0x5a, KEY_LEN);
			}
			assert_int_equal(invite_write(line, &in), SOTTO_OK);
			assert_int_equal(invite_parse(&out, span_str(line),
					     &why),
			    SOTTO_OK);
			assert_memory_equal(&in, &out, sizeof(in));
		}
	}
}

static void
test_invite_addresses(void **state)
{
	static const struct {
		const char *line, *host;
		uint16_t port;
	} good[] = {
		{ "relay.example", "relay.example", 7443 },
		{ "  relay.example:99 \n", "relay.example", 99 },
		{ "sotto:relay.example", "relay.example", 7443 },
		{ "SOTTO://relay.example:1", "relay.example", 1 },
		{ "[::1]", "::1", 7443 },
		{ "[::1]:65535", "::1", 65535 },
		{ "::1", "::1", 7443 },
		{ "127.0.0.1:7000", "127.0.0.1", 7000 },
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct invite in;

		assert_int_equal(invite_parse(&in, span_str(good[i].line),
				     &why),
		    SOTTO_OK);
		assert_string_equal(in.host, good[i].host);
		assert_int_equal(in.port, good[i].port);
		assert_false(in.has_key);
		assert_false(in.has_token);
	}
}

static void
test_invite_refuses(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "", "the address is missing" },
		{ "sotto:", "the address is missing" },
		{ "host:0", "the port has to be a number from 1 to 65535" },
		{ "host:65536", "the port has to be a number from 1 to 65535" },
		{ "host:", "the port has to be a number from 1 to 65535" },
		{ "host:7x", "the port has to be a number from 1 to 65535" },
		{ "[::1", "the address has a '[' without its ']'" },
		{ "[::1]x", "something stands between ']' and the port" },
		{ "ho st", "the address has a character that no address has" },
		{ "ho\x1b[2Jst",
		    "the address has a character that no address has" },
		{ "host:1/abc",
		    "the key part is damaged: it has 52 letters and digits" },
		{ "host:1/00000-00000-00000-00000-00000-00000-00000-00000-"
		  "00000-00000-00/zz",
		    "the last part, the invite, is damaged: it has 64 letters "
		    "and digits" },
	};
	struct invite in;
	const char *why;
	char big[700];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(invite_parse(&in, span_str(bad[i].line), &why),
		    SOTTO_EFORMAT);
		assert_string_equal(why, bad[i].why);
	}
	memset(big, 'a', sizeof(big));
	assert_int_equal(invite_parse(&in,
			     (struct span){ (uint8_t *)big, sizeof(big) },
			     &why),
	    SOTTO_EFORMAT);
	assert_int_equal(invite_parse(&in, (struct span){ (uint8_t *)big, 300 },
			     &why),
	    SOTTO_EFORMAT);
	assert_string_equal(why, "the address is too long");
	/* A NUL inside is not the end of a host. */
	assert_int_equal(invite_parse(&in,
			     (struct span){ (const uint8_t *)"ho\0st", 5 },
			     &why),
	    SOTTO_EFORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_words_are_the_first_132_bits),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_refuses),
		cmocka_unit_test(test_randomart_is_that_of_openssh),
		cmocka_unit_test(test_safety_number),
		cmocka_unit_test(test_match_every_form),
		cmocka_unit_test(test_match_prefixes),
		cmocka_unit_test(test_match_differs),
		cmocka_unit_test(test_match_repeated_word),
		cmocka_unit_test(test_invite_round_trip),
		cmocka_unit_test(test_invite_addresses),
		cmocka_unit_test(test_invite_refuses),
	};

	return cmocka_run_group_tests_name("safety", tests, NULL, NULL);
}
