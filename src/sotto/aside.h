/*
 * aside - other programs that are started and left alone: the user's hook, and
 * what opens a link.  They see nothing of our screen and cannot write on it.
 *
 * Thread: the main one.
 */
#ifndef SOTTO_ASIDE_H
#define SOTTO_ASIDE_H

/*
 * aside_run - file is looked for in PATH if it has no '/'; env NULL: ours.
 * Who has ended is collected by notice_reap(), not here.
 * Returns 1 if it was started.
 */
int aside_run(const char *file, char *const argv[], char *const env[]);

#endif
