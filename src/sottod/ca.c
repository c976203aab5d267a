#include "sottod/ca.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "crypto/armor.h"

#define DAY      (24ULL * 3600)
#define CA_DAYS  3650
#define BACKDATE 3600 /* for clients whose clock is a little behind */
#define PEM_KEY  "PRIVATE KEY"
#define PEM_CERT "CERTIFICATE"
#define FILE_MAX 16384

static enum sotto_err
fail(char err[CA_ERR_MAX], enum sotto_err e, const char *what, const char *path)
{
	(void)snprintf(err, CA_ERR_MAX, "%s %.300s: %s", what, path,
	    e == SOTTO_EIO ? strerror(errno) : sotto_strerror(e));
	return e;
}

/* A private key that others can read is no secret any more. */
static enum sotto_err
check_private(const char *path, char err[CA_ERR_MAX])
{
	struct stat st;

	if (stat(path, &st) != 0)
		return SOTTO_EIO;
	if ((st.st_mode & 077) == 0 && st.st_uid == geteuid())
		return SOTTO_OK;
	(void)snprintf(err, CA_ERR_MAX,
	    "others can read %.300s; the key in it may be known. If you are "
	    "sure that it is not, run: chmod 600, and chown it to the user "
	    "that runs sottod",
	    path);
	return SOTTO_EAUTH;
}

static enum sotto_err
read_pem(const char *path, const char *label, struct wr *w)
{
	uint8_t *text = NULL; /* secret */
	size_t n = 0;
	enum sotto_err e;

	if ((e = file_read(path, FILE_MAX, &text, &n)) != SOTTO_OK)
		return e;
	e = armor_read(w, label, (struct span){ text, n });
	secret_wipe(text, n);
	free(text);
	return e;
}

static enum sotto_err
write_pem(const char *path, const char *label, struct span der, mode_t mode)
{
	uint8_t text[FILE_MAX]; /* secret */
	struct wr w;
	enum sotto_err e;

	wr_init(&w, text, sizeof(text));
	armor_write(&w, label, der);
	if ((e = wr_end(&w)) == SOTTO_OK)
		e = file_write(path, wr_out(&w), mode);
	WIPE(text);
	return e;
}

static enum sotto_err
load_key(struct rsa_key **out, const char *path, char err[CA_ERR_MAX])
{
	uint8_t der[RSA_PKCS8_MAX]; /* secret */
	struct wr w;
	enum sotto_err e;

	if ((e = check_private(path, err)) != SOTTO_OK)
		return e;
	wr_init(&w, der, sizeof(der));
	if ((e = read_pem(path, PEM_KEY, &w)) == SOTTO_OK)
		e = rsa_key_read(out, wr_out(&w));
	WIPE(der);
	if (e != SOTTO_OK)
		return fail(err, e, "cannot use the key in", path);
	return SOTTO_OK;
}

static enum sotto_err
make_key(struct rsa_key **out, const char *path, char err[CA_ERR_MAX])
{
	uint8_t der[RSA_PKCS8_MAX]; /* secret */
	struct rsa_key *k = NULL;
	struct wr w;
	enum sotto_err e;

	wr_init(&w, der, sizeof(der));
	if ((e = rsa_generate(&k, RSA_BITS, NULL, NULL)) == SOTTO_OK &&
	    (e = rsa_key_write(k, &w)) == SOTTO_OK)
		e = write_pem(path, PEM_KEY, wr_out(&w), 0600);
	WIPE(der);
	if (e != SOTTO_OK) {
		rsa_key_free(k);
		return fail(err, e, "cannot make", path);
	}
	*out = k;
	return SOTTO_OK;
}

