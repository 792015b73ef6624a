/* SPDX-License-Identifier: ISC */
#include "dragoman/interpret.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

#define HARD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"

/* ---- pairs by stage ---- */

static const struct {
    const char *reason;
    enum status_class status_class;
    enum stage decided, stage;
    const char *pair;
} pairs[] = {
    {"site-policy", STATUS_PERMANENT, STAGE_CONNECT, STAGE_CONNECT, "554 5.7.1"},
    {"site-policy", STATUS_PERMANENT, STAGE_CONNECT, STAGE_HELO, "550 5.7.1"},
    {"site-policy", STATUS_PERMANENT, STAGE_CONNECT, STAGE_MAIL, "550 5.7.1"},
    {"site-policy", STATUS_PERMANENT, STAGE_DATA, STAGE_DATA, "554 5.7.1"},
    {"site-policy", STATUS_PERMANENT, STAGE_HEADER, STAGE_EOM, "550 5.7.1"},
    {"site-policy", STATUS_PERMANENT, STAGE_UNKNOWN, STAGE_UNKNOWN, "502 5.7.1"},
    {"site-policy", STATUS_TEMPORARY, STAGE_CONNECT, STAGE_HELO, "421 4.7.1"},
    {"site-policy", STATUS_TEMPORARY, STAGE_RCPT, STAGE_RCPT, "450 4.7.1"},
    {"site-policy", STATUS_TEMPORARY, STAGE_EOH, STAGE_EOM, "451 4.7.1"},
    {"mailbox-unknown", STATUS_PERMANENT, STAGE_RCPT, STAGE_RCPT, "550 5.1.1"},
    {"mailbox-unknown", STATUS_PERMANENT, STAGE_RCPT, STAGE_DATA, "550 5.1.1"}, /* its own */
    {"mailbox-unknown", STATUS_PERMANENT, STAGE_HELO, STAGE_MAIL, ""},
    {"mailbox-unknown", STATUS_TEMPORARY, STAGE_EOM, STAGE_EOM, ""},
    {"internal-error", STATUS_TEMPORARY, STAGE_UNKNOWN, STAGE_UNKNOWN, "421 4.3.0"},
    {"internal-error", STATUS_PERMANENT, STAGE_RCPT, STAGE_RCPT, ""},
};

START_TEST(the_moment_decides_the_pair) {
    struct snapshot *snapshot = sample_snapshot();
    const struct reason *reason = catalogue_find(snapshot->catalogue, pairs[_i].reason);
    char text[STATUS_TEXT_SIZE];

    ck_assert_str_eq(status_print(interpret_status(reason, pairs[_i].status_class,
                                                   pairs[_i].decided, pairs[_i].stage),
                                  text),
                     pairs[_i].pair);
    snapshot_release(snapshot);
}
END_TEST

/* ---- verdicts ---- */

static const struct {
    const char *rules;
    enum fallback fallback;
    bool overflow;
    enum verb verb;
    const char *failure, *reason;
    const char *pair; /* of the reply, NULL: none */
} verdicts[] = {
    {"rcpt reject site-policy", FALLBACK_ACCEPT, false, VERB_REJECT, NULL, "site-policy",
     "550 5.7.1"},
    {"rcpt defer site-policy", FALLBACK_DEFER, false, VERB_DEFER, NULL, "site-policy", "450 4.7.1"},
    {"rcpt accept", FALLBACK_DEFER, false, VERB_ACCEPT, NULL, NULL, NULL},
    {"rcpt hold site-policy", FALLBACK_DEFER, false, VERB_HOLD, NULL, "site-policy", NULL},
    {"mail reject site-policy", FALLBACK_DEFER, false, VERB_NONE, NULL, NULL, NULL},
    {"rcpt reject site-policy if header:X=~^(a+)+$", FALLBACK_ACCEPT, false, VERB_ACCEPT,
     "match limit", NULL, NULL},
    {"rcpt reject site-policy if header:X=~^(a+)+$", FALLBACK_DEFER, false, VERB_DEFER,
     "match limit", "internal-error", "451 4.3.0"},
    {"rcpt reject site-policy", FALLBACK_ACCEPT, true, VERB_ACCEPT, "headers", NULL, NULL},
    {"rcpt reject site-policy", FALLBACK_DEFER, true, VERB_DEFER, "headers", "internal-error",
     "451 4.3.0"},
};

