/* SPDX-License-Identifier: ISC */
/*
 * The protocol of socket maps, which Postfix (socketmap_table(5)) and Sendmail share: a request is
 * one netstring "NAME KEY", an answer one netstring "OK VALUE" or "NOTFOUND ". A connection carries
 * one request after another.
 */
#ifndef DRAGOMAN_SOCKETMAP_H
#define DRAGOMAN_SOCKETMAP_H

#include <glib.h>

#include "dragoman/address.h"

/* What has been read of a request so far. */
enum framing {
    FRAMING_PARTIAL, /* more has to come */
    FRAMING_WHOLE,
    FRAMING_BROKEN /* this cannot become a request: the connection is of no use any more */
};

/* A request, within the octets that it was read from. */
struct socketmap_request {
    struct slice map;
    struct slice key; /* may hold any octets */
    size_t octets;    /* of the whole request */
};

/* A longer request is broken. Keys are replies of SMTP, addresses, names. */
enum { SOCKETMAP_OCTETS_MAX = 65536 };

/* Reads the request that begins at `octets`. */
enum framing socketmap_read(const char *octets, size_t length, struct socketmap_request *request);

/* Appends the answer that the map has `value`, or that it has none. */
void socketmap_append_found(GString *out, const char *value);
void socketmap_append_not_found(GString *out);

#endif
