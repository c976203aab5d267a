/*
 * The bytes in man/sotto-protocol.7 against what the code writes.  A vector in
 * the page begins with the line  .\" vector: NAME  and goes on to the next
 * .Ed; "ab*12" there stands for twelve bytes ab.  VECTORS=print shows what the
 * code writes, in that form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/armor.h"
#include "crypto/chat_msg.h"
#include "crypto/hs_msg.h"
#include "crypto/keyfile.h"
#include "crypto/ratchet.h"
#include "crypto/safety.h"
#include "crypto/talk.h"
#include "crypto/tunnel.h"
#include "net/wire.h"
#include "tests/lib/cm.h"
#include "tests/lib/fixture.h"

#define PAGE     "man/sotto-protocol.7"
#define NOW      1780000000ULL
#define OUT_MAX  8192
#define IN_A_ROW 18

static char *page;

/* n bytes of v. */
static struct span
fill(uint8_t v, size_t n)
{
	static uint8_t b[16][RSA_LEN];
	static size_t next;
	uint8_t *p = b[next++ % 16];

	assert_true(n <= RSA_LEN);
	memset(p, v, n);
	return (struct span){ p, n };
}

#define SET(field, v) memset((field), (v), sizeof(field))

static struct name
named(const char *s)
{
	struct name n;

	assert_int_equal(name_parse(&n, span_str(s)), SOTTO_OK);
	return n;
}

/* ---- the page ---- */

static void
print(const char *name, struct span s)
{
	size_t col = 0;

	(void)printf(".\\\" vector: %s\n.Bd -literal -compact\n", name);
	for (size_t i = 0, n; i < s.n; i += n) {
		n = 1;
		while (i + n < s.n && s.p[i + n] == s.p[i])
			n++;
		if (n < 5)
			n = 1;
		(void)printf("%s%02x", col == 0 ? "" : " ", s.p[i]);
		if (n > 1)
			(void)printf("*%zu", n);
		if (++col == IN_A_ROW) {
			(void)printf("\n");
			col = 0;
		}
	}
	(void)printf("%s.Ed\n", col == 0 ? "" : "\n");
}

/* One word of a vector: "ab" or "ab*12". */
static size_t
word(uint8_t *out, size_t at, const char *w)
{
	unsigned v = 0, n = 1;

	assert_true(sscanf(w, "%2x*%u", &v, &n) >= 1);
	assert_true(at + n <= OUT_MAX);
	memset(out + at, (int)v, n);
	return at + n;
}

static size_t
read_page(const char *name, uint8_t *out)
{
	char mark[64], line[512], *save = NULL;
	const char *p;
	size_t n = 0;

	(void)snprintf(mark, sizeof(mark), ".\\\" vector: %s\n", name);
	p = page != NULL ? strstr(page, mark) : NULL;
	if (p == NULL) {
		fail_msg("%s has no vector %s", PAGE, name);
		return 0;
	}
	for (p += strlen(mark); strncmp(p, ".Ed", 3) != 0;
	     p = strchr(p, '\n') + 1) {
		const size_t len = strcspn(p, "\n");

		if (*p == '.')
			continue;
		assert_true(len < sizeof(line));
		memcpy(line, p, len);
		line[len] = '\0';
		for (char *w = strtok_r(line, " ", &save); w != NULL;
		     w = strtok_r(NULL, " ", &save))
			n = word(out, n, w);
	}
	return n;
}

static void
vector(const char *name, struct span got)
{
	uint8_t want[OUT_MAX];
	const char *mode = getenv("VECTORS");
	size_t n;

	if (mode != NULL && strcmp(mode, "print") == 0) {
		print(name, got);
		return;
	}
	n = read_page(name, want);
	if (n != got.n || memcmp(want, got.p, n) != 0) {
		print(name, got);
		fail_msg("%s: the page and the code differ", name);
	}
}

/* ---- the login ---- */

