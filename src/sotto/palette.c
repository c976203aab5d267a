/* The palette: chats, people, commands and keys by some of their letters; see
 * app.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sotto/app.h"

/* How well `typed` fits: 0: its letters are not there in that order. */
static int
fits(const char *text, const char *typed)
{
	const char *at;

	if (typed[0] == '\0')
		return 1;
	if (strncasecmp(text, typed, strlen(typed)) == 0)
		return 4;
	if ((at = strcasestr(text, typed)) != NULL)
		return at[-1] == ' ' || at[-1] == '-' ? 3 : 2;
	for (at = text; *at != '\0' && *typed != '\0'; at++)
		if (strncasecmp(at, typed, 1) == 0)
			typed++;
	return *typed == '\0';
}

static void
add(struct app *a, const struct palette_row *row, int score)
{
	struct palette *p = &a->palette;
	size_t i = p->n;

	if (score == 0)
		return;
	if (p->n == PALETTE_MAX && p->score[p->n - 1] >= score)
		return;
	if (p->n == PALETTE_MAX)
		i--;
	else
		p->n++;
	/* Behind those that fit as well. */
	for (; i > 0 && p->score[i - 1] < score; i--) {
		p->row[i] = p->row[i - 1];
		p->score[i] = p->score[i - 1];
	}
	p->row[i] = *row;
	p->score[i] = score;
}

static void
add_people(struct app *a, const char *typed)
{
	for (size_t i = 0; i < a->m.n_chats; i++)
		if (a->m.chat[i]->phase != PHASE_RINGING)
			add(a,
			    &(const struct palette_row){ .kind = PALETTE_CHAT,
				.name = a->m.chat[i]->name },
			    fits(a->m.chat[i]->name.s, typed));
	for (size_t i = 0; i < a->m.n_people; i++)
		if (model_find_chat(&a->m, &a->m.people[i].name) == NULL &&
		    a->m.people[i].state != WIRE_OFFLINE)
			add(a,
			    &(const struct palette_row){ .kind = PALETTE_PERSON,
				.name = a->m.people[i].name },
			    fits(a->m.people[i].name.s, typed));
}

static void
add_commands(struct app *a, const char *typed)
{
	const struct keymap_action *k;
	const struct cmd_info *c;

	for (size_t i = 0; (c = cmd_at(i)) != NULL; i++) {
		const int by_name = fits(c->name, typed);
		const int by_help = fits(c->help, typed) > 1;

		add(a,
		    &(const struct palette_row){ .kind = PALETTE_COMMAND,
			.cmd = c },
		    by_name > by_help ? by_name : by_help);
	}
	for (size_t i = 0; (k = keymap_at(i)) != NULL; i++)
		if ((k->where & AT_CHAT) != 0 && k->help != NULL &&
		    k->command == NULL && k->action != ACT_CHAT_NUMBER &&
		    typed[0] != '\0' && fits(k->help, typed) > 1)
			add(a,
			    &(const struct palette_row){ .kind = PALETTE_KEY,
				.action = k },
			    1);
}

void
palette_fill(struct app *a)
{
	const char *typed = edit_text(a->filter);

	a->palette.n = 0;
	if (typed[0] != '/')
		add_people(a, typed);
	add_commands(a, typed + (typed[0] == '/'));
}

/* A command that wants words is typed, not run. */
static void
begin_command(struct app *a, const struct cmd_info *c)
{
	struct edit *e = a->m.current != NULL ? a->m.current->draft : a->filter;
	char line[64];

	(void)snprintf(line, sizeof(line), "/%s%s", c->name,
	    c->arg != NULL ? " " : "");
	if (c->arg == NULL) {
		(void)cmd_run(a, line);
		return;
	}
	if (e == a->filter)
		edit_set(e, line);
	else
		edit_all(e, line);
}

void
palette_enter(struct app *a)
{
	const struct palette *p = &a->palette;
	struct palette_row row;
	struct mchat *c;

	palette_fill(a);
	if (a->selected >= p->n)
		return;
	row = p->row[a->selected];
	app_go(a, AT_CHAT);
	switch (row.kind) {
	case PALETTE_CHAT:
		if ((c = model_find_chat(&a->m, &row.name)) != NULL)
			act_go(a, c);
		break;
	case PALETTE_PERSON:
		app_request(a, &row.name);
		break;
	case PALETTE_COMMAND:
		begin_command(a, row.cmd);
		break;
	case PALETTE_KEY:
		app_run_action(a, row.action->action, 0);
		break;
	}
}
