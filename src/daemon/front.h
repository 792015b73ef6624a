/* SPDX-License-Identifier: ISC */
/* A front is what one process of the daemon serves MTAs with. */
#ifndef DRAGOMAN_FRONT_H
#define DRAGOMAN_FRONT_H

#include "dragoman/settings.h"

/* A `listen` and its open socket. */
struct endpoint {
    const struct listener *listener;
    int socket;
};

struct front {
    /* Serves MTAs on these endpoints until stop(); the snapshot in force (generation.h) must be
     * set. Returns 0, or 1 after a line in the log. */
    int (*run)(const struct endpoint *endpoints, size_t count);
    /* From one thread: whether work comes to its end. */
    bool (*is_alive)(void);
    /* From any thread: lets the work that is under way come to its end, for a moment, and ends the
     * process. */
    void (*stop)(void);
    /* A process that has given no sign of life for so long is ended. */
    unsigned hung_after_s;
};

/* libmilter: one endpoint of protocol milter. */
extern const struct front milter_front;

/* Maps and policy service: any number of endpoints of protocols socketmap and policy. */
extern const struct front query_front;

#endif