static void
test_login(void **state)
{
	struct hs_m1 m1 = { .version_low = 1,
		.version_high = 1,
		.mode = HS_LOGIN,
		.kex = { 1 },
		.n_kex = 1 };
	struct hs_m2 m2 = { .version = 1,
		.kex = 1,
		.suite = SUITE_AES256_GCM,
		.epoch_id = 1,
		.not_before = NOW,
		.not_after = NOW + 600,
		.bits = RSA_BITS,
		.n_certs = 2 };
	struct hs_m3 m3 = { .name = named("alice") };
	struct hs_m4 m4 = { .status = HS_WELCOME, .time = NOW };
	uint8_t out[OUT_MAX];
	struct wr w;

	(void)state;
	suite_default(&m1.suites, 0);
	SET(m1.nonce, 0x11);
	SET(m1.ec.b, 0x22);
	SET(m1.pin_hint, 0x33);
	wr_init(&w, out, sizeof(out));
	hs_m1_write(&w, &m1);
	vector("M1, login", wr_out(&w));
	m1.mode = HS_ENROL;
	SET(m1.token_id, 0x44);
	SET(m1.binder, 0x55);
	wr_init(&w, out, sizeof(out));
	hs_m1_write(&w, &m1);
	vector("M1, enrol", wr_out(&w));
	wr_init(&w, out, sizeof(out));
	hs_write_retry(&w, fill(0x66, HS_COOKIE_LEN).p, 16);
	vector("M1r", wr_out(&w));
	SET(m2.nonce, 0x77);
	SET(m2.es.b, 0x88);
	m2.modulus = fill(0x99, RSA_LEN);
	m2.cert[0] = fill(0xc1, 2);
	m2.cert[1] = fill(0xc2, 2);
	wr_init(&w, out, sizeof(out));
	hs_m2_write_unsigned(&w, &m2);
	wr_span(&w, fill(0xaa, SIG_LEN));
	vector("M2", wr_out(&w));
	SET(m3.device_id, 0xbb);
	m3.cert = fill(0xc3, 2);
	m3.sig = fill(0xaa, SIG_LEN);
	wr_init(&w, out, sizeof(out));
	hs_m3_inner_write(&w, &m3);
	vector("M3, inner", wr_out(&w));
	SET(m4.verify.b, 0xdd);
	SET(m4.session_id, 0xee);
	m4.limits.message_max = 65536;
	m4.limits.requests_min = 20;
	m4.limits.idle_s = 90;
	wr_init(&w, out, sizeof(out));
	hs_m4_inner_write(&w, &m4);
	vector("M4, inner", wr_out(&w));
	wr_init(&w, out, sizeof(out));
	hs_write_fail(&w, HS_FAIL_HANDSHAKE);
	vector("FAIL", wr_out(&w));
}

/* A login by ticket: its secret is 01*32, the X25519 result 02*32. */
static void
test_resumption(void **state)
{
	struct hs_m1 m1 = { .version_low = 1,
		.version_high = 1,
		.mode = HS_RESUME,
		.kex = { 1 },
		.n_kex = 1 };
	struct hs_m2r m2 = { .version = 1,
		.kex = 1,
		.suite = SUITE_AES256_GCM,
		.time = NOW,
		.limits = { 65536, 20, 90, 0 } };
	struct hs_sched k;
	struct key psk, shared;
	uint8_t one[OUT_MAX], out[OUT_MAX];
	struct hash mac2, mac3;
	struct hs_keys keys;
	struct wr w, v;

	(void)state;
	memset(&k, 0, sizeof(k));
	suite_default(&m1.suites, 0);
	SET(m1.nonce, 0x11);
	SET(m1.ec.b, 0x22);
	SET(m1.pin_hint, 0x33);
	SET(m1.ticket, 0x44);
	SET(m1.binder, 0x55);
	SET(m2.nonce, 0x77);
	SET(m2.es.b, 0x88);
	SET(psk.b, 0x01);
	SET(shared.b, 0x02);
	wr_init(&w, one, sizeof(one));
	hs_m1_write(&w, &m1);
	vector("M1, resume", wr_out(&w));
	kdf_start(&k.s, &psk);
	hs_resume_start(&k, &shared);
	wr_init(&v, out, sizeof(out));
	hs_m2r_write_open(&v, &m2);
	hs_resume_mac2(&mac2, &k, wr_out(&w), wr_out(&v));
	wr_bytes(&v, mac2.b, sizeof(mac2.b));
	vector("M2R", wr_out(&v));
	hs_resume_mac3(&mac3, &k, &mac2);
	wr_init(&v, out, sizeof(out));
	hs_head_write(&v, HS_TYPE_M3R, HS_M3R_LEN);
	wr_bytes(&v, mac3.b, sizeof(mac3.b));
	vector("M3R", wr_out(&v));
	hs_resume_finish(&k, &keys);
	vector("c_ap, resumed", SPAN(keys.c_ap.b));
	vector("session, resumed", SPAN(keys.session_id));
}

/* ---- records ---- */

