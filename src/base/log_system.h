/* log_system - the system's log, whose names clash with those of log.h; for
 * log.c only. */
#ifndef BASE_LOG_SYSTEM_H
#define BASE_LOG_SYSTEM_H

void log_system_open(void);
/* log_system_say - level: 0 an error, 1 a warning, 2 to be known, 3 for finding
 * a fault.  Thread: any. */
void log_system_say(int level, const char *line);

#endif
