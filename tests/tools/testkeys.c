/*
 * testkeys FOLDER - draw the RSA keys that tests use and that anybody may
 * know.  Run once; the result is kept in keys/test-only.
 */
#include <stdio.h>

#include "base/file.h"

#include "crypto/armor.h"
#include "crypto/rsa.h"

static int
make(const char *dir, const char *name)
{
	uint8_t der[RSA_PKCS8_MAX], text[2 * RSA_PKCS8_MAX];
	char path[FILE_PATH_MAX];
	struct rsa_key *k = NULL;
	struct wr d, t;

	wr_init(&d, der, sizeof(der));
	wr_init(&t, text, sizeof(text));
	(void)snprintf(path, sizeof(path), "%s/%s.key", dir, name);
	if (rsa_generate(&k, RSA_BITS, NULL, NULL) != SOTTO_OK ||
	    rsa_key_write(k, &d) != SOTTO_OK)
		return 0;
	armor_write(&t, "SOTTO TEST ONLY KEY", wr_out(&d));
	rsa_key_free(k);
	return wr_end(&t) == SOTTO_OK &&
	    file_write(path, wr_out(&t), 0644) == SOTTO_OK;
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "ca", "other-ca", "server",
		"epoch", "chat", "alice", "bob", "mallory" };

	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!make(argv[1], names[i]))
			return 1;
	return 0;
}
