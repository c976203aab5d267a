/*
 * keymap - the one table of keys: what a key does where, how it is named, how
 * help describes it, and whether it stands in the hint row.  Dispatch, hints,
 * help, the palette and [keys] of sotto.conf(5) all come from it, so that none
 * can be wrong.
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
	AT_HELP = 1 << 3,
	AT_VERIFY = 1 << 4,
	AT_INSPECT = 1 << 5,
	AT_QUIT = 1 << 6, /* "really?" */
	AT_ADDRESS = 1 << 7,
	AT_PROMPT = 1 << 8, /* is this your server? */
	AT_NAME = 1 << 9,
	AT_BUSY = 1 << 10, /* something takes its time */
	AT_UNLOCK = 1 << 11,
	AT_CHANGED = 1 << 12, /* not the server you knew */
	AT_FIND = 1 << 13,
	AT_SELECT = 1 << 14,  /* a message is selected */
	AT_MENU = 1 << 15,    /* ... what to do with it */
	AT_PALETTE = 1 << 16, /* go to a chat, ask somebody, run a command */
	AT_WRITTEN = 1 << 17, /* what was written before */
	AT_SETTINGS = 1 << 18,
	AT_SERVER = 1 << 19, /* what the server knows */
	AT_NORMAL = 1 << 20  /* vi's normal mode, in the composer */
};
#define UI_PLACES 21

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
	ACT_CHAT_BEFORE, /* where I was */
	ACT_CHAT_AFTER,
	ACT_NEXT_UNREAD,
	ACT_PEEK,
	ACT_MARK_UNREAD,
	ACT_MUTE,
	ACT_CHAT_NUMBER, /* Alt-1 to Alt-9 */
	ACT_HELP,
	ACT_SETTINGS,
	ACT_PALETTE,
	ACT_REQUESTS,
	ACT_PEOPLE,
	ACT_VERIFY,
	ACT_INSPECT,
	ACT_SERVER,
	ACT_LIST,
	ACT_DETAILS,
	ACT_REDRAW,
	ACT_LOCK,
	ACT_FIND,
	ACT_GO_HIT,
	ACT_SUSPEND,
	ACT_EDITOR,
	ACT_WRITTEN_OLDER,
	ACT_WRITTEN_NEWER,
	ACT_WRITTEN,
	ACT_TAKE_WRITTEN,
	ACT_ACCEPT,
	ACT_REFUSE,
	ACT_ENTER, /* do what is selected, go on */
	ACT_MENU,
	ACT_REPLY,
	ACT_REACT,
	ACT_EDIT,
	ACT_DELETE,
	ACT_COPY,
	ACT_OPEN_LINK,
	ACT_CHANGE, /* a setting */
	ACT_NEXT_FIELD,
	ACT_BY_EYE,
	ACT_SHOW_AS,
	ACT_UNCHECKED,
	ACT_ASK,
	ACT_TAB_TRACE,
	ACT_PREFIX /* Ctrl-X: one more key says what */
};

enum keymap_profile {
	KEYS_DEFAULT,
	KEYS_EMACS,
	KEYS_VI,
	KEYS_IRSSI,
	KEYS_WEECHAT,
	KEYS_PROFILES
};
/* keymap_profile_name - NULL behind the last. */
const char *keymap_profile_name(size_t i);

/* What can be done: a row of the table. */
struct keymap_action {
	unsigned where; /* any of enum ui_where */
	enum ui_action action;
	const char *name; /* in [keys]; NULL: its keys cannot be changed */
	const char *keys[KEYS_PROFILES]; /* "Enter Ctrl-J"; NULL: as default */
	const char *hint;    /* two words; NULL: not in the hint row */
	const char *help;    /* a phrase; NULL: not in the help */
	const char *command; /* "/verify NAME", or NULL */
};
/* keymap_at - the i-th row, in the order of the hint row; NULL behind the
 * last. */
const struct keymap_action *keymap_at(size_t i);

struct keymap;
#define KEYMAP_ERR_MAX 160

struct keymap *keymap_new(enum keymap_profile p); /* Returns owned, or NULL */
void keymap_free(struct keymap *m);               /* accepts NULL */

/*
 * keymap_bind - name has these keys, and no others ("none": no key at all).  1,
 * or 0 and a phrase in err: which key is what else, or what is no key.  Nothing
 * was changed then.
 */
int keymap_bind(struct keymap *m, const char *name, const char *keys,
    char err[KEYMAP_ERR_MAX]);

/* keymap_find - the action of a key there, or ACT_NONE; *number is the digit
 * of ACT_CHAT_NUMBER. */
enum ui_action keymap_find(const struct keymap *m, enum ui_where where,
    const struct ui_key *k, int *number);

/* keymap_keys - all keys of a row, as "F5 Alt-V"; first: only the first. */
void keymap_keys(const struct keymap *m, const struct keymap_action *a,
    int first, char *out, size_t n);
/* keymap_key_of - the first key of that action there; "" if it has none. */
void keymap_key_of(const struct keymap *m, enum ui_where where,
    enum ui_action act, char *out, size_t n);

#define KEYMAP_SPOTS 12
/* The hint row, and what a click on it does. */
struct keymap_hint {
	char text[512];
	struct {
		int x, w; /* columns of the row, from 0 */
		enum ui_action action;
	} spot[KEYMAP_SPOTS];
	size_t n;
};
void keymap_hint(const struct keymap *m, struct keymap_hint *h,
    enum ui_where where, int cols);

#endif
