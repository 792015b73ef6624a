/* SPDX-License-Identifier: ISC */
/* A child of the supervisor: one front end in a process of its own. */
#ifndef DRAGOMAN_CHILD_H
#define DRAGOMAN_CHILD_H

#include "front.h"

/* What a process of its own serves. */
struct service {
    const struct front *front;
    GArray *endpoints; /* struct endpoint */
};

/*
 * Serves until the supervisor closes the other end of `control` or ends. The snapshot of `settings`
 * is in force until the supervisor tells to read the configuration `file` again. Returns the exit
 * status of the process.
 */
int child_run(const struct service *service, int control, const struct settings *settings,
              const char *file);

/* The supervisor's side of `control`: tells the child to read the configuration again; asks for a
 * sign of life; takes the signs that have come, and says whether there was one. */
void child_tell_reload(int control);
void child_ask_heartbeat(int control);
bool child_take_heartbeats(int control);

#endif
