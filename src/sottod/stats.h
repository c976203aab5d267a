/*
 * stats - what the relay counts, and how it is told: to sottod status as JSON,
 * to Prometheus as text.  Numbers only: no name, no address.
 * Thread: the loop's.
 */
#ifndef SOTTOD_STATS_H
#define SOTTOD_STATS_H

#include <stddef.h>
#include <stdint.h>

struct server;

/* How long something took: the i-th counts what took less than 2^i us. */
#define STATS_STEPS 26
struct stats_hist {
	uint64_t n[STATS_STEPS];
	uint64_t count, sum_us;
};

/* Since the start; see stats.c for what each is. */
struct stats {
	uint64_t started_at; /* seconds since 1970 */
	uint64_t accepted, turned_away;
	uint64_t logins, resumed, login_failures, enrolled;
	uint64_t live, stored, refused, handed_over;
	uint64_t commits, store_failures;
	struct stats_hist turn;   /* of the loop, but for waiting */
	struct stats_hist commit; /* of a message, until its answer */
	struct stats_hist login;  /* from the connection to the open tunnel */
};

void stats_took(struct stats_hist *h, uint64_t us);
/* stats_at_most_us - p of all (0 to 1) took no longer; 0: there is none. */
uint64_t stats_at_most_us(const struct stats_hist *h, double p);

/* Room for all of it. */
#define STATS_JSON_MAX 4096
#define STATS_TEXT_MAX 24576

/* stats_json - one object on one line.  Returns its length. */
size_t stats_json(char *out, size_t cap, const struct server *s);
/* stats_prometheus - text format 0.0.4.  Returns its length. */
size_t stats_prometheus(char *out, size_t cap, const struct server *s);

#endif
