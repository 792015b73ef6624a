/* SPDX-License-Identifier: ISC */
#include "dragoman/reasons.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

static const struct place here = {"reasons.conf", 3};

/* ---- pairs ---- */

static const struct {
    enum status_class status_class;
    const char *row;
    enum smtp_command command;
    const char *pair;
} pairs[] = {
    {STATUS_PERMANENT, "rcpt=550 5.1.1", COMMAND_RCPT, "550 5.1.1"},
    {STATUS_PERMANENT, "rcpt=550 5.1.1", COMMAND_MAIL, ""},
    {STATUS_PERMANENT, "mail,rcpt=550 5.7.1", COMMAND_MAIL, "550 5.7.1"},
    {STATUS_PERMANENT, " mail , rcpt = 550 5.7.1 ", COMMAND_RCPT, "550 5.7.1"},
    {STATUS_PERMANENT, "connect=554 5.7.1", COMMAND_CONNECT, "554 5.7.1"},
    {STATUS_PERMANENT, "helo=550 5.7.1", COMMAND_EHLO, "550 5.7.1"},
    {STATUS_PERMANENT, "data=554 5.7.1", COMMAND_DATA, "554 5.7.1"},
    {STATUS_PERMANENT, "eom=550 5.7.1", COMMAND_RECEIVED_DATA, "550 5.7.1"},
    {STATUS_PERMANENT, "unknown=500 5.5.2", COMMAND_HELP, "500 5.5.2"},
    {STATUS_PERMANENT, "vrfy=550 5.1.1", COMMAND_VRFY, "550 5.1.1"},
    {STATUS_PERMANENT, "auth=535 5.7.8", COMMAND_AUTH, "535 5.7.8"},
    {STATUS_TEMPORARY, "starttls=454 4.7.0", COMMAND_STARTTLS, "454 4.7.0"},
    {STATUS_TEMPORARY, "any=421 4.3.2", COMMAND_RCPT, "421 4.3.2"},
    {STATUS_TEMPORARY, "any=421 4.3.2", COMMAND_NONE, "421 4.3.2"},
    {STATUS_SUCCESS, "vrfy=252 2.0.0", COMMAND_VRFY, "252 2.0.0"},
    {STATUS_PERMANENT, "rcpt=550", COMMAND_RCPT, "550"},
};

static struct catalogue *catalogue;
static struct reason *reason;

static void set_up(void) {
    catalogue = catalogue_new();
    catalogue_add_language(catalogue, "en");
    reason = catalogue_add_reason(catalogue, "mailbox-unknown", here);
}

static void tear_down(void) {
    catalogue_free(catalogue);
}

static void check_pair(enum status_class status_class, enum smtp_command command,
                       const char *expected) {
    char text[STATUS_TEXT_SIZE];

    ck_assert_str_eq(status_print(reason_pair(reason, status_class, command), text), expected);
}

START_TEST(pairs_are_added) {
    g_autofree char *why = reason_add_pairs(reason, pairs[_i].status_class, pairs[_i].row);

    ck_assert_msg(why == NULL, "%s", why);
    check_pair(pairs[_i].status_class, pairs[_i].command, pairs[_i].pair);
}
END_TEST

START_TEST(what_is_named_comes_before_any) {
    ck_assert_ptr_null(reason_add_pairs(reason, STATUS_PERMANENT, "any=550 5.0.0"));
    ck_assert_ptr_null(reason_add_pairs(reason, STATUS_PERMANENT, "data=554 5.0.0"));
    check_pair(STATUS_PERMANENT, COMMAND_DATA, "554 5.0.0");
    check_pair(STATUS_PERMANENT, COMMAND_RCPT, "550 5.0.0");
    check_pair(STATUS_TEMPORARY, COMMAND_RCPT, "");
}
END_TEST

