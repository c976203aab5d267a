#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#include "sotto/pass.h"
#include "sotto/tool_priv.h"

#define SEND_WAIT_S 60
#define OPEN_WAIT_S 60 /* for Argon2id, and a store that is large */

static volatile sig_atomic_t asked_to_end;

static void
on_signal(int s)
{
	asked_to_end = s;
}

int
tool_fail(struct tool *t, int status, const char *fmt, ...)
{
	char raw[512], text[1024]; /* reasons of a server may be in it */
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_safe(text, sizeof(text), span_str(raw), TEXT_LINES);
	(void)fprintf(stderr, "sotto: %s\n", text);
	t->over = 1;
	t->status = status;
	return status;
}

void
tool_post(struct tool *t, struct msg *m)
{
	if (m != NULL && mbox_post(engine_commands(t->e), &m->head) != SOTTO_OK)
		msg_free(m);
}

const char *
tool_state_word(enum sent_state s)
{
	switch (s) {
	case SENT_WAITING:
		return "waiting";
	case SENT_AT_RELAY:
		return "server";
	case SENT_DELIVERED:
		return "delivered";
	case SENT_READ:
		return "read";
	case SENT_FAILED:
		return "failed";
	}
	return "";
}

const char *
tool_trust_word(enum trust t)
{
	switch (t) {
	case TRUST_UNKNOWN:
		return "unknown";
	case TRUST_FIRST:
		return "unverified";
	case TRUST_VERIFIED:
		return "verified";
	case TRUST_CHANGED:
		return "new-key";
	}
	return "";
}

/* ---- what is common to all ---- */

static void
on_chat(struct tool *t, const struct msg *m, int phase)
{
	if (!name_eq(&m->name, &t->name))
		return;
	t->chat = m->chat;
	t->phase = phase;
}

static void
on_common(struct tool *t, const struct msg *m)
{
	switch ((int)m->head.type) {
	case EV_ENTERED:
		t->entered = 1;
		t->me = m->me;
		break;
	case EV_ENTRY_FAILED:
		(void)tool_fail(t, TOOL_FAILED, "%s",
		    m->text != NULL ? m->text : "The key cannot be opened.");
		break;
	case EV_SERVER_CHANGED:
		(void)tool_fail(t, TOOL_FAILED,
		    "THE SERVER SHOWS ANOTHER KEY than the one you know; "
		    "nothing was sent. Start sotto, which shows both.");
		break;
	case EV_LINK:
		t->online = m->link == LINK_ONLINE;
		break;
	case EV_CHAT:
		on_chat(t, m, m->phase);
		break;
	case EV_OPEN:
		on_chat(t, m, HIST_OPEN);
		break;
	case EV_CONTACT:
		if (name_eq(&m->name, &t->name))
			t->trust = m->contact.trust;
		break;
	case EV_PAGE:
		t->loaded |= m->chat == 0;
		break;
	case EV_STOPPED:
		t->over = 1;
		break;
	default:
		break;
	}
}

static int
take_events(struct tool *t, tool_event_fn *fn)
{
	struct mbox_msg *mm;
	int n = 0;

	while (!t->over && (mm = mbox_take(engine_events(t->e))) != NULL) {
		const struct msg *m = (const struct msg *)(void *)mm;

		on_common(t, m);
		if (!t->over)
			fn(t, m);
		mm->free(mm);
		n++;
	}
	return n;
}

/* Until it is over, or nothing came in time. */
static void
run(struct tool *t, tool_event_fn *fn, uint64_t until_ms)
{
	while (!t->over && !asked_to_end) {
		struct pollfd p = { mbox_fd(engine_events(t->e)), POLLIN, 0 };
		const uint64_t now = clock_mono_ms();

		if (until_ms != 0 && now >= until_ms)
			return;
		(void)poll(&p, 1, until_ms != 0 ? (int)(until_ms - now) : -1);
		(void)take_events(t, fn);
	}
}

