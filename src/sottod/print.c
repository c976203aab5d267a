#include "sottod/print.h"

#include "base/qr.h"
#include "base/secret.h"

#include "crypto/safety.h"

void
print_block(FILE *f, const struct hash *fp)
{
	char b64[SAFETY_BASE64_LEN + 1];
	struct safety_block b;

	safety_of_key(&b, fp);
	safety_base64(b64, fp);
	for (size_t r = 0; r < 3; r++) {
		for (size_t c = 0; c < 4; c++)
			(void)fprintf(f, "%s%2zu %-9s", c == 0 ? "   " : " ",
			    c * 3 + r + 1, b.word[c * 3 + r]);
		(void)fprintf(f, "\n");
	}
	(void)fprintf(f, "\n");
	for (size_t i = 0; i < SAFETY_GROUPS; i++)
		(void)fprintf(f, "%s%s%s", i % 4 == 0 ? "    " : " ",
		    b.group[i], i % 4 == 3 ? "\n" : "");
	(void)fprintf(f, "\n    %s\n", b64);
}

enum sotto_err
print_invite(FILE *f, const struct invite *in, int qr)
{
	char line[INVITE_LINE_MAX]; /* secret */
	struct qr code = { 0 };
	enum sotto_err e;

	if ((e = invite_write(line, in)) != SOTTO_OK)
		return e;
	(void)fprintf(f, "%s\n", line);
	if (qr && (e = qr_make(&code, line, 0)) == SOTTO_OK)
		for (int r = 0; r < code.rows; r++)
			(void)fprintf(f, "%s\n", code.row[r]);
	qr_free(&code);
	WIPE(line);
	return e;
}
