/* SPDX-License-Identifier: ISC */
#include "dragoman/report.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define BOUNCES TEST_DATA "/bounces"

static GString *read_file(const char *name) {
    g_autofree char *path = g_build_filename(BOUNCES, name, NULL);
    char *octets;
    gsize length;
    ck_assert_msg(g_file_get_contents(path, &octets, &length, NULL), "%s", path);
    GString *file = g_string_new_len(octets, (gssize)length);
    g_free(octets);
    return file;
}

static struct report *read_report(const char *name) {
    g_autoptr(GString) mail = read_file(name);
    return report_read(mail->str, mail->len);
}

/* ---- the mails of tests/data/bounces ---- */

enum column { NAME, TYPE, RECIPIENT, ORIGINAL, ACTION, CLASS, STATUS, FROM, CERTAIN, REMOTE };

static const char *or_dash(const char *text) {
    return text == NULL || *text == '\0' ? "-" : text;
}

static void check_recipient(const struct report_recipient *found, char **row) {
    char status[STATUS_TEXT_SIZE];
    ck_assert_msg(strcmp(found->recipient, row[RECIPIENT]) == 0, "%s: %s", row[NAME],
                  found->recipient);
    ck_assert_msg(strcmp(or_dash(found->original_recipient), row[ORIGINAL]) == 0, "%s: %s",
                  row[NAME], or_dash(found->original_recipient));
    ck_assert_msg(strcmp(report_action_name(found->action), row[ACTION]) == 0, "%s", row[NAME]);
    ck_assert_msg(strcmp(report_class_name(found->class), row[CLASS]) == 0, "%s: %s", row[NAME],
                  report_class_name(found->class));
    ck_assert_msg(strcmp(or_dash(status_print(found->status, status)), row[STATUS]) == 0, "%s: %s",
                  row[NAME], status);
    ck_assert_msg(strcmp(enhanced_from_name(found->enhanced_from), row[FROM]) == 0, "%s: %s",
                  row[NAME], enhanced_from_name(found->enhanced_from));
    ck_assert_msg(found->certain == (strcmp(row[CERTAIN], "yes") == 0), "%s: certain", row[NAME]);
    ck_assert_msg(strcmp(or_dash(found->remote_mta), row[REMOTE]) == 0, "%s: %s", row[NAME],
                  or_dash(found->remote_mta));
}

/* Checks the recipient that the row is about: rows of one file stand in the order of recipients. */
static void check_row(char **row, unsigned index) {
    struct report *report = read_report(row[NAME]);
    ck_assert_msg(strcmp(report_type_name(report->type), row[TYPE]) == 0, "%s: %s", row[NAME],
                  report_type_name(report->type));
    if (strcmp(row[RECIPIENT], "-") == 0) {
        ck_assert_msg(report->recipients->len == 0, "%s", row[NAME]);
    } else {
        ck_assert_msg(report->recipients->len > index, "%s: recipient %u", row[NAME], index);
        check_recipient(report->recipients->pdata[index], row);
    }
    report_free(report);
}

START_TEST(every_mail_is_understood) {
    g_autoptr(GString) table = read_file("expected.tsv");
    g_auto(GStrv) lines = g_strsplit(table->str, "\n", -1);
    g_autofree char *last = g_strdup("");
    unsigned index = 0, rows = 0;

    for (char **line = lines; *line != NULL; line++) {
        if (**line == '\0' || **line == '#')
            continue;
        g_auto(GStrv) row = g_strsplit(*line, "\t", -1);
        ck_assert_uint_eq(g_strv_length(row), REMOTE + 1);
        index = strcmp(row[NAME], last) == 0 ? index + 1 : 0;
        check_row(row, index);
        g_free(last);
        last = g_strdup(row[NAME]);
        rows++;
    }
    ck_assert_uint_gt(rows, 50);
}
END_TEST

/* ---- what else is told ---- */

static const struct report_recipient *only_recipient(const struct report *report) {
    ck_assert_uint_eq(report->recipients->len, 1);
    return report->recipients->pdata[0];
}

