#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/doctor.h"
#include "sotto/plain.h"
#include "sotto/present.h"
#include "ui/render.h"
#include "ui/term_curses.h"

/* At most so many events before the screen is drawn again. */
#define DRAFT_MS 300 /* after the last key */
/* Between looks whether $EDITOR has ended. */
#define EDITOR_LOOK_MS 100
#define FRAME_MS       16
#define EVENTS_A_TURN  512

static volatile sig_atomic_t asked_to_end;

static void
on_end_signal(int s)
{
	asked_to_end = s;
}

uint64_t
app_now_ms(void)
{
	return clock_mono_ms();
}

/* ---- to the engine ---- */

void
app_post(struct app *a, struct msg *m)
{
	if (m == NULL)
		return;
	/* The engine takes commands at once; a full mailbox means that it is
	 * stuck, and the user has to know rather than to lose what he did. */
	if (mbox_post(engine_commands(a->e), &m->head) == SOTTO_OK)
		return;
	app_tell(a, LINE_WARN,
	    "The networking thread does not answer; that was not done.");
	msg_free(m);
}

struct msg *
app_chat_cmd(struct app *a, enum msg_type t, uint32_t chat)
{
	struct msg *m = msg_new(t);

	(void)a;
	if (m != NULL)
		m->chat = chat;
	return m;
}

/* ---- where the user is ---- */

void
app_go(struct app *a, enum ui_where where)
{
	if (where == AT_HELP && a->where != AT_HELP)
		a->below = a->where;
	a->where = where;
	a->opened_ms = app_now_ms();
	a->selected = a->scroll = 0;
	a->follow = 1;
	a->error[0] = '\0';
	edit_set(a->filter, "");
	a->dirty = 1;
}

void
app_error(struct app *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->error, sizeof(a->error), fmt, ap);
	va_end(ap);
	a->dirty = 1;
}

void
app_tell(struct app *a, enum line_kind k, const char *fmt, ...)
{
	char text[MSG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->m.current != NULL && a->where == AT_CHAT)
		(void)model_add_line(&a->m, a->m.current, k, clock_wall_ms(),
		    text);
	else
		(void)snprintf(a->error, sizeof(a->error), "%s", text);
	a->dirty = 1;
}

void
app_tip(struct app *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(a->tip, sizeof(a->tip), fmt, ap);
	va_end(ap);
	a->dirty = 1;
}

void
app_quit(struct app *a)
{
	if (a->stopping)
		return;
	a->stopping = 1;
	written_stop(a);
	app_save_drafts(a, 1);
	app_post(a, msg_new(CMD_QUIT));
}

void
app_lock(struct app *a)
{
	if (a->locking || a->stopping || a->m.me.s[0] == '\0')
		return;
	app_save_drafts(a, 1);
	app_post(a, msg_new(CMD_LOCK));
	a->locking = 1;
	a->loaded = 0;
	written_stop(a);
	written_forget(a);
	edit_ring_wipe(&a->ring);
	memset(&a->offers, 0, sizeof(a->offers));
	a->palette.n = a->n_been = a->been_at = 0;
	a->picked = 0;
	model_free(&a->m);
	wizard_wipe(a);
	app_find_wipe(a);
	edit_set(a->filter, "");
	a->has_block = 0;
	a->titled = 0;
	term_title("sotto");
	wizard_start(a, NULL);
}

/* Nobody has touched a key for so long. */
static void
lock_if_idle(struct app *a)
{
	const uint64_t after = (uint64_t)a->conf->lock_after * 1000;
	const uint64_t now = app_now_ms();

	if (after == 0 || a->m.me.s[0] == '\0')
		return;
	if (now - a->key_ms >= after)
		app_lock(a);
	else if (a->redraw_at_ms == 0 || a->redraw_at_ms > a->key_ms + after)
		a->redraw_at_ms = a->key_ms + after;
}

void
app_server(struct app *a)
{
	a->has_known = a->known_refused = 0;
	app_post(a, msg_new(CMD_KNOWN));
	app_go(a, AT_SERVER);
}

void
app_quit_asked(struct app *a)
{
	/* Nothing to lose: no question. */
	if (a->where == AT_QUIT || model_unsent(&a->m) == 0) {
		app_quit(a);
		return;
	}
	a->below = a->where;
	app_go(a, AT_QUIT);
}

