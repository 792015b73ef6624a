/* SPDX-License-Identifier: ISC */
#ifndef DRAGOMAN_PRIVILEGES_H
#define DRAGOMAN_PRIVILEGES_H

#include <stdbool.h>

/*
 * Gives up root for good: becomes `user` ("dragoman", else "nobody", where it is NULL) and `group`
 * (the user's own where it is NULL). Does nothing where the process is not root. False, after a
 * line in the log, if it cannot be done; the process must not go on then.
 */
bool privileges_drop(const char *user, const char *group);

#endif
