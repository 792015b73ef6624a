/* SPDX-License-Identifier: ISC */
#include "recipients.h"

#include <gmime/gmime.h>
#include <string.h>

#include "dragoman/foreign_reply.h"
#include "mailbox.h"
#include "outcome.h"

void report_recipient_free(gpointer data) {
    struct report_recipient *recipient = data;
    g_free(recipient->recipient);
    g_free(recipient->original_recipient);
    g_free(recipient->remote_mta);
    g_free(recipient->diagnostic);
    g_free(recipient);
}

static struct report_recipient *add_recipient(struct report *report, char *mailbox,
                                              enum report_action action, bool certain) {
    struct report_recipient *recipient = g_new0(struct report_recipient, 1);
    recipient->recipient = mailbox;
    recipient->action = action;
    recipient->certain = certain;
    recipient->command = COMMAND_NONE;
    g_ptr_array_add(report->recipients, recipient);
    return recipient;
}

static bool is_full(const struct report *report) {
    return report->recipients->len >= REPORT_RECIPIENTS_MAX;
}

/* ---- guesses from headers ---- */

static bool names_field(struct slice line, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (slice_starts(line, names[i]))
            return true;
    return false;
}

/* The first mailbox of the first address field in the header of a returned message. A message of a
 * list was written to the list: only its envelope tells to whom it went. */
static char *mailbox_of_copy(struct slice header) {
    static const char *const envelope[] = {"X-Envelope-To:", "Envelope-To:"};
    static const char *const others[] = {
        "To:", "Cc:", "Bcc:", "X-Original-To:", "X-HmXmrOriginalRecipient:"};
    static const char *const marks[] = {"List-Id:", "List-Post:", "X-BeenThere:"};
    struct lines lines = lines_of(header);
    struct line line;
    struct slice found = {0};
    while (lines_next(&lines, &line)) {
        bool exact = names_field(line.text, envelope, G_N_ELEMENTS(envelope));
        struct slice mailbox = {0};
        if (exact || names_field(line.text, others, G_N_ELEMENTS(others)))
            mailbox = mailbox_find(line.text);
        if (exact && mailbox.length > 0)
            return slice_dup(mailbox);
        if (names_field(line.text, marks, G_N_ELEMENTS(marks)))
            return NULL;
        if (found.length == 0)
            found = mailbox;
    }
    return found.length > 0 ? slice_dup(found) : NULL;
}

static char *mailbox_of_returned(const struct mail *mail, const struct notice *notice) {
    for (size_t i = 0; mail_part(mail, i) != NULL; i++) {
        struct part *part = mail_part(mail, i);
        char *mailbox = part_kind(part) == PART_RETURNED ? mailbox_of_copy(part_text(part)) : NULL;
        if (mailbox != NULL)
            return mailbox;
    }
    return notice != NULL ? mailbox_of_copy(notice->returned) : NULL;
}

static char *mailbox_of_header(const struct mail *mail, const char *name) {
    const char *value = mail_header(mail, name);
    struct slice mailbox = value == NULL ? (struct slice){0} : mailbox_find(slice_of(value));
    return mailbox.length > 0 ? slice_dup(mailbox) : NULL;
}

/* ---- fields ---- */

/* "552-5.7.0 This message": the first line of a longer reply, as Sendmail quotes it. */
static bool is_first_line(const char *diagnostic) {
    const char *semicolon = strchr(diagnostic, ';');
    const char *reply = semicolon != NULL ? semicolon + 1 : diagnostic;
    reply += strspn(reply, " ");
    if (strlen(reply) < 5 || reply[3] != '-' || strspn(reply, "0123456789") != 3)
        return false;
    char last[5] = {reply[0], reply[1], reply[2], ' ', '\0'};
    return strstr(reply, last) == NULL;
}

static bool has_codes(const char *text) {
    struct status status = foreign_reply_status(text);
    return status.basic != 0 || status.class_digit != 0;
}

