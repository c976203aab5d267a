/* People who are away: what they are asked and told, and what the relay keeps. */
#include "tests/lib/away.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sotto/history.h"
#include "tests/lib/cm.h"

/* ---- people who are away ---- */

/* The question, and what is said with it, wait at the relay. */
static void
test_asked_while_away(void **state)
{
	char said[4096] = "";
	struct world *w = *state;
	struct drive *a = away_enrol(w, "anna"), *b = away_enrol(w, "ben");
	uint32_t at_a, at_b;
	uint64_t id;

	drive_free(b);
	at_a = away_ask(a, "ben");
	(void)drive_say(a, at_a, "one");
	id = drive_say(a, at_a, "two");
	away_becomes(a, id, SENT_AT_RELAY);
	drive_free(a);
	/* A relay that is killed has it all. */
	(void)world_relay_stop(w, SIGKILL);
	world_relay_start(w);
	b = away_unlock(w, "ben");
	at_b = away_chat_in(b, EV_RINGING);
	away_hears(b, "one");
	away_hears(b, "two");
	/* One of the hundred is gone, and cannot serve a second time. */
	away_wait(w, "SELECT count(*) FROM one WHERE user = 'ben'", 99);
	drive_chat(b, CMD_ACCEPT, at_b);
	drive_wait(b, EV_OPEN);
	(void)drive_say(b, at_b, "three");
	drive_free(b);
	/* Nobody was there together with the other one. */
	a = away_unlock(w, "anna");
	drive_wait(a, EV_OPEN);
	/* His answer and his receipt, in either order. */
	for (int got = 0; got != 3;) {
		struct msg *m = drive_peek(a, 60000);

		if (m == NULL) {
			char *log = world_relay_log(w);

			(void)fprintf(stderr, "anna was told:\n%s\n%s", said,
			    log);
			free(log);
			fail_msg("only %d of 3 came", got);
			return;
		}
		if (m->text != NULL)
			(void)snprintf(said + strlen(said),
			    sizeof(said) - strlen(said), "%d: %.200s\n",
			    m->head.type, m->text);
		if (m->head.type == EV_SENT && m->id == id &&
		    m->sent == SENT_DELIVERED)
			got |= 1;
		if (m->head.type == EV_TEXT && m->kind == HIST_THEIRS) {
			assert_string_equal(m->text, "three");
			got |= 2;
		}
		msg_free(m);
	}
	drive_free(a);
	away_wait(w, "SELECT count(*) FROM mail WHERE type <> 8", 0);
}

static void
test_refused_while_away(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol(w, "carla"), *b = away_enrol(w, "dirk");
	uint32_t at_b;
	struct msg *m;

	drive_free(b);
	(void)away_ask(a, "dirk");
	drive_free(a);
	b = away_unlock(w, "dirk");
	at_b = away_chat_in(b, EV_RINGING);
	drive_free(b);
	/* A question that was not answered is there again. */
	b = away_unlock(w, "dirk");
	do {
		m = drive_take(b, EV_CHAT);
		if (m->chat == at_b)
			break;
		msg_free(m);
	} while (1);
	assert_int_equal(m->phase, HIST_ASKS);
	msg_free(m);
	drive_online(b);
	drive_chat(b, CMD_REFUSE, at_b);
	drive_wait(b, EV_OVER);
	a = away_unlock(w, "carla");
	m = drive_take(a, EV_OVER);
	assert_int_equal(m->over, OVER_REFUSED);
	msg_free(m);
	drive_free(a);
	drive_free(b);
}

static void
test_taken_back_while_away(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol(w, "ella"), *b = away_enrol(w, "finn");
	uint32_t at_a;
	struct msg *m;

	drive_free(b);
	at_a = away_ask(a, "finn");
	drive_chat(a, CMD_CANCEL, at_a);
	drive_wait(a, EV_OVER);
	away_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'finn'", 2);
	drive_free(a);
	b = away_unlock(w, "finn");
	drive_wait(b, EV_RINGING);
	m = drive_take(b, EV_OVER);
	assert_int_equal(m->over, OVER_CANCELLED);
	msg_free(m);
	drive_free(b);
}

