/* What keys do, what is offered, and what the hints say of it. */
#include "ui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "ui/render.h"
#include "ui/theme.h"

static void
offers_of(struct stage *s, const char *text, const char *first, size_t n)
{
	struct edit *e = s->a->m.current->draft;
	struct offers o;

	edit_set(e, text);
	complete(s->a, e, 1, &o);
	assert_int_equal(o.n, n);
	if (n > 0)
		assert_string_equal(o.o[0].text, first);
	edit_set(e, "");
}

static void
test_what_is_offered(void **state)
{
	struct stage *s = *state;

	stage_fill(s->a);
	offers_of(s, "/verif", "/verify ", 1);
	offers_of(s, "/verify chi", "chiara ", 1);
	offers_of(s, "hello @bo", "@bob ", 1);
	offers_of(s, ":rock", "\xf0\x9f\x9a\x80", 1);
	offers_of(s, "/typing o", "on", 2);
	offers_of(s, "/export /etc/hostnam", "/etc/hostname", 1);
	offers_of(s, "plain words", "", 0);
	offers_of(s, "x /verif", "", 0); /* not at the beginning */
	offers_of(s, ":r", "", 0);       /* too little to go by */
	assert_string_equal(complete_emoji("rocket", 6), "\xf0\x9f\x9a\x80");
	assert_string_equal(complete_emoji("rocke", 5), "");
}

static void
test_palette_order(void **state)
{
	struct stage *s = *state;
	const struct palette *p = &s->a->palette;

	stage_fill(s->a);
	edit_set(s->a->filter, "chi");
	palette_fill(s->a);
	assert_true(p->n > 0);
	assert_int_equal(p->row[0].kind, PALETTE_CHAT);
	assert_string_equal(p->row[0].name.s, "chiara");
	edit_set(s->a->filter, "/find");
	palette_fill(s->a);
	assert_int_equal(p->row[0].kind, PALETTE_COMMAND);
	assert_string_equal(p->row[0].cmd->name, "find");
	edit_set(s->a->filter, "qxqx");
	palette_fill(s->a);
	assert_int_equal(p->n, 0);
}

/* ---- keys ---- */

/* What of the table cannot be bound is found here, for every profile. */
static void
test_no_key_twice_in_one_place(void **state)
{
	const struct keymap_action *a;
	char err[KEYMAP_ERR_MAX], keys[80];

	(void)state;
	for (int p = 0; p < KEYS_PROFILES; p++) {
		struct keymap *m = keymap_new((enum keymap_profile)p);

		for (size_t i = 0; (a = keymap_at(i)) != NULL; i++) {
			const char *want = a->keys[p] != NULL
			    ? a->keys[p]
			    : a->keys[KEYS_DEFAULT];

			if (want == NULL)
				want = "none";
			keymap_keys(m, a, 0, keys, sizeof(keys));
			assert_string_equal(keys,
			    strcmp(want, "none") == 0 ? "" : want);
			/* Each of them can be given anew, if it has a name. */
			if (a->name != NULL &&
			    !keymap_bind(m, a->name, want, err))
				fail_msg("%s %s", a->name, err);
		}
		keymap_free(m);
	}
}

/* Function keys may be taken by the terminal: each also has another key, or a
 * command. */
static void
test_function_keys_have_another_way(void **state)
{
	const struct keymap_action *a;
	char keys[80];

	(void)state;
	for (int p = 0; p < KEYS_PROFILES; p++) {
		struct keymap *m = keymap_new((enum keymap_profile)p);

		for (size_t i = 0; (a = keymap_at(i)) != NULL; i++) {
			keymap_keys(m, a, 0, keys, sizeof(keys));
			if (keys[0] == 'F' && a->command == NULL &&
			    strstr(keys, "Alt-") == NULL &&
			    strstr(keys, "Ctrl-") == NULL && p == KEYS_DEFAULT)
				fail_msg("%s has no other way", keys);
		}
		keymap_free(m);
	}
}

static enum ui_action
press_in(const struct keymap *m, enum ui_where where, enum key_code code,
    unsigned mods, const char *ch)
{
	struct ui_key k = { .code = code, .mods = mods };
	int number;

	(void)snprintf(k.utf8, sizeof(k.utf8), "%s", ch);
	return keymap_find(m, where, &k, &number);
}

