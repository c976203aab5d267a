/* The table of keymap.h: rows in the order of the hint row. */
#include "ui/keymap.h"

#define LISTS                                                                  \
	(AT_REQUESTS | AT_PEOPLE | AT_FIND | AT_HELP | AT_INSPECT | AT_MENU |  \
	    AT_PALETTE | AT_WRITTEN | AT_SETTINGS)
#define PAGES (LISTS | AT_VERIFY | AT_SERVER)
#define ENTRY                                                                  \
	(AT_ADDRESS | AT_PROMPT | AT_NAME | AT_BUSY | AT_UNLOCK | AT_CHANGED)
/* Where one writes. */
#define WRITE (AT_CHAT | AT_SELECT | AT_NORMAL)
#define ALL   0xffffffu
#define ROW(where, action, name, keys, hint, help, command)                    \
	{                                                                      \
		where, action, name, { keys, 0, 0, 0, 0 }, hint, help, command \
	}
/* Where a profile has other keys than the default. */
#define ROW5(where, action, name, keys, emacs, vi, irssi, weechat, hint, help, \
    command)                                                                   \
	{                                                                      \
		where, action, name, { keys, emacs, vi, irssi, weechat },      \
		    hint, help, command                                        \
	}

/*
 * No key is there twice for one place (a test sees to it); F-keys also have an
 * Alt letter or a command, because terminals take some of them away.
 */
