/* SPDX-License-Identifier: ISC */
/*
 * A message, taken apart: the only place that knows MIME.
 */
#ifndef DRAGOMAN_BOUNCE_MAIL_H
#define DRAGOMAN_BOUNCE_MAIL_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/address.h"

enum part_kind {
    PART_TEXT,     /* text/plain, or what has no usable type */
    PART_HTML,     /* its text without the tags */
    PART_STATUS,   /* message/delivery-status, message/global-delivery-status */
    PART_FEEDBACK, /* message/feedback-report */
    PART_RECEIPT,  /* message/disposition-notification */
    PART_RETURNED  /* address fields of the message that is returned */
};

struct part;
struct mail;

/* GMime, for whoever uses it without mail_read(). From any thread, any number of times. */
void mail_initialise(void);

/* Never NULL; the caller frees it. Reads as much as report.h allows. */
struct mail *mail_read(const char *octets, size_t length);
void mail_free(struct mail *mail);

/* A field of the message's header, decoded; NULL if there is none. Owned by `mail`. */
const char *mail_header(const struct mail *mail, const char *name);

/* The parameter report-type of multipart/report; NULL if it is none. */
const char *mail_report_type(const struct mail *mail);

/* The parts in their order; NULL past the end. */
struct part *mail_part(const struct mail *mail, size_t index);
enum part_kind part_kind(const struct part *part);
/* In how many returned messages the part is: 0 for those of the report itself. */
unsigned part_level(const struct part *part);
/* The text in UTF-8 without NUL, decoded when it is first asked for; lines end with LF. */
struct slice part_text(struct part *part);

#endif
