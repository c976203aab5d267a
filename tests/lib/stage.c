#include "tests/lib/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "ui/render.h"

void
stage_fill(struct app *a)
{
	static const char *const names[] = { "bob", "chiara",
		"a-name-of-16-chr", "d" };
	struct contact_info known = { .trust = TRUST_VERIFIED,
		.how = HOW_DIGITS };
	struct name n;

	for (size_t i = 0; i < 4; i++) {
		struct mchat *c;

		assert_int_equal(name_parse(&n, span_str(names[i])), SOTTO_OK);
		c = model_chat(&a->m, &n);
		assert_non_null(c);
		c->number = (uint32_t)i + 1;
		c->phase = i == 3 ? PHASE_RINGING : PHASE_OPEN;
		c->suite = SUITE_AES256_GCM;
		c->trust = TRUST_FIRST;
		known.trust = i == 1 ? TRUST_CHANGED : TRUST_VERIFIED;
		model_set_known(&a->m, &n, &known);
		model_set_person(&a->m, &n, WIRE_ONLINE);
		for (int k = 0; k < 30; k++) {
			struct line *l = model_add_line(&a->m, c,
			    k % 2 ? LINE_MINE : LINE_THEIRS, 1000000000ULL,
			    "some words, and \xe6\x97\xa5\xe6\x9c\xac and \xf0"
			    "\x9f\x98\x80 and anextremelylongwordthatfillsmore"
			    "thanonelineofanyscreenthatisnarrow");

			assert_non_null(l);
			l->state = (enum sent_state)(k / 2 % 5);
		}
	}
	assert_int_equal(name_parse(&n, span_str("bob")), SOTTO_OK);
	model_go(&a->m, model_find_chat(&a->m, &n));
	model_note(&a->m, a->m.current, LINE_WARN, 1000000000ULL, "a warning");
	model_note(&a->m, a->m.current, LINE_GAP, 1000000000ULL, "a gap");
}

int
stage_up(void **state)
{
	static const enum edit_kind kinds[APP_FIELDS] = { EDIT_LINE,
		EDIT_MASKED, EDIT_MASKED, EDIT_LINE };
	struct stage *s = calloc(1, sizeof(*s));

	s->a = calloc(1, sizeof(*s->a));
	s->f = calloc(1, sizeof(*s->f));
	s->a->conf = &s->conf;
	(void)sotto_conf_default(&s->conf);
	assert_null(sotto_conf_keys(&s->conf, s->conf.err));
	for (size_t i = 0; i < APP_FIELDS; i++)
		s->a->field[i] = edit_new(kinds[i], 2048);
	s->a->filter = edit_new(EDIT_LINE, 64);
	(void)snprintf(s->a->m.relay, sizeof(s->a->m.relay), "relay.example");
	(void)snprintf(s->a->m.host, sizeof(s->a->m.host), "relay.example");
	(void)snprintf(s->a->m.me.s, sizeof(s->a->m.me.s), "alice");
	s->a->m.link = LINK_ONLINE;
	s->a->m.pin_how = PIN_UNCHECKED;
	s->a->below = AT_CHAT;
	s->a->has_block = 1;
	(void)snprintf(s->a->verify.s, sizeof(s->a->verify.s), "bob");
	s->a->ask[0] = 2;
	s->a->ask[1] = 6;
	s->a->ask[2] = 10;
	safety_of_key(&s->a->block, &s->a->server_key);
	*state = s;
	return 0;
}

int
stage_down(void **state)
{
	struct stage *s = *state;

	frame_free(s->f);
	for (size_t i = 0; i < APP_FIELDS; i++)
		edit_free(s->a->field[i]);
	edit_free(s->a->filter);
	model_free(&s->a->m);
	sotto_conf_free(&s->conf);
	free(s->a);
	free(s->f);
	free(s);
	return 0;
}