static const struct {
    enum status_class status_class;
    const char *row, *why;
} wrong_pairs[] = {
    {STATUS_PERMANENT, "550 5.7.1", "\"550 5.7.1\" names no stage; write it as \"rcpt=550 5.7.1\""},
    {STATUS_PERMANENT, "", "names no stage"},
    {STATUS_PERMANENT, "rcpt=", "is no code pair; write one like 550 5.7.1"},
    {STATUS_PERMANENT, "rcpt=5.7.1", "is no code pair"},
    {STATUS_PERMANENT, "rcpt=550 5.7.1 x", "is no code pair"},
    {STATUS_PERMANENT, "rcpt=foo", "is no code pair"},
    {STATUS_PERMANENT, "rcpt=450 4.7.1", "450 4.7.1 is not permanent; write it under `temporary`"},
    {STATUS_TEMPORARY, "rcpt=550 5.7.1", "550 5.7.1 is not temporary; write it under `permanent`"},
    {STATUS_SUCCESS, "vrfy=550 5.7.1", "is not success; write it under `permanent`"},
    {STATUS_PERMANENT, "rcp=550 5.7.1",
     "there is no stage \"rcp\" for a code pair; did you mean "
     "\"rcpt\"?"},
    {STATUS_PERMANENT, "mail,,rcpt=550 5.7.1", "there is no stage \"\""},
    {STATUS_PERMANENT, "body=550 5.7.1", "there is no stage \"body\""},
    {STATUS_PERMANENT, "rcpt,rcpt=550 5.7.1", "the pair for \"rcpt\" is stated twice; leave one"},
};

START_TEST(other_pairs_are_refused) {
    g_autofree char *why =
        reason_add_pairs(reason, wrong_pairs[_i].status_class, wrong_pairs[_i].row);

    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, wrong_pairs[_i].why) != NULL, "%s", why);
}
END_TEST

START_TEST(no_pair_is_stated_twice) {
    ck_assert_ptr_null(reason_add_pairs(reason, STATUS_PERMANENT, "rcpt=550 5.7.1"));
    g_autofree char *why = reason_add_pairs(reason, STATUS_PERMANENT, "mail,rcpt=550 5.1.1");

    ck_assert_str_eq(why, "the pair for \"rcpt\" is stated twice; leave one");
    check_pair(STATUS_PERMANENT, COMMAND_RCPT, "550 5.7.1");
}
END_TEST

/* ---- the catalogue ---- */

START_TEST(reasons_are_found) {
    struct reason *other = catalogue_add_reason(catalogue, "mailbox-full", here);

    ck_assert_ptr_eq(catalogue_find(catalogue, "mailbox-unknown"), reason);
    ck_assert_ptr_eq(catalogue_at(catalogue, 0), reason);
    ck_assert_ptr_eq(catalogue_at(catalogue, 1), other);
    ck_assert_ptr_null(catalogue_at(catalogue, 2));
    ck_assert_ptr_null(catalogue_find(catalogue, "mailbox"));
    ck_assert_ptr_null(catalogue_find(catalogue, "Mailbox-Unknown"));
    ck_assert_ptr_null(catalogue_add_reason(catalogue, "mailbox-full", here));
    ck_assert_str_eq(catalogue_nearest(catalogue, "mailbox-unknwon"), "mailbox-unknown");
    ck_assert_ptr_null(catalogue_nearest(catalogue, "greylisted"));
}
END_TEST

START_TEST(languages_keep_their_order) {
    struct catalogue *other = catalogue_new();

    ck_assert_uint_eq(catalogue_language_count(other), 0);
    ck_assert_uint_eq(catalogue_add_language(other, "tr"), 0);
    ck_assert_uint_eq(catalogue_add_language(other, "en"), 1);
    ck_assert_uint_eq(catalogue_language_count(other), 2);
    ck_assert_str_eq(catalogue_language(other, 0)->tag, "tr");
    ck_assert_str_eq(catalogue_language(other, 1)->tag, "en");
    catalogue_free(other);
    catalogue_free(NULL);
}
END_TEST

