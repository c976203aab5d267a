/*
 * ca - the relay's authority and its server key, as files in the state folder:
 * ca.key, ca.crt, server.key, server.crt (PEM).  Keys are mode 0600.
 */
#ifndef SOTTOD_CA_H
#define SOTTOD_CA_H

#include "base/log.h"

#include "crypto/cert.h"
#include "sottod/conf.h"
#include "sottod/store.h"

#define CA_USER_DAYS   365
#define CA_SERVER_DAYS 90
/* A server certificate with less than this left is made anew. */
#define CA_RENEW_DAYS 30

struct ca {
	struct rsa_key *authority; /* secret: signs certificates */
	struct rsa_key *server;    /* secret: signs M2 */
	uint8_t ca_cert[CERT_DER_MAX];
	size_t ca_cert_len;
	uint8_t server_cert[CERT_DER_MAX];
	size_t server_cert_len;
	struct hash fingerprint; /* of the authority: what users compare */
	char relay[CERT_RELAY_MAX + 1];
};

#define CA_ERR_MAX 512

/*
 * ca_open - load them; what is missing is made (a first start takes some
 * seconds, and says so through say, which may be NULL).
 * Errors:  err gets a sentence.
 */
enum sotto_err ca_open(struct ca *ca, const struct sottod_conf *c,
    struct store *s, uint64_t now, void (*say)(const char *what),
    char err[CA_ERR_MAX]);
void ca_close(struct ca *ca); /* wipes; good for a zeroed one */

/* ca_fingerprint - of an authority that exists; for the command line. */
enum sotto_err ca_fingerprint(struct hash *out, const char *dir,
    char err[CA_ERR_MAX]);

/* ca_issue_user - a user certificate, valid from now on.  Any thread. */
enum sotto_err ca_issue_user(const struct ca *ca, struct wr *w,
    const struct rsa_pub *key, const struct name *name, uint64_t now,
    uint64_t *not_after);

#endif
