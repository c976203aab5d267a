/*
 * The weaknesses that forerunners of sotto had, one test each, by number and
 * name; sotto-design(7), WEAKNESSES, lists them.  Where other tests go deeper,
 * a comment names them.  Those that need no relay are in weaknesses_keys.c.
 */
#include <sys/wait.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/hs_msg.h"
#include "net/frame.h"
#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/login.h"
#include "tests/lib/sock.h"
#include "tests/lib/world.h"

struct all {
	struct fixture *f;
	struct world *w;
	struct drive *alice, *bob;
};

static int
setup(void **state)
{
	struct all *a = calloc(1, sizeof(*a));

	assert_non_null(a);
	a->f = fix_new();
	a->w = world_new();
	a->alice = drive_new(world_path(a->w, "alice"));
	a->bob = drive_new(world_path(a->w, "bob"));
	drive_enrol(a->alice, world_invite(a->w, "alice"), "alice");
	drive_enrol(a->bob, world_invite(a->w, "bob"), "bob");
	drive_online(a->alice);
	drive_online(a->bob);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	struct all *a = *state;

	drive_free(a->alice);
	drive_free(a->bob);
	world_free(a->w);
	fix_free(a->f);
	free(a);
	return 0;
}

/* from asks to; both numbers of the open chat. */
static void
open_chat(struct drive *from, struct drive *to, const char *name,
    uint32_t *at_from, uint32_t *at_to)
{
	struct msg *m;

	drive_name(from, CMD_REQUEST, name);
	m = drive_take(to, EV_RINGING);
	*at_to = m->chat;
	msg_free(m);
	drive_chat(to, CMD_ACCEPT, *at_to);
	m = drive_take(from, EV_OPEN);
	*at_from = m->chat;
	msg_free(m);
	drive_wait(to, EV_OPEN);
}

/* The next text that to gets is that one. */
static void
wait_text(struct drive *to, const char *text)
{
	struct msg *m = drive_take(to, EV_TEXT);

	assert_string_equal(m->text, text);
	msg_free(m);
}

static void
end_chat(struct drive *from, uint32_t at_from, struct drive *to)
{
	drive_chat(from, CMD_LEAVE, at_from);
	drive_wait(to, EV_OVER);
	drive_wait(from, EV_OVER);
}

