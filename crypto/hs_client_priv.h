/* hs_client_priv - the client's machine, for hs_client.c and hs_client_resume.c. */
#ifndef CRYPTO_HS_CLIENT_PRIV_H
#define CRYPTO_HS_CLIENT_PRIV_H

#include "crypto/hs_job.h"
#include "crypto/hs_trace.h"

/*
 *	WAIT_M2 --M1r--> PUZZLE --job--> WAIT_M2 (at most once)
 *	WAIT_M2 --M2--> WAIT_M4 --M4--> DONE
 *	WAIT_M2 --M2R--> DONE (with a ticket only)
 *
 * Everything else leads to FAILED.
 */
enum client_state {
	C_WAIT_M2,
	C_PUZZLE,
	C_WAIT_M4,
	C_DONE,
	C_FAILED
};

struct hs_client {
	struct hs_client_conf conf;
	char host[INVITE_HOST_MAX + 1]; /* what conf.host points to */
	struct rng g;
	struct trace *trace;
	enum client_state state;
	int retried;
	struct hs_job *job;
	struct hs_m1 m1;
	uint8_t m1_frame[HS_M1_FRAME_LEN];
	struct x25519_sec x;   /* secret */
	struct hs_sched sched; /* secret */
	enum suite suite;
	struct hs_server_info info;
	enum hs_fault fault;
	struct hs_keys keys; /* secret */
};

enum hs_event hs_client_fail(struct hs_client *c, enum hs_fault fault);
/* hs_client_m2r - the relay takes the ticket; M3R to out. */
enum hs_event hs_client_m2r(struct hs_client *c, struct span frame,
    uint64_t now, struct wr *out);

#endif
