#include "crypto/invite.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/cert.h"
#include "crypto/kdf.h"
#include "crypto/safety.h"

#define TOKEN_LEN    (INVITE_TOKEN_ID_LEN + KEY_LEN)
#define TOKEN_DIGITS (TOKEN_LEN * 8 / 5)

/* The part of s before the first c, and s moved behind it; all, if none. */
static struct span
take_until(struct span *s, uint8_t c)
{
	const uint8_t *at = s->n > 0 ? memchr(s->p, c, s->n) : NULL;
	struct span part = { s->p, at == NULL ? s->n : (size_t)(at - s->p) };
	size_t used = part.n + (at != NULL);

	if (used > 0) {
		s->p += used;
		s->n -= used;
	}
	return part;
}

static struct span
trim(struct span s)
{
	while (s.n > 0 && isspace(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && isspace(s.p[s.n - 1]))
		s.n--;
	return s;
}

static void
skip_scheme(struct span *s)
{
	static const char *const schemes[] = { "sotto://", "sotto:" };

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]), same = 0;

		while (same < n && same < s->n &&
		    tolower(s->p[same]) == schemes[i][same])
			same++;
		if (same == n) {
			s->p += n;
			s->n -= n;
			return;
		}
	}
}

static const char *
parse_port(struct invite *in, struct span s)
{
	unsigned v = 0;

	if (s.n < 1 || s.n > 5)
		return "the port has to be a number from 1 to 65535";
	for (size_t i = 0; i < s.n; i++) {
		if (!isdigit(s.p[i]))
			return "the port has to be a number from 1 to 65535";
		v = v * 10 + (unsigned)(s.p[i] - '0');
	}
	if (v < 1 || v > 65535)
		return "the port has to be a number from 1 to 65535";
	in->port = (uint16_t)v;
	return NULL;
}

/* HOST, HOST:PORT, [V6] or [V6]:PORT; a bare IPv6 address has two colons. */
static const char *
parse_address(struct invite *in, struct span s)
{
	const uint8_t *colon = s.n > 0 ? memchr(s.p, ':', s.n) : NULL;
	struct span host;
	const char *why;

	in->port = INVITE_PORT;
	if (s.n > 0 && s.p[0] == '[') {
		s.p++;
		s.n--;
		if (memchr(s.p, ']', s.n) == NULL)
			return "the address has a '[' without its ']'";
		host = take_until(&s, ']');
		if (s.n > 0 && s.p[0] != ':')
			return "something stands between ']' and the port";
		if (s.n > 0 &&
		    (why = parse_port(in, (struct span){ s.p + 1, s.n - 1 })) !=
			NULL)
			return why;
	} else if (colon != NULL &&
	    memchr(colon + 1, ':', (size_t)(s.p + s.n - colon - 1)) != NULL) {
		host = s;
	} else {
		host = take_until(&s, ':');
		if (colon != NULL && (why = parse_port(in, s)) != NULL)
			return why;
	}
	if (host.n < 1)
		return "the address is missing";
	if (host.n > INVITE_HOST_MAX)
		return "the address is too long";
	memcpy(in->host, host.p, host.n);
	in->host[host.n] = '\0';
	if (strlen(in->host) != host.n || !cert_host_ok(in->host))
		return "the address has a character that no address has";
	return NULL;
}

static const char *
parse_token(struct invite *in, struct span s)
{
	uint8_t raw[TOKEN_LEN]; /* secret */

	if (base32_read(raw, sizeof(raw), s) != SOTTO_OK)
		return "the last part, the invite, is damaged: it has 64 "
		       "letters and digits";
	memcpy(in->token_id, raw, INVITE_TOKEN_ID_LEN);
	memcpy(in->token.b, raw + INVITE_TOKEN_ID_LEN, KEY_LEN);
	in->has_token = 1;
	WIPE(raw);
	return NULL;
}

enum sotto_err
invite_parse(struct invite *out, struct span line, const char **why)
{
	struct invite in;
	struct span s = trim(line), part;

	memset(&in, 0, sizeof(in));
	*why = "the line is too long";
	if (s.n > INVITE_LINE_MAX)
		return SOTTO_EFORMAT;
	skip_scheme(&s);
	part = take_until(&s, '/');
	*why = parse_address(&in, part);
	if (*why == NULL && s.n > 0) {
		part = take_until(&s, '/');
		in.has_key = safety_line_parse(&in.key, part) == SOTTO_OK;
		if (!in.has_key)
			*why = "the key part is damaged: it has 52 letters "
			       "and digits";
	}
	if (*why == NULL && s.n > 0)
		*why = parse_token(&in, s);
	if (*why == NULL)
		*out = in;
	WIPE(in);
	return *why == NULL ? SOTTO_OK : SOTTO_EFORMAT;
}

enum sotto_err
invite_write(char out[INVITE_LINE_MAX], const struct invite *in)
{
	const int v6 = strchr(in->host, ':') != NULL;
	char key[SAFETY_LINE_LEN + 2] = "", token[TOKEN_DIGITS + 2] = "";
	uint8_t raw[TOKEN_LEN]; /* secret */
	int n;

	if (in->has_key) {
		key[0] = '/';
		safety_line(key + 1, &in->key);
	}
	if (in->has_key && in->has_token) {
		memcpy(raw, in->token_id, INVITE_TOKEN_ID_LEN);
		memcpy(raw + INVITE_TOKEN_ID_LEN, in->token.b, KEY_LEN);
		token[0] = '/';
		base32_write(token + 1, SPAN(raw));
		WIPE(raw);
	}
	n = snprintf(out, INVITE_LINE_MAX, "sotto:%s%s%s:%u%s%s", v6 ? "[" : "",
	    in->host, v6 ? "]" : "", in->port, key, token);
	WIPE(token);
	return n > 0 && n < INVITE_LINE_MAX ? SOTTO_OK : SOTTO_ENOSPACE;
}

void
invite_psk(struct key *out, const struct invite *in)
{
	kdf_key(out, &in->token, "enrol psk", NULL);
}
