/*
 * conf - what the client is told: sotto.conf(5) and options.
 */
#ifndef SOTTO_CONF_H
#define SOTTO_CONF_H

#include "base/conf.h"
#include "base/file.h"

#include "crypto/aead.h"
#include "crypto/keyfile.h"
#include "ui/theme.h"

struct sotto_conf {
	char profile[64];
	char dir[FILE_PATH_MAX]; /* of the profile: key, sotto.db */
	char log[FILE_PATH_MAX]; /* "": no log */
	struct keyfile_cost cost;
	struct suite_list suites;
	int legacy;
	int colours; /* 0: never */
	int ascii;
	int mouse;
	char theme_name[16];
	struct theme theme;
	int read_receipts;
	int typing;          /* people are told that one types */
	unsigned lock_after; /* seconds without a key; 0: never */
	int insecure_memory;
};

/* sotto_conf_default - SOTTO_ESTATE: there is no home folder. */
enum sotto_err sotto_conf_default(struct sotto_conf *c);
/* sotto_conf_path - of the file, if no option says it. */
enum sotto_err sotto_conf_path(char out[FILE_PATH_MAX]);
enum sotto_err sotto_conf_file(struct sotto_conf *c, const char *path,
    int must_exist, char err[CONF_ERR_MAX]);
/* sotto_conf_finish - what depends on others; NULL or a sentence. */
const char *sotto_conf_finish(struct sotto_conf *c);

#endif