static void
test_record(void **state)
{
	const struct rng g = rng_system();
	struct hs_keys k = { .suite = SUITE_AES256_GCM,
		.user = named("alice") };
	struct tunnel *t;
	struct buf out;

	(void)state;
	SET(k.c_ap.b, 0x01);
	SET(k.s_ap.b, 0x02);
	buf_init(&out, 1 << 20);
	t = tunnel_new(&k, TUNNEL_CLIENT, 0, &g);
	assert_non_null(t);
	assert_int_equal(tunnel_send(t, TUNNEL_COMMAND, fill(0x01, 1), 0, 0,
			     &out),
	    SOTTO_OK);
	vector("record", buf_bytes(&out));
	tunnel_free(t);
	buf_free(&out);
}

/* ---- commands ---- */

static void
command(const char *name, const struct wire_cmd *c)
{
	uint8_t out[OUT_MAX];
	struct wr w;

	wr_init(&w, out, sizeof(out));
	wire_cmd_write(&w, c);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	vector(name, wr_out(&w));
}

static void
test_known(void **state)
{
	struct wire_cmd c;

	(void)state;
	c = (struct wire_cmd){ .type = WIRE_ASK_KNOWN, .id = 9 };
	command("ASK_KNOWN", &c);
	c = (struct wire_cmd){ .type = WIRE_KNOWN,
		.id = 9,
		.known = { .enrolled_at = 1,
		    .login_at = 2,
		    .cert_until = 3,
		    .messages = 4,
		    .bytes = 5,
		    .seen_by = 6,
		    .tickets = 1,
		    .addr = { 127, 0, 0, 1 },
		    .family = 4,
		    .port = 7443 } };
	command("KNOWN", &c);
}

static void
test_commands(void **state)
{
	struct wire_person p = { .state = WIRE_ONLINE, .name = named("bob") };
	struct wire_cmd c = { .type = WIRE_WATCH };
	struct wire_relay m = { .type = CHAT_MESSAGE,
		.ref = 7,
		.name = named("bob") };
	uint8_t raw[WIRE_PERSON_LEN], out[64], ones[PREKEY_ONE_LEN];
	uint8_t ticket[HS_TICKET_LEN];
	struct wr w;

	(void)state;
	command("WATCH", &c);
	c = (struct wire_cmd){ .type = WIRE_STATE, .state = WIRE_BUSY };
	command("STATE", &c);
	c = (struct wire_cmd){ .type = WIRE_SEARCH,
		.id = 7,
		.pattern = span_str("bo") };
	command("SEARCH", &c);
	c = (struct wire_cmd){ .type = WIRE_RENEW,
		.id = 8,
		.der = fill(0xc4, 3) };
	command("RENEW", &c);
	c.type = WIRE_CERT;
	command("CERT", &c);
	wr_init(&w, raw, sizeof(raw));
	wire_person_write(&w, &p);
	c = (struct wire_cmd){ .type = WIRE_PRESENCE,
		.first = 1,
		.last = 1,
		.people = { 1, wr_out(&w) } };
	command("PRESENCE", &c);
	c.type = WIRE_FOUND;
	c.id = 7;
	c.more = 1;
	command("FOUND", &c);
	c.type = WIRE_CHANGE;
	command("CHANGE", &c);
	wr_init(&w, raw, sizeof(raw));
	wire_sent_write(&w, &(struct wire_sent){ 7, WIRE_NOT_HERE });
	c = (struct wire_cmd){ .type = WIRE_SENT, .sents = { 1, wr_out(&w) } };
	command("SENT", &c);
	c = (struct wire_cmd){ .type = WIRE_ACK, .place = 9 };
	command("ACK", &c);
	c = (struct wire_cmd){ .type = WIRE_PUBLISH,
		.epoch = 2,
		.bundle = fill(0xb0, 5),
		.ones = { ones, sizeof(ones) } };
	SET(ones, 0x01);
	command("PUBLISH", &c);
	c = (struct wire_cmd){ .type = WIRE_FETCH,
		.id = 7,
		.name = named("bob") };
	command("FETCH", &c);
	c.type = WIRE_KEYS;
	c.bundle = fill(0xb0, 5);
	c.ones = SPAN(ones);
	command("KEYS", &c);
	c = (struct wire_cmd){ .type = WIRE_STOCK,
		.epoch = 2,
		.n_ones = 100,
		.place = 9 };
	command("STOCK", &c);
	c = (struct wire_cmd){ .type = WIRE_TICKET,
		.life_s = 86400,
		.nonce = fill(0x66, HS_TICKET_NONCE),
		.ticket = { ticket, sizeof(ticket) } };
	SET(ticket, 0x44);
	command("TICKET", &c);
	c = (struct wire_cmd){ .type = WIRE_ERROR,
		.id = 8,
		.error = WIRE_E_RATE };
	command("ERROR", &c);
	m.payload = span_str("sealed");
	wr_init(&w, out, sizeof(out));
	wire_relay_write(&w, &m);
	vector("relayed", wr_out(&w));
}