/* Load the key at dir/name, or make it if it was never there. */
static enum sotto_err
need_key(struct rsa_key **out, const char *dir, const char *name, int may_make,
    char err[CA_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	enum sotto_err e;

	if ((e = file_join(path, dir, name)) != SOTTO_OK)
		return fail(err, e, "cannot use", dir);
	err[0] = '\0';
	e = load_key(out, path, err);
	if (e == SOTTO_EIO && errno == ENOENT && may_make)
		return make_key(out, path, err);
	if (e != SOTTO_OK && err[0] == '\0')
		return fail(err, e, "cannot read", path);
	return e;
}

static enum sotto_err
load_cert(uint8_t *der, size_t *len, const char *dir, const char *name)
{
	char path[FILE_PATH_MAX];
	struct wr w;
	enum sotto_err e;

	wr_init(&w, der, CERT_DER_MAX);
	if ((e = file_join(path, dir, name)) != SOTTO_OK ||
	    (e = read_pem(path, PEM_CERT, &w)) != SOTTO_OK)
		return e;
	*len = w.n;
	return SOTTO_OK;
}

static enum sotto_err
save_cert(struct span der, const char *dir, const char *name)
{
	char path[FILE_PATH_MAX];
	enum sotto_err e;

	if ((e = file_join(path, dir, name)) != SOTTO_OK)
		return e;
	return write_pem(path, PEM_CERT, der, 0644);
}

static enum sotto_err
need_ca_cert(struct ca *ca, const char *dir, uint64_t now, char err[CA_ERR_MAX])
{
	const struct rng g = rng_system();
	const struct cert_dates d = { now - BACKDATE, now + CA_DAYS * DAY };
	enum cert_fault f;
	struct wr w;
	enum sotto_err e;

	e = load_cert(ca->ca_cert, &ca->ca_cert_len, dir, "ca.crt");
	if (e == SOTTO_EIO && errno == ENOENT) {
		wr_init(&w, ca->ca_cert, sizeof(ca->ca_cert));
		e = cert_make_ca(&w, ca->authority, ca->relay, d, &g);
		ca->ca_cert_len = w.n;
		if (e == SOTTO_OK)
			e = save_cert(wr_out(&w), dir, "ca.crt");
	}
	if (e != SOTTO_OK)
		return fail(err, e, "cannot make or read ca.crt in", dir);
	f = cert_verify_ca(NULL, (struct span){ ca->ca_cert, ca->ca_cert_len },
	    now);
	if (f == CERT_OK)
		return SOTTO_OK;
	(void)snprintf(err, CA_ERR_MAX, "%.300s/ca.crt: %s", dir,
	    cert_fault_text(f));
	return SOTTO_EAUTH;
}

/* The relay's lasting name first, then all that the configuration names. */
static size_t
list_hosts(const struct ca *ca, const struct sottod_conf *c,
    const char *hosts[CONF_NAMES_MAX + 1])
{
	size_t n = 0;

	hosts[n++] = ca->relay;
	for (size_t i = 0; i < c->n_names; i++)
		if (strcmp(c->names[i], ca->relay) != 0)
			hosts[n++] = c->names[i];
	return n;
}

static int
server_cert_is_good(const struct ca *ca, const char *const *hosts, size_t n,
    uint64_t now)
{
	const struct span der = { ca->server_cert, ca->server_cert_len };
	struct rsa_pub *certified = NULL, *ours = rsa_pub_of(ca->server);
	struct hash a, b;
	int good = ours != NULL;

	for (size_t i = 0; i < n && good; i++) {
		const struct cert_want want = { .use = CERT_SERVER,
			.ca = { ca->ca_cert, ca->ca_cert_len },
			.host = hosts[i],
			.now = now + CA_RENEW_DAYS * DAY };

		rsa_pub_free(certified);
		certified = NULL;
		good = cert_verify(&certified, der, &want) == CERT_OK;
	}
	good = good && spki_fingerprint(&a, certified) == SOTTO_OK &&
	    spki_fingerprint(&b, ours) == SOTTO_OK &&
	    memcmp(a.b, b.b, sizeof(a.b)) == 0;
	rsa_pub_free(certified);
	rsa_pub_free(ours);
	return good;
}

static enum sotto_err
need_server_cert(struct ca *ca, const struct sottod_conf *c, uint64_t now,
    char err[CA_ERR_MAX])
{
	const struct rng g = rng_system();
	const struct cert_issuer by = { ca->authority,
		{ ca->ca_cert, ca->ca_cert_len } };
	const struct cert_dates d = { now - BACKDATE,
		now + CA_SERVER_DAYS * DAY };
	const char *hosts[CONF_NAMES_MAX + 1];
	size_t n = list_hosts(ca, c, hosts);
	struct rsa_pub *pub;
	struct wr w;
	enum sotto_err e;

	if (load_cert(ca->server_cert, &ca->server_cert_len, c->state,
		"server.crt") == SOTTO_OK &&
	    server_cert_is_good(ca, hosts, n, now))
		return SOTTO_OK;
	if ((pub = rsa_pub_of(ca->server)) == NULL)
		return fail(err, SOTTO_ENOMEM, "cannot use", "server.key");
	wr_init(&w, ca->server_cert, sizeof(ca->server_cert));
	e = cert_make_server(&w, &by, pub, hosts, n, d, &g);
	rsa_pub_free(pub);
	ca->server_cert_len = w.n;
	if (e == SOTTO_OK)
		e = save_cert(wr_out(&w), c->state, "server.crt");
	if (e != SOTTO_OK)
		return fail(err, e, "cannot make server.crt in", c->state);
	return SOTTO_OK;
}

static enum sotto_err
need_relay_name(struct ca *ca, const struct sottod_conf *c, struct store *s,
    char err[CA_ERR_MAX])
{
	enum sotto_err e = store_relay_name(s, ca->relay);

	if (e == SOTTO_OK && ca->relay[0] == '\0') {
		(void)snprintf(ca->relay, sizeof(ca->relay), "%.63s",
		    c->names[0]);
		e = store_set_relay_name(s, ca->relay);
	}
	if (e != SOTTO_OK)
		(void)snprintf(err, CA_ERR_MAX, "the store says: %s",
		    store_error(s));
	return e;
}

enum sotto_err
ca_open(struct ca *ca, const struct sottod_conf *c, struct store *s,
    uint64_t now, void (*say)(const char *what), char err[CA_ERR_MAX])
{
	char path[FILE_PATH_MAX];
	enum sotto_err e;
	int first;

	memset(ca, 0, sizeof(*ca));
	if ((e = file_join(path, c->state, "ca.crt")) != SOTTO_OK)
		return fail(err, e, "cannot use", c->state);
	/* A certificate without its key is never made good by a new key. */
	first = access(path, F_OK) != 0;
	if (first && say != NULL)
		say("first start: making the authority's and the server's key "
		    "(RSA, 3072 bits), some seconds");
	if ((e = need_relay_name(ca, c, s, err)) != SOTTO_OK ||
	    (e = need_key(&ca->authority, c->state, "ca.key", first, err)) !=
		SOTTO_OK ||
	    (e = need_key(&ca->server, c->state, "server.key", 1, err)) !=
		SOTTO_OK ||
	    (e = need_ca_cert(ca, c->state, now, err)) != SOTTO_OK ||
	    (e = need_server_cert(ca, c, now, err)) != SOTTO_OK)
		goto fail;
	e = cert_fingerprint(&ca->fingerprint,
	    (struct span){ ca->ca_cert, ca->ca_cert_len });
	if (e == SOTTO_OK)
		return SOTTO_OK;
	(void)fail(err, e, "cannot read", path);
fail:
	ca_close(ca);
	return e;
}

void
ca_close(struct ca *ca)
{
	rsa_key_free(ca->authority);
	rsa_key_free(ca->server);
	memset(ca, 0, sizeof(*ca));
}

enum sotto_err
ca_fingerprint(struct hash *out, const char *dir, char err[CA_ERR_MAX])
{
	uint8_t der[CERT_DER_MAX];
	size_t n = 0;
	enum sotto_err e;

	e = load_cert(der, &n, dir, "ca.crt");
	if (e == SOTTO_EIO && errno == ENOENT) {
		(void)snprintf(err, CA_ERR_MAX,
		    "there is no relay in %.300s yet; start sottod once, or "
		    "say --state DIR",
		    dir);
		return e;
	}
	if (e == SOTTO_OK)
		e = cert_fingerprint(out, (struct span){ der, n });
	if (e != SOTTO_OK)
		return fail(err, e, "cannot read ca.crt in", dir);
	return SOTTO_OK;
}

enum sotto_err
ca_issue_user(const struct ca *ca, struct wr *w, const struct rsa_pub *key,
    const struct name *name, uint64_t now, uint64_t *not_after)
{
	const struct rng g = rng_system();
	const struct cert_issuer by = { ca->authority,
		{ ca->ca_cert, ca->ca_cert_len } };
	const struct cert_dates d = { now - BACKDATE,
		now + CA_USER_DAYS * DAY };

	*not_after = d.not_after;
	return cert_make_user(w, &by, key, name, ca->relay, d, &g);
}
