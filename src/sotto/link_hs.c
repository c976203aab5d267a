/* The login, as the connection's first half; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

#define STEP_MS    15000 /* for each answer of the relay */
#define BUSY_TRIES 5     /* of an enrolment, at a relay that is busy */
/* A ping when nothing came for that long; half of it for the answer. */
#define BEAT_MS 30000

static void
server_changed(struct engine *e, const struct hs_server_info *info)
{
	struct msg *m = msg_new(EV_SERVER_CHANGED);

	if (m != NULL) {
		m->key = info->authority;
		m->old_key = e->id->authority;
		(void)snprintf(m->host, sizeof(m->host), "%s", e->id->host);
		m->port = e->id->port;
		engine_tell(e, m);
	}
	link_stopped(e, ENTRY_NO_RELAY,
	    "The relay answered with a key that is not the one you "
	    "know. Nothing was sent to it.");
}

static void
explain(char *out, size_t cap, enum hs_fault f,
    const struct hs_server_info *info, const char *host, int enrolling)
{
	if (f == HS_FAULT_STATUS)
		(void)snprintf(out, cap, "The relay refused: %s.",
		    hs_status_text(info->status));
	else if (f == HS_FAULT_FAILED && info->fail == HS_FAIL_HANDSHAKE &&
	    enrolling)
		(void)snprintf(out, cap,
		    "The relay did not accept this invite: it is used up, too "
		    "old, or damaged. Ask for a new one.");
	else if (f == HS_FAULT_FAILED)
		(void)snprintf(out, cap, "%s.", hs_fail_text(info->fail));
	else if (f == HS_FAULT_CERT && info->cert_fault == CERT_NAME)
		(void)snprintf(out, cap,
		    "The relay at %.100s has no certificate for that name; "
		    "nothing was sent. Its admin can add 'name = %.100s' to "
		    "sottod.conf.",
		    host, host);
	else if (f == HS_FAULT_CERT || f == HS_FAULT_CA)
		(void)snprintf(out, cap,
		    "The relay's certificate is bad: %s. Nothing was sent; "
		    "tell its admin.",
		    cert_fault_text(info->cert_fault));
	else
		(void)snprintf(out, cap,
		    "The handshake with the relay failed: %s. Nothing about "
		    "you was sent.",
		    hs_fault_text(f));
}

static void
handshake_failed(struct engine *e)
{
	struct link *l = &e->link;
	const struct hs_server_info info = *hs_client_info(l->hs);
	const enum hs_fault f = hs_client_fault(l->hs);
	const char *host = l->probe ? l->probe_host : e->id->host;
	char text[MSG_TEXT_MAX];

	link_tell_trace(e);
	if (f == HS_FAULT_PIN && !l->probe) {
		server_changed(e, &info);
		return;
	}
	explain(text, sizeof(text), f, &info, host, l->enrol);
	/* What passes by itself; all else is for a person to look at. */
	if (f == HS_FAULT_FAILED &&
	    (info.fail == HS_FAIL_BUSY || info.fail == HS_FAIL_STOPPING ||
		info.fail == HS_FAIL_SLOW) &&
	    l->enrol && l->tries < BUSY_TRIES)
		link_again(e, text);
	else if (f == HS_FAULT_STATUS)
		link_stopped(e, ENTRY_REFUSED, text);
	else if (f == HS_FAULT_FAILED && l->enrol &&
	    info.fail == HS_FAIL_HANDSHAKE)
		/* Anybody on the way can say that: nothing is given up. */
		link_stopped(e, ENTRY_INVITE, text);
	else
		/* A clock that is wrong, a certificate being renewed, somebody
		 * on the way: nothing was sent, and it may be over soon. */
		link_drop(e, text);
}

static void
on_probed(struct engine *e)
{
	e->link.info = *hs_client_info(e->link.hs);
	link_tell_trace(e);
	link_hang_up(e);
	link_tell(e, LINK_OFF, 0, NULL);
	entry_probed(e, &e->link.info);
}

static void
watch_clock(struct engine *e, int64_t skew)
{
	if (skew > HS_CLOCK_SKEW_MAX || skew < -HS_CLOCK_SKEW_MAX)
		engine_note(e,
		    "Your clock and the relay's are %lld minutes apart. "
		    "Certificates and times of messages may look wrong.",
		    (long long)((skew < 0 ? -skew : skew) / 60));
}

