/*
 * companion - a client without a screen: enrols, accepts every chat, answers
 * what it hears, or asks somebody for a chat.  For the demo, for end-to-end
 * tests and for load.
 *
 *	companion --home DIR --name NAME --invite FILE [--pass TEXT]
 *	    [--ask NAME|newcomer [--except NAME] --after SECONDS]
 *	    [--refuse] [--quiet]
 *	    [--say TEXT] [--count N [--pace MILLISECONDS]]
 *
 * Prints one line an event; ends on SIGTERM, or when it is put out.
 */
#include <sys/prctl.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

#include "crypto/prim.h"
#include "net/loop.h"
#include "sotto/engine.h"
#include "sotto/history.h"
#include "sotto/msgs.h"

struct companion {
	const char *home, *name, *invite, *pass, *ask, *except, *say;
	unsigned after;
	int refuse, quiet;
	struct engine *e;
	int entered, done, failed, asked;
	uint64_t ask_at_ms;
	struct name newcomer; /* --ask newcomer: who came after us */
	uint64_t last_id;
	unsigned count, counted; /* numbered texts to say; said */
	unsigned pace;           /* milliseconds between them */
	uint32_t counting;       /* the chat to say them in */
	int loaded;
};

static volatile sig_atomic_t got_signal;

static void
on_signal(int s)
{
	got_signal = s;
}

/* What must not get lost with a killed companion: HOME.notes grows. */
static void
keep_note(const struct companion *c, const char *what, const char *text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s.notes", c->home);
	if ((f = fopen(path, "a")) == NULL)
		return;
	(void)fprintf(f, "%llu %s %s\n", (unsigned long long)clock_wall_ms(),
	    what, text);
	(void)fclose(f);
}

static void
post(struct companion *c, struct msg *m)
{
	while (m != NULL &&
	    mbox_post(engine_commands(c->e), &m->head) == SOTTO_EAGAIN)
		(void)usleep(1000);
}

static struct msg *
with_pass(struct companion *c, enum msg_type type)
{
	struct msg *m = msg_new(type);

	if (m == NULL || (m->pass = secret_alloc(strlen(c->pass) + 1)) == NULL)
		exit(1);
	(void)strcpy(m->pass, c->pass);
	return m;
}

static int
read_invite(const struct companion *c, struct invite *in)
{
	uint8_t *text = NULL;
	const char *why = "";
	size_t n = 0;
	int ok;

	if (file_read(c->invite, 4096, &text, &n) != SOTTO_OK) {
		(void)fprintf(stderr, "companion: no %s\n", c->invite);
		return 0;
	}
	ok = invite_parse(in, (struct span){ text, n }, &why) == SOTTO_OK;
	if (!ok)
		(void)fprintf(stderr, "companion: %s\n", why);
	free(text);
	return ok;
}

static void
say(struct companion *c, uint32_t chat, const char *text)
{
	struct msg *m = msg_new(CMD_SAY);

	if (m == NULL || !msg_set_text(m, "%s", text))
		return;
	m->chat = chat;
	secret_random(&m->id, sizeof(m->id));
	m->id = m->id >> 1 | 1;
	c->last_id++;
	post(c, m);
}

/* What it answers: that it heard, and the same words. */
static void
answer(struct companion *c, const struct msg *ev)
{
	static const char *const phrases[] = { "I hear you: ",
		"Good to read you. You wrote: ", "Yes? ", "So, " };
	char text[2000];

	if (c->quiet)
		return;
	(void)snprintf(text, sizeof(text), "%s%.1800s", phrases[c->last_id % 4],
	    ev->text);
	if (!text_is_utf8(span_str(text)))
		(void)snprintf(text, sizeof(text), "That was long.");
	say(c, ev->chat, text);
}

static void
reply(struct companion *c, enum msg_type type, uint32_t chat)
{
	struct msg *m = msg_new(type);

	if (m != NULL) {
		m->chat = chat;
		post(c, m);
	}
}

