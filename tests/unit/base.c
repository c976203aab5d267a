/* The floor: bytes, objects of one size, mailbox, secrets, QR. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mbox.h"
#include "base/pool.h"
#include "base/qr.h"
#include "base/secret.h"
#include "base/text.h"

#include "tests/lib/cm.h"

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

/* ---- objects of one size ---- */

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

/* ---- the rest ---- */

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

int
main(void)
{
	struct secret_state st;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursors_stick_at_the_first_error),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_mbox_keeps_order_across_threads),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_qr_and_clock),
	};

	(void)secret_harden(&st);
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
