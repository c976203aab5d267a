/*
 * pass - a passphrase without a screen: from a terminal, without showing it,
 * or from a file.  Thread: main.
 */
#ifndef SOTTO_PASS_H
#define SOTTO_PASS_H

#define PASS_MAX 1024

/* pass_ask - one line of fd; what is asked for stands on standard error if it
 * is a terminal.  Secret, from secret_alloc(); NULL: there is none. */
char *pass_ask(const char *what, int fd);

/* pass_get - of path, "-": standard input; NULL: asked for on the terminal, also
 * where standard input is something else. */
char *pass_get(const char *path);

#endif
