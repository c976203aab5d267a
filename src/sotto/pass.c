#include "sotto/pass.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

/* A line, without a copy in a buffer of the library.  0: there is none. */
static int
read_line(int fd, char *out, size_t cap)
{
	size_t n = 0;
	ssize_t r;

	while ((r = read(fd, out + n, 1)) == 1 && out[n] != '\n')
		if (++n == cap - 1)
			return 0;
	out[n] = '\0';
	return r == 1 || n > 0;
}

char *
pass_ask(const char *what, int fd)
{
	char *pass = secret_alloc(PASS_MAX);
	struct termios before, quiet;
	int ok, tty;

	if (pass == NULL)
		return NULL;
	tty = tcgetattr(fd, &before) == 0;
	if (tty) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
		(void)fprintf(stderr, "%s: ", what); /* not before */
	}
	ok = read_line(fd, pass, PASS_MAX);
	if (tty) {
		(void)tcsetattr(fd, TCSAFLUSH, &before);
		(void)fprintf(stderr, "\n");
	}
	if (ok)
		return pass;
	secret_free(pass);
	return NULL;
}

char *
pass_get(const char *path)
{
	const int own = path == NULL || strcmp(path, "-") != 0;
	const int fd = !own
	    ? STDIN_FILENO
	    : open(path != NULL ? path : "/dev/tty", O_RDONLY | O_CLOEXEC);
	char *pass;

	if (fd < 0)
		return NULL;
	pass = pass_ask("Passphrase", fd);
	if (own)
		(void)close(fd);
	return pass;
}
