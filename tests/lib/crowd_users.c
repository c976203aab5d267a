/* Users without RSA, and what the system says of a relay; see crowd.h. */
#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/lib/cm.h"
#include "tests/lib/crowd_priv.h"

/* ---- what the system says ---- */

double
crowd_cpu_us(pid_t pid)
{
	char path[320];
	double sum = 0;
	struct dirent *d;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		unsigned long long ns = 0;
		FILE *f;

		if (d->d_name[0] == '.')
			continue; /* task/.. has the first thread again */
		(void)snprintf(path, sizeof(path),
		    "/proc/%d/task/%.16s/schedstat", (int)pid, d->d_name);
		if ((f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e3;
		(void)fclose(f);
	}
	(void)closedir(dir);
	return sum;
}

size_t
crowd_rss_kib(pid_t pid)
{
	char path[64], line[256];
	size_t kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "VmRSS: %zu", &kib);
	(void)fclose(f);
	return kib;
}

/* ---- users without RSA ---- */

void
crowd_name(struct name *n, size_t i)
{
	char s[24];

	(void)snprintf(s, sizeof(s), "u%zu", i);
	assert_int_equal(name_parse(n, span_str(s)), SOTTO_OK);
}

static void
spki_of(struct hash *out, const struct name *n)
{
	hash_one(out, span_str(n->s));
}

static void
add_users(const char *dir, size_t n)
{
	char path[WORLD_PATH + 16], sql[512];
	sqlite3 *d = NULL;

	(void)snprintf(path, sizeof(path), "%s/sottod.db", dir);
	assert_int_equal(sqlite3_open(path, &d), SQLITE_OK);
	assert_int_equal(sqlite3_exec(d, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < n; i++) {
		struct name u;
		struct hash h;
		char hex[HASH_LEN * 2 + 1];

		crowd_name(&u, i);
		spki_of(&h, &u);
		for (size_t k = 0; k < HASH_LEN; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", h.b[k]);
		(void)snprintf(sql, sizeof(sql),
		    "INSERT OR IGNORE INTO user VALUES ('%s', x'%s', x'00',"
		    " x'00', 0, x'00', 0, 0, 0)",
		    u.s, hex);
		assert_int_equal(sqlite3_exec(d, sql, NULL, NULL, NULL),
		    SQLITE_OK);
	}
	assert_int_equal(sqlite3_exec(d, "COMMIT", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(d);
}

void
crowd_users(struct world *w, size_t n)
{
	(void)world_relay_stop(w, SIGTERM);
	add_users(world_path(w, "relay"), n);
	world_relay_start(w);
}

/* The newest of the relay's own keys. */
void
crowd_take_key(struct crowd *c, struct world *w)
{
	uint8_t b[TICKET_ID_LEN + KEY_LEN + 8];
	const char *path = world_path(w, "relay/tickets");
	FILE *f = NULL;
	struct rd r;

	for (int i = 0; i < 500 && (f = fopen(path, "r")) == NULL; i++)
		(void)usleep(10000);
	assert_non_null(f);
	assert_int_equal(fread(b, 1, sizeof(b), f), sizeof(b));
	(void)fclose(f);
	rd_init(&r, SPAN(b));
	rd_copy(&r, c->key.id, TICKET_ID_LEN);
	rd_copy(&r, c->key.key.b, KEY_LEN);
	c->key.made_at = rd_u64(&r);
}

const struct ident *
crowd_ticket(struct crowd *c, size_t i, struct hs_ticket *out)
{
	struct ticket t = { .full_at = (uint64_t)time(NULL) };
	struct hash spki;

	crowd_name(&c->id->name, i);
	t.user = c->id->name;
	spki_of(&spki, &t.user);
	hash_one(&t.spki, SPAN(spki.b));
	rng_fill(&c->g, t.psk.b, sizeof(t.psk.b));
	out->psk = t.psk;
	assert_int_equal(ticket_seal(out->b, &c->key, &t, &c->g), SOTTO_OK);
	return c->id;
}
