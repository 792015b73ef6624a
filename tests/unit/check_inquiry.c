/* SPDX-License-Identifier: ISC */
#include "dragoman/inquiry.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

#define HARD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"

/* Of a policy service at RCPT: all but header fields and the like is known. */
static const enum fact at_rcpt[] = {FACT_CLIENT_IP, FACT_CLIENT_NAME, FACT_HELO,
                                    FACT_SENDER,    FACT_RECIPIENT,   FACT_RECIPIENT_DOMAIN};

static struct snapshot *snapshot;
static struct transaction *transaction;
static struct known_facts known;
static struct reply_memory *memory;
static struct finding finding;

static void set_up(void) {
    known = (struct known_facts){0};
    for (size_t i = 0; i < G_N_ELEMENTS(at_rcpt); i++)
        known.known[at_rcpt[i]] = true;
    transaction = transaction_new(&limits_default);
    transaction_connect(transaction, NULL, "192.0.2.7", 4711);
    transaction_helo(transaction, HARD);
    transaction_mail(transaction, "<a@b.example>", NULL);
    transaction_rcpt(transaction, "<ayse@example.com>", NULL);
    memory = reply_memory_new(8);
}

static void tear_down(void) {
    finding_clear(&finding);
    reply_memory_free(memory);
    transaction_free(transaction);
    snapshot_release(snapshot);
}

static void ask(const char *rules, enum stage stage) {
    snapshot = sample_with_rules(rules);
    struct inquiry inquiry = {.snapshot = snapshot,
                              .transaction = transaction,
                              .known = &known,
                              .stage = stage,
                              .shape = &shape_policy,
                              .memory = memory,
                              .ref = "7F3K-2QXD"};
    finding = inquire(&inquiry);
}

/* ---- what is known ---- */

