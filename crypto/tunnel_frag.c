/* Messages in pieces; see tunnel_priv.h. */
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#include "crypto/tunnel_priv.h"

struct head {
	uint64_t id;
	uint32_t total, offset;
	int first, last;
	struct span bytes;
};

static int
read_head(struct head *h, struct span content)
{
	struct rd r;
	uint8_t flags;

	rd_init(&r, content);
	h->id = rd_u64(&r);
	h->total = rd_u32(&r);
	h->offset = rd_u32(&r);
	flags = rd_u8(&r);
	rd_zero(&r, 3);
	h->bytes = rd_bytes(&r, r.n);
	h->first = (flags & FRAG_FIRST) != 0;
	h->last = (flags & FRAG_LAST) != 0;
	if (rd_end(&r) != SOTTO_OK || flags > (FRAG_FIRST | FRAG_LAST))
		return 0;
	/* FIRST is offset 0, LAST ends the total, and nothing is empty. */
	return h->first == (h->offset == 0) && h->bytes.n > 0 &&
	    h->bytes.n <= h->total && h->offset <= h->total - h->bytes.n &&
	    h->last == (h->offset + h->bytes.n == h->total);
}

static size_t
kind_max(enum tunnel_kind kind)
{
	return kind == TUNNEL_RELAY ? TUNNEL_RELAY_MAX : TUNNEL_COMMAND_MAX;
}

int
tunnel_has_frags(const struct tunnel *t)
{
	for (size_t i = 0; t->frag != NULL && i < TUNNEL_OPEN_MAX; i++)
		if (t->frag[i].used)
			return 1;
	return 0;
}

static struct tunnel_frag *
find(struct tunnel *t, uint64_t id)
{
	for (size_t i = 0; t->frag != NULL && i < TUNNEL_OPEN_MAX; i++)
		if (t->frag[i].used && t->frag[i].id == id)
			return &t->frag[i];
	return NULL;
}

/* What the totals of all open messages may come to. */
static int
may_open(const struct tunnel *t, uint32_t total)
{
	uint64_t sum = total;

	for (size_t i = 0; t->frag != NULL && i < TUNNEL_OPEN_MAX; i++)
		if (t->frag[i].used)
			sum += t->frag[i].total;
	return sum <= TUNNEL_OPEN_BYTES_MAX;
}

static struct tunnel_frag *
open_new(struct tunnel *t, enum tunnel_kind kind, const struct head *h)
{
	if (!may_open(t, h->total))
		return NULL;
	if (t->frag == NULL &&
	    (t->frag = calloc(TUNNEL_OPEN_MAX + 1, sizeof(*t->frag))) == NULL)
		return NULL;
	for (size_t i = 0; i < TUNNEL_OPEN_MAX; i++) {
		struct tunnel_frag *f = &t->frag[i];

		if (f->used)
			continue;
		f->used = 1;
		f->kind = kind;
		f->id = h->id;
		f->total = h->total;
		/* Grows with what comes, not with what is announced. */
		buf_init(&f->got, h->total);
		return f;
	}
	return NULL;
}

static void
deliver(enum tunnel_kind kind, struct span msg, struct tunnel_in *in)
{
	in->event =
	    kind == TUNNEL_COMMAND ? TUNNEL_EV_COMMAND : TUNNEL_EV_RELAY;
	in->msg = msg;
}

void
tunnel_fragment(struct tunnel *t, enum tunnel_kind kind, struct span content,
    struct tunnel_in *in)
{
	struct tunnel_frag *f;
	struct buf *done;
	struct head h;

	if (!read_head(&h, content) || h.total > kind_max(kind)) {
		tunnel_fail(t, "a fragment is malformed", in);
		return;
	}
	f = find(t, h.id);
	if (h.first && h.last && f == NULL) {
		deliver(kind, h.bytes, in);
		return;
	}
	if (h.first && f == NULL)
		f = open_new(t, kind, &h);
	else if (h.first)
		f = NULL;
	if (f == NULL || f->kind != kind || f->total != h.total ||
	    f->got.n != h.offset) {
		tunnel_fail(t, "a fragment does not continue its message", in);
		return;
	}
	if (buf_add(&f->got, h.bytes) != SOTTO_OK) {
		tunnel_fail(t, "there is no memory for a message", in);
		return;
	}
	if (!h.last)
		return;
	done = &t->frag[TUNNEL_OPEN_MAX].got;
	buf_free(done);
	*done = f->got;
	memset(f, 0, sizeof(*f));
	deliver(kind, buf_bytes(done), in);
}

void
tunnel_frags_free(struct tunnel *t)
{
	for (size_t i = 0; t->frag != NULL && i <= TUNNEL_OPEN_MAX; i++)
		buf_free(&t->frag[i].got);
	free(t->frag);
	t->frag = NULL;
}
