/* SPDX-License-Identifier: ISC */
/*
 * What `dragoman doctor` finds out: the hooks of an MTA, each with its state; what is not safe; and
 * the lines that connect what is missing.
 */
#ifndef DRAGOMAN_CHECKUP_H
#define DRAGOMAN_CHECKUP_H

#include "dragoman/settings.h"
#include "endpoint.h"

enum hook_state {
    HOOK_CONNECTED,
    HOOK_UNSAFE,     /* connected, but mail suffers when dragomand does */
    HOOK_MISSING,    /* not connected */
    HOOK_NOT_NEEDED, /* not connected, and that is well */
    HOOK_TOO_NEW     /* this MTA does not have it */
};

/* A version of an MTA; {0, 0}: not known. */
struct mta_version {
    unsigned major, minor;
};

/* Reads the "3.7" of "3.7.11"; false if that is not there. */
bool mta_version_parse(const char *text, struct mta_version *version);
bool mta_version_is_before(struct mta_version version, unsigned major, unsigned minor);

struct checkup {
    const struct settings *dragoman; /* of which `listen` is read */
    struct complaints *findings;     /* about the configuration of the MTA */
    GPtrArray *hooks;                /* in the order in which they are shown */
    GPtrArray *lines;                /* char *: what is missing in the MTA's configuration */
    GPtrArray *dragoman_lines;       /* char *: what is missing in dragoman's own */
};

struct checkup *checkup_new(const struct settings *dragoman);
void checkup_free(struct checkup *checkup);

/* One more hook; `remark` says what it is for, or why it is in this state. */
void checkup_add(struct checkup *checkup, enum hook_state state, const char *name,
                 const char *remark);

/* One more line that connects something. */
void checkup_line(struct checkup *checkup, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The socket on which dragoman serves this protocol: the first
 * `listen` of it; where there is none, the usual one, and a line that makes it. To be cleared. */
struct endpoint checkup_socket(struct checkup *checkup, enum protocol protocol);

/* The `listen` of this protocol that is at this socket; `paths` are the names (NULL at the end) by
 * which a unix socket can be meant. NULL: dragoman does not listen there. */
const struct listener *checkup_find(const struct checkup *checkup, enum protocol protocol,
                                    const struct endpoint *asked, const char *const *paths);

/* Everything on standard output; `mta` and `file` say what was looked at. */
void checkup_print(const struct checkup *checkup, const char *mta, const char *file);

/* Whether everything is connected and safe. */
bool checkup_is_good(const struct checkup *checkup);

#endif