static const struct limits few_headers = {
    .header_fields = 1, .header_octets = 1000, .recipients = 10, .body_octets = 10};

START_TEST(transactions_are_interpreted) {
    struct snapshot *snapshot = sample_with_rules(verdicts[_i].rules);
    struct transaction *transaction = transaction_new(&few_headers);

    snapshot->site.fallback = verdicts[_i].fallback;
    transaction_connect(transaction, NULL, "192.0.2.7", 1);
    transaction_mail(transaction, "<>", NULL);
    transaction_rcpt(transaction, "<a@b>", NULL);
    transaction_header(transaction, "X", HARD);
    if (verdicts[_i].overflow)
        transaction_header(transaction, "X", "one too many");
    struct verdict verdict = interpret(snapshot, transaction, STAGE_RCPT, NULL);
    const struct reason *reason = verdict_reason(snapshot, &verdict);
    ck_assert_int_eq(verdict.verb, verdicts[_i].verb);
    ck_assert_pstr_eq(verdict.failure, verdicts[_i].failure);
    ck_assert_pstr_eq(reason != NULL ? reason->id : NULL, verdicts[_i].reason);
    ck_assert_int_eq(verdict.rule == NULL, verdict.failure != NULL || verdict.verb == VERB_NONE);
    if (verdicts[_i].pair != NULL) {
        char text[STATUS_TEXT_SIZE];
        struct reply *reply =
            interpret_reply(snapshot, transaction, &verdict, STAGE_RCPT, "REF", &shape_milter);
        ck_assert_str_eq(status_print(reply->status, text), verdicts[_i].pair);
        ck_assert(g_str_has_suffix(reply->lines->pdata[reply->lines->len - 1], "[ref REF]"));
        reply_free(reply);
    }
    verdict_clear(&verdict);
    transaction_free(transaction);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(the_rule_may_say_the_code_and_the_words) {
    struct snapshot *snapshot = sample_with_rules("rcpt reject too-big if helo=~^(?<limit>.*)$");
    struct rule *rule = snapshot->policy->rules[STAGE_RCPT]->pdata[0];
    struct transaction *transaction = transaction_new(&limits_default);

    rule->code = (struct status){554, 5, 2, 3};
    transaction_helo(transaction, "7 MB");
    struct verdict verdict = interpret(snapshot, transaction, STAGE_RCPT, NULL);
    struct reply *reply =
        interpret_reply(snapshot, transaction, &verdict, STAGE_RCPT, "REF", &shape_milter);
    ck_assert(status_equal(reply->status, rule->code));
    ck_assert_str_eq(reply->lines->pdata[0], "The message is too big (at most 7 MB).");
    reply_free(reply);
    struct setting setting = {g_intern_string("limit"), g_strdup("5 MB")};
    rule_add_setting(rule, setting);
    reply = interpret_reply(snapshot, transaction, &verdict, STAGE_RCPT, "REF", &shape_milter);
    ck_assert_str_eq(reply->lines->pdata[0], "The message is too big (at most 5 MB).");
    reply_free(reply);
    verdict_clear(&verdict);
    transaction_free(transaction);
    snapshot_release(snapshot);
}
END_TEST

Suite *interpret_suite(void) {
    Suite *suite = suite_create("interpret");
    TCase *tests = tcase_create("interpret");

    tcase_add_loop_test(tests, the_moment_decides_the_pair, 0, G_N_ELEMENTS(pairs));
    tcase_add_loop_test(tests, transactions_are_interpreted, 0, G_N_ELEMENTS(verdicts));
    tcase_add_test(tests, the_rule_may_say_the_code_and_the_words);
    suite_add_tcase(suite, tests);
    return suite;
}
