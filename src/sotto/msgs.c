#include "sotto/msgs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void
free_head(struct mbox_msg *h)
{
	/* head is the first member. */
	msg_free((struct msg *)(void *)h);
}

struct msg *
msg_new(enum msg_type type)
{
	struct msg *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->head.type = (int)type;
	m->head.free = free_head;
	return m;
}

void
msg_free(struct msg *m)
{
	if (m == NULL)
		return;
	if (m->text != NULL)
		secret_wipe(m->text, strlen(m->text));
	free(m->text);
	free(m->why);
	secret_free(m->pass);
	free(m->people);
	free(m->trace);
	secret_wipe(m, sizeof(*m));
	free(m);
}

int
msg_set_text(struct msg *m, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		return 0;
	free(m->text);
	m->text = s;
	return 1;
}
