/*
 * doctor - what this terminal does, as it was measured: remembered from one
 * start to the next, and shown by `sotto doctor`.  Thread: main.
 */
#ifndef SOTTO_DOCTOR_H
#define SOTTO_DOCTOR_H

#include "sotto/conf.h"
#include "ui/term_curses.h"

/* doctor_recall - what was measured of this terminal; "": it never was. */
void doctor_recall(char out[TERM_MEASURE_MAX]);
/* doctor_remember - the newest in front; harmless if it cannot be written. */
void doctor_remember(const char *measured);

/* doctor_run - measure, show, remember; also what else matters for running
 * here.  Returns the exit status: 1 if something is wrong. */
int doctor_run(const struct sotto_conf *c);

#endif
