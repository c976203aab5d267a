/*
 * conf - what the relay is told: sottod.conf(5) and options.
 */
#ifndef SOTTOD_CONF_H
#define SOTTOD_CONF_H

#include "base/conf.h"
#include "base/file.h"
#include "base/log.h"

#include "crypto/aead.h"

#define CONF_LISTEN_MAX 8
#define CONF_NAMES_MAX  16
#define CONF_HOST_LEN   254

/* [limits] */
struct sottod_limits {
	unsigned connections;      /* in all */
	unsigned per_address;      /* connections of one address */
	unsigned logins;           /* logins at once, before they are proven */
	unsigned logins_minute;    /* ... of one address, without a puzzle */
	unsigned requests_minute;  /* chat requests of one user */
	unsigned idle_s;           /* silence until the relay hangs up */
	unsigned message_max;      /* bytes of a relayed message */
	unsigned mailbox_messages; /* that are kept for one user */
	unsigned mailbox_mb;       /* ... and megabytes of them */
	unsigned mailbox_days;     /* ... and how long */
	unsigned epoch_uses, epoch_s;
};

struct sottod_conf {
	char state[FILE_PATH_MAX];
	char log[FILE_PATH_MAX]; /* "": standard error */
	enum log_level level;
	int log_names;

	char listen[CONF_LISTEN_MAX][CONF_HOST_LEN];
	size_t n_listen;
	uint16_t port;
	uint16_t metrics_port; /* on 127.0.0.1; 0: not wanted */
	char names[CONF_NAMES_MAX][CONF_HOST_LEN]; /* of this host */
	size_t n_names;

	struct suite_list suites;
	int legacy;
	int tickets; /* logins without RSA */

	struct sottod_limits limits;
};

/* conf_default - everything has a value; SOTTO_ESTATE: no home folder. */
enum sotto_err sottod_conf_default(struct sottod_conf *c);

/*
 * sottod_conf_file - read path over c.  A missing file is an error only if
 * must_exist.  err gets a sentence.
 */
enum sotto_err sottod_conf_file(struct sottod_conf *c, const char *path,
    int must_exist, char err[CONF_ERR_MAX]);

/* sottod_conf_path - where the file is if no option says it. */
enum sotto_err sottod_conf_path(char out[FILE_PATH_MAX]);

/* sottod_conf_set - one value, as in the file; NULL or what is wrong. */
const char *sottod_conf_set(struct sottod_conf *c, const char *section,
    const char *key, const char *value);

/*
 * sottod_conf_finish - fill in what depends on others: names, listen, suites.
 * NULL, or a sentence about values that do not go together.
 */
const char *sottod_conf_finish(struct sottod_conf *c);

#endif
