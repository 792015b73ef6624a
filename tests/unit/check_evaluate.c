/* SPDX-License-Identifier: ISC */
#include "dragoman/evaluate.h"

#include <string.h>

#include "sample.h"
#include "suites.h"

#define HARD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"

/* At RCPT: an unnamed client, two header fields, one recipient in question. */
static struct transaction *sample_transaction(void) {
    struct transaction *transaction = transaction_new(&limits_default);

    transaction_connect(transaction, NULL, "192.0.2.7", 4711);
    transaction_helo(transaction, "mx.example.net");
    transaction_mail(transaction, "<a@b.example>", NULL);
    transaction_rcpt(transaction, "<ayse@example.com>", NULL);
    transaction_header(transaction, "X-One", "first");
    transaction_header(transaction, "X-One", "second");
    transaction_header(transaction, "X-Hard", HARD);
    return transaction;
}

static const struct {
    const char *rules;
    const char *decides;  /* the name of the rule, "" for none, "limit" */
    const char *answers;  /* of each rule asked: m, n (no match), x (excepted), l (limit) */
    const char *decisive; /* the fact that the last one asked was decided by, NULL: none */
} cases[] = {
    {"", "", "", NULL},
    {"rcpt reject site-policy", "1", "m", NULL},
    {"mail reject site-policy", "", "", NULL},
    /* if, lists, several conditions */
    {"rcpt reject site-policy if client-name=unknown", "1", "m", "client-name"},
    {"rcpt reject site-policy if client-name=known", "", "n", "client-name"},
    {"rcpt reject site-policy if client-name=known,unknown", "1", "m", "client-name"},
    {"rcpt reject site-policy if client-name=unknown and helo=*.example.net", "1", "m", "helo"},
    {"rcpt reject site-policy if client-name=unknown and helo=x", "", "n", "helo"},
    {"rcpt reject site-policy if client-name=x and helo=*.example.net", "", "n", "client-name"},
    {"rcpt reject site-policy if client-name=unknown if helo=x", "", "n", "helo"},
    {"rcpt reject site-policy if client-name=unknown if helo=*.example.net", "1", "m", "helo"},
    /* unless */
    {"rcpt reject site-policy unless client-name=unknown", "", "x", "client-name"},
    {"rcpt reject site-policy unless client-name=x", "1", "m", "client-name"},
    {"rcpt reject site-policy unless client-name=unknown and helo=x", "1", "m", "helo"},
    {"rcpt reject site-policy unless client-name=unknown and helo=mx.example.net", "", "x", "helo"},
    {"rcpt reject site-policy if client-name=unknown unless client-ip=192.0.2.0/24", "", "x",
     "client-ip"},
    {"rcpt reject site-policy if client-name=unknown unless client-ip=10.0.0.0/8", "1", "m",
     "client-ip"},
    {"rcpt reject site-policy unless client-ip=10.0.0.0/8 unless recipient=example.com", "", "x",
     "recipient"},
    /* the first that matches decides */
    {"rcpt reject site-policy if helo=x\nrcpt accept\nrcpt defer site-policy", "2", "nm", NULL},
    {"rcpt accept if recipient=ayse@\nrcpt reject site-policy", "1", "m", "recipient"},
    {"rcpt reject shadow site-policy\nrcpt defer site-policy", "2", "mm", NULL},
    {"rcpt reject shadow site-policy", "", "m", NULL},
    {"rcpt hold\nrcpt reject site-policy", "1", "m", NULL},
    /* facts with several values, and with none */
    {"rcpt reject site-policy if header:X-One=second", "1", "m", "header"},
    {"rcpt reject site-policy if header:x-one=FIRST", "1", "m", "header"},
    {"rcpt reject site-policy if header:X-One=third", "", "n", "header"},
    {"rcpt reject site-policy if header:X-One=!first", "1", "m", "header"}, /* the second is not */
    {"rcpt reject site-policy if header:X-None=x", "", "n", "header"},
    {"rcpt reject site-policy if header:X-None=*", "", "n", "header"}, /* any text is some text */
    {"rcpt reject site-policy if header:X-One=*", "1", "m", "header"},
    {"rcpt reject site-policy if header:X-None=", "1", "m", "header"},
    {"rcpt reject site-policy if header:X-None=!x", "1", "m", "header"},
    {"rcpt reject site-policy unless header:X-None=x", "1", "m", "header"},
    {"rcpt reject site-policy if declared-size=<1000000", "", "n", "declared-size"},
    {"rcpt reject site-policy if declared-size=!5", "", "n", "declared-size"},
    {"rcpt reject site-policy unless declared-size=<1000000", "1", "m", "declared-size"},
    {"rcpt reject site-policy if auth-user=", "1", "m", "auth-user"},
    {"rcpt reject site-policy if authenticated=no", "1", "m", "authenticated"},
    {"rcpt reject site-policy if recipient-count=1", "1", "m", "recipient-count"},
    /* limits */
    {"rcpt reject site-policy if header:X-Hard=~^(a+)+$\nrcpt accept", "limit", "l", "header"},
    {"rcpt reject site-policy unless header:X-Hard=~^(a+)+$", "limit", "l", "header"},
    {"rcpt reject site-policy if header:X-Hard=!~^(a+)+$", "limit", "l", "header"},
    {"rcpt reject site-policy if helo=x and header:X-Hard=~^(a+)+$\nrcpt accept", "2", "nm", NULL},
    {"rcpt reject shadow site-policy if header:X-Hard=~^(a+)+$\nrcpt accept", "limit", "l",
     "header"},
};

