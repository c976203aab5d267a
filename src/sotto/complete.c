#include "sotto/complete.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#include "sotto/app.h"

static const struct {
	const char *name, *emoji;
} emoji[] = {
	{ "smile", "\xf0\x9f\x98\x84" },
	{ "grin", "\xf0\x9f\x98\x81" },
	{ "joy", "\xf0\x9f\x98\x82" },
	{ "laugh", "\xf0\x9f\x98\x86" },
	{ "wink", "\xf0\x9f\x98\x89" },
	{ "blush", "\xf0\x9f\x98\x8a" },
	{ "cool", "\xf0\x9f\x98\x8e" },
	{ "love", "\xf0\x9f\x98\x8d" },
	{ "kiss", "\xf0\x9f\x98\x98" },
	{ "think", "\xf0\x9f\xa4\x94" },
	{ "neutral", "\xf0\x9f\x98\x90" },
	{ "roll-eyes", "\xf0\x9f\x99\x84" },
	{ "smirk", "\xf0\x9f\x98\x8f" },
	{ "sad", "\xf0\x9f\x98\xa2" },
	{ "cry", "\xf0\x9f\x98\xad" },
	{ "angry", "\xf0\x9f\x98\xa0" },
	{ "scream", "\xf0\x9f\x98\xb1" },
	{ "sleep", "\xf0\x9f\x98\xb4" },
	{ "sick", "\xf0\x9f\xa4\x92" },
	{ "party", "\xf0\x9f\xa5\xb3" },
	{ "shrug", "\xf0\x9f\xa4\xb7" },
	{ "facepalm", "\xf0\x9f\xa4\xa6" },
	{ "hug", "\xf0\x9f\xa4\x97" },
	{ "upside-down", "\xf0\x9f\x99\x83" },
	{ "thumbs-up", "\xf0\x9f\x91\x8d" },
	{ "thumbs-down", "\xf0\x9f\x91\x8e" },
	{ "clap", "\xf0\x9f\x91\x8f" },
	{ "wave", "\xf0\x9f\x91\x8b" },
	{ "ok-hand", "\xf0\x9f\x91\x8c" },
	{ "fist", "\xe2\x9c\x8a" },
	{ "victory", "\xe2\x9c\x8c" },
	{ "pray", "\xf0\x9f\x99\x8f" },
	{ "muscle", "\xf0\x9f\x92\xaa" },
	{ "point-up", "\xe2\x98\x9d" },
	{ "point-right", "\xf0\x9f\x91\x89" },
	{ "eyes", "\xf0\x9f\x91\x80" },
	{ "heart", "\xe2\x9d\xa4" },
	{ "broken-heart", "\xf0\x9f\x92\x94" },
	{ "star", "\xe2\xad\x90" },
	{ "fire", "\xf0\x9f\x94\xa5" },
	{ "spark", "\xe2\x9c\xa8" },
	{ "hundred", "\xf0\x9f\x92\xaf" },
	{ "tada", "\xf0\x9f\x8e\x89" },
	{ "gift", "\xf0\x9f\x8e\x81" },
	{ "cake", "\xf0\x9f\x8e\x82" },
	{ "coffee", "\xe2\x98\x95" },
	{ "beer", "\xf0\x9f\x8d\xba" },
	{ "pizza", "\xf0\x9f\x8d\x95" },
	{ "apple", "\xf0\x9f\x8d\x8e" },
	{ "sun", "\xe2\x98\x80" },
	{ "moon", "\xf0\x9f\x8c\x99" },
	{ "rain", "\xf0\x9f\x8c\xa7" },
	{ "snow", "\xe2\x9d\x84" },
	{ "rainbow", "\xf0\x9f\x8c\x88" },
	{ "tree", "\xf0\x9f\x8c\xb3" },
	{ "flower", "\xf0\x9f\x8c\xb8" },
	{ "dog", "\xf0\x9f\x90\xb6" },
	{ "cat", "\xf0\x9f\x90\xb1" },
	{ "bug", "\xf0\x9f\x90\x9b" },
	{ "rocket", "\xf0\x9f\x9a\x80" },
	{ "car", "\xf0\x9f\x9a\x97" },
	{ "train", "\xf0\x9f\x9a\x86" },
	{ "bike", "\xf0\x9f\x9a\xb2" },
	{ "house", "\xf0\x9f\x8f\xa0" },
	{ "phone", "\xf0\x9f\x93\x9e" },
	{ "computer", "\xf0\x9f\x92\xbb" },
	{ "bulb", "\xf0\x9f\x92\xa1" },
	{ "lock", "\xf0\x9f\x94\x92" },
	{ "key", "\xf0\x9f\x94\x91" },
	{ "bell", "\xf0\x9f\x94\x94" },
	{ "clock", "\xf0\x9f\x95\x92" },
	{ "calendar", "\xf0\x9f\x93\x85" },
	{ "pin", "\xf0\x9f\x93\x8c" },
	{ "book", "\xf0\x9f\x93\x96" },
	{ "pencil", "\xe2\x9c\x8f" },
	{ "mail", "\xf0\x9f\x93\xa7" },
	{ "wrench", "\xf0\x9f\x94\xa7" },
	{ "check", "\xe2\x9c\x85" },
	{ "cross", "\xe2\x9d\x8c" },
	{ "warning", "\xe2\x9a\xa0" },
	{ "question", "\xe2\x9d\x93" },
	{ "exclamation", "\xe2\x9d\x97" },
	{ "skull", "\xf0\x9f\x92\x80" },
	{ "ghost", "\xf0\x9f\x91\xbb" },
	{ "robot", "\xf0\x9f\xa4\x96" },
	{ "music", "\xf0\x9f\x8e\xb5" },
	{ "ball", "\xe2\x9a\xbd" },
	{ "trophy", "\xf0\x9f\x8f\x86" },
	{ "money", "\xf0\x9f\x92\xb0" },
};
#define N_EMOJI (sizeof(emoji) / sizeof(emoji[0]))