/* ---- the loop ---- */

/* Read is what stood at the bottom of a chat that is open, in a terminal that
 * has the focus (or does not say). */
static void
tell_read(struct app *a)
{
	struct mchat *c = a->m.current;
	struct msg *m;

	if (c == NULL || c->to_read == 0 || c->peek || a->blurred ||
	    ((unsigned)a->where & (AT_CHAT | AT_SELECT | AT_NORMAL)) == 0 ||
	    !model_at_end(c) || c->phase == PHASE_RINGING)
		return;
	if ((m = app_chat_cmd(a, CMD_READ, c->number)) == NULL)
		return;
	c->to_read = 0;
	m->on = a->conf->read_receipts;
	app_post(a, m);
}

static void
show(struct app *a, struct frame *f, struct canvas *c)
{
	int w, h;

	if (a->editor > 0)
		return; /* another program has the screen */
	a->wide_lines = !term_narrow_lines();
	term_size(&w, &h);
	if ((w != c->w || h != c->h) && canvas_size(c, w, h) != SOTTO_OK)
		return;
	a->redraw_at_ms = 0;
	present(f, a, w, h);
	render(c, &f->v);
	term_show(c);
	a->hint = f->hint;
	a->drawn_h = h;
	notice_title(a);
	act_scrolled(a);
	tell_read(a);
	a->dirty = 0;
}

/* What comes from the network is drawn 60 times a second at most; what a key
 * has changed, at once. */
static int
is_time_to_draw(struct app *a)
{
	const uint64_t now = app_now_ms(), next = a->drawn_ms + FRAME_MS;

	if (!a->pressed && now < next) {
		if (a->redraw_at_ms == 0 || a->redraw_at_ms > next)
			a->redraw_at_ms = next;
		return 0;
	}
	a->pressed = 0;
	a->drawn_ms = now;
	return 1;
}

static void
read_keys(struct app *a)
{
	char measured[TERM_MEASURE_MAX];
	struct ui_key k;

	while (term_read(&k)) {
		size_t n = 0;
		const char *paste = NULL;

		a->pressed = 1;
		if (k.code == K_SIZE || k.code == K_FOCUS || k.code == K_BLUR) {
			if (k.code != K_SIZE)
				a->blurred = k.code == K_BLUR;
			a->dirty = 1;
			continue;
		}
		a->key_ms = app_now_ms();
		if (k.code >= K_CLICK) {
			app_on_mouse(a, &k);
			a->dirty = 1;
			continue;
		}
		if (k.code == K_PASTE)
			paste = term_paste(&n);
		app_on_key(a, &k, paste, n);
		a->dirty = 1;
		if (a->done)
			return;
	}
	if (term_hung_up())
		asked_to_end = SIGHUP;
	if (term_measured(measured)) {
		doctor_remember(measured);
		a->dirty = 1;
	}
}

static void
read_events(struct app *a)
{
	struct mbox_msg *m;

	for (int i = 0; i < EVENTS_A_TURN; i++) {
		if ((m = mbox_take(engine_events(a->e))) == NULL)
			return;
		if (m->type == EV_LOCKED)
			a->locking = 0;
		else if (!a->locking || m->type == EV_STOPPED)
			app_on_event(a, (struct msg *)(void *)m);
		m->free(m);
		a->dirty = 1;
	}
}

static int
wait_ms(const struct app *a)
{
	uint64_t now = app_now_ms();

	if (a->redraw_at_ms == 0)
		return -1;
	return a->redraw_at_ms > now ? (int)(a->redraw_at_ms - now) : 0;
}

static void
loop(struct app *a)
{
	struct frame *f = calloc(1, sizeof(*f));
	struct canvas c = { 0 };

	if (f == NULL)
		return;
	a->dirty = 1;
	a->key_ms = app_now_ms();
	while (!a->done) {
		struct pollfd p[] = {
			{ a->editor > 0 ? -1 : STDIN_FILENO, POLLIN, 0 },
			{ mbox_fd(engine_events(a->e)), POLLIN, 0 },
		};

		if (a->dirty && is_time_to_draw(a))
			show(a, f, &c);
		if (a->editor > 0)
			a->redraw_at_ms = app_now_ms() + EDITOR_LOOK_MS;
		app_save_drafts(a, 0);
		lock_if_idle(a);
		if (poll(p, 2, wait_ms(a)) == 0)
			a->dirty = 1; /* what moves by itself */
		if (asked_to_end)
			app_quit(a);
		/* Also without POLLIN: a resize comes as a signal. */
		written_look(a);
		if (a->editor <= 0)
			read_keys(a);
		notice_reap(a);
		read_events(a);
		/* What the question was about has arrived meanwhile. */
		if (a->where == AT_QUIT && model_unsent(&a->m) == 0)
			app_quit(a);
	}
	canvas_free(&c);
	frame_free(f);
	free(f);
}

