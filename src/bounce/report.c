/* SPDX-License-Identifier: ISC */
#include "dragoman/report.h"

#include "delivery_status.h"
#include "mail.h"
#include "mailbox.h"
#include "notice.h"
#include "notification.h"
#include "phrases.h"
#include "recipients.h"
#include "recognition.h"

/* ---- names ---- */

const char *report_type_name(enum report_type type) {
    static const char *const names[REPORT_TYPE_COUNT] = {
        [REPORT_NOT_A_BOUNCE] = "not-a-bounce",
        [REPORT_DSN] = "dsn",
        [REPORT_BOUNCE] = "bounce",
        [REPORT_DELAY] = "delay",
        [REPORT_SUCCESS] = "success",
        [REPORT_AUTO_REPLY] = "auto-reply",
        [REPORT_FEEDBACK_REPORT] = "feedback-report",
    };
    return names[type];
}

const char *report_action_name(enum report_action action) {
    static const char *const names[REPORT_ACTION_COUNT] = {
        [REPORT_FAILED] = "failed",       [REPORT_DELAYED] = "delayed",
        [REPORT_DELIVERED] = "delivered", [REPORT_RELAYED] = "relayed",
        [REPORT_EXPANDED] = "expanded",
    };
    return names[action];
}

const char *report_class_name(enum status_class class) {
    switch (class) {
    case STATUS_SUCCESS:
        return "success";
    case STATUS_TEMPORARY:
        return "transient";
    case STATUS_PERMANENT:
        return "permanent";
    case STATUS_ANY:
    case STATUS_INTERMEDIATE:
        break;
    }
    return "none";
}

const char *enhanced_from_name(enum enhanced_from from) {
    static const char *const names[ENHANCED_FROM_COUNT] = {
        [ENHANCED_FROM_NOWHERE] = "none",  [ENHANCED_FROM_DIAGNOSTIC] = "diagnostic",
        [ENHANCED_FROM_STATUS] = "status", [ENHANCED_FROM_TEXT] = "text",
        [ENHANCED_INFERRED] = "inferred",
    };
    return names[from];
}

/* ---- reading ---- */

struct reading {
    struct report *report;
    struct mail *mail;
    struct delivery_status *status;
    struct notice *notice; /* the most telling one; or NULL */
    char *sender;          /* to whom the bounce was sent; or NULL */
    int header_points, notice_points;
};

static struct part *next_part(const struct reading *reading, unsigned level, enum part_kind kind,
                              size_t *index) {
    struct part *part;
    while ((part = mail_part(reading->mail, (*index)++)) != NULL)
        if (part_kind(part) == kind && part_level(part) == level)
            return part;
    return NULL;
}

/* Fields in parts of their own. Returns whether there is such a part, even an empty one. */
static bool read_status_parts(struct reading *reading, unsigned level) {
    struct part *part;
    bool any = false;
    for (size_t i = 0; (part = next_part(reading, level, PART_STATUS, &i)) != NULL; any = true)
        delivery_status_add(reading->status, part_text(part));
    return any;
}

/* Fields in the middle of texts. */
static void read_fields_in_texts(struct reading *reading) {
    struct part *part;
    for (size_t i = 0; (part = next_part(reading, 0, PART_TEXT, &i)) != NULL;)
        if (delivery_status_is_in(part_text(part)))
            delivery_status_add(reading->status, part_text(part));
}

/* Reads the texts of a kind until one tells enough; keeps the best. */
static void read_notices(struct reading *reading, enum part_kind kind) {
    struct part *part;
    for (size_t i = 0; (part = next_part(reading, 0, kind, &i)) != NULL;) {
        if (reading->notice != NULL && reading->notice->blocks->len > 0)
            return;
        struct notice *notice = notice_read(part_text(part), reading->sender);
        int points = recognition_of_notice(notice);
        if (reading->notice != NULL && points <= reading->notice_points) {
            notice_free(notice);
            continue;
        }
        notice_free(reading->notice);
        reading->notice = notice;
        reading->notice_points = points;
    }
}

