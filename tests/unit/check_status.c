/* SPDX-License-Identifier: ISC */
#include "dragoman/status.h"

#include <glib.h>
#include <string.h>

#include "suites.h"

/* ---- text ---- */

static const struct {
    const char *text;
    struct status status;
    const char *rest;
} readable[] = {
    {"550 5.1.1", {550, 5, 1, 1}, ""},
    {"550-5.1.1", {550, 5, 1, 1}, ""},
    {"550", {550, 0, 0, 0}, ""},
    {"5.1.1", {0, 5, 1, 1}, ""},
    {"250 2.0.0", {250, 2, 0, 0}, ""},
    {"451 4.7.509", {451, 4, 7, 509}, ""},
    {"550 5.999.999", {550, 5, 999, 999}, ""},
    {"550 4.1.1", {550, 4, 1, 1}, ""}, /* for the linter */
    {"571 5.7.1", {571, 5, 7, 1}, ""},
    {"550 5.1.1 No such user", {550, 5, 1, 1}, " No such user"},
    {"550-5.1.1: no", {550, 5, 1, 1}, ": no"},
    {"550 5.1.1.", {550, 5, 1, 1}, "."},
    {"550\r\n", {550, 0, 0, 0}, "\r\n"},
    {"550-", {550, 0, 0, 0}, "-"},
    {"550 no", {550, 0, 0, 0}, " no"},
    {"550  5.1.1", {550, 0, 0, 0}, "  5.1.1"},
    {"550 5.1.1.9 is an address", {550, 0, 0, 0}, " 5.1.1.9 is an address"},
    {"550 5.1.1a", {550, 0, 0, 0}, " 5.1.1a"},
    {"550 5.01.1", {550, 0, 0, 0}, " 5.01.1"},
    {"550 5.1.01", {550, 0, 0, 0}, " 5.1.01"},
    {"550 5.1.1000", {550, 0, 0, 0}, " 5.1.1000"},
    {"550 5.1", {550, 0, 0, 0}, " 5.1"},
    {"550 5.1.", {550, 0, 0, 0}, " 5.1."},
    {"550 3.1.1", {550, 0, 0, 0}, " 3.1.1"},
    {"550 55.1.1", {550, 0, 0, 0}, " 55.1.1"},
    {"550 -5.1.1", {550, 0, 0, 0}, " -5.1.1"},
};

static const char *const unreadable[] = {
    "",      " ",       " 550", "5",    "55",     "5500",   "550x",  "550.1.1",
    "050",   "x50",     "5.1",  "5..1", ".1.1",   "5.1.x",  "3.1.1", "1.1.1",
    "0.1.1", "5.1.1.1", "+50",  "-50",  "5.1.1x", "5.00.1", "5 1 1", "5.1000.1",
};

START_TEST(text_is_parsed) {
    const char *end = NULL;
    struct status status;

    ck_assert(status_parse(readable[_i].text, &status, &end));
    ck_assert(status_equal(status, readable[_i].status));
    ck_assert_str_eq(end, readable[_i].rest);
    ck_assert_int_eq(status_parse(readable[_i].text, &status, NULL), *readable[_i].rest == '\0');
}
END_TEST

START_TEST(other_text_is_not_parsed) {
    const char *end = "untouched";
    struct status status = {421, 4, 3, 2};

    ck_assert_msg(!status_parse(unreadable[_i], &status, &end), "%s", unreadable[_i]);
    ck_assert_str_eq(end, "untouched");
    ck_assert(status_equal(status, (struct status){421, 4, 3, 2}));
}
END_TEST

START_TEST(every_pair_comes_back_from_its_text) {
    static const unsigned basics[] = {0, 250, 421, 550, 999};

    for (size_t i = 0; i < enhanced_code_count() * G_N_ELEMENTS(basics); i++) {
        const struct enhanced_code *code = enhanced_code_at(i % enhanced_code_count());
        struct status read,
            status = {(uint16_t)basics[i / enhanced_code_count()], 4, code->subject, code->detail};
        char text[STATUS_TEXT_SIZE];
        ck_assert_msg(status_parse(status_print(status, text), &read, NULL), "%s", text);
        ck_assert(status_equal(status, read));
    }
}
END_TEST

