/*
 * What the relay costs: CPU of the real program (all its threads, from
 * /proc), beside the primitives that it cannot do without, in the same run.
 * Prints one line a figure; tests/bench/run.sh says what the columns are.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/aead.h"
#include "crypto/rsa.h"
#include "crypto/ticket.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/engine.h"
#include "tests/lib/fixture.h"
#include "tests/lib/raw.h"
#include "tests/lib/world.h"

#define LOGINS   30
#define MESSAGES 2000
#define WINDOW   32
#define SIZE     200

/* ---- clocks ---- */

/* CPU of all threads of a process; the kernel counts nanoseconds. */
static double
cpu_us(pid_t pid)
{
	char path[320];
	double sum = 0;
	struct dirent *d;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		unsigned long long ns = 0;
		FILE *f;

		(void)snprintf(path, sizeof(path),
		    "/proc/%d/task/%.16s/schedstat", (int)pid, d->d_name);
		if ((f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e3;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return sum;
}

/* ---- the primitives ---- */

/* RSA and X25519 of one login, on the relay's side. */
static double
login_primitives(double *x25519)
{
	struct rsa_key *k = fix_key("epoch");
	struct rsa_pub *p = rsa_pub_of(k);
	const struct span text = span_str("transcript"),
			  label = span_str("label");
	const struct rng g = rng_system();
	uint8_t sig[RSA_LEN], c[RSA_LEN], out[64];
	struct figure sign = { 0 }, verify = { 0 }, open = { 0 }, x = { 0 };
	struct x25519_sec s;
	struct x25519_pub pub;
	struct key shared;
	size_t n;
	double sum;

	(void)!rsa_oaep_seal(p, label, text, c, sizeof(c));
	TIMES(&sign, 20, (void)!rsa_pss_sign(k, text, sig, sizeof(sig)));
	TIMES(&verify, 100, (void)!rsa_pss_verify(p, text, SPAN(sig)));
	TIMES(&open, 20,
	    (void)!rsa_oaep_open(k, label, SPAN(c), out, sizeof(out), &n));
	TIMES(&x, 100, x25519_make(&s, &pub, &g);
	      (void)!x25519_shared(&shared, &s, &pub));
	bench_print("rsa.pss.sign", &sign, "us", 0, NULL);
	bench_print("rsa.pss.verify", &verify, "us", 0, NULL);
	bench_print("rsa.oaep.open", &open, "us", 0, NULL);
	bench_print("x25519.make+shared", &x, "us", 0, NULL);
	*x25519 = bench_median(&x);
	/* M2 is signed, M3 opened; the user's signature and certificate are
	 * checked. */
	sum = bench_median(&sign) + bench_median(&open) +
	    2 * bench_median(&verify) + bench_median(&x);
	rsa_pub_free(p);
	rsa_key_free(k);
	return sum;
}

/* Open and seal what a record with a 200-byte message holds. */
static double
two_gcm(size_t size, const char *name)
{
	static uint8_t in[4096], out[4200];
	uint8_t key[32] = { 1 }, nonce[12] = { 2 }, aad[21] = { 3 };
	struct aes *seal = aes_new(AES_GCM_SEAL, key, sizeof(key));
	struct aes *open = aes_new(AES_GCM_OPEN, key, sizeof(key));
	struct figure f = { 0 };

	TIMES(&f, 20000,
	      (void)!aes_gcm_seal(seal, out, nonce, SPAN(aad),
		  (struct span){ in, size });
	      (void)!aes_gcm_open(open, in, nonce, SPAN(aad),
		  (struct span){ out, size + AEAD_TAG_LEN }));
	bench_print(name, &f, "us", 0, NULL);
	aes_free(seal);
	aes_free(open);
	return bench_median(&f);
}

/* ---- the relay ---- */

/* With the tickets of the logins before; every sixteenth is a whole one, and
 * is not counted. */
static void
bench_resumed(struct world *w, const struct ident *id, double x25519)
{
	struct figure f = { 0 };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		double us = 0;
		int n = 0;

		while (n < 10 * LOGINS) {
			struct hs_ticket t;
			struct raw raw;
			double at;

			raw_login(&raw, id, w->port);
			t = raw.ticket;
			raw_close(&raw);
			(void)usleep(20000);
			at = cpu_us(w->relay.pid);
			for (int i = 0; i < TICKET_USES_MAX - 1; i++, n++) {
				raw_resume(&raw, id, w->port, &t);
				t = raw.ticket;
				raw_close(&raw);
			}
			(void)usleep(20000);
			us += cpu_us(w->relay.pid) - at;
		}
		f.v[f.n++] = us / n;
	}
	bench_print("relay.login.resumed", &f, "us", x25519,
	    "its X25519 operations");
}

static void
bench_logins(struct world *w, const struct ident *id, double primitives)
{
	struct figure f = { 0 };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		const double at = cpu_us(w->relay.pid);

		for (int i = 0; i < LOGINS; i++) {
			struct raw raw;

			raw_login(&raw, id, w->port);
			raw_close(&raw);
		}
		f.v[f.n++] = (cpu_us(w->relay.pid) - at) / LOGINS;
	}
	bench_print("relay.login", &f, "us", primitives,
	    "sum of its RSA and X25519 operations");
}

