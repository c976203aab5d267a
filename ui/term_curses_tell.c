/* What a terminal does besides: its title, its bell, notices, the clipboard;
 * see term_curses.h. */
#include <stdlib.h>
#include <string.h>

#include "ui/term_priv.h"

int
term_is_one_of(const char *name, const char *const *kin, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(name, kin[i], strlen(kin[i])) == 0)
			return 1;
	return 0;
}

void
term_title(const char *title)
{
	if (!terminal.started || !terminal.modern)
		return;
	term_say("\033]2;");
	term_say(title);
	term_say("\007");
}

void
term_bell(void)
{
	if (terminal.started)
		term_say("\007");
}

/* Which of the three ways: kitty's, foot's and rxvt's, or iTerm's. */
void
term_notify(const char *title, const char *text)
{
	static const char *const by99[] = { "xterm-kitty", "kitty" };
	static const char *const by777[] = { "foot", "rxvt", "xterm-ghostty",
		"ghostty", "contour" };
	const char *name = getenv("TERM");

	if (!terminal.started || !terminal.modern || name == NULL)
		return;
	if (term_is_one_of(name, by99, 2)) {
		term_say("\033]99;i=sotto:d=0;");
		term_say(title);
		term_say("\033\\\033]99;i=sotto:p=body;");
		term_say(text);
		term_say("\033\\");
	} else if (term_is_one_of(name, by777, 5) ||
	    getenv("VTE_VERSION") != NULL) {
		term_say("\033]777;notify;");
		term_say(title);
		term_say(";");
		term_say(text);
		term_say("\033\\");
	} else {
		term_say("\033]9;");
		term_say(title);
		term_say(": ");
		term_say(text);
		term_say("\033\\");
	}
}

int
term_copy(const char *base64)
{
	if (!terminal.started || !terminal.modern)
		return 0;
	term_say("\033]52;c;");
	term_say(base64);
	term_say("\033\\");
	return 1;
}
