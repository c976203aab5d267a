/* hs_server_priv - the relay's machine, for hs_server*.c. */
#ifndef CRYPTO_HS_SERVER_PRIV_H
#define CRYPTO_HS_SERVER_PRIV_H

#include "crypto/hs_job.h"

/*
 *	NEW --M1--> HELLO --job--> SENT --M3--> OPENING --job--> NAMED
 *	    --account--> PROVEN --finish--> DONE
 *	NEW --M1 with a good ticket--> RESUMED --M3R--> PROVEN
 *
 * Everything else leads to FAILED.
 */
enum server_state {
	S_NEW,
	S_HELLO,
	S_SENT,
	S_RESUMED, /* M2R is out */
	S_OPENING,
	S_NAMED,
	S_PROVEN,
	S_DONE,
	S_FAILED
};

struct hs_server {
	const struct hs_server_conf *conf;
	struct rng g;
	enum server_state state;
	struct hs_job *job; /* the next one, until it is fetched */
	enum hs_mode mode;
	enum suite suite;
	struct hs_epoch *epoch; /* a reference, from M1 to M3 */
	struct hs_sched sched;  /* secret */
	uint8_t inner[HS_M3_INNER_LEN];
	struct hs_m3 m3; /* points into inner */
	int resumed;
	struct hash mac3; /* RESUMED: what M3R has to be */
	struct rsa_pub *new_key;
	enum hs_status status;
	enum hs_fault fault;
	enum cert_fault cert_fault;
	enum hs_fail fail;
	struct hs_keys keys; /* secret */
};

enum hs_event hs_server_stop(struct hs_server *s, enum hs_fault fault,
    enum hs_fail code);
/* hs_negotiate - version, key exchange and suite out of what is offered, or
 * the code. */
enum hs_fail hs_negotiate(struct hs_server *s, const struct hs_m1 *m1);
/* hs_server_m3r - of a resumed login. */
enum hs_event hs_server_m3r(struct hs_server *s, struct span frame);

#endif
