#include "sotto/aside.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

/* What we ignore for ourselves is not ignored for them. */
static void
plain_signals(posix_spawnattr_t *sa)
{
	sigset_t s;

	(void)sigemptyset(&s);
	(void)posix_spawnattr_setsigmask(sa, &s);
	(void)sigaddset(&s, SIGPIPE);
	(void)sigaddset(&s, SIGXFSZ);
	(void)posix_spawnattr_setsigdefault(sa, &s);
	(void)posix_spawnattr_setflags(sa,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int
aside_run(const char *file, char *const argv[], char *const env[])
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t sa;
	pid_t pid;
	int ok;

	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawnattr_init(&sa);
	for (int fd = 0; fd <= 2; fd++)
		(void)posix_spawn_file_actions_addopen(&fa, fd, "/dev/null",
		    fd == 0 ? O_RDONLY : O_WRONLY, 0);
	plain_signals(&sa);
	ok = posix_spawnp(&pid, file, &fa, &sa, argv,
		 env != NULL ? env : environ) == 0;
	(void)posix_spawnattr_destroy(&sa);
	(void)posix_spawn_file_actions_destroy(&fa);
	return ok;
}
