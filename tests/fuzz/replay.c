/*
 * replay - what a fuzzer would do, briefly and always the same: each seed of
 * tests/fuzz/seeds/NAME, each prefix of it, and mutations of it.  Speaks TAP.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/prim.h"
#include "tests/fuzz/fuzz.h"

#define SEED_MAX (1 << 20)

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* In a block of exactly its size, so that reading over its end is seen. */
static void
feed(const uint8_t *p, size_t n)
{
	uint8_t *b = malloc(n + (n == 0));

	MUST(b != NULL);
	memcpy(b, p, n);
	(void)LLVMFuzzerTestOneInput(b, n);
	free(b);
}

static size_t
mutate(uint8_t *b, size_t n, uint64_t *x)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', '-', '=' };
	const size_t times = 1 + next(x) % 4;

	for (size_t i = 0; i < times && n > 0; i++) {
		const size_t at = next(x) % n;
		size_t len;

		switch (next(x) % 5) {
		case 0:
			b[at] ^= (uint8_t)(1 << next(x) % 8);
			break;
		case 1:
			b[at] = odd[next(x) % sizeof(odd)];
			break;
		case 2: /* cut something out */
			len = next(x) % (n - at) + 1;
			memmove(b + at, b + at + len, n - at - len);
			n -= len;
			break;
		case 3: /* say something twice */
			len = next(x) % (n - at) % 64 + 1;
			if (n + len > SEED_MAX || at + len > n)
				break;
			memmove(b + at + len, b + at, n - at);
			n += len;
			break;
		default:
			b[at] = (uint8_t)next(x);
			break;
		}
	}
	return n;
}

static void
replay(const uint8_t *seed, size_t n)
{
	uint8_t *b = malloc(SEED_MAX);
	uint64_t x = 88172645463325252ULL;
	const size_t step = n / 400 + 1;

	MUST(b != NULL);
	feed(seed, n);
	for (size_t cut = 0; cut < n && fuzz_replays > 100; cut += step)
		feed(seed, cut);
	for (int i = 0; i < fuzz_replays; i++) {
		memcpy(b, seed, n);
		feed(b, mutate(b, n, &x));
	}
	free(b);
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char dir[256], path[FILE_PATH_MAX];
	struct dirent **list = NULL;
	struct secret_state st;
	int n, done = 0;

	(void)argc;
	(void)secret_harden(&st);
	(void)prim_init();
	name = name != NULL ? name + 1 : argv[0];
	(void)snprintf(dir, sizeof(dir), "tests/fuzz/seeds/%s", name);
	if ((n = scandir(dir, &list, NULL, alphasort)) < 0) {
		(void)printf("not ok - there are no seeds in %s\n", dir);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		uint8_t *b;
		size_t len;

		if (list[i]->d_name[0] != '.' &&
		    file_join(path, dir, list[i]->d_name) == SOTTO_OK &&
		    file_read(path, SEED_MAX, &b, &len) == SOTTO_OK) {
			replay(b, len);
			(void)printf("ok %d - %s\n", ++done, list[i]->d_name);
			free(b);
		}
		free(list[i]);
	}
	free(list);
	(void)printf("1..%d\n", done);
	return done == 0;
}
