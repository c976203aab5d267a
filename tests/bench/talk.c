/*
 * What a message costs between two people, beside its own AEAD and hashes in
 * the same run; what a turn and a start cost; and a long history.
 */
#include "crypto/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"

#include "crypto/kdf.h"
#include "crypto/prekey.h"
#include "crypto/ratchet.h"
#include "sotto/history.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define SIZE     200
#define MESSAGES 2000
#define LINES    1000000
#define NOW_MS   (FIX_NOW * 1000)

struct two {
	struct ratchet *a, *b;
	struct rng g;
};

static void
two_init(struct two *t)
{
	struct chat_keys a = { .suite = SUITE_AES256_GCM, .asker = 1 }, b;

	t->g = rng_system();
	assert_int_equal(name_parse(&a.me, span_str("alice")), SOTTO_OK);
	assert_int_equal(name_parse(&a.peer, span_str("bob")), SOTTO_OK);
	rng_fill(&t->g, a.root.b, KEY_LEN);
	rng_fill(&t->g, a.first.b, KEY_LEN);
	b = a;
	b.asker = 0;
	b.me = a.peer;
	b.peer = a.me;
	x25519_make(&b.mine, &a.theirs, &t->g);
	t->a = ratchet_new(&a);
	t->b = ratchet_new(&b);
}

/* The text as it is sealed. */
static struct span
inner(uint8_t buf[512])
{
	static char text[SIZE + 1];
	struct talk_content c = { .what = TALK_TEXT, .id = 7 };
	struct wr w;

	memset(text, 'x', SIZE);
	c.text = span_str(text);
	wr_init(&w, buf, 512);
	assert_int_equal(talk_write(&w, &c), SOTTO_OK);
	return wr_out(&w);
}

/* The two steps of a chain, the keys of a message, its AEAD: no less will do. */
static double
bare(const char *name, struct span in)
{
	const struct rng g = rng_system();
	uint8_t out[1024], aad[187] = { 0 };
	struct figure f = { 0 };
	struct key k = { { 1 } };
	struct aead a = { 0 };
	struct hash h;

	TIMES(&f, MESSAGES, kdf_mac(&h, &k, span_str("1"));
	      kdf_mac(&h, &k, span_str("2"));
	      (void)!aead_init(&a, SUITE_AES256_GCM, AEAD_SEAL, &k);
	      (void)!aead_seal(&a, out, 1, SPAN(aad), in, &g); aead_wipe(&a));
	bench_print(name, &f, "us", 0, NULL);
	return bench_median(&f);
}

static void
messages(void)
{
	static uint8_t wire[MESSAGES][1024];
	static size_t len[MESSAGES];
	uint8_t buf[512], out[1024];
	const struct span in = inner(buf);
	struct figure seal = { .n = BENCH_ROUNDS }, open = seal, turn = seal;
	const double least = bare("talk.bare.200", in);
	struct ratchet_opened o;
	uint64_t counter;
	struct two t;
	struct wr w;

	two_init(&t);
	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		double at = bench_cpu_us();

		for (int i = 0; i < MESSAGES; i++) {
			wr_init(&w, wire[i], sizeof(wire[i]));
			(void)!ratchet_seal(t.a, CHAT_MESSAGE, in, &t.g, &w,
			    &counter);
			len[i] = w.n;
		}
		seal.v[r] = (bench_cpu_us() - at) / MESSAGES;
		at = bench_cpu_us();
		for (int i = 0; i < MESSAGES; i++)
			assert_int_equal(ratchet_open(t.b, CHAT_MESSAGE,
					     (struct span){ wire[i], len[i] },
					     FIX_NOW, out, &o),
			    SOTTO_OK);
		open.v[r] = (bench_cpu_us() - at) / MESSAGES;
		/* Each answers the other: a new key and an agreement each. */
		at = bench_cpu_us();
		for (int i = 0; i < 200; i++) {
			struct ratchet *from = i % 2 ? t.a : t.b;
			struct ratchet *to = i % 2 ? t.b : t.a;

			wr_init(&w, wire[0], sizeof(wire[0]));
			(void)!ratchet_seal(from, CHAT_MESSAGE, in, &t.g, &w,
			    &counter);
			assert_int_equal(ratchet_open(to, CHAT_MESSAGE,
					     wr_out(&w), FIX_NOW, out, &o),
			    SOTTO_OK);
		}
		turn.v[r] = (bench_cpu_us() - at) / 200;
	}
	bench_print("talk.seal.200", &seal, "us", least, "talk.bare.200");
	bench_print("talk.open.200", &open, "us", least, "talk.bare.200");
	bench_print("talk.turn", &turn, "us", 0, NULL);
	ratchet_free(t.a);
	ratchet_free(t.b);
}

/* A session with somebody who is away, from his bundle to the first key. */
static void
start(struct fixture *f)
{
	/* As the client has it. */
	struct cert_anchor *anchor = cert_anchor_new(f->conf.ca_cert);
	struct chat_self self = { .id = f->alice,
		.ca = f->conf.ca_cert,
		.anchor = anchor };
	struct prekey_secret s = { .epoch = 1, .made_at = FIX_NOW };
	uint8_t bundle[PREKEY_BUNDLE_MAX], head[PREKEY_HEAD_MAX], one[128];
	struct rsa_key *rpk = fix_key("chat");
	struct figure fig = { 0 };
	struct x25519_pub pub;
	struct prekey_peer p;
	struct chat_keys k;
	struct wr b, h, o;
	const char *why;

	suite_default(&self.suites, 0);
	x25519_make(&s.spk, &pub, &f->g);
	wr_init(&b, s.rpk, sizeof(s.rpk));
	assert_int_equal(rsa_key_write(rpk, &b), SOTTO_OK);
	s.rpk_len = b.n;
	rsa_key_free(rpk);
	wr_init(&b, bundle, sizeof(bundle));
	assert_int_equal(prekey_bundle(&b, f->bob, &s, &self.suites), SOTTO_OK);
	wr_init(&o, one, sizeof(one));
	prekey_one(&o, f->bob, 1, &s.spk);
	TIMES(&fig, 50,
	      (void)!prekey_check(&p, &self, &f->bob->name, wr_out(&b),
		  wr_out(&o), NOW_MS, &why);
	      wr_init(&h, head, sizeof(head));
	      (void)!prekey_start(&k, &h, &self, &p, &f->g));
	bench_print("talk.start", &fig, "us", 0, NULL);
	cert_anchor_free(anchor);
}

