#include "base/secret.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

void
secret_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

void *
secret_alloc(size_t n)
{
	return sodium_malloc(n);
}

void
secret_free(void *p)
{
	sodium_free(p);
}

int
secret_eq(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

void
secret_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

/* sodium_malloc() goes on silently where mlock() is refused; so ask first. */
static int
can_lock_a_page(void)
{
	static const char probe[1] = { 0 };
	int ok = mlock(probe, sizeof(probe)) == 0;

	if (ok)
		(void)munlock(probe, sizeof(probe));
	return ok;
}

/*
 * MCL_FUTURE under a small limit would make ordinary allocations fail later,
 * so all pages are locked only where the limit is out of the way.
 */
static int
lock_everything(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_MEMLOCK, &lim) != 0)
		return 0;
	if (lim.rlim_cur != RLIM_INFINITY)
		return 0;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

enum sotto_err
secret_harden(struct secret_state *st)
{
	const struct rlimit none = { 0, 0 };

	if (sodium_init() < 0)
		return SOTTO_EIO;
	st->no_core = setrlimit(RLIMIT_CORE, &none) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
	st->all_locked = lock_everything();
	st->keys_locked = st->all_locked || can_lock_a_page();
	return st->keys_locked ? SOTTO_OK : SOTTO_ENOMEM;
}
