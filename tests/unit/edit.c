/* The composer: keys, a paste, the ring of what was said, and the keys of vi. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "ui/keymap.h"
#include "ui/render.h"
#include "ui/theme.h"

static void
press(struct edit *e, enum key_code code, unsigned mods, const char *ch)
{
	struct ui_key k = { .code = code, .mods = mods };

	(void)snprintf(k.utf8, sizeof(k.utf8), "%s", ch);
	(void)edit_key(e, &k);
}

static void
test_edit(void **state)
{
	struct edit *e = edit_new(EDIT_LINES, 64);

	(void)state;
	assert_int_equal(edit_insert(e, "hello world", 11), 1);
	press(e, K_CHAR, MOD_CTRL, "w");
	assert_string_equal(edit_text(e), "hello ");
	press(e, K_CHAR, MOD_CTRL, "y");
	assert_string_equal(edit_text(e), "hello world");
	press(e, K_CHAR, MOD_CTRL, "a");
	press(e, K_CHAR, 0, "X");
	assert_string_equal(edit_text(e), "Xhello world");
	press(e, K_CHAR, MOD_CTRL, "k");
	assert_string_equal(edit_text(e), "X");
	press(e, K_CHAR, MOD_CTRL, "z");
	assert_string_equal(edit_text(e), "Xhello world");
	/* A cluster goes as a whole. */
	edit_set(e, "e\xcc\x81");
	press(e, K_BACKSPACE, 0, "");
	assert_string_equal(edit_text(e), "");
	/* Clearing can be undone; what does not fit changes nothing. */
	edit_set(e, "keep me");
	edit_clear(e);
	press(e, K_CHAR, MOD_CTRL, "z");
	assert_string_equal(edit_text(e), "keep me");
	assert_int_equal(edit_insert(e,
			     "0123456789012345678901234567890123456789"
			     "0123456789012345678901234567890123456789",
			     80),
	    0);
	assert_string_equal(edit_text(e), "keep me");
	edit_free(e);
}

static void
test_paste(void **state)
{
	struct edit *e = edit_new(EDIT_LINES, 4096);

	(void)state;
	assert_int_equal(edit_paste(e, "a\rb", 3), 1);
	assert_int_equal(edit_folded(e).lines, 0);
	assert_string_equal(edit_text(e), "a\nb");
	edit_set(e, "");
	assert_int_equal(edit_paste(e, "1\r\n2\r\n3\r\n4\r\n5", 13), 1);
	assert_int_equal(edit_folded(e).lines, 5);
	assert_string_equal(edit_text(e), "1\n2\n3\n4\n5");
	assert_int_equal(edit_unfold(e), 1);
	assert_int_equal(edit_folded(e).lines, 0);
	/* Controls stay out, also of a paste. */
	edit_set(e, "");
	assert_int_equal(edit_paste(e, "a\033[31mb\0c", 9), 1);
	assert_null(strchr(edit_text(e), '\033'));
	edit_free(e);
	e = edit_new(EDIT_MASKED, 64);
	assert_int_equal(edit_insert(e, "secret", 6), 1);
	press(e, K_CHAR, MOD_CTRL, "u");
	assert_string_equal(edit_text(e), "");
	press(e, K_CHAR, MOD_CTRL, "y"); /* nothing of it is kept anywhere */
	press(e, K_CHAR, MOD_CTRL, "z");
	assert_string_equal(edit_text(e), "");
	edit_free(e);
}

/* What was cut stays, in whatever edit; Alt-Y goes back in it. */
static void
test_ring(void **state)
{
	struct edit *a = edit_new(EDIT_LINES, 64), *b = edit_new(EDIT_LINE, 64);
	struct edit *m = edit_new(EDIT_MASKED, 64);
	struct edit_ring ring = { .n = 0 };

	(void)state;
	edit_share(a, &ring);
	edit_share(b, &ring);
	edit_share(m, &ring);
	for (int i = 0; i < EDIT_RING_MAX + 3; i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "cut%d", i);
		edit_set(a, text);
		press(a, K_CHAR, MOD_CTRL, "u");
	}
	assert_int_equal(ring.n, EDIT_RING_MAX);
	press(b, K_CHAR, MOD_CTRL, "y");
	assert_string_equal(edit_text(b), "cut10");
	press(b, K_CHAR, MOD_ALT, "y");
	press(b, K_CHAR, MOD_ALT, "y");
	assert_string_equal(edit_text(b), "cut8");
	press(b, K_CHAR, 0, "!"); /* it is over */
	press(b, K_CHAR, MOD_ALT, "y");
	assert_string_equal(edit_text(b), "cut8!");
	/* A passphrase never gets there, and nothing of it into one. */
	edit_set(m, "secret");
	press(m, K_CHAR, MOD_CTRL, "u");
	assert_int_equal(ring.n, EDIT_RING_MAX);
	press(m, K_CHAR, MOD_CTRL, "y");
	assert_string_equal(edit_text(m), "");
	edit_ring_wipe(&ring);
	edit_free(a);
	edit_free(b);
	edit_free(m);
}

static enum edit_vi
vi(struct edit *e, const char *keys)
{
	enum edit_vi r = VI_NONE;

	for (; *keys != '\0'; keys++) {
		struct ui_key k = { .code = K_CHAR, .utf8 = { *keys } };

		r = edit_vi_key(e, &k);
	}
	return r;
}

static void
test_vi(void **state)
{
	const struct ui_key esc = { .code = K_ESC };
	struct edit *e = edit_new(EDIT_LINES, 64);

	(void)state;
	edit_set(e, "one two\nthree");
	(void)vi(e, "d");
	(void)edit_vi_key(e, &esc); /* no: then it is only a word further */
	(void)vi(e, "w");
	assert_string_equal(edit_text(e), "one two\nthree");
	assert_int_equal(vi(e, "k0x"), VI_DONE);
	assert_string_equal(edit_text(e), "ne two\nthree");
	(void)vi(e, "dw");
	assert_string_equal(edit_text(e), " two\nthree");
	(void)vi(e, "u");
	assert_string_equal(edit_text(e), "ne two\nthree");
	(void)vi(e, "dd");
	assert_string_equal(edit_text(e), "three");
	(void)vi(e, "p");
	assert_non_null(strstr(edit_text(e), "ne two"));
	assert_int_equal(vi(e, "A"), VI_INSERT);
	assert_int_equal(vi(e, "/"), VI_FIND);
	assert_int_equal(vi(e, ":"), VI_COMMAND);
	edit_free(e);
}

int
main(void)
{
	struct secret_state st;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_vi),
	};

	(void)secret_harden(&st); /* masked fields lie in locked memory */
	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
