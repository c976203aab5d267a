/* sottod status: what the relay does just now; see cli.h. */
#include <sys/ioctl.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "sottod/ca.h"
#include "sottod/cli.h"
#include "sottod/expose.h"
#include "sottod/print.h"

#define EACH_MS  1000
#define ROWS_ALL 36 /* that the page has with the fingerprint's block */

/* ---- the relay's line, whose form is ours ---- */

static unsigned long long
number(const char *line, const char *name)
{
	char key[64];
	const char *at;

	(void)snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(line, key);
	return at != NULL ? strtoull(at + strlen(key), NULL, 10) : 0;
}

/* ---- the page ---- */

/* What is counted a second, as two lines make it. */
static double
rate(const char *now, const char *before, const char *name)
{
	const unsigned long long a = number(now, name),
				 b = number(before, name);

	return a > b ? (double)(a - b) * 1000 / EACH_MS : 0;
}

static void
lasting(char *out, size_t cap, unsigned long long s)
{
	if (s >= 86400)
		(void)snprintf(out, cap, "%llu d %llu h", s / 86400,
		    s % 86400 / 3600);
	else if (s >= 3600)
		(void)snprintf(out, cap, "%llu h %llu min", s / 3600,
		    s % 3600 / 60);
	else
		(void)snprintf(out, cap, "%llu min %llu s", s / 60, s % 60);
}

static void
row(FILE *f, const char *what, unsigned long long v, const char *more)
{
	(void)fprintf(f, "  %-22s %12llu  %s\n", what, v, more);
}

static void
times(FILE *f, const char *what, const char *line, const char *name)
{
	char p50[48], p99[48];

	(void)snprintf(p50, sizeof(p50), "%s_p50_us", name);
	(void)snprintf(p99, sizeof(p99), "%s_p99_us", name);
	(void)fprintf(f,
	    "  %-22s half under %.1f ms, 99 of 100 under %.1f ms\n", what,
	    (double)number(line, p50) / 1000, (double)number(line, p99) / 1000);
}

/* before: the line of a second ago, or the same one. */
static void
page(FILE *f, const char *line, const char *before)
{
	char since[48], rates[96];

	lasting(since, sizeof(since), number(line, "uptime_seconds"));
	(void)fprintf(f, "  up for %s, %.1f MB, %.1f s of CPU\n\n", since,
	    (double)number(line, "memory_bytes") / (1 << 20),
	    (double)number(line, "cpu_milliseconds") / 1000);
	row(f, "users online", number(line, "users_online"), "");
	row(f, "users", number(line, "users"), "");
	row(f, "open invites", number(line, "invites_open"), "");
	row(f, "connections", number(line, "connections"), "");
	row(f, "logins under way", number(line, "logins_under_way"), "");
	row(f, "jobs of workers", number(line, "jobs"), "");
	(void)fprintf(f, "\n");
	(void)snprintf(rates, sizeof(rates), "%.0f a second",
	    rate(line, before, "messages_live") +
		rate(line, before, "messages_stored"));
	row(f, "messages",
	    number(line, "messages_live") + number(line, "messages_stored"),
	    rates);
	row(f, "... refused", number(line, "messages_refused"), "");
	row(f, "kept for who is away", number(line, "mail_messages"), "");
	row(f, "on no disk yet", number(line, "commit_queue"), "");
	(void)snprintf(rates, sizeof(rates), "%.0f a second, %llu by ticket",
	    rate(line, before, "logins") + rate(line, before, "logins_resumed"),
	    number(line, "logins_resumed"));
	row(f, "logins",
	    number(line, "logins") + number(line, "logins_resumed"), rates);
	row(f, "... failed", number(line, "login_failures"), "");
	row(f, "turned away", number(line, "turned_away"), "");
	row(f, "failures of the disk", number(line, "store_failures"), "");
	(void)fprintf(f, "\n");
	times(f, "a turn of the loop", line, "turn");
	times(f, "a stored message", line, "commit");
	times(f, "a login", line, "login");
}

/* ---- live ---- */

static void
on_signal(int sig)
{
	(void)sig; /* it only has to interrupt the wait */
}

/* 1: a second is over; 0: a key, or a signal, to end. */
static int
wait_a_second(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	const int n = poll(&p, 1, EACH_MS);
	char c = 'q';

	if (n == 0)
		return 1;
	if (n < 0 || read(STDIN_FILENO, &c, 1) != 1)
		return 0;
	return c != 'q' && c != 'Q' && c != 27 && c != 3;
}

/* As much as the terminal has rows for; without the block where it is low. */
static void
draw(const char *line, const char *before, const struct hash *fp)
{
	struct winsize ws = { .ws_row = 0 };
	char *text = NULL, *at;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return;
	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws);
	(void)fprintf(f, "sottod status, each second; q ends\n\n");
	if (ws.ws_row == 0 || ws.ws_row >= ROWS_ALL) {
		print_block(f, fp);
		(void)fprintf(f, "\n");
	}
	page(f, line, before);
	(void)fclose(f);
	at = text;
	for (unsigned y = 1; at != NULL && *at != '\0'; y++) {
		if (y == ws.ws_row)
			*at = '\0'; /* the last one stays empty */
		else
			at = strchr(at, '\n') + 1;
	}
	(void)printf("\033[H\033[2J%s", text != NULL ? text : "");
	(void)fflush(stdout);
	free(text);
}

static int
live(const struct cli *cli, const struct hash *fp)
{
	static char line[STATS_JSON_MAX], before[STATS_JSON_MAX];
	const struct sigaction sa = { .sa_handler = on_signal };
	enum sotto_err e = SOTTO_OK;
	struct termios was, raw;

	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	if (tcgetattr(STDIN_FILENO, &was) != 0)
		return cli_fail("this is no terminal");
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	(void)printf("\033[?1049h\033[?25l"); /* another screen, no cursor */
	do {
		memcpy(before, line, sizeof(before));
		e = expose_ask(cli->conf.state, line, sizeof(line));
		if (e != SOTTO_OK)
			break;
		draw(line, before[0] != '\0' ? before : line, fp);
	} while (wait_a_second());
	(void)printf("\033[?25h\033[?1049l");
	(void)fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
	if (e != SOTTO_OK)
		return cli_fail("the relay has ended");
	return CLI_OK;
}

int
cli_status(struct cli *cli, const struct cli_args *a)
{
	char line[STATS_JSON_MAX], err[CA_ERR_MAX];
	const int json = a->n == 1 && strcmp(a->word[0], "--json") == 0;
	struct hash fp;
	enum sotto_err e;

	if (a->n > 0 && !json)
		return cli_usage("'status' knows --json only");
	e = expose_ask(cli->conf.state, line, sizeof(line));
	if (e == SOTTO_EAGAIN)
		return cli_fail("no relay runs on %s", cli->conf.state);
	if (e != SOTTO_OK)
		return cli_fail("the relay on %s cannot be asked; are you its "
				"user?",
		    cli->conf.state);
	if (json) {
		(void)fputs(line, stdout);
		return CLI_OK;
	}
	if (ca_fingerprint(&fp, cli->conf.state, err) != SOTTO_OK)
		return cli_fail("%s", err);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return live(cli, &fp);
	print_block(stdout, &fp);
	(void)printf("\n");
	page(stdout, line, line);
	return CLI_OK;
}