/* ---- start and end ---- */

/* The same without a screen. */
static void
plain_loop(struct app *a)
{
	a->key_ms = app_now_ms();
	while (!a->done) {
		struct pollfd p[] = {
			{ plain_fd(a->plain), POLLIN, 0 },
			{ mbox_fd(engine_events(a->e)), POLLIN, 0 },
		};

		a->redraw_at_ms = 0;
		plain_turn(a->plain);
		tell_read(a);
		app_save_drafts(a, 0);
		lock_if_idle(a);
		(void)poll(p, 2, plain_more(a->plain) ? 0 : wait_ms(a));
		if (asked_to_end)
			app_quit(a);
		if (p[0].revents != 0 && !a->stopping) {
			a->key_ms = app_now_ms();
			plain_readable(a->plain);
		}
		read_events(a);
	}
}

static int
make_parts(struct app *a)
{
	static const enum edit_kind kinds[APP_FIELDS] = { EDIT_LINE,
		EDIT_MASKED, EDIT_MASKED, EDIT_LINE };

	for (size_t i = 0; i < APP_FIELDS; i++)
		if ((a->field[i] = edit_new(kinds[i], 2048)) == NULL)
			return 0;
	return (a->filter = edit_new(EDIT_LINE, 64)) != NULL;
}

static void
free_parts(struct app *a)
{
	wizard_wipe(a);
	app_find_wipe(a);
	for (size_t i = 0; i < APP_FIELDS; i++)
		edit_free(a->field[i]);
	edit_free(a->filter);
	model_free(&a->m);
	written_forget(a);
	edit_ring_wipe(&a->ring);
	free(a->farewell);
	secret_free(a);
}

/* The terminal as it was, then the end that the signal would have been. */
static void
on_crash(int s)
{
	term_crashed();
	(void)signal(s, SIG_DFL);
	(void)raise(s);
}

static void
catch_signals(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
		SIGABRT };
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_end_signal;
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_crash;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		(void)sigaction(crashes[i], &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* so is a file at its limit */
}

static int
fail(struct app *a, const char *why)
{
	(void)fprintf(stderr, "sotto: %s\n", why);
	if (a != NULL)
		free_parts(a);
	return 1;
}

int
app_run(struct sotto_conf *conf, const char *invite_line, int plain)
{
	struct engine_conf ec = { .suites = conf->suites, .cost = conf->cost };
	struct app *a = secret_alloc(sizeof(*a));
	struct log *log = NULL;
	char dir[FILE_PATH_MAX];
	const char *why;
	int status;

	if (a == NULL)
		return fail(NULL, "Memory ran out.");
	memset(a, 0, sizeof(*a));
	a->conf = conf;
	if (!make_parts(a))
		return fail(a, "Memory ran out.");
	if (conf->log[0] != '\0' &&
	    (log = log_open(conf->log, LOG_DEBUG)) == NULL)
		return fail(a, "The log file cannot be written.");
	(void)snprintf(dir, sizeof(dir), "%s", conf->dir);
	ec.dir = dir;
	ec.log = log;
	if (!app_open_front(a, plain, &why)) {
		log_close(log);
		return fail(a, why);
	}
	catch_signals();
	if ((a->e = engine_start(&ec)) == NULL) {
		app_close_front(a);
		log_close(log);
		return fail(a, "The networking thread cannot be started.");
	}
	term_title("sotto");
	wizard_start(a, invite_line);
	if (plain)
		plain_loop(a);
	else
		loop(a);
	app_close_front(a);
	engine_join(a->e);
	log_close(log);
	if (a->farewell != NULL)
		(void)fprintf(stderr, "sotto: %s\n", a->farewell);
	status = a->status;
	free_parts(a);
	return status;
}
