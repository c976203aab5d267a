#include "sottod/conf.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypto/cert.h"
#include "crypto/invite.h"
#include "crypto/tunnel.h"

enum sotto_err
sottod_conf_path(char out[FILE_PATH_MAX])
{
	if (geteuid() == 0)
		return file_join(out, "/etc/sotto", "sottod.conf");
	return file_xdg(out, FILE_DIR_CONFIG, "sotto/sottod.conf");
}

enum sotto_err
sottod_conf_default(struct sottod_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->level = LOG_INFO;
	c->log_names = 1;
	c->tickets = 1;
	c->port = INVITE_PORT;
	suite_default(&c->suites, 0);
	c->limits.connections = 20000;
	c->limits.per_address = 256;
	c->limits.logins = 512;
	c->limits.logins_minute = 30;
	c->limits.requests_minute = 20;
	c->limits.idle_s = 120;
	c->limits.message_max = TUNNEL_RELAY_MAX;
	c->limits.mailbox_messages = 10000;
	c->limits.mailbox_mb = 32;
	c->limits.mailbox_days = 14;
	c->limits.epoch_uses = 256;
	c->limits.epoch_s = 60;
	if (geteuid() == 0)
		return file_join(c->state, "/var/lib", "sotto");
	return file_xdg(c->state, FILE_DIR_STATE, "sottod");
}

/* Blank or comma separated; each piece goes to add. */
static const char *
each_word(struct sottod_conf *c, const char *value,
    const char *(*add)(struct sottod_conf *, const char *))
{
	char buf[1024], *save = NULL;

	if (strlen(value) >= sizeof(buf))
		return "is too long";
	(void)snprintf(buf, sizeof(buf), "%s", value);
	for (char *w = strtok_r(buf, " ,\t", &save); w != NULL;
	     w = strtok_r(NULL, " ,\t", &save)) {
		const char *why = add(c, w);

		if (why != NULL)
			return why;
	}
	return NULL;
}

static const char *
add_listen(struct sottod_conf *c, const char *w)
{
	struct in6_addr a;

	if (c->n_listen == CONF_LISTEN_MAX)
		return "has more than 8 addresses";
	if (inet_pton(AF_INET, w, &a) != 1 && inet_pton(AF_INET6, w, &a) != 1)
		return "has to be IPv4 or IPv6 addresses";
	(void)snprintf(c->listen[c->n_listen++], CONF_HOST_LEN, "%s", w);
	return NULL;
}

static const char *
add_name(struct sottod_conf *c, const char *w)
{
	if (c->n_names == CONF_NAMES_MAX)
		return "has more than 16 names";
	if (!cert_host_ok(w))
		return "has to be host names or addresses";
	if (c->n_names == 0 && strlen(w) > CERT_RELAY_MAX)
		return "has a first name of more than 63 characters";
	(void)snprintf(c->names[c->n_names++], CONF_HOST_LEN, "%s", w);
	return NULL;
}

static const char *
add_suite(struct sottod_conf *c, const char *w)
{
	enum suite s;

	if (suite_parse(w, &s) != SOTTO_OK)
		return "names an unknown cipher suite; see sottod.conf(5)";
	if (suite_in(&c->suites, s))
		return "names a cipher suite twice";
	c->suites.id[c->suites.n++] = (uint8_t)s;
	return NULL;
}

static const char *
set_level(struct sottod_conf *c, const char *value)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };

	for (size_t i = 0; i < 4; i++) {
		if (strcmp(value, names[i]) == 0) {
			c->level = (enum log_level)i;
			return NULL;
		}
	}
	return "has to be error, warn, info or debug";
}

static const char *
set_text(char *out, size_t cap, const char *value)
{
	if (strlen(value) >= cap)
		return "is too long";
	(void)snprintf(out, cap, "%s", value);
	return NULL;
}

/* The keys that are numbers, with their bounds. */
static const char *
set_number(struct sottod_conf *c, const char *key, const char *value)
{
	const struct {
		const char *key;
		unsigned *out;
		unsigned min, max;
		const char *why;
	} numbers[] = {
		{ "connections", &c->limits.connections, 1, 1000000,
		    "has to be a number from 1 to 1000000" },
		{ "per-address", &c->limits.per_address, 1, 1000000,
		    "has to be a number from 1 to 1000000" },
		{ "logins", &c->limits.logins, 1, 100000,
		    "has to be a number from 1 to 100000" },
		{ "logins-minute", &c->limits.logins_minute, 1, 100000,
		    "has to be a number from 1 to 100000" },
		{ "requests-minute", &c->limits.requests_minute, 1, 10000,
		    "has to be a number from 1 to 10000" },
		{ "idle", &c->limits.idle_s, 30, 86400,
		    "has to be a time from 30s to 24h" },
		{ "message-max", &c->limits.message_max, 8192, TUNNEL_RELAY_MAX,
		    "has to be a size from 8K to 64K" },
		{ "mailbox-messages", &c->limits.mailbox_messages, 1, 1000000,
		    "has to be a number from 1 to 1000000" },
		{ "mailbox-megabytes", &c->limits.mailbox_mb, 1, 100000,
		    "has to be a number from 1 to 100000" },
		{ "mailbox-days", &c->limits.mailbox_days, 1, 365,
		    "has to be a number from 1 to 365" },
		{ "epoch-uses", &c->limits.epoch_uses, 1, 100000,
		    "has to be a number from 1 to 100000" },
		{ "epoch", &c->limits.epoch_s, 1, 600,
		    "has to be a time from 1s to 10m" },
	};
	unsigned long long v;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(key, numbers[i].key) != 0)
			continue;
		if (conf_number(value, numbers[i].min, numbers[i].max, &v) !=
		    SOTTO_OK)
			return numbers[i].why;
		*numbers[i].out = (unsigned)v;
		return NULL;
	}
	return "is not a known key of [limits]";
}

