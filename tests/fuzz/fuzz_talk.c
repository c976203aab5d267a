/* What is inside sealed messages, first messages, and the state of a ratchet:
 * one encoding for each value, and nothing read outside. */
#include <string.h>

#include "base/secret.h"

#include "crypto/prekey.h"
#include "crypto/ratchet.h"
#include "crypto/talk.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 2000;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct secret_state st;

	(void)argc;
	(void)argv;
	MUST(secret_harden(&st) == SOTTO_OK);
	return 0;
}

static void
content(struct span in)
{
	static uint8_t back[TALK_INNER_MAX];
	struct talk_content c;
	struct wr w;

	if (talk_read(&c, in) != SOTTO_OK)
		return;
	wr_init(&w, back, sizeof(back));
	MUST(talk_write(&w, &c) == SOTTO_OK);
	MUST(span_eq(wr_out(&w), in));
}

static void
first_message(struct span in)
{
	struct prekey_head h;

	if (prekey_head_read(&h, in) != SOTTO_OK)
		return;
	MUST(h.cert.p >= in.p && h.oaep.n == RSA_LEN);
	MUST(h.envelope.p + h.envelope.n == in.p + in.n);
}

static void
state(struct span in)
{
	struct ratchet *r = ratchet_load(in);
	struct ratchet_opened o;
	uint8_t *back, out[64];
	struct wr w;
	size_t n;
	int on;

	if (r == NULL)
		return;
	/* One of before is saved as of now. */
	n = ratchet_saved_len(r);
	MUST(in.p[0] == 1 ? n == in.n + 1 + KEY_LEN : n == in.n);
	MUST((back = malloc(n)) != NULL);
	wr_init(&w, back, n);
	ratchet_save(r, &w);
	MUST(wr_end(&w) == SOTTO_OK && w.n == n);
	MUST(in.p[0] == 1 || memcmp(back, in.p, in.n) == 0);
	/* Whatever the state, nothing opens that nobody sealed. */
	MUST(ratchet_open(r, CHAT_MESSAGE, (struct span){ in.p, 64 }, 1, out,
		 &o) != SOTTO_OK);
	MUST(ratchet_live_open(r, (struct span){ in.p, RATCHET_LIVE_LEN }, 1,
		 &on) != SOTTO_OK);
	free(back);
	ratchet_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };

	content(in);
	first_message(in);
	state(in);
	return 0;
}
