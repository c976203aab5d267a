/*
 * present - from what the client knows (app.h, model.h) to what can be drawn
 * (ui/view.h).  Nothing here changes what is known; a frame is made anew for every
 * repaint and owns all strings of its view.
 *
 * Split by screen: frame.c (the strings and lines of one frame), present.c
 * (the main view, with main_list.c and main_chat.c), page_entry.c (getting in),
 * page_list.c (people, the inspector, requests), page_more.c (the palette, what
 * was written, a message's menu, settings, the server), page_verify.c,
 * page_find.c.
 */
#ifndef SOTTO_PRESENT_H
#define SOTTO_PRESENT_H

#include "sotto/app.h"

#define FRAME_SIDE   64
#define FRAME_FOOT   16
#define FRAME_DETAIL 64
#define FRAME_ITEMS  512

struct frame_text; /* the strings of one frame */

struct frame {
	struct frame_text *text; /* owned */
	struct ui_view v;
	struct ui_line line[UI_LINES_MAX], side[FRAME_SIDE], foot[FRAME_FOOT],
	    detail[FRAME_DETAIL];
	size_t n, n_side, n_foot, n_detail, n_fields;
	struct ui_item item[FRAME_ITEMS];
	size_t n_items;
	struct ui_msg *msg; /* owned */
	size_t n_msgs, cap_msgs;
	struct ui_box box;
	struct ui_line box_line[UI_LINES_MAX];
	size_t n_box;
	struct keymap_hint hint;
	struct ui_spots spots;
	struct ui_line offer[OFFERS_MAX + 1];
	int cols, rows;
};

/* present - the view of this moment, for a screen of w by h; owned by f.  Sets
 * a->redraw_at_ms if something moves by itself, and settles the place that is
 * read in the chat: rows are known here only. */
void present(struct frame *f, struct app *a, int w, int h);
void frame_free(struct frame *f); /* what f owns; good for a zeroed one */

/* ---- frame.c ---- */

void frame_begin(struct frame *f, const struct app *a, int w, int h);
/* say - a string of this frame; "" if memory ran out. */
const char *say(struct frame *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* say_time - "14:06"; say_date - "3 June 2026"; say_day - "3 Jun", with the
 * year if it is another.  Local. */
const char *say_time(struct frame *f, uint64_t wall_ms);
const char *say_date(struct frame *f, uint64_t wall_s);
const char *say_day(struct frame *f, uint64_t wall_s);
/* say_ago - "2 min ago" of a difference in milliseconds. */
const char *say_ago(struct frame *f, uint64_t ms);
/* say_mark - a mark that moves, with how long it has taken: "| 3 s". */
const char *say_mark(struct frame *f, struct app *a, uint64_t since_ms);
/* say_n - "1 request", "3 requests". */
const char *say_n(struct frame *f, size_t n, const char *one, const char *many);

/* Lines of the page: wrapped, or kept as they are; beside it; below it; of the
 * box.  What has no place any more is left out. */
struct ui_line *add_line(struct frame *f, enum ui_style st, int indent,
    const char *text);
struct ui_line *add_fixed(struct frame *f, enum ui_style st, int indent,
    const char *text);
void add_label(struct frame *f, const char *label, const char *text);
void add_side(struct frame *f, enum ui_style st, const char *text);
void add_foot(struct frame *f, enum ui_style st, const char *text);
struct ui_line *add_box(struct frame *f, enum ui_style st, const char *text);
void add_field(struct frame *f, const struct edit *e, const char *label,
    int active);
/* add_block - 12 words or groups in three rows; words: 1, groups: 0. */
void add_block(struct frame *f, const struct safety_block *b, int words);

/* trust_words - "v verified", "! NEW KEY today 13:40", "not verified". */
const char *trust_words(struct frame *f, const struct contact_info *i);
enum ui_style trust_style(const struct contact_info *i);
/* presence_words - "online"; static. */
const char *presence_words(const struct app *a, const struct mchat *c);
/* how_words - "you typed the digits". */
const char *how_words(enum verify_how h);

/* ---- the screens ---- */

void main_list(struct frame *f, const struct app *a);
void main_messages(struct frame *f, struct app *a);
void main_nobody(struct frame *f, const struct app *a);
void main_details(struct frame *f, const struct app *a);
void page_wizard(struct frame *f, struct app *a);
void page_find(struct frame *f, struct app *a);
void page_people(struct frame *f, struct app *a);
void page_verify(struct frame *f, struct app *a);
void page_inspect(struct frame *f, struct app *a);
void box_help(struct frame *f, struct app *a);
void box_requests(struct frame *f, struct app *a);
void box_quit(struct frame *f, struct app *a);
void box_menu(struct frame *f, struct app *a);
void box_palette(struct frame *f, struct app *a);
void box_written(struct frame *f, struct app *a);
void page_settings(struct frame *f, struct app *a);
void page_server(struct frame *f, struct app *a);

#endif