/* ---- history ---- */

static double
wall_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
rss_mb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long all = 0, resident = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu %lu", &all, &resident), 2);
	(void)fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static int
nothing(void *ctx, const struct hist_line *l)
{
	(void)l;
	++*(size_t *)ctx;
	return 1;
}

#define NEEDLE "a heron at noon"

/* Texts of 12 words out of 2,000 made-up ones; one line is another. */
static void
say_something(char *out, size_t cap, uint64_t i)
{
	static uint64_t x = 88172645463325252ULL;
	size_t n = 0;

	if (i == LINES - 100000) {
		(void)snprintf(out, cap, "%s", NEEDLE);
		return;
	}
	for (int w = 0; w < 12; w++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		const unsigned k = (unsigned)(x >> 40) % 2000;

		n += (size_t)snprintf(out + n, cap - n, "%c%c%c%c%c ",
		    'b' + (int)(k % 20), "aeiou"[k / 20 % 5],
		    'c' + (int)(k / 100 % 20), "aeiou"[k % 5],
		    "nrstl"[k / 7 % 5]);
	}
}

static int
look(void *ctx, int64_t chat, const struct hist_line *l)
{
	char *folded = text_fold_dup(span_str(l->text));
	const int hit = strstr(folded, ctx) != NULL;

	(void)chat;
	free(folded);
	return !hit;
}

/* Until the first hit, or until all was looked at. */
static double
find_ms(struct vault *v, char *words, size_t *seen)
{
	struct hist_look at = { .before = INT64_MAX };
	const double start = wall_ms();

	assert_int_equal(hist_look(v, words, &at, SIZE_MAX, look, words),
	    SOTTO_OK);
	*seen = at.seen;
	return wall_ms() - start;
}

static double
learn_us(struct vault *v)
{
	const double at = bench_cpu_us();
	int64_t run = INT64_MAX;

	assert_int_equal(vault_begin(v), SOTTO_OK);
	while (hist_learn(v, &run) == SOTTO_OK)
		;
	assert_int_equal(vault_commit(v), SOTTO_OK);
	return (bench_cpu_us() - at) / LINES;
}

static void
history(void)
{
	char dir[] = "/tmp/sotto-bench.XXXXXX", err[DB_ERR_MAX], cmd[64];
	char text[128], needle[] = NEEDLE, no[] = "no such line";
	const struct rng g = rng_system();
	const struct key master = { { 1 } };
	struct figure open = { .n = BENCH_ROUNDS }, rss = { .n = 1 },
		      add = { .n = 1 }, learn = add, find = open, miss = open;
	struct hist_chat c = { .phase = HIST_OPEN };
	struct hist_line l = { .kind = HIST_THEIRS, .text = text };
	struct vault *v = NULL;
	double at;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(vault_open(&v, dir, &master, &g, err), SOTTO_OK);
	assert_int_equal(name_parse(&c.name, span_str("bob")), SOTTO_OK);
	assert_int_equal(vault_begin(v), SOTTO_OK);
	assert_int_equal(hist_chat_put(v, &c), SOTTO_OK);
	at = bench_cpu_us();
	for (uint64_t i = 0; i < LINES; i++) {
		say_something(text, sizeof(text), i);
		l.msg = i + 1;
		l.at_ms = NOW_MS + i * 60000;
		assert_int_equal(hist_add(v, c.id, &l), SOTTO_OK);
	}
	add.v[0] = (bench_cpu_us() - at) / LINES;
	assert_int_equal(vault_commit(v), SOTTO_OK);
	learn.v[0] = learn_us(v);
	vault_close(v);
	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		size_t n = 0, damaged;

		at = wall_ms();
		assert_int_equal(vault_open(&v, dir, &master, &g, err),
		    SOTTO_OK);
		assert_int_equal(hist_page(v, c.id, INT64_MAX, 0, 200, nothing,
				     &n, &damaged),
		    SOTTO_OK);
		open.v[r] = wall_ms() - at;
		assert_int_equal(n, 200);
		rss.v[0] = rss_mb();
		find.v[r] = find_ms(v, needle, &n);
		assert_in_range(n, 100000, 100000 + HIST_RUN);
		miss.v[r] = find_ms(v, no, &n);
		assert_int_equal(n, LINES);
		vault_close(v);
	}
	bench_print("history.add", &add, "us", 0, NULL);
	bench_print("history.open.1000000", &open, "ms", 0, NULL);
	bench_print("history.learn", &learn, "us", 0, NULL);
	bench_print("history.find.100000", &find, "ms", 0, NULL);
	bench_print("history.find.none.1000000", &miss, "ms", 0, NULL);
	bench_print("history.rss.1000000", &rss, "MB", 0, NULL);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

int
main(void)
{
	struct fixture *f = fix_new();

	messages();
	start(f);
	history();
	fix_free(f);
	return 0;
}