/* What was said stays said: the engine closes properly. */
static void
stop(struct tool *t)
{
	tool_post(t, msg_new(CMD_QUIT));
	for (int i = 0; i < 1000; i++) {
		struct pollfd p = { mbox_fd(engine_events(t->e)), POLLIN, 0 };
		struct mbox_msg *m;

		(void)poll(&p, 1, 10);
		while ((m = mbox_take(engine_events(t->e))) != NULL) {
			const int last = m->type == EV_STOPPED;

			m->free(m);
			if (last) {
				engine_join(t->e);
				return;
			}
		}
	}
}

static int
unlock(struct tool *t)
{
	struct msg *m = msg_new(CMD_UNLOCK);
	char *pass = pass_get(t->args->pass_file);

	if (m == NULL || pass == NULL) {
		msg_free(m);
		secret_free(pass);
		(void)tool_fail(t, TOOL_FAILED,
		    "no passphrase was given: on the terminal, or by "
		    "--passphrase-file");
		return 0;
	}
	m->pass = pass;
	tool_post(t, m);
	return 1;
}

static tool_event_fn *
event_fn(const char *what)
{
	if (strcmp(what, "send") == 0)
		return tool_send_event;
	return strcmp(what, "tail") == 0 ? tool_tail_event : tool_list_event;
}

int
tool_is(const char *word)
{
	static const char *const words[] = { "send", "tail", "contacts",
		"history", "export" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return 1;
	return 0;
}

/* In time, and as far as it came. */
static void
conclude(struct tool *t)
{
	static const int codes[] = { [SENT_WAITING] = TOOL_HERE,
		[SENT_AT_RELAY] = TOOL_SERVER,
		[SENT_DELIVERED] = TOOL_UNREAD,
		[SENT_READ] = TOOL_OK,
		[SENT_FAILED] = TOOL_REFUSED };

	if (t->over || strcmp(t->args->what, "send") != 0)
		return;
	if (!t->said)
		(void)tool_fail(t, TOOL_FAILED, "%s",
		    t->asked ? "they have not answered yet; the message was "
			       "not sent and is not kept"
			     : "the server cannot be reached, and there is no "
			       "chat with them yet; nothing was sent");
	else
		(void)tool_fail(t, codes[t->best], "not in time: %s",
		    t->best == SENT_WAITING
			? "it waits here, and goes out with the next start"
			: t->best == SENT_AT_RELAY
			? "the server has it, they do not yet"
			: "delivered, not read yet");
}

static int
start(struct tool *t)
{
	struct engine_conf ec = { .suites = t->conf->suites,
		.cost = t->conf->cost,
		.offline = strcmp(t->args->what, "send") != 0 &&
		    strcmp(t->args->what, "tail") != 0 };
	static char dir[FILE_PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s", t->conf->dir);
	ec.dir = dir;
	if (!engine_has_keyfile(dir))
		return tool_fail(t, TOOL_FAILED,
		    "there is no key in %s; start sotto once", dir);
	if ((t->e = engine_start(&ec)) == NULL)
		return tool_fail(t, TOOL_FAILED, "memory ran out");
	return TOOL_OK;
}

int
tool_run(const struct sotto_conf *c, const struct tool_args *args)
{
	struct tool t = { .conf = c, .args = args };
	tool_event_fn *fn = event_fn(args->what);
	struct sigaction sa;
	unsigned s;

	if (args->name != NULL &&
	    name_parse(&t.name, span_str(args->name)) != SOTTO_OK)
		return tool_fail(&t, TOOL_USAGE, "'%.40s' is no name",
		    args->name);
	if (start(&t) != TOOL_OK)
		return t.status;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (unlock(&t)) {
		s = args->timeout_s > 0               ? args->timeout_s
		    : strcmp(args->what, "send") == 0 ? SEND_WAIT_S
						      : OPEN_WAIT_S;
		run(&t, fn,
		    strcmp(args->what, "tail") == 0
			? 0
			: clock_mono_ms() + (uint64_t)s * 1000);
		conclude(&t);
	}
	stop(&t);
	if (fflush(stdout) != 0 && t.status == TOOL_OK)
		return tool_fail(&t, TOOL_FAILED, "cannot write: %s",
		    strerror(errno));
	return t.status;
}
