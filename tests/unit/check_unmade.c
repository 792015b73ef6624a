/* SPDX-License-Identifier: ISC */
/*
 * Rules that wait until they may match decide exactly what all rules decide: on the real reply of
 * each test that is shipped.
 */
#include <string.h>
#include <unistd.h>

#include "dragoman/evaluate.h"
#include "dragoman/foreign_reply.h"
#include "dragoman/settings.h"
#include "suites.h"

static const char *const languages[] = {"en", "tr", NULL};
static const char *const shipped = "builtin:dragoman.conf";
static struct complaints *complaints;
static struct settings *all, *waiting;

static void set_up(void) {
    complaints = complaints_new();
    all = settings_load(shipped, SETTINGS_RESTATING, complaints);
    waiting = settings_load_for_explaining(shipped, languages, complaints);
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 0);
}

static void tear_down(void) {
    settings_free(waiting);
    settings_free(all);
    complaints_free(complaints);
}

static guint count_rules(const struct settings *settings) {
    return settings->snapshot->policy->rules[STAGE_REPLY]->len;
}

static guint count_made(const struct settings *settings) {
    const GPtrArray *rules = settings->snapshot->policy->rules[STAGE_REPLY];
    guint count = 0;
    for (guint i = 0; i < rules->len; i++)
        count += rules->pdata[i] != NULL;
    return count;
}

static const char *decided_by(const struct settings *settings, const char *text) {
    const struct snapshot *snapshot = settings->snapshot;
    struct foreign_reply *reply = foreign_reply_parse(text);
    struct transaction *transaction = transaction_new(&snapshot->site.limits);
    transaction_reply(transaction, reply->status, reply->text);
    struct verdict verdict = policy_evaluate(snapshot->policy, STAGE_REPLY, transaction, NULL);
    const char *name = verdict.rule != NULL ? verdict.rule->name : "none";
    verdict_clear(&verdict);
    transaction_free(transaction);
    foreign_reply_free(reply);
    return name;
}

START_TEST(waiting_rules_decide_what_all_rules_decide) {
    ck_assert_uint_gt(all->tests->len, 900);
    for (guint i = 0; i < all->tests->len; i++) {
        const struct policy_test *test = all->tests->pdata[i];
        if (test->reply != NULL)
            ck_assert_msg(decided_by(all, test->reply) == decided_by(waiting, test->reply),
                          "%s: %s, not %s", test->reply, decided_by(waiting, test->reply),
                          decided_by(all, test->reply));
    }
    ck_assert_uint_gt(count_made(waiting), count_rules(waiting) / 2);
}
END_TEST

/* No rule is shipped that no test shows at work. */
START_TEST(every_rule_decides_a_test) {
    const GPtrArray *rules = all->snapshot->policy->rules[STAGE_REPLY];
    g_autoptr(GHashTable) deciding = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < all->tests->len; i++) {
        const struct policy_test *test = all->tests->pdata[i];
        if (test->reply != NULL)
            g_hash_table_add(deciding, (char *)decided_by(all, test->reply));
    }
    for (guint i = 0; i < rules->len; i++) {
        const struct rule *rule = rules->pdata[i];
        ck_assert_msg(g_hash_table_contains(deciding, rule->name), "%s:%u: %s", rule->place.file,
                      rule->place.line, rule->name);
    }
}
END_TEST

START_TEST(few_rules_are_made_for_one_reply) {
    ck_assert_uint_eq(count_rules(waiting), count_rules(all));
    ck_assert_uint_eq(count_made(waiting), 0);
    ck_assert_str_eq(decided_by(waiting, "550 5.1.1 xyz"), "code X.1.1");
    ck_assert_uint_ge(count_made(waiting), 1);
    ck_assert_uint_lt(count_made(waiting), 30);
    ck_assert_ptr_nonnull(catalogue_at(all->snapshot->catalogue, 100));
    ck_assert_ptr_null(catalogue_at(waiting->snapshot->catalogue, 30)); /* reasons wait as well */
}
END_TEST

/* A site's own reason, and a shipped one that only the site's own rule names. */
START_TEST(a_site_may_name_any_reason) {
    g_autofree char *folder = g_dir_make_tmp("dragoman-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "main.conf", NULL);
    settings_free(waiting);
    ck_assert(
        g_file_set_contents(file,
                            "reason \"own\" { who = sender permanent = \"rcpt=550 5.1.1\" }\n"
                            "rule \"a\" { if { reply-text = \"abc\" } restate = own }\n"
                            "rule \"b\" { if { reply-text = \"def\" } restate = site-policy }\n",
                            -1, NULL));
    waiting = settings_load_for_explaining(file, languages, complaints);
    unlink(file);
    rmdir(folder);
    ck_assert_uint_eq(complaints_count(complaints, SEVERITY_ERROR), 0);
    ck_assert_str_eq(decided_by(waiting, "550 abc"), "a");
    ck_assert_str_eq(decided_by(waiting, "550 def"), "b");
    ck_assert_str_eq(decided_by(waiting, "550 5.1.1 xyz"), "code X.1.1");
}
END_TEST

/* A reply without an enhanced code is compared with the empty text, one without a basic code with
 * nothing. */
START_TEST(what_a_reply_has_not_is_compared_too) {
    static const char *const replies[] = {"", "550", "xyz", "5.1.1", "550 xyz", "5.9.9 xyz", "421"};
    for (size_t i = 0; i < G_N_ELEMENTS(replies); i++)
        ck_assert_msg(decided_by(all, replies[i]) == decided_by(waiting, replies[i]), "%s",
                      replies[i]);
}
END_TEST

/* For whoever explains many replies none shall wait. */
START_TEST(all_rules_are_made_for_many_replies) {
    policy_accelerate(waiting->snapshot->policy);
    ck_assert_uint_eq(count_made(waiting), count_rules(all));
    ck_assert_str_eq(decided_by(waiting, "550 5.1.1 xyz"), "code X.1.1");
}
END_TEST

static void *decide_all(void *rank) {
    guint count = all->tests->len;
    for (guint i = 0; i < count; i++) {
        const struct policy_test *test =
            all->tests->pdata[(i + count / 4 * GPOINTER_TO_UINT(rank)) % count];
        if (test->reply != NULL && decided_by(all, test->reply) != decided_by(waiting, test->reply))
            return (void *)test->reply;
    }
    return NULL;
}

/* Whoever comes first makes a rule; the others see that one. */
START_TEST(several_threads_make_rules) {
    GThread *threads[4];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("decide", decide_all, GUINT_TO_POINTER(i));
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        const char *wrong = g_thread_join(threads[i]);
        ck_assert_msg(wrong == NULL, "%s", wrong);
    }
}
END_TEST

Suite *unmade_suite(void) {
    Suite *suite = suite_create("unmade");
    TCase *tests = tcase_create("unmade");

    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, waiting_rules_decide_what_all_rules_decide);
    tcase_add_test(tests, every_rule_decides_a_test);
    tcase_add_test(tests, few_rules_are_made_for_one_reply);
    tcase_add_test(tests, a_site_may_name_any_reason);
    tcase_add_test(tests, what_a_reply_has_not_is_compared_too);
    tcase_add_test(tests, all_rules_are_made_for_many_replies);
    tcase_add_test(tests, several_threads_make_rules);
    suite_add_tcase(suite, tests);
    return suite;
}
