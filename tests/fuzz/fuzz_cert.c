/* Certificates and requests, as anybody may send them. */
#include "crypto/cert.h"
#include "crypto/rsa.h"
#include "tests/fuzz/fuzz.h"

const int fuzz_replays = 600;

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct span in = { p, n };
	struct cert_want want = { .use = CERT_SERVER,
		.ca = in,
		.host = "relay.example",
		.now = 1780000000 };
	struct rsa_pub *key = NULL;
	struct cert_info info;
	struct name alice;
	struct hash fp;

	MUST(name_parse(&alice, span_str("alice")) == SOTTO_OK);
	(void)!cert_read_info(&info, in);
	(void)!cert_fingerprint(&fp, in);
	(void)cert_verify(NULL, in, &want);
	want.use = CERT_USER;
	want.name = &alice;
	want.relay = "relay.example";
	(void)cert_verify(NULL, in, &want);
	(void)cert_verify_ca(NULL, in, 1780000000);
	if (csr_check(&key, in, &alice, "relay.example") == SOTTO_OK)
		MUST(rsa_pub_bits(key) == RSA_BITS);
	rsa_pub_free(key);
	key = NULL;
	if (rsa_pub_read(&key, in) == SOTTO_OK)
		MUST(rsa_pub_bits(key) >= 2048);
	rsa_pub_free(key);
	return 0;
}
