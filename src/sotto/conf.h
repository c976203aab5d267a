/*
 * conf - what the client is told: sotto.conf(5) and options.
 */
#ifndef SOTTO_CONF_H
#define SOTTO_CONF_H

#include "base/conf.h"
#include "base/file.h"

#include "crypto/aead.h"
#include "crypto/keyfile.h"
#include "ui/keymap.h"
#include "ui/theme.h"

#define CONF_KEYS_MAX 64

struct sotto_conf {
	char profile[64];
	char dir[FILE_PATH_MAX]; /* of the profile: key, sotto.db */
	char log[FILE_PATH_MAX]; /* "": no log */
	struct keyfile_cost cost;
	struct suite_list suites;
	int legacy;
	int colours;  /* 0: never */
	int no_color; /* the variable, or an option, says so */
	int ascii;
	int mouse;
	char opener[64]; /* a program that opens links */
	int bell, notices;
	int list, align; /* the list beside the chat; columns in the chat */
	int first_steps; /* what is left of them is listed */
	char hook[FILE_PATH_MAX]; /* a command; "": none */
	char path[FILE_PATH_MAX]; /* of the file, if an option said it */
	char theme_name[16];
	struct theme theme;
	int read_receipts;
	int typing; /* people are told that one types */
	enum keymap_profile key_profile;
	struct {
		char name[24], keys[64];
	} key[CONF_KEYS_MAX]; /* of [keys], to be bound in this order */
	size_t n_keys;
	struct keymap *keys; /* owned; sotto_conf_keys() makes it */
	unsigned lock_after; /* seconds without a key; 0: never */
	int insecure_memory;
	char err[CONF_ERR_MAX]; /* of sotto_conf_finish() */
};

/* sotto_conf_default - SOTTO_ESTATE: there is no home folder. */
enum sotto_err sotto_conf_default(struct sotto_conf *c);
void sotto_conf_free(struct sotto_conf *c); /* what it owns */
/* sotto_conf_path - of the file, if no option says it. */
enum sotto_err sotto_conf_path(char out[FILE_PATH_MAX]);
enum sotto_err sotto_conf_file(struct sotto_conf *c, const char *path,
    int must_exist, char err[CONF_ERR_MAX]);
/* sotto_conf_set - one value, as a line of the file.  Returns NULL, or a phrase
 * that says what is wrong with it. */
const char *sotto_conf_set(struct sotto_conf *c, const char *section,
    const char *key, const char *value);
/* sotto_conf_keys - keys as [keys] has them.  NULL, or a sentence in err, and
 * the keys are as they were. */
const char *sotto_conf_keys(struct sotto_conf *c, char err[CONF_ERR_MAX]);
/* sotto_conf_finish - what depends on others; NULL or a sentence. */
const char *sotto_conf_finish(struct sotto_conf *c);

#endif
