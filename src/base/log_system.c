#include "base/log_system.h"

#include <syslog.h>

void
log_system_open(void)
{
	openlog("sottod", LOG_PID, LOG_DAEMON);
}

void
log_system_say(int level, const char *line)
{
	static const int ours[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

	syslog(ours[level & 3], "%s", line);
}
