/* The relay: starts, serves, stops; its commands; its log. */
#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/sock.h"
#include "tests/lib/world.h"

#define STARTS 240

static char *
admin(struct world *w, int *status, const char *a, const char *b, const char *c)
{
	char bin[WORLD_PATH + 8], port[8];
	const char *argv[] = { bin, "--insecure-memory", "--config=/dev/null",
		"--state", world_path(w, "relay"), "--name", "localhost",
		"--port", port, a, b, c, NULL };

	(void)snprintf(bin, sizeof(bin), "%s/sottod", w->bin);
	(void)snprintf(port, sizeof(port), "%u", (unsigned)w->port);
	return world_run(w, status, argv);
}

/* [weakness] The relay must come up, and serve, every time. */
static void
test_240_starts(void **state)
{
	struct world *w = *state;
	struct drive *d = drive_new(world_path(w, "probe"));

	for (int i = 0; i < STARTS; i++) {
		int status;

		drive_probe(d, "localhost", w->port);
		drive_wait(d, EV_SERVER_KEY);
		/* Both ways to end, turn by turn. */
		status = world_relay_stop(w, i % 2 ? SIGKILL : SIGTERM);
		if (i % 2 == 0)
			assert_true(
			    WIFEXITED(status) && WEXITSTATUS(status) == 0);
		world_relay_start(w);
	}
	drive_free(d);
}

static void
test_fingerprint_is_the_block_of_the_start(void **state)
{
	struct world *w = *state;
	char *first, *again, *at, *end;
	int status;

	first = world_relay_log(w);
	again = admin(w, &status, "fingerprint", NULL, NULL);
	assert_int_equal(status, 0);
	at = strstr(again, "SHA256:");
	assert_non_null(at);
	end = strchr(at, '\n');
	*end = '\0';
	free(first);
	/* The one that clients are shown: see the prompt. */
	struct tty *t = world_client(w, "looker", 80, 24,
	    (const char *[]){ "--invite", world_invite(w, "looker"), NULL });

	tty_wait(t, "MATCHED");
	tty_type(t, KEY_F6); /* digits, and base64 below them */
	tty_wait(t, at);
	tty_close(t);
	free(again);
}

static void
test_invites_and_users(void **state)
{
	struct world *w = *state;
	struct proc *p = world_companion(w, "erin", NULL);
	int status;
	char *out;

	out = admin(w, &status, "user", "list", NULL);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "erin"));
	free(out);
	out = admin(w, &status, "user", "revoke", "erin");
	assert_int_equal(status, 0);
	free(out);
	/* Out at once, and not in again. */
	proc_wait_text(p, "link 0");
	(void)proc_stop(p, SIGTERM);
	out = admin(w, &status, "user", "revoke", "nobody");
	assert_int_not_equal(status, 0);
	assert_non_null(strstr(out, "nobody"));
	free(out);
	out = admin(w, &status, "user", "frob", NULL);
	assert_int_equal(WEXITSTATUS(status), 2);
	free(out);
}

/* An invite lets one person in, once. */
static void
test_invite_is_used_up(void **state)
{
	struct world *w = *state;
	const char *invite = world_invite(w, "once");
	struct drive *a = drive_new(world_path(w, "once-a"));
	struct drive *b = drive_new(world_path(w, "once-b"));
	struct msg *m;

	drive_enrol(a, invite, "fay");
	drive_online(a);
	drive_enrol(b, invite, "gus");
	m = drive_take(b, EV_ENTRY_FAILED);
	assert_non_null(strstr(m->text, "invite"));
	msg_free(m);
	drive_free(a);
	drive_free(b);
}

/* One connection: its first message is answered with that FAIL. */
static void
answer_fail(int listener, uint8_t code)
{
	const uint8_t fail[] = { 8, 0, 0, 1, code };
	uint8_t m1[4096];
	int fd = accept(listener, NULL, NULL);

	assert_true(fd >= 0);
	assert_true(recv(fd, m1, sizeof(m1), 0) > 0);
	assert_int_equal(send(fd, fail, sizeof(fail), MSG_NOSIGNAL),
	    sizeof(fail));
	(void)close(fd);
}

