/*
 * What stands before the real functions in a simulation (ld --wrap): clocks
 * and chance are the simulation's; RSA keys are made once and used again, and
 * a passphrase costs a hash, because neither is what is looked for here.
 */
#include <openssl/rand.h>
#include <string.h>

#include "crypto/prim.h"
#include "crypto/rsa.h"
#include "tests/lib/cm.h"
#include "tests/sim/sim.h"

#define KEYS 12

/*
 * The library draws salts and blinding of its own, as often as it likes: from
 * here they are always the same, so that what hangs on them repeats.  Keys are
 * made before, with real chance.
 */
static int
same_bytes(unsigned char *buf, int n)
{
	memset(buf, 0x5a, (size_t)n);
	return 1;
}

static int
ready(void)
{
	return 1;
}

static const RAND_METHOD *real_method;

static void
fix_library(int on)
{
	static const RAND_METHOD fixed = { .bytes = same_bytes,
		.pseudorand = same_bytes,
		.status = ready };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	if (real_method == NULL)
		real_method = RAND_get_rand_method();
	(void)RAND_set_rand_method(on ? &fixed : real_method);
#pragma GCC diagnostic pop
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the
 * linker wants these names. */
uint64_t __wrap_clock_mono_ms(void);
uint64_t __wrap_clock_wall_ms(void);
struct rng __wrap_rng_system(void);
void __wrap_secret_random(void *p, size_t n);
enum sotto_err __wrap_rsa_generate(struct rsa_key **out, unsigned bits,
    int (*progress)(void *ctx), void *ctx);
enum sotto_err __real_rsa_generate(struct rsa_key **out, unsigned bits,
    int (*progress)(void *ctx), void *ctx);
void __wrap_rsa_key_free(struct rsa_key *k);
void __real_rsa_key_free(struct rsa_key *k);
enum sotto_err __wrap_argon2id(uint8_t *out, size_t n, struct span pass,
    const uint8_t *salt, uint32_t passes, uint64_t mem);

uint64_t
__wrap_clock_mono_ms(void)
{
	return sim_now();
}

uint64_t
__wrap_clock_wall_ms(void)
{
	return sim_wall();
}

struct rng
__wrap_rng_system(void)
{
	return sim_rng();
}

void
__wrap_secret_random(void *p, size_t n)
{
	const struct rng g = sim_rng();

	rng_fill(&g, p, n);
}

static struct rsa_key *pool[KEYS];
static size_t n_made;

void
sim_keys_from(size_t first)
{
	n_made = KEYS + first % KEYS;
}

enum sotto_err
__wrap_rsa_generate(struct rsa_key **out, unsigned bits,
    int (*progress)(void *ctx), void *ctx)
{
	if (n_made == 0) {
		fix_library(0);
		for (size_t i = 0; i < KEYS; i++)
			assert_int_equal(__real_rsa_generate(&pool[i], bits,
					     progress, ctx),
			    SOTTO_OK);
		fix_library(1);
	}
	*out = pool[n_made++ % KEYS];
	return SOTTO_OK;
}

void
__wrap_rsa_key_free(struct rsa_key *k)
{
	for (size_t i = 0; i < KEYS; i++)
		if (k != NULL && pool[i] == k)
			return;
	__real_rsa_key_free(k);
}

enum sotto_err
__wrap_argon2id(uint8_t *out, size_t n, struct span pass, const uint8_t *salt,
    uint32_t passes, uint64_t mem)
{
	const struct span parts[] = { pass, { salt, 16 } };
	struct hash h;

	(void)passes;
	(void)mem;
	assert_true(n <= sizeof(h.b));
	hash_parts(&h, parts, 2);
	memcpy(out, h.b, n);
	return SOTTO_OK;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void
sim_keys_free(void)
{
	for (size_t i = 0; i < KEYS; i++)
		__real_rsa_key_free(pool[i]);
}
