/* SPDX-License-Identifier: ISC */
#include "dragoman/restatement.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

/* ---- the pair ---- */

static const struct {
    const char *reason;
    struct status said;
    enum smtp_command command;
    struct status status;
} pairs[] = {
    /* the command is known */
    {"mailbox-unknown", {554, 5, 7, 1}, COMMAND_RCPT, {550, 5, 1, 1}},
    {"mailbox-unknown", {450, 4, 7, 1}, COMMAND_RCPT, {450, 4, 1, 1}},
    {"site-policy", {550, 5, 0, 0}, COMMAND_DATA, {554, 5, 7, 1}},
    {"site-policy", {501, 5, 5, 4}, COMMAND_MAIL, {550, 5, 7, 1}},
    /* the reason has no pair there, but it has the one that was said */
    {"mailbox-unknown", {550, 5, 1, 1}, COMMAND_MAIL, {550, 5, 1, 1}},
    /* … or the likeliest of the class */
    {"mailbox-unknown", {554, 5, 7, 1}, COMMAND_MAIL, {550, 5, 1, 1}},
    /* the command is not known */
    {"site-policy", {554, 5, 7, 1}, COMMAND_NONE, {550, 5, 7, 1}}, /* RCPT, probably */
    {"site-policy", {550, 5, 7, 1}, COMMAND_NONE, {550, 5, 7, 1}},
    {"site-policy", {451, 4, 1, 1}, COMMAND_NONE, {451, 4, 7, 1}}, /* the same basic code */
    {"site-policy", {501, 5, 0, 0}, COMMAND_NONE, {550, 5, 7, 1}}, /* the likeliest */
    {"site-policy", {451, 4, 0, 0}, COMMAND_NONE, {451, 4, 7, 1}},
    {"site-policy", {550, 0, 0, 0}, COMMAND_NONE, {550, 5, 7, 1}}, /* without an enhanced code */
    /* a reply that closes the connection still does */
    {"site-policy", {421, 4, 0, 0}, COMMAND_RCPT, {421, 4, 7, 1}},
    {"site-policy", {421, 0, 0, 0}, COMMAND_NONE, {421, 4, 7, 1}},
    {"site-policy", {521, 5, 0, 0}, COMMAND_RCPT, {521, 5, 7, 1}},
    {"mailbox-unknown", {521, 5, 0, 0}, COMMAND_NONE, {521, 5, 1, 1}},
    /* a reason without a pair of the class */
    {"too-big", {452, 4, 3, 1}, COMMAND_MAIL, {452, 4, 3, 1}},
    {"too-big", {421, 4, 3, 1}, COMMAND_NONE, {421, 4, 3, 1}},
    {"internal-error", {554, 5, 3, 0}, COMMAND_RCPT, {554, 5, 3, 0}},
};

START_TEST(pairs_are_right) {
    struct snapshot *snapshot = sample_snapshot();
    const struct reason *reason = catalogue_find(snapshot->catalogue, pairs[_i].reason);
    struct status status = restatement_status(reason, pairs[_i].said, pairs[_i].command);
    char got[STATUS_TEXT_SIZE], expected[STATUS_TEXT_SIZE];

    ck_assert_str_eq(status_print(status, got), status_print(pairs[_i].status, expected));
    ck_assert_int_eq(status.basic / 100, pairs[_i].said.basic / 100);
    snapshot_release(snapshot);
}
END_TEST

/* ---- restating ---- */

static struct snapshot *snapshot;
static struct transaction *transaction;
static struct restatement restatement;

static void set_up(void) {
    snapshot = sample_snapshot();
    snapshot->site.restate_codes = RESTATE_CODES_CORRECT;
}

static void tear_down(void) {
    restatement_clear(&restatement);
    transaction_free(transaction);
    snapshot_release(snapshot);
}

static void rules(const char *text) {
    sample_rules(snapshot, text);
    policy_freeze(snapshot->policy);
}

static struct rule *rule_at(guint index) {
    return snapshot->policy->rules[STAGE_REPLY]->pdata[index];
}

static bool say(const char *code, const char *words, const struct shape *shape) {
    struct refusal_said said = {.command = COMMAND_RCPT, .words = words};

    restatement_clear(&restatement);
    transaction_free(transaction);
    transaction = transaction_new(&snapshot->site.limits);
    ck_assert(status_parse(code, &said.status, NULL));
    transaction_reply(transaction, said.status, words);
    said.transaction = transaction;
    return restate(snapshot, &said, "7F3K-2QXD", shape, NULL, &restatement);
}

/* All lines, with "/" between them. */
static char *words(void) {
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < restatement.reply->lines->len; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? "/" : "",
                               (const char *)restatement.reply->lines->pdata[i]);
    return g_string_free(g_steal_pointer(&all), FALSE);
}

static void check_code(const char *expected) {
    char code[STATUS_TEXT_SIZE];
    ck_assert_str_eq(status_print(restatement.reply->status, code), expected);
}