/* What hands know from elsewhere, in the profile of that name. */
static void
test_other_hands(void **state)
{
	struct keymap *irssi = keymap_new(KEYS_IRSSI);
	struct keymap *weechat = keymap_new(KEYS_WEECHAT);

	(void)state;
	assert_int_equal(press_in(irssi, AT_CHAT, K_LEFT, MOD_ALT, ""),
	    ACT_CHAT_PREV);
	assert_int_equal(press_in(irssi, AT_CHAT, K_CHAR, MOD_ALT, "p"),
	    ACT_PAGE_UP);
	assert_int_equal(press_in(irssi, AT_CHAT, K_CHAR, MOD_CTRL, "f"),
	    ACT_NONE);
	assert_int_equal(press_in(irssi, AT_CHAT, K_CHAR, MOD_ALT, "a"),
	    ACT_NEXT_UNREAD);
	assert_int_equal(press_in(weechat, AT_CHAT, K_F6, 0, ""),
	    ACT_CHAT_NEXT);
	assert_int_equal(press_in(weechat, AT_CHAT, K_CHAR, MOD_ALT, "<"),
	    ACT_CHAT_BEFORE);
	assert_int_equal(press_in(weechat, AT_CHAT, K_RIGHT, MOD_ALT, ""),
	    ACT_CHAT_NEXT);
	keymap_free(irssi);
	keymap_free(weechat);
}

static void
test_keys_of_ones_own(void **state)
{
	struct keymap *m = keymap_new(KEYS_DEFAULT);
	char err[KEYMAP_ERR_MAX], key[24];

	(void)state;
	assert_int_equal(keymap_bind(m, "find", "Ctrl-G Alt-Shift-F", err), 1);
	assert_int_equal(press_in(m, AT_CHAT, K_CHAR, MOD_CTRL, "g"), ACT_FIND);
	assert_int_equal(press_in(m, AT_CHAT, K_CHAR, MOD_ALT, "F"), ACT_FIND);
	assert_int_equal(press_in(m, AT_CHAT, K_CHAR, MOD_CTRL, "f"), ACT_NONE);
	keymap_key_of(m, AT_CHAT, ACT_FIND, key, sizeof(key));
	assert_string_equal(key, "Ctrl-G");
	/* A conflict names both, and changes nothing. */
	assert_int_equal(keymap_bind(m, "send", "Ctrl-G", err), 0);
	assert_non_null(strstr(err, "'Ctrl-G'"));
	assert_non_null(strstr(err, "'find'"));
	assert_int_equal(press_in(m, AT_CHAT, K_ENTER, 0, ""), ACT_SEND);
	assert_int_equal(keymap_bind(m, "find", "none", err), 1);
	assert_int_equal(keymap_bind(m, "send", "Ctrl-G", err), 1);
	assert_int_equal(press_in(m, AT_CHAT, K_CHAR, MOD_CTRL, "g"), ACT_SEND);
	/* The same key means something else in another place. */
	assert_int_equal(press_in(m, AT_FIND, K_ENTER, 0, ""), ACT_GO_HIT);
	assert_int_equal(keymap_bind(m, "send", "Ctrl-", err), 0);
	assert_int_equal(keymap_bind(m, "send", "Hyper-X", err), 0);
	assert_int_equal(keymap_bind(m, "no such thing", "F7", err), 0);
	assert_int_equal(keymap_bind(m, "send", "F99", err), 0);
	keymap_free(m);
}

static void
test_hints_fit(void **state)
{
	(void)state;
	for (int p = 0; p < KEYS_PROFILES; p++) {
		struct keymap *m = keymap_new((enum keymap_profile)p);

		for (int bit = 0; bit < UI_PLACES; bit++) {
			for (int cols = 1; cols <= 200; cols++) {
				struct keymap_hint h;

				keymap_hint(m, &h, (enum ui_where)(1 << bit),
				    cols);
				if (cols < 20)
					continue;
				assert_true(
				    (int)text_width(span_str(h.text)) < cols);
				/* What is clicked is what stands there. */
				for (size_t i = 0; i < h.n; i++)
					assert_true(
					    h.spot[i].x + h.spot[i].w <= cols);
			}
		}
		keymap_free(m);
	}
}

int
main(void)
{
	struct secret_state st;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_hands),
		cmocka_unit_test_setup_teardown(test_what_is_offered, stage_up,
		    stage_down),
		cmocka_unit_test_setup_teardown(test_palette_order, stage_up,
		    stage_down),
		cmocka_unit_test(test_no_key_twice_in_one_place),
		cmocka_unit_test(test_function_keys_have_another_way),
		cmocka_unit_test(test_keys_of_ones_own),
		cmocka_unit_test(test_hints_fit),
	};

	(void)secret_harden(&st); /* masked fields lie in locked memory */
	return cmocka_run_group_tests_name("keymap", tests, NULL, NULL);
}
