/* SPDX-License-Identifier: ISC */
/*
 * A reply that somebody else gave, as it is found in bounces, in logs and on the command line: in
 * one line or many, with or without codes, framed by whoever passed it on ("host mx.example.net
 * [192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)").
 */
#ifndef DRAGOMAN_FOREIGN_REPLY_H
#define DRAGOMAN_FOREIGN_REPLY_H

#include <stddef.h>

#include "dragoman/status.h"

struct foreign_reply {
    struct status status;      /* as far as it is stated: nothing is made up */
    char *text;                /* valid UTF-8, without codes and frame, lines joined by one blank */
    char *server;              /* who gave it: name, or address; NULL if that is not told */
    enum smtp_command command; /* what it answered; COMMAND_NONE if that is not told */
    char *verbatim;            /* the server's reply from its first code on, in one line; NULL where
                                  these are the words of whoever reports */
};

/*
 * Reads a reply; never NULL, the caller frees it. Of a long one the first 8 KB are read. Codes are
 * found in odd places too ("(#5.1.1)", "[550]", "error code 550"), but a number in the middle of a
 * sentence is none.
 */
struct foreign_reply *foreign_reply_parse(const char *text);
struct foreign_reply *foreign_reply_parse_octets(const char *octets, size_t length);
/* Only the codes of a reply. */
struct status foreign_reply_status(const char *text);
void foreign_reply_free(struct foreign_reply *reply);

#endif
