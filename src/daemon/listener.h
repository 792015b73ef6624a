/* SPDX-License-Identifier: ISC */
/* The sockets that MTAs connect to. */
#ifndef DRAGOMAN_LISTENER_H
#define DRAGOMAN_LISTENER_H

#include "dragoman/settings.h"
#include "privileges.h"

/*
 * Opens the socket of a listener, listening: a unix socket with the mode and group that the
 * settings name, in the place of a stale one, and `owner`'s own, who has to remove it. Returns the
 * descriptor, which the caller closes; or -1 after a line in the log that says what to do.
 */
int listener_open(const struct listener *listener, const struct identity *owner);

/* Removes the file of a unix socket. */
void listener_remove(const struct listener *listener);

#endif
