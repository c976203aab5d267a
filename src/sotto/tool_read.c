/* sotto tail, contacts, history, export; see tool.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#include "sotto/tool_priv.h"

/* ---- lines ---- */

static const char *
from_word(const struct tool *t, const struct msg *m)
{
	return m->kind == HIST_MINE  ? t->me.s
	    : m->kind == HIST_THEIRS ? m->name.s
				     : "";
}

static void
line_json(const struct tool *t, const struct msg *m)
{
	const int said = m->kind == HIST_MINE || m->kind == HIST_THEIRS;
	char id[24];
	struct json j;

	json_begin(&j, stdout);
	json_str(&j, "type", said ? "message" : "note");
	json_int(&j, "at_ms", m->sent_ms);
	json_str(&j, "chat", m->name.s);
	if (said) {
		json_str(&j, "from", from_word(t, m));
		(void)snprintf(id, sizeof(id), "%llu",
		    (unsigned long long)m->id);
		json_str(&j, "id", id);
	}
	if (m->kind == HIST_MINE)
		json_str(&j, "state", tool_state_word(m->sent));
	if (m->late)
		json_bool(&j, "late", 1);
	json_str(&j, "text", m->text);
	json_end(&j);
}

/* Nothing in it moves a cursor. */
static void
line_text(const struct tool *t, const struct msg *m)
{
	const time_t at = (time_t)(m->sent_ms / 1000);
	char *safe = text_safe_dup(span_str(m->text), TEXT_LINES);
	char when[32] = "";
	struct tm tm;

	if (safe == NULL)
		return;
	if (localtime_r(&at, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	(void)printf("%s  %s%s: ", when,
	    m->kind == HIST_MINE ? "me to "
				 : (m->kind == HIST_THEIRS ? "" : "note, "),
	    m->name.s);
	for (const char *p = safe; *p != '\0'; p++) {
		(void)putchar(*p);
		if (*p == '\n') /* under the text before it */
			(void)fputs("    ", stdout);
	}
	(void)putchar('\n');
	(void)t;
	secret_wipe(safe, strlen(safe));
	free(safe);
}

void
tool_print_line(const struct tool *t, const struct msg *m)
{
	if (m->text == NULL)
		return;
	if (t->args->json)
		line_json(t, m);
	else
		line_text(t, m);
}

/* ---- tail ---- */

/* A line that says what, of whom, and how it is. */
static void
happened(const struct tool *t, const char *type, const char *who_key,
    const char *who, const char *state, uint64_t id)
{
	char number[24];
	struct json j;

	if (!t->args->json) {
		(void)printf("%s %s%s%s\n", type, who,
		    state[0] != '\0' ? ": " : "", state);
		return;
	}
	json_begin(&j, stdout);
	json_str(&j, "type", type);
	json_int(&j, "at_ms", clock_wall_ms());
	if (who[0] != '\0')
		json_str(&j, who_key, who);
	if (id != 0) {
		(void)snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)id);
		json_str(&j, "id", number);
	}
	if (state[0] != '\0')
		json_str(&j, "state", state);
	json_end(&j);
}

static const char *
presence_word(enum wire_state s)
{
	return s == WIRE_ONLINE ? "online"
	    : s == WIRE_BUSY    ? "busy"
				: "offline";
}

static void
tail_people(const struct tool *t, const struct msg *m)
{
	for (size_t i = 0; i < m->n_people; i++)
		happened(t, "presence", "name", m->people[i].name.s,
		    presence_word(m->people[i].state), 0);
}

