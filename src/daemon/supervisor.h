/* SPDX-License-Identifier: ISC */
/*
 * The supervisor opens the sockets, gives up root, and keeps one child for each of them: it starts
 * a child again that ends by itself, hands a new configuration to all of them, and ends them.
 */
#ifndef DRAGOMAN_SUPERVISOR_H
#define DRAGOMAN_SUPERVISOR_H

#include "dragoman/settings.h"

/* Runs until SIGTERM or SIGINT; takes `settings` over. `ready` (or NULL) is called once all sockets
 * listen. Returns the exit status of the program. */
int supervisor_run(struct settings *settings, const char *file, void (*ready)(void));

#endif