START_TEST(any_value_can_be_printed) {
    char text[STATUS_TEXT_SIZE];

    ck_assert_str_eq(status_print((struct status){550, 5, 7, 26}, text), "550 5.7.26");
    ck_assert_str_eq(status_print((struct status){550, 0, 7, 26}, text), "550");
    ck_assert_str_eq(status_print((struct status){0, 5, 7, 26}, text), "5.7.26");
    ck_assert_str_eq(status_print((struct status){0}, text), "");
    ck_assert_str_eq(status_print((struct status){65535, 255, 65535, 65535}, text),
                     "65535 255.65535.65535");
}
END_TEST

START_TEST(values_are_compared) {
    struct status status = {550, 5, 1, 1};

    ck_assert(status_equal(status, (struct status){550, 5, 1, 1}));
    ck_assert(!status_equal(status, (struct status){551, 5, 1, 1}));
    ck_assert(!status_equal(status, (struct status){550, 4, 1, 1}));
    ck_assert(!status_equal(status, (struct status){550, 5, 2, 1}));
    ck_assert(!status_equal(status, (struct status){550, 5, 1, 2}));
    ck_assert(!status_equal(status, (struct status){550, 0, 1, 1}));
    ck_assert(status_equal((struct status){550, 0, 1, 1}, (struct status){550, 0, 7, 1}));
}
END_TEST