START_TEST(words_have_names) {
    for (enum actor actor = 0; actor < ACTOR_COUNT; actor++)
        ck_assert_int_eq(actor_from_name(actor_name(actor)), actor);
    ck_assert_int_eq(actor_from_name("sender-admin"), ACTOR_SENDER_ADMIN);
    ck_assert_int_eq(actor_from_name("Sender"), ACTOR_COUNT);
    ck_assert_str_eq(status_class_name(STATUS_PERMANENT), "permanent");
    ck_assert_str_eq(status_class_name(STATUS_TEMPORARY), "temporary");
    ck_assert_str_eq(status_class_name(STATUS_SUCCESS), "success");
    ck_assert_int_eq(status_class_of((struct status){550, 4, 0, 0}), STATUS_PERMANENT);
    ck_assert_int_eq(status_class_of((struct status){421, 0, 0, 0}), STATUS_TEMPORARY);
    ck_assert_int_eq(status_class_of((struct status){250, 0, 0, 0}), STATUS_SUCCESS);
    ck_assert_int_eq(status_class_of((struct status){0, 5, 1, 1}), STATUS_ANY);
    ck_assert_int_eq(status_class_of((struct status){199, 0, 0, 0}), STATUS_ANY);
    ck_assert_int_eq(status_class_of((struct status){600, 0, 0, 0}), STATUS_ANY);
}
END_TEST

/* ---- the check ---- */

#define LONG_60 "123456789 123456789 123456789 123456789 123456789 123456789 "

static const struct {
    const char *permanent, *parameters;
    struct sample_text texts[2]; /* English and Turkish */
    const char *complaint;       /* NULL: all is right */
} checks[] = {
    {"rcpt=550 5.1.1", "", {{"a", "b", "c", NULL}, {"a", "b", "c", NULL}}, NULL},
    {"rcpt=550 5.1.1",
     "limit",
     {{"a", "b[[ {limit}]] {contact-not}", "c", NULL}, {"a", "b[[ {limit}]]", "c", NULL}},
     "`says` of \"r\" uses the unknown parameter {contact-not}"},
    {"rcpt=550 5.1.1",
     "limit",
     {{"a", "b[[ {limit}]]", "c[[ {contact}]]", NULL},
      {"a", "b[[ {limit}]]", "c[[ {contact}]]", NULL}},
     NULL},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "{recipient} b", "c", NULL}, {"a", "b {recipient}", "c", NULL}},
     NULL},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b {recipent}", "c", NULL}, {"a", "b {recipent}", "c", NULL}},
     "uses the unknown parameter {recipent}; did you mean \"recipient\"?"},
    {"rcpt=550 5.1.1",
     "limit",
     {{"a", "b[[ {limt}]]", "c", NULL}, {"a", "b[[ {limt}]]", "c", NULL}},
     "uses the unknown parameter {limt}; did you mean \"limit\"?"},
    {"rcpt=550 5.1.1",
     "limit",
     {{"a", "b {limit}", "c", NULL}, {"a", "b {limit}", "c", NULL}},
     "`says` of \"r\" needs {limit}, which a rule may leave out; put it"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b", "ask {contact}", NULL}, {"a", "b", "ask {contact}", NULL}},
     "`remedy` of \"r\" needs {contact}"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b {recipient}", "c", NULL}, {"a", "b", "c", NULL}},
     "`says` of \"r\" lacks {recipient}, which it has in another language; use it here too"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b", "c", NULL}, {"a {sender}", "b", "c", NULL}},
     "`short` of \"r\" lacks {sender}"},
    {"rcpt=550 5.1.1",
     "",
     {{NULL, "b", "c", NULL}, {"a", "b", "c", NULL}},
     "the text \"r\" has no `short`; write one"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", NULL, "c", NULL}, {"a", "b", "c", NULL}},
     "the text \"r\" has no `says`"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b", "c", NULL}, {"a", "b", NULL, NULL}},
     "the text \"r\" has no `remedy`"},
    {"rcpt=550 5.1.1",
     "",
     {{"a", "b", "c", "d"}, {"a", "b", "c", NULL}},
     "the text \"r\" has no `internal`"},
    {"rcpt=550 5.1.1", "", {{"a", "b", "c", "d"}, {"a", "b", "c", "d"}}, NULL},
    {"rcpt=550 5.1.1", "", {{LONG_60, "b", "c", NULL}, {"a", "b", "c", NULL}}, NULL},
    {"rcpt=550 5.1.1",
     "",
     {{LONG_60 "x", "b", "c", NULL}, {"a", "b", "c", NULL}},
     "the `short` of \"r\" has more than 60 characters; write fewer words"},
    {NULL,
     "",
     {{"a", "b", "c", NULL}, {"a", "b", "c", NULL}},
     "reason \"r\" has no code pair; give it permanent = { \"rcpt=550 5.7.1\" }"},
    {"rcpt=550 4.1.1",
     "",
     {{"a", "b", "c", NULL}, {"a", "b", "c", NULL}},
     "reason \"r\" at rcpt: the first digits of 550 4.1.1 disagree"},
    {"rcpt=550 5.1.99",
     "",
     {{"a", "b", "c", NULL}, {"a", "b", "c", NULL}},
     "reason \"r\" at rcpt: enhanced code 5.1.99 is not in the IANA registry"},
    {"mail=556 5.1.10",
     "",
     {{"a", "b", "c", NULL}, {"a", "b", "c", NULL}},
     "reason \"r\" at mail: 556 is not a reply to MAIL"},
};

