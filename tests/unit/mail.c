/* What the relay keeps for people who are away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/prekey.h"
#include "sottod/mail_db.h"
#include "tests/lib/cm.h"

#define DAY (24ULL * 3600)
#define NOW 1780000000ULL

struct box {
	char dir[64];
	struct mail_db *m;
	uint64_t first;
};

static void
open_it(struct box *b)
{
	char err[DB_ERR_MAX];

	assert_int_equal(mail_db_open(&b->m, b->dir, &b->first, err), SOTTO_OK);
}

static int
setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/sotto-unit.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	open_it(b);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct box *b = *state;
	char cmd[128];

	mail_db_close(b->m);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", b->dir);
	assert_int_equal(system(cmd), 0);
	free(b);
	return 0;
}

static struct name
named(const char *s)
{
	struct name n;

	assert_int_equal(name_parse(&n, span_str(s)), SOTTO_OK);
	return n;
}

static int
put(struct box *b, uint64_t place, const char *to, uint64_t ref,
    const char *body)
{
	const struct mail m = { .place = place,
		.to = named(to),
		.from = named("alice"),
		.ref = ref,
		.type = CHAT_MESSAGE,
		.at = NOW,
		.body = span_str(body) };
	int stored = -1;

	assert_int_equal(mail_db_put(b->m, &m, &stored), SOTTO_OK);
	return stored;
}

struct seen {
	char text[256];
	size_t n, max;
};

static int
see(void *ctx, const struct mail *m)
{
	struct seen *s = ctx;
	const size_t n = strlen(s->text);

	assert_string_equal(m->from.s,
	    m->type == CHAT_EXPIRED ? "bob" : "alice");
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%llu:%.*s ",
	    (unsigned long long)m->place,
	    m->type == CHAT_EXPIRED ? 7 : (int)m->body.n,
	    m->type == CHAT_EXPIRED ? "expired" : (const char *)m->body.p);
	return ++s->n < s->max;
}

static void
assert_mail(struct box *b, const char *user, uint64_t after, size_t max,
    const char *want)
{
	const struct name n = named(user);
	struct seen s = { .max = max };

	assert_int_equal(mail_db_read(b->m, &n, after, see, &s), SOTTO_OK);
	assert_string_equal(s.text, want);
}

static void
test_in_order_once_and_until_confirmed(void **state)
{
	struct box *b = *state;
	const struct name bob = named("bob");
	struct mail_size freed;
	struct mail_stock st;

	assert_int_equal(put(b, 11, "bob", 1, "a"), 1);
	assert_int_equal(put(b, 12, "eve", 1, "x"), 1);
	assert_int_equal(put(b, 13, "bob", 2, "b"), 1);
	/* The same again is kept once. */
	assert_int_equal(put(b, 14, "bob", 1, "a"), 0);
	assert_int_equal(put(b, 15, "bob", 3, "c"), 1);
	mail_db_close(b->m);
	open_it(b);
	assert_mail(b, "bob", 0, 9, "11:a 13:b 15:c ");
	assert_mail(b, "bob", 11, 1, "13:b ");
	assert_int_equal(mail_db_cut(b->m, &bob, 13, &freed), SOTTO_OK);
	assert_true(freed.n == 2 && freed.bytes == 2);
	assert_mail(b, "bob", 0, 9, "15:c ");
	assert_mail(b, "eve", 0, 9, "12:x ");
	/* What is confirmed stays so. */
	assert_int_equal(mail_db_cut(b->m, &bob, 5, &freed), SOTTO_OK);
	assert_true(freed.n == 0);
	assert_int_equal(mail_db_stock(b->m, &bob, &st), SOTTO_OK);
	assert_true(st.acked == 13 && st.epoch == 0 && st.n_ones == 0);
}

static void
test_places_rise_over_restarts(void **state)
{
	struct box *b = *state;
	const uint64_t before = b->first;

	mail_db_close(b->m);
	open_it(b);
	assert_true(b->first >= before + (1ULL << 32));
}

static void
test_undone_as_a_whole(void **state)
{
	struct box *b = *state;

	assert_int_equal(mail_db_begin(b->m), SOTTO_OK);
	(void)put(b, 11, "bob", 1, "a");
	assert_int_equal(mail_db_end(b->m, 0), SOTTO_OK);
	assert_mail(b, "bob", 0, 9, "");
	assert_int_equal(mail_db_begin(b->m), SOTTO_OK);
	(void)put(b, 11, "bob", 1, "a");
	assert_int_equal(mail_db_end(b->m, 1), SOTTO_OK);
	assert_mail(b, "bob", 0, 9, "11:a ");
}

static size_t n_boxes;