struct seen {
    GString *answers;
    const struct condition *decisive;
};

static void asked(const struct rule *rule, enum rule_answer answer,
                  const struct condition *decisive, void *context) {
    static const char letters[] = {
        [RULE_MATCHED] = 'm', [RULE_NO_MATCH] = 'n', [RULE_EXCEPTED] = 'x', [RULE_LIMIT] = 'l'};
    struct seen *seen = context;

    ck_assert_ptr_nonnull(rule);
    g_string_append_c(seen->answers, letters[answer]);
    seen->decisive = decisive;
}

START_TEST(rules_decide) {
    struct snapshot *snapshot = sample_with_rules(cases[_i].rules);
    struct transaction *transaction = sample_transaction();
    struct seen seen = {g_string_new(NULL), NULL};
    struct observer observer = {.asked = asked, .context = &seen};
    struct verdict verdict = policy_evaluate(snapshot->policy, STAGE_RCPT, transaction, &observer);
    const char *decides = verdict.failure != NULL ? "limit"
                          : verdict.rule != NULL  ? verdict.rule->name
                                                  : "";

    ck_assert_str_eq(decides, cases[_i].decides);
    ck_assert_str_eq(seen.answers->str, cases[_i].answers);
    ck_assert_pstr_eq(seen.decisive != NULL ? fact_row(seen.decisive->fact)->name : NULL,
                      cases[_i].decisive);
    ck_assert_int_eq(verdict.stage, STAGE_RCPT);
    ck_assert_int_eq(verdict.verb, verdict.rule != NULL ? verdict.rule->verb : VERB_NONE);
    ck_assert_uint_eq(verdict.captures.count, 0);
    verdict_clear(&verdict);
    ck_assert_int_eq(verdict.verb, VERB_NONE);
    ck_assert_ptr_null(verdict.rule);
    g_string_free(seen.answers, TRUE);
    transaction_free(transaction);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(nobody_need_observe) {
    struct snapshot *snapshot = sample_with_rules("rcpt reject site-policy if client-name=unknown");
    struct transaction *transaction = sample_transaction();
    struct verdict verdict = policy_evaluate(snapshot->policy, STAGE_RCPT, transaction, NULL);

    ck_assert_int_eq(verdict.verb, VERB_REJECT);
    verdict_clear(&verdict);
    transaction_free(transaction);
    snapshot_release(snapshot);
}
END_TEST

START_TEST(captures_are_of_the_rule_that_decides) {
    struct snapshot *snapshot = sample_with_rules(
        "rcpt reject site-policy if helo=~^(?<host>mx)\\. and client-name=x\n"
        "rcpt reject shadow site-policy if helo=~^(?<shadow>mx)\\.\n"
        "rcpt reject site-policy if helo=~\\.(?<tld>[a-z]+)$ and recipient=~^(?<who>.*)@");
    struct transaction *transaction = sample_transaction();
    struct verdict verdict = policy_evaluate(snapshot->policy, STAGE_RCPT, transaction, NULL);

    ck_assert_str_eq(verdict.rule->name, "3");
    ck_assert_uint_eq(verdict.captures.count, 2);
    ck_assert_str_eq(captures_find(&verdict.captures, "tld"), "net");
    ck_assert_str_eq(captures_find(&verdict.captures, "who"), "ayse");
    verdict_clear(&verdict);
    transaction_free(transaction);
    snapshot_release(snapshot);
}
END_TEST

/* ---- the index ---- */

/* Rules of many kinds, so many that they are looked up and not asked one by one. */
static char *many_rules(GRand *chance) {
    static const char *const kinds[] = {
        "rcpt reject site-policy if recipient=u%d@example.com",
        "rcpt defer site-policy if recipient=u%d@",
        "rcpt reject site-policy if recipient=*@*.d%d.example and sender=a@b.example",
        "rcpt reject site-policy if recipient=d%d.example,x@y",
        "rcpt reject site-policy if client-name=c%d,*.c%d.example",
        "rcpt reject site-policy if helo=h%d.example unless recipient=u1@",
        "rcpt reject site-policy if sender=s%d@* and recipient=u%d@",
        "rcpt reject site-policy if header:X=v%d and recipient=u2@",
        "rcpt reject site-policy if header:X= and recipient=u%d@", /* which it may not have */
        "rcpt defer site-policy if authenticated=no and helo=h%d.example",
        "rcpt reject shadow site-policy if recipient=u%d@",
        "rcpt reject site-policy if recipient=!u%d@ and helo=h3.example",
        "rcpt reject site-policy if recipient=~^u%d@other and sender=<>",
        "rcpt reject site-policy unless client-name=c%d if helo=h4.example",
        "rcpt hold if sender-domain=*.d%d.example and recipient=d2.example",
    };
    GString *rules = g_string_new(NULL);

    for (int i = 0; i < 60; i++) {
        const char *kind = kinds[g_rand_int_range(chance, 0, G_N_ELEMENTS(kinds))];
        g_autofree char *digit = g_strdup_printf("%d", g_rand_int_range(chance, 0, 6));
        g_autoptr(GString) line = g_string_new(kind);
        g_string_replace(line, "%d", digit, 0);
        g_string_append_printf(rules, "%s%s", i > 0 ? "\n" : "", line->str);
    }
    return g_string_free(rules, FALSE);
}

static struct transaction *any_transaction(GRand *chance) {
    struct transaction *transaction = transaction_new(&limits_default);
    int digits[8];

    for (size_t i = 0; i < G_N_ELEMENTS(digits); i++)
        digits[i] = g_rand_int_range(chance, 0, 7);
    g_autofree char *client = g_strdup_printf(digits[0] % 2 ? "c%d" : "x.c%d.example", digits[1]);
    g_autofree char *helo = g_strdup_printf("H%d.example", digits[2]);
    g_autofree char *sender =
        g_strdup_printf(digits[3] == 0 ? "<>" : "<s%d@x.d%d.example>", digits[3], digits[4]);
    g_autofree char *recipient = g_strdup_printf(digits[5] % 3 == 0   ? "<u%d@example.com>"
                                                 : digits[5] % 3 == 1 ? "<U%d@sub.d%d.example>"
                                                                      : "<u%d@d%d.Example>",
                                                 digits[6], digits[7]);
    transaction_connect(transaction, client, "192.0.2.7", 1);
    transaction_helo(transaction, helo);
    transaction_mail(transaction, sender, NULL);
    transaction_rcpt(transaction, recipient, NULL);
    if (digits[1] > 2)
        transaction_header(transaction, "X", "v2");
    return transaction;
}

static void ignore(const struct rule *rule, enum rule_answer answer,
                   const struct condition *decisive, void *context) {
    (void)decisive;
    if (answer == RULE_MATCHED)
        g_string_append_printf(context, " %s", rule->name);
}

/* With the index the same rules match, in the same order, as without. */
START_TEST(the_index_changes_nothing) {
    g_autoptr(GRand) chance = g_rand_new_with_seed((guint32)_i);
    g_autofree char *rules = many_rules(chance);
    struct snapshot *snapshot = sample_with_rules(rules);
    int decided = 0;

    for (int i = 0; i < 200; i++) {
        struct transaction *transaction = any_transaction(chance);
        g_autoptr(GString) found = g_string_new(NULL);
        g_autoptr(GString) all = g_string_new(NULL);
        struct observer fast = {.asked = ignore, .context = found};
        struct observer thorough = {.every_rule = true, .asked = ignore, .context = all};
        struct verdict looked_up =
            policy_evaluate(snapshot->policy, STAGE_RCPT, transaction, &fast);
        struct verdict asked_all =
            policy_evaluate(snapshot->policy, STAGE_RCPT, transaction, &thorough);
        ck_assert_ptr_eq(looked_up.rule, asked_all.rule);
        ck_assert_str_eq(found->str, all->str);
        decided += asked_all.rule != NULL;
        verdict_clear(&looked_up);
        verdict_clear(&asked_all);
        transaction_free(transaction);
    }
    ck_assert_int_gt(decided, 0);
    snapshot_release(snapshot);
}
END_TEST

Suite *evaluate_suite(void) {
    Suite *suite = suite_create("evaluate");
    TCase *tests = tcase_create("evaluate");

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, rules_decide, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, nobody_need_observe);
    tcase_add_test(tests, captures_are_of_the_rule_that_decides);
    tcase_add_loop_test(tests, the_index_changes_nothing, 0, 20);
    suite_add_tcase(suite, tests);
    return suite;
}
