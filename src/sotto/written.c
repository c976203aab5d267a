/* What was written before, and writing in another program; see app.h. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"

#include "sotto/app.h"
#include "ui/term_curses.h"

/* ---- older and newer ---- */

/* The i-th of ours in that chat, the newest first; NULL: there are fewer. */
static const char *
mine_at(const struct mchat *c, size_t i)
{
	for (size_t k = c->n_lines; k > 0; k--)
		if (c->line[k - 1].kind == LINE_MINE && i-- == 0)
			return c->line[k - 1].text;
	return NULL;
}

void
written_forget(struct app *a)
{
	if (a->written_kept != NULL) {
		secret_wipe(a->written_kept, strlen(a->written_kept));
		free(a->written_kept);
	}
	a->written_kept = NULL;
	a->written_at = 0;
}

void
written_by(struct app *a, int older)
{
	struct mchat *c = a->m.current;
	const char *text;

	if (c == NULL || (!older && a->written_at == 0))
		return;
	if (a->written_at == 0) {
		written_forget(a);
		a->written_kept = strdup(edit_text(c->draft));
	}
	if (!older && a->written_at == 1) {
		if (a->written_kept != NULL)
			edit_all(c->draft, a->written_kept);
		written_forget(a);
		return;
	}
	text = mine_at(c, older ? a->written_at : a->written_at - 2);
	if (text == NULL) {
		app_tip(a, "that is the first that is loaded here");
		return;
	}
	edit_all(c->draft, text);
	a->written_at += older ? 1 : (size_t)-1;
}

/* ---- searching ---- */

const char *
written_find(const struct app *a, size_t i)
{
	const char *words = edit_text(a->filter);
	const char *seen = NULL;

	/* The current chat first; the same text twice in a row is one. */
	for (size_t k = 0; k <= a->m.n_chats; k++) {
		const struct mchat *c =
		    k == 0 ? a->m.current : a->m.chat[k - 1];

		if (c == NULL || (k > 0 && c == a->m.current))
			continue;
		for (size_t n = 0; (seen = mine_at(c, n)) != NULL; n++)
			if (strcasestr(seen, words) != NULL && i-- == 0)
				return seen;
	}
	return NULL;
}

void
written_take(struct app *a)
{
	const char *text = written_find(a, a->selected);

	if (text == NULL || a->m.current == NULL)
		return;
	edit_all(a->m.current->draft, text);
	app_go(a, AT_CHAT);
}

/* ---- $EDITOR ---- */

/* In memory, not on a disk: where the system keeps such files. */
static int
make_file(char path[FILE_PATH_MAX], const char *text)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	const size_t n = strlen(text);
	int fd, ok;

	(void)snprintf(path, FILE_PATH_MAX, "%s/sotto-XXXXXX.txt",
	    dir != NULL && dir[0] == '/' ? dir : "/dev/shm");
	if ((fd = mkostemps(path, 4, O_CLOEXEC)) < 0)
		return 0;
	ok = write(fd, text, n) == (ssize_t)n;
	(void)close(fd);
	if (!ok)
		(void)unlink(path);
	return ok;
}

void
written_edit(struct app *a)
{
	struct edit *e = a->m.current != NULL ? a->m.current->draft : NULL;
	static char script[] = "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"";
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script,
		(char[]){ "sotto" }, a->editor_path, NULL };
	posix_spawnattr_t attr;
	sigset_t all;

	if (e == NULL || a->editor > 0)
		return;
	if (!make_file(a->editor_path, edit_text(e))) {
		app_tip(a, "no file in memory for an editor: %s",
		    strerror(errno));
		return;
	}
	/* It gets the signals as they are by default. */
	(void)posix_spawnattr_init(&attr);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	term_leave();
	if (posix_spawn(&a->editor, "/bin/sh", NULL, &attr, argv, environ) !=
	    0) {
		a->editor = 0;
		(void)unlink(a->editor_path);
		term_return();
		app_tip(a, "no editor can be started");
	} else {
		a->editor_chat = a->m.current->name;
	}
	(void)posix_spawnattr_destroy(&attr);
}

static void
take_file(struct app *a, int status)
{
	struct mchat *c = model_find_chat(&a->m, &a->editor_chat);
	uint8_t *text = NULL; /* secret */
	size_t n = 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && c != NULL &&
	    file_read(a->editor_path, MODEL_BYTES_MAX, &text, &n) == SOTTO_OK) {
		/* Editors end the last line; people do not. */
		while (n > 0 && text[n - 1] == '\n')
			text[--n] = '\0';
		edit_clear(c->draft);
		(void)edit_insert(c->draft, (const char *)text, n);
	} else {
		app_tip(a,
		    "the editor gave nothing back; what you wrote is as it "
		    "was");
	}
	if (text != NULL) {
		secret_wipe(text, n);
		free(text);
	}
}

/* Also what an editor leaves behind is gone: it is in memory. */
static void
end_editor(struct app *a)
{
	(void)unlink(a->editor_path);
	a->editor = 0;
	term_return();
	a->dirty = 1;
}

void
written_look(struct app *a)
{
	int status = 0;

	if (a->editor <= 0 || waitpid(a->editor, &status, WNOHANG) == 0)
		return;
	take_file(a, status);
	end_editor(a);
}

void
written_stop(struct app *a)
{
	if (a->editor <= 0)
		return;
	(void)kill(a->editor, SIGHUP);
	(void)waitpid(a->editor, NULL, 0);
	end_editor(a);
}
