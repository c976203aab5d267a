/*
 * qr - a text as a QR code, in rows of characters; libqrencode behind it.
 */
#ifndef BASE_QR_H
#define BASE_QR_H

#include "base/err.h"

#define QR_TEXT_MAX 512

struct qr {
	int rows, cols; /* of characters */
	char *row[64];  /* owned, UTF-8, NUL-terminated */
};

/*
 * qr_make - two modules a row as half blocks, with a margin of two modules;
 * light modules are drawn, for a dark background.  ascii draws "##" instead.
 * Errors:  SOTTO_ETOOBIG, SOTTO_ENOMEM.
 */
enum sotto_err qr_make(struct qr *out, const char *text, int ascii);
void qr_free(struct qr *q); /* good for a zeroed one */

#endif