const char *
complete_emoji(const char *name, size_t n)
{
	for (size_t i = 0; i < N_EMOJI; i++)
		if (strlen(emoji[i].name) == n &&
		    strncmp(emoji[i].name, name, n) == 0)
			return emoji[i].emoji;
	return "";
}

static void __attribute__((format(printf, 4, 5))) offer(struct offers *out,
    const char *text, const char *show, const char *fmt, ...)
{
	struct offer *o = &out->o[out->n];
	va_list ap;

	if (out->n == OFFERS_MAX) {
		out->more = 1;
		return;
	}
	if (strlen(text) >= sizeof(o->text))
		return;
	(void)snprintf(o->text, sizeof(o->text), "%s", text);
	(void)snprintf(o->show, sizeof(o->show), "%s", show);
	va_start(ap, fmt);
	(void)vsnprintf(o->about, sizeof(o->about), fmt, ap);
	va_end(ap);
	out->n++;
}

static int
begins(const char *whole, const char *word, size_t n)
{
	return strncasecmp(whole, word, n) == 0;
}

static void
commands(const char *word, size_t n, struct offers *out)
{
	const struct cmd_info *c;

	for (size_t i = 0; (c = cmd_at(i)) != NULL; i++) {
		char text[40], show[64];

		if (!begins(c->name, word + 1, n - 1))
			continue;
		(void)snprintf(text, sizeof(text), "/%s%s", c->name,
		    c->arg != NULL ? " " : "");
		(void)snprintf(show, sizeof(show), "/%s %s", c->name,
		    c->arg != NULL ? c->arg : "");
		offer(out, text, show, "%s", c->help);
	}
}

/* before: "@", or "". */
static void
people(const struct app *a, const char *before, const char *word, size_t n,
    struct offers *out)
{
	char text[40];

