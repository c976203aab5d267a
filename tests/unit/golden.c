/*
 * Every screen as it was when somebody last looked at it: in whole for 80x24
 * (tests/golden/PLACE.txt), by a number for all other sizes (sizes.txt).
 *
 *	GOLDEN=write build/tests/unit/golden    and look at what git shows
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"

#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "tests/lib/world.h"

#define DIR "tests/golden"

static const char *const places[UI_PLACES] = { "chat", "requests", "people",
	"help", "verify", "inspect", "quit", "address", "prompt", "name",
	"busy", "unlock", "changed", "find", "select", "menu", "palette",
	"written", "settings", "server", "normal" };

/* What the clock says is no part of it: digits around a colon, and what has
 * passed since then. */
static void
mask(char *s)
{
	for (; *s != '\0'; s++)
		if (isdigit((unsigned char)s[0]) &&
		    isdigit((unsigned char)s[1]) && s[2] == ':' &&
		    isdigit((unsigned char)s[3]) &&
		    isdigit((unsigned char)s[4]))
			memcpy(s, "hh:mm", 5);
}

static char *
draw(struct stage *s, enum ui_where where, int w, int h)
{
	char *d;

	s->a->where = where;
	s->a->selected = 0;
	s->a->m.current->scroll = 0;
	s->a->m.current->end = s->a->m.current->n_lines;
	s->a->picked = where == AT_SELECT || where == AT_MENU ? 27 : 0;
	s->a->picked_mine = 0;
	s->a->step_ms = app_now_ms();
	for (size_t i = 0; i < s->a->m.n_chats; i++)
		s->a->m.chat[i]->since_ms = app_now_ms();
	d = stage_draw(s, w, h);
	mask(d);
	return d;
}

static unsigned long long
number_of(const char *s)
{
	unsigned long long h = 14695981039346656037ULL;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211ULL;
	return h;
}

static int
writes(void)
{
	const char *v = getenv("GOLDEN");

	return v != NULL && strcmp(v, "write") == 0;
}

static void
compare(const char *name, const char *now)
{
	char path[128], *was;
	FILE *f;

	(void)snprintf(path, sizeof(path), DIR "/%s.txt", name);
	if (writes()) {
		f = fopen(path, "w");
		assert_non_null(f);
		(void)fputs(now, f);
		(void)fclose(f);
		return;
	}
	was = world_read(path);
	if (strcmp(was, now) != 0) {
		(void)fprintf(stderr, "was:\n%s\nis:\n%s\n", was, now);
		fail_msg("%s is not as it was; see the top of golden.c", name);
	}
	free(was);
}

static void
test_usual_size(void **state)
{
	struct stage *s = *state;

	for (int i = 0; i < UI_PLACES; i++) {
		char *d = draw(s, (enum ui_where)(1 << i), 80, 24);

		compare(places[i], d);
		free(d);
	}
}

/* list = no, align = no: the chat, and the list in its place. */
static void
test_one_thing_under_the_other(void **state)
{
	struct stage *s = *state;
	char *d;

	assert_null(sotto_conf_set(&s->conf, "look", "list", "off"));
	assert_null(sotto_conf_set(&s->conf, "look", "align", "off"));
	d = draw(s, AT_CHAT, 80, 24);
	compare("unaligned", d);
	free(d);
	s->a->show_list = 1;
	d = draw(s, AT_CHAT, 80, 24);
	compare("unaligned-list", d);
	free(d);
}

static void
add_size(struct stage *s, int place, int w, int h, char **out, size_t *n)
{
	char *d = draw(s, (enum ui_where)(1 << place), w, h);
	char line[64];
	const int k = snprintf(line, sizeof(line), "%s %dx%d %016llx\n",
	    places[place], w, h, number_of(d));

	*out = realloc(*out, *n + (size_t)k + 1);
	assert_non_null(*out);
	memcpy(*out + *n, line, (size_t)k + 1);
	*n += (size_t)k;
	free(d);
}

static void
test_all_sizes(void **state)
{
	struct stage *s = *state;
	char *all = NULL;
	size_t n = 0;

	for (int i = 0; i < UI_PLACES; i++) {
		for (int w = 1; w <= 12; w++)
			for (int h = 1; h <= 12; h++)
				add_size(s, i, w, h, &all, &n);
		add_size(s, i, 20, 5, &all, &n);
		add_size(s, i, 40, 20, &all, &n);
		add_size(s, i, 140, 40, &all, &n);
		add_size(s, i, 200, 60, &all, &n);
	}
	compare("sizes", all);
	free(all);
}

static int
set_up(void **state)
{
	struct secret_state st;
	struct stage *s;

	(void)secret_harden(&st);
	(void)setenv("TZ", "UTC", 1);
	tzset();
	(void)stage_up(state);
	s = *state;
	stage_story(s->a);
	s->a->has_known = 1;
	s->a->known.enrolled_at = s->a->known.login_at = 1748958000;
	s->a->known.cert_until = 1780494000;
	s->a->known.family = 4;
	s->a->known.addr[0] = 192;
	s->a->known.port = 40000;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_usual_size, set_up,
		    stage_down),
		cmocka_unit_test_setup_teardown(test_one_thing_under_the_other,
		    set_up, stage_down),
		cmocka_unit_test_setup_teardown(test_all_sizes, set_up,
		    stage_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
