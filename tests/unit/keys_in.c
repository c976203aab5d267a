/* Keys from bytes: each of them, in however many pieces; and nothing from what
 * is no key. */
#include "ui/keys_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"

/* All keys of some bytes, as "A+up C+a x esc", with what was answered. */
static void
read_all(const char *bytes, size_t n, char *out, size_t cap)
{
	static const char *const names[K_CODES] = { [K_ENTER] = "enter",
		[K_TAB] = "tab",
		[K_ESC] = "esc",
		[K_BACKSPACE] = "bs",
		[K_DELETE] = "del",
		[K_UP] = "up",
		[K_DOWN] = "down",
		[K_LEFT] = "left",
		[K_RIGHT] = "right",
		[K_HOME] = "home",
		[K_END] = "end",
		[K_PGUP] = "pgup",
		[K_PGDN] = "pgdn",
		[K_F1] = "f1",
		[K_F3] = "f3",
		[K_F5] = "f5",
		[K_F12] = "f12",
		[K_PASTE] = "paste",
		[K_FOCUS] = "focus",
		[K_BLUR] = "blur",
		[K_CLICK] = "click",
		[K_WHEEL_UP] = "wheel-up",
		[K_WHEEL_DOWN] = "wheel-down" };
	struct keys_in k = { 0 };
	struct keys_answer a = { KEYS_NO_ANSWER, 0, 0 };
	struct ui_key key = { 0 };
	size_t at = 0, len = 0;

	out[0] = '\0';
	while (at < n || keys_in_waits(&k)) {
		if (at == n)
			keys_in_end(&k, &key);
		else
			at += (size_t)keys_in_byte(&k, (uint8_t)bytes[at], &key,
			    &a);
		if (a.kind != KEYS_NO_ANSWER)
			len += (size_t)snprintf(out + len, cap - len,
			    "%sanswer%d:%u,%u", len > 0 ? " " : "", (int)a.kind,
			    a.a, a.b);
		a.kind = KEYS_NO_ANSWER;
		if (key.code == K_NONE)
			continue;
		len += (size_t)snprintf(out + len, cap - len, "%s%s%s%s%s",
		    len > 0 ? " " : "", (key.mods & MOD_ALT) != 0 ? "A+" : "",
		    (key.mods & MOD_CTRL) != 0 ? "C+" : "",
		    (key.mods & MOD_SHIFT) != 0 ? "S+" : "",
		    key.code == K_CHAR ? key.utf8 : names[key.code]);
		if (key.code == K_CLICK)
			len += (size_t)snprintf(out + len, cap - len, "@%d,%d",
			    key.x, key.y);
		if (key.code == K_PASTE)
			len += (size_t)snprintf(out + len, cap - len, "<%.*s>",
			    (int)k.paste_n, k.paste);
		key.code = K_NONE;
	}
	keys_in_free(&k);
}

static void
expect(const char *bytes, const char *want)
{
	char out[512];

	read_all(bytes, strlen(bytes), out, sizeof(out));
	assert_string_equal(out, want);
}

static void
test_keys(void **state)
{
	(void)state;
	expect("a\xc3\xa4\xf0\x9f\x98\x80", "a \xc3\xa4 \xf0\x9f\x98\x80");
	expect("\r\t\177\001\032\037", "enter tab bs C+a C+z C+_");
	expect("\033", "esc");
	expect("\033\033", "esc");
	expect("\033\033x", "esc A+x");
	expect("\033a\033\xc3\xa4", "A+a A+\xc3\xa4");
	expect("\033\r\033\177\0339", "A+enter A+bs A+9");
	expect("\033[\033O", "A+O"); /* cut short, then Alt-O alone */
	expect("\033[A\033OB\033[1;3C\033[1;5D", "up down A+right C+left");
	expect("\033[1;2A\033[H\033OF\033[1;3F", "S+up home end A+end");
	expect("\033[1~\033[4~\033[3~\033[5~\033[6~", "home end del pgup pgdn");
	expect("\033OP\033[15~\033[24~\033[[A\033[[E", "f1 f5 f12 f1 f5");
	expect("\033[1;2R\033OR", "S+f3 f3");
	expect("\033[Z", "S+tab");
	expect("\033\033[A\033\033OA", "A+up A+up"); /* rxvt's Alt */
	expect("\033Oa\033O5A", "C+up C+up");
	expect("\033OM", "enter"); /* of the keypad */
	expect("\033[13;2u\033[13;3u\033[27;2;13~", "A+enter A+enter A+enter");
	expect("\033[97;5u\033[27u\033[9;2u\033[228u",
	    "C+a esc S+tab \xc3\xa4");
	expect("\033[I\033[O", "focus blur");
	expect("\033[<0;5;3M\033[<0;5;3m\033[<64;1;1M\033[<65;1;1M",
	    "click@4,2 wheel-up wheel-down");
}

