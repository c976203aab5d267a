#include "ui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LISTS (AT_REQUESTS | AT_PEOPLE | AT_FIND | AT_HELP | AT_INSPECT)
#define PAGES (LISTS | AT_VERIFY)
#define ENTRY                                                                  \
	(AT_ADDRESS | AT_PROMPT | AT_NAME | AT_BUSY | AT_UNLOCK | AT_CHANGED)
#define ALL 0xffffu

/*
 * The order is that of the hint row.  A key that is there twice for one place
 * does not pass the test; F-keys also have an Alt letter, because terminals
 * take some of them away.
 */
static const struct keymap_entry table[] = {
	/* writing */
	{ AT_CHAT, K_ENTER, 0, 0, ACT_SEND, "Enter", "send", "send", NULL },
	{ AT_CHAT, K_ENTER, MOD_ALT, 0, ACT_NEWLINE, "Alt-Enter", "newline",
	    "new line", NULL },
	{ AT_CHAT, K_CHAR, MOD_CTRL, 'j', ACT_NEWLINE, "Ctrl-J", NULL, NULL,
	    NULL },
	{ AT_CHAT, K_TAB, 0, 0, ACT_COMPLETE, "Tab", NULL,
	    "complete a /command or a name", NULL },
	/* requests and people, in their lists */
	{ AT_REQUESTS, K_CHAR, 0, 'a', ACT_ACCEPT, "A", "accept",
	    "accept the request", "/accept NAME" },
	{ AT_REQUESTS, K_CHAR, 0, 'r', ACT_REFUSE, "R", "refuse",
	    "refuse: they are told no", "/refuse NAME" },
	{ AT_FIND, K_ENTER, 0, 0, ACT_GO_HIT, "Enter", "go there",
	    "go to the chat", NULL },
	{ AT_PEOPLE, K_ENTER, 0, 0, ACT_ASK, "Enter", "ask to chat",
	    "ask for a chat", "/chat NAME" },
	/* verifying */
	{ AT_VERIFY, K_ENTER, 0, 0, ACT_ENTER, "Enter",
	    "confirm, once all match", "confirm a whole number that matches",
	    NULL },
	{ AT_VERIFY | AT_PROMPT, K_F5, 0, 0, ACT_BY_EYE, "F5",
	    "all is the same", "all of it is the same, I read them both",
	    NULL },
	{ AT_VERIFY | AT_PROMPT, K_CHAR, MOD_ALT, 'e', ACT_BY_EYE, "Alt-E",
	    NULL, NULL, NULL },
	{ AT_PROMPT | AT_CHANGED | AT_VERIFY, K_F6, 0, 0, ACT_SHOW_AS, "F6",
	    "other forms", "show as words, digits, picture, QR", NULL },
	{ AT_PROMPT | AT_CHANGED | AT_VERIFY, K_CHAR, MOD_ALT, 's', ACT_SHOW_AS,
	    "Alt-S", NULL, NULL, NULL },
	{ AT_PROMPT, K_F7, 0, 0, ACT_UNCHECKED, "F7", "go on unchecked",
	    "nobody can tell me: connect, marked 'server not checked'", NULL },
	{ AT_PROMPT, K_CHAR, MOD_ALT, 'u', ACT_UNCHECKED, "Alt-U", NULL, NULL,
	    NULL },
	/* fields */
	{ AT_ADDRESS | AT_PROMPT | AT_NAME | AT_UNLOCK | AT_CHANGED, K_ENTER, 0,
	    0, ACT_ENTER, "Enter", "go on", "go on", NULL },
	{ AT_NAME, K_TAB, 0, 0, ACT_NEXT_FIELD, "Tab", "next field",
	    "next field", NULL },
	{ AT_NAME | AT_UNLOCK, K_UP, 0, 0, ACT_UP, "Up", NULL, NULL, NULL },
	{ AT_NAME | AT_UNLOCK, K_DOWN, 0, 0, ACT_DOWN, "Down", NULL, NULL,
	    NULL },
	/* lists */
	{ LISTS, K_UP, 0, 0, ACT_UP, "Up", NULL, "line above", NULL },
	{ LISTS, K_DOWN, 0, 0, ACT_DOWN, "Up/Down", "choose", "line below",
	    NULL },
	{ AT_HELP, K_ENTER, 0, 0, ACT_ENTER, "Enter", "run it",
	    "run the highlighted line", NULL },
	{ AT_INSPECT, K_TAB, 0, 0, ACT_TAB_TRACE, "Tab", "login or chat",
	    "login or chat", NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'a', ACT_NEXT_UNREAD, "Alt-A",
	    "next unread", "next chat that has something new", NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'r', ACT_REQUESTS, "Alt-R", "requests",
	    "answer requests", NULL },
	{ AT_CHAT, K_F4, 0, 0, ACT_REQUESTS, "F4", NULL, NULL, NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'o', ACT_PEOPLE, "Alt-O", "people",
	    "who is online", "/list" },
	{ AT_CHAT, K_F9, 0, 0, ACT_PEOPLE, "F9", NULL, NULL, NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'v', ACT_VERIFY, "Alt-V", NULL,
	    "verify this contact", "/verify NAME" },
	{ AT_CHAT, K_F5, 0, 0, ACT_VERIFY, "F5", NULL, NULL, NULL },
	/* moving */
	{ AT_CHAT, K_CHAR, MOD_CTRL, 'n', ACT_CHAT_NEXT, "Ctrl-N", NULL,
	    "chat below", NULL },
	{ AT_CHAT, K_DOWN, MOD_ALT, 0, ACT_CHAT_NEXT, "Alt-Down", NULL, NULL,
	    NULL },
	{ AT_CHAT, K_CHAR, MOD_CTRL, 'p', ACT_CHAT_PREV, "Ctrl-P", NULL,
	    "chat above", NULL },
	{ AT_CHAT, K_UP, MOD_ALT, 0, ACT_CHAT_PREV, "Alt-Up", NULL, NULL,
	    NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, '1', ACT_CHAT_NUMBER, "Alt-1..9", NULL,
	    "chat by number", NULL },
	{ AT_CHAT, K_UP, 0, 0, ACT_UP, "Up", NULL, NULL, NULL },
	{ AT_CHAT, K_DOWN, 0, 0, ACT_DOWN, "Down", NULL, NULL, NULL },
	{ AT_CHAT | PAGES | ENTRY, K_PGUP, 0, 0, ACT_PAGE_UP, "PgUp", NULL,
	    "scroll up", NULL },
	{ AT_CHAT | PAGES | ENTRY, K_PGDN, 0, 0, ACT_PAGE_DOWN, "PgDn", NULL,
	    "scroll down", NULL },
	{ AT_CHAT, K_END, MOD_ALT, 0, ACT_NEWEST, "Alt-End", NULL,
	    "newest message", NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'l', ACT_LIST, "Alt-L", NULL,
	    "list or chat, on a narrow screen", NULL },
	/* everywhere */
	{ AT_CHAT | PAGES | AT_UNLOCK | AT_CHANGED, K_F8, 0, 0, ACT_INSPECT,
	    "F8", NULL, "inspect the handshakes", "/inspect" },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'i', ACT_INSPECT, "Alt-I", NULL, NULL,
	    NULL },
	{ PAGES | ENTRY | AT_CHAT | AT_QUIT, K_ESC, 0, 0, ACT_BACK, "Esc", NULL,
	    "back, close, cancel", NULL },
	{ ALL & ~(unsigned)(AT_HELP | AT_QUIT), K_F1, 0, 0, ACT_HELP, "F1",
	    "help", "help; type to filter", "/help" },
	{ ALL & ~(unsigned)(AT_HELP | AT_QUIT), K_CHAR, MOD_ALT, 'h', ACT_HELP,
	    "Alt-H", NULL, NULL, NULL },
	{ AT_CHAT, K_CHAR, MOD_CTRL, 'f', ACT_FIND, "Ctrl-F", "find",
	    "find words in all chats", "/find" },
	{ AT_CHAT, K_F3, 0, 0, ACT_FIND, "F3", NULL, NULL, NULL },
	{ AT_CHAT, K_CHAR, MOD_ALT, 'z', ACT_LOCK, "Alt-Z", NULL,
	    "lock: the keys leave the memory", "/lock" },
	{ ALL, K_CHAR, MOD_CTRL, 'q', ACT_QUIT, "Ctrl-Q", NULL, "quit",
	    "/quit" },
	{ ALL, K_CHAR, MOD_CTRL, 'c', ACT_CLEAR, "Ctrl-C", NULL,
	    "clear the line; twice: quit", NULL },
	{ ALL, K_CHAR, MOD_CTRL, 'l', ACT_REDRAW, "Ctrl-L", NULL, "repaint",
	    NULL },
	{ AT_QUIT, K_CHAR, 0, 'y', ACT_ENTER, "Y", "leave", "leave", NULL },
	{ AT_QUIT, K_CHAR, 0, 'n', ACT_BACK, "N", "stay", "stay", NULL },
};

