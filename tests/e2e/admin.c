/* What an admin sees of a relay that runs, and changes in it. */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/raw.h"
#include "tests/lib/sock.h"

static char *
ask(struct world *w, int *code, const char *command, const char *word)
{
	char bin[WORLD_PATH + 8];
	const char *argv[] = { bin, "--insecure-memory", "--config=/dev/null",
		"--state", world_path(w, "relay"), command, word, NULL };

	(void)snprintf(bin, sizeof(bin), "%s/sottod", w->bin);
	return world_run(w, code, argv);
}

static char *
status(struct world *w, int *code, const char *word)
{
	return ask(w, code, "status", word);
}

static unsigned long
number(const char *json, const char *name)
{
	char key[64];
	const char *at;

	(void)snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(json, key);
	assert_non_null(at);
	return strtoul(at + strlen(key), NULL, 10);
}

static void
test_status(void **state)
{
	struct world *w = *state;
	struct ident *id = raw_enrol(w, "alice");
	struct raw r;
	struct stat st;
	int code;
	char *out;

	raw_login(&r, id, w->port);
	raw_relay(&r, CHAT_MESSAGE, "alice", 1, span_str("to herself"));
	raw_flush(&r);
	assert_int_equal(raw_next(&r), TUNNEL_EV_COMMAND); /* it is stored */
	out = status(w, &code, "--json");
	assert_int_equal(code, 0);
	assert_int_equal(out[0], '{');
	assert_string_equal(out + strlen(out) - 2, "}\n");
	assert_int_equal(number(out, "users_online"), 1);
	assert_int_equal(number(out, "users"), 1);
	assert_int_equal(number(out, "connections"), 1);
	assert_int_equal(number(out, "enrolled"), 1);
	assert_int_equal(number(out, "messages_stored"), 1);
	assert_int_equal(number(out, "mail_messages"), 1);
	assert_int_equal(number(out, "commit_queue"), 0);
	assert_true(number(out, "epoch_keys") >= 1);
	assert_int_equal(number(out, "invites_open"), 1); /* the first */
	/* Numbers, and nothing of anybody. */
	assert_null(strstr(out, "alice"));
	free(out);
	out = status(w, &code, NULL);
	assert_int_equal(code, 0);
	assert_non_null(strstr(out, "SHA256:"));
	assert_non_null(strstr(out, "users online                      1"));
	free(out);
	/* Only for the relay's own user. */
	assert_int_equal(stat(world_path(w, "relay/status"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	raw_close(&r);
	ident_free(id);
	out = status(w, &code, "--xml");
	assert_int_equal(WEXITSTATUS(code), 2);
	free(out);
	(void)world_relay_stop(w, SIGTERM);
	out = status(w, &code, "--json");
	assert_int_equal(WEXITSTATUS(code), 1);
	assert_non_null(strstr(out, "no relay runs on"));
	free(out);
	assert_int_not_equal(stat(world_path(w, "relay/status"), &st), 0);
	world_relay_start(w);
}

/* The page on a terminal: it goes on, and gives the terminal back. */
static void
test_status_on_a_terminal(void **state)
{
	struct world *w = *state;
	char bin[WORLD_PATH + 8];
	const char *argv[] = { bin, "--insecure-memory", "--config=/dev/null",
		"--state", world_path(w, "relay"), "status", NULL },
		   *envp[] = { "TERM=xterm-256color", NULL };
	struct tty *t;

	(void)snprintf(bin, sizeof(bin), "%s/sottod", w->bin);
	t = tty_open(80, 40, argv, envp);
	tty_wait(t, "sottod status, each second");
	tty_wait(t, "99 of 100 under");
	tty_wait(t, "connections                       0");
	int fd = sock_dial(w->port);
	tty_wait(t, "connections                       1");
	(void)close(fd);
	tty_type(t, "q");
	assert_int_equal(tty_wait_exit(t), 0);
	tty_close(t);
}

/* ---- what it knows of a user ---- */

static void
ask_known(struct raw *r, struct wire_cmd *out)
{
	raw_cmd(r, &(struct wire_cmd){ .type = WIRE_ASK_KNOWN, .id = 5 });
	raw_flush(r);
	do {
		assert_int_equal(raw_next(r), TUNNEL_EV_COMMAND);
		assert_int_equal(wire_cmd_read(out, WIRE_FROM_RELAY, r->ev.msg),
		    SOTTO_OK);
	} while (out->type != WIRE_KNOWN && out->type != WIRE_ERROR);
	assert_int_equal(out->id, 5);
}

/* Of the one who asks, and nobody else; so often a minute. */
static void
test_what_is_known(void **state)
{
	struct world *w = *state;
	struct ident *a = raw_enrol(w, "kai"), *b = raw_enrol(w, "lea");
	struct raw ra, rb;
	struct wire_cmd c;
	uint64_t mine;
	int asked = 1;

	raw_login(&ra, a, w->port);
	ask_known(&ra, &c);
	assert_int_equal(c.type, WIRE_KNOWN);
	assert_int_equal(c.known.seen_by, 0);
	assert_int_equal(c.known.messages, 0);
	assert_int_equal(c.known.family, 4);
	assert_int_equal(c.known.addr[0], 127);
	assert_true(c.known.enrolled_at > 0);
	assert_true(c.known.login_at >= c.known.enrolled_at);
	assert_true(c.known.cert_until > c.known.login_at);
	mine = c.known.port;
	raw_login(&rb, b, w->port);
	ask_known(&rb, &c);
	assert_int_equal(c.known.seen_by, 1);
	assert_int_not_equal(c.known.port, mine);
	while (c.type == WIRE_KNOWN && asked < 100) {
		ask_known(&rb, &c);
		asked++;
	}
	assert_int_equal(c.type, WIRE_ERROR);
	assert_int_equal(c.error, WIRE_E_RATE);
	assert_in_range(asked, 60, 62);
	ask_known(&ra, &c); /* his own limit */
	assert_int_equal(c.type, WIRE_KNOWN);
	raw_close(&ra);
	raw_close(&rb);
	ident_free(a);
	ident_free(b);
}

/* ---- who is here ---- */

/* The next list or change that comes: how many are in it; one is name. */
static size_t
people(struct raw *r, enum wire_cmd_type type, const char *name,
    enum wire_state *state)
{
	struct wire_cmd c = { .type = WIRE_WATCH };
	size_t found = 0;

	while (c.type != type) {
		assert_int_equal(raw_next(r), TUNNEL_EV_COMMAND);
		assert_int_equal(wire_cmd_read(&c, WIRE_FROM_RELAY, r->ev.msg),
		    SOTTO_OK);
	}
	for (size_t i = 0; i < c.people.n; i++) {
		const struct wire_person p = wire_people_at(&c.people, i);

		if (strcmp(p.name.s, name) == 0) {
			*state = p.state;
			found++;
		}
	}
	assert_int_equal(found, c.people.n);
	return found;
}

/* Of others, never of oneself; each change, also of who is back at once. */
static void
test_who_comes_and_goes(void **state)
{
	struct world *w = *state;
	struct ident *a = raw_enrol(w, "anna"), *b = raw_enrol(w, "bert");
	enum wire_state st = WIRE_BUSY;
	struct raw ra, rb;
	char *out;
	int code;

	raw_login(&ra, a, w->port);
	raw_cmd(&ra, &(struct wire_cmd){ .type = WIRE_WATCH });
	raw_flush(&ra);
	assert_int_equal(people(&ra, WIRE_PRESENCE, "bert", &st), 0);
	for (int i = 0; i < 3; i++) {
		raw_login(&rb, b, w->port);
		assert_int_equal(people(&ra, WIRE_CHANGE, "bert", &st), 1);
		assert_int_equal(st, WIRE_ONLINE);
		raw_cmd(&rb,
		    &(struct wire_cmd){ .type = WIRE_STATE,
			.state = WIRE_BUSY });
		raw_flush(&rb);
		assert_int_equal(people(&ra, WIRE_CHANGE, "bert", &st), 1);
		assert_int_equal(st, WIRE_BUSY);
		raw_close(&rb);
		assert_int_equal(people(&ra, WIRE_CHANGE, "bert", &st), 1);
		assert_int_equal(st, WIRE_OFFLINE);
	}
	/* Both in one record, or each in its own: the last is the truth. */
	raw_login(&rb, b, w->port);
	raw_close(&rb);
	do
		assert_true(people(&ra, WIRE_CHANGE, "bert", &st) > 0);
	while (st != WIRE_OFFLINE);
	raw_close(&ra);
	ident_free(a);
	ident_free(b);
	/* When they were last here is in the store, though the relay stops. */
	assert_int_equal(world_relay_stop(w, SIGTERM), 0);
	out = ask(w, &code, "user", "list");
	assert_int_equal(code, 0);
	assert_non_null(strstr(out, "anna"));
	assert_null(strstr(out, "never"));
	free(out);
	world_relay_start(w);
}

/* ---- metrics ---- */

static char *
http(uint16_t port, const char *request)
{
	char *all = calloc(1, 1 << 16);
	const int fd = sock_dial(port);
	size_t n = 0;
	ssize_t k;

	assert_non_null(all);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, request, strlen(request)),
	    (ssize_t)strlen(request));
	while ((k = read(fd, all + n, (1 << 16) - 1 - n)) > 0)
		n += (size_t)k;
	(void)close(fd);
	return all;
}

static uint16_t
free_port(void)
{
	uint16_t port;

	(void)close(sock_listen(&port));
	return port;
}

static void
test_metrics(void **state)
{
	struct world *w = *state;
	const uint16_t port = free_port();
	char conf[64], *out, long_one[8192];

	(void)snprintf(conf, sizeof(conf), "[server]\nmetrics = %u\n",
	    (unsigned)port);
	(void)world_relay_stop(w, SIGTERM);
	world_configure(w, conf);
	world_relay_start(w);
	out = http(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.0 200 OK\r\n", 17);
	assert_non_null(strstr(out, "\n# TYPE sotto_connections gauge\n"));
	assert_non_null(strstr(out, "\nsotto_accepted_total 0\n"));
	assert_non_null(strstr(out, "sotto_turn_seconds_bucket{le=\"+Inf\"} "));
	free(out);
	out = http(port, "GET / HTTP/1.0\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.0 404", 12);
	free(out);
	out = http(port, "GET /metricsandmore HTTP/1.0\r\n\r\n");
	assert_memory_equal(out, "HTTP/1.0 404", 12);
	free(out);
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	out = http(port, long_one);
	assert_memory_equal(out, "HTTP/1.0 431", 12);
	free(out);
}

/* ---- SIGHUP ---- */

static int
is_refused(uint16_t port)
{
	const int fd = sock_dial(port);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;
	/* It says why, or hangs up; else it waits for us. */
	const int refused = poll(&p, 1, 300) > 0 && read(fd, &c, 1) >= 0;

	(void)close(fd);
	return refused;
}

static void
wait_read_again(struct world *w, int times)
{
	for (int i = 0; i < 6000; i++) {
		if (proc_count(&w->relay, "read again: configuration") >= times)
			return;
		(void)usleep(10000);
	}
	fail_msg("the relay did not read its configuration again");
}

static void
test_reload(void **state)
{
	struct world *w = *state;
	struct ident *id;
	struct raw r;
	int fd;

	world_configure(w, "");
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	id = raw_enrol(w, "bob");
	raw_login(&r, id, w->port);
	assert_false(is_refused(w->port));
	/* A limit, for all who come from now on; who is here stays. */
	world_configure(w, "[limits]\nconnections = 2\n");
	assert_int_equal(kill(w->relay.pid, SIGHUP), 0);
	wait_read_again(w, 1);
	fd = sock_dial(w->port);
	assert_true(is_refused(w->port));
	(void)close(fd);
	/* What is wrong changes nothing, and is said. */
	world_configure(w, "[limits]\nconnections = many\n");
	assert_int_equal(kill(w->relay.pid, SIGHUP), 0);
	world_relay_waits(w, "the configuration stays as it was");
	fd = sock_dial(w->port);
	assert_true(is_refused(w->port));
	(void)close(fd);
	world_configure(w,
	    "[server]\nport = 1\n[limits]\nconnections = 100\n"
	    "[log]\nnames = no\nlevel = debug\n");
	assert_int_equal(proc_count(&w->relay, ": connected"), 0);
	assert_int_equal(kill(w->relay.pid, SIGHUP), 0);
	wait_read_again(w, 2);
	assert_false(is_refused(w->port));
	world_relay_waits(w, ": connected");
	/* And she can still talk. */
	raw_relay(&r, CHAT_MESSAGE, "bob", 1, span_str("x"));
	raw_flush(&r);
	assert_int_equal(raw_next(&r), TUNNEL_EV_COMMAND);
	raw_close(&r);
	ident_free(id);
}

/* ---- no more files ---- */

static void
limit_files(pid_t pid, rlim_t n)
{
	struct rlimit r;

	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, NULL, &r), 0);
	r.rlim_cur = n;
	assert_int_equal(prlimit(pid, RLIMIT_NOFILE, &r, NULL), 0);
}