/* Until the client is online: did it make a key? */
static int
makes_key(struct drive *d)
{
	int made = 0;

	for (;;) {
		struct msg *m = drive_peek(d, 60000);
		int on;

		assert_non_null(m);
		made |=
		    m->head.type == EV_PROGRESS && m->step == STEP_MAKING_KEY;
		on = m->head.type == EV_LINK && m->link == LINK_ONLINE;
		msg_free(m);
		if (on)
			return made;
	}
}

/*
 * Whoever sits on the way can say that the relay is busy, or that it does not
 * take the invite: neither costs the key, which the relay may know by then.
 */
static void
test_a_refusal_that_nobody_proved(void **state)
{
	struct world *w = *state;
	const char *real = world_invite(w, "early");
	struct drive *d = drive_new(world_path(w, "early"));
	char line[INVITE_LINE_MAX], *text = world_read(real);
	struct invite i;
	const char *why;
	uint16_t port;
	int fd = sock_listen(&port);
	struct msg *m;
	FILE *f;

	assert_int_equal(invite_parse(&i, span_str(text), &why), SOTTO_OK);
	free(text);
	i.port = port;
	assert_int_equal(invite_write(line, &i), SOTTO_OK);
	f = fopen(world_path(w, "wrong-way.invite"), "w");
	assert_non_null(f);
	(void)fputs(line, f);
	(void)fclose(f);
	drive_enrol(d, world_path(w, "wrong-way.invite"), "early");
	answer_fail(fd, 3);
	answer_fail(fd, 6); /* it asked again by itself */
	answer_fail(fd, 1);
	(void)close(fd);
	m = drive_take(d, EV_ENTRY_FAILED);
	assert_int_equal(m->entry_fault, ENTRY_INVITE);
	msg_free(m);
	assert_true(engine_has_keyfile(world_path(w, "early")));
	drive_enrol(d, real, "early");
	assert_false(makes_key(d));
	drive_free(d);
}

/* Until it is online again: was that without RSA?  The handshake tells. */
static int
resumes(struct drive *d)
{
	int resumed = 0;

	for (;;) {
		struct msg *m = drive_peek(d, 60000);
		int on;

		assert_non_null(m);
		if (m->head.type == EV_TRACE && m->chat == 0) {
			resumed = 0;
			for (size_t i = 0; i < m->trace->n; i++)
				resumed |= strstr(m->trace->msg[i].name,
					       "M3R") != NULL;
		}
		on = m->head.type == EV_LINK && m->link == LINK_ONLINE;
		msg_free(m);
		if (on)
			return resumed;
	}
}

/*
 * [T26] After a restart of the relay everybody comes back without RSA; so long
 * as the admin does not drop the tickets, and the user is not revoked.
 */
static void
test_coming_back_with_a_ticket(void **state)
{
	struct world *w = *state;
	struct drive *d = drive_new(world_path(w, "again"));
	struct msg *m;
	char *out;
	int status;

	drive_enrol(d, world_invite(w, "again"), "again");
	drive_online(d);
	/* Its ticket is on the disk with the next turn. */
	drive_wait(d, EV_PRESENCE);
	(void)usleep(200000);
	for (int i = 0; i < 3; i++) {
		(void)world_relay_stop(w, SIGKILL);
		world_relay_start(w);
		assert_true(resumes(d));
		drive_wait(d, EV_PRESENCE);
		(void)usleep(200000);
	}
	out = admin(w, &status, "drop-tickets", NULL, NULL);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "worth nothing"));
	free(out);
	(void)usleep(300000); /* the relay is told by a signal */
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	assert_false(resumes(d));
	drive_wait(d, EV_PRESENCE);
	(void)usleep(200000);
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	assert_true(resumes(d));
	out = admin(w, &status, "user", "revoke", "again");
	assert_int_equal(status, 0);
	free(out);
	do {
		m = drive_take(d, EV_LINK);
		status = m->link == LINK_OFF;
		msg_free(m);
	} while (!status);
	drive_post(d, msg_new(CMD_RETRY));
	do {
		m = drive_take(d, EV_LINK);
		assert_int_not_equal(m->link, LINK_ONLINE);
		status = m->link == LINK_OFF;
		msg_free(m);
	} while (!status);
	drive_free(d);
}

