/*
 * away - people without screens who come and go, and what the relay keeps for
 * those who are away.
 */
#ifndef TESTS_AWAY_H
#define TESTS_AWAY_H

#include "tests/lib/engine.h"
#include "tests/lib/world.h"

/* away_number - what a query about the relay's mailboxes says: one number. */
int away_number(struct world *w, const char *sql);
/* away_wait - until the query says that number. */
void away_wait(struct world *w, const char *sql, int want);
/* away_notes - what both companions have noted, over all their lives. */
void away_notes(struct world *w);

/* away_enrol - online, and with keys at the relay; beat_ms: see drive_new_times. */
struct drive *away_enrol(struct world *w, const char *name);
struct drive *away_enrol_with(struct world *w, const char *name,
    unsigned beat_ms);
/* away_unlock - comes back. */
struct drive *away_unlock(struct world *w, const char *name);

/* away_hears - the next text that somebody has said is that one. */
void away_hears(struct drive *d, const char *text);
/* away_becomes - until that text is in that state. */
void away_becomes(struct drive *d, uint64_t id, enum sent_state s);
/* away_chat_in - the chat of the next such event. */
uint32_t away_chat_in(struct drive *d, enum msg_type t);
/* away_ask - a asks somebody who is away; the number of the chat. */
uint32_t away_ask(struct drive *a, const char *name);
/* away_open_chat - a asks b, who is there and says yes. */
void away_open_chat(struct drive *a, struct drive *b, const char *name,
    uint32_t *at_a, uint32_t *at_b);

#endif
