/*
 * app - the client's main thread: waits for keys, events and time, and keeps
 * the screen true.  Split by what happens: app.c (the loop), apply.c (events
 * of the engine), keys.c, act.c, pick.c, palette.c, written.c, settings.c and
 * wizard.c (what the user does), cmd.c (/commands), notice.c (what calls him);
 * what is shown of it is made in present.h.
 *
 * Nothing here waits but poll(): no socket, no resolver, no RSA, no Argon2, no
 * database.
 */
#ifndef SOTTO_APP_H
#define SOTTO_APP_H

#include "crypto/safety.h"
#include "sotto/complete.h"
#include "sotto/conf.h"
#include "sotto/engine.h"
#include "sotto/model.h"
#include "ui/keymap.h"
#include "ui/view.h"

/* Keys that come sooner after a list was opened go to the composer. */
#define APP_SWALLOW_MS 300
/* A second Ctrl-C within this offers to quit. */
#define APP_TWICE_MS 1000
#define APP_FIELDS   4
/* They are told that one types once in this. */
#define APP_TYPING_MS 4000

/* The fields of AT_NAME; others use the first one. */
enum {
	FIELD_NAME = 0,
	FIELD_PASS = 1,
	FIELD_AGAIN = 2,
	FIELD_INVITE = 3
};

enum show_as {
	SHOW_WORDS,
	SHOW_DIGITS,
	SHOW_ART,
	SHOW_QR,
	SHOW_FORMS
};

#define VERIFY_ASK 3
#define HITS_SHOWN 200

struct hit {
	struct name name;
	int mine;
	uint64_t at_ms;
	int64_t line;
	char *text; /* owned; went through text_safe() */
};

/* What AT_FIND looks for, and has found. */
struct finder {
	uint64_t id; /* of the last CMD_FIND */
	int looking, more;
	size_t seen, n;
	struct hit hit[HITS_SHOWN];
};

#define PALETTE_MAX 100

enum palette_kind {
	PALETTE_CHAT,
	PALETTE_PERSON,
	PALETTE_COMMAND,
	PALETTE_KEY
};

struct cmd_info;
struct plain; /* plain.h */

struct palette_row {
	enum palette_kind kind;
	struct name name;
	const struct cmd_info *cmd;
	const struct keymap_action *action;
};

struct palette {
	struct palette_row row[PALETTE_MAX]; /* the best first */
	int score[PALETTE_MAX];
	size_t n;
};

#define BEEN_MAX 32

struct app {
	struct sotto_conf *conf;
	struct engine *e;
	struct model m;
	struct plain *plain; /* lines in, lines out; NULL: a screen */
	int loaded;          /* all chats are here */
	int locking;         /* until EV_LOCKED: what comes is of before */
	uint64_t key_ms;     /* of the last key, for lock-after */
	struct finder find;
	int done, stopping, status;
	char *farewell; /* owned: a sentence for the shell's screen */

	enum ui_where where; /* what has the keys */
	enum ui_where below; /* what Esc goes back to, from help */
	int dirty;
	int blurred;        /* the terminal says that it has not the focus */
	size_t titled;      /* what the terminal's title says */
	int wide_lines;     /* it draws lines two columns wide: ASCII then */
	uint64_t opened_ms; /* when `where` began */
	uint64_t ctrl_c_ms;
	uint64_t redraw_at_ms; /* something moves by itself: when again */

	/* Lists */
	size_t selected, scroll;
	int follow;
	struct edit *filter; /* of help and people */
	size_t trace;        /* inspector: 0 login, then chats */
	int show_list;
	int details; /* wanted, or not, against what the width says */
	struct palette palette;
	struct keymap_hint hint; /* as it was drawn */
	struct ui_spots *spots;  /* ... and what is where */
	int drawn_h;
	uint64_t drawn_ms;
	int pressed;   /* a key, since then */
	char tip[128]; /* what a command has taught */

	/* Writing */
	struct edit_ring ring; /* what was cut, in whatever chat */
	struct offers offers;  /* for the word before the cursor */
	size_t offered;        /* the highlighted one */
	int no_offers;         /* Esc, until something else is typed */
	int offer_paths;       /* Tab was pressed: look into folders */
	int prefix;            /* Ctrl-X was pressed */
	uint64_t esc_ms;       /* Escape alone was; a digit is an F-key then */
	size_t written_at;     /* the i-th text of before; 0: none */
	char *written_kept;    /* secret: what was there; owned, or NULL */
	pid_t editor;          /* another program has the terminal; or 0 */
	struct name editor_chat;
	char editor_path[FILE_PATH_MAX];
	uint64_t picked; /* a text's number; 0: none is */
	int picked_mine;
	struct name been[BEEN_MAX]; /* chats, the oldest first */
	size_t n_been, been_at;     /* ... and where in it we are */