static void
wait_for_keys(struct world *w)
{
	unsigned long spares = 0;

	for (int i = 0; spares < 2 && i < 600; i++) {
		int code;
		char *out = status(w, &code, "--json");

		spares = number(out, "epoch_spares");
		free(out);
		(void)usleep(100000);
	}
	assert_int_equal(spares, 2);
}

/* Who comes is sent away, and the relay does not spin; then all goes on. */
static void
test_out_of_files(void **state)
{
	struct world *w = *state;
	int fd[60];
	size_t away = 0;
	double cpu;

	world_configure(w, NULL);
	(void)world_relay_stop(w, SIGTERM);
	world_relay_start(w);
	wait_for_keys(w); /* made ahead, they would count as CPU */
	limit_files(w->relay.pid, 40);
	for (size_t i = 0; i < 60; i++)
		assert_true((fd[i] = sock_dial(w->port)) >= 0);
	cpu = crowd_cpu_us(w->relay.pid);
	(void)sleep(1);
	cpu = crowd_cpu_us(w->relay.pid) - cpu;
	assert_true(cpu < 200000);
	for (size_t i = 0; i < 60; i++) {
		struct pollfd p = { .fd = fd[i], .events = POLLIN };

		away += poll(&p, 1, 0) > 0;
	}
	assert_true(away >= 20 && away < 60);
	/* What is wrong can be seen, each time. */
	for (int i = 0; i < 3; i++) {
		int code;
		char *out = status(w, &code, "--json");

		assert_int_equal(code, 0);
		assert_true(number(out, "connections") >= 10);
		free(out);
	}
	for (size_t i = 0; i < 60; i++)
		(void)close(fd[i]);
	limit_files(w->relay.pid, 1000);
	for (int i = 0; is_refused(w->port); i++)
		assert_true(i < 50);
}

