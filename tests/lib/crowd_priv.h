/* crowd_priv - what the files of the crowd share, and nobody else. */
#ifndef TESTS_CROWD_PRIV_H
#define TESTS_CROWD_PRIV_H

#include "crypto/ticket.h"
#include "tests/lib/bare.h"
#include "tests/lib/crowd.h"

#define CROWD_PAYLOAD 200
#define CROWD_SAMPLES (1 << 20)

enum state {
	GONE,
	CONNECTING,
	GREETED, /* M1 is out */
	OPEN
};

struct one {
	struct crowd *c;
	int fd;
	enum state state;
	struct buf in, out;
	struct hs_client *hs;
	struct tunnel *t;
	struct bare_end end;
	unsigned flight;
	uint64_t place; /* of the last stored message that came */
	int to_ack;
};

struct crowd {
	enum crowd_kind kind;
	uint16_t port;
	int ep;
	struct one **all;
	size_t n, first, logging_in;
	struct ident *id; /* whose name changes for each login */
	struct hs_server_info known;
	struct ticket_key key;
	struct rng g;
	/* The load that runs: */
	const struct crowd_load *load;
	uint64_t ref;
	float *sample;
	size_t n_samples, arrived;
	uint8_t read_buf[65536], scratch[TUNNEL_BODY_MAX];
};

double crowd_now_us(void);
/* crowd_name - of client number i. */
void crowd_name(struct name *n, size_t i);
/* crowd_take_key - the newest of the relay's own, of tickets. */
void crowd_take_key(struct crowd *c, struct world *w);

void crowd_send_out(struct one *o);
void crowd_send_bare(struct one *o, struct span text);
/* crowd_turn - who has something; waits up to that long. */
void crowd_turn(struct crowd *c, double wait_us);

#endif
