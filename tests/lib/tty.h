/*
 * tty - a program in a terminal of ours: forkpty, and libvterm for what it
 * draws.  A wait that fails shows the screen and ends the test.
 */
#ifndef TESTS_TTY_H
#define TESTS_TTY_H

#include <sys/types.h>

struct tty;

/* tty_open - argv[0] is the path; env "NAME=value" is added to ours.  The
 * program is killed when we die.  Never NULL. */
struct tty *tty_open(int cols, int rows, const char *const *argv,
    const char *const *env);
/* tty_close - kills it if it still runs. */
void tty_close(struct tty *t);

void tty_type(struct tty *t, const char *text);
void tty_bytes(struct tty *t, const char *bytes, size_t n);
/* tty_paste - bracketed. */
void tty_paste(struct tty *t, const char *text);
void tty_resize(struct tty *t, int cols, int rows);
void tty_signal(struct tty *t, int sig);
/* tty_hang_up - as closing the window does. */
void tty_hang_up(struct tty *t);
pid_t tty_pid(const struct tty *t);

/* tty_screen - rows with line breaks, as they are now; borrowed. */
const char *tty_screen(struct tty *t);
/* tty_row - one row of it; borrowed until the next call. */
const char *tty_row(struct tty *t, int row);
/* tty_cursor - where the cursor is, and whether it can be seen. */
void tty_cursor(struct tty *t, int *x, int *y, int *visible);
/* tty_alt - 1 while the alternate screen is shown. */
int tty_alt(const struct tty *t);
/* tty_raw - everything that it ever wrote; borrowed. */
const char *tty_raw(struct tty *t, size_t *n);

int tty_has(struct tty *t, const char *text);
/* Wait, up to 60 seconds, until text is (not) on the screen. */
void tty_wait(struct tty *t, const char *text);
void tty_wait_gone(struct tty *t, const char *text);
/* tty_settle - read for ms, and nothing else. */
void tty_settle(struct tty *t, int ms);
/* tty_wait_exit - its wait status. */
int tty_wait_exit(struct tty *t);

#define KEY_ENTER   "\r"
#define KEY_TAB     "\t"
#define KEY_ESC     "\033"
#define KEY_BS      "\177"
#define KEY_UP      "\033OA"
#define KEY_DOWN    "\033OB"
#define KEY_PGUP    "\033[5~"
#define KEY_PGDN    "\033[6~"
#define KEY_F1      "\033OP"
#define KEY_F5      "\033[15~"
#define KEY_F6      "\033[17~"
#define KEY_F7      "\033[18~"
#define KEY_F8      "\033[19~"
#define KEY_CTRL(c) ((const char[]){ (c)&0x1f, 0 })
#define KEY_ALT(s)  "\033" s

#endif
