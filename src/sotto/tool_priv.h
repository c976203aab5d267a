/*
 * tool_priv - what the tools share: the engine, and its events until one that
 * matters.
 */
#ifndef SOTTO_TOOL_PRIV_H
#define SOTTO_TOOL_PRIV_H

#include "base/json.h"

#include "sotto/engine.h"
#include "sotto/history.h"
#include "sotto/msgs.h"
#include "sotto/tool.h"

struct tool {
	const struct sotto_conf *conf;
	const struct tool_args *args;
	struct engine *e;
	int entered, loaded, online, over;
	int status; /* TOOL_OK, or why it is over */
	struct name me;
	/* The one that args names, as far as it is known: */
	struct name name;
	uint32_t chat; /* 0: there is none */
	int phase;     /* enum hist_phase */
	enum trust trust;
	/* send: */
	uint64_t id;
	int said, asked;
	enum sent_state best;
	int kept; /* it is on the disk */
	/* history: */
	uint64_t page;
	int64_t last;
	size_t printed;
};

/* tool_fail - a sentence on standard error; the status. */
int tool_fail(struct tool *t, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void tool_post(struct tool *t, struct msg *m);

/* One event, after what is common to all tools. */
typedef void tool_event_fn(struct tool *t, const struct msg *m);
tool_event_fn tool_send_event, tool_tail_event, tool_list_event;

/* tool_print_line - of EV_TEXT and EV_LINE, as text or as JSON. */
void tool_print_line(const struct tool *t, const struct msg *m);
const char *tool_state_word(enum sent_state s);
const char *tool_trust_word(enum trust t);

#endif
