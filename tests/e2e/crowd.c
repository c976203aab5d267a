/* Many at once, and names of every length: engines in this process, the relay
 * outside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/world.h"

#define CROWD 50

struct crowd {
	struct world *w;
	struct drive *d[CROWD];
	char name[CROWD][20];
};

static int
setup(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->w = world_new();
	*state = c;
	return 0;
}

static int
teardown(void **state)
{
	struct crowd *c = *state;

	for (size_t i = 0; i < CROWD; i++)
		drive_free(c->d[i]);
	world_free(c->w);
	free(c);
	return 0;
}

/* Lengths 1 to 16, again and again, all different. */
static void
name_of(char out[20], size_t i)
{
	const size_t n = i % 16 + 1;
	char tail[8];

	memset(out, 'a', 16);
	out[n] = '\0';
	(void)snprintf(tail, sizeof(tail), "%zu", i);
	if (n == 1)
		out[0] = (char)('a' + i / 16);
	else if (n == 2)
		out[1] = (char)('a' + i / 16);
	else
		memcpy(out + n - strlen(tail), tail, strlen(tail));
}

/* [weakness] 50 connections at once, with names of every length. */
static void
test_fifty_at_once(void **state)
{
	struct crowd *c = *state;

	for (size_t i = 0; i < CROWD; i++) {
		char dir[32];
		const char *invite;

		name_of(c->name[i], i);
		(void)snprintf(dir, sizeof(dir), "crowd-%zu", i);
		invite = world_invite(c->w, dir);
		c->d[i] = drive_new(world_path(c->w, dir));
		drive_enrol(c->d[i], invite, c->name[i]);
	}
	for (size_t i = 0; i < CROWD; i++)
		drive_online(c->d[i]);
}

/* Everybody sees all the others, each by the whole name. */
static void
test_all_see_all(void **state)
{
	struct crowd *c = *state;
	struct drive *d = drive_new(world_path(c->w, "looker"));
	int seen[CROWD] = { 0 };
	size_t n = 0;

	drive_enrol(d, world_invite(c->w, "looker"), "looker");
	drive_online(d);
	while (n < CROWD) {
		struct msg *m = drive_peek(d, 5000);

		if (m == NULL) {
			fail_msg("only %zu of %d were seen", n, CROWD);
			return;
		}
		for (size_t k = 0;
		     m->head.type == EV_PRESENCE && k < m->n_people; k++)
			for (size_t i = 0; i < CROWD; i++)
				if (strcmp(m->people[k].name.s, c->name[i]) ==
					0 &&
				    !seen[i]++)
					n++;
		msg_free(m);
	}
	drive_free(d);
}

/* Chats across the crowd: the names arrive whole, whatever their length. */
static void
test_chats_of_every_length(void **state)
{
	struct crowd *c = *state;

	for (size_t i = 0; i < 16; i++) {
		struct drive *a = c->d[i], *b = c->d[i + 16];
		struct msg *m;
		uint32_t at_a, at_b;

		drive_name(a, CMD_REQUEST, c->name[i + 16]);
		m = drive_take(b, EV_RINGING);
		assert_string_equal(m->name.s, c->name[i]);
		at_b = m->chat;
		msg_free(m);
		drive_chat(b, CMD_ACCEPT, at_b);
		m = drive_take(a, EV_OPEN);
		assert_string_equal(m->name.s, c->name[i + 16]);
		at_a = m->chat;
		msg_free(m);
		(void)drive_say(a, at_a, "ping");
		m = drive_take(b, EV_TEXT);
		assert_string_equal(m->text, "ping");
		msg_free(m);
		drive_chat(a, CMD_LEAVE, at_a);
		drive_wait(b, EV_OVER);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifty_at_once),
		cmocka_unit_test(test_all_see_all),
		cmocka_unit_test(test_chats_of_every_length),
	};

	/* All engines of this process share one pool of threads: looking up a
	 * name must not wait behind the making of fifty keys. */
	(void)setenv("UV_THREADPOOL_SIZE", "128", 1);
	return cmocka_run_group_tests_name("crowd", tests, setup, teardown);
}
