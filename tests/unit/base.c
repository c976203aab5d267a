/* The floor: bytes, names, text, files, configuration, mailbox, log, store. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/conf_edit.h"
#include "base/db.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mbox.h"
#include "base/name.h"
#include "base/pool.h"
#include "base/qr.h"
#include "base/secret.h"
#include "base/text.h"

#include "tests/lib/cm.h"

static char dir[64];

static int
make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/sotto-unit.XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
remove_dir(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

static const char *
in_dir(const char *name)
{
	static char path[4][128];
	static int i;

	i = (i + 1) % 4;
	(void)snprintf(path[i], sizeof(path[i]), "%s/%s", dir, name);
	return path[i];
}

/* ---- bytes ---- */

static void
test_cursors_stick_at_the_first_error(void **state)
{
	const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 16, 17, 18 };
	uint8_t out[18], copy[4] = { 9, 9, 9, 9 };
	struct wr w;
	struct rd r;

	(void)state;
	rd_init(&r, SPAN(in));
	assert_int_equal(rd_u8(&r), 1);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u24(&r), 0x040506);
	assert_int_equal(rd_u32(&r), 0x0708090a);
	assert_true(rd_u64(&r) == 0x0b0c0d0e0f101112ULL);
	assert_int_equal(rd_end(&r), SOTTO_OK);
	/* One byte more than there is: an error that stays, and zeros. */
	assert_int_equal(rd_u8(&r), 0);
	assert_int_not_equal(rd_end(&r), SOTTO_OK);
	rd_copy(&r, copy, 4);
	assert_memory_equal(copy, "\0\0\0\0", 4);
	assert_int_equal(rd_bytes(&r, 1).n, 0);

	/* Left over is an error, too; and non-zero padding. */
	rd_init(&r, SPAN(in));
	(void)rd_u8(&r);
	assert_int_not_equal(rd_end(&r), SOTTO_OK);
	rd_init(&r, SPAN(in));
	rd_zero(&r, sizeof(in));
	assert_int_not_equal(rd_end(&r), SOTTO_OK);

	wr_init(&w, out, sizeof(out));
	wr_u8(&w, 1);
	wr_u16(&w, 0x0203);
	wr_u24(&w, 0x040506);
	wr_u32(&w, 0x0708090a);
	wr_u64(&w, 0x0b0c0d0e0f101112ULL);
	assert_int_equal(wr_end(&w), SOTTO_OK);
	assert_memory_equal(out, in, sizeof(in));
	wr_u8(&w, 1);
	assert_int_equal(wr_end(&w), SOTTO_ENOSPACE);
	assert_int_equal(w.n, sizeof(out));
	assert_null(wr_take(&w, 1));
	wr_init(&w, out, sizeof(out));
	wr_u24(&w, 1 << 24);
	assert_int_equal(wr_end(&w), SOTTO_ETOOBIG);
}

static void
test_buf(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_add(&b, span_str("hello")), SOTTO_OK);
	assert_int_equal(buf_add(&b, span_str("world")), SOTTO_OK);
	assert_int_not_equal(buf_add(&b, span_str("!")), SOTTO_OK);
	buf_consume(&b, 5);
	assert_int_equal(buf_add(&b, span_str("again")), SOTTO_OK);
	assert_true(span_eq(buf_bytes(&b), span_str("worldagain")));
	buf_consume(&b, 10);
	assert_int_equal(buf_bytes(&b).n, 0);
	buf_free(&b);
}

/* ---- names: every length ---- */