static void read_all_notices(struct reading *reading) {
    read_notices(reading, PART_TEXT);
    read_notices(reading, PART_HTML);
    if (reading->notice == NULL)
        reading->notice = notice_read((struct slice){"", 0}, NULL);
}

/* What the free text says about the message: still being tried, delivered, or given up. */
static enum report_action action_of_notice(const struct reading *reading) {
    const char *subject = mail_header(reading->mail, "Subject");
    if (reading->notice->announces_delay ||
        (subject != NULL && (phrases_in(slice_of(subject)) & PHRASE_DELAY) != 0))
        return REPORT_DELAYED;
    if (reading->notice->announces_success && !reading->notice->announces_failure)
        return REPORT_DELIVERED;
    return REPORT_FAILED;
}

/* The type by the worst that has happened: one failure makes it a bounce. */
static enum report_type type_of(const struct report *report, enum report_type failed) {
    bool delayed = false;
    for (guint i = 0; i < report->recipients->len; i++) {
        const struct report_recipient *recipient = report->recipients->pdata[i];
        if (recipient->action == REPORT_FAILED)
            return failed;
        delayed |= recipient->action == REPORT_DELAYED;
    }
    if (report->recipients->len == 0)
        return failed;
    return delayed ? REPORT_DELAY : REPORT_SUCCESS;
}

static bool has_groups(const struct reading *reading) {
    return reading->status->groups->len > 0;
}

static void conclude_from_fields(struct reading *reading, enum report_type type) {
    struct report *report = reading->report;
    if (recipients_need_notice(reading->status))
        read_all_notices(reading);
    recipients_of_fields(report, reading->mail, reading->status, reading->notice);
    if (report->recipients->len == 0)
        recipients_of_notice(report, reading->mail, reading->notice, REPORT_FAILED);
    report->reporting_mta = g_steal_pointer(&reading->status->reporting_mta);
    report->type = type_of(report, type);
}

/* A delivery status notification, well framed. */
static bool read_as_dsn(struct reading *reading) {
    bool any = read_status_parts(reading, 0);
    if (!has_groups(reading) && !(any && reading->header_points > 0))
        return false;
    conclude_from_fields(reading, REPORT_DSN);
    return true;
}

/* The fields of one in a text, in a message that looks like a bounce. */
static bool read_as_damaged_dsn(struct reading *reading) {
    if (reading->header_points < 1)
        return false;
    read_fields_in_texts(reading);
    if (!has_groups(reading))
        return false;
    conclude_from_fields(reading, REPORT_DSN);
    return true;
}

static bool read_as_notification(struct reading *reading) {
    struct part *part;
    for (size_t i = 0; (part = next_part(reading, 0, PART_TEXT, &i)) != NULL;) {
        struct slice text = slice_trim(part_text(part));
        if (text.length == 0 || text.text[0] != '{')
            continue;
        enum notification kind = notification_read(text, reading->status);
        if (!has_groups(reading))
            continue;
        conclude_from_fields(reading, REPORT_BOUNCE);
        if (kind == NOTIFICATION_COMPLAINT) {
            recipients_have_received(reading->report);
            reading->report->type = REPORT_FEEDBACK_REPORT;
        }
        return true;
    }
    return false;
}

/* Whether a bounce is one even where it cannot be told who failed. */
static bool is_sure_without_recipients(const struct reading *reading) {
    size_t index = 0;
    bool returns = reading->notice->returned.length > 0 ||
                   next_part(reading, 0, PART_RETURNED, &index) != NULL;
    return reading->notice->names_only || (returns && reading->notice->announces_failure &&
                                           recognition_is_from_system(reading->mail));
}

/* What a filter of the recipient (Sieve) or Dovecot refuses after it was accepted is told as a
 * receipt: "deleted", without having been read. */
