/*
 * safety - fingerprints and safety numbers as people see, say and paste them,
 * and the comparison that the machine does for them.
 *
 * A fingerprint is SHA-256 of a key's SubjectPublicKeyInfo.  It is shown as
 * 12 words (its first 132 bits, 11 a word), as 12 groups of five digits, as a
 * line of base32 (all 256 bits), as OpenSSH's randomart.
 * Source: sotto-protocol(7), FINGERPRINTS and SAFETY NUMBERS.
 */
#ifndef CRYPTO_SAFETY_H
#define CRYPTO_SAFETY_H

#include "base/name.h"

#include "crypto/prim.h"

#define SAFETY_WORDS    12
#define SAFETY_GROUPS   12
#define SAFETY_WORD_MAX 8    /* letters of the longest word of the list */
#define SAFETY_LIST_LEN 2048 /* words of the list */

/* Base32 of Crockford's alphabet in lower case, 52 digits in fives: 62. */
#define SAFETY_LINE_LEN 62
#define SAFETY_B32_LEN  52

/* Both forms that are read aloud; the arrays are NUL-terminated strings. */
struct safety_block {
	const char *word[SAFETY_WORDS]; /* static strings */
	char group[SAFETY_GROUPS][5 + 1];
	/* Of a safety number: the first of the six that b's key makes. */
	unsigned of_b;
};

/* safety_word - the i-th word of the list, i < SAFETY_LIST_LEN; static. */
const char *safety_word(unsigned i);

/*
 * safety_of_key - the block of a fingerprint.  Word i is bits 11i..11i+10,
 * counted from the top; group i is bytes 5i..5i+4 of
 * SHA-512("sotto1 digits" 0x00 fingerprint) modulo 100,000.
 */
void safety_of_key(struct safety_block *out, const struct hash *fp);

/* safety_line - "k5r2n-x0qpf-..."; out needs SAFETY_LINE_LEN + 1 bytes. */
void safety_line(char out[SAFETY_LINE_LEN + 1], const struct hash *fp);

/* safety_base64 - "SHA256:" and base64 without padding, as ssh-keygen -l. */
#define SAFETY_BASE64_LEN (7 + 43)
void safety_base64(char out[SAFETY_BASE64_LEN + 1], const struct hash *fp);

/*
 * safety_art - the walk of OpenSSH's randomart: 17x9 field with a frame, so 11
 * lines of 19 characters.
 */
#define SAFETY_ART_ROWS 11
#define SAFETY_ART_COLS 19
void safety_art(char out[SAFETY_ART_ROWS][SAFETY_ART_COLS + 1],
    const struct hash *fp, const char *title, const char *foot);

/*
 * Base32 as above, for other values: base32_write needs (8 n + 4) / 5 + 1
 * bytes; base32_read takes exactly n <= 64 bytes' worth of digits.
 */
void base32_write(char *out, struct span in);
enum sotto_err base32_read(uint8_t *out, size_t n, struct span text);

/*
 * safety_line_parse - the fingerprint in 52 digits; dashes and letter case do
 * not matter, i and l are 1, o is 0.  SOTTO_EFORMAT.
 */
enum sotto_err safety_line_parse(struct hash *out, struct span text);

/*
 * safety_number - what two people compare: the same block on both sides.
 * Each side gives SPKI (DER) and "name@relay".  Party hash: SHA-512 iterated
 * 5,200 times as in sotto-protocol(7); takes about 10 ms for the two.
 */
struct safety_party {
	struct span spki; /* borrows */
	struct name name;
	const char *relay; /* borrows */
};
void safety_number(struct safety_block *out, const struct safety_party *a,
    const struct safety_party *b);

/* ---- comparing ---- */

enum safety_form {
	SAFETY_NONE,   /* nothing that could be compared yet */
	SAFETY_BASE32, /* a sotto: line, or its key part */
	SAFETY_BY_WORDS,
	SAFETY_BY_DIGITS
};

enum safety_state {
	SAFETY_PARTIAL, /* all match so far, some are missing */
	SAFETY_MATCHED, /* complete and equal */
	SAFETY_DIFFERS  /* something is wrong; see bad */
};

struct safety_match {
	enum safety_form form;
	enum safety_state state;
	unsigned good;  /* characters (base32), words or groups that match */
	unsigned total; /* of 52 or 12 */
	unsigned bad; /* SAFETY_DIFFERS: number, from 1, of the first bad one */
};

/*
 * safety_match_key - compare what was typed or pasted with a fingerprint.
 *
 * Takes a sotto: line (the part after the address; a token behind it is
 * skipped), bare base32, words, groups of digits, or a copy of the printed
 * block with its numbers, columns and both forms.  The last word or group may
 * be unfinished while typing.  Anything else is SAFETY_NONE.
 */
void safety_match_key(struct safety_match *out, struct span typed,
    const struct hash *fp);

/* safety_match_block - the same for a safety number: words or digits. */
void safety_match_block(struct safety_match *out, struct span typed,
    const struct safety_block *want);

#endif
