/* The client's store: chats, lines, drafts, what goes out, sessions; and what
 * somebody with the disk can do to it. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

#include "sotto/contacts.h"
#include "sotto/history.h"
#include "sotto/outbox.h"
#include "sotto/sessions.h"
#include "tests/lib/cm.h"
#include "tests/lib/disk.h"

struct seen {
	char text[4096];
	size_t n, stop_at;
};

static int
see(void *ctx, const struct hist_line *l)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s ", l->text);
	return ++s->n != s->stop_at;
}

static void
assert_page(struct disk *d, int64_t chat, int64_t before, size_t n,
    const char *want, size_t damaged)
{
	struct seen s = { .n = 0 };
	size_t bad;

	assert_int_equal(hist_page(d->v, chat, before, 0, n, see, &s, &bad),
	    SOTTO_OK);
	assert_string_equal(s.text, want);
	assert_int_equal(bad, damaged);
}

/* ---- chats and lines ---- */

static size_t n_chats;

static void
count_chat(void *ctx, const struct hist_chat *c)
{
	(void)c;
	(void)ctx;
	n_chats++;
}

static void
test_chats_stay(void **state)
{
	struct disk *d = *state;
	struct hist_chat bob = disk_chat(d, "bob"), eve = disk_chat(d, "eve"),
			 got;
	struct name nobody;
	size_t bad;

	assert_true(bob.id != eve.id);
	bob.phase = HIST_ASKED;
	memset(bob.session.b, 7, CHAT_ID_LEN);
	assert_int_equal(hist_chat_put(d->v, &bob), SOTTO_OK);
	disk_again(d);
	memset(&got, 0, sizeof(got));
	assert_int_equal(hist_chat_find(d->v, &got, &bob.name), SOTTO_OK);
	assert_true(got.id == bob.id);
	assert_int_equal(got.phase, HIST_ASKED);
	assert_memory_equal(got.session.b, bob.session.b, CHAT_ID_LEN);
	assert_int_equal(name_parse(&nobody, span_str("nobody")), SOTTO_OK);
	assert_int_equal(hist_chat_find(d->v, &got, &nobody), SOTTO_EAGAIN);
	n_chats = 0;
	assert_int_equal(hist_chats(d->v, count_chat, NULL, &bad), SOTTO_OK);
	assert_int_equal(n_chats, 2);
	assert_int_equal(bad, 0);
}

static void
test_lines_in_pages(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id,
		      eve = disk_chat(d, "eve").id;
	struct hist_line l;
	int64_t third = 0;

	for (int i = 0; i < 9; i++) {
		char text[2] = { (char)('1' + i), '\0' };

		/* Three a day. */
		l = disk_add(d, bob, HIST_THEIRS,
		    NOW_MS + (uint64_t)i / 3 * DAY_MS, (uint64_t)i + 1, text);
		if (i == 2)
			third = l.id;
		(void)disk_add(d, eve, HIST_MINE, NOW_MS, (uint64_t)i + 1, "x");
	}
	disk_again(d);
	assert_page(d, bob, INT64_MAX, 4, "9 8 7 6 ", 0);
	assert_page(d, bob, third, 100, "2 1 ", 0);
	assert_int_equal(hist_get(d->v, bob, third, &l), SOTTO_OK);
	assert_string_equal(l.text, "3");
	hist_line_free(&l);
	/* The line of another chat is not found in this one. */
	assert_int_equal(hist_get(d->v, eve, third, &l), SOTTO_EAGAIN);
	assert_int_equal(hist_find(d->v, bob, 0, 5, &l), SOTTO_OK);
	assert_string_equal(l.text, "5");
	hist_line_free(&l);
	assert_int_equal(hist_find(d->v, bob, 1, 5, &l), SOTTO_EAGAIN);
}

static void
test_a_text_comes_once(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	struct hist_line l = { .kind = HIST_THEIRS,
		.at_ms = NOW_MS,
		.msg = 5,
		.text = strdup("again") };

	(void)disk_add(d, bob, HIST_THEIRS, NOW_MS, 5, "once");
	assert_int_equal(hist_add(d->v, bob, &l), SOTTO_ESTATE);
	hist_line_free(&l);
	assert_page(d, bob, INT64_MAX, 9, "once ", 0);
}