START_TEST(diagnostic_is_the_reply) {
    static const struct {
        const char *file, *diagnostic;
        enum smtp_command command;
    } rows[] = {
        {"dsn-wrong-status.eml",
         "550-5.7.26 your domain says that nobody may do this, 550 5.7.26 see its DMARC record",
         COMMAND_NONE},
        {"dsn-expired.eml", "connect to mx.example.net[192.0.2.25]:25: Connection timed out",
         COMMAND_NONE},
        {"free-dma.eml", "550 5.7.25 your address has no name", COMMAND_RCPT},
        {"free-exim-delay.eml", "450 4.2.0 come back in five minutes", COMMAND_RCPT},
        {"free-groupwise.eml", "user not found", COMMAND_NONE},
        {"free-notes.eml", "The name is in no directory", COMMAND_NONE},
        {"free-domino.eml", "because: Recipient's mail file is over its quota", COMMAND_NONE},
        {"dsn-unusable-recipient.eml", "-", COMMAND_NONE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct report *report = read_report(rows[i].file);
        const struct report_recipient *recipient = only_recipient(report);
        ck_assert_str_eq(or_dash(recipient->diagnostic), rows[i].diagnostic);
        ck_assert_str_eq(command_name(recipient->command), command_name(rows[i].command));
        report_free(report);
    }
}
END_TEST

START_TEST(reporting_mta_is_told) {
    struct report *report = read_report("dsn-postfix.eml");
    ck_assert_str_eq(report->reporting_mta, "mail.example.org");
    report_free(report);
    report = read_report("free-qmail.eml");
    ck_assert_ptr_null(report->reporting_mta);
    report_free(report);
}
END_TEST

/* ---- damage ---- */

static void survive(const char *octets, size_t length) {
    /* a copy of exactly that size, so that a sanitizer sees every step too far */
    char *copy = g_memdup2(octets, length);
    struct report *report = report_read(copy, length);
    g_free(copy);
    for (guint i = 0; i < report->recipients->len; i++) {
        const struct report_recipient *recipient = report->recipients->pdata[i];
        ck_assert_ptr_nonnull(recipient->recipient);
        ck_assert(g_utf8_validate(recipient->recipient, -1, NULL));
        ck_assert(g_utf8_validate(or_dash(recipient->diagnostic), -1, NULL));
    }
    report_free(report);
}

static const char *const damaged[] = {
    "dsn-postfix.eml",           "dsn-wrong-status.eml", "free-exim.eml",     "free-html-only.eml",
    "free-ses-notification.eml", "frame-base64.eml",     "none-complaint.eml"};

START_TEST(mail_cut_anywhere_is_survived) {
    g_autoptr(GString) mail = read_file(damaged[_i]);
    for (size_t length = 0; length < mail->len; length += 3)
        survive(mail->str, length);
}
END_TEST

START_TEST(flipped_bits_are_survived) {
    g_autoptr(GString) mail = read_file(damaged[_i]);
    GRand *random = g_rand_new_with_seed(1);
    for (int round = 0; round < 200; round++) {
        g_autofree char *copy = g_memdup2(mail->str, mail->len);
        for (int i = 0; i < 10; i++)
            copy[g_rand_int_range(random, 0, (gint32)mail->len)] ^=
                (char)(1 << g_rand_int_range(random, 0, 8));
        survive(copy, mail->len);
    }
    g_rand_free(random);
}
END_TEST

START_TEST(other_line_ends_are_survived) {
    g_autoptr(GString) mail = read_file(damaged[_i]);
    static const char replacements[] = "\r \0";
    for (size_t kind = 0; kind < 3; kind++) {
        g_autofree char *copy = g_memdup2(mail->str, mail->len);
        for (size_t i = 0; i < mail->len; i++)
            if (copy[i] == '\n')
                copy[i] = replacements[kind];
        survive(copy, mail->len);
    }
}
END_TEST

START_TEST(mail_of_cr_only_is_understood) {
    g_autoptr(GString) mail = read_file("dsn-postfix.eml");
    g_strdelimit(mail->str, "\n", '\r');
    struct report *report = report_read(mail->str, mail->len);
    ck_assert_int_eq(report->type, REPORT_DSN);
    ck_assert_uint_eq(report->recipients->len, 2);
    report_free(report);
}
END_TEST

/* ---- hostility: bounded in memory and time (the test's own time limit) ---- */

static const char daemon_header[] = "Return-Path: <>\nFrom: MAILER-DAEMON@example.org\n"
                                    "To: sender@example.org\nSubject: failure notice\n";

/* `begin`, and `again` until it is 50 MB. */
static struct report *read_bomb(const char *begin, const char *again) {
    GString *mail = g_string_sized_new(51 * 1024 * 1024);
    g_string_append(mail, daemon_header);
    g_string_append(mail, begin);
    while (mail->len < 50 * 1024 * 1024)
        g_string_append(mail, again);
    struct report *report = report_read(mail->str, mail->len);
    g_string_free(mail, TRUE);
    return report;
}

START_TEST(bombs_are_survived) {
    static const struct {
        const char *begin, *again;
    } bombs[] = {
        {"\n", "x"},
        {"", "X: y\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n"},
        {"", "Content-Type: multipart/mixed; boundary=b\n\n--b\n"},
        {"", "Content-Type: message/rfc822\n\n"},
        {"Content-Type: text/html\n\n", "<style><"},
        {"Content-Type: text/plain; charset=no-such-charset\n\n", "\xff\xfe"},
        {"\n<a@example.net>:\n", "550 5.1.1 "},
        {"\nthe following address failed:\n", "<@\""},
        {"\n{\"notificationType\":\"Bounce\",\"bouncedRecipients\":[",
         "{\"emailAddress\":\"a@b\"},"},
    };
    report_free(read_bomb(bombs[_i].begin, bombs[_i].again));
}
END_TEST

START_TEST(recipients_are_limited) {
    GString *mail = g_string_new(daemon_header);
    g_string_append_c(mail, '\n');
    for (int i = 0; i < 5000; i++)
        g_string_append_printf(mail, "<user%d@example.net>:\n550 5.1.1 nobody\n\n", i);
    struct report *report = report_read(mail->str, mail->len);
    ck_assert_uint_eq(report->recipients->len, REPORT_RECIPIENTS_MAX);
    report_free(report);
    g_string_free(mail, TRUE);
}
END_TEST

START_TEST(empty_input_is_no_bounce) {
    static const char *const inputs[] = {"", "\n", "\r", "From ", "From a\n", "\n\n\n", ":", "@"};
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        struct report *report = report_read(inputs[i], strlen(inputs[i]));
        ck_assert_int_eq(report->type, REPORT_NOT_A_BOUNCE);
        report_free(report);
    }
    report_free(NULL);
}
END_TEST

Suite *report_suite(void) {
    Suite *suite = suite_create("report");
    TCase *reading = tcase_create("reading"), *damage = tcase_create("damage");
    int files = (int)G_N_ELEMENTS(damaged);

    tcase_add_test(reading, every_mail_is_understood);
    tcase_add_test(reading, diagnostic_is_the_reply);
    tcase_add_test(reading, reporting_mta_is_told);
    suite_add_tcase(suite, reading);
    tcase_set_timeout(damage, 60);
    tcase_add_loop_test(damage, mail_cut_anywhere_is_survived, 0, files);
    tcase_add_loop_test(damage, flipped_bits_are_survived, 0, files);
    tcase_add_loop_test(damage, other_line_ends_are_survived, 0, files);
    tcase_add_test(damage, mail_of_cr_only_is_understood);
    tcase_add_loop_test(damage, bombs_are_survived, 0, 10);
    tcase_add_test(damage, recipients_are_limited);
    tcase_add_test(damage, empty_input_is_no_bounce);
    suite_add_tcase(suite, damage);
    return suite;
}
