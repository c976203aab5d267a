#include "sotto/doctor.h"

#include <sys/resource.h>

#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#include "sotto/engine.h"
#include "ui/keys_in.h"

#define FILE_NAME "sotto/terminals"
#define FILE_LIM  16384
#define KEPT      32 /* terminals */
#define ID_MAX    200
/* A terminal that is silent for so long will not answer. */
#define SILENT_MS 300

/* ---- the file: "ID DIGITS" a line ---- */

static int
good_digits(const char *s)
{
	return strlen(s) == PAINT_KINDS &&
	    strspn(s, "0123456789") == PAINT_KINDS;
}

static char *
read_file(char path[FILE_PATH_MAX])
{
	uint8_t *bytes = NULL;
	size_t n = 0;

	if (file_xdg(path, FILE_DIR_STATE, FILE_NAME) != SOTTO_OK ||
	    file_read(path, FILE_LIM, &bytes, &n) != SOTTO_OK)
		return NULL;
	return (char *)bytes; /* with a NUL behind it */
}

void
doctor_recall(char out[TERM_MEASURE_MAX])
{
	char path[FILE_PATH_MAX], id[ID_MAX], *all = read_file(path), *line;
	char *rest = all;

	out[0] = '\0';
	term_id(id, sizeof(id));
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		char *digits = strchr(line, ' ');

		if (digits == NULL)
			continue;
		*digits++ = '\0';
		if (strcmp(line, id) != 0 || !good_digits(digits))
			continue;
		memcpy(out, digits, TERM_MEASURE_MAX);
		break;
	}
	free(all);
}

void
doctor_remember(const char *measured)
{
	char path[FILE_PATH_MAX], id[ID_MAX], *all = read_file(path), *line;
	char out[FILE_LIM], *rest = all;
	size_t n, lines = 1;

	term_id(id, sizeof(id));
	n = (size_t)snprintf(out, sizeof(out), "%s %s\n", id, measured);
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		const size_t len = strlen(id);

		if (line[0] == '\0' || lines++ >= KEPT ||
		    n + strlen(line) + 2 > sizeof(out) ||
		    (strncmp(line, id, len) == 0 && line[len] == ' '))
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s\n", line);
	}
	free(all);
	if (path[0] == '\0')
		return;
	line = strrchr(path, '/');
	*line = '\0';
	if (file_mkdirs(path) != SOTTO_OK)
		return;
	*line = '/';
	(void)file_write(path, (struct span){ (const uint8_t *)out, n }, 0600);
}

/* ---- measuring, without curses ---- */

/* The column after what was written, or 0. */
static unsigned
ask_column(struct keys_in *k)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	const uint64_t until = clock_mono_ms() + SILENT_MS;
	uint64_t now;

	while ((now = clock_mono_ms()) < until &&
	    poll(&p, 1, (int)(until - now)) > 0) {
		struct keys_answer a;
		struct ui_key key;
		uint8_t b;

		if (read(STDIN_FILENO, &b, 1) != 1)
			return 0;
		(void)keys_in_byte(k, b, &key, &a);
		if (a.kind == KEYS_CURSOR)
			return a.b;
	}
	return 0;
}

static void
measure_all(char out[TERM_MEASURE_MAX])
{
	struct keys_in k = { 0 };
	unsigned col = 1;
	int width;

	memset(out, 0, TERM_MEASURE_MAX);
	(void)memset(out, '0', PAINT_KINDS);
	/* On the second row: in the first, an answer looks like a key. */
	(void)fputs("\n\n\033[A", stdout);
	for (size_t i = 0; i < PAINT_KINDS && col > 0; i++) {
		(void)printf("\r%s\033[6n",
		    paint_probe((enum paint_kind)i, &width));
		(void)fflush(stdout);
		col = ask_column(&k);
		if (col > 0 && col < 10)
			out[i] = (char)('0' + col - 1);
		(void)fputs("\r\033[K", stdout);
	}
	(void)fputs("\033[A", stdout);
	(void)fflush(stdout);
	keys_in_free(&k);
}

