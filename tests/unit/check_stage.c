/* SPDX-License-Identifier: ISC */
#include "dragoman/stage.h"

#include <glib.h>

#include "suites.h"

static const struct {
    enum stage stage;
    const char *name;
    enum smtp_command command;
} rows[] = {
    {STAGE_CONNECT, "connect", COMMAND_CONNECT}, {STAGE_HELO, "helo", COMMAND_EHLO},
    {STAGE_MAIL, "mail", COMMAND_MAIL},          {STAGE_RCPT, "rcpt", COMMAND_RCPT},
    {STAGE_DATA, "data", COMMAND_DATA},          {STAGE_HEADER, "header", COMMAND_RECEIVED_DATA},
    {STAGE_EOH, "eoh", COMMAND_RECEIVED_DATA},   {STAGE_BODY, "body", COMMAND_RECEIVED_DATA},
    {STAGE_EOM, "eom", COMMAND_RECEIVED_DATA},   {STAGE_UNKNOWN, "unknown", COMMAND_HELP},
    {STAGE_REPLY, "reply", COMMAND_NONE},
};

START_TEST(stages_have_names_and_commands) {
    ck_assert_uint_eq(G_N_ELEMENTS(rows), STAGE_COUNT);
    ck_assert_int_eq(rows[_i].stage, _i); /* in the order in which they come */
    ck_assert_str_eq(stage_name(rows[_i].stage), rows[_i].name);
    ck_assert_int_eq(stage_from_name(rows[_i].name), rows[_i].stage);
    ck_assert_int_eq(stage_command(rows[_i].stage), rows[_i].command);
}
END_TEST

START_TEST(other_names_are_none) {
    static const char *const names[] = {"", "RCPT", "rcp", "rcptx", "none", "vrfy", "rcpt "};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_msg(stage_from_name(names[i]) == STAGE_NONE, "%s", names[i]);
    ck_assert_str_eq(stage_name(STAGE_NONE), "none");
}
END_TEST

Suite *stage_suite(void) {
    Suite *suite = suite_create("stage");
    TCase *tests = tcase_create("stage");

    tcase_add_loop_test(tests, stages_have_names_and_commands, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tests, other_names_are_none);
    suite_add_tcase(suite, tests);
    return suite;
}