void
tool_tail_event(struct tool *t, const struct msg *m)
{
	/* One that was named: only what is of him. */
	if (t->args->name != NULL && m->name.s[0] != '\0' &&
	    !name_eq(&m->name, &t->name))
		return;
	switch ((int)m->head.type) {
	case EV_TEXT:
		tool_print_line(t, m);
		break;
	case EV_SENT:
		happened(t, "state", "chat", m->name.s,
		    tool_state_word(m->sent), m->id);
		break;
	case EV_RINGING:
		happened(t, "request", "from", m->name.s,
		    tool_trust_word(m->trust), 0);
		break;
	case EV_OPEN:
		happened(t, "chat", "chat", m->name.s, "open", 0);
		break;
	case EV_OVER:
		happened(t, "chat", "chat", m->name.s, "over", 0);
		break;
	case EV_PRESENCE:
		if (t->args->name == NULL)
			tail_people(t, m);
		break;
	case EV_CHANGE:
		happened(t, "presence", "name", m->name.s,
		    presence_word(m->state), 0);
		break;
	case EV_LINK:
		if (m->link == LINK_ONLINE || m->link == LINK_WAITING)
			happened(t, "link", "name", "",
			    m->link == LINK_ONLINE ? "online" : "offline", 0);
		break;
	default:
		return;
	}
	if (fflush(stdout) != 0) /* nobody reads it any more */
		t->over = 1;
}

/* ---- contacts ---- */

static void
print_contact(const struct tool *t, const struct msg *m)
{
	const struct contact_info *i = &m->contact;
	const time_t since = (time_t)i->first_seen;
	char when[16] = "";
	struct json j;
	struct tm tm;

	if (!t->args->json) {
		if (localtime_r(&since, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%Y-%m-%d", &tm);
		(void)printf("%-16s  %-10s  known since %s\n", m->name.s,
		    tool_trust_word(i->trust), when);
		return;
	}
	json_begin(&j, stdout);
	json_str(&j, "type", "contact");
	json_str(&j, "name", m->name.s);
	json_str(&j, "trust", tool_trust_word(i->trust));
	json_int(&j, "first_seen", i->first_seen);
	json_int(&j, "verified_at", i->verified_at);
	json_end(&j);
}

/* ---- history ---- */

static void
ask_page(struct tool *t)
{
	struct msg *m = msg_new(CMD_PAGE);

	if (m == NULL)
		return;
	m->chat = t->chat;
	m->line = t->last;
	m->newer = 1;
	m->page = ++t->page;
	tool_post(t, m);
}

static void
begin(struct tool *t)
{
	const char *what = t->args->what;
	struct msg *m;

	if (strcmp(what, "contacts") == 0) {
		t->over = 1;
	} else if (t->chat == 0) {
		(void)tool_fail(t, TOOL_FAILED, "there is no chat with %s",
		    t->name.s);
	} else if (strcmp(what, "history") == 0) {
		ask_page(t);
	} else if (access(t->args->file, F_OK) == 0) {
		(void)tool_fail(t, TOOL_FAILED,
		    "%.200s is there already, and was left as it is",
		    t->args->file);
	} else if ((m = msg_new(CMD_EXPORT)) != NULL) {
		m->chat = t->chat;
		if (msg_set_text(m, "%s", t->args->file))
			tool_post(t, m);
		else
			msg_free(m);
	}
}

static void
on_note(struct tool *t, const struct msg *m)
{
	if (!t->loaded || strcmp(t->args->what, "export") != 0)
		return;
	(void)tool_fail(t,
	    access(t->args->file, F_OK) == 0 ? TOOL_OK : TOOL_FAILED, "%s",
	    m->text != NULL ? m->text : "");
}

void
tool_list_event(struct tool *t, const struct msg *m)
{
	switch ((int)m->head.type) {
	case EV_CONTACT:
		if (strcmp(t->args->what, "contacts") == 0)
			print_contact(t, m);
		break;
	case EV_PAGE:
		if (m->chat == 0)
			begin(t);
		else if (m->page == t->page && m->page != 0 && m->on)
			ask_page(t);
		else if (m->page == t->page && m->page != 0)
			t->over = 1;
		break;
	case EV_LINE:
		if (m->page == 0 || m->page != t->page)
			break; /* the last ones, which come by themselves */
		t->last = m->line;
		tool_print_line(t, m);
		break;
	case EV_NOTE:
		on_note(t, m);
		break;
	default:
		break;
	}
}