START_TEST(grammar_of_basic_codes) {
    static const unsigned good[] = {200, 250, 259, 354, 421, 550, 559};
    static const unsigned bad[] = {0, 5, 55, 100, 199, 260, 471, 499, 560, 571, 600, 999, 1550};

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        ck_assert_msg(status_basic_is_grammatical(good[i]), "%u", good[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!status_basic_is_grammatical(bad[i]), "%u", bad[i]);
}
END_TEST

/* ---- tables ---- */

START_TEST(tables_are_complete) {
    ck_assert_uint_eq(basic_code_count(), 79);
    ck_assert_uint_eq(enhanced_code_count(), 95);
    ck_assert_uint_eq(command_reply_count(), 216);
    ck_assert_uint_eq(COMMAND_COUNT, 23);
}
END_TEST

/* What ascends strictly has no row twice. */
START_TEST(tables_are_sorted) {
    for (size_t i = 1; i < basic_code_count(); i++)
        ck_assert_uint_lt(basic_code_at(i - 1)->code, basic_code_at(i)->code);
    for (size_t i = 1; i < enhanced_code_count(); i++) {
        const struct enhanced_code *a = enhanced_code_at(i - 1), *b = enhanced_code_at(i);
        ck_assert_uint_lt(a->subject * 1000u + a->detail, b->subject * 1000u + b->detail);
    }
    for (size_t i = 1; i < command_reply_count(); i++) {
        const struct command_reply *a = command_reply_at(i - 1), *b = command_reply_at(i);
        ck_assert_uint_lt(a->command * 1000u + a->code, b->command * 1000u + b->code);
    }
}
END_TEST

START_TEST(rows_are_found) {
    for (size_t i = 0; i < basic_code_count(); i++)
        ck_assert_ptr_eq(basic_code_find(basic_code_at(i)->code), basic_code_at(i));
    for (size_t i = 0; i < enhanced_code_count(); i++) {
        const struct enhanced_code *code = enhanced_code_at(i);
        ck_assert_ptr_eq(enhanced_code_find(code->subject, code->detail), code);
    }
    for (size_t i = 0; i < command_reply_count(); i++) {
        const struct command_reply *reply = command_reply_at(i);
        ck_assert_ptr_eq(command_reply_find(reply->command, reply->code), reply);
    }
}
END_TEST

START_TEST(what_is_not_there_is_not_found) {
    ck_assert_ptr_null(basic_code_find(0));
    ck_assert_ptr_null(basic_code_find(549));
    ck_assert_ptr_null(basic_code_find(65536 + 550));
    ck_assert_ptr_null(enhanced_code_find(1, 11));
    ck_assert_ptr_null(enhanced_code_find(8, 0));
    ck_assert_ptr_null(enhanced_code_find(65536 + 1, 1));
    ck_assert_ptr_null(command_reply_find(COMMAND_CONNECT, 550));
    ck_assert_ptr_null(command_reply_find(COMMAND_NONE, 550));
}
END_TEST

START_TEST(commands_have_names) {
    for (enum smtp_command command = 0; command < COMMAND_COUNT; command++)
        ck_assert_int_eq(command_from_name(command_name(command)), command);
    ck_assert_int_eq(command_from_name("rcpt"), COMMAND_RCPT);
    ck_assert_str_eq(command_name(COMMAND_RECEIVED_DATA), "received-data");
    ck_assert_int_eq(command_from_name("RCPT TO"), COMMAND_NONE);
    ck_assert_int_eq(command_from_name(""), COMMAND_NONE);
    ck_assert_str_eq(command_name(COMMAND_NONE), "none");
}
END_TEST

START_TEST(basic_rows_make_sense) {
    for (size_t i = 0; i < basic_code_count(); i++) {
        const struct basic_code *row = basic_code_at(i);
        bool made_up = row->origin != ORIGIN_STANDARD && row->origin != ORIGIN_REGISTRY;
        ck_assert_msg(!row->sendable || status_basic_is_grammatical(row->code), "%u", row->code);
        ck_assert_msg(!(row->sendable && made_up), "%u", row->code);
        ck_assert_msg(row->sendable || row->why_not != NULL, "%u", row->code);
        if (row->send_instead != NULL) {
            struct status instead;
            const char *end;
            ck_assert_ptr_nonnull(row->why_not);
            ck_assert(status_parse(row->send_instead, &instead, &end));
            ck_assert(basic_code_find(instead.basic)->sendable);
        }
    }
}
END_TEST

static void check_best_basic(const struct enhanced_code *row, enum status_class class) {
    unsigned basic = enhanced_code_basic(row, class);

    if (basic == 0)
        return;
    ck_assert_uint_eq(basic / 100, class);
    ck_assert_msg((row->classes | row->practice) & 1u << class, "%u.%u", row->subject, row->detail);
    ck_assert(basic_code_find(basic)->sendable);
    ck_assert(enhanced_code_goes_with(row, basic));
}

START_TEST(enhanced_rows_make_sense) {
    for (size_t i = 0; i < enhanced_code_count(); i++) {
        const struct enhanced_code *row = enhanced_code_at(i);
        bool registered = row->state == CODE_REGISTERED;
        ck_assert_msg(!registered || row->classes != 0, "%u.%u", row->subject, row->detail);
        ck_assert_msg(registered || g_str_has_prefix(row->note, "write "), "%u.%u", row->subject,
                      row->detail);
        check_best_basic(row, STATUS_SUCCESS);
        check_best_basic(row, STATUS_TEMPORARY);
        check_best_basic(row, STATUS_PERMANENT);
        ck_assert_uint_eq(enhanced_code_basic(row, STATUS_INTERMEDIATE), 0);
    }
}
END_TEST

START_TEST(reply_rows_make_sense) {
    for (size_t i = 0; i < command_reply_count(); i++) {
        const struct command_reply *row = command_reply_at(i);
        const enum reply_kind kinds[] = {
            [2] = REPLY_SUCCESS, [3] = REPLY_INTERMEDIATE, [4] = REPLY_ERROR, [5] = REPLY_ERROR};
        ck_assert_ptr_nonnull(basic_code_find(row->code));
        ck_assert_int_eq(row->kind, kinds[row->code / 100]);
        ck_assert(g_str_has_prefix(row->source, "RFC ") ||
                  g_str_has_prefix(row->source, "practice "));
    }
}
END_TEST

/* The registry names basic codes of a class that the defining text does not permit. */
static const struct {
    unsigned subject, detail, basic;
} contradictions[] = {
    {1, 1, 451}, {2, 2, 552}, {4, 3, 550}, {5, 1, 430}, {5, 4, 451}, {7, 1, 451}, {7, 1, 454},
};

START_TEST(contradictions_of_the_registry_are_kept) {
    const struct enhanced_code *code =
        enhanced_code_find(contradictions[_i].subject, contradictions[_i].detail);

    ck_assert(enhanced_code_iana_names(code, contradictions[_i].basic));
    ck_assert(!(code->classes & 1u << contradictions[_i].basic / 100));
    ck_assert_ptr_nonnull(code->note);
}
END_TEST

static const struct {
    unsigned subject, detail, basic;
    bool named, goes;
} companions[] = {
    {1, 1, 550, true, true},    {1, 1, 450, false, true},   {1, 1, 552, false, false},
    {0, 0, 250, true, true},    {0, 0, 5500, false, true},  {1, 0, 553, false, true},
    {3, 4, 552, true, true},    {3, 4, 554, true, true},    {3, 4, 550, false, false},
    {7, 15, 452, true, true},   {7, 15, 250, false, false}, {7, 17, 550, true, true},
    {7, 17, 450, false, false}, {7, 28, 421, false, true},  {7, 28, 450, false, true},
    {1, 6, 551, false, true},   {5, 3, 452, false, true},   {5, 3, 552, false, false},
};

START_TEST(basic_codes_go_with_enhanced_codes) {
    const struct enhanced_code *code =
        enhanced_code_find(companions[_i].subject, companions[_i].detail);

    ck_assert_int_eq(enhanced_code_iana_names(code, companions[_i].basic), companions[_i].named);
    ck_assert_int_eq(enhanced_code_goes_with(code, companions[_i].basic), companions[_i].goes);
}
END_TEST

/* ---- linter ---- */

/* The ids of the faults that are found, in this order, and what the first one's text ends with.
 * `wanted` is the verdict's first digit, or 0. */
static const struct {
    const char *command;
    const char *status;
    unsigned wanted;
    const char *faults;
    const char *text;
} lint[] = {
    /* right, next to each other's mistakes */
    {"RCPT", "550 5.7.1", 0, "", ""},
    {"RCPT", "550 5.1.1", 5, "", ""},
    {"CONNECT", "554 5.7.1", 0, "", ""},
    {"CONNECT", "421 4.7.0", 4, "", ""},
    {"CONNECT", "521 5.3.2", 0, "", ""},
    {"CONNECT", "554", 0, "", ""},
    {"MAIL", "552 5.3.4", 0, "", ""},
    {"MAIL", "530 5.7.0", 0, "", ""},
    {"MAIL", "550 5.1.8", 0, "", ""},
    {"RCPT", "550 5.1.8", 0, "", ""},
    {"RCPT", "501 5.1.7", 0, "", ""},
    {"RCPT", "452 4.5.3", 0, "", ""},
    {"RCPT", "550 5.5.3", 0, "", ""},
    {"RCPT", "421 4.3.2", 0, "", ""},
    {"QUIT", "421 4.3.2", 0, "", ""},
    {"received-data", "421 4.3.2", 0, "", ""},
    {"RCPT", "5.1.1", 5, "", ""},
    {"received-data", "554 5.6.3", 0, "", ""},
    {"received-data", "250 2.0.0", 0, "", ""},
    {"AUTH", "535 5.7.8", 0, "", ""},
    {"AUTH", "334", 0, "", ""},
    {"DATA", "354", 0, "", ""},
    {"EHLO", "250", 0, "", ""},
    {"SEND", "502 5.5.1", 0, "", ""},
    {"none", "454 4.7.0", 0, "", ""},
    {"none", "450 4.7.15", 0, "", ""},
    {"RCPT", "252 2.5.2", 5, "reply-not-allowed verdict-mismatch", "write 500 5.5.2"},

    /* basic codes that are none */
    {"RCPT", "571 5.7.1", 0, "basic-malformed", "write 550 5.7.1"},
    {"CONNECT", "571", 0, "basic-malformed", "write 554 5.7.1"},
    {"RCPT", "571 5.7.1", 4, "basic-malformed", "450 4.7.1"},
    {"RCPT", "111", 0, "basic-malformed", "write 550"},
    {"RCPT", "899", 0, "basic-malformed", "write 550"},
    {"RCPT", "558 5.1.1", 0, "basic-unknown", "write 550 5.1.1"},
    {"RCPT", "512", 0, "basic-not-sendable", "write 550 5.1.2"},
    {"RCPT", "522", 0, "basic-not-sendable", "write 552 5.2.2"},
    {"RCPT", "522", 4, "basic-not-sendable", "452 4.2.2"},
    {"RCPT", "403 4.7.0", 0, "basic-not-sendable", "450 4.7.0"},
    {"AUTH", "422 4.7.12", 0, "basic-not-sendable", "432 4.7.12"},
    {"NOOP", "200", 0, "basic-not-sendable", "write 250 2.0.0"},

    /* first digits */
    {"RCPT", "550 4.4.7", 0, "class-mismatch", "write 550 5.4.7 or 451 4.4.7"},
    {"RCPT", "550 4.4.7", 5, "class-mismatch", "; write 550 5.4.7"},
    {"RCPT", "450 5.1.3", 0, "class-mismatch", "write 501 5.1.3"},
    {"RCPT", "450 2.1.5", 0, "class-mismatch", "250 2.1.5"},
    {"RCPT", "454 5.5.1", 0, "reply-not-allowed class-mismatch", "write 450 4.5.0 or 451 4.5.0"},
    {"RCPT", "550 5.1.1", 4, "verdict-mismatch", "write 450 4.1.1"},
    {"RCPT", "421 4.7.0", 5, "verdict-mismatch", "write 550 5.7.0"},
    {"RCPT", "5.1.1", 4, "verdict-mismatch", "450 4.1.1"},

    /* replies to the wrong command */
    {"CONNECT", "550 5.7.1", 0, "reply-not-allowed", "write 554 5.7.1"},
    {"CONNECT", "450 4.7.1", 0, "reply-not-allowed", "write 421 4.7.1"},
    {"DATA", "550 5.7.1", 0, "reply-not-allowed", "write 554 5.7.1"},
    {"RCPT", "354", 0, "reply-not-allowed", "the command has"},
    {"MAIL", "521 5.3.2", 0, "reply-not-allowed", "550 5.3.2"},
    {"HELO", "521 5.7.1", 0, "reply-obsolete", "write 550 5.7.1"},
    {"RCPT", "521 5.3.2", 0, "reply-obsolete", "write 550 5.3.2"},
    {"RSET", "504 5.5.4", 0, "reply-obsolete", "write 501 5.5.4"},
    {"SEND", "250 2.0.0", 0, "command-obsolete", "write 502 5.5.1"},
    {"TURN", "550 5.7.1", 0, "command-obsolete", "write 502 5.5.1"},
    {"EHLO", "450 4.7.1", 0, "reply-tolerated", "write 421 4.7.1"},
    {"HELO", "450 4.7.0", 0, "reply-tolerated", "write 421 4.7.0"},
    {"RCPT", "554 5.7.1", 0, "reply-tolerated", "write 550 5.7.1"},
    {"RCPT", "554 5.7.0", 0, "", ""},
    {"DATA", "451 4.3.0", 0, "reply-tolerated", "write 421 4.3.0"},
    {"received-data", "451 4.3.0", 0, "", ""},

    /* enhanced codes that are none, or not there */
    {"received-data", "451 4.7.32", 0, "enhanced-unregistered", "write 4.7.26; Gmail's own number"},
    {"RCPT", "550 5.1.99", 0, "enhanced-unregistered", "write 5.1.0"},
    {"RCPT", "550 5.9.9", 0, "enhanced-unregistered", "write 5.0.0"},
    {"VRFY", "550 5.6.10", 0, "enhanced-obsolete", "write 5.6.8"},
    {"VRFY", "550 5.6.8", 0, "", ""},
    {"DATA", "354 2.0.0", 0, "enhanced-on-intermediate", "write 354 alone"},
    {"EHLO", "250 2.0.0", 0, "enhanced-not-used", "write 250 alone"},
    {"CONNECT", "220 2.0.0", 0, "enhanced-not-used", "220 alone"},
    {"STARTTLS", "220 2.0.0", 0, "", ""},
    {"RCPT", "550", 0, "enhanced-missing", "a more exact one"},

    /* enhanced codes of another class */
    {"RCPT", "450 4.1.3", 0, "class-not-allowed", "write 501 5.1.3 or 450 4.1.0"},
    {"RCPT", "455 4.5.4", 0, "class-not-allowed", "write 501 5.5.4 or 455 4.5.0"},
    {"RCPT", "550 5.1.5", 0, "class-not-allowed", "write 550 5.1.0"},
    {"RCPT", "250 2.1.1", 0, "class-not-allowed", "write 250 2.1.0"},
    {"RCPT", "450 4.7.1", 0, "class-by-practice", "write 550 5.7.1 or 450 4.7.0"},
    {"RCPT", "450 4.7.1", 4, "class-by-practice", "; by the letter write 450 4.7.0"},
    {"received-data", "554 5.4.6", 0, "class-by-practice", "write 450 4.4.6 or 554 5.4.0"},
    {"RCPT", "552 5.2.2", 0, "class-by-practice", "write 452 4.2.2 or 552 5.2.0"},
    {"RCPT", "452 4.2.2", 0, "", ""},

    /* pairs of which each half is right */
    {"RCPT", "552 5.5.3", 0, "recipient-limit", "(RFC 5321 4.5.3.1.10)"},
    {"MAIL", "550 5.1.1", 0, "recipient-code", "write 5.1.0"},
    {"MAIL", "550 5.1.2", 0, "recipient-code", "write 5.1.8"},
    {"MAIL", "501 5.1.3", 0, "recipient-code", "write 5.1.7"},
    {"MAIL", "501 5.1.7", 0, "", ""},
    {"AUTH", "535 5.7.1", 0, "login-code", "(RFC 4954 6)"},
    {"AUTH", "550 5.7.1", 0, "reply-not-allowed login-code", "write 535 5.7.8"},
    {"AUTH", "535 5.7.0", 0, "", ""},
    {"RCPT", "550 5.3.4", 0, "basic-unfit", "write 552 5.3.4"},
    {"RCPT", "550 5.1.10", 0, "basic-unfit", "write 556 5.1.10"},
    {"RCPT", "556 5.1.10", 0, "", ""},
    {"RCPT", "421 4.2.1", 0, "session-ends", "450 4.2.1 to put off this one"},
    {"RCPT", "550 5.2.2", 0, "class-by-practice basic-unfit", "write 452 4.2.2 or 550 5.2.0"},
};

static struct status parsed(const char *text) {
    struct status status;
    ck_assert_msg(status_parse(text, &status, NULL), "%s", text);
    return status;
}

START_TEST(faults_are_found) {
    struct status_finding found[8];
    size_t count = status_check(parsed(lint[_i].status), command_from_name(lint[_i].command),
                                lint[_i].wanted, found, G_N_ELEMENTS(found));
    g_autoptr(GString) ids = g_string_new(NULL);

    for (size_t i = 0; i < count; i++)
        g_string_append_printf(ids, "%s%s", i != 0 ? " " : "", found[i].fault->id);
    ck_assert_msg(strcmp(ids->str, lint[_i].faults) == 0, "%s at %s: %s", lint[_i].status,
                  lint[_i].command, ids->str);
    ck_assert_msg(count == 0 || g_str_has_suffix(found[0].text, lint[_i].text), "%s: %s",
                  lint[_i].status, found[0].text);
}
END_TEST

START_TEST(every_fault_is_tested) {
    const struct fault *fault = fault_at((size_t)_i);
    bool tested = false;

    for (size_t i = 0; i < G_N_ELEMENTS(lint); i++)
        tested |= g_str_has_prefix(lint[i].faults, fault->id);
    ck_assert_msg(tested, "%s", fault->id);
    ck_assert_int_eq(fault->fault, _i);
}
END_TEST

/* The warning is found before the error. */
START_TEST(little_room_keeps_the_most_severe) {
    struct status status = parsed("554 4.7.1");
    struct status_finding found[4];

    ck_assert_uint_eq(status_check(status, COMMAND_RCPT, STATUS_ANY, NULL, 0), 2);
    ck_assert_uint_eq(status_check(status, COMMAND_RCPT, STATUS_ANY, found, 1), 2);
    ck_assert_int_eq(found[0].fault->severity, SEVERITY_ERROR);
    ck_assert_uint_eq(status_check(status, COMMAND_RCPT, STATUS_ANY, found, 4), 2);
    ck_assert_int_eq(found[0].fault->severity, SEVERITY_ERROR);
    ck_assert_int_eq(found[1].fault->severity, SEVERITY_WARNING);
}
END_TEST

START_TEST(a_status_of_nothing_is_an_error) {
    struct status_finding found[4];

    ck_assert_uint_ge(status_check((struct status){0}, COMMAND_RCPT, STATUS_ANY, found, 4), 1);
    ck_assert_int_eq(found[0].fault->fault, FAULT_BASIC_MALFORMED);
}
END_TEST

/* The pairs after "write " in the texts of these faults are meant to be copied. */
static bool is_recipe(const struct fault *fault) {
    switch (fault->fault) {
    case FAULT_BASIC_MALFORMED:
    case FAULT_BASIC_UNKNOWN:
    case FAULT_BASIC_NOT_SENDABLE:
    case FAULT_CLASS_MISMATCH:
    case FAULT_VERDICT_MISMATCH:
    case FAULT_REPLY_NOT_ALLOWED:
    case FAULT_REPLY_OBSOLETE:
    case FAULT_REPLY_TOLERATED:
    case FAULT_CLASS_NOT_ALLOWED:
    case FAULT_CLASS_BY_PRACTICE:
    case FAULT_BASIC_UNFIT:
        return true;
    default:
        return false;
    }
}

static void check_recipe(const struct status_finding *finding, enum smtp_command command,
                         enum status_class wanted) {
    const char *at = strstr(finding->text, "write ") + strlen("write ");
    struct status status;

    while (status_parse(at, &status, &at)) {
        struct status_finding found[1];
        size_t count = status_check(status, command, wanted, found, 1);
        ck_assert_msg(count == 0 || found[0].fault->severity < SEVERITY_ERROR,
                      "%s at %s\nadvises what gives\n%s", finding->text, command_name(command),
                      found[0].text);
        at += g_str_has_prefix(at, " or ") ? strlen(" or ") : 0;
    }
}

static void check_findings(struct status status, enum smtp_command command,
                           enum status_class wanted) {
    struct status_finding found[8];
    size_t count = status_check(status, command, wanted, found, G_N_ELEMENTS(found));

    ck_assert_uint_le(count, G_N_ELEMENTS(found));
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || found[i - 1].fault->severity >= found[i].fault->severity);
        ck_assert_ptr_nonnull(strstr(found[i].text, "; "));
        ck_assert_msg(strpbrk(found[i].text, "{}") == NULL, "%s", found[i].text);
        ck_assert_msg(strlen(found[i].text) < sizeof found[i].text - 1, "%s", found[i].text);
        if (is_recipe(found[i].fault))
            check_recipe(&found[i], command, wanted);
    }
}