	for (size_t i = 0; i < a->m.n_chats; i++) {
		const char *name = a->m.chat[i]->name.s;

		if (!begins(name, word, n))
			continue;
		(void)snprintf(text, sizeof(text), "%s%s ", before, name);
		offer(out, text, name, "%s", "a chat of yours");
	}
	for (size_t i = 0; i < a->m.n_people; i++) {
		const struct person *p = &a->m.people[i];

		if (!begins(p->name.s, word, n) ||
		    model_find_chat(&a->m, &p->name) != NULL)
			continue;
		(void)snprintf(text, sizeof(text), "%s%s ", before, p->name.s);
		offer(out, text, p->name.s, "%s",
		    p->state == WIRE_OFFLINE ? "offline" : "online");
	}
}

static void
signs(const char *word, size_t n, struct offers *out)
{
	for (size_t i = 0; i < N_EMOJI; i++) {
		char show[40];

		if (n < 2 || !begins(emoji[i].name, word + 1, n - 1))
			continue;
		(void)snprintf(show, sizeof(show), "%s :%s:", emoji[i].emoji,
		    emoji[i].name);
		offer(out, emoji[i].emoji, show, "%s", "");
	}
}

static void
words(const char *const *all, const char *word, size_t n, struct offers *out)
{
	for (; *all != NULL; all++)
		if (begins(*all, word, n))
			offer(out, *all, *all, "%s", "");
}

static void
paths_of(const char *word, size_t n, struct offers *out)
{
	char dir[OFFER_TEXT], text[OFFER_TEXT + 260];
	const char *home = getenv("HOME"), *last;
	struct dirent *d;
	DIR *dp;

	if (n >= sizeof(dir))
		return;
	memcpy(text, word, n);
	text[n] = '\0';
	last = strrchr(text, '/');
	(void)snprintf(dir, sizeof(dir), "%s%.*s",
	    strncmp(text, "~/", 2) == 0 && home != NULL ? home : "",
	    last != NULL
		? (int)(last - text) + 1 - (strncmp(text, "~/", 2) == 0)
		: 1,
	    last != NULL ? text + (strncmp(text, "~/", 2) == 0) : ".");
	last = last != NULL ? last + 1 : text;
	if ((dp = opendir(dir)) == NULL)
		return;
	while ((d = readdir(dp)) != NULL) {
		char whole[OFFER_TEXT + 260], safe[72];

		if (d->d_name[0] == '.' ||
		    strncmp(d->d_name, last, strlen(last)) != 0)
			continue;
		(void)snprintf(whole, sizeof(whole), "%.*s%s%s",
		    (int)(last - text), text, d->d_name,
		    d->d_type == DT_DIR ? "/" : "");
		(void)text_safe(safe, sizeof(safe), span_str(d->d_name),
		    TEXT_ONE_LINE);
		offer(out, whole, safe, "%s",
		    d->d_type == DT_DIR ? "folder" : "");
	}
	(void)closedir(dp);
}

static void
argument(const struct app *a, const char *text, const char *word, size_t n,
    int paths, struct offers *out)
{
	static const char *const on_off[] = { "on", "off", NULL };
	const struct cmd_info *c = cmd_named(text + 1, strcspn(text, " ") - 1);

	if (c == NULL || c->arg == NULL)
		return;
	if (strcmp(c->arg, "NAME") == 0 && n > 0)
		people(a, "", word, n, out);
	else if (strcmp(c->arg, "on|off") == 0)
		words(on_off, word, n, out);
	else if (strcmp(c->arg, "FILE") == 0 && paths)
		paths_of(word, n, out);
}

void
complete(const struct app *a, const struct edit *e, int paths,
    struct offers *out)
{
	const char *text = edit_text(e), *word;
	const size_t at = edit_cursor(e);
	size_t from = at, n;

	memset(out, 0, sizeof(*out));
	if (edit_folded(e).lines > 0 || edit_kind(e) == EDIT_MASKED)
		return;
	while (from > 0 && text[from - 1] != ' ' && text[from - 1] != '\n')
		from--;
	out->from = from;
	word = text + from;
	n = at - from;
	if (text[0] == '/' && from == 0 && n > 0)
		commands(word, n, out);
	else if (n > 1 && word[0] == '@')
		people(a, "@", word + 1, n - 1, out);
	else if (n > 2 && word[0] == ':')
		signs(word, n, out);
	else if (text[0] == '/')
		argument(a, text, word, n, paths, out);
}
