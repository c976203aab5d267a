/* edit_priv - the inside of an edit, for edit.c and edit_keys.c. */
#ifndef UI_EDIT_PRIV_H
#define UI_EDIT_PRIV_H

#include "ui/edit.h"

struct snapshot {
	char *text; /* owned */
	size_t cursor;
};

struct edit {
	enum edit_kind kind;
	char *text; /* max + 1 bytes, NUL-terminated */
	size_t n, cursor, max;
	struct edit_ring own, *ring;
	size_t yank_from, yank_n, yank_at; /* the last thing done was that */
	char vi;                           /* a command has begun: 'd' */
	struct snapshot undo[EDIT_UNDO_MAX];
	size_t n_undo;
	int typing; /* the last change was a character: one undo for many */
	struct edit_fold fold;
};

/* edit_replace - bytes from..to by others; they fit.  The cursor is behind. */
void edit_replace(struct edit *e, size_t from, size_t to, const char *by,
    size_t n);
int edit_put(struct edit *e, const char *text, size_t n, int typing);
void edit_remember(struct edit *e, int typing); /* for undo */
void edit_undo(struct edit *e);
/* edit_kill - cut; keep: into the ring. */
void edit_kill(struct edit *e, size_t from, size_t to, int keep);
void edit_yank(struct edit *e);
void edit_yank_before(struct edit *e);
size_t edit_prev_char(const struct edit *e, size_t at);
size_t edit_next_word(const struct edit *e, size_t at);
size_t edit_prev_word(const struct edit *e, size_t at);
size_t edit_line_start(const struct edit *e, size_t at);
size_t edit_line_end(const struct edit *e, size_t at);
/* edit_next_char - behind the cluster at `at`. */
size_t edit_next_char(const struct edit *e, size_t at);

#endif
