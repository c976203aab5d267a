#include "base/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum sotto_err
read_all(int fd, uint8_t *buf, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, buf + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return SOTTO_EIO;
		if (r == 0)
			return SOTTO_EFORMAT; /* it shrank while we read */
		got += (size_t)r;
	}
	return SOTTO_OK;
}

enum sotto_err
file_read(const char *path, size_t max, uint8_t **buf, size_t *n)
{
	struct stat st;
	enum sotto_err e = SOTTO_EIO;
	uint8_t *b = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return SOTTO_EIO;
	if (fstat(fd, &st) != 0)
		goto out;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		goto out;
	}
	e = SOTTO_ETOOBIG;
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		goto out;
	e = SOTTO_ENOMEM;
	if ((b = malloc((size_t)st.st_size + 1)) == NULL)
		goto out;
	if ((e = read_all(fd, b, (size_t)st.st_size)) != SOTTO_OK)
		goto out;
	b[st.st_size] = '\0';
	*buf = b;
	*n = (size_t)st.st_size;
	b = NULL;
out:
	free(b);
	(void)close(fd);
	return e;
}

static enum sotto_err
write_all(int fd, struct span data)
{
	while (data.n > 0) {
		ssize_t w = write(fd, data.p, data.n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return SOTTO_EIO;
		data.p += w;
		data.n -= (size_t)w;
	}
	return SOTTO_OK;
}

/* The name of a file is only safe on disk when its folder was synced too. */
static enum sotto_err
sync_parent(const char *path)
{
	char dir[FILE_PATH_MAX];
	char *slash;
	enum sotto_err e;
	int fd;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		(void)snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir ? 1 : 0] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return SOTTO_EIO;
	e = fsync(fd) == 0 ? SOTTO_OK : SOTTO_EIO;
	(void)close(fd);
	return e;
}

enum sotto_err
file_write(const char *path, struct span data, mode_t mode)
{
	char tmp[FILE_PATH_MAX];
	enum sotto_err e;
	int fd, n, saved;

	n = snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(tmp))
		return SOTTO_ENOSPACE;
	if ((fd = mkostemp(tmp, O_CLOEXEC)) < 0)
		return SOTTO_EIO;
	e = write_all(fd, data);
	if (e == SOTTO_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
		e = SOTTO_EIO;
	saved = errno;
	if (close(fd) != 0 && e == SOTTO_OK) {
		saved = errno;
		e = SOTTO_EIO;
	}
	if (e == SOTTO_OK && rename(tmp, path) != 0) {
		saved = errno;
		e = SOTTO_EIO;
	}
	if (e != SOTTO_OK) {
		(void)unlink(tmp);
		errno = saved;
		return e;
	}
	return sync_parent(path);
}

enum sotto_err
file_mkdirs(const char *path)
{
	char dir[FILE_PATH_MAX];
	struct stat st;

	if (strlen(path) >= sizeof(dir))
		return SOTTO_ENOSPACE;
	(void)snprintf(dir, sizeof(dir), "%s", path);
	for (char *p = dir + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0700) != 0 && errno != EEXIST)
			return SOTTO_EIO;
		*p = '/';
	}
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return SOTTO_EIO;
	if (stat(dir, &st) != 0)
		return SOTTO_EIO;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return SOTTO_EIO;
	}
	return SOTTO_OK;
}

enum sotto_err
file_lock(const char *path, int *fd, pid_t *holder)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (f < 0)
		return SOTTO_EIO;
	if (fcntl(f, F_SETLK, &l) == 0) {
		*fd = f;
		return SOTTO_OK;
	}
	(void)close(f);
	*holder = file_lock_holder(path);
	return SOTTO_EAGAIN;
}

pid_t
file_lock_holder(const char *path)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC);
	pid_t pid = 0;

	if (fd < 0)
		return 0;
	if (fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK)
		pid = l.l_pid;
	(void)close(fd);
	return pid;
}

static const char *
home_dir(void)
{
	const char *h = getenv("HOME");
	const struct passwd *pw;

	if (h != NULL && h[0] == '/')
		return h;
	pw = getpwuid(getuid());
	return pw == NULL ? NULL : pw->pw_dir;
}

enum sotto_err
file_join(char out[FILE_PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(out, FILE_PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < FILE_PATH_MAX ? SOTTO_OK : SOTTO_ENOSPACE;
}

enum sotto_err
file_xdg(char out[FILE_PATH_MAX], enum file_dir dir, const char *name)
{
	static const struct {
		const char *env, *below_home;
	} bases[] = {
		[FILE_DIR_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
		[FILE_DIR_DATA] = { "XDG_DATA_HOME", ".local/share" },
		[FILE_DIR_STATE] = { "XDG_STATE_HOME", ".local/state" },
	};
	const char *base = getenv(bases[dir].env);
	char below[FILE_PATH_MAX];
	const char *home;
	enum sotto_err e;

	/* The specification says to ignore a relative path. */
	if (base != NULL && base[0] == '/')
		return file_join(out, base, name);
	if ((home = home_dir()) == NULL)
		return SOTTO_ESTATE;
	if ((e = file_join(below, home, bases[dir].below_home)) != SOTTO_OK)
		return e;
	return file_join(out, below, name);
}
