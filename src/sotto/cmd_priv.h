/*
 * cmd_priv - the commands of cmd_talk.c, for the table in cmd.c.
 */
#ifndef SOTTO_CMD_PRIV_H
#define SOTTO_CMD_PRIV_H

#include "sotto/app.h"

/* What a command does with the words behind it ("" if there are none). */
typedef void cmd_fn(struct app *a, const char *word);

/* cmd_whom - the word as a name, or that of the current chat; 0 and a line if
 * neither. */
int cmd_whom(struct app *a, const char *word, struct name *out);

cmd_fn cmd_edit, cmd_delete, cmd_reply, cmd_react, cmd_forget, cmd_block,
    cmd_unblock, cmd_lock, cmd_find, cmd_export, cmd_keep, cmd_disappear,
    cmd_remove, cmd_receipts, cmd_typing, cmd_trust;

#endif
