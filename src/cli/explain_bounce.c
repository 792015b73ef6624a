/* SPDX-License-Identifier: ISC */
/* Bounces: what a message that came back says, recipient by recipient. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
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
    explained_add_json(explainer, &explained, recipient->certain, object);
    json_object_set_new(object, "enhanced_from", json_string(enhanced_from_name(from)));
    json_object_set_new(object, "remote_mta", explain_json_text(recipient->remote_mta));
    json_object_set_new(object, "diagnostic", explain_json_text(recipient->diagnostic));
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

static void print_json(const struct explainer *explainer, const char *file,
                       const struct report *report) {
    json_t *recipients = json_array();
    json_t *object = json_pack("{s:i, s:s, s:s}", "version", 1, "input", "bounce", "type",
                               report_type_name(report->type));
    if (file != NULL)
        json_object_set_new(object, "file", explain_json_text(file));
    json_object_set_new(object, "reporting_mta", explain_json_text(report->reporting_mta));
    for (guint i = 0; is_explained(report) && i < report->recipients->len; i++)
        json_array_append_new(recipients, recipient_json(explainer, report->recipients->pdata[i]));
    json_object_set_new(object, "recipients", recipients);
    explain_print_json(object);
}

static void print_report(const struct explainer *explainer, const char *file,
                         const struct report *report) {
    if (file != NULL)
        page_heading(&explainer->page, file);
    if (!is_explained(report))
        for (size_t i = 0; i < explainer->language_count; i++)
            page_paragraph(&explainer->page, 0, NULL,
                           code_book_label(explainer->book, report_type_name(report->type), i));
    for (guint i = 0; is_explained(report) && i < report->recipients->len; i++)
        print_recipient(explainer, report->recipients->pdata[i]);
}

static bool explain_message(const struct explainer *explainer, const char *file,
                            const GString *message) {
    struct report *report = report_read(message->str, message->len);
    bool explained = is_explained(report) && report->recipients->len > 0;
    if (explainer->json)
        print_json(explainer, file, report);
    else
        print_report(explainer, file, report);
    report_free(report);
    return explained;
}

/* --- files ------------------------------------------------------------------------------------ */

/* The part of a file that report_read() looks at. */
static bool read_descriptor(int descriptor, GString *content) {
    ssize_t count;
    g_string_set_size(content, REPORT_OCTETS_MAX);
    size_t length = 0;
    while (length < REPORT_OCTETS_MAX &&
           (count = read(descriptor, content->str + length, REPORT_OCTETS_MAX - length)) > 0)
        length += (size_t)count;
    g_string_set_size(content, length);
    return count >= 0;
}

/* Whether it begins as a message does: with a header field, or the line of an mbox file. */
static bool is_message(const GString *content) {
    size_t name = strcspn(content->str, ": \r\n\t");
    return g_str_has_prefix(content->str, "From ") || g_str_has_prefix(content->str, ">From ") ||
           (name > 0 && content->str[name] == ':');
}

static int explain_content(const struct explainer *explainer, const char *file,
                           const GString *content) {
    if (is_message(content))
        return explain_message(explainer, file, content) ? EXIT_GOOD : EXIT_BAD;
    return explain_reply(explainer, content->str);
}

static int explain_named(const struct explainer *explainer, const char *file, bool named,
                         GString *content) {
    int descriptor = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && read_descriptor(descriptor, content);
    if (!good)
        fprintf(stderr, "dragoman explain: %s cannot be read\n", file);
    if (descriptor > STDIN_FILENO)
        close(descriptor);
    return good ? explain_content(explainer, named ? file : NULL, content) : EXIT_BAD;
}

/* A folder of messages, or a Maildir: what is in it, in its folders new and cur. */
static int explain_folder(const struct explainer *explainer, const char *folder, unsigned depth,
                          GString *content) {
    DIR *directory = opendir(folder);
    int status = EXIT_BAD;
    for (struct dirent *entry = directory != NULL ? readdir(directory) : NULL; entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "tmp") == 0)
            continue;
        g_autofree char *path = g_build_filename(folder, entry->d_name, NULL);
        int one = EXIT_BAD;
        if (entry->d_type != DT_DIR)
            one = explain_named(explainer, path, true, content);
        else if (depth > 0)
            one = explain_folder(explainer, path, depth - 1, content);
        status = one == EXIT_GOOD ? EXIT_GOOD : status;
    }
    if (directory != NULL)
        closedir(directory);
    return status;
}

int explain_files(const struct explainer *explainer, char *const *files, int count) {
    g_autoptr(GString) content = g_string_new(NULL);
    if (count > 1 || g_file_test(files[0], G_FILE_TEST_IS_DIR))
        policy_accelerate(explainer->settings->snapshot->policy);
    int status = EXIT_BAD;
    for (int i = 0; i < count; i++) {
        int one = g_file_test(files[i], G_FILE_TEST_IS_DIR)
                      ? explain_folder(explainer, files[i], 1, content)
                      : explain_named(explainer, files[i], count > 1, content);
        status = one == EXIT_GOOD ? EXIT_GOOD : status;
    }
    return status;
}
