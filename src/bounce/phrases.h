/* SPDX-License-Identifier: ISC */
/*
 * The sentences of mail systems that tell what a message is; tables, and nothing else knows them.
 */
#ifndef DRAGOMAN_BOUNCE_PHRASES_H
#define DRAGOMAN_BOUNCE_PHRASES_H

#include <stdbool.h>

#include "dragoman/address.h"

/* Announces addresses that could not be reached: "the following address(es) failed". */
bool phrase_announces_failure(struct slice line);

/* Says that delivery is still being tried. */
bool phrase_announces_delay(struct slice line);

/* Says that delivery has worked. */
bool phrase_announces_success(struct slice line);

/* Says that time ran out, or that the failure was of a passing kind. */
bool phrase_is_transient(struct slice text);

/* The line behind which the returned message stands. */
bool phrase_begins_returned_message(struct slice line);

/* A line about whom to ask, not about who failed. */
bool phrase_is_contact(struct slice line);

/* A subject of bounces; of automatic replies. */
bool phrase_is_bounce_subject(struct slice subject);
bool phrase_is_auto_reply_subject(struct slice subject);

/* A sender of bounces: "MAILER-DAEMON", "Mail Delivery System"; "postmaster". */
bool phrase_is_daemon(struct slice from);
bool phrase_is_postmaster(struct slice from);

#endif