static void check_quoted(const char *quoted) {
    g_autofree char *all = words();
    g_autofree char *quotation = quoted != NULL ? g_strdup_printf("\"%s\"", quoted) : NULL;

    if (quotation != NULL)
        ck_assert_msg(strstr(all, quotation) != NULL, "%s", all);
    else
        ck_assert_msg(strchr(all, '"') == NULL, "%s", all);
}

START_TEST(a_refusal_is_restated) {
    rules("reply restate mailbox-unknown if reply-text=~^<(?<recipient>[^>]+)>:.*_User_unknown");
    ck_assert(say("554 5.7.1", "<ayse@example.com>: User unknown", &shape_milter));
    g_autofree char *all = words();
    check_code("550 5.1.1");
    ck_assert_str_eq(all, "There is no mailbox ayse@example.com here./Please check the address./"
                          "Bu sunucuda boyle bir posta kutusu (ayse@example.com) yok./"
                          "Lutfen adresi kontrol edin./"
                          "No such mailbox / Posta kutusu yok [ref 7F3K-2QXD]");
    ck_assert_str_eq(restatement.rule->name, "1");
}
END_TEST

START_TEST(what_no_rule_knows_stays) {
    rules("reply restate mailbox-unknown if reply-text=~User_unknown");
    ck_assert(!say("550 5.7.1", "something else", &shape_milter));
}
END_TEST

START_TEST(what_the_words_name_is_not_lost) {
    static const struct {
        const char *words;
        bool quoted;
    } cases[] = {
        {"User unknown", false},
        {"<ayse@example.com>: User unknown", false}, /* a parameter */
        {"<ayse@example.com>: User unknown in table <ayse@example.com>", false},
        {"<ayse@example.com>: User unknown (see https://x.example/)", true},
        {"<ayse@example.com>: User unknown on mx1", true},
        {"<ayse@example.com>: User unknown, says mx.example.net.", true},
        {"<ayse@example.com>: User unknown. So it is.", false}, /* dots of sentences */
        {"<ayse@example.com>: User unknown, ask mehmet@example.com", true},
    };

    rules("reply restate mailbox-unknown if "
          "reply-text=~^(?:<(?<recipient>[^>]+)>:_)?User_unknown.*$");
    ck_assert(say("550 5.1.1", cases[_i].words, &shape_milter));
    check_quoted(cases[_i].quoted ? cases[_i].words : NULL);
}
END_TEST

/* Whoever wrote the rule has not seen what stands behind. */
START_TEST(what_a_rule_has_not_read_is_not_lost) {
    rules("reply restate mailbox-unknown if reply-text=~^User_unknown");
    ck_assert(say("550 5.1.1", "User unknown", &shape_milter));
    check_quoted(NULL);
    ck_assert(say("550 5.1.1", "User unknown. So it is.", &shape_milter));
    check_quoted("User unknown. So it is.");
}
END_TEST

/* A group that the texts of the reason have no room for. */
START_TEST(what_a_group_names_is_not_lost) {
    rules("reply restate site-policy if reply-text=~^refused_because_(?<why>[a-z]+)$");
    ck_assert(say("550 5.7.1", "refused because weather", &shape_milter));
    check_quoted("refused because weather");
}
END_TEST

START_TEST(what_is_uncertain_is_quoted) {
    rules("reply restate site-policy if reply-text=~^no$");
    ck_assert(say("550 5.7.1", "no", &shape_milter));
    check_quoted(NULL);
    rule_at(0)->uncertain = true;
    ck_assert(say("550 5.7.1", "no", &shape_milter));
    check_quoted("no");
}
END_TEST

/* Quoted words are as harmless as parameters. */
START_TEST(quoted_words_are_harmless) {
    rules("reply restate site-policy if reply-text=~^no");
    rule_at(0)->uncertain = true;
    ck_assert(say("550 5.7.1", "no\r\n250 2.0.0 ok\x1b[2J \xff", &shape_milter));
    g_autofree char *wire = reply_print(restatement.reply);
    for (const char *line = wire; *line != '\0'; line = strstr(line, "\r\n") + 2)
        ck_assert_msg(g_str_has_prefix(line, "550"), "%s", wire);
    ck_assert_ptr_null(strchr(wire, '\x1b'));
}
END_TEST

START_TEST(one_line_has_no_room_for_a_quotation) {
    rules("reply restate site-policy if reply-text=~^no");
    rule_at(0)->uncertain = true;
    ck_assert(say("550 5.7.1", "no mx1.example.net", &shape_policy));
    ck_assert_uint_eq(restatement.reply->lines->len, 1);
    check_quoted(NULL);
}
END_TEST

START_TEST(codes_are_kept_or_corrected) {
    static const struct {
        enum restate_codes site, rule;
        const char *code;
    } cases[] = {
        {RESTATE_CODES_CORRECT, RESTATE_CODES_OF_SITE, "550 5.1.1"},
        {RESTATE_CODES_KEEP, RESTATE_CODES_OF_SITE, "554 5.7.0"},
        {RESTATE_CODES_CORRECT, RESTATE_CODES_KEEP, "554 5.7.0"},
        {RESTATE_CODES_KEEP, RESTATE_CODES_CORRECT, "550 5.1.1"},
    };

    rules("reply restate mailbox-unknown if reply-text=~no");
    snapshot->site.restate_codes = cases[_i].site;
    rule_at(0)->codes = cases[_i].rule;
    ck_assert(say("554 5.7.0", "no", &shape_milter));
    check_code(cases[_i].code);
}
END_TEST