static struct drive *
enrolled(struct world *w, const char *name)
{
	struct drive *d = drive_new(world_path(w, name));

	drive_enrol(d, world_invite(w, name), name);
	drive_online(d);
	return d;
}

static void
back_online(struct drive *d)
{
	drive_post(d, msg_new(CMD_RETRY));
	drive_online(d);
}

/* What was backed up is a relay; messages that waited in it come. */
static void
test_backup_and_restore(void **state)
{
	struct world *w = *state;
	struct drive *a = enrolled(w, "ira"), *b = enrolled(w, "jan");
	char copy[WORLD_PATH], cmd[3 * WORLD_PATH];
	uint32_t at_a;
	struct msg *m;
	char *out;
	int status;

	(void)snprintf(copy, sizeof(copy), "%s", world_path(w, "backup"));
	drive_name(a, CMD_REQUEST, "jan");
	m = drive_take(b, EV_RINGING);
	drive_chat(b, CMD_ACCEPT, m->chat);
	msg_free(m);
	m = drive_take(a, EV_OPEN);
	at_a = m->chat;
	msg_free(m);
	drive_wait(b, EV_OPEN);
	drive_free(b);
	(void)drive_say(a, at_a, "for later");
	do {
		m = drive_take(a, EV_SENT);
		status = m->sent == SENT_AT_RELAY;
		msg_free(m);
	} while (!status);
	/* While it runs; not over anything. */
	out = admin(w, &status, "backup", copy, NULL);
	assert_int_equal(status, 0);
	free(out);
	out = admin(w, &status, "backup", copy, NULL);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "no backup was made"));
	free(out);
	out = admin(w, &status, "restore", copy, NULL);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "left as it is"));
	free(out);
	out = admin(w, &status, "check", NULL, NULL);
	assert_int_equal(status, 0);
	assert_non_null(strstr(out, "mail.db    is good"));
	free(out);
	/* The disk is gone. */
	(void)world_relay_stop(w, SIGKILL);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", world_path(w, "relay"));
	assert_int_equal(system(cmd), 0);
	out = admin(w, &status, "restore", world_path(w, "nothing"), NULL);
	assert_int_equal(WEXITSTATUS(status), 1);
	free(out);
	out = admin(w, &status, "restore", copy, NULL);
	assert_int_equal(status, 0);
	free(out);
	world_relay_start(w);
	back_online(a);
	b = drive_new(world_path(w, "jan"));
	m = msg_new(CMD_UNLOCK);
	m->pass = secret_alloc(32);
	(void)strcpy(m->pass, "engine-test");
	drive_post(b, m);
	do {
		m = drive_take(b, EV_TEXT);
		status = strcmp(m->text, "for later") == 0;
		msg_free(m);
	} while (!status);
	drive_free(a);
	drive_free(b);
	/* A page of rubbish is found, and nothing is made worse. */
	(void)world_relay_stop(w, SIGTERM);
	(void)snprintf(cmd, sizeof(cmd),
	    "dd if=/dev/urandom of=%s/mail.db bs=1024 seek=5 count=8 "
	    "conv=notrunc 2>/dev/null",
	    world_path(w, "relay"));
	assert_int_equal(system(cmd), 0);
	out = admin(w, &status, "check", NULL, NULL);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "mail.db is damaged"));
	free(out);
	(void)snprintf(cmd, sizeof(cmd), "cp %s/mail.db %s/mail.db", copy,
	    world_path(w, "relay"));
	assert_int_equal(system(cmd), 0);
	world_relay_start(w);
}

static void
test_second_relay_says_why(void **state)
{
	struct world *w = *state;
	int status;
	char *out;

	/* The same state: another one runs. */
	out = admin(w, &status, "--listen", "127.0.0.1", NULL);
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(out, "runs"));
	free(out);
}

