/* SPDX-License-Identifier: ISC */
/*
 * The sentences of mail systems that tell what a message is, in tables.
 */
#ifndef DRAGOMAN_BOUNCE_PHRASES_H
#define DRAGOMAN_BOUNCE_PHRASES_H

#include <stdbool.h>

#include "dragoman/address.h"

/* What a line, a subject or a sender can say. */
enum phrase_kind {
    PHRASE_FAILURE = 1 << 0,            /* announces addresses that could not be reached */
    PHRASE_DELAY = 1 << 1,              /* delivery is still being tried */
    PHRASE_SUCCESS = 1 << 2,            /* delivery has worked */
    PHRASE_TRANSIENT = 1 << 3,          /* time ran out, or the failure was of a passing kind */
    PHRASE_CONTACT = 1 << 4,            /* whom to ask, not who failed */
    PHRASE_BOUNCE_SUBJECT = 1 << 5,     /* the subject of a bounce */
    PHRASE_AUTO_REPLY_SUBJECT = 1 << 6, /* the subject of an automatic reply */
    PHRASE_DAEMON = 1 << 7,             /* a sender of bounces: "Mail Delivery System" */
    PHRASE_POSTMASTER = 1 << 8,         /* a sender of many things */
    PHRASE_RETRYING = 1 << 9,           /* the reporting system goes on trying */
    PHRASE_POLITE = 1 << 10             /* tells nothing of what happened: thanks, footers */
};

/* Bits of all kinds of which a phrase is in `text`. Only its first 1024 octets count. */
unsigned phrases_in(struct slice text);

/* The line behind which the returned message stands. */
bool phrase_begins_returned_message(struct slice line);

#endif
