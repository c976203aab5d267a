/*
 * seeds FOLDER - write the seeds that cannot be typed: messages, certificates
 * and a key file out of the test keys.  Run when a format changes.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

#include "crypto/chat.h"
#include "crypto/hs_msg.h"
#include "crypto/keyfile.h"
#include "crypto/prekey.h"
#include "crypto/ratchet.h"
#include "crypto/talk.h"
#include "net/wire.h"
#include "tests/lib/cm.h"
#include "tests/lib/login.h"

static const char *folder;

static void
put(const char *target, const char *name, struct span s)
{
	char dir[512], path[1024];

	(void)snprintf(dir, sizeof(dir), "%s/fuzz_%s", folder, target);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(file_mkdirs(dir), SOTTO_OK);
	assert_int_equal(file_write(path, s, 0644), SOTTO_OK);
}

static void
login_seeds(struct fixture *f)
{
	uint8_t sig[SIG_LEN] = { 0 }, inner[HS_M3_INNER_LEN];
	struct hs_m3 m3 = { .name = f->alice->name, .sig = SPAN(sig) };
	struct hs_m4 m4 = { .status = HS_WELCOME };
	struct login l;
	struct wr w;

	login_new(&l, f, f->alice, HS_LOGIN);
	assert_true(login_run(&l));
	put("hs", "m1", (struct span){ l.m1, l.m1_len });
	put("hs", "m2", (struct span){ l.m2, l.m2_len });
	put("hs", "m3", (struct span){ l.m3, l.m3_len });
	put("hs", "m4", (struct span){ l.m4, l.m4_len });
	login_free(&l);
	m3.cert = (struct span){ f->alice->cert, f->alice->cert_len };
	wr_init(&w, inner, sizeof(inner));
	hs_m3_inner_write(&w, &m3);
	put("hs", "m3-inner", wr_out(&w));
	wr_init(&w, inner, sizeof(inner));
	hs_m4_inner_write(&w, &m4);
	put("hs", "m4-inner", wr_out(&w));
}

static void
cert_seeds(struct fixture *f)
{
	uint8_t csr[CERT_DER_MAX], spki[RSA_SPKI_MAX];
	struct rsa_key *k = fix_key("alice");
	struct wr w;

	put("cert", "ca", f->conf.ca_cert);
	put("cert", "server", f->conf.server_cert);
	put("cert", "user",
	    (struct span){ f->alice->cert, f->alice->cert_len });
	wr_init(&w, csr, sizeof(csr));
	assert_int_equal(csr_make(&w, k, &f->alice->name, FIX_HOST), SOTTO_OK);
	put("cert", "request", wr_out(&w));
	put("cert", "spki", fix_spki(f->alice, spki));
	rsa_key_free(k);
}

static void
chat_seeds(struct fixture *f)
{
	struct chat_self self = { .id = f->alice, .ca = f->conf.ca_cert },
			 peer = { .id = f->bob, .ca = f->conf.ca_cert };
	uint8_t e1[CHAT_MSG_MAX], e2[CHAT_MSG_MAX], no[CHAT_MSG_MAX];
	const char *why;
	struct chat *a, *b;
	struct wr w1, w2, wn;

	suite_default(&self.suites, 0);
	suite_default(&peer.suites, 0);
	wr_init(&w1, e1, sizeof(e1));
	wr_init(&w2, e2, sizeof(e2));
	wr_init(&wn, no, sizeof(no));
	a = chat_request(&self, &f->bob->name, FIX_NOW * 1000, &f->g, NULL,
	    &w1);
	assert_non_null(a);
	put("chat", "e1", wr_out(&w1));
	assert_int_equal(chat_incoming(&b, &peer, &f->alice->name, wr_out(&w1),
			     FIX_NOW * 1000, &f->g, NULL, &why),
	    SOTTO_OK);
	assert_int_equal(chat_accept(b, fix_key("chat"), &w2), SOTTO_OK);
	put("chat", "e2", wr_out(&w2));
	chat_free(b);
	assert_int_equal(chat_incoming(&b, &peer, &f->alice->name, wr_out(&w1),
			     FIX_NOW * 1000, &f->g, NULL, &why),
	    SOTTO_OK);
	assert_int_equal(chat_refuse(b, CHAT_REASON_NO, &wn), SOTTO_OK);
	put("chat", "refusal", wr_out(&wn));
	chat_free(a);
	chat_free(b);
}

static void
talk_seeds(struct fixture *f)
{
	struct talk_content c[] = {
		{ .what = TALK_TEXT, .id = 7, .text = span_str("hello") },
		{ .what = TALK_RECEIPT, .receipt = TALK_READ, .n_refs = 2 },
		{ .what = TALK_EDIT, .id = 7, .text = span_str("hallo") },
		{ .what = TALK_REFUSE, .reason = CHAT_REASON_BUSY }
	};
	struct chat_keys k = { .suite = SUITE_AES256_GCM,
		.me = f->alice->name,
		.peer = f->bob->name,
		.asker = 1 };
	struct chat_self self = { .id = f->alice, .ca = f->conf.ca_cert };
	struct prekey_secret s = { .epoch = 1, .made_at = FIX_NOW };
	struct prekey_peer p;
	struct rsa_key *rpk = fix_key("chat");
	uint8_t buf[8192], one[PREKEY_ONE_LEN];
	struct x25519_sec sec;
	struct ratchet *r;
	const char *why;
	uint64_t counter;
	struct wr w, o;
	char name[16];

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		wr_init(&w, buf, sizeof(buf));
		assert_int_equal(talk_write(&w, &c[i]), SOTTO_OK);
		(void)snprintf(name, sizeof(name), "content-%zu", i);
		put("talk", name, wr_out(&w));
	}
	x25519_make(&sec, &k.theirs, &f->g);
	r = ratchet_new(&k);
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(ratchet_seal(r, CHAT_MESSAGE, span_str("x"), &f->g, &w,
			     &counter),
	    SOTTO_OK);
	wr_init(&w, buf, sizeof(buf));
	ratchet_save(r, &w);
	put("talk", "state", wr_out(&w));
	ratchet_free(r);
	suite_default(&self.suites, 0);
	s.spk = sec;
	wr_init(&w, s.rpk, sizeof(s.rpk));
	assert_int_equal(rsa_key_write(rpk, &w), SOTTO_OK);
	s.rpk_len = w.n;
	rsa_key_free(rpk);
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(prekey_bundle(&w, f->bob, &s, &self.suites), SOTTO_OK);
	wr_init(&o, one, sizeof(one));
	prekey_one(&o, f->bob, 1, &sec);
	assert_int_equal(prekey_check(&p, &self, &f->bob->name, wr_out(&w),
			     wr_out(&o), FIX_NOW * 1000, &why),
	    SOTTO_OK);
	wr_init(&w, buf, sizeof(buf));
	assert_int_equal(prekey_start(&k, &w, &self, &p, &f->g), SOTTO_OK);
	put("talk", "first", wr_out(&w));
}

static void
key_seeds(struct fixture *f)
{
	const struct keyfile_cost cost = { 2, 64 << 20 };
	static uint8_t plain[KEYFILE_PLAIN_MAX], text[KEYFILE_TEXT_MAX];
	struct wr p, t;

	wr_init(&p, plain, sizeof(plain));
	assert_int_equal(ident_write(f->alice, &p), SOTTO_OK);
	put("keyfile", "ident", wr_out(&p));
	wr_init(&t, text, sizeof(text));
	assert_int_equal(keyfile_seal(&t, wr_out(&p), span_str("passphrase"),
			     &cost, &f->g),
	    SOTTO_OK);
	put("keyfile", "file", wr_out(&t));
}

static void
wire_seeds(void)
{
	uint8_t raw[2 * WIRE_PERSON_LEN], buf[256];
	struct wire_person p = { .state = WIRE_ONLINE };
	struct wire_cmd c = { .type = WIRE_PRESENCE, .first = 1 };
	struct wire_relay m = { .type = CHAT_MESSAGE, .ref = 9 };
	struct wr w;

	assert_int_equal(name_parse(&p.name, span_str("bob")), SOTTO_OK);
	wr_init(&w, raw, sizeof(raw));
	wire_person_write(&w, &p);
	wire_person_write(&w, &p);
	c.people.n = 2;
	c.people.raw = wr_out(&w);
	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, &c);
	put("wire", "presence", wr_out(&w));
	c.type = WIRE_FOUND;
	wr_init(&w, buf, sizeof(buf));
	wire_cmd_write(&w, &c);
	put("wire", "found", wr_out(&w));
	m.name = p.name;
	m.payload = span_str("sealed");
	wr_init(&w, buf, sizeof(buf));
	wire_relay_write(&w, &m);
	put("wire", "message", wr_out(&w));
	put("wire", "search",
	    (struct span){ (const uint8_t *)"\x03\0\0\0\x07\x03"
					    "bob",
		9 });
	put("tunnel", "records",
	    (struct span){ (const uint8_t *)"\x03\x00\x05\x01\x00\x01\x02\x03"
					    "\x06\x00\x09\x00"
					    "12345678"
					    "\x05\x00\x01\x00",
		24 });
}

int
main(int argc, char **argv)
{
	struct secret_state st;
	struct fixture *f;

	if (argc != 2)
		return 2;
	folder = argv[1];
	(void)secret_harden(&st);
	(void)prim_init();
	f = fix_new();
	login_seeds(f);
	cert_seeds(f);
	talk_seeds(f);
	chat_seeds(f);
	key_seeds(f);
	wire_seeds();
	fix_free(f);
	return 0;
}