#define N_TABLE (sizeof(table) / sizeof(table[0]))

const struct keymap_entry *
keymap_at(size_t i)
{
	return i < N_TABLE ? &table[i] : NULL;
}

static int
matches(const struct keymap_entry *t, const struct ui_key *k)
{
	if (t->code != k->code || t->mods != k->mods)
		return 0;
	return t->code != K_CHAR || (k->utf8[0] == t->ch && k->utf8[1] == '\0');
}

enum ui_action
keymap_find(enum ui_where where, const struct ui_key *k, int *number)
{
	*number = 0;
	if (where == AT_CHAT && k->code == K_CHAR && k->mods == MOD_ALT &&
	    k->utf8[0] >= '1' && k->utf8[0] <= '9' && k->utf8[1] == '\0') {
		*number = k->utf8[0] - '0';
		return ACT_CHAT_NUMBER;
	}
	for (size_t i = 0; i < N_TABLE; i++)
		if ((table[i].where & (unsigned)where) != 0 &&
		    matches(&table[i], k))
			return table[i].action;
	return ACT_NONE;
}

void
keymap_hint(char *out, size_t cap, enum ui_where where, int cols)
{
	size_t n = 0;
	int used = 1;

	out[0] = '\0';
	for (size_t i = 0; i < N_TABLE; i++) {
		const struct keymap_entry *t = &table[i];
		char one[80];
		int w;

		if ((t->where & (unsigned)where) == 0 || t->hint == NULL)
			continue;
		(void)snprintf(one, sizeof(one), "%s%s %s", n > 0 ? "   " : "",
		    t->key, t->hint);
		w = (int)text_width(span_str(one));
		/* F1 is always there, so it needs its place. */
		if (used + w + (t->action == ACT_HELP ? 0 : 10) > cols ||
		    n + strlen(one) + 1 > cap)
			continue;
		memcpy(out + n, one, strlen(one) + 1);
		n += strlen(one);
		used += w;
	}
}