static const struct {
    const char *rules;
    enum stage stage;
    const char *decides; /* the name of the rule, "" for none */
} cases[] = {
    /* all stages up to the last one, from the first on */
    {"rcpt reject site-policy", STAGE_RCPT, "1"},
    {"rcpt reject site-policy", STAGE_MAIL, ""},
    {"rcpt reject site-policy\nconnect reject site-policy", STAGE_RCPT, "2"},
    {"mail reject site-policy\nhelo reject site-policy if helo=x", STAGE_RCPT, "1"},
    {"connect accept\nrcpt reject site-policy", STAGE_RCPT, "1"},
    /* what is not known */
    {"rcpt reject site-policy if tls-version=", STAGE_RCPT, ""},
    {"rcpt reject site-policy if tls-version=x", STAGE_RCPT, ""},
    {"rcpt reject site-policy unless tls-version=x", STAGE_RCPT, ""},
    {"rcpt reject site-policy if sender=a@b.example unless auth-user=x", STAGE_RCPT, ""},
    {"rcpt reject site-policy if auth-user=\nrcpt defer site-policy", STAGE_RCPT, "2"},
    {"mail reject site-policy if auth-user=\nrcpt defer site-policy", STAGE_RCPT, "2"},
    /* behind a rule that might have let it pass nobody is refused */
    {"rcpt accept if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, ""},
    {"rcpt discard if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, ""},
    {"mail accept if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, ""},
    {"rcpt reject site-policy\nrcpt accept if auth-user=x", STAGE_RCPT, "1"},
    {"connect reject site-policy\nrcpt accept if auth-user=x", STAGE_RCPT, "1"},
    {"rcpt accept if sender=x@y\nrcpt reject site-policy", STAGE_RCPT, "2"},
    {"rcpt hold if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, ""},
    {"mail hold if auth-user=x\nmail accept\nrcpt reject site-policy", STAGE_RCPT, ""},
    /* … but a rule that holds lets later stages refuse */
    {"mail hold if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, "2"},
    {"mail hold if auth-user=x\nmail reject site-policy\nrcpt defer site-policy", STAGE_RCPT, "3"},
    /* … but a rule that only looks lets nothing pass */
    {"rcpt accept shadow if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, "2"},
    /* a message on hold may still be refused */
    {"mail hold\nrcpt reject site-policy", STAGE_RCPT, "2"},
    {"mail hold\nrcpt defer site-policy", STAGE_RCPT, "2"},
    {"mail hold\nrcpt reject site-policy if sender=x@y", STAGE_RCPT, "1"},
    {"mail hold\nrcpt hold", STAGE_RCPT, "1"},
    {"mail hold\nrcpt accept", STAGE_RCPT, "1"},
    {"mail hold\nrcpt accept if auth-user=x\nrcpt reject site-policy", STAGE_RCPT, "1"},
    {"rcpt hold", STAGE_RCPT, "1"},
    /* a limit */
    {"rcpt reject site-policy if helo=~^(a+)+$", STAGE_RCPT, ""},
    {"helo reject site-policy if helo=~^(a+)+$\nrcpt reject site-policy", STAGE_RCPT, ""},
    {"mail hold\nrcpt reject site-policy if helo=~^(a+)+$", STAGE_RCPT, ""},
};

START_TEST(known_facts_decide) {
    ask(cases[_i].rules, cases[_i].stage);
    ck_assert_str_eq(finding.rule != NULL ? finding.rule->name : "", cases[_i].decides);
    ck_assert_int_eq(finding.verb, finding.rule != NULL ? finding.rule->verb : VERB_NONE);
    bool refuses = verb_class(finding.verb) != STATUS_ANY;
    ck_assert_int_eq(finding.reply != NULL, refuses);
    ck_assert_int_eq(reply_memory_find(memory, "7F3K-2QXD") != NULL, refuses);
}
END_TEST

/* The same where rules are many and looked up in an index. */
START_TEST(known_facts_decide_among_many_rules) {
    g_autoptr(GString) rules = g_string_new(cases[_i].rules);

    for (int i = 0; i < 20 && rules->len > 0; i++)
        g_string_append_printf(rules, "\nrcpt reject site-policy if recipient=u%d@example.com", i);
    ask(rules->str, cases[_i].stage);
    ck_assert_str_eq(finding.rule != NULL ? finding.rule->name : "", cases[_i].decides);
}
END_TEST

/* ---- what is said ---- */

START_TEST(one_line_is_said_and_all_are_kept) {
    ask("rcpt reject mailbox-unknown", STAGE_RCPT);
    ck_assert_uint_eq(finding.reply->lines->len, 1);
    ck_assert_str_eq(finding.reply->lines->pdata[0],
                     "No such mailbox / Posta kutusu yok [ref 7F3K-2QXD]");
    const struct reply *kept = reply_memory_find(memory, "7F3K-2QXD");
    ck_assert_uint_eq(kept->lines->len, 5);
    ck_assert_str_eq(kept->lines->pdata[0], "There is no mailbox ayse@example.com here.");
    ck_assert(status_equal(kept->status, finding.reply->status));
}
END_TEST

/* What an earlier stage decided is said with the pair of the moment. */
START_TEST(the_pair_is_that_of_the_moment) {
    char code[STATUS_TEXT_SIZE];

    ask("connect reject site-policy", STAGE_RCPT);
    ck_assert_str_eq(status_print(finding.reply->status, code), "550 5.7.1");
}
END_TEST

START_TEST(nobody_need_remember) {
    g_clear_pointer(&memory, reply_memory_free);
    ask("rcpt reject site-policy", STAGE_RCPT);
    ck_assert_ptr_nonnull(finding.reply);
}
END_TEST

Suite *inquiry_suite(void) {
    Suite *suite = suite_create("inquiry");
    TCase *tests = tcase_create("inquiry");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, known_facts_decide, 0, G_N_ELEMENTS(cases));
    tcase_add_loop_test(tests, known_facts_decide_among_many_rules, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, one_line_is_said_and_all_are_kept);
    tcase_add_test(tests, the_pair_is_that_of_the_moment);
    tcase_add_test(tests, nobody_need_remember);
    suite_add_tcase(suite, tests);
    return suite;
}