/* A storm of first messages with much more behind each than may come: all are
 * sent away, also those whose turn it was not yet, and others get in. */
static void
test_too_much_before_its_turn(void **state)
{
	enum {
		N = 60
	};
	static uint8_t more[20000];
	struct world *w = *state;
	const struct rng g = rng_system();
	struct hs_client_conf cc = { .mode = HS_LOGIN,
		.probe = 1,
		.host = "localhost" };
	uint8_t m1[HS_FRAME_MAX];
	struct hs_client *c;
	int fd[N];
	struct wr wr;

	suite_default(&cc.suites, 0);
	wr_init(&wr, m1, sizeof(m1));
	c = hs_client_new(&cc, &g, NULL, &wr);
	assert_non_null(c);
	for (size_t i = 0; i < N; i++)
		assert_true((fd[i] = sock_dial(w->port)) >= 0);
	assert_int_equal(kill(w->relay.pid, SIGSTOP), 0);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(write(fd[i], m1, wr.n), (ssize_t)wr.n);
		assert_int_equal(write(fd[i], more, sizeof(more)),
		    sizeof(more));
	}
	assert_int_equal(kill(w->relay.pid, SIGCONT), 0);
	for (size_t i = 0; i < N; i++) {
		struct pollfd p = { .fd = fd[i], .events = POLLIN };
		uint8_t b[64];
		ssize_t k = 1;

		while (k > 0) {
			assert_int_equal(poll(&p, 1, 10000), 1);
			k = read(fd[i], b, sizeof(b));
			/* Refused, or asked for a puzzle; never an M2. */
			assert_true(k < (ssize_t)sizeof(b));
		}
		(void)close(fd[i]);
	}
	hs_client_free(c);
	assert_false(is_refused(w->port));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_status_on_a_terminal),
		cmocka_unit_test(test_what_is_known),
		cmocka_unit_test(test_who_comes_and_goes),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_out_of_files),
		cmocka_unit_test(test_too_much_before_its_turn),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("admin", tests, world_setup,
	    world_teardown);
}
