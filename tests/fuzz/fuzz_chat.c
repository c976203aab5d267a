/* The messages of the chat handshake; what a peer's client gets from one. */
#include "crypto/chat_msg.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 2000;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	struct chat_id id;
	struct chat_e1 e1;
	struct chat_e2 e2;
	struct chat_no no;

	(void)!chat_id_peek(&id, CHAT_REQUEST, in);
	(void)!chat_id_peek(&id, CHAT_MESSAGE, in);
	if (chat_e1_read(&e1, in) == SOTTO_OK)
		MUST(e1.cert.p >= p && e1.cert.p + e1.cert.n <= p + n &&
		    e1.suites.n >= 1 && e1.suites.n <= SUITE_LIST_MAX);
	if (chat_e2_read(&e2, in) == SOTTO_OK)
		MUST(e2.cert.p >= p && e2.cert.p + e2.cert.n <= p + n);
	if (chat_no_read(&no, in) == SOTTO_OK)
		MUST(no.cert.p >= p && no.cert.p + no.cert.n <= p + n);
	return 0;
}
