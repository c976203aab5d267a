/*
 * What a peer who has the keys can say: the input is a list of records, u8
 * type, u16 length, content, sealed properly and given to the receiver.
 */
#include <string.h>

#include "crypto/tunnel_priv.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 1500;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct rng g = rng_system();
	static uint8_t scratch[TUNNEL_BODY_MAX];
	struct hs_keys k = { .suite = SUITE_AES256_GCM };
	struct tunnel *c = tunnel_new(&k, TUNNEL_CLIENT, 0, &g);
	struct tunnel *s = tunnel_new(&k, TUNNEL_SERVER, 0, &g);
	struct tunnel_in in = { .scratch = scratch };
	struct buf wire, back;

	MUST(c != NULL && s != NULL);
	buf_init(&wire, 1 << 20);
	buf_init(&back, 1 << 20);
	/* As it is: what somebody without keys can say. */
	tunnel_recv(s, (struct span){ p, n }, 0, &back, &in);
	MUST(in.event == TUNNEL_EV_FAILED);
	tunnel_free(s);
	s = tunnel_new(&k, TUNNEL_SERVER, 0, &g);
	MUST(s != NULL);
	while (n >= 3) {
		const size_t len = (size_t)p[1] << 8 | p[2];
		const size_t some = len < n - 3 ? len : n - 3;

		if (some > TUNNEL_BODY_MAX ||
		    tunnel_record(c, (enum tunnel_kind)p[0],
			(struct span){ p + 3, some }, 0, &wire) != SOTTO_OK)
			break;
		tunnel_recv(s, buf_bytes(&wire), 0, &back, &in);
		if (in.event == TUNNEL_EV_FAILED)
			break;
		if (in.event == TUNNEL_EV_RELAY ||
		    in.event == TUNNEL_EV_COMMAND)
			MUST(in.msg.p != NULL || in.msg.n == 0);
		buf_consume(&wire, buf_bytes(&wire).n);
		p += 3 + some;
		n -= 3 + some;
	}
	buf_free(&wire);
	buf_free(&back);
	tunnel_free(c);
	tunnel_free(s);
	return 0;
}
