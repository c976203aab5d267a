/*
 * keys_in - keys from the bytes of a terminal.  A machine: bytes in, keys out;
 * what has come of a key is kept until the rest is there, or until the caller
 * says that nothing more will come.  A sequence that is not known is left out
 * as a whole: no part of it is ever taken for typing.
 *
 * Source: ECMA-48 (control sequences), xterm's "ctlseqs" (modifiers, mouse,
 * pastes, focus), the keyboard protocol of kitty ("CSI u").
 */
#ifndef UI_KEYS_IN_H
#define UI_KEYS_IN_H

#include <stddef.h>
#include <stdint.h>

#include "ui/key.h"
#include "ui/utf8_in.h"

/* Escape alone is the key, if nothing follows within this time. */
#define KEYS_ESC_MS 25
/* Bytes of a paste; what is over is left out. */
#define KEYS_PASTE_MAX (1 << 20)
/* Bytes of one sequence; a longer one is none. */
#define KEYS_SEQ_MAX 64

/* What a terminal answers to questions. */
enum keys_answer_kind {
	KEYS_NO_ANSWER,
	KEYS_CURSOR,    /* at row a, column b, from 1 */
	KEYS_MODE,      /* mode a: 0 unknown, 1 set, 2 not set, ... (b) */
	KEYS_KITTY,     /* it has that keyboard protocol */
	KEYS_BACKGROUND /* as bright as a percent of white */
};

struct keys_answer {
	enum keys_answer_kind kind;
	unsigned a, b;
};

struct keys_in {
	uint8_t seq[KEYS_SEQ_MAX];
	size_t n;
	int swallow; /* the rest of a sequence that was too long */
	int string;  /* "ESC ]": up to BEL or "ESC \" */
	struct utf8_in chars;
	unsigned chars_mods;
	int pasting;
	char *paste; /* owned */
	size_t paste_n, mark_n;
};

void keys_in_free(struct keys_in *k); /* what it owns; good for a zeroed one */

/*
 * keys_in_byte - one more byte.  *key is K_NONE if there is no whole key yet;
 * *answer likewise.  Returns 0 if the byte was not used: give it again.
 */
int keys_in_byte(struct keys_in *k, uint8_t byte, struct ui_key *key,
    struct keys_answer *answer);

/* keys_in_waits - something has begun that is a key if nothing follows. */
int keys_in_waits(const struct keys_in *k);
/* keys_in_end - nothing has followed. */
void keys_in_end(struct keys_in *k, struct ui_key *key);

#endif
