/* What people type and paste: lines, words, digits, names. */
#include <string.h>

#include "base/name.h"
#include "base/text.h"

#include "crypto/invite.h"
#include "crypto/safety.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 5000;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	static const struct hash fp = { { 1, 2, 3 } };
	struct safety_block block;
	struct safety_match m;
	char line[INVITE_LINE_MAX];
	const char *why = NULL;
	struct invite i, back;
	struct name name;
	struct hash h;

	safety_of_key(&block, &fp);
	if (invite_parse(&i, in, &why) == SOTTO_OK) {
		MUST(invite_write(line, &i) == SOTTO_OK);
		MUST(invite_parse(&back, span_str(line), &why) == SOTTO_OK);
		MUST(strcmp(i.host, back.host) == 0 && i.port == back.port);
	} else {
		MUST(why != NULL && why[0] != '\0');
	}
	(void)!safety_line_parse(&h, in);
	safety_match_key(&m, in, &fp);
	MUST(m.good <= m.total && (m.state != SAFETY_DIFFERS || m.bad >= 1));
	safety_match_block(&m, in, &block);
	MUST(m.good <= m.total);
	if (name_parse(&name, in) == SOTTO_OK)
		MUST(strlen(name.s) == n);
	return 0;
}
