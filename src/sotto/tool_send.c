/* sotto send; see tool.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/text.h"

#include "sotto/model.h"
#include "sotto/tool_priv.h"

/* All of standard input, without the line break at its end.  Secret; owned. */
static char *
read_text(struct tool *t)
{
	char *text = malloc(MODEL_BYTES_MAX + 2);
	size_t n = 0;
	ssize_t r = 0;

	while (text != NULL && n < MODEL_BYTES_MAX + 1 &&
	    (r = read(STDIN_FILENO, text + n, MODEL_BYTES_MAX + 1 - n)) > 0)
		n += (size_t)r;
	while (text != NULL && n > 0 && text[n - 1] == '\n')
		n--;
	if (text == NULL || r < 0 || n == 0 || n > MODEL_BYTES_MAX ||
	    !text_is_utf8((struct span){ (const uint8_t *)text, n }) ||
	    memchr(text, '\0', n) != NULL) {
		free(text);
		(void)tool_fail(t, TOOL_USAGE,
		    n == 0 ? "there is no message on standard input"
			   : "the message has to be UTF-8 of at most %d bytes; "
			     "nothing was sent",
		    MODEL_BYTES_MAX);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static void
say(struct tool *t)
{
	struct msg *m = msg_new(CMD_SAY);
	char *text = m != NULL ? read_text(t) : NULL;

	if (m == NULL || text == NULL || !msg_set_text(m, "%s", text)) {
		msg_free(m);
	} else {
		secret_random(&t->id, sizeof(t->id));
		t->id = t->id >> 1 | 1;
		m->chat = t->chat;
		m->id = t->id;
		t->said = 1;
		tool_post(t, m);
	}
	if (text != NULL) {
		secret_wipe(text, strlen(text));
		free(text);
	}
}

static void
ask(struct tool *t)
{
	struct msg *m = msg_new(CMD_REQUEST);

	if (m == NULL)
		return;
	m->name = t->name;
	t->asked = 1;
	tool_post(t, m);
}

/* What to do next, once all is known. */
static void
go_on(struct tool *t)
{
	if (!t->loaded || t->said)
		return;
	if (t->trust == TRUST_CHANGED)
		(void)tool_fail(t, TOOL_NEW_KEY,
		    "%s has a NEW KEY; nothing was sent. Start sotto and "
		    "compare: /verify %s",
		    t->name.s, t->name.s);
	else if (t->chat != 0 && t->phase == HIST_OPEN)
		say(t);
	else if (t->online && !t->asked)
		ask(t);
}

static int
far_enough(const struct tool *t)
{
	const char *w = t->args->wait;

	if (w == NULL || strcmp(w, "delivered") == 0)
		return t->best == SENT_DELIVERED || t->best == SENT_READ;
	if (strcmp(w, "here") == 0)
		return t->kept;
	if (strcmp(w, "server") == 0)
		return t->best != SENT_WAITING;
	return t->best == SENT_READ;
}

static void
on_sent(struct tool *t, const struct msg *m)
{
	if (!t->said || m->id != t->id)
		return;
	t->kept |= m->line != 0 || m->sent != SENT_WAITING;
	if (m->sent == SENT_FAILED)
		(void)tool_fail(t, TOOL_REFUSED, "it was not taken: %s",
		    m->text != NULL ? m->text : "no reason was told");
	else if (m->sent > t->best)
		t->best = m->sent;
	if (!t->over && far_enough(t))
		t->over = 1;
}

void
tool_send_event(struct tool *t, const struct msg *m)
{
	switch ((int)m->head.type) {
	case EV_ASKED:
		if (name_eq(&m->name, &t->name) && m->on && !t->said) {
			t->chat = m->chat; /* they are away: it goes along */
			say(t);
		}
		break;
	case EV_OVER:
		if (t->chat == m->chat || name_eq(&m->name, &t->name))
			(void)tool_fail(t,
			    m->over == OVER_KEY_CHANGED ? TOOL_NEW_KEY
							: TOOL_REFUSED,
			    "%s did not take part in a chat%s%s", t->name.s,
			    m->text != NULL ? ": " : "",
			    m->text != NULL ? m->text : "");
		break;
	case EV_SENT:
		on_sent(t, m);
		break;
	default:
		break;
	}
	if (!t->over)
		go_on(t);
}
