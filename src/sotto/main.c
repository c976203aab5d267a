#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/prim.h"
#include "net/loop.h"
#include "sotto/app.h"
#include "sotto/care.h"
#include "sotto/doctor.h"
#include "sotto/tool.h"

#define EXIT_USAGE 2

static const char help[] =
    "sotto - a messenger for the terminal\n"
    "\n"
    "  sotto [options] [ADDRESS]\n"
    "  sotto [options] send NAME [--wait here|server|delivered|read]\n"
    "                            [--timeout SECONDS] <MESSAGE\n"
    "  sotto [options] tail [--json] [NAME]       what comes, a line each\n"
    "  sotto [options] contacts [--json]\n"
    "  sotto [options] history [--json] NAME      what was said\n"
    "  sotto [options] export NAME FILE           a chat, as text or .json\n"
    "  sotto [options] doctor    what this terminal does, measured\n"
    "\n"
    "  ADDRESS          of the relay, at the first start: HOST, HOST:PORT or\n"
    "                   sotto:HOST:PORT/KEY\n"
    "  --invite FILE    read the invite line from FILE; - is standard input\n"
    "  --plain          lines in, lines out: for screen readers and pipes;\n"
    "                   by itself where there is no terminal, or TERM=dumb\n"
    "  --profile NAME   another identity of yours; 'default' if not given\n"
    "  --config FILE    read this configuration (sotto.conf(5))\n"
    "  --passphrase-file FILE  for send, tail, contacts, history, export;\n"
    "                   - is standard input; else it is asked for\n"
    "  --log FILE       write a log; it holds no text and no key\n"
    "  --ascii          draw with ASCII only\n"
    "  --color=never    no colours; the variable NO_COLOR does the same\n"
    "  --new-passphrase  ask for another passphrase of the key\n"
    "  --backup FOLDER  copy the profile, sealed as it is\n"
    "  --restore FOLDER  make the profile from such a copy\n"
    "  --insecure-memory  run although keys cannot be kept out of swap\n"
    "  --help, --version\n"
    "\n"
    "F1 inside shows all keys.  More: sotto(1), sotto.conf(5).\n";

struct options {
	const char *config, *profile, *log, *invite, *address;
	const char *backup, *restore;
	int new_passphrase, doctor, plain;
	struct tool_args tool; /* .what NULL: none of them */
	const char *timeout;
	int ascii, no_colour, insecure;
};

static int fail(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
fail(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "sotto: ");
	(void)vfprintf(stderr, fmt, ap);
	(void)fprintf(stderr, "%s\n",
	    status == EXIT_USAGE ? "; see sotto --help" : "");
	va_end(ap);
	return status;
}

/* ---- options ---- */

/* "--name=value" or "--name value": 1, 0: another option, -1: no value. */
static int
valued(char **argv, int argc, int *i, const char *name, const char **value)
{
	const size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return 0;
	if (argv[*i][n] == '=') {
		*value = argv[*i] + n + 1;
		return 1;
	}
	if (argv[*i][n] != '\0')
		return 0;
	if (*i + 1 >= argc)
		return -1;
	*value = argv[++*i];
	return 1;
}

static int
take_one(struct options *o, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **value;
	} with[] = { { "--config", &o->config }, { "--profile", &o->profile },
		{ "--log", &o->log }, { "--invite", &o->invite },
		{ "--backup", &o->backup }, { "--restore", &o->restore },
		{ "--wait", &o->tool.wait }, { "--timeout", &o->timeout },
		{ "--passphrase-file", &o->tool.pass_file } };
	const char *w = argv[*i];

	if (strcmp(w, "--ascii") == 0)
		return o->ascii = 1;
	if (strcmp(w, "--plain") == 0)
		return o->plain = 1;
	if (strcmp(w, "--json") == 0)
		return o->tool.json = 1;
	if (strcmp(w, "--color=never") == 0 || strcmp(w, "--colour=never") == 0)
		return o->no_colour = 1;
	if (strcmp(w, "--insecure-memory") == 0)
		return o->insecure = 1;
	if (strcmp(w, "--new-passphrase") == 0)
		return o->new_passphrase = 1;
	for (size_t k = 0; k < sizeof(with) / sizeof(with[0]); k++) {
		int r = valued(argv, argc, i, with[k].name, with[k].value);

		if (r != 0)
			return r;
	}
	return 0;
}

