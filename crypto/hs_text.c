/* What people are told about a login; and cookies.  See hs.h. */
#include <string.h>

#include "base/secret.h"

#include "crypto/hs_job.h"

const char *
hs_fault_text(enum hs_fault f)
{
	switch (f) {
	case HS_FAULT_NONE:
		return "nothing went wrong";
	case HS_FAULT_FORMAT:
		return "a message of the handshake is malformed";
	case HS_FAULT_ORDER:
		return "a message came that must not come now";
	case HS_FAULT_VERSION:
		return "there is no common version of the protocol";
	case HS_FAULT_SUITE:
		return "there is no common cipher suite";
	case HS_FAULT_DOWNGRADE:
		return "a weaker cipher suite was chosen than before";
	case HS_FAULT_EPOCH:
		return "the relay's one-time key is not acceptable";
	case HS_FAULT_PIN:
		return "the relay has another key than the one you know";
	case HS_FAULT_CA:
		return "the certificate of the relay's authority is bad";
	case HS_FAULT_CERT:
		return "a certificate is bad";
	case HS_FAULT_SIGNATURE:
		return "a signature is wrong";
	case HS_FAULT_INVITE:
		return "the invite is unknown, or its secret is wrong";
	case HS_FAULT_TICKET:
		return "the ticket is not proven";
	case HS_FAULT_KEYS:
		return "the other side could not prove the session's keys";
	case HS_FAULT_FAILED:
		return "the relay ended the handshake";
	case HS_FAULT_STATUS:
		return "the relay refused the login";
	case HS_FAULT_PUZZLE:
		return "the relay asked for more than is allowed";
	case HS_FAULT_MEMORY:
		return "memory ran out";
	}
	return "something went wrong";
}

const char *
hs_fail_text(enum hs_fail f)
{
	switch (f) {
	case HS_FAIL_NONE:
	case HS_FAIL_HANDSHAKE:
		return "The relay did not accept the handshake";
	case HS_FAIL_VERSION:
		return "The relay speaks another version of the protocol";
	case HS_FAIL_BUSY:
		return "The relay is busy";
	case HS_FAIL_STOPPING:
		return "The relay is shutting down";
	case HS_FAIL_SUITE:
		return "The relay accepts none of your cipher suites";
	case HS_FAIL_SLOW:
		return "The login took too long";
	}
	return "The relay ended the handshake";
}

const char *
hs_status_text(enum hs_status s)
{
	switch (s) {
	case HS_WELCOME:
		return "welcome";
	case HS_REVOKED:
		return "the admin has revoked this user";
	case HS_CERT_EXPIRED:
		return "your certificate is over; ask the admin for an invite "
		       "and enrol again with the same name";
	case HS_INVITE_USED:
		return "the invite is used up or over; ask the admin for "
		       "another one";
	case HS_NAME_TAKEN:
		return "somebody else has this name; choose another one";
	case HS_NAME_NOT_YOURS:
		return "the invite is for another name";
	case HS_REQUEST_BAD:
		return "the relay does not accept this certificate request";
	case HS_KEY_USED:
		return "this key belongs to another name";
	case HS_STORE_FAILED:
		return "the relay could not store the new user; tell its "
		       "admin, and try again later";
	}
	return "the relay refused";
}

/* cookie: u64 slot | u8 difficulty | 23 bytes of HMAC over addr and these. */
#define COOKIE_FRONT 9
#define COOKIE_MAC   (HS_COOKIE_LEN - COOKIE_FRONT)

static void
cookie_mac(uint8_t out[COOKIE_MAC], const struct key *k, struct span addr,
    const uint8_t cookie[HS_COOKIE_LEN])
{
	struct hash h;

	hmac_parts(&h, SPAN(k->b),
	    (const struct span[]){ { cookie, COOKIE_FRONT }, addr }, 2);
	memcpy(out, h.b, COOKIE_MAC);
}

void
hs_cookie_make(uint8_t cookie[HS_COOKIE_LEN], const struct key *k,
    struct span addr, uint64_t slot, uint8_t difficulty)
{
	struct wr w;

	wr_init(&w, cookie, HS_COOKIE_LEN);
	wr_u64(&w, slot);
	wr_u8(&w, difficulty);
	cookie_mac(cookie + COOKIE_FRONT, k, addr, cookie);
}

int
hs_cookie_check(const struct hs_m1_peek *m1, const struct key *k,
    struct span addr, uint64_t slot)
{
	uint8_t mac[COOKIE_MAC], difficulty;
	uint64_t made;
	struct rd r;

	rd_init(&r, SPAN(m1->cookie));
	made = rd_u64(&r);
	difficulty = rd_u8(&r);
	cookie_mac(mac, k, addr, m1->cookie);
	if (!secret_eq(mac, m1->cookie + COOKIE_FRONT, COOKIE_MAC))
		return 0;
	if (made > slot || slot - made > 1)
		return 0;
	return hs_puzzle_ok(m1->cookie, m1->nonce, m1->answer, difficulty);
}
