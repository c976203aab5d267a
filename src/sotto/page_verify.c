/* Comparing a safety number, as it is shown; see present.h. */
#include <string.h>

#include "base/qr.h"

#include "sotto/present.h"

#define NARROW 60

static void
blank(struct frame *f)
{
	(void)add_line(f, UI_PLAIN, 0, NULL);
}

static char
letter(unsigned group)
{
	return (char)('a' + group);
}

/* Those that are asked for are hidden until they were typed. */
static int
is_hidden(const struct app *a, unsigned group)
{
	for (size_t i = 0; i < VERIFY_ASK; i++)
		if (a->ask[i] == group)
			return verify_group(a, i) != VERIFY_SAME;
	return 0;
}

static void
add_groups(struct frame *f, const struct app *a, int all)
{
	const unsigned wide = f->cols < NARROW ? 2 : 4;

	for (unsigned r = 0; r < SAFETY_GROUPS / wide; r++) {
		const char *row = "";

		for (unsigned i = r * wide; i < (r + 1) * wide; i++)
			row = say(f, "%s%c %s     ", row, letter(i),
			    !all && is_hidden(a, i) ? "....."
						    : a->block.group[i]);
		(void)add_fixed(f, UI_BOLD, f->cols < NARROW ? 2 : 8, row);
	}
}

static const char *
group_words(const struct app *a, size_t i)
{
	switch (verify_group(a, i)) {
	case VERIFY_SAME:
		return "same";
	case VERIFY_OTHER:
		return "DIFFERS";
	case VERIFY_MISSING:
		break;
	}
	return "";
}

/* "group c  [33058]  same    group g  [277__]    group k  [_____]" */
static void
add_boxes(struct frame *f, const struct app *a)
{
	char typed[VERIFY_ASK * 5 + 1];
	const int n = verify_typed(a, typed);
	const char *row = "";

	if (n < 0)
		return;
	memset(typed + n, '_', sizeof(typed) - 1 - (size_t)n);
	for (size_t i = 0; i < VERIFY_ASK; i++) {
		const char *one = say(f, "group %c  [%.5s]  %-7s   ",
		    letter(a->ask[i]), typed + 5 * i, group_words(a, i));

		if (f->cols < NARROW)
			(void)add_fixed(f, UI_BOLD, 2, one);
		else
			row = say(f, "%s%s", row, one);
	}
	if (f->cols >= NARROW)
		(void)add_fixed(f, UI_BOLD, 3, row);
}

/* What the whole of it, typed or pasted, is worth. */
static void
add_match(struct frame *f, const struct app *a)
{
	const struct safety_match *m = &a->match;
	const char *what = m->form == SAFETY_BY_WORDS ? "words" : "groups";

	if (m->form == SAFETY_NONE)
		(void)add_line(f, UI_DIM, 3,
		    "... these are no words or digits of a safety number");
	else if (m->state == SAFETY_PARTIAL)
		(void)add_line(f, UI_PLAIN, 3,
		    say(f, "... %u of %u %s, all match so far", m->good,
			m->total, what));
	else if (m->state == SAFETY_MATCHED)
		(void)add_line(f, UI_GOOD, 3,
		    say(f, "MATCHED all %u %s.  Enter marks %s as verified.",
			m->total, what, a->verify.s));
	else
		(void)add_line(f, UI_WARN, 3,
		    say(f,
			"DIFFERS at number %u: STOP. Somebody may be in "
			"between. Tell %s by phone; write nothing here.",
			m->bad, a->verify.s));
}

static void
add_stop(struct frame *f, const struct app *a)
{
	for (size_t i = 0; i < VERIFY_ASK; i++)
		if (verify_group(a, i) == VERIFY_OTHER) {
			(void)add_line(f, UI_WARN, 3,
			    say(f,
				"Group %c DIFFERS. Listen again; if it stays "
				"so: STOP. Somebody may be in between. sotto "
				"has sent nothing; write nothing here.",
				letter(a->ask[i])));
			return;
		}
}