/* [weakness] Idle sockets must not keep anybody out. */
static void
test_three_idle_sockets(void **state)
{
	struct world *w = *state;
	int fd[3];
	struct drive *d;

	for (size_t i = 0; i < 3; i++)
		assert_true((fd[i] = sock_dial(w->port)) >= 0);
	d = drive_new(world_path(w, "idle"));
	drive_enrol(d, world_invite(w, "idle"), "idle");
	drive_online(d);
	drive_free(d);
	for (size_t i = 0; i < 3; i++)
		(void)close(fd[i]);
}

/* Quiet is no reason to lose a connection; a relay that hangs is. */
static void
test_signs_of_life(void **state)
{
	struct world *w = *state;
	struct drive *d = drive_new_times(world_path(w, "quiet"), 200, 0);
	struct msg *m;

	drive_enrol(d, world_invite(w, "quiet"), "quiet");
	drive_online(d);
	for (int i = 0; i < 20; i++) {
		if ((m = drive_peek(d, 100)) == NULL)
			continue;
		assert_true(m->head.type != EV_LINK || m->link == LINK_ONLINE);
		msg_free(m);
	}
	assert_int_equal(kill(w->relay.pid, SIGSTOP), 0);
	m = drive_take(d, EV_LINK);
	assert_int_equal(m->link, LINK_WAITING);
	assert_non_null(strstr(m->text, "no sign of life"));
	msg_free(m);
	assert_int_equal(kill(w->relay.pid, SIGCONT), 0);
	drive_online(d);
	drive_free(d);
}

/* A request that nobody answers ends on both sides. */
static void
test_request_times_out(void **state)
{
	struct world *w = *state;
	struct drive *a = drive_new_times(world_path(w, "asker"), 0, 1500);
	struct drive *b = drive_new(world_path(w, "sleeper"));
	struct msg *m;

	drive_enrol(a, world_invite(w, "asker"), "asker");
	drive_enrol(b, world_invite(w, "sleeper"), "sleeper");
	drive_online(a);
	drive_online(b);
	drive_name(a, CMD_REQUEST, "sleeper");
	drive_wait(b, EV_RINGING);
	m = drive_take(a, EV_OVER);
	assert_int_equal(m->over, OVER_TIMEOUT);
	msg_free(m);
	m = drive_take(b, EV_OVER);
	assert_int_equal(m->over, OVER_CANCELLED);
	msg_free(m);
	drive_free(a);
	drive_free(b);
}

/* Who came, who failed and why, which chats: all of it, and not a word. */
static void
test_audit_log(void **state)
{
	static const char *const lines[] = { " from 127.0.0.1:",
		": enrolled gwen", ": login of gwen, AES-256-GCM",
		": chat begun: hal and gwen", ": chat ended: gwen and hal: ",
		": login failed: the invite is unknown", ": closed: left" };
	struct world *w = *state;
	struct drive *a = drive_new(world_path(w, "gwen"));
	struct drive *b = drive_new(world_path(w, "hal"));
	struct drive *c = drive_new(world_path(w, "intruder"));
	uint32_t at_a, at_b;
	struct msg *m;
	char *log, *bent;
	FILE *f;

	drive_enrol(a, world_invite(w, "gwen"), "gwen");
	drive_enrol(b, world_invite(w, "hal"), "hal");
	drive_online(a);
	drive_online(b);
	drive_name(a, CMD_REQUEST, "hal");
	m = drive_take(b, EV_RINGING);
	at_b = m->chat;
	msg_free(m);
	drive_chat(b, CMD_ACCEPT, at_b);
	m = drive_take(a, EV_OPEN);
	at_a = m->chat;
	msg_free(m);
	(void)drive_say(a, at_a, "a word that no log may hold");
	drive_wait(b, EV_TEXT);
	drive_chat(a, CMD_LEAVE, at_a);
	drive_wait(b, EV_OVER);
	/* An invite with one digit changed. */
	bent = world_read(world_invite(w, "bent"));
	bent[strlen(bent) - 2] = bent[strlen(bent) - 2] == 'a' ? 'b' : 'a';
	f = fopen(world_path(w, "bent.invite"), "w");
	assert_non_null(f);
	(void)fputs(bent, f);
	(void)fclose(f);
	free(bent);
	drive_enrol(c, world_path(w, "bent.invite"), "intruder");
	drive_wait(c, EV_ENTRY_FAILED);
	drive_free(a);
	drive_free(b);
	drive_free(c);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		world_relay_waits(w, lines[i]);
	log = world_relay_log(w);
	assert_null(strstr(log, "a word that"));
	assert_null(strstr(log, ": connected")); /* only with --verbose */
	free(log);
}