static char *mailbox_of_group(const struct status_group *group, char **original) {
    const char *final = group->fields[FIELD_FINAL_RECIPIENT];
    const char *first = group->fields[FIELD_ORIGINAL_RECIPIENT];
    const char *actual = group->fields[FIELD_ACTUAL_RECIPIENT];
    char *mailbox = final != NULL ? mailbox_of_field(final) : NULL;
    *original = first != NULL ? mailbox_of_field(first) : NULL;
    char *forwarded = actual != NULL ? mailbox_of_field(actual) : NULL;
    if (forwarded != NULL && *original == NULL) { /* the address behind Sendmail's alias */
        *original = mailbox;
        mailbox = g_steal_pointer(&forwarded);
    }
    g_free(forwarded);
    if (mailbox == NULL)
        mailbox = g_steal_pointer(original);
    return mailbox;
}

static bool group_needs_notice(const struct status_group *group) {
    const char *diagnostic = group->fields[FIELD_DIAGNOSTIC];
    g_autofree char *original = NULL;
    g_autofree char *mailbox = mailbox_of_group(group, &original);
    return mailbox == NULL || strchr(mailbox, '@') == NULL || !outcome_has_words(diagnostic) ||
           is_first_line(diagnostic) || !has_codes(diagnostic);
}

bool recipients_need_notice(const struct delivery_status *status) {
    for (guint i = 0; i < status->groups->len; i++)
        if (group_needs_notice(status->groups->pdata[i]))
            return true;
    return status->groups->len == 0;
}

/* What the notice says about the recipient of a group; the caller frees it. */
static char *words_for(const struct notice *notice, const char *mailbox, bool alone) {
    if (notice == NULL)
        return NULL;
    const struct notice_block *block = mailbox == NULL ? NULL : notice_find(notice, mailbox);
    if (block == NULL && alone && notice->blocks->len == 1)
        block = notice->blocks->pdata[0];
    if (block != NULL)
        return notice_words(notice, block);
    const struct transcript_reply *said = transcript_find(notice->transcript, mailbox);
    return said != NULL ? g_strdup(said->text->str) : NULL;
}

/* Where the fields do not say what happened at all, the notice's explanation does. */
static char *words_for_group(const struct notice *notice, const struct status_group *group,
                             const char *mailbox, bool alone) {
    char *words = words_for(notice, mailbox, alone);
    bool silent = group->fields[FIELD_STATUS] == NULL && group->fields[FIELD_DIAGNOSTIC] == NULL;
    if (words == NULL && silent && alone && notice != NULL && notice->explanation->len > 0)
        words = g_strdup(notice->explanation->str);
    return words;
}

/* The address of a group that has none: the notice's, or the header's. */
static char *guess_mailbox(const struct mail *mail, const struct notice *notice, guint index) {
    if (notice != NULL && index < notice->blocks->len) {
        const struct notice_block *block = notice->blocks->pdata[index];
        return g_strdup(block->recipient);
    }
    char *failed = mailbox_of_header(mail, "X-Failed-Recipients");
    return failed != NULL ? failed : mailbox_of_returned(mail, notice);
}

static const char *full_diagnostic(const struct notice *notice, const char *diagnostic) {
    if (notice == NULL || diagnostic == NULL || !is_first_line(diagnostic))
        return diagnostic;
    const char *semicolon = strchr(diagnostic, ';');
    const char *reply = semicolon != NULL ? semicolon + 1 : diagnostic;
    const char *complete = transcript_complete(notice->transcript, reply + strspn(reply, " "));
    return complete != NULL ? complete : diagnostic;
}

static enum report_action action_of_group(const struct status_group *group) {
    const char *status = group->fields[FIELD_STATUS];
    bool success = status != NULL && *status == '2';
    return report_action_of(group->fields[FIELD_ACTION],
                            success ? REPORT_DELIVERED : REPORT_FAILED);
}

static struct report_date date_of_field(const char *field) {
    struct report_date date = {0};
    GDateTime *moment = field != NULL ? g_mime_utils_header_decode_date(field) : NULL;
    if (moment == NULL)
        return date;
    g_date_time_get_ymd(moment, &date.year, &date.month, &date.day);
    g_date_time_unref(moment);
    return date;
}