static void
test_states_and_unread(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	struct seen s = { .n = 0 };
	struct hist_line l;

	(void)disk_add(d, bob, HIST_MINE, NOW_MS, 1, "mine");
	(void)disk_add(d, bob, HIST_THEIRS, NOW_MS, 2, "one");
	(void)disk_add(d, bob, HIST_THEIRS, NOW_MS, 3, "two");
	assert_int_equal(hist_find(d->v, bob, 1, 1, &l), SOTTO_OK);
	l.state = SENT_FAILED;
	(void)snprintf(l.why, sizeof(l.why), "for a reason");
	assert_int_equal(hist_set(d->v, bob, &l), SOTTO_OK);
	hist_line_free(&l);
	disk_again(d);
	assert_int_equal(hist_find(d->v, bob, 1, 1, &l), SOTTO_OK);
	assert_int_equal(l.state, SENT_FAILED);
	assert_string_equal(l.why, "for a reason");
	hist_line_free(&l);
	assert_int_equal(hist_unread(d->v, bob, see, &s), SOTTO_OK);
	assert_string_equal(s.text, "one two ");
	assert_int_equal(hist_mark_read(d->v, bob), SOTTO_OK);
	memset(&s, 0, sizeof(s));
	assert_int_equal(hist_unread(d->v, bob, see, &s), SOTTO_OK);
	assert_int_equal(s.n, 0);
}

static void
test_drafts(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	size_t cursor = 0;
	char *text;

	assert_int_equal(hist_draft_get(d->v, bob, &text, &cursor), SOTTO_OK);
	assert_null(text);
	assert_int_equal(hist_draft_put(d->v, bob, "half a sen", 4), SOTTO_OK);
	disk_again(d);
	assert_int_equal(hist_draft_get(d->v, bob, &text, &cursor), SOTTO_OK);
	assert_string_equal(text, "half a sen");
	assert_int_equal(cursor, 4);
	free(text);
	assert_int_equal(hist_draft_put(d->v, bob, NULL, 0), SOTTO_OK);
	assert_int_equal(hist_draft_get(d->v, bob, &text, &cursor), SOTTO_OK);
	assert_null(text);
}

/* ---- somebody has the disk ---- */

/* T63: each change to rows is found, and nothing is decrypted to rubbish. */
static void
test_changed_rows_are_found(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id,
		      eve = disk_chat(d, "eve").id;

	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "1");
	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "2");
	(void)disk_add(d, bob, HIST_THEIRS, NOW_MS, 7, "3");
	(void)disk_add(d, eve, HIST_NOTE, NOW_MS, 0, "4");
	/* Two of the same chat, day and kind change places. */
	disk_tamper(d,
	    "CREATE TEMP TABLE t AS SELECT id, sealed FROM line;"
	    "UPDATE line SET sealed = (SELECT sealed FROM t WHERE id = 3 -"
	    " line.id) WHERE id IN (1, 2)");
	assert_page(d, bob, INT64_MAX, 9, "3 ", 2);
	/* A text gets the number of another. */
	disk_tamper(d, "UPDATE line SET msg = 8 WHERE id = 3");
	assert_page(d, bob, INT64_MAX, 9, "", 3);
	/* A line moves to another chat, or to another day. */
	disk_tamper(d, "UPDATE line SET chat = 1 WHERE id = 4");
	assert_page(d, bob, INT64_MAX, 9, "", 4);
	disk_tamper(d, "UPDATE line SET chat = 2 WHERE id = 4");
	assert_page(d, eve, INT64_MAX, 9, "4 ", 0);
	disk_tamper(d, "UPDATE line SET day = day + 1 WHERE id = 4");
	assert_page(d, eve, INT64_MAX, 9, "", 1);
	/* One bit. */
	disk_tamper(d,
	    "UPDATE line SET day = day - 1, sealed = x'00' || substr(sealed, 2)"
	    " WHERE id = 4");
	assert_page(d, eve, INT64_MAX, 9, "", 1);
}

