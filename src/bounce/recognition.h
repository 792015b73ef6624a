/* SPDX-License-Identifier: ISC */
/*
 * Whether a message is a bounce at all: what its header lets suppose, weighed with what its text
 * says.
 */
#ifndef DRAGOMAN_BOUNCE_RECOGNITION_H
#define DRAGOMAN_BOUNCE_RECOGNITION_H

#include <stdbool.h>

#include "mail.h"
#include "notice.h"

/* Who sent it and with which subject: points for a bounce; below 0 for anything else. */
int recognition_of_header(const struct mail *mail);

/* What the notice says; NULL is nothing. */
int recognition_of_notice(const struct notice *notice);

/* Whether that is enough to take a text for a bounce. */
bool recognition_is_enough(const struct mail *mail, int header_points, const struct notice *notice,
                           int notice_points);

/* Whether it comes from who sends bounces, not only somebody with such a name. */
bool recognition_is_from_system(const struct mail *mail);

/* Marks of automatic replies, and of complaints, in the header and the parts. */
bool recognition_is_auto_reply(const struct mail *mail);
bool recognition_is_complaint(const struct mail *mail);

#endif