static const char *
set_server(struct sottod_conf *c, const char *key, const char *value)
{
	unsigned long long v;

	if (strcmp(key, "state") == 0)
		return set_text(c->state, sizeof(c->state), value);
	if (strcmp(key, "listen") == 0) {
		c->n_listen = 0;
		return each_word(c, value, add_listen);
	}
	if (strcmp(key, "name") == 0) {
		c->n_names = 0;
		return each_word(c, value, add_name);
	}
	if (strcmp(key, "port") == 0 || strcmp(key, "metrics") == 0) {
		if (conf_number(value, 0, 65535, &v) != SOTTO_OK)
			return "has to be a number from 0 to 65535";
		*(key[0] == 'p' ? &c->port : &c->metrics_port) = (uint16_t)v;
		return NULL;
	}
	return "is not a known key of [server]";
}

static const char *
set_log(struct sottod_conf *c, const char *key, const char *value)
{
	if (strcmp(key, "file") == 0)
		return set_text(c->log, sizeof(c->log), value);
	if (strcmp(key, "level") == 0)
		return set_level(c, value);
	if (strcmp(key, "names") == 0)
		return conf_bool(value, &c->log_names) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	return "is not a known key of [log]";
}

static const char *
set_crypto(struct sottod_conf *c, const char *key, const char *value)
{
	if (strcmp(key, "suites") == 0) {
		c->suites.n = 0;
		return each_word(c, value, add_suite);
	}
	if (strcmp(key, "legacy-suites") == 0)
		return conf_bool(value, &c->legacy) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	if (strcmp(key, "tickets") == 0)
		return conf_bool(value, &c->tickets) == SOTTO_OK
		    ? NULL
		    : "has to be yes or no";
	return "is not a known key of [crypto]";
}

const char *
sottod_conf_set(struct sottod_conf *c, const char *section, const char *key,
    const char *value)
{
	if (strcmp(section, "server") == 0)
		return set_server(c, key, value);
	if (strcmp(section, "log") == 0)
		return set_log(c, key, value);
	if (strcmp(section, "crypto") == 0)
		return set_crypto(c, key, value);
	if (strcmp(section, "limits") == 0)
		return set_number(c, key, value);
	return "stands in an unknown section; there are [server], [log], "
	       "[crypto] and [limits]";
}

static const char *
on_line(void *ctx, const char *section, const char *key, const char *value)
{
	return sottod_conf_set(ctx, section, key, value);
}

enum sotto_err
sottod_conf_file(struct sottod_conf *c, const char *path, int must_exist,
    char err[CONF_ERR_MAX])
{
	enum sotto_err e = conf_load(path, on_line, c, err);

	if (e != SOTTO_EIO)
		return e;
	if (errno == ENOENT && !must_exist)
		return SOTTO_OK;
	(void)snprintf(err, CONF_ERR_MAX, "cannot read %.300s: %s", path,
	    strerror(errno));
	return SOTTO_EIO;
}

/* Every address of this host that somebody else could dial. */
static void
add_own_addresses(struct sottod_conf *c)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) != 0)
		return;
	for (const struct ifaddrs *a = all;
	     a != NULL && c->n_names < CONF_NAMES_MAX; a = a->ifa_next) {
		char text[INET6_ADDRSTRLEN] = "";
		const struct sockaddr *sa = a->ifa_addr;

		if (sa == NULL)
			continue;
		if (sa->sa_family == AF_INET)
			(void)inet_ntop(AF_INET,
			    &((const struct sockaddr_in *)(const void *)sa)
				 ->sin_addr,
			    text, sizeof(text));
		else if (sa->sa_family == AF_INET6 &&
		    !IN6_IS_ADDR_LINKLOCAL(
			&((const struct sockaddr_in6 *)(const void *)sa)
			     ->sin6_addr))
			(void)inet_ntop(AF_INET6,
			    &((const struct sockaddr_in6 *)(const void *)sa)
				 ->sin6_addr,
			    text, sizeof(text));
		if (text[0] != '\0' && strcmp(text, "127.0.0.1") != 0 &&
		    strcmp(text, "::1") != 0)
			(void)add_name(c, text);
	}
	freeifaddrs(all);
}

/* Legacy suites come last, and only where they were asked for. */
static const char *
finish_suites(struct sottod_conf *c)
{
	struct suite_list all;

	if (c->suites.n == 0)
		suite_default(&c->suites, 0);
	for (size_t i = 0; i < c->suites.n && !c->legacy; i++)
		if (suite_is_legacy((enum suite)c->suites.id[i]))
			return "'suites' names a legacy suite, but "
			       "'legacy-suites' is not 'yes'";
	suite_default(&all, c->legacy);
	for (size_t i = 0; i < all.n; i++)
		if (suite_is_legacy((enum suite)all.id[i]) &&
		    !suite_in(&c->suites, (enum suite)all.id[i]))
			c->suites.id[c->suites.n++] = all.id[i];
	return NULL;
}

const char *
sottod_conf_finish(struct sottod_conf *c)
{
	char host[CONF_HOST_LEN];

	if (c->n_listen == 0) {
		(void)add_listen(c, "0.0.0.0");
		(void)add_listen(c, "::");
	}
	if (c->n_names == 0) {
		if (gethostname(host, sizeof(host)) == 0) {
			host[sizeof(host) - 1] = '\0';
			(void)add_name(c, host);
		}
		(void)add_name(c, "localhost");
		(void)add_name(c, "127.0.0.1");
		(void)add_name(c, "::1");
		add_own_addresses(c);
	}
	return finish_suites(c);
}