/* T64: a day without its key is gone, with the passphrase and all. */
static void
test_a_forgotten_day_cannot_be_read(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;

	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "yesterday");
	(void)disk_add(d, bob, HIST_NOTE, NOW_MS + DAY_MS, 0, "today");
	disk_tamper(d,
	    "DELETE FROM day WHERE day = (SELECT min(day) FROM day)");
	assert_page(d, bob, INT64_MAX, 9, "today ", 1);
	assert_int_equal(hist_forget(d->v, bob), SOTTO_OK);
	assert_page(d, bob, INT64_MAX, 9, "", 0);
}

static void
test_another_key_file(void **state)
{
	struct disk *d = *state;
	const struct hist_chat bob = disk_chat(d, "bob");
	struct hist_chat got;
	size_t bad;

	(void)disk_add(d, bob.id, HIST_NOTE, NOW_MS, 0, "secret");
	d->master.b[0] ^= 1;
	disk_again(d);
	/* Not even the name is found. */
	assert_int_equal(hist_chat_find(d->v, &got, &bob.name), SOTTO_EAGAIN);
	assert_page(d, bob.id, INT64_MAX, 9, "", 1);
	assert_int_equal(hist_chats(d->v, count_chat, NULL, &bad), SOTTO_OK);
	assert_int_equal(bad, 1);
}

static void
test_nothing_in_the_clear(void **state)
{
	static const char *const words[] = { "bobbity", "marker text",
		"half a sen" };
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bobbity").id;
	char cmd[256];

	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "marker text");
	assert_int_equal(hist_draft_put(d->v, bob, "half a sen", 1), SOTTO_OK);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(cmd, sizeof(cmd), "! grep -rqa '%s' %s",
		    words[i], d->dir);
		assert_int_equal(system(cmd), 0);
	}
}

/* A later version's store is refused, and not a byte of it is changed. */
static void
test_a_newer_schema(void **state)
{
	struct disk *d = *state;
	char err[DB_ERR_MAX], cmd[256];
	struct vault *v = NULL;

	vault_close(d->v);
	d->v = NULL;
	disk_change(d, "PRAGMA user_version = 99");
	(void)snprintf(cmd, sizeof(cmd), "cp %s %s.before", d->path, d->path);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(vault_open(&v, d->dir, &d->master, &d->g, err),
	    SOTTO_ESTATE);
	(void)snprintf(cmd, sizeof(cmd), "cmp -s %s %s.before", d->path,
	    d->path);
	assert_int_equal(system(cmd), 0);
}

/* ---- what goes out ---- */

static void
test_outbox(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	struct talk_content t = { .what = TALK_TEXT,
		.id = 11,
		.text = span_str("first") };
	struct outbox_item i;
	int64_t a, b;

	assert_int_equal(outbox_add(d->v, bob, 1, &t, &a), SOTTO_OK);
	t.id = 12;
	assert_int_equal(outbox_add(d->v, bob, 2, &t, &b), SOTTO_OK);
	assert_true(b > a);
	disk_again(d);
	assert_int_equal(outbox_next(d->v, 0, &i), SOTTO_OK);
	assert_true(i.id == a && i.ref == 11 && i.wire == NULL);
	outbox_item_free(&i);
	/* Other words while it waits; not once it is sealed. */
	t.text = span_str("better");
	t.id = 11;
	assert_int_equal(outbox_replace(d->v, a, &t), SOTTO_OK);
	assert_int_equal(outbox_seal(d->v, a, CHAT_MESSAGE, span_str("wire")),
	    SOTTO_OK);
	t.text = span_str("too late");
	assert_int_equal(outbox_replace(d->v, a, &t), SOTTO_OK);
	disk_again(d);
	assert_int_equal(outbox_of_line(d->v, 1, &i), SOTTO_OK);
	assert_int_equal(talk_read(&t,
			     (struct span){ i.content, i.content_len }),
	    SOTTO_OK);
	assert_true(span_eq(t.text, span_str("better")));
	assert_true(
	    span_eq((struct span){ i.wire, i.wire_len }, span_str("wire")));
	outbox_item_free(&i);
	assert_int_equal(outbox_unseal(d->v, bob), SOTTO_OK);
	assert_int_equal(outbox_by_ref(d->v, 12, &i), SOTTO_OK);
	assert_true(i.id == b);
	assert_int_equal(outbox_drop(d->v, a), SOTTO_OK);
	assert_int_equal(outbox_next(d->v, 0, &i), SOTTO_OK);
	assert_true(i.id == b);
	outbox_item_free(&i);
	assert_int_equal(outbox_next(d->v, b, &i), SOTTO_EAGAIN);
}

