/* What the user has in front of him: a screen, or lines; see app.h. */
#include "sotto/doctor.h"
#include "sotto/plain.h"
#include "ui/term_curses.h"

static void
fill_looks(const struct sotto_conf *conf, struct term_conf *tc)
{
	*tc = (struct term_conf){ .colours = conf->colours && !conf->no_color,
		.mouse = conf->mouse,
		.theme = conf->theme };
}

void
app_looks(struct app *a)
{
	struct term_conf tc;

	fill_looks(a->conf, &tc);
	term_look(&tc);
	a->dirty = 1;
}

/* The screen, or what does without. */
int
app_open_front(struct app *a, int plain, const char **why)
{
	struct term_conf tc;

	if (plain) {
		*why = "Memory ran out.";
		return (a->plain = plain_new(a)) != NULL;
	}
	fill_looks(a->conf, &tc);
	doctor_recall(tc.measured);
	return term_start(&tc, why) == SOTTO_OK;
}

void
app_close_front(struct app *a)
{
	plain_free(a->plain);
	a->plain = NULL;
	term_stop();
}
