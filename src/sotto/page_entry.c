/* Getting in: address, is this your server, name, passphrase; and the stop
 * when the server is another one.  See present.h, screens 1 and 10. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/qr.h"

#include "sotto/present.h"

#define QUIT "Ctrl-Q quit"

static void
title(struct frame *f, const char *what, const char *mid)
{
	f->v.page.title = what;
	f->v.page.title_mid = mid;
	f->v.page.title_right = QUIT;
}

static void
blank(struct frame *f)
{
	(void)add_line(f, UI_PLAIN, 0, NULL);
}

static void
error_line(struct frame *f, const struct app *a)
{
	if (a->error[0] == '\0')
		return;
	blank(f);
	(void)add_line(f, UI_WARN, 1, a->error);
}

/* ---- step 1 ---- */

static void
page_address(struct frame *f, const struct app *a)
{
	title(f, "sotto  first run", "step 1 of 4: which relay?");
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "sotto talks to people through a relay that you or a friend runs. "
	    "It passes on what it cannot read.");
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "Paste the invite line that you were given (sotto:...), or type "
	    "an address, such as relay.home.example or 192.0.2.7:7443.");
	blank(f);
	add_field(f, a->field[0], "> ", 1);
	error_line(f, a);
	add_foot(f, UI_PLAIN,
	    "An invite line carries the relay's fingerprint, so that sotto "
	    "can compare it for you.");
	add_foot(f, UI_DIM, "Nothing has been sent to anybody yet.");
}

/* ---- step 2 ---- */

static void
match_line(struct frame *f, const struct app *a, const char *go_on)
{
	const struct safety_match *m = &a->match;
	const char *what = m->form == SAFETY_BASE32 ? "characters"
	    : m->form == SAFETY_BY_WORDS            ? "words"
						    : "groups";
	const char *one = m->form == SAFETY_BASE32 ? "character"
	    : m->form == SAFETY_BY_WORDS           ? "word"
						   : "group";
	const int own = edit_len(a->field[0]) == 0;

	if (m->form == SAFETY_NONE) {
		(void)add_line(f, UI_DIM, 3,
		    own ? (a->where == AT_CHANGED
				  ? "the whole sotto: line"
				  : "a sotto: line, the 12 words, or the 12 "
				    "groups")
			: "... this is not a sotto: line, words or digits "
			  "yet");
		return;
	}
	switch (m->state) {
	case SAFETY_PARTIAL:
		(void)add_line(f, UI_PLAIN, 3,
		    say(f, "... %u of %u %s, all match so far", m->good,
			m->total, what));
		break;
	case SAFETY_MATCHED:
		(void)add_line(f, UI_GOOD, 3,
		    say(f, "MATCHED %s.  Enter %s.",
			own ? "the key in your line" : "all of it", go_on));
		break;
	case SAFETY_DIFFERS:
		(void)add_line(f, UI_WARN, 3,
		    own ? "DIFFERS from the key in your line: this is not the "
			  "server that it is for. Ask your admin."
			: say(f,
			      "DIFFERS at %s %u: this is not the key that you "
			      "were given. Ask your admin.",
			      one, m->bad));
		break;
	}
}

static void
add_art(struct frame *f, const struct hash *fp)
{
	char art[SAFETY_ART_ROWS][SAFETY_ART_COLS + 1];

	safety_art(art, fp, "RSA", "SHA256");
	for (size_t i = 0; i < SAFETY_ART_ROWS; i++)
		(void)add_fixed(f, UI_PLAIN, 6, say(f, "%s", art[i]));
}

/* The 52 digits in capitals, so that the code stays small. */
static void
add_qr(struct frame *f, const struct hash *fp)
{
	char line[SAFETY_LINE_LEN + 1], text[SAFETY_LINE_LEN + 1];
	struct qr q = { 0 };
	size_t n = 0;

	safety_line(line, fp);
	for (const char *p = line; *p != '\0'; p++)
		if (*p != '-')
			text[n++] = (char)toupper((unsigned char)*p);
	text[n] = '\0';
	if (qr_make(&q, text, f->v.ascii) == SOTTO_OK)
		for (int i = 0; i < q.rows; i++)
			(void)add_fixed(f, UI_PLAIN, 2, say(f, "%s", q.row[i]));
	qr_free(&q);
}

/* The key that the server shows, in the form that F6 has chosen. */
static void
add_key(struct frame *f, const struct app *a, const struct hash *fp)
{
	char b64[SAFETY_BASE64_LEN + 1];
	struct safety_block b;

	safety_of_key(&b, fp);
	switch (a->show) {
	case SHOW_WORDS:
	case SHOW_FORMS:
		add_block(f, &b, 1);
		break;
	case SHOW_DIGITS:
		add_block(f, &b, 0);
		safety_base64(b64, fp);
		(void)add_fixed(f, UI_DIM, 6, say(f, "%s", b64));
		break;
	case SHOW_ART:
		add_art(f, fp);
		break;
	case SHOW_QR:
		add_qr(f, fp);
		break;
	}
}

