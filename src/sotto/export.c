/* A chat written out, as text or JSON; see engine_priv.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

#include "sotto/engine_priv.h"

struct out {
	FILE *f;
	const struct engine_chat *c;
	int json;
	size_t n;
};

static const char *
who(const struct out *o, const struct hist_line *l)
{
	switch (l->kind) {
	case HIST_MINE:
		return o->c->e->id->name.s;
	case HIST_THEIRS:
		return o->c->name.s;
	case HIST_NOTE:
	case HIST_WARN:
	case HIST_GAP:
		break;
	}
	return "sotto";
}

static const char *
state_word(const struct hist_line *l)
{
	static const char *const words[] = { "waiting here", "at server",
		"delivered", "read", "failed" };

	return l->kind == HIST_MINE ? words[l->state] : "";
}

static void
write_json(struct out *o, const struct hist_line *l)
{
	(void)fprintf(o->f,
	    "%s{\"at_ms\":%llu,\"from\":", o->n > 0 ? ",\n" : "",
	    (unsigned long long)l->at_ms);
	json_string(o->f, who(o, l));
	(void)fputs(",\"state\":", o->f);
	json_string(o->f, state_word(l));
	(void)fprintf(o->f, ",\"edited\":%s,\"deleted\":%s,\"text\":",
	    l->flags & HIST_EDITED ? "true" : "false",
	    l->flags & HIST_DELETED ? "true" : "false");
	json_string(o->f, l->text);
	(void)fputc('}', o->f);
}

/* Nothing in it moves the cursor of who looks at it with cat. */
static void
text_line(struct out *o, const struct hist_line *l)
{
	const time_t t = (time_t)(l->at_ms / 1000);
	char when[32] = "", *safe;
	struct tm tm;

	if (localtime_r(&t, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	safe = text_safe_dup(span_str(l->text), TEXT_LINES);
	if (safe == NULL)
		return;
	(void)fprintf(o->f, "%s  %s: ", when, who(o, l));
	for (const char *p = safe; *p != '\0'; p++) {
		(void)fputc(*p, o->f);
		if (*p == '\n') /* under the text before it */
			(void)fputs("    ", o->f);
	}
	(void)fprintf(o->f, "%s%s\n", l->flags & HIST_EDITED ? " (edited)" : "",
	    l->flags & HIST_DELETED ? "(taken back)" : "");
	secret_wipe(safe, strlen(safe));
	free(safe);
}

static int
on_line(void *ctx, const struct hist_line *l)
{
	struct out *o = ctx;

	if (o->json)
		write_json(o, l);
	else
		text_line(o, l);
	o->n++;
	return !ferror(o->f);
}

static int
ends_in(const char *s, const char *end)
{
	const size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

/* NULL, or what went wrong; nothing half is left behind. */
static const char *
write_out(struct out *o, const char *path)
{
	const int fd =
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const char *why = NULL;
	size_t damaged;

	if (fd < 0)
		return strerror(errno);
	if ((o->f = fdopen(fd, "w")) == NULL) {
		(void)close(fd);
		(void)unlink(path);
		return "Memory ran out";
	}
	if (o->json)
		(void)fputs("[\n", o->f);
	if (hist_all(o->c->e->vault, o->c->rec.id, on_line, o, &damaged) !=
	    SOTTO_OK)
		why = "The history cannot be read now";
	if (o->json)
		(void)fputs("\n]\n", o->f);
	if (fflush(o->f) != 0 || ferror(o->f) || fsync(fd) != 0)
		why = strerror(errno);
	(void)fclose(o->f);
	if (why != NULL)
		(void)unlink(path);
	return why;
}

void
chat_export(struct engine *e, uint32_t number, const char *path)
{
	struct engine_chat *c = chats_find(e, number);
	struct out o = { .c = c };
	const char *why;

	if (c == NULL || path == NULL || e->id == NULL || !txn_end(e))
		return;
	o.json = ends_in(path, ".json");
	if ((why = write_out(&o, path)) != NULL)
		engine_note(e,
		    "%.200s was not written: %s. Nothing was left behind.",
		    path, why);
	else
		engine_note(e,
		    "%zu lines are in %.200s now, in the clear: only you may "
		    "read that file; keep it so.",
		    o.n, path);
}
