/*
 * secret - memory for keys: wiped, guarded, locked, never in a core file.
 *
 * Everything that must not leak is marked "secret" where it is declared and
 * wiped with WIPE() on every way out of its block.  What lives long is taken
 * from secret_alloc().
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Overwrite a variable or array in a way that no compiler removes. */
#define WIPE(x) secret_wipe(&(x), sizeof(x))

void secret_wipe(void *p, size_t n);

/*
 * secret_alloc - n bytes between guard pages, locked, left out of cores.
 * Returns owned memory, or NULL.  secret_free wipes; it accepts NULL.
 */
void *secret_alloc(size_t n);
void secret_free(void *p);

/* secret_eq - 1 if a and b hold the same n bytes; constant time. */
int secret_eq(const void *a, const void *b, size_t n);

/* secret_random - n bytes from the system's generator (getrandom). */
void secret_random(void *p, size_t n);

/* How well the process could be protected; what failed is for a warning. */
struct secret_state {
	int all_locked;  /* every page stays out of swap */
	int keys_locked; /* at least the pages of secret_alloc() do */
	int no_core;     /* no core file, no attach by the same user */
};

/*
 * secret_harden - before anything secret exists: start the crypto library,
 * forbid cores and attaching, lock memory as far as the limits allow.
 *
 * Errors:  SOTTO_ENOMEM: not even key pages can be locked; the caller has to
 *          stop unless its user said otherwise.  SOTTO_EIO: no randomness.
 * Thread:  main, first of all.
 */
enum sotto_err secret_harden(struct secret_state *st);

#endif
