/*
 * login - the two login machines against each other, without a socket, one
 * frame at a time, so that a test can look at, change, drop and repeat any.
 */
#ifndef TESTS_LOGIN_H
#define TESTS_LOGIN_H

#include "tests/lib/fixture.h"

struct login {
	struct fixture *f;
	struct hs_client_conf cc;
	struct hs_client *c;
	struct hs_server *s;
	enum hs_event cev, sev;
	struct span account; /* what the relay knows: SPKI, or empty */
	uint8_t spki[RSA_SPKI_MAX];
	const struct key *psk; /* of the invite, or NULL */
	enum hs_status status; /* the relay's answer to a proven user */
	struct trace trace;
	/* The last frame of each kind, as sent. */
	uint8_t m1[HS_FRAME_MAX], m2[HS_FRAME_MAX];
	uint8_t m3[HS_FRAME_MAX], m4[HS_FRAME_MAX];
	size_t m1_len, m2_len, m3_len, m4_len;
};

/* LOGIN_M - frame n (1 to 4), as sent. */
#define LOGIN_M(l, n) ((struct span){ (l)->m##n, (l)->m##n##_len })

/* login_new - both machines; M1 is made.  id is borrowed. */
void login_new(struct login *l, struct fixture *f, const struct ident *id,
    enum hs_mode mode);
void login_free(struct login *l);
/* login_conf - the same with a client configuration of the test's own. */
void login_conf(struct login *l, struct fixture *f,
    const struct hs_client_conf *cc);

/* One step each; they run the jobs inline.  Each gives the new event. */
enum hs_event login_m1(struct login *l, struct span m1); /* makes M2 */
enum hs_event login_m2(struct login *l, struct span m2); /* makes M3 */
enum hs_event login_m3(struct login *l, struct span m3); /* makes M4 */
enum hs_event login_m4(struct login *l, struct span m4);

/* login_run - all four, unchanged; 1 if both are HS_DONE. */
int login_run(struct login *l);

/* login_same_keys - both have the same ones, and one for each direction. */
void login_same_keys(const struct login *l);
/* login_client_fails - the client ends it at M2, for that reason, and has said
 * nothing about its user. */
void login_client_fails(struct fixture *f, const struct hs_client_conf *cc,
    enum hs_fault want);
/* login_server_fails - the relay ends it at M3, for that reason. */
void login_server_fails(struct login *l, enum hs_fault want);

#endif
