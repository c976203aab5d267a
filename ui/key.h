/*
 * key - what comes from the keyboard, as a value.
 */
#ifndef UI_KEY_H
#define UI_KEY_H

enum key_code {
	K_NONE, /* nothing to read */
	K_CHAR, /* one character, in utf8; perhaps with Alt or Ctrl */
	K_ENTER,
	K_TAB,
	K_ESC,
	K_BACKSPACE,
	K_DELETE,
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PGUP,
	K_PGDN,
	K_F1, /* F1 to F12 follow each other */
	K_F2,
	K_F3,
	K_F4,
	K_F5,
	K_F6,
	K_F7,
	K_F8,
	K_F9,
	K_F10,
	K_F11,
	K_F12,
	K_PASTE, /* a whole paste; its text is beside it */
	K_SIZE,  /* the terminal has another size */
	K_FOCUS, /* the terminal has the focus, from now on */
	K_BLUR,  /* ... not any more */
	K_CLICK, /* at x, y */
	K_WHEEL_UP,
	K_WHEEL_DOWN,
	K_CODES
};

#define MOD_ALT   1
#define MOD_CTRL  2
#define MOD_SHIFT 4

struct ui_key {
	enum key_code code;
	unsigned mods;
	char utf8[8]; /* K_CHAR; NUL-terminated, lower case with Ctrl */
	int x, y;     /* of the mouse */
};

#endif
