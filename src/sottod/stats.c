#include "sottod/stats.h"

#include <sys/resource.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sottod/epoch.h"
#include "sottod/mail.h"
#include "sottod/server.h"

/* ---- how long ---- */

void
stats_took(struct stats_hist *h, uint64_t us)
{
	size_t i = 0;

	while (i < STATS_STEPS - 1 && us >> i > 0)
		i++;
	h->n[i]++;
	h->count++;
	h->sum_us += us;
}

uint64_t
stats_at_most_us(const struct stats_hist *h, double p)
{
	uint64_t seen = 0;

	if (h->count == 0)
		return 0;
	for (size_t i = 0; i < STATS_STEPS; i++) {
		seen += h->n[i];
		if ((double)seen >= p * (double)h->count)
			return 1ULL << i;
	}
	return 1ULL << (STATS_STEPS - 1);
}

/* ---- all numbers, in the order in which they are told ---- */

enum kind {
	COUNTER,
	GAUGE
};

struct value {
	const char *name, *help;
	enum kind kind;
	uint64_t v;
};
#define VALUES_MAX 40

/* The second word of statm: pages. */
static uint64_t
memory_bytes(void)
{
	char line[128] = "", *end;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	(void)fclose(f);
	(void)strtoull(line, &end, 10);
	return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
cpu_ms(void)
{
	struct rusage r;

	if (getrusage(RUSAGE_SELF, &r) != 0)
		return 0;
	return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
	    (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
}

/* n and bytes of all mailboxes together. */
static struct dir_box
kept_for_all(const struct directory *d)
{
	struct dir_box sum = { 0 };

	for (size_t i = 0; i < dir_n_users(d); i++) {
		sum.n += dir_at(d, i)->box.n;
		sum.bytes += dir_at(d, i)->box.bytes;
	}
	return sum;
}

static size_t
gather(struct value *v, const struct server *s)
{
	const struct stats *t = &s->stats;
	const struct dir_box kept = kept_for_all(s->dir);
	const struct value all[] = {
		{ "uptime_seconds", "since the start", GAUGE,
		    server_now() - t->started_at },
		{ "connections", "now, with unfinished logins", GAUGE,
		    s->n_conns },
		{ "logins_under_way", "now", GAUGE, s->n_logins },
		{ "users_online", "now", GAUGE, dir_n_online(s->dir) },
		{ "users", "of this relay", GAUGE, dir_n_users(s->dir) },
		{ "invites_open", "that still let somebody in", GAUGE,
		    store_open_invites(s->store, server_now()) },
		{ "jobs", "waiting for a worker, or with one", GAUGE,
		    loop_work_pending(s->loop) },
		{ "commit_queue", "messages that are on no disk yet", GAUGE,
		    mail_waiting(s->mail) },
		{ "mail_messages", "kept for people who are away", GAUGE,
		    kept.n },
		{ "mail_bytes", "... and how large they are", GAUGE,
		    kept.bytes },
		{ "epoch_spares", "one-time keys made ahead", GAUGE,
		    epochs_spares(s->epochs) },
		{ "memory_bytes", "resident", GAUGE, memory_bytes() },
		{ "cpu_milliseconds", "of all threads", COUNTER, cpu_ms() },
		{ "accepted", "connections", COUNTER, t->accepted },
		{ "turned_away", "connections over a limit", COUNTER,
		    t->turned_away },
		{ "logins", "with RSA", COUNTER, t->logins },
		{ "logins_resumed", "with a ticket", COUNTER, t->resumed },
		{ "login_failures", "of all kinds", COUNTER,
		    t->login_failures },
		{ "enrolled", "new users", COUNTER, t->enrolled },
		{ "messages_live", "passed on, and not kept", COUNTER,
		    t->live },
		{ "messages_stored", "taken: on the disk, or their receiver's",
		    COUNTER, t->stored },
		{ "messages_refused", "not taken; the sender was told", COUNTER,
		    t->refused },
		{ "messages_handed_over", "that were kept, to receivers",
		    COUNTER, t->handed_over },
		{ "commits", "of the mailboxes", COUNTER, t->commits },
		{ "store_failures", "commits that failed", COUNTER,
		    t->store_failures },
		{ "epoch_keys", "one-time keys made", COUNTER,
		    epochs_made(s->epochs) },
	};

	memcpy(v, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

/* ---- as text ---- */

struct text {
	char *p;
	size_t n, cap;
};

static void put(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int k;

	va_start(ap, fmt);
	k = vsnprintf(t->p + t->n, t->cap - t->n, fmt, ap);
	va_end(ap);
	if (k > 0 && (size_t)k < t->cap - t->n)
		t->n += (size_t)k;
}

static void
json_hist(struct text *t, const char *name, const struct stats_hist *h)
{
	put(t, ",\"%s_p50_us\":%llu,\"%s_p99_us\":%llu", name,
	    (unsigned long long)stats_at_most_us(h, 0.5), name,
	    (unsigned long long)stats_at_most_us(h, 0.99));
}

size_t
stats_json(char *out, size_t cap, const struct server *s)
{
	struct text t = { out, 0, cap };
	struct value v[VALUES_MAX];
	const size_t n = gather(v, s);
	const uint8_t *fp = s->id->ca.fingerprint.b;

	put(&t, "{\"version\":\"" SOTTO_VERSION "\",\"relay\":\"%s\",",
	    s->id->ca.relay);
	put(&t, "\"fingerprint\":\"");
	for (size_t i = 0; i < HASH_LEN; i++)
		put(&t, "%02x", fp[i]);
	put(&t, "\"");
	for (size_t i = 0; i < n; i++)
		put(&t, ",\"%s\":%llu", v[i].name, (unsigned long long)v[i].v);
	json_hist(&t, "turn", &s->stats.turn);
	json_hist(&t, "commit", &s->stats.commit);
	json_hist(&t, "login", &s->stats.login);
	put(&t, "}\n");
	return t.n;
}

static void
prometheus_hist(struct text *t, const char *name, const char *help,
    const struct stats_hist *h)
{
	uint64_t sum = 0;

	put(t,
	    "# HELP sotto_%s_seconds %s\n# TYPE sotto_%s_seconds histogram\n",
	    name, help, name);
	for (size_t i = 0; i < STATS_STEPS; i++) {
		sum += h->n[i];
		put(t, "sotto_%s_seconds_bucket{le=\"%g\"} %llu\n", name,
		    (double)(1ULL << i) / 1e6, (unsigned long long)sum);
	}
	put(t, "sotto_%s_seconds_bucket{le=\"+Inf\"} %llu\n", name,
	    (unsigned long long)h->count);
	put(t, "sotto_%s_seconds_sum %g\nsotto_%s_seconds_count %llu\n", name,
	    (double)h->sum_us / 1e6, name, (unsigned long long)h->count);
}

size_t
stats_prometheus(char *out, size_t cap, const struct server *s)
{
	struct text t = { out, 0, cap };
	struct value v[VALUES_MAX];
	const size_t n = gather(v, s);

	for (size_t i = 0; i < n; i++) {
		const char *end = v[i].kind == COUNTER ? "_total" : "";

		put(&t, "# HELP sotto_%s%s %s\n# TYPE sotto_%s%s %s\n",
		    v[i].name, end, v[i].help, v[i].name, end,
		    v[i].kind == COUNTER ? "counter" : "gauge");
		put(&t, "sotto_%s%s %llu\n", v[i].name, end,
		    (unsigned long long)v[i].v);
	}
	prometheus_hist(&t, "turn", "a turn of the loop, but for waiting",
	    &s->stats.turn);
	prometheus_hist(&t, "commit", "a stored message, until its answer",
	    &s->stats.commit);
	prometheus_hist(&t, "login", "from the connection to the open tunnel",
	    &s->stats.login);
	return t.n;
}
