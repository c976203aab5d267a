/* The relay's log: what strangers cause is told, but not without end. */
#include "sottod/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#include "tests/lib/cm.h"

static unsigned
count_in(const char *path, const char *part)
{
	uint8_t *text = NULL;
	unsigned n = 0;
	size_t len = 0;

	assert_int_equal(file_read(path, 1 << 20, &text, &len), SOTTO_OK);
	for (const char *p = (char *)text; (p = strstr(p, part)) != NULL; n++)
		p += strlen(part);
	free(text);
	return n;
}

static void
test_strangers_have_so_many_lines(void **state)
{
	char path[] = "/tmp/sotto-audit.XXXXXX";
	struct audit a = { .names = 1 };
	const struct tcp_peer peer = { 0 };
	struct name n;
	const int fd = mkstemp(path);
	uint64_t now = 5000000;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	a.log = log_open(path, LOG_INFO);
	assert_non_null(a.log);
	assert_int_equal(name_parse(&n, span_str("alice")), SOTTO_OK);
	for (unsigned i = 0; i < 2 * AUDIT_STRANGERS; i++) {
		audit_login_failed(&a, now, i, &peer, NULL, "no reason", NULL);
		audit_turned_away(&a, now, i, "no reason");
	}
	assert_int_equal(count_in(path, "no reason"), AUDIT_STRANGERS);
	/* Those who are in do not share with them, nor do names that failed. */
	for (unsigned i = 0; i < AUDIT_STRANGERS + 7; i++)
		audit_login_failed(&a, now, i, &peer, &n, "a wrong key", NULL);
	assert_int_equal(count_in(path, "for alice: a wrong key"),
	    AUDIT_STRANGERS);
	audit_enrolled(&a, 1, &n);
	audit_closed(&a, 1, "a reason");
	assert_int_equal(count_in(path, "enrolled alice"), 1);
	assert_int_equal(count_in(path, "closed: a reason"), 1);
	/* Told once, when the time is over, and they may again. */
	audit_sweep(&a, now + AUDIT_MS - 1);
	assert_int_equal(count_in(path, "more lines"), 0);
	now += AUDIT_MS;
	audit_sweep(&a, now);
	audit_sweep(&a, now + 1);
	assert_int_equal(count_in(path, " 300 more lines about"), 1);
	assert_int_equal(count_in(path, " 7 more lines about"), 1);
	audit_turned_away(&a, now + 2, 9, "another reason");
	assert_int_equal(count_in(path, "conn 9: closed: another reason"), 1);
	audit_sweep(&a, now + AUDIT_MS);
	assert_int_equal(count_in(path, "more lines"), 2);
	log_close(a.log);
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers_have_so_many_lines),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
