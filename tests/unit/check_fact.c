/* SPDX-License-Identifier: ISC */
#include "dragoman/fact.h"

#include <glib.h>
#include <string.h>

#include "suites.h"

START_TEST(names_are_found_again) {
    enum fact fact = (enum fact)_i;
    const struct fact_row *row = fact_row(fact);
    g_autofree char *keyed = g_strconcat(row->name, ":X-Key", NULL);
    g_autofree char *empty = g_strconcat(row->name, ":", NULL);
    const char *key = "untouched";

    ck_assert_int_eq(fact_from_name(row->name, &key), fact_is_keyed(fact) ? FACT_NONE : fact);
    ck_assert_ptr_null(key);
    ck_assert_int_eq(fact_from_name(keyed, &key), fact_is_keyed(fact) ? fact : FACT_NONE);
    ck_assert_str_eq(key, "X-Key");
    ck_assert_int_eq(fact_from_name(empty, &key), FACT_NONE);
    ck_assert_ptr_null(key);
}
END_TEST

START_TEST(four_facts_have_keys) {
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        bool keyed = fact == FACT_HEADER || fact == FACT_MACRO || fact == FACT_MAIL_PARAMETER ||
                     fact == FACT_RCPT_PARAMETER;
        ck_assert_int_eq(fact_is_keyed(fact), keyed);
    }
}
END_TEST

START_TEST(rows_make_sense) {
    const struct fact_row *row = fact_row((enum fact)_i);
    g_auto(GStrv) macros = g_strsplit(row->macros, " ", -1);
    const char *key;

    ck_assert_int_lt(row->known, STAGE_COUNT);
    ck_assert_int_le(row->known, row->settled);
    ck_assert_ptr_nonnull(strchr(row->help, ' '));
    for (enum fact other = 0; other < (enum fact)_i; other++)
        ck_assert_str_ne(fact_row(other)->name, row->name);
    for (char **macro = macros; *macro != NULL && **macro != '\0'; macro++) {
        g_autofree char *name = g_strconcat("macro:", *macro, NULL);
        ck_assert_int_eq(fact_from_name(name, &key), FACT_MACRO);
        ck_assert_msg(fact_known_at(FACT_MACRO, key) == row->known, "%s", name);
    }
}
END_TEST

START_TEST(other_names_are_none) {
    static const char *const names[] = {
        "", ":", ":Subject", "Sender", "send", "senders", "header", "HEADER:Subject", "sender:x",
    };
    const char *key;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_msg(fact_from_name(names[i], &key) == FACT_NONE, "%s", names[i]);
    ck_assert_int_eq(fact_from_name("header:X:Y", &key), FACT_HEADER);
    ck_assert_str_eq(key, "X:Y");
}
END_TEST

START_TEST(the_nearest_name_is_found) {
    ck_assert_str_eq(fact_nearest("clint-ip"), "client-ip");
    ck_assert_str_eq(fact_nearest("recipent"), "recipient");
    ck_assert_str_eq(fact_nearest("Sender"), "sender");
    ck_assert_ptr_null(fact_nearest("completely-different"));
}
END_TEST

static const struct {
    enum fact fact;
    const char *key;
    enum stage known, settled;
} moments[] = {
    {FACT_CLIENT_IP, NULL, STAGE_CONNECT, STAGE_CONNECT},
    {FACT_HELO, NULL, STAGE_HELO, STAGE_HELO},
    {FACT_TLS_VERSION, NULL, STAGE_HELO, STAGE_MAIL},
    {FACT_SENDER, NULL, STAGE_MAIL, STAGE_MAIL},
    {FACT_SIZE, NULL, STAGE_MAIL, STAGE_MAIL},
    {FACT_RECIPIENT, NULL, STAGE_RCPT, STAGE_RCPT},
    {FACT_QUEUE_ID, NULL, STAGE_DATA, STAGE_DATA},
    {FACT_HEADER, "Subject", STAGE_HEADER, STAGE_EOH},
    {FACT_BODY, NULL, STAGE_BODY, STAGE_EOM},
    {FACT_COMMAND, NULL, STAGE_UNKNOWN, STAGE_UNKNOWN},
    {FACT_REPLY_TEXT, NULL, STAGE_REPLY, STAGE_REPLY},
    {FACT_MACRO, "client_ptr", STAGE_CONNECT, STAGE_CONNECT},
    {FACT_MACRO, "tls_version", STAGE_HELO, STAGE_HELO},
    {FACT_MACRO, "auth_ssf", STAGE_MAIL, STAGE_MAIL},
    {FACT_MACRO, "rcpt_mailer", STAGE_RCPT, STAGE_RCPT},
    {FACT_MACRO, "i", STAGE_DATA, STAGE_DATA},
    {FACT_MACRO, "msg_size", STAGE_EOM, STAGE_EOM},
    {FACT_MACRO, "site_own", STAGE_MAIL, STAGE_MAIL}, /* in no list */
};

START_TEST(facts_have_their_moments) {
    ck_assert_int_eq(fact_known_at(moments[_i].fact, moments[_i].key), moments[_i].known);
    ck_assert_int_eq(fact_settled_at(moments[_i].fact, moments[_i].key), moments[_i].settled);
}
END_TEST

/* What was learned is known later on; an unknown command can come at any time. */
START_TEST(facts_stay_known) {
    enum stage known = moments[_i].known;

    for (enum stage stage = 0; stage < STAGE_COUNT; stage++) {
        bool expected = stage >= known;
        if (stage == STAGE_UNKNOWN)
            expected = known <= STAGE_HELO || known == STAGE_UNKNOWN;
        else if (known == STAGE_UNKNOWN)
            expected = false;
        ck_assert_msg(fact_is_known(moments[_i].fact, moments[_i].key, stage) == expected,
                      "%s at %s", fact_row(moments[_i].fact)->name, stage_name(stage));
    }
}
END_TEST

Suite *fact_suite(void) {
    Suite *suite = suite_create("fact");
    TCase *tests = tcase_create("fact");

    tcase_add_loop_test(tests, names_are_found_again, 0, FACT_COUNT);
    tcase_add_test(tests, four_facts_have_keys);
    tcase_add_loop_test(tests, rows_make_sense, 0, FACT_COUNT);
    tcase_add_test(tests, other_names_are_none);
    tcase_add_test(tests, the_nearest_name_is_found);
    tcase_add_loop_test(tests, facts_have_their_moments, 0, G_N_ELEMENTS(moments));
    tcase_add_loop_test(tests, facts_stay_known, 0, G_N_ELEMENTS(moments));
    suite_add_tcase(suite, tests);
    return suite;
}
