/* That somebody is typing; see engine_priv.h. */
#include "base/clock.h"

#include "sotto/engine_priv.h"

void
chat_typing(struct engine *e, uint32_t number, int on)
{
	struct engine_chat *c = chats_find(e, number);
	uint8_t buf[RATCHET_LIVE_LEN];
	const struct session *s;
	struct contact p;
	struct wr w;

	if (c == NULL || c->rec.phase != HIST_OPEN || c->rec.blocked ||
	    !link_is_online(e) || (s = out_session(c)) == NULL)
		return;
	/* Under another key than the known one nothing is told. */
	if (contacts_get(e->vault, &p, &c->name) != SOTTO_OK ||
	    p.info.trust == TRUST_CHANGED)
		return;
	wr_init(&w, buf, sizeof(buf));
	if (ratchet_live_seal(s->ratchet, on, clock_wall_ms(), &e->g, &w) ==
	    SOTTO_OK)
		(void)chats_send(c, CHAT_TYPING, wr_out(&w), NULL);
}

void
chat_on_typing(struct engine *e, const struct wire_relay *r)
{
	struct engine_chat *c = chats_find_name(e, &r->name);
	struct session *s;
	struct msg *m;
	int on;

	if (c == NULL || c->rec.phase != HIST_OPEN || c->rec.blocked ||
	    (s = out_session(c)) == NULL ||
	    ratchet_live_open(s->ratchet, r->payload, clock_wall_ms(), &on) !=
		SOTTO_OK ||
	    (m = chats_msg(EV_TYPING, c)) == NULL)
		return; /* worth nothing but the moment */
	m->on = on;
	engine_tell(e, m);
}

void
chat_set_typing(struct engine *e, uint32_t number, enum hist_typing t)
{
	struct engine_chat *c = chats_find(e, number);

	if (c == NULL)
		return;
	c->rec.typing = t;
	if (chats_save(c))
		chat_tell_kept(c);
}
