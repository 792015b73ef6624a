/* SPDX-License-Identifier: ISC */
/* Where a server listens or is asked, in the notations of libmilter and of Postfix. */
#ifndef DRAGOMAN_ENDPOINT_H
#define DRAGOMAN_ENDPOINT_H

#include <stdbool.h>

enum notation {
    NOTATION_MILTER, /* unix:/path, local:/path, inet:8893@127.0.0.1: dragoman.conf, Sendmail */
    NOTATION_POSTFIX /* unix:/path, inet:127.0.0.1:8893 */
};

struct endpoint {
    char *path; /* of a unix socket; else NULL */
    char *host; /* of a TCP port, without brackets; else NULL */
    unsigned port;
};

/* Reads it; false, and nothing to free, if it is none. */
bool endpoint_parse(const char *text, enum notation notation, struct endpoint *endpoint);
void endpoint_clear(struct endpoint *endpoint);

/* Whether who asks at TCP port `asked` gets to the one who listens at `listening`. Names are not
 * looked up: localhost is what every machine calls itself. */
bool endpoint_reaches(const struct endpoint *asked, const struct endpoint *listening);

/* As a client writes it who is on the same machine; the caller frees it. */
char *endpoint_print(const struct endpoint *endpoint, enum notation notation);

#endif