static const enum status_class wanted_classes[] = {STATUS_ANY, STATUS_TEMPORARY, STATUS_PERMANENT};

/* Every basic code at every command, with a few enhanced codes. */
START_TEST(advice_on_basic_codes_can_be_followed) {
    static const struct status enhanced[] = {{0}, {0, 5, 7, 1}, {0, 4, 2, 2}};

    for (size_t i = 0; i < basic_code_count() * G_N_ELEMENTS(enhanced); i++) {
        struct status status = enhanced[i / basic_code_count()];
        status.basic = basic_code_at(i % basic_code_count())->code;
        for (size_t j = 0; j < G_N_ELEMENTS(wanted_classes); j++)
            check_findings(status, (enum smtp_command)_i, wanted_classes[j]);
    }
}
END_TEST

/* Every enhanced code in every class at every command, with a few basic codes. */
START_TEST(advice_on_enhanced_codes_can_be_followed) {
    static const uint16_t basics[] = {0, 250, 450, 554};
    static const uint8_t digits[] = {2, 4, 5};

    for (size_t i = 0; i < enhanced_code_count() * G_N_ELEMENTS(basics); i++)
        for (size_t j = 0; j < G_N_ELEMENTS(digits); j++) {
            const struct enhanced_code *code = enhanced_code_at(i % enhanced_code_count());
            struct status status = {basics[i / enhanced_code_count()], digits[j], code->subject,
                                    code->detail};
            check_findings(status, (enum smtp_command)_i, wanted_classes[i % 3]);
        }
}
END_TEST