/* Whether `b` adds nothing to `a`; what a notice says about both is said once (`stated`: the fields
 * say something about `b`). */
static bool is_same(const struct report_recipient *a, const struct report_recipient *b,
                    bool stated) {
    bool enhanced = a->status.class_digit == b->status.class_digit &&
                    a->status.subject == b->status.subject && a->status.detail == b->status.detail;
    return a->action == b->action && enhanced && mailbox_equal(a->recipient, b->recipient) &&
           (!stated || g_strcmp0(a->diagnostic, b->diagnostic) == 0);
}

/* Some systems tell the same for each copy of the message. */
static void drop_repetition(struct report *report, bool stated) {
    guint last = report->recipients->len - 1;
    for (guint i = 0; i < last; i++)
        if (is_same(report->recipients->pdata[i], report->recipients->pdata[last], stated)) {
            g_ptr_array_remove_index(report->recipients, last);
            return;
        }
}

static void add_group(struct report *report, const struct mail *mail,
                      const struct status_group *group, const struct notice *notice, guint index,
                      bool alone) {
    char *original = NULL, *mailbox = mailbox_of_group(group, &original);
    bool certain = mailbox != NULL && strchr(mailbox, '@') != NULL;
    if (!certain) {
        char *guess = guess_mailbox(mail, notice, index);
        if (guess != NULL) {
            g_free(mailbox);
            mailbox = guess;
        }
    }
    if (mailbox == NULL) {
        g_free(original);
        return;
    }
    struct report_recipient *recipient =
        add_recipient(report, mailbox, action_of_group(group), certain);
    recipient->original_recipient = original;
    if (original != NULL && mailbox_equal(original, mailbox))
        g_clear_pointer(&recipient->original_recipient, g_free);
    if (group->fields[FIELD_REMOTE_MTA] != NULL)
        recipient->remote_mta = server_of_field(group->fields[FIELD_REMOTE_MTA]);
    recipient->retry_until = date_of_field(group->fields[FIELD_RETRY_UNTIL]);
    g_autofree char *words = words_for_group(notice, group, mailbox, alone);
    struct statements stated = {group->fields[FIELD_STATUS],
                                full_diagnostic(notice, group->fields[FIELD_DIAGNOSTIC]), words};
    outcome_settle(recipient, stated);
    drop_repetition(report, group->fields[FIELD_DIAGNOSTIC] != NULL);
}

void recipients_of_fields(struct report *report, const struct mail *mail,
                          const struct delivery_status *status, const struct notice *notice) {
    bool alone = status->groups->len == 1;
    for (guint i = 0; i < status->groups->len && !is_full(report); i++)
        add_group(report, mail, status->groups->pdata[i], notice, i, alone);
}

/* ---- notices ---- */

static bool is_there(const struct report *report, const char *mailbox) {
    for (guint i = 0; i < report->recipients->len; i++) {
        const struct report_recipient *recipient = report->recipients->pdata[i];
        if (mailbox_equal(recipient->recipient, mailbox))
            return true;
    }
    return false;
}

/* Without a code the class is only supposed, so nothing is certain. */
static void settle_by_words(struct report_recipient *recipient, const char *words) {
    outcome_settle(recipient, (struct statements){.words = words});
    if (recipient->status.basic == 0 && recipient->status.class_digit == 0)
        recipient->certain = false;
}

static void add_block(struct report *report, const struct notice *notice,
                      const struct notice_block *block, enum report_action action) {
    if (is_there(report, block->recipient))
        return;
    g_autofree char *words = notice_words(notice, block);
    struct report_recipient *recipient =
        add_recipient(report, g_strdup(block->recipient), action, block->strong);
    if (block->original != NULL && !mailbox_equal(block->original, block->recipient))
        recipient->original_recipient = g_strdup(block->original);
    settle_by_words(recipient, words);
}

static const char *loose_words(const struct notice *notice, const char *mailbox) {
    const struct transcript_reply *said = transcript_find(notice->transcript, mailbox);
    if (said != NULL)
        return said->text->str;
    return notice->explanation->len > 0 ? notice->explanation->str : notice->opening->str;
}