static void
test_answers(void **state)
{
	(void)state;
	expect("\033[2;3R\033[10;7R", "answer1:2,3 answer1:10,7");
	expect("\033[?2026;2$y\033[?2027;0$y", "answer2:2026,2 answer2:2027,0");
	expect("\033[?0u\033[?1u", "answer3:0,0 answer3:1,0");
	expect("x\033[2;3Ry", "x answer1:2,3 y");
	expect("a\033]11;rgb:ffff/ffff/ffff\033\\b", "a answer4:100,0 b");
	expect("\033]11;rgb:00/00/00\007b", "answer4:0,0 b");
	expect("\033]11;rgb:fdfd/f6f6/e3e3\033\\", "answer4:96,0");
	expect("\033]11;rgb:0000/2b2b/3636\033\\", "answer4:11,0");
}

/* What is not known is left out whole: nothing of it is typed. */
static void
test_no_key(void **state)
{
	char bytes[400], out[64];

	(void)state;
	expect("\033[?1;2c", "");
	expect("\033[>0;276;0c\033[99~\033[8;24;80t", "");
	expect("\033[1;2;3;4;5;6;7;8x", "");
	expect("\033[99999999999999999999~a", "a");
	/* Strings: to their end, to Esc, to Ctrl-C, or none but Alt-]. */
	expect("\033]52;c;cm0gLXJm\007x", "x");
	expect("\033]11;rgb:f/g/f\007\033]11;rgb:fffff/fffff/fffff\033\\x",
	    "x");
	expect("\033]0;title\033[Ax", "up x");
	expect("\033]0;title\003x", "C+c x");
	expect("\033]", "A+]");
	expect("\033]0;title\033", "");
	memset(bytes, '1', sizeof(bytes));
	memcpy(bytes, "\033[", 2);
	bytes[398] = 'x';
	bytes[399] = 'y';
	read_all(bytes, sizeof(bytes), out, sizeof(out));
	assert_string_equal(out, "y");
}

static void
test_paste(void **state)
{
	static const char odd[] = "\033[200~a\033[2b\033[201~c";

	(void)state;
	expect("\033[200~hello\rworld\033[201~x", "paste<hello\rworld> x");
	expect("\033[200~\033[A\003y", "paste<\033[A> y");
	expect(odd, "paste<a\033[2b> c");
	expect("\033[200~\033\033[201~", "paste<\033>");
}

/* Whatever comes: no crash, and what is typed afterwards is what is read. */
static void
test_rubbish(void **state)
{
	static const char set[] = "\033\033\033[[]]OO01259;;?<>$~uRMyABC\003a\r"
				  "\xc3\xa4\xf0\x9f";
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char bytes[48], out[4096];
		size_t n = 0, end;

		while (n < 32) {
			seed = seed * 6364136223846793005u + 1;
			bytes[n++] = set[(seed >> 33) % (sizeof(set) - 1)];
		}
		/* Ends a paste, and a sequence, whatever it is. */
		bytes[n++] = 3;
		bytes[n++] = 'q';
		bytes[n++] = 'q';
		bytes[n++] = 'q';
		read_all(bytes, n, out, sizeof(out));
		end = strlen(out);
		assert_true(end >= 1 && out[end - 1] == 'q');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
