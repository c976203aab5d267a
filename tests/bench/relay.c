/*
 * What a login costs the relay: CPU of the real program (all its threads, from
 * /proc), beside the primitives that it cannot do without, in the same run.
 * What a message costs says load.c; tests/bench/run.sh says what the columns are.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/aead.h"
#include "crypto/rsa.h"
#include "tests/lib/bench.h"
#include "tests/lib/cm.h"
#include "tests/lib/crowd.h"
#include "tests/lib/fixture.h"
#include "tests/lib/raw.h"

#define LOGINS  30
#define RESUMED 400
#define SIZE    200

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
	/* M2 is signed, M3 opened, the user's signature checked; that of his
	 * certificate is remembered. */
	sum = bench_median(&sign) + bench_median(&open) +
	    bench_median(&verify) + bench_median(&x);
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

/* own: less its RSA and X25519.  No one-time key is made meanwhile. */
static void
bench_logins(struct world *w, const struct ident *id, double primitives)
{
	struct figure all = { 0 }, own = { 0 };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		const double at = crowd_cpu_us(w->relay.pid);

		for (int i = 0; i < LOGINS; i++) {
			struct raw raw;

			raw_login(&raw, id, w->port);
			raw_close(&raw);
		}
		all.v[all.n++] = (crowd_cpu_us(w->relay.pid) - at) / LOGINS;
		own.v[own.n++] = all.v[all.n - 1] - primitives;
	}
	bench_print("relay.login", &all, "us", primitives,
	    "its RSA and X25519 operations");
	bench_goal("relay.login.own", &own, "us", 0, NULL, 150);
}

/* With tickets: without RSA. */
static void
bench_resumed(struct world *w, double x25519)
{
	struct figure f = { 0 };

	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		struct crowd *c = crowd_new(CROWD_SOTTO, w, w->port);
		const double at = crowd_cpu_us(w->relay.pid);

		crowd_grow(c, RESUMED, 16);
		f.v[f.n++] = (crowd_cpu_us(w->relay.pid) - at) / RESUMED;
		crowd_free(c);
		(void)usleep(300000);
	}
	bench_print("relay.login.resumed.x25519", &f, "us", x25519,
	    "its X25519 operations");
	bench_goal("relay.login.resumed", &f, "us", 0, NULL, 150);
}

/* Keys that last, and logins without puzzles. */
static void
configure(struct world *w)
{
	FILE *f;

	(void)snprintf(w->relay_conf, sizeof(w->relay_conf), "%s/sottod.conf",
	    w->dir);
	f = fopen(w->relay_conf, "w");
	assert_non_null(f);
	(void)fputs("[limits]\nepoch = 10m\nepoch-uses = 100000\n"
		    "logins-minute = 100000\n",
	    f);
	(void)fclose(f);
}

/*
 * All of it on one processor, which so never gets slow for want of work: a
 * relay that answers one login at a time on another one is measured at half
 * the clock of the loop that its RSA is compared with.
 */
static void
stay_here(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

int
main(void)
{
	struct ident *alice;
	struct world *w;
	double x25519, primitives;

	stay_here();
	w = world_new();
	primitives = login_primitives(&x25519);

	(void)two_gcm(SIZE, "aes256gcm.open+seal.200");
	(void)two_gcm(512, "aes256gcm.open+seal.512");
	configure(w);
	crowd_users(w, RESUMED);
	alice = raw_enrol(w, "alice");
	(void)usleep(6000000); /* the keys that are made ahead */
	bench_logins(w, alice, primitives);
	bench_resumed(w, x25519);
	ident_free(alice);
	world_free(w);
	return 0;
}
