/* Texts of peers on their way to the screen, and into the composer. */
#include <string.h>

#include "base/text.h"

#include "tests/fuzz/fuzz.h"
#include "ui/canvas.h"
#include "ui/edit.h"

const int fuzz_replays = 2000;

static void
check(const char *out, int lines)
{
	MUST(text_is_utf8(span_str(out)));
	for (const char *p = out; *p != '\0'; p++)
		MUST((unsigned char)*p >= ' ' || (lines && *p == '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span in = { p, n }, rest = in;
	struct canvas c = { 0 };
	struct text_cluster cl;
	struct edit *e = edit_new(EDIT_LINES, 4096);
	struct edit_row rows[8];
	size_t y, total = 0;
	char small[33];
	char *all;
	int x;

	MUST(e != NULL);
	(void)text_safe(small, sizeof(small), in, TEXT_ONE_LINE);
	check(small, 0);
	if ((all = text_safe_dup(in, TEXT_LINES)) != NULL) {
		check(all, 1);
		MUST(canvas_size(&c, 7, 3) == SOTTO_OK);
		for (int row = 0; row < 3; row++)
			MUST(canvas_text(&c, row, row, 7, UI_PLAIN, all) <= 7);
		canvas_free(&c);
	}
	free(all);
	while (text_next(&rest, &cl)) {
		MUST(cl.s.n > 0 && cl.width >= 0 && cl.width <= 2);
		total += cl.s.n;
	}
	MUST(total == n);
	if (edit_paste(e, (const char *)p, n)) {
		check(edit_text(e), 1);
		(void)edit_layout(e, 5, 0, rows, 8, &y, &x);
	}
	edit_free(e);
	return 0;
}
