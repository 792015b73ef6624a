/* SPDX-License-Identifier: ISC */
/*
 * What a line of a notice is for, where it neither names a recipient nor says what happened.
 */
#ifndef DRAGOMAN_BOUNCE_NOTICE_LINE_H
#define DRAGOMAN_BOUNCE_NOTICE_LINE_H

#include <stdbool.h>

#include "lines.h"

/* Whether there is anything that could be a code: three digits, or a digit and a dot. */
bool line_may_have_codes(struct slice line);

/* A rule of dashes, or a MIME boundary. */
bool line_is_rule(struct slice line);

/* "----- Transcript of session follows -----", "Technical details:". */
bool line_is_heading(struct slice line);

/* "Subject: …": a field of the message that is returned. */
bool line_describes_original(struct slice line);

/* "10:00:00 +0300": the end of a date that was too long for its line. */
bool line_is_time(struct slice line);

/* "The following recipients could not be reached:"; `phrases` are the line's. */
bool line_announces_list(struct slice line, unsigned phrases);

/* A recipient as a local system names it: "userx    no such user", or in the manner of X.400. */
bool line_is_bare_name(struct slice line);

/* The line of a mail that is quoted in an answer. */
bool line_is_quoted(struct slice line);

/* Without the dashes that stand in front of an item. */
struct slice line_without_dashes(struct slice line);

#endif
