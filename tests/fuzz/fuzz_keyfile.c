/* Key files, and what is in them once they are open. */
#include "base/secret.h"

#include "crypto/armor.h"
#include "crypto/ident.h"
#include "crypto/keyfile.h"
#include "tests/fuzz/fuzz.h"

/* Where a mutation leaves the head intact, Argon2id runs. */
const int fuzz_replays = 60;

/* Secret memory wants the library to be started. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct secret_state st;

	(void)argc;
	(void)argv;
	(void)secret_harden(&st);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	uint8_t *out = secret_alloc(KEYFILE_TEXT_MAX);
	struct ident *id = ident_new();
	struct wr w;

	MUST(out != NULL && id != NULL);
	wr_init(&w, out, KEYFILE_TEXT_MAX);
	(void)!armor_read(&w, "SOTTO KEY FILE", in);
	if (ident_read(id, in) == SOTTO_OK)
		MUST(id->name.s[0] != '\0');
	wr_init(&w, out, KEYFILE_PLAIN_MAX);
	if (n > 0 && p[0] == '-' &&
	    keyfile_open(&w, in, span_str("passphrase")) == SOTTO_OK)
		MUST(w.n <= KEYFILE_PLAIN_MAX);
	ident_free(id);
	secret_free(out);
	return 0;
}
