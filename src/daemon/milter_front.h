/* SPDX-License-Identifier: ISC */
/* The milter: libmilter's callbacks learn, ask the session, and give its answer to the MTA. */
#ifndef DRAGOMAN_MILTER_FRONT_H
#define DRAGOMAN_MILTER_FRONT_H

#include <stdbool.h>

/*
 * Serves MTAs on `listener`, a listening socket, until milter_front_stop(); the snapshot in force
 * (generation.h) must be set. Returns 0, or 1 after a line in the log.
 */
int milter_front_run(int listener);

/* From one thread: whether callbacks come to their end. False where some are at work and none has
 * ended since the question was asked before. */
bool milter_front_is_alive(void);

/* From any thread: lets the callbacks that run come to their end, at most for two seconds, and ends
 * the process. */
void milter_front_stop(void);

#endif