/* A word that is no option; 0: it is one too many. */
static int
take_word(struct options *o, const char *w)
{
	struct tool_args *t = &o->tool;

	if (t->what != NULL && t->name == NULL)
		t->name = w;
	else if (t->what != NULL && t->file == NULL)
		t->file = w;
	else if (t->what != NULL || o->address != NULL || o->doctor)
		return 0;
	else if (strcmp(w, "doctor") == 0)
		o->doctor = 1;
	else if (tool_is(w))
		t->what = w;
	else
		o->address = w;
	return 1;
}

static int
is_one_of(const char *w, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(w, *words) == 0)
			return 1;
	return 0;
}

/* -1: go on; else the exit status. */
static int
check_tool(struct options *o)
{
	static const char *const with_name[] = { "send", "history", "export",
		NULL };
	static const char *const waits[] = { "here", "server", "delivered",
		"read", NULL };
	struct tool_args *t = &o->tool;
	unsigned long long s;

	if (is_one_of(t->what, with_name) && t->name == NULL)
		return fail(EXIT_USAGE, "%s wants a name", t->what);
	if ((strcmp(t->what, "export") == 0) != (t->file != NULL))
		return fail(EXIT_USAGE,
		    t->file == NULL ? "export wants a file"
				    : "'%.60s' is one word too many",
		    t->file);
	if (t->wait != NULL &&
	    (strcmp(t->what, "send") != 0 || !is_one_of(t->wait, waits)))
		return fail(EXIT_USAGE,
		    "--wait is for send, and has to be here, server, "
		    "delivered or read");
	if (o->timeout == NULL)
		return -1;
	if (conf_number(o->timeout, 1, 86400, &s) != SOTTO_OK)
		return fail(EXIT_USAGE,
		    "--timeout has to be seconds, up to "
		    "a day");
	t->timeout_s = (unsigned)s;
	return -1;
}

/* -1: go on; else the exit status. */
static int
take_options(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		int r;

		if (strcmp(w, "--help") == 0 || strcmp(w, "-h") == 0)
			return fputs(help, stdout) < 0;
		if (strcmp(w, "--version") == 0)
			return puts("sotto " SOTTO_VERSION) < 0;
		if (w[0] != '-' && take_word(o, w))
			continue;
		if ((r = take_one(o, argc, argv, &i)) < 0)
			return fail(EXIT_USAGE, "%.60s wants a value", w);
		if (r == 0)
			return fail(EXIT_USAGE,
			    w[0] == '-' ? "there is no option '%.60s'"
					: "'%.60s' is one word too many",
			    w);
	}
	if (o->address != NULL && o->invite != NULL)
		return fail(EXIT_USAGE,
		    "an address and --invite do not go together");
	return o->tool.what != NULL ? check_tool(o) : -1;
}

/* ---- the line that leads to the relay ---- */

/* Other users of the machine can read arguments: a token in one is spent. */
static int
check_address(const char *text)
{
	struct invite in; /* secret */
	const char *why = "";
	int status = -1;

	if (invite_parse(&in, span_str(text), &why) != SOTTO_OK)
		status =
		    fail(EXIT_USAGE, "'%.80s' is no address: %s", text, why);
	else if (in.has_token)
		status = fail(EXIT_USAGE,
		    "an invite is a secret and does not belong into an "
		    "argument, which all users of this computer can read; "
		    "ask for a new one and use --invite FILE or paste it "
		    "inside");
	WIPE(in);
	return status;
}

