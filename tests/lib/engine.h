/*
 * drive - the engine of the client without a screen, in this process: post
 * commands, wait for events.
 */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include "sotto/engine.h"
#include "sotto/msgs.h"

struct drive;

/* drive_new - with its profile in that folder.  Never NULL. */
struct drive *drive_new(const char *dir);
/* drive_new_times - with these times between signs of life, and until an
 * unanswered request ends; 0: as it is in the program. */
struct drive *drive_new_times(const char *dir, unsigned beat_ms,
    unsigned answer_ms);
/* drive_free - quits properly and waits for the thread. */
void drive_free(struct drive *d);

void drive_post(struct drive *d, struct msg *m);
void drive_probe(struct drive *d, const char *host, uint16_t port);
void drive_enrol(struct drive *d, const char *invite_file, const char *name);
/* drive_cmd - a command that has only a chat, a name or a text. */
void drive_chat(struct drive *d, enum msg_type t, uint32_t chat);
void drive_name(struct drive *d, enum msg_type t, const char *name);
/* drive_say - Returns the number of the text, for EV_SENT. */
uint64_t drive_say(struct drive *d, uint32_t chat, const char *text);

/* drive_take - the next event of that type; others are dropped.  At most 60
 * seconds.  Owned by the caller. */
struct msg *drive_take(struct drive *d, enum msg_type t);
/* drive_wait - the same, and free it. */
void drive_wait(struct drive *d, enum msg_type t);
/* drive_online - until EV_LINK says LINK_ONLINE. */
void drive_online(struct drive *d);
/* drive_peek - an event within ms, or NULL. */
struct msg *drive_peek(struct drive *d, int ms);

#endif
