/* The chat pane: messages, what stands there without any, and the details
 * beside it; see present.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#include "sotto/present.h"
#include "ui/render.h"

/* ---- messages ---- */

static struct ui_msg *
add_msg(struct frame *f, enum ui_msg_kind k, const char *text)
{
	if (f->n_msgs == f->cap_msgs) {
		size_t cap = f->cap_msgs == 0 ? 128 : f->cap_msgs * 2;
		struct ui_msg *p = realloc(f->msg, cap * sizeof(*p));

		if (p == NULL)
			return NULL;
		f->msg = p;
		f->cap_msgs = cap;
	}
	f->msg[f->n_msgs] = (struct ui_msg){ .kind = k,
		.time = "",
		.who = "",
		.text = text,
		.state = "" };
	return &f->msg[f->n_msgs++];
}

static const char *
state_words(struct frame *f, const struct line *l, int held, enum ui_style *st)
{
	*st = UI_DIM;
	switch (l->state) {
	case SENT_WAITING:
		if (held) {
			*st = UI_WARN;
			return "held";
		}
		*st = UI_ACCENT;
		return l->why != NULL ? say(f, "waiting here: %s", l->why)
				      : "waiting here";
	case SENT_AT_RELAY:
		return "at server";
	case SENT_DELIVERED:
		return "delivered";
	case SENT_READ:
		*st = UI_GOOD;
		return "read";
	case SENT_FAILED:
		*st = UI_WARN;
		return l->why != NULL ? say(f, "failed: %s", l->why) : "failed";
	}
	return "";
}

static void
add_one(struct frame *f, const struct app *a, const struct mchat *c,
    const struct line *l)
{
	static const enum ui_msg_kind kinds[] = { [LINE_THEIRS] = UI_MSG_THEIRS,
		[LINE_MINE] = UI_MSG_MINE,
		[LINE_NOTE] = UI_MSG_NOTE,
		[LINE_WARN] = UI_MSG_WARN,
		[LINE_GAP] = UI_MSG_GAP };
	struct ui_msg *m = add_msg(f, kinds[l->kind], l->text);

	if (m == NULL)
		return;
	m->marked = l->line != 0 && l->line == c->marked;
	if (l->kind == LINE_THEIRS || l->kind == LINE_MINE)
		m->id = l->id;
	m->picked = l->id != 0 && l->id == a->picked &&
	    (l->kind == LINE_MINE) == a->picked_mine;
	m->time = say_time(f, l->at_ms);
	m->who = l->kind == LINE_THEIRS ? c->name.s
	    : l->kind == LINE_MINE      ? "me"
					: "";
	if (l->kind == LINE_MINE)
		m->state =
		    state_words(f, l, model_is_held(&a->m, c), &m->state_style);
}

/* Below the newest line, for as long as it is so. */
static void
add_held(struct frame *f, const struct app *a, const struct mchat *c)
{
	const struct contact_info *i = model_known(&a->m, &c->name);
	const char *who = c->name.s;
	struct ui_msg *m = add_msg(f, UI_MSG_RULE,
	    say(f, "! %s has a NEW KEY since %s, %s !", who,
		say_day(f, i->changed_at), say_time(f, i->changed_at * 1000)));

	if (m != NULL)
		m->state_style = UI_ACCENT;
	m = add_msg(f, UI_MSG_WARN,
	    say(f,
		"%sThe key that %s shows now is not that key. A new phone "
		"explains it; so does somebody pretending. What you write "
		"waits here, and is not sent:\n"
		"Alt-V  compare now (call %s)\n"
		"/delete  take back what waits\n"
		"/trust-new %s  send it without comparing",
		i->verified_at > 0 ? say(f, "You verified %s on %s. ", who,
					 say_date(f, i->verified_at))
				   : say(f, "You know %s since %s. ", who,
					 say_date(f, i->first_seen)),
		who, who, who));
	if (m != NULL)
		m->time = "";
}

static int
same_day(uint64_t x_ms, uint64_t y_ms)
{
	time_t x = (time_t)(x_ms / 1000), y = (time_t)(y_ms / 1000);
	struct tm a, b;

	return localtime_r(&x, &a) != NULL && localtime_r(&y, &b) != NULL &&
	    a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
}

/* A line, with what stands above it. */
static void
add_with_rules(struct frame *f, const struct app *a, const struct mchat *c,
    size_t i)
{
	const struct line *l = &c->line[i];
	struct ui_msg *m;

	if (i == 0 || !same_day(l[-1].at_ms, l->at_ms))
		(void)add_msg(f, UI_MSG_RULE, say_date(f, l->at_ms / 1000));
	if (i == c->first_new && i > 0) {
		m = add_msg(f, UI_MSG_RULE, say(f, "%zu new", c->n_lines - i));
		if (m != NULL)
			m->state_style = UI_ACCENT;
	}
	add_one(f, a, c, l);
	if (i + 1 == c->n_lines && !c->cut && model_is_held(&a->m, c))
		add_held(f, a, c);
}

static long
rows_of(struct frame *f, const struct app *a, const struct mchat *c, size_t i,
    int w)
{
	const size_t n = f->n_msgs;
	long rows = 0;

	add_with_rules(f, a, c, i);
	for (size_t k = n; k < f->n_msgs; k++)
		rows += render_msg_rows(&f->v.main, &f->msg[k], w);
	f->n_msgs = n;
	return rows;
}

/* Downwards from `end`, until nothing is missing below; what is too much. */
static long
fill_down(struct frame *f, const struct app *a, const struct mchat *c,
    size_t *end, long s, int w)
{
	while (s < 0 && *end < c->n_lines)
		s += rows_of(f, a, c, (*end)++, w);
	return s > 0 ? s : 0;
}