static void
on_online(struct engine *e)
{
	struct link *l = &e->link;
	const struct hs_keys *k = hs_client_keys(l->hs);
	const int enrolled = l->enrol;

	loop_timer_stop(l->deadline);
	l->tunnel = tunnel_new(k, TUNNEL_CLIENT, loop_now_ms(e->loop), &e->g);
	if (l->tunnel == NULL) {
		link_drop(e, "Memory ran out.");
		return;
	}
	l->info = *hs_client_info(l->hs);
	l->keys = *k;
	l->enrol = 0;
	if (!e->disk_bad) /* else each connection may end at once */
		l->tries = 0;
	l->had_modern |= !suite_is_legacy(k->suite);
	l->rekeyed_ms = l->heard_ms = loop_now_ms(e->loop);
	link_tell_trace(e);
	link_tell(e, LINK_ONLINE, 0, NULL);
	watch_clock(e, l->info.clock_skew);
	loop_timer_set(l->beat, link_beat_ms(e));
	(void)link_send_cmd(e, &(struct wire_cmd){ .type = WIRE_WATCH });
	if (e->busy)
		(void)link_send_cmd(e,
		    &(struct wire_cmd){ .type = WIRE_STATE,
			.state = WIRE_BUSY });
	loop_timer_set(e->spare, SPARE_MS);
	loop_timer_set(e->hourly, 0); /* the relay has told the time */
	if (!enrolled)
		people_renew_if_due(e);
	if (entry_is_active(e) && !enrolled)
		entry_got_cert(e, (struct span){ NULL, 0 });
}

/* ---- jobs of the client's machine: puzzles ---- */

struct puzzle {
	struct engine *e;
	struct hs_client *hs; /* only compared, never followed */
	struct hs_job *job;
};

static void
run_puzzle(void *job)
{
	hs_job_run(((struct puzzle *)job)->job);
}

static void
done_puzzle(void *job)
{
	struct puzzle *p = job;
	struct engine *e = p->e;
	uint8_t frame[HS_FRAME_MAX];
	struct wr w;

	if (e->link.hs == p->hs && e->link.tcp != NULL) {
		wr_init(&w, frame, sizeof(frame));
		link_hs_event(e, hs_client_job_done(p->hs, p->job, &w), &w);
	} else {
		hs_job_free(p->job);
	}
	free(p);
}

static void
start_puzzle(struct engine *e)
{
	struct puzzle *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		link_drop(e, "Memory ran out.");
		return;
	}
	p->e = e;
	p->hs = e->link.hs;
	p->job = hs_client_job(p->hs);
	if (loop_work(e->loop, run_puzzle, done_puzzle, p) != SOTTO_OK) {
		hs_job_free(p->job);
		free(p);
		link_drop(e, "Memory ran out.");
	}
}

void
link_hs_event(struct engine *e, enum hs_event ev, const struct wr *w)
{
	struct link *l = &e->link;

	link_stamp_trace(l);
	loop_timer_set(l->deadline, STEP_MS);
	if (w->n > 0 && ev != HS_FAILED) {
		(void)buf_add(tcp_out(l->tcp), wr_out(w));
		tcp_flush(l->tcp);
	}
	switch (ev) {
	case HS_WAIT:
	case HS_SEND:
		break;
	case HS_JOB:
		start_puzzle(e);
		break;
	case HS_PROBED:
		on_probed(e);
		break;
	case HS_DONE:
		on_online(e);
		break;
	case HS_FAILED:
		handshake_failed(e);
		break;
	case HS_NAMED:
	case HS_PROVEN:
		break; /* the relay's */
	}
}

uint64_t
link_beat_ms(const struct engine *e)
{
	return e->conf.beat_ms > 0 ? e->conf.beat_ms : BEAT_MS;
}

void
link_hs_start(struct engine *e, const struct hs_client_conf *cc)
{
	struct link *l = &e->link;
	uint8_t frame[HS_FRAME_MAX];
	struct wr w;

	free(l->trace);
	l->trace = calloc(1, sizeof(*l->trace));
	wr_init(&w, frame, sizeof(frame));
	l->hs = hs_client_new(cc, &e->g, l->trace, &w);
	if (l->hs == NULL) {
		link_drop(e, "Memory ran out.");
		return;
	}
	link_tell(e, LINK_HANDSHAKE, 0, NULL);
	link_hs_event(e, HS_SEND, &w);
}
