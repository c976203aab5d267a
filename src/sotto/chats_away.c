/* Chats that begin while the other one is away; see engine_priv.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

#include "sotto/engine_priv.h"

/* An answer of the relay that has not come by then does not come. */
#define FETCH_MS 30000

/* ---- our first message ---- */

void
away_start(struct engine_chat *c)
{
	struct engine *e = c->e;
	struct wire_cmd cmd = { .type = WIRE_FETCH, .name = c->name };
	const uint64_t now = loop_now_ms(e->loop);

	if (!link_is_online(e) ||
	    (c->fetch_id != 0 && now - c->fetched_ms < FETCH_MS))
		return;
	c->fetch_id = cmd.id = ++e->last_id;
	c->fetched_ms = now;
	if (link_send_cmd(e, &cmd) != SOTTO_OK)
		c->fetch_id = 0;
}

static struct engine_chat *
find_fetch(struct engine *e, uint32_t id)
{
	struct engine_chat *c = e->chats;

	while (c != NULL && (c->fetch_id == 0 || c->fetch_id != id))
		c = c->next;
	return c;
}

int
away_on_error(struct engine *e, const struct wire_cmd *cmd)
{
	struct engine_chat *c = find_fetch(e, cmd->id);

	if (c == NULL)
		return 0;
	c->fetch_id = 0;
	if (c->rec.phase == HIST_OPEN)
		return 1; /* what waits for it waits on */
	if (cmd->error == WIRE_E_NO_KEYS)
		chats_over(c, OVER_NOT_HERE, NULL);
	else
		chats_over(c, OVER_FAILED,
		    "The relay could not give out their keys; try again "
		    "later.");
	return 1;
}

static struct session *
new_session(struct engine_chat *c, const struct prekey_peer *p)
{
	struct engine *e = c->e;
	const struct chat_self self = chats_self(e);
	struct session *s = calloc(1, sizeof(*s));
	struct chat_keys k; /* secret */
	struct wr w;

	if (s == NULL)
		return NULL;
	wr_init(&w, s->head, sizeof(s->head));
	if (prekey_start(&k, &w, &self, p, &e->g) == SOTTO_OK) {
		s->head_len = w.n;
		s->chat = c->rec.id;
		s->made_at = engine_now();
		s->ratchet = ratchet_new(&k);
	}
	WIPE(k);
	if (s->ratchet == NULL) {
		session_free(s);
		return NULL;
	}
	return s;
}

/* The session is what we send in from now on. */
static int
use_session(struct engine_chat *c, struct session *s)
{
	struct engine *e = c->e;

	session_free(c->session);
	c->session = s;
	c->rec.session = *ratchet_id(s->ratchet);
	if (!txn(e))
		return 0;
	if (session_put(e->vault, s) == SOTTO_OK &&
	    outbox_unseal(e->vault, c->rec.id) == SOTTO_OK &&
	    hist_chat_put(e->vault, &c->rec) == SOTTO_OK)
		return 1;
	txn_fail(e);
	return 0;
}

static void
on_bundle(struct engine_chat *c, const struct prekey_peer *p)
{
	const struct talk_content ask = { .what = TALK_ASK };
	struct engine *e = c->e;
	struct session *s;
	enum trust trust;
	struct msg *m;

	if (people_check(e, &p->peer, &trust) != SOTTO_OK) {
		chats_over(c, OVER_FAILED,
		    "What is known of their key cannot be read from disk, so "
		    "nothing was sent.");
		return;
	}
	if (trust == TRUST_CHANGED && c->rec.phase != HIST_OPEN) {
		chats_over(c, OVER_KEY_CHANGED, NULL);
		return;
	}
	if ((s = new_session(c, p)) == NULL) {
		chats_over(c, OVER_FAILED,
		    "Their keys at the relay do not fit ours; nothing was "
		    "sent.");
		return;
	}
	if (c->rec.phase == HIST_OVER) {
		c->rec.phase = HIST_ASKED;
		if (!use_session(c, s) || !out_add(c, 0, &ask))
			return;
		if ((m = chats_msg(EV_ASKED, c)) != NULL) {
			m->on = 1; /* they are away */
			txn_tell(e, m);
		}
		return;
	}
	if (use_session(c, s))
		(void)out_add(c, 0, &ask); /* so that they turn to it, too */
}

void
away_on_keys(struct engine *e, const struct wire_cmd *cmd)
{
	struct engine_chat *c = find_fetch(e, cmd->id);
	const struct chat_self self = chats_self(e);
	char text[MSG_TEXT_MAX];
	struct prekey_peer p;
	const char *why;

	if (c == NULL || !name_eq(&c->name, &cmd->name))
		return;
	c->fetch_id = 0;
	if (prekey_check(&p, &self, &c->name, cmd->bundle, cmd->ones,
		clock_wall_ms(), &why) == SOTTO_OK) {
		on_bundle(c, &p);
		return;
	}
	(void)snprintf(text, sizeof(text),
	    "%s cannot be written to safely: %s. Nothing was sent.", c->name.s,
	    why);
	if (c->rec.phase == HIST_OPEN)
		engine_note(e, "%s", text);
	else
		chats_over(c, OVER_FAILED, text);
}

/* ---- theirs ---- */

/* The secrets that it was made for.  NULL, or why not. */
static const char *
find_secrets(struct engine *e, const struct prekey_head *h,
    struct prekey_secret *s)
{
	if (prekeys_get(e->vault, h->epoch, s) != SOTTO_OK)
		return "it was made for keys that are not kept any more";
	if (h->one_number != 0 &&
	    one_time_get(e->vault, h->one_number, &s->one) != SOTTO_OK)
		return "it was made for a key that was used before";
	s->has_one = h->one_number != 0;
	return NULL;
}

struct session *
away_on_start(struct engine *e, const struct name *from,
    const struct prekey_head *h, const char **why)
{
	const struct chat_self self = chats_self(e);
	struct prekey_secret secret; /* secret */
	struct session *s = NULL;
	struct chat_peer peer;
	struct chat_keys k; /* secret */

	if ((*why = find_secrets(e, h, &secret)) == NULL &&
	    prekey_answer(&k, &peer, &self, from, h, &secret, clock_wall_ms(),
		why) == SOTTO_OK) {
		*why = "memory ran out";
		if ((s = calloc(1, sizeof(*s))) != NULL &&
		    (s->ratchet = ratchet_new(&k)) == NULL) {
			session_free(s);
			s = NULL;
		}
	}
	WIPE(secret);
	WIPE(k);
	if (s == NULL)
		return NULL;
	s->made_at = engine_now();
	/* Whether they have sent it shows when it opens; before, their key is
	 * only compared, and only then remembered. */
	s->peer = peer;
	return s;
}
