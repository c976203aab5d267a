#include "sottod/audit.h"

#include <string.h>

#define N(id) ((unsigned long long)(id))

static const char *
shown(const struct audit *a, const struct name *n)
{
	return a->names && n != NULL && n->s[0] != '\0' ? n->s : "-";
}

void
audit_sweep(struct audit *a, uint64_t now_ms)
{
	if (now_ms - a->since_ms < AUDIT_MS)
		return;
	for (int named = 0; named < 2; named++)
		if (a->share[named].left_out > 0)
			log_say(a->log, LOG_WARN,
			    "%llu more lines about connections that did not "
			    "get in, %s a name: too many came in %d seconds",
			    N(a->share[named].left_out),
			    named ? "with" : "without", AUDIT_MS / 1000);
	memset(a->share, 0, sizeof(a->share));
	a->since_ms = now_ms;
}

/* Of somebody who is not in. */
static int
may_say(struct audit *a, uint64_t now_ms, int named)
{
	audit_sweep(a, now_ms);
	if (a->share[named].said >= AUDIT_STRANGERS) {
		a->share[named].left_out++;
		return 0;
	}
	a->share[named].said++;
	return 1;
}

void
audit_connected(const struct audit *a, uint64_t conn,
    const struct tcp_peer *peer)
{
	char text[TCP_TEXT_MAX];

	if (log_wants(a->log, LOG_DEBUG))
		log_say(a->log, LOG_DEBUG, "conn %llu from %s: connected",
		    N(conn), tcp_peer_text(text, peer));
}

void
audit_login(const struct audit *a, uint64_t conn, const struct tcp_peer *peer,
    const struct name *n, enum suite s)
{
	char text[TCP_TEXT_MAX];

	if (log_wants(a->log, LOG_INFO))
		log_say(a->log, LOG_INFO, "conn %llu from %s: login of %s, %s",
		    N(conn), tcp_peer_text(text, peer), shown(a, n),
		    suite_name(s));
}

void
audit_enrolled(const struct audit *a, uint64_t conn, const struct name *n)
{
	log_say(a->log, LOG_INFO, "conn %llu: enrolled %s", N(conn),
	    shown(a, n));
}

void
audit_login_failed(struct audit *a, uint64_t now_ms, uint64_t conn,
    const struct tcp_peer *peer, const struct name *n, const char *fault,
    const char *more)
{
	char text[TCP_TEXT_MAX];

	if (!may_say(a, now_ms, n != NULL))
		return;
	log_say(a->log, LOG_WARN, "conn %llu from %s: login failed%s%s: %s%s%s",
	    N(conn), tcp_peer_text(text, peer), n != NULL ? " for " : "",
	    n != NULL ? shown(a, n) : "", fault, more != NULL ? ": " : "",
	    more != NULL ? more : "");
}

void
audit_chat_begun(const struct audit *a, uint64_t conn, const struct name *one,
    const struct name *two)
{
	log_say(a->log, LOG_INFO, "conn %llu: chat begun: %s and %s", N(conn),
	    shown(a, one), shown(a, two));
}

void
audit_chat_ended(const struct audit *a, uint64_t conn, const struct name *one,
    const struct name *two, const char *why)
{
	log_say(a->log, LOG_INFO, "conn %llu: chat ended: %s and %s: %s",
	    N(conn), shown(a, one), shown(a, two), why);
}

void
audit_closed(const struct audit *a, uint64_t conn, const char *why)
{
	log_say(a->log, LOG_INFO, "conn %llu: closed: %s", N(conn), why);
}

void
audit_turned_away(struct audit *a, uint64_t now_ms, uint64_t conn,
    const char *why)
{
	if (may_say(a, now_ms, 0))
		audit_closed(a, conn, why);
}
