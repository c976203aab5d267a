/* Reading the terminal; see term_curses.h.  What bytes mean: keys_in.h. */
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "ui/term_priv.h"

/* Set by the signal, read by term_read(). */
static volatile sig_atomic_t resized;

static void
on_resize(int s)
{
	(void)s;
	resized = 1;
}

void
keys_start(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_resize;
	(void)sigaction(SIGWINCH, &sa, NULL);
	keys_size();
}

void
keys_size(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 &&
	    ws.ws_row > 0) {
		terminal.w = ws.ws_col;
		terminal.h = ws.ws_row;
	}
}

static void
answered(const struct keys_answer *a)
{
	switch (a->kind) {
	case KEYS_CURSOR:
		if (a->a >= PROBE_ROW && a->b > 0)
			term_answer_width((enum paint_kind)(a->a - PROBE_ROW),
			    (int)a->b - 1);
		break;
	case KEYS_MODE:
		if (a->b == 1 || a->b == 2)
			term_answer_mode(a->a);
		break;
	case KEYS_KITTY:
		term_answer_keyboard();
		break;
	case KEYS_BACKGROUND:
		term_answer_background(a->a);
		break;
	case KEYS_NO_ANSWER:
		break;
	}
}

/* Bytes that are there; 0: none, and what has begun may be waited for. */
static int
fill(int ms)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return 0;
	n = read(STDIN_FILENO, terminal.in, sizeof(terminal.in));
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		terminal.hung_up = 1;
	terminal.in_at = 0;
	terminal.in_n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

int
term_read(struct ui_key *k)
{
	memset(k, 0, sizeof(*k));
	if (resized) {
		resized = 0;
		keys_size();
		k->code = K_SIZE;
		return 1;
	}
	for (;;) {
		struct keys_answer a;

		if (terminal.in_at == terminal.in_n)
			secret_wipe(terminal.in, terminal.in_n);
		if (terminal.in_at == terminal.in_n &&
		    !fill(keys_in_waits(&terminal.keys) ? KEYS_ESC_MS : 0)) {
			if (keys_in_waits(&terminal.keys))
				keys_in_end(&terminal.keys, k);
			return k->code != K_NONE;
		}
		if (keys_in_byte(&terminal.keys, terminal.in[terminal.in_at], k,
			&a))
			terminal.in_at++;
		answered(&a);
		if (k->code != K_NONE)
			return 1;
	}
}

const char *
term_paste(size_t *n)
{
	*n = terminal.keys.paste == NULL ? 0 : terminal.keys.paste_n;
	return terminal.keys.paste == NULL ? "" : terminal.keys.paste;
}

int
term_hung_up(void)
{
	return terminal.hung_up;
}
