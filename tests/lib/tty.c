#include "tests/lib/tty.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vterm.h>

#include "base/clock.h"

#include "tests/lib/cm.h"

#define WAIT_MS 60000

struct tty {
	int fd, cols, rows, alt, visible, ended, status;
	pid_t pid;
	VTerm *vt;
	VTermScreen *screen;
	char *text; /* the dump */
	char *raw;
	size_t raw_n, raw_cap;
};

static int
on_prop(VTermProp p, VTermValue *v, void *user)
{
	struct tty *t = user;

	if (p == VTERM_PROP_ALTSCREEN)
		t->alt = v->boolean;
	if (p == VTERM_PROP_CURSORVISIBLE)
		t->visible = v->boolean;
	return 1;
}

/* What a terminal answers, such as a report of the cursor. */
static void
on_output(const char *s, size_t n, void *user)
{
	tty_bytes(user, s, n);
}

static void
child(const char *const *argv, const char *const *env)
{
	/* What a test wants of the terminal, instead of what we are. */
	const char *term = getenv("TEST_TERM"), *lang = getenv("TEST_LC_ALL");

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setenv("TERM", term != NULL ? term : "xterm-256color", 1);
	(void)setenv("LC_ALL", lang != NULL ? lang : "C.UTF-8", 1);
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		(void)putenv(strdup(env[i]));
	(void)execv(argv[0], (char *const *)(const void *)argv);
	_exit(127);
}

struct tty *
tty_open(int cols, int rows, const char *const *argv, const char *const *env)
{
	static const VTermScreenCallbacks calls = { .settermprop = on_prop };
	struct winsize ws = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)cols };
	struct tty *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->cols = cols;
	t->rows = rows;
	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	vterm_output_set_callback(t->vt, on_output, t);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_set_callbacks(t->screen, &calls, t);
	vterm_screen_reset(t->screen, 1);
	t->visible = 1;
	t->pid = forkpty(&t->fd, NULL, NULL, &ws);
	assert_true(t->pid >= 0);
	if (t->pid == 0)
		child(argv, env);
	return t;
}

void
tty_close(struct tty *t)
{
	if (t == NULL)
		return;
	if (!t->ended) {
		(void)kill(t->pid, SIGKILL);
		(void)waitpid(t->pid, NULL, 0);
	}
	if (t->fd >= 0)
		(void)close(t->fd);
	vterm_free(t->vt);
	free(t->text);
	free(t->raw);
	free(t);
}

/* ---- what it wrote ---- */

static void
keep(struct tty *t, const char *b, size_t n)
{
	while (t->raw_n + n + 1 > t->raw_cap) {
		t->raw_cap = t->raw_cap == 0 ? 65536 : t->raw_cap * 2;
		t->raw = realloc(t->raw, t->raw_cap);
		assert_non_null(t->raw);
	}
	memcpy(t->raw + t->raw_n, b, n);
	t->raw_n += n;
	t->raw[t->raw_n] = '\0';
}

/* Read what there is, for at most ms; 0: nothing came. */
static int
pump(struct tty *t, int ms)
{
	struct pollfd p = { t->fd, POLLIN, 0 };
	char b[8192];
	ssize_t n;

	if (t->fd < 0)
		(void)usleep((unsigned)ms * 1000);
	if (t->fd < 0 || poll(&p, 1, ms) <= 0)
		return 0;
	if ((n = read(t->fd, b, sizeof(b))) <= 0) {
		(void)usleep(1000); /* the other end is closed */
		return 0;
	}
	keep(t, b, (size_t)n);
	(void)vterm_input_write(t->vt, b, (size_t)n);
	return 1;
}

void
tty_settle(struct tty *t, int ms)
{
	const uint64_t until = clock_mono_ms() + (uint64_t)ms;

	while (!t->ended && clock_mono_ms() < until)
		(void)pump(t, 10);
}