/* No one-time key is left: it works without, and is said nowhere else. */
static void
test_without_one_time_keys(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol(w, "gitte"), *b = away_enrol(w, "hans");
	uint32_t at_a;

	drive_free(b);
	(void)away_number(w, "DELETE FROM one WHERE user = 'hans'");
	at_a = away_ask(a, "hans");
	(void)drive_say(a, at_a, "without");
	b = away_unlock(w, "hans");
	away_hears(b, "without");
	/* He makes new ones as soon as he is told. */
	away_wait(w, "SELECT count(*) FROM one WHERE user = 'hans'", 100);
	drive_free(a);
	drive_free(b);
}

static void
test_nobody_of_that_name(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol(w, "ida");
	struct msg *m;

	drive_name(a, CMD_REQUEST, "nobody");
	m = drive_take(a, EV_OVER);
	assert_int_equal(m->over, OVER_NOT_HERE);
	msg_free(m);
	drive_free(a);
}

/* ---- bounds of the relay ---- */

static void
test_given_up_after_its_time(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol(w, "jens"), *b = away_enrol(w, "karl");
	uint32_t at_a, at_b;
	uint64_t id;

	away_open_chat(a, b, "karl", &at_a, &at_b);
	drive_free(b);
	id = drive_say(a, at_a, "never read");
	away_becomes(a, id, SENT_AT_RELAY);
	drive_free(a);
	away_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'karl'", 1);
	(void)away_number(w, "UPDATE mail SET at = at - 15 * 86400");
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	away_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'karl'", 0);
	a = away_unlock(w, "jens");
	away_becomes(a, id, SENT_FAILED);
	drive_free(a);
}

/* A full mailbox is said, and is no end: it goes out when there is room. */
static void
test_mailbox_is_full(void **state)
{
	struct world *w = *state;
	struct drive *a = away_enrol_with(w, "pia", 1000),
		     *b = away_enrol(w, "quinn");
	uint32_t at_a, at_b;
	char text[16];
	uint64_t id[6];
	struct msg *m;

	world_configure(w, "[limits]\nmailbox-messages = 3\n");
	away_open_chat(a, b, "quinn", &at_a, &at_b);
	drive_free(b);
	away_wait(w, "SELECT count(*) FROM mail WHERE receiver = 'quinn'", 0);
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	drive_online(a);
	for (int i = 0; i < 6; i++) {
		(void)snprintf(text, sizeof(text), "full %d", i);
		id[i] = drive_say(a, at_a, text);
	}
	away_becomes(a, id[2], SENT_AT_RELAY);
	do {
		m = drive_take(a, EV_SENT);
		if (m->id == id[3] && m->text != NULL)
			break;
		msg_free(m);
	} while (1);
	assert_int_equal(m->sent, SENT_WAITING);
	assert_non_null(strstr(m->text, "mailbox at the relay is full"));
	msg_free(m);
	b = away_unlock(w, "quinn");
	for (int i = 0; i < 6; i++) {
		(void)snprintf(text, sizeof(text), "full %d", i);
		away_hears(b, text);
	}
	away_becomes(a, id[5], SENT_DELIVERED);
	drive_free(a);
	drive_free(b);
	world_configure(w, NULL);
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_while_away),
		cmocka_unit_test(test_refused_while_away),
		cmocka_unit_test(test_taken_back_while_away),
		cmocka_unit_test(test_without_one_time_keys),
		cmocka_unit_test(test_nobody_of_that_name),
		cmocka_unit_test(test_given_up_after_its_time),
		cmocka_unit_test(test_mailbox_is_full),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("away", tests, world_setup,
	    world_teardown);
}