static const struct keymap_action table[] = {
	/* writing */
	ROW(AT_CHAT | AT_NORMAL, ACT_SEND, "send", "Enter", "send", "send", 0),
	ROW(AT_CHAT, ACT_NEWLINE, "newline", "Alt-Enter Ctrl-J", "newline",
	    "new line", 0),
	ROW(AT_CHAT, ACT_COMPLETE, "complete", "Tab", 0,
	    "complete a /command, @name, :emoji: or path", 0),
	/* a message */
	ROW(AT_SELECT, ACT_MENU, "menu", "Enter", "what to do",
	    "what can be done with the message", 0),
	ROW(AT_SELECT, ACT_UP, 0, "Up", 0, "message above", 0),
	ROW(AT_SELECT, ACT_DOWN, 0, "Down", "choose", "message below", 0),
	ROW(AT_MENU, ACT_REPLY, 0, "R", 0, "answer it", "/reply TEXT"),
	ROW(AT_MENU, ACT_REACT, 0, "S", 0, "a sign to it", "/react SIGN"),
	ROW(AT_MENU, ACT_EDIT, 0, "E", 0, "say it in other words",
	    "/edit TEXT"),
	ROW(AT_MENU, ACT_DELETE, 0, "D", 0, "take it back", "/delete"),
	ROW(AT_MENU, ACT_COPY, 0, "C", 0, "copy it", 0),
	ROW(AT_MENU, ACT_OPEN_LINK, 0, "O", 0, "open its link", 0),
	ROW(AT_MENU, ACT_MARK_UNREAD, 0, "U", 0, "unread from here on", 0),
	/* requests and people, in their lists */
	ROW(AT_REQUESTS, ACT_ACCEPT, 0, "A", "accept", "accept the request",
	    "/accept NAME"),
	ROW(AT_REQUESTS, ACT_REFUSE, 0, "R", "refuse",
	    "refuse: they are told no", "/refuse NAME"),
	ROW(AT_FIND, ACT_GO_HIT, 0, "Enter", "go there", "go to the message",
	    0),
	ROW(AT_PEOPLE, ACT_ASK, 0, "Enter", "ask to chat", "ask for a chat",
	    "/chat NAME"),
	ROW(AT_WRITTEN, ACT_TAKE_WRITTEN, 0, "Enter", "take it",
	    "take it into the composer", 0),
	/* verifying */
	ROW(AT_VERIFY, ACT_ENTER, 0, "Enter", "confirm, once all match",
	    "confirm a whole number that matches", 0),
	ROW(AT_VERIFY | AT_PROMPT, ACT_BY_EYE, 0, "F5 Alt-E", "all is the same",
	    "all of it is the same, I read them both", 0),
	ROW(AT_PROMPT | AT_CHANGED | AT_VERIFY, ACT_SHOW_AS, 0, "F6 Alt-S",
	    "other forms", "show as words, digits, picture, QR", 0),
	ROW(AT_PROMPT, ACT_UNCHECKED, 0, "F7 Alt-U", "go on unchecked",
	    "nobody can tell me: connect, marked 'server not checked'", 0),
	/* fields */
	ROW(AT_ADDRESS | AT_PROMPT | AT_NAME | AT_UNLOCK | AT_CHANGED,
	    ACT_ENTER, 0, "Enter", "go on", "go on", 0),
	ROW(AT_NAME, ACT_NEXT_FIELD, 0, "Tab", "next field", "next field", 0),
	ROW(AT_NAME | AT_UNLOCK, ACT_UP, 0, "Up", 0, 0, 0),
	ROW(AT_NAME | AT_UNLOCK, ACT_DOWN, 0, "Down", 0, 0, 0),
	/* lists */
	ROW(LISTS, ACT_UP, 0, "Up Ctrl-P", 0, "line above", 0),
	ROW(LISTS, ACT_DOWN, 0, "Down Ctrl-N", "choose", "line below", 0),
	ROW(AT_HELP | AT_PALETTE | AT_MENU, ACT_ENTER, 0, "Enter", "run it",
	    "run the highlighted line", 0),
	ROW(AT_SETTINGS, ACT_CHANGE, 0, "Enter Right", "change",
	    "the next value, at once", 0),
	ROW(AT_INSPECT, ACT_TAB_TRACE, 0, "Tab", "login or chat",
	    "login or chat", 0),
	/* going somewhere */
	ROW(WRITE, ACT_NEXT_UNREAD, "next-unread", "Alt-A", "next unread",
	    "next chat that needs me", 0),
	ROW(WRITE, ACT_PALETTE, "palette", "Ctrl-O", "go to",
	    "chats, people, commands, by some letters", 0),
	ROW5(WRITE, ACT_REQUESTS, "requests", "Alt-R F4", "F4", 0, 0, 0,
	    "requests", "answer requests", 0),
	ROW(WRITE, ACT_PEOPLE, "people", "Alt-O F9", "people", "who is online",
	    "/list"),
	ROW5(WRITE, ACT_FIND, "find", "Ctrl-F Alt-/ F3", "Alt-/ F3", 0,
	    "Alt-/ F3", "Alt-/ F3", "find", "find words in all chats", "/find"),
	ROW5(WRITE, ACT_VERIFY, "verify", "Alt-V F5", "F5", 0, 0, "Alt-V", 0,
	    "verify this contact", "/verify NAME"),
	ROW(WRITE, ACT_PEEK, "peek", "Alt-Shift-A", 0,
	    "look at the next unread, leave it unread", 0),
	ROW5(WRITE, ACT_MARK_UNREAD, "mark-unread", "Alt-U", "none", 0, 0, 0, 0,
	    "this chat is unread", "/unread"),
	ROW(WRITE, ACT_MUTE, "mute", "Alt-M", 0,
	    "no notices of this chat, or again", "/mute"),
	ROW5(WRITE, ACT_CHAT_NEXT, "chat-below", "Alt-Down Ctrl-N", "Alt-Down",
	    0, "Ctrl-N Alt-Right Alt-Down", "Ctrl-N Alt-Right Alt-Down F6", 0,
	    "chat below", 0),
	ROW5(WRITE, ACT_CHAT_PREV, "chat-above", "Alt-Up Ctrl-P", "Alt-Up", 0,
	    "Ctrl-P Alt-Left Alt-Up", "Ctrl-P Alt-Left Alt-Up F5", 0,
	    "chat above", 0),
	ROW5(WRITE, ACT_CHAT_BEFORE, "chat-before", "Alt-Left", 0, 0, "none",
	    "Alt-<", 0, "back to where I was", 0),
	ROW5(WRITE, ACT_CHAT_AFTER, "chat-after", "Alt-Right", 0, 0, "none",
	    "Alt->", 0, "forward", 0),
	ROW(WRITE, ACT_CHAT_NUMBER, 0, "Alt-1..9", 0, "chat by number", 0),
	ROW(AT_CHAT, ACT_UP, 0, "Up", 0, "line above; empty: pick a message",
	    0),
	ROW(AT_CHAT, ACT_DOWN, 0, "Down", 0, 0, 0),
	ROW5(WRITE | PAGES | ENTRY, ACT_PAGE_UP, "page-up", "PgUp", 0, 0,
	    "PgUp Alt-P", 0, 0, "scroll up", 0),
	ROW5(WRITE | PAGES | ENTRY, ACT_PAGE_DOWN, "page-down", "PgDn", 0, 0,
	    "PgDn Alt-N", 0, 0, "scroll down", 0),
	ROW(WRITE, ACT_NEWEST, "newest", "Alt-End", 0, "newest message", 0),
	/* what was written before */
	ROW5(AT_CHAT, ACT_WRITTEN_OLDER, "older", "Alt-P", 0, 0, "Alt-K", 0, 0,
	    "what I wrote before", 0),
	ROW5(AT_CHAT, ACT_WRITTEN_NEWER, "newer", "Alt-N", 0, 0, "Alt-J", 0, 0,
	    "... after it", 0),
	ROW(AT_CHAT, ACT_WRITTEN, "written", "Ctrl-R", 0, "search what I wrote",
	    0),
	ROW(AT_CHAT | AT_NORMAL, ACT_EDITOR, "editor", "Alt-E", 0,
	    "write in $EDITOR (also Ctrl-X E)", "/editor"),
	ROW(AT_CHAT, ACT_PREFIX, 0, "Ctrl-X", 0, 0, 0),
	/* looks */
	ROW5(WRITE, ACT_LIST, "list", "Alt-L", "F11", 0, 0, "Alt-Shift-B", 0,
	    "list or chat, on a narrow screen", "/view list"),
	ROW(WRITE, ACT_DETAILS, "details", "Alt-I", 0,
	    "what is known of this chat", "/view details"),
	ROW(WRITE | PAGES | AT_UNLOCK | AT_CHANGED, ACT_INSPECT, "inspect",
	    "F8", 0, "inspect the handshakes", "/inspect"),
	ROW(WRITE, ACT_SERVER, "server", "F10", 0, "what the server knows",
	    "/server"),
	ROW(WRITE, ACT_SETTINGS, "settings", "F2", 0, "settings", "/set"),
	/* everywhere */
	ROW(PAGES | ENTRY | WRITE | AT_QUIT, ACT_BACK, 0, "Esc", 0,
	    "back, close, cancel", 0),
	ROW(ALL & ~(unsigned)(AT_HELP | AT_QUIT), ACT_HELP, "help", "F1 Alt-H",
	    "help", "help; type to filter", "/help"),
	ROW(WRITE, ACT_LOCK, "lock", "Alt-Z", 0,
	    "lock: the keys leave the memory", "/lock"),
	ROW(WRITE, ACT_SUSPEND, "suspend", "none", 0,
	    "stop, as a job of the shell (Ctrl-X Ctrl-Z)", "/suspend"),
	ROW(ALL, ACT_QUIT, "quit", "Ctrl-Q", 0, "quit", "/quit"),
	ROW(ALL, ACT_CLEAR, 0, "Ctrl-C", 0, "clear the line; twice: quit", 0),
	ROW(ALL, ACT_REDRAW, "redraw", "Ctrl-L", 0, "repaint", "/redraw"),
	ROW(AT_QUIT, ACT_ENTER, 0, "Y", "leave", "leave", 0),
	ROW(AT_QUIT, ACT_BACK, 0, "N", "stay", "stay", 0),
};

const struct keymap_action *
keymap_at(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}
