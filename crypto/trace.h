/*
 * trace - the handshakes as they happened, for people: one entry a message,
 * its fields by name.  Filled by the handshake machines with public values
 * only; a secret field is named and its size given, never its value.
 */
#ifndef CRYPTO_TRACE_H
#define CRYPTO_TRACE_H

#include "base/bytes.h"

#include "crypto/aead.h"

#define TRACE_FIELDS_MAX 28
#define TRACE_NAME_MAX   24
#define TRACE_VALUE_MAX  96
#define TRACE_MSGS_MAX   12

enum trace_dir {
	TRACE_SENT,
	TRACE_RECEIVED,
	TRACE_NOTE
};

struct trace_field {
	char name[TRACE_NAME_MAX];
	char value[TRACE_VALUE_MAX]; /* printable ASCII */
};

struct trace_msg {
	enum trace_dir dir;
	char name[TRACE_NAME_MAX * 2]; /* "M2 SERVER_HELLO" */
	size_t size;                   /* bytes on the wire; 0 for a note */
	uint64_t at_ms;                /* wall clock; set by the caller */
	size_t n;
	struct trace_field field[TRACE_FIELDS_MAX];
};

/* A list that keeps the first TRACE_MSGS_MAX messages. */
struct trace {
	size_t n;
	struct trace_msg msg[TRACE_MSGS_MAX];
};

/*
 * trace_begin - open the next entry.  All functions accept NULL, for "nobody
 * is looking".
 */
void trace_begin(struct trace *t, enum trace_dir dir, const char *name,
    size_t size);
void trace_text(struct trace *t, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* trace_hex - the first bytes in hex, and how many there are. */
void trace_hex(struct trace *t, const char *field, struct span bytes);
/* trace_suites - their names. */
void trace_suites(struct trace *t, const char *field,
    const struct suite_list *l);
/* trace_time - seconds since 1970 as UTC. */
void trace_time(struct trace *t, const char *field, uint64_t s);
/* trace_cert - subject, issuer, names, dates, key size, fingerprint. */
void trace_cert(struct trace *t, const char *field, struct span der);
/* trace_hidden - "(32 bytes, secret)". */
void trace_hidden(struct trace *t, const char *field, size_t n);

#endif