static size_t
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | (c >> 6));
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | (c >> 12));
		out[1] = (char)(0x80 | ((c >> 6) & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | (c >> 18));
	out[1] = (char)(0x80 | ((c >> 12) & 63));
	out[2] = (char)(0x80 | ((c >> 6) & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static size_t
dump_row(struct tty *t, int row, char *out)
{
	size_t n = 0;

	for (int x = 0; x < t->cols; x++) {
		VTermPos pos = { .row = row, .col = x };
		VTermScreenCell cell;

		(void)vterm_screen_get_cell(t->screen, pos, &cell);
		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the right half of a wide one */
		if (cell.chars[0] == 0) {
			out[n++] = ' ';
			continue;
		}
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL; i++) {
			if (cell.chars[i] == 0)
				break;
			n += put_utf8(out + n, cell.chars[i]);
		}
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return n;
}

static size_t
row_max(const struct tty *t)
{
	return (size_t)t->cols * VTERM_MAX_CHARS_PER_CELL * 4 + 2;
}

const char *
tty_screen(struct tty *t)
{
	size_t n = 0;

	free(t->text);
	t->text = malloc(row_max(t) * (size_t)t->rows + 1);
	assert_non_null(t->text);
	for (int y = 0; y < t->rows; y++) {
		n += dump_row(t, y, t->text + n);
		t->text[n++] = '\n';
	}
	t->text[n] = '\0';
	return t->text;
}

const char *
tty_row(struct tty *t, int row)
{
	free(t->text);
	t->text = malloc(row_max(t));
	assert_non_null(t->text);
	t->text[dump_row(t, row, t->text)] = '\0';
	return t->text;
}

void
tty_cursor(struct tty *t, int *x, int *y, int *visible)
{
	VTermPos p;

	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &p);
	*x = p.col;
	*y = p.row;
	*visible = t->visible;
}

int
tty_alt(const struct tty *t)
{
	return t->alt;
}

const char *
tty_raw(struct tty *t, size_t *n)
{
	*n = t->raw_n;
	return t->raw != NULL ? t->raw : "";
}

/* cmocka cuts messages, so the screen goes out by itself. */
static void
fail_with(struct tty *t, const char *text, const char *how)
{
	(void)fprintf(stderr, "%s", tty_screen(t));
	fail_msg("'%s' is %s the screen above", text, how);
}

/* ---- what it is given ---- */

/* Nobody reads it, and nobody will: the wait for its end says how it was. */
static int
is_over(struct tty *t)
{
	if (!t->ended && waitpid(t->pid, &t->status, WNOHANG) == t->pid)
		t->ended = 1;
	return t->ended;
}

void
tty_bytes(struct tty *t, const char *bytes, size_t n)
{
	uint64_t until = clock_mono_ms() + WAIT_MS;

	while (n > 0 && !is_over(t)) {
		ssize_t k = write(t->fd, bytes, n > 512 ? 512 : n);

		if (k < 0 && errno != EAGAIN && errno != EINTR)
			return; /* it is gone; the wait will say so */
		if (k > 0) {
			bytes += k;
			n -= (size_t)k;
			until = clock_mono_ms() + WAIT_MS;
		} else if (clock_mono_ms() > until) {
			fail_with(t, "what was typed", "not read by");
		}
		(void)pump(t, k > 0 ? 0 : 10);
	}
}

void
tty_type(struct tty *t, const char *text)
{
	tty_bytes(t, text, strlen(text));
}

void
tty_paste(struct tty *t, const char *text)
{
	tty_type(t, "\033[200~");
	tty_type(t, text);
	tty_type(t, "\033[201~");
}

void
tty_resize(struct tty *t, int cols, int rows)
{
	struct winsize ws = { .ws_row = (unsigned short)rows,
		.ws_col = (unsigned short)cols };

	t->cols = cols;
	t->rows = rows;
	/* libvterm writes a wide character beyond a screen of one column. */
	vterm_set_size(t->vt, rows, cols < 2 ? 2 : cols);
	(void)ioctl(t->fd, TIOCSWINSZ, &ws);
}

void
tty_signal(struct tty *t, int sig)
{
	(void)kill(t->pid, sig);
}

void
tty_hang_up(struct tty *t)
{
	(void)close(t->fd);
	t->fd = -1;
}

pid_t
tty_pid(const struct tty *t)
{
	return t->pid;
}

/* ---- waits ---- */

int
tty_has(struct tty *t, const char *text)
{
	return strstr(tty_screen(t), text) != NULL;
}

static void
wait_for(struct tty *t, const char *text, int want)
{
	const uint64_t until = clock_mono_ms() + WAIT_MS;

	while (tty_has(t, text) != want) {
		if (clock_mono_ms() > until)
			fail_with(t, text, want ? "not on" : "still on");
		(void)pump(t, 20);
	}
}

void
tty_wait(struct tty *t, const char *text)
{
	wait_for(t, text, 1);
}

void
tty_wait_gone(struct tty *t, const char *text)
{
	wait_for(t, text, 0);
}

int
tty_wait_exit(struct tty *t)
{
	const uint64_t until = clock_mono_ms() + WAIT_MS;

	while (!is_over(t)) {
		(void)pump(t, 10);
		if (clock_mono_ms() > until)
			fail_with(t, "the program", "still running, with");
	}
	while (pump(t, 20))
		; /* what it said last */
	return t->status;
}
