/*
 * edit - what is being typed: UTF-8 text with a cursor that moves by what a
 * reader calls a character, a kill buffer, undo.  One edit is the composer of
 * a chat (with line breaks), or a field of one line; a passphrase is a masked
 * field in memory that is wiped.
 */
#ifndef UI_EDIT_H
#define UI_EDIT_H

#include <stddef.h>

#include "base/err.h"

#include "ui/key.h"

#define EDIT_UNDO_MAX 64
#define EDIT_RING_MAX 8

struct edit;

enum edit_kind {
	EDIT_LINES, /* line breaks are kept */
	EDIT_LINE,  /* line breaks become blanks */
	EDIT_MASKED /* one line, secret; no undo, no kill buffer */
};

/* edit_new - at most max bytes.  Returns owned, or NULL. */
struct edit *edit_new(enum edit_kind kind, size_t max);
void edit_free(struct edit *e); /* wipes; accepts NULL */

/* edit_text - NUL-terminated; borrowed until the next change. */
const char *edit_text(const struct edit *e);
size_t edit_len(const struct edit *e);
size_t edit_cursor(const struct edit *e); /* in bytes */
enum edit_kind edit_kind(const struct edit *e);
/* edit_count - characters, as a reader counts. */
size_t edit_count(const struct edit *e);

/* edit_set - replace all, the cursor at the end.  What does not fit is cut. */
void edit_set(struct edit *e, const char *text);
/* edit_move - the cursor to that byte, or the next whole character. */
void edit_move(struct edit *e, size_t at);
void edit_clear(struct edit *e); /* can be undone, but for a masked one */

/*
 * edit_insert - at the cursor.  Controls but line breaks and tabs are left
 * out, bytes that are not UTF-8 become U+FFFD.  0: it does not all fit, and
 * nothing was changed.
 */
int edit_insert(struct edit *e, const char *text, size_t n);

/* edit_key - 1 if the key was for editing: characters, motion, deletion, undo,
 * kill and yank as in readline. */
int edit_key(struct edit *e, const struct ui_key *k);

/*
 * edit_up, edit_down - to the line above or below, of a text laid out in cols
 * columns; 0 if there is none.
 */
int edit_up(struct edit *e, int cols);
int edit_down(struct edit *e, int cols);

/*
 * What was cut, the newest last; several edits may share one, so that what was
 * cut in one chat can be put into another.
 */
struct edit_ring {
	char *text[EDIT_RING_MAX]; /* owned */
	size_t n;
};
void edit_ring_wipe(struct edit_ring *r);
/* edit_share - borrows r until the end; NULL: one of its own again. */
void edit_share(struct edit *e, struct edit_ring *r);
/* edit_all - another text in place of all; can be undone. */
void edit_all(struct edit *e, const char *text);
/* edit_swap - the bytes from..to by others; can be undone.  0: no room. */
int edit_swap(struct edit *e, size_t from, size_t to, const char *by);

/* ---- vi's normal mode ---- */

enum edit_vi {
	VI_NONE,   /* not a key of it */
	VI_DONE,   /* did something, or waits for the rest of a command */
	VI_INSERT, /* on to typing */
	VI_FIND,
	VI_COMMAND
};
enum edit_vi edit_vi_key(struct edit *e, const struct ui_key *k);

/* ---- folded pastes ---- */

/* A paste of several lines is one block until it is sent: how many lines and
 * bytes it has; 0 lines if there is none. */
struct edit_fold {
	size_t lines, bytes;
};
struct edit_fold edit_folded(const struct edit *e);
/* edit_paste - insert; fold it if it has more than three lines. */
int edit_paste(struct edit *e, const char *text, size_t n);
/* edit_unfold - show it as text; 1 if there was one. */
int edit_unfold(struct edit *e);

/* ---- drawing ---- */

/* One row as it is laid out in cols columns. */
struct edit_row {
	size_t from, to; /* bytes of the text */
};
/*
 * edit_layout - up to max rows of all; *cur_row and *cur_col say where the
 * cursor is.  Returns how many rows there are in all (at least 1); rows holds
 * those from first on.
 */
size_t edit_layout(const struct edit *e, int cols, size_t first,
    struct edit_row *rows, size_t max, size_t *cur_row, int *cur_col);

#endif