/* Garbage ends that connection, with a cause in the log. */
static void
test_garbage_is_logged_with_its_cause(void **state)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct world *w = *state;
	char b[64];
	int fd = sock_dial(w->port);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, http, sizeof(http) - 1), sizeof(http) - 1);
	while (read(fd, b, sizeof(b)) > 0)
		;
	(void)close(fd);
	world_relay_waits(w, "closed: ");
	char *log = world_relay_log(w);
	assert_null(strstr(log, "GET"));
	free(log);
}

static unsigned
count_in(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

/* Nobody fills the disk from outside; and who is let in is told all the same. */
static void
test_strangers_cannot_fill_the_log(void **state)
{
	static const char junk[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
	struct world *w = *state;
	struct drive *d = drive_new(world_path(w, "iris"));
	char *log = world_relay_log(w), b[64];
	const unsigned before = count_in(log, "are no frame");

	free(log);
	for (int i = 0; i < 500; i++) {
		const int fd = sock_dial(w->port);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, junk, sizeof(junk) - 1), 8);
		while (read(fd, b, sizeof(b)) > 0)
			;
		(void)close(fd);
	}
	drive_enrol(d, world_invite(w, "iris"), "iris");
	drive_online(d);
	drive_free(d);
	world_relay_waits(w, "enrolled iris");
	world_relay_waits(w, "more lines about connections");
	log = world_relay_log(w);
	/* However slow it is: ten for each second. */
	assert_true(count_in(log, "are no frame") - before < 500);
	free(log);
}

static void
test_ipv4_and_ipv6(void **state)
{
	struct world *w = *state;
	char bin[WORLD_PATH + 8];
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	char cmd[2048];
	int status;
	char *out;

	(void)snprintf(bin, sizeof(bin), "%s/sottod", w->bin);
	/* Without --listen: both families on one port. */
	(void)snprintf(cmd, sizeof(cmd),
	    "%s --insecure-memory --config=/dev/null --state %s/six --port 0 "
	    "--name localhost >%s/six.out 2>&1 & p=$!\n"
	    "n=0; until grep -q 'listening on .*port' %s/six.out && "
	    "grep -q started %s/six.out; do "
	    "n=$((n+1)); [ $n -lt 300 ] || break; sleep 0.1; done\n"
	    "cat %s/six.out; kill $p; wait $p; echo status $?",
	    bin, w->dir, w->dir, w->dir, w->dir, w->dir);
	argv[2] = cmd;
	out = world_run(w, &status, argv);
	assert_non_null(strstr(out, "0.0.0.0"));
	assert_non_null(strstr(out, "::"));
	assert_non_null(strstr(out, "status 0"));
	free(out);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprint_is_the_block_of_the_start),
		cmocka_unit_test(test_invites_and_users),
		cmocka_unit_test(test_invite_is_used_up),
		cmocka_unit_test(test_a_refusal_that_nobody_proved),
		cmocka_unit_test(test_coming_back_with_a_ticket),
		cmocka_unit_test(test_backup_and_restore),
		cmocka_unit_test(test_second_relay_says_why),
		cmocka_unit_test(test_three_idle_sockets),
		cmocka_unit_test(test_signs_of_life),
		cmocka_unit_test(test_request_times_out),
		cmocka_unit_test(test_audit_log),
		cmocka_unit_test(test_garbage_is_logged_with_its_cause),
		cmocka_unit_test(test_strangers_cannot_fill_the_log),
		cmocka_unit_test(test_ipv4_and_ipv6),
		cmocka_unit_test(test_240_starts),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("relay", tests, world_setup,
	    world_teardown);
}