/* The relay's owner gives bob's name to somebody else's key. */
static void
test_weakness_3_relay_swaps_keys_and_nobody_sees_it(void **state)
{
	struct all *a = *state;
	struct safety_block before, after;
	sqlite3 *db = NULL;
	struct drive *evil;
	uint32_t x, y;
	struct msg *m;

	open_chat(a->alice, a->bob, "bob", &x, &y);
	drive_name(a->alice, CMD_SAFETY, "bob");
	m = drive_take(a->alice, EV_SAFETY);
	before = m->block;
	msg_free(m);
	drive_free(a->bob);
	(void)world_relay_stop(a->w, SIGTERM);
	assert_int_equal(sqlite3_open(world_path(a->w, "relay/sottod.db"), &db),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM user WHERE name = 'bob'",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	world_relay_start(a->w);
	drive_online(a->alice);
	evil = drive_new(world_path(a->w, "evil-bob"));
	drive_enrol(evil, world_invite(a->w, "evil-bob"), "bob");
	drive_online(evil);
	/* He asks her: she sees that the key is another one. */
	drive_name(evil, CMD_REQUEST, "alice");
	m = drive_take(a->alice, EV_RINGING);
	assert_int_equal(m->trust, TRUST_CHANGED);
	x = m->chat;
	msg_free(m);
	drive_chat(a->alice, CMD_REFUSE, x);
	drive_wait(evil, EV_OVER);
	/* She asks him: nothing is opened, nothing is sent. */
	drive_name(a->alice, CMD_REQUEST, "bob");
	m = drive_take(evil, EV_RINGING);
	y = m->chat;
	msg_free(m);
	drive_chat(evil, CMD_ACCEPT, y);
	m = drive_take(a->alice, EV_OVER);
	while (m->over != OVER_KEY_CHANGED) {
		msg_free(m);
		m = drive_take(a->alice, EV_OVER);
	}
	msg_free(m);
	/* And their safety numbers are not what they were. */
	drive_name(evil, CMD_SAFETY, "alice");
	m = drive_take(evil, EV_SAFETY);
	after = m->block;
	msg_free(m);
	assert_memory_not_equal(before.group, after.group,
	    sizeof(before.group));
	drive_free(evil);
	a->bob = drive_new(world_path(a->w, "bob2"));
	drive_enrol(a->bob, world_invite(a->w, "bob2"), "bobby");
	drive_online(a->bob);
}

/* ---- a wire that hands on one byte at a time ---- */

/* Byte by byte for a while, then joined in lumps, turn by turn. */
static int
hand_on(int from, int to, size_t *turn)
{
	uint8_t b[4096];
	const int joined = (*turn)++ % 400 >= 300;
	ssize_t n = read(from, b, joined ? sizeof(b) : 1);

	if (n <= 0)
		return 0;
	return write(to, b, (size_t)n) == n;
}

static pid_t
slow_wire(uint16_t to, uint16_t *port)
{
	int fd = sock_listen(port);
	pid_t pid = fork();
	size_t turn = 0;

	if (pid != 0) {
		(void)close(fd);
		return pid;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	for (;;) {
		int in = accept(fd, NULL, NULL), out = sock_dial(to), on = 1;

		(void)setsockopt(in, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		for (;;) {
			struct pollfd p[] = { { in, POLLIN, 0 },
				{ out, POLLIN, 0 } };

			(void)poll(p, 2, -1);
			if (p[0].revents != 0 && !hand_on(in, out, &turn))
				break;
			if (p[1].revents != 0 && !hand_on(out, in, &turn))
				break;
		}
		(void)close(in);
		(void)close(out);
	}
}

static void
test_weakness_5_no_framing(void **state)
{
	struct all *a = *state;
	struct drive *d = drive_new(world_path(a->w, "slow"));
	char *line, moved[512], text[32], *rest;
	uint32_t x, y;
	uint16_t port;
	pid_t wire = slow_wire(a->w->port, &port);
	const char *file = world_invite(a->w, "slow");
	FILE *f;

	/* The same invite, at the address of the wire. */
	line = world_read(file);
	rest = strchr(line, '/');
	assert_non_null(rest);
	(void)snprintf(moved, sizeof(moved), "sotto:localhost:%u%s",
	    (unsigned)port, rest);
	f = fopen(file, "w");
	assert_non_null(f);
	(void)fputs(moved, f);
	(void)fclose(f);
	free(line);
	drive_enrol(d, file, "slow");
	drive_online(d);
	open_chat(d, a->bob, "bobby", &x, &y);
	/* Twenty lines at once arrive as twenty, in order. */
	for (uint64_t i = 1; i <= 20; i++) {
		(void)snprintf(text, sizeof(text), "line %d", (int)i);
		(void)drive_say(d, x, text);
	}
	for (int i = 1; i <= 20; i++) {
		struct msg *m = drive_take(a->bob, EV_TEXT);

		(void)snprintf(text, sizeof(text), "line %d", i);
		assert_string_equal(m->text, text);
		msg_free(m);
	}
	end_chat(d, x, a->bob);
	drive_free(d);
	(void)kill(wire, SIGKILL);
	(void)waitpid(wire, NULL, 0);
}

static void
test_weakness_6_overflow_by_a_long_name(void **state)
{
	struct all *a = *state;
	uint8_t wire[256];
	struct drive *d;
	struct name n;
	int fd;

	/* Every length byte there is. */
	memset(wire, 'a', sizeof(wire));
	for (int len = 0; len < 256; len++) {
		struct rd r;

		wire[0] = (uint8_t)len;
		rd_init(&r, (struct span){ wire, NAME_WIRE_LEN });
		rd_name(&r, &n);
		assert_int_equal(rd_end(&r) == SOTTO_OK, len == 16);
	}
	/* A frame that says that it is as long as can be: refused by its head,
	 * and the relay serves on. */
	fd = sock_dial(a->w->port);
	assert_true(fd >= 0);
	memset(wire, 0xff, sizeof(wire));
	wire[0] = HS_TYPE_M1;
	assert_int_equal(write(fd, wire, sizeof(wire)), sizeof(wire));
	while (read(fd, wire, sizeof(wire)) > 0)
		;
	(void)close(fd);
	d = drive_new(world_path(a->w, "six"));
	drive_probe(d, "localhost", a->w->port);
	drive_wait(d, EV_SERVER_KEY);
	drive_free(d);
}

/* What 26 strangers get: one and the same one-time key, made before. */
static void
test_weakness_7_key_generation_for_each_stranger(void **state)
{
	struct all *a = *state;
	uint64_t epoch = 0;

	for (int i = 0; i < 26; i++) {
		struct hs_client_conf cc = { .probe = 1, .host = "localhost" };
		uint8_t m1[HS_FRAME_MAX], in[HS_FRAME_MAX];
		struct hs_client *c;
		struct span f;
		struct hs_m2 m2;
		struct wr w;
		size_t n = 0;
		int fd = sock_dial(a->w->port);

		assert_true(fd >= 0);
		suite_default(&cc.suites, 0);
		wr_init(&w, m1, sizeof(m1));
		c = hs_client_new(&cc, &a->f->g, NULL, &w);
		assert_int_equal(write(fd, m1, w.n), w.n);
		while (frame_next(&f, FRAME_HANDSHAKE,
			   (struct span){ in, n }) == SOTTO_EAGAIN) {
			ssize_t k = read(fd, in + n, sizeof(in) - n);

			assert_true(k > 0);
			n += (size_t)k;
		}
		if (in[0] == HS_TYPE_M1R) { /* too many: a puzzle, no key */
			assert_true(i > 0);
		} else {
			assert_int_equal(hs_m2_read(&m2, f), SOTTO_OK);
			assert_true(i == 0 || m2.epoch_id == epoch);
			epoch = m2.epoch_id;
		}
		hs_client_free(c);
		(void)close(fd);
	}
}

static void
test_weakness_12_another_fingerprint_at_each_connection(void **state)
{
	struct all *a = *state;
	struct drive *d = drive_new(world_path(a->w, "prober"));
	struct hash first = { { 0 } };

	for (int i = 0; i < 5; i++) {
		struct msg *m;

		drive_probe(d, "localhost", a->w->port);
		m = drive_take(d, EV_SERVER_KEY);
		if (i > 0)
			assert_memory_equal(m->key.b, first.b, HASH_LEN);
		first = m->key;
		msg_free(m);
		if (i == 2) { /* a restart changes nothing either */
			(void)world_relay_stop(a->w, SIGTERM);
			world_relay_start(a->w);
		}
	}
	drive_free(d);
	drive_online(a->alice);
	drive_online(a->bob);
}

/* The newest proven login has the name; the other one is told, and gone. */
static void
test_weakness_13_two_logins_of_one_name_both_win(void **state)
{
	struct all *a = *state;
	struct drive *one = drive_new(world_path(a->w, "twin")), *two;
	char cmd[WORLD_PATH * 2];
	uint32_t x, y;
	struct msg *m;

	drive_enrol(one, world_invite(a->w, "twin"), "twin");
	drive_online(one);
	(void)snprintf(cmd, sizeof(cmd), "cp -r %s %s",
	    world_path(a->w, "twin"), world_path(a->w, "twin-copy"));
	assert_int_equal(system(cmd), 0);
	two = drive_new(world_path(a->w, "twin-copy"));
	m = msg_new(CMD_UNLOCK);
	m->pass = secret_alloc(16);
	(void)strcpy(m->pass, "engine-test");
	drive_post(two, m);
	drive_online(two);
	m = drive_take(one, EV_LINK);
	assert_int_equal(m->link, LINK_OFF);
	assert_non_null(m->text);
	msg_free(m);
	/* A message goes to the one that has the name, and to nobody else. */
	open_chat(a->alice, two, "twin", &x, &y);
	(void)drive_say(a->alice, x, "for twin");
	drive_wait(two, EV_TEXT);
	while ((m = drive_peek(one, 300)) != NULL) {
		assert_int_not_equal(m->head.type, EV_RINGING);
		assert_int_not_equal(m->head.type, EV_TEXT);
		msg_free(m);
	}
	end_chat(a->alice, x, two);
	drive_free(one);
	drive_free(two);
}

static void
no_trace_of(const char *log, const struct key *k)
{
	char hex[2 * KEY_LEN + 1];

	for (size_t i = 0; i < KEY_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", k->b[i]);
	hex[16] = '\0'; /* eight bytes of it would be enough */
	assert_null(strstr(log, hex));
}

static void
test_weakness_14_secrets_in_logs_and_on_screen(void **state)
{
	struct all *a = *state;
	char *log, *token;
	char line[INVITE_LINE_MAX];
	const struct hs_keys *k;
	struct login l;
	FILE *f;

	/* The relay, talkative, knows invites: it prints the first one for its
	 * owner, and logs none. */
	log = world_relay_log(a->w);
	f = fopen(world_invite(a->w, "silent"), "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	token = strrchr(line, '/');
	assert_non_null(token);
	token[17] = '\0';
	free(log);
	log = world_relay_log(a->w);
	assert_null(strstr(log, token + 1));
	free(log);
	/* What the inspector shows of a login. */
	login_new(&l, a->f, a->f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	k = hs_client_keys(l.c);
	for (size_t i = 0; i < l.trace.n; i++) {
		for (size_t j = 0; j < l.trace.msg[i].n; j++) {
			const char *v = l.trace.msg[i].field[j].value;

			no_trace_of(v, &k->c_ap);
			no_trace_of(v, &k->s_ap);
			no_trace_of(v, &k->rekey);
		}
	}
	login_free(&l);
}

/* More: tests/e2e/relay.c, test_240_starts. */
static void
test_weakness_15_port_blocked_after_a_stop(void **state)
{
	struct all *a = *state;
	int fd[5];

	/* Open connections, and a kill: TIME_WAIT on the relay's side. */
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 5; i++)
			assert_true((fd[i] = sock_dial(a->w->port)) >= 0);
		(void)world_relay_stop(a->w, round == 1 ? SIGTERM : SIGKILL);
		world_relay_start(a->w);
		for (size_t i = 0; i < 5; i++)
			(void)close(fd[i]);
	}
	drive_online(a->alice);
	drive_online(a->bob);
}

/* Not "at server" before the server has it, and never silently lost. */
static void
test_weakness_16_drawn_as_sent_but_never_arrived(void **state)
{
	struct all *a = *state;
	uint32_t x, y;
	uint64_t id;
	struct msg *m;

	open_chat(a->alice, a->bob, "bobby", &x, &y);
	(void)drive_say(a->alice, x, "arrives");
	for (enum sent_state s = SENT_WAITING; s <= SENT_DELIVERED; s++) {
		m = drive_take(a->alice, EV_SENT);
		assert_int_equal(m->sent, s);
		msg_free(m);
	}
	wait_text(a->bob, "arrives");
	/* The relay stands still: no word of it having anything. */
	assert_int_equal(kill(a->w->relay.pid, SIGSTOP), 0);
	id = drive_say(a->alice, x, "waits");
	while ((m = drive_peek(a->alice, 500)) != NULL) {
		assert_false(m->head.type == EV_SENT && m->id == id &&
		    m->sent != SENT_WAITING);
		msg_free(m);
	}
	/* Then it dies; with the next one the message arrives, once. */
	(void)world_relay_stop(a->w, SIGKILL);
	world_relay_start(a->w);
	wait_text(a->bob, "waits");
	do {
		m = drive_take(a->alice, EV_SENT);
		assert_true(m->id == id);
		assert_int_not_equal(m->sent, SENT_FAILED);
		if (m->sent == SENT_DELIVERED)
			break;
		msg_free(m);
	} while (1);
	msg_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_weakness_3_relay_swaps_keys_and_nobody_sees_it),
		cmocka_unit_test(test_weakness_5_no_framing),
		cmocka_unit_test(test_weakness_6_overflow_by_a_long_name),
		cmocka_unit_test(
		    test_weakness_7_key_generation_for_each_stranger),
		cmocka_unit_test(
		    test_weakness_12_another_fingerprint_at_each_connection),
		cmocka_unit_test(
		    test_weakness_13_two_logins_of_one_name_both_win),
		cmocka_unit_test(
		    test_weakness_14_secrets_in_logs_and_on_screen),
		cmocka_unit_test(test_weakness_15_port_blocked_after_a_stop),
		cmocka_unit_test(
		    test_weakness_16_drawn_as_sent_but_never_arrived),
	};

	return cmocka_run_group_tests_name("weaknesses", tests, setup,
	    teardown);
}
