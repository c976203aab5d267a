/* Comparing a safety number; see app.h. */
#include <string.h>

#include "base/secret.h"

#include "sotto/app.h"

int
verify_asks(const struct app *a, unsigned group)
{
	for (size_t i = 0; i < VERIFY_ASK; i++)
		if (a->ask[i] == group)
			return 1;
	return 0;
}

/*
 * Three, at random, of the six that their key makes: theirs is what we have to
 * know, ours they ask for, and so none is hidden on both screens.  A key that
 * is right in three groups costs 2^50 tries, and passes once in 20 times.
 */
static void
pick(struct app *a)
{
	uint8_t r;

	for (size_t i = 0; i < VERIFY_ASK; i++)
		a->ask[i] = SAFETY_GROUPS;
	for (size_t n = 0; n < VERIFY_ASK;) {
		unsigned g, at = 0;

		do /* 252 is 42 times 6: none is likelier than another */
			secret_random(&r, sizeof(r));
		while (r >= 252);
		g = a->block.of_b + r % (SAFETY_GROUPS / 2);
		if (verify_asks(a, g))
			continue;
		while (at < n && a->ask[at] < g)
			at++;
		memmove(a->ask + at + 1, a->ask + at,
		    (n - at) * sizeof(a->ask[0]));
		a->ask[at] = g;
		n++;
	}
}

void
verify_begin(struct app *a)
{
	edit_set(a->field[0], "");
	memset(&a->match, 0, sizeof(a->match));
	a->active = 0;
	a->show = SHOW_DIGITS;
	pick(a);
	app_go(a, AT_VERIFY);
}

int
verify_typed(const struct app *a, char out[VERIFY_ASK * 5 + 1])
{
	const char *s = edit_text(a->field[0]);
	int n = 0;

	for (; *s != '\0'; s++) {
		if (*s == ' ')
			continue;
		if (*s < '0' || *s > '9' || n == VERIFY_ASK * 5)
			return -1; /* the whole of it, or something else */
		out[n++] = *s;
	}
	out[n] = '\0';
	return n;
}

enum verify_group
verify_group(const struct app *a, size_t i)
{
	char typed[VERIFY_ASK * 5 + 1];
	const int n = verify_typed(a, typed);

	if (n < (int)(i + 1) * 5)
		return VERIFY_MISSING;
	return memcmp(typed + i * 5, a->block.group[a->ask[i]], 5) == 0
	    ? VERIFY_SAME
	    : VERIFY_OTHER;
}

void
verify_changed(struct app *a)
{
	size_t same = 0;

	safety_match_block(&a->match, span_str(edit_text(a->field[0])),
	    &a->block);
	for (size_t i = 0; i < VERIFY_ASK; i++)
		same += verify_group(a, i) == VERIFY_SAME;
	if (same == VERIFY_ASK)
		act_verified(a, HOW_GROUPS);
}

void
verify_enter(struct app *a)
{
	char typed[VERIFY_ASK * 5 + 1];

	if (a->show == SHOW_DIGITS && verify_typed(a, typed) < 0 &&
	    a->match.form != SAFETY_NONE && a->match.state == SAFETY_MATCHED)
		act_verified(a,
		    a->match.form == SAFETY_BY_WORDS ? HOW_WORDS : HOW_DIGITS);
}

void
verify_show(struct app *a)
{
	/* What is seen in full is not typed: it could be copied from here. */
	edit_set(a->field[0], "");
	memset(&a->match, 0, sizeof(a->match));
	a->show = a->show == SHOW_DIGITS ? SHOW_WORDS
	    : a->show == SHOW_WORDS      ? SHOW_QR
					 : SHOW_DIGITS;
}

void
verify_by_eye(struct app *a)
{
	if (a->show == SHOW_DIGITS)
		verify_show(a); /* all of it has to be read for that */
	else
		act_verified(a, HOW_EYE);
}