static void
expect(struct raw *r, enum tunnel_event ev)
{
	while (raw_next(r) != ev)
		;
}

/* The place of the message that b got. */
static uint64_t
place_of(const struct raw *b)
{
	struct wire_relay m;

	assert_int_equal(wire_relay_read(&m, b->ev.msg), SOTTO_OK);
	return m.ref;
}

/*
 * window: how many are under way at a time.  A live message is passed on and
 * answered; a stored one is also kept until b confirms it, as clients do, once
 * for all that came together.
 */
static void
bench_messages(struct world *w, struct raw *a, struct raw *b,
    enum chat_type type, int window, const char *name, double gcm)
{
	static const uint8_t text[SIZE];
	static uint64_t ref;
	struct figure f = { 0 };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		const double at = cpu_us(w->relay.pid);

		for (int i = 0; i < MESSAGES; i += window) {
			for (int k = 0; k < window; k++)
				raw_relay(a, type, "bob", ++ref, SPAN(text));
			raw_flush(a);
			for (int k = 0; k < window; k++)
				expect(b, TUNNEL_EV_RELAY);
			if (chat_is_stored(type)) {
				raw_cmd(b,
				    &(struct wire_cmd){ .type = WIRE_ACK,
					.place = place_of(b) });
				raw_flush(b);
			}
			/* The sender is told, each time. */
			for (int k = 0; k < window; k++)
				expect(a, TUNNEL_EV_COMMAND);
		}
		f.v[f.n++] = (cpu_us(w->relay.pid) - at) /
		    ((MESSAGES + window - 1) / window * window);
	}
	bench_print(name, &f, "us", gcm, "two bare AES-256-GCM operations");
}

/* Ready for mail: the list of people and the stock have come. */
static void
watch(struct raw *r)
{
	raw_cmd(r, &(struct wire_cmd){ .type = WIRE_WATCH });
	raw_flush(r);
	expect(r, TUNNEL_EV_COMMAND);
	expect(r, TUNNEL_EV_COMMAND);
}

static struct ident *
enrol(struct world *w, const char *name)
{
	struct drive *d = drive_new(world_path(w, name));

	drive_enrol(d, world_invite(w, name), name);
	drive_online(d);
	drive_free(d);
	return raw_ident(world_path(w, name));
}

int
main(void)
{
	struct world *w = world_new();
	struct ident *alice = enrol(w, "alice"), *bob = enrol(w, "bob");
	double x25519, primitives = login_primitives(&x25519), gcm;
	struct raw a, b;

	gcm = two_gcm(SIZE, "aes256gcm.open+seal.200");
	(void)two_gcm(512, "aes256gcm.open+seal.512");
	bench_logins(w, alice, primitives);
	bench_resumed(w, alice, x25519);
	raw_login(&a, alice, w->port);
	raw_login(&b, bob, w->port);
	watch(&b);
	bench_messages(w, &a, &b, CHAT_KEY, 1, "relay.live.200.one-by-one",
	    gcm);
	bench_messages(w, &a, &b, CHAT_KEY, WINDOW, "relay.live.200.in-a-row",
	    gcm);
	bench_messages(w, &a, &b, CHAT_MESSAGE, 1,
	    "relay.message.200.one-by-one", gcm);
	bench_messages(w, &a, &b, CHAT_MESSAGE, WINDOW,
	    "relay.message.200.in-a-row", gcm);
	raw_close(&a);
	raw_close(&b);
	ident_free(alice);
	ident_free(bob);
	world_free(w);
	return 0;
}
