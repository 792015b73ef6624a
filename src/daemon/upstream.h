/* SPDX-License-Identifier: ISC */
/* Another policy service, which is asked before our own policy. */
#ifndef DRAGOMAN_UPSTREAM_H
#define DRAGOMAN_UPSTREAM_H

#include <event2/event.h>

#include "dragoman/settings.h"

struct upstream;
struct asking;

/* The service that `listener` names with `ask`. Never NULL: a service that cannot be found is one
 * that does not answer. */
struct upstream *upstream_new(struct event_base *base, const struct listener *listener);

/* Is told the whole answer, or NULL where none came within the deadline; from the event loop, once,
 * and never before upstream_ask() has returned. The asking is over then, and is to be freed. */
typedef void upstream_answered(void *context, const char *octets, size_t length);

/* Sends a request on a connection that no other request uses. The caller frees the asking, also
 * before its end; `forget` frees the context with it. */
struct asking *upstream_ask(struct upstream *upstream, const char *octets, size_t length,
                            upstream_answered *answered, void *context, GDestroyNotify forget);
void asking_free(struct asking *asking);

#endif
