/*
 * file - whole files, written so that a crash leaves the old or the new one.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/bytes.h"

#define FILE_PATH_MAX 1024

/*
 * file_read - the whole file, at most max bytes.  *buf is owned by the caller
 * and has a NUL behind its n bytes.
 * Errors:  SOTTO_EIO with errno; SOTTO_ETOOBIG; SOTTO_ENOMEM.
 */
enum sotto_err file_read(const char *path, size_t max, uint8_t **buf,
    size_t *n);

/*
 * file_write - replace path by data: temporary file beside it, fsync, rename,
 * fsync of the folder.  On any error the old file stands and nothing is left.
 */
enum sotto_err file_write(const char *path, struct span data, mode_t mode);

/* file_mkdirs - the folder and its parents, new ones with mode 0700. */
enum sotto_err file_mkdirs(const char *path);

/*
 * file_lock - open (make) path and take its one lock, held until the returned
 * descriptor is closed or the process ends.
 * Errors:  SOTTO_EAGAIN: another process holds it; *holder is its pid.
 */
enum sotto_err file_lock(const char *path, int *fd, pid_t *holder);

/* file_lock_holder - the pid that holds the lock of path, or 0. */
pid_t file_lock_holder(const char *path);

enum file_dir {
	FILE_DIR_CONFIG, /* XDG_CONFIG_HOME, or ~/.config */
	FILE_DIR_DATA,   /* XDG_DATA_HOME, or ~/.local/share */
	FILE_DIR_STATE   /* XDG_STATE_HOME, or ~/.local/state */
};

/*
 * file_xdg - "<base>/<name>" of the XDG Base Directory Specification.
 * Errors:  SOTTO_ESTATE: no home; SOTTO_ENOSPACE: path too long.
 */
enum sotto_err file_xdg(char out[FILE_PATH_MAX], enum file_dir dir,
    const char *name);

/* file_join - "<dir>/<name>"; SOTTO_ENOSPACE if it is too long. */
enum sotto_err file_join(char out[FILE_PATH_MAX], const char *dir,
    const char *name);

#endif