/* What is said and asked; safe: the text, fit to be printed. */
static void
on_chat(struct companion *c, const struct msg *m, const char *safe)
{
	switch (m->head.type) { /* not all of them */
	case EV_RINGING:
		(void)printf("ringing %s trust %d\n", m->name.s, (int)m->trust);
		reply(c, c->refuse ? CMD_REFUSE : CMD_ACCEPT, m->chat);
		break;
	case EV_OPEN:
		(void)printf("open %s\n", m->name.s);
		c->counting = m->chat;
		if (c->say != NULL)
			say(c, m->chat, c->say);
		break;
	case EV_OVER:
		keep_note(c, "over", safe);
		(void)printf("over %s %d %s\n", m->name.s, (int)m->over, safe);
		break;
	case EV_CHAT:
		if (m->phase == HIST_ASKS)
			reply(c, c->refuse ? CMD_REFUSE : CMD_ACCEPT, m->chat);
		if (m->phase == HIST_OPEN)
			c->counting = m->chat;
		break;
	case EV_LINE: {
		unsigned n;

		/* How far it came before it was stopped. */
		if (m->kind == HIST_MINE && m->text != NULL &&
		    sscanf(m->text, "n %u", &n) == 1 && n > c->counted)
			c->counted = n;
		break;
	}
	case EV_PAGE:
		c->loaded |= m->chat == 0;
		break;
	case EV_TEXT:
		if (m->kind != HIST_THEIRS) {
			keep_note(c, "line", safe);
			break;
		}
		(void)printf("text %s: %s\n", m->name.s, safe);
		answer(c, m);
		break;
	case EV_SENT:
		if (m->sent == SENT_FAILED)
			keep_note(c, "failed", safe);
		(void)printf("sent %llu %d %s\n", (unsigned long long)m->id,
		    (int)m->sent, safe);
		break;
	default:
		break;
	}
}

static void
on_event(struct companion *c, const struct msg *m)
{
	char safe[4096] = "";

	if (m->text != NULL)
		(void)text_safe(safe, sizeof(safe), span_str(m->text),
		    TEXT_ONE_LINE);
	switch (m->head.type) { /* not all of them */
	case EV_ENTERED:
		c->entered = 1;
		(void)printf("entered %s\n", m->me.s);
		break;
	case EV_ENTRY_FAILED:
		(void)printf("entry failed %d: %s\n", (int)m->entry_fault,
		    safe);
		c->failed = 1;
		break;
	case EV_SERVER_CHANGED:
		(void)printf("server changed\n");
		c->failed = 1;
		break;
	case EV_LINK:
		(void)printf("link %d %s\n", (int)m->link, safe);
		if (m->link == LINK_ONLINE && c->ask != NULL &&
		    strcmp(c->ask, "newcomer") != 0)
			c->ask_at_ms = clock_mono_ms() + c->after * 1000;
		break;
	case EV_CHANGE:
		(void)printf("change %s %d\n", m->name.s, (int)m->state);
		if (m->state == WIRE_ONLINE && c->ask_at_ms == 0 &&
		    c->ask != NULL && strcmp(c->ask, "newcomer") == 0 &&
		    (c->except == NULL || strcmp(m->name.s, c->except) != 0)) {
			c->newcomer = m->name;
			c->ask_at_ms = clock_mono_ms() + c->after * 1000;
		}
		break;
	case EV_PRESENCE:
		for (size_t i = 0; i < m->n_people; i++)
			(void)printf("person %s %d\n", m->people[i].name.s,
			    (int)m->people[i].state);
		break;
	case EV_NOTE:
		(void)printf("note %s\n", safe);
		keep_note(c, "note", safe);
		break;
	case EV_STOPPED:
		c->done = 1;
		break;
	default:
		on_chat(c, m, safe);
		break;
	}
	(void)fflush(stdout);
}

static void
drain(struct companion *c)
{
	struct mbox_msg *m;

	while ((m = mbox_take(engine_events(c->e))) != NULL) {
		on_event(c, (struct msg *)(void *)m);
		m->free(m);
	}
}

