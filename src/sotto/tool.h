/*
 * tool - sotto without a screen, for scripts: one message, what comes, people,
 * what was said.  What is printed as JSON, and the exit codes, are in sotto(1)
 * and stay as they are.  Thread: main.
 */
#ifndef SOTTO_TOOL_H
#define SOTTO_TOOL_H

#include "sotto/conf.h"

/* Exit codes, by how far a message came. */
enum tool_exit {
	TOOL_OK = 0,     /* as far as was asked for, or farther */
	TOOL_FAILED = 1, /* nothing was sent, or read */
	TOOL_USAGE = 2,
	TOOL_HERE = 3,    /* it waits here, and goes out by itself later */
	TOOL_SERVER = 4,  /* the server has it */
	TOOL_REFUSED = 5, /* they, or the server, did not take it */
	TOOL_NEW_KEY = 6, /* they have another key: nothing was sent */
	TOOL_UNREAD = 7   /* delivered, and not read in time */
};

struct tool_args {
	const char *what; /* "send", "tail", "contacts", "history", "export" */
	const char *name, *file;
	const char *wait; /* "here", "server", "delivered", "read"; or NULL */
	const char *pass_file;
	unsigned timeout_s; /* 0: 60 */
	int json;
};

/* tool_is - is that word one of them? */
int tool_is(const char *word);
int tool_run(const struct sotto_conf *c, const struct tool_args *args);

#endif
