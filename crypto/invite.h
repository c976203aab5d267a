/*
 * invite - the sotto: line: where a relay is, which key it has, and a token
 * that lets one person in.
 *
 *	sotto:HOST:PORT/KEY/TOKEN
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets; ":PORT" may
 * be missing; KEY is the authority's fingerprint (52 base32 digits, dashes
 * allowed); TOKEN is 64 base32 digits: 8 bytes of id, 32 of secret.  KEY and
 * TOKEN may be missing, "sotto:" too.
 * Source: sotto-protocol(7), INVITES.
 */
#ifndef CRYPTO_INVITE_H
#define CRYPTO_INVITE_H

#include "crypto/prim.h"

#define INVITE_PORT         7443
#define INVITE_HOST_MAX     253
#define INVITE_LINE_MAX     512
#define INVITE_TOKEN_ID_LEN 8

struct invite {
	char host[INVITE_HOST_MAX + 1]; /* no brackets */
	uint16_t port;
	int has_key;
	struct hash key;
	int has_token;
	uint8_t token_id[INVITE_TOKEN_ID_LEN];
	struct key token; /* secret */
};

/*
 * invite_parse - blanks around the line do not matter.
 * Errors:  SOTTO_EFORMAT; *why is then a static sentence for the user, e.g.
 *          "the key part has 50 of 52 characters".
 */
enum sotto_err invite_parse(struct invite *out, struct span line,
    const char **why);

/* invite_write - the line, with a NUL; what is missing is left out. */
enum sotto_err invite_write(char out[INVITE_LINE_MAX], const struct invite *in);

/* invite_psk - what both sides mix in: Expand(token, "enrol psk", "", 32). */
void invite_psk(struct key *out, const struct invite *in);

#endif