static void
typed_page(struct frame *f, const struct app *a)
{
	const char *who = a->verify.s;
	char typed[VERIFY_ASK * 5 + 1];

	(void)add_line(f, UI_PLAIN, 1,
	    say(f, "%s%c, %c and %c are hidden here until you have typed them.",
		f->cols < NARROW ? "" : "Both screens are laid out alike. ",
		letter(a->ask[0]), letter(a->ask[1]), letter(a->ask[2])));
	blank(f);
	add_groups(f, a, 0);
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    say(f,
		"Ask %s to read you these three groups, and type what you "
		"hear:",
		who));
	add_field(f, a->field[0], "> ", 1);
	if (verify_typed(a, typed) < 0)
		add_match(f, a);
	add_boxes(f, a);
	add_stop(f, a);
	if (f->cols < NARROW) {
		add_foot(f, UI_PLAIN, "F6 all 12, QR code.  Esc leaves.");
		return;
	}
	add_foot(f, UI_PLAIN,
	    say(f,
		"%s is asked for three of %s; sotto picks, not you. When all "
		"three match, this becomes v VERIFIED, by typed groups.",
		who, a->block.of_b > 0 ? "a b c d e f" : "g h i j k l"));
	add_foot(f, UI_PLAIN,
	    "Or paste the whole number or the words that were sent to you some "
	    "other way.");
	add_foot(f, UI_PLAIN,
	    "F6   read all 12 aloud together, as digits and words; QR code");
	add_foot(f, UI_PLAIN, "Esc  leave; nothing is changed");
}

/* The 60 digits, as they can be pasted. */
static void
qr_page(struct frame *f, const struct app *a)
{
	char digits[SAFETY_GROUPS * 5 + 1] = "";
	struct qr q = { 0 };

	for (size_t i = 0; i < SAFETY_GROUPS; i++)
		memcpy(digits + i * 5, a->block.group[i], 5);
	if (qr_make(&q, digits, f->v.ascii) == SOTTO_OK)
		for (int i = 0; i < q.rows; i++)
			(void)add_fixed(f, UI_PLAIN, 2, say(f, "%s", q.row[i]));
	qr_free(&q);
	add_foot(f, UI_PLAIN,
	    say(f, "60 digits for %s's camera, to paste on this page there.",
		a->verify.s));
}

static void
aloud_page(struct frame *f, const struct app *a)
{
	(void)add_line(f, UI_PLAIN, 1,
	    say(f,
		"Read it aloud together, all of it, in turns. %s has it under "
		"F6, too.",
		a->verify.s));
	blank(f);
	add_groups(f, a, 1);
	blank(f);
	(void)add_line(f, UI_PLAIN, 1, "The same, as words:");
	add_block(f, &a->block, 1);
	add_foot(f, UI_PLAIN,
	    "F5   all of it is the same  (recorded as: by eye)");
	add_foot(f, UI_PLAIN, "F6   QR code; back to typing");
	add_foot(f, UI_PLAIN,
	    "Esc  leave, nothing is changed.  If anything differs: STOP. "
	    "Somebody may be in between; write nothing here.");
}

void
page_verify(struct frame *f, struct app *a)
{
	const struct contact_info *i = model_known(&a->m, &a->verify);

	f->v.page.title = say(f, "verify %s", a->verify.s);
	f->v.page.title_mid = trust_words(f, i);
	f->v.page.title_right = i == NULL
	    ? ""
	    : say(f, "key first seen %s", say_date(f, i->first_seen));
	if (a->show == SHOW_QR) {
		qr_page(f, a);
		return;
	}
	(void)add_line(f, UI_PLAIN, 1,
	    say(f, "Call %s or sit next to each other. %s", a->verify.s,
		f->cols < NARROW ? "Not in this chat."
				 : "Do not use this chat for it: who is in "
				   "between could change what you read here."));
	if (a->show == SHOW_DIGITS)
		typed_page(f, a);
	else
		aloud_page(f, a);
	if (a->error[0] != '\0')
		(void)add_line(f, UI_WARN, 3, a->error);
}
