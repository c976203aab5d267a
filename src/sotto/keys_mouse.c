/* What a click and the wheel do; see app.h. */
#include "sotto/app.h"
#include "ui/render.h"
#include "ui/term_curses.h"

#define WHEEL_ROWS 3

/* A hint in the bottom row is its key. */
static int
on_hint(struct app *a, int x)
{
	for (size_t i = 0; i < a->hint.n; i++)
		if (x >= a->hint.spot[i].x &&
		    x < a->hint.spot[i].x + a->hint.spot[i].w) {
			const enum ui_action act = a->hint.spot[i].action;
			const struct ui_key none = { 0 };

			if (!wizard_key(a, &none, act))
				app_run_action(a, act, 1);
			return 1;
		}
	return 0;
}

static void
on_main(struct app *a, int x, int y)
{
	const struct ui_spot s = render_spot_at(a->spots, x, y);
	struct mchat *c;
	struct name n;

	if (s.kind == SPOT_ITEM) {
		if (name_parse(&n, span_str(s.name)) == SOTTO_OK &&
		    (c = model_find_chat(&a->m, &n)) != NULL)
			act_go(a, c);
	} else if (s.kind == SPOT_MESSAGE) {
		pick_at_row(a, s.id, s.mine);
	}
}

void
app_on_mouse(struct app *a, const struct ui_key *k)
{
	const int wheel = k->code == K_WHEEL_UP ? 1
	    : k->code == K_WHEEL_DOWN           ? -1
						: 0;
	const unsigned main = AT_CHAT | AT_SELECT | AT_NORMAL;

	a->tip[0] = '\0';
	if (wheel != 0 && ((unsigned)a->where & main) != 0)
		act_scroll(a, wheel * WHEEL_ROWS);
	else if (wheel != 0)
		app_run_action(a, wheel > 0 ? ACT_UP : ACT_DOWN, 0);
	else if (k->y == a->drawn_h - 1)
		(void)on_hint(a, k->x);
	else if (((unsigned)a->where & main) != 0)
		on_main(a, k->x, k->y);
}