/* The place, with less than a line below the pane and not beyond either end;
 * top is the first line in sight. */
static void
settle(struct frame *f, const struct app *a, struct mchat *c)
{
	size_t end = c->end < c->n_lines ? c->end : c->n_lines, top;
	long s = c->scroll, r, rows;
	int w, h;

	render_chat_size(&f->v.main, f->cols, f->rows, &w, &h);
	while (s > 0 && end > 0 && (r = rows_of(f, a, c, end - 1, w)) <= s) {
		s -= r;
		end--;
	}
	if (s < 0)
		s = fill_down(f, a, c, &end, s, w);
	rows = -s;
	for (top = end; top > 0 && rows < h; top--)
		rows += rows_of(f, a, c, top - 1, w);
	if (rows < h) /* nothing is above the first line */
		s = fill_down(f, a, c, &end, s - (h - rows), w);
	c->scroll = s;
	c->end = end;
	c->top = top;
}

void
main_messages(struct frame *f, struct app *a)
{
	struct mchat *c = a->m.current;

	f->v.main.who_cols = (int)text_width(span_str(c->name.s));
	settle(f, a, c);
	for (size_t i = c->top; i < c->end; i++)
		add_with_rules(f, a, c, i);
	f->v.main.msg = f->msg;
	f->v.main.n_msgs = f->n_msgs;
	f->v.main.scroll = (size_t)c->scroll;
	f->v.main.below = "";
	if (!model_at_end(c))
		f->v.main.below = c->below > 0
		    ? say(f, "%zu new below, Alt-End", c->below)
		    : "older messages, Alt-End";
}

/* Nobody to talk to yet: what one can do. */
void
main_nobody(struct frame *f, const struct app *a)
{
	const size_t asking = model_requests(&a->m);

	(void)add_line(f, UI_PLAIN, 2, NULL);
	if (a->error[0] != '\0') {
		(void)add_line(f, UI_WARN, 2, a->error);
		(void)add_line(f, UI_PLAIN, 2, NULL);
	}
	if (a->m.link != LINK_ONLINE && a->m.link_text[0] != '\0') {
		(void)add_line(f, UI_WARN, 2, a->m.link_text);
		(void)add_line(f, UI_PLAIN, 2, NULL);
	}
	(void)add_line(f, UI_BOLD, 2, say(f, "You are in, %s.", a->m.me.s));
	(void)add_line(f, UI_PLAIN, 2, NULL);
	(void)add_line(f, UI_PLAIN, 2,
	    "Alt-O shows who is online; Enter there asks for a chat.");
	(void)add_line(f, UI_PLAIN, 2,
	    "/chat NAME and Enter, typed below, does the same.");
	(void)add_line(f, asking > 0 ? UI_BOLD : UI_PLAIN, 2,
	    asking > 0 ? say(f, "Alt-R answers %s that wait%s for you.",
			     say_n(f, asking, "request", "requests"),
			     asking == 1 ? "s" : "")
		       : "When somebody asks you, REQUESTS lights up: Alt-R.");
	(void)add_line(f, UI_PLAIN, 2, NULL);
	(void)add_line(f, UI_DIM, 2,
	    "F1 lists all keys here.  F8 shows the handshake with the relay "
	    "as it happened.");
	f->v.main.empty = f->line;
	f->v.main.n_empty = f->n;
}

/* ---- details ---- */

static void
detail(struct frame *f, enum ui_style st, const char *text)
{
	if (f->n_detail < FRAME_DETAIL)
		f->detail[f->n_detail++] =
		    (struct ui_line){ .style = st, .text = text };
}

static void
detail_trust(struct frame *f, const struct contact_info *i)
{
	detail(f, UI_BOLD, "TRUST");
	detail(f, trust_style(i) == UI_TITLE ? UI_BOLD : trust_style(i),
	    trust_words(f, i));
	if (i->trust == TRUST_VERIFIED)
		detail(f, UI_PLAIN,
		    say(f, "%s: %s", say_date(f, i->verified_at),
			how_words(i->how)));
	detail(f, UI_PLAIN,
	    say(f, "key first seen %s", say_date(f, i->first_seen)));
	detail(f, UI_DIM,
	    i->trust == TRUST_VERIFIED ? "Alt-V shows the number again"
				       : "Alt-V compares the safety number");
	detail(f, UI_PLAIN, NULL);
}

void
main_details(struct frame *f, const struct app *a)
{
	const struct mchat *c = a->m.current;
	const struct contact_info *i = model_known(&a->m, &c->name);

	detail(f, UI_BOLD, c->name.s);
	detail(f, UI_PLAIN, presence_words(a, c));
	detail(f, UI_PLAIN, NULL);
	if (i != NULL && i->trust != TRUST_UNKNOWN)
		detail_trust(f, i);
	if (c->phase == PHASE_OPEN) {
		detail(f, UI_BOLD, "ENCRYPTION");
		detail(f, UI_PLAIN,
		    say(f, "end-to-end, %s", suite_name(c->suite)));
		detail(f, UI_DIM, "F8 shows the handshake");
		detail(f, UI_PLAIN, NULL);
	}
	detail(f, UI_BOLD, "MESSAGES");
	if (c->keep_days > 0)
		detail(f, UI_PLAIN, say(f, "kept here %u days", c->keep_days));
	if (c->gone_days > 0)
		detail(f, UI_PLAIN,
		    say(f, "gone on both sides after %u days", c->gone_days));
	if (c->read_off)
		detail(f, UI_PLAIN, "they are not told what you read");
	detail(f, UI_DIM, "sealed on your disk");
	f->v.main.detail = f->detail;
	f->v.main.n_detail = f->n_detail;
}
