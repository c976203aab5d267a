/* Frames and the codec of the tunnel's inside. */
#include "net/wire.h"

#include <string.h>

#include "net/frame.h"
#include "tests/lib/cm.h"
#include "tests/lib/hex.h"

static void
test_frames(void **state)
{
	uint8_t in[64] = { 0 };
	struct span f;

	(void)state;
	/* By its head alone a frame is refused: before any body is there. */
	for (int type = 0; type < 256; type++) {
		enum sotto_err e;

		in[0] = (uint8_t)type;
		in[1] = in[2] = in[3] = 0xff;
		e = frame_next(&f, FRAME_HANDSHAKE, (struct span){ in, 4 });
		assert_int_equal(e, SOTTO_EFORMAT);
		in[4] = 0xff;
		e = frame_next(&f, FRAME_SEALED, (struct span){ in, 5 });
		assert_int_equal(e, SOTTO_EFORMAT);
	}
	for (size_t n = 0; n < 4; n++)
		assert_int_not_equal(frame_next(&f, FRAME_SEALED,
					 (struct span){
					     (const uint8_t *)"\x20\0\0\0",
					     n }),
		    SOTTO_OK);
}

static void
test_relay_round_trip(void **state)
{
	struct wire_relay m = { .type = CHAT_REQUEST, .ref = 77 }, back;
	uint8_t buf[128];
	struct wr w;

	(void)state;
	assert_int_equal(name_parse(&m.name, span_str("bob")), SOTTO_OK);
	m.payload = span_str("payload");
	wr_init(&w, buf, sizeof(buf));
	wire_relay_write(&w, &m);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_int_equal(w.n, WIRE_RELAY_HEAD + 7);
	assert_int_equal(wire_relay_read(&back, wr_out(&w)), SOTTO_OK);
	assert_string_equal(back.name.s, "bob");
	assert_true(back.ref == 77);
	assert_true(span_eq(back.payload, m.payload));
	for (size_t n = 0; n < WIRE_RELAY_HEAD; n++)
		assert_int_equal(wire_relay_read(&back,
				     (struct span){ buf, n }),
		    SOTTO_EFORMAT);
	/* What the receiver gets: from whom, and nothing of the sender's. */
	struct name alice;

	assert_int_equal(name_parse(&alice, span_str("alice")), SOTTO_OK);
	wire_relay_turn(buf, &alice, 9);
	assert_int_equal(wire_relay_read(&back, wr_out(&w)), SOTTO_OK);
	assert_string_equal(back.name.s, "alice");
	assert_true(back.ref == 9);
	buf[0] = 0xee;
	assert_int_equal(wire_relay_read(&back, wr_out(&w)), SOTTO_EFORMAT);
}

/* Each command, in its bytes: sotto-protocol(7), COMMANDS. */
static const struct {
	enum wire_side side;
	const char *hex;
} commands[] = {
	{ WIRE_FROM_CLIENT, "01" },                 /* watch */
	{ WIRE_FROM_CLIENT, "0202" },               /* state: busy */
	{ WIRE_FROM_CLIENT, "030000000703626f62" }, /* search 7 "bob" */
	{ WIRE_FROM_RELAY,
	    "4300010103626f6200000000000000000000000000" }, /* change */
	{ WIRE_FROM_RELAY, "4501000000000000000501" },      /* sent: not here */
	{ WIRE_FROM_RELAY, "460000000703" },                /* error */
	{ WIRE_FROM_CLIENT, "050000000000000009" },         /* ack */
	{ WIRE_FROM_CLIENT, "06000000020002b0b000" },       /* publish */
	{ WIRE_FROM_CLIENT,
	    "070000000703626f6200000000000000000000000000" }, /* fetch */
	{ WIRE_FROM_RELAY, "4700000002640000000000000009" },  /* stock */
	{ WIRE_FROM_RELAY,
	    "480000000703626f62000000000000000000000000000001b000" }, /* keys */
};