START_TEST(reasons_are_checked) {
    static const char *const tags[] = {"en", "tr", NULL};
    struct snapshot *snapshot = sample_site(tags);
    struct complaints *complaints = complaints_new();

    sample_reason(snapshot, "r", checks[_i].permanent, NULL, checks[_i].parameters,
                  checks[_i].texts);
    catalogue_check(snapshot->catalogue, complaints);
    const struct complaint *complaint = complaints_at(complaints, 0);
    bool found = checks[_i].complaint == NULL && complaint == NULL;
    for (size_t i = 0; (complaint = complaints_at(complaints, i)) != NULL; i++) {
        found = found || (checks[_i].complaint != NULL &&
                          strstr(complaint->text, checks[_i].complaint) != NULL);
        ck_assert_int_eq(complaint->severity, SEVERITY_ERROR);
    }
    complaint = complaints_at(complaints, 0);
    ck_assert_msg(found, "%s", complaint != NULL ? complaint->text : "nothing");
    complaints_free(complaints);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(a_missing_text_is_missed) {
    struct complaints *complaints = complaints_new();

    ck_assert_ptr_null(reason_add_pairs(reason, STATUS_PERMANENT, "rcpt=550 5.1.1"));
    catalogue_check(catalogue, complaints);
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 1);
    ck_assert_str_eq(complaints_at(complaints, 0)->text,
                     "reason \"mailbox-unknown\" has no text in language \"en\"; add text "
                     "\"mailbox-unknown\" to its file");
    ck_assert_uint_eq(complaints_at(complaints, 0)->place.line, here.line);
    complaints_free(complaints);
}
END_TEST

Suite *reasons_suite(void) {
    Suite *suite = suite_create("reasons");
    TCase *tests = tcase_create("reasons");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, pairs_are_added, 0, G_N_ELEMENTS(pairs));
    tcase_add_test(tests, what_is_named_comes_before_any);
    tcase_add_loop_test(tests, other_pairs_are_refused, 0, G_N_ELEMENTS(wrong_pairs));
    tcase_add_test(tests, no_pair_is_stated_twice);
    tcase_add_test(tests, reasons_are_found);
    tcase_add_test(tests, languages_keep_their_order);
    tcase_add_test(tests, words_have_names);
    tcase_add_loop_test(tests, reasons_are_checked, 0, G_N_ELEMENTS(checks));
    tcase_add_test(tests, a_missing_text_is_missed);
    suite_add_tcase(suite, tests);
    return suite;
}
