/* Looking for words in what was said; see present.h, screen 7. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "sotto/present.h"

#define WIDE 100 /* columns, for all that is known of a hit */

/* One hit in a row: when, where, who, and the words from a little before.
 * The words are what counts: where there is little room, the rest is short. */
static const char *
hit_row(struct frame *f, const struct hit *h)
{
	if (f->cols < WIDE)
		return say(f, "%s %s%s: %.200s", say_day(f, h->at_ms / 1000),
		    h->mine ? "to " : "", h->name.s, h->text);
	return say(f, "%-7s %-5s %-16s %s %.200s", say_date(f, h->at_ms / 1000),
	    say_time(f, h->at_ms), h->name.s,
	    h->mine ? "me:  " : "they:", h->text);
}

void
page_find(struct frame *f, struct app *a)
{
	const struct finder *n = &a->find;

	if (n->n > 0 && a->selected >= n->n)
		a->selected = n->n - 1;
	f->v.page.title = "find in all chats";
	f->v.page.title_mid = n->looking
	    ? say(f, "%zu hits so far", n->n)
	    : say(f, "%zu%s hit%s in %zu lines", n->n, n->more ? " newest" : "",
		  n->n == 1 ? "" : "s", n->seen);
	f->v.page.title_right = say_time(f, clock_wall_ms());
	add_field(f, a->filter, "words > ", 1);
	for (size_t i = 0; i < n->n; i++) {
		struct ui_line *l =
		    add_fixed(f, UI_PLAIN, 1, hit_row(f, &n->hit[i]));

		l->selected = i == a->selected;
	}
	if (n->n == 0 && !n->looking && edit_len(a->filter) > 0)
		(void)add_line(f, UI_DIM, 1,
		    "Nobody has said that. Capitals and accents do not "
		    "matter.");
	add_foot(f, UI_PLAIN,
	    "Enter goes to the chat. Nothing is asked of the relay: it could "
	    "not know.");
}