static void
test_names_that_look_alike(void **state)
{
	static const struct {
		const char *a, *b;
		int alike;
	} pairs[] = { { "bob", "b0b", 1 }, { "bob", "bob", 0 },
		{ "bob", "rob", 0 }, { "alice", "al1ce", 1 },
		{ "alice", "aiice", 1 }, { "modem", "modern", 1 },
		{ "wanda", "vvanda", 1 }, { "anna-b", "anna.b", 1 },
		{ "annab", "anna_b", 1 }, { "sam5", "sams", 1 },
		{ "r", "rn", 0 }, { "m", "rn", 1 } };
	struct name a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(name_parse(&a, span_str(pairs[i].a)),
		    SOTTO_OK);
		assert_int_equal(name_parse(&b, span_str(pairs[i].b)),
		    SOTTO_OK);
		assert_int_equal(name_looks_like(&a, &b), pairs[i].alike);
		assert_int_equal(name_looks_like(&b, &a), pairs[i].alike);
	}
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "", "1a", "_a", "-a", ".a", "A",
		"aB", "a b", "a\n", "a/b", "\xc3\xa4", "aaaaaaaaaaaaaaaaa",
		"a\x1b" };
	uint8_t wire[NAME_WIRE_LEN];
	struct name n, back;

	(void)state;
	for (size_t len = 1; len <= NAME_MAX_LEN; len++) {
		char s[20] = "abcdefghijklm._-0123";
		struct wr w;
		struct rd r;

		s[len] = '\0';
		assert_int_equal(name_parse(&n, span_str(s)), SOTTO_OK);
		assert_string_equal(n.s, s);
		wr_init(&w, wire, sizeof(wire));
		wr_name(&w, &n);
		assert_int_equal(wr_end(&w), SOTTO_OK);
		assert_int_equal(w.n, NAME_WIRE_LEN);
		rd_init(&r, SPAN(wire));
		rd_name(&r, &back);
		assert_int_equal(rd_end(&r), SOTTO_OK);
		assert_true(name_eq(&n, &back));
		/* Bytes behind the name must be zero. */
		if (len < NAME_MAX_LEN) {
			wire[NAME_WIRE_LEN - 1] = 'x';
			rd_init(&r, SPAN(wire));
			rd_name(&r, &back);
			assert_int_not_equal(rd_end(&r), SOTTO_OK);
		}
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(name_parse(&n, span_str(bad[i])),
		    SOTTO_OK);
}

/* ---- text ---- */

static void
safe(const char *in, const char *want, enum text_mode mode)
{
	char out[256];

	(void)text_safe(out, sizeof(out), span_str(in), mode);
	assert_string_equal(out, want);
}

static void
test_hostile_text(void **state)
{
	(void)state;
	safe("plain", "plain", TEXT_ONE_LINE);
	safe("a\033[31mred", "a^[[31mred", TEXT_ONE_LINE);
	safe("bell\a", "bell^G", TEXT_LINES);
	safe("a\tb\nc", "a    b\nc", TEXT_LINES);
	safe("a\nb", "a^Jb", TEXT_ONE_LINE);
	safe("\xe2\x80\xae"
	     "evil",
	    "<RLO>evil", TEXT_LINES);
	safe("a\xe2\x80\x8b"
	     "b",
	    "a<U+200B>b", TEXT_LINES);
	safe("\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd", TEXT_LINES);
	safe("\xc2\x9b"
	     "31m",
	    "<9B>31m", TEXT_LINES);
	safe("\x7f", "^?", TEXT_LINES);
}