static const char *
address_of(struct frame *f, const struct app *a)
{
	return say(f, "%s : %u", a->invite.host, (unsigned)a->invite.port);
}

static void
prompt_foot(struct frame *f, const struct app *a)
{
	if (a->show == SHOW_QR)
		return; /* the picture needs the room */
	add_foot(f, UI_PLAIN,
	    "F5   the words are the same, I read them both side by side");
	add_foot(f, UI_PLAIN,
	    "F6   show it as words, digits, picture, QR code");
	add_foot(f, UI_PLAIN,
	    "F7   nobody can tell me: connect, marked 'server not checked'");
	add_foot(f, UI_PLAIN,
	    "Esc  back to the address.  Nothing has been sent to this server "
	    "yet.");
	if (a->match.state != SAFETY_MATCHED || a->match.form == SAFETY_NONE)
		add_foot(f, UI_DIM,
		    "Enter does nothing here until what you paste matches.");
}

static void
page_prompt(struct frame *f, const struct app *a)
{
	const int small = a->show == SHOW_ART || a->show == SHOW_QR;

	title(f, "sotto  first run", "step 2 of 4: is this your server?");
	if (!small) {
		blank(f);
		add_label(f, "You asked for", address_of(f, a));
		add_label(f, "This computer",
		    "never talked to it before, so nothing can vouch for it "
		    "yet.");
		blank(f);
		(void)add_line(f, UI_PLAIN, 1,
		    "It shows this key.  'sottod fingerprint' on the server "
		    "prints the same block:");
		blank(f);
	}
	add_key(f, a, &a->server_key);
	if (a->show != SHOW_ART)
		blank(f);
	if (!small) {
		(void)add_line(f, UI_PLAIN, 1,
		    "Paste what your admin gave you (a sotto: line, the "
		    "words, or the digits). sotto compares it for you:");
		blank(f);
	}
	add_field(f, a->field[0], "> ", 1);
	match_line(f, a, "goes on");
	if (a->error[0] != '\0' && !small)
		(void)add_line(f, UI_WARN, 3, a->error);
	prompt_foot(f, a);
}

/* ---- step 3 ---- */

static const char *
pin_words(enum ident_pin p)
{
	switch (p) {
	case PIN_LINE:
		return "matched: your line has its key";
	case PIN_WORDS:
		return "matched: your words are its key";
	case PIN_DIGITS:
		return "matched: your digits are its key";
	case PIN_EYE:
		return "compared by you, by eye";
	case PIN_UNCHECKED:
		return "NOT CHECKED: anybody could be answering";
	}
	return "";
}

static void
page_name(struct frame *f, const struct app *a)
{
	title(f, "sotto  first run", "step 3 of 4: your name and passphrase");
	blank(f);
	add_label(f, "Relay", address_of(f, a));
	add_label(f, "Its key", pin_words(a->pin_how));
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "Others on this relay see your name. 1 to 16 of a-z 0-9 . _ -");
	add_field(f, a->field[0], "name        > ", a->active == 0);
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "The passphrase locks your key on this computer. It is never "
	    "sent, and nobody can restore it.");
	add_field(f, a->field[1], "passphrase  > ", a->active == 1);
	add_field(f, a->field[2], "once more   > ", a->active == 2);
	if (!a->has_invite) {
		blank(f);
		(void)add_line(f, UI_PLAIN, 1,
		    "The invite line of your admin ('sottod invite' makes "
		    "one):");
		add_field(f, a->field[3], "invite      > ", a->active == 3);
	}
	error_line(f, a);
	add_foot(f, UI_PLAIN,
	    "Enter in the last field makes your key: RSA, 3072 bits, a "
	    "second or two.");
	add_foot(f, UI_DIM, "Esc goes back; nothing has been sent yet.");
}

/* ---- what takes its time ---- */

static const char *
step_words(enum entry_step s)
{
	switch (s) {
	case STEP_CONNECTING:
		return "connecting to the relay";
	case STEP_MAKING_KEY:
		return "making your key";
	case STEP_SEALING:
		return "locking it with your passphrase";
	case STEP_OPENING:
		return "opening your key with the passphrase";
	case STEP_ENROLLING:
		return "asking the relay for your certificate";
	case STEP_LOGGING_IN:
		return "logging in";
	}
	return "";
}

/* A relay that is busy is asked again. */
static void
waiting_line(struct frame *f, const struct app *a)
{
	const uint64_t now = app_now_ms(), at = a->m.retry_at_ms;

	if (a->m.link == LINK_WAITING)
		(void)add_line(f, UI_WARN, 1,
		    say(f, "%s Asking again in %llu s.", a->m.link_text,
			(unsigned long long)((at > now ? at - now : 0) + 999) /
			    1000));
}

