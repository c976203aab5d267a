/*
 * care - what is done to a profile without a screen: another passphrase, a
 * backup, and back.  Says on standard error what happened; each returns the
 * exit status.  Thread: main, before there is an engine.
 */
#ifndef SOTTO_CARE_H
#define SOTTO_CARE_H

#include "sotto/conf.h"

/* care_passphrase - asked for on the terminal, or read from standard input:
 * the old one, the new one, and that again, a line each. */
int care_passphrase(const struct sotto_conf *c);
/* care_backup - the profile into a folder that is not there yet; also while
 * sotto runs. */
int care_backup(const struct sotto_conf *c, const char *to);
/* care_restore - into a profile that is not there yet. */
int care_restore(const struct sotto_conf *c, const char *from);

#endif
