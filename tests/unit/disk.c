/* What is on the disk: files, configurations, logs, databases. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/conf_edit.h"
#include "base/db.h"
#include "base/file.h"
#include "base/log.h"

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

/* ---- configurations ---- */

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

/* ---- databases ---- */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_is_replaced_as_a_whole),
		cmocka_unit_test(test_conf),
		cmocka_unit_test(test_conf_edit),
		cmocka_unit_test(test_conf_edit_file),
		cmocka_unit_test(test_log_lines_cannot_be_forged),
		cmocka_unit_test(test_db_handles_do_not_disturb_each_other),
		cmocka_unit_test(test_db_refuses_what_is_not_its_own),
	};

	return cmocka_run_group_tests_name("disk", tests, make_dir, remove_dir);
}
