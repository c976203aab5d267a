/*
 * A relay for minutes: people who talk, vanish, come back and send again what
 * was not answered; now and then the relay itself is stopped or killed.  In the
 * end each message that it took has come to whom it was for, in order, and the
 * relay has grown neither in memory nor in files.
 *
 *	mixed [SECONDS [SEED]]: 120 s
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/fixture.h"
#include "tests/lib/raw.h"

#define USERS   60
#define WAITING 64 /* messages of one sender without an answer */
#define IDS     (16u << 20)

struct sent {
	uint32_t id, to;
	int answered;
};

struct user {
	struct raw r;
	int up;
	uint64_t ref; /* of the first of `sent`; they rise by one */
	struct sent sent[WAITING];
	size_t n;
	uint32_t last[USERS]; /* id of the last that came from each */
	uint64_t place;       /* to be confirmed; 0: nothing */
};

struct soak {
	struct world *w;
	struct crowd *c;
	struct rng g;
	struct test_rng rnd;
	struct user u[USERS];
	uint8_t *state; /* of each id */
	uint32_t next_id;
	size_t taken, came, again, deaths, starts;
};

enum {
	UNSEEN,
	TAKEN = 1, /* the relay has said that it has it */
	CAME = 2
};

static uint32_t
chance(struct soak *s, uint32_t n)
{
	uint32_t v;

	rng_fill(&s->g, &v, sizeof(v));
	return v % n;
}

/* ---- what a relay has ---- */

