/*
 * model - what the client knows and shows, as data: chats and their lines,
 * people, contacts, traces.  No engine, no screen.  Thread: main.
 */
#ifndef SOTTO_MODEL_H
#define SOTTO_MODEL_H

#include "sotto/msgs.h"
#include "ui/edit.h"

#define MODEL_TEXT_MAX  8000  /* characters of one message */
#define MODEL_BYTES_MAX 32000 /* ... and bytes; TALK_TEXT_MAX */
/*
 * What a chat has in memory of what was said: a window of the lines on disk.
 * Beyond this a quarter of it goes, at the end that is not being read.
 */
#define MODEL_LINES_KEPT 4000
#define MODEL_BYTES_KEPT (8 << 20)
#define MODEL_BELOW      8 /* rows below a line that was jumped to */

enum line_kind {
	LINE_THEIRS,
	LINE_MINE,
	LINE_NOTE,
	LINE_WARN,
	LINE_GAP
};

struct line {
	enum line_kind kind;
	uint64_t at_ms; /* wall clock */
	uint64_t id;    /* MINE: its number; THEIRS, too */
	int64_t line;   /* on disk; 0: only here */
	int quoted;     /* its first line is what it answers */
	size_t tail;    /* bytes at its end that were not said: "(edited)" */
	char *text;     /* owned; went through text_safe() */
	enum sent_state state;
	char *why; /* owned: of SENT_FAILED; or NULL */
};

enum chat_phase {
	PHASE_ASKING,  /* we asked */
	PHASE_RINGING, /* they asked; a request */
	PHASE_OPEN,
	PHASE_OVER /* can be read, not written */
};

struct mchat {
	struct name name;
	uint32_t number; /* the engine's; of the last time it was open */
	enum chat_phase phase;
	enum suite suite;
	uint64_t since_ms; /* this phase */
	struct hash key;   /* RINGING: what they show */
	enum trust trust;  /* ... and what that is to us */
	struct line *line; /* owned */
	size_t n_lines, cap;
	size_t bytes; /* of the texts */
	size_t unread;
	unsigned gone_days, keep_days; /* lines go then: on both sides, here */
	int read_off;                  /* they are not told what was read */
	int typing_set;                /* enum hist_typing */
	int muted;                     /* no notices of it */
	uint64_t noticed_ms;           /* when the last one was; or 0 */
	uint64_t typing_until_ms; /* monotonic: they type; 0: they do not */
	uint64_t told_typing_ms;  /* when they were told of us; or 0 */
	size_t to_read;           /* of theirs, not told to be read yet */
	size_t first_new; /* index of the first unread line; n_lines: none */
	struct edit *draft;
	/* The place that is read: rows of the lines before `end` that are below
	 * the pane; less than one line's, once it was drawn. */
	size_t end;
	long scroll;
	size_t top;         /* the first line in sight, when it was drawn */
	size_t below;       /* lines that came while scrolled up */
	int64_t marked;     /* a line that was jumped to; 0: none */
	int64_t want;       /* ... as soon as it is here */
	int cut;            /* the disk has newer lines than the last here */
	size_t waiting_cut; /* of ours among those */
	int64_t oldest;     /* line on disk that is the first here */
	int no_older;       /* the disk has none before that */
	uint64_t page;      /* lines of other numbers are not for this window */
	int paging;         /* answers that are to come */
	int away;           /* ASKING: they find it when they come */
	int about;          /* enum ui_action: what Enter does with the text */
	uint64_t about_id;  /* ... and the number of the text it is about */
	int peek;           /* it is looked at, and stays unread */
	uint64_t draft_hash;   /* of the draft as the disk has it */
	uint64_t draft_due_ms; /* when a changed one is to be written; or 0 */
	/* What came late, after we were offline; see model_late(). */
	uint64_t late_from_ms;
	size_t late, late_at;
};

struct person {
	struct name name;
	enum wire_state state;
};

struct known {
	struct name name;
	struct contact_info info;
};

struct model {
	struct mchat **chat; /* owned, in the order of the list */
	size_t n_chats;
	struct mchat *current; /* NULL: none */
	struct person *people; /* owned, by name */
	size_t n_people;
	struct known *known; /* owned, by name */
	size_t n_known;
	uint64_t last_id;       /* of searches */
	uint64_t last_page;     /* of windows */
	uint64_t off_ms, on_ms; /* wall clock: we were offline between these */

	/* Inspector: the last login, and the last handshake of each chat. */
	struct trace *login; /* owned, or NULL */
	struct {
		struct name name;
		struct trace *trace; /* owned */
	} chat_trace[8];
	size_t n_traces;

