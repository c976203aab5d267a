/* Frames, relayed messages and commands.  What is read is written back as it
 * was. */
#include <string.h>

#include "net/frame.h"
#include "net/wire.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 3000;

static void
command(struct span in, enum wire_side side)
{
	uint8_t *out = malloc(in.n + 64);
	struct wire_cmd c;
	struct wr w;

	MUST(out != NULL);
	if (wire_cmd_read(&c, side, in) == SOTTO_OK) {
		wr_init(&w, out, in.n + 64);
		wire_cmd_write(&w, &c);
		MUST(wr_end(&w) == SOTTO_OK && span_eq(wr_out(&w), in));
		for (size_t i = 0; i < c.people.n; i++)
			MUST(wire_people_at(&c.people, i).name.s[0] != '\0');
	}
	free(out);
}

static void
relayed(struct span in)
{
	struct wire_relay m, back;
	struct name n;
	uint8_t *copy;

	if (wire_relay_read(&m, in) != SOTTO_OK)
		return;
	copy = malloc(in.n);
	MUST(copy != NULL);
	memcpy(copy, in.p, in.n);
	MUST(name_parse(&n, span_str("somebody")) == SOTTO_OK);
	wire_relay_turn(copy, &n, 9);
	MUST(wire_relay_read(&back, (struct span){ copy, in.n }) == SOTTO_OK);
	MUST(back.ref == 9 && name_eq(&back.name, &n) &&
	    span_eq(back.payload, m.payload));
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	struct span f;

	if (frame_next(&f, FRAME_HANDSHAKE, in) == SOTTO_OK)
		MUST(f.p == p && f.n <= n);
	if (frame_next(&f, FRAME_SEALED, in) == SOTTO_OK)
		MUST(f.p == p && f.n <= n);
	command(in, WIRE_FROM_CLIENT);
	command(in, WIRE_FROM_RELAY);
	relayed(in);
	return 0;
}
