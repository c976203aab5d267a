#include "tests/lib/two.h"

#include <stdlib.h>

#include "tests/lib/cm.h"

int
two_setup(void **state)
{
	struct two *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->w = world_new();
	p->alice = world_enrol(p->w, "alice", 80, 24);
	p->bob = world_enrol(p->w, "bob", 80, 24);
	*state = p;
	return 0;
}

int
two_teardown(void **state)
{
	struct two *p = *state;

	tty_close(p->alice);
	tty_close(p->bob);
	world_free(p->w);
	free(p);
	return 0;
}

void
two_open_chat(struct two *p)
{
	tty_type(p->alice, "/chat bob\r");
	tty_wait(p->alice, "You asked bob");
	tty_wait(p->bob, "REQUESTS 1");
	tty_type(p->bob, "/accept alice\r");
	tty_wait(p->alice, "to bob (not verified, end-to-end)");
	tty_wait(p->bob, "to alice (not verified, end-to-end)");
}

void
two_end_chat(struct two *p)
{
	tty_type(p->alice, "/leave\r");
	tty_wait(p->bob, "chat over");
	tty_wait(p->alice, "chat over");
}
