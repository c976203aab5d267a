#include "crypto/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#include "crypto/cert.h"
#include "crypto/safety.h"

/* Bytes that trace_hex() shows; the rest is only counted. */
#define HEX_SHOWN 32

void
trace_begin(struct trace *t, enum trace_dir dir, const char *name, size_t size)
{
	struct trace_msg *m;

	if (t == NULL || t->n == TRACE_MSGS_MAX)
		return;
	m = &t->msg[t->n++];
	memset(m, 0, sizeof(*m));
	m->dir = dir;
	m->size = size;
	(void)snprintf(m->name, sizeof(m->name), "%s", name);
}

/* The next free field of the open entry, or NULL. */
static struct trace_field *
next_field(struct trace *t, const char *name)
{
	struct trace_msg *m;
	struct trace_field *f;

	if (t == NULL || t->n == 0)
		return NULL;
	m = &t->msg[t->n - 1];
	if (m->n == TRACE_FIELDS_MAX)
		return NULL;
	f = &m->field[m->n++];
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

void
trace_text(struct trace *t, const char *field, const char *fmt, ...)
{
	struct trace_field *f = next_field(t, field);
	char raw[TRACE_VALUE_MAX];
	va_list ap;

	if (f == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	/* Texts out of certificates come this way. */
	(void)text_safe(f->value, sizeof(f->value), span_str(raw),
	    TEXT_ONE_LINE);
}

void
trace_hex(struct trace *t, const char *field, struct span bytes)
{
	struct trace_field *f = next_field(t, field);
	size_t shown = bytes.n < HEX_SHOWN ? bytes.n : HEX_SHOWN;
	size_t at = 0;

	if (f == NULL)
		return;
	for (size_t i = 0; i < shown; i++)
		at += (size_t)snprintf(f->value + at, sizeof(f->value) - at,
		    "%02x", bytes.p[i]);
	if (shown < bytes.n)
		(void)snprintf(f->value + at, sizeof(f->value) - at,
		    "... (%zu bytes)", bytes.n);
}

void
trace_hidden(struct trace *t, const char *field, size_t n)
{
	trace_text(t, field, "(%zu bytes, secret)", n);
}

void
trace_suites(struct trace *t, const char *field, const struct suite_list *l)
{
	char names[TRACE_VALUE_MAX] = "";
	size_t at = 0;

	for (size_t i = 0; i < l->n && at < sizeof(names); i++) {
		enum suite s;
		int n = snprintf(names + at, sizeof(names) - at, "%s%s",
		    i > 0 ? ", " : "",
		    suite_known(l->id[i], &s) ? suite_name(s) : "unknown");

		at += n > 0 ? (size_t)n : 0;
	}
	trace_text(t, field, "%s", names);
}

void
trace_time(struct trace *t, const char *field, uint64_t s)
{
	time_t at = (time_t)s;
	char buf[32];
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL &&
	    strftime(buf, sizeof(buf), "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		trace_text(t, field, "%s", buf);
	else
		trace_text(t, field, "%llu", (unsigned long long)s);
}

void
trace_cert(struct trace *t, const char *field, struct span der)
{
	char fp[SAFETY_BASE64_LEN + 1];
	struct cert_info ci;

	trace_text(t, field, "X.509, %zu bytes", der.n);
	if (cert_read_info(&ci, der) != SOTTO_OK) {
		trace_text(t, "  ", "cannot be read");
		return;
	}
	safety_base64(fp, &ci.fingerprint);
	trace_text(t, "  subject", "%s", ci.subject);
	trace_text(t, "  names", "%.90s", ci.names);
	trace_text(t, "  issuer", "%s", ci.issuer);
	trace_time(t, "  not after", ci.not_after);
	trace_text(t, "  key", "RSA-%zu %s", ci.bits, fp);
}
