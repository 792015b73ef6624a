/* SPDX-License-Identifier: ISC */
/*
 * Queries of an MTA, on a connection that carries one after another: what a protocol knows of them.
 * All of it runs in the one thread of the event loop.
 */
#ifndef DRAGOMAN_QUERY_H
#define DRAGOMAN_QUERY_H

#include <event2/bufferevent.h>

#include "dragoman/map.h"
#include "dragoman/policy_service.h"
#include "front.h"

/* One `listen` of the process. */
struct query_endpoint {
    const struct listener *listener;
    const struct query_protocol *protocol;
    struct event_base *base;
    struct reply_memory *memory; /* of the process */
    struct upstream *upstream;   /* the service that is asked first, or NULL */
    struct transaction *spare;   /* of a request before, for the next; or NULL */
    struct event *accept_again;
    unsigned accepted;  /* since accept_again */
    GQueue connections; /* struct query_connection *, the idlest first */
};

struct query_connection {
    struct query_endpoint *endpoint;
    struct bufferevent *mta;
    GList link;            /* in the endpoint's connections */
    gint64 begun;          /* when the request under way began to come; 0: there is none */
    int patience_s;        /* how long may pass until more comes */
    struct asking *asking; /* another service about the request under way, or NULL */
    bool ended;            /* the MTA has nothing more to say; it may still read */
};

struct query_protocol {
    /* Finds the end of the request at `octets`. */
    enum framing (*find)(const char *octets, size_t length, size_t *whole);
    /* Answers a whole request at once (query_send()), or begins to ask another service
     * (query_wait(), then query_send()). */
    void (*answer)(struct query_connection *connection, const char *octets, size_t length);
    size_t octets_max; /* of a request */
};

extern const struct query_protocol socketmap_protocol, policy_protocol;

/* Sends an answer and goes on with the next request. */
void query_send(struct query_connection *connection, const GString *answer);

/* No further request is read until query_send(). */
void query_wait(struct query_connection *connection);

/* An observer for the time that is left for one request: the listener's deadline. */
struct query_clock {
    gint64 until;                    /* monotonic, µs */
    const struct transaction *about; /* of shadow rules that match; or NULL */
};
struct observer query_observer(struct query_clock *clock, const struct listener *listener);

#endif