/* Whatever the bytes: the result is UTF-8 without controls, and it fits. */
static void
test_any_bytes_become_safe(void **state)
{
	uint64_t x = 88172645463325252ULL;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t in[40];
		char out[64];
		size_t n, cap = (size_t)(x % sizeof(out)) + 1;

		for (size_t i = 0; i < sizeof(in); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			in[i] = (uint8_t)(x & 1 ? x >> 8 : 0xc0 | (x >> 8));
		}
		n = text_safe(out, cap, SPAN(in), TEXT_ONE_LINE);
		assert_true(n < cap);
		assert_int_equal(out[n], '\0');
		assert_int_equal(strlen(out), n);
		assert_true(text_is_utf8(span_str(out)));
		for (size_t i = 0; i < n; i++)
			assert_true(
			    (unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	}
}

static void
test_widths(void **state)
{
	(void)state;
	assert_int_equal(text_width(span_str("abc")), 3);
	assert_int_equal(text_width(span_str("\xe6\x97\xa5\xe6\x9c\xac")), 4);
	assert_int_equal(text_width(span_str("e\xcc\x81")), 1);
	assert_int_equal(text_width(span_str("\xf0\x9f\x98\x80")), 2);
	/* Nothing is cut in half. */
	assert_int_equal(text_fit(span_str("a\xe6\x97\xa5"), 2), 1);
	assert_int_equal(text_fit(span_str("a\xe6\x97\xa5"), 3), 4);
	assert_int_equal(text_fit(span_str("e\xcc\x81x"), 1), 3);
}

/* ---- files ---- */

static void
test_file_is_replaced_as_a_whole(void **state)
{
	const char *path = in_dir("file");
	struct stat st;
	uint8_t *b;
	size_t n;

	(void)state;
	assert_int_equal(file_write(path, span_str("one"), 0600), SOTTO_OK);
	assert_int_equal(file_write(path, span_str("two"), 0600), SOTTO_OK);
	assert_int_equal(file_read(path, 10, &b, &n), SOTTO_OK);
	assert_true(span_eq((struct span){ b, n }, span_str("two")));
	free(b);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(path, 2, &b, &n), SOTTO_ETOOBIG);
	assert_int_equal(file_read(in_dir("none"), 2, &b, &n), SOTTO_EIO);
	/* Where it cannot be written, the old one stays and nothing new. */
	assert_int_equal(file_write(in_dir("no/where"), span_str("x"), 0600),
	    SOTTO_EIO);
	assert_int_equal(file_mkdirs(in_dir("a/b/c")), SOTTO_OK);
	assert_int_equal(file_mkdirs(in_dir("a/b/c")), SOTTO_OK);
	assert_int_equal(file_mkdirs(in_dir("file/x")), SOTTO_EIO);
}

static const char *
on_conf(void *ctx, const char *section, const char *key, const char *value)
{
	char *out = ctx;

	if (strcmp(key, "bad") == 0)
		return "is bad";
	(void)snprintf(out + strlen(out), 200 - strlen(out), "%s.%s=%s;",
	    section, key, value);
	return NULL;
}

static void
test_conf(void **state)
{
	char got[200] = "", err[CONF_ERR_MAX];
	unsigned long long v;
	int on;

	(void)state;
	assert_int_equal(file_write(in_dir("c"),
			     span_str("# a comment\n[a]\nx = 1\n[b]\ny=two\n"),
			     0600),
	    SOTTO_OK);
	assert_int_equal(conf_load(in_dir("c"), on_conf, got, err), SOTTO_OK);
	assert_string_equal(got, "a.x=1;b.y=two;");
	assert_int_equal(file_write(in_dir("c"), span_str("[a]\nx=1\nbad=1\n"),
			     0600),
	    SOTTO_OK);
	assert_int_equal(conf_load(in_dir("c"), on_conf, got, err),
	    SOTTO_EFORMAT);
	assert_non_null(strstr(err, "3")); /* the line */
	assert_non_null(strstr(err, "is bad"));
	assert_int_equal(conf_bool("yes", &on), SOTTO_OK);
	assert_int_equal(on, 1);
	assert_int_equal(conf_bool("maybe", &on), SOTTO_EFORMAT);
	assert_int_equal(conf_number("64M", 1, 1 << 30, &v), SOTTO_OK);
	assert_int_equal(v, 64 << 20);
	assert_int_not_equal(conf_number("99999999999999999999", 0, 10, &v),
	    SOTTO_OK);
	assert_int_not_equal(conf_number("-1", 0, 10, &v), SOTTO_OK);
	assert_int_not_equal(conf_number("5x", 0, 10, &v), SOTTO_OK);
	assert_int_not_equal(conf_number("", 0, 10, &v), SOTTO_OK);
}

/* ---- mailbox ---- */

