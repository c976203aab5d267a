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

enum primitive {
	SIGN,
	OPEN,
	VERIFY,
	X25519,
	PRIMITIVES
};

/* The relay's side of one login: M2 is signed, M3 opened, the user's signature
 * checked; that of his certificate is remembered. */
static const char *const primitives[] = { "rsa.pss.sign", "rsa.oaep.open",
	"rsa.pss.verify", "x25519.make+shared" };

struct keys {
	struct rsa_key *k;
	struct rsa_pub *p;
	uint8_t sig[RSA_LEN], c[RSA_LEN];
};

static void
run(struct keys *k, enum primitive what)
{
	const struct span text = span_str("transcript"),
			  label = span_str("label");
	const struct rng g = rng_system();
	uint8_t out[64];
	struct x25519_sec s;
	struct x25519_pub pub;
	struct key shared;
	size_t n;

	switch (what) {
	case SIGN:
		(void)!rsa_pss_sign(k->k, text, k->sig, sizeof(k->sig));
		break;
	case OPEN:
		(void)!rsa_oaep_open(k->k, label, SPAN(k->c), out, sizeof(out),
		    &n);
		break;
	case VERIFY:
		(void)!rsa_pss_verify(k->p, text, SPAN(k->sig));
		break;
	case X25519:
		x25519_make(&s, &pub, &g);
		(void)!x25519_shared(&shared, &s, &pub);
		break;
	case PRIMITIVES:
		break;
	}
}

/* Each once; what they took, to us, and their sum. */
static double
all_primitives(struct keys *k, double us[PRIMITIVES])
{
	double sum = 0;

	for (int i = 0; i < PRIMITIVES; i++) {
		const double at = bench_cpu_us();

		run(k, (enum primitive)i);
		us[i] = bench_cpu_us() - at;
		sum += us[i];
	}
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

/* What one round of logins took, one by one. */
struct logins {
	double all[LOGINS], own[LOGINS], us[PRIMITIVES][LOGINS];
};

/*
 * own: less its RSA and X25519 of the same moment, since a machine that others
 * use is not as fast at each.  No one-time key is made meanwhile.
 */
static void
one_round(struct world *w, const struct ident *id, struct keys *k,
    struct logins *l)
{
	double before = crowd_cpu_us(w->relay.pid);

	for (int i = 0; i < LOGINS; i++) {
		double us[PRIMITIVES];
		const double need = all_primitives(k, us);
		struct raw raw;
		double now;

		raw_login(&raw, id, w->port);
		raw_close(&raw);
		now = crowd_cpu_us(w->relay.pid);
		l->all[i] = now - before;
		l->own[i] = l->all[i] - need;
		for (int p = 0; p < PRIMITIVES; p++)
			l->us[p][i] = us[p];
		before = now;
	}
}

static double
bench_logins(struct world *w, const struct ident *id)
{
	struct keys k = { .k = fix_key("epoch") };
	struct figure all = { 0 }, own = { 0 }, f[PRIMITIVES] = { 0 };
	double sum = 0;

	k.p = rsa_pub_of(k.k);
	(void)!rsa_oaep_seal(k.p, span_str("label"), span_str("transcript"),
	    k.c, sizeof(k.c));
	for (size_t r = 0; r < BENCH_ROUNDS; r++) {
		struct logins l;

		one_round(w, id, &k, &l);
		all.v[all.n++] = bench_middle(l.all, LOGINS);
		own.v[own.n++] = bench_middle(l.own, LOGINS);
		for (int i = 0; i < PRIMITIVES; i++)
			f[i].v[f[i].n++] = bench_middle(l.us[i], LOGINS);
	}
	for (int i = 0; i < PRIMITIVES; i++) {
		bench_print(primitives[i], &f[i], "us", 0, NULL);
		sum += bench_median(&f[i]);
	}
	bench_print("relay.login", &all, "us", sum,
	    "its RSA and X25519 operations");
	bench_goal("relay.login.own", &own, "us", 0, NULL, 150);
	rsa_pub_free(k.p);
	rsa_key_free(k.k);
	return bench_median(&f[X25519]);
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

	stay_here();
	w = world_new();
	(void)two_gcm(SIZE, "aes256gcm.open+seal.200");
	(void)two_gcm(512, "aes256gcm.open+seal.512");
	/* Keys that last, and logins without puzzles. */
	world_configure(w,
	    "[limits]\nepoch = 10m\nepoch-uses = 100000\n"
	    "logins-minute = 100000\n");
	crowd_users(w, RESUMED);
	alice = raw_enrol(w, "alice");
	(void)usleep(6000000); /* the keys that are made ahead */
	bench_resumed(w, bench_logins(w, alice));
	ident_free(alice);
	world_free(w);
	return 0;
}