static bool read_as_rejection(struct reading *reading) {
    size_t index = 0;
    struct part *part = next_part(reading, 0, PART_RECEIPT, &index);
    if (part == NULL || reading->header_points < 1 ||
        slice_find(part_text(part), "automatic-action/MDN-sent-automatically") == NULL ||
        slice_find(part_text(part), "deleted") == NULL)
        return false;
    read_all_notices(reading);
    if (!reading->notice->announces_failure)
        return false;
    delivery_status_add(reading->status, part_text(part));
    if (!has_groups(reading))
        return false;
    conclude_from_fields(reading, REPORT_BOUNCE);
    return true;
}

/* A bounce that somebody has forwarded. */
static bool read_as_forwarded(struct reading *reading) {
    for (unsigned level = 1; level <= REPORT_DEPTH_MAX; level++) {
        read_status_parts(reading, level);
        if (has_groups(reading)) {
            conclude_from_fields(reading, REPORT_DSN);
            return true;
        }
    }
    return false;
}

static bool read_as_free_text(struct reading *reading) {
    if (reading->header_points < 1)
        return false;
    read_all_notices(reading);
    if (!recognition_is_enough(reading->mail, reading->header_points, reading->notice,
                               reading->notice_points))
        return false;
    if (reading->notice->blocks->len == 0 && !reading->notice->announces_failure &&
        read_as_forwarded(reading)) /* a gateway has wrapped it up */
        return true;
    recipients_of_notice(reading->report, reading->mail, reading->notice,
                         action_of_notice(reading));
    if (reading->report->recipients->len == 0 && !is_sure_without_recipients(reading))
        return false;
    reading->report->type = type_of(reading->report, REPORT_BOUNCE);
    return true;
}

/* A delivery status notification that has lost its fields and names nobody in its text. */
static bool read_as_remains(struct reading *reading) {
    const char *type = mail_report_type(reading->mail);
    if (type == NULL || g_ascii_strcasecmp(type, "delivery-status") != 0 ||
        !recognition_is_from_system(reading->mail) || reading->notice == NULL)
        return false;
    bool delayed = action_of_notice(reading) == REPORT_DELAYED;
    reading->report->type = delayed ? REPORT_DELAY : REPORT_BOUNCE;
    return true;
}

static void read_mail(struct reading *reading) {
    struct report *report = reading->report;
    if (recognition_is_complaint(reading->mail)) {
        report->type = REPORT_FEEDBACK_REPORT;
        recipients_of_complaint(report, reading->mail);
        return;
    }
    if (read_as_dsn(reading) || read_as_damaged_dsn(reading) || read_as_notification(reading) ||
        read_as_rejection(reading) || read_as_free_text(reading) || read_as_forwarded(reading) ||
        read_as_remains(reading))
        return;
    if (recognition_is_auto_reply(reading->mail)) {
        report->type = REPORT_AUTO_REPLY;
        recipients_of_answer(report, reading->mail);
    }
}

static char *sender_of(const struct mail *mail) {
    const char *to = mail_header(mail, "To");
    struct slice mailbox = to == NULL ? (struct slice){0} : mailbox_find(slice_of(to));
    return mailbox.length > 0 ? slice_dup(mailbox) : NULL;
}

struct report *report_read(const char *octets, size_t length) {
    struct report *report = g_new0(struct report, 1);
    report->recipients = g_ptr_array_new_with_free_func(report_recipient_free);
    struct reading reading = {.report = report, .mail = mail_read(octets, length)};
    reading.status = delivery_status_new();
    reading.sender = sender_of(reading.mail);
    reading.header_points = recognition_of_header(reading.mail);
    read_mail(&reading);
    notice_free(reading.notice);
    delivery_status_free(reading.status);
    mail_free(reading.mail);
    g_free(reading.sender);
    return report;
}

void report_free(struct report *report) {
    if (report == NULL)
        return;
    g_ptr_array_unref(report->recipients);
    g_free(report->reporting_mta);
    g_free(report);
}
