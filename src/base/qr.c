#include "base/qr.h"

#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN   2
#define ROWS_MAX (int)(sizeof(((struct qr *)0)->row) / sizeof(char *))

/* 1 if the module is light; the margin is. */
static int
is_light(const QRcode *code, int x, int y)
{
	x -= MARGIN;
	y -= MARGIN;
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return 1;
	return (code->data[y * code->width + x] & 1) == 0;
}

static void
add(char *row, const char *cell)
{
	memcpy(row + strlen(row), cell, strlen(cell) + 1);
}

static void
draw_row(char *row, const QRcode *code, int r, int ascii)
{
	/* index: upper light, lower light */
	static const char *const half[2][2] = { { " ", "\xe2\x96\x84" },
		{ "\xe2\x96\x80", "\xe2\x96\x88" } };
	const int side = code->width + 2 * MARGIN;

	for (int x = 0; x < side; x++) {
		if (ascii)
			add(row, is_light(code, x, r) ? "##" : "  ");
		else
			add(row,
			    half[is_light(code, x, 2 * r)]
				[is_light(code, x, 2 * r + 1)]);
	}
}

enum sotto_err
qr_make(struct qr *out, const char *text, int ascii)
{
	struct qr q = { 0 };
	QRcode *code;
	int side;
	enum sotto_err e = SOTTO_OK;

	if (strlen(text) > QR_TEXT_MAX)
		return SOTTO_ETOOBIG;
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	if (code == NULL)
		return SOTTO_ENOMEM;
	side = code->width + 2 * MARGIN;
	q.rows = ascii ? side : (side + 1) / 2;
	q.cols = ascii ? 2 * side : side;
	if (q.rows > ROWS_MAX)
		e = SOTTO_ETOOBIG;
	for (int r = 0; e == SOTTO_OK && r < q.rows; r++) {
		/* A half block has three bytes, an ASCII module two. */
		q.row[r] = calloc((size_t)side * 3 + 1, 1);
		if (q.row[r] == NULL)
			e = SOTTO_ENOMEM;
		else
			draw_row(q.row[r], code, r, ascii);
	}
	QRcode_free(code);
	if (e == SOTTO_OK)
		*out = q;
	else
		qr_free(&q);
	return e;
}

void
qr_free(struct qr *q)
{
	for (int r = 0; r < q->rows && r < ROWS_MAX; r++)
		free(q->row[r]);
	memset(q, 0, sizeof(*q));
}