char *
stage_draw(struct stage *s, int w, int h)
{
	struct canvas c = { 0 };
	char *dump;

	assert_int_equal(canvas_size(&c, w, h), SOTTO_OK);
	present(s->f, s->a, w, h);
	render(&c, &s->f->v);
	/* The cursor is on the screen, or hidden. */
	assert_true(
	    c.cur_y < h && (c.cur_y < 0 || (c.cur_x >= 0 && c.cur_x < w)));
	dump = canvas_dump(&c);
	canvas_free(&c);
	return dump;
}

/* ---- a story, for goldens and pictures ---- */

static struct mchat *
chat_with(struct app *a, const char *name, enum chat_phase phase,
    enum trust trust)
{
	struct contact_info i = { .trust = trust,
		.how = HOW_GROUPS,
		.first_seen = 1735900000,
		.verified_at = 1736500000,
		.changed_at = 1748957000 };
	struct mchat *c;
	struct name n;

	assert_int_equal(name_parse(&n, span_str(name)), SOTTO_OK);
	c = model_chat(&a->m, &n);
	assert_non_null(c);
	c->number = (uint32_t)a->m.n_chats;
	c->phase = phase;
	c->suite = SUITE_AES256_GCM;
	c->trust = TRUST_UNKNOWN;
	if (trust != TRUST_UNKNOWN)
		model_set_known(&a->m, &n, &i);
	return c;
}

static void
said(struct app *a, struct mchat *c, enum line_kind k, unsigned minute,
    const char *text, enum sent_state state)
{
	struct line *l = model_add_line(&a->m, c, k,
	    1748958000000ULL + minute * 60000ULL, text);

	assert_non_null(l);
	l->id = minute + 1;
	l->state = state;
}

static void
here(struct app *a, const char *name, enum wire_state s)
{
	struct name n;

	assert_int_equal(name_parse(&n, span_str(name)), SOTTO_OK);
	model_set_person(&a->m, &n, s);
}

void
stage_story(struct app *a)
{
	struct mchat *bob = chat_with(a, "bob", PHASE_OPEN, TRUST_VERIFIED);
	struct mchat *c;

	c = chat_with(a, "chiara", PHASE_OPEN, TRUST_VERIFIED);
	said(a, c, LINE_THEIRS, 1, "see you on Thursday", SENT_WAITING);
	c = chat_with(a, "dmitri", PHASE_OPEN, TRUST_FIRST);
	said(a, c, LINE_THEIRS, 2, "are you there?", SENT_WAITING);
	(void)chat_with(a, "frances", PHASE_OPEN, TRUST_CHANGED);
	(void)chat_with(a, "gia", PHASE_RINGING, TRUST_UNKNOWN);
	here(a, "bob", WIRE_ONLINE);
	here(a, "chiara", WIRE_BUSY);
	here(a, "frances", WIRE_ONLINE);
	here(a, "hugo", WIRE_ONLINE);
	here(a, "ines", WIRE_ONLINE);
	here(a, "jonas", WIRE_ONLINE);
	model_go(&a->m, bob);
	said(a, bob, LINE_THEIRS, 0, "did the new relay come up?",
	    SENT_WAITING);
	said(a, bob, LINE_MINE, 1,
	    "yes - moved it to the box in the attic \xf0\x9f\x8e\x89",
	    SENT_READ);
	said(a, bob, LINE_THEIRS, 2, "nice. logs look quiet, too",
	    SENT_WAITING);
	said(a, bob, LINE_MINE, 3,
	    "I made its certificate anew, you will see nothing of it",
	    SENT_READ);
	said(a, bob, LINE_GAP, 11, "you were offline 13:50 - 14:01, 2 late",
	    SENT_WAITING);
	said(a, bob, LINE_THEIRS, 12,
	    "the plan is at https://relay.home.example/plan", SENT_WAITING);
	said(a, bob, LINE_THEIRS, 26, "when do you want to do the upgrade?",
	    SENT_WAITING);
	said(a, bob, LINE_MINE, 27, "tonight after eight", SENT_DELIVERED);
	said(a, bob, LINE_MINE, 28, "and I bring cake", SENT_AT_RELAY);
	(void)edit_insert(bob->draft, "do you like ", 12);
}
