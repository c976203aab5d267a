/*
 * armor - base64 between a BEGIN and an END line, 64 digits a line (the shape
 * of RFC 7468): secrets at rest as text.
 */
#ifndef CRYPTO_ARMOR_H
#define CRYPTO_ARMOR_H

#include "base/bytes.h"

/* armor_write - "-----BEGIN label-----" and so on, each line ended by \n. */
void armor_write(struct wr *w, const char *label, struct span in);

/*
 * armor_read - exactly what armor_write() makes; white space at the end of the
 * text and of lines does not matter.  SOTTO_EFORMAT, SOTTO_ENOSPACE.
 */
enum sotto_err armor_read(struct wr *out, const char *label, struct span text);

#endif
