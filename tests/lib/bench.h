/*
 * bench - figures of tests/bench: medians of several rounds, CPU of this
 * thread, one tab-separated line each; tests/bench/run.sh names the columns.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>

#define BENCH_ROUNDS 9

struct figure {
	double v[BENCH_ROUNDS];
	size_t n;
};

double bench_cpu_us(void);
/* bench_middle, bench_median - sort. */
double bench_middle(double *v, size_t n);
double bench_median(struct figure *f);
/* bench_print - to > 0: also as a multiple of that, which what names. */
void bench_print(const char *name, struct figure *f, const char *unit,
    double to, const char *what);
/* bench_goal - the same; the multiple, or without one the figure, is to be at
 * most goal (at least, if it is negative). */
void bench_goal(const char *name, struct figure *f, const char *unit, double to,
    const char *what, double goal);

#define TIMES(fig, count, code)                                                \
	for (size_t r_ = 0; r_ < BENCH_ROUNDS; r_++) {                         \
		const double at_ = bench_cpu_us();                             \
                                                                               \
		for (int i_ = 0; i_ < (count); i_++) {                         \
			code;                                                  \
		}                                                              \
		(fig)->v[r_] = (bench_cpu_us() - at_) / (count);               \
		(fig)->n = BENCH_ROUNDS;                                       \
	}

#endif
