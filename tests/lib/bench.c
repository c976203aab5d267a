#include "tests/lib/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double
bench_cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
order(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
bench_middle(double *v, size_t n)
{
	qsort(v, n, sizeof(v[0]), order);
	return v[n / 2];
}

double
bench_median(struct figure *f)
{
	return bench_middle(f->v, f->n);
}

void
bench_goal(const char *name, struct figure *f, const char *unit, double to,
    const char *what, double goal)
{
	const double m = bench_median(f), v = to > 0 ? m / to : m;

	(void)printf("bench\t%s\t%.2f\t%.2f\t%.2f\t%s\t", name, m, f->v[0],
	    f->v[f->n - 1], unit);
	if (to > 0)
		(void)printf("%.2f\t%s\t", v, what);
	else
		(void)printf("-\t-\t");
	if (goal > 0 || goal < 0)
		(void)printf("%g\t%s\n", goal > 0 ? goal : -goal,
		    (goal > 0 ? v <= goal : v >= -goal) ? "met" : "missed");
	else
		(void)printf("-\t-\n");
	(void)fflush(stdout);
}

void
bench_print(const char *name, struct figure *f, const char *unit, double to,
    const char *what)
{
	bench_goal(name, f, unit, to, what, 0);
}
