/*
 * print - the fingerprint block and invites on a terminal, laid out as the
 * client shows them.
 */
#ifndef SOTTOD_PRINT_H
#define SOTTOD_PRINT_H

#include <stdio.h>

#include "crypto/invite.h"

/* print_block - words in three rows of four columns, digits, base64. */
void print_block(FILE *f, const struct hash *fp);

/* print_invite - the line, and below it a QR code if qr is set. */
enum sotto_err print_invite(FILE *f, const struct invite *in, int qr);

#endif
