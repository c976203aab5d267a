/* A relay and two clients that can be killed; see sim.h. */
#include <sys/stat.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"

#include "sotto/history.h"
#include "sottod/conn.h"
#include "tests/lib/cm.h"
#include "tests/sim/sim.h"

#define PORT 7443
#define PASS "simulation"

struct sim_world {
	char dir[128];
	struct sottod_conf conf;
	struct log *log;
	struct server relay;
	int runs;
	unsigned lives; /* names of folders are never used twice */
	struct sim_client client[2];
};

/* ---- folders ---- */

static void
remove_folder(const char *dir)
{
	char path[FILE_PATH_MAX];
	DIR *d = opendir(dir);
	struct dirent *f;

	while (d != NULL && (f = readdir(d)) != NULL)
		if (f->d_name[0] != '.' &&
		    file_join(path, dir, f->d_name) == SOTTO_OK)
			(void)unlink(path);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

static void
copy_file(const char *from, const char *to)
{
	static char bytes[1 << 16];
	struct stat st;
	FILE *in, *out;
	size_t n;

	if (stat(from, &st) != 0 || !S_ISREG(st.st_mode))
		return; /* the relay's socket */
	in = fopen(from, "r");
	out = fopen(to, "w");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
	(void)chmod(to, 0600);
}

/* As a machine that stops now would leave it. */
static void
copy_folder(const char *from, const char *to)
{
	char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
	DIR *d = opendir(from);
	struct dirent *f;

	assert_non_null(d);
	assert_int_equal(mkdir(to, 0700), 0);
	while ((f = readdir(d)) != NULL) {
		/* What only lives with a process is not copied. */
		if (f->d_name[0] == '.' || strstr(f->d_name, "-shm") != NULL ||
		    strcmp(f->d_name, "lock") == 0)
			continue;
		assert_int_equal(file_join(a, from, f->d_name), SOTTO_OK);
		assert_int_equal(file_join(b, to, f->d_name), SOTTO_OK);
		copy_file(a, b);
	}
	(void)closedir(d);
}

/* dir becomes a copy of itself under a new name; the old one is left. */
static void
new_life(struct sim_world *w, char *dir, size_t cap, const char *of)
{
	char next[FILE_PATH_MAX];

	(void)snprintf(next, sizeof(next), "%.100s/%u", w->dir, ++w->lives);
	copy_folder(of, next);
	(void)snprintf(dir, cap, "%s", next);
}

static void
template_of(const struct sim_world *w, char out[256], unsigned node)
{
	(void)snprintf(out, 256, "%.100s/t%u", w->dir, node);
}

/* ---- the relay ---- */

static void
no_words(const char *what)
{
	(void)what;
}

void
sim_start_relay(struct sim_world *w)
{
	struct identity *id = calloc(1, sizeof(*id));
	struct store *st = NULL;
	char err[CA_ERR_MAX] = "";

	sim_node(0);
	assert_non_null(id);
	id->refs = 1;
	if (store_open(&st, w->conf.state, err) != SOTTO_OK ||
	    ca_open(&id->ca, &w->conf, st, server_now(), no_words, err) !=
		SOTTO_OK ||
	    server_start(&w->relay, &w->conf, w->log, st, id, err) !=
		SOTTO_OK) {
		identity_unref(id);
		store_close(st);
		fail_msg("the relay does not start: %s", err);
		return;
	}
	w->runs = 1;
}

int
sim_relay_runs(const struct sim_world *w)
{
	return w->runs;
}

static void
relay_gone(struct sim_world *w)
{
	while (w->relay.conns != NULL)
		conn_drop(w->relay.conns, "the simulation ends");
	sim_relay_gone();
	server_free(&w->relay);
	w->runs = 0;
}

void
sim_kill_relay(struct sim_world *w)
{
	char old[FILE_PATH_MAX];

	if (!w->runs)
		return;
	(void)snprintf(old, sizeof(old), "%s", w->conf.state);
	new_life(w, w->conf.state, sizeof(w->conf.state), old);
	sim_drop_node(0);
	relay_gone(w);
	remove_folder(old);
}

/* ---- what the apps do ---- */

void
sim_post(struct sim_client *c, struct msg *m)
{
	assert_non_null(m);
	assert_int_equal(mbox_post(engine_commands(c->e), &m->head), SOTTO_OK);
}

static void
post_chat(struct sim_client *c, enum msg_type t, uint32_t chat)
{
	struct msg *m = msg_new(t);

	assert_non_null(m);
	m->chat = chat;
	sim_post(c, m);
}

/* "peer 17": which one it is; -1 for other words. */
static int
number_of(const char *text, const char *name)
{
	const size_t n = strlen(name);

	if (text == NULL || strncmp(text, name, n) != 0 || text[n] != ' ')
		return -1;
	return atoi(text + n + 1);
}

static void
on_chat(struct sim_client *c, const struct msg *m)
{
	if (m->phase == HIST_ASKS) {
		post_chat(c, CMD_ACCEPT, m->chat);
	} else if (m->phase == HIST_OPEN) {
		c->chat = m->chat;
	} else if (m->phase == HIST_ASKED) {
		c->asking = 1;
	}
}

/* SIM_VERBOSE=1: to look into a seed. */
static void
show(const struct sim_client *c, const struct msg *m)
{
	if (getenv("SIM_VERBOSE") != NULL)
		(void)fprintf(stderr,
		    "%9.3f %s ev %d chat %u link %d sent %d over %d phase %d "
		    "kind %d id %llx: %s\n",
		    (double)sim_now() / 1000, c->name, m->head.type,
		    (unsigned)m->chat, (int)m->link, (int)m->sent, (int)m->over,
		    m->phase, m->kind, (unsigned long long)m->id,
		    m->text != NULL ? m->text : "");
}

static void
on_event(struct sim_client *c, const struct msg *m)
{
	int n;

	show(c, m);

	switch (m->head.type) { /* not all of them */
	case EV_LINK:
		c->online = m->link == LINK_ONLINE;
		break;
	case EV_ENTERED:
		c->entered = 1;
		break;
	case EV_ENTRY_FAILED:
		fail_msg("%s does not get in: %s", c->name,
		    m->text != NULL ? m->text : "");
		break;
	case EV_RINGING:
		post_chat(c, CMD_ACCEPT, m->chat);
		break;
	case EV_OPEN:
		c->chat = m->chat;
		c->asking = 0;
		break;
	case EV_CHAT:
		on_chat(c, m);
		break;
	case EV_OVER:
		c->asking = 0;
		c->chat = 0;
		break;
	case EV_LINE:
		c->oldest = m->line;
		c->page_chat = m->chat;
		if (c->on_line != NULL)
			c->on_line(c, m);
		break;
	case EV_PAGE:
		c->loaded |= m->chat == 0;
		if (c->on_line != NULL && m->chat != 0 &&
		    m->chat == c->page_chat) {
			struct msg *more = msg_new(CMD_PAGE);

			assert_non_null(more);
			c->page_chat = 0; /* until another line comes */
			more->chat = m->chat;
			more->line = c->oldest;
			sim_post(c, more);
		}
		break;
	case EV_TEXT:
		n = m->kind == HIST_THEIRS ? number_of(m->text, c->peer) : -1;
		if (n >= 0 && n < 256)
			c->heard[n]++;
		break;
	case EV_SENT:
		if (m->sent != SENT_FAILED)
			c->accepted[m->id & 0xff] = 1;
		break;
	case EV_STOPPED:
		c->stopped = 1;
		break;
	default:
		break;
	}
}

static int
drain(struct sim_client *c)
{
	struct mbox_msg *m;
	int some = 0;

	while (c->e != NULL && (m = mbox_take(engine_events(c->e))) != NULL) {
		on_event(c, (struct msg *)(void *)m);
		m->free(m);
		some = 1;
	}
	return some;
}

void
sim_ask(struct sim_client *c)
{
	struct msg *m;

	if (c->e == NULL || !c->loaded || c->chat != 0 || c->asking)
		return;
	m = msg_new(CMD_REQUEST);
	assert_non_null(m);
	assert_int_equal(name_parse(&m->name, span_str(c->peer)), SOTTO_OK);
	c->asking = 1;
	sim_post(c, m);
}

void
sim_say(struct sim_client *c)
{
	struct msg *m;

	if (c->e == NULL || !c->loaded || c->chat == 0 || c->said == 255)
		return;
	m = msg_new(CMD_SAY);
	assert_non_null(m);
	m->chat = c->chat;
	m->id = (uint64_t)(sim_chance(UINT32_MAX - 1) + 1U) << 16 | c->said;
	assert_true(msg_set_text(m, "%s %u", c->name, c->said));
	c->said++;
	sim_post(c, m);
}

/* ---- clients ---- */

static void
start_engine(struct sim_client *c)
{
	struct engine_conf conf = { .dir = c->dir, .cost = { 2, 64 << 20 } };

	sim_node(c->node);
	suite_default(&conf.suites, 0);
	c->online = c->entered = c->loaded = c->stopped = c->asking = 0;
	c->chat = 0;
	c->e = engine_start(&conf);
	assert_non_null(c->e);
}

static struct msg *
with_pass(enum msg_type t)
{
	struct msg *m = msg_new(t);

	assert_non_null(m);
	m->pass = secret_alloc(sizeof(PASS));
	assert_non_null(m->pass);
	memcpy(m->pass, PASS, sizeof(PASS));
	return m;
}

void
sim_start_client(struct sim_world *w, unsigned i)
{
	struct sim_client *c = &w->client[i];

	if (c->e != NULL)
		return;
	start_engine(c);
	sim_post(c, with_pass(CMD_UNLOCK));
}

static void
joined(struct sim_client *c)
{
	engine_join(c->e);
	c->e = NULL;
	c->chat = 0;
	c->online = c->loaded = 0;
}

/* Its thread ends; on the disk that nobody looks at any more. */
static void
engine_gone(struct sim_client *c)
{
	sim_drop_node(c->node);
	(void)drain(c);
	sim_post(c, msg_new(CMD_QUIT));
	sim_last_words(c->node);
	assert_true(sim_release(c->node));
	joined(c);
}

void
sim_kill_client(struct sim_world *w, unsigned i)
{
	struct sim_client *c = &w->client[i];
	char old[sizeof(c->dir)];

	if (c->e == NULL)
		return;
	(void)snprintf(old, sizeof(old), "%s", c->dir);
	new_life(w, c->dir, sizeof(c->dir), old);
	engine_gone(c);
	remove_folder(old);
}

void
sim_quit_client(struct sim_world *w, unsigned i)
{
	struct sim_client *c = &w->client[i];
	int tries = 0;

	if (c->e == NULL)
		return;
	sim_freeze(c->node, 0);
	sim_post(c, msg_new(CMD_QUIT));
	do { /* it takes its time, but not for ever */
		assert_true(tries++ < 2000);
		sim_run(w, sim_now() + 10);
	} while (!sim_release(c->node));
	joined(c);
}

struct sim_client *
sim_client(struct sim_world *w, unsigned i)
{
	return &w->client[i];
}

void
sim_run(struct sim_world *w, uint64_t until_ms)
{
	do {
		(void)drain(&w->client[0]);
		(void)drain(&w->client[1]);
	} while (
	    sim_turn(until_ms) || drain(&w->client[0]) || drain(&w->client[1]));
}

/* ---- the beginning ---- */

static void
make_relay(struct sim_world *w)
{
	struct sottod_conf *c = &w->conf;

	assert_int_equal(sottod_conf_default(c), SOTTO_OK);
	template_of(w, c->state, 0);
	assert_int_equal(mkdir(c->state, 0700), 0);
	assert_null(sottod_conf_set(c, "server", "name", "localhost"));
	assert_null(sottod_conf_set(c, "server", "listen", "127.0.0.1"));
	assert_null(sottod_conf_finish(c));
	c->port = PORT;
	c->limits.logins_minute = 100000;
	w->log = log_open("/dev/null", LOG_ERROR);
	assert_non_null(w->log);
	sim_start_relay(w);
}

static void
enrol(struct sim_world *w, struct sim_client *c)
{
	struct msg *m = with_pass(CMD_ENROL);
	struct store_invite si = { .uses_left = 1 };
	struct store *st = NULL;
	char err[DB_ERR_MAX];

	sim_node(0);
	(void)snprintf(m->invite.host, sizeof(m->invite.host), "localhost");
	m->invite.port = PORT;
	m->invite.has_key = m->invite.has_token = 1;
	m->invite.key = w->relay.id->ca.fingerprint;
	secret_random(m->invite.token_id, sizeof(m->invite.token_id));
	secret_random(m->invite.token.b, sizeof(m->invite.token.b));
	memcpy(si.id, m->invite.token_id, sizeof(si.id));
	invite_psk(&si.psk, &m->invite);
	si.made_at = server_now();
	si.expires_at = si.made_at + 3600;
	assert_int_equal(store_open(&st, w->conf.state, err), SOTTO_OK);
	assert_int_equal(store_add_invite(st, &si), SOTTO_OK);
	store_close(st);
	m->pin_how = PIN_LINE;
	(void)snprintf(m->relay, sizeof(m->relay), "localhost");
	assert_int_equal(name_parse(&m->name, span_str(c->name)), SOTTO_OK);
	template_of(w, c->dir, c->node);
	start_engine(c);
	sim_post(c, m);
	sim_run(w, sim_now() + 60000);
	assert_true(c->entered && c->online);
}

struct sim_world *
sim_world_new(void)
{
	static const char *const names[] = { "alice", "bob" };
	struct sim_world *w = calloc(1, sizeof(*w));
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	assert_non_null(w);
	(void)snprintf(w->dir, sizeof(w->dir), "%s/sotto-sim-XXXXXX", tmp);
	assert_non_null(mkdtemp(w->dir));
	sim_reset(1);
	make_relay(w);
	for (unsigned i = 0; i < 2; i++) {
		w->client[i] = (struct sim_client){ .node = i + 1,
			.name = names[i],
			.peer = names[1 - i] };
		enrol(w, &w->client[i]);
	}
	sim_run(w, sim_now() + 60000);
	for (unsigned i = 0; i < 2; i++)
		engine_gone(&w->client[i]);
	relay_gone(w);
	return w;
}

void
sim_world_free(struct sim_world *w)
{
	char dir[256];

	for (unsigned i = 0; i < SIM_NODES; i++) {
		template_of(w, dir, i);
		remove_folder(dir);
	}
	(void)rmdir(w->dir);
	log_close(w->log);
	free(w);
}

void
sim_begin(struct sim_world *w)
{
	char of[256];

	sim_keys_from(0);

	template_of(w, of, 0);
	new_life(w, w->conf.state, sizeof(w->conf.state), of);
	sim_start_relay(w);
	for (unsigned i = 0; i < 2; i++) {
		struct sim_client *c = &w->client[i];

		*c = (struct sim_client){ .node = c->node,
			.name = c->name,
			.peer = c->peer };
		template_of(w, of, c->node);
		new_life(w, c->dir, sizeof(c->dir), of);
		sim_start_client(w, i);
	}
}

void
sim_end(struct sim_world *w)
{
	for (unsigned i = 0; i < 2; i++) {
		if (w->client[i].e != NULL)
			engine_gone(&w->client[i]);
		remove_folder(w->client[i].dir);
	}
	if (w->runs) {
		sim_drop_node(0);
		relay_gone(w);
	}
	remove_folder(w->conf.state);
}
