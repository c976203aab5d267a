#include "base/clock.h"

#include <string.h>
#include <time.h>

static uint64_t
read_ms(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

uint64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

void
clock_iso(char out[CLOCK_ISO_LEN], uint64_t wall_ms)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(out, CLOCK_ISO_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		memcpy(out, "0000-00-00T00:00:00Z", CLOCK_ISO_LEN);
}