/* ---- suite ---- */

static TCase *text_case(void) {
    TCase *tests = tcase_create("text");

    tcase_add_loop_test(tests, text_is_parsed, 0, G_N_ELEMENTS(readable));
    tcase_add_loop_test(tests, other_text_is_not_parsed, 0, G_N_ELEMENTS(unreadable));
    tcase_add_test(tests, every_pair_comes_back_from_its_text);
    tcase_add_test(tests, any_value_can_be_printed);
    tcase_add_test(tests, values_are_compared);
    tcase_add_test(tests, grammar_of_basic_codes);
    return tests;
}

static TCase *table_case(void) {
    TCase *tests = tcase_create("tables");

    tcase_add_test(tests, tables_are_complete);
    tcase_add_test(tests, tables_are_sorted);
    tcase_add_test(tests, rows_are_found);
    tcase_add_test(tests, what_is_not_there_is_not_found);
    tcase_add_test(tests, commands_have_names);
    tcase_add_test(tests, basic_rows_make_sense);
    tcase_add_test(tests, enhanced_rows_make_sense);
    tcase_add_test(tests, reply_rows_make_sense);
    tcase_add_loop_test(tests, contradictions_of_the_registry_are_kept, 0,
                        G_N_ELEMENTS(contradictions));
    tcase_add_loop_test(tests, basic_codes_go_with_enhanced_codes, 0, G_N_ELEMENTS(companions));
    return tests;
}

static TCase *linter_case(void) {
    TCase *tests = tcase_create("linter");

    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, faults_are_found, 0, G_N_ELEMENTS(lint));
    tcase_add_loop_test(tests, every_fault_is_tested, 0, FAULT_COUNT);
    tcase_add_test(tests, little_room_keeps_the_most_severe);
    tcase_add_test(tests, a_status_of_nothing_is_an_error);
    tcase_add_loop_test(tests, advice_on_basic_codes_can_be_followed, 0, COMMAND_COUNT + 1);
    tcase_add_loop_test(tests, advice_on_enhanced_codes_can_be_followed, 0, COMMAND_COUNT + 1);
    return tests;
}

Suite *status_suite(void) {
    Suite *suite = suite_create("status");

    suite_add_tcase(suite, text_case());
    suite_add_tcase(suite, table_case());
    suite_add_tcase(suite, linter_case());
    return suite;
}
