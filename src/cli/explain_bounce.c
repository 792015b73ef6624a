/* SPDX-License-Identifier: ISC */
/* Bounces: what a message that came back says, recipient by recipient. */
#include "dragoman/report.h"
#include "explained.h"

/* --- one recipient ---------------------------------------------------------------------------- */

static struct explained explain_recipient(const struct explainer *explainer,
                                          const struct report_recipient *recipient) {
    struct refusal refusal = {
        .text = recipient->diagnostic != NULL ? recipient->diagnostic : "",
        .recipient = recipient->recipient,
        .server = recipient->remote_mta,
        .status = recipient->status,
        .given_up = recipient->action == REPORT_FAILED,
    };
    return explained_new(explainer, &refusal);
}

/* A code that is stated nowhere can be inferred from the reason. */
static enum enhanced_from infer_enhanced(const struct report_recipient *recipient,
                                         struct explained *explained) {
    const struct reason *reason = explained->explanation.reason;
    if (explained->status.class_digit != 0 || reason == NULL)
        return recipient->enhanced_from;
    enum status_class class =
        recipient->class == STATUS_TEMPORARY ? STATUS_TEMPORARY : STATUS_PERMANENT;
    struct status pair = reason_pair(reason, class, COMMAND_RCPT);
    if (pair.basic == 0)
        pair = reason_pair(reason, class, COMMAND_RECEIVED_DATA);
    if (pair.basic == 0)
        return recipient->enhanced_from;
    pair.basic = explained->status.basic;
    explained->status = pair;
    return ENHANCED_INFERRED;
}

static json_t *recipient_json(const struct explainer *explainer,
                              const struct report_recipient *recipient) {
    struct explained explained = explain_recipient(explainer, recipient);
    enum enhanced_from from = infer_enhanced(recipient, &explained);
    json_t *object = json_object();
    json_object_set_new(object, "recipient", explain_json_text(recipient->recipient));
    json_object_set_new(object, "original_recipient",
                        explain_json_text(recipient->original_recipient));
    json_object_set_new(object, "action", json_string(report_action_name(recipient->action)));
    json_object_set_new(object, "class", json_string(report_class_name(recipient->class)));
    json_object_set_new(object, "diagnostic", explain_json_text(recipient->diagnostic));
    explained_add_json(explainer, &explained, recipient->certain, object);
    json_object_set_new(object, "enhanced_from", json_string(enhanced_from_name(from)));
    json_object_set_new(object, "remote_mta", explain_json_text(recipient->remote_mta));
    explained_clear(&explained);
    return object;
}

static void print_recipient(const struct explainer *explainer,
                            const struct report_recipient *recipient) {
    const struct page *page = &explainer->page;
    const struct code_book *book = explainer->book;
    struct explained explained = explain_recipient(explainer, recipient);
    char code[STATUS_TEXT_SIZE];
    page_heading(page, recipient->recipient != NULL ? recipient->recipient : "-");
    for (size_t i = 0; i < explainer->language_count; i++)
        page_paragraph(page, 2, code_book_label(book, "action", i),
                       code_book_label(book, report_action_name(recipient->action), i));
    if (*status_print(recipient->status, code) != '\0')
        page_paragraph(page, 2, code_book_label(book, "code", 0), code);
    if (recipient->remote_mta != NULL)
        page_paragraph(page, 2, code_book_label(book, "server", 0), recipient->remote_mta);
    if (recipient->diagnostic != NULL)
        page_paragraph(page, 2, code_book_label(book, "reply", 0), recipient->diagnostic);
    page_blank(page);
    if (recipient->action == REPORT_FAILED || recipient->action == REPORT_DELAYED)
        explained_print(explainer, &explained);
    page_blank(page);
    explained_clear(&explained);
}

/* --- one message ------------------------------------------------------------------------------ */

static bool is_explained(const struct report *report) {
    return report->type != REPORT_NOT_A_BOUNCE && report->type != REPORT_AUTO_REPLY &&
           report->type != REPORT_FEEDBACK_REPORT;
}

static json_t *report_json(const struct explainer *explainer, const struct report *report) {
    json_t *recipients = json_array();
    json_t *object = json_pack("{s:i, s:s, s:s}", "version", 1, "input", "bounce", "type",
                               report_type_name(report->type));
    json_object_set_new(object, "reporting_mta", explain_json_text(report->reporting_mta));
    for (guint i = 0; is_explained(report) && i < report->recipients->len; i++)
        json_array_append_new(recipients, recipient_json(explainer, report->recipients->pdata[i]));
    json_object_set_new(object, "recipients", recipients);
    return object;
}

static void print_report(const struct explainer *explainer, const char *file,
                         const struct report *report) {
    if (file != NULL)
        page_heading(&explainer->page, file);
    const char *label = is_explained(report) ? "unnamed" : report_type_name(report->type);
    if (!is_explained(report) || report->recipients->len == 0)
        for (size_t i = 0; i < explainer->language_count; i++)
            page_paragraph(&explainer->page, 0, NULL, code_book_label(explainer->book, label, i));
    for (guint i = 0; is_explained(report) && i < report->recipients->len; i++)
        print_recipient(explainer, report->recipients->pdata[i]);
}

json_t *bounce_json(const struct explainer *explainer, const GString *message, bool *explained) {
    struct report *report = report_read(message->str, message->len);
    json_t *object = report_json(explainer, report);
    *explained = is_explained(report) && report->recipients->len > 0;
    report_free(report);
    return object;
}

bool bounce_print(const struct explainer *explainer, const char *file, const GString *message) {
    struct report *report = report_read(message->str, message->len);
    bool explained = is_explained(report) && report->recipients->len > 0;
    print_report(explainer, file, report);
    report_free(report);
    return explained;
}