static void
test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct hex h = hex_of(commands[i].hex);
		uint8_t buf[64];
		struct wire_cmd c;
		struct wr w;

		assert_int_equal(wire_cmd_read(&c, commands[i].side,
				     HEX_SPAN(h)),
		    SOTTO_OK);
		wr_init(&w, buf, sizeof(buf));
		wire_cmd_write(&w, &c);
		assert_int_equal(wr_end(&w), SOTTO_OK);
		assert_hex(buf, w.n, commands[i].hex);
		/* Only that side may say it; not a byte less, nor one more. */
		assert_int_equal(wire_cmd_read(&c,
				     commands[i].side == WIRE_FROM_CLIENT
					 ? WIRE_FROM_RELAY
					 : WIRE_FROM_CLIENT,
				     HEX_SPAN(h)),
		    SOTTO_EFORMAT);
		for (size_t n = 0; n < h.n; n++)
			assert_int_equal(wire_cmd_read(&c, commands[i].side,
					     (struct span){ h.b, n }),
			    SOTTO_EFORMAT);
		h.b[h.n] = 0;
		assert_int_equal(wire_cmd_read(&c, commands[i].side,
				     (struct span){ h.b, h.n + 1 }),
		    SOTTO_EFORMAT);
	}
}

static void
test_commands_with_bad_values(void **state)
{
	static const struct {
		enum wire_side side;
		const char *hex;
	} bad[] = {
		{ WIRE_FROM_CLIENT, "0203" }, /* no such state */
		{ WIRE_FROM_CLIENT, "0200" }, /* one cannot be offline */
		{ WIRE_FROM_CLIENT, "00" }, { WIRE_FROM_CLIENT, "ff" },
		{ WIRE_FROM_CLIENT, "03000000070361620a" }, /* a control */
		{ WIRE_FROM_RELAY, "4501000000000000000509" },
		{ WIRE_FROM_RELAY, "4501000000000000000500" },
		{ WIRE_FROM_RELAY, "4500" }, /* of nothing */
		{ WIRE_FROM_RELAY, "4502000000000000000501" },
		{ WIRE_FROM_RELAY, "460000000709" },
		{ WIRE_FROM_RELAY, "4700000002650000000000000009" }, /* 101 */
		{ WIRE_FROM_CLIENT, "06000000020002b0b065" }, /* 101 keys */
		{ WIRE_FROM_CLIENT, "06000000020002b0b001" }, /* none there */
		{ WIRE_FROM_RELAY,
		    "4300010103626f6200000000000000000000000001" }, /* padding */
		{ WIRE_FROM_RELAY,
		    "4300010111626262626262626262626262626262" }, /* length 17 */
	};
	struct wire_cmd c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hex h = hex_of(bad[i].hex);

		if (wire_cmd_read(&c, bad[i].side, HEX_SPAN(h)) !=
		    SOTTO_EFORMAT)
			fail_msg("%s was taken", bad[i].hex);
	}
}

static void
test_lists_of_people(void **state)
{
	struct wire_cmd c = { .type = WIRE_PRESENCE, .first = 1, .last = 1 },
			back;
	uint8_t raw[3 * WIRE_PERSON_LEN], buf[128];
	struct wr w;

	(void)state;
	wr_init(&w, raw, sizeof(raw));
	for (size_t i = 0; i < 3; i++) {
		struct wire_person p = { .state = WIRE_ONLINE };
		const char s[] = { (char)('a' + i), '\0' };

		assert_int_equal(name_parse(&p.name, span_str(s)), SOTTO_OK);
		wire_person_write(&w, &p);
	}
	c.people.n = 3;
	c.people.raw = wr_out(&w);
	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, &c);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_int_equal(wire_cmd_read(&back, WIRE_FROM_RELAY, wr_out(&w)),
	    SOTTO_OK);
	assert_int_equal(back.people.n, 3);
	assert_string_equal(wire_people_at(&back.people, 2).name.s, "c");
	/* A count that the bytes do not hold. */
	for (size_t n = 0; n < w.n; n++)
		assert_int_equal(wire_cmd_read(&back, WIRE_FROM_RELAY,
				     (struct span){ buf, n }),
		    SOTTO_EFORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_relay_round_trip),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_commands_with_bad_values),
		cmocka_unit_test(test_lists_of_people),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
