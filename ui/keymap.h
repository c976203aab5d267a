/*
 * keymap - the one table of keys: what a key does where, how it is named, how
 * help describes it, and whether it stands in the hint row.  Dispatch, hints
 * and help all come from it, so that none can be wrong.
 */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include <stddef.h>

#include "ui/key.h"

/* Where the user is. */
enum ui_where {
	AT_CHAT = 1 << 0,     /* the main view; the composer has the keys */
	AT_REQUESTS = 1 << 1, /* the box of requests */
	AT_PEOPLE = 1 << 2,
	AT_FIND = 1 << 15,
	AT_HELP = 1 << 3,
	AT_VERIFY = 1 << 4,
	AT_INSPECT = 1 << 5,
	AT_QUIT = 1 << 6, /* "really?" */
	AT_ADDRESS = 1 << 7,
	AT_PROMPT = 1 << 8, /* is this your server? */
	AT_NAME = 1 << 9,
	AT_BUSY = 1 << 10, /* something takes its time */
	AT_UNLOCK = 1 << 11,
	AT_CHANGED = 1 << 12 /* not the server you knew */
};

enum ui_action {
	ACT_NONE,
	ACT_SEND,
	ACT_NEWLINE,
	ACT_BACK, /* one step back, never more */
	ACT_QUIT,
	ACT_CLEAR,
	ACT_COMPLETE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_NEWEST,
	ACT_CHAT_PREV,
	ACT_CHAT_NEXT,
	ACT_NEXT_UNREAD,
	ACT_CHAT_NUMBER, /* Alt-1 to Alt-9 */
	ACT_HELP,
	ACT_REQUESTS,
	ACT_PEOPLE,
	ACT_VERIFY,
	ACT_INSPECT,
	ACT_LIST,
	ACT_REDRAW,
	ACT_LOCK,
	ACT_FIND,
	ACT_GO_HIT,
	ACT_SUSPEND,
	ACT_ACCEPT,
	ACT_REFUSE,
	ACT_ENTER, /* do what is selected, go on */
	ACT_NEXT_FIELD,
	ACT_BY_EYE,
	ACT_SHOW_AS,
	ACT_UNCHECKED,
	ACT_ASK,
	ACT_TAB_TRACE
};

struct keymap_entry {
	unsigned where; /* any of enum ui_where */
	enum key_code code;
	unsigned mods;
	char ch; /* K_CHAR */
	enum ui_action action;
	const char *key;     /* "Alt-V"; what hints and help show */
	const char *hint;    /* two words; NULL: not in the hint row */
	const char *help;    /* a phrase; NULL: another key of the same thing */
	const char *command; /* "/verify NAME", or NULL */
};

/* keymap_find - the action of a key there, or ACT_NONE; *number is the digit
 * of ACT_CHAT_NUMBER. */
enum ui_action keymap_find(enum ui_where where, const struct ui_key *k,
    int *number);

/* keymap_hint - " Enter send  Alt-Enter newline ..." for cols columns. */
void keymap_hint(char *out, size_t cap, enum ui_where where, int cols);

/* keymap_at - the i-th entry of the table, or NULL behind the last. */
const struct keymap_entry *keymap_at(size_t i);

#endif
