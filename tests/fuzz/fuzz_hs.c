/* The messages of the login, plain and opened. */
#include "crypto/hs_msg.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 2000;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	uint8_t out[HS_FRAME_MAX];
	struct hs_m1 m1;
	struct hs_m2 m2;
	struct hs_m3 m3;
	struct hs_m4 m4;
	struct wr w;

	wr_init(&w, out, sizeof(out));
	if (hs_m1_read(&m1, in) == SOTTO_OK) {
		hs_m1_write(&w, &m1);
		MUST(wr_end(&w) == SOTTO_OK && span_eq(wr_out(&w), in));
	}
	if (hs_m2_read(&m2, in) == SOTTO_OK)
		for (size_t i = 0; i < m2.n_certs; i++)
			MUST(m2.cert[i].p >= p &&
			    m2.cert[i].p + m2.cert[i].n <= p + n);
	wr_init(&w, out, sizeof(out));
	if (hs_m3_inner_read(&m3, in) == SOTTO_OK) {
		hs_m3_inner_write(&w, &m3);
		MUST(wr_end(&w) == SOTTO_OK && span_eq(wr_out(&w), in));
	}
	wr_init(&w, out, sizeof(out));
	if (hs_m4_inner_read(&m4, in) == SOTTO_OK) {
		hs_m4_inner_write(&w, &m4);
		MUST(wr_end(&w) == SOTTO_OK && span_eq(wr_out(&w), in));
	}
	return 0;
}