static void
test_a_transaction_is_all_or_nothing(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;

	assert_int_equal(vault_begin(d->v), SOTTO_OK);
	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "undone");
	vault_undo(d->v);
	assert_page(d, bob, INT64_MAX, 9, "", 0);
	assert_int_equal(vault_begin(d->v), SOTTO_OK);
	(void)disk_add(d, bob, HIST_NOTE, NOW_MS, 0, "kept");
	assert_int_equal(vault_commit(d->v), SOTTO_OK);
	disk_again(d);
	assert_page(d, bob, INT64_MAX, 9, "kept ", 0);
}

/* ---- the disk fails ---- */

/* SQLite's own calls, with the n-th one failing (and all behind it). */
static long calls_left = -1;

static int
now_fails(void)
{
	if (calls_left < 0)
		return 0;
	if (calls_left > 0)
		calls_left--;
	return calls_left == 0;
}

static ssize_t
failing_pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (now_fails()) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, p, n, at);
}

static int
failing_fsync(int fd)
{
	if (now_fails()) {
		errno = EIO;
		return -1;
	}
	return fsync(fd);
}

static void
set_calls(int failing)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	static const char *const names[] = { "pwrite", "pwrite64", "fsync" };
	const sqlite3_syscall_ptr with[] = {
		(sqlite3_syscall_ptr)failing_pwrite,
		(sqlite3_syscall_ptr)failing_pwrite,
		(sqlite3_syscall_ptr)failing_fsync
	};

	for (size_t i = 0; i < 3; i++)
		(void)vfs->xSetSystemCall(vfs, names[i],
		    failing ? with[i] : NULL);
}

/* What one message changes, as one transaction. */
static enum sotto_err
one_message(struct disk *d, int64_t chat, uint64_t id)
{
	struct talk_content t = { .what = TALK_TEXT,
		.id = id,
		.text = span_str("hello") };
	struct hist_line l = { .kind = HIST_MINE, .at_ms = NOW_MS, .msg = id };
	enum sotto_err e = vault_begin(d->v);
	int64_t row;

	if (e != SOTTO_OK)
		return e;
	l.text = strdup("hello");
	if ((e = hist_add(d->v, chat, &l)) == SOTTO_OK &&
	    (e = outbox_add(d->v, chat, l.id, &t, &row)) == SOTTO_OK &&
	    (e = vault_put_u64(d->v, "acked", id)) == SOTTO_OK)
		e = vault_commit(d->v);
	else
		vault_undo(d->v);
	hist_line_free(&l);
	return e;
}

/* All of that message is there, or nothing of it. */
static int
is_there(struct disk *d, int64_t chat, uint64_t id)
{
	struct hist_line l = { .text = NULL };
	struct outbox_item i;
	uint64_t acked = 0;
	const int line = hist_find(d->v, chat, 1, id, &l) == SOTTO_OK;
	const int out = outbox_by_ref(d->v, id, &i) == SOTTO_OK;

	hist_line_free(&l);
	assert_int_equal(vault_get_u64(d->v, "acked", &acked), SOTTO_OK);
	assert_int_equal(line, out);
	assert_int_equal(line, acked == id);
	return line;
}

/* Each write and each sync in turn: an error is told, and nothing is half. */
static void
test_each_write_fails(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	uint64_t id = 1;
	long n = 1;

	set_calls(1);
	for (;; n++, id++) {
		enum sotto_err e;
		int there;

		/* A fresh handle: its first write is part of it. */
		disk_again(d);
		calls_left = n;
		e = one_message(d, bob, id);
		calls_left = -1;
		disk_again(d);
		there = is_there(d, bob, id);
		if (e == SOTTO_OK) {
			assert_true(there);
			break;
		}
	}
	set_calls(0);
	/* There was something to fail. */
	assert_true(n > 3);
	assert_int_equal(one_message(d, bob, id + 1), SOTTO_OK);
}

/* ---- keys ---- */

