/*
 * engine - the networking thread of the client: the connection to the relay,
 * both handshakes, the chats, the key file, the store of contacts.
 *
 * The main thread only posts commands and takes events (msgs.h); it shares
 * nothing else with the engine.
 */
#ifndef SOTTO_ENGINE_H
#define SOTTO_ENGINE_H

#include "base/log.h"
#include "base/mbox.h"

#include "crypto/aead.h"
#include "crypto/keyfile.h"

struct engine_conf {
	char *dir; /* the profile's folder; borrowed */
	struct suite_list suites;
	struct keyfile_cost cost; /* for new key files */
	struct log *log;          /* or NULL */
	int offline;              /* never connect: only what is here */
	unsigned beat_ms;         /* between signs of life; 0: 30 seconds */
	unsigned answer_ms;       /* for a request; 0: CHAT_ANSWER_S */
};

struct engine;

/*
 * engine_start - start the thread.  conf is copied, what it points to is
 * borrowed until engine_join().  Returns owned, or NULL.
 */
struct engine *engine_start(const struct engine_conf *conf);

/* engine_commands - post struct msg here.  Any thread. */
struct mbox *engine_commands(struct engine *e);
/* engine_events - take struct msg from here; poll mbox_fd().  Main thread. */
struct mbox *engine_events(struct engine *e);

/*
 * engine_join - after EV_STOPPED (post CMD_QUIT first): wait for the thread
 * and free everything.  Accepts NULL.
 */
void engine_join(struct engine *e);

/* engine_has_keyfile - is there an identity in that profile's folder? */
int engine_has_keyfile(const char *dir);

#endif
