/*
 * picture - the pictures of the README: screens as they are drawn, as SVG.
 *
 *	picture FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"

#include "tests/lib/cm.h"
#include "tests/lib/stage.h"
#include "ui/render.h"

#define CELL_W 8
#define CELL_H 17

/* As many terminals show the sixteen colours. */
static const char *const colours[] = { "#000000", "#e06c75", "#98c379",
	"#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#dcdfe4" };
#define PAPER "#1e2127"
#define INK   "#dcdfe4"

static void
put_xml(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == '&')
			(void)fputs("&amp;", f);
		else if (s[i] == '<')
			(void)fputs("&lt;", f);
		else
			(void)fputc(s[i], f);
}

/* Cells of one style, from x on; as far as they go. */
static int
put_run(FILE *f, const struct canvas *c, const struct theme *t, int x, int y)
{
	const struct cell *k = &c->cell[y * c->w + x];
	const struct theme_look *l = &t->look[k->style];
	const char *ink =
	    l->colour > 0 && l->colour < 8 ? colours[l->colour] : INK;
	int end = x, seen = 0;

	while (end < c->w && k[end - x].style == k->style) {
		seen |= k[end - x].n > 0 && k[end - x].s[0] != ' ';
		end++;
	}
	if (l->reverse)
		(void)fprintf(f,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		    "fill=\"%s\"/>\n",
		    x * CELL_W, y * CELL_H, (end - x) * CELL_W, CELL_H, ink);
	if (!seen)
		return end;
	(void)fprintf(f,
	    "<text x=\"%d\" y=\"%d\" textLength=\"%d\" fill=\"%s\"%s%s%s>",
	    x * CELL_W, y * CELL_H + 13, (end - x) * CELL_W,
	    l->reverse ? PAPER : ink, l->bold ? " font-weight=\"bold\"" : "",
	    l->dim ? " opacity=\"0.6\"" : "",
	    l->underline ? " text-decoration=\"underline\"" : "");
	for (int i = x; i < end; i++) {
		if (k[i - x].width == 0)
			continue;
		if (k[i - x].n == 0)
			(void)fputc(' ', f);
		else
			put_xml(f, k[i - x].s, k[i - x].n);
	}
	(void)fputs("</text>\n", f);
	return end;
}

static void
put_svg(const char *path, const struct canvas *c, const struct theme *t)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	(void)fprintf(f,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" font-family=\"DejaVu Sans Mono, monospace\" "
	    "font-size=\"13\" xml:space=\"preserve\">\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"" PAPER "\"/>\n",
	    c->w * CELL_W, c->h * CELL_H);
	for (int y = 0; y < c->h; y++)
		for (int x = 0; x < c->w;)
			x = put_run(f, c, t, x, y);
	if (c->cur_y >= 0)
		(void)fprintf(f,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		    "fill=\"" INK "\" opacity=\"0.7\"/>\n",
		    c->cur_x * CELL_W, c->cur_y * CELL_H, CELL_W, CELL_H);
	(void)fputs("</svg>\n", f);
	if (fclose(f) != 0)
		exit(1);
}

static void
take(struct stage *s, const char *dir, const char *name, enum ui_where where,
    int w, int h)
{
	struct canvas c = { 0 };
	char path[512];

	s->a->where = where;
	assert_int_equal(canvas_size(&c, w, h), SOTTO_OK);
	present(s->f, s->a, w, h);
	/* The same picture at every time of the day. */
	s->f->v.main.clock = "14:27";
	s->f->v.page.title_right =
	    where == AT_PROMPT ? s->f->v.page.title_right : "14:27";
	render(&c, &s->f->v);
	(void)snprintf(path, sizeof(path), "%s/%s.svg", dir, name);
	put_svg(path, &c, &s->conf.theme);
	canvas_free(&c);
}

int
main(int argc, char **argv)
{
	struct secret_state st;
	void *state = NULL;
	struct stage *s;

	if (argc != 2) {
		(void)fprintf(stderr, "picture FOLDER\n");
		return 2;
	}
	(void)setenv("TZ", "UTC", 1);
	tzset();
	(void)secret_harden(&st);
	(void)stage_up(&state);
	s = state;
	stage_story(s->a);
	s->a->m.pin_how = PIN_LINE;
	s->a->show = SHOW_DIGITS;
	(void)snprintf(s->a->invite.host, sizeof(s->a->invite.host),
	    "relay.home.example");
	s->a->invite.port = 7443;
	for (size_t i = 0; i < HASH_LEN; i++)
		s->a->server_key.b[i] = (uint8_t)(i * 37 + 11);
	safety_of_key(&s->a->block, &s->a->server_key);
	take(s, argv[1], "chat", AT_CHAT, 90, 24);
	take(s, argv[1], "palette", AT_PALETTE, 90, 24);
	take(s, argv[1], "verify", AT_VERIFY, 90, 24);
	s->a->show = SHOW_WORDS;
	take(s, argv[1], "first", AT_PROMPT, 90, 24);
	(void)stage_down(&state);
	return 0;
}