static size_t
files_of(pid_t pid)
{
	char path[64];
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

/* ---- one client ---- */

static void
die(struct soak *s, struct user *u)
{
	if (!u->up)
		return;
	raw_close(&u->r);
	u->up = 0;
	u->place = 0; /* comes again */
	s->deaths++;
}

static void
transmit(struct user *u, const struct sent *m, uint64_t ref)
{
	uint8_t body[200] = { 0 };
	char to[16];

	memcpy(body, &m->id, sizeof(m->id));
	(void)snprintf(to, sizeof(to), "u%u", m->to);
	raw_relay(&u->r, CHAT_MESSAGE, to, ref, SPAN(body));
}

static void
come_back(struct soak *s, size_t i)
{
	struct user *u = &s->u[i];
	struct hs_ticket t;
	const struct ident *id = crowd_ticket(s->c, i, &t);

	raw_resume(&u->r, id, s->w->port, &t);
	u->up = 1;
	raw_cmd(&u->r, &(struct wire_cmd){ .type = WIRE_WATCH });
	for (size_t k = 0; k < u->n; k++)
		if (!u->sent[k].answered)
			transmit(u, &u->sent[k], u->ref + k);
	raw_flush(&u->r);
}

static void
on_answer(struct soak *s, struct user *u, const struct wire_sent *a)
{
	const uint64_t k = a->ref - u->ref;

	if (a->ref < u->ref || k >= u->n || u->sent[k].answered)
		return;
	assert_int_equal(a->result, WIRE_STORED);
	u->sent[k].answered = 1;
	s->state[u->sent[k].id] |= TAKEN;
	s->taken++;
	/* In front may go what is answered. */
	while (u->n > 0 && u->sent[0].answered) {
		memmove(&u->sent[0], &u->sent[1], --u->n * sizeof(u->sent[0]));
		u->ref++;
	}
}

static void
on_message(struct soak *s, struct user *u, const struct wire_relay *m)
{
	const uint32_t from = (uint32_t)strtoul(m->name.s + 1, NULL, 10);
	uint32_t id;

	memcpy(&id, m->payload.p, sizeof(id));
	assert_true(id > 0 && id < s->next_id && from < USERS);
	if (s->state[id] & CAME) {
		s->again++;
	} else {
		if (id < u->last[from])
			fail_msg("%u came behind %u", id, u->last[from]);
		u->last[from] = id;
		s->state[id] |= CAME;
		s->came++;
	}
	u->place = m->ref;
}

/* All that has come; 0: nothing had, or it is cut off. */
static int
listen_to(struct soak *s, struct user *u, int ms)
{
	struct pollfd p = { .fd = u->r.fd, .events = POLLIN };
	struct wire_relay m;
	struct wire_cmd c;

	if (!u->up || (u->r.in.n == 0 && poll(&p, 1, ms) <= 0))
		return 0;
	switch (raw_try(&u->r)) {
	case TUNNEL_EV_COMMAND:
		assert_int_equal(wire_cmd_read(&c, WIRE_FROM_RELAY,
				     u->r.ev.msg),
		    SOTTO_OK);
		for (size_t i = 0; c.type == WIRE_SENT && i < c.sents.n; i++) {
			const struct wire_sent a = wire_sent_at(&c.sents, i);

			on_answer(s, u, &a);
		}
		return 1;
	case TUNNEL_EV_RELAY:
		assert_int_equal(wire_relay_read(&m, u->r.ev.msg), SOTTO_OK);
		on_message(s, u, &m);
		return 1;
	case TUNNEL_EV_NONE:
	case TUNNEL_EV_PONG:
		return 1;
	case TUNNEL_EV_CLOSED:
	case TUNNEL_EV_FAILED:
		die(s, u);
		return 0;
	}
	return 0;
}

static void
confirm(struct user *u)
{
	if (!u->up || u->place == 0)
		return;
	raw_cmd(&u->r,
	    &(struct wire_cmd){ .type = WIRE_ACK, .place = u->place });
	raw_flush(&u->r);
	u->place = 0;
}

static void
say(struct soak *s, struct user *u)
{
	struct sent *m = &u->sent[u->n];

	if (!u->up || u->n == WAITING || s->next_id == IDS)
		return;
	*m = (struct sent){ .id = s->next_id++, .to = chance(s, USERS) };
	transmit(u, m, u->ref + u->n);
	u->n++;
	raw_flush(&u->r);
}

/* ---- everybody ---- */

static void
step(struct soak *s)
{
	const size_t i = chance(s, USERS);
	struct user *u = &s->u[i];
	const uint32_t what = chance(s, 1000);

	if (!u->up) {
		if (what < 50)
			come_back(s, i);
		return;
	}
	if (what < 4) {
		die(s, u); /* mostly with something unconfirmed */
	} else if (what < 400) {
		say(s, u);
	} else {
		while (listen_to(s, u, 0))
			;
		if (what < 900)
			confirm(u);
	}
}

static void
restart_relay(struct soak *s, int sig)
{
	(void)world_relay_stop(s->w, sig);
	for (size_t i = 0; i < USERS; i++)
		die(s, &s->u[i]);
	world_relay_start(s->w);
	s->starts++;
}

/* Until nothing is on its way any more. */
static void
drain(struct soak *s)
{
	for (int quiet = 0; quiet < 3;) {
		int some = 0;

		for (size_t i = 0; i < USERS; i++) {
			struct user *u = &s->u[i];

			if (!u->up)
				come_back(s, i);
			while (listen_to(s, u, quiet > 0 ? 20 : 1))
				some = 1;
			confirm(u);
			some |= u->n > 0;
		}
		quiet = some ? 0 : quiet + 1;
	}
}

static void
check_all(const struct soak *s)
{
	size_t lost = 0;

	for (uint32_t id = 1; id < s->next_id; id++)
		lost += (s->state[id] & (TAKEN | CAME)) == TAKEN;
	(void)printf("soak: %u messages, %zu taken, %zu came, %zu once more, "
		     "%zu deaths, %zu starts of the relay, %zu lost\n",
	    s->next_id - 1, s->taken, s->came, s->again, s->deaths, s->starts,
	    lost);
	assert_int_equal(lost, 0);
	assert_int_equal(s->taken, s->next_id - 1);
	assert_int_equal(s->came, s->next_id - 1);
}

/* The same relay, for that long: it must not grow. */
static void
long_run(struct soak *s, unsigned seconds)
{
	const uint64_t start = clock_mono_ms(), end = start + seconds * 1000ULL;
	size_t rss = 0, files = 0, rss_after, files_after;

	while (clock_mono_ms() < end) {
		for (int i = 0; i < 1000; i++)
			step(s);
		if (rss == 0 && clock_mono_ms() > start + seconds * 250ULL) {
			drain(s);
			rss = crowd_rss_kib(s->w->relay.pid);
			files = files_of(s->w->relay.pid);
		}
	}
	drain(s);
	rss_after = crowd_rss_kib(s->w->relay.pid);
	files_after = files_of(s->w->relay.pid);
	(void)printf("soak: %zu KiB and %zu files after a quarter, %zu KiB and "
		     "%zu files in the end\n",
	    rss, files, rss_after, files_after);
	assert_true(rss_after <= rss + rss / 4);
	assert_int_equal(files_after, files);
}

int
main(int argc, char **argv)
{
	const unsigned seconds =
	    argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 120;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct soak *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->state = calloc(IDS, 1);
	assert_non_null(s->state);
	test_rng_init(&s->rnd, seed);
	s->g = test_rng(&s->rnd);
	s->next_id = 1;
	s->w = world_new();
	crowd_users(s->w, USERS);
	s->c = crowd_new(CROWD_SOTTO, s->w, s->w->port);
	for (size_t i = 0; i < USERS; i++) {
		s->u[i].ref = 1;
		come_back(s, i);
	}
	long_run(s, seconds * 3 / 4);
	for (int i = 0; i < 6; i++) {
		const uint64_t until = clock_mono_ms() + seconds * 1000ULL / 24;

		while (clock_mono_ms() < until)
			step(s);
		restart_relay(s, i % 2 == 0 ? SIGKILL : SIGTERM);
	}
	drain(s);
	check_all(s);
	crowd_free(s->c);
	world_free(s->w);
	free(s->state);
	free(s);
	return 0;
}