static int
read_invite(const char *path, char line[INVITE_LINE_MAX])
{
	const int from_stdin = strcmp(path, "-") == 0;
	FILE *f = from_stdin ? stdin : fopen(path, "re");
	char *got;

	if (f == NULL)
		return fail(EXIT_FAILURE, "cannot read %.200s: %s", path,
		    strerror(errno));
	(void)setvbuf(f, NULL, _IONBF, 0); /* no copy in a buffer */
	got = fgets(line, INVITE_LINE_MAX, f);
	if (!from_stdin)
		(void)fclose(f);
	else if (freopen("/dev/tty", "r", stdin) == NULL)
		return fail(EXIT_FAILURE, "there is no terminal to run in");
	if (got == NULL)
		return fail(EXIT_FAILURE, "there is no invite line in %.200s",
		    path);
	line[strcspn(line, "\r\n")] = '\0';
	return -1;
}

/* ---- start ---- */

static int
configure(struct sotto_conf *c, const struct options *o)
{
	char path[FILE_PATH_MAX], err[CONF_ERR_MAX];
	const char *why;

	(void)sotto_conf_default(c);
	c->no_color |= o->no_colour;
	if (o->config != NULL) {
		(void)snprintf(path, sizeof(path), "%s", o->config);
		(void)snprintf(c->path, sizeof(c->path), "%s", o->config);
	}
	if (o->config == NULL && sotto_conf_path(path) != SOTTO_OK)
		path[0] = '\0';
	if (path[0] != '\0' &&
	    sotto_conf_file(c, path, o->config != NULL, err) != SOTTO_OK)
		return fail(EXIT_FAILURE, "%s", err);
	if (o->profile != NULL)
		(void)snprintf(c->profile, sizeof(c->profile), "%s",
		    o->profile);
	if (o->log != NULL && strlen(o->log) < sizeof(c->log))
		(void)snprintf(c->log, sizeof(c->log), "%s", o->log);
	if ((why = sotto_conf_finish(c)) != NULL)
		return fail(EXIT_USAGE, "%s", why);
	c->ascii |= o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	c->insecure_memory = o->insecure;
	return -1;
}

static int
harden(const struct sotto_conf *c)
{
	struct secret_state st;
	enum sotto_err e = secret_harden(&st);

	if (e == SOTTO_EIO)
		return fail(EXIT_FAILURE, "the system gives no random numbers");
	if (e == SOTTO_OK)
		e = prim_init();
	if (e != SOTTO_OK && !c->insecure_memory)
		return fail(EXIT_FAILURE,
		    "keys cannot be kept out of swap: the limit for locked "
		    "memory is too low, and nothing was opened. Raise it "
		    "(ulimit -l 8192), or say --insecure-memory");
	return -1;
}

/* A terminal that can move its cursor, at both ends. */
static int
has_screen(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL &&
	    term[0] != '\0' && strcmp(term, "dumb") != 0;
}

int
main(int argc, char **argv)
{
	char line[INVITE_LINE_MAX] = ""; /* secret */
	static struct sotto_conf c;
	struct options o = { 0 };
	int status;

	(void)setlocale(LC_ALL, "");
	(void)setlocale(LC_NUMERIC, "C");
	if ((status = take_options(&o, argc, argv)) >= 0 ||
	    (o.address != NULL && (status = check_address(o.address)) >= 0) ||
	    (status = configure(&c, &o)) >= 0 || (status = harden(&c)) >= 0)
		return status;
	if (o.tool.what != NULL) {
		status = tool_run(&c, &o.tool);
		loop_end_threads();
		sotto_conf_free(&c);
		return status;
	}
	if (o.doctor)
		return doctor_run(&c);
	if (o.new_passphrase)
		return care_passphrase(&c);
	if (o.backup != NULL)
		return care_backup(&c, o.backup);
	if (o.restore != NULL)
		return care_restore(&c, o.restore);
	if (o.invite != NULL && (status = read_invite(o.invite, line)) >= 0)
		return status;
	if (o.address != NULL)
		(void)snprintf(line, sizeof(line), "%s", o.address);
	status = app_run(&c, line[0] != '\0' ? line : NULL,
	    o.plain || !has_screen());
	sotto_conf_free(&c);
	loop_end_threads();
	WIPE(line);
	return status;
}