/* ---- chats ---- */

static void
test_chat(void **state)
{
	struct chat_e1 e1 = { .version = 1,
		.from = named("alice"),
		.to = named("bob"),
		.time = NOW };
	struct chat_e2 e2 = { .suite = SUITE_AES256_GCM };
	struct chat_no no = { .reason = CHAT_REASON_NO };
	struct key k;
	struct hash h;
	uint8_t out[OUT_MAX];
	struct wr w;

	(void)state;
	SET(e1.id.b, 0x5a);
	SET(e1.nonce, 0x11);
	SET(e1.ea.b, 0x22);
	suite_default(&e1.suites, 0);
	e1.cert = fill(0xc3, 2);
	e1.device = fill(0xdc, DEVICE_CERT_LEN > RSA_LEN ? RSA_LEN : 1);
	wr_init(&w, out, sizeof(out));
	chat_e1_write(&w, &e1);
	wr_span(&w, fill(0xdc, DEVICE_CERT_LEN - RSA_LEN));
	wr_span(&w, fill(0xaa, SIG_LEN));
	vector("E1", wr_out(&w));
	e2.id = no.id = e1.id;
	SET(e2.nonce, 0x33);
	SET(e2.eb.b, 0x44);
	e2.modulus = fill(0x99, RSA_LEN);
	e2.cert = e1.cert;
	e2.device = fill(0xdc, RSA_LEN);
	wr_init(&w, out, sizeof(out));
	chat_e2_write(&w, &e2);
	wr_span(&w, fill(0xdc, DEVICE_CERT_LEN - RSA_LEN));
	wr_span(&w, fill(0xaa, SIG_LEN));
	vector("E2", wr_out(&w));
	SET(no.nonce, 0x33);
	no.cert = e1.cert;
	wr_init(&w, out, sizeof(out));
	chat_no_write(&w, &no);
	wr_span(&w, fill(0xaa, SIG_LEN));
	vector("E2', refusal", wr_out(&w));
	SET(k.b, 0x01);
	SET(h.b, 0x02);
	wr_init(&w, out, sizeof(out));
	wr_bytes(&w, e1.id.b, sizeof(e1.id.b));
	assert_int_equal(aead_seal_once(wr_take(&w, HASH_LEN + AEAD_TAG_LEN),
			     &k, &h, fill(0x03, HASH_LEN)),
	    SOTTO_OK);
	vector("E4", wr_out(&w));
}

static void
fives(void *ctx, void *p, size_t n)
{
	(void)ctx;
	memset(p, 0x55, n);
}

/* One message of alice; asker: she turns first, else bob would have to. */
static void
one_message(const char *what, int asker)
{
	const struct rng g = { fives, NULL };
	struct chat_keys k = { .suite = SUITE_AES256_GCM,
		.me = named("alice"),
		.peer = named("bob"),
		.asker = asker };
	const struct talk_content c = { .what = TALK_TEXT,
		.id = 7,
		.sent_ms = NOW * 1000,
		.text = span_str("hello") };
	uint8_t inner[256], out[OUT_MAX];
	struct x25519_sec bob;
	struct wr in, w;
	struct ratchet *r;
	uint64_t counter;

	SET(k.id.b, 0x5a);
	SET(k.ad.b, 0x02);
	SET(k.root.b, 0x03);
	SET(k.first.b, 0x04);
	SET(k.mine.b, 0x06);
	SET(bob.b, 0x06);
	x25519_pub_of(&k.theirs, &bob);
	r = ratchet_new(&k);
	assert_non_null(r);
	wr_init(&in, inner, sizeof(inner));
	assert_int_equal(talk_write(&in, &c), SOTTO_OK);
	wr_init(&w, out, sizeof(out));
	assert_int_equal(ratchet_seal(r, CHAT_MESSAGE, wr_out(&in), &g, &w,
			     &counter),
	    SOTTO_OK);
	vector(what, wr_out(&w));
	ratchet_free(r);
}