	/* Getting in */
	struct edit *field[APP_FIELDS];
	size_t active;
	struct invite invite; /* secret: what was typed so far */
	int has_invite, has_line_key;
	struct hash line_key; /* the key that the line carries */
	struct hash server_key;
	struct safety_match match;
	enum show_as show;
	enum ident_pin pin_how;
	char error[MSG_TEXT_MAX];
	enum entry_step step;
	uint64_t step_ms;
	int probing;
	struct hash old_key; /* AT_CHANGED */
	int want_pass;       /* AT_CHANGED: matched, now the passphrase */

	struct wire_known known; /* AT_SERVER: as the relay has said */
	int has_known, known_refused;

	/* Verifying */
	struct name verify;
	unsigned ask[VERIFY_ASK]; /* the groups that we are asked for */
	struct safety_block block;
	int has_block;
	int verify_wanted; /* open the page when the number comes */
};

/* app_run - until the user leaves; the exit status. */
int app_run(struct sotto_conf *conf, const char *invite_line, int plain);

/* ---- app.c ---- */
uint64_t app_now_ms(void); /* monotonic */
/* app_post - Takes m. */
void app_post(struct app *a, struct msg *m);
struct msg *app_chat_cmd(struct app *a, enum msg_type t, uint32_t chat);
void app_go(struct app *a, enum ui_where where);
void app_error(struct app *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* app_tell - a line in the current chat, or as the error of a page. */
void app_tell(struct app *a, enum line_kind k, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* app_tip - in the place of the hint row, until the next key. */
void app_tip(struct app *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* app_save_drafts - what was typed is on disk a moment after the last key; at
 * once: now. */
void app_save_drafts(struct app *a, int at_once);
void app_quit(struct app *a);
/* app_lock - back to the passphrase, with nothing left on the screen or in
 * memory; at once, whatever the engine is doing. */
void app_lock(struct app *a);

/* ---- front.c ---- */
/* app_open_front - 0: *why is a sentence; static. */
int app_open_front(struct app *a, int plain, const char **why);
void app_close_front(struct app *a);
/* app_looks - the configuration has others. */
void app_looks(struct app *a);

/* Between apply.c and apply_said.c. */
/* apply_chat_of - the chat that m is about, in that phase; NULL: no memory. */
struct mchat *apply_chat_of(struct app *a, const struct msg *m,
    enum chat_phase phase);
void apply_said(struct app *a, const struct msg *m);

/* ---- finding (app_find.c) ---- */
void app_find(struct app *a);
/* app_find_words - the words have changed: look anew. */
void app_find_words(struct app *a);
void app_find_event(struct app *a, const struct msg *m);
/* app_go_hit - to the chat of the highlighted one. */
void app_go_hit(struct app *a);
void app_find_wipe(struct app *a);
/* app_server - the page of what the relay knows; it is asked. */
void app_server(struct app *a);
void app_quit_asked(struct app *a);
/* app_typed - the draft of the current chat has changed. */
void app_typed(struct app *a);
int app_tells_typing(const struct app *a, const struct mchat *c);

/* ---- apply.c ---- */
void app_on_event(struct app *a, struct msg *m);

/* ---- act.c ---- */
void app_request(struct app *a, const struct name *n);
void app_accept(struct app *a, struct mchat *c);
void app_refuse(struct app *a, struct mchat *c);
void app_verify(struct app *a, const struct name *n);
/* app_requests_at - the i-th request, or NULL. */
struct mchat *app_request_at(const struct app *a, size_t i);
/* app_person_at - the i-th person that the filter lets through. */
const struct person *app_person_at(const struct app *a, size_t i);
/* app_help_at - the i-th row that help shows, or NULL. */
const struct keymap_action *app_help_at(const struct app *a, size_t i);

/* What keys do; of the current chat, where there is one. */
void act_verified(struct app *a, enum verify_how how);
/* act_say - a text of ours; reply_to: the number of another, or 0. */
void act_say(struct app *a, struct mchat *c, const char *text,
    uint64_t reply_to);
void act_send(struct app *a);
void act_complete(struct app *a);
/* act_scroll - upwards; act_scrolled - it was drawn: what else is needed? */
void act_scroll(struct app *a, int rows);
void act_scrolled(struct app *a);
/* act_newest - back to the end; act_see - to that line, wherever it is. */
void act_newest(struct app *a, struct mchat *c);
void act_see(struct app *a, struct mchat *c, int64_t line);
void act_chat_by(struct app *a, int step);
void act_chat_number(struct app *a, int number);
void act_next_unread(struct app *a);
/* act_peek - the same, and it stays unread. */
void act_peek(struct app *a);
/* act_go - to that chat, and remember where we were. */
void act_go(struct app *a, struct mchat *c);
/* act_been - back (-1) or forward (1) where we were. */
void act_been(struct app *a, int by);
void act_mute(struct app *a);
void act_clear(struct app *a, struct edit *e); /* e may be NULL */
void act_back(struct app *a);
void act_next_trace(struct app *a);

/* ---- pick.c: a message that is picked ---- */
void pick_begin(struct app *a); /* the newest */
void pick_end(struct app *a);
void pick_move(struct app *a, int by);
void pick_at_row(struct app *a, uint64_t id, int mine);
/* pick_line - NULL: it is gone. */
struct line *pick_line(const struct app *a);
/* pick_cannot - why that cannot be done with it; NULL: it can.  Static. */
const char *pick_cannot(const struct app *a, enum ui_action act);
void pick_do(struct app *a, enum ui_action act);
/* pick_unread - the newest of theirs, without picking. */
void pick_unread(struct app *a);
/* pick_send - 1: the text was an answer, a change or a sign. */
int pick_send(struct app *a, struct mchat *c, const char *text);

/* ---- palette.c ---- */
void palette_fill(struct app *a); /* a->palette, for what is typed */
void palette_enter(struct app *a);

/* ---- written.c: what was written before, and elsewhere ---- */
void written_by(struct app *a, int older);
void written_forget(struct app *a);
/* written_find - the i-th of ours with what is typed in it; NULL: no more. */
const char *written_find(const struct app *a, size_t i);
void written_take(struct app *a);
void written_edit(struct app *a); /* in $EDITOR */
void written_look(struct app *a); /* has it ended? */
void written_stop(struct app *a);

/* ---- settings.c ---- */
struct setting {
	const char *section, *key; /* of sotto.conf(5) */
	const char *name, *help;
	const char *const *values; /* NULL-terminated */
};
const struct setting *settings_at(size_t i); /* NULL behind the last */
/* settings_value - as it counts now; in out, or static. */
const char *settings_value(const struct app *a, const struct setting *s,
    char out[32]);
void settings_change(struct app *a, size_t i); /* to its next value */
/* settings_set - "theme mono". */
void settings_set(struct app *a, const char *words);

/* ---- notice.c ---- */
void notice_title(struct app *a);
/* notice - what: "message", "request"; of that chat. */
void notice(struct app *a, struct mchat *c, const char *what);
void notice_reap(const struct app *a);

/* ---- verify.c: a safety number ---- */
enum verify_group {
	VERIFY_MISSING, /* not typed, or not all of it */
	VERIFY_SAME,
	VERIFY_OTHER
};
void verify_begin(struct app *a); /* a->verify, a->block are set */
void verify_changed(struct app *a);
void verify_enter(struct app *a);
void verify_show(struct app *a); /* the next form */
void verify_by_eye(struct app *a);
/* verify_asks - is that group one of those that we are asked for? */
int verify_asks(const struct app *a, unsigned group);
/* verify_typed - digits for those groups; -1: it is something else. */
int verify_typed(const struct app *a, char out[VERIFY_ASK * 5 + 1]);
/* verify_group - of the i-th that is asked for. */
enum verify_group verify_group(const struct app *a, size_t i);

/* ---- keys.c ---- */
void app_on_key(struct app *a, const struct ui_key *k, const char *paste,
    size_t paste_n);
/* app_target - where letters are text; NULL: they are keys. */
struct edit *app_target(struct app *a);
void app_target_changed(struct app *a);

/* ---- run.c ---- */
/* app_run_action - as if its key had been pressed. */
void app_run_action(struct app *a, enum ui_action act, int number);

/* ---- keys_mouse.c ---- */
void app_on_mouse(struct app *a, const struct ui_key *k);

/* ---- wizard.c ---- */
void wizard_start(struct app *a, const char *line);
int wizard_key(struct app *a, const struct ui_key *k, enum ui_action act);
void wizard_changed(struct app *a); /* a field has another text */
void wizard_server_key(struct app *a, const struct msg *m);
void wizard_failed(struct app *a, const struct msg *m);
void wizard_wipe(struct app *a);

/* ---- unlock.c ---- */
void wizard_unlock(struct app *a);
void wizard_repin(struct app *a);
/* wizard_give_pass - the text of a masked field, for the engine; 0: memory. */
int wizard_give_pass(struct msg *m, const struct edit *e);

/* ---- cmd.c ---- */
/* cmd_run - a line that begins with "/".  0: there is no such command. */
int cmd_run(struct app *a, const char *line);
struct cmd_info {
	const char *name;
	const char *arg; /* "NAME", "on|off", ...; NULL: none */
	const char *help;
	enum ui_action action; /* its key does it sooner; or ACT_NONE */
	int text;              /* what is behind it may have several lines */
};
const struct cmd_info *cmd_at(size_t i); /* NULL behind the last */
const struct cmd_info *cmd_named(const char *name, size_t n);

#endif
