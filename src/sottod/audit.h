/*
 * audit - the relay's log of who came, why somebody did not get in, which
 * chats began and ended.  Never a text, never a key.
 *
 * The lines, after time and level (sottod(8), LOG):
 *
 *	conn N from ADDRESS: connected (with --verbose)
 *	conn N: enrolled NAME
 *	conn N from ADDRESS: login of NAME, SUITE
 *	conn N from ADDRESS: login failed: CAUSE
 *	conn N: chat begun: NAME and NAME
 *	conn N: chat ended: NAME and NAME: CAUSE
 *	conn N: closed: CAUSE
 *
 * Names are "-" if the configuration says names = no.
 *
 * Whoever is not in can cause lines at no cost, so there are AUDIT_STRANGERS of
 * those in AUDIT_MS; how many more there were is told in one.  Failed logins that
 * came as far as a name have as many to themselves: junk does not hide them.
 */
#ifndef SOTTOD_AUDIT_H
#define SOTTOD_AUDIT_H

#include "base/log.h"
#include "base/name.h"

#include "crypto/hs.h"
#include "net/tcp.h"

#define AUDIT_STRANGERS 100
#define AUDIT_MS        10000

struct audit {
	struct log *log; /* borrowed; may be NULL */
	int names;
	/* Lines about those who are not in, since then; [1]: with a name. */
	uint64_t since_ms;
	struct {
		uint64_t said, left_out;
	} share[2];
};

/* audit_sweep - now and then, with the loop's clock. */
void audit_sweep(struct audit *a, uint64_t now_ms);

void audit_connected(const struct audit *a, uint64_t conn,
    const struct tcp_peer *peer);
void audit_login(const struct audit *a, uint64_t conn,
    const struct tcp_peer *peer, const struct name *n, enum suite s);
void audit_enrolled(const struct audit *a, uint64_t conn, const struct name *n);
/* name may be NULL: not known.  more may be NULL: nothing to add to fault. */
void audit_login_failed(struct audit *a, uint64_t now_ms, uint64_t conn,
    const struct tcp_peer *peer, const struct name *n, const char *fault,
    const char *more);
void audit_chat_begun(const struct audit *a, uint64_t conn,
    const struct name *one, const struct name *two);
void audit_chat_ended(const struct audit *a, uint64_t conn,
    const struct name *one, const struct name *two, const char *why);
void audit_closed(const struct audit *a, uint64_t conn, const char *why);
/* audit_turned_away - the same of a connection that never was in. */
void audit_turned_away(struct audit *a, uint64_t now_ms, uint64_t conn,
    const char *why);

#endif