struct note {
	struct mbox_msg head;
	int n;
};

static void
free_note(struct mbox_msg *m)
{
	free(m);
}

static void *
post_many(void *ctx)
{
	for (int i = 0; i < 10000; i++) {
		struct note *x = calloc(1, sizeof(*x));

		x->head.free = free_note;
		x->n = i;
		while (mbox_post(ctx, &x->head) == SOTTO_EAGAIN)
			(void)usleep(10);
	}
	return NULL;
}

static void
test_mbox_keeps_order_across_threads(void **state)
{
	struct mbox *b = mbox_new(64);
	pthread_t t;
	int want = 0;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, post_many, b), 0);
	while (want < 10000) {
		struct note *x = (struct note *)(void *)mbox_take(b);

		if (x == NULL)
			continue;
		assert_int_equal(x->n, want++);
		free(x);
	}
	(void)pthread_join(t, NULL);
	assert_null(mbox_take(b));
	mbox_free(b);
}

/* ---- log ---- */

static void
test_log_lines_cannot_be_forged(void **state)
{
	struct log *l = log_open(in_dir("log"), LOG_INFO);
	struct stat st;
	uint8_t *b;
	size_t n;

	(void)state;
	assert_non_null(l);
	log_say(l, LOG_INFO, "name %s", "x\n2026-01-01T00:00:00Z info faked");
	log_say(l, LOG_DEBUG, "not this one");
	log_close(l);
	assert_int_equal(file_read(in_dir("log"), 4096, &b, &n), SOTTO_OK);
	assert_null(memmem(b, n, "not this one", 12));
	/* One line, whatever was in the name. */
	assert_ptr_equal(memchr(b, '\n', n), b + n - 1);
	free(b);
	assert_int_equal(stat(in_dir("log"), &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

/* ---- secrets ---- */

static void
test_secrets(void **state)
{
	uint8_t *p = secret_alloc(100), zero[32] = { 0 }, x[32];

	(void)state;
	assert_non_null(p);
	secret_random(x, sizeof(x));
	assert_false(secret_eq(x, zero, sizeof(x)));
	secret_wipe(x, sizeof(x));
	assert_true(secret_eq(x, zero, sizeof(x)));
	secret_free(p);
	secret_free(NULL);
}

/* ---- the store ---- */

static const char *const steps[] = { "CREATE TABLE t (a INTEGER, b BLOB)",
	"ALTER TABLE t ADD COLUMN c TEXT" };

/* [weakness] A second handle of the process must not drop the first one's
 * locks: SQLite then takes the log away under it. */
static void
test_db_handles_do_not_disturb_each_other(void **state)
{
	const struct db_schema sc = { 0x534f5454, steps, 2 };
	struct db *one, *two;
	char err[DB_ERR_MAX], cmd[256];
	struct db_stmt *st;
	int fd;

	(void)state;
	assert_int_equal(db_open(&one, in_dir("t.db"), &sc, err), SOTTO_OK);
	assert_int_equal(db_exec(one, "INSERT INTO t VALUES (1, x'00', 'a')"),
	    SOTTO_OK);
	assert_int_equal(db_open(&two, in_dir("t.db"), &sc, err), SOTTO_OK);
	/* Another process sees that the file is in use: it is not the last
	 * one, and leaves the log alone. */
	(void)snprintf(cmd, sizeof(cmd), "test -e %s && test -e %s",
	    in_dir("t.db-wal"), in_dir("t.db-shm"));
	assert_int_equal(system(cmd), 0);
	fd = open(in_dir("t.db"), O_RDONLY);
	assert_true(fd >= 0);
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	pid_t pid = fork();

	if (pid == 0) /* locks of this process are seen from another one only */
		_exit(
		    fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK ? 0 : 1);
	int status;

	(void)waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	db_close(two);
	assert_int_equal(db_prepare(one, "SELECT a FROM t", &st), SOTTO_OK);
	assert_int_equal(db_step(st), DB_ROW);
	assert_int_equal(db_col_int(st, 0), 1);
	db_stmt_free(st);
	db_close(one);
	(void)close(fd);
}

static void
test_db_refuses_what_is_not_its_own(void **state)
{
	const struct db_schema sc = { 0x534f5454, steps, 2 },
			       other = { 0x11111111, steps, 2 },
			       older = { 0x534f5454, steps, 1 };
	char err[DB_ERR_MAX];
	struct db *d;

	(void)state;
	assert_int_equal(db_open(&d, in_dir("t.db"), &other, err),
	    SOTTO_EFORMAT);
	/* Made by a newer version. */
	assert_int_equal(db_open(&d, in_dir("t.db"), &older, err),
	    SOTTO_ESTATE);
	assert_int_equal(file_write(in_dir("junk.db"),
			     span_str("this is no database, but a text that is "
				      "longer than a header of one is"),
			     0600),
	    SOTTO_OK);
	assert_int_not_equal(db_open(&d, in_dir("junk.db"), &sc, err),
	    SOTTO_OK);
	assert_true(err[0] != '\0');
}

static void
test_pool(void **state)
{
	enum {
		N = 5000,
		SIZE = 150
	};
	static uint8_t *o[N];
	struct pool *p = pool_new(SIZE);

	(void)state;
	assert_non_null(p);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < N; i++) {
			static const uint8_t zero[SIZE];

			o[i] = pool_get(p);
			assert_non_null(o[i]);
			assert_memory_equal(o[i], zero, SIZE);
			assert_int_equal((uintptr_t)o[i] % 16, 0);
			memset(o[i], (int)(i & 0xff), SIZE);
		}
		/* None lies in another one. */
		for (size_t i = 0; i < N; i++)
			assert_true(o[i][0] == (i & 0xff) &&
			    o[i][SIZE - 1] == (i & 0xff));
		for (size_t i = 0; i < N; i++)
			pool_put(p, o[i]);
	}
	pool_put(p, NULL);
	pool_free(p);
	pool_free(NULL);
}

static void
test_qr_and_clock(void **state)
{
	char iso[CLOCK_ISO_LEN], big[600];
	struct qr q = { 0 };

	(void)state;
	clock_iso(iso, 1780000000123ULL);
	assert_string_equal(iso, "2026-05-28T20:26:40Z");
	assert_int_equal(qr_make(&q, "sotto:relay.example", 0), SOTTO_OK);
	assert_true(q.rows > 10 && q.cols > 20);
	for (int i = 0; i < q.rows; i++)
		assert_int_equal(text_width(span_str(q.row[i])), q.cols);
	qr_free(&q);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(qr_make(&q, big, 1), SOTTO_ETOOBIG);
}

static void
expect_edit(const char *before, const char *section, const char *key,
    const char *value, const char *after)
{
	char *out = conf_edit(span_str(before), section, key, value);

	assert_non_null(out);
	assert_string_equal(out, after);
	free(out);
}

/* One value, and nothing else of the file. */
static void
test_conf_edit(void **state)
{
	(void)state;
	expect_edit("", "look", "theme", "mono", "[look]\ntheme = mono\n");
	expect_edit("[look]\ntheme=calm # mine\n", "look", "theme", "mono",
	    "[look]\ntheme = mono\n");
	expect_edit("# top\n[key]\npasses = 3\n", "look", "ascii", "yes",
	    "# top\n[key]\npasses = 3\n\n[look]\nascii = yes\n");
	/* Behind what its section has; not in another one of the same key. */
	expect_edit("[a]\nx = 1\n\n[look]\ny = 2\n# end\n\n[b]\nx = 3\n",
	    "look", "x", "9",
	    "[a]\nx = 1\n\n[look]\ny = 2\n# end\nx = 9\n\n[b]\nx = 3\n");
	expect_edit("[look]\n#theme = a\nthemes = b\n", "look", "theme", "c",
	    "[look]\n#theme = a\nthemes = b\ntheme = c\n");
	expect_edit("[look]\r\ntheme = a\r\n", "look", "theme", "b",
	    "[look]\r\ntheme = b\n");
	expect_edit("[look]", "look", "theme", "b", "[look]\ntheme = b\n");
}

static void
test_conf_edit_file(void **state)
{
	char path[160], deep[160];
	uint8_t *text = NULL;
	size_t n = 0;

	(void)state;
	(void)snprintf(deep, sizeof(deep), "%s/new/folder/x.conf", dir);
	assert_int_equal(conf_edit_file(deep, "a", "b", "c"), SOTTO_OK);
	assert_int_equal(conf_edit_file(deep, "a", "d", "e"), SOTTO_OK);
	assert_int_equal(file_read(deep, 100, &text, &n), SOTTO_OK);
	assert_string_equal((char *)text, "[a]\nb = c\nd = e\n");
	free(text);
	/* A link to it stays one. */
	(void)snprintf(path, sizeof(path), "%s/link.conf", dir);
	assert_int_equal(symlink(deep, path), 0);
	assert_int_equal(conf_edit_file(path, "a", "d", "f"), SOTTO_OK);
	assert_true(readlink(path, (char[256]){ 0 }, 255) > 0);
	assert_int_equal(file_read(deep, 100, &text, &n), SOTTO_OK);
	assert_string_equal((char *)text, "[a]\nb = c\nd = f\n");
	free(text);
	/* A folder in its place: told, and left. */
	(void)snprintf(path, sizeof(path), "%s/new", dir);
	assert_int_equal(conf_edit_file(path, "a", "b", "c"), SOTTO_EIO);
}

static void
test_json(void **state)
{
	char out[256] = "";
	FILE *f = fmemopen(out, sizeof(out), "w");
	struct json j;

	(void)state;
	assert_non_null(f);
	json_begin(&j, f);
	json_str(&j, "a",
	    "\"x\\\n\x01\x7f "
	    "\xc2\x9b"
	    "\xc2\xa0\xc3\xa4 \xff");
	json_int(&j, "b", UINT64_MAX);
	json_bool(&j, "c", 0);
	json_end(&j);
	(void)fclose(f);
	assert_string_equal(out,
	    "{\"a\":\"\\\"x\\\\\\u000a\\u0001\\u007f \\u009b\xc2\xa0\xc3\xa4 "
	    "\xef\xbf\xbd\",\"b\":18446744073709551615,\"c\":false}\n");
}

static void
expect_link(const char *text, const char *want)
{
	struct span link;
	const int found = text_link(span_str(text), &link);

	if (want == NULL) {
		assert_false(found);
		return;
	}
	assert_true(found);
	assert_true(span_eq(link, span_str(want)));
}

static void
test_links(void **state)
{
	(void)state;
	expect_link("see https://a.example/b?c=d#e, now",
	    "https://a.example/b?c=d#e");
	expect_link("(http://x.example).", "http://x.example");
	expect_link("https://x.example/\xc3\xa4", "https://x.example/");
	expect_link("https:// nothing", NULL);
	expect_link("ftp://x javascript:x file:///etc", NULL);
	expect_link("", NULL);
	expect_link("https://x\033[2Jy", "https://x");
}

int
main(void)
{
	struct secret_state st;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursors_stick_at_the_first_error),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_that_look_alike),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_any_bytes_become_safe),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_file_is_replaced_as_a_whole),
		cmocka_unit_test(test_conf),
		cmocka_unit_test(test_conf_edit),
		cmocka_unit_test(test_conf_edit_file),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_mbox_keeps_order_across_threads),
		cmocka_unit_test(test_log_lines_cannot_be_forged),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_db_handles_do_not_disturb_each_other),
		cmocka_unit_test(test_db_refuses_what_is_not_its_own),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_qr_and_clock),
	};

	(void)secret_harden(&st);
	return cmocka_run_group_tests_name("base", tests, make_dir, remove_dir);
}
