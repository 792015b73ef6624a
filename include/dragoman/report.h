/* SPDX-License-Identifier: ISC */
/*
 * A report is what a bounce says, recipient by recipient: a delivery status notification (RFC 3464,
 * RFC 6533), in its own frame or any other, or the free text of a mail system. It gives no reasons.
 */
#ifndef DRAGOMAN_REPORT_H
#define DRAGOMAN_REPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "dragoman/status.h"

/* What kind of message it is, by the worst that it tells. */
enum report_type {
    REPORT_NOT_A_BOUNCE,
    REPORT_DSN,             /* delivery failed, with fields of a delivery status */
    REPORT_BOUNCE,          /* delivery failed, in free text, which may name no address at all */
    REPORT_DELAY,           /* nothing has failed yet */
    REPORT_SUCCESS,         /* delivered, relayed or expanded */
    REPORT_AUTO_REPLY,      /* a person's or program's answer: vacation, read receipt */
    REPORT_FEEDBACK_REPORT, /* a complaint (RFC 5965) */
    REPORT_TYPE_COUNT
};

/* What has become of the message: whether the reporting server has given up. */
enum report_action {
    REPORT_FAILED,
    REPORT_DELAYED,
    REPORT_DELIVERED,
    REPORT_RELAYED,
    REPORT_EXPANDED,
    REPORT_ACTION_COUNT
};

/* Where the enhanced code was found. */
enum enhanced_from {
    ENHANCED_FROM_NOWHERE,    /* there is none */
    ENHANCED_FROM_DIAGNOSTIC, /* in the reply that the field Diagnostic-Code quotes */
    ENHANCED_FROM_STATUS,     /* in the field Status: the reply has none, or a vaguer one */
    ENHANCED_FROM_TEXT,       /* in a text for people */
    ENHANCED_INFERRED, /* for who adds one that is stated nowhere; report_read() never does */
    ENHANCED_FROM_COUNT
};

/* A day as the report writes it, in its own time zone; `year` is 0 where it is not told. */
struct report_date {
    int day, month, year; /* 1 to 31, 1 to 12 */
};

struct report_recipient {
    char *recipient;          /* the address that failed; UTF-8 */
    char *original_recipient; /* what the sender had written, where it differs; or NULL */
    enum report_action action;
    enum status_class class; /* of the failure: 4.4.7 is STATUS_TEMPORARY with REPORT_FAILED */
    struct status status;    /* as far as it is stated */
    enum enhanced_from enhanced_from;
    char *remote_mta;          /* the server that refused; or NULL */
    enum smtp_command command; /* what it refused; COMMAND_NONE if that is not told */
    char *diagnostic;          /* what was said, in one line of UTF-8: the server's reply with its
                                  codes, else the words of the notice; NULL if nothing was */
    struct report_date retry_until; /* the server tries so long (RFC 3464 §2.3.9) */
    bool certain;                   /* nothing here was guessed */
};

struct report {
    enum report_type type;
    char *reporting_mta;   /* or NULL */
    GPtrArray *recipients; /* struct report_recipient *; who answered or complained, for an
                              auto-reply or a complaint */
};

/* What is read of a message at most. The report stands in front of the message that it returns, so
 * nothing that matters is beyond. */
enum {
    REPORT_OCTETS_MAX = 2 * 1024 * 1024,
    REPORT_TEXT_OCTETS_MAX = 1024 * 1024,
    REPORT_LINES_MAX = 65536,
    REPORT_DEPTH_MAX = 20,
    REPORT_RECIPIENTS_MAX = 1000
};

/* Reads a message; never NULL, the caller frees it. */
struct report *report_read(const char *octets, size_t length);
void report_free(struct report *report);

/* "dsn", "not-a-bounce" …; "failed", "delayed" …; "permanent", "transient", "success" or "none";
 * "status", "diagnostic" … or "none". */
const char *report_type_name(enum report_type type);
const char *report_action_name(enum report_action action);
const char *report_class_name(enum status_class class);
const char *enhanced_from_name(enum enhanced_from from);

#endif