static int
measure(char out[TERM_MEASURE_MAX])
{
	struct termios was, raw;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &was) != 0)
		return 0;
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0)
		return 0;
	measure_all(out);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	return out[0] != '0';
}

/* ---- the report ---- */

static int
tell(int good, const char *what, const char *text)
{
	(void)printf("  %-4s %-22s %s\n", good ? "ok" : "NO", what, text);
	return !good;
}

static void
show_widths(const char *measured)
{
	static const char *const names[PAINT_KINDS] = { [PAINT_SIMPLE] =
							    "letters",
		[PAINT_VS16] = "signs as emoji",
		[PAINT_ZWJ] = "joined emoji",
		[PAINT_FLAG] = "flags",
		[PAINT_TONE] = "skin tones",
		[PAINT_AMBIGUOUS] = "lines of boxes",
		[PAINT_INDIC] = "Indic syllables",
		[PAINT_JAMO] = "Hangul letters",
		[PAINT_NEW] = "emoji of late years" };
	static const char *const instead[PAINT_KINDS] = {
		[PAINT_ZWJ] = "; the first one is shown",
		[PAINT_FLAG] = "; its two letters are shown",
		[PAINT_TONE] = "; it is shown without",
		[PAINT_VS16] = "; it is shown as a sign",
		[PAINT_AMBIGUOUS] = "; lines are drawn with ASCII",
		[PAINT_JAMO] = "; its first letter is shown",
		[PAINT_INDIC] = "; the cursor is put behind it",
		[PAINT_NEW] = "; U+FFFD is shown"
	};
	char text[120];

	for (size_t i = 0; i < PAINT_KINDS; i++) {
		int width;
		const char *probe = paint_probe((enum paint_kind)i, &width);
		const int got = measured[i] - '0';

		(void)snprintf(text, sizeof(text), "%d columns of %d%s   %s",
		    got, width,
		    got != width && instead[i] != NULL ? instead[i] : "",
		    probe);
		/* Worth knowing, but nothing that has to be mended. */
		(void)printf("  %-4s %-22s %s\n", got == width ? "ok" : "--",
		    names[i], text);
	}
}

static int
show_place(const struct sotto_conf *c)
{
	const char *term = getenv("TERM");
	struct rlimit lim;
	char text[FILE_PATH_MAX + 64];
	int bad = 0;

	bad |= tell(term != NULL && strcmp(term, "dumb") != 0, "TERM",
	    term != NULL ? term : "not set; sotto --plain needs none");
	bad |= tell(strcmp(nl_langinfo(CODESET), "UTF-8") == 0, "characters",
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0
		? "UTF-8"
		: "not UTF-8: others show as '?'; set LC_ALL to C.UTF-8");
	if (getrlimit(RLIMIT_MEMLOCK, &lim) == 0) {
		(void)snprintf(text, sizeof(text), "%llu KiB may be locked%s",
		    lim.rlim_cur == RLIM_INFINITY
			? 0ULL
			: (unsigned long long)lim.rlim_cur / 1024,
		    lim.rlim_cur == RLIM_INFINITY ? " (no limit)" : "");
		bad |= tell(lim.rlim_cur >= 4096 * 1024 ||
			lim.rlim_cur == RLIM_INFINITY,
		    "memory for keys", text);
	}
	(void)snprintf(text, sizeof(text), "%s%s", c->dir,
	    engine_has_keyfile(c->dir) ? "" : " (no key yet: first run)");
	(void)tell(1, "profile", text);
	return bad;
}

int
doctor_run(const struct sotto_conf *c)
{
	char measured[TERM_MEASURE_MAX];
	int bad;

	(void)printf("sotto " SOTTO_VERSION ", on this computer:\n");
	bad = show_place(c);
	if (!measure(measured)) {
		(void)puts("\nThe terminal was not measured: it is none, or "
			   "does not answer.");
		return bad;
	}
	doctor_remember(measured);
	(void)puts("\nMeasured, and remembered for this terminal:");
	show_widths(measured);
	return bad;
}