/* The next of the numbered texts; it goes on where it was killed. */
static void
count_on(struct companion *c)
{
	char text[32];

	if (c->counting == 0 || !c->loaded || c->count == 0)
		return;
	if (c->counted < c->count) {
		(void)snprintf(text, sizeof(text), "n %u", ++c->counted);
		say(c, c->counting, text);
		return;
	}
	c->count = 0;
	(void)printf("counted\n");
	(void)fflush(stdout);
}

/* Asked once the other one is there; the relay says if not. */
static void
ask_if_due(struct companion *c)
{
	struct msg *m;

	if (c->ask == NULL || c->asked || c->ask_at_ms == 0 ||
	    clock_mono_ms() < c->ask_at_ms)
		return;
	c->asked = 1;
	if ((m = msg_new(CMD_REQUEST)) == NULL)
		return;
	m->name = c->newcomer;
	if (m->name.s[0] == '\0')
		(void)name_parse(&m->name, span_str(c->ask));
	post(c, m);
}

static void
start(struct companion *c)
{
	struct msg *m;

	if (engine_has_keyfile(c->home)) {
		post(c, with_pass(c, CMD_UNLOCK));
		return;
	}
	m = with_pass(c, CMD_ENROL);
	if (!read_invite(c, &m->invite) ||
	    name_parse(&m->name, span_str(c->name)) != SOTTO_OK)
		exit(2);
	m->pin_how = PIN_LINE;
	(void)snprintf(m->relay, sizeof(m->relay), "localhost");
	post(c, m);
}

static void
run(struct companion *c)
{
	int leaving = 0;

	start(c);
	while (!c->done) {
		struct pollfd p = { mbox_fd(engine_events(c->e)), POLLIN, 0 };

		(void)poll(&p, 1, c->counted < c->count ? (int)c->pace : 200);
		drain(c);
		count_on(c);
		ask_if_due(c);
		if ((got_signal || c->failed) && !leaving) {
			leaving = 1;
			post(c, msg_new(CMD_QUIT));
		}
	}
	engine_join(c->e);
}

int
main(int argc, char **argv)
{
	struct companion c = { .pass = "companion", .pace = 20 };
	struct engine_conf conf = { .cost = { 2, 64 << 20 } };
	struct secret_state st;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (int i = 1; i < argc; i++) {
		const struct {
			const char *option;
			const char **out;
		} with[] = { { "--home", &c.home }, { "--name", &c.name },
			{ "--invite", &c.invite }, { "--pass", &c.pass },
			{ "--ask", &c.ask }, { "--except", &c.except },
			{ "--say", &c.say } };
		int known = 0;

		for (size_t k = 0;
		     k < sizeof(with) / sizeof(with[0]) && i + 1 < argc; k++) {
			if (strcmp(argv[i], with[k].option) == 0) {
				*with[k].out = argv[++i];
				known = 1;
				break;
			}
		}
		if (known)
			continue;
		if (strcmp(argv[i], "--count") == 0 && i + 1 < argc)
			c.count = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "--pace") == 0 && i + 1 < argc)
			c.pace = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "--after") == 0 && i + 1 < argc)
			c.after = (unsigned)atoi(argv[++i]);
		else if (strcmp(argv[i], "--refuse") == 0)
			c.refuse = 1;
		else if (strcmp(argv[i], "--quiet") == 0)
			c.quiet = 1;
		else
			return 2;
	}
	if (c.home == NULL || c.name == NULL)
		return 2;
	(void)signal(SIGTERM, on_signal);
	(void)signal(SIGINT, on_signal);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)secret_harden(&st);
	(void)prim_init();
	suite_default(&conf.suites, 0);
	conf.dir = strdup(c.home);
	if (conf.dir == NULL || (c.e = engine_start(&conf)) == NULL)
		return 1;
	run(&c);
	loop_end_threads();
	free(conf.dir);
	return c.failed;
}
