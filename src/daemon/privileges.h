/* SPDX-License-Identifier: ISC */
#ifndef DRAGOMAN_PRIVILEGES_H
#define DRAGOMAN_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

/* Who the daemon is once it serves. */
struct identity {
    char name[256];
    uid_t uid;
    gid_t gid;
};

/*
 * The identity for `user` ("dragoman", else "nobody", where it is NULL) and `group` (the user's own
 * where it is NULL); what the process is already where that is not root. False, after a line in the
 * log, if there is none.
 */
bool privileges_find(const char *user, const char *group, struct identity *identity);

/*
 * Gives up root for good. Does nothing where the process is not root. False, after a line in the
 * log, if it cannot be done; the process must not go on then.
 */
bool privileges_drop(const struct identity *identity);

#endif