static void
on_size(void *ctx, const struct mail_size *s)
{
	(void)ctx;
	n_boxes++;
	assert_string_equal(s->user.s, "bob");
	assert_true(s->n == 2 && s->bytes == 5);
}

static void
test_old_mail_is_given_up_and_told(void **state)
{
	struct box *b = *state;
	struct mail_size freed, told;

	(void)put(b, 11, "bob", 7, "aa");
	(void)put(b, 12, "bob", 8, "bbb");
	n_boxes = 0;
	assert_int_equal(mail_db_sizes(b->m, on_size, NULL), SOTTO_OK);
	assert_int_equal(n_boxes, 1);
	assert_int_equal(mail_db_expire(b->m, NOW - DAY, NOW, 20, &freed,
			     &told),
	    SOTTO_EAGAIN);
	assert_int_equal(mail_db_expire(b->m, NOW + 1, NOW + 15 * DAY, 20,
			     &freed, &told),
	    SOTTO_OK);
	assert_string_equal(freed.user.s, "bob");
	assert_string_equal(told.user.s, "alice");
	assert_true(freed.bytes == 2 && told.n == 1);
	assert_mail(b, "bob", 0, 9, "12:bbb ");
	assert_mail(b, "alice", 0, 9, "20:expired ");
	/* A notice that nobody fetches ends without another one. */
	assert_int_equal(mail_db_expire(b->m, NOW + 1, NOW + 15 * DAY, 21,
			     &freed, &told),
	    SOTTO_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mail_db_expire(b->m, NOW + 16 * DAY,
				     NOW + 30 * DAY, 30, &freed, &told),
		    SOTTO_OK);
		assert_true(told.n == 0);
	}
	assert_int_equal(mail_db_expire(b->m, NOW + 16 * DAY, NOW + 30 * DAY,
			     31, &freed, &told),
	    SOTTO_EAGAIN);
}

/* Keys of that number, all of one byte. */
static void
one_time(uint8_t *out, uint32_t number, uint8_t v)
{
	struct wr w;

	memset(out, v, PREKEY_ONE_LEN);
	wr_init(&w, out, 4);
	wr_u32(&w, number);
}

static void
test_prekeys(void **state)
{
	struct box *b = *state;
	const struct name bob = named("bob"), eve = named("eve");
	uint8_t ones[102 * PREKEY_ONE_LEN], bundle[64], one[PREKEY_ONE_LEN];
	size_t n = 0, one_len = 0;
	struct mail_stock st;

	assert_int_equal(mail_db_take(b->m, &bob, bundle, sizeof(bundle), &n,
			     one, &one_len),
	    SOTTO_EAGAIN);
	for (uint32_t i = 0; i < 102; i++)
		one_time(ones + i * PREKEY_ONE_LEN, i + 1, (uint8_t)(i + 1));
	assert_int_equal(mail_db_publish(b->m, &bob, 1, span_str("first"),
			     SPAN(ones)),
	    SOTTO_OK);
	assert_int_equal(mail_db_stock(b->m, &bob, &st), SOTTO_OK);
	/* No more than a hundred. */
	assert_true(st.epoch == 1 && st.n_ones == PREKEY_ONE_MAX);
	/* Each is given out once, the oldest first. */
	for (uint8_t i = 1; i <= 2; i++) {
		assert_int_equal(mail_db_take(b->m, &bob, bundle,
				     sizeof(bundle), &n, one, &one_len),
		    SOTTO_OK);
		assert_true(
		    span_eq((struct span){ bundle, n }, span_str("first")));
		assert_int_equal(one_len, PREKEY_ONE_LEN);
		assert_int_equal(one[10], i);
	}
	/* A new bundle ends those before it. */
	assert_int_equal(mail_db_publish(b->m, &bob, 2, span_str("second"),
			     (struct span){ NULL, 0 }),
	    SOTTO_OK);
	assert_int_equal(mail_db_take(b->m, &bob, bundle, sizeof(bundle), &n,
			     one, &one_len),
	    SOTTO_OK);
	assert_int_equal(one_len, 0);
	assert_true(span_eq((struct span){ bundle, n }, span_str("second")));
	/* And a bundle that is too large for who asks is no bundle. */
	assert_int_equal(mail_db_take(b->m, &bob, bundle, 3, &n, one, &one_len),
	    SOTTO_EFORMAT);
	assert_int_equal(mail_db_take(b->m, &eve, bundle, sizeof(bundle), &n,
			     one, &one_len),
	    SOTTO_EAGAIN);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_in_order_once_and_until_confirmed),
		T(test_places_rise_over_restarts),
		T(test_undone_as_a_whole),
		T(test_old_mail_is_given_up_and_told),
		T(test_prekeys),
	};

	return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
