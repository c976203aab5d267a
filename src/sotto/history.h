/*
 * history - chats and what was said in them, in the vault.
 *
 * Each line is sealed under the key of its chat and day; a day whose key is
 * gone cannot be read by anybody, whatever the disk still holds.
 * Thread: the engine's.  Unless said otherwise: SOTTO_EIO: the disk;
 * SOTTO_EAUTH: damaged, and not used; SOTTO_ENOMEM.
 */
#ifndef SOTTO_HISTORY_H
#define SOTTO_HISTORY_H

#include "crypto/talk.h"
#include "sotto/msgs.h"
#include "sotto/vault.h"

/* ---- chats ---- */

enum hist_phase {
	HIST_OVER,  /* not open: ended, refused, or never answered */
	HIST_ASKED, /* our first message is out */
	HIST_ASKS,  /* theirs is here */
	HIST_OPEN
};

/* Are they told that we type? */
enum hist_typing {
	TYPING_AS_SET, /* in the configuration */
	TYPING_TOLD,
	TYPING_NOT_TOLD
};

struct hist_chat {
	int blocked; /* by the user */
	int64_t id;  /* from 1; never used twice */
	struct name name;
	enum hist_phase phase;
	struct chat_id session; /* that we send in; all zero: none */
	enum trust trust;       /* ASKS: of the key that asks */
	unsigned gone_days;     /* lines go then, on both sides; 0: they stay */
	uint64_t gone_ms;       /* when that was said, by who said it */
	uint32_t gone_from;     /* the first day that it is for */
	unsigned keep_days;     /* ... here only */
	int read_off;           /* they are not told what was read */
	enum hist_typing typing;
	int muted; /* no notices */
};

/* hist_chat_find - SOTTO_EAGAIN: none with that name. */
enum sotto_err hist_chat_find(struct vault *v, struct hist_chat *out,
    const struct name *n);
/* hist_chat_put - new (id 0, which is set) or changed. */
enum sotto_err hist_chat_put(struct vault *v, struct hist_chat *c);
/* hist_chat_drop - without its lines; see hist_forget(). */
enum sotto_err hist_chat_drop(struct vault *v, int64_t chat);
/* hist_chats - call fn for each; how many are damaged. */
enum sotto_err hist_chats(struct vault *v,
    void (*fn)(void *ctx, const struct hist_chat *c), void *ctx,
    size_t *damaged);

/* hist_draft_put - what is in the composer of a chat; text NULL: nothing.
 * cursor: in bytes. */
enum sotto_err hist_draft_put(struct vault *v, int64_t chat, const char *text,
    size_t cursor);
/* hist_draft_get - owned in *text; NULL: there is none. */
enum sotto_err hist_draft_get(struct vault *v, int64_t chat, char **text,
    size_t *cursor);

/* ---- lines ---- */

enum hist_kind {
	HIST_THEIRS = 1,
	HIST_MINE,
	HIST_NOTE,
	HIST_WARN,
	HIST_GAP
};

enum hist_flag {
	HIST_EDITED = 1,
	HIST_DELETED = 2,
	HIST_UNTOLD = 4 /* THEIRS: no receipt yet, they wait for our answer */
};

#define HIST_WHY_MAX   200
#define HIST_REACT_MAX TALK_REACT_MAX

struct hist_line {
	int64_t id;
	enum hist_kind kind;
	enum sent_state state; /* MINE */
	unsigned flags;
	uint64_t at_ms;                    /* wall clock, here */
	uint64_t sent_ms;                  /* ... and the sender's */
	uint64_t msg;                      /* the text's own number; 0: none */
	uint64_t reply_to;                 /* the number of another; 0: none */
	int unread;                        /* THEIRS */
	char why[HIST_WHY_MAX + 1];        /* MINE, failed */
	char react_me[HIST_REACT_MAX + 1]; /* ours to it */
	char react_them[HIST_REACT_MAX + 1];
	char *text; /* owned; NUL-terminated; raw as it came */
};

void hist_line_free(struct hist_line *l); /* what it owns */

/* hist_add - id is set.  SOTTO_ESTATE: that msg is there already. */
enum sotto_err hist_add(struct vault *v, int64_t chat, struct hist_line *l);
/* hist_set - all but id, time and msg. */
enum sotto_err hist_set(struct vault *v, int64_t chat,
    const struct hist_line *l);
/* hist_get, hist_find - SOTTO_EAGAIN: no such line.  Owned by the caller. */
enum sotto_err hist_get(struct vault *v, int64_t chat, int64_t id,
    struct hist_line *out);
enum sotto_err hist_find(struct vault *v, int64_t chat, int mine, uint64_t msg,
    struct hist_line *out);

/*
 * hist_page - the n lines before that one (INT64_MAX: the last), the newest
 * first; newer: behind it, the oldest first.  fn borrows the line and stops it
 * by answering 0.
 */
enum sotto_err hist_page(struct vault *v, int64_t chat, int64_t from, int newer,
    size_t n, int (*fn)(void *ctx, const struct hist_line *l), void *ctx,
    size_t *damaged);
/* hist_all - the whole chat, the oldest first. */
enum sotto_err hist_all(struct vault *v, int64_t chat,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx,
    size_t *damaged);
/* hist_scan - of all chats, the lines from `from` and before `before`, the
 * newest first. */
enum sotto_err hist_scan(struct vault *v, int64_t from, int64_t before,
    int (*fn)(void *ctx, int64_t chat, const struct hist_line *l), void *ctx);
/* hist_unread - theirs that were not read, the oldest first. */
enum sotto_err hist_unread(struct vault *v, int64_t chat,
    int (*fn)(void *ctx, const struct hist_line *l), void *ctx);
/* hist_mark_unread - theirs, from that line on. */
enum sotto_err hist_mark_unread(struct vault *v, int64_t chat, int64_t from);
/* hist_mark_read - all that is there now. */
enum sotto_err hist_mark_read(struct vault *v, int64_t chat);
/* hist_expire - of that chat, the days from `from` and before `before` (since
 * 1970), with their keys; *some is set if there were any. */
enum sotto_err hist_expire(struct vault *v, int64_t chat, int64_t from,
    int64_t before, int *some);
/* hist_forget - all lines of the chat, with the keys of its days. */
enum sotto_err hist_forget(struct vault *v, int64_t chat);

/* ---- finding ---- */

/*
 * A run of so many lines, of whatever chats, has a filter: which groups of
 * one, two and three bytes its folded texts are made of.  What cannot be in a
 * run is not opened.  A filter is sealed like the rest, made when its run is
 * full, and dropped with any of its lines.
 */
#define HIST_RUN 512

struct hist_look {
	int64_t before; /* INT64_MAX: the last */
	size_t seen;    /* lines, opened or not */
};

/*
 * hist_look - lines that may have these words (text_fold_dup()), the newest
 * first, from at on, which moves; about `most` are opened.  at->before 0: that
 * was all.
 */
enum sotto_err hist_look(struct vault *v, const char *folded,
    struct hist_look *at, size_t most,
    int (*fn)(void *ctx, int64_t chat, const struct hist_line *l), void *ctx);
/* hist_learn - the newest run before *run (INT64_MAX: any) that is full and
 * has no filter gets one; SOTTO_EAGAIN: there is none.  *run is set. */
enum sotto_err hist_learn(struct vault *v, int64_t *run);

#endif