	struct name me;
	char host[INVITE_HOST_MAX + 1];
	uint16_t port;
	char relay[CERT_HOST_MAX + 1];
	enum ident_pin pin_how;
	struct hash authority;
	enum link_state link;
	uint64_t retry_at_ms; /* monotonic; LINK_WAITING */
	char link_text[MSG_TEXT_MAX];
	enum suite suite;
	int busy;

	/* Told of what is new, if somebody wants to know. */
	void (
	    *on_line)(void *hook, const struct mchat *c, const struct line *l);
	void (
	    *on_state)(void *hook, const struct mchat *c, const struct line *l);
	void *hook;
};

void model_free(struct model *m);

/* ---- chats ---- */

/* model_chat - the chat with that person, made if there is none; NULL: no
 * memory. */
struct mchat *model_chat(struct model *m, const struct name *n);
struct mchat *model_find_chat(const struct model *m, const struct name *n);
struct mchat *model_by_number(const struct model *m, uint32_t number);
/* model_add_line - text is made safe here. */
struct line *model_add_line(struct model *m, struct mchat *c, enum line_kind k,
    uint64_t at_ms, const char *text);
/* model_note - a line that tells what happened. */
void model_note(struct model *m, struct mchat *c, enum line_kind k,
    uint64_t at_ms, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* model_old_line, model_newer_line - from the disk: before those that are
 * there, and behind them. */
struct line *model_old_line(struct mchat *c, enum line_kind k, uint64_t at_ms,
    const char *text);
struct line *model_newer_line(struct mchat *c, enum line_kind k, uint64_t at_ms,
    const char *text);
/* model_at_end - the newest line is in sight, and the next one will be. */
int model_at_end(const struct mchat *c);
/* model_cannot_add - what comes now stays on the disk. */
int model_cannot_add(struct mchat *c);
int64_t model_newest(const struct mchat *c); /* on disk; 0: none */
/* model_window - empty but for what is nowhere else, for pages around that
 * line; 0: for the last ones. */
void model_window(struct model *m, struct mchat *c, int64_t around);
/* model_see - the place is there.  0: that line is not in the window. */
int model_see(struct mchat *c, int64_t line);
/* model_late - one more in the line that says what came late. */
void model_late(struct model *m, struct mchat *c);
/* model_draft_hash - changes with the text and the cursor. */
uint64_t model_draft_hash(const struct mchat *c);
/* model_set_text - of EV_CHANGED, whose text is made safe. */
void model_set_text(struct mchat *c, const struct msg *m);
/* model_body - what was said of a line, without what belongs to it. */
struct span model_body(const struct line *l);
/* model_last - the number of the last text of that kind; 0: none. */
uint64_t model_last(const struct mchat *c, enum line_kind k);
/* model_empty - no line of it stays. */
void model_empty(struct mchat *c);
/* model_set_sent - on_disk: its line there; 0: not told. */
/* model_unsaid - a text of ours that never was on the disk leaves the chat.
 * Owned by the caller, secret; NULL: there is none. */
char *model_unsaid(struct mchat *c, uint64_t id);
void model_set_sent(struct model *m, struct mchat *c, uint64_t id,
    enum sent_state s, const char *why, int64_t on_disk);
void model_go(struct model *m, struct mchat *c);
/* model_remove_chat - of a request that was never a chat. */
void model_remove_chat(struct model *m, struct mchat *c);
size_t model_requests(const struct model *m);
size_t model_unread(const struct model *m);
/* model_unsent - messages that wait here. */
size_t model_unsent(const struct model *m);

/* ---- people ---- */

void model_people_reset(struct model *m);
void model_set_person(struct model *m, const struct name *n, enum wire_state s);
enum wire_state model_presence(const struct model *m, const struct name *n);
void model_set_known(struct model *m, const struct name *n,
    const struct contact_info *i);
void model_forget_known(struct model *m, const struct name *n);
/* model_known - NULL: no key of theirs was ever seen. */
const struct contact_info *model_known(const struct model *m,
    const struct name *n);

/* model_is_held - what is said there waits: they show another key. */
int model_is_held(const struct model *m, const struct mchat *c);
/* model_looks_like - somebody you know whose name this one imitates, or NULL.
 * One whom you know yourself imitates nobody. */
const struct name *model_looks_like(const struct model *m,
    const struct name *n);

/* model_take_trace - Takes t. */
void model_take_trace(struct model *m, uint32_t chat, const struct name *n,
    struct trace *t);

#endif