/* What a rule says that its replies answer counts where nobody knows it better. */
START_TEST(a_rule_may_know_the_command) {
    struct refusal_said said = {.status = {550, 5, 0, 0}, .command = COMMAND_NONE, .words = "no"};

    rules("reply restate site-policy if reply-text=~no");
    rule_at(0)->answers = COMMAND_DATA;
    transaction = transaction_new(&snapshot->site.limits);
    transaction_reply(transaction, said.status, said.words);
    said.transaction = transaction;
    ck_assert(restate(snapshot, &said, "", &shape_milter, NULL, &restatement));
    check_code("554 5.7.1");
    restatement_clear(&restatement);
    said.command = COMMAND_RCPT;
    ck_assert(restate(snapshot, &said, "", &shape_milter, NULL, &restatement));
    check_code("550 5.7.1");
}
END_TEST

START_TEST(a_basic_code_alone_says_nothing) {
    rules("reply restate site-policy if reply-basic=550");
    ck_assert(!say("550 5.1.1", "no", &shape_milter));
}
END_TEST

START_TEST(an_enhanced_code_says_enough) {
    rules("reply restate mailbox-unknown if reply-enhanced=5.1.1 and reply-basic=550\n"
          "reply restate site-policy");
    ck_assert(say("550 5.1.1", "no", &shape_milter));
    ck_assert(!say("550 5.7.1", "no", &shape_milter)); /* nor does a rule without conditions */
}
END_TEST

START_TEST(a_limit_leaves_it_as_it_is) {
    rules("reply restate site-policy if reply-text=~^(a+)+$\nreply restate mailbox-unknown if "
          "reply-text=~a");
    ck_assert(
        !say("550 5.7.1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", &shape_milter));
    ck_assert(say("550 5.7.1", "aaa!", &shape_milter));
}
END_TEST

static bool out_of_time(void *context) {
    (void)context;
    return true;
}

START_TEST(the_deadline_leaves_it_as_it_is) {
    struct observer observer = {.out_of_time = out_of_time};
    struct refusal_said said = {.status = {550, 5, 1, 1}, .command = COMMAND_RCPT, .words = "no"};

    rules("reply restate site-policy if reply-text=~^x\nreply restate site-policy if "
          "reply-text=~no");
    transaction = transaction_new(&snapshot->site.limits);
    transaction_reply(transaction, said.status, said.words);
    said.transaction = transaction;
    ck_assert(!restate(snapshot, &said, "", &shape_milter, &observer, &restatement));
    ck_assert(restate(snapshot, &said, "", &shape_milter, NULL, &restatement));
}
END_TEST

START_TEST(what_is_read_beside_it_takes_room) {
    struct refusal_said said = {.status = {550, 5, 1, 1}, .command = COMMAND_RCPT};

    rules("reply restate mailbox-unknown if reply-text=~no");
    transaction = transaction_new(&snapshot->site.limits);
    transaction_reply(transaction, said.status, "no");
    said.transaction = transaction;
    ck_assert(restate(snapshot, &said, "", &shape_milter, NULL, &restatement));
    guint lines = restatement.reply->lines->len;
    restatement_clear(&restatement);
    said.octets_before = snapshot->site.reply_octets - 100;
    ck_assert(restate(snapshot, &said, "", &shape_milter, NULL, &restatement));
    ck_assert_uint_lt(restatement.reply->lines->len, lines);
}
END_TEST

Suite *restatement_suite(void) {
    Suite *suite = suite_create("restatement");
    TCase *tests = tcase_create("restatement");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, pairs_are_right, 0, G_N_ELEMENTS(pairs));
    tcase_add_test(tests, a_refusal_is_restated);
    tcase_add_test(tests, what_no_rule_knows_stays);
    tcase_add_loop_test(tests, what_the_words_name_is_not_lost, 0, 8);
    tcase_add_test(tests, what_a_group_names_is_not_lost);
    tcase_add_test(tests, what_a_rule_has_not_read_is_not_lost);
    tcase_add_test(tests, what_is_uncertain_is_quoted);
    tcase_add_test(tests, quoted_words_are_harmless);
    tcase_add_test(tests, one_line_has_no_room_for_a_quotation);
    tcase_add_loop_test(tests, codes_are_kept_or_corrected, 0, 4);
    tcase_add_test(tests, a_rule_may_know_the_command);
    tcase_add_test(tests, a_basic_code_alone_says_nothing);
    tcase_add_test(tests, an_enhanced_code_says_enough);
    tcase_add_test(tests, a_limit_leaves_it_as_it_is);
    tcase_add_test(tests, the_deadline_leaves_it_as_it_is);
    tcase_add_test(tests, what_is_read_beside_it_takes_room);
    suite_add_tcase(suite, tests);
    return suite;
}
