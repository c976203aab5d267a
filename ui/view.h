/*
 * view - everything that can be on the screen, as plain values.
 *
 * The application fills these structs; render() draws them.  All strings are
 * borrowed, valid UTF-8 that has gone through text_safe() where it came from
 * somebody else, and may be longer than there is room.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <stddef.h>

#include "ui/canvas.h"
#include "ui/edit.h"

/* ---- pages: a title, a text, perhaps a field, hints ---- */

enum ui_line_kind {
	UI_LINE_TEXT,  /* wrapped at words */
	UI_LINE_FIXED, /* never wrapped or reflowed: cut at the edge */
	UI_LINE_RULE,
	UI_LINE_FIELD /* where the page's field is */
};

struct ui_line {
	enum ui_line_kind kind;
	enum ui_style style;
	int indent;        /* columns; wrapped rows get it too */
	const char *text;  /* NULL: an empty line */
	const char *label; /* TEXT: in front of it, bold, e.g. "now" */
	int selected;      /* a bar over the whole line */
};

#define UI_LINES_MAX 512

struct ui_field {
	const struct edit *edit;
	const char *label; /* in front, e.g. "> " */
	int active;        /* has the cursor */
};

#define UI_FIELDS_MAX 4

struct ui_page {
	const char *title, *title_mid, *title_right;
	const struct ui_line *line;
	size_t n;
	/* On 120 columns and more: beside the first column; else below it. */
	const struct ui_line *side;
	size_t n_side;
	const struct ui_line *foot; /* above the hints, always visible */
	size_t n_foot;
	struct ui_field field[UI_FIELDS_MAX]; /* in the order of FIELD lines */
	size_t scroll;                        /* rows that are above the top */
	int follow; /* keep the selected line in sight instead */
};

/* ---- the main view ---- */

enum ui_presence {
	UI_OFFLINE,
	UI_ONLINE,
	UI_BUSY,
	UI_NO_PRESENCE
};

struct ui_item {
	enum ui_presence presence;
	int is_heading;
	const char *name;
	const char *mark; /* trust: "v", "!"; or "" */
	enum ui_style mark_style;
	const char *right; /* unread count, key, time */
	int current;
	const char *chat; /* whom a click leads to; NULL: nobody */
};

enum ui_msg_kind {
	UI_MSG_THEIRS,
	UI_MSG_MINE,
	UI_MSG_NOTE, /* what happened; no sender */
	UI_MSG_WARN, /* the same, to be noticed */
	UI_MSG_RULE, /* a day, unread messages: text in a line */
	UI_MSG_GAP   /* late or missing */
};

struct ui_msg {
	enum ui_msg_kind kind;
	const char *time; /* "14:06" */
	const char *who;
	const char *text;  /* may have line breaks */
	const char *state; /* MINE: "delivered" */
	enum ui_style state_style;
	int marked; /* one that was looked for */
	int picked;
	unsigned long long id; /* for a click; 0: nothing happens */
};

struct ui_main {
	/* Top line: who, how safe; then the relay, from the right. */
	const char *peer, *presence, *trust; /* trust: "[v verified]" */
	enum ui_style trust_style;
	const char *relay; /* "home ONLINE" */
	enum ui_style relay_style;
	const char *relay_trust; /* "server not checked", or "" */
	const char *requests;    /* "1 request", or "" */
	const char *clock;       /* "14:07" */

	const struct ui_item *item; /* the list */
	size_t n_items;

	const struct ui_msg *msg; /* the newest last */
	size_t n_msgs;
	int who_cols;      /* the widest name among them, without an end */
	size_t scroll;     /* rows of the last one that are below the pane */
	const char *below; /* "4 below, Alt-End", while scrolled up; or "" */
	const struct ui_line *empty; /* where there are no messages */
	size_t n_empty;

	const struct ui_line *detail;
	size_t n_detail;
	int detail_first; /* in the list's place, below 120 columns */

	/* The composer always says to whom, and how safe that is. */
	const char *to; /* "to bob (not verified, end-to-end)" */
	enum ui_style to_style;
	const char *prompt; /* "bob> " */
	const char *count;  /* "23/8000" */
	const struct edit *composer;
	const char *fold;            /* "[paste 312 lines, 9 kB]", or NULL */
	const struct ui_line *offer; /* above the composer: what Tab offers */
	size_t n_offers;
	int show_list; /* below 60 columns: the list instead of the chat */
	/* One thing under the other, for those who listen to it: */
	int no_list;    /* as below 60 columns, however wide it is */
	int no_columns; /* a message's sender above it, not beside it */
};

/* ---- what is where, for clicks ---- */

enum ui_spot_kind {
	SPOT_NONE,
	SPOT_ITEM,
	SPOT_MESSAGE
};

struct ui_spot {
	enum ui_spot_kind kind;
	int x, y, w, h;
	char name[24];         /* ITEM */
	unsigned long long id; /* MESSAGE */
	int mine;
};

#define UI_SPOTS_MAX 256
struct ui_spots {
	struct ui_spot s[UI_SPOTS_MAX];
	size_t n;
};

/* ---- all of it ---- */

/* A box over the main view, or over a page. */
struct ui_box {
	const char *title, *foot;
	const struct ui_line *line;
	size_t n;
	struct ui_field field;
	size_t scroll;
	int follow;
};

enum ui_base {
	UI_PAGE,
	UI_MAIN
};

struct ui_view {
	enum ui_base base;
	struct ui_page page;
	struct ui_main main;
	const struct ui_box *box; /* or NULL */
	const char *hint;         /* the bottom row */
	const char *unread;       /* for a window that is too small */
	int ascii;                /* no lines and marks beyond ASCII */
	struct ui_spots *spots;   /* filled by render(); or NULL */
};

/* Below this nothing can be shown but that. */
#define UI_MIN_COLS 20
#define UI_MIN_ROWS 5

#endif