static void
test_sessions(void **state)
{
	struct disk *d = *state;
	const int64_t bob = disk_chat(d, "bob").id;
	struct chat_id id[6];
	struct session *got = NULL;

	for (int i = 0; i < 6; i++) {
		struct chat_keys k = { .suite = SUITE_AES256_GCM, .asker = 1 };
		struct session s = { .chat = bob,
			.made_at = FIX_NOW + (unsigned)i,
			.head_len = (size_t)i };

		assert_int_equal(name_parse(&k.me, span_str("alice")),
		    SOTTO_OK);
		k.peer = k.me;
		rng_fill(&d->g, k.id.b, CHAT_ID_LEN);
		id[i] = k.id;
		s.ratchet = ratchet_new(&k);
		assert_int_equal(session_put(d->v, &s), SOTTO_OK);
		ratchet_free(s.ratchet);
	}
	assert_int_equal(session_prune(d->v, bob, 4), SOTTO_OK);
	disk_again(d);
	assert_int_equal(session_get(d->v, &got, &id[1]), SOTTO_EAGAIN);
	assert_int_equal(session_get(d->v, &got, &id[5]), SOTTO_OK);
	assert_true(got->chat == bob && got->head_len == 5);
	session_free(got);
	disk_tamper(d, "UPDATE session SET sealed = zeroblob(length(sealed))");
	assert_int_equal(session_get(d->v, &got, &id[5]), SOTTO_EAUTH);
	assert_int_equal(session_drop_all(d->v, 0), SOTTO_OK);
	assert_int_equal(session_get(d->v, &got, &id[5]), SOTTO_EAGAIN);
}

static void
test_prekeys(void **state)
{
	struct disk *d = *state;
	struct prekey_secret s = { .rpk_len = 3 }, got;
	struct x25519_sec one = { { 1, 2, 3 } }, back;
	uint32_t latest = 7;

	assert_int_equal(prekeys_latest(d->v, &latest), SOTTO_OK);
	assert_int_equal(latest, 0);
	for (uint32_t n = 1; n <= 3; n++) {
		s.epoch = n;
		s.made_at = FIX_NOW + n * 100;
		assert_int_equal(prekeys_put(d->v, &s), SOTTO_OK);
	}
	disk_again(d);
	assert_int_equal(prekeys_latest(d->v, &latest), SOTTO_OK);
	assert_int_equal(latest, 3);
	/* Epoch 2 replaced the first one before then. */
	assert_int_equal(prekeys_expire(d->v, FIX_NOW + 250), SOTTO_OK);
	assert_int_equal(prekeys_get(d->v, 1, &got), SOTTO_EAGAIN);
	assert_int_equal(prekeys_get(d->v, 2, &got), SOTTO_OK);
	assert_true(got.made_at == FIX_NOW + 200);
	assert_int_equal(one_time_put(d->v, 9, &one), SOTTO_OK);
	assert_int_equal(one_time_get(d->v, 9, &back), SOTTO_OK);
	assert_memory_equal(one.b, back.b, KEY_LEN);
	assert_int_equal(one_time_drop(d->v, 9), SOTTO_OK);
	assert_int_equal(one_time_get(d->v, 9, &back), SOTTO_EAGAIN);
}

static void
test_values(void **state)
{
	struct disk *d = *state;
	uint64_t n = 1;

	assert_int_equal(vault_get_u64(d->v, "acked", &n), SOTTO_OK);
	assert_true(n == 0);
	assert_int_equal(vault_put_u64(d->v, "acked", (uint64_t)1 << 60),
	    SOTTO_OK);
	disk_again(d);
	assert_int_equal(vault_get_u64(d->v, "acked", &n), SOTTO_OK);
	assert_true(n >> 60 == 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, disk_setup, disk_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_chats_stay),
		T(test_lines_in_pages),
		T(test_a_text_comes_once),
		T(test_states_and_unread),
		T(test_drafts),
		T(test_changed_rows_are_found),
		T(test_a_forgotten_day_cannot_be_read),
		T(test_another_key_file),
		T(test_nothing_in_the_clear),
		T(test_a_newer_schema),
		T(test_outbox),
		T(test_a_transaction_is_all_or_nothing),
		T(test_each_write_fails),
		T(test_sessions),
		T(test_prekeys),
		T(test_values),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