static void
page_busy(struct frame *f, struct app *a)
{
	static const enum entry_step order[] = { STEP_MAKING_KEY, STEP_SEALING,
		STEP_ENROLLING };
	const int enrolling = a->step != STEP_CONNECTING;
	int past = 1;

	title(f, "sotto  first run",
	    enrolling ? "step 4 of 4: getting you in" : "step 1 of 4");
	blank(f);
	add_label(f, "Relay", address_of(f, a));
	blank(f);
	if (!enrolling) {
		(void)add_line(f, UI_PLAIN, 1,
		    say(f, "... %s  %s", step_words(a->step),
			say_mark(f, a, a->step_ms)));
		add_foot(f, UI_DIM,
		    "Esc gives up. Nothing has been sent about you.");
		return;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const int now = a->step == order[i];

		if (now)
			past = 0;
		(void)add_line(f,
		    past      ? UI_GOOD
			: now ? UI_BOLD
			      : UI_DIM,
		    1,
		    say(f, "%s %s  %s",
			past      ? "[x]"
			    : now ? "[.]"
				  : "[ ]",
			step_words(order[i]),
			now ? say_mark(f, a, a->step_ms) : ""));
	}
	waiting_line(f, a);
	add_foot(f, UI_DIM,
	    "Esc gives up; a key that is on disk by then stays, locked, and "
	    "the next start goes on from there.");
}

/* ---- the next start ---- */

static void
page_unlock(struct frame *f, struct app *a)
{
	title(f, "sotto  locked", say(f, "profile %s", a->conf->profile));
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "The passphrase of your key. It opens what is on this computer, "
	    "and is never sent.");
	blank(f);
	add_field(f, a->field[1], "passphrase  > ", 1);
	blank(f);
	if (a->probing)
		(void)add_line(f, UI_BOLD, 3,
		    say(f, "... %s  %s", step_words(a->step),
			say_mark(f, a, a->step_ms)));
	if (a->probing)
		waiting_line(f, a);
	else if (a->error[0] != '\0')
		(void)add_line(f, UI_WARN, 1, a->error);
	add_foot(f, UI_DIM,
	    a->probing ? "Esc gives up and asks again."
		       : "There is no other way in: who forgets it needs a "
			 "new invite and gets a new key.");
}

/* ---- not the server you knew ---- */

static const char *
first_words(struct frame *f, const struct hash *fp)
{
	const char *s = "";
	struct safety_block b;

	safety_of_key(&b, fp);
	for (size_t i = 0; i < SAFETY_WORDS; i++)
		s = say(f, "%s%s%s", s, i > 0 ? " " : "", b.word[i]);
	return s;
}

static void
page_changed(struct frame *f, struct app *a)
{
	title(f, "sotto  STOPPED", "this is not the server you knew");
	blank(f);
	(void)add_line(f, UI_WARN, 1,
	    say(f,
		"%s : %u answered with a different key than the one you know. "
		"sotto has closed the connection and sent nothing.",
		a->m.host, (unsigned)a->m.port));
	blank(f);
	if (a->show == SHOW_WORDS) {
		add_label(f, "you knew", first_words(f, &a->old_key));
		add_label(f, "now", first_words(f, &a->server_key));
	} else {
		(void)add_line(f, UI_DIM, 1, "it shows now:");
		add_key(f, a, &a->server_key);
	}
	blank(f);
	(void)add_line(f, UI_PLAIN, 1,
	    "This happens when your admin made a new key or moved the server. "
	    "It also happens when somebody sits between you and the server.");
	blank(f);
	if (a->want_pass) {
		(void)add_line(f, UI_GOOD, 1,
		    "MATCHED. Your passphrase puts the new key in the place "
		    "of the old one:");
		add_field(f, a->field[1], "passphrase  > ", 1);
		if (a->probing)
			(void)add_line(f, UI_BOLD, 3,
			    say_mark(f, a, a->step_ms));
	} else {
		(void)add_line(f, UI_PLAIN, 1,
		    "Ask your admin, by phone or in person, for the new "
		    "sotto: line. Then paste it:");
		add_field(f, a->field[0], "> ", 1);
		match_line(f, a, "goes on");
	}
	if (a->error[0] != '\0')
		(void)add_line(f, UI_WARN, 1, a->error);
	add_foot(f, UI_PLAIN,
	    "There is no key here that goes on without that line. What you "
	    "wrote is kept.");
	add_foot(f, UI_DIM,
	    a->m.me.s[0] != '\0'
		? "Esc back to your chats, offline    F6 other forms"
		: "F6 shows the key in other forms");
}

void
page_wizard(struct frame *f, struct app *a)
{
	const enum ui_where at =
	    a->where == AT_HELP || a->where == AT_QUIT ? a->below : a->where;

	if (at == AT_ADDRESS)
		page_address(f, a);
	else if (at == AT_PROMPT)
		page_prompt(f, a);
	else if (at == AT_NAME)
		page_name(f, a);
	else if (at == AT_BUSY)
		page_busy(f, a);
	else if (at == AT_UNLOCK)
		page_unlock(f, a);
	else if (at == AT_CHANGED)
		page_changed(f, a);
}