/* Alice types to bob; nonce 55*24, the root key 41*32, the hash 42*32. */
static void
test_live(void **state)
{
	const struct rng g = { fives, NULL };
	struct chat_keys k = { .suite = SUITE_AES256_GCM,
		.me = named("alice"),
		.peer = named("bob"),
		.asker = 1 };
	uint8_t buf[RATCHET_LIVE_LEN];
	struct ratchet *r;
	struct wr w;

	(void)state;
	memset(k.id.b, 0x5a, sizeof(k.id.b));
	memset(k.root.b, 0x41, sizeof(k.root.b));
	memset(k.ad.b, 0x42, sizeof(k.ad.b));
	assert_non_null(r = ratchet_new(&k));
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(ratchet_live_seal(r, 1, NOW * 1000, &g, &w), SOTTO_OK);
	vector("typing", wr_out(&w));
	ratchet_free(r);
}

static void
test_ratchet(void **state)
{
	(void)state;
	one_message("message", 0);
	one_message("turn", 1);
}

/* ---- at rest, and for people ---- */

static void
test_keyfile(void **state)
{
	const struct keyfile_cost cost = { 2, 64 << 20 };
	const struct rng g = { fives, NULL };
	uint8_t text[2048], raw[2048];
	struct wr t, r;

	(void)state;
	wr_init(&t, text, sizeof(text));
	assert_int_equal(keyfile_seal(&t, span_str("plain"),
			     span_str("passphrase"), &cost, &g),
	    SOTTO_OK);
	wr_init(&r, raw, sizeof(raw));
	assert_int_equal(armor_read(&r, "SOTTO KEY FILE", wr_out(&t)),
	    SOTTO_OK);
	vector("key file", wr_out(&r));
}

static void
shown(const char *what, const char *text)
{
	const char *mode = getenv("VECTORS");

	if (mode != NULL && strcmp(mode, "print") == 0)
		(void)printf("%s: %s\n", what, text);
	else if (strstr(page, text) == NULL)
		fail_msg("%s does not show the %s \"%s\"", PAGE, what, text);
}

static void
test_fingerprint(void **state)
{
	char line[SAFETY_LINE_LEN + 1], b64[SAFETY_BASE64_LEN + 1];
	char words[256] = "", digits[128] = "";
	struct safety_block b;
	struct hash fp;

	(void)state;
	for (uint8_t i = 0; i < HASH_LEN; i++)
		fp.b[i] = i;
	safety_of_key(&b, &fp);
	safety_line(line, &fp);
	safety_base64(b64, &fp);
	for (size_t i = 0; i < SAFETY_WORDS; i++) {
		(void)snprintf(words + strlen(words),
		    sizeof(words) - strlen(words), "%s%s", i > 0 ? " " : "",
		    b.word[i]);
		(void)snprintf(digits + strlen(digits),
		    sizeof(digits) - strlen(digits), "%s%s", i > 0 ? " " : "",
		    b.group[i]);
	}
	shown("line", line);
	shown("base64", b64);
	shown("words", words);
	shown("digits", digits);
}

/* Sizes and labels that the page names. */
static void
test_the_page_names_what_there_is(void **state)
{
	char text[64];

	(void)state;
	for (int c = SIGN_C2S_SERVER; c <= SIGN_DEVICE; c++) {
		(void)snprintf(text, sizeof(text), "%s",
		    sign_ctx_text((enum sign_ctx)c));
		shown("context", text);
	}
	for (int f = HS_FAIL_HANDSHAKE; f <= HS_FAIL_SLOW; f++)
		shown("failure", hs_fail_text((enum hs_fail)f));
	for (int s = HS_REVOKED; s <= HS_STORE_FAILED; s++)
		shown("status", hs_status_text((enum hs_status)s));
	for (int c = TUNNEL_CLOSE_BYE; c <= TUNNEL_CLOSE_AGE; c++)
		shown("close", tunnel_close_text((enum tunnel_close)c));
	assert_int_equal(HS_M1_LEN, 512);
	assert_int_equal(HS_M3_LEN, 2962);
	assert_int_equal(HS_M4_LEN, 528);
	assert_int_equal(HS_M2R_LEN, 126);
	assert_int_equal(DEVICE_CERT_LEN, 498);
}

static int
read_all(void **state)
{
	uint8_t *b;
	size_t n;

	(void)state;
	if (file_read(PAGE, 1 << 20, &b, &n) != SOTTO_OK)
		return getenv("VECTORS") == NULL;
	page = calloc(1, n + 1);
	memcpy(page, b, n);
	free(b);
	return 0;
}

static int
drop_all(void **state)
{
	(void)state;
	free(page);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_resumption),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_chat),
		cmocka_unit_test(test_ratchet),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_keyfile),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_the_page_names_what_there_is),
	};
	struct secret_state st;

	(void)secret_harden(&st);
	if (prim_init() != SOTTO_OK)
		return 99;
	return cmocka_run_group_tests_name("vectors", tests, read_all,
	    drop_all);
}