/* The mailboxes of the field X-Failed-Recipients (Exim, Gmail). */
static void add_failed_header(struct report *report, const struct mail *mail,
                              const struct notice *notice, enum report_action action) {
    const char *value = mail_header(mail, "X-Failed-Recipients");
    struct slice rest = slice_of(value != NULL ? value : "");
    while (!is_full(report)) {
        struct slice found = mailbox_find(rest);
        if (found.length == 0)
            return;
        rest = slice_from(rest, found.text + found.length);
        char *mailbox = slice_dup(found);
        if (is_there(report, mailbox)) {
            g_free(mailbox);
            continue;
        }
        settle_by_words(add_recipient(report, mailbox, action, true), loose_words(notice, mailbox));
    }
}

/* Whom the client named in a dialogue with RCPT (Postfix's notices to the postmaster). */
static void add_from_dialogue(struct report *report, const struct notice *notice,
                              enum report_action action) {
    for (guint i = 0; i < notice->transcript->replies->len && !is_full(report); i++) {
        const struct transcript_reply *reply = notice->transcript->replies->pdata[i];
        bool sender = reply->recipient != NULL && notice->sender != NULL && !reply->answers &&
                      mailbox_equal(reply->recipient, notice->sender);
        if (reply->recipient != NULL && !sender && !is_there(report, reply->recipient))
            settle_by_words(add_recipient(report, g_strdup(reply->recipient), action, true),
                            reply->text->str);
    }
}

void recipients_of_notice(struct report *report, const struct mail *mail,
                          const struct notice *notice, enum report_action action) {
    bool listed = mail_header(mail, "X-Failed-Recipients") != NULL;
    for (guint i = 0; i < notice->blocks->len && !is_full(report); i++) {
        const struct notice_block *block = notice->blocks->pdata[i];
        if (block->strong || !listed)
            add_block(report, notice, block, action);
    }
    if (report->recipients->len == 0)
        add_failed_header(report, mail, notice, action);
    if (report->recipients->len == 0)
        add_from_dialogue(report, notice, action);
    bool known = report->recipients->len > 0 || notice->names_only;
    char *guess = known ? NULL : mailbox_of_returned(mail, notice);
    if (guess != NULL)
        settle_by_words(add_recipient(report, guess, action, false), loose_words(notice, guess));
}

/* ---- what is no bounce ---- */

void recipients_have_received(struct report *report) {
    for (guint i = 0; i < report->recipients->len; i++) {
        struct report_recipient *recipient = report->recipients->pdata[i];
        recipient->action = REPORT_DELIVERED;
        recipient->class = STATUS_SUCCESS;
        g_clear_pointer(&recipient->diagnostic, g_free);
    }
}

static void add_reader(struct report *report, char *mailbox, bool certain) {
    if (mailbox != NULL)
        add_recipient(report, mailbox, REPORT_DELIVERED, certain)->class = STATUS_SUCCESS;
}

void recipients_of_answer(struct report *report, const struct mail *mail) {
    add_reader(report, mailbox_of_header(mail, "From"), true);
}

static char *complainer_of(struct slice text) {
    static const char *const fields[] = {"Original-Rcpt-To:", "Removal-Recipient:"};
    struct lines lines = lines_of(text);
    struct line line;
    while (lines_next(&lines, &line))
        for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
            if (slice_starts(line.text, fields[i]))
                return slice_dup(mailbox_find(line.text));
    return NULL;
}

void recipients_of_complaint(struct report *report, const struct mail *mail) {
    for (size_t i = 0; mail_part(mail, i) != NULL; i++) {
        struct part *part = mail_part(mail, i);
        char *mailbox = part_kind(part) == PART_FEEDBACK ? complainer_of(part_text(part)) : NULL;
        if (mailbox != NULL) {
            add_reader(report, mailbox, true);
            return;
        }
    }
    char *guess = mailbox_of_returned(mail, NULL);
    add_reader(report, guess != NULL ? guess : mailbox_of_header(mail, "From"), false);
}
