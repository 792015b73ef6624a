/* SPDX-License-Identifier: ISC */
/*
 * The fields of a delivery status (RFC 3464 §2), wherever they stand: in their own part or in the
 * middle of a text.
 */
#ifndef DRAGOMAN_BOUNCE_DELIVERY_STATUS_H
#define DRAGOMAN_BOUNCE_DELIVERY_STATUS_H

#include <glib.h>

#include "dragoman/address.h"
#include "dragoman/report.h"

enum status_field {
    FIELD_FINAL_RECIPIENT,
    FIELD_ORIGINAL_RECIPIENT,
    FIELD_ACTUAL_RECIPIENT, /* X-Actual-Recipient, Sendmail's */
    FIELD_ACTION,
    FIELD_STATUS,
    FIELD_REMOTE_MTA,
    FIELD_DIAGNOSTIC,
    FIELD_RETRY_UNTIL,
    FIELD_REPORTING_MTA,
    FIELD_OTHER, /* known and not used */
    FIELD_COUNT
};

/* What is told of one recipient; a field that is missing is NULL. */
struct status_group {
    char *fields[FIELD_COUNT];
};

struct delivery_status {
    char *reporting_mta; /* or NULL */
    GPtrArray *groups;   /* struct status_group * */
};

struct delivery_status *delivery_status_new(void);
void delivery_status_free(struct delivery_status *status);

/* Adds what `text` holds: blocks of fields that name a recipient. Other lines are passed over. */
void delivery_status_add(struct delivery_status *status, struct slice text);

/* Whether there is any recipient's field in the text. */
bool delivery_status_is_in(struct slice text);

/* The action that a field names; `otherwise` if it names none. */
enum report_action report_action_of(const char *field, enum report_action otherwise);

/* The server that a field names ("dns; mx.example.net (192.0.2.1)"); the caller frees it. */
char *server_of_field(const char *field);

#endif
